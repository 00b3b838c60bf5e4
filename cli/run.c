/* run: one schedule under a scheduler, or many and a histogram of their outcomes. */
#include "cli/histogram.h"
#include "cli/report.h"
#include "cli/schedule.h"
#include "sim/json.h"
#include <string.h>

#define DEFAULT_MAX_STEPS 100000000
#define MAX_RECORDED 50000000 /* steps of a failing run that is made again to be shown */
#define MAX_OUTPUT (1 << 20) /* bytes of output kept */

typedef struct
{
  MtModelOptions model;
  MtReportOptions report;
  MtScheduleOptions schedule;
  gchar *trace;
  gint runs;
  gboolean json, stats;
  /* found out */
  GString *output;
  gsize output_lost; /* bytes */
  MtStats *table; /* of --stats */
} Options;

static void
collect (const gchar *text, gsize length, gpointer data)
{
  Options *o = data;
  gsize room = MAX_OUTPUT - MIN (o->output->len, (gsize)MAX_OUTPUT);
  g_string_append_len (o->output, text, (gssize)MIN (length, room));
  o->output_lost += length - MIN (length, room);
}

static void
run_once (const MtProgram *program, Options *o, gboolean record, guint64 max_steps, MtRunResult *result)
{
  MtRunOptions options = { .max_steps = max_steps, .record = record, .output = record ? NULL : collect, .output_data = o };
  if (o->stats && !record)
    options.stats = o->table = mt_stats_new (program, MAX ((guint)o->schedule.cpus, 1));
  mt_schedule_run (&o->schedule, program, options, result);
}

/* The shortest command that has the same run again. */
static gchar *
replay_command (const MtProgram *program, const Options *o, const gchar *model, const MtRunResult *shown)
{
  GString *command = g_string_new (mt_called ());
  g_string_append (command, " run");
  mt_append_argument (command, model);
  mt_append_model_options (command, &o->model);
  g_autoptr (GString) schedule = g_string_new (NULL);
  if (shown->choices)
    mt_schedule_print (program, (const MtChoice *)shown->choices->data, shown->choices->len, schedule);
  if (!o->schedule.step_time && (o->schedule.text || (shown->choices && schedule->len <= 60)))
    {
      g_string_append (command, " --schedule");
      g_autofree gchar *quoted = g_shell_quote (o->schedule.text ? o->schedule.text : schedule->str);
      g_string_append_printf (command, " %s", quoted);
      return g_string_free (command, FALSE);
    }
  g_string_append_printf (command, " --seed %" G_GUINT64_FORMAT, o->schedule.sched.seed);
  if (o->schedule.row != mt_scheds[0])
    g_string_append_printf (command, " --scheduler %s", o->schedule.row->name);
  if (o->schedule.quantum)
    g_string_append_printf (command, " --quantum %d", o->schedule.quantum);
  if (o->schedule.depth)
    g_string_append_printf (command, " --depth %d", o->schedule.depth);
  if (o->schedule.text) /* of steps that take time */
    {
      g_string_append (command, " --schedule");
      mt_append_argument (command, o->schedule.text);
    }
  if (o->schedule.step_time)
    g_string_append_printf (command, " --step-time %ums", o->schedule.step_time);
  if (o->schedule.cpus)
    g_string_append_printf (command, " --cpus %d", o->schedule.cpus);
  if (o->schedule.length)
    g_string_append_printf (command, " --length %" G_GINT64_FORMAT, o->schedule.length);
  return g_string_free (command, FALSE);
}

static gboolean
save_trace (const MtProgram *program, const Options *o, const gchar *model, const MtRunResult *result, const MtViolation *violation)
{
  const MtVerdictKind verdict = violation ? violation->kind : result->cut ? MT_INCOMPLETE : MT_PASS;
  g_autoptr (MtTrace) trace = mt_trace_of (program, model, &o->model, o->schedule.text ? "schedule" : o->schedule.row->name, verdict, result->choices);
  g_autoptr (GError) error = NULL;
  trace->seed = o->schedule.sched.seed;
  if (mt_trace_save (trace, program, o->trace, &error))
    return TRUE;
  mt_complain (MT_EXIT_USAGE, "%s", error->message);
  return FALSE;
}

static void
print_json (const MtProgram *program, const Options *o, const gchar *model, const MtRunResult *result, const MtViolation *violation, const gchar *incomplete, const gchar *command)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (GString) outcome = g_string_new (NULL);
  g_autofree gchar *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, o->schedule.sched.seed);
  g_autofree gchar *verdict = mt_verdict_text (violation, incomplete);
  mt_report_outcome (program, result, outcome);
  const struct { const gchar *name, *value; } texts[] = {
    { "model", model }, { "title", program->title }, { "verdict", verdict },
    { "message", violation ? violation->message : NULL }, { "scheduler", o->schedule.row->name }, { "seed", seed }, { "outcome", outcome->str },
    { "output", o->output->str }, { "swallowed", result->first_swallowed }, { "replay", command },
  };
  json_builder_begin_object (b);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].value)
      mt_json_text (b, texts[i].name, texts[i].value);
  const struct { const gchar *name; gint64 value; } numbers[] = {
    { "steps", (gint64)result->steps }, { "switches", (gint64)result->switches }, { "milliseconds", result->time }, { "violating-step", violation ? violation->step : 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    mt_json_number (b, numbers[i].name, numbers[i].value);
  json_builder_end_object (b);
  g_autofree gchar *json = mt_json_finish (b);
  g_print ("%s", json);
}

/* Things the model only wants reported. */
static void
print_reported (const MtProgram *program, const MtRunResult *result)
{
  for (guint i = 0; i < result->violations->len; i++)
    {
      const MtViolation *v = &g_array_index (result->violations, MtViolation, i);
      if (mt_verdict_level (program, v->kind) == MT_REPORTED)
        g_print ("reported: %s (step %u)\n", v->message, v->step);
    }
}

/* What happened and nobody in the model heard of. */
static void
print_swallowed (const MtRunResult *result)
{
  if (result->swallowed > 1)
    g_print ("reported: %s, and %u more\n", result->first_swallowed, result->swallowed - 1);
  else if (result->swallowed)
    g_print ("reported: %s\n", result->first_swallowed);
}

/* Other violations of the run than the one that decides. */
static void
print_others (const MtProgram *program, const MtRunResult *result, const MtViolation *verdict)
{
  for (guint i = 0; i < result->violations->len; i++)
    {
      const MtViolation *v = &g_array_index (result->violations, MtViolation, i);
      if (v != verdict && mt_verdict_level (program, v->kind) == MT_FORBIDDEN)
        g_print ("Also, at step %u: %s.\n", v->step, v->message);
    }
}

static void
print_report (const MtProgram *program, const Options *o, const MtRunResult *result, const MtRunResult *shown, const MtViolation *violation, const gchar *incomplete,
              const gchar *command)
{
  if (!o->report.quiet)
    {
      g_print ("%s\n\n", program->title);
      if (shown->choices)
        mt_report_trace (program, (const MtChoice *)shown->choices->data, shown->choices->len, violation, &o->report);
      else
        g_print ("%" G_GUINT64_FORMAT " steps are too many to show.\n", result->steps);
      mt_report_output (o->output, &o->report);
      if (o->output_lost)
        g_print ("  ... and %" G_GSIZE_FORMAT " bytes more, which were not kept\n", o->output_lost);
      if (violation && shown->choices)
        mt_report_explanation (program, (const MtChoice *)shown->choices->data, shown->choices->len, violation);
      print_others (program, result, violation);
      print_reported (program, result);
      print_swallowed (result);
      g_autoptr (GString) outcome = g_string_new (NULL), time = g_string_new (NULL);
      mt_report_outcome (program, result, outcome);
      MtWord milliseconds = (MtWord)MIN (result->time, G_MAXINT32);
      mt_value_print (program, (MtType){ MT_TYPE_TIME, 0, 0 }, FALSE, &milliseconds, time);
      g_print ("\noutcome   %s\nsteps     %" G_GUINT64_FORMAT ", switches %" G_GUINT64_FORMAT "%s%s%s\n", outcome->str, result->steps, result->switches,
               result->time ? ", virtual time " : "", result->time ? time->str : "", result->time ? " s" : "");
      if (o->table)
        {
          g_autoptr (GString) table = g_string_new (NULL);
          mt_stats_print (o->table, result->switches, table);
          g_print ("\n%s\n", table->str);
        }
      if (o->schedule.text)
        g_print ("scheduler the schedule given\n");
      else
        g_print ("scheduler %s, seed %" G_GUINT64_FORMAT "\n", o->schedule.row->name, o->schedule.sched.seed);
      g_print ("again     %s\n", command);
      if (o->trace && !g_str_equal (o->trace, "-"))
        g_print ("written   %s\n", o->trace);
    }
  mt_report_verdict (violation, incomplete);
}

static MtExit
parted (const MtProgram *program, const Options *o, const MtRunResult *result)
{
  g_autoptr (GString) why = g_string_new (NULL);
  guint move = mt_schedule_refused (&o->schedule, program, result, why);
  return mt_complain (MT_EXIT_USAGE, "--schedule: move %u: %s", move, why->str);
}

static MtExit
run_one (const MtProgram *program, Options *o, const gchar *model)
{
  MtRunResult result, shown;
  run_once (program, o, FALSE, (guint64)o->schedule.max_steps, &result);
  /* the run is made again to be shown: memory is flat the first time, however long it is */
  gboolean again = o->trace || result.parted || (result.steps <= MAX_RECORDED && !o->report.quiet);
  MtExit status;
  if (again)
    run_once (program, o, TRUE, result.steps, &shown);
  else
    shown = (MtRunResult){ 0 };
  if (result.parted)
    status = parted (program, o, &shown);
  else
    {
      const MtViolation *violation = mt_run_verdict (program, &result);
      const gchar *incomplete = result.cut ? "steps" : NULL;
      if (o->trace && !save_trace (program, o, model, &shown, violation))
        status = MT_EXIT_USAGE;
      else
        {
          g_autofree gchar *command = replay_command (program, o, model, &shown);
          if (o->json)
            print_json (program, o, model, &result, violation, incomplete, command);
          else
            print_report (program, o, &result, &shown, violation, incomplete, command);
          status = mt_verdict_exit (violation, incomplete);
        }
    }
  mt_run_result_clear (&result);
  if (again)
    mt_run_result_clear (&shown);
  return status;
}

/* --runs: a histogram. */

static MtExit
run_many (const MtProgram *program, Options *o, const gchar *model)
{
  g_autoptr (MtHistogram) outcomes = mt_histogram_new (), verdicts = mt_histogram_new ();
  const guint64 first = o->schedule.sched.seed;
  gboolean cut = FALSE;
  MtViolation *worst = NULL;
  guint64 worst_seed = 0;
  for (gint i = 0; i < o->runs; i++)
    {
      MtRunResult result;
      o->schedule.sched.seed = first + (guint64)i;
      mt_schedule_run (&o->schedule, program, (MtRunOptions){ 0 }, &result);
      const MtViolation *violation = mt_run_verdict (program, &result);
      g_autoptr (GString) outcome = g_string_new (NULL);
      mt_report_outcome (program, &result, outcome);
      mt_histogram_count (outcomes, outcome->str, o->schedule.sched.seed);
      mt_histogram_count (verdicts, violation ? mt_verdict_token (violation->kind) : result.cut ? "INCOMPLETE(steps)" : "PASS", o->schedule.sched.seed);
      cut = cut || result.cut;
      if (violation && !worst)
        {
          worst = mt_violation_copy (violation);
          worst_seed = o->schedule.sched.seed;
        }
      mt_run_result_clear (&result);
    }
  g_print ("%s\n%d runs, scheduler %s, seeds %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "\n", program->title, o->runs, o->schedule.row->name, first, first + (guint64)o->runs - 1);
  mt_histogram_print (outcomes, "outcome", TRUE);
  mt_histogram_print (verdicts, "verdict", TRUE);
  if (worst)
    {
      o->schedule.sched.seed = worst_seed;
      const MtRunResult none = { 0 };
      g_autofree gchar *command = replay_command (program, o, model, &none);
      g_print ("\n%s.\nagain     %s\n", worst->message, command);
    }
  g_print ("\n");
  mt_report_verdict (worst, cut ? "steps" : NULL);
  MtExit status = mt_verdict_exit (worst, cut ? "steps" : NULL);
  mt_violation_free (worst);
  return status;
}

/* Options. */

static gboolean
settle_options (Options *o)
{
  if (!mt_schedule_settle (&o->schedule, o->stats))
    return FALSE;
  if (o->runs < 0)
    return mt_complain (MT_EXIT_USAGE, "numbers must not be negative"), FALSE;
  if (o->runs && (o->trace || o->schedule.text))
    return mt_complain (MT_EXIT_USAGE, "--runs makes many runs: it does not go with --trace and --schedule"), FALSE;
  if (o->schedule.step_time && (o->trace || o->runs))
    return mt_complain (MT_EXIT_USAGE, "steps that take time (--step-time, --cpus, --stats) don't go with --trace and --runs"), FALSE;
  return mt_report_window (&o->report);
}

/* --scheduler exhaustive tries every schedule: that is check, with the other options as they are. */
static gboolean
take_exhaustive (gint *argc, gchar **argv)
{
  for (gint i = 1; i < *argc; i++)
    {
      gint words = g_str_equal (argv[i], "--scheduler=exhaustive") ? 1 : g_str_equal (argv[i], "--scheduler") && i + 1 < *argc && g_str_equal (argv[i + 1], "exhaustive") ? 2 : 0;
      if (!words)
        continue;
      for (gint k = i; k + words <= *argc; k++)
        argv[k] = argv[k + words]; /* the NULL behind them too */
      *argc -= words;
      return TRUE;
    }
  return FALSE;
}

static MtExit
run (gint argc, gchar **argv)
{
  if (take_exhaustive (&argc, argv))
    return mt_command_check.run (argc, argv);
  Options o = { .schedule.max_steps = DEFAULT_MAX_STEPS };
  const GOptionEntry own[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT, &o.runs, "Make N runs with seeds from --seed on, and show how often each outcome came", "N" },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o.trace, "Write the run to FILE, for mtsim replay", "FILE" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &o.report.steps, "Show steps A to B", "A-B" },
    { "stats", 0, 0, G_OPTION_ARG_NONE, &o.stats, "Where the time went: of each task, of each lock, of the processors", NULL },
    { "full", 0, 0, G_OPTION_ARG_NONE, &o.report.full, "Show every step and all output, fold nothing", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o.report.quiet, "Only the verdict", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "A machine-readable result", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autofree GOptionEntry *entries = mt_schedule_entries (&o.schedule, own);
  MtExit status = MT_EXIT_USAGE;
  o.output = g_string_new (NULL);
  if (mt_parse_options (&mt_command_run, &argc, &argv, entries, &o.model, 1, 1, &status))
    {
      status = MT_EXIT_USAGE;
      g_autoptr (MtProgram) program = settle_options (&o) ? mt_load_program (argv[1], &o.model, MT_TIME_VIRTUAL) : NULL;
      if (program && mt_schedule_bind (&o.schedule, program))
        status = o.runs ? run_many (program, &o, argv[1]) : run_one (program, &o, argv[1]);
    }
  mt_model_options_clear (&o.model);
  mt_schedule_clear (&o.schedule);
  mt_stats_free (o.table);
  g_free (o.trace);
  g_free (o.report.steps);
  g_string_free (o.output, TRUE);
  return status;
}

const MtCommand mt_command_run = { "run", "MODEL", "runs the model under a scheduler", run };

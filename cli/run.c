/* run: one schedule under a scheduler, or many and a histogram of their outcomes. */
#include "cli/report.h"
#include "sim/json.h"
#include <string.h>

#define DEFAULT_MAX_STEPS 100000000
#define MAX_RECORDED 50000000 /* steps of a failing run that is made again to be shown */
#define MAX_OUTPUT (1 << 20) /* bytes of output kept */

typedef struct
{
  MtModelOptions model;
  MtReportOptions report;
  gchar *scheduler, *seed_text, *schedule, *trace;
  gint quantum, depth, runs;
  gint64 length, max_steps;
  gchar *step_time_text;
  gint cpus;
  guint step_time; /* milliseconds */
  gboolean json, stats;
  /* found out */
  const MtSchedRow *row;
  MtSchedOptions sched;
  GArray *script;
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
  g_autoptr (MtSched) sched = mt_sched_new (o->row, program, &o->sched);
  MtRunOptions options = { .max_steps = max_steps, .record = record, .output = record ? NULL : collect, .output_data = o, .step_time = o->step_time, .cpus = (guint)o->cpus };
  if (o->stats && !record)
    options.stats = o->table = mt_stats_new (program, MAX ((guint)o->cpus, 1));
  mt_run (program, sched, &options, result);
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
  if (!o->step_time && (o->schedule || (shown->choices && schedule->len <= 60)))
    {
      g_string_append (command, " --schedule");
      g_autofree gchar *quoted = g_shell_quote (o->schedule ? o->schedule : schedule->str);
      g_string_append_printf (command, " %s", quoted);
      return g_string_free (command, FALSE);
    }
  g_string_append_printf (command, " --seed %" G_GUINT64_FORMAT, o->sched.seed);
  if (o->row != mt_scheds[0])
    g_string_append_printf (command, " --scheduler %s", o->row->name);
  if (o->quantum)
    g_string_append_printf (command, " --quantum %d", o->quantum);
  if (o->depth)
    g_string_append_printf (command, " --depth %d", o->depth);
  if (o->schedule) /* of steps that take time */
    {
      g_string_append (command, " --schedule");
      mt_append_argument (command, o->schedule);
    }
  if (o->step_time)
    g_string_append_printf (command, " --step-time %ums", o->step_time);
  if (o->cpus)
    g_string_append_printf (command, " --cpus %d", o->cpus);
  if (o->length)
    g_string_append_printf (command, " --length %" G_GINT64_FORMAT, o->length);
  return g_string_free (command, FALSE);
}

static gboolean
save_trace (const MtProgram *program, const Options *o, const gchar *model, const MtRunResult *result, const MtViolation *violation)
{
  g_autoptr (MtTrace) trace = mt_trace_new (program);
  g_autoptr (GError) error = NULL;
  g_free (trace->model);
  trace->model = g_strdup (model);
  trace->seed = o->sched.seed;
  trace->scheduler = g_strdup (o->schedule ? "schedule" : o->row->name);
  trace->watch_updates = !o->model.no_watch;
  trace->verdict = g_strdup (violation ? mt_verdict_token (violation->kind) : mt_verdict_token (result->cut ? MT_INCOMPLETE : MT_PASS));
  for (guint i = 0; o->model.params && o->model.params[i]; i++)
    g_ptr_array_add (trace->params, g_strdup (o->model.params[i]));
  g_array_append_vals (trace->choices, result->choices->data, result->choices->len);
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
  g_autofree gchar *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, o->sched.seed);
  g_autofree gchar *verdict = mt_verdict_text (violation, incomplete);
  mt_report_outcome (program, result, outcome);
  const struct { const gchar *name, *value; } texts[] = {
    { "model", model }, { "title", program->title }, { "verdict", verdict },
    { "message", violation ? violation->message : NULL }, { "scheduler", o->row->name }, { "seed", seed }, { "outcome", outcome->str },
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
      if (o->schedule)
        g_print ("scheduler the schedule given\n");
      else
        g_print ("scheduler %s, seed %" G_GUINT64_FORMAT "\n", o->row->name, o->sched.seed);
      g_print ("again     %s\n", command);
      if (o->trace && !g_str_equal (o->trace, "-"))
        g_print ("written   %s\n", o->trace);
    }
  mt_report_verdict (violation, incomplete);
}

static MtExit
parted (const MtProgram *program, const Options *o, const MtRunResult *result)
{
  MtChoice wanted = { 0, 0 };
  guint at = 0;
  for (guint i = 0; result->choices && i < result->choices->len; i++)
    at += g_array_index (result->choices, MtChoice, i).task != MT_CLOCK;
  if (at < o->script->len)
    wanted = g_array_index (o->script, MtChoice, at);
  g_autoptr (GString) why = g_string_new (NULL);
  mt_report_refusal (program, result->state, wanted, why);
  return mt_complain (MT_EXIT_USAGE, "--schedule: move %u: %s", at + 1, why->str);
}

static MtExit
run_one (const MtProgram *program, Options *o, const gchar *model)
{
  MtRunResult result, shown;
  run_once (program, o, FALSE, (guint64)o->max_steps, &result);
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

typedef struct
{
  gchar *text;
  guint count;
  guint64 seed; /* of the first run that ended so */
} Bin;

static void
bin_clear (gpointer data)
{
  g_free (((Bin *)data)->text);
}

static void
count_in (GArray *bins, GHashTable *numbers, const gchar *text, guint64 seed)
{
  gpointer number;
  if (!g_hash_table_lookup_extended (numbers, text, NULL, &number))
    {
      Bin bin = { g_strdup (text), 0, seed };
      number = GUINT_TO_POINTER (bins->len);
      g_array_append_val (bins, bin);
      g_hash_table_insert (numbers, g_strdup (text), number);
    }
  g_array_index (bins, Bin, GPOINTER_TO_UINT (number)).count++;
}

static gint
by_count (gconstpointer a, gconstpointer b)
{
  const Bin *x = a, *y = b;
  return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp (x->text, y->text);
}

static void
print_bins (const gchar *title, GArray *bins, guint runs)
{
  guint width = 0;
  g_array_sort (bins, by_count);
  for (guint i = 0; i < bins->len; i++)
    width = MAX (width, mt_display_width (g_array_index (bins, Bin, i).text));
  g_print ("\n%s\n", title);
  for (guint i = 0; i < bins->len; i++)
    {
      const Bin *bin = &g_array_index (bins, Bin, i);
      guint bar = (guint)((guint64)bin->count * 30 / g_array_index (bins, Bin, 0).count);
      g_print ("  %s%*s %8u  %5.1f%%  seed %-8" G_GUINT64_FORMAT " ", bin->text, (gint)(width - mt_display_width (bin->text)), "", bin->count, 100.0 * bin->count / runs, bin->seed);
      for (guint k = 0; k < bar; k++)
        g_print ("\342\226\210"); /* a full block */
      g_print ("\n");
    }
}

static MtExit
run_many (const MtProgram *program, Options *o, const gchar *model)
{
  g_autoptr (GArray) outcomes = g_array_new (FALSE, TRUE, sizeof (Bin)), verdicts = g_array_new (FALSE, TRUE, sizeof (Bin));
  g_autoptr (GHashTable) outcome_numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) verdict_numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_array_set_clear_func (outcomes, bin_clear);
  g_array_set_clear_func (verdicts, bin_clear);
  const guint64 first = o->sched.seed;
  gboolean cut = FALSE;
  MtViolation *worst = NULL;
  guint64 worst_seed = 0;
  for (gint i = 0; i < o->runs; i++)
    {
      MtRunResult result;
      o->sched.seed = first + (guint64)i;
      g_autoptr (MtSched) sched = mt_sched_new (o->row, program, &o->sched);
      const MtRunOptions options = { .max_steps = (guint64)o->max_steps };
      mt_run (program, sched, &options, &result);
      const MtViolation *violation = mt_run_verdict (program, &result);
      g_autoptr (GString) outcome = g_string_new (NULL);
      mt_report_outcome (program, &result, outcome);
      count_in (outcomes, outcome_numbers, outcome->str, o->sched.seed);
      count_in (verdicts, verdict_numbers, violation ? mt_verdict_token (violation->kind) : result.cut ? "INCOMPLETE(steps)" : "PASS", o->sched.seed);
      cut = cut || result.cut;
      if (violation && !worst)
        {
          worst = mt_violation_copy (violation);
          worst_seed = o->sched.seed;
        }
      mt_run_result_clear (&result);
    }
  g_print ("%s\n%d runs, scheduler %s, seeds %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "\n", program->title, o->runs, o->row->name, first, first + (guint64)o->runs - 1);
  print_bins ("outcome", outcomes, (guint)o->runs);
  print_bins ("verdict", verdicts, (guint)o->runs);
  if (worst)
    {
      o->sched.seed = worst_seed;
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

/* --step-time "1ms", "0.5s" or plain milliseconds. Statistics and processors need steps that take time: 1 ms
 * unless told otherwise. */
static gboolean
settle_step_time (Options *o)
{
  gdouble value = o->stats || o->cpus ? 1 : 0;
  if (o->step_time_text)
    {
      gchar *end;
      value = g_ascii_strtod (o->step_time_text, &end);
      if (g_str_equal (end, "s"))
        value *= 1000;
      else if (*end && !g_str_equal (end, "ms"))
        value = -1;
      if (end == o->step_time_text || !(value >= 1 && value <= G_MAXUINT16))
        return mt_complain (MT_EXIT_USAGE, "--step-time %s: 1ms to %ums expected, like 5ms or 0.1s", o->step_time_text, G_MAXUINT16), FALSE;
    }
  o->step_time = (guint)value;
  if (o->step_time && (o->trace || o->runs))
    return mt_complain (MT_EXIT_USAGE, "steps that take time (--step-time, --cpus, --stats) don't go with --trace and --runs"), FALSE;
  return TRUE;
}

static gboolean
settle_options (Options *o)
{
  const gchar *name = o->schedule ? "replay" : o->scheduler ? o->scheduler : mt_scheds[0]->name;
  o->row = mt_sched_find (name);
  if (!o->row || (!o->schedule && g_str_equal (name, "replay")))
    {
      GPtrArray *names = g_ptr_array_new ();
      for (guint i = 0; mt_scheds[i]; i++)
        if (!g_str_equal (mt_scheds[i]->name, "replay"))
          g_ptr_array_add (names, (gpointer)mt_scheds[i]->name);
      g_ptr_array_add (names, NULL);
      g_autofree gchar *all = g_strjoinv (", ", (gchar **)names->pdata);
      g_ptr_array_unref (names);
      mt_complain (MT_EXIT_USAGE, "--scheduler %s: %s expected", name, all);
      return FALSE;
    }
  if (o->seed_text && !g_ascii_string_to_unsigned (o->seed_text, 10, 0, G_MAXUINT64, &o->sched.seed, NULL))
    return mt_complain (MT_EXIT_USAGE, "--seed %s: a whole number expected", o->seed_text), FALSE;
  if (!o->seed_text && !o->schedule)
    o->sched.seed = g_random_int (); /* the one thing that is not determined; it is always printed */
  if (o->quantum < 0 || o->depth < 0 || o->length < 0 || o->runs < 0 || o->max_steps < 0 || o->cpus < 0)
    return mt_complain (MT_EXIT_USAGE, "numbers must not be negative"), FALSE;
  if (o->depth > 1000)
    return mt_complain (MT_EXIT_USAGE, "--depth %d: at most 1000", o->depth), FALSE;
  if (o->runs && (o->trace || o->schedule))
    return mt_complain (MT_EXIT_USAGE, "--runs makes many runs: it does not go with --trace and --schedule"), FALSE;
  o->sched.quantum = (guint)o->quantum;
  o->sched.depth = (guint)o->depth;
  o->sched.length = (guint64)o->length;
  return settle_step_time (o) && mt_report_window (&o->report);
}

static gboolean
settle_schedule (const MtProgram *program, Options *o)
{
  g_autoptr (GError) error = NULL;
  if (!o->schedule)
    return TRUE;
  o->script = mt_schedule_parse (program, o->schedule, &error);
  if (!o->script)
    return mt_complain (MT_EXIT_USAGE, "%s", error->message), FALSE;
  o->sched.script = (const MtChoice *)o->script->data;
  o->sched.n_script = o->script->len;
  o->sched.complete = TRUE;
  return TRUE;
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
  Options o = { .max_steps = DEFAULT_MAX_STEPS };
  const GOptionEntry entries[] = {
    { "scheduler", 0, 0, G_OPTION_ARG_STRING, &o.scheduler, "random (the default), round-robin, pct, priority, or exhaustive (which is check)", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &o.seed_text, "Of the random generator; drawn and printed when not given", "N" },
    { "quantum", 0, 0, G_OPTION_ARG_INT, &o.quantum, "Steps of a slice: exact for round-robin, the mean for random", "N" },
    { "depth", 0, 0, G_OPTION_ARG_INT, &o.depth, "pct: the depth of bugs aimed at (3)", "D" },
    { "length", 0, 0, G_OPTION_ARG_INT64, &o.length, "pct: the expected number of steps (1000)", "K" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &o.runs, "Make N runs with seeds from --seed on, and show how often each outcome came", "N" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &o.schedule, "Follow 't1 t2*2 t1:timeout', then go on without preemption", "TEXT" },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o.trace, "Write the run to FILE, for mtsim replay", "FILE" },
    { "max-steps", 0, 0, G_OPTION_ARG_INT64, &o.max_steps, "Stop after N steps, INCOMPLETE (100000000; 0: never)", "N" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &o.report.steps, "Show steps A to B", "A-B" },
    { "step-time", 0, 0, G_OPTION_ARG_STRING, &o.step_time_text, "A step takes so long, like 1ms; it takes none when not given", "TIME" },
    { "cpus", 0, 0, G_OPTION_ARG_INT, &o.cpus, "Up to K tasks move at once, each a step of --step-time (1ms)", "K" },
    { "stats", 0, 0, G_OPTION_ARG_NONE, &o.stats, "Where the time went: of each task, of each lock, of the processors", NULL },
    { "full", 0, 0, G_OPTION_ARG_NONE, &o.report.full, "Show every step and all output, fold nothing", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o.report.quiet, "Only the verdict", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "A machine-readable result", NULL },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  o.output = g_string_new (NULL);
  if (mt_parse_options (&mt_command_run, &argc, &argv, entries, &o.model, 1, 1, &status))
    {
      status = MT_EXIT_USAGE;
      g_autoptr (MtProgram) program = settle_options (&o) ? mt_load_program (argv[1], &o.model, MT_TIME_VIRTUAL) : NULL;
      if (program && settle_schedule (program, &o))
        status = o.runs ? run_many (program, &o, argv[1]) : run_one (program, &o, argv[1]);
    }
  mt_model_options_clear (&o.model);
  g_free (o.scheduler);
  g_free (o.seed_text);
  g_free (o.schedule);
  g_free (o.step_time_text);
  mt_stats_free (o.table);
  g_free (o.trace);
  g_free (o.report.steps);
  g_clear_pointer (&o.script, g_array_unref);
  g_string_free (o.output, TRUE);
  return status;
}

const MtCommand mt_command_run = { "run", "MODEL", "runs the model under a scheduler", run };

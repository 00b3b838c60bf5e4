/* draw: pictures of a run, or of the model. */
#include "cli/draw.h"
#include "cli/report.h"
#include "checker/check.h"
#include "checker/states.h"
#include "sim/file.h"
#include "sim/explain.h"
#include "viz/export.h"
#include <string.h>

#define DEFAULT_MAX_STEPS 50000000
#define DEFAULT_ROWS 18 /* of a slide */
#define DEFAULT_RUNS 1000 /* of a histogram */
#define DEFAULT_STATES 5000
#define MAX_SEARCHED 200000 /* states that are looked at for a counterexample to draw */

typedef struct
{
  MtModelOptions model;
  MtReportOptions report;
  gchar *kind, *format, *to, *output, *theme;
  gchar *scheduler, *seed_text, *schedule;
  gint quantum, depth, runs, rows, states;
  gint64 length, max_steps, step;
  /* found out */
  const MtKindRow *kind_row;
  const MtExportRow *format_row;
  const MtSchedRow *row;
  MtSchedOptions sched;
  GArray *script; /* MtChoice, of --schedule or of the trace */
  gboolean random_seed;
} Options;

/* The shortest counterexample becomes the schedule to draw, where a search within its bound finds one. */
static gboolean
find_counterexample (const MtProgram *program, Options *o)
{
  const MtExploreOptions options = { .search = mt_searches[0], .max_states = MAX_SEARCHED, .reductions = MT_REDUCE_ALL };
  MtExplore x;
  MtCheckResult result;
  mt_check_search (&x, program, &options);
  mt_check_result_init (&result, &x);
  gboolean found = result.verdict != NULL;
  if (found)
    {
      o->script = g_array_ref (g_array_index (result.shown, MtShown, 0).choices);
      o->row = mt_sched_find ("replay");
      o->random_seed = FALSE;
    }
  mt_check_result_clear (&result);
  mt_explore_clear (&x);
  return found;
}

/* The program, and with it the decision what to draw of it where the command line leaves that open: the
 * counterexample, or else a run under the scheduler and a seed. */
static MtProgram *
load (const gchar *model, const MtTrace *trace, Options *o)
{
  gboolean open = !trace && !o->schedule && !o->seed_text && !o->scheduler && o->kind_row->needs == MT_NEEDS_RUN;
  if (open)
    {
      MtProgram *program = mt_load_program (model, &o->model, MT_TIME_ABSTRACT);
      if (!program || find_counterexample (program, o))
        return program;
      mt_program_unref (program);
    }
  return mt_load_program (model, &o->model, trace ? trace->time : MT_TIME_VIRTUAL);
}

/* The run to be drawn: the script's (a trace, --schedule, a counterexample), or one under the scheduler
 * and the seed. FALSE after telling the user. */
static gboolean
choose_run (const MtProgram *program, const Options *o, MtRunResult *result)
{
  MtSchedOptions sched_options = o->sched;
  if (o->script)
    {
      sched_options.script = (const MtChoice *)o->script->data;
      sched_options.n_script = o->script->len;
    }
  g_autoptr (MtSched) sched = mt_sched_new (o->row, program, &sched_options);
  const MtRunOptions options = { .max_steps = (guint64)o->max_steps, .record = TRUE };
  mt_run (program, sched, &options, result);
  if (result->parted)
    {
      guint at = 0;
      for (guint i = 0; i < result->choices->len; i++)
        at += g_array_index (result->choices, MtChoice, i).task != MT_CLOCK;
      /* a trace that ends before the model does is drawn as far as it goes */
      if (at < o->script->len)
        {
          g_autoptr (GString) why = g_string_new (NULL);
          guint task = g_array_index (o->script, MtChoice, at).task;
          mt_block_print (program, result->state, task, why);
          return mt_complain (MT_EXIT_PARTED, "step %u can't be taken: %s %s", at + 1, program->tasks[task].name, why->str), FALSE;
        }
    }
  if (result->cut)
    g_printerr ("mtsim: the run was cut after %" G_GUINT64_FORMAT " steps\n", result->steps);
  return TRUE;
}

static gboolean
write_drawing (const Options *o, const MtKindInput *input)
{
  gboolean schedule = o->kind_row == mt_kinds[0];
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MtPicture) picture = o->kind_row->draw (input);
  const MtDrawing drawing = { schedule ? input->view : NULL, picture };
  const MtExportOptions options = { 0 };
  if (o->format_row->write (&drawing, &options, out, &error) && mt_write_file (o->output, out->str, (gssize)out->len, &error))
    return TRUE;
  return mt_complain (MT_EXIT_USAGE, "%s", error->message), FALSE;
}

static gboolean
draw_run (const MtProgram *program, const Options *o, MtKindInput *input)
{
  MtRunResult result;
  gboolean good = choose_run (program, o, &result);
  if (good)
    {
      MtViewOptions view_options = o->report.view;
      const MtViolation *violation = mt_run_verdict (program, &result);
      view_options.full = o->report.full || o->format_row->whole;
      view_options.no_waits = !o->format_row->of_run;
      view_options.max_rows = (guint)o->rows;
      g_autoptr (MtView) view = mt_view_new (program, (const MtChoice *)result.choices->data, result.choices->len, violation, &view_options);
      input->choices = (const MtChoice *)result.choices->data;
      input->n = result.choices->len;
      input->view = view;
      input->step = o->step < 0 ? input->n : (guint)MIN (o->step, (gint64)input->n);
      good = write_drawing (o, input);
    }
  mt_run_result_clear (&result);
  return good;
}

static gboolean
draw_states (const MtProgram *program, const Options *o, MtKindInput *input)
{
  g_autoptr (MtGraph) graph = mt_state_graph (program, (guint)o->states);
  input->graph = graph;
  if (!graph->complete)
    g_printerr ("mtsim: there are more than %d states: --states N draws more\n", o->states);
  return write_drawing (o, input);
}

static gint
by_count (gconstpointer a, gconstpointer b)
{
  const MtBar *x = a, *y = b;
  return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp (x->text, y->text);
}

static gchar *
outcome_of (const MtProgram *program, const Options *o, guint64 seed)
{
  MtRunResult result;
  MtSchedOptions sched_options = o->sched;
  sched_options.seed = seed;
  g_autoptr (MtSched) sched = mt_sched_new (o->row, program, &sched_options);
  const MtRunOptions options = { .max_steps = (guint64)o->max_steps };
  g_autoptr (GString) text = g_string_new (NULL);
  mt_run (program, sched, &options, &result);
  if (result.ended)
    mt_outcome_print (program, result.state, text);
  else
    g_string_append (text, result.cut ? "(not ended)" : "(deadlock)");
  mt_run_result_clear (&result);
  return g_strdup (text->str);
}

static gboolean
draw_outcomes (const MtProgram *program, const Options *o, MtKindInput *input)
{
  g_autoptr (GArray) bars = g_array_new (FALSE, FALSE, sizeof (MtBar));
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (gint i = 0; i < o->runs; i++)
    {
      g_autofree gchar *text = outcome_of (program, o, o->sched.seed + (guint64)i);
      gpointer key, number;
      if (!g_hash_table_lookup_extended (numbers, text, NULL, &number))
        {
          key = g_steal_pointer (&text);
          number = GUINT_TO_POINTER (bars->len);
          MtBar bar = { key, 0 };
          g_hash_table_insert (numbers, key, number);
          g_array_append_val (bars, bar);
        }
      g_array_index (bars, MtBar, GPOINTER_TO_UINT (number)).count++;
    }
  g_array_sort (bars, by_count);
  input->bars = (const MtBar *)bars->data;
  input->n_bars = bars->len;
  return write_drawing (o, input);
}

/* Options. */

static gboolean
settle_format (Options *o)
{
  const gchar *kind = o->kind ? o->kind : mt_kinds[0]->name, *name = o->to ? o->to : o->format;
  const gchar *dot = o->output ? strrchr (o->output, '.') : NULL;
  o->kind_row = mt_kind_find (kind);
  if (!o->kind_row)
    {
      g_autoptr (GString) all = g_string_new (NULL);
      for (guint i = 0; mt_kinds[i]; i++)
        g_string_append_printf (all, "%s%s", i ? ", " : "", mt_kinds[i]->name);
      return mt_complain (MT_EXIT_USAGE, "--kind %s: %s expected", kind, all->str), FALSE;
    }
  name = name ? name : dot ? dot + 1 : NULL;
  o->format_row = name ? mt_export_find (name) : NULL;
  if (!o->format_row)
    {
      g_autoptr (GString) all = g_string_new (NULL);
      for (guint i = 0; mt_exports[i]; i++)
        g_string_append_printf (all, "%s%s", i ? ", " : "", mt_exports[i]->name);
      return mt_complain (MT_EXIT_USAGE, name ? "no format '%s': %s expected" : "which format? a file's ending tells it, or --format%.0s: %s", name ? name : "", all->str), FALSE;
    }
  if (o->format_row->of_run && o->kind_row != mt_kinds[0])
    return mt_complain (MT_EXIT_USAGE, "%s shows a run: it goes with --kind %s only", o->format_row->name, mt_kinds[0]->name), FALSE;
  if (o->theme && !g_str_equal (o->theme, "dark") && !g_str_equal (o->theme, "light"))
    return mt_complain (MT_EXIT_USAGE, "--theme %s: light or dark expected", o->theme), FALSE;
  return TRUE;
}

static gboolean
settle_options (Options *o)
{
  const gchar *name = o->schedule ? "replay" : o->scheduler ? o->scheduler : mt_scheds[0]->name;
  o->row = mt_sched_find (name);
  if (!o->row || (!o->schedule && g_str_equal (name, "replay")))
    return mt_complain (MT_EXIT_USAGE, "--scheduler %s: there is none (mtsim list shows them)", name), FALSE;
  if (o->seed_text && !g_ascii_string_to_unsigned (o->seed_text, 10, 0, G_MAXUINT64, &o->sched.seed, NULL))
    return mt_complain (MT_EXIT_USAGE, "--seed %s: a whole number expected", o->seed_text), FALSE;
  if (o->quantum < 0 || o->depth < 0 || o->depth > 1000 || o->length < 0 || o->runs < 1 || o->rows < 0 || o->states < 1 || o->max_steps < 1 || o->step < -1)
    return mt_complain (MT_EXIT_USAGE, "a number is out of its range"), FALSE;
  o->random_seed = !o->seed_text && !o->schedule;
  if (o->random_seed)
    o->sched.seed = g_random_int (); /* the one thing that is not determined; it is always printed */
  o->sched.quantum = (guint)o->quantum;
  o->sched.depth = (guint)o->depth;
  o->sched.length = (guint64)o->length;
  return settle_format (o) && mt_report_window (&o->report);
}

/* The schedule of --schedule or of the trace, which brings its own parameters. */
static gboolean
settle_schedule (const MtProgram *program, MtTrace *trace, Options *o)
{
  g_autoptr (GError) error = NULL;
  if (trace)
    {
      if (!mt_trace_bind (trace, program, &error))
        return mt_complain (MT_EXIT_PARTED, "%s", error->message), FALSE;
      o->script = g_array_ref (trace->choices);
      o->sched.seed = trace->seed;
      o->row = mt_sched_find ("replay");
    }
  else if (o->schedule)
    {
      o->script = mt_schedule_parse (program, o->schedule, &error);
      if (!o->script)
        return mt_complain (MT_EXIT_USAGE, "%s", error->message), FALSE;
      o->sched.complete = TRUE;
    }
  return TRUE;
}

static MtExit
draw_model (const MtProgram *program, Options *o)
{
  MtKindInput input = { .program = program, .dark = g_strcmp0 (o->theme, "dark") == 0 };
  gboolean good = FALSE;
  switch (o->kind_row->needs)
    {
    case MT_NEEDS_RUN:
      good = draw_run (program, o, &input);
      break;
    case MT_NEEDS_PROGRAM:
      good = write_drawing (o, &input);
      break;
    case MT_NEEDS_GRAPH:
      good = draw_states (program, o, &input);
      break;
    case MT_NEEDS_RUNS:
      good = draw_outcomes (program, o, &input);
      break;
    }
  if (good && o->random_seed && !o->script && (o->kind_row->needs == MT_NEEDS_RUN || o->kind_row->needs == MT_NEEDS_RUNS))
    g_printerr ("mtsim: seed %" G_GUINT64_FORMAT "\n", o->sched.seed);
  return good ? MT_EXIT_HOLDS : MT_EXIT_USAGE;
}

MtExit
mt_draw (const MtCommand *command, gint argc, gchar **argv)
{
  Options o = { .max_steps = DEFAULT_MAX_STEPS, .rows = DEFAULT_ROWS, .runs = DEFAULT_RUNS, .states = DEFAULT_STATES, .step = -1 };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output, "Write FILE (-: standard output); its ending tells the format", "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &o.format, "The format, where no ending tells it", "NAME" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &o.to, "The same", "NAME" },
    { "kind", 0, 0, G_OPTION_ARG_STRING, &o.kind, "schedule (the default), waits, locks, program, states, outcomes", "KIND" },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &o.theme, "light (the default) or dark", "NAME" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &o.report.steps, "Show steps A to B", "A-B" },
    { "rows", 0, 0, G_OPTION_ARG_INT, &o.rows, "Fold the run to about N rows (18)", "N" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &o.report.full, "Fold nothing", NULL },
    { "step", 0, 0, G_OPTION_ARG_INT64, &o.step, "waits: look after step N (the last)", "N" },
    { "scheduler", 0, 0, G_OPTION_ARG_STRING, &o.scheduler, "random (the default), round-robin, pct or priority", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &o.seed_text, "Of the random generator; drawn and printed when not given", "N" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &o.schedule, "Follow 't1 t2*2 t1:timeout', then go on without preemption", "TEXT" },
    { "quantum", 0, 0, G_OPTION_ARG_INT, &o.quantum, "Steps of a slice", "N" },
    { "depth", 0, 0, G_OPTION_ARG_INT, &o.depth, "pct: the depth of bugs aimed at (3)", "D" },
    { "length", 0, 0, G_OPTION_ARG_INT64, &o.length, "pct: the expected number of steps (1000)", "K" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &o.runs, "outcomes: of N runs with seeds from --seed on (1000)", "N" },
    { "states", 0, 0, G_OPTION_ARG_INT, &o.states, "states: at most N of them (5000)", "N" },
    { "max-steps", 0, 0, G_OPTION_ARG_INT64, &o.max_steps, "Cut a run after N steps (50000000)", "N" },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (command, &argc, &argv, entries, &o.model, 1, 2, &status))
    {
      g_autoptr (GError) error = NULL;
      status = MT_EXIT_USAGE;
      gboolean good = settle_options (&o);
      g_autoptr (MtTrace) trace = good && argc > 2 ? mt_trace_load (argv[2], &error) : NULL;
      if (error)
        mt_complain (MT_EXIT_USAGE, "%s", error->message);
      if (trace)
        mt_model_options_take (&o.model, trace);
      if (!o.output)
        o.output = g_strdup ("-");
      g_autoptr (MtProgram) program = good && !error ? load (argv[1], trace, &o) : NULL;
      if (program && settle_schedule (program, trace, &o))
        status = draw_model (program, &o);
    }
  mt_model_options_clear (&o.model);
  g_clear_pointer (&o.script, g_array_unref);
  g_free (o.report.steps);
  gchar *const texts[] = { o.kind, o.format, o.to, o.output, o.theme, o.scheduler, o.seed_text, o.schedule };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  return status;
}

static MtExit
draw (gint argc, gchar **argv)
{
  return mt_draw (&mt_command_draw, argc, argv);
}

const MtCommand mt_command_draw = { "draw", "MODEL [TRACE] -o FILE", "draws a run or a model", draw };

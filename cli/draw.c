/* draw: pictures of a run, or of the model. */
#include "cli/draw.h"
#include "cli/picture.h"
#include "cli/report.h"
#include "cli/schedule.h"
#include "checker/check.h"
#include "checker/states.h"
#include "sim/file.h"
#include "viz/export.h"
#include <errno.h>
#include <string.h>

#define DEFAULT_MAX_STEPS 50000000
#define DEFAULT_COLUMNS 8 /* of one with time from left to right */
#define MAX_FRAMES 1000
#define DEFAULT_RUNS 1000 /* of a histogram */
#define DEFAULT_STATES 5000
#define MAX_SEARCHED 200000 /* states that are looked at for a counterexample to draw */

typedef struct
{
  MtModelOptions model;
  MtReportOptions report;
  gchar *kind, *format, *output, *theme, *frames;
  gboolean horizontal, dark;
  MtScheduleOptions schedule;
  gint runs, rows, states;
  gint64 step;
  /* found out */
  const MtKindRow *kind_row;
  const MtExportRow *format_row;
  MtNeeds needs; /* the kind's, decided */
  MtExit status; /* when drawing fails */
  MtViolation *shown; /* what the counterexample shows; NULL: what the run turns out to */
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
      mt_schedule_follow (&o->schedule, g_array_index (result.shown, MtShown, 0).choices);
      o->shown = mt_violation_copy (result.verdict);
    }
  mt_check_result_clear (&result);
  mt_explore_clear (&x);
  return found;
}

/* Whether the command line leaves it open which run is meant. */
static gboolean
is_open (const Options *o, gboolean trace)
{
  const MtScheduleOptions *given = &o->schedule;
  return !trace && !given->text && !given->seed_text && !given->scheduler && !given->step_time;
}

/* The program, and with it the decision what to draw of it where the command line leaves that open: the
 * counterexample, or else a run under the scheduler and a seed. */
static MtProgram *
load (const gchar *model, const MtTrace *trace, Options *o)
{
  gboolean open = is_open (o, trace != NULL);
  if (o->kind_row->needs == MT_NEEDS_RUN_OR_GRAPH)
    o->needs = open ? MT_NEEDS_GRAPH : MT_NEEDS_RUN;
  else
    o->needs = o->kind_row->needs;
  if (open && o->needs == MT_NEEDS_RUN)
    {
      MtProgram *program = mt_load_program (model, &o->model, MT_TIME_ABSTRACT);
      if (!program || find_counterexample (program, o))
        return program;
      mt_program_unref (program);
    }
  return mt_load_program (model, &o->model, trace ? trace->time : o->needs == MT_NEEDS_GRAPH ? MT_TIME_ABSTRACT : MT_TIME_VIRTUAL);
}

/* The run to be drawn: the script's (a trace, --schedule, a counterexample), or one under the scheduler
 * and the seed. FALSE after telling the user. */
static gboolean
choose_run (const MtProgram *program, Options *o, MtRunResult *result)
{
  mt_schedule_run (&o->schedule, program, (MtRunOptions){ .record = TRUE }, result);
  g_autoptr (GString) why = g_string_new (NULL);
  guint move = result->parted ? mt_schedule_refused (&o->schedule, program, result, why) : 0;
  if (move) /* but a trace that ends before the model does is drawn as far as it goes */
    return o->status = mt_complain (o->schedule.text ? MT_EXIT_USAGE : MT_EXIT_PARTED, "move %u can't be made: %s", move, why->str), FALSE;
  if (result->cut)
    g_printerr ("mtsim: the run was cut after %" G_GUINT64_FORMAT " steps\n", result->steps);
  return TRUE;
}

/* A picture, and what @view tells where it is of a run. FALSE after telling the user. */
static gboolean
write_drawing (const Options *o, const MtKindInput *input, const MtView *view, const gchar *path)
{
  g_autoptr (MtPicture) picture = o->kind_row->draw (input);
  return mt_picture_save (&(MtDrawing){ o->kind_row == mt_kinds[0] ? view : NULL, picture }, o->format_row, path);
}

/* --frames: a picture for each step, 01.svg, 02.svg, ..., with room for the steps to come. A run that is
 * longer than a slide goes over to the next one. */
static gboolean
write_frames (const Options *o, MtKindInput *input, const MtViolation *violation, const MtViewOptions *options)
{
  guint first = MAX (options->from, 1), last = options->to ? MIN (options->to, input->n) : input->n, page = options->max_rows;
  g_autofree gchar *most = g_strdup_printf ("%u", last);
  if (last < first || last - first >= MAX_FRAMES)
    return mt_complain (MT_EXIT_USAGE, "--frames: %u steps, but 1 to %u can be drawn: --steps A-B chooses some", last < first ? 0 : last - first + 1, MAX_FRAMES), FALSE;
  if (g_mkdir_with_parents (o->frames, 0777) != 0)
    return mt_complain (MT_EXIT_USAGE, "--frames: cannot make %s: %s", o->frames, g_strerror (errno)), FALSE;
  for (guint from = first; from <= last; from += page)
    {
      guint to = MIN (from + page - 1, last);
      const MtViewOptions window = { .from = from, .to = to, .full = TRUE, .no_waits = TRUE };
      g_autoptr (MtView) view = mt_view_new (input->program, input->choices, input->n, violation, &window);
      input->view = view;
      for (guint step = from; step <= to; step++)
        {
          g_autofree gchar *name = g_strdup_printf ("%0*u.%s", MAX (2, (gint)strlen (most)), step, o->format_row->ending);
          g_autofree gchar *path = g_build_filename (o->frames, name, NULL);
          input->until = input->step = step;
          if (!write_drawing (o, input, view, path))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
draw_run (const MtProgram *program, Options *o, MtKindInput *input)
{
  MtRunResult result;
  gboolean good = choose_run (program, o, &result);
  if (good)
    {
      MtViewOptions view_options = o->report.view;
      const MtViolation *violation = o->shown ? o->shown : mt_run_verdict (program, &result);
      view_options.full = o->report.full;
      view_options.max_rows = o->rows ? (guint)o->rows : o->horizontal ? DEFAULT_COLUMNS : MT_PICTURE_ROWS;
      input->choices = (const MtChoice *)result.choices->data;
      input->n = result.choices->len;
      input->step = o->step < 0 ? input->n : (guint)MIN (o->step, (gint64)input->n);
      input->cpus = (guint)o->schedule.cpus;
      input->sideways = o->horizontal;
      good = o->frames ? write_frames (o, input, violation, &view_options) : mt_picture_save_run (o->kind_row, input, violation, &view_options, o->format_row, o->output);
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
  return write_drawing (o, input, NULL, o->output);
}

static gint
by_count (gconstpointer a, gconstpointer b)
{
  const MtBar *x = a, *y = b;
  return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp (x->text, y->text);
}

static gchar *
outcome_of (const MtProgram *program, const MtScheduleOptions *schedule)
{
  MtRunResult result;
  g_autoptr (GString) text = g_string_new (NULL);
  mt_schedule_run (schedule, program, (MtRunOptions){ 0 }, &result);
  mt_report_outcome (program, &result, text);
  mt_run_result_clear (&result);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
draw_outcomes (const MtProgram *program, const Options *o, MtKindInput *input)
{
  g_autoptr (GArray) bars = g_array_new (FALSE, FALSE, sizeof (MtBar));
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  MtScheduleOptions schedule = o->schedule;
  for (gint i = 0; i < o->runs; i++, schedule.sched.seed++)
    {
      g_autofree gchar *text = outcome_of (program, &schedule);
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
  return write_drawing (o, input, NULL, o->output);
}

/* Options. */

/* "schedule, timeline, ..."; @note stands after the first. Caller frees. */
static gchar *
kind_names (const gchar *note)
{
  GString *all = g_string_new (NULL);
  for (guint i = 0; mt_kinds[i]; i++)
    g_string_append_printf (all, "%s%s%s", i ? ", " : "", mt_kinds[i]->name, i ? "" : note);
  return g_string_free (all, FALSE);
}

static gboolean
settle_format (Options *o)
{
  const gchar *kind = o->kind ? o->kind : mt_kinds[0]->name;
  o->kind_row = mt_kind_find (kind);
  if (!o->kind_row)
    {
      g_autofree gchar *all = kind_names ("");
      return mt_complain (MT_EXIT_USAGE, "--kind %s: %s expected", kind, all), FALSE;
    }
  o->format_row = mt_picture_format (o->format ? o->format : o->frames && !o->output ? "svg" : NULL, o->output);
  if (!o->format_row)
    return FALSE;
  if ((o->format_row->flags & MT_EXPORT_OF_RUN) && o->kind_row != mt_kinds[0])
    return mt_complain (MT_EXIT_USAGE, "%s shows a run: it goes with --kind %s only", o->format_row->name, mt_kinds[0]->name), FALSE;
  if (o->frames && (o->output || o->kind_row->needs != MT_NEEDS_RUN))
    return mt_complain (MT_EXIT_USAGE, "--frames draws the steps of a run, each into a file of its own: without -o, and not with --kind %s", o->kind_row->name), FALSE;
  if (o->frames && !(o->format_row->flags & MT_EXPORT_STILL))
    return mt_complain (MT_EXIT_USAGE, "--frames draws pictures: svg, png, pdf, dot or tikz, not %s", o->format_row->name), FALSE;
  return mt_picture_theme (o->theme, &o->dark);
}

static gboolean
settle_options (Options *o)
{
  if (g_strcmp0 (o->schedule.scheduler, "exhaustive") == 0)
    g_clear_pointer (&o->schedule.scheduler, g_free); /* what is done anyway where nothing else is said */
  if (!settle_format (o) || !mt_schedule_settle (&o->schedule, o->kind_row->timed))
    return FALSE;
  if (o->runs < 1 || o->rows < 0 || o->states < 1 || o->step < -1)
    return mt_complain (MT_EXIT_USAGE, "a number is out of its range"), FALSE;
  return mt_report_window (&o->report);
}

/* The choices to follow, of the trace or of --schedule. */
static gboolean
settle_script (const MtProgram *program, MtTrace *trace, Options *o)
{
  g_autoptr (GError) error = NULL;
  if (!trace)
    return mt_schedule_bind (&o->schedule, program);
  if (!mt_trace_bind (trace, program, &error))
    return o->status = mt_complain (MT_EXIT_PARTED, "%s", error->message), FALSE;
  mt_schedule_follow (&o->schedule, trace->choices);
  o->schedule.sched.seed = trace->seed;
  return TRUE;
}

static MtExit
draw_model (const MtProgram *program, Options *o)
{
  MtKindInput input = { .program = program, .dark = o->dark };
  gboolean good = FALSE;
  switch (o->needs)
    {
    case MT_NEEDS_RUN:
      good = draw_run (program, o, &input);
      break;
    case MT_NEEDS_PROGRAM:
      good = write_drawing (o, &input, NULL, o->output);
      break;
    case MT_NEEDS_GRAPH:
    case MT_NEEDS_RUN_OR_GRAPH:
      good = draw_states (program, o, &input);
      break;
    case MT_NEEDS_RUNS:
      good = draw_outcomes (program, o, &input);
      break;
    }
  if (good && o->schedule.drawn && (o->needs == MT_NEEDS_RUN || o->needs == MT_NEEDS_RUNS))
    g_printerr ("mtsim: seed %" G_GUINT64_FORMAT "\n", o->schedule.sched.seed);
  return good ? MT_EXIT_HOLDS : o->status;
}

static MtExit
draw (Options *o, gint argc, gchar **argv)
{
  g_autoptr (GError) error = NULL;
  if (!settle_options (o))
    return MT_EXIT_USAGE;
  g_autoptr (MtTrace) trace = argc > 2 ? mt_trace_load (argv[2], &error) : NULL;
  if (error)
    return mt_complain (MT_EXIT_USAGE, "%s", error->message);
  if (trace)
    mt_model_options_take (&o->model, trace);
  g_autoptr (MtProgram) program = load (argv[1], trace, o);
  return program && settle_script (program, trace, o) ? draw_model (program, o) : o->status;
}

/* Targets. */

static const MtTarget *
target_find (const MtTarget *targets, const gchar *name)
{
  for (const MtTarget *t = targets; t && t->name; t++)
    if (g_strcmp0 (name, t->name) == 0)
      return t;
  return NULL;
}

/* What --to says of itself. Caller frees. */
static gchar *
target_names (const MtTarget *targets)
{
  GString *all = g_string_new ("The same");
  for (const MtTarget *t = targets; t && t->name; t++)
    g_string_append_printf (all, "; %s: %s", t->name, t->help);
  return g_string_free (all, FALSE);
}

static MtExit
write_model (const MtTarget *target, Options *o, gint argc, gchar **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  if (argc > 2)
    return mt_complain (MT_EXIT_USAGE, "%s is %s: what is '%s'?", target->name, target->help, argv[2]);
  o->model.no_watch = TRUE; /* monitors of ours are no part of the model */
  g_autoptr (MtProgram) program = mt_load_program (argv[1], &o->model, MT_TIME_ABSTRACT);
  if (program && target->write (program, text, &error) && mt_write_file (o->output, text->str, (gssize)text->len, &error))
    return MT_EXIT_HOLDS;
  return error ? mt_complain (MT_EXIT_USAGE, "%s", error->message) : MT_EXIT_USAGE;
}

MtExit
mt_draw (const MtCommand *command, const MtTarget *targets, gint argc, gchar **argv)
{
  g_autofree gchar *kinds = kind_names (" (the default)"), *others = target_names (targets);
  Options o = { .status = MT_EXIT_USAGE, .schedule.max_steps = DEFAULT_MAX_STEPS, .runs = DEFAULT_RUNS, .states = DEFAULT_STATES, .step = -1 };
  const GOptionEntry own[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output, "Write FILE (-: standard output); its ending tells the format", "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &o.format, "The format, where no ending tells it", "NAME" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &o.format, others, "NAME" },
    { "kind", 0, 0, G_OPTION_ARG_STRING, &o.kind, kinds, "KIND" },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &o.theme, "light (the default) or dark", "NAME" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &o.report.steps, "Show steps A to B", "A-B" },
    { "horizontal", 0, 0, G_OPTION_ARG_NONE, &o.horizontal, "schedule: time goes from left to right", NULL },
    { "frames", 0, 0, G_OPTION_ARG_FILENAME, &o.frames, "A picture after each step, DIR/01.svg and so on (--format: another)", "DIR" },
    { "rows", 0, 0, G_OPTION_ARG_INT, &o.rows, "Fold the run to N rows (14, or 8 columns: what a slide holds)", "N" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &o.report.full, "Fold nothing", NULL },
    { "step", 0, 0, G_OPTION_ARG_INT64, &o.step, "waits, locks: look at the run up to step N (the last)", "N" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &o.runs, "outcomes: of N runs with seeds from --seed on (1000)", "N" },
    { "states", 0, 0, G_OPTION_ARG_INT, &o.states, "states, locks: look at N states at most (5000)", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autofree GOptionEntry *entries = mt_schedule_entries (&o.schedule, own);
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (command, &argc, &argv, entries, &o.model, 1, 2, &status))
    {
      const MtTarget *target = target_find (targets, o.format);
      if (!o.output && !o.frames)
        o.output = g_strdup ("-");
      status = target ? write_model (target, &o, argc, argv) : draw (&o, argc, argv);
    }
  mt_model_options_clear (&o.model);
  mt_schedule_clear (&o.schedule);
  mt_violation_free (o.shown);
  g_free (o.report.steps);
  gchar *const texts[] = { o.kind, o.format, o.output, o.theme, o.frames };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  return status;
}

static MtExit
run (gint argc, gchar **argv)
{
  return mt_draw (&mt_command_draw, NULL, argc, argv);
}

const MtCommand mt_command_draw = { "draw", "MODEL [TRACE] -o FILE", "draws a run or a model", run };

/* compare: what can happen beside what did: every outcome with its schedules and its exact chance, and how
 * often it came in simulated runs and in runs on real threads. */
#include "checker/chance.h"
#include "checker/check.h"
#include "cli/histogram.h"
#include "cli/picture.h"
#include "cli/real.h"
#include "cli/search.h"
#include "viz/comparison.h"
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define SIMULATED_RUNS 10000
#define REAL_RUNS 1000
#define MAX_STEPS 1000000 /* of a simulated run */
#define MAX_STATES 1000000
#define UNLIKELY 0.001 /* a chi-square that comes more seldom by chance alone is told */

typedef struct
{
  MtModelOptions model;
  MtRealArgs args;
  gint runs, real_runs;
  gint64 max_states;
  gboolean json, quiet;
  gchar *output, *format, *theme; /* of a picture */
  gboolean dark;
  const MtExportRow *format_row;
  /* found out */
  MtExplore explore;
  MtOutcomes outcomes;
  MtHistogram *simulated, *real;
  gint made; /* real runs */
  gint late, crashed; /* of these: had not ended at the deadline; ended by a signal */
  GPtrArray *names; /* of the outcomes in order: those that can be, then the others */
  MtFit fit; /* of the simulated runs */
} Compare;

/* How an outcome is called: the observed values, and whether it is a deadlock. Appends. */
static void
print_end (const MtProgram *program, const MtRunResult *result, GString *out)
{
  if (result->cut)
    g_string_append (out, "(not ended)");
  else
    mt_outcome_print (program, result->state, out);
  if (!result->cut && !result->ended)
    g_string_append (out, " (deadlock)");
}

static gboolean
explore (const MtProgram *program, Compare *c)
{
  const MtExploreOptions options = { .search = mt_searches[0], .all = TRUE, .max_states = (guint64)c->max_states, .reductions = MT_REDUCE_DEAD };
  mt_explore_init (&c->explore, program, &options);
  mt_explore_run (&c->explore);
  gboolean complete = mt_explore_complete (&c->explore);
  mt_outcomes_find (&c->outcomes, &c->explore, complete, complete);
  for (guint i = 0; i < c->outcomes.rows->len; i++)
    {
      const MtOutcomeRow *row = &g_array_index (c->outcomes.rows, MtOutcomeRow, i);
      g_ptr_array_add (c->names, g_strconcat (row->text, row->deadlock ? " (deadlock)" : "", NULL));
    }
  return complete;
}

static void
simulate (const MtProgram *program, Compare *c)
{
  for (gint i = 0; i < c->runs; i++)
    {
      MtRunResult result;
      const MtSchedOptions sched_options = { .seed = c->args.seed + (guint64)i };
      g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("random"), program, &sched_options);
      const MtRunOptions options = { .max_steps = MAX_STEPS };
      g_autoptr (GString) end = g_string_new (NULL);
      mt_run (program, sched, &options, &result);
      print_end (program, &result, end);
      mt_histogram_count (c->simulated, end->str, sched_options.seed);
      mt_run_result_clear (&result);
    }
}

/* On real threads; a model that can't run there is told, and has no such column. */
static void
make_real_runs (const MtProgram *program, Compare *c)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtReal) real = mt_real_new (program, &c->args.real, &error);
  if (error)
    g_printerr ("mtsim: %s\n", error->message);
  for (gint i = 0; real && i < c->real_runs; i++)
    {
      MtRunResult result;
      MtRealFacts facts;
      g_autoptr (GString) end = g_string_new (NULL);
      mt_real_run (real, c->args.seed + (guint64)i, &result, &facts);
      if (facts.end == MT_REAL_FAILED)
        g_printerr ("mtsim: no run on real threads: %s\n", facts.trouble);
      else if (facts.end == MT_REAL_CRASHED)
        g_string_append_printf (end, "(crashed: %s)", g_strsignal (facts.signal));
      else
        print_end (program, &result, end);
      mt_run_result_clear (&result);
      if (facts.end == MT_REAL_FAILED)
        return;
      c->late += facts.end == MT_REAL_LATE;
      c->crashed += facts.end == MT_REAL_CRASHED;
      mt_histogram_count (c->real, end->str, c->args.seed + (guint64)i);
      c->made++;
    }
}

/* Outcomes that came and can't: behind the others. */
static void
add_surprise (const gchar *text, guint count, gpointer data)
{
  Compare *c = data;
  if (!g_ptr_array_find_with_equal_func (c->names, text, g_str_equal, NULL))
    g_ptr_array_add (c->names, g_strdup (text));
}

/* The simulated frequencies against the exact chances. */
static void
test_fit (Compare *c)
{
  const guint n = c->outcomes.rows->len;
  g_autofree gdouble *chances = g_new (gdouble, n + 1);
  g_autofree guint *seen = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++)
    {
      chances[i] = g_array_index (c->outcomes.rows, MtOutcomeRow, i).chance;
      seen[i] = mt_histogram_of (c->simulated, c->names->pdata[i]);
    }
  c->fit = mt_chances_fit (chances, seen, n, (guint)c->runs);
}

static gboolean
is_surprise (const Compare *c, guint i)
{
  return i >= c->outcomes.rows->len && ((const gchar *)c->names->pdata[i])[0] != '('; /* not ended, crashed: no outcomes */
}

static gboolean
any_surprise (const Compare *c)
{
  for (guint i = 0; i < c->names->len; i++)
    if (is_surprise (c, i))
      return TRUE;
  return FALSE;
}

/* Whether it may come to where no end can be reached any more: then a run that has not ended is no wonder. */
static gboolean
may_be_endless (const Compare *c)
{
  return c->outcomes.endless > 0;
}

static gchar *
percent (gdouble part, gdouble whole)
{
  return whole > 0 ? g_strdup_printf ("%.2f%%", 100 * part / whole) : g_strdup ("-");
}

static void
print_row (const Compare *c, guint i, gint width, gint counts)
{
  const MtOutcomeRow *row = i < c->outcomes.rows->len ? &g_array_index (c->outcomes.rows, MtOutcomeRow, i) : NULL;
  const gchar *name = c->names->pdata[i];
  g_autoptr (GString) schedules = g_string_new (NULL);
  if (row && mt_explore_complete (&c->explore) && !row->infinite)
    mt_big_print (&row->schedules, schedules);
  else
    g_string_append (schedules, row && row->infinite ? "infinitely many" : "-");
  const gboolean exact = row && mt_explore_complete (&c->explore);
  g_autofree gchar *chance = exact ? g_strdup_printf ("%.4f%%", 100 * row->chance) : g_strdup ("-");
  g_autofree gchar *simulated = percent (mt_histogram_of (c->simulated, name), c->runs), *real = percent (mt_histogram_of (c->real, name), c->made);
  g_print ("%s%*s  %-9s  %*s  %9s  %9s  %8s\n", name, width - (gint)mt_display_width (name), "", row ? "yes" : is_surprise (c, i) ? "NO" : "", counts, schedules->str, chance, simulated, real);
}

static void
print_table (const MtProgram *program, const Compare *c)
{
  guint width = 7, counts = 9;
  for (guint i = 0; i < c->names->len; i++)
    {
      g_autoptr (GString) schedules = g_string_new (NULL);
      if (i < c->outcomes.rows->len)
        mt_big_print (&g_array_index (c->outcomes.rows, MtOutcomeRow, i).schedules, schedules);
      width = MAX (width, mt_display_width (c->names->pdata[i]));
      counts = MAX (counts, (guint)schedules->len);
      if (i < c->outcomes.rows->len && g_array_index (c->outcomes.rows, MtOutcomeRow, i).infinite)
        counts = MAX (counts, (guint)strlen ("infinitely many"));
    }
  g_print ("%s\n%d simulated runs, %d on real threads, seeds from %" G_GUINT64_FORMAT "\n\n", program->title, c->runs, c->made, c->args.seed);
  g_print ("%-*s  %-9s  %*s  %9s  %9s  %8s\n", (gint)width, "outcome", "reachable", (gint)counts, "schedules", "exact", "simulated", "real");
  for (guint i = 0; i < c->names->len; i++)
    print_row (c, i, (gint)width, (gint)counts);
  g_print ("\n");
  if (!mt_explore_complete (&c->explore))
    g_print ("Not every state was seen (%u): what can be is not fully known, and there are no exact chances.\n", c->explore.store.n);
  if (c->outcomes.endless > 0)
    g_print ("With a chance of %.4f%% no end can be reached any more.\n", 100 * c->outcomes.endless);
  if (c->outcomes.rest > 1e-9)
    g_print ("The chances are exact but for %.2g, which goes round in circles.\n", c->outcomes.rest);
  if (c->fit.df)
    g_print ("The simulated runs %s the exact chances: chi-square %.2f with %u degrees of freedom, p = %.3f.\n", c->fit.tail < UNLIKELY ? "DO NOT FIT" : "fit", c->fit.statistic, c->fit.df, c->fit.tail);
  if (c->late)
    g_print ("%d of the real runs had not ended at the deadline%s.\n", c->late, may_be_endless (c) ? ", which the model allows" : "");
  if (c->crashed)
    g_print ("%d of the real runs crashed.\n", c->crashed);
  if (any_surprise (c))
    g_print ("A surprise: an outcome came that the model does not allow%s.\n", mt_explore_complete (&c->explore) ? "" : ", as far as was seen");
}

static void
add_double (JsonBuilder *b, const gchar *name, gdouble value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_double_value (b, value);
}

static void
add_int (JsonBuilder *b, const gchar *name, gint64 value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, value);
}

static void
add_text (JsonBuilder *b, const gchar *name, const gchar *value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, value);
}

static void
print_json (const MtProgram *program, const Compare *c, const gchar *verdict)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autofree gchar *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, c->args.seed);
  const gboolean complete = mt_explore_complete (&c->explore);
  json_builder_begin_object (b);
  add_text (b, "title", program->title);
  add_text (b, "verdict", verdict);
  add_text (b, "seed", seed);
  add_int (b, "simulated-runs", c->runs);
  add_int (b, "real-runs", c->made);
  json_builder_set_member_name (b, "outcomes");
  json_builder_begin_array (b);
  for (guint i = 0; i < c->names->len; i++)
    {
      const MtOutcomeRow *row = i < c->outcomes.rows->len ? &g_array_index (c->outcomes.rows, MtOutcomeRow, i) : NULL;
      g_autoptr (GString) schedules = g_string_new (row && row->infinite ? "infinitely many" : "");
      json_builder_begin_object (b);
      add_text (b, "outcome", c->names->pdata[i]);
      json_builder_set_member_name (b, "reachable");
      json_builder_add_boolean_value (b, row != NULL);
      if (row && complete)
        {
          if (!row->infinite)
            mt_big_print (&row->schedules, schedules);
          add_text (b, "schedules", schedules->str);
          add_double (b, "chance", row->chance);
        }
      add_int (b, "simulated", mt_histogram_of (c->simulated, c->names->pdata[i]));
      add_int (b, "real", mt_histogram_of (c->real, c->names->pdata[i]));
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
  if (complete)
    add_double (b, "endless", c->outcomes.endless);
  if (c->fit.df)
    {
      add_double (b, "chi-square", c->fit.statistic);
      add_int (b, "degrees-of-freedom", c->fit.df);
      add_double (b, "p", c->fit.tail);
    }
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree gchar *json = json_to_string (root, TRUE);
  g_print ("%s\n", json);
}

/* -o: the table as a picture. FALSE after telling the user. */
static gboolean
draw (const MtProgram *program, const Compare *c)
{
  g_autofree MtComparisonRow *rows = g_new0 (MtComparisonRow, c->names->len + 1);
  for (guint i = 0; i < c->names->len; i++)
    {
      const gchar *name = c->names->pdata[i];
      const gboolean exact = i < c->outcomes.rows->len && mt_explore_complete (&c->explore);
      rows[i] = (MtComparisonRow){ .text = name, .surprise = is_surprise (c, i) };
      rows[i].shares[0] = exact ? g_array_index (c->outcomes.rows, MtOutcomeRow, i).chance : -1;
      rows[i].shares[1] = c->runs ? mt_histogram_of (c->simulated, name) / (gdouble)c->runs : -1;
      rows[i].shares[2] = c->made ? mt_histogram_of (c->real, name) / (gdouble)c->made : -1;
    }
  const MtComparison comparison = { program->title, rows, c->names->len, (guint)c->runs, (guint)c->made, c->dark };
  g_autoptr (MtPicture) picture = mt_comparison_draw (&comparison);
  return mt_picture_save (&(MtDrawing){ NULL, picture }, c->format_row, c->output);
}

/* The picture's options. FALSE after telling the user. */
static gboolean
settle_picture (Compare *c)
{
  c->format_row = c->output ? mt_picture_format (c->format, c->output) : NULL;
  if (c->output && !c->format_row)
    return FALSE;
  if (c->format_row && (c->format_row->flags & MT_EXPORT_OF_RUN))
    return mt_complain (MT_EXIT_USAGE, "%s shows a run, and here are many", c->format_row->name), FALSE;
  return mt_picture_theme (c->theme, &c->dark);
}

static MtExit
compare_program (const MtProgram *program, const MtProgram *timed, Compare *c)
{
  const gboolean complete = explore (program, c);
  simulate (program, c);
  if (c->real_runs)
    make_real_runs (timed, c);
  mt_histogram_each (c->simulated, add_surprise, c);
  mt_histogram_each (c->real, add_surprise, c);
  if (complete)
    test_fit (c);
  const gboolean wrong = any_surprise (c) && complete, late = c->late && !may_be_endless (c);
  const gchar *verdict = wrong ? "SURPRISE" : c->crashed ? "INCOMPLETE(crash)" : !complete ? "INCOMPLETE(states)" : late ? "INCOMPLETE(deadline)" : "PASS";
  if (c->output && !draw (program, c))
    return MT_EXIT_USAGE;
  if (c->json)
    print_json (program, c, verdict);
  else
    {
      if (!c->quiet)
        print_table (program, c);
      g_print ("%s\n", verdict);
    }
  return wrong ? MT_EXIT_VIOLATED : c->crashed ? MT_EXIT_BUG : complete && !late ? MT_EXIT_HOLDS : MT_EXIT_INCOMPLETE;
}

static MtExit
compare (gint argc, gchar **argv)
{
  Compare c = { .runs = SIMULATED_RUNS, .real_runs = REAL_RUNS, .max_states = MAX_STATES };
  MtExit status = MT_EXIT_USAGE;
  mt_real_args_init (&c.args);
  const GOptionEntry own[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT, &c.runs, "Simulated runs (10000)", "N" },
    { "real-runs", 0, 0, G_OPTION_ARG_INT, &c.real_runs, "Runs on real threads (1000)", "N" },
    { "max-states", 0, 0, G_OPTION_ARG_INT64, &c.max_states, "Look at N states at most (1000000)", "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &c.output, "Draw the table to FILE; its ending tells the format", "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &c.format, "The picture's, where the ending does not tell", "NAME" },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &c.theme, "Of the picture: light, dark", "NAME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &c.json, "A machine-readable result", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &c.quiet, "Only the verdict", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autofree GOptionEntry *entries = mt_real_args_entries (&c.args, own);
  if (mt_parse_options (&mt_command_compare, &argc, &argv, entries, &c.model, 1, 1, &status))
    {
      status = MT_EXIT_USAGE;
      c.model.no_watch = TRUE; /* lost updates are no outcome */
      gboolean good = c.runs >= 0 && c.real_runs >= 0 && c.max_states > 0;
      if (!good)
        mt_complain (MT_EXIT_USAGE, "numbers must not be negative");
      good = good && mt_real_args_settle (&c.args) && settle_picture (&c);
      g_autoptr (MtProgram) program = good ? mt_load_program (argv[1], &c.model, MT_TIME_ABSTRACT) : NULL;
      c.model.silent = TRUE;
      g_clear_pointer (&c.model.time, g_free); /* real threads keep real time */
      g_autoptr (MtProgram) timed = program ? mt_load_program (argv[1], &c.model, MT_TIME_VIRTUAL) : NULL;
      if (timed)
        {
          c.simulated = mt_histogram_new ();
          c.real = mt_histogram_new ();
          c.names = g_ptr_array_new_with_free_func (g_free);
          status = compare_program (program, timed, &c);
          mt_histogram_free (c.simulated);
          mt_histogram_free (c.real);
          g_ptr_array_unref (c.names);
          mt_outcomes_clear (&c.outcomes);
          mt_explore_clear (&c.explore);
        }
    }
  g_free (c.output);
  g_free (c.format);
  g_free (c.theme);
  mt_real_args_clear (&c.args);
  mt_model_options_clear (&c.model);
  return status;
}

const MtCommand mt_command_compare = { "compare", "MODEL", "puts what can happen beside what happens", compare };

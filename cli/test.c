/* test: models against their own `expect:`, as TAP (testanything.org, version 13). Every schedule of each
 * is searched; a model too large for that says in its expect with which params it is to be tried. */
#include "cli/search.h"
#include "sim/file.h"
#include <string.h>

typedef struct
{
  guint number, failed, skipped;
  gdouble time_limit;
} Tally;

static gint
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *)a, *(const gchar *const *)b);
}

/* The models of @path, a file or a folder with what is below it, in the order of their names. */
static void
collect (const gchar *path, GPtrArray *out)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  if (!dir)
    {
      g_ptr_array_add (out, g_strdup (path));
      return;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const gchar *name; (name = g_dir_read_name (dir));)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, by_name); /* a folder has no order of its own */
  for (guint i = 0; i < names->len; i++)
    if (g_file_test (names->pdata[i], G_FILE_TEST_IS_DIR))
      collect (names->pdata[i], out);
    else if (g_str_has_suffix (names->pdata[i], ".yaml") || g_str_has_suffix (names->pdata[i], ".yml"))
      g_ptr_array_add (out, g_strdup (names->pdata[i]));
}

static void
report (Tally *tally, gboolean good, const gchar *path, const gchar *directive, const gchar *detail)
{
  g_print ("%s %u - %s%s\n", good ? "ok" : "not ok", ++tally->number, path, directive);
  if (!good)
    {
      gchar **lines = g_strsplit (detail, "\n", -1);
      for (guint i = 0; lines[i]; i++)
        g_print ("# %s\n", lines[i]);
      g_strfreev (lines);
      tally->failed++;
    }
}

/* What the search showed, by the words that expect uses; without one word twice. */
static GPtrArray *
names_of (const MtCheckResult *result)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < result->shown->len; i++)
    {
      const gchar *name = mt_verdict_name (g_array_index (result->shown, MtShown, i).violation.kind);
      if (g_array_index (result->shown, MtShown, i).violation.kind != MT_PASS && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, (gpointer)name);
    }
  g_ptr_array_add (names, NULL);
  return names;
}

/* NULL: as expected; else what is wrong. Caller frees. */
static gchar *
compare_verdict (const MtModel *model, const MtCheckResult *result)
{
  const gchar *got = result->verdict ? mt_verdict_name (result->verdict->kind) : result->incomplete ? "incomplete" : "pass";
  GPtrArray *wanted = model->expect.verdicts;
  g_autoptr (GPtrArray) names = names_of (result);
  g_autoptr (GString) all = g_string_new (NULL);
  gboolean good = g_ptr_array_find_with_equal_func (wanted, got, g_str_equal, NULL) || (!result->verdict && !result->incomplete);
  for (guint i = 0; i < wanted->len; i++)
    {
      const gchar *word = wanted->pdata[i];
      g_string_append_printf (all, "%s%s", i ? ", " : "", word);
      good = good && (g_str_equal (word, "pass") ? !result->verdict : g_strv_contains ((const gchar *const *)names->pdata, word));
    }
  return good ? NULL : g_strdup_printf ("expected %s, got %s%s%s%s", all->str, got, result->incomplete ? " (" : "", result->incomplete ? result->incomplete : "", result->incomplete ? ")" : "");
}

static gchar *
compare_outcomes (const MtModel *model, const MtProgram *program, const Tally *tally)
{
  const MtNode *wanted = model->expect.outcomes;
  if (!wanted)
    return NULL;
  const MtExploreOptions options = { .search = mt_searches[0], .all = TRUE, .reductions = MT_REDUCE_DEAD, .time_limit = tally->time_limit };
  MtExplore x;
  MtOutcomes outcomes;
  mt_explore_init (&x, program, &options);
  mt_explore_run (&x);
  mt_outcomes_find (&outcomes, &x, FALSE);
  g_autoptr (GString) wrong = g_string_new (NULL);
  for (guint i = 0; i < outcomes.rows->len; i++)
    {
      gboolean expected = FALSE;
      for (guint k = 0; k < wanted->n; k++)
        expected = expected || g_strcmp0 (wanted->items[k]->text, g_array_index (outcomes.rows, MtOutcomeRow, i).text) == 0;
      if (!expected)
        g_string_append_printf (wrong, "%sunexpected outcome: %s", wrong->len ? "\n" : "", g_array_index (outcomes.rows, MtOutcomeRow, i).text);
    }
  for (guint k = 0; k < wanted->n; k++)
    {
      gboolean found = FALSE;
      for (guint i = 0; i < outcomes.rows->len; i++)
        found = found || g_strcmp0 (wanted->items[k]->text, g_array_index (outcomes.rows, MtOutcomeRow, i).text) == 0;
      if (!found)
        g_string_append_printf (wrong, "%sno schedule ends in: %s", wrong->len ? "\n" : "", wanted->items[k]->text);
    }
  if (x.cuts)
    g_string_append_printf (wrong, "%sthe outcomes are not complete", wrong->len ? "\n" : "");
  mt_outcomes_clear (&outcomes);
  mt_explore_clear (&x);
  return wrong->len ? g_strdup (wrong->str) : NULL;
}

/* The params that expect wants the model tried with. */
static GArray *
overrides_of (const MtModel *model)
{
  GArray *overrides = g_array_new (FALSE, TRUE, sizeof (MtOverride));
  const MtNode *params = model->expect.params;
  for (guint i = 0; params && i < params->n; i++)
    {
      MtOverride row = { params->keys[i]->text, params->items[i]->text ? params->items[i]->text : "" };
      g_array_append_val (overrides, row);
    }
  return overrides;
}

static void
test_model (const gchar *path, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  if (model && !model->expect.given)
    {
      report (tally, TRUE, path, " # SKIP it has no expect", "");
      tally->skipped++;
      return;
    }
  g_autoptr (GArray) overrides = model ? overrides_of (model) : NULL;
  const MtCompileOptions compile = { MT_TIME_ABSTRACT, TRUE, overrides ? (const MtOverride *)overrides->data : NULL, overrides ? overrides->len : 0 };
  g_autoptr (MtProgram) program = model ? mt_compile (model, &compile, &error) : NULL;
  if (!program)
    {
      report (tally, FALSE, path, "", error->message);
      return;
    }
  const MtExploreOptions options = { .search = mt_searches[0], .all = model->expect.verdicts->len > 1, .reductions = MT_REDUCE_ALL, .time_limit = tally->time_limit };
  MtExplore x;
  MtCheckResult result;
  mt_check_search (&x, program, &options);
  mt_check_result_init (&result, &x);
  g_autofree gchar *wrong = compare_verdict (model, &result);
  if (!wrong)
    wrong = compare_outcomes (model, program, tally);
  report (tally, !wrong, path, "", wrong);
  mt_check_result_clear (&result);
  mt_explore_clear (&x);
}

static MtExit
test (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  Tally tally = { .time_limit = 60 };
  const GOptionEntry entries[] = {
    { "time-limit", 0, 0, G_OPTION_ARG_DOUBLE, &tally.time_limit, "Seconds for one model (60); more is a failure", "S" },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status;
  if (mt_parse_options (&mt_command_test, &argc, &argv, entries, &options, 1, -1, &status))
    {
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      for (gint i = 1; i < argc; i++)
        {
          g_autofree gchar *found = mt_find_model (argv[i]);
          collect (found, paths);
        }
      g_print ("TAP version 13\n1..%u\n", paths->len);
      for (guint i = 0; i < paths->len; i++)
        test_model (paths->pdata[i], &tally);
      g_print ("# %u passed, %u failed, %u skipped\n", tally.number - tally.failed - tally.skipped, tally.failed, tally.skipped);
      status = tally.failed ? MT_EXIT_VIOLATED : MT_EXIT_HOLDS;
    }
  mt_model_options_clear (&options);
  return status;
}

const MtCommand mt_command_test = { "test", "PATH...", "tries models against their own expect, as TAP", test };

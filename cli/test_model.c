/* One model against its own `expect:`. A model too large for every schedule to be searched says there with
 * which params it is to be tried. */
#include "cli/search.h"
#include "cli/test.h"

/* What the search showed, by the words that expect uses; without one word twice. */
static GPtrArray *
names_of (const MtCheckResult *result)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < result->shown->len; i++)
    {
      const gchar *name =
          mt_verdict_name (g_array_index (result->shown, MtShown, i).violation.kind);
      if (g_array_index (result->shown, MtShown, i).violation.kind != MT_PASS
          && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, (gpointer)name);
    }
  g_ptr_array_add (names, NULL);
  return names;
}

static void
compare_verdict (const MtModel *model, const MtCheckResult *found, MtTestResult *result)
{
  const gchar *got = found->verdict      ? mt_verdict_name (found->verdict->kind)
                     : found->incomplete ? "incomplete"
                                         : "pass";
  GPtrArray *wanted = model->expect.verdicts, *names = names_of (found);
  g_autoptr (GString) all = g_string_new (NULL);
  gboolean good =
      !found->verdict || g_ptr_array_find_with_equal_func (wanted, got, g_str_equal, NULL);
  for (guint i = 0; i < wanted->len; i++)
    {
      const gchar *word = wanted->pdata[i];
      g_string_append_printf (all, "%s%s", i ? ", " : "", word);
      good = good
             && (g_str_equal (word, "pass")
                     ? !found->verdict
                     : g_strv_contains ((const gchar *const *)names->pdata, word));
    }
  if (found->incomplete && !found->verdict)
    result->kind = MT_TEST_INCOMPLETE;
  else if (!good)
    result->kind = MT_TEST_FAILED;
  if (result->kind != MT_TEST_PASSED)
    result->reason =
        g_strdup_printf ("expected %s, got %s%s%s%s", all->str, got, found->incomplete ? " (" : "",
                         found->incomplete ? found->incomplete : "", found->incomplete ? ")" : "");
  g_ptr_array_unref (names);
}

static gboolean
outcome_wanted (const MtNode *wanted, const gchar *text)
{
  for (guint k = 0; k < wanted->n; k++)
    if (g_strcmp0 (wanted->items[k]->text, text) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
outcome_found (const MtOutcomes *outcomes, const gchar *text)
{
  for (guint i = 0; i < outcomes->rows->len; i++)
    if (g_strcmp0 (text, g_array_index (outcomes->rows, MtOutcomeRow, i).text) == 0)
      return TRUE;
  return FALSE;
}

static void
compare_outcomes (const MtModel *model, const MtProgram *program, const MtExploreOptions *checked,
                  MtTestResult *result)
{
  const MtNode *wanted = model->expect.outcomes;
  MtExploreOptions options = *checked;
  options.all = TRUE;
  options.reductions = MT_REDUCE_DEAD; /* the others leave schedules out */
  MtExplore x;
  MtOutcomes outcomes;
  mt_explore_init (&x, program, &options);
  mt_explore_run (&x);
  mt_outcomes_find (&outcomes, &x, FALSE, FALSE);
  g_autoptr (GString) wrong = g_string_new (NULL);
  for (guint i = 0; i < outcomes.rows->len; i++)
    {
      const gchar *text = g_array_index (outcomes.rows, MtOutcomeRow, i).text;
      if (!outcome_wanted (wanted, text))
        g_string_append_printf (wrong, "unexpected outcome: %s\n", text);
    }
  for (guint k = 0; k < wanted->n && !x.cuts; k++)
    if (!outcome_found (&outcomes, wanted->items[k]->text))
      g_string_append_printf (wrong, "no schedule ends in: %s\n", wanted->items[k]->text);
  if (wrong->len || x.cuts)
    {
      result->kind = wrong->len ? MT_TEST_FAILED : MT_TEST_INCOMPLETE;
      result->reason =
          g_strdup (wrong->len ? "other outcomes than expected" : "not all outcomes were seen");
      result->details = g_strdup (wrong->str);
    }
  mt_outcomes_clear (&outcomes);
  mt_explore_clear (&x);
}

/* The params that expect wants the model tried with. */
static GArray *
overrides_of (const MtModel *model)
{
  GArray *overrides = g_array_new (FALSE, TRUE, sizeof (MtOverride));
  const MtNode *params = model->expect.params;
  for (guint i = 0; params && i < params->n; i++)
    {
      MtOverride row = { params->keys[i]->text,
                         params->items[i]->text ? params->items[i]->text : "" };
      g_array_append_val (overrides, row);
    }
  return overrides;
}

/* "again  mtsim check race.yaml -p n=3": appended to what is told. */
static void
add_command (MtTestResult *result, const GArray *overrides)
{
  GString *lines = g_string_new (result->details);
  g_string_append_printf (lines, "again: %s check", mt_called ());
  mt_append_argument (lines, result->path);
  for (guint i = 0; i < overrides->len; i++)
    {
      const MtOverride *row = &g_array_index (overrides, MtOverride, i);
      g_autofree gchar *param = g_strdup_printf ("%s=%s", row->name, row->value);
      g_string_append (lines, " -p");
      mt_append_argument (lines, param);
    }
  g_string_append_c (lines, '\n');
  g_free (result->details);
  result->details = g_string_free (lines, FALSE);
}

static void
search (const MtModel *model, const MtProgram *program, gsize memory, gdouble time_limit,
        MtTestResult *result)
{
  const MtExploreOptions options = { .search = mt_searches[0],
                                     .all = model->expect.verdicts->len > 1,
                                     .reductions = MT_REDUCE_ALL,
                                     .memory = memory,
                                     .time_limit = time_limit };
  MtExplore x;
  MtCheckResult found;
  mt_check_search (&x, program, &options);
  mt_check_result_init (&found, &x);
  compare_verdict (model, &found, result);
  if (result->kind == MT_TEST_PASSED && model->expect.outcomes)
    compare_outcomes (model, program, &options, result);
  mt_check_result_clear (&found);
  mt_explore_clear (&x);
}

MtTestResult
mt_test_model (const gchar *path, gsize memory, gdouble time_limit)
{
  MtTestResult result = { .path = g_strdup (path) };
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  g_autoptr (GArray) overrides = model ? overrides_of (model) : NULL;
  const MtCompileOptions compile = { MT_TIME_ABSTRACT, TRUE,
                                     overrides ? (const MtOverride *)overrides->data : NULL,
                                     overrides ? overrides->len : 0 };
  g_autoptr (MtProgram) program = model ? mt_compile (model, &compile, &error) : NULL;
  if (program && !model->expect.given)
    {
      result.kind = MT_TEST_SKIPPED;
      result.reason = g_strdup ("it has no expect");
    }
  else if (program)
    search (model, program, memory, time_limit, &result);
  else
    {
      result.kind = MT_TEST_ERROR;
      result.reason = g_strdup (error->domain == MT_ERROR && error->code == MT_ERROR_FILE
                                    ? "it cannot be read"
                                    : "it is no valid model");
      result.details = g_strconcat (error->message, "\n", NULL);
    }
  if (result.kind == MT_TEST_FAILED || result.kind == MT_TEST_INCOMPLETE)
    add_command (&result, overrides);
  return result;
}

void
mt_test_result_clear (MtTestResult *result)
{
  g_free (result->path);
  g_free (result->reason);
  g_free (result->details);
}

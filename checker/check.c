/* See check.h. */
#include "checker/check.h"
#include "checker/figures.h"

/* A shorter run is looked for among this many states at least, and so many times those of the search. */
#define SHORTEN_STATES 100000
#define SHORTEN_TIMES 4

/* Of the ends the reduced search keeps the length, but other violations may be reached there with steps
 * of other tasks in between that a shorter run leaves out. */
void
mt_check_search (MtExplore *x, const MtProgram *program, const MtExploreOptions *options)
{
  mt_explore_init (x, program, options);
  mt_explore_run (x);
  const MtFound *worst = mt_properties_worst (&x->properties);
  if (!worst || options->all || !options->search->shortest || !(mt_reducer_used (x->reducer) & MT_REDUCE_POR)
      || worst->kind == MT_FAIL_REACHABLE || worst->length < 2)
    return;
  MtExplore other;
  MtExploreOptions *without = g_memdup2 (options, sizeof *options);
  without->reductions &= ~(guint)MT_REDUCE_POR;
  without->max_depth = worst->length - 1;
  without->max_states = MAX (SHORTEN_STATES, SHORTEN_TIMES * (guint64)x->store.n);
  mt_explore_init (&other, program, without);
  other.own_options = without;
  mt_explore_run (&other);
  x->perhaps_longer = other.cuts & ~(guint)MT_CUT_DEPTH && !mt_properties_worst (&other.properties);
  if (mt_properties_worst (&other.properties))
    {
      mt_explore_clear (x);
      *x = other;
      x->cuts = 0;
    }
  else
    mt_explore_clear (&other);
}

static void
shown_clear (gpointer data)
{
  MtShown *shown = data;
  mt_violation_clear (&shown->violation);
  g_array_unref (shown->choices);
}

static void
show (MtCheckResult *result, const MtExplore *x, const MtFound *f)
{
  MtShown shown = { .level = f->kind == MT_PASS ? MT_ALLOWED : mt_verdict_level (x->program, f->kind) };
  shown.choices = mt_counterexample_path (x, f);
  /* a search that took this step and found this there finds it there again */
  g_assert (mt_counterexample_judge (x, f, shown.choices, &shown.violation));
  mt_violation_clear (&shown.violation);
  mt_counterexample_smooth (x, f, shown.choices);
  g_assert (mt_counterexample_judge (x, f, shown.choices, &shown.violation));
  g_array_append_val (result->shown, shown);
}

/* The shortest first; of equally short ones the weightiest. */
static gint
compare_findings (gconstpointer a, gconstpointer b, gpointer data)
{
  const MtFound *x = a, *y = b;
  MtVerdictLevel p = mt_verdict_level (data, x->kind), q = mt_verdict_level (data, y->kind);
  if (p != q)
    return p > q ? -1 : 1;
  if (x->length != y->length)
    return x->length < y->length ? -1 : 1;
  if (x->kind != y->kind)
    return x->kind < y->kind ? -1 : 1;
  return x->pc != y->pc ? (x->pc < y->pc ? -1 : 1) : x->property - y->property;
}

void
mt_check_result_init (MtCheckResult *result, MtExplore *x)
{
  *result = (MtCheckResult){ .shown = g_array_new (FALSE, TRUE, sizeof (MtShown)) };
  g_array_set_clear_func (result->shown, shown_clear);
  g_array_sort_with_data (x->properties.findings, compare_findings, (gpointer)x->program);
  for (guint i = 0; i < x->properties.findings->len; i++)
    show (result, x, &g_array_index (x->properties.findings, MtFound, i));
  for (guint i = 0; i < x->properties.witnesses->len; i++)
    show (result, x, &g_array_index (x->properties.witnesses, MtFound, i));
  const MtShown *first = result->shown->len ? &g_array_index (result->shown, MtShown, 0) : NULL;
  if (first && first->level == MT_FORBIDDEN)
    result->verdict = &first->violation;
  result->incomplete = g_strdup (mt_figures_cut (x));
}

void
mt_check_result_clear (MtCheckResult *result)
{
  g_array_unref (result->shown);
  g_free (result->incomplete);
}

/* See check.h. */
#include "checker/check.h"
#include "checker/figures.h"

/* A shorter run is looked for among this many states at least, divided by the number of tasks, and so
 * many times those of the search. */
#define SHORTEN_STATES 500000
#define SHORTEN_TIMES 4

/* A search for the first counterexample that goes on for long (this many transitions, divided by the square
 * of the number of tasks: what one costs grows with them) tries its luck: many have one that a few
 * walks find, and that breadth first is found only after all that is shorter. With a few walks at first; and with more of them where
 * it has gone on for so many times longer. */
#define PATIENCE 30000000
#define PATIENCE_TIMES 128
#define LUCKY_WALKS 4
#define LUCKY_TIMES 4
#define MAX_LUCKY_WALKS 64
#define LUCKY_DEPTH 2000

/* The options of another search on behalf of @x: the same, but for the time that is left. NULL: none is. */
static MtExploreOptions *
options_left (const MtExplore *x)
{
  MtExploreOptions *options = g_memdup2 (x->options, sizeof *options);
  options->checkpoint = NULL;
  if (options->time_limit <= 0)
    return options;
  options->time_limit -= (gdouble)(g_get_monotonic_time () - x->started) / G_USEC_PER_SEC;
  if (options->time_limit <= 0)
    g_clear_pointer (&options, g_free);
  return options;
}

static void
try_luck (MtExplore *x)
{
  MtExplore walks;
  MtExploreOptions *options = options_left (x);
  const guint64 tried = x->lucky_walks;
  x->lucky_walks = tried ? tried * LUCKY_TIMES : LUCKY_WALKS;
  x->patience *= PATIENCE_TIMES;
  if (!options || x->lucky_walks >= MAX_LUCKY_WALKS)
    x->impatient = NULL;
  if (!options)
    return;
  options->search = &mt_search_walk;
  options->walks = x->lucky_walks;
  options->max_depth = options->max_depth ? MIN (options->max_depth, LUCKY_DEPTH) : LUCKY_DEPTH;
  options->seed = x->lucky_walks; /* any: the same each time, but another for other walks */
  options->reductions = 0;
  options->progress = NULL;
  mt_explore_init (&walks, x->program, options);
  walks.own_options = options;
  walks.walked = tried;
  mt_explore_run (&walks);
  if (mt_properties_worst (&walks.properties))
    {
      walks.started = x->started;
      x->elsewhere = g_memdup2 (&walks, sizeof walks);
      x->stop = TRUE;
    }
  else
    mt_explore_clear (&walks);
}

static void
replace (MtExplore *x, const MtExplore *by)
{
  mt_explore_clear (x);
  *x = *by;
  x->cuts = 0;
}

/* Of the ends the reduced search keeps the length, but other violations may be reached there with steps
 * of other tasks in between that a shorter run leaves out; and what walks find has any length. */
static void
look_for_shorter (MtExplore *x, guint length)
{
  MtExplore other;
  MtExploreOptions *without = options_left (x);
  if (!without)
    {
      x->perhaps_longer = TRUE;
      return;
    }
  without->search = &mt_search_bfs;
  without->reductions &= ~(guint)(MT_REDUCE_POR | MT_REDUCE_FUSION);
  without->max_depth = length - 1;
  guint64 enough = MAX (SHORTEN_STATES / x->program->n_tasks, SHORTEN_TIMES * mt_explore_states (x));
  without->max_states = without->max_states ? MIN (without->max_states, enough) : enough;
  mt_explore_init (&other, x->program, without);
  other.own_options = without;
  mt_explore_run (&other);
  x->perhaps_longer = other.cuts & ~(guint)MT_CUT_DEPTH && !mt_properties_worst (&other.properties);
  if (mt_properties_worst (&other.properties))
    replace (x, &other);
  else
    mt_explore_clear (&other);
}

void
mt_check_search (MtExplore *x, const MtProgram *program, const MtExploreOptions *options)
{
  mt_explore_init (x, program, options);
  if (!options->all && options->search->shortest)
    {
      x->patience = PATIENCE / (program->n_tasks * program->n_tasks + 1);
      x->impatient = try_luck;
    }
  mt_explore_run (x);
  if (x->elsewhere)
    {
      g_autofree MtExplore *found = g_steal_pointer (&x->elsewhere);
      replace (x, found);
    }
  const MtFound *worst = mt_properties_worst (&x->properties);
  if (!worst || options->all || worst->kind == MT_FAIL_REACHABLE)
    return;
  gboolean walked = x->walked > 0;
  if (walked)
    mt_counterexample_shorten (x, worst);
  gboolean any_length = walked || mt_reducer_used (x->reducer) & MT_REDUCE_POR;
  g_autoptr (GArray) path = mt_counterexample_path (x, worst);
  if (options->search->shortest && any_length && path->len > 1)
    look_for_shorter (x, path->len);
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
  if (x->pc != y->pc)
    return x->pc < y->pc ? -1 : 1;
  return x->property != y->property ? x->property - y->property : x->var - y->var;
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

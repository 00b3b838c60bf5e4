/* See check.h. */
#include "checker/check.h"
#include "sim/primitive.h"

static const struct
{
  MtCut cut;
  const gchar *token, *words;
} cuts[] = {
  { MT_CUT_INTERRUPT, "interrupted", "Ctrl-C" },
  { MT_CUT_MEMORY, "memory", "memory ran out (--memory)" },
  { MT_CUT_TIME, "time", "the time limit (--time-limit)" },
  { MT_CUT_STATES, "states", "the number of states (--max-states)" },
  { MT_CUT_DEPTH, "depth", "the depth bound (--max-depth)" },
  { MT_CUT_BOUND, "preemptions", "the preemption bound (--preemptions)" },
  { MT_CUT_WALKS, "walks", "random walks prove nothing" },
};

static const struct
{
  MtReductions reduction;
  const gchar *words;
} reductions[] = {
  { MT_REDUCE_DEAD, "dead values" },
  { MT_REDUCE_POR, "partial order" },
  { MT_REDUCE_SYMMETRY, "symmetry" },
  { MT_REDUCE_FUSION, "fusion" },
};

/* A shorter run is looked for among this many states at least, divided by the number of tasks, and so
 * many times those of the search. */
#define SHORTEN_STATES 500000
#define SHORTEN_TIMES 4

/* A search for the first counterexample that goes on for long (this many transitions, divided by the square
 * of the number of tasks: what one costs grows with them) tries its luck: many have one that a few
 * walks find, and that breadth first is found only after all that is shorter. */
#define PATIENCE 10000000
#define LUCKY_WALKS 64
#define LUCKY_DEPTH 2000

static void
try_luck (MtExplore *x)
{
  MtExplore walks;
  MtExploreOptions *options = g_memdup2 (x->options, sizeof *options);
  x->impatient = NULL;
  options->search = &mt_search_walk;
  options->walks = LUCKY_WALKS;
  options->max_depth = options->max_depth ? MIN (options->max_depth, LUCKY_DEPTH) : LUCKY_DEPTH;
  options->seed = 1; /* any: the same each time */
  options->reductions = 0;
  options->progress = NULL;
  mt_explore_init (&walks, x->program, options);
  walks.own_options = options;
  mt_explore_run (&walks);
  if (mt_properties_worst (&walks.properties))
    {
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
  MtExploreOptions *without = g_memdup2 (x->options, sizeof *without);
  without->search = &mt_search_bfs;
  without->reductions &= ~(guint)(MT_REDUCE_POR | MT_REDUCE_FUSION);
  without->max_depth = length - 1;
  without->max_states = MAX (SHORTEN_STATES / x->program->n_tasks, SHORTEN_TIMES * (guint64)x->store.n);
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
  if (worst->path)
    mt_counterexample_shorten (x, worst);
  gboolean any_length = worst->path != NULL || mt_reducer_used (x->reducer) & MT_REDUCE_POR;
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
  for (guint i = 0; i < G_N_ELEMENTS (cuts) && !result->incomplete; i++)
    if (x->cuts & cuts[i].cut)
      result->incomplete = g_strdup (cuts[i].token);
}

void
mt_check_result_clear (MtCheckResult *result)
{
  g_array_unref (result->shown);
  g_free (result->incomplete);
}

static void
print_reductions (const MtExplore *x, GString *out)
{
  guint wished = x->options->reductions, used = mt_reducer_used (x->reducer);
  const gchar *before = "";
  g_string_append (out, "reduced   ");
  for (guint i = 0; i < G_N_ELEMENTS (reductions); i++)
    {
      const gchar *why = mt_reducer_why_not (x->reducer, reductions[i].reduction);
      if (!(wished & reductions[i].reduction))
        continue;
      if (used & reductions[i].reduction)
        g_string_append_printf (out, "%s%s", before, reductions[i].words);
      else
        g_string_append_printf (out, "%sno %s (%s)", before, reductions[i].words, x->options->search->unfit & reductions[i].reduction ? "not in this search" : why);
      before = ", ";
    }
  g_string_append (out, *before ? "\n" : "nothing\n");
}

void
mt_check_print_figures (const MtExplore *x, gboolean costs, GString *out)
{
  const MtSearch *search = x->options->search;
  if (x->walked)
    g_string_append_printf (out, "walks     %" G_GUINT64_FORMAT ", steps %" G_GUINT64_FORMAT ", depth %u, seed %" G_GUINT64_FORMAT "\n", x->walked, x->transitions,
                            x->max_depth, x->options->seed);
  else
    g_string_append_printf (out, "states    %u%s, generated %" G_GUINT64_FORMAT ", depth %u, terminal %u\n", x->store.n,
                            search->tells_mover ? " (with who moved last)" : "", x->transitions + 1, x->max_depth, x->terminals->len);
  g_string_append_printf (out, "search    %s", search->help);
  if (search->tells_mover)
    g_string_append_printf (out, "; up to %u", x->bound);
  if (x->perhaps_longer)
    g_string_append (out, search->shortest ? " up to reordering; perhaps there is a shorter one" : "; perhaps there is a shorter counterexample");
  g_string_append (out, x->cuts ? "; cut by " : x->stop ? "; ended at the violation\n" : "; complete\n");
  const gchar *before = "";
  for (guint i = 0; x->cuts && i < G_N_ELEMENTS (cuts); i++)
    if (x->cuts & cuts[i].cut)
      {
        g_string_append_printf (out, "%s%s", before, cuts[i].words);
        before = ", ";
      }
  if (x->cuts)
    g_string_append_c (out, '\n');
  print_reductions (x, out);
  if (!costs)
    return;
  gdouble seconds = (gdouble)(g_get_monotonic_time () - x->started) / G_USEC_PER_SEC;
  g_string_append_printf (out, "costs     %.2f s, %.1f MiB of states, %u words each, %.0f transitions/s\n", seconds, (gdouble)x->store.bytes / (1 << 20),
                          x->store.n_words, seconds > 0 ? (gdouble)x->transitions / seconds : 0);
}

void
mt_check_print_leftovers (const MtExplore *x, GString *out)
{
  const MtProgram *program = x->program;
  for (guint i = 0; i < program->n_objects; i++)
    {
      const MtObject *object = &program->objects[i];
      guint held = 0;
      for (guint k = 0; object->primitive->holder && k < x->terminals->len; k++)
        {
          const MtWord *s = mt_store_key (&x->store, g_array_index (x->terminals, guint, k));
          held += mt_ended (program, s) && object->primitive->holder (object, s + object->address) >= 0;
        }
      if (held)
        g_string_append_printf (out, "left over: %s is still held at the end, in %u of %u final states\n", object->name, held, x->terminals->len);
    }
}

/* Iterative preemption bound: first all that can happen without a preemption, then with one, and so
 * on (Musuvathi, Qadeer: Iterative context bounding for systematic testing of multithreaded
 * programs, PLDI 2007). A preemption is a switch away from a task that could go on. Most bugs need
 * one or two, and what is shown has the fewest.
 *
 * What a switch costs depends on who moved last, so that is part of a state here. Steps that cost
 * nothing are taken at once; those that cost a preemption wait for the next bound. */
#include "checker/search.h"

typedef struct
{
  guint id, depth;
} Entry;

typedef struct
{
  guint id, depth;
  MtChoice choice;
} Later;

static gboolean
can_go_on (const MtExplore *x, guint n, guint last)
{
  for (guint i = 0; i < n; i++)
    if (x->choices[i].task == last)
      return TRUE;
  return FALSE;
}

static void
reach (MtExplore *x, GArray *queue, guint depth)
{
  mt_explore_flush (x);
  for (guint i = 0; i < x->n_successors; i++)
    if (x->successors[i].fresh)
      {
        Entry next = { x->successors[i].id, depth };
        g_array_append_val (queue, next);
      }
}

static void
expand (MtExplore *x, Entry at, GArray *queue, GArray *later)
{
  guint n = mt_explore_look (x, at.id, at.depth);
  guint last = (guint)mt_store_key (&x->store, at.id)[x->program->n_words];
  gboolean costs = can_go_on (x, n, last);
  for (guint i = 0; i < n; i++)
    {
      Later wait = { at.id, at.depth, x->choices[i] };
      if (costs && x->choices[i].task != last)
        g_array_append_val (later, wait);
      else
        mt_explore_take (x, at.id, x->choices[i], at.depth);
    }
  reach (x, queue, at.depth + 1);
}

static void
run (MtExplore *x)
{
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GArray) later = g_array_new (FALSE, FALSE, sizeof (Later));
  Entry first = { 0, 0 };
  mt_explore_begin (x);
  g_array_append_val (queue, first);
  for (;; x->bound++)
    {
      for (guint i = 0; i < queue->len && !x->stop; i++)
        {
          x->queue = queue->len - i + later->len;
          expand (x, g_array_index (queue, Entry, i), queue, later);
        }
      if (x->stop || later->len == 0)
        break;
      if (x->bound == x->options->max_preemptions)
        {
          x->cuts |= MT_CUT_BOUND;
          break;
        }
      g_array_set_size (queue, 0);
      g_autoptr (GArray) now = g_steal_pointer (&later);
      later = g_array_new (FALSE, FALSE, sizeof (Later));
      for (guint i = 0; i < now->len && !x->stop; i++)
        {
          const Later *wait = &g_array_index (now, Later, i);
          mt_explore_take (x, wait->id, wait->choice, wait->depth);
          reach (x, queue, wait->depth + 1);
        }
    }
}

/* Preemptions are counted in the model's own steps, between the model's own tasks. */
const MtSearch mt_search_ipb = {
  .name = "ipb", .help = "by the number of preemptions: 0, 1, 2, ...", .run = run, .unfit = MT_REDUCE_POR | MT_REDUCE_SYMMETRY | MT_REDUCE_FUSION, .tells_mover = TRUE
};

/* Depth first, with a stack of states that wait to be expanded: a state is marked as seen when it is
 * found, so the stack holds each once and paths stay short. The last choice's successor is gone on
 * from first, so that the order differs most from breadth first. */
#include "checker/search.h"

typedef struct
{
  guint id, depth;
} Entry;

static void
run (MtExplore *x)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Entry));
  Entry at = { 0, 0 };
  mt_explore_begin (x);
  g_array_append_val (stack, at);
  while (stack->len && !x->stop)
    {
      at = g_array_index (stack, Entry, stack->len - 1);
      g_array_set_size (stack, stack->len - 1);
      x->queue = stack->len;
      mt_explore_expand (x, at.id, at.depth);
      mt_explore_flush (x);
      for (guint i = 0; i < x->n_successors; i++)
        if (x->successors[i].fresh)
          {
            Entry next = { x->successors[i].id, at.depth + 1 };
            g_array_append_val (stack, next);
          }
    }
}

const MtSearch mt_search_dfs = { .name = "dfs", .help = "depth first: finds deep violations early", .run = run };

/* Breadth first: the store is the queue, since states are numbered in the order they come. */
#include "checker/packed/packed.h"
#include "checker/search.h"

static void
run (MtExplore *x)
{
  guint level_end = 1, depth = 0;
  guint64 size = 1;
  mt_explore_begin (x);
  g_array_append_val (x->levels, size);
  for (guint id = 0; !x->stop; id++)
    {
      if (id == level_end || mt_explore_full (x))
        mt_explore_flush (x);
      if (id == level_end)
        {
          size = x->store.n - level_end;
          if (size)
            g_array_append_val (x->levels, size);
          level_end = x->store.n;
          depth++;
        }
      if (id == level_end || x->stop)
        break;
      x->queue = x->store.n - id;
      mt_explore_expand (x, id, depth);
    }
}

const MtSearch mt_search_bfs = { .name = "bfs", .help = "breadth first: the counterexample is a shortest one", .run = run, .run_packed = mt_packed_search, .shortest = TRUE };

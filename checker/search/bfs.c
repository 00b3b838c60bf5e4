/* Breadth first: the store is the queue, since states are numbered in the order they come. */
#include "checker/search.h"

static void
run (MtExplore *x)
{
  guint level_end = 1, depth = 0;
  mt_explore_begin (x);
  for (guint id = 0; !x->stop; id++)
    {
      if (id == level_end || mt_explore_full (x))
        mt_explore_flush (x);
      if (id == level_end)
        {
          level_end = x->store.n;
          depth++;
        }
      if (id == level_end || x->stop)
        break;
      x->queue = x->store.n - id;
      mt_explore_expand (x, id, depth);
    }
}

const MtSearch mt_search_bfs = { .name = "bfs", .help = "breadth first: the counterexample is a shortest one", .run = run, .shortest = TRUE };

/* Random walks: each choice with equal chance, from the initial state until the model ends or the
 * depth bound cuts. Nothing is stored, so any model can be walked; nothing is proven either. */
#include "checker/search.h"
#include "sim/rng.h"
#include <string.h>

#define DEFAULT_WALKS 10000
#define DEFAULT_DEPTH 10000 /* of a model that need not end */

static void
run (MtExplore *x)
{
  const MtProgram *program = x->program;
  guint64 walks = x->options->walks ? x->options->walks : DEFAULT_WALKS;
  guint depth = x->options->max_depth ? x->options->max_depth : DEFAULT_DEPTH;
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  MtRng rng;
  mt_rng_seed (&rng, x->options->seed);
  x->cuts |= MT_CUT_WALKS;
  mt_explore_begin (x);
  for (; x->walked < walks && !x->stop; x->walked++)
    {
      memcpy (s, mt_store_key (&x->store, 0), sizeof (MtWord) * program->n_words);
      mt_explore_walk_begin (x);
      for (guint n; !x->stop && (n = mt_explore_walk_look (x, s)) > 0;)
        {
          if (x->depth == depth)
            {
              x->cuts |= MT_CUT_DEPTH;
              break;
            }
          mt_explore_walk_step (x, s, x->choices[mt_rng_below (&rng, n)]);
        }
    }
}

const MtSearch mt_search_walk = { .name = "walk", .help = "random walks (--walks, --seed): any size, no proof", .run = run, .unfit = MT_REDUCE_ALL };

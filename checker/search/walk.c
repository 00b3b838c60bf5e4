/* Walks from the initial state until the model ends or the depth bound cuts. Nothing is stored, so
 * any model can be walked; nothing is proven either.
 *
 * The first walks take turns as no random one ever would: all tasks a step each, round and round (every
 * philosopher has his left fork after one round); each task as far as it goes, from the first on; the
 * same from the last. The others are random, in turn: each choice with equal chance; and by priorities
 * that change at a few random steps, so that few preemptions are made, at any place (PCT: Burckhardt,
 * Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding
 * bugs", ASPLOS 2010). */
#include "checker/search.h"
#include "sim/rng.h"
#include <string.h>

#define DEFAULT_WALKS 10000
#define DEFAULT_DEPTH 10000 /* of a model that need not end */
#define MAX_CHANGES 5

typedef struct
{
  MtRng rng;
  guint n_tasks;
  guint *priorities; /* of each task: the greatest moves */
  guint changes[MAX_CHANGES]; /* depths at which the one that moves falls behind all others */
  guint n_changes;
  guint last; /* task that moved */
  guint longest; /* walk so far */
} Walker;

/* How far @task is from having the turn. */
static guint
turn (const Walker *w, guint policy, guint task)
{
  guint n = w->n_tasks;
  switch (policy)
    {
    case 0: return (task + n - w->last - 1) % n;
    case 1: return (task + n - w->last) % n;
    case 2: return (w->last + n - task) % n;
    default: return G_MAXUINT - w->priorities[task];
    }
}

static void
begin (Walker *w, guint64 walk)
{
  w->last = walk == 1 ? 0 : w->n_tasks - 1;
  if (walk < 3)
    return;
  for (guint t = 0; t < w->n_tasks; t++) /* Fisher and Yates */
    {
      guint k = mt_rng_below (&w->rng, t + 1);
      w->priorities[t] = w->priorities[k];
      w->priorities[k] = MAX_CHANGES + t;
    }
  w->n_changes = mt_rng_below (&w->rng, MAX_CHANGES + 1);
  for (guint i = 0; i < w->n_changes; i++)
    w->changes[i] = mt_rng_below (&w->rng, w->longest + 1);
}

static MtChoice
choose (Walker *w, guint64 walk, const MtChoice *choices, guint n, guint depth)
{
  if (choices[0].task == MT_CLOCK || (walk >= 3 && walk % 2))
    return choices[mt_rng_below (&w->rng, n)];
  guint policy = walk < 3 ? (guint)walk : 3, best = 0, ways = 1;
  for (guint i = 1; i < n; i++)
    if (choices[i].task == choices[best].task)
      ways += i == best + ways;
    else if (turn (w, policy, choices[i].task) < turn (w, policy, choices[best].task))
      {
        best = i;
        ways = 1;
      }
  w->last = choices[best].task;
  for (guint i = 0; policy == 3 && i < w->n_changes; i++)
    if (w->changes[i] == depth)
      w->priorities[w->last] = i;
  return choices[best + mt_rng_below (&w->rng, ways)];
}

static void
run (MtExplore *x)
{
  const MtProgram *program = x->program;
  guint64 walks = x->options->walks ? x->options->walks : DEFAULT_WALKS;
  guint depth = x->options->max_depth ? x->options->max_depth : DEFAULT_DEPTH;
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autofree guint *priorities = g_new0 (guint, program->n_tasks + 1);
  Walker w = { .n_tasks = program->n_tasks, .priorities = priorities };
  mt_rng_seed (&w.rng, x->options->seed);
  x->cuts |= MT_CUT_WALKS;
  mt_explore_begin (x);
  for (; x->walked < walks && !x->stop; x->walked++)
    {
      memcpy (s, mt_store_key (&x->store, 0), sizeof (MtWord) * program->n_words);
      mt_explore_walk_begin (x);
      begin (&w, x->walked);
      for (guint n; !x->stop && (n = mt_explore_walk_look (x, s)) > 0;)
        {
          if (x->depth == depth)
            {
              x->cuts |= MT_CUT_DEPTH;
              break;
            }
          mt_explore_walk_step (x, s, choose (&w, x->walked, x->choices, n, x->depth));
        }
      w.longest = MAX (w.longest, x->depth);
    }
}

const MtSearch mt_search_walk = { .name = "walk", .help = "walks, in turns and at random: any size, no proof", .run = run, .unfit = MT_REDUCE_ALL };

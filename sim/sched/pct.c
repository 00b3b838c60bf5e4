/* pct: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).
 * Every task has a random priority above d; the enabled task of the highest always moves. At d - 1
 * random places of the run the moving task drops to priority d - 1, d - 2, ...
 *
 * Guarantee: with at most n tasks and k steps, a bug of depth d (d orderings between steps are
 * enough to force it) is hit by one run with probability at least 1 / (n k^(d-1)). It holds where
 * k, the expected length, is not below the run's: --length, 1000 when none is given. The paper's
 * tasks have one way to move; where an operation has several results, one is drawn. A task that
 * spins without ever waiting can starve the others, as in the paper. */
#include "sim/sched.h"

#define DEFAULT_DEPTH 3
#define DEFAULT_LENGTH 1000

typedef struct
{
  guint *priority; /* of each task */
  guint64 *change; /* of each drop: the step before which it happens; [depth - 1] */
  guint depth;
} Own;

static void
begin (MtSched *sched, const MtProgram *program)
{
  Own *own = sched->own;
  guint n = program->n_tasks;
  own->depth = sched->options.depth ? sched->options.depth : DEFAULT_DEPTH;
  guint64 length = sched->options.length ? sched->options.length : DEFAULT_LENGTH;
  own->priority = g_new (guint, n + 1);
  own->change = g_new (guint64, own->depth);
  for (guint t = 0; t < n; t++)
    {
      /* a random permutation of d .. d + n - 1 (Fisher and Yates 1938) */
      guint k = mt_rng_below (&sched->rng, t + 1);
      own->priority[t] = own->priority[k];
      own->priority[k] = own->depth + t;
    }
  for (guint i = 0; i + 1 < own->depth; i++)
    own->change[i] = 1 + mt_rng_below (&sched->rng, (guint32)MIN (length, G_MAXUINT32));
}

static gint
pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  Own *own = sched->own;
  if (choices[0].task == MT_CLOCK)
    return 0;
  guint best = 0;
  for (guint i = 1; i < n; i++)
    if (own->priority[choices[i].task] > own->priority[choices[best].task])
      best = i;
  for (guint i = 0; i + 1 < own->depth; i++)
    if (own->change[i] == sched->steps + 1)
      {
        own->change[i] = 0; /* once */
        own->priority[choices[best].task] = own->depth - 1 - i;
        return pick (sched, program, s, choices, n);
      }
  guint first, ways = mt_sched_ways_of (choices, n, choices[best].task, &first);
  return (gint)(first + (ways > 1 ? mt_rng_below (&sched->rng, ways) : 0));
}

static void
end (MtSched *sched)
{
  Own *own = sched->own;
  g_free (own->priority);
  g_free (own->change);
}

const MtSchedRow mt_sched_pct = {
  .name = "pct",
  .help = "random priorities with --depth d - 1 changes (3): finds a bug of depth d with probability 1/(n k^(d-1)) or more",
  .size = sizeof (Own),
  .begin = begin,
  .pick = pick,
  .end = end,
};

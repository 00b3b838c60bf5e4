/* random: every enabled choice is equally likely, at every step. With a quantum q the task that
 * moved last goes on with probability 1 - 1/q, so that a slice has q steps in the mean. */
#include "sim/sched.h"

static inline gint
any (MtSched *sched, guint n)
{
  return G_UNLIKELY (n == 1) ? 0 : (gint)mt_rng_below (&sched->rng, n);
}

static G_NO_INLINE gint
pick_of_slice (MtSched *sched, const MtChoice *choices, guint n)
{
  guint first, ways = mt_sched_ways_of (choices, n, (guint)sched->last, &first);
  if (ways && mt_rng_below (&sched->rng, sched->options.quantum) != 0)
    return (gint)first + any (sched, ways);
  return any (sched, n);
}

static gint
pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  if (G_UNLIKELY (sched->options.quantum > 1) && sched->last >= 0)
    return pick_of_slice (sched, choices, n);
  return any (sched, n);
}

const MtSchedRow mt_sched_random = {
  .name = "random",
  .help = "every enabled choice equally likely (--quantum N: slices of N steps in the mean)",
  .pick = pick,
};

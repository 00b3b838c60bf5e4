/* random: every enabled choice is equally likely, at every step. With a quantum q the task that
 * moved last goes on with probability 1 - 1/q, so that a slice has q steps in the mean. */
#include "sim/sched.h"

static gint
pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  if (sched->options.quantum > 1 && sched->last >= 0)
    {
      guint first, ways = mt_sched_ways_of (choices, n, (guint)sched->last, &first);
      if (ways && mt_rng_below (&sched->rng, sched->options.quantum) != 0)
        return (gint)(first + (ways > 1 ? mt_rng_below (&sched->rng, ways) : 0));
    }
  return n == 1 ? 0 : (gint)mt_rng_below (&sched->rng, n);
}

const MtSchedRow mt_sched_random = {
  .name = "random",
  .help = "every enabled choice equally likely (--quantum N: slices of N steps in the mean)",
  .pick = pick,
};

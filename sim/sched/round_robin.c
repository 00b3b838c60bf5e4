/* round-robin: the tasks in turn, each for up to a quantum of steps (5 when none is given) or until
 * it must wait. Where an operation has several results, one is drawn. */
#include "sim/sched.h"

#define DEFAULT_QUANTUM 5

typedef struct
{
  guint used; /* steps of the slice that is running */
} Own;

static gint
pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  Own *own = sched->own;
  guint quantum = sched->options.quantum ? sched->options.quantum : DEFAULT_QUANTUM;
  guint first, ways = sched->last < 0 ? 0 : mt_sched_ways_of (choices, n, (guint)sched->last, &first);
  if (ways == 0 || own->used >= quantum)
    {
      /* the next enabled task behind the last one, round the circle */
      first = 0;
      while (first < n && (gint)choices[first].task <= sched->last)
        first++;
      first = first == n ? 0 : first;
      ways = mt_sched_ways_of (choices, n, choices[first].task, &first);
      own->used = 0;
    }
  own->used++;
  return (gint)(first + (ways > 1 ? mt_rng_below (&sched->rng, ways) : 0));
}

const MtSchedRow mt_sched_round_robin = {
  .name = "round-robin",
  .help = "the tasks in turn, --quantum steps each (5)",
  .size = sizeof (Own),
  .pick = pick,
};

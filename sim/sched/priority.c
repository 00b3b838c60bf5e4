/* priority: the enabled task that was declared first always moves. Where an operation has several
 * results, its first (it completes rather than times out). One schedule, whatever the seed. */
#include "sim/sched.h"

static gint
pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  return 0;
}

const MtSchedRow mt_sched_priority = {
  .name = "priority",
  .help = "the enabled task that was declared first",
  .pick = pick,
};

/* replay: the choices of a script, in order. The clock's moves, which are forced, need not stand in
 * it. When the script is used up, the run is completed without preemption, as --schedule
 * promises, or is over, as a recorded trace wants it. */
#include "sim/sched.h"

typedef struct
{
  guint at;
} Own;

static gint
complete (MtSched *sched, const MtChoice *choices, guint n)
{
  guint first;
  if (sched->last >= 0 && mt_sched_ways_of (choices, n, (guint)sched->last, &first))
    return (gint)first;
  return 0;
}

static gint
pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  Own *own = sched->own;
  if (choices[0].task == MT_CLOCK)
    {
      gboolean left = own->at < sched->options.n_script;
      own->at += left && sched->options.script[own->at].task == MT_CLOCK;
      return sched->options.complete || left ? 0 : -1;
    }
  if (own->at == sched->options.n_script)
    return sched->options.complete ? complete (sched, choices, n) : -1;
  const MtChoice *wanted = &sched->options.script[own->at];
  for (guint i = 0; i < n; i++)
    if (choices[i].task == wanted->task && choices[i].alt == wanted->alt)
      {
        own->at++;
        return (gint)i;
      }
  return -1;
}

const MtSchedRow mt_sched_replay = {
  .name = "replay",
  .help = "the choices of a trace or of --schedule",
  .size = sizeof (Own),
  .pick = pick,
};

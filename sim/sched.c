/* The list of schedulers: one line each. */
#include "sim/sched.h"

extern const MtSchedRow mt_sched_random, mt_sched_round_robin, mt_sched_pct, mt_sched_priority, mt_sched_replay;

const MtSchedRow *const mt_scheds[] = {
  &mt_sched_random,
  &mt_sched_round_robin,
  &mt_sched_pct,
  &mt_sched_priority,
  &mt_sched_replay,
  NULL,
};

const MtSchedRow *
mt_sched_find (const gchar *name)
{
  for (guint i = 0; mt_scheds[i]; i++)
    if (g_str_equal (mt_scheds[i]->name, name))
      return mt_scheds[i];
  return NULL;
}

MtSched *
mt_sched_new (const MtSchedRow *row, const MtProgram *program, const MtSchedOptions *options)
{
  MtSched *sched = g_new0 (MtSched, 1);
  sched->row = row;
  sched->options = *options;
  sched->last = -1;
  sched->own = g_malloc0 (MAX (row->size, 1));
  mt_rng_seed (&sched->rng, options->seed);
  if (row->begin)
    row->begin (sched, program);
  return sched;
}

void
mt_sched_free (MtSched *sched)
{
  if (!sched)
    return;
  if (sched->row->end)
    sched->row->end (sched);
  g_free (sched->own);
  g_free (sched);
}

guint
mt_sched_ways_of (const MtChoice *choices, guint n, guint task, guint *first)
{
  guint i = 0, count = 0;
  while (i < n && choices[i].task != task)
    i++;
  *first = i;
  for (; i < n && choices[i].task == task; i++)
    count++;
  return count;
}

/* See eventcount.h. */
#include "checker/packed/eventcount.h"
#include <sched.h>

#define SPINS 20000 /* looks before a thread sleeps: what is waited for comes soon, and waking takes long */
#define YIELDS 128 /* looks after which it lets another go first, which may be the one it waits for */

void
mt_eventcount_init (MtEventcount *events, gboolean spins)
{
  *events = (MtEventcount){ .spins = spins };
  pthread_mutex_init (&events->lock, NULL);
  pthread_cond_init (&events->advanced, NULL);
}

void
mt_eventcount_clear (MtEventcount *events)
{
  pthread_mutex_destroy (&events->lock);
  pthread_cond_destroy (&events->advanced);
}

/* Either the one who wakes sees the sleeper, or the sleeper sees the new count: each writes first and then reads what the other writes. */
void
mt_eventcount_advance (MtEventcount *events)
{
  __atomic_add_fetch (&events->count, 1, __ATOMIC_SEQ_CST);
  if (!__atomic_load_n (&events->n_sleepers, __ATOMIC_SEQ_CST))
    return;
  pthread_mutex_lock (&events->lock);
  pthread_cond_broadcast (&events->advanced);
  pthread_mutex_unlock (&events->lock);
  if (events->spins)
    sched_yield (); /* who is woken may have been put on this processor */
}

/* Whether there has been an event since @seen, or is one soon. */
static gboolean
look (const MtEventcount *events, guint seen)
{
  for (guint i = 0; i == 0 || (events->spins && i < SPINS); i++)
    {
      if (mt_eventcount_read (events) != seen)
        return TRUE;
      if (i % YIELDS == YIELDS - 1)
        sched_yield ();
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause ();
#endif
    }
  return FALSE;
}

void
mt_eventcount_await (MtEventcount *events, guint seen)
{
  if (look (events, seen))
    return;
  pthread_mutex_lock (&events->lock);
  __atomic_add_fetch (&events->n_sleepers, 1, __ATOMIC_SEQ_CST);
  while (mt_eventcount_read (events) == seen)
    pthread_cond_wait (&events->advanced, &events->lock);
  __atomic_sub_fetch (&events->n_sleepers, 1, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock (&events->lock);
}

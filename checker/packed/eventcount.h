/* Waiting for what other threads do: an event count (Reed, Kanodia, "Synchronization with eventcounts and sequencers", CACM 1979).
 *
 * Who waits reads the count, looks whether what he waits for has come, and if not, awaits that the count is another. Who does something advances the
 * count afterwards. What comes between the look and the wait is not missed, and where nobody sleeps neither of them takes a lock.
 */
#pragma once
#include <glib.h>
#include <pthread.h>

typedef struct
{
  guint count; /* of events: atomic */
  guint n_sleepers; /* threads that sleep, or are about to: atomic */
  gboolean spins;
  pthread_mutex_t lock; /* held to sleep, and to wake */
  pthread_cond_t advanced;
} MtEventcount;

/* @spins: there is a processor for each thread, so one who waits looks for a while before he sleeps. */
void mt_eventcount_init (MtEventcount *events, gboolean spins);
void mt_eventcount_clear (MtEventcount *events);

static inline guint
mt_eventcount_read (const MtEventcount *events)
{
  return __atomic_load_n (&events->count, __ATOMIC_SEQ_CST);
}

void mt_eventcount_advance (MtEventcount *events);

/* Returns when the count is no longer @seen. What was done before it was advanced has been done then. */
void mt_eventcount_await (MtEventcount *events, guint seen);

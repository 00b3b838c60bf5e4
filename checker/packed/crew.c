/* The workers: how a level is handed out to them, and what each does with it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getcpu, sched_setaffinity */
#endif
#include "checker/packed/private.h"
#include <sched.h>

static gboolean
is_due (const MtPacked *p)
{
  const MtExploreOptions *o = p->x->options;
  return o->checkpoint && !p->recalls && g_get_monotonic_time () - p->saved >= (gint64)(o->checkpoint_every * G_USEC_PER_SEC);
}

/* One worker's share of the level. */
static void
search_level (MtWorker *w)
{
  MtPacked *p = w->packed;
  guint i;
  while (!mt_packed_stops (p) && mt_levels_next (&p->levels, w->index, &i))
    {
      mt_worker_search (w, p->levels.chunks->pdata[i]);
      if (!w->chunk && p->logs)
        mt_chunk_wake (p->levels.chunks->pdata[i], &p->levels.bytes);
      else if (!w->chunk)
        mt_chunks_spare (&w->chunks, mt_levels_take (&p->levels, i));
      if (w != p->workers[0])
        continue;
      mt_packed_tick (p);
      if (is_due (p))
        mt_packed_meet (w, MT_MEET_SAVE);
    }
  if (!mt_packed_stops (p))
    mt_worker_drain (w, FALSE);
  const gboolean shared = p->shared; /* the next level may be given out as soon as nobody runs */
  __atomic_sub_fetch (&p->n_running, 1, __ATOMIC_RELEASE);
  if (shared)
    mt_eventcount_advance (&p->events);
}

/* -1: not known. */
static gint
this_processor (void)
{
#ifdef __linux__
  return sched_getcpu ();
#else
  return -1;
#endif
}

/* A thread that is made or woken may be put where the one is that did so, and be left there for some milliseconds, longer than many a search takes, while
 * another processor has nothing to do: where it finds itself on @processor, it goes to another. */
static void
leave (gint processor)
{
#ifdef __linux__
  cpu_set_t all, others;
  if (processor < 0 || processor >= CPU_SETSIZE || processor != this_processor () || sched_getaffinity (0, sizeof all, &all))
    return;
  others = all;
  CPU_CLR (processor, &others);
  if (CPU_COUNT (&others) && !sched_setaffinity (0, sizeof others, &others))
    sched_setaffinity (0, sizeof all, &all);
#endif
}

static gpointer
work (gpointer data)
{
  MtWorker *w = data;
  MtPacked *p = w->packed;
  for (guint seen; seen = mt_eventcount_read (&p->events), !__atomic_load_n (&p->leaves, __ATOMIC_ACQUIRE);)
    {
      const guint generation = __atomic_load_n (&p->generation, __ATOMIC_ACQUIRE);
      if (generation == w->generation)
        mt_eventcount_await (&p->events, seen);
      else
        {
          w->generation = generation;
          leave (p->processor);
          search_level (w);
        }
    }
  return NULL;
}

void
mt_packed_share_level (MtPacked *p, guint n)
{
  for (guint i = 1; i < n; i++)
    if (!p->workers[i])
      {
        p->workers[i] = mt_worker_new (p, i);
        if (p->workers[i])
          mt_mover_reset (&p->workers[i]->mover);
        if (!p->workers[i] || pthread_create (&p->workers[i]->thread, NULL, work, p->workers[i]))
          {
            g_clear_pointer (&p->workers[i], mt_worker_free);
            n = i; /* with as many as there can be */
          }
      }
  p->n_running = n;
  p->shared = n > 1;
  if (n > 1)
    {
      p->processor = n == 2 && p->events.spins ? this_processor () : -1; /* of more workers, nobody knows which processor is free */
      __atomic_add_fetch (&p->generation, 1, __ATOMIC_RELEASE);
      mt_eventcount_advance (&p->events);
    }
  search_level (p->workers[0]);
  for (guint seen; seen = mt_eventcount_read (&p->events), __atomic_load_n (&p->n_running, __ATOMIC_ACQUIRE);)
    mt_eventcount_await (&p->events, seen);
}

void
mt_packed_dismiss (MtPacked *p)
{
  __atomic_store_n (&p->leaves, TRUE, __ATOMIC_RELEASE);
  mt_eventcount_advance (&p->events);
  for (guint i = 1; i < p->n_workers; i++)
    if (p->workers[i])
      {
        pthread_join (p->workers[i]->thread, NULL);
        p->past_transitions += p->workers[i]->transitions;
        mt_worker_free (p->workers[i]);
        p->workers[i] = NULL;
      }
  p->leaves = FALSE;
}

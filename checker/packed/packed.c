/* See packed.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getcpu, sched_setaffinity */
#endif
#include "checker/packed/private.h"
#include <sched.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define TIGHT ((gsize)1 << 20) /* bytes of the table from which on fields are kept narrow */
#define LARGE ((gsize)8 << 20) /* bytes of the table from which on it grows by half of what is there at most: see most_to_come() */
#define RESERVE ((gsize)8 << 20) /* bytes that are left for what is not the table */
#define MEMO_SHARE 2 /* of the table's bytes, as many more may go into remembered steps */
#define PARALLEL 4 /* chunks: a smaller level is searched by one worker */
#define SHARES 8 /* chunks that each worker should have of a level, where they need not be smaller than the least */
#define LEAST_GRAIN 256 /* states */
#define LOGGED ((gsize)1 << 20) /* bytes of the log: beyond, levels that have been searched are forgotten */

/* Being alone: to widen fields, and to enlarge the table. */

/* Every key there is outside the table becomes what @change makes of it. */
static void
change_keys (MtPacked *p, guint64 (*change) (gpointer data, guint64 key), gpointer data)
{
  GArray *const marks[] = { p->marks, p->ends };
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    for (guint k = 0; k < marks[i]->len; k++)
      g_array_index (marks[i], MtPin, k).key = change (data, g_array_index (marks[i], MtPin, k).key);
  mt_chunks_change (p->levels.chunks, change, data);
  for (guint i = 0; i < p->n_workers; i++)
    {
      MtWorker *w = p->workers[i];
      if (!w)
        continue;
      mt_chunks_change (w->chunks.found, change, data);
      for (guint k = 0; k < w->pending.n; k++)
        w->pending.keys[k] = change (data, w->pending.keys[k]);
    }
}

static void
remix (MtPacked *p)
{
  for (guint i = 0; i < p->n_workers; i++)
    for (guint k = 0; p->workers[i] && k < p->workers[i]->pending.n; k++)
      p->workers[i]->pending.mixed[k] = mt_worker_mix (p->workers[i], p->workers[i]->pending.keys[k]);
}

static guint64
rekey (gpointer data, guint64 key)
{
  return mt_rekey (data, key);
}

/* Numbers the joint values of @key and leaves it as it is. */
static guint64
number (gpointer data, guint64 key)
{
  mt_rekey (data, key);
  return key;
}

static void
number_each (gpointer data, guint64 key)
{
  mt_rekey (data, key);
}

/* Keys that may be put before the workers look again whether the table is tight. */
static gsize
in_flight (const MtPacked *p)
{
  return (gsize)p->n_workers * (MT_BATCH + p->x->program->max_choices);
}

/* Waits for what others do, the last of which was seen at @seen; holding p->lock before and after. */
static void
await (MtPacked *p, guint seen)
{
  pthread_mutex_unlock (&p->lock);
  mt_eventcount_await (&p->events, seen);
  pthread_mutex_lock (&p->lock);
}

/* Lets all who wait share @growth, if there are any; where it is NULL, memory ran out: FALSE. */
static gboolean
grow_together (MtPacked *p, MtKeysetGrowth *growth)
{
  p->growth = growth;
  if (!growth)
    return FALSE;
  if (p->n_waiting > 1)
    {
      mt_eventcount_advance (&p->events);
      pthread_mutex_unlock (&p->lock);
      mt_keyset_grow_share (growth, TRUE);
      pthread_mutex_lock (&p->lock);
      p->growth = NULL;
      for (guint seen; seen = mt_eventcount_read (&p->events), p->n_sharing;)
        await (p, seen);
    }
  else
    mt_keyset_grow_share (growth, FALSE);
  p->growth = NULL;
  return mt_keyset_grow_end (growth);
}

/* By one who waits, holding p->lock: helps the one who is alone. */
static void
share_growth (MtPacked *p)
{
  MtKeysetGrowth *growth = p->growth;
  p->n_sharing++;
  pthread_mutex_unlock (&p->lock);
  mt_keyset_grow_share (growth, TRUE);
  pthread_mutex_lock (&p->lock);
  p->n_sharing--;
  mt_eventcount_advance (&p->events);
}

/* Everything goes over to the present layout; the table has room for @more keys then. */
static gboolean
rename_keys (MtPacked *p, MtRekeying *r, gsize more)
{
  gboolean good = grow_together (p, mt_keyset_rename_begin (&p->set, mt_parts_width (&p->parts), more, rekey, r));
  p->broken = p->broken || !good; /* the table's keys are of another layout than all others */
  change_keys (p, rekey, r);
  remix (p);
  mt_facts_reset (&p->facts);
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      {
        mt_mover_reset (&p->workers[i]->mover);
        mt_filter_reset (&p->workers[i]->filter, &p->facts);
      }
  return good;
}

/* How wide a joint field must be is a guess at first: where it is too low it is widened again, before any key is changed. */
static gboolean
widen (MtPacked *p)
{
  const gsize more = in_flight (p);
  const gboolean slack = mt_keyset_bytes (&p->set) < TIGHT
                         || mt_keyset_entry_bytes (&p->set, mt_parts_widened_width (&p->parts, TRUE), more) <= mt_keyset_entry_bytes (&p->set, mt_parts_widened_width (&p->parts, FALSE), more);
  MtLayout *before = mt_parts_widen (&p->parts, slack);
  MtRekeying r;
  for (mt_rekeying_init (&r, &p->parts, before); r.n_joints; mt_rekeying_init (&r, &p->parts, before))
    {
      mt_keyset_each (&p->set, number_each, &r);
      change_keys (p, number, &r);
      if (!p->parts.overflow || p->parts.refused)
        break;
      mt_rekeying_clear (&r);
      mt_layout_free (mt_parts_widen (&p->parts, slack));
    }
  gboolean good = !p->parts.refused && rename_keys (p, &r, 0);
  mt_rekeying_clear (&r);
  mt_layout_free (before);
  return good;
}

/* As many as there are; of a large table no more is believed than half of that: what it takes too much cannot be had back. A little less, so that the
 * table doubles: where it would be just too small by that, a few keys more or less would make it half as large again. */
static gsize
most_to_come (const MtPacked *p)
{
  const gsize n = mt_keyset_size (&p->set), most = n - n / 16;
  return mt_keyset_bytes (&p->set) < LARGE ? most : most / 2;
}

/* Keys that are still to come: known where the search is made again, else guessed. Levels become larger and then smaller, so as many come
 * after one as have come before the first of its size; up to the largest level, as many as there are. */
static gsize
to_come (const MtPacked *p)
{
  const GArray *levels = p->x->levels;
  const guint64 *sizes = (const guint64 *)(gconstpointer)levels->data, now = sizes[p->level];
  const gsize n = mt_keyset_size (&p->set), most = most_to_come (p);
  guint level = 0;
  gsize all = 0;
  for (guint i = 0; i <= (p->recalls ? MIN (p->last, levels->len - 1) : p->level); i++)
    all += sizes[i];
  for (; !p->recalls && level < p->level && sizes[level] < now; level++)
    all += sizes[level];
  if (level == p->level && !p->recalls)
    return most;
  return all <= n ? 0 : p->recalls ? all - n : MIN (all - n, most);
}

/* Whether keys of fields as narrow as they can be are worth it to rename all, in a table with room for @more: where entries become narrower. But of
 * what is thought to be the @last table both are there for a while, and so it must become smaller by it. */
static gboolean
should_tighten (const MtPacked *p, gsize more, gboolean last)
{
  const guint tight = mt_parts_tight_width (&p->parts), now = p->set.width;
  if (mt_keyset_bytes (&p->set) < TIGHT || tight >= now)
    return FALSE;
  const gsize renamed = mt_keyset_renamed_bytes (&p->set, tight, more), grown = mt_keyset_grown_bytes (&p->set, now, more);
  if (last || grown > p->set.max_bytes)
    return renamed < grown;
  return mt_keyset_entry_bytes (&p->set, tight, more) < mt_keyset_entry_bytes (&p->set, now, more);
}

static gboolean
grow (MtPacked *p)
{
  const gsize least = in_flight (p), rest = to_come (p);
  const gboolean fits = mt_keyset_grown_bytes (&p->set, p->set.width, least + rest) <= p->set.max_bytes;
  const gsize more = fits ? least + rest : least;
  if (!should_tighten (p, more, fits && (p->recalls || rest < most_to_come (p))))
    return grow_together (p, mt_keyset_grow_begin (&p->set, more));
  MtLayout *before = mt_parts_tighten (&p->parts);
  MtRekeying r;
  mt_rekeying_init (&r, &p->parts, before);
  gboolean good = rename_keys (p, &r, more);
  mt_rekeying_clear (&r);
  mt_layout_free (before);
  return good;
}

static gsize
bytes (const MtPacked *p)
{
  return mt_keyset_bytes (&p->set) + mt_bits_bytes (&p->bits) + __atomic_load_n (&p->parts.bytes, __ATOMIC_RELAXED) + __atomic_load_n (&p->levels.bytes, __ATOMIC_RELAXED);
}

gboolean
mt_packed_is_tight (const MtPacked *p)
{
  return !p->bits.words && mt_keyset_is_tight (&p->set, in_flight (p));
}

void
mt_packed_cut (MtPacked *p, MtCut why)
{
  __atomic_fetch_or (&p->x->cuts, why, __ATOMIC_RELAXED);
  __atomic_store_n (&p->x->stop, TRUE, __ATOMIC_RELAXED);
}

static void
gather_ends (MtPacked *p)
{
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i] && p->workers[i]->ends->len)
      {
        g_array_append_vals (p->ends, p->workers[i]->ends->data, p->workers[i]->ends->len);
        g_array_set_size (p->workers[i]->ends, 0);
      }
}

/* Writes what has been found so far. A pending key is put first: what is written is states searched, and states to be. */
static void
save (MtPacked *p)
{
  MtExplore *x = p->x;
  gboolean good = !p->broken;
  gather_ends (p);
  for (guint i = 0; good && i < p->n_workers; i++)
    good = !p->workers[i] || mt_worker_drain (p->workers[i], TRUE);
  if (good && !x->error)
    mt_checkpoint_write (p, &x->error);
  if (!good || x->error)
    mt_packed_cut (p, good ? MT_CUT_CHECKPOINT : MT_CUT_MEMORY);
  p->saved = g_get_monotonic_time ();
}

static void
alone (MtPacked *p)
{
  gather_ends (p); /* keys may be changed */
  gsize other = bytes (p) - mt_keyset_bytes (&p->set), memory = p->x->store.max_bytes;
  p->set.max_bytes = memory > other ? memory - other : 0;
  p->broken = p->broken || (p->parts.overflow && !p->parts.refused && !widen (p));
  if (p->parts.refused || p->broken)
    mt_packed_cut (p, MT_CUT_MEMORY);
  gboolean tight = p->why & MT_MEET_TIGHT || mt_packed_is_tight (p);
  if (tight && !p->broken && !(mt_store_leaves_room (bytes (p) + RESERVE) && grow (p)))
    mt_packed_cut (p, MT_CUT_MEMORY);
  p->facts.memo_bytes = mt_keyset_bytes (&p->set) / (MEMO_SHARE * p->n_workers);
  if (p->why == MT_MEET_SAVE) /* no worker is in the middle of a state */
    save (p);
  p->why = 0;
}

gboolean
mt_packed_meet (MtWorker *w, guint why)
{
  MtPacked *p = w->packed;
  pthread_mutex_lock (&p->lock);
  p->why |= why;
  __atomic_store_n (&p->wants, TRUE, __ATOMIC_RELAXED);
  guint round = p->rounds;
  const MtKeysetGrowth *shared = NULL; /* what is left of it others have taken */
  p->n_waiting++;
  for (guint seen; seen = mt_eventcount_read (&p->events), p->rounds == round;)
    if (p->growth && p->growth != shared)
      {
        shared = p->growth;
        share_growth (p);
      }
    else if (p->n_waiting == __atomic_load_n (&p->n_running, __ATOMIC_ACQUIRE) && !p->is_alone)
      {
        p->is_alone = TRUE;
        alone (p);
        p->is_alone = FALSE;
        __atomic_store_n (&p->wants, FALSE, __ATOMIC_RELAXED);
        p->n_waiting = 0;
        p->rounds++;
        mt_eventcount_advance (&p->events);
      }
    else
      await (p, seen);
  pthread_mutex_unlock (&p->lock);
  return !mt_packed_stops (p);
}

/* Levels. */

static void
tick (MtPacked *p)
{
  MtExplore *x = p->x;
  if (p->recalls)
    return;
  x->depth = p->level;
  x->transitions = p->past_transitions;
  for (guint i = 0; i < p->n_workers; i++)
    x->transitions += p->workers[i] ? __atomic_load_n (&p->workers[i]->transitions, __ATOMIC_RELAXED) : 0;
  x->n_states = mt_keyset_size (&p->set);
  x->n_bytes = bytes (p);
  if (x->n_bytes >= p->room_for) /* to ask costs as much as to search a few states */
    {
      if (!mt_store_leaves_room (x->n_bytes / 2 + RESERVE))
        mt_packed_cut (p, MT_CUT_MEMORY);
      p->room_for = x->n_bytes + RESERVE / 8;
    }
  mt_explore_tick (x);
}

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
      tick (p);
      if (is_due (p))
        mt_packed_meet (w, MT_MEET_SAVE);
    }
  if (!mt_packed_stops (p))
    mt_worker_drain (w, FALSE);
  __atomic_sub_fetch (&p->n_running, 1, __ATOMIC_RELEASE);
  mt_eventcount_advance (&p->events);
}

/* A thread that is made or woken may be put where the one is that did so, and be left there for some milliseconds, longer than many a search takes, while
 * another processor has nothing to do: where it finds itself on @processor, it goes to another. */
static void
leave (gint processor)
{
#ifdef __linux__
  cpu_set_t all, others;
  if (processor != sched_getcpu () || processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity (0, sizeof all, &all))
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

/* Searches the level with @n workers, of which this thread is the first. */
static void
share_level (MtPacked *p, guint n)
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
      p->processor = p->events.spins ? sched_getcpu () : -1;
      __atomic_add_fetch (&p->generation, 1, __ATOMIC_RELEASE);
      mt_eventcount_advance (&p->events);
    }
  search_level (p->workers[0]);
  for (guint seen; seen = mt_eventcount_read (&p->events), __atomic_load_n (&p->n_running, __ATOMIC_ACQUIRE);)
    mt_eventcount_await (&p->events, seen);
}

static guint64
end_level (MtPacked *p)
{
  MtChunks **lists = g_newa (MtChunks *, p->n_workers + 1);
  guint n = 0;
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      lists[n++] = &p->workers[i]->chunks;
  guint64 size = mt_levels_add (&p->levels, lists, n);
  mt_parts_tidy (&p->parts);
  gather_ends (p);
  if (p->logs && !p->recalls && p->levels.bytes > LOGGED)
    {
      p->logs = FALSE;
      for (guint level = 0; level < p->level; level++)
        mt_levels_drop (&p->levels, level);
#ifdef __GLIBC__
      malloc_trim (0); /* else what the log took stays with the program, and is written to again, here and there */
#endif
    }
  if (!p->logs)
    mt_levels_drop (&p->levels, p->level);
  return size;
}

static void
begin (MtPacked *p)
{
  MtExplore *x = p->x;
  MtWorker *w = p->workers[0];
  MtStep step;
  guint64 key;
  mt_step_init (&step);
  MtOutcome outcome = mt_explore_start (x, w->next, &step);
  mt_reducer_begin (w->reducer, w->next, NULL);
  if (outcome != MT_OK && !p->recalls)
    mt_properties_step (&x->properties, w->next, MT_STORE_ROOT, (MtChoice){ MT_CLOCK, 0 }, (MtChoice){ MT_CLOCK, 0 }, outcome, 0);
  for (guint n = 0; !p->reduces && !p->recalls && n != p->parts.layout.n && !p->broken; p->broken = !widen (p)) /* again where parts have been joined */
    {
      n = p->parts.layout.n;
      mt_packed_probe (p, w->next);
    }
  mt_parts_forget_samples (&p->parts);
  while (!mt_parts_encode (&p->parts, w->next, &key))
    widen (p);
  mt_mover_reset (&w->mover);
  mt_filter_reset (&w->filter, &p->facts);
  if (p->bits.words)
    mt_bits_put (&p->bits, mt_worker_mix (w, key));
  else
    mt_keyset_put (&p->set, mt_keyset_mix (&p->set, key), FALSE);
  mt_keyset_count (&p->set, 1);
  mt_chunks_add (&w->chunks, &key, NULL, 1, p->grain);
  mt_levels_add (&p->levels, (MtChunks *[]){ &w->chunks }, 1);
  mt_step_clear (&step);
}

/* All levels from p->level on, of which there are @size states to be searched, up to p->last, or to where the search ends.
 * A search that is taken up may have none left in its first level and yet some in the next. */
static void
search_levels (MtPacked *p, guint64 size)
{
  MtExplore *x = p->x;
  for (gboolean more = TRUE; more && !x->stop; p->level++)
    {
      if (!p->recalls && x->levels->len == p->level)
        g_array_append_val (x->levels, size);
      x->max_depth = MAX (x->max_depth, p->level);
      x->queue = size;
      if (!x->options->grain && p->n_workers > 1)
        p->grain = (guint)CLAMP (size / (SHARES * p->n_workers), LEAST_GRAIN, MT_CHUNK);
      share_level (p, size >= PARALLEL * p->grain && !x->options->max_states ? p->n_workers : 1);
      tick (p);
      if (x->impatient && x->transitions >= x->patience && !x->stop)
        x->impatient (x);
      if (x->options->checkpoint && x->cuts & (MT_CUT_TIME | MT_CUT_INTERRUPT) && !p->recalls)
        save (p);
      size = end_level (p);
      more = size > 0;
      if (more && p->level + 1 >= x->properties.stop_length && !p->recalls)
        x->stop = TRUE;
    }
  p->level--;
}

/* Where a step's footprint says whether it commutes, and each state is searched whole (worker.c). Not with daemons: the step that ends the model
 * ends them, too, which no footprint tells. */
static gboolean
may_sleep (const MtExplore *x)
{
  return !(mt_reducer_used (x->reducer) & ~(guint)MT_REDUCE_DEAD) && !x->program->has_daemons && !x->options->bitstate && !x->options->max_states;
}

static MtPacked *
packed_new (MtExplore *x)
{
  MtPacked *p = g_new0 (MtPacked, 1);
  p->x = x;
  p->n_workers = x->options->bitstate ? 1 : MAX (x->options->jobs, 1); /* what is taken for seen depends on the order */
  p->saved = x->started;
  p->workers = g_new0 (MtWorker *, p->n_workers);
  p->sleeps = may_sleep (x);
  p->reduces = mt_reducer_used (x->reducer) & ~(guint)MT_REDUCE_DEAD;
  mt_eventcount_init (&p->events, p->n_workers <= g_get_num_processors ());
  p->grain = x->options->grain ? MIN (x->options->grain, MT_CHUNK) : MT_CHUNK;
  p->logs = TRUE;
  p->last = x->options->max_depth ? x->options->max_depth : G_MAXUINT;
  p->marks = g_array_new (FALSE, FALSE, sizeof (MtPin));
  p->ends = g_array_new (FALSE, FALSE, sizeof (MtPin));
  pthread_mutex_init (&p->lock, NULL);
  guint n_alike;
  const MtAlike *alike = mt_reducer_alike (x->reducer, &n_alike);
  mt_parts_init (&p->parts, x->program, alike, alike ? n_alike : 0);
  mt_facts_init (&p->facts, &p->parts, x->properties.accesses);
  mt_settled_init (&p->settled, x->program);
  p->facts.raced = p->settled.race;
  mt_levels_init (&p->levels);
  p->workers[0] = mt_worker_new (p, 0);
  return p;
}

/* All but the first. */
static void
dismiss_workers (MtPacked *p)
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

gboolean
mt_packed_recall (MtPacked *p, guint level)
{
  MtExplore *x = p->x;
  const guint cuts = x->cuts, stop = x->stop;
  if (p->logs && level < mt_levels_n (&p->levels)) /* else of what was looked for before, which was not as deep */
    return TRUE;
  p->recalls = p->logs = TRUE;
  p->last = level;
  x->stop = FALSE;
  x->cuts = 0;
  mt_keyset_clear (&p->set);
  mt_bits_empty (&p->bits);
  mt_levels_empty (&p->levels);
  mt_worker_empty (p->workers[0]); /* of the others there are none any more */
  p->level = 0;
  gboolean good = mt_keyset_init (&p->set, mt_parts_width (&p->parts), x->store.max_bytes);
  if (good)
    {
      begin (p);
      search_levels (p, 1);
      dismiss_workers (p);
      good = !x->cuts;
    }
  p->recalls = FALSE;
  x->cuts = cuts;
  x->stop = stop;
  return good;
}

void
mt_packed_free (MtPacked *p)
{
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      mt_worker_free (p->workers[i]);
  g_free (p->workers);
  mt_levels_clear (&p->levels);
  mt_keyset_clear (&p->set);
  mt_bits_clear (&p->bits);
  mt_facts_clear (&p->facts);
  mt_settled_clear (&p->settled);
  mt_parts_clear (&p->parts);
  g_array_unref (p->marks);
  g_array_unref (p->ends);
  pthread_mutex_destroy (&p->lock);
  mt_eventcount_clear (&p->events);
  g_free (p);
}

/* Takes up the search where the file of it left off; FALSE: there is none yet, or x->error tells. */
static gboolean
resume (MtPacked *p, guint64 *size)
{
  MtExplore *x = p->x;
  MtWorker *w = p->workers[0];
  if (!x->options->checkpoint || !mt_checkpoint_read (p, size, &x->error))
    return FALSE;
  mt_facts_reset (&p->facts);
  mt_mover_reset (&w->mover);
  mt_filter_reset (&w->filter, &p->facts);
  p->logs = FALSE;
  x->resumed = TRUE;
  return TRUE;
}

void
mt_packed_search (MtExplore *x)
{
  MtPacked *p = x->packed = packed_new (x);
  guint64 size = 1;
  gboolean good = p->workers[0] && mt_keyset_init (&p->set, mt_parts_width (&p->parts), x->store.max_bytes);
  good = good && (!x->options->bitstate || mt_bits_init (&p->bits, MIN (x->options->bitstate, x->store.max_bytes)));
  if (!good)
    {
      mt_packed_cut (p, MT_CUT_MEMORY);
      return;
    }
  if (!resume (p, &size) && !x->error)
    begin (p);
  if (!x->error)
    search_levels (p, size);
  dismiss_workers (p);
  tick (p);
  if (p->bits.words)
    {
      x->cuts |= MT_CUT_BITSTATE;
      x->omission = mt_bits_omission (&p->bits);
    }
  for (guint i = 0; i < p->ends->len; i++)
    g_array_append_val (x->terminals, i);
  if (x->options->checkpoint && !x->error && !(x->cuts & (MT_CUT_TIME | MT_CUT_INTERRUPT)))
    mt_checkpoint_remove (x->options->checkpoint); /* there is nothing left to be done */
  if (!x->elsewhere)
    mt_packed_find_ways (x);
}

/* How workers meet, and what the one does who is alone then: he lays the fields out anew, enlarges the table, writes a checkpoint. What can be shared of
 * it he shares with those who wait. */
#include "checker/packed/private.h"

#define TIGHT ((gsize)1 << 20) /* bytes of the table from which on fields are kept narrow */
#define LARGE ((gsize)8 << 20) /* bytes of the table from which on it grows by half of what is there at most: see most_to_come() */
#define MEMO_SHARE 2 /* of the table's bytes, as many more may go into remembered steps */

/* The layout. */

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

/* Lets all who wait share @pass, if there are any; where it is NULL, memory ran out: FALSE. */
static gboolean
pass_together (MtPacked *p, MtKeysetPass *pass)
{
  p->pass = pass;
  if (!pass)
    return FALSE;
  if (p->n_waiting > 1)
    {
      p->n_passes++;
      pthread_mutex_unlock (&p->lock);
      mt_eventcount_advance (&p->events);
      mt_keyset_pass_share (pass, TRUE);
      pthread_mutex_lock (&p->lock);
      p->pass = NULL;
      for (guint seen; seen = mt_eventcount_read (&p->events), p->n_sharing;)
        await (p, seen);
    }
  else
    mt_keyset_pass_share (pass, FALSE);
  p->pass = NULL;
  return mt_keyset_pass_end (pass);
}

/* By one who waits, holding p->lock: helps the one who is alone. */
static void
share_pass (MtPacked *p)
{
  MtKeysetPass *pass = p->pass;
  p->n_sharing++;
  pthread_mutex_unlock (&p->lock);
  mt_keyset_pass_share (pass, TRUE);
  pthread_mutex_lock (&p->lock);
  p->n_sharing--;
  mt_eventcount_advance (&p->events);
}

/* Everything goes over to the present layout; the table has room for @more keys then. */
static gboolean
rename_keys (MtPacked *p, MtRekeying *r, gsize more)
{
  gboolean good = pass_together (p, mt_keyset_rename_begin (&p->set, mt_parts_width (&p->parts), more, rekey, r));
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
gboolean
mt_packed_widen (MtPacked *p)
{
  const gsize more = in_flight (p);
  const gboolean slack = mt_keyset_bytes (&p->set) < TIGHT
                         || mt_keyset_entry_bytes (&p->set, mt_parts_widened_width (&p->parts, TRUE), more)
                                <= mt_keyset_entry_bytes (&p->set, mt_parts_widened_width (&p->parts, FALSE), more);
  MtLayout *before = mt_parts_widen (&p->parts, slack);
  MtRekeying r;
  for (mt_rekeying_init (&r, &p->parts, before); r.n_joints; mt_rekeying_init (&r, &p->parts, before))
    {
      if (!pass_together (p, mt_keyset_each_begin (&p->set, number_each, &r)))
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

/* The table. */

/* As many as there are; of a large table no more is believed than half of that: what it takes too much cannot be had back. A little less, so that the
 * table doubles: as many again are some keys too many for twice the size now and then, and the next one is two and a half times. */
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
    return pass_together (p, mt_keyset_grow_begin (&p->set, more));
  MtLayout *before = mt_parts_tighten (&p->parts);
  MtRekeying r;
  mt_rekeying_init (&r, &p->parts, before);
  gboolean good = rename_keys (p, &r, more);
  mt_rekeying_clear (&r);
  mt_layout_free (before);
  return good;
}

gboolean
mt_packed_is_tight (const MtPacked *p)
{
  return !p->bits.words && mt_keyset_is_tight (&p->set, in_flight (p));
}

/* The meeting. */

/* Writes what has been found so far. A pending key is put first: what is written is states searched, and states to be. */
void
mt_packed_save (MtPacked *p)
{
  MtExplore *x = p->x;
  gboolean good = !p->broken;
  mt_packed_gather_ends (p);
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
  mt_packed_gather_ends (p); /* keys may be changed */
  gsize other = mt_packed_bytes (p) - mt_keyset_bytes (&p->set), memory = p->x->store.max_bytes;
  p->set.max_bytes = memory > other ? memory - other : 0;
  p->broken = p->broken || (p->parts.overflow && !p->parts.refused && !mt_packed_widen (p));
  if (p->parts.refused || p->broken)
    mt_packed_cut (p, MT_CUT_MEMORY);
  gboolean tight = p->why & MT_MEET_TIGHT || mt_packed_is_tight (p);
  if (tight && !p->broken && !(mt_store_leaves_room (mt_packed_bytes (p) + MT_RESERVE) && grow (p)))
    mt_packed_cut (p, MT_CUT_MEMORY);
  p->facts.memo_bytes = mt_keyset_bytes (&p->set) / (MEMO_SHARE * p->n_workers);
  if (p->why == MT_MEET_SAVE) /* no worker is in the middle of a state */
    mt_packed_save (p);
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
  guint shared = p->n_passes; /* what is left of the last of these others have taken */
  gboolean was_alone = FALSE;
  p->n_waiting++;
  for (guint seen; seen = mt_eventcount_read (&p->events), p->rounds == round;)
    if (p->pass && p->n_passes != shared)
      {
        shared = p->n_passes;
        share_pass (p);
      }
    else if (p->n_waiting == __atomic_load_n (&p->n_running, __ATOMIC_ACQUIRE) && !p->is_alone)
      {
        p->is_alone = was_alone = TRUE;
        alone (p);
        p->is_alone = FALSE;
        __atomic_store_n (&p->wants, FALSE, __ATOMIC_RELAXED);
        p->n_waiting = 0;
        p->rounds++;
      }
    else
      await (p, seen);
  pthread_mutex_unlock (&p->lock);
  if (was_alone)
    mt_eventcount_advance (&p->events);
  return !mt_packed_stops (p);
}

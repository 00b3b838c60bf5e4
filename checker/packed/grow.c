/* Passes over a table of keys that threads share: growing it, renaming its keys, looking at each: see keyset.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mremap */
#endif
#include "checker/packed/shape.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#define SMALL ((gsize)1 << 20) /* bytes: below, it doubles */
#define LOW 768 /* buckets, six windows: see Growing */
#define REGIONS 5 /* bits of their number at most: see Renaming */
#define REGION 12 /* bits of the number of homes that each should have */
#define PARCEL 64 /* keys, from which on it is delivered when nobody else puts any there; twice as many at most */

/* The next size: a quarter, a fifth or a third more. */
static void
grow_a_little (guint *q, guint *k)
{
  ++*q;
  *k += *q > 6;
  *q = *q > 6 ? 4 : *q;
}

/* The next size that has room for @more keys. */
static void
find_size (const MtKeyset *set, guint width, gsize more, guint *q, guint *k)
{
  do
    {
      if ((gsize)MT_LINE * *q << (*k - 2) < SMALL)
        ++*k;
      else
        grow_a_little (q, k);
    }
  while (mt_shape_most (width, *q, *k) < set->n + more);
}

guint
mt_keyset_entry_bytes (const MtKeyset *set, guint width, gsize more)
{
  guint q = set->q, k = set->k;
  find_size (set, width, more, &q, &k);
  guint shape = mt_shape_for (width, k);
  return mt_shapes[shape].lane + mt_shapes[shape].upper;
}

gsize
mt_keyset_grown_bytes (const MtKeyset *set, guint width, gsize more)
{
  MtKeyset to = { .q = set->q, .k = set->k };
  find_size (set, width, more, &to.q, &to.k);
  return mt_shape_bytes (&to);
}

/* The size for @more keys that are renamed: other keys may have wider entries, or narrower ones. */
static void
find_renamed_size (const MtKeyset *set, guint width, gsize more, guint *q, guint *k)
{
  while (*k > MT_MIN_K && mt_shape_most (width, *q, *k - 1) >= set->n + more)
    --*k;
  if (mt_shape_most (width, *q, *k) < set->n + more)
    find_size (set, width, more, q, k);
}

gsize
mt_keyset_renamed_bytes (const MtKeyset *set, guint width, gsize more)
{
  MtKeyset to = { .q = set->q, .k = set->k };
  find_renamed_size (set, MAX (width, MT_MIN_WIDTH), more, &to.q, &to.k);
  return mt_shape_bytes (&to);
}

/* Homes from the first to the last, whose keys this thread alone puts, and no other writes to where they go. */
typedef struct
{
  gsize first, last;
} Own;

#define ALL ((Own){ 0, G_MAXSIZE })

/* Puts a key that is not in the set. */
MT_SHAPED gboolean
put_fresh (MtKeyset *set, guint64 mixed, Own own, const guint lane, const guint upper)
{
  const MtPlace place = mt_shape_place (set, mixed);
  const guint far = mt_shape_far (set);
  const gboolean shared = place.home < own.first || place.home > own.last;
  for (guint distance = 1; distance <= far; distance++)
    {
      guint8 *bucket = set->buckets + (place.home + mt_shape_steps[distance]) * MT_LINE;
      guint n = G_UNLIKELY (shared) ? mt_bucket_lock (bucket) : mt_bucket_count (bucket);
      gboolean full = n == mt_bucket_size (lane, upper);
      if (!full)
        mt_bucket_write (bucket, n, place.remainder | distance, lane, upper);
      if (shared || !full)
        mt_bucket_unlock (bucket, n + !full);
      if (!full)
        return TRUE;
    }
  return FALSE;
}

/* Puts @n such keys; those that found no place are moved to the front. Returns how many these are. */
MT_SHAPED guint
put_all_fresh (MtKeyset *set, guint64 *mixed, guint n, Own own, const guint lane, const guint upper)
{
  guint homeless = 0;
  for (guint i = 0; i < n; i++)
    if (!put_fresh (set, mixed[i], own, lane, upper))
      mixed[homeless++] = mixed[i];
  return homeless;
}

static guint
put_fresh_keys (MtKeyset *set, guint64 *mixed, guint n, Own own)
{
#define CALL(lane, upper) return put_all_fresh (set, mixed, n, own, lane, upper)
  MT_FOR_SHAPE (set, CALL)
#undef CALL
}

/* Fresh pages that are about to be written to: they would be read first, each a fault more, and one that all processors notice. (Where the
 * system does not know the request, nothing is lost.) */
static void
touch (guint8 *from, guint8 *end)
{
#ifdef MADV_POPULATE_WRITE
  const gsize page = 4096;
  guint8 *first = from + (page - (gsize)from % page) % page;
  if (first < end)
    madvise (first, (gsize)(end - first) / page * page, MADV_POPULATE_WRITE);
#endif
}

static gboolean
put_surely (MtKeyset *set, guint64 mixed)
{
  while (mt_keyset_put (set, mixed, FALSE) == MT_KEYSET_FULL)
    if (!mt_keyset_grow (set, 1))
      return FALSE;
  return TRUE;
}

static gboolean
put_homeless (MtKeyset *set, const GArray *homeless)
{
  for (guint i = 0; i < homeless->len; i++) /* few, if any: some bucket was too far from home */
    if (!put_surely (set, g_array_index (homeless, guint64, i)))
      return FALSE;
  return TRUE;
}

/* Growing: the same keys in more buckets, where the table lies. From the last block of buckets down, the keys of each bucket are put where
 * they belong now. That is not before the bucket they come from, but for the lowest: with a fifth more buckets at least, the home h
 * becomes 6 h / 5 or later, and what is in the bucket i has its home less than a window before it. So nothing is written over that has not been read, but in
 * the first LOW buckets, which are put aside first.
 *
 * Threads that share it take blocks in turn, and each waits with a block until those that lie where its keys go have been read. They lie
 * above it, so somebody has them already, and the uppermost of all never waits. */

#define BLOCK 2048 /* buckets */
#define FRESH ((gsize)1 << 17) /* bytes that one thread asks for at a time */
#define HUGE_PAGE ((gsize)2 << 20) /* bytes: the same of these, which two threads would both make */

struct _MtKeysetPass
{
  MtKeyset *set, to;
  gsize n, n_low; /* buckets of the set; of these, put aside */
  guint8 *fresh, *end; /* pages that the system has not given yet */
  gsize touched; /* pieces of these that are taken care of: atomic */
  gsize next; /* block to be taken is the one below: atomic */
  guint8 *done; /* of each block: it has been read, and is empty: atomic */
  void (*visit) (gpointer data, guint64 key); /* keys are only looked at; NULL: no */
  guint64 (*renamed) (gpointer data, guint64 key); /* what keys become; NULL: they stay, and so does the table */
  gpointer data;
  GArray *homeless; /* guint64: mixed keys that found no place */
  pthread_mutex_t lock; /* held to add to them */
  guint region_bits; /* of a renamed key, mixed: the upper ones, which tell its region */
  pthread_mutex_t regions[1 << REGIONS]; /* held to put keys of each */
  guint8 low[LOW * MT_LINE];
};

static MtKeysetPass *
pass_new (MtKeyset *set, const MtKeyset *to)
{
  MtKeysetPass *g = g_try_new0 (MtKeysetPass, 1);
  if (!g)
    return NULL;
  g->set = set;
  g->to = *to;
  g->n = mt_shape_homes (set) + MT_WINDOW;
  g->homeless = g_array_new (FALSE, FALSE, sizeof (guint64));
  pthread_mutex_init (&g->lock, NULL);
  while (g->region_bits < REGIONS && mt_shape_homes (to) >> (g->region_bits + 1 + REGION))
    g->region_bits++;
  for (guint i = 0; i < 1u << REGIONS; i++)
    pthread_mutex_init (&g->regions[i], NULL);
  return g;
}

static void
pass_free (MtKeysetPass *g)
{
  g_array_unref (g->homeless);
  pthread_mutex_destroy (&g->lock);
  for (guint i = 0; i < 1u << REGIONS; i++)
    pthread_mutex_destroy (&g->regions[i]);
  g_free (g->done);
  g_free (g);
}

static void
add_homeless (MtKeysetPass *g, const guint64 *mixed, guint n)
{
  if (!n)
    return;
  pthread_mutex_lock (&g->lock);
  g_array_append_vals (g->homeless, mixed, n);
  pthread_mutex_unlock (&g->lock);
}

static gsize
n_blocks (const MtKeysetPass *g)
{
  return (g->n - g->n_low + BLOCK - 1) / BLOCK;
}

MtKeysetPass *
mt_keyset_grow_begin (MtKeyset *set, gsize more)
{
  guint q = set->q, k = set->k;
  MtKeyset to = *set;
  find_size (set, set->width, more, &q, &k);
  if (!mt_shape_set (&to, set->width, q, k))
    return NULL;
  MtKeysetPass *g = pass_new (set, &to);
  void *buckets = g ? mremap (set->buckets, mt_shape_bytes (set), mt_shape_bytes (&to), MREMAP_MAYMOVE) : MAP_FAILED;
  if (buckets == MAP_FAILED)
    {
      if (g)
        pass_free (g);
      return NULL;
    }
  mt_keyset_ask_for_huge_pages (buckets, mt_shape_bytes (&to));
  g->to.buckets = buckets;
  g->fresh = g->to.buckets + mt_shape_bytes (set);
  g->end = g->to.buckets + mt_shape_bytes (&to);
  g->n_low = MIN (LOW, g->n);
  g->next = n_blocks (g);
  g->done = g_new0 (guint8, g->next + 1);
  memcpy (g->low, buckets, g->n_low * MT_LINE);
  memset (buckets, 0, g->n_low * MT_LINE);
  return g;
}

static void
regrow_bucket (MtKeysetPass *g, gsize i, const guint8 *bucket, Own own)
{
  guint64 keys[MT_MAX_PER_BUCKET];
  add_homeless (g, keys, put_fresh_keys (&g->to, keys, mt_keyset_bucket_keys (g->set, i, bucket, keys), own));
}

/* Waits until the blocks above @block in which the buckets from @first to @last lie have been read. */
static void
wait_for_blocks (const MtKeysetPass *g, gsize block, gsize first, gsize last)
{
  const gsize n = n_blocks (g);
  first = first < g->n_low ? 0 : (first - g->n_low) / BLOCK;
  last = last < g->n_low ? 0 : MIN ((last - g->n_low) / BLOCK, n - 1);
  for (gsize above = MAX (first, block + 1); above <= last && above < n; above++)
    while (!__atomic_load_n (&g->done[above], __ATOMIC_ACQUIRE))
      sched_yield ();
}

/* Where the home @i comes to lie, rounded down. */
static gsize
moved (const MtKeysetPass *g, gsize i)
{
  return (gsize)((guint64)i * mt_shape_homes (&g->to) / mt_shape_homes (g->set));
}

/* The buckets of a block are copied, and so read, before others may write to them: its keys go to where it lies itself, too, if it is low. */
static void
regrow_block (MtKeysetPass *g, gsize block, guint8 *copy, gboolean shared)
{
  const gsize from = g->n_low + block * BLOCK, end = MIN (from + BLOCK, g->n);
  memcpy (copy, g->to.buckets + from * MT_LINE, (end - from) * MT_LINE);
  memset (g->to.buckets + from * MT_LINE, 0, (end - from) * MT_LINE);
  __atomic_store_n (&g->done[block], 1, __ATOMIC_RELEASE);
  wait_for_blocks (g, block, moved (g, from - MIN (from, MT_WINDOW)), moved (g, end) + 1 + MT_WINDOW);
  /* the blocks below and above have keys that go to the first and to the last of where this one's go; what is put has its home in
   * own, and lies less than a window behind that */
  const gsize first = moved (g, from) + 1 + MT_WINDOW, last = moved (g, end - MIN (end, MT_WINDOW));
  const Own own = shared ? (Own){ first, last > MT_WINDOW ? last - MT_WINDOW : 0 } : ALL;
  for (gsize i = end; i-- > from;)
    regrow_bucket (g, i, copy + (i - from) * MT_LINE, own);
}

/* Renaming: into a new table. Renamed keys come to lie anywhere, so the new table is parted into regions, and each thread collects the keys of
 * each: those of one region are put together, by one thread at a time. A key lies less than a window behind its home, so the first window of a region may
 * be written to from the region before: there buckets are locked. The rest of a region only its own keys reach. What has been moved is given back as it
 * is: two tables are there for a while, but not whole. (After the buffers of a partitioned hash join: Shatdal, Kant, Naughton, "Cache conscious algorithms for
 * relational query processing", VLDB 1994.) */

typedef struct
{
  guint n;
  guint64 mixed[2 * PARCEL];
} Parcel;

/* @bits: of the number of regions; with none, there is one, for one thread or several. @surely: it waits where another puts keys. */
static void
deliver (MtKeysetPass *g, guint bits, guint region, Parcel *parcel, gboolean surely)
{
  const gsize homes = mt_shape_homes (&g->to) >> bits, first = region * homes;
  const Own own = bits ? (Own){ first + MT_WINDOW, first + homes - 1 - MT_WINDOW } : ALL;
  if (pthread_mutex_trylock (&g->regions[region]))
    {
      if (!surely)
        return;
      pthread_mutex_lock (&g->regions[region]);
    }
  guint homeless = put_fresh_keys (&g->to, parcel->mixed, parcel->n, own);
  pthread_mutex_unlock (&g->regions[region]);
  add_homeless (g, parcel->mixed, homeless);
  parcel->n = 0;
}

static void
rename_block (MtKeysetPass *g, guint bits, gsize block, Parcel *parcels)
{
  const gsize from = block * BLOCK, end = MIN (from + BLOCK, g->n);
  const MtMixer mixer = mt_keyset_mixer (&g->to);
  const guint below = g->to.width - bits;
  guint64 keys[MT_MAX_PER_BUCKET];
  for (gsize i = from; i < end; i++)
    for (guint n = mt_keyset_bucket_keys (g->set, i, g->set->buckets + i * MT_LINE, keys), k = 0; k < n; k++)
      {
        const guint64 mixed = mt_mixer_mix (&mixer, g->renamed (g->data, mt_shape_unmix (g->set, keys[k])));
        Parcel *parcel = &parcels[mixed >> below];
        mt_mixer_expect (&mixer, mixed);
        parcel->mixed[parcel->n++] = mixed;
        if (parcel->n >= PARCEL)
          deliver (g, bits, (guint)(mixed >> below), parcel, parcel->n == 2 * PARCEL);
      }
  if (end - from == BLOCK)
    madvise (g->set->buckets + from * MT_LINE, BLOCK * MT_LINE, MADV_DONTNEED);
}

static void
touch_fresh (MtKeysetPass *g)
{
  if (!g->fresh) /* nothing grows */
    return;
  const gsize piece = mt_shape_bytes (&g->to) < MT_HUGE_PAGES ? FRESH : HUGE_PAGE;
  guint8 *const first = g->fresh - (gsize)g->fresh % piece;
  for (gsize at; (at = piece * __atomic_fetch_add (&g->touched, 1, __ATOMIC_RELAXED)) < (gsize)(g->end - first);)
    touch (MAX (first + at, g->fresh), MIN (first + at + piece, g->end));
}

/* Takes a block: @block. FALSE: there are none left. */
static gboolean
next_block (MtKeysetPass *g, gsize *block)
{
  for (gsize next = __atomic_load_n (&g->next, __ATOMIC_RELAXED); next > 0;)
    if (__atomic_compare_exchange_n (&g->next, &next, next - 1, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      {
        *block = next - 1;
        return TRUE;
      }
  return FALSE;
}

void
mt_keyset_pass_share (MtKeysetPass *g, gboolean shared)
{
  gsize block;
  touch_fresh (g);
  if (g->visit)
    while (next_block (g, &block))
      mt_keyset_each_in (g->set, block * BLOCK, MIN ((block + 1) * BLOCK, g->n), g->visit, g->data);
  else if (g->renamed)
    {
      const guint bits = shared ? g->region_bits : 0;
      g_autofree Parcel *parcels = g_new0 (Parcel, (gsize)1 << bits);
      while (next_block (g, &block))
        rename_block (g, bits, block, parcels);
      for (guint i = 0; i < 1u << bits; i++)
        if (parcels[i].n)
          deliver (g, bits, i, &parcels[i], TRUE);
    }
  else
    {
      g_autofree guint8 *copy = g_malloc (BLOCK * MT_LINE);
      while (next_block (g, &block))
        regrow_block (g, block, copy, shared);
    }
}

gboolean
mt_keyset_pass_end (MtKeysetPass *g)
{
  if (g->visit)
    {
      pass_free (g);
      return TRUE;
    }
  for (gsize i = g->n_low; i-- > 0;)
    regrow_bucket (g, i, g->low + i * MT_LINE, ALL);
  if (g->renamed)
    {
      g->to.n = g->set->n;
      mt_keyset_clear (g->set);
    }
  *g->set = g->to;
  gboolean good = put_homeless (g->set, g->homeless);
  pass_free (g);
  return good;
}

static gboolean
grow_alone (MtKeysetPass *pass)
{
  if (!pass)
    return FALSE;
  mt_keyset_pass_share (pass, FALSE);
  return mt_keyset_pass_end (pass);
}

gboolean
mt_keyset_grow (MtKeyset *set, gsize more)
{
  return grow_alone (mt_keyset_grow_begin (set, more));
}

MtKeysetPass *
mt_keyset_rename_begin (MtKeyset *set, guint width, gsize more, guint64 (*renamed) (gpointer data, guint64 key), gpointer data)
{
  guint q = set->q, k = set->k;
  MtKeyset to;
  width = MAX (width, MT_MIN_WIDTH);
  find_renamed_size (set, width, more, &q, &k);
  if (!mt_keyset_new (&to, width, q, k, set->max_bytes))
    return NULL;
  MtKeysetPass *g = pass_new (set, &to);
  if (!g)
    {
      mt_keyset_clear (&to);
      return NULL;
    }
  g->fresh = to.buckets;
  g->end = to.buckets + mt_shape_bytes (&to);
  g->renamed = renamed;
  g->data = data;
  g->next = n_blocks (g);
  return g;
}

gboolean
mt_keyset_rename (MtKeyset *set, guint width, gsize more, guint64 (*renamed) (gpointer data, guint64 key), gpointer data)
{
  return grow_alone (mt_keyset_rename_begin (set, width, more, renamed, data));
}

MtKeysetPass *
mt_keyset_each_begin (MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data)
{
  MtKeysetPass *g = pass_new (set, set);
  if (!g)
    return NULL;
  g->visit = visit;
  g->data = data;
  g->next = n_blocks (g);
  return g;
}

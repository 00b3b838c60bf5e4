/* See keyset.h; what a bucket is: bucket.h; how many there are: shape.h; how there come to be more: grow.c. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS, MADV_HUGEPAGE */
#endif
#include "checker/packed/shape.h"
#include <sys/mman.h>

#define STRETCH 64 /* keys that are looked at together */

void
mt_keyset_clear (MtKeyset *set)
{
  if (set->buckets)
    munmap (set->buckets, mt_shape_bytes (set));
  memset (set, 0, sizeof *set);
}

gsize
mt_keyset_bytes (const MtKeyset *set)
{
  return set->buckets ? mt_shape_bytes (set) : 0;
}

MT_SHAPED MtKeysetPut
put (const MtKeyset *set, guint64 mixed, gboolean shared, gboolean adds, const guint lane, const guint upper)
{
  const MtPlace place = mt_shape_place (set, mixed);
  const guint far = mt_shape_far (set);
  for (guint distance = 1; distance <= far; distance++)
    {
      guint8 *bucket = set->buckets + (place.home + mt_shape_steps[distance]) * MT_LINE;
      guint64 value = place.remainder | distance;
      guint n = mt_bucket_count (bucket);
      gboolean seen = mt_bucket_has (bucket, n, value, lane, upper), full = n == mt_bucket_size (lane, upper);
      if (adds && !shared && G_LIKELY (!full))
        return mt_bucket_add_alone (bucket, value, n, seen, lane, upper);
      if (seen)
        return MT_KEYSET_SEEN;
      if (full)
        continue;
      MtKeysetPut done = adds ? mt_bucket_add_locked (bucket, value, n, lane, upper) : MT_KEYSET_NEW;
      if (G_LIKELY (done != MT_KEYSET_FULL))
        return done;
    }
  return MT_KEYSET_FULL;
}

/* Alone, what is put needs no branch. */
MT_SHAPED guint
put_batch_alone (const MtKeyset *set, const guint64 *mixed, guint n, guint8 *fresh, const guint lane, const guint upper)
{
  for (guint i = 0; i < n; i++)
    {
      MtKeysetPut done = put (set, mixed[i], FALSE, TRUE, lane, upper);
      if (G_UNLIKELY (done == MT_KEYSET_FULL))
        return i;
      fresh[i] = done == MT_KEYSET_NEW;
    }
  return n;
}

/* With others, only keys that are new take a lock. Which they are is found out first, without a branch: then hardly any of what is left was there. */
MT_SHAPED guint
put_batch_shared (const MtKeyset *set, const guint64 *mixed, guint n, guint8 *fresh, const guint lane, const guint upper)
{
  struct
  {
    guint8 *bucket;
    guint64 value;
    guint i, n;
  } left[STRETCH];
  for (guint from = 0; from < n; from += STRETCH)
    {
      guint n_left = 0;
      for (guint i = from; i < MIN (from + STRETCH, n); i++)
        {
          const MtPlace place = mt_shape_place (set, mixed[i]);
          guint8 *bucket = set->buckets + place.home * MT_LINE;
          const guint n_there = mt_bucket_count (bucket);
          left[n_left].bucket = bucket;
          left[n_left].value = place.remainder | 1;
          left[n_left].i = i;
          left[n_left].n = n_there;
          n_left += !mt_bucket_has (bucket, n_there, place.remainder | 1, lane, upper);
          fresh[i] = FALSE;
        }
      for (guint k = 0; k < n_left; k++)
        {
          MtKeysetPut done = MT_KEYSET_FULL;
          if (G_LIKELY (left[k].n < mt_bucket_size (lane, upper)))
            done = mt_bucket_add_locked (left[k].bucket, left[k].value, left[k].n, lane, upper);
          if (G_UNLIKELY (done == MT_KEYSET_FULL))
            done = put (set, mixed[left[k].i], TRUE, TRUE, lane, upper);
          if (G_UNLIKELY (done == MT_KEYSET_FULL))
            return left[k].i;
          fresh[left[k].i] = done == MT_KEYSET_NEW;
        }
    }
  return n;
}

MT_SHAPED guint
put_batch (const MtKeyset *set, const guint64 *mixed, guint n, guint8 *fresh, gboolean shared, const guint lane, const guint upper)
{
  const MtKeyset here = *set; /* what stands in registers need not be read again after each write */
  return shared ? put_batch_shared (&here, mixed, n, fresh, lane, upper) : put_batch_alone (&here, mixed, n, fresh, lane, upper);
}

MtKeysetPut
mt_keyset_put (MtKeyset *set, guint64 mixed, gboolean shared){
#define CALL(lane, upper) return put (set, mixed, shared, TRUE, lane, upper)
  MT_FOR_SHAPE (set, CALL)
#undef CALL
}

guint mt_keyset_put_batch (MtKeyset *set, const guint64 *mixed, guint n, guint8 *fresh, gboolean shared){
#define CALL(lane, upper) return put_batch (set, mixed, n, fresh, shared, lane, upper)
  MT_FOR_SHAPE (set, CALL)
#undef CALL
}

gboolean mt_keyset_has (const MtKeyset *set, guint64 mixed){
#define CALL(lane, upper) return put (set, mixed, FALSE, FALSE, lane, upper) == MT_KEYSET_SEEN
  MT_FOR_SHAPE (set, CALL)
#undef CALL
}

/* The keys of the bucket with index @i, a copy of which is @bucket: mixed, to @out. Returns how many. */
MT_SHAPED guint read_bucket (const MtKeyset *set, gsize i, const guint8 *bucket, guint64 *out, const guint lane, const guint upper)
{
  guint n = mt_bucket_count (bucket);
  for (guint k = 0; k < n; k++)
    {
      guint64 value = mt_bucket_entry (bucket, k, lane, upper);
      out[k] = mt_shape_mixed_at (set, i - mt_shape_steps[value & mt_shape_far (set)], value);
    }
  return n;
}

guint
mt_keyset_bucket_keys (const MtKeyset *set, gsize i, const guint8 *bucket, guint64 *out)
{
#define CALL(lane, upper) return read_bucket (set, i, bucket, out, lane, upper)
  MT_FOR_SHAPE (set, CALL)
#undef CALL
}

void
mt_keyset_ask_for_huge_pages (void *buckets, gsize bytes)
{
#ifdef MADV_HUGEPAGE
  if (bytes >= MT_HUGE_PAGES)
    madvise (buckets, bytes, MADV_HUGEPAGE);
#endif
}

gboolean
mt_keyset_new (MtKeyset *set, guint width, guint q, guint k, gsize max_bytes)
{
  *set = (MtKeyset){ .max_bytes = max_bytes };
  if (!mt_shape_set (set, width, q, k))
    return FALSE;
  void *buckets = mmap (NULL, mt_shape_bytes (set), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buckets == MAP_FAILED)
    return FALSE;
  mt_keyset_ask_for_huge_pages (buckets, mt_shape_bytes (set));
  set->buckets = buckets;
  return TRUE;
}

gboolean
mt_keyset_init (MtKeyset *set, guint width, gsize max_bytes)
{
  return mt_keyset_new (set, width, 4, MT_MIN_K, max_bytes);
}

void
mt_keyset_each_in (const MtKeyset *set, gsize from, gsize end, void (*visit) (gpointer data, guint64 key), gpointer data)
{
  guint64 keys[MT_MAX_PER_BUCKET];
  for (gsize i = from; i < end; i++)
    for (guint n = mt_keyset_bucket_keys (set, i, set->buckets + i * MT_LINE, keys), j = 0; j < n; j++)
      visit (data, mt_shape_unmix (set, keys[j]));
}

void
mt_keyset_each (const MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data)
{
  mt_keyset_each_in (set, 0, mt_shape_homes (set) + MT_WINDOW, visit, data);
}

gboolean
mt_keyset_restore (MtKeyset *set, guint width, guint q, guint k, gsize n, const guint8 *buckets, gsize bytes)
{
  MtKeyset other;
  if (width > MT_KEYSET_MAX_WIDTH || k < MT_MIN_K || k >= width || q < 4 || q > 6 || k > 50 || !mt_keyset_new (&other, width, q, k, set->max_bytes))
    return FALSE;
  if (mt_shape_bytes (&other) != bytes)
    {
      mt_keyset_clear (&other);
      return FALSE;
    }
  memcpy (other.buckets, buckets, bytes);
  other.n = n;
  mt_keyset_clear (set);
  *set = other;
  return TRUE;
}

/* One bucket of the table of keys (keyset.h): a cache line with its state and some entries, from 2 to 8 bytes each.
 *
 * A bucket has two planes: the lower parts of its entries in lanes, of which the first is the state, so that all are
 * compared at once; behind them the upper parts. What follows is compiled once for each shape, the bytes of a lane and of an upper part.
 */
#pragma once
#include "checker/packed/keyset.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MT_LINE 64 /* bytes */
#define MT_BUCKET_LOCK 0x8000 /* of the state; the rest is the number of entries */

#define MT_SHAPED static inline __attribute__ ((always_inline))

/* Entries that it has room for. */
MT_SHAPED guint
mt_bucket_size (const guint lane, const guint upper)
{
  return (MT_LINE - lane) / (lane + upper);
}

MT_SHAPED guint64
mt_bucket_entry (const guint8 *bucket, guint i, const guint lane, const guint upper)
{
  guint64 low = 0, high = 0;
  memcpy (&low, bucket + (i + 1) * lane, lane);
  if (!upper)
    return low;
  const guint8 *at = bucket + (mt_bucket_size (lane, upper) + 1) * lane + i * upper;
#ifndef __SANITIZE_THREAD__ /* the byte before is another entry's, which may be being written; it is not looked at */
  if (upper == 3) /* with that byte: three would be put together in memory first, and read from there, which takes long */
    {
      memcpy (&high, at - 1, 4);
      high >>= 8;
      return low | high << (8 * lane % 64);
    }
#endif
  memcpy (&high, at, upper);
  return low | high << (8 * lane % 64);
}

MT_SHAPED void
mt_bucket_write (guint8 *bucket, guint i, guint64 value, const guint lane, const guint upper)
{
  guint64 high = value >> (8 * lane % 64);
  memcpy (bucket + (i + 1) * lane, &value, lane);
  if (upper)
    memcpy (bucket + (mt_bucket_size (lane, upper) + 1) * lane + i * upper, &high, upper);
}

/* Which of the entries below @n have the lower part of @value: bits. */
MT_SHAPED guint32
mt_bucket_equal_lanes (const guint8 *bucket, guint n, guint64 value, const guint lane, const guint upper)
{
  guint32 equal = 0;
#if defined(__SSE2__) && !defined(__SANITIZE_THREAD__)
  const __m128i *line = (const __m128i *)(gconstpointer)bucket;
  if (lane == 2)
    {
      const __m128i wanted = _mm_set1_epi16 ((gint16)value);
      const __m128i a = _mm_packs_epi16 (_mm_cmpeq_epi16 (line[0], wanted), _mm_cmpeq_epi16 (line[1], wanted));
      const __m128i b = _mm_packs_epi16 (_mm_cmpeq_epi16 (line[2], wanted), _mm_cmpeq_epi16 (line[3], wanted));
      equal = ((guint32)_mm_movemask_epi8 (a) | (guint32)_mm_movemask_epi8 (b) << 16) >> 1;
      return equal & (((guint32)1 << n) - 1);
    }
  if (lane == 4)
    {
      const __m128i wanted = _mm_set1_epi32 ((gint32)value);
      const __m128i a = _mm_packs_epi32 (_mm_cmpeq_epi32 (line[0], wanted), _mm_cmpeq_epi32 (line[1], wanted));
      const __m128i b = _mm_packs_epi32 (_mm_cmpeq_epi32 (line[2], wanted), _mm_cmpeq_epi32 (line[3], wanted));
      equal = (guint32)_mm_movemask_epi8 (_mm_packs_epi16 (a, b)) >> 1;
      return equal & (((guint32)1 << n) - 1);
    }
  if (lane == 8)
    {
      const __m128i wanted = _mm_set1_epi64x ((gint64)value);
      for (guint i = 0; i < 4; i++) /* both halves of a lane must be equal */
        {
          __m128i halves = _mm_cmpeq_epi32 (line[i], wanted);
          equal |= (guint32)_mm_movemask_pd (_mm_castsi128_pd (_mm_and_si128 (halves, _mm_shuffle_epi32 (halves, 0xb1)))) << 2 * i;
        }
      return equal >> 1 & (((guint32)1 << n) - 1);
    }
#endif
  for (guint i = 0; i < n; i++)
    equal |= (guint32)(mt_bucket_entry (bucket, i, lane, 0) == (lane == 8 ? value : value & (((guint64)1 << (8 * lane % 64)) - 1))) << i;
  return equal;
}

/* The same of the upper parts. */
MT_SHAPED guint32
mt_bucket_equal_uppers (const guint8 *bucket, guint n, guint64 value, const guint lane, const guint upper)
{
  const guint from = (mt_bucket_size (lane, upper) + 1) * lane;
  guint32 equal = 0;
#if defined(__SSE2__) && !defined(__SANITIZE_THREAD__)
  const __m128i *line = (const __m128i *)(gconstpointer)bucket;
  guint64 all = 0;
  if (upper == 1)
    {
      const __m128i wanted = _mm_set1_epi8 ((gchar)(value >> (8 * lane % 64)));
      for (guint i = from / 16; i < 4; i++)
        all |= (guint64)(guint32)_mm_movemask_epi8 (_mm_cmpeq_epi8 (line[i], wanted)) << 16 * i;
      return (guint32)(all >> from % 64) & (((guint32)1 << n) - 1);
    }
  if (upper == 2)
    {
      const __m128i wanted = _mm_set1_epi16 ((gint16)(value >> (8 * lane % 64)));
      for (guint i = from / 32; i < 2; i++)
        all |= (guint64)(guint32)_mm_movemask_epi8 (_mm_packs_epi16 (_mm_cmpeq_epi16 (line[2 * i], wanted), _mm_cmpeq_epi16 (line[2 * i + 1], wanted))) << 16 * i;
      return (guint32)(all >> from / 2 % 64) & (((guint32)1 << n) - 1);
    }
#endif
  for (guint i = 0; i < n; i++)
    {
      guint64 high = 0;
      memcpy (&high, bucket + from + i * upper, upper);
      equal |= (guint32)(high == (value >> (8 * lane % 64) & (((guint64)1 << 8 * upper) - 1))) << i;
    }
  return equal;
}

/* Without a branch, where that can be: whether a key is there is what nobody can foresee. */
MT_SHAPED gboolean
mt_bucket_has (const guint8 *bucket, guint n, guint64 value, const guint lane, const guint upper)
{
  guint32 equal = mt_bucket_equal_lanes (bucket, n, value, lane, upper);
  if (upper == 3)
    {
      while (equal && mt_bucket_entry (bucket, (guint)__builtin_ctz (equal), lane, upper) != value)
        equal &= equal - 1;
      return equal != 0;
    }
  if (upper)
    equal &= mt_bucket_equal_uppers (bucket, n, value, lane, upper);
  return equal != 0;
}

/* Entries that it has. */
static inline guint
mt_bucket_count (const guint8 *bucket)
{
  return __atomic_load_n ((const guint16 *)(gconstpointer)bucket, __ATOMIC_ACQUIRE) & (MT_BUCKET_LOCK - 1);
}

/* Locks the bucket and returns how many entries it has. */
static inline guint
mt_bucket_lock (guint8 *bucket)
{
  guint16 *word = (guint16 *)(gpointer)bucket, state = __atomic_load_n (word, __ATOMIC_RELAXED) & (MT_BUCKET_LOCK - 1);
  while (!__atomic_compare_exchange_n (word, &state, (guint16)(state | MT_BUCKET_LOCK), TRUE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    state &= MT_BUCKET_LOCK - 1;
  return state;
}

/* It has @n entries now; whether it was locked or not. */
static inline void
mt_bucket_unlock (guint8 *bucket, guint n)
{
  __atomic_store_n ((guint16 *)(gpointer)bucket, (guint16)n, __ATOMIC_RELEASE);
}

/* Adds @value, which was not among the @seen entries of the bucket, unless another has, or it is full now. */
MT_SHAPED MtKeysetPut
mt_bucket_add_locked (guint8 *bucket, guint64 value, guint seen, const guint lane, const guint upper)
{
  guint n = mt_bucket_lock (bucket);
  MtKeysetPut done = MT_KEYSET_NEW;
  if (G_UNLIKELY (n != seen && mt_bucket_has (bucket, n, value, lane, upper)))
    done = MT_KEYSET_SEEN;
  else if (G_UNLIKELY (n == mt_bucket_size (lane, upper)))
    done = MT_KEYSET_FULL;
  else
    mt_bucket_write (bucket, n++, value, lane, upper);
  mt_bucket_unlock (bucket, n);
  return done;
}

/* Alone: the entry is written in any case, and counted where it is new. */
MT_SHAPED MtKeysetPut
mt_bucket_add_alone (guint8 *bucket, guint64 value, guint n, gboolean seen, const guint lane, const guint upper)
{
  mt_bucket_write (bucket, n, value, lane, upper);
  mt_bucket_unlock (bucket, n + !seen);
  return seen ? MT_KEYSET_SEEN : MT_KEYSET_NEW;
}

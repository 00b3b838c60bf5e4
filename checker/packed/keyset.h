/* An exact set of 64-bit keys in 8 bytes each, for many workers at once.
 *
 * A slot is a key, mixed by a bijection (so that nothing is lost to a hash); there is nothing else to
 * compare and nothing to write in a second step, so one compare-and-swap inserts (after Laarman, van de Pol, Weber,
 * "Boosting Multi-Core Reachability Performance with Shared Hash Tables", FMCAD 2010, whose slots point at the
 * states). Look-up is by linear probing from a home that is the key's place in the order of all mixed keys:
 * home = mixed * slots / 2^64. So the table may have any number of slots, and grows by a sixth in place, in one
 * sequential pass: no second table, never below 0.73 full, 11 bytes a key at most.
 *
 * A look-up in a large table is a cache miss: mt_keyset_expect() a batch of keys first, so that the misses overlap.
 */
#pragma once
#include <glib.h>

typedef struct
{
  guint64 *slots; /* n_slots homes and MT_KEYSET_TAIL more, which keys near the end run over into */
  gsize n_slots;
  gsize n; /* keys, but for one: see has_zero */
  gsize most; /* beyond this many the table should grow */
  gsize max_bytes;
  gint has_zero; /* the key whose mix is 0, the mark of a free slot, is apart */
} MtKeyset;

#define MT_KEYSET_TAIL 1024

/* What mt_keyset_put() did. */
typedef enum
{
  MT_KEYSET_SEEN,
  MT_KEYSET_NEW,
  MT_KEYSET_FULL, /* nothing: grow, then again */
} MtKeysetPut;

/* An empty set with room for at least @n_slots keys at first, which will take @max_bytes at most. FALSE: no memory. */
gboolean mt_keyset_init (MtKeyset *set, gsize n_slots, gsize max_bytes);
void mt_keyset_clear (MtKeyset *set);

static inline gsize
mt_keyset_size (const MtKeyset *set)
{
  return __atomic_load_n (&set->n, __ATOMIC_RELAXED) + (gsize)__atomic_load_n (&set->has_zero, __ATOMIC_RELAXED);
}

gsize mt_keyset_bytes (const MtKeyset *set);

/* Two rounds of xor-shift and multiplication by an odd number, each a bijection (after the finaliser of
 * SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). */
static inline guint64
mt_keyset_mix (guint64 key)
{
  key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
  key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
  return key ^ key >> 32;
}

/* The key of a mix. */
guint64 mt_keyset_unmix (guint64 mixed);

static inline gsize
mt_keyset_home (const MtKeyset *set, guint64 mixed)
{
  return (gsize)(((unsigned __int128)mixed * set->n_slots) >> 64);
}

static inline void
mt_keyset_expect (const MtKeyset *set, guint64 mixed)
{
  __builtin_prefetch (&set->slots[mt_keyset_home (set, mixed)], 1);
}

/* Puts the key whose mix is @mixed. Any number of threads may, at once. */
static inline MtKeysetPut
mt_keyset_put (MtKeyset *set, guint64 mixed)
{
  gsize at = mt_keyset_home (set, mixed), end = set->n_slots + MT_KEYSET_TAIL;
  if (G_UNLIKELY (mixed == 0))
    return __atomic_exchange_n (&set->has_zero, 1, __ATOMIC_RELAXED) ? MT_KEYSET_SEEN : MT_KEYSET_NEW;
  for (; at < end; at++)
    {
      guint64 there = __atomic_load_n (&set->slots[at], __ATOMIC_RELAXED);
      if (there == mixed)
        return MT_KEYSET_SEEN;
      if (there)
        continue;
      if (__atomic_compare_exchange_n (&set->slots[at], &there, mixed, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        {
          __atomic_fetch_add (&set->n, 1, __ATOMIC_RELAXED);
          return MT_KEYSET_NEW;
        }
      if (there == mixed)
        return MT_KEYSET_SEEN;
    }
  return MT_KEYSET_FULL;
}

gboolean mt_keyset_has (const MtKeyset *set, guint64 mixed);

/* Whether it should grow before @more keys are put. */
static inline gboolean
mt_keyset_is_tight (const MtKeyset *set, gsize more)
{
  return __atomic_load_n (&set->n, __ATOMIC_RELAXED) + more > set->most;
}

/* More slots, for @more keys at least. By one thread while no other uses the set. FALSE: memory ran out, or max_bytes; the
 * set is as it was. */
gboolean mt_keyset_grow (MtKeyset *set, gsize more);

/* Calls @visit with each key. By one thread. */
void mt_keyset_each (const MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data);

/* Every key becomes what @renamed makes of it, which is one-to-one. By one thread, in place. FALSE: memory ran out and a key was lost. */
gboolean mt_keyset_rename (MtKeyset *set, guint64 (*renamed) (gpointer data, guint64 key), gpointer data);

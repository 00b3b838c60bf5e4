/* An exact set of keys of up to 61 bits, each in as few bytes as it takes, for many workers at once.
 *
 * A key is mixed by a bijection, so nothing is lost to a hash; what is left is found by quotienting (Knuth, TAOCP 3, 6.4
 * exercise 13; Cleary, "Compact hash tables using bidirectional linear probing", IEEE Trans. Computers 1984): the
 * upper part of a mixed key is the place of its bucket and is not stored, only the remainder is, with how many buckets
 * it has passed because they were full (in steps that become larger, as in quadratic probing: Maurer, "An improved hash code for scatter
 * storage", CACM 1968). A bucket is a cache line of 64 bytes: its state, then entries
 * of 2 to 8 bytes, as wide as the remainders of this table are, compared all at once. A million states whose key has 32 bits take 4 bytes each.
 *
 * Exact, because a bucket that is full stays full: an entry is in a later bucket only if all before it are full, so the
 * first that is not ends every search; and home, distance and remainder determine the key.
 *
 * One look-up is one cache miss: mt_mixer_expect() a batch of keys first, and the misses overlap. Readers
 * take no lock: entries are never changed, and counted only when written. To add, a bucket is locked by a bit of its state.
 *
 * It has 4, 5 or 6 times 2^i buckets, and grows from one such size to the next where it lies, in one sequential pass from its end: the
 * order of buckets is that of mixed keys.
 */
#pragma once
#include <glib.h>

typedef struct
{
  guint8 *buckets; /* cache lines */
  guint width; /* bits of a key */
  guint q, k; /* 4, 5 or 6: there are q << (k - 2) homes, and some buckets more, for what near the end goes further on */
  guint half; /* of the width, rounded up */
  guint64 mask; /* of the width */
  guint shape; /* of the entries */
  guint far_bits; /* of an entry: how many buckets from its home it is */
  gsize most; /* beyond this many it should grow */
  gsize max_bytes;
  guint8 apart[64]; /* what follows changes all the time, and what stands before is read all the time */
  gsize n; /* keys: counted by the caller (mt_keyset_count()) */
  guint8 apart_too[64];
} MtKeyset;

#define MT_KEYSET_MAX_WIDTH 61

/* What mt_keyset_put() did. */
typedef enum
{
  MT_KEYSET_SEEN,
  MT_KEYSET_NEW,
  MT_KEYSET_FULL, /* nothing: grow, then again */
} MtKeysetPut;

/* An empty set of keys of @width bits, small at first, which will take @max_bytes at most. FALSE: no memory. */
gboolean mt_keyset_init (MtKeyset *set, guint width, gsize max_bytes);
void mt_keyset_clear (MtKeyset *set);

gsize mt_keyset_bytes (const MtKeyset *set);

static inline gsize
mt_keyset_size (const MtKeyset *set)
{
  return __atomic_load_n (&set->n, __ATOMIC_RELAXED);
}

/* @n more have been put: workers say so now and then, not each time. */
static inline void
mt_keyset_count (MtKeyset *set, gsize n)
{
  __atomic_fetch_add (&set->n, n, __ATOMIC_RELAXED);
}

/* What mixing takes of a set: it need not be read again for each of several keys. */
typedef struct
{
  const guint8 *buckets;
  guint64 mask;
  guint half, below, q;
} MtMixer;

static inline MtMixer
mt_keyset_mixer (const MtKeyset *set)
{
  return (MtMixer){ set->buckets, set->mask, set->half, set->width - set->k + 2, set->q };
}

/* Xor-shift and multiplication by an odd number, each a bijection of the numbers of this width. (After the finaliser
 * of SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.) */
static inline guint64
mt_mixer_mix (const MtMixer *mixer, guint64 key)
{
  key = (key ^ key >> mixer->half) * 0xd6e8feb86659fd93u & mixer->mask;
  key = (key ^ key >> mixer->half) * 0xd6e8feb86659fd93u & mixer->mask;
  return key ^ key >> mixer->half;
}

static inline guint64
mt_keyset_mix (const MtKeyset *set, guint64 key)
{
  const MtMixer mixer = mt_keyset_mixer (set);
  return mt_mixer_mix (&mixer, key);
}

/* The bucket that the key whose mix is @mixed belongs to. */
static inline const guint8 *
mt_mixer_bucket (const MtMixer *mixer, guint64 mixed)
{
  return mixer->buckets + (mixed * mixer->q >> mixer->below) * 64;
}

/* Fetches it. */
static inline void
mt_mixer_expect (const MtMixer *mixer, guint64 mixed)
{
  __builtin_prefetch (mt_mixer_bucket (mixer, mixed), 1);
}

/* The same, where other threads may have the line: to be written to. (The request above is one to read, on processors of which no more is known than
 * that they are x86-64; to write would be a second round between them.) */
static inline void
mt_mixer_claim (const MtMixer *mixer, guint64 mixed)
{
  const guint8 *bucket = mt_mixer_bucket (mixer, mixed);
#ifdef __x86_64__
  __asm__ volatile ("prefetchw %0" : : "m"(*bucket));
#else
  __builtin_prefetch (bucket, 1);
#endif
}

/* Puts the key whose mix is @mixed. @shared: other threads do so, too, at the same time. */
MtKeysetPut mt_keyset_put (MtKeyset *set, guint64 mixed, gboolean shared);

/* Puts @n keys, in this order, up to the first that would need the table to grow. fresh[i]: whether the key was new. Returns how many have been
 * put. */
guint mt_keyset_put_batch (MtKeyset *set, const guint64 *mixed, guint n, guint8 *fresh, gboolean shared);

/* A table with room for @more, were its keys @width bits: bytes of an entry, and of the whole when it has grown, by one size at least; and of one whose
 * keys have been renamed, which may be smaller. */
guint mt_keyset_entry_bytes (const MtKeyset *set, guint width, gsize more);
gsize mt_keyset_grown_bytes (const MtKeyset *set, guint width, gsize more);
gsize mt_keyset_renamed_bytes (const MtKeyset *set, guint width, gsize more);

gboolean mt_keyset_has (const MtKeyset *set, guint64 mixed);

/* Whether it should grow before @more keys are put. */
static inline gboolean
mt_keyset_is_tight (const MtKeyset *set, gsize more)
{
  return mt_keyset_size (set) + more > set->most;
}

/* More buckets, for @more keys at least. By one thread while no other uses the set, as all below. FALSE: memory ran out, or
 * max_bytes, and the set is as it was (but where not even a key that was too far from home could be placed). */
gboolean mt_keyset_grow (MtKeyset *set, gsize more);

/* The same by several threads, a pass over the table: one begins and ends it, and any number share it in between, @shared: more than one. NULL: as FALSE
 * above. */
typedef struct _MtKeysetPass MtKeysetPass;
MtKeysetPass *mt_keyset_grow_begin (MtKeyset *set, gsize more);
void mt_keyset_pass_share (MtKeysetPass *pass, gboolean shared);
gboolean mt_keyset_pass_end (MtKeysetPass *pass);

/* For a checkpoint: makes @set, which is empty, the one that had these buckets. FALSE: no memory, or they are not of that size. */
gboolean mt_keyset_restore (MtKeyset *set, guint width, guint q, guint k, gsize n, const guint8 *buckets, gsize bytes);

/* Calls @visit with each key, in no order that means anything. The second is a pass, as growing is; @visit may be called by several threads at once
 * then. NULL: no memory. */
void mt_keyset_each (const MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data);
MtKeysetPass *mt_keyset_each_begin (MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data);

/* Every key becomes what @renamed makes of it, which is one-to-one and has @width bits; with room for @more. FALSE: as above. The second is a pass,
 * too; @renamed may be asked by several threads at once then. */
gboolean mt_keyset_rename (MtKeyset *set, guint width, gsize more, guint64 (*renamed) (gpointer data, guint64 key), gpointer data);
MtKeysetPass *mt_keyset_rename_begin (MtKeyset *set, guint width, gsize more, guint64 (*renamed) (gpointer data, guint64 key), gpointer data);

/* See keyset.h. */
#include "checker/packed/keyset.h"
#include <string.h>
#include <sys/mman.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LINE 64 /* bytes of a bucket */
#define LOCK 0x8000 /* of the state; the rest is the number of entries */
#define FAR 15 /* buckets that are tried, the home included: distances 1 to 15, in four bits */
#define AHEAD 32 /* keys */
#define GIVEN_BACK 4096 /* buckets: some pages */
#define MIN_WIDTH 12
#define MIN_K 4
#define MOST(slots) ((slots) / 10 * 9) /* entries, when it should grow */
#define SMALL ((gsize)1 << 20) /* bytes: below, it doubles */
#define HUGE_PAGES ((gsize)1 << 26) /* bytes: from here on a table is probed often enough to be worth them */

static gsize
n_homes (const MtKeyset *set)
{
  return (gsize)set->q << (set->k - 2);
}

static gsize
bytes_of (const MtKeyset *set)
{
  return LINE * (n_homes (set) + FAR);
}

void
mt_keyset_clear (MtKeyset *set)
{
  if (set->buckets)
    munmap (set->buckets, bytes_of (set));
  memset (set, 0, sizeof *set);
}

gsize
mt_keyset_bytes (const MtKeyset *set)
{
  return set->buckets ? bytes_of (set) : 0;
}

/* The inverse of mt_keyset_mix(): where the shift is half the width, an xor-shift is its own inverse. */
static guint64
unmix (const MtKeyset *set, guint64 mixed)
{
  const guint64 inverse = 0xcfee444d8b59a89bu; /* of the multiplier, modulo 2^64 */
  const guint half = (set->width + 1) / 2;
  const guint64 mask = ((guint64)1 << set->width) - 1;
  mixed ^= mixed >> half;
  mixed = mixed * inverse & mask;
  mixed ^= mixed >> half;
  mixed = mixed * inverse & mask;
  return mixed ^ mixed >> half;
}

typedef struct
{
  gsize home;
  guint64 remainder; /* where an entry has it */
} Place;

/* The product with the number of buckets, less the 2^(k - 2) in it: upper bits the home; below, neighbours are q >= 4 apart, so
 * two bits of it tell nothing. */
static inline Place
place_of (const MtKeyset *set, guint64 mixed)
{
  guint below = set->width - set->k + 2;
  guint64 product = mixed * set->q;
  return (Place){ (gsize)(product >> below), (product & (((guint64)1 << below) - 1)) >> 2 << 4 };
}

static inline guint64
mixed_at (const MtKeyset *set, gsize home, guint64 remainder)
{
  guint64 product = (guint64)home << (set->width - set->k + 2) | remainder >> 4 << 2;
  return (product + set->q - 1) / set->q;
}

/* A bucket has two planes: the lower parts of its entries in lanes, of which the first is the state, so that all are
 * compared at once; behind them the upper parts. What follows is compiled once for each shape. */

#define SHAPED static inline __attribute__ ((always_inline))

SHAPED guint
per_bucket (const guint lane, const guint upper)
{
  return (LINE - lane) / (lane + upper);
}

SHAPED guint64
entry_at (const guint8 *bucket, guint i, const guint lane, const guint upper)
{
  guint64 low = 0, high = 0;
  memcpy (&low, bucket + (i + 1) * lane, lane);
  if (!upper)
    return low;
  memcpy (&high, bucket + (per_bucket (lane, upper) + 1) * lane + i * upper, upper);
  return low | high << (8 * lane % 64);
}

SHAPED void
write_entry (guint8 *bucket, guint i, guint64 value, const guint lane, const guint upper)
{
  guint64 high = value >> (8 * lane % 64);
  memcpy (bucket + (i + 1) * lane, &value, lane);
  if (upper)
    memcpy (bucket + (per_bucket (lane, upper) + 1) * lane + i * upper, &high, upper);
}

/* Which of the entries below @n have the lower part of @value: bits. */
SHAPED guint32
equal_lanes (const guint8 *bucket, guint n, guint64 value, const guint lane, const guint upper)
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
#endif
  for (guint i = 0; i < n; i++)
    equal |= (guint32)(entry_at (bucket, i, lane, 0) == (lane == 8 ? value : value & (((guint64)1 << (8 * lane % 64)) - 1))) << i;
  return equal;
}

SHAPED gboolean
is_among (const guint8 *bucket, guint n, guint64 value, const guint lane, const guint upper)
{
  guint32 equal = equal_lanes (bucket, n, value, lane, upper);
  if (!upper)
    return equal != 0;
  for (; equal; equal &= equal - 1)
    if (entry_at (bucket, (guint)__builtin_ctz (equal), lane, upper) == value)
      return TRUE;
  return FALSE;
}

static inline guint
count_of (const guint8 *bucket)
{
  return __atomic_load_n ((const guint16 *)(gconstpointer)bucket, __ATOMIC_ACQUIRE) & (LOCK - 1);
}

/* Locks the bucket and returns how many entries it has. */
static inline guint
lock (guint8 *bucket)
{
  guint16 *word = (guint16 *)(gpointer)bucket, state = __atomic_load_n (word, __ATOMIC_RELAXED) & (LOCK - 1);
  while (!__atomic_compare_exchange_n (word, &state, (guint16)(state | LOCK), TRUE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    state &= LOCK - 1;
  return state;
}

static inline void
unlock (guint8 *bucket, guint n)
{
  __atomic_store_n ((guint16 *)(gpointer)bucket, (guint16)n, __ATOMIC_RELEASE);
}

/* Adds @value to a bucket that had @seen entries and not this one, unless another has, or it is full now. */
SHAPED MtKeysetPut
add (guint8 *bucket, guint64 value, guint seen, gboolean shared, const guint lane, const guint upper)
{
  guint n = shared ? lock (bucket) : seen;
  MtKeysetPut done = MT_KEYSET_NEW;
  if (G_UNLIKELY (n != seen && is_among (bucket, n, value, lane, upper)))
    done = MT_KEYSET_SEEN;
  else if (G_UNLIKELY (n == per_bucket (lane, upper)))
    done = MT_KEYSET_FULL;
  else
    write_entry (bucket, n++, value, lane, upper);
  unlock (bucket, n);
  return done;
}

SHAPED MtKeysetPut
put (MtKeyset *set, guint64 mixed, gboolean shared, gboolean adds, const guint lane, const guint upper)
{
  Place place = place_of (set, mixed);
  guint8 *bucket = set->buckets + place.home * LINE;
  for (guint distance = 1; distance <= FAR; distance++, bucket += LINE)
    {
      guint64 value = place.remainder | distance;
      guint n = count_of (bucket);
      if (is_among (bucket, n, value, lane, upper))
        return MT_KEYSET_SEEN;
      if (n == per_bucket (lane, upper))
        continue;
      MtKeysetPut done = adds ? add (bucket, value, n, shared, lane, upper) : MT_KEYSET_NEW;
      if (G_LIKELY (done != MT_KEYSET_FULL))
        return done;
    }
  return MT_KEYSET_FULL;
}

SHAPED void
each_in (const MtKeyset *set, gsize i, void (*visit) (gpointer data, guint64 mixed), gpointer data, const guint lane, const guint upper)
{
  const guint8 *bucket = set->buckets + i * LINE;
  for (guint k = 0, n = count_of (bucket); k < n; k++)
    {
      guint64 value = entry_at (bucket, k, lane, upper);
      visit (data, mixed_at (set, i + 1 - (value & 15), value));
    }
}

/* How entries of so many bits are laid out, in bytes. */
static const struct
{
  guint bits, lane, upper;
} shapes[] = { { 16, 2, 0 }, { 24, 2, 1 }, { 32, 4, 0 }, { 40, 4, 1 }, { 48, 4, 2 }, { 64, 8, 0 } };

#define FOR_SHAPE(set, call) \
  switch ((set)->shape)      \
    {                        \
    case 0: call (2, 0);     \
    case 1: call (2, 1);     \
    case 2: call (4, 0);     \
    case 3: call (4, 1);     \
    case 4: call (4, 2);     \
    default: call (8, 0);    \
    }

MtKeysetPut
mt_keyset_put (MtKeyset *set, guint64 mixed, gboolean shared)
{
#define CALL(lane, upper) return put (set, mixed, shared, TRUE, lane, upper)
  FOR_SHAPE (set, CALL)
#undef CALL
}

gboolean
mt_keyset_has (const MtKeyset *set, guint64 mixed)
{
#define CALL(lane, upper) return put ((MtKeyset *)set, mixed, FALSE, FALSE, lane, upper) == MT_KEYSET_SEEN
  FOR_SHAPE (set, CALL)
#undef CALL
}

/* @consumes: what has been visited is given back, so that two tables take no more than one. */
static void
each_mixed (const MtKeyset *set, gboolean consumes, void (*visit) (gpointer data, guint64 mixed), gpointer data)
{
  for (gsize i = 0; i < n_homes (set) + FAR; i++)
    {
      if (consumes && i > 0 && i % GIVEN_BACK == 0)
        madvise (set->buckets + (i - GIVEN_BACK) * LINE, GIVEN_BACK * LINE, MADV_DONTNEED);
#define CALL(lane, upper) each_in (set, i, visit, data, lane, upper); break
      FOR_SHAPE (set, CALL)
#undef CALL
    }
}

static guint
shape_for (guint width, guint k)
{
  guint shape = 0;
  while (shapes[shape].bits < width - MIN (k, width) + 4)
    shape++;
  return shape;
}

static gboolean
set_new (MtKeyset *set, guint width, guint q, guint k, gsize max_bytes)
{
  *set = (MtKeyset){ .width = MAX (width, MIN_WIDTH), .q = q, .k = k, .max_bytes = max_bytes };
  set->shape = shape_for (set->width, k);
  set->most = MOST (n_homes (set) * per_bucket (shapes[set->shape].lane, shapes[set->shape].upper));
  if (bytes_of (set) > max_bytes)
    return FALSE;
  void *buckets = mmap (NULL, bytes_of (set), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buckets == MAP_FAILED)
    return FALSE;
#ifdef MADV_HUGEPAGE
  if (bytes_of (set) >= HUGE_PAGES)
    madvise (buckets, bytes_of (set), MADV_HUGEPAGE);
#endif
  set->buckets = buckets;
  return TRUE;
}

gboolean
mt_keyset_init (MtKeyset *set, guint width, gsize max_bytes)
{
  return set_new (set, width, 4, MIN_K, max_bytes);
}

typedef struct
{
  const MtKeyset *from;
  MtKeyset *to;
  guint64 (*renamed) (gpointer data, guint64 key); /* NULL: keys stay as they are, and mixed */
  void (*visit) (gpointer data, guint64 key);
  gpointer data;
  guint64 ahead[AHEAD]; /* mixed, and asked for: keys that change their names come to lie anywhere */
  guint n_ahead;
  GArray *homeless; /* guint64: mixed keys that found no place */
} Pass;

static void
put_ahead (Pass *p)
{
  for (guint i = 0; i < p->n_ahead; i++)
    if (mt_keyset_put (p->to, p->ahead[i], FALSE) == MT_KEYSET_FULL)
      g_array_append_val (p->homeless, p->ahead[i]);
  p->n_ahead = 0;
}

static void
move (gpointer data, guint64 mixed)
{
  Pass *p = data;
  if (p->renamed)
    mixed = mt_keyset_mix (p->to, p->renamed (p->data, unmix (p->from, mixed)));
  mt_keyset_expect (p->to, mixed);
  p->ahead[p->n_ahead++] = mixed;
  if (p->n_ahead == AHEAD)
    put_ahead (p);
}

/* The next size: once and a half, or a third more. */
static void
grow_by_half (guint *q, guint *k)
{
  *k += *q == 6;
  *q = *q == 6 ? 4 : 6;
}

static gboolean
put_surely (MtKeyset *set, guint64 mixed)
{
  while (mt_keyset_put (set, mixed, FALSE) == MT_KEYSET_FULL)
    if (!mt_keyset_grow (set, 1))
      return FALSE;
  return TRUE;
}

/* All keys into a new table. */
static gboolean
rebuild (MtKeyset *set, guint width, guint q, guint k, guint64 (*renamed) (gpointer data, guint64 key), gpointer data)
{
  MtKeyset to;
  gboolean good = TRUE;
  if (!set_new (&to, width, q, k, set->max_bytes))
    return FALSE;
  Pass p = { .from = set, .to = &to, .renamed = renamed, .data = data, .homeless = g_array_new (FALSE, FALSE, sizeof (guint64)) };
  each_mixed (set, TRUE, move, &p);
  put_ahead (&p);
  to.n = set->n;
  mt_keyset_clear (set);
  *set = to;
  for (guint i = 0; good && i < p.homeless->len; i++) /* few, if any: some bucket was too far from home */
    good = put_surely (set, g_array_index (p.homeless, guint64, i));
  g_array_unref (p.homeless);
  return good;
}

/* The next size that has room for @more keys. */
static void
find_size (const MtKeyset *set, guint width, gsize more, guint *q, guint *k)
{
  guint shape;
  do
    {
      if ((gsize)LINE * *q << (*k - 2) < SMALL)
        ++*k;
      else
        grow_by_half (q, k);
      shape = shape_for (width, *k);
    }
  while (MOST (((gsize)*q << (*k - 2)) * per_bucket (shapes[shape].lane, shapes[shape].upper)) < set->n + more);
}

guint
mt_keyset_entry_bytes (const MtKeyset *set, guint width, gsize more)
{
  guint q = set->q, k = set->k;
  find_size (set, width, more, &q, &k);
  guint shape = shape_for (width, k);
  return shapes[shape].lane + shapes[shape].upper;
}

gboolean
mt_keyset_grow (MtKeyset *set, gsize more)
{
  guint q = set->q, k = set->k;
  find_size (set, set->width, more, &q, &k);
  return rebuild (set, set->width, q, k, NULL, NULL);
}

static void
show (gpointer data, guint64 mixed)
{
  Pass *p = data;
  p->visit (p->data, unmix (p->from, mixed));
}

void
mt_keyset_each (const MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data)
{
  Pass p = { .from = set, .visit = visit, .data = data };
  each_mixed (set, FALSE, show, &p);
}

gboolean
mt_keyset_rename (MtKeyset *set, guint width, gsize more, guint64 (*renamed) (gpointer data, guint64 key), gpointer data)
{
  guint q = set->q, k = set->k;
  width = MAX (width, MIN_WIDTH);
  /* other keys may have wider entries, or narrower ones: the table is as large as they need */
  while (k > MIN_K && MOST (((gsize)q << (k - 3)) * per_bucket (shapes[shape_for (width, k - 1)].lane, shapes[shape_for (width, k - 1)].upper)) >= set->n + more)
    k--;
  if (MOST (((gsize)q << (k - 2)) * per_bucket (shapes[shape_for (width, k)].lane, shapes[shape_for (width, k)].upper)) < set->n + more)
    find_size (set, width, more, &q, &k);
  return rebuild (set, width, q, k, renamed, data);
}

gboolean
mt_keyset_restore (MtKeyset *set, guint width, guint q, guint k, gsize n, const guint8 *buckets, gsize bytes)
{
  MtKeyset other;
  if (width > MT_KEYSET_MAX_WIDTH || k < MIN_K || k >= width || (q != 4 && q != 6) || k > 50 || !set_new (&other, width, q, k, set->max_bytes))
    return FALSE;
  if (bytes_of (&other) != bytes)
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

/* How a table of keys (keyset.h) is laid out: how many buckets it has, how wide its entries are, and where a key belongs. For keyset.c, which puts
 * keys, and for grow.c, which moves them. */
#pragma once
#include "checker/packed/bucket.h"

#define MT_MIN_FAR_BITS 4
#define MT_MAX_FAR_BITS 5
#define MT_WINDOW 128 /* buckets: a key lies less far from its home */
#define MT_MAX_PER_BUCKET 32 /* keys */
#define MT_MIN_WIDTH 12
#define MT_MIN_K 7
#define MT_HUGE_PAGES ((gsize)1 << 24) /* bytes: from here on a table is probed often enough to be worth them */
#define MT_MOST(slots) ((slots) / 10 * 9) /* entries, when it should grow */

/* Buckets that are some key's home; there are MT_WINDOW more. */
static inline gsize
mt_shape_homes (const MtKeyset *set)
{
  return (gsize)set->q << (set->k - 2);
}

/* Where a key goes whose home is full: the triangular numbers, modulo a prime. Keys of neighbours part ways, so full buckets do not come to lie in
 * long rows, which would be full long before the table is. */
/* clang-format off */
static const guint8 mt_shape_steps[1 << MT_MAX_FAR_BITS] = { 0, 0, 1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 66, 78, 91, 105,
                                                             120, 9, 26, 44, 63, 83, 104, 126, 22, 46, 71, 97, 124, 25, 54, 84 };
/* clang-format on */

/* Distances that are tried, from 1 on: as many as an entry has bits to spare for. */
static inline guint
mt_shape_far (const MtKeyset *set)
{
  return (1u << set->far_bits) - 1;
}

/* Of the whole table. */
static inline gsize
mt_shape_bytes (const MtKeyset *set)
{
  return MT_LINE * (mt_shape_homes (set) + MT_WINDOW);
}

/* The inverse of mt_keyset_mix(): where the shift is half the width, an xor-shift is its own inverse. */
static inline guint64
mt_shape_unmix (const MtKeyset *set, guint64 mixed)
{
  const guint64 inverse = 0xcfee444d8b59a89bu; /* of the multiplier, modulo 2^64 */
  mixed ^= mixed >> set->half;
  mixed = mixed * inverse & set->mask;
  mixed ^= mixed >> set->half;
  mixed = mixed * inverse & set->mask;
  return mixed ^ mixed >> set->half;
}

/* What is left of a mixed key: the index of its bucket, and what an entry has of it, where the entry has it. */
typedef struct
{
  gsize home;
  guint64 remainder;
} MtPlace;

/* The product with the number of buckets, less the 2^(k - 2) in it: upper bits the home; below, neighbours are q >= 4 apart, so
 * two bits of it tell nothing. */
static inline MtPlace
mt_shape_place (const MtKeyset *set, guint64 mixed)
{
  guint below = set->width - set->k + 2;
  guint64 product = mixed * set->q;
  return (MtPlace){ (gsize)(product >> below), (product & (((guint64)1 << below) - 1)) >> 2 << set->far_bits };
}

/* The mixed key with this home, of which an entry has @remainder: the inverse of mt_shape_place(). */
static inline guint64
mt_shape_mixed_at (const MtKeyset *set, gsize home, guint64 remainder)
{
  guint64 product = (guint64)home << (set->width - set->k + 2) | remainder >> set->far_bits << 2;
  switch (set->q) /* a division by what the compiler knows is a multiplication */
    {
    case 4: return product / 4;
    case 5: return (product + 4) / 5;
    default: return (product + 5) / 6;
    }
}

/* How entries of so many bits are laid out, in bytes. */
static const struct
{
  guint bits, lane, upper;
} mt_shapes[] = { { 16, 2, 0 }, { 24, 2, 1 }, { 32, 4, 0 }, { 40, 4, 1 }, { 48, 4, 2 }, { 56, 4, 3 }, { 64, 8, 0 } };

/* @call is made with what the shape of @set is, known when it is compiled. */
/* clang-format off */
#define MT_FOR_SHAPE(set, call) \
  switch ((set)->shape)         \
    {                           \
    case 0: call (2, 0);        \
    case 1: call (2, 1);        \
    case 2: call (4, 0);        \
    case 3: call (4, 1);        \
    case 4: call (4, 2);        \
    case 5: call (4, 3);        \
    default: call (8, 0);       \
    }
/* clang-format on */

/* The shape that has room for keys of @width bits in a table of this size. Of what is only asked about, before parts are joined, keys may be wider
 * than there can be any: the widest. */
static inline guint
mt_shape_for (guint width, guint k)
{
  guint shape = 0;
  while (shape + 1 < G_N_ELEMENTS (mt_shapes) && mt_shapes[shape].bits < width - MIN (k, width) + MT_MIN_FAR_BITS)
    shape++;
  return shape;
}

/* Entries of keys of @width bits, beyond which a table of this size should grow. */
static inline gsize
mt_shape_most (guint width, guint q, guint k)
{
  const guint shape = mt_shape_for (width, k);
  return MT_MOST (((gsize)q << (k - 2)) * mt_bucket_size (mt_shapes[shape].lane, mt_shapes[shape].upper));
}

/* Makes @set one of so many buckets, as yet without any. FALSE: it would take more than set->max_bytes. */
static inline gboolean
mt_shape_set (MtKeyset *set, guint width, guint q, guint k)
{
  set->width = MAX (width, MT_MIN_WIDTH);
  set->half = (set->width + 1) / 2;
  set->mask = ((guint64)1 << set->width) - 1;
  set->q = q;
  set->k = k;
  set->shape = mt_shape_for (set->width, k);
  set->far_bits = MIN (MT_MAX_FAR_BITS, mt_shapes[set->shape].bits - (set->width - MIN (k, set->width)));
  set->most = mt_shape_most (set->width, q, k);
  return mt_shape_bytes (set) <= set->max_bytes;
}

/* Of keyset.c, for grow.c. */

/* An empty table of so many buckets. FALSE: no memory, or it would take more than @max_bytes. */
gboolean mt_keyset_new (MtKeyset *set, guint width, guint q, guint k, gsize max_bytes);

/* Where they are worth it. */
void mt_keyset_ask_for_huge_pages (void *buckets, gsize bytes);

/* mt_keyset_each() of the keys in the buckets from @from to @end. */
void mt_keyset_each_in (const MtKeyset *set, gsize from, gsize end, void (*visit) (gpointer data, guint64 key), gpointer data);

/* The keys of the bucket with index @i, a copy of which is @bucket: mixed, to @out. Returns how many. */
guint mt_keyset_bucket_keys (const MtKeyset *set, gsize i, const guint8 *bucket, guint64 *out);

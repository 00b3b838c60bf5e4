/* The random generator: xoshiro128++ 1.0 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", ACM TOMS 2021), seeded by splitmix64 (Steele, Lea, Flood, OOPSLA 2014). Recorded
 * seeds must last, so the algorithm, the seeding and mt_rng_below() never change: docs/determinism.md
 * gives them in full, and test_rng.c pins their first values.
 */
#pragma once
#include "sim/rare.h"
#include <glib.h>

typedef struct
{
  guint32 s[4];
} MtRng;

void mt_rng_seed (MtRng *rng, guint64 seed);

static inline guint32
mt_rng_rotl (guint32 x, int k)
{
  return (x << k) | (x >> (32 - k));
}

/* 32 uniform bits. */
static inline guint32
mt_rng_next (MtRng *rng)
{
  guint32 *s = rng->s;
  const guint32 result = mt_rng_rotl (s[0] + s[3], 7) + s[0], t = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = mt_rng_rotl (s[3], 11);
  return result;
}

/* For mt_rng_below(), when the low half of @product may be of a number that must be drawn anew. */
MT_RARE guint32 mt_rng_reject (MtRng *rng, guint32 n, guint64 product);

/* Uniform over 0 .. n - 1, n > 0, without bias: multiply and reject (Lemire, ACM TOMACS 2019). */
static inline guint32
mt_rng_below (MtRng *rng, guint32 n)
{
  const guint64 product = (guint64)mt_rng_next (rng) * n;
  return G_UNLIKELY ((guint32)product < n) ? mt_rng_reject (rng, n, product) : (guint32)(product >> 32);
}

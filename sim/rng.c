/* What is rare of the generator: seeding, and numbers drawn anew; the rest is inline. */
#include "sim/rng.h"

void
mt_rng_seed (MtRng *rng, guint64 seed)
{
  for (guint i = 0; i < 4; i += 2)
    {
      guint64 z = (seed += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
      z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
      z ^= z >> 31;
      rng->s[i] = (guint32)z;
      rng->s[i + 1] = (guint32)(z >> 32);
    }
}

guint32
mt_rng_reject (MtRng *rng, guint32 n, guint64 product)
{
  const guint32 threshold = (0u - n) % n;
  while ((guint32)product < threshold)
    product = (guint64)mt_rng_next (rng) * n;
  return (guint32)(product >> 32);
}

/* Seeding of the generator; the rest is inline. */
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

/* See bits.h. */
#include "checker/packed/bits.h"
#include <string.h>
#include <sys/mman.h>

#define N_BITS 3 /* of a state */

gboolean
mt_bits_init (MtBits *bits, gsize bytes)
{
  bytes = MAX (bytes / sizeof (guint64), 1) * sizeof (guint64);
  void *words = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *bits = (MtBits){ .words = words == MAP_FAILED ? NULL : words, .n_bits = (guint64)bytes * 8, .bytes = bytes };
  return bits->words != NULL;
}

void
mt_bits_clear (MtBits *bits)
{
  if (bits->words)
    munmap (bits->words, bits->bytes);
  memset (bits, 0, sizeof *bits);
}

void
mt_bits_empty (MtBits *bits)
{
  if (bits->words)
    memset (bits->words, 0, bits->bytes);
}

gsize
mt_bits_bytes (const MtBits *bits)
{
  return bits->bytes;
}

/* FNV-like, a word at a time, then mixed: every bit of the result is used. */
guint64
mt_bits_hash (const MtWord *s, guint n_words)
{
  guint64 hash = 0x9e3779b97f4a7c15u;
  for (guint i = 0; i < n_words; i++)
    {
      hash = (hash ^ (guint32)s[i]) * 0xd6e8feb86659fd93u;
      hash ^= hash >> 32;
    }
  hash *= 0xd6e8feb86659fd93u;
  return hash ^ hash >> 32;
}

/* The @i-th bit of a state. The number of bits may be a power of two, which looks at the lower bits of a number alone: the step is
 * of the upper half of the hash. */
static guint64
place (const MtBits *bits, guint64 hash, guint i)
{
  guint64 step = hash >> 32 | 1;
  return (hash + i * step) % bits->n_bits;
}

void
mt_bits_expect (const MtBits *bits, guint64 hash)
{
  for (guint i = 0; i < N_BITS; i++)
    __builtin_prefetch (&bits->words[place (bits, hash, i) / 64], 1);
}

gboolean
mt_bits_have (const MtBits *bits, guint64 hash)
{
  for (guint i = 0; i < N_BITS; i++)
    {
      guint64 at = place (bits, hash, i);
      if (!(bits->words[at / 64] >> at % 64 & 1))
        return FALSE;
    }
  return TRUE;
}

MtKeysetPut
mt_bits_put (MtBits *bits, guint64 hash)
{
  if (mt_bits_have (bits, hash))
    return MT_KEYSET_SEEN;
  for (guint i = 0; i < N_BITS; i++)
    {
      guint64 at = place (bits, hash, i);
      bits->words[at / 64] |= (guint64)1 << at % 64;
    }
  return MT_KEYSET_NEW;
}

gdouble
mt_bits_omission (const MtBits *bits)
{
  guint64 set = 0;
  gdouble part, all = 1;
  for (guint64 i = 0; i < bits->n_bits / 64; i++)
    set += (guint64)__builtin_popcountll (bits->words[i]);
  part = (gdouble)set / (gdouble)bits->n_bits;
  for (guint i = 0; i < N_BITS; i++)
    all *= part;
  return all;
}

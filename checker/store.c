/* See store.h. */
#include "checker/store.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_BITS 10
#define CHUNK_BYTES (1u << 20)
#define BATCH 32 /* slots asked for before the first is written, when the table grows */

void
mt_store_init (MtStore *store, guint n_words, gsize max_bytes)
{
  *store = (MtStore){ .n_words = n_words, .stride = n_words + 2, .max_bytes = max_bytes, .bits = FIRST_BITS };
  while (store->chunk_bits < 16 && ((gsize)2 << store->chunk_bits) * store->stride * sizeof (MtWord) <= CHUNK_BYTES)
    store->chunk_bits++;
  store->bytes = sizeof (guint64) << store->bits;
  store->slots = g_malloc0 (store->bytes);
}

void
mt_store_clear (MtStore *store)
{
  free (store->slots);
  for (guint i = 0; i < store->n_chunks; i++)
    free (store->chunks[i]);
  g_free (store->chunks);
  memset (store, 0, sizeof *store);
}

/* Both halves of the product. */
static inline guint64
mix (guint64 a, guint64 b)
{
#ifdef __SIZEOF_INT128__
  unsigned __int128 product = (unsigned __int128)a * b;
  return (guint64)product ^ (guint64)(product >> 64);
#else /* a machine of 32 bits: the same by parts */
  const guint64 half = G_MAXUINT32, low = (a & half) * (b & half), left = (a >> 32) * (b & half), right = (a & half) * (b >> 32);
  const guint64 middle = (low >> 32) + (left & half) + (right & half);
  return (a * b) ^ ((a >> 32) * (b >> 32) + (left >> 32) + (right >> 32) + (middle >> 32));
#endif
}

/* Two words at a time through a 64 x 64 -> 128 bit product, after wyhash (Wang Yi, 2019). The two
 * halves of the hash are used apart: the lower for the slot, the upper as its mark. */
guint64
mt_store_hash (const MtStore *store, const MtWord *key)
{
  const guint64 k0 = 0xa0761d6478bd642full, k1 = 0xe7037ed1a0b428dbull;
  guint64 hash = k0, pair[2];
  guint n = store->n_words;
  for (; n >= 4; n -= 4, key += 4)
    {
      memcpy (pair, key, sizeof pair);
      hash = mix (pair[0] ^ k1, pair[1] ^ hash);
    }
  memset (pair, 0, sizeof pair);
  memcpy (pair, key, n * sizeof (MtWord));
  return mix (mix (pair[0] ^ k1, pair[1] ^ hash), k1);
}

static gboolean
equal (const MtStore *store, guint id, const MtWord *key)
{
  return memcmp (mt_store_key (store, id), key, sizeof (MtWord) * store->n_words) == 0;
}

static gsize
slot_after (const MtStore *store, gsize at)
{
  return (at + 1) & (((gsize)1 << store->bits) - 1);
}

static void
insert (MtStore *store, guint64 hash, guint id)
{
  gsize at = hash & (((gsize)1 << store->bits) - 1);
  while (store->slots[at])
    at = slot_after (store, at);
  store->slots[at] = hash >> 32 << 32 | (id + 1);
}

gboolean
mt_store_leaves_room (gsize bytes)
{
  void *probe = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return probe != MAP_FAILED && munmap (probe, bytes) == 0;
}

/* Twice as many slots. The hashes are computed again from the keys, which are read in order. */
static gboolean
grow_slots (MtStore *store)
{
  gsize old = sizeof (guint64) << store->bits;
  /* while they are moved both tables are there */
  guint64 *slots = store->bytes + 2 * old > store->max_bytes ? NULL : calloc (2, old);
  if (!slots || !mt_store_leaves_room (store->bytes))
    {
      free (slots);
      return FALSE;
    }
  free (store->slots);
  store->slots = slots;
  store->bits++;
  store->bytes += old;
  guint64 hashes[BATCH];
  for (guint id = 0; id < store->n; id += BATCH)
    {
      guint n = MIN (BATCH, store->n - id);
      for (guint i = 0; i < n; i++)
        {
          hashes[i] = mt_store_hash (store, mt_store_key (store, id + i));
          mt_store_expect (store, hashes[i]);
        }
      for (guint i = 0; i < n; i++)
        insert (store, hashes[i], id + i);
    }
  return TRUE;
}

static gboolean
add_chunk (MtStore *store)
{
  gsize bytes = (sizeof (MtWord) * store->stride) << store->chunk_bits;
  MtWord *chunk = store->bytes + bytes > store->max_bytes && store->n_chunks ? NULL : malloc (bytes);
  if (!chunk || !mt_store_leaves_room (store->bytes))
    {
      free (chunk);
      return FALSE;
    }
  store->chunks = g_realloc_n (store->chunks, store->n_chunks + 1, sizeof *store->chunks);
  store->chunks[store->n_chunks++] = chunk;
  store->bytes += bytes;
  return TRUE;
}

static gboolean
make_room (MtStore *store)
{
  if (store->n == G_MAXUINT32 - 2)
    return FALSE;
  if (store->n >> store->chunk_bits == store->n_chunks && !add_chunk (store))
    return FALSE;
  return store->n < (guint64)3 << (store->bits - 2) || grow_slots (store);
}

guint
mt_store_find (const MtStore *store, const MtWord *key, guint64 hash)
{
  gsize at = hash & (((gsize)1 << store->bits) - 1);
  for (; store->slots[at]; at = slot_after (store, at))
    if (store->slots[at] >> 32 == hash >> 32 && equal (store, (guint)store->slots[at] - 1, key))
      return (guint)store->slots[at] - 1;
  return MT_STORE_FULL;
}

guint
mt_store_put (MtStore *store, const MtWord *key, guint64 hash, guint parent, MtChoice choice, gboolean *fresh)
{
  gsize at = hash & (((gsize)1 << store->bits) - 1);
  *fresh = FALSE;
  for (; store->slots[at]; at = slot_after (store, at))
    if (store->slots[at] >> 32 == hash >> 32 && equal (store, (guint)store->slots[at] - 1, key))
      return (guint)store->slots[at] - 1;
  guint bits = store->bits;
  if (!make_room (store))
    return MT_STORE_FULL;
  guint id = store->n++;
  MtWord *record = (MtWord *)mt_store_key (store, id);
  memcpy (record, key, sizeof (MtWord) * store->n_words);
  record[store->n_words] = (MtWord)parent;
  record[store->n_words + 1] = (MtWord)((guint32)choice.task << 16 | choice.alt);
  if (bits == store->bits)
    store->slots[at] = hash >> 32 << 32 | (id + 1);
  else
    insert (store, hash, id);
  *fresh = TRUE;
  return id;
}

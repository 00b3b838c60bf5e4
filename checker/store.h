/* The exact set of states seen, each with how it was first reached.
 *
 * A state is a key of n_words MtWords, stored whole; its number (id) is its place in the order of
 * arrival, so a breadth-first queue is the store itself, read from the front. Keys live in chunks
 * that never move: a pointer to one stays good. Look-up is by open addressing with linear probing;
 * a slot holds 32 bits of the hash beside the id, so a probe that does not match touches no key.
 *
 * A look-up in a large store is two cache misses, the slot's and the key's. Searches therefore work
 * through many successors at once: hash them all and mt_store_expect() each slot, then
 * mt_store_expect_key() each, then put them one by one; the misses overlap. (Laarman, van de Pol,
 * Weber, "Boosting Multi-Core Reachability Performance with Shared Hash Tables", FMCAD 2010, for
 * the layout; bench/ has what the batches bring.)
 */
#pragma once
#include "sim/machine.h"

typedef struct
{
  guint n_words; /* of a key */
  guint stride; /* of a record: key, parent, choice */
  guint n; /* keys */
  gsize max_bytes; /* mt_store_put() refuses to take more */
  gsize bytes; /* taken now */
  guint64 *slots; /* upper half: of the hash; lower half: id + 1, 0 for a free slot */
  guint bits; /* 2^bits slots */
  guint chunk_bits; /* 2^chunk_bits records in a chunk */
  MtWord **chunks;
  guint n_chunks;
} MtStore;

#define MT_STORE_FULL G_MAXUINT32 /* no id */
#define MT_STORE_ROOT G_MAXUINT32 /* the parent of the initial state */

/* Whether @bytes more would be granted now. A search keeps lists beside its store, and a report is written at its
 * end: a store stops growing while there is as much again as it has, so that it is the store that is refused
 * memory, which ends a search in good order. */
gboolean mt_store_leaves_room (gsize bytes);

/* An empty store for keys of @n_words > 0 words, which will take at most @max_bytes. */
void mt_store_init (MtStore *store, guint n_words, gsize max_bytes);
void mt_store_clear (MtStore *store);

guint64 mt_store_hash (const MtStore *store, const MtWord *key);

/* The id of @key, which is added when it is new (*fresh tells), with the id of its parent and the
 * choice that led from there. MT_STORE_FULL when it is new and there is no room for it. */
guint mt_store_put (MtStore *store, const MtWord *key, guint64 hash, guint parent, MtChoice choice, gboolean *fresh);

/* The id of @key, or MT_STORE_FULL when it is not there. */
guint mt_store_find (const MtStore *store, const MtWord *key, guint64 hash);

/* The key numbered @id: n_words words, good until mt_store_clear(). */
static inline const MtWord *
mt_store_key (const MtStore *store, guint id)
{
  return store->chunks[id >> store->chunk_bits] + (gsize)(id & ((1u << store->chunk_bits) - 1)) * store->stride;
}

static inline guint
mt_store_parent (const MtStore *store, guint id)
{
  return (guint)mt_store_key (store, id)[store->n_words];
}

static inline MtChoice
mt_store_choice (const MtStore *store, guint id)
{
  guint32 packed = (guint32)mt_store_key (store, id)[store->n_words + 1];
  return (MtChoice){ (guint16)(packed >> 16), (guint16)packed };
}

static inline void
mt_store_expect (const MtStore *store, guint64 hash)
{
  __builtin_prefetch (&store->slots[hash & (((guint64)1 << store->bits) - 1)], 1);
}

/* Fetches the key that the slot of @hash points at, when it may be the one. */
static inline void
mt_store_expect_key (const MtStore *store, guint64 hash)
{
  guint64 slot = store->slots[hash & (((guint64)1 << store->bits) - 1)];
  if (slot && slot >> 32 == hash >> 32)
    __builtin_prefetch (mt_store_key (store, (guint)slot - 1));
}

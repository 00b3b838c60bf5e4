/* What a breadth-first search has found, level by level: the frontier, and behind it the log that ways are found
 * in again. Eight bytes a state, no parents; four more in the frontier, where tasks sleep. */
#pragma once
#include <glib.h>

#define MT_CHUNK 1024

typedef struct
{
  guint n;
  guint32 *asleep; /* of each key: tasks (bits) whose steps need not be followed, see worker.c; NULL: of none, or it has been searched */
  guint64 keys[MT_CHUNK];
} MtChunk;

typedef struct
{
  GPtrArray *chunks; /* MtChunk */
  GArray *ends; /* guint: of each level, one past its last chunk */
  gsize bytes;
} MtLevels;

void mt_levels_init (MtLevels *levels);
void mt_levels_clear (MtLevels *levels);

/* Frees @data, a chunk. */
void mt_chunk_free (gpointer data);

/* Appends @n keys, each with who is asleep in it, to @chunks (MtChunk), which belong to one worker; a chunk is full with @grain keys, at most
 * MT_CHUNK. @asleep NULL: nobody. */
void mt_chunks_add (GPtrArray *chunks, const guint64 *keys, const guint32 *asleep, guint n, guint grain);

/* Once the chunk has been searched: only its keys are kept. */
void mt_chunk_forget_asleep (MtChunk *chunk);

/* Every key becomes what @change makes of it. */
void mt_chunks_change (GPtrArray *chunks, guint64 (*change) (gpointer data, guint64 key), gpointer data);

/* Begins anew. */
void mt_levels_empty (MtLevels *levels);

/* The @n lists of chunks are the next level; they are emptied. Returns its size. */
guint64 mt_levels_add (MtLevels *levels, GPtrArray *const *chunks, guint n);

/* Forgets the keys of @level, which has been searched. */
void mt_levels_drop (MtLevels *levels, guint level);

/* The chunks of @level: from *first on, up to the one returned. */
guint mt_levels_chunks (const MtLevels *levels, guint level, guint *first);

static inline guint
mt_levels_n (const MtLevels *levels)
{
  return levels->ends->len;
}

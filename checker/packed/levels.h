/* What a breadth-first search has found, level by level: the frontier, and behind it the log that ways are found
 * in again. Eight bytes a state, no parents; four more in the frontier, where tasks sleep. */
#pragma once
#include <glib.h>

#define MT_CHUNK 1024

typedef struct
{
  guint n;
  gboolean sleeps; /* some task is asleep in the state of some key */
  guint32 *asleep; /* where it is so, of each key: tasks (bits) whose steps need not be followed, see worker.c; else anything */
  guint64 keys[MT_CHUNK];
} MtChunk;

typedef struct
{
  GPtrArray *chunks; /* MtChunk, NULL where it has been taken */
  GArray *ends; /* guint: of each level, one past its last chunk */
  gsize bytes; /* atomic */
} MtLevels;

void mt_levels_init (MtLevels *levels);
void mt_levels_clear (MtLevels *levels);

/* Frees @data, a chunk. */
void mt_chunk_free (gpointer data);

/* Appends @n keys, each with who is asleep in it, to @chunks (MtChunk), which belong to one worker; a chunk is full with @grain keys, at most
 * MT_CHUNK. Of @spare, chunks that are not needed any more (MtChunk; may be NULL), new ones are made. @asleep NULL: nobody. */
void mt_chunks_add (GPtrArray *chunks, GPtrArray *spare, const guint64 *keys, const guint32 *asleep, guint n, guint grain);

/* Takes @chunk, which is not needed any more, to @spare, or frees it where that would be of no use. */
void mt_chunk_spare (MtChunk *chunk, GPtrArray *spare);

/* Once the chunk has been searched: only its keys are kept. */
void mt_chunk_forget_asleep (MtChunk *chunk);

/* Every key becomes what @change makes of it. */
void mt_chunks_change (GPtrArray *chunks, guint64 (*change) (gpointer data, guint64 key), gpointer data);

/* Begins anew. */
void mt_levels_empty (MtLevels *levels);

/* The @n lists of chunks are the next level; they are emptied. Returns its size. */
guint64 mt_levels_add (MtLevels *levels, GPtrArray *const *chunks, guint n);

/* Takes the chunk @i out of the log: it is the caller's, and the level has none there any more. Others may search other chunks meanwhile. */
MtChunk *mt_levels_take (MtLevels *levels, guint i);

/* Forgets the keys of @level, which has been searched. */
void mt_levels_drop (MtLevels *levels, guint level);

/* The chunks of @level: from *first on, up to the one returned. */
guint mt_levels_chunks (const MtLevels *levels, guint level, guint *first);

static inline guint
mt_levels_n (const MtLevels *levels)
{
  return levels->ends->len;
}

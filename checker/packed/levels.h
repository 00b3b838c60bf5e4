/* What a breadth-first search has found, level by level: the frontier, and behind it the log that ways are found
 * in again. No parents. */
#pragma once
#include "checker/packed/chunks.h"

typedef struct
{
  GPtrArray *chunks; /* MtChunk, NULL where it has been taken */
  GArray *ends; /* guint: of each level, one past its last chunk */
  gsize bytes; /* of all chunks, those of workers too: MtChunks.bytes */
} MtLevels;

void mt_levels_init (MtLevels *levels);
void mt_levels_clear (MtLevels *levels);

/* Begins anew. */
void mt_levels_empty (MtLevels *levels);

/* What the @n @workers have found is the next level; they have found nothing any more. Returns its size. */
guint64 mt_levels_add (MtLevels *levels, MtChunks *const *workers, guint n);

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

/* What a breadth-first search has found, level by level: the frontier, and behind it the log that ways are found
 * in again. No parents. */
#pragma once
#include "checker/packed/chunks.h"

/* What one worker has found of the level that was added last: he searches it himself, since what it leads to is like what he has at hand, and
 * helps others when it is done. */
typedef struct
{
  guint next; /* chunk, when not beyond the end: atomic */
  guint end;
} MtShare;

typedef struct
{
  GPtrArray *chunks; /* MtChunk, NULL where it has been taken */
  GArray *ends; /* guint: of each level, one past its last chunk */
  GArray *shares; /* MtShare: of each worker, of the level that was added last */
  gsize bytes; /* of all chunks, those of workers too: MtChunks.bytes */
} MtLevels;

void mt_levels_init (MtLevels *levels);
void mt_levels_clear (MtLevels *levels);

/* Begins anew. */
void mt_levels_empty (MtLevels *levels);

/* What the @n @workers have found is the next level; they have found nothing any more. Returns its size. */
guint64 mt_levels_add (MtLevels *levels, MtChunks *const *workers, guint n);

/* The next chunk of the level that was added last for @worker, whose lists were the @worker-th, to *@i: of his own share, and then of others'. By any number
 * of workers at once. FALSE: there is none left. */
gboolean mt_levels_next (MtLevels *levels, guint worker, guint *i);

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

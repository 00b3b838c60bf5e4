/* Keys of states in chunks: what a worker finds of the next level is put into some, and levels are lists of them (levels.h). Eight bytes a state, and four
 * more while tasks sleep in it. All that chunks take is counted, in a number that their owners share. */
#pragma once
#include <glib.h>

#define MT_CHUNK 1024 /* keys, at most */

typedef struct
{
  guint n, room; /* keys */
  gboolean sleeps; /* some task is asleep in the state of some key */
  guint32 *asleep; /* where it is so, of each key: tasks (bits) whose steps need not be followed, see worker.c; else anything, or NULL */
  guint64 keys[];
} MtChunk;

/* What one worker has. */
typedef struct
{
  GPtrArray *found; /* MtChunk: of the next level */
  GPtrArray *spare; /* MtChunk: not needed any more, and to be used again */
  gsize *bytes; /* of all chunks, whosever they are; not owned. Atomic */
} MtChunks;

void mt_chunks_init (MtChunks *chunks, gsize *bytes);
void mt_chunks_clear (MtChunks *chunks);

/* Appends @n keys, each with who is asleep in it, to what has been found; a chunk is full with @grain keys, at most MT_CHUNK. @asleep NULL: nobody. */
void mt_chunks_add (MtChunks *chunks, const guint64 *keys, const guint32 *asleep, guint n, guint grain);

/* Takes @chunk, which is not needed any more, to be used again, or frees it where that would be of no use. */
void mt_chunks_spare (MtChunks *chunks, MtChunk *chunk);

/* Frees @chunk, which may be NULL; @bytes: as in MtChunks, here and below. */
void mt_chunk_free (MtChunk *chunk, gsize *bytes);

/* Once the chunk has been searched: nobody is asleep in it. */
void mt_chunk_wake (MtChunk *chunk, gsize *bytes);

/* The same keys in no more room than they need. @chunk is gone. */
MtChunk *mt_chunk_shrink (MtChunk *chunk, gsize *bytes);

/* Every key of @chunks (MtChunk, or NULL) becomes what @change makes of it. */
void mt_chunks_change (GPtrArray *chunks, guint64 (*change) (gpointer data, guint64 key), gpointer data);

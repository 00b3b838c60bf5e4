/* See chunks.h. */
#include "checker/packed/chunks.h"
#include <string.h>

#define MAX_SPARE 16 /* chunks: 200 KB at most */

static gsize
bytes_for (guint room)
{
  return G_STRUCT_OFFSET (MtChunk, keys) + sizeof (guint64) * room;
}

#define ASLEEP (sizeof (guint32) * MT_CHUNK) /* bytes */

static void
count (gsize *bytes, gsize more)
{
  __atomic_fetch_add (bytes, more, __ATOMIC_RELAXED);
}

static void
discount (gsize *bytes, gsize less)
{
  __atomic_fetch_sub (bytes, less, __ATOMIC_RELAXED);
}

static MtChunk *
chunk_new (gsize *bytes)
{
  MtChunk *chunk = g_malloc (bytes_for (MT_CHUNK));
  chunk->room = MT_CHUNK;
  chunk->asleep = NULL;
  count (bytes, bytes_for (MT_CHUNK));
  return chunk;
}

void
mt_chunk_free (MtChunk *chunk, gsize *bytes)
{
  if (!chunk)
    return;
  mt_chunk_wake (chunk, bytes);
  discount (bytes, bytes_for (chunk->room));
  g_free (chunk);
}

void
mt_chunk_wake (MtChunk *chunk, gsize *bytes)
{
  discount (bytes, chunk->asleep ? ASLEEP : 0);
  chunk->sleeps = FALSE;
  g_clear_pointer (&chunk->asleep, g_free);
}

MtChunk *
mt_chunk_shrink (MtChunk *chunk, gsize *bytes)
{
  if (chunk->n == chunk->room)
    return chunk;
  discount (bytes, bytes_for (chunk->room) - bytes_for (chunk->n));
  chunk->room = chunk->n;
  return g_realloc (chunk, bytes_for (chunk->n));
}

void
mt_chunks_init (MtChunks *chunks, gsize *bytes)
{
  *chunks = (MtChunks){ g_ptr_array_new (), g_ptr_array_new (), bytes };
}

void
mt_chunks_clear (MtChunks *chunks)
{
  GPtrArray *const lists[] = { chunks->found, chunks->spare };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      for (guint k = 0; k < lists[i]->len; k++)
        mt_chunk_free (lists[i]->pdata[k], chunks->bytes);
      g_ptr_array_unref (lists[i]);
    }
}

/* What has been freed and asked for again level after level lies all over the heap in the end: that would take twice the memory. */
void
mt_chunks_spare (MtChunks *chunks, MtChunk *chunk)
{
  if (chunk->room == MT_CHUNK && chunks->spare->len < MAX_SPARE)
    g_ptr_array_add (chunks->spare, chunk);
  else
    mt_chunk_free (chunk, chunks->bytes);
}

static void
begin_sleep (MtChunk *chunk, gsize *bytes)
{
  if (!chunk->asleep)
    {
      chunk->asleep = g_malloc (ASLEEP);
      count (bytes, ASLEEP);
    }
  memset (chunk->asleep, 0, ASLEEP);
  chunk->sleeps = TRUE;
}

static gboolean
is_any (const guint32 *asleep, guint n)
{
  guint32 any = 0;
  for (guint i = 0; i < n; i++)
    any |= asleep[i];
  return any != 0;
}

/* The chunk that the next key goes to. */
static MtChunk *
last_of (MtChunks *chunks, guint grain)
{
  GPtrArray *found = chunks->found, *spare = chunks->spare;
  if (found->len && ((const MtChunk *)found->pdata[found->len - 1])->n < grain)
    return found->pdata[found->len - 1];
  MtChunk *chunk = spare->len ? g_ptr_array_steal_index_fast (spare, spare->len - 1) : chunk_new (chunks->bytes);
  chunk->n = 0;
  chunk->sleeps = FALSE;
  g_ptr_array_add (found, chunk);
  return chunk;
}

void
mt_chunks_add (MtChunks *chunks, const guint64 *keys, const guint32 *asleep, guint n, guint grain)
{
  for (guint i = 0, more; i < n; i += more)
    {
      MtChunk *last = last_of (chunks, grain);
      more = MIN (n - i, grain - last->n);
      if (asleep && !last->sleeps && is_any (asleep + i, more))
        begin_sleep (last, chunks->bytes);
      memcpy (last->keys + last->n, keys + i, sizeof (guint64) * more);
      if (last->sleeps && asleep)
        memcpy (last->asleep + last->n, asleep + i, sizeof (guint32) * more);
      last->n += more;
    }
}

void
mt_chunks_change (GPtrArray *chunks, guint64 (*change) (gpointer data, guint64 key), gpointer data)
{
  for (guint i = 0; i < chunks->len; i++)
    {
      MtChunk *chunk = chunks->pdata[i];
      for (guint k = 0; chunk && k < chunk->n; k++)
        chunk->keys[k] = change (data, chunk->keys[k]);
    }
}

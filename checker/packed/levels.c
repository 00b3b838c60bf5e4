/* See levels.h. */
#include "checker/packed/levels.h"
#include <string.h>

#define MAX_SPARE 64 /* chunks: half a megabyte */

void
mt_chunk_free (gpointer data)
{
  MtChunk *chunk = data;
  if (chunk)
    g_free (chunk->asleep);
  g_free (chunk);
}

void
mt_chunk_forget_asleep (MtChunk *chunk)
{
  chunk->sleeps = FALSE;
  g_clear_pointer (&chunk->asleep, g_free);
}

void
mt_levels_init (MtLevels *levels)
{
  levels->chunks = g_ptr_array_new_with_free_func (mt_chunk_free);
  levels->ends = g_array_new (FALSE, FALSE, sizeof (guint));
  levels->bytes = 0;
}

void
mt_levels_clear (MtLevels *levels)
{
  g_ptr_array_unref (levels->chunks);
  g_array_unref (levels->ends);
}

void
mt_levels_empty (MtLevels *levels)
{
  g_ptr_array_set_size (levels->chunks, 0);
  g_array_set_size (levels->ends, 0);
  levels->bytes = 0;
}

static gboolean
is_any (const guint32 *asleep, guint n)
{
  guint32 any = 0;
  for (guint i = 0; i < n; i++)
    any |= asleep[i];
  return any != 0;
}

/* What has been freed and asked for again level after level lies all over the heap in the end: that would take twice the memory. */
void
mt_chunk_spare (MtChunk *chunk, GPtrArray *spare)
{
  if (chunk->n == MT_CHUNK && spare->len < MAX_SPARE) /* of one with fewer there may be no more (mt_levels_add()) */
    g_ptr_array_add (spare, chunk);
  else
    mt_chunk_free (chunk);
}

static void
begin_sleep (MtChunk *chunk)
{
  if (!chunk->asleep)
    chunk->asleep = g_new (guint32, MT_CHUNK);
  memset (chunk->asleep, 0, sizeof (guint32) * MT_CHUNK);
  chunk->sleeps = TRUE;
}

void
mt_chunks_add (GPtrArray *chunks, GPtrArray *spare, const guint64 *keys, const guint32 *asleep, guint n, guint grain)
{
  for (guint i = 0, more; i < n; i += more)
    {
      MtChunk *last = chunks->len ? chunks->pdata[chunks->len - 1] : NULL;
      if (!last || last->n >= grain)
        {
          if (spare && spare->len)
            last = g_ptr_array_steal_index_fast (spare, spare->len - 1);
          else
            {
              last = g_new (MtChunk, 1);
              last->asleep = NULL;
            }
          last->n = 0;
          last->sleeps = FALSE;
          g_ptr_array_add (chunks, last);
        }
      more = MIN (n - i, grain - last->n);
      if (asleep && !last->sleeps && is_any (asleep + i, more))
        begin_sleep (last);
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

static gsize
bytes_of (const MtChunk *chunk)
{
  return G_STRUCT_OFFSET (MtChunk, keys) + sizeof (guint64) * chunk->n;
}

guint64
mt_levels_add (MtLevels *levels, GPtrArray *const *chunks, guint n)
{
  guint64 size = 0;
  for (guint i = 0; i < n; i++)
    {
      for (guint k = 0; k < chunks[i]->len; k++)
        {
          MtChunk *chunk = chunks[i]->pdata[k];
          size += chunk->n;
          __atomic_fetch_add (&levels->bytes, bytes_of (chunk), __ATOMIC_RELAXED);
          g_ptr_array_add (levels->chunks, chunk->n == MT_CHUNK ? chunk : g_realloc (chunk, bytes_of (chunk)));
        }
      g_ptr_array_set_free_func (chunks[i], NULL);
      g_ptr_array_set_size (chunks[i], 0);
      g_ptr_array_set_free_func (chunks[i], mt_chunk_free);
    }
  g_array_append_val (levels->ends, levels->chunks->len);
  return size;
}

guint
mt_levels_chunks (const MtLevels *levels, guint level, guint *first)
{
  *first = level ? g_array_index (levels->ends, guint, level - 1) : 0;
  return g_array_index (levels->ends, guint, level);
}

MtChunk *
mt_levels_take (MtLevels *levels, guint i)
{
  MtChunk *chunk = levels->chunks->pdata[i];
  levels->chunks->pdata[i] = NULL;
  __atomic_fetch_sub (&levels->bytes, bytes_of (chunk), __ATOMIC_RELAXED);
  return chunk;
}

void
mt_levels_drop (MtLevels *levels, guint level)
{
  guint first, end = mt_levels_chunks (levels, level, &first);
  for (guint i = first; i < end; i++)
    if (levels->chunks->pdata[i])
      mt_chunk_free (mt_levels_take (levels, i));
}

/* See levels.h. */
#include "checker/packed/levels.h"
#include <string.h>

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

void
mt_chunks_add (GPtrArray *chunks, const guint64 *keys, const guint32 *asleep, guint n, guint grain)
{
  for (guint i = 0, more; i < n; i += more)
    {
      MtChunk *last = chunks->len ? chunks->pdata[chunks->len - 1] : NULL;
      if (!last || last->n >= grain)
        {
          last = g_new (MtChunk, 1);
          last->n = 0;
          last->asleep = NULL;
          g_ptr_array_add (chunks, last);
        }
      more = MIN (n - i, grain - last->n);
      if (asleep && !last->asleep && is_any (asleep + i, more))
        last->asleep = g_new0 (guint32, MT_CHUNK);
      memcpy (last->keys + last->n, keys + i, sizeof (guint64) * more);
      if (last->asleep && asleep)
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
          levels->bytes += bytes_of (chunk);
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

void
mt_levels_drop (MtLevels *levels, guint level)
{
  guint first, end = mt_levels_chunks (levels, level, &first);
  for (guint i = first; i < end; i++)
    {
      levels->bytes -= bytes_of (levels->chunks->pdata[i]);
      g_clear_pointer (&levels->chunks->pdata[i], mt_chunk_free);
    }
}

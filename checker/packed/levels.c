/* See levels.h. */
#include "checker/packed/levels.h"

void
mt_levels_init (MtLevels *levels)
{
  levels->chunks = g_ptr_array_new ();
  levels->ends = g_array_new (FALSE, FALSE, sizeof (guint));
  levels->shares = g_array_new (FALSE, FALSE, sizeof (MtShare));
  levels->bytes = 0;
}

void
mt_levels_clear (MtLevels *levels)
{
  mt_levels_empty (levels);
  g_ptr_array_unref (levels->chunks);
  g_array_unref (levels->ends);
  g_array_unref (levels->shares);
}

void
mt_levels_empty (MtLevels *levels)
{
  for (guint i = 0; i < levels->chunks->len; i++)
    mt_chunk_free (levels->chunks->pdata[i], &levels->bytes);
  g_ptr_array_set_size (levels->chunks, 0);
  g_array_set_size (levels->ends, 0);
  g_array_set_size (levels->shares, 0);
}

guint64
mt_levels_add (MtLevels *levels, MtChunks *const *workers, guint n)
{
  guint64 size = 0;
  g_array_set_size (levels->shares, 0);
  for (guint i = 0; i < n; i++)
    {
      GPtrArray *found = workers[i]->found;
      const MtShare share = { levels->chunks->len, levels->chunks->len + found->len };
      g_array_append_val (levels->shares, share);
      for (guint k = 0; k < found->len; k++)
        {
          MtChunk *chunk = mt_chunk_shrink (found->pdata[k], &levels->bytes);
          size += chunk->n;
          g_ptr_array_add (levels->chunks, chunk);
        }
      g_ptr_array_set_size (found, 0);
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

gboolean
mt_levels_next (MtLevels *levels, guint worker, guint *i)
{
  const guint n = levels->shares->len;
  for (guint k = 0; k < n; k++)
    {
      MtShare *share = &g_array_index (levels->shares, MtShare, (worker + k) % n);
      if (__atomic_load_n (&share->next, __ATOMIC_RELAXED) < share->end && (*i = __atomic_fetch_add (&share->next, 1, __ATOMIC_RELAXED)) < share->end)
        return TRUE;
    }
  return FALSE;
}

MtChunk *
mt_levels_take (MtLevels *levels, guint i)
{
  MtChunk *chunk = levels->chunks->pdata[i];
  levels->chunks->pdata[i] = NULL;
  return chunk;
}

void
mt_levels_drop (MtLevels *levels, guint level)
{
  guint first, end = mt_levels_chunks (levels, level, &first);
  for (guint i = first; i < end; i++)
    mt_chunk_free (mt_levels_take (levels, i), &levels->bytes);
}

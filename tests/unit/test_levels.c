/* Tests of packed/chunks.h and levels.h: what is put in is there, level by level, also in chunks that are used again. */
#include "checker/packed/levels.h"
#include "tests/unit/suite.h"

#define PER_LEVEL 2500 /* two full chunks, and 452 */

/* Who is asleep in the state @key: somebody in one of three. */
static guint32
asleep_in (guint64 key)
{
  return key % 3 ? 0 : (guint32)key + 1;
}

/* Adds the keys from @first on, in lots of 100. */
static void
add (MtChunks *chunks, guint64 first, guint n, guint grain)
{
  guint64 keys[100];
  guint32 asleep[100];
  for (guint i = 0; i < n; i += 100)
    {
      for (guint k = 0; k < 100; k++)
        {
          keys[k] = first + i + k;
          asleep[k] = asleep_in (keys[k]);
        }
      mt_chunks_add (chunks, keys, asleep, 100, grain);
    }
}

/* Keys of the level that are not the ones from @first on, in their order, or have others asleep. */
static guint
wrong_in (const MtLevels *levels, guint level, guint64 first)
{
  guint i, end = mt_levels_chunks (levels, level, &i), wrong = 0;
  for (guint64 key = first; i < end; i++)
    {
      const MtChunk *chunk = levels->chunks->pdata[i];
      for (guint k = 0; k < chunk->n; k++, key++)
        wrong += chunk->keys[k] != key || (chunk->sleeps ? chunk->asleep[k] : 0) != asleep_in (key);
    }
  return wrong;
}

/* Of chunks with room for @n_keys; in each, room for who is asleep as well. */
static gsize
bytes_of (guint n_chunks, guint n_keys)
{
  return n_chunks * (G_STRUCT_OFFSET (MtChunk, keys) + sizeof (guint32) * MT_CHUNK) + n_keys * sizeof (guint64);
}

static void
test_log (void)
{
  MtLevels levels;
  MtChunks chunks, *const all[] = { &chunks };
  mt_levels_init (&levels);
  mt_chunks_init (&chunks, &levels.bytes);
  for (guint level = 0; level < 3; level++)
    {
      add (&chunks, level * 10000, PER_LEVEL, MT_CHUNK);
      CU_ASSERT_EQUAL (levels.bytes, bytes_of (3 * level + 3, level * PER_LEVEL + 3 * MT_CHUNK)); /* the third is not full, and might become so */
      CU_ASSERT_EQUAL (mt_levels_add (&levels, all, 1), PER_LEVEL);
      CU_ASSERT_EQUAL (chunks.found->len, 0);
      CU_ASSERT_EQUAL (levels.bytes, bytes_of (3 * level + 3, (level + 1) * PER_LEVEL));
    }
  CU_ASSERT_EQUAL (mt_levels_n (&levels), 3);
  for (guint level = 0; level < 3; level++)
    CU_ASSERT_EQUAL (wrong_in (&levels, level, level * 10000), 0);
  mt_levels_drop (&levels, 1);
  CU_ASSERT_EQUAL (levels.bytes, bytes_of (6, 2 * PER_LEVEL));
  CU_ASSERT_EQUAL (wrong_in (&levels, 2, 20000), 0);
  mt_chunk_wake (levels.chunks->pdata[0], &levels.bytes);
  CU_ASSERT_EQUAL (levels.bytes, bytes_of (6, 2 * PER_LEVEL) - sizeof (guint32) * MT_CHUNK);
  mt_levels_empty (&levels);
  CU_ASSERT_EQUAL (levels.bytes, 0);
  CU_ASSERT_EQUAL (mt_levels_n (&levels), 0);
  mt_chunks_clear (&chunks);
  mt_levels_clear (&levels);
}

/* As a search does that keeps no log: each chunk is taken out once it has been searched, and the full ones are used for what is found then. */
static void
test_spare (void)
{
  MtLevels levels;
  MtChunks chunks, *const all[] = { &chunks };
  mt_levels_init (&levels);
  mt_chunks_init (&chunks, &levels.bytes);
  add (&chunks, 0, PER_LEVEL, MT_CHUNK);
  mt_levels_add (&levels, all, 1);
  for (guint level = 0; level < 4; level++)
    {
      guint i, end = mt_levels_chunks (&levels, level, &i);
      gconstpointer full = levels.chunks->pdata[i];
      CU_ASSERT_EQUAL (wrong_in (&levels, level, level * 10000), 0);
      for (; i < end; i++)
        mt_chunks_spare (&chunks, mt_levels_take (&levels, i));
      CU_ASSERT_EQUAL (chunks.spare->len, 2); /* the third has no more room than it needs */
      CU_ASSERT_EQUAL (levels.bytes, bytes_of (2, 2 * MT_CHUNK));
      add (&chunks, (level + 1) * 10000, PER_LEVEL, MT_CHUNK);
      CU_ASSERT_EQUAL (chunks.spare->len, 0);
      CU_ASSERT_TRUE (chunks.found->pdata[0] == full || chunks.found->pdata[1] == full);
      mt_levels_drop (&levels, level); /* all has been taken out */
      mt_levels_add (&levels, all, 1);
      CU_ASSERT_EQUAL (levels.bytes, bytes_of (3, PER_LEVEL));
    }
  mt_levels_empty (&levels);
  mt_chunks_clear (&chunks);
  CU_ASSERT_EQUAL (levels.bytes, 0);
  mt_levels_clear (&levels);
}

/* Small chunks, for short levels that several workers search. */
static void
test_grain (void)
{
  MtLevels levels;
  MtChunks one, two, *const all[] = { &one, &two };
  guint first;
  mt_levels_init (&levels);
  mt_chunks_init (&one, &levels.bytes);
  mt_chunks_init (&two, &levels.bytes);
  add (&one, 0, 600, 256);
  add (&two, 600, 300, 256);
  CU_ASSERT_EQUAL (mt_levels_add (&levels, all, 2), 900);
  CU_ASSERT_EQUAL (mt_levels_chunks (&levels, 0, &first), 5); /* 256, 256, 88; 256, 44 */
  CU_ASSERT_EQUAL (first, 0);
  CU_ASSERT_EQUAL (wrong_in (&levels, 0, 0), 0);
  mt_chunks_clear (&one);
  mt_chunks_clear (&two);
  mt_levels_clear (&levels);
}

#define N_SEARCHERS 4

typedef struct
{
  MtLevels *levels;
  guint worker;
  guint8 *taken; /* of each chunk, how often: atomic */
} Searcher;

static gpointer
take_all (gpointer data)
{
  const Searcher *s = data;
  for (guint i; mt_levels_next (s->levels, s->worker, &i);)
    __atomic_fetch_add (&s->taken[i], 1, __ATOMIC_RELAXED);
  return NULL;
}

/* Each worker gets what he has found himself, and then what others have; of all, each chunk once. Chunks of an older level are nobody's. */
static void
test_shares (void)
{
  MtLevels levels;
  MtChunks one, two, *const all[] = { &one, &two };
  guint i;
  mt_levels_init (&levels);
  mt_chunks_init (&one, &levels.bytes);
  mt_chunks_init (&two, &levels.bytes);
  CU_ASSERT_FALSE (mt_levels_next (&levels, 0, &i));
  add (&one, 0, 100, 10);
  mt_levels_add (&levels, all, 2); /* chunks 0 to 9: all of one's */
  CU_ASSERT_TRUE (mt_levels_next (&levels, 1, &i) && i == 0);
  CU_ASSERT_TRUE (mt_levels_next (&levels, 2, &i) && i == 1); /* who has come since */
  add (&one, 100, 200, 100);
  add (&two, 300, 200, 100);
  mt_levels_add (&levels, all, 2); /* 10 and 11, one's; 12 and 13, two's */
  CU_ASSERT_TRUE (mt_levels_next (&levels, 1, &i) && i == 12);
  CU_ASSERT_TRUE (mt_levels_next (&levels, 0, &i) && i == 10);
  CU_ASSERT_TRUE (mt_levels_next (&levels, 1, &i) && i == 13);
  CU_ASSERT_TRUE (mt_levels_next (&levels, 1, &i) && i == 11);
  CU_ASSERT_FALSE (mt_levels_next (&levels, 0, &i));
  CU_ASSERT_FALSE (mt_levels_next (&levels, 1, &i));
  add (&one, 0, 20000, 10);
  add (&two, 20000, 10000, 10);
  mt_levels_add (&levels, all, 2); /* 3,000 chunks from 14 on */
  g_autofree guint8 *taken = g_new0 (guint8, 3014);
  GThread *threads[N_SEARCHERS];
  Searcher searchers[N_SEARCHERS];
  guint wrong = 0;
  for (guint t = 0; t < N_SEARCHERS; t++)
    {
      searchers[t] = (Searcher){ &levels, t, taken };
      threads[t] = g_thread_new ("search", take_all, &searchers[t]);
    }
  for (guint t = 0; t < N_SEARCHERS; t++)
    g_thread_join (threads[t]);
  for (guint k = 0; k < 3014; k++)
    wrong += taken[k] != (k >= 14);
  CU_ASSERT_EQUAL (wrong, 0);
  mt_chunks_clear (&one);
  mt_chunks_clear (&two);
  mt_levels_clear (&levels);
}

gint
main (void)
{
  CU_TestInfo tests[] = { { "log", test_log }, { "spare chunks", test_spare }, { "grain", test_grain }, { "shares", test_shares }, CU_TEST_INFO_NULL };
  return suite_main ("levels", tests);
}

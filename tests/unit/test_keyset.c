/* Tests of packed/keyset.h, against a GHashTable that is told the same keys. */
#include "checker/packed/keyset.h"
#include "sim/rng.h"
#include "tests/unit/suite.h"

#define N_KEYS 60000

static guint64
random_key (MtRng *rng, guint width)
{
  guint64 key = (guint64)mt_rng_next (rng) << 32 | mt_rng_next (rng);
  return key & (((guint64)1 << width) - 1);
}

/* Puts @key, growing as a search does. */
static MtKeysetPut
put (MtKeyset *set, guint64 key)
{
  MtKeysetPut done = MT_KEYSET_FULL;
  while (mt_keyset_is_tight (set, 1) || (done = mt_keyset_put (set, mt_keyset_mix (set, key), FALSE)) == MT_KEYSET_FULL)
    if (!mt_keyset_grow (set, 1))
      return MT_KEYSET_FULL;
  mt_keyset_count (set, done == MT_KEYSET_NEW);
  return done;
}

typedef struct
{
  GHashTable *keys; /* gint64 */
  guint n, strange;
} Seen;

static void
note (gpointer data, guint64 key)
{
  Seen *seen = data;
  seen->n++;
  seen->strange += !g_hash_table_contains (seen->keys, &key);
}

static GHashTable *
keys_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static gboolean
add_key (GHashTable *keys, guint64 key)
{
  return g_hash_table_add (keys, g_memdup2 (&key, sizeof key));
}

/* Whether @set holds exactly @keys. */
static gboolean
holds (const MtKeyset *set, GHashTable *keys)
{
  Seen seen = { keys, 0, 0 };
  mt_keyset_each (set, note, &seen);
  return seen.n == g_hash_table_size (keys) && seen.strange == 0 && mt_keyset_size (set) == seen.n;
}

static guint64
shifted (gpointer data, guint64 key)
{
  return key << 2 | *(guint64 *)data;
}

/* Every shape of entry, from the smallest table on through all growths; then under other names. */
static void
test_widths (void)
{
  const guint widths[] = { 12, 16, 20, 26, 32, 40, 48, 56, 59 };
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      g_autoptr (GHashTable) keys = keys_new (), others = keys_new ();
      MtRng rng;
      MtKeyset set;
      guint wrong = 0;
      guint64 low = 3;
      mt_rng_seed (&rng, widths[i]);
      CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, widths[i], G_MAXSIZE));
      for (guint k = 0; k < N_KEYS; k++)
        {
          guint64 key = k % 3 ? random_key (&rng, widths[i]) : (k / 3) & (((guint64)1 << widths[i]) - 1); /* dense ones too, and 0 */
          gboolean fresh = add_key (keys, key);
          wrong += put (&set, key) != (fresh ? MT_KEYSET_NEW : MT_KEYSET_SEEN);
          wrong += !mt_keyset_has (&set, mt_keyset_mix (&set, key));
          add_key (others, key << 2 | low);
        }
      CU_ASSERT_EQUAL (wrong, 0);
      CU_ASSERT_TRUE (holds (&set, keys));
      CU_ASSERT_TRUE (mt_keyset_rename (&set, widths[i] + 2, 1, shifted, &low));
      CU_ASSERT_TRUE (holds (&set, others));
      mt_keyset_clear (&set);
    }
}

static void
test_absent (void)
{
  MtKeyset set;
  guint found = 0;
  CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, 20, G_MAXSIZE));
  for (guint64 key = 0; key < 100000; key += 2)
    put (&set, key);
  for (guint64 key = 1; key < 100000; key += 2)
    found += mt_keyset_has (&set, mt_keyset_mix (&set, key));
  CU_ASSERT_EQUAL (found, 0);
  mt_keyset_clear (&set);
}

/* 100000 keys of 32 bits: by hand, a remainder has at most 32 - 12 bits and 4 more when they are 4096 buckets and more, three
 * bytes, 20 in 64; it grows by a third at most when 0.9 full: 64 / 20 / (0.9 / 1.33) = 4.7 bytes at most. */
static void
test_bytes (void)
{
  MtKeyset set;
  MtRng rng;
  mt_rng_seed (&rng, 1);
  CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, 32, G_MAXSIZE));
  for (guint i = 0; i < 100000; i++)
    put (&set, random_key (&rng, 32));
  CU_ASSERT_TRUE ((gdouble)mt_keyset_bytes (&set) / (gdouble)mt_keyset_size (&set) < 8.0); /* it doubles while it is small */
  for (guint i = 0; i < 1000000; i++)
    put (&set, random_key (&rng, 32));
  /* what there can be no keys of may be asked about, too: eight bytes */
  CU_ASSERT_EQUAL (mt_keyset_entry_bytes (&set, 90, 1), 8);
  CU_ASSERT_TRUE (mt_keyset_renamed_bytes (&set, 90, 1) >= mt_keyset_grown_bytes (&set, 32, 1));
  const gsize foretold = mt_keyset_grown_bytes (&set, 32, 1 << 20);
  CU_ASSERT_TRUE ((gdouble)mt_keyset_bytes (&set) / (gdouble)mt_keyset_size (&set) < 4.8);
  CU_ASSERT_TRUE (mt_keyset_grow (&set, 1 << 20));
  CU_ASSERT_EQUAL (mt_keyset_bytes (&set), foretold);
  mt_keyset_clear (&set);
}

/* What is refused memory stays as it was. */
static void
test_full (void)
{
  g_autoptr (GHashTable) keys = keys_new ();
  MtKeyset set;
  MtRng rng;
  mt_rng_seed (&rng, 5);
  CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, 40, 1 << 16));
  CU_ASSERT_TRUE (mt_keyset_grown_bytes (&set, 40, 1000) <= 1 << 16);
  CU_ASSERT_TRUE (mt_keyset_grown_bytes (&set, 40, 1 << 20) > 1 << 16); /* half a bit would be left for each */
  for (guint64 key = random_key (&rng, 40); put (&set, key) != MT_KEYSET_FULL; key = random_key (&rng, 40))
    add_key (keys, key);
  CU_ASSERT_TRUE (mt_keyset_bytes (&set) <= 1 << 16);
  CU_ASSERT_TRUE (mt_keyset_grown_bytes (&set, 40, 1) > 1 << 16);
  CU_ASSERT_TRUE (g_hash_table_size (keys) > 1000);
  CU_ASSERT_TRUE (holds (&set, keys));
  mt_keyset_clear (&set);
}

static void
test_restore (void)
{
  g_autoptr (GHashTable) keys = keys_new ();
  MtKeyset set, other;
  CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, 30, G_MAXSIZE) && mt_keyset_init (&other, 12, G_MAXSIZE));
  for (guint64 key = 0; key < 5000; key++)
    {
      put (&set, key * 200003 & ((1 << 30) - 1));
      add_key (keys, key * 200003 & ((1 << 30) - 1));
    }
  CU_ASSERT_FALSE (mt_keyset_restore (&other, set.width, set.q, set.k, set.n, set.buckets, mt_keyset_bytes (&set) - 1));
  CU_ASSERT_TRUE (mt_keyset_restore (&other, set.width, set.q, set.k, set.n, set.buckets, mt_keyset_bytes (&set)));
  CU_ASSERT_TRUE (holds (&other, keys));
  mt_keyset_clear (&set);
  mt_keyset_clear (&other);
}

typedef struct
{
  MtKeyset *set;
  guint64 seed;
  guint fresh, full;
} Worker;

/* Puts them in batches of 1, 2, ... and up to 99, again and again. */
static gpointer
work (gpointer data)
{
  Worker *w = data;
  MtRng rng;
  guint64 mixed[99];
  guint8 fresh[99];
  mt_rng_seed (&rng, w->seed);
  for (guint i = 0, size = 1, n; i < N_KEYS; i += n, size = size % 99 + 1)
    {
      n = MIN (size, N_KEYS - i);
      for (guint k = 0; k < n; k++)
        mixed[k] = mt_keyset_mix (w->set, random_key (&rng, w->set->width));
      w->full += mt_keyset_put_batch (w->set, mixed, n, fresh, TRUE) < n;
      for (guint k = 0; k < n; k++)
        w->fresh += fresh[k];
    }
  return NULL;
}

/* Two threads with the same keys, and two with others, in a table as small as will do: each key is new to one of them. Entries of 2 bytes, and of 4
 * and 3. */
static void
test_threads (void)
{
  static const guint widths[] = { 17, 61 };
  for (guint row = 0; row < G_N_ELEMENTS (widths); row++)
    {
      g_autoptr (GHashTable) keys = keys_new ();
      MtKeyset set;
      Worker workers[4];
      GThread *threads[4];
      guint fresh = 0, full = 0;
      CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, widths[row], G_MAXSIZE) && mt_keyset_grow (&set, 1 << 17));
      CU_ASSERT_EQUAL (mt_keyset_entry_bytes (&set, widths[row], 1), row ? 7 : 2);
      for (guint i = 0; i < 4; i++)
        {
          workers[i] = (Worker){ .set = &set, .seed = i / 2 };
          threads[i] = g_thread_new ("put", work, &workers[i]);
        }
      for (guint i = 0; i < 4; i++)
        {
          MtRng rng;
          g_thread_join (threads[i]);
          fresh += workers[i].fresh;
          full += workers[i].full;
          mt_rng_seed (&rng, workers[i].seed);
          for (guint k = 0; k < N_KEYS; k++)
            add_key (keys, random_key (&rng, widths[row]));
        }
      mt_keyset_count (&set, fresh);
      CU_ASSERT_EQUAL (full, 0);
      CU_ASSERT_TRUE (holds (&set, keys));
      mt_keyset_clear (&set);
    }
}

static gpointer
share (gpointer data)
{
  mt_keyset_pass_share (data, TRUE);
  return NULL;
}

/* FALSE: there is nothing to be shared. */
static gboolean
share_among_four (MtKeysetPass *pass)
{
  GThread *threads[4];
  if (!pass)
    return FALSE;
  for (guint t = 0; t < 4; t++)
    threads[t] = g_thread_new ("grow", share, pass);
  for (guint t = 0; t < 4; t++)
    g_thread_join (threads[t]);
  return mt_keyset_pass_end (pass);
}

static guint64
flipped (gpointer data, guint64 key)
{
  return key ^ *(guint64 *)data;
}

/* Each key is a summand, and tells that it was there. */
static void
add_up (gpointer data, guint64 key)
{
  __atomic_fetch_add ((guint64 *)data, key * 2 + 1, __ATOMIC_RELAXED);
}

/* Four threads share each growth of a table, from some hundred buckets to some thousand, in small steps and large, then look at each key once, and then give
 * all other names: all keys are there afterwards, and no others. */
static void
test_shared_growth (void)
{
  static const struct
  {
    guint width;
    gsize more; /* room is made for, each time */
  } rows[] = { { 20, 1 }, { 33, 1 }, { 44, 1 }, { 52, 1 }, { 61, 1 }, { 33, 100000 }, { 61, 300000 } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GHashTable) keys = keys_new ();
      MtKeyset set;
      MtRng rng;
      guint good = TRUE;
      mt_rng_seed (&rng, i);
      CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, rows[i].width, G_MAXSIZE));
      while (set.n < 60000 && good)
        {
          guint64 key = random_key (&rng, rows[i].width), mixed = mt_keyset_mix (&set, key);
          MtKeysetPut done = mt_keyset_is_tight (&set, 1) ? MT_KEYSET_FULL : mt_keyset_put (&set, mixed, FALSE);
          if (done != MT_KEYSET_FULL)
            {
              mt_keyset_count (&set, done == MT_KEYSET_NEW);
              add_key (keys, key);
              continue;
            }
          good = share_among_four (mt_keyset_grow_begin (&set, rows[i].more));
        }
      CU_ASSERT_TRUE (good);
      CU_ASSERT_TRUE (holds (&set, keys));
      guint64 sum = 0, want = 0;
      GHashTableIter each;
      gpointer one;
      g_hash_table_iter_init (&each, keys);
      while (g_hash_table_iter_next (&each, &one, NULL))
        want += *(guint64 *)one * 2 + 1;
      CU_ASSERT_TRUE (share_among_four (mt_keyset_each_begin (&set, add_up, &sum)));
      CU_ASSERT_EQUAL (sum, want);
      CU_ASSERT_TRUE (holds (&set, keys));
      guint64 flip = ((guint64)1 << (rows[i].width - 1)) + 5;
      g_autoptr (GHashTable) others = keys_new ();
      GHashTableIter iter;
      gpointer key;
      g_hash_table_iter_init (&iter, keys);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        add_key (others, *(guint64 *)key ^ flip);
      CU_ASSERT_TRUE (share_among_four (mt_keyset_rename_begin (&set, rows[i].width, rows[i].more, flipped, &flip)));
      CU_ASSERT_TRUE (holds (&set, others));
      mt_keyset_clear (&set);
    }
}

/* A batch says of each key whether it was new, as putting one by one does, alone and with others: of 140 keys, among which each is four times, the first 35;
 * the second time none. */
static void
test_batches (void)
{
  for (guint shared = 0; shared < 2; shared++)
    {
      MtKeyset set;
      guint64 mixed[140];
      guint8 fresh[140];
      guint wrong = 0;
      CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, 40, G_MAXSIZE) && mt_keyset_grow (&set, 1 << 12));
      for (guint i = 0; i < 140; i++)
        mixed[i] = mt_keyset_mix (&set, i % 35);
      for (guint i = 0; i < 2; i++)
        {
          wrong += mt_keyset_put_batch (&set, mixed, 140, fresh, shared) != 140;
          for (guint k = 0; k < 140; k++)
            wrong += fresh[k] != (i == 0 && k < 35);
        }
      CU_ASSERT_EQUAL (wrong, 0);
      mt_keyset_clear (&set);
    }
}

/* Where the table is too full for a key, a batch stops before it, alone and with others: what it says has been put is there, and what it says is new was
 * not there before. */
static void
test_full_batches (void)
{
  for (guint shared = 0; shared < 2; shared++)
    {
      g_autoptr (GHashTable) keys = keys_new ();
      MtKeyset set;
      MtRng rng;
      guint64 batch[90], mixed[90];
      guint8 fresh[90];
      guint n = 90, wrong = 0;
      mt_rng_seed (&rng, shared);
      CU_ASSERT_TRUE_FATAL (mt_keyset_init (&set, 40, G_MAXSIZE));
      while (n == 90)
        {
          for (guint k = 0; k < 90; k++)
            mixed[k] = mt_keyset_mix (&set, batch[k] = random_key (&rng, 40));
          n = mt_keyset_put_batch (&set, mixed, 90, fresh, shared);
          for (guint k = 0; k < n; k++)
            {
              wrong += fresh[k] == g_hash_table_contains (keys, &batch[k]);
              mt_keyset_count (&set, fresh[k]);
              add_key (keys, batch[k]);
            }
        }
      CU_ASSERT_EQUAL (wrong, 0);
      CU_ASSERT_TRUE (g_hash_table_size (keys) > 1000);
      CU_ASSERT_EQUAL (mt_keyset_put (&set, mixed[n], shared), MT_KEYSET_FULL);
      CU_ASSERT_TRUE (holds (&set, keys));
      mt_keyset_clear (&set);
    }
}

gint
main (void)
{
  CU_TestInfo tests[] = {
    { "widths and growth", test_widths },
    { "what was not put", test_absent },
    { "bytes a key", test_bytes },
    { "full", test_full },
    { "restore", test_restore },
    { "threads", test_threads },
    { "growth by several threads", test_shared_growth },
    { "batches", test_batches },
    { "batches that do not fit", test_full_batches },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("keyset", tests);
}

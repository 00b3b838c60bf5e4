/* Tests of packed/intern.h: numbers by value, alone and by several threads. */
#include "checker/packed/intern.h"
#include "tests/unit/suite.h"

#define N_WORDS 3
#define N_VALUES 5000
#define N_THREADS 4

/* The value that is told by @i. */
static void
value_of (guint i, MtWord *value)
{
  for (guint w = 0; w < N_WORDS; w++)
    value[w] = (MtWord)(i * (w + 7) % 4099 + i);
}

/* Values whose number is not what they are told by, or whose number has another value. */
static guint
wrong_in (const MtIntern *intern, const guint *number_of, guint n)
{
  MtWord value[N_WORDS];
  guint wrong = 0;
  for (guint i = 0; i < n; i++)
    {
      value_of (i, value);
      wrong += mt_intern_find (intern, value) != number_of[i];
      for (guint w = 0; w < N_WORDS; w++)
        wrong += mt_intern_value (intern, number_of[i])[w] != value[w];
    }
  return wrong;
}

static void
test_numbers (void)
{
  MtIntern *intern = mt_intern_new (N_WORDS);
  guint number_of[N_VALUES], wrong = 0;
  MtWord value[N_WORDS];
  gsize bytes = 0;
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < N_VALUES; i++)
      {
        value_of (i, value);
        number_of[i] = mt_intern_number (intern, value, &bytes);
        wrong += number_of[i] != i;
      }
  value_of (N_VALUES, value);
  CU_ASSERT_EQUAL (wrong, 0);
  CU_ASSERT_EQUAL (intern->n, N_VALUES);
  CU_ASSERT_EQUAL (mt_intern_find (intern, value), G_MAXUINT);
  CU_ASSERT_EQUAL (wrong_in (intern, number_of, N_VALUES), 0);
  mt_intern_free (intern);
}

/* 5000 values of 12 bytes: chunks of 64, 64, 128 .. 4096 of them, 8192 in all; slots of 8 bytes, of which three of four are taken at most: 8192 of
 * them, and before, 4096 and so on down to 32 were made and counted (the first 16 were not). */
static void
test_tidy (void)
{
  MtIntern *intern = mt_intern_new (N_WORDS);
  guint number_of[N_VALUES];
  MtWord value[N_WORDS];
  gsize bytes = 0, values = 8192 * N_WORDS * sizeof (MtWord);
  for (guint i = 0; i < N_VALUES; i++)
    {
      value_of (i, value);
      number_of[i] = mt_intern_number (intern, value, &bytes);
    }
  CU_ASSERT_EQUAL (bytes, values + 8 * (8192 + 4096 + 2048 + 1024 + 512 + 256 + 128 + 64 + 32));
  for (guint i = 0; i < 2; i++) /* the second time there is nothing to be done */
    {
      mt_intern_tidy (intern, &bytes);
      CU_ASSERT_EQUAL (bytes, values + 8 * 8192);
      CU_ASSERT_EQUAL (wrong_in (intern, number_of, N_VALUES), 0);
    }
  mt_intern_free (intern);
}

typedef struct
{
  MtIntern *intern;
  guint from;
  gsize *bytes;
  guint number_of[N_VALUES];
} Share;

static gpointer
number_all (gpointer data)
{
  Share *share = data;
  MtWord value[N_WORDS];
  for (guint k = 0; k < N_VALUES; k++)
    {
      guint i = (share->from + k) % N_VALUES;
      value_of (i, value);
      share->number_of[i] = mt_intern_number (share->intern, value, share->bytes);
    }
  return NULL;
}

/* All threads number the same values, each from another on: they agree. */
static void
test_threads (void)
{
  MtIntern *intern = mt_intern_new (N_WORDS);
  Share *shares = g_new0 (Share, N_THREADS);
  GThread *threads[N_THREADS];
  gsize bytes = 0;
  for (guint i = 0; i < N_THREADS; i++)
    {
      shares[i] = (Share){ .intern = intern, .from = i * N_VALUES / N_THREADS, .bytes = &bytes };
      threads[i] = g_thread_new ("intern", number_all, &shares[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  CU_ASSERT_EQUAL (intern->n, N_VALUES);
  for (guint i = 0; i < N_THREADS; i++)
    CU_ASSERT_EQUAL (wrong_in (intern, shares[i].number_of, N_VALUES), 0);
  g_free (shares);
  mt_intern_free (intern);
}

gint
main (void)
{
  CU_TestInfo tests[] = { { "numbers", test_numbers }, { "tidying", test_tidy }, { "threads", test_threads }, CU_TEST_INFO_NULL };
  return suite_main ("intern", tests);
}

/* Exploring: closed forms, what cuts a search, and that a store keeps what it is given.
 *
 * N threads, each r = x; x = r + 1. A hand count for N = 2, unreduced: 1 initial state; one has read:
 * 2; both have read 0: 1; one has written, the other not begun: 2; one has written, the other read 0: 2,
 * or read 1: 2; both have written: x = 1 with (0, 0) kept, x = 2 with (0, 1) or (1, 0) kept: 3. That is 13,
 * and 14 steps. Schedules are the ways to merge N sequences of two: (2N)!/2^N. The figures for N = 3
 * and 4 were found by an independent program (a script that enumerates tuples), not by this one. */
#include "checker/check.h"
#include "sim/model.h"
#include "tests/unit/suite.h"
#include <string.h>

static MtProgram *
compile (const gchar *text, gboolean watch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("test", text, strlen (text), &error);
  const MtCompileOptions options = { .time = MT_TIME_ABSTRACT, .watch_updates = watch };
  MtProgram *program = model ? mt_compile (model, &options, &error) : NULL;
  if (!program)
    g_error ("%s", error->message);
  return program;
}

static MtProgram *
counter (guint n)
{
  g_autofree gchar *text = g_strdup_printf ("globals: {x: 0}\nthreads:\n  t:\n    count: %u\n    steps:\n      - r = x\n      - x = r + 1\n", n);
  return compile (text, FALSE);
}

static void
search (MtExplore *x, const MtProgram *program, MtExploreOptions *options)
{
  if (!options->search)
    options->search = &mt_search_bfs;
  mt_explore_init (x, program, options);
  mt_explore_run (x);
}

static void
test_closed_forms (void)
{
  static const struct
  {
    guint n, states, transitions, symmetric;
    const gchar *schedules;
  } rows[] = { { 2, 13, 14, 8, "6" }, { 3, 84, 111, 22, "90" }, { 4, 755, 1156, 63, "2520" } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < 2; k++)
      {
        g_autoptr (MtProgram) program = counter (rows[i].n);
        MtExploreOptions options = { .search = k ? &mt_search_dfs : &mt_search_bfs, .all = TRUE };
        MtExplore x;
        MtOutcomes outcomes;
        g_autoptr (GString) schedules = g_string_new (NULL);
        search (&x, program, &options);
        CU_ASSERT_EQUAL (x.store.n, rows[i].states);
        CU_ASSERT_EQUAL (x.transitions, rows[i].transitions);
        CU_ASSERT_TRUE (mt_explore_complete (&x));
        mt_outcomes_find (&outcomes, &x, TRUE, FALSE);
        mt_big_print (&outcomes.schedules, schedules);
        CU_ASSERT_STRING_EQUAL (schedules->str, rows[i].schedules);
        CU_ASSERT_EQUAL (outcomes.rows->len, rows[i].n); /* 1 to n */
        mt_outcomes_clear (&outcomes);
        mt_explore_clear (&x);
        options.reductions = MT_REDUCE_SYMMETRY;
        search (&x, program, &options);
        CU_ASSERT_EQUAL (x.store.n, rows[i].symmetric);
        mt_explore_clear (&x);
      }
}

/* Of the 2520 schedules of four threads: 1:1152 2:1056 3:288 4:24 (issue tracker's table, from a paper count). */
static void
test_schedules_of_outcomes (void)
{
  static const gchar *const expected[] = { "x=1 1152", "x=2 1056", "x=3 288", "x=4 24" };
  for (guint dead = 0; dead < 2; dead++)
    {
      g_autoptr (MtProgram) program = counter (4);
      MtExploreOptions options = { .all = TRUE, .reductions = dead ? MT_REDUCE_DEAD : 0 };
      MtExplore x;
      MtOutcomes outcomes;
      search (&x, program, &options);
      mt_outcomes_find (&outcomes, &x, TRUE, FALSE);
      CU_ASSERT_EQUAL_FATAL (outcomes.rows->len, 4);
      for (guint i = 0; i < 4; i++)
        {
          const MtOutcomeRow *row = &g_array_index (outcomes.rows, MtOutcomeRow, i);
          g_autoptr (GString) text = g_string_new (row->text);
          g_string_append_c (text, ' ');
          mt_big_print (&row->schedules, text);
          CU_ASSERT_STRING_EQUAL (text->str, expected[i]);
        }
      mt_outcomes_clear (&outcomes);
      mt_explore_clear (&x);
    }
}

/* A loop without end: a cycle of states, so infinitely many schedules, by hand. */
static void
test_infinite (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {go: True, x: 0}\nthreads:\n  a:\n    - while: go\n      do: [x = 1]\n  b:\n    - go = False\n", FALSE);
  MtExploreOptions options = { .all = TRUE };
  MtExplore x;
  MtOutcomes outcomes;
  search (&x, program, &options);
  mt_outcomes_find (&outcomes, &x, TRUE, FALSE);
  CU_ASSERT_TRUE (outcomes.infinite);
  CU_ASSERT_EQUAL_FATAL (outcomes.rows->len, 2);
  /* b first: one schedule, x stays 0; a may also read go before and then find x = 1 after any number of rounds */
  CU_ASSERT_FALSE (g_array_index (outcomes.rows, MtOutcomeRow, 0).infinite);
  CU_ASSERT_TRUE (g_array_index (outcomes.rows, MtOutcomeRow, 1).infinite);
  mt_outcomes_clear (&outcomes);
  mt_explore_clear (&x);
}

static void
test_big (void)
{
  /* 2^100 by doubling: 1267650600228229401496703205376 (bc) */
  MtBig n = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  mt_big_print (&n, text);
  CU_ASSERT_STRING_EQUAL (text->str, "0");
  mt_big_set (&n, 1);
  for (guint i = 0; i < 100; i++)
    mt_big_add (&n, &n);
  g_string_truncate (text, 0);
  mt_big_print (&n, text);
  CU_ASSERT_STRING_EQUAL (text->str, "1267650600228229401496703205376");
  mt_big_clear (&n);
}

static guint
shown (const gchar *yaml, const MtSearch *how, guint reductions, MtVerdictKind kind)
{
  g_autoptr (MtProgram) program = compile (yaml, TRUE);
  MtExploreOptions options = { .search = how, .reductions = reductions, .max_preemptions = G_MAXUINT };
  MtExplore x;
  MtCheckResult result;
  search (&x, program, &options);
  mt_check_result_init (&result, &x);
  CU_ASSERT_PTR_NOT_NULL_FATAL (result.verdict);
  CU_ASSERT_EQUAL (result.verdict->kind, kind);
  guint step = result.verdict->step;
  mt_check_result_clear (&result);
  mt_explore_clear (&x);
  return step;
}

/* Two tasks, two locks, opposite order: one step each, and they stand. A lost update: read, read,
 * write, write. Both by hand. */
static void
test_shortest (void)
{
  static const gchar *const abba = "locks: [a, b]\nthreads:\n  p:\n    - lock: a\n    - lock: b\n    - unlock: b\n    - unlock: a\n"
                                   "  q:\n    - lock: b\n    - lock: a\n    - unlock: a\n    - unlock: b\n";
  static const gchar *const race = "globals: {g: 0}\nthreads:\n  p: [g += 1, g += 1, g += 1]\n  q: [g += 1, g += 1]\n";
  for (guint all = 0; all < 2; all++)
    {
      CU_ASSERT_EQUAL (shown (abba, &mt_search_bfs, all ? MT_REDUCE_ALL : 0, MT_FAIL_DEADLOCK), 2);
      CU_ASSERT_EQUAL (shown (race, &mt_search_bfs, all ? MT_REDUCE_ALL : 0, MT_FAIL_LOST_UPDATE), 4);
    }
}

static void
test_cuts (void)
{
  g_autoptr (MtProgram) program = counter (4); /* 755 states, depth 8 */
  static const struct
  {
    MtExploreOptions options;
    guint cut, states;
  } rows[] = {
    { { .max_states = 754 }, MT_CUT_STATES, 754 },
    { { .max_states = 755 }, 0, 755 },
    { { .max_depth = 7 }, MT_CUT_DEPTH, 0 },
    { { .max_depth = 8 }, 0, 755 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      MtExploreOptions options = rows[i].options;
      MtExplore x;
      search (&x, program, &options);
      CU_ASSERT_EQUAL (x.cuts, rows[i].cut);
      CU_ASSERT_TRUE (rows[i].states == 0 || x.store.n == rows[i].states);
      mt_explore_clear (&x);
    }
  g_autoptr (MtProgram) larger = counter (5);
  MtExploreOptions little = { .memory = 1 }; /* the least a store can do with is less than this needs */
  MtExplore x;
  search (&x, larger, &little);
  CU_ASSERT_EQUAL (x.cuts, MT_CUT_MEMORY);
  mt_explore_clear (&x);
}

/* Many keys through every growth of the table: each gets its own number and is found again. */
static void
test_store (void)
{
  MtStore store;
  const guint n = 200000;
  gboolean good = TRUE;
  mt_store_init (&store, 3, G_MAXSIZE);
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < n; i++)
      {
        const MtWord key[] = { (MtWord)(i / 7), (MtWord)(i % 7), -1 };
        gboolean fresh;
        guint id = mt_store_put (&store, key, mt_store_hash (&store, key), i / 2, (MtChoice){ 3, (guint16)i }, &fresh);
        good = good && id == i && fresh == (round == 0) && mt_store_parent (&store, id) == i / 2 && mt_store_choice (&store, id).alt == (guint16)i;
      }
  CU_ASSERT_TRUE (good);
  CU_ASSERT_EQUAL (store.n, n);
  const MtWord absent[] = { -1, 0, 0 };
  CU_ASSERT_EQUAL (mt_store_find (&store, absent, mt_store_hash (&store, absent)), MT_STORE_FULL);
  mt_store_clear (&store);
}

gint
main (void)
{
  CU_TestInfo tests[] = {
    { "closed forms", test_closed_forms },
    { "schedules of outcomes", test_schedules_of_outcomes },
    { "infinitely many schedules", test_infinite },
    { "big numbers", test_big },
    { "shortest counterexamples", test_shortest },
    { "cuts", test_cuts },
    { "store", test_store },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("explore", tests);
}

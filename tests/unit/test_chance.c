/* Tests of checker/chance.c. */
#include "checker/chance.h"
#include "checker/outcomes.h"
#include "checker/search.h"
#include "sim/model.h"
#include "tests/unit/suite.h"
#include <string.h>

/* Upper critical values of the chi-square distribution: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4. */
static void
test_tail (void)
{
  CU_ASSERT_DOUBLE_EQUAL (mt_chi_square_tail (3.841, 1), 0.05, 5e-5);
  CU_ASSERT_DOUBLE_EQUAL (mt_chi_square_tail (18.307, 10), 0.05, 5e-5);
  CU_ASSERT_DOUBLE_EQUAL (mt_chi_square_tail (149.449, 100), 0.001, 5e-6);
  CU_ASSERT_DOUBLE_EQUAL (mt_chi_square_tail (0, 3), 1, 0);
}

/* Worked out by hand. */
static void
test_fit (void)
{
  /* 10^2 / 50 twice; 4 is twice the standard deviation squared, beyond which lie 4.55 % of a normal distribution */
  MtFit fit = mt_chances_fit ((const gdouble[]){ 0.5, 0.5 }, (const guint[]){ 60, 40 }, 2, 100);
  CU_ASSERT_DOUBLE_EQUAL (fit.statistic, 4, 1e-9);
  CU_ASSERT_EQUAL (fit.df, 1);
  CU_ASSERT_DOUBLE_EQUAL (fit.tail, 0.0455, 5e-5);
  /* three outcomes of 4, 3 and 3 are one class of 10, and what no chance was given for is in it: 10^2 / 90 and 10^2 / 10 */
  fit = mt_chances_fit ((const gdouble[]){ 0.04, 0.9, 0.03, 0.03 }, (const guint[]){ 8, 80, 4, 4 }, 4, 100);
  CU_ASSERT_DOUBLE_EQUAL (fit.statistic, 100. / 90 + 10, 1e-9);
  CU_ASSERT_EQUAL (fit.df, 1);
  CU_ASSERT_TRUE (fit.tail < 0.001);
  /* one outcome */
  CU_ASSERT_EQUAL (mt_chances_fit ((const gdouble[]){ 1 }, (const guint[]){ 100 }, 1, 100).df, 0);
  /* as expected */
  CU_ASSERT_DOUBLE_EQUAL (mt_chances_fit ((const gdouble[]){ 0.25, 0.75 }, (const guint[]){ 25, 75 }, 2, 100).tail, 1, 0);
}

/* The chances of @text's outcomes, in order, and of none. */
static void
assert_chances (const gchar *text, const gdouble *chances, guint n, gdouble endless)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("m", text, strlen (text), &error);
  const MtCompileOptions compile = { .time = MT_TIME_ABSTRACT };
  g_autoptr (MtProgram) program = mt_compile (model, &compile, &error);
  const MtExploreOptions options = { .search = mt_searches[0], .all = TRUE };
  MtExplore x;
  MtOutcomes outcomes;
  mt_explore_init (&x, program, &options);
  mt_explore_run (&x);
  mt_outcomes_find (&outcomes, &x, FALSE, TRUE);
  CU_ASSERT_EQUAL_FATAL (outcomes.rows->len, n);
  for (guint i = 0; i < n; i++)
    CU_ASSERT_DOUBLE_EQUAL (g_array_index (outcomes.rows, MtOutcomeRow, i).chance, chances[i], 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (outcomes.endless, endless, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (outcomes.rest, 0, 1e-9);
  mt_outcomes_clear (&outcomes);
  mt_explore_clear (&x);
}

/* Two read-write pairs: the update is kept where the first to read also writes before the other reads: the
 * second step is the same task's in 1 of 2 cases. */
static void
test_race (void)
{
  assert_chances ("globals: {g: 0}\nthreads: {a: [g += 1], b: [g += 1]}\n", (const gdouble[]){ 0.5, 0.5 }, 2, 0);
}

/* A spin: b's one step is drawn in the end, whatever a has drawn before. */
static void
test_cycle (void)
{
  assert_chances ("globals: {go: False}\nthreads: {a: [{while: not go, do: [pass]}], b: [go = True]}\n", (const gdouble[]){ 1 }, 1, 0);
}

/* Half of the runs turn in a circle for ever. */
static void
test_endless (void)
{
  assert_chances ("globals: {g: 0}\nthreads: {a: [{choose: [[pass], [{loop: [g = 1]}]]}]}\n", (const gdouble[]){ 1 / 2.0 }, 1, 1 / 2.0);
}

int
main (void)
{
  CU_TestInfo tests[] = { { "chi-square", test_tail },
    { "fit", test_fit }, { "race", test_race }, { "cycle", test_cycle }, { "endless", test_endless }, CU_TEST_INFO_NULL };
  return suite_main ("chance", tests);
}

/* Where the time goes, on models whose times are worked out by hand: round-robin with a quantum of 1,
 * 1 ms a step. */
#include "sim/model.h"
#include "sim/run.h"
#include "tests/unit/suite.h"
#include <string.h>

static MtStats *
run (const gchar *text, guint cpus, guint64 *steps)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("m", text, strlen (text), &error);
  const MtCompileOptions compile = { 0 };
  g_autoptr (MtProgram) program = mt_compile (model, &compile, &error);
  g_assert_no_error (error);
  const MtSchedOptions sched_options = { .quantum = 1 };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("round-robin"), program, &sched_options);
  MtStats *stats = mt_stats_new (program, cpus);
  const MtRunOptions options = { .step_time = 1, .cpus = cpus, .stats = stats };
  MtRunResult result;
  mt_run (program, sched, &options, &result);
  CU_ASSERT_TRUE (result.ended);
  CU_ASSERT_EQUAL (result.time, stats->makespan);
  if (steps)
    *steps = result.steps;
  mt_run_result_clear (&result);
  /* the table's names are the program's: kept for the test's life */
  mt_program_ref (program);
  return stats;
}

static void
done (MtStats *stats)
{
  MtProgram *program = (MtProgram *)stats->program;
  mt_stats_free (stats);
  mt_program_unref (program);
}

/* Two tasks of 4 steps (two increments, a read and a write each). One processor: 8 ms, each runs 4 and is
 * ready for the other's. The last to finish, b, is ready for a's 4; a has ended before b's last step, so
 * it is ready for 3. Two processors: 4 ms, nobody is ever merely ready. */
static void
test_processors (void)
{
  const gchar *text = "globals: {g: 0}\nproperties: {lost_update: allowed}\nthreads:\n  a: [g += 1, g += 1]\n  b: [g += 1, g += 1]\n";
  MtStats *one = run (text, 1, NULL);
  CU_ASSERT_EQUAL (one->makespan, 8);
  CU_ASSERT_EQUAL (one->busy, 8);
  CU_ASSERT_EQUAL (one->tasks[0].running, 4);
  CU_ASSERT_EQUAL (one->tasks[0].ready, 3);
  CU_ASSERT_EQUAL (one->tasks[1].ready, 4);
  done (one);
  MtStats *two = run (text, 2, NULL);
  CU_ASSERT_EQUAL (two->makespan, 4);
  CU_ASSERT_EQUAL (two->busy, 8);
  CU_ASSERT_EQUAL (two->tasks[0].ready + two->tasks[1].ready, 0);
  done (two);
}

/* Everything under one lock: lock, read, write, unlock. With two processors a moves in ms 1 to 4 while b
 * waits: in ms 1 both could lock and a does, so b waits from then to the end of ms 4, in which a unlocks
 * first and b locks in the same round. b: read, write, unlock in ms 5 to 7. The second processor gained
 * one millisecond of eight. */
static void
test_lock (void)
{
  const gchar *text = "globals: {g: 0}\nlocks: [m]\nthreads:\n  a: [{lock: m}, g += 1, {unlock: m}]\n  b: [{lock: m}, g += 1, {unlock: m}]\n";
  MtStats *two = run (text, 2, NULL);
  CU_ASSERT_EQUAL (two->makespan, 7);
  CU_ASSERT_EQUAL (two->tasks[1].blocked, 3);
  CU_ASSERT_EQUAL (two->objects[0].waits, 1);
  CU_ASSERT_EQUAL (two->objects[0].waited, 3);
  done (two);
  MtStats *one = run (text, 1, NULL);
  CU_ASSERT_EQUAL (one->makespan, 8);
  done (one);
}

/* Two coroutines: each begins and prints, a twice. Nobody gives way, so b waits for its turn for a's 3 ms,
 * which is to be ready: nothing it needs is missing. */
static void
test_coroutines (void)
{
  MtStats *stats = run ("coroutines:\n  a: [print: x, print: x]\n  b: [print: x]\n", 1, NULL);
  CU_ASSERT_EQUAL (stats->makespan, 5);
  CU_ASSERT_EQUAL (stats->tasks[0].running, 3);
  CU_ASSERT_EQUAL (stats->tasks[1].ready, 3);
  CU_ASSERT_EQUAL (stats->tasks[1].running, 2);
  CU_ASSERT_EQUAL (stats->tasks[0].blocked + stats->tasks[1].blocked, 0);
  done (stats);
}

/* sleep 0.5: the wake-up is a step of 1 ms; the clock stands 500 ms before it. */
static void
test_sleep (void)
{
  MtStats *stats = run ("threads:\n  a: [{sleep: 0.5}]\n", 1, NULL);
  CU_ASSERT_EQUAL (stats->makespan, 501);
  CU_ASSERT_EQUAL (stats->tasks[0].sleeping, 500);
  CU_ASSERT_EQUAL (stats->tasks[0].running, 1);
  CU_ASSERT_EQUAL (stats->tasks[0].ready, 0);
  done (stats);
}

int
main (void)
{
  CU_TestInfo tests[] = { { "processors", test_processors }, { "a lock costs parallelism", test_lock }, { "coroutines", test_coroutines }, { "sleep", test_sleep }, CU_TEST_INFO_NULL };
  return suite_main ("stats", tests);
}

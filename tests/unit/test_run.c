/* Tests of run.c: what a run finds, where, and what it says about its end. Numbers are worked out by
 * hand from the models, which are a few lines each. */
#include "sim/model.h"
#include "sim/run.h"
#include "sim/trace.h"
#include "tests/unit/suite.h"
#include <string.h>

static MtProgram *
compile (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("m.yaml", text, strlen (text), &error);
  const MtCompileOptions options = { MT_TIME_VIRTUAL, TRUE, NULL, 0 };
  MtProgram *program = model ? mt_compile (model, &options, &error) : NULL;
  if (!program)
    g_printerr ("%s\n", error->message);
  CU_ASSERT_PTR_NOT_NULL_FATAL (program);
  return program;
}

static void
collect (const gchar *text, gsize length, gpointer data)
{
  g_string_append_len (data, text, (gssize)length);
}

/* Runs by a schedule, completed without preemption. */
static void
run (const MtProgram *program, const gchar *schedule, const MtRunOptions *options, MtRunResult *result)
{
  g_autoptr (GArray) script = mt_schedule_parse (program, schedule, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (script);
  const MtSchedOptions sched_options = { .script = (const MtChoice *)script->data, .n_script = script->len, .complete = TRUE };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("replay"), program, &sched_options);
  mt_run (program, sched, options, result);
}

static const MtViolation *
violation (const MtRunResult *result, guint i)
{
  CU_ASSERT_FATAL (i < result->violations->len);
  return &g_array_index (result->violations, MtViolation, i);
}

static const gchar race[] = "globals: {g: 0}\n"
                            "threads:\n"
                            "  a: [x = g, g = x + 1]\n"
                            "  b: [x = g, g = x + 1]\n"
                            "properties: {finally: g == 2}\n";

static void
test_pass (void)
{
  g_autoptr (MtProgram) program = compile (race);
  const MtRunOptions options = { .record = TRUE };
  MtRunResult result;

  run (program, "a a b b", &options, &result);
  CU_ASSERT_TRUE (result.ended);
  CU_ASSERT_FALSE (result.cut);
  CU_ASSERT_EQUAL (result.steps, 4);
  CU_ASSERT_EQUAL (result.switches, 1);
  CU_ASSERT_EQUAL (result.choices->len, 4);
  CU_ASSERT_EQUAL (result.violations->len, 0);
  CU_ASSERT_PTR_NULL (mt_run_verdict (program, &result));
  mt_run_result_clear (&result);
}

/* r1 r2 w1 w2: the fourth step writes from the second's stale read; at the end g is 1. */
static void
test_lost_update (void)
{
  g_autoptr (MtProgram) program = compile (race);
  const MtRunOptions options = { 0 };
  MtRunResult result;

  run (program, "a b a b", &options, &result);
  CU_ASSERT_EQUAL_FATAL (result.violations->len, 2);
  CU_ASSERT_EQUAL (violation (&result, 0)->kind, MT_FAIL_LOST_UPDATE);
  CU_ASSERT_EQUAL (violation (&result, 0)->step, 4);
  CU_ASSERT_EQUAL (violation (&result, 0)->task, 1);
  CU_ASSERT_EQUAL (violation (&result, 1)->kind, MT_FAIL_FINALLY);
  CU_ASSERT_PTR_EQUAL (mt_run_verdict (program, &result), violation (&result, 0));
  mt_run_result_clear (&result);
}

static void
test_first_of_its_kind (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\n"
                                           "threads:\n"
                                           "  a: [g = 1, g = 2, g = 3]\n"
                                           "properties: {invariants: {small: g < 2}}\n");
  const MtRunOptions options = { 0 };
  MtRunResult result;

  run (program, "", &options, &result);
  CU_ASSERT_EQUAL (result.steps, 3);
  CU_ASSERT_EQUAL_FATAL (result.violations->len, 1); /* the first of its kind, not one a state */
  CU_ASSERT_EQUAL (violation (&result, 0)->kind, MT_FAIL_INVARIANT);
  CU_ASSERT_EQUAL (violation (&result, 0)->step, 2);
  mt_run_result_clear (&result);
}

static void
test_initial_state (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 5}\nthreads: {a: [g = 1]}\nproperties: {invariants: {small: g < 2}}\n");
  const MtRunOptions options = { 0 };
  MtRunResult result;

  run (program, "", &options, &result);
  CU_ASSERT_EQUAL (violation (&result, 0)->step, 0);
  mt_run_result_clear (&result);
}

static void
test_bound (void)
{
  g_autoptr (MtProgram) program = compile (race);
  MtRunOptions options = { .max_steps = 3 };
  MtRunResult result;

  run (program, "", &options, &result);
  CU_ASSERT_TRUE (result.cut);
  CU_ASSERT_FALSE (result.ended);
  CU_ASSERT_EQUAL (result.steps, 3);
  mt_run_result_clear (&result);
  options.max_steps = 4; /* exactly enough: nothing was cut */
  run (program, "", &options, &result);
  CU_ASSERT_FALSE (result.cut);
  CU_ASSERT_TRUE (result.ended);
  mt_run_result_clear (&result);
}

/* Two of three wait for each other while the third goes on: found when the circle closes, at step 4. */
static void
test_cycle_of_some (void)
{
  g_autoptr (MtProgram) program = compile ("locks: [m, n]\n"
                                           "globals: {g: 0}\n"
                                           "threads:\n"
                                           "  a: [{lock: m}, {lock: n}, {unlock: n}, {unlock: m}]\n"
                                           "  b: [{lock: n}, {lock: m}, {unlock: m}, {unlock: n}]\n"
                                           "  c: [g = 1, g = 2, g = 3]\n");
  const MtRunOptions options = { 0 };
  MtRunResult result;

  run (program, "c a c b c", &options, &result);
  CU_ASSERT_EQUAL_FATAL (result.violations->len, 1);
  CU_ASSERT_EQUAL (violation (&result, 0)->kind, MT_FAIL_DEADLOCK);
  CU_ASSERT_EQUAL (violation (&result, 0)->step, 4);
  CU_ASSERT_PTR_NOT_NULL_FATAL (violation (&result, 0)->cycle);
  CU_ASSERT_EQUAL (violation (&result, 0)->cycle->len, 2);
  CU_ASSERT_EQUAL (result.steps, 5); /* c goes on to its end */
  mt_run_result_clear (&result);
}

/* A join of two and a lock for writing wait for all, so the second of them closes the circle as well as
 * the first: by hand, when the last step is made, with the other task still free to move. */
static void
test_cycle_through_any (void)
{
  static const struct { const gchar *model, *schedule; guint64 step; } rows[] = {
    { "threads:\n  a: [{print: A}, {join: w}]\n  w: {count: 2, steps: [{print: W}, {join: a}]}\n", "a w[2] w[1]", 2 },
    { "rwlocks: [rw]\nlocks: [m]\nthreads:\n"
      "  a: [{read_lock: rw}, {print: A}]\n"
      "  b: [{read_lock: rw}, {lock: m}]\n"
      "  c: [{lock: m}, {write_lock: rw}]\n", "a b c a", 3 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (MtProgram) program = compile (rows[i].model);
      const MtRunOptions options = { 0 };
      MtRunResult result;
      run (program, rows[i].schedule, &options, &result);
      CU_ASSERT_EQUAL (violation (&result, 0)->kind, MT_FAIL_DEADLOCK);
      CU_ASSERT_EQUAL (violation (&result, 0)->step, rows[i].step);
      CU_ASSERT_PTR_NOT_NULL_FATAL (violation (&result, 0)->cycle);
      CU_ASSERT_EQUAL (violation (&result, 0)->cycle->len, 2);
      mt_run_result_clear (&result);
    }
}

/* A daemon that waits for ever is no deadlock; a thread that does is one, though nobody waits for it. */
static void
test_daemon (void)
{
  g_autoptr (MtProgram) daemon = compile ("globals: {g: 0}\nthreads: {a: [g = 1], d: {daemon: true, steps: [{await: g == 2}]}}\n");
  g_autoptr (MtProgram) thread = compile ("globals: {g: 0}\nthreads: {a: [g = 1], d: [{await: g == 2}]}\n");
  const MtRunOptions options = { 0 };
  MtRunResult result;

  run (daemon, "", &options, &result);
  CU_ASSERT_TRUE (result.ended);
  CU_ASSERT_EQUAL (result.violations->len, 0);
  mt_run_result_clear (&result);
  run (thread, "", &options, &result);
  CU_ASSERT_FALSE (result.ended);
  CU_ASSERT_EQUAL (violation (&result, 0)->kind, MT_FAIL_DEADLOCK);
  CU_ASSERT_PTR_NULL (violation (&result, 0)->cycle);
  mt_run_result_clear (&result);
}

/* The clock's moves count as steps and make no switch: sleep 0.25 s and 1 s are up at 250 ms and 1 s. */
static void
test_time (void)
{
  g_autoptr (MtProgram) program = compile ("threads:\n  a: [{sleep: 0.25}, {print: \"a {now()}\"}]\n  b: [{sleep: 1}, {print: \"b {now()}\"}]\n");
  g_autoptr (GString) output = g_string_new (NULL);
  const MtRunOptions options = { .output = collect, .output_data = output };
  MtRunResult result;

  run (program, "", &options, &result);
  CU_ASSERT_EQUAL (result.time, 1000);
  CU_ASSERT_EQUAL (result.steps, 6);
  CU_ASSERT_EQUAL (result.switches, 1);
  CU_ASSERT_STRING_EQUAL (output->str, "a 250\nb 1000\n");
  mt_run_result_clear (&result);
}

/* What is allowed or only reported decides nothing. */
static void
test_levels (void)
{
  g_autoptr (MtProgram) program = compile ("threads:\n  a: [{raise: Oops}]\n  b: [{assert: 1 == 2}]\nproperties: {errors: allowed}\n");
  const MtRunOptions options = { 0 };
  MtRunResult result;

  run (program, "a b", &options, &result);
  CU_ASSERT_EQUAL (result.violations->len, 2);
  CU_ASSERT_EQUAL (result.faults, 2);
  CU_ASSERT_PTR_NOT_NULL_FATAL (mt_run_verdict (program, &result));
  CU_ASSERT_EQUAL (mt_run_verdict (program, &result)->kind, MT_FAIL_ASSERTION);
  CU_ASSERT_EQUAL (mt_run_verdict (program, &result)->step, 2);
  mt_run_result_clear (&result);
}

static void
test_parted (void)
{
  g_autoptr (MtProgram) program = compile ("locks: [m]\nthreads: {a: [{lock: m}, {unlock: m}], b: [{lock: m}, {unlock: m}]}\n");
  const MtRunOptions options = { .record = TRUE };
  MtRunResult result;

  run (program, "a b", &options, &result);
  CU_ASSERT_TRUE (result.parted);
  CU_ASSERT_EQUAL (result.choices->len, 1);
  mt_run_result_clear (&result);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "pass", test_pass },
    { "lost update", test_lost_update },
    { "the first of its kind", test_first_of_its_kind },
    { "initial state", test_initial_state },
    { "bound", test_bound },
    { "cycle of some", test_cycle_of_some },
    { "cycle through any of several", test_cycle_through_any },
    { "daemon", test_daemon },
    { "time", test_time },
    { "levels", test_levels },
    { "parted", test_parted },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("run", tests);
}

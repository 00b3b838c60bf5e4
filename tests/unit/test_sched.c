/* Tests of the schedulers: who moves. Orders and probabilities are worked out by hand. Critical values
 * of chi-square at p = 0.001 are from the tables: 20.515 for 5 degrees of freedom, 22.458 for 6. Seeds
 * are fixed, so a test that passes passes always. */
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

/* The schedule of one run; its verdict goes to *@kind, which may be NULL. */
static gchar *
schedule_of (const MtProgram *program, const gchar *scheduler, const MtSchedOptions *options, MtVerdictKind *kind)
{
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find (scheduler), program, options);
  const MtRunOptions run_options = { .record = TRUE };
  GString *out = g_string_new (NULL);
  MtRunResult result;

  mt_run (program, sched, &run_options, &result);
  mt_schedule_print (program, (const MtChoice *)result.choices->data, result.choices->len, out);
  const MtViolation *violation = mt_run_verdict (program, &result);
  if (kind)
    *kind = violation ? violation->kind : MT_PASS;
  mt_run_result_clear (&result);
  return g_string_free (out, FALSE);
}

static void
assert_schedule (const MtProgram *program, const gchar *scheduler, const MtSchedOptions *options, const gchar *expected)
{
  g_autofree gchar *got = schedule_of (program, scheduler, options, NULL);
  CU_ASSERT_STRING_EQUAL (got, expected);
  if (strcmp (got, expected) != 0)
    g_printerr ("\n%s: %s\n", scheduler, got);
}

static gdouble
chi_square (const guint *counts, const gdouble *expected, guint n)
{
  gdouble sum = 0;
  for (guint i = 0; i < n; i++)
    sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  return sum;
}

static const gchar race[] = "globals: {g: 0}\nthreads:\n  a: [x = g, g = x + 1]\n  b: [x = g, g = x + 1]\n";

/* Seven choices, 70000 picks: each is picked about 10000 times. */
static void
test_random_picks (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nthreads: {t: {count: 7, steps: [g = 1]}}\n");
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  mt_state_init (program, s, NULL);
  guint n = mt_choices (program, s, choices);
  CU_ASSERT_EQUAL_FATAL (n, 7);
  for (guint64 seed = 0; seed < 10; seed++)
    {
      const MtSchedOptions options = { .seed = seed };
      g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("random"), program, &options);
      guint counts[7] = { 0 };
      for (guint i = 0; i < 70000; i++)
        counts[mt_sched_pick (sched, program, s, choices, n)]++;
      CU_ASSERT (chi_square (counts, (const gdouble[]) { 10000, 10000, 10000, 10000, 10000, 10000, 10000 }, 7) < 22.458);
    }
}

/* The six schedules of the race: whoever is alone at the end has no competitor, so that a a b b and
 * b b a a are drawn with 1/2 1/2 1 1 = 1/4 each, and the other four with 1/2 1/2 1/2 1 = 1/8. */
static void
test_random_runs (void)
{
  static const gchar *const schedules[] = { "a*2 b*2", "b*2 a*2", "a b a b", "b a b a", "a b*2 a", "b a*2 b" };
  g_autoptr (MtProgram) program = compile (race);
  guint counts[6] = { 0 }, total = 0;
  for (guint64 seed = 0; seed < 8000; seed++)
    {
      const MtSchedOptions options = { .seed = seed };
      g_autofree gchar *got = schedule_of (program, "random", &options, NULL);
      for (guint i = 0; i < 6; i++)
        counts[i] += g_str_equal (got, schedules[i]);
    }
  for (guint i = 0; i < 6; i++)
    total += counts[i];
  CU_ASSERT_EQUAL (total, 8000);
  CU_ASSERT (chi_square (counts, (const gdouble[]) { 2000, 2000, 1000, 1000, 1000, 1000 }, 6) < 20.515);
}

/* With a quantum of 8 and two tasks, another task moves next with probability 1/8 1/2: 1/16 of the picks.
 * Of 64000 picks that is 4000, with a standard deviation of 61. */
static void
test_random_quantum (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nthreads: {t: {count: 2, steps: [g = 1]}}\n");
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  mt_state_init (program, s, NULL);
  guint n = mt_choices (program, s, choices), switches = 0;
  const MtSchedOptions options = { .seed = 1, .quantum = 8 };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("random"), program, &options);
  gint last = mt_sched_pick (sched, program, s, choices, n);
  for (guint i = 0; i < 64000; i++)
    {
      gint now = mt_sched_pick (sched, program, s, choices, n);
      switches += now != last;
      last = now;
    }
  CU_ASSERT (switches > 4000 - 5 * 61 && switches < 4000 + 5 * 61);
}

static void
test_seeds (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nthreads: {t: {count: 3, steps: [{repeat: 20, do: [g += 1]}]}}\n");
  for (guint64 seed = 0; seed < 20; seed++)
    {
      const MtSchedOptions options = { .seed = seed }, next = { .seed = seed + 1 };
      g_autofree gchar *one = schedule_of (program, "random", &options, NULL), *same = schedule_of (program, "random", &options, NULL);
      g_autofree gchar *other = schedule_of (program, "random", &next, NULL);
      CU_ASSERT_STRING_EQUAL (one, same);
      CU_ASSERT_STRING_NOT_EQUAL (one, other);
    }
}

/* Three tasks of three, three and one steps. */
static void
test_round_robin (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nthreads:\n  a: [g = 1, g = 2, g = 3]\n  b: [g = 1, g = 2, g = 3]\n  c: [g = 1]\n");
  assert_schedule (program, "round-robin", &(const MtSchedOptions) { .quantum = 1 }, "a b c a b a b");
  assert_schedule (program, "round-robin", &(const MtSchedOptions) { .quantum = 2 }, "a*2 b*2 c a b");
  assert_schedule (program, "round-robin", &(const MtSchedOptions) { 0 }, "a*3 b*3 c"); /* 5 */
  assert_schedule (program, "round-robin", &(const MtSchedOptions) { .quantum = 1, .seed = 99 }, "a b c a b a b");
}

/* Who must wait loses its turn: b can't lock before a, twice in turn, has let go. */
static void
test_round_robin_blocked (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nlocks: [m]\nthreads:\n  a: [{lock: m}, g = 1, {unlock: m}, g = 2]\n  b: [{lock: m}, {unlock: m}]\n  c: [g = 1, g = 2]\n");
  assert_schedule (program, "round-robin", &(const MtSchedOptions) { .quantum = 1 }, "a c a c a b a b");
}

static void
test_priority (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nlocks: [m]\nthreads:\n  a: [{await: g == 1}, g = 5]\n  b: [g = 7, {lock: m}, g = 1, {unlock: m}]\n  c: [{lock: m}, {unlock: m}]\n");
  /* b until a can go on; a to its end; b's rest; c */
  assert_schedule (program, "priority", &(const MtSchedOptions) { 0 }, "b*3 a*2 b c*2");
}

/* Where an operation has several results, priority takes the first: it gets the lock, no timeout. */
static void
test_priority_alternatives (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nthreads: {a: [{choose: [[g = 1], [g = 2]]}, {choose: [[g = 1], [g = 2]]}]}\n");
  assert_schedule (program, "priority", &(const MtSchedOptions) { .seed = 4 }, "a*4");
}

/* pct, depth 2, on the race: n = 2 tasks, k = 4 steps, so a run loses the update with probability at
 * least 1/(2 4) = 1/8. Worked out: whoever is first must drop before its second step, which is one of the
 * four equally likely places: 1/4. Of 4000 runs 1000, with a standard deviation of 27. */
static void
test_pct (void)
{
  g_autoptr (MtProgram) program = compile (race);
  guint hits = 0, first_a = 0;
  for (guint64 seed = 0; seed < 4000; seed++)
    {
      const MtSchedOptions options = { .seed = seed, .depth = 2, .length = 4 };
      MtVerdictKind kind;
      g_autofree gchar *got = schedule_of (program, "pct", &options, &kind);
      hits += kind == MT_FAIL_LOST_UPDATE;
      first_a += got[0] == 'a';
    }
  CU_ASSERT (hits >= 4000 / 8);
  CU_ASSERT (hits > 1000 - 5 * 27 && hits < 1000 + 5 * 27);
  CU_ASSERT (first_a > 2000 - 5 * 32 && first_a < 2000 + 5 * 32);
}

/* The same where it is rare: b's one pair of steps between two of a's 20 steps. n = 2, k = 22: at least
 * 1/44, 91 of 4000 runs. */
static void
test_pct_guarantee (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {g: 0, h: 0}\n"
                                           "threads:\n"
                                           "  a: [{repeat: 18, do: [h = 1]}, x = g, g = x + 1]\n"
                                           "  b: [y = g, g = y + 1]\n");
  guint hits = 0;
  for (guint64 seed = 0; seed < 4000; seed++)
    {
      const MtSchedOptions options = { .seed = seed, .depth = 2, .length = 22 };
      MtVerdictKind kind;
      g_free (schedule_of (program, "pct", &options, &kind));
      hits += kind == MT_FAIL_LOST_UPDATE;
    }
  CU_ASSERT (hits >= 91);
}

/* Depth 1: no drops, so one task at a time, in either order. */
static void
test_pct_depth_1 (void)
{
  g_autoptr (MtProgram) program = compile (race);
  guint a_first = 0;
  for (guint64 seed = 0; seed < 100; seed++)
    {
      const MtSchedOptions options = { .seed = seed, .depth = 1 };
      g_autofree gchar *got = schedule_of (program, "pct", &options, NULL);
      CU_ASSERT (g_str_equal (got, "a*2 b*2") || g_str_equal (got, "b*2 a*2"));
      a_first += got[0] == 'a';
    }
  CU_ASSERT (a_first > 0 && a_first < 100);
}

/* Any run again by its own choices: the same choices, the same verdict. */
static void
test_replay (void)
{
  static const gchar *const schedulers[] = { "random", "round-robin", "pct", "priority" };
  g_autoptr (MtProgram) program = compile ("globals: {g: 0}\nlocks: [m, n]\nthreads:\n"
                                           "  a: [{lock: m}, g += 1, {lock: n, timeout: 1, else: [g = 9]}, {sleep: 0.5}]\n"
                                           "  b: [{lock: n}, g += 1, {lock: m, timeout: 2, else: [{choose: [[g = 3], [g = 4]]}]}]\n");
  for (guint i = 0; i < G_N_ELEMENTS (schedulers); i++)
    for (guint64 seed = 0; seed < 50; seed++)
      {
        const MtSchedOptions options = { .seed = seed, .quantum = 1 };
        MtVerdictKind then, now;
        g_autofree gchar *recorded = schedule_of (program, schedulers[i], &options, &then);
        g_autoptr (GArray) script = mt_schedule_parse (program, recorded, NULL);
        const MtSchedOptions again = { .script = (const MtChoice *)script->data, .n_script = script->len };
        g_autofree gchar *replayed = schedule_of (program, "replay", &again, &now);
        CU_ASSERT_STRING_EQUAL (replayed, recorded);
        CU_ASSERT_EQUAL (now, then);
      }
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "random, picks", test_random_picks },
    { "random, runs", test_random_runs },
    { "random, quantum", test_random_quantum },
    { "seeds", test_seeds },
    { "round-robin", test_round_robin },
    { "round-robin, blocked", test_round_robin_blocked },
    { "priority", test_priority },
    { "priority, alternatives", test_priority_alternatives },
    { "pct", test_pct },
    { "pct, guarantee", test_pct_guarantee },
    { "pct, depth 1", test_pct_depth_1 },
    { "replay", test_replay },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("sched", tests);
}

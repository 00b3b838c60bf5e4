/* Tests of ops/pool.c, and of the workers that the compiler makes. */
#include "walk.h"

/* submit, close; the worker takes the job any time after the submit, reads nothing, writes x; then
 * join. Main's places: 3 (before submit, before close, before join) and its end; the worker's: 3
 * (take, write, done). After the submit a 2 x 3 grid (7 transitions), then the join: 1 + 6 + 1 states,
 * 1 + 7 + 1 transitions; the paths are those of close among take and write: 3. */
static void
test_one_job (void)
{
  assert_walk ("shared: {x: 0}\n"
               "pools: {po: {workers: 1}}\n"
               "functions:\n"
               "  f: {params: [a], steps: [x = a]}\n"
               "processes:\n"
               "  main: [{submit: f, to: po, args: [7]}, {close: po}, {join: po}]\n",
               MT_TIME_ABSTRACT, 8, 9, 3, "x=7 ended", "");
}

/* One worker does the jobs in their order, whichever function they call; two don't. */
static void
test_order (void)
{
  static const gchar model[] = "shared: {x: 0}\n"
                               "pools: {po: {workers: %d}}\n"
                               "functions:\n"
                               "  f: {params: [a, b], steps: [x = a - b]}\n"
                               "  g: {params: [a], steps: [x = a]}\n"
                               "processes:\n"
                               "  main: [{submit: f, to: po, args: [3, 2]}, {submit: g, to: po, args: [2]}, {close: po}, {join: po}]\n";
  for (guint workers = 1; workers <= 2; workers++)
    {
      g_autofree gchar *text = g_strdup_printf (model, workers);
      g_autoptr (MtProgram) p = walk_compile (text, MT_TIME_ABSTRACT);
      Walk w = walk (p);
      walk_assert_text (w.outcomes, workers == 1 ? "x=2 ended" : "x=1 ended | x=2 ended");
      walk_assert_text (w.faults, "");
      g_free (w.outcomes);
      g_free (w.faults);
    }
}

/* Each worker has its own copy of the globals, made at the start: main's write is not seen, and a
 * worker keeps what its job before has left. */
static void
test_globals (void)
{
  assert_walk ("globals: {g: 1}\n"
               "shared: {x: 0}\n"
               "pools: {po: {workers: 1}}\n"
               "functions:\n"
               "  f: [g += 1, x = g]\n"
               "processes:\n"
               "  main: [g = 50, {submit: f, to: po}, {submit: f, to: po}, {close: po}, {join: po}]\n"
               "observe: [x, g]\n",
               /* g = 50, submit; then the worker has made 0 to 12 steps (take, read, write, read, write,
                * twice, the second take only after the second submit) while main submits, closes, joins:
                * worker's places 0..5 before the second submit (6), 0..10 before close (11) and before join
                * (11), then the end: 1 + 1 + 6 + 11 + 11 + 1 - 0 = 31 states: the initial, after g = 50,
                * 6, 11, 11, the end. Transitions: 1 + 1, 5 + 6, 10 + 11, 10, 1 = 45. Paths: the two of
                * main among the worker's ten, the first of them before its sixth: for i = 0..5 and
                * j = i..10: 11 + 10 + 9 + 8 + 7 + 6 = 51. */
               MT_TIME_ABSTRACT, 31, 45, 51, "x=3 g=50 ended", "");
}

/* An error in a job is swallowed and recorded, as Python's Pool does, and the worker goes on; a failed
 * assertion is a failure of the model all the same. */
static void
test_errors_are_swallowed (void)
{
  Play play;
  play_begin (&play, "shared: {x: 0}\n"
                     "pools: {po: {workers: 1}}\n"
                     "functions:\n"
                     "  bad: {params: [a], steps: [x = 1 / a]}\n"
                     "  worse: {steps: [{assert: x == 5}]}\n"
                     "processes:\n"
                     "  main: [{submit: bad, to: po, args: [0]}, {submit: worse, to: po}, {submit: bad, to: po, args: [1]}, {close: po}, {join: po}]\n",
              MT_TIME_ABSTRACT);
  for (guint i = 0; i < 4; i++)
    play_step (&play, "main", 0);
  play_assert_object (&play, "po", "closed, 3 waiting");
  CU_ASSERT_EQUAL (play_step (&play, "po[1]", 0), MT_SWALLOWED); /* the division belongs to the step of the take */
  CU_ASSERT_STRING_EQUAL (play.rec.fault->str, "ZeroDivisionError: 1 / 0");
  CU_ASSERT_EQUAL (play_step (&play, "po[1]", 0), MT_OK);
  CU_ASSERT_EQUAL (play_step (&play, "po[1]", 0), MT_FAULT | MT_FAULT_ASSERTION);
  CU_ASSERT_EQUAL (play_step (&play, "po[1]", 0), MT_OK);
  play_assert_blocked (&play, "main", "po", "po[1]"); /* busy with the last one */
  CU_ASSERT_EQUAL (play_step (&play, "po[1]", 0), MT_OK);
  play_step (&play, "main", 0);
  g_autofree gchar *outcome = walk_outcome (play.program, play.s);
  walk_assert_text (outcome, "x=1 ended");
  play_end (&play);
}

static void
test_misuse (void)
{
  static const gchar head[] = "pools: {po: {workers: 1, storage: 1}}\n"
                              "functions: {f: [pass]}\n"
                              "processes:\n";
  static const struct { const gchar *main; guint states, transitions; guint64 schedules; const gchar *fault; } rows[] = {
    { "  main: [{join: po}]\n", 2, 1, 1, "ValueError: Pool is still running: close po before it is joined" },
    { "  main: [{close: po}, {submit: f, to: po}]\n", 3, 2, 1, "ValueError: Pool not running: po is closed" },
    { "  main: [{terminate: po}, {submit: f, to: po}]\n", 3, 2, 1, "ValueError: Pool not running: po is terminated" },
    { "  main: [{close: po}, {close: po}, {join: po}]\n", 4, 3, 1, "" },
    /* the first job is taken before the second comes, or not; main's end is the model's */
    { "  main: [{submit: f, to: po}, {submit: f, to: po}]\n", 5, 4, 2, "MemoryError: po has room for 1 waiting jobs: declare it with a larger storage" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *text = g_strconcat (head, rows[i].main, NULL);
      assert_walk (text, MT_TIME_ABSTRACT, rows[i].states, rows[i].transitions, rows[i].schedules, "ended", rows[i].fault);
    }
}

/* terminate drops what waits, and ends the workers where they are: a lock stays locked. */
static void
test_terminate (void)
{
  Play play;
  play_begin (&play, "locks: [m]\n"
                     "pools: {po: {workers: 2}}\n"
                     "functions:\n"
                     "  f: [{lock: m}, {unlock: m}]\n"
                     "processes:\n"
                     "  main: [{submit: f, to: po}, {submit: f, to: po}, {submit: f, to: po}, {terminate: po}, {join: po}, {lock: m}]\n",
              MT_TIME_ABSTRACT);
  for (guint i = 0; i < 3; i++)
    play_step (&play, "main", 0);
  play_step (&play, "po[1]", 0);
  play_step (&play, "po[1]", 0);
  play_step (&play, "po[2]", 0);
  play_assert_object (&play, "po", "open, 1 waiting");
  play_step (&play, "main", 0);
  play_assert_object (&play, "po", "terminated, 0 waiting");
  CU_ASSERT_EQUAL (play_ways (&play, "po[1]") + play_ways (&play, "po[2]"), 0);
  play_step (&play, "main", 0);
  play_assert_blocked (&play, "main", "m", "po[1]");
  play_end (&play);
}

static void
test_handle (void)
{
  assert_walk ("shared: {a: 0, b: 0}\n"
               "pools: {po: {workers: 1}}\n"
               "functions: {f: [pass]}\n"
               "processes:\n"
               "  main: [{submit: f, to: po, into: a}, {terminate: po}]\n",
               /* submit; then write a, and terminate, with the job taken before, between, or not:
                * 1 + 2 + 2 + 1 states (a terminated pool forgets its jobs), 1 + 2 + 1 + 2 transitions */
               MT_TIME_ABSTRACT, 6, 7, 3, "a=1 b=0 ended", "");
}

/* A queue that is passed on by inheritance only can't be used in a job; a process can't be started
 * there, for a worker is a daemon. */
static void
test_what_a_worker_may_not (void)
{
  assert_walk ("queues: {q: {inherit: true, storage: 1}}\n"
               "pools: {po: {workers: 1}}\n"
               "functions: {f: [{put: 1, to: q}]}\n"
               "processes:\n"
               "  main: [{submit: f, to: po}, {close: po}, {join: po}]\n",
               MT_TIME_ABSTRACT, 8, 9, 3, "ended", "RuntimeError: Queue objects should only be shared between processes through inheritance");
  assert_walk ("pools: {po: {workers: 1}}\n"
               "functions: {f: [{start: p}]}\n"
               "processes:\n"
               "  main: [{submit: f, to: po}, {close: po}, {join: po}]\n"
               "  p: [pass]\n",
               MT_TIME_ABSTRACT, 8, 9, 3, "ended", "AssertionError: daemonic processes are not allowed to have children");
}

static void
test_refused (void)
{
  assert_refused ("pools: {po: {workers: 0}}\n"
                  "threads: {t: [pass]}\n",
                  "m:1:23: error: workers of 'po' is 0, but must be 1 to 100 [how many jobs it does at once]\n");
  assert_refused ("pools: {po: {}}\n"
                  "functions: {f: {params: [a], steps: [{print: '{a + 1}'}]}}\n"
                  "threads:\n"
                  "  t: [{submit: f, to: po}, {submit: f, to: po, args: [1]}, {submit: f, to: po, args: [\"'x'\"]}, {submit: ff, to: po}, {submit: f, to: pool}]\n",
                  "m:4:16: error: function 'f' takes 1 argument, not 0\n"
                  "m:4:88: error: the parameter is a number, not a string [strings are compared, stored and printed, never computed with]\n"
                  "m:4:105: error: function 'ff' is not declared\n"
                  "m:4:134: error: pool 'pool' is not declared\n");
  assert_refused ("pools: {po: {size: 2}}\n"
                  "threads: {t: [pass]}\n",
                  "m:1:9: error: a pool can't be an array [declare each under its own name]\n");
  assert_refused ("pools: {po: {}}\n"
                  "threads: {t: [{start: po}]}\n",
                  "m:2:23: error: start: needs a task; 'po' is a pool (line 1) [what works on a pool: submit, close, join, terminate]\n");
}

static void
test_who_is_waited_for (void)
{
  Play play;
  play_begin (&play,
              "pools: {po: {workers: 2}}\n"
              "functions: {f: [{sleep: 1}]}\n"
              "processes: {main: [{submit: f, to: po}, {submit: f, to: po}, {close: po}, {join: po}]}\n",
              MT_TIME_VIRTUAL);
  for (guint i = 0; i < 3; i++)
    play_step (&play, "main", 0);
  play_assert_waits (&play, "main", "waits for po"); /* for its jobs: nobody has taken them */
  play_step (&play, "po[2]", 0);
  play_assert_waits (&play, "main", "waits for po, busy in po[2]");
  play_step (&play, "po[1]", 0);
  play_assert_waits (&play, "main", "waits for po, busy in po[1] and po[2]");
  play_end (&play);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "one job", test_one_job },
    { "order", test_order },
    { "globals", test_globals },
    { "errors are swallowed", test_errors_are_swallowed },
    { "misuse", test_misuse },
    { "terminate", test_terminate },
    { "handle", test_handle },
    { "what a worker may not", test_what_a_worker_may_not },
    { "refused", test_refused },
    { "who is waited for", test_who_is_waited_for },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("pool", tests);
}

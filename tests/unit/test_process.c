/* Tests of processes: plan.c, and start, join, alive, terminate in ops/task.c. */
#include "walk.h"

/* p starts with main's g as it is then, 2, and adds to its own copy; main's stays. One order only:
 * main writes, starts, and waits; p reads, adds, writes g, reads it and writes s; main joins. The
 * properties and `observe` speak of main's globals. */
static void
test_globals_are_copied_at_start (void)
{
  assert_walk ("globals: {g: 1}\n"
               "shared: {s: 0}\n"
               "processes:\n"
               "  main: [g = 2, {start: p}, {join: p}]\n"
               "  p: [g += 10, s = g]\n",
               MT_TIME_ABSTRACT, 8, 7, 1, "s=12 g=2 ended", "");
}

/* Both start with the model, so both have the initial g: a 2 x 2 grid of the two writes and, for the
 * second, a read and a write more: 2 x 4 places, 3 + 3 * ... transitions: 4 down (one at each of b's
 * places), 3 * 2 across; paths: 4 choose 1. */
static void
test_globals_are_not_shared (void)
{
  assert_walk ("globals: {g: 1}\n"
               "shared: {s: 0}\n"
               "processes:\n"
               "  a: [g = 7]\n"
               "  b: [g = 5, s = g]\n",
               MT_TIME_ABSTRACT, 8, 10, 4, "s=5 g=7 ended", "");
}

/* A list is copied as a whole, and the thread that p starts sees p's copy: [11, 22, 0] there, and
 * [11, 22] in main. */
static void
test_a_thread_belongs_to_its_starter (void)
{
  assert_walk ("globals: {nums: [11, 22]}\n"
               "shared: {inside: 0}\n"
               "processes:\n"
               "  main: [{start: p}, {join: p}]\n"
               "  p: [{append: 0, to: nums}, {start: t}, {join: t}]\n"
               "threads:\n"
               "  t: [inside = len(nums)]\n"
               "observe: [inside, len(nums)]\n",
               MT_TIME_ABSTRACT, 8, 7, 1, "inside=3 len(nums)=2 ended", "");
}

/* A process is over when its threads are: p's own last step is the start of t, and main still waits.
 * One order, then, but that p's end is no step: start, start, write, join. */
static void
test_join_waits_for_threads (void)
{
  assert_walk ("shared: {x: 0, seen: 0}\n"
               "processes:\n"
               "  main: [{start: p}, {join: p}, seen = x]\n"
               "  p: [{start: t}]\n"
               "threads:\n"
               "  t: [x = 1]\n",
               MT_TIME_ABSTRACT, 7, 6, 1, "x=1 seen=1 ended", "");
}

static void
test_pid (void)
{
  assert_walk ("shared: {a: 0, b: 0}\n"
               "processes:\n"
               "  main: [a = pid, {start: p}, {join: p}]\n"
               "  p: [{call: f}]\n"
               "functions:\n"
               "  f: [b = pid]\n",
               MT_TIME_ABSTRACT, 5, 4, 1, "a=1 b=2 ended", "");
}

static void
test_alive (void)
{
  Play play;
  play_begin (&play, "shared: {before: true, during: false, after: true}\n"
                     "events: [go]\n"
                     "processes:\n"
                     "  main: [before = alive(p), {start: p}, during = alive(p), {set: go}, {join: p}, after = alive(p)]\n"
                     "  p: [{wait: go}]\n",
              MT_TIME_ABSTRACT);
  for (guint i = 0; i < 6; i++) /* reads, writes; start; reads, writes; set */
    play_step (&play, "main", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "main"), 0); /* p is still there */
  play_step (&play, "p", 0);
  for (guint i = 0; i < 3; i++)
    play_step (&play, "main", 0);
  g_autofree gchar *outcome = walk_outcome (play.program, play.s);
  walk_assert_text (outcome, "before=False during=True after=False ended");
  play_end (&play);
}

/* main gives up or p writes first: from the start state of the wait, p's write (then join), or the
 * timeout (then main's write and p's in either order, a 2 x 2 grid). start, then: 1 + {1 + 1} + 4 + 1
 * states; paths 1 + 2. */
static void
test_join_with_timeout (void)
{
  assert_walk ("shared: {x: 0, late: 0}\n"
               "processes:\n"
               "  main: [{start: p}, {join: p, timeout: 1, else: [late = 1]}]\n"
               "  p: [x = 1]\n",
               MT_TIME_ABSTRACT, 8, 8, 3, "x=1 late=0 ended | x=1 late=1 ended", "");
}

/* p may be ended before it locks, while it holds the lock (which stays locked, so that main can't
 * pass), or after it has let it go (or ended by itself). */
static void
test_terminate_leaves_locks_locked (void)
{
  assert_walk ("locks: [m]\n"
               "shared: {x: 0}\n"
               "processes:\n"
               "  main: [{start: p}, {terminate: p}, {join: p}, {lock: m}, x = 1]\n"
               "  p: [{lock: m}, {unlock: m}]\n",
               /* start; then p at one of 3 places (0 locks, 1 lock, at its end), terminated at 3:
                * killed with the lock free, killed with it held, ended; join from each of these; then
                * lock and x for the two in which the lock is free:
                * 1 + 3 + 3 + 3 + 2 * 2 = 14 states; 1 + 2 + 3 + 3 + 2 * 2 = 13 transitions; 3 paths. */
               MT_TIME_ABSTRACT, 14, 13, 3, "x=0 stuck | x=1 ended", "");
}

/* An item is put in one step: after p's end the queue holds 0, 1 or 2 whole ones, in order. */
static void
test_terminate_leaves_items_whole (void)
{
  assert_walk ("queues: {q: {capacity: 2}}\n"
               "shared: {n: 9, a: 0, b: 0}\n"
               "processes:\n"
               "  main:\n"
               "    - start: p\n"
               "    - terminate: p\n"
               "    - atomic: [n = size(q), {if: n > 0, then: [{get: q, into: [a, b]}]}]\n"
               "  p: [{put: [1, 2], to: q}, {put: [3, 4], to: q}]\n",
               /* as above: 1 + 3 + 3 + 3 states, 1 + 2 + 3 + 3 transitions */
               MT_TIME_ABSTRACT, 10, 9, 3, "n=0 a=0 b=0 ended | n=1 a=1 b=2 ended | n=2 a=1 b=2 ended", "");
}

/* With the process its threads end. */
static void
test_terminate_ends_threads (void)
{
  Play play;
  play_begin (&play, "shared: {x: 0}\n"
                     "processes:\n"
                     "  main: [{start: p}, {await: x == 1}, {terminate: p}]\n"
                     "  p: [{start: t}, {join: t}]\n"
                     "threads:\n"
                     "  t: [x = 1, x = 2]\n",
              MT_TIME_ABSTRACT);
  play_step (&play, "main", 0);
  play_step (&play, "p", 0);
  play_step (&play, "t", 0);
  play_step (&play, "main", 0);
  play_step (&play, "main", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "t"), 0);
  CU_ASSERT_EQUAL (play_ways (&play, "p"), 0);
  CU_ASSERT_TRUE (mt_ended (play.program, play.s));
  play_end (&play);
}

/* As in Python: an ended process may be terminated, an unstarted one has nothing to be terminated,
 * and a process is started once. */
static void
test_misuse (void)
{
  assert_walk ("processes:\n"
               "  main: [{start: p}, {join: p}, {terminate: p}, {terminate: p}, {start: p}]\n"
               "  p: [pass]\n",
               MT_TIME_ABSTRACT, 6, 5, 1, "ended", "AssertionError: p is started already: cannot start a process twice");
  assert_walk ("processes:\n"
               "  main: [{terminate: p}, {start: p}]\n"
               "  p: [pass]\n",
               MT_TIME_ABSTRACT, 2, 1, 1, "ended", "AttributeError: p is not started: 'NoneType' object has no attribute 'terminate'");
  assert_walk ("processes:\n"
               "  p: [{terminate: p}]\n",
               MT_TIME_ABSTRACT, 2, 1, 1, "ended", "AttributeError: p can't terminate itself: 'NoneType' object has no attribute 'terminate'");
  /* each fails, and kills nobody: a grid of 2 x 2 */
  assert_walk ("processes:\n"
               "  p: {count: 2, steps: [{terminate: p}]}\n",
               MT_TIME_ABSTRACT, 4, 4, 2, "ended",
               "AttributeError: p[1] can't terminate itself: 'NoneType' object has no attribute 'terminate' | "
               "AttributeError: p[2] can't terminate itself: 'NoneType' object has no attribute 'terminate'");
}

/* Nobody ever starts p, so main waits for ever. */
static void
test_join_of_an_unstarted (void)
{
  assert_walk ("params: {never: false}\n"
               "processes:\n"
               "  main: [{if: never, then: [{start: p}]}, {join: p}]\n"
               "  p: [pass]\n",
               MT_TIME_ABSTRACT, 1, 0, 1, "stuck", "");
}

static void
test_refused (void)
{
  assert_refused ("threads:\n"
                  "  t: [pass]\n"
                  "  u: [{terminate: t}]\n",
                  "m:3:19: error: 't' is a thread, which nothing can end from outside "
                  "[only processes can be terminated: let it look at a flag or an event, and return]\n");
  assert_refused ("coroutines: {co: [pass]}\n"
                  "threads:\n"
                  "  u: [{terminate: co}]\n",
                  "m:3:19: error: 'co' is a coroutine, which nothing can end from outside "
                  "[only processes can be terminated: let it look at a flag or an event, and return]\n");
  assert_refused ("processes:\n"
                  "  p: [{start: t}]\n"
                  "  q: [{call: f}]\n"
                  "functions:\n"
                  "  f: [{start: t}]\n"
                  "threads:\n"
                  "  t: [pass]\n",
                  "m:7:3: error: thread 't' is started from two processes, p and q "
                  "[a task belongs to the process that starts it: declare one for each process]\n");
  assert_refused ("processes:\n"
                  "  p: {count: 2, steps: [{start: t}]}\n"
                  "threads:\n"
                  "  t: [pass]\n",
                  "m:4:3: error: thread 't' is started from several processes, those of 'p' "
                  "[a task belongs to the process that starts it: declare one for each process]\n");
}

/* Six names, and how many more there are. A timed join waits for all of them too. */
static void
test_who_is_waited_for (void)
{
  Play play;
  play_begin (&play,
              "locks: [m]\n"
              "threads:\n"
              "  t: {count: 8, steps: [{lock: m}]}\n"
              "  few: {count: 2, steps: [{lock: m}]}\n"
              "  a: [{join: t}]\n"
              "  b: [{join: few, timeout: 5}]\n",
              MT_TIME_VIRTUAL);
  play_assert_waits (&play, "a", "waits for t[1], t[2], t[3], t[4], t[5], t[6] and 2 more to end");
  play_assert_waits (&play, "b", "waits for few[1] and few[2] to end");
  play_step (&play, "few[1]", 0);
  play_assert_waits (&play, "b", "waits for few[2] to end");
  play_assert_waits (&play, "few[2]", "waits for m, held by few[1] (ended)");
  play_end (&play);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "globals are copied at start", test_globals_are_copied_at_start },
    { "globals are not shared", test_globals_are_not_shared },
    { "a thread belongs to its starter", test_a_thread_belongs_to_its_starter },
    { "join waits for threads", test_join_waits_for_threads },
    { "pid", test_pid },
    { "alive", test_alive },
    { "join with timeout", test_join_with_timeout },
    { "terminate leaves locks locked", test_terminate_leaves_locks_locked },
    { "terminate leaves items whole", test_terminate_leaves_items_whole },
    { "terminate ends threads", test_terminate_ends_threads },
    { "misuse", test_misuse },
    { "join of an unstarted", test_join_of_an_unstarted },
    { "refused", test_refused },
    { "who is waited for", test_who_is_waited_for },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("process", tests);
}

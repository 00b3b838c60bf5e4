/* Tests of ops/event.c. */
#include "tests/unit/walk.h"

/* set, wait, write: there is no other order. */
static void
test_wait (void)
{
  assert_walk ("globals: {x: 0}\n"
               "events: [e]\n"
               "threads:\n"
               "  a: [{wait: e}, x = 1]\n"
               "  b: [{set: e}]\n",
               MT_TIME_VIRTUAL, 4, 3, 1, "x=1 ended", "");
}

static void
test_never_set (void)
{
  assert_walk ("events: [e]\n"
               "threads: {a: [{wait: e}]}\n",
               MT_TIME_ABSTRACT, 1, 0, 1, "stuck", "");
}

/* From the start: a gives up (then its write and b's set in either order: a 2 x 2 grid of 4 states
 * and 4 transitions, 2 paths), or b sets (then a passes: 2 more states, 1 more transition, 1 path).
 * With the initial state and its 2 transitions: 7, 7, 3. */
static void
test_abstract_timeout (void)
{
  assert_walk ("globals: {x: 0}\n"
               "events: [e]\n"
               "threads:\n"
               "  a: [{wait: e, timeout: 1, else: [x = 2]}]\n"
               "  b: [{set: e}]\n",
               MT_TIME_ABSTRACT, 7, 7, 3, "x=0 ended | x=2 ended", "");
}

/* The durations decide. Early: clock, a gives up, writes, clock, b awakes, sets. In time: clock, b
 * awakes, sets, a passes. */
static void
test_virtual_timeout (void)
{
  static const gchar model[] = "globals: {x: 0}\n"
                               "events: [e]\n"
                               "threads:\n"
                               "  a: [{wait: e, timeout: %s, else: [x = 2]}]\n"
                               "  b: [{sleep: 2}, {set: e}]\n";
  g_autofree gchar *early = g_strdup_printf (model, "1"), *late = g_strdup_printf (model, "2.5");
  assert_walk (early, MT_TIME_VIRTUAL, 7, 6, 1, "x=2 ended", "");
  assert_walk (late, MT_TIME_VIRTUAL, 5, 4, 1, "x=0 ended", "");
}

static void
test_timeout_without_else (void)
{
  assert_walk ("events: [e]\n"
               "threads: {a: [{wait: e, timeout: 0}]}\n",
               MT_TIME_VIRTUAL, 2, 1, 1, "ended", "TimeoutError");
}

/* a: set, clear. b: looks, then writes if it was set. b looks before set (1 path), between (its write
 * before or after clear: 2) or after clear (1). States: a before set: b looks or has ended (2); a
 * between, and a at its end: b looks, writes, has ended with x 0, with x 1 (4 each). Transitions: 2 + 1
 * of the first two, 2 + 2 + 1 + 1 of the next four, 1 + 1 of the last. */
static void
test_clear_and_is_set (void)
{
  assert_walk ("globals: {x: 0}\n"
               "events: {e: {}}\n"
               "threads:\n"
               "  a: [{set: e}, {clear: e}]\n"
               "  b: [{if: is_set(e), then: [x = 1]}]\n",
               MT_TIME_VIRTUAL, 10, 11, 4, "x=0 ended | x=1 ended", "");
}

static void
test_array (void)
{
  Play play;
  play_begin (&play,
              "events: {e: {size: 2}}\n"
              "threads:\n"
              "  a: [i = 1, {wait: 'e[i]'}]\n"
              "  b: [{set: 'e[1]'}, {set: 'e[id + 1]'}]\n",
              MT_TIME_VIRTUAL);
  play_assert_blocked (&play, "a", "e[1]", "-");
  play_step (&play, "b", 0);
  play_assert_object (&play, "e[0]", "not set");
  play_assert_object (&play, "e[1]", "set");
  CU_ASSERT_EQUAL (play_step (&play, "a", 0), MT_OK);
  CU_ASSERT_EQUAL (play_step (&play, "b", 0), MT_FAULT);
  walk_assert_text (play.rec.fault->str, "IndexError: e[2], but there are 0 to 1");
  play_end (&play);
}

static void
test_wrong_use (void)
{
  static const gchar head[] = "locks: [m]\n"
                              "events: [ready]\n"
                              "globals: {g: 0}\n";
  static const struct { const gchar *step, *message; } rows[] = {
    { "set: m", "m:4:21: error: set: needs an event; 'm' is a lock (line 1) [what works on a lock: lock, unlock, with]\n" },
    { "set: g", "m:4:21: error: set: needs an event; 'g' is a variable (line 3)\n" },
    { "lock: ready", "m:4:22: error: lock: needs a lock; 'ready' is an event (line 2) [what works on an event: wait, set, clear]\n" },
    { "unlock: ready", "m:4:24: error: unlock: needs a lock or a readers-writer lock; 'ready' is an event (line 2) [what works on an event: wait, set, clear]\n" },
    { "join: ready", "m:4:22: error: join: needs a task or a pool; 'ready' is an event (line 2) [what works on an event: wait, set, clear]\n" },
    { "wait: ready, else: [pass]", "m:4:35: error: without a timeout 'wait' can't fail: its 'else' is never reached [add a timeout; 0 is not to wait at all]\n" },
    { "wait: ready, timeout: -1", "m:4:38: error: -1 seconds: a time of 0 to 2147483 seconds expected\n" },
    { "wait: 'ready[0]'", "m:4:23: error: 'ready' is no array\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *model = g_strdup_printf ("%sthreads: {t: [{%s}]}\n", head, rows[i].step);
      assert_refused (model, rows[i].message);
    }
}

/* Only the first step of an atomic body may wait. */
static void
test_atomic (void)
{
  assert_walk ("globals: {x: 0}\n"
               "events: [e, f]\n"
               "threads:\n"
               "  a: [{atomic: [{wait: e}, x = 1]}]\n"
               "  b: [{set: e}]\n",
               MT_TIME_VIRTUAL, 3, 2, 1, "x=1 ended", "");
  assert_walk ("events: [e, f]\n"
               "threads:\n"
               "  a: [{atomic: [{set: e}, {wait: f}]}]\n",
               MT_TIME_VIRTUAL, 2, 1, 1, "ended", "an atomic body can't wait in the middle: only its first step may");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "wait", test_wait },
    { "never set", test_never_set },
    { "abstract timeout", test_abstract_timeout },
    { "virtual timeout", test_virtual_timeout },
    { "timeout without else", test_timeout_without_else },
    { "clear and is_set", test_clear_and_is_set },
    { "array", test_array },
    { "wrong use", test_wrong_use },
    { "atomic", test_atomic },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("event", tests);
}

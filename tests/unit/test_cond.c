/* Tests of ops/cond.c. In the comments W is the waiter: before lock, wait, wake, unlock, end (0 to 4);
 * N the notifier: before lock, notify, unlock, end (0 to 3). */
#include "tests/unit/walk.h"

#define PAIR(settings, timeout)                                                                     \
  "globals: {x: 0}\n"                                                                               \
  "locks: [m]\n"                                                                                    \
  "conditions: {c: {lock: m" settings "}}\n"                                                        \
  "threads:\n"                                                                                      \
  "  w: [{lock: m}, {wait: c" timeout "}, {unlock: m}]\n"                                           \
  "  n: [{lock: m}, {notify: c}, {unlock: m}]\n"

/* States: W0 with N0 to N3; W1 with N0, N3; W asleep with N0, N1, N3; W notified with N2, N3; W3 N3,
 * W4 N3: 13. From W0 N0 either locks; every other state has one way on, but W asleep with N3 (the
 * notification was lost) and the end have none: 12. Who locks first decides all: 2 schedules. */
static void
test_lost_wakeup (void)
{
  assert_walk (PAIR ("", ""), MT_TIME_ABSTRACT, 13, 12, 2, "x=0 ended | x=0 stuck", "");
}

/* Besides, W may wake up while N has not locked, or has finished: W3 N0, W4 N0, W4 N1, W4 N2 are new
 * (17), and 6 transitions: the two wake-ups, W's unlock, N's three steps alone (18). N last, N in the
 * middle, N first: 3 schedules. */
static void
test_spurious (void)
{
  assert_walk (PAIR (", spurious: true", ""), MT_TIME_ABSTRACT, 17, 18, 3, "x=0 ended", "");
}

/* W alone: lock, wait, time out, wake, write, unlock; in virtual time the clock moves once more. */
static void
test_timeout (void)
{
  static const gchar model[] = "globals: {x: 0}\n"
                               "locks: [m]\n"
                               "conditions: {c: {lock: m}}\n"
                               "threads:\n"
                               "  w: [{lock: m}, {wait: c, timeout: 1, else: [x = 1]}, {unlock: m}]\n";
  assert_walk (model, MT_TIME_ABSTRACT, 7, 6, 1, "x=1 ended", "");
  assert_walk (model, MT_TIME_VIRTUAL, 8, 7, 1, "x=1 ended", "");
  assert_walk ("locks: [m]\n"
               "conditions: {c: {lock: m}}\n"
               "threads: {w: [{lock: m}, {wait: c, timeout: 0}]}\n",
               MT_TIME_VIRTUAL, 5, 4, 1, "ended", "TimeoutError");
}

/* A task that gave up is not there to be notified, though it still waits for the lock. */
static void
test_timeout_before_notify (void)
{
  Play play;
  play_begin (&play, PAIR ("", ", timeout: 1, else: [x = 1]"), MT_TIME_ABSTRACT);
  play_assert_object (&play, "c", "nobody waits");
  play_step (&play, "w", 0);
  play_step (&play, "w", 0);
  play_assert_object (&play, "c", "w waits");
  play_step (&play, "n", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "w"), 1);
  play_step (&play, "w", 1);
  play_assert_object (&play, "c", "w timed out");
  play_assert_blocked (&play, "w", "m", "n"); /* it is the lock that keeps it now */
  play_step (&play, "n", 0);
  play_assert_object (&play, "c", "w timed out");
  play_step (&play, "n", 0);
  play_step (&play, "w", 0); /* takes the lock, and goes on with its else */
  play_assert_object (&play, "m", "held by w");
  play_assert_object (&play, "c", "nobody waits");
  play_step (&play, "w", 0);
  g_autofree gchar *outcome = walk_outcome (play.program, play.s);
  walk_assert_text (outcome, "x=1 stuck");
  play_end (&play);
}

/* A task that was notified does not time out, and no timer of its is left for the clock to wait for:
 * lock, wait, N locks, notifies, sleeps (the clock), unlocks, W wakes, unlocks. */
static void
test_notify_before_timeout (void)
{
  assert_walk ("globals: {x: 0}\n"
               "locks: [m]\n"
               "conditions: {c: {lock: m}}\n"
               "threads:\n"
               "  w: [{lock: m}, {wait: c, timeout: 1, else: [x = 1]}, {unlock: m}]\n"
               "  n: [{sleep: 0.5}, {lock: m}, {notify: c}, {sleep: 2}, {unlock: m}]\n",
               MT_TIME_VIRTUAL, 12, 11, 1, "x=0 ended", "");
}

static const gchar two_waiters[] = "locks: [m]\n"
                                   "conditions: {c: {lock: m}}\n"
                                   "threads:\n"
                                   "  a: [{lock: m}, {wait: c}, {unlock: m}]\n"
                                   "  b: [{lock: m}, {wait: c}, {unlock: m}]\n"
                                   "  n: [%s]\n";

static void
play_two_waiters (Play *play, const gchar *notifier)
{
  g_autofree gchar *model = g_strdup_printf (two_waiters, notifier);
  play_begin (play, model, MT_TIME_VIRTUAL);
  play_step (play, "b", 0);
  play_step (play, "b", 0);
  play_step (play, "a", 0);
  play_step (play, "a", 0);
  play_assert_blocked (play, "a", "c", "-");
}

/* Who is woken is the scheduler's pick: a way for each. */
static void
test_notify_picks (void)
{
  for (guint alt = 0; alt < 2; alt++)
    {
      Play play;
      play_two_waiters (&play, "{lock: m}, {notify: c}, {notify: c}, {notify: c}");
      play_step (&play, "n", 0);
      CU_ASSERT_EQUAL (play_ways (&play, "n"), 2);
      play_step (&play, "n", alt);
      play_assert_object (&play, "c", alt == 0 ? "a was notified, b waits" : "a waits, b was notified");
      CU_ASSERT_EQUAL (play_ways (&play, "n"), 1); /* one is left to be picked */
      play_step (&play, "n", 0);
      play_assert_object (&play, "c", "a was notified, b was notified");
      CU_ASSERT_EQUAL (play_step (&play, "n", 0), MT_OK); /* nobody: it does nothing */
      play_assert_object (&play, "c", "a was notified, b was notified");
      play_end (&play);
    }
}

static void
test_notify_all (void)
{
  Play play;
  play_two_waiters (&play, "{lock: m}, {notify_all: c}, {unlock: m}");
  play_step (&play, "n", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "n"), 1);
  play_step (&play, "n", 0);
  play_assert_object (&play, "c", "a was notified, b was notified");
  play_assert_blocked (&play, "a", "m", "n");
  play_step (&play, "n", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "a"), 1);
  CU_ASSERT_EQUAL (play_ways (&play, "b"), 1);
  play_step (&play, "b", 0);
  play_assert_blocked (&play, "a", "m", "b"); /* they take the lock one after the other */
  play_end (&play);
}

/* In an atomic body nobody can pick. */
static void
test_atomic (void)
{
  Play play;
  play_two_waiters (&play, "{atomic: [{lock: m}, {notify: c}, {unlock: m}]}");
  CU_ASSERT_EQUAL (play_step (&play, "n", 0), MT_FAULT);
  walk_assert_text (play.rec.fault->str, "an atomic body can't choose in the middle: only its first step may");
  play_end (&play);
  play_two_waiters (&play, "{lock: m}, {atomic: [{notify: c}, {unlock: m}]}");
  play_step (&play, "n", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "n"), 2);
  play_step (&play, "n", 1);
  play_assert_object (&play, "c", "a waits, b was notified");
  play_assert_object (&play, "m", "free");
  play_end (&play);
}

/* All levels are let go and taken again: lock, lock, wait; N locks, notifies, unlocks; wake, unlock,
 * unlock. N first: the notification is lost, and so are the last three. States: 3 of W before it
 * waits with N0; after it waits with N0 to N3 and 3 more; N1 and N2 before W has locked; W's 4
 * resting places with N3, lost: 3 + 4 + 3 + 2 + 4 = 16. */
static void
test_reentrant (void)
{
  assert_walk ("locks: {m: {reentrant: true}}\n"
               "conditions: {c: {lock: m}}\n"
               "observe: [locked(m)]\n"
               "threads:\n"
               "  w: [{lock: m}, {lock: m}, {wait: c}, {unlock: m}, {unlock: m}]\n"
               "  n: [{with: c, do: [{notify: c}]}]\n",
               MT_TIME_ABSTRACT, 16, 15, 2, "locked(m)=False ended | locked(m)=False stuck", "");
}

static void
test_without_the_lock (void)
{
  static const gchar model[] = "locks: [m]\nconditions: {c: {lock: m}}\nthreads: {t: [{%s: c}]}\n";
  static const gchar *const verbs[] = { "wait", "notify", "notify_all" };
  static const gchar *const faults[] = { "RuntimeError: cannot wait on un-acquired lock", "RuntimeError: cannot notify on un-acquired lock",
                                         "RuntimeError: cannot notify on un-acquired lock" };
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autofree gchar *text = g_strdup_printf (model, verbs[i]);
      assert_walk (text, MT_TIME_ABSTRACT, 2, 1, 1, "ended", faults[i]);
    }
}

/* An array of conditions shares the lock; the index is kept through both steps of wait. */
static void
test_array (void)
{
  assert_walk ("globals: {i: 0}\n"
               "conditions: {c: {lock: 'm[1]', size: 2}}\n"
               "locks: {m: {size: 2}}\n"
               "threads:\n"
               "  w: [{with: 'c[0]', do: [{wait: 'c[i]', timeout: 1, else: [pass]}]}]\n",
               MT_TIME_ABSTRACT, 7, 6, 1, "i=0 ended", "");
}

static void
test_wrong_use (void)
{
  static const gchar tasks[] = "threads: {t: [{with: c, do: [{notify: c}]}]}\n";
  static const struct { const gchar *declarations, *message; } rows[] = {
    { "locks: [m]\nconditions: [c]\n", "m:2:14: error: condition 'c' needs 'lock' [lock: the lock that waiting lets go]\n" },
    { "locks: [mutex]\nconditions: {c: {lock: mutx}}\n", "m:2:24: error: lock 'mutx' is not declared [did you mean 'mutex'?]\n" },
    { "events: [m]\nconditions: {c: {lock: m}}\n", "m:2:24: error: 'm' is an event (line 1), not a lock\n" },
    { "locks: {m: {size: 2}}\nconditions: {c: {lock: m}}\n", "m:2:24: error: 'm' is an array [say which: name[i]]\n" },
    { "locks: {m: {size: 2}}\nconditions: {c: {lock: 'm[now()]'}}\n", "m:2:25: error: lock of 'c': a constant index expected [use numbers and params here]\n" },
    { "locks: [m]\nconditions: {c: {lock: m, spurious: maybe}}\n", "m:2:37: error: spurious of 'c': true or false expected\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *model = g_strconcat (rows[i].declarations, tasks, NULL);
      assert_refused (model, rows[i].message);
    }
  assert_refused ("locks: [m]\nconditions: {c: {lock: m}}\nthreads: {t: [{atomic: [{lock: m}, {wait: c}]}]}\n",
                  "m:3:37: error: an atomic body can't wait for a condition: to sleep and to wake up are two steps\n");
  assert_refused ("locks: [m]\nthreads: {t: [{notify: m}]}\n", "m:2:24: error: notify: needs a condition; 'm' is a lock (line 1) [what works on a lock: lock, unlock, with]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "lost wake-up", test_lost_wakeup },
    { "spurious wake-up", test_spurious },
    { "timeout", test_timeout },
    { "timeout before notify", test_timeout_before_notify },
    { "notify before timeout", test_notify_before_timeout },
    { "notify picks", test_notify_picks },
    { "notify_all", test_notify_all },
    { "atomic", test_atomic },
    { "reentrant", test_reentrant },
    { "without the lock", test_without_the_lock },
    { "array", test_array },
    { "wrong use", test_wrong_use },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("cond", tests);
}

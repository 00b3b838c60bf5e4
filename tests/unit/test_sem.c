/* Tests of ops/sem.c. */
#include "tests/unit/walk.h"

/* Two tasks of two steps are a 3 x 3 grid of states: 12 transitions, 6 paths. One permit takes the
 * state out in which both have acquired, with its 2 + 2 transitions: two paths are left. */
static void
test_permits (void)
{
  static const gchar model[] = "semaphores: {s: {value: %d}}\n"
                               "threads:\n"
                               "  t: {count: 2, steps: [{acquire: s}, {release: s}]}\n";
  g_autofree gchar *one = g_strdup_printf (model, 1), *two = g_strdup_printf (model, 2), *none = g_strdup_printf (model, 0);
  assert_walk (one, MT_TIME_VIRTUAL, 8, 8, 2, "ended", "");
  assert_walk (two, MT_TIME_VIRTUAL, 9, 12, 6, "ended", "");
  assert_walk (none, MT_TIME_VIRTUAL, 1, 0, 1, "stuck", "");
}

static void
test_default_value (void)
{
  assert_walk ("globals: {x: 7}\n"
               "semaphores: [s]\n"
               "threads: {t: [x = value(s)]}\n",
               MT_TIME_VIRTUAL, 3, 2, 1, "x=1 ended", "");
}

static void
test_released_too_often (void)
{
  static const gchar model[] = "semaphores: {s: {value: %d%s}}\n"
                               "observe: [value(s)]\n"
                               "threads: {t: [{acquire: s}, {release: s}, {release: s}]}\n";
  g_autofree gchar *bounded = g_strdup_printf (model, 1, ", bounded: true"), *plain = g_strdup_printf (model, 1, "");
  assert_walk (bounded, MT_TIME_VIRTUAL, 4, 3, 1, "value(s)=1 ended", "ValueError: semaphore released too many times");
  assert_walk (plain, MT_TIME_VIRTUAL, 4, 3, 1, "value(s)=2 ended", "");
  g_autofree gchar *full = g_strdup_printf ("semaphores: {s: {value: %d}}\nthreads: {t: [{release: s}]}\n", G_MAXINT32);
  assert_walk (full, MT_TIME_VIRTUAL, 2, 1, 1, "ended", "OverflowError: the value of s is 2147483647");
}

/* acquire(blocking=False). */
static void
test_timeout (void)
{
  assert_walk ("globals: {x: 0}\n"
               "semaphores: {s: {value: 0}}\n"
               "threads: {t: [{acquire: s, timeout: 0, else: [x = 1]}]}\n",
               MT_TIME_VIRTUAL, 3, 2, 1, "x=1 ended", "");
  assert_walk ("semaphores: {s: {value: 0}}\n"
               "threads: {t: [{acquire: s, timeout: 0}]}\n",
               MT_TIME_ABSTRACT, 2, 1, 1, "ended", "TimeoutError");
}

/* with gives the permit back on every way out: acquire, break (release), acquire, end (release). */
static void
test_with (void)
{
  assert_walk ("semaphores: {s: {bounded: true}}\n"
               "observe: [value(s)]\n"
               "threads: {t: [{loop: [{with: s, do: [break]}]}, {with: s, do: [pass]}]}\n",
               MT_TIME_VIRTUAL, 5, 4, 1, "value(s)=1 ended", "");
}

static void
test_array (void)
{
  Play play;
  play_begin (&play,
              "semaphores: {s: {size: 3, value: 1}}\n"
              "threads:\n"
              "  a: [i = 2, {with: 's[i]', do: [i = 0, {acquire: 's[i + 1]'}]}]\n"
              "  b: [{acquire: 's[2]'}]\n",
              MT_TIME_VIRTUAL);
  play_step (&play, "a", 0);
  play_assert_object (&play, "s[2]", "value 0");
  play_assert_blocked (&play, "b", "s[2]", "-");
  play_step (&play, "a", 0);
  play_assert_object (&play, "s[1]", "value 0");
  play_step (&play, "a", 0);
  play_assert_object (&play, "s[2]", "value 1");
  CU_ASSERT_EQUAL (play_ways (&play, "b"), 1);
  play_end (&play);
}

static void
test_wrong_use (void)
{
  assert_refused ("semaphores: {s: {value: -1}}\nthreads: {t: [{acquire: s}]}\n", "m:1:25: error: value of 's' is -1, but must be 0 to 2147483647 [how many permits there are at first]\n");
  assert_refused ("semaphores: {s: {bounded: 3}}\nthreads: {t: [{acquire: s}]}\n", "m:1:27: error: bounded of 's': true or false expected\n");
  assert_refused ("semaphores: {s: {vale: 3}}\nthreads: {t: [{acquire: s}]}\n",
                  "m:1:18: error: unknown setting 'vale' of a semaphore [did you mean 'value'?]\n");
  assert_refused ("semaphores: [s]\nthreads: {t: [{lock: s}]}\n", "m:2:22: error: lock: needs a lock; 's' is a semaphore (line 1) [what works on a semaphore: acquire, release, with]\n");
  assert_refused ("locks: [m]\nthreads: {t: [{release: m}]}\n", "m:2:25: error: release: needs a semaphore; 'm' is a lock (line 1) [what works on a lock: lock, unlock, with]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "permits", test_permits },
    { "default value", test_default_value },
    { "released too often", test_released_too_often },
    { "timeout", test_timeout },
    { "with", test_with },
    { "array", test_array },
    { "wrong use", test_wrong_use },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("sem", tests);
}

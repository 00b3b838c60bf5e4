/* Tests of ops/rwlock.c. */
#include "tests/unit/walk.h"

/* Two tasks of two steps: a 3 x 3 grid with 12 transitions and 6 paths; without the state in which
 * both hold the lock 8, 8, 2. */
static void
test_two (void)
{
  assert_walk ("rwlocks: [rw]\n"
               "threads:\n"
               "  r: {count: 2, steps: [{read_lock: rw}, {unlock: rw}]}\n",
               MT_TIME_VIRTUAL, 9, 12, 6, "ended", "");
  assert_walk ("rwlocks: [rw]\n"
               "threads:\n"
               "  r: [{read_lock: rw}, {unlock: rw}]\n"
               "  w: [{write_lock: rw}, {unlock: rw}]\n",
               MT_TIME_VIRTUAL, 8, 8, 2, "ended", "");
  assert_walk ("rwlocks: [rw]\n"
               "threads:\n"
               "  w: {count: 2, steps: [{write_lock: rw}, {unlock: rw}]}\n",
               MT_TIME_VIRTUAL, 8, 8, 2, "ended", "");
}

/* The readers' grid before and after the writer: 2 x 9 states, 2 x 12 transitions. While it writes
 * the readers stand at a corner of the grid: 4 states, a transition into each and one out. Schedules:
 * each of the readers' 6 orders has a gap without readers at its start and end, 2 have one in the
 * middle, and the writer fits into a gap: 2 * 6 + 2. */
static void
test_two_readers_one_writer (void)
{
  assert_walk ("rwlocks: [rw]\n"
               "threads:\n"
               "  r: {count: 2, steps: [{read_lock: rw}, {unlock: rw}]}\n"
               "  w: [{write_lock: rw}, {unlock: rw}]\n",
               MT_TIME_VIRTUAL, 22, 32, 14, "ended", "");
}

static void
test_reader_again (void)
{
  assert_walk ("rwlocks: [rw]\n"
               "threads: {r: [{read_lock: rw}, {read_lock: rw}, {unlock: rw}, {unlock: rw}, {write_lock: rw}]}\n",
               MT_TIME_VIRTUAL, 6, 5, 1, "ended", "");
}

static void
test_unlock_of_another (void)
{
  assert_walk ("rwlocks: [rw]\n"
               "threads:\n"
               "  a: [{read_lock: rw}]\n"
               "  b: [{unlock: rw}]\n",
               MT_TIME_VIRTUAL, 4, 4, 2, "ended", "RuntimeError: unlock of rw, which is free | RuntimeError: unlock of rw, which is read by a");
  assert_walk ("rwlocks: [rw]\n"
               "threads:\n"
               "  a: [{write_lock: rw}]\n"
               "  b: [{unlock: rw}]\n",
               MT_TIME_VIRTUAL, 4, 4, 2, "ended", "RuntimeError: unlock of rw, which is free | RuntimeError: unlock of rw, which is written by a");
}

static void
test_who_holds_it (void)
{
  Play play;
  play_begin (&play,
              "rwlocks: [rw]\n"
              "threads:\n"
              "  a: [{read_lock: rw}, {write_lock: rw}]\n"
              "  b: [{read_lock: rw}]\n"
              "  c: [{write_lock: rw}, {unlock: rw}]\n"
              "  d: [{read_lock: rw}]\n",
              MT_TIME_VIRTUAL);
  play_assert_object (&play, "rw", "free");
  play_step (&play, "c", 0);
  play_assert_object (&play, "rw", "written by c");
  play_assert_blocked (&play, "a", "rw", "c");
  play_step (&play, "c", 0);
  play_step (&play, "b", 0);
  play_step (&play, "d", 0);
  play_step (&play, "a", 0);
  play_assert_object (&play, "rw", "read by a, b, d");
  play_assert_blocked (&play, "a", "rw", "a"); /* no upgrade: it waits for itself */
  const MtObject *rw = &play.program->objects[0];
  CU_ASSERT_EQUAL (rw->primitive->holder (rw, play.s + rw->address), 0);
  play_assert_waits (&play, "a", "waits for rw, held by itself");
  play_end (&play);
  play_begin (&play,
              "rwlocks: [rw]\n"
              "threads:\n"
              "  r: {count: 3, steps: [{read_lock: rw}, {join: w}]}\n"
              "  w: [{write_lock: rw}]\n",
              MT_TIME_VIRTUAL);
  play_step (&play, "r[3]", 0);
  play_assert_waits (&play, "w", "waits for rw, held by r[3]");
  play_step (&play, "r[1]", 0);
  play_step (&play, "r[2]", 0);
  play_assert_waits (&play, "w", "waits for rw, held by r[1], r[2] and r[3]");
  play_end (&play);
}

static void
test_timeout (void)
{
  assert_walk ("globals: {x: 0, y: 0}\n"
               "rwlocks: [rw]\n"
               "threads: {a: [{read_lock: rw, timeout: 0, else: [y = 1]}, {write_lock: rw, timeout: 0, else: [x = 1]}]}\n",
               MT_TIME_ABSTRACT, 4, 3, 1, "x=1 y=0 ended", "");
  assert_walk ("rwlocks: [rw]\n"
               "threads: {a: [{write_lock: rw}, {read_lock: rw, timeout: 0}]}\n",
               MT_TIME_VIRTUAL, 3, 2, 1, "ended", "TimeoutError");
}

static void
test_wrong_use (void)
{
  assert_refused ("rwlocks: [rw]\nthreads: {t: [{lock: rw}]}\n", "m:2:22: error: lock: needs a lock; 'rw' is a readers-writer lock (line 1) [what works on a readers-writer lock: read_lock, write_lock, unlock]\n");
  assert_refused ("locks: [m]\nthreads: {t: [{read_lock: m}]}\n", "m:2:27: error: read_lock: needs a readers-writer lock; 'm' is a lock (line 1) [what works on a lock: lock, unlock, with]\n");
  assert_refused ("rwlocks: {rw: {fair: true}}\nthreads: {t: [{read_lock: rw}]}\n",
                  "m:1:16: error: unknown setting 'fair' of a readers-writer lock [known here: size]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "two", test_two },
    { "two readers, one writer", test_two_readers_one_writer },
    { "reader again", test_reader_again },
    { "unlock of another", test_unlock_of_another },
    { "who holds it", test_who_holds_it },
    { "timeout", test_timeout },
    { "wrong use", test_wrong_use },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("rwlock", tests);
}

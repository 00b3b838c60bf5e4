/* Tests of ops/barrier.c. */
#include "tests/unit/walk.h"

/* Both arrive, both leave: the grid of 3 x 3 without the corners in which one has left before the
 * other came: 7 states; 2 + 1 + 1 + 2 + 1 + 1 transitions, 2 * 2 paths. A second round hangs the same
 * graph behind: 7 + 6, 8 + 8, 4 * 4, for nobody enters it before both have left. */
static void
test_rounds (void)
{
  assert_walk ("barriers: {b: {parties: 2}}\n"
               "threads: {t: {count: 2, steps: [{wait: b}]}}\n",
               MT_TIME_ABSTRACT, 7, 8, 4, "ended", "");
  assert_walk ("barriers: {b: {parties: 2}}\n"
               "threads: {t: {count: 2, steps: [{wait: b}, {wait: b}]}}\n",
               MT_TIME_ABSTRACT, 13, 16, 16, "ended", "");
}

static void
test_one_party (void)
{
  assert_walk ("barriers: {b: {parties: 1}}\n"
               "threads: {t: [{wait: b}, {wait: b}]}\n",
               MT_TIME_ABSTRACT, 5, 4, 1, "ended", "");
}

static void
test_not_enough (void)
{
  assert_walk ("barriers: {b: {parties: 2}}\n"
               "threads: {t: [{wait: b}]}\n",
               MT_TIME_ABSTRACT, 2, 1, 1, "stuck", "");
}

/* Unbroken: the 7 states of one round, in which a alone inside may also give up (9 transitions). Then
 * broken: a writes or has written, b arrives, leaves, has failed: 2 x 3 states, 3 + 4 transitions.
 * Paths: 4 unbroken; 3 orders of a's write and b's two steps. */
static void
test_broken (void)
{
  assert_walk ("globals: {x: 0}\n"
               "barriers: {b: {parties: 2}}\n"
               "threads:\n"
               "  a: [{wait: b, timeout: 1, else: [x = 1]}]\n"
               "  b1: [{wait: b}]\n",
               MT_TIME_ABSTRACT, 13, 16, 7, "x=0 ended | x=1 ended", "threading.BrokenBarrierError");
}

/* One gives up: everybody inside gets the error, and whoever comes later, and for good. */
static void
test_all_get_it (void)
{
  Play play;
  play_begin (&play,
              "globals: {x: 0}\n"
              "barriers: {b: {parties: 4}}\n"
              "threads:\n"
              "  one: [{wait: b, timeout: 1}]\n"
              "  two: [{wait: b}]\n"
              "  three: [{wait: b, else: [x = 3]}, {wait: b}]\n",
              MT_TIME_VIRTUAL);
  play_assert_object (&play, "b", "0 of 4 waiting");
  play_step (&play, "one", 0);
  play_step (&play, "two", 0);
  play_assert_object (&play, "b", "2 of 4 waiting");
  play_assert_blocked (&play, "two", "b", "-");
  play_step (&play, "three", 0);
  MtChoice choices[10];
  CU_ASSERT_EQUAL_FATAL (mt_choices (play.program, play.s, choices), 1);
  CU_ASSERT_EQUAL_FATAL (choices[0].task, MT_CLOCK);
  mt_step (play.program, play.s, choices[0], &play.rec);
  CU_ASSERT_EQUAL (play.rec.advance, 1000);
  CU_ASSERT_EQUAL (play_ways (&play, "two"), 0);
  CU_ASSERT_EQUAL (play_step (&play, "one", 1), MT_FAULT);
  play_assert_object (&play, "b", "broken, 2 to leave");
  CU_ASSERT_EQUAL (play_step (&play, "two", 1), MT_FAULT);
  walk_assert_text (play.rec.fault->str, "threading.BrokenBarrierError");
  CU_ASSERT_EQUAL (play_step (&play, "three", 1), MT_OK);
  CU_ASSERT_EQUAL (play_step (&play, "three", 0), MT_OK); /* x = 3 */
  CU_ASSERT_EQUAL (play_step (&play, "three", 0), MT_OK);
  CU_ASSERT_EQUAL (play_step (&play, "three", 1), MT_FAULT);
  play_assert_object (&play, "b", "broken, 0 to leave");
  g_autofree gchar *outcome = walk_outcome (play.program, play.s);
  walk_assert_text (outcome, "x=3 ended");
  play_end (&play);
}

/* While the first round leaves, the next one waits at the door. */
static void
test_door (void)
{
  Play play;
  play_begin (&play,
              "barriers: {b: {parties: 2, size: 2}}\n"
              "threads: {t: {count: 2, steps: [i = 1, {wait: 'b[i]', timeout: 1}, {wait: 'b[i]'}]}}\n",
              MT_TIME_VIRTUAL);
  play_step (&play, "t[1]", 0);
  play_step (&play, "t[2]", 0);
  play_assert_object (&play, "b[1]", "open, 2 to leave");
  play_step (&play, "t[1]", 0);
  play_assert_object (&play, "b[1]", "open, 1 to leave");
  play_assert_blocked (&play, "t[1]", "b[1]", "-");
  play_step (&play, "t[2]", 0);
  play_assert_object (&play, "b[1]", "0 of 2 waiting");
  play_assert_object (&play, "b[0]", "0 of 2 waiting");
  CU_ASSERT_EQUAL (play_ways (&play, "t[1]"), 1);
  play_end (&play);
}

static void
test_wrong_use (void)
{
  static const gchar tasks[] = "threads: {t: [{wait: b}]}\n";
  static const struct { const gchar *declarations, *message; } rows[] = {
    { "barriers: [b]\n", "m:1:12: error: barrier 'b' needs 'parties' [parties: how many tasks go on together]\n" },
    { "barriers: {b: {parties: 0}}\n", "m:1:25: error: parties of 'b' is 0, but must be 1 to 1000 [parties: how many tasks go on together]\n" },
    { "barriers: {b: {parties: -1}}\n", "m:1:25: error: parties of 'b' is -1, but must be 1 to 1000 [parties: how many tasks go on together]\n" },
    { "barriers: {b: {partys: 2}}\n", "m:1:12: error: barrier 'b' needs 'parties' [parties: how many tasks go on together]\n"
                                      "m:1:16: error: unknown setting 'partys' of a barrier [did you mean 'parties'?]\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *model = g_strconcat (rows[i].declarations, tasks, NULL);
      assert_refused (model, rows[i].message);
    }
  assert_refused ("barriers: {b: {parties: 2}}\nthreads: {t: [{atomic: [{wait: b}]}]}\n",
                  "m:2:26: error: an atomic body can't wait at a barrier: to arrive and to leave are two steps\n");
  assert_walk ("barriers: {b: {parties: 2, size: 2}}\nthreads: {t: [i = 2, {wait: 'b[i]'}]}\n", MT_TIME_ABSTRACT, 2, 1, 1, "ended",
               "IndexError: b[2], but there are 0 to 1");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "rounds", test_rounds },
    { "one party", test_one_party },
    { "not enough", test_not_enough },
    { "broken", test_broken },
    { "all get it", test_all_get_it },
    { "door", test_door },
    { "wrong use", test_wrong_use },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("barrier", tests);
}

/* Tests of ops/queue.c. */
#include "tests/unit/walk.h"

/* With p items put and c got: 0 <= p - c <= 1 leaves a line of 5 states; p >= c alone the lower half
 * of the 3 x 3 grid: 6 states, 6 transitions, 2 paths (the second Catalan number). */
static void
test_capacity (void)
{
  static const gchar model[] = "queues: {q: {%s}}\n"
                               "threads:\n"
                               "  p: [{put: 1, to: q}, {put: 2, to: q}]\n"
                               "  c: [{get: q}, {get: q}]\n";
  g_autofree gchar *one = g_strdup_printf (model, "capacity: 1"), *unbounded = g_strdup_printf (model, "");
  assert_walk (one, MT_TIME_VIRTUAL, 5, 4, 1, "ended", "");
  assert_walk (unbounded, MT_TIME_VIRTUAL, 6, 6, 2, "ended", "");
}

/* Steps: 2 puts, a get and its 2 writes, a get and its 2 writes. */
static void
test_first_in_first_out (void)
{
  assert_walk ("globals: {a: 0, b: 0, s: '', t: ''}\n"
               "queues: [q]\n"
               "threads:\n"
               "  p: [{put: [1, \"'one'\"], to: q}, {put: [2, \"'two'\"], to: q}, {get: q, into: [a, s]}, {get: q, into: [b, t]}]\n",
               MT_TIME_VIRTUAL, 9, 8, 1, "a=1 b=2 s=one t=two ended", "");
}

/* Equal contents are equal states, however they came about. */
static void
test_equal_states (void)
{
  Play play;
  play_begin (&play,
              "queues: {q: {capacity: 3}}\n"
              "threads: {p: [{put: [1, \"'a'\"], to: q}, {put: [2, \"'b'\"], to: q}, {get: q}, {put: [3, \"'c'\"], to: q}, {get: q}, {get: q}]}\n",
              MT_TIME_VIRTUAL);
  static const gchar *const prints[] = { "[(1, 'a')]", "[(1, 'a'), (2, 'b')]", "[(2, 'b')]", "[(2, 'b'), (3, 'c')]", "[(3, 'c')]", "[]" };
  const MtObject *q = &play.program->objects[0];
  play_assert_object (&play, "q", "[]");
  for (guint i = 0; i < G_N_ELEMENTS (prints); i++)
    {
      play_step (&play, "p", 0);
      play_assert_object (&play, "q", prints[i]);
      for (guint k = 1 + (guint)play.s[q->address] * 2; k < q->n_words; k++)
        CU_ASSERT_EQUAL (play.s[q->address + k], 0);
    }
  CU_ASSERT_EQUAL (q->n_words, 1 + 3 * 2);
  play_end (&play);
}

static void
test_full_and_empty (void)
{
  static const gchar model[] = "globals: {x: 0}\n"
                               "queues: {q: {capacity: 1}}\n"
                               "threads: {t: [%s]}\n";
  static const struct { const gchar *steps; guint n_steps; const gchar *outcome, *fault; } rows[] = {
    { "{put: 1, to: q}, {put: 2, to: q, timeout: 0}", 2, "x=0 ended", "queue.Full" },
    { "{put: 1, to: q}, {put: 2, to: q, timeout: 0, else: [x = 9]}", 3, "x=9 ended", "" },
    { "{get: q, timeout: 0}", 1, "x=0 ended", "queue.Empty" },
    { "{get: q, into: x, timeout: 0, else: [x = 8]}", 2, "x=8 ended", "" },
    { "{put: 5, to: q, timeout: 0}, {get: q, into: x, timeout: 0, else: [x = 8]}", 3, "x=5 ended", "" },
    { "{put: 5, to: q}, x = size(q)", 3, "x=1 ended", "" },
    { "{put: 5, to: q}, {if: full(q) and not empty(q), then: [x = 1]}", 4, "x=1 ended", "" },
    { "{if: not full(q) and empty(q), then: [x = 1]}", 3, "x=1 ended", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *text = g_strdup_printf (model, rows[i].steps);
      assert_walk (text, MT_TIME_VIRTUAL, rows[i].n_steps + 1, rows[i].n_steps, 1, rows[i].outcome, rows[i].fault);
    }
}

/* An item whose put gave up is not left in the frame: equal situations are equal states. */
static void
test_giving_up_leaves_nothing (void)
{
  Play play;
  play_begin (&play,
              "queues: {q: {capacity: 1}}\n"
              "threads: {t: [{put: 1, to: q}, {put: 7, to: q, timeout: 1, else: [pass]}, {get: q}, {get: q}]}\n",
              MT_TIME_ABSTRACT);
  play_step (&play, "t", 0);
  play_step (&play, "t", 1);
  const MtTask *t = &play.program->tasks[0];
  for (guint k = 0; k < play.program->classes[0].n_frame; k++)
    CU_ASSERT_EQUAL (play.s[t->frame + k], 0);
  play_step (&play, "t", 0);
  play_assert_blocked (&play, "t", "q", "-");
  play_end (&play);
}

static void
test_storage (void)
{
  assert_walk ("queues: {q: {storage: 2}}\n"
               "threads: {t: [{repeat: 3, do: [{put: 1, to: q}]}]}\n",
               MT_TIME_VIRTUAL, 4, 3, 1, "ended", "MemoryError: q holds 2 items already: declare it with a larger storage");
  assert_walk ("queues: {q: {}}\n"
               "observe: [size(q), full(q)]\n"
               "threads: {t: [{repeat: 64, do: [{put: 1, to: q}]}]}\n",
               MT_TIME_VIRTUAL, 65, 64, 1, "size(q)=64 full(q)=False ended", "");
}

static void
test_array (void)
{
  Play play;
  play_begin (&play,
              "queues: {q: {size: 2, capacity: 1}}\n"
              "threads:\n"
              "  p: [i = 1, {put: True, to: 'q[i]'}, {put: False, to: 'q[i]'}]\n"
              "  c: [i = 1, {get: 'q[i]', into: x}, {put: x, to: 'q[1 - i]'}]\n",
              MT_TIME_VIRTUAL);
  play_assert_blocked (&play, "c", "q[1]", "-");
  play_step (&play, "p", 0);
  play_assert_object (&play, "q[1]", "[True]");
  play_assert_blocked (&play, "p", "q[1]", "-");
  play_step (&play, "c", 0);
  play_step (&play, "c", 0);
  play_assert_object (&play, "q[0]", "[True]");
  play_assert_object (&play, "q[1]", "[]");
  play_end (&play);
}

/* In an atomic body the item is put and got in one step. */
static void
test_atomic (void)
{
  assert_walk ("globals: {x: 0}\n"
               "queues: [q]\n"
               "threads: {t: [{atomic: [{put: 3, to: q}, {get: q, into: x}]}]}\n",
               MT_TIME_VIRTUAL, 2, 1, 1, "x=3 ended", "");
}

static void
test_wrong_use (void)
{
  static const gchar head[] = "locks: [m]\n"
                              "globals: {nums: [1, 2], g: 0}\n"
                              "queues: [q]\n";
  static const struct { const gchar *steps, *message; } rows[] = {
    { "{put: 1, to: q}, {get: q, into: [a, g]}", "m:4:48: error: an item of 'q' has 1 value (line 4), not 2\n" },
    { "{get: q, into: [g, g]}, {put: [1, 2, 3], to: q}", "m:4:45: error: an item of 'q' has 2 values (line 4), not 3\n" },
    { "{put: 1, to: q}, {put: \"'one'\", to: q}",
      "m:4:39: error: an item of 'q' is a number, not a string [strings are compared, stored and printed, never computed with]\n" },
    { "{put: [1, \"'a'\"], to: q}, {get: q, into: [g, g]}", "m:4:60: error: 'g' is a number, not a string [strings are compared, stored and printed, never computed with]\n" },
    { "{put: [1, nums], to: q}", "m:4:25: error: a list can't be an item's value [put its items one by one, or a tuple of numbers, truth values and strings]\n" },
    { "{put: [], to: q}", "m:4:21: error: an item without a value [write [a, b] for a tuple]\n" },
    { "{put: 1}", "m:4:16: error: 'put' needs 'to' [{put: item, to: q, timeout: 1, else: [..]}]\n" },
    { "{put: 1, to: m}", "m:4:28: error: 'm' is a lock (line 1), not a queue\n" },
    { "{get: m}", "m:4:21: error: get: needs a queue; 'm' is a lock (line 1) [what works on a lock: lock, unlock, with]\n" },
    { "{get: q, else: [pass]}", "m:4:30: error: without a timeout 'get' can't fail: its 'else' is never reached [add a timeout; 0 is not to wait at all]\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *model = g_strdup_printf ("%sthreads: {t: [%s]}\n", head, rows[i].steps);
      assert_refused (model, rows[i].message);
    }
  assert_refused ("queues: {q: {capacity: 0}}\nthreads: {t: [{get: q}]}\n", "m:1:24: error: capacity of 'q' is 0, but must be 1 to 100000 [a put waits while it holds so many items; without one it never waits]\n");
  assert_refused ("queues: {q: {capacity: -1}}\nthreads: {t: [{get: q}]}\n", "m:1:24: error: capacity of 'q' is -1, but must be 1 to 100000 [a put waits while it holds so many items; without one it never waits]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "capacity", test_capacity },
    { "first in, first out", test_first_in_first_out },
    { "equal states", test_equal_states },
    { "full and empty", test_full_and_empty },
    { "giving up leaves nothing", test_giving_up_leaves_nothing },
    { "storage", test_storage },
    { "array", test_array },
    { "atomic", test_atomic },
    { "wrong use", test_wrong_use },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("queue", tests);
}

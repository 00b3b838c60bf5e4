/* Tests of coroutines: carrier.c and ops/coroutine.c. */
#include "walk.h"

#define COUNTING(kind, yields) \
  "globals: {g: 0}\n" kind ":\n" \
  "  a: [" yields "g += 1]\n" \
  "  b: [" yields "g += 1]\n"

/* Threads: a read and a write each, 6 paths, two of them without a loss. Coroutines: begin, (yield,)
 * read and write each, in one order, so g is safe. */
static void
test_one_schedule (void)
{
  assert_walk (COUNTING ("coroutines", ""), MT_TIME_ABSTRACT, 7, 6, 1, "g=2 ended", "");
  assert_walk (COUNTING ("coroutines", "yield, "), MT_TIME_ABSTRACT, 9, 8, 1, "g=2 ended", "");
}

/* The same two beside a thread, which writes once, anywhere: 7 places of the coroutines x 2. g is then
 * what the thread wrote (last), or is added to, or is lost in between. */
static void
test_beside_a_thread (void)
{
  g_autoptr (MtProgram) p = walk_compile (COUNTING ("coroutines", "") "threads:\n  t: [g = 10]\n", MT_TIME_ABSTRACT);
  Walk w = walk (p);
  CU_ASSERT_EQUAL (w.schedules, 7); /* 7 choose 1 */
  walk_assert_text (w.outcomes, "g=10 ended | g=11 ended | g=12 ended | g=2 ended");
  g_free (w.outcomes);
  g_free (w.faults);
}

/* Yielding ones take turns; those that don't run one after the other (gevent without a switch). */
static void
test_yield (void)
{
  assert_prints ("coroutines:\n"
                 "  a: [{repeat: 2, do: [{print: A}, yield]}]\n"
                 "  b: [{repeat: 2, do: [{print: B}, yield]}]\n"
                 "  c: [{repeat: 2, do: [{print: C}]}]\n",
                 MT_TIME_ABSTRACT, 100, "A\nB\nC\nC\nA\nB\n");
}

/* The document's greenlets: A B A B A B. The last switch of b is to a, which then ends; b stays
 * suspended, and that is the end of the model. */
static void
test_switch (void)
{
  static const gchar model[] = "coroutines:\n"
                               "  a: [{repeat: 3, do: [{print: A}, {switch: b}]}]\n"
                               "  b: [{repeat: 3, do: [{print: B}, {switch: a}]}]\n";
  assert_prints (model, MT_TIME_ABSTRACT, 100, "A\nB\nA\nB\nA\nB\n");
  /* begin, print, switch 3 times for a; begin, print 3 times, switch twice for b: 7 + 6 steps */
  assert_walk (model, MT_TIME_ABSTRACT, 14, 13, 1, "ended", "");
}

/* switch passes by those that are ready: c waits until a has ended. */
static void
test_switch_passes_the_ready (void)
{
  assert_prints ("coroutines:\n"
                 "  a: [{print: A1}, {switch: b}, {print: A2}]\n"
                 "  c: [{print: C}]\n"
                 "  b: [{print: B1}, {switch: a}, {print: B2}]\n",
                 MT_TIME_ABSTRACT, 100, "A1\nB1\nA2\nC\n");
}

/* A switch to one that is over goes on at once; an index that is none is an error. */
static void
test_switch_to_nobody (void)
{
  assert_prints ("coroutines:\n"
                 "  a: [pass]\n"
                 "  b: [{switch: a}, {print: B}]\n",
                 MT_TIME_ABSTRACT, 100, "B\n");
  assert_walk ("globals: {i: 3}\n"
               "coroutines:\n"
               "  a: {count: 2, steps: [pass]}\n"
               "  b: [{switch: 'a[i]'}]\n",
               MT_TIME_ABSTRACT, 6, 5, 1, "i=3 ended", "IndexError: a[3], but there are 1 to 2");
}

#define SLEEPING(how) \
  "coroutines:\n" \
  "  a: [{repeat: 2, do: [{print: A}, {sleep: 1" how "}]}]\n" \
  "  b: [{repeat: 2, do: [{print: B}, {sleep: 1" how "}]}]\n"

/* gevent.sleep lets the others run; time.sleep, unpatched, holds the carrier. */
static void
test_sleep_in_virtual_time (void)
{
  assert_prints (SLEEPING (""), MT_TIME_VIRTUAL, 100, "A\nB\nA\nB\n");
  assert_prints (SLEEPING (", blocking: true"), MT_TIME_VIRTUAL, 100, "A\nA\nB\nB\n");
  assert_prints (SLEEPING (", blocking: true"), MT_TIME_ABSTRACT, 100, "A\nA\nB\nB\n");
}

/* A timer is started when its coroutine gets there, not when it gave way before: w1 sleeps half a
 * second, w2 then too, so two rounds take two seconds (the document's yield). */
static void
test_timers_start_in_turn (void)
{
  assert_prints ("shared: {t: 0}\n"
                 "coroutines:\n"
                 "  a: [{repeat: 2, do: [yield, {sleep: 0.5, blocking: true}]}, {print: '{now()}'}]\n"
                 "  b: [{repeat: 2, do: [yield, {sleep: 0.5, blocking: true}]}, {print: '{now()}'}]\n",
                 MT_TIME_VIRTUAL, 100, "1500\n2000\n");
}

/* In abstract time a sleep may last any time: two that sleep once wake in either order.
 * begin a, begin b (both asleep then); then wake a, wake b as the timers please, and a waking one's
 * return from its sleep is its last step. After the begins: wake a | wake b; after wake a: a's return,
 * or wake b first; each order of wakes and of returns after it that keeps wake before return and the
 * order of the returns that of the wakes: wake a, ret a, wake b, ret b; wake a, wake b, ret a, ret b;
 * and the same with b first: 4 schedules, and one more for each where b wakes while a has not begun
 * to sleep: impossible, for b begins after a sleeps; but a may wake before b begins, too: a becomes
 * ready behind b (b runs: begin b, then a). So: wake a before begin b (b then sleeps, and a is next):
 * ret a and wake b in any order: 2 more. In all 6. */
static void
test_sleep_in_abstract_time (void)
{
  g_autoptr (MtProgram) p = walk_compile ("coroutines:\n"
                                          "  a: [{sleep: 1}]\n"
                                          "  b: [{sleep: 1}]\n",
                                          MT_TIME_ABSTRACT);
  Walk w = walk (p);
  CU_ASSERT_EQUAL (w.schedules, 6);
  walk_assert_text (w.outcomes, "ended");
  g_free (w.outcomes);
  g_free (w.faults);
}

/* What waits gives way: a finds the queue empty, b puts, and goes on until it waits or ends. */
static void
test_waiting_gives_way (void)
{
  static const gchar model[] = "queues: [q]\n"
                               "coroutines:\n"
                               "  a: [{repeat: 2, do: [{get: q, into: x}, {print: 'got {x}'}]}]\n"
                               "  b: [{put: 1, to: q}, {print: put}, {put: 2, to: q}, {print: put}]\n";
  assert_prints (model, MT_TIME_ABSTRACT, 100, "put\nput\ngot 1\ngot 2\n");
  assert_walk (model, MT_TIME_ABSTRACT, 11, 10, 1, "ended", "");
}

/* A timeout of 0 never waits: a polls without giving way. A longer one lets b put first, or fires. */
static void
test_timeouts (void)
{
  assert_prints ("queues: [q]\n"
                 "coroutines:\n"
                 "  a: [{get: q, into: x, timeout: 0, else: [{print: empty}]}]\n"
                 "  b: [{put: 1, to: q}]\n",
                 MT_TIME_ABSTRACT, 100, "empty\n");
  assert_walk ("queues: [q]\n"
               "globals: {x: 0}\n"
               "coroutines:\n"
               "  a: [{get: q, into: x, timeout: 1, else: [x = 9]}]\n"
               "  b: [yield, {put: 1, to: q}]\n",
               /* Without the timeout one line of 7 states and 6 steps: begin a, begin b, b's yield,
                * put, get, write x. While a waits its timer may go off at three places (3 more):
                *  - before begin b: then a is ready before b yields, so begin b, a gives up, writes 9,
                *    b's yield, put: 6 states, 5 steps;
                *  - before b's yield, or after it: b is the only ready one and has its turn, so it puts
                *    and a gets the item after all. Yield, put, and a's get, which forgets that a timer
                *    made it ready and so comes to the first line: 3 states, 3 steps. */
               MT_TIME_ABSTRACT, 16, 17, 4, "x=1 ended | x=9 ended", "");
}

/* The coroutines of two processes have two carriers: they interleave. */
static void
test_two_carriers (void)
{
  g_autoptr (MtProgram) p = walk_compile ("processes:\n"
                                          "  p: [{start: a}]\n"
                                          "  q: [{start: b}]\n"
                                          "coroutines:\n"
                                          "  a: [pass]\n"
                                          "  b: [pass]\n",
                                          MT_TIME_ABSTRACT);
  Walk w = walk (p);
  CU_ASSERT_EQUAL (p->n_carriers, 2);
  CU_ASSERT_EQUAL (w.schedules, 6); /* start and begin, twice: 4 choose 2 */
  g_free (w.outcomes);
  g_free (w.faults);
}

static void
test_why_blocked (void)
{
  MtBlock block;
  Play play;
  play_begin (&play, "coroutines:\n"
                     "  a: [{print: A}]\n"
                     "  b: [{print: B}]\n",
              MT_TIME_ABSTRACT);
  CU_ASSERT_TRUE (mt_why_blocked (play.program, play.s, 1, &block));
  CU_ASSERT_EQUAL (block.kind, MT_BLOCK_CARRIER);
  CU_ASSERT_EQUAL (block.holder, 0);
  CU_ASSERT_FALSE (mt_why_blocked (play.program, play.s, 0, &block));
  play_end (&play);
}

/* A thread that takes away what a coroutine was woken for: it waits again, though it was ready. */
static void
test_taken_away (void)
{
  Play play;
  play_begin (&play, "queues: [q]\n"
                     "globals: {hold: 0}\n"
                     "coroutines:\n"
                     "  a: [{get: q}, {print: got}]\n"
                     "  b: [hold = 1, hold = 2]\n"
                     "threads:\n"
                     "  t: [{put: 1, to: q}, {get: q}, {put: 2, to: q}]\n",
              MT_TIME_ABSTRACT);
  play_step (&play, "a", 0); /* begins, and waits */
  play_step (&play, "b", 0);
  play_step (&play, "t", 0); /* a is ready, behind b */
  play_step (&play, "t", 0); /* and the item is gone */
  play_step (&play, "b", 0);
  play_step (&play, "b", 0); /* the carrier is free, but a can't go on */
  CU_ASSERT_EQUAL (play_ways (&play, "a"), 0);
  play_step (&play, "t", 0);
  play_step (&play, "a", 0);
  play_step (&play, "a", 0);
  CU_ASSERT_STRING_EQUAL (play.rec.output->str, "got\n");
  CU_ASSERT_TRUE (mt_ended (play.program, play.s));
  play_end (&play);
}

static void
test_refused (void)
{
  assert_refused ("threads:\n"
                  "  t: [yield]\n",
                  "m:2:7: error: 'yield' outside a coroutine "
                  "[threads and processes take turns anywhere: declare the task under coroutines]\n");
  assert_refused ("threads:\n"
                  "  t: [{switch: co}]\n"
                  "coroutines: {co: [pass]}\n",
                  "m:2:8: error: 'switch' outside a coroutine "
                  "[threads and processes take turns anywhere: declare the task under coroutines]\n");
  assert_refused ("coroutines:\n"
                  "  co: [{switch: t}]\n"
                  "threads: {t: [pass]}\n",
                  "m:2:17: error: 't' is no coroutine: nothing can be handed over to it [start it, or wake it by an event]\n");
  assert_refused ("coroutines:\n"
                  "  co: [{atomic: [pass, yield]}]\n",
                  "m:2:24: error: an atomic body can't yield\n");
  assert_refused ("coroutines:\n"
                  "  a: {count: 2, steps: [pass]}\n"
                  "  b: [{switch: a}]\n",
                  "m:3:16: error: 'a' is several coroutines [say which: name[i]]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "one schedule", test_one_schedule },
    { "beside a thread", test_beside_a_thread },
    { "yield", test_yield },
    { "switch", test_switch },
    { "switch passes the ready", test_switch_passes_the_ready },
    { "switch to nobody", test_switch_to_nobody },
    { "sleep in virtual time", test_sleep_in_virtual_time },
    { "timers start in turn", test_timers_start_in_turn },
    { "sleep in abstract time", test_sleep_in_abstract_time },
    { "waiting gives way", test_waiting_gives_way },
    { "timeouts", test_timeouts },
    { "two carriers", test_two_carriers },
    { "why blocked", test_why_blocked },
    { "taken away", test_taken_away },
    { "refused", test_refused },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("coroutine", tests);
}

/* Tests of ops/socket.c. */
#include "walk.h"

#define CHAT(settings) \
  "sockets: {a: {port: 7890}, b: {port: 7890" settings "}}\n" \
  "globals: {x: 0}\n" \
  "observe: [x]\n" \
  "threads:\n" \
  "  s: [{send: 1, from: a, to: b}, {send: 2, from: a, to: b}]\n" \
  "  r: [{recv: b, into: x}, {recv: b, into: x}]\n"

/* Sends: two steps. r receives, writes, receives, writes, each after its send. States (sent, r's place):
 * (0,0); (1,0..2); (2,0..4): 9. Transitions: sends 1 + 3; r's 2 + 4: 10. Paths: the second send
 * at one of r's first three places: 3. */
static void
test_in_order (void)
{
  assert_walk (CHAT (""), MT_TIME_ABSTRACT, 9, 10, 3, "x=2 ended", "");
}

/* Each datagram may be lost, and then r waits for ever. */
static void
test_loss (void)
{
  g_autoptr (MtProgram) p = walk_compile (CHAT (", loss: true"), MT_TIME_ABSTRACT);
  Walk w = walk (p);
  walk_assert_text (w.outcomes, "x=0 stuck | x=1 stuck | x=2 ended | x=2 stuck");
  g_free (w.outcomes);
  g_free (w.faults);
}

/* Two that have arrived may be taken in either order. */
static void
test_reorder (void)
{
  /* as in order, and from (2,0) a second way: take 2, write, take 1, write: 4 more states, with x 2 or 1
   * and nothing received of the other; the last write makes x = 1: 4 states, 4 transitions, 1 path */
  assert_walk (CHAT (", reorder: true"), MT_TIME_ABSTRACT, 13, 14, 4, "x=1 ended | x=2 ended", "");
}

/* One may arrive twice: then r may see 1, 1 and leave what comes after. */
static void
test_duplicate (void)
{
  g_autoptr (MtProgram) p = walk_compile (CHAT (", duplicate: true"), MT_TIME_ABSTRACT);
  Walk w = walk (p);
  walk_assert_text (w.outcomes, "x=1 ended | x=2 ended");
  g_free (w.outcomes);
  g_free (w.faults);
}

/* A full buffer drops what arrives; with room for one of two copies the second is dropped, which is
 * no way of its own; and nobody receives from c. */
static void
test_full (void)
{
  Play play;
  play_begin (&play, "sockets: {a: {}, c: {buffer: 2, loss: true, duplicate: true}}\n"
                     "threads:\n"
                     "  s: [{repeat: 3, do: [{send: \"'hi'\", from: a, to: c}]}]\n",
              MT_TIME_ABSTRACT);
  CU_ASSERT_EQUAL (play_ways (&play, "s"), 3); /* arrives, is lost, arrives twice */
  play_step (&play, "s", 0);
  play_assert_object (&play, "c", "1 of 2: hi from a");
  CU_ASSERT_EQUAL (play_ways (&play, "s"), 2);
  play_step (&play, "s", 0);
  CU_ASSERT_EQUAL (play_ways (&play, "s"), 1);
  play_step (&play, "s", 0);
  play_assert_object (&play, "c", "2 of 2: hi from a, hi from a");
  CU_ASSERT_TRUE (mt_ended (play.program, play.s));
  play_end (&play);
}

/* The sender's name, of an element of an array too; a timeout. */
static void
test_sender_and_timeout (void)
{
  assert_walk ("sockets: {peer: {size: 2}}\n"
               "globals: {x: 0, who: \"'nobody'\"}\n"
               "threads:\n"
               "  t: {count: 1, steps: [{send: 5, from: 'peer[id]', to: 'peer[id - 1]'}, {recv: 'peer[0]', into: [x, who]}]}\n",
               MT_TIME_ABSTRACT, 5, 4, 1, "x=5 who=peer[1] ended", "");
  assert_walk ("sockets: {a: {}}\n"
               "globals: {x: 0}\n"
               "threads:\n"
               "  t: [{recv: a, into: x, timeout: 1, else: [x = 9]}, {recv: a, timeout: 0}]\n"
               "  u: [{send: 1, from: a, to: a, label: never}]\n"
               "observe: [x]\n",
               /* u first: t gets 1, writes it, and times out: 1 + 3 states, 1 + 3 transitions. t's timeout
                * first: it writes 9 and times out again, or receives after all where u has sent: before the
                * write (1 state; write, receive: 2 more), after it (joins), or after the second timeout (1
                * state): with the line of 3 (timed out, written, failed) and the initial state 8 states and
                * 3 + 3 + 2 transitions. */
               MT_TIME_ABSTRACT, 12, 12, 4, "x=1 ended | x=9 ended", "TimeoutError");
}

static void
test_index (void)
{
  assert_walk ("sockets: {peer: {size: 2}}\n"
               "globals: {i: 2}\n"
               "threads:\n"
               "  t: [{send: 1, from: 'peer[0]', to: 'peer[i]'}]\n",
               MT_TIME_ABSTRACT, 3, 2, 1, "i=2 ended", "IndexError: peer[2], but there are 0 to 1");
}

static void
test_refused (void)
{
  assert_refused ("sockets: {a: {port: 70000, lose: true}}\n"
                  "threads: {t: [pass]}\n",
                  "m:1:21: error: port of 'a' is 70000, but must be 0 to 65535 [for the reader: a socket is called by its name]\n"
                  "m:1:28: error: unknown setting 'lose' of a socket [did you mean 'loss'?]\n");
  assert_refused ("sockets: [a]\n"
                  "queues: [q]\n"
                  "threads:\n"
                  "  t: [{send: 1, from: a, to: q}, {send: 1, from: a, to: b}, {recv: a, into: [x, y, z]}, {send: [1, 2], from: a, to: a}]\n",
                  "m:4:30: error: 'q' is a queue (line 2), not a socket\n"
                  "m:4:57: error: socket 'b' is not declared\n"
                  "m:4:77: error: a datagram has an item and a sender, not 3 parts [into: x, or into: [x, sender]]\n"
                  "m:4:96: error: a datagram holds one value [send its items one by one]\n");
  assert_refused ("sockets: [a]\n"
                  "threads:\n"
                  "  t: [{send: 1, from: a, to: a}, {send: \"'x'\", from: a, to: a}]\n",
                  "m:3:42: error: what is sent to this socket is a number, not a string [strings are compared, stored and printed, never computed with]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "in order", test_in_order },
    { "loss", test_loss },
    { "reorder", test_reorder },
    { "duplicate", test_duplicate },
    { "full", test_full },
    { "sender and timeout", test_sender_and_timeout },
    { "index", test_index },
    { "refused", test_refused },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("socket", tests);
}

/* Tests of ops/input.c. */
#include "tests/unit/walk.h"

/* A line and its write, twice; then the end. */
static void
test_lines (void)
{
  static const gchar steps[] = "globals: {a: '', b: ''}\n"
                               "threads: {t: [{input: kb, into: a}, {input: kb, into: b, else: [b = 'end']}, {input: kb, into: a, else: [a = 'end']}]}\n";
  g_autofree gchar *list = g_strconcat ("inputs: {kb: [hello, 42]}\n", steps, NULL);
  g_autofree gchar *mapping = g_strconcat ("inputs: {kb: {lines: [hello, '42']}}\n", steps, NULL);
  g_autofree gchar *empty = g_strconcat ("inputs: {kb: []}\n", steps, NULL);
  assert_walk (list, MT_TIME_VIRTUAL, 7, 6, 1, "a=end b=42 ended", "");
  assert_walk (mapping, MT_TIME_VIRTUAL, 7, 6, 1, "a=end b=42 ended", "");
  assert_walk (empty, MT_TIME_VIRTUAL, 2, 1, 1, "a= b= ended", "EOFError");
}

/* Each line is read once, by whoever comes first. */
static void
test_two_readers (void)
{
  Play play;
  play_begin (&play,
              "inputs: {kb: [one, two]}\n"
              "threads: {t: {count: 2, steps: [{input: kb, into: line}, {print: '{line}'}]}}\n",
              MT_TIME_VIRTUAL);
  play_assert_object (&play, "kb", "0 of 2 lines read");
  play_step (&play, "t[2]", 0);
  play_assert_object (&play, "kb", "1 of 2 lines read");
  play_step (&play, "t[1]", 0);
  play_step (&play, "t[1]", 0);
  play_step (&play, "t[2]", 0);
  walk_assert_text (play.rec.output->str, "two\none\n");
  play_end (&play);
}

static void
test_wrong_use (void)
{
  assert_refused ("inputs: [kb]\nthreads: {t: [{input: kb}]}\n", "m:1:10: error: input 'kb' needs 'lines' [[line, line, ..] or {lines: [line, line, ..]}]\n");
  assert_refused ("inputs: {kb: 3}\nthreads: {t: [{input: kb}]}\n",
                  "m:1:14: error: input 'kb': a mapping of settings expected [write [line, line, ..] or {lines: [line, line, ..]}]\n");
  assert_refused ("inputs: {kb: {lines: 3}}\nthreads: {t: [{input: kb}]}\n", "m:1:22: error: lines of 'kb': a list expected\n");
  assert_refused ("inputs: {kb: [a]}\nglobals: {g: 0}\nthreads: {t: [{input: kb, into: g}]}\n",
                  "m:3:33: error: 'g' is a number, not a string [strings are compared, stored and printed, never computed with]\n");
  assert_refused ("inputs: {kb: [a]}\nlocks: [m]\nthreads: {t: [{input: m}]}\n", "m:3:23: error: input: needs an input; 'm' is a lock (line 2) [what works on a lock: lock, unlock, with]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "lines", test_lines },
    { "two readers", test_two_readers },
    { "wrong use", test_wrong_use },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("input", tests);
}

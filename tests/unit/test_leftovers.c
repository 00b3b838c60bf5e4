/* What is left over at the ends of models small enough to see it: each row is a model and the lines
 * that are to be reported, worked out by hand. */
#include "checker/leftovers.h"
#include "checker/search.h"
#include "sim/model.h"
#include "tests/unit/suite.h"
#include <string.h>

static const struct
{
  const gchar *what, *model, *expected;
} rows[] = {
  { "a lock still held", "locks: [m]\nthreads: {t: [{lock: m}]}\n", "m: is still held (every)\n" },
  { "a lock held by nobody", "locks: [m]\nthreads: {t: [{lock: m}, {unlock: m}]}\n", "" },
  { "a lock held at some ends only", "locks: [m]\nthreads: {t: [{choose: [[{lock: m}], [pass]]}]}\n", "m: is still held (some)\n" },
  { "a daemon's lock", "locks: [m]\nthreads: {t: [pass], d: {daemon: true, steps: [{lock: m}]}}\n", "" },
  { "a lock in a deadlock is in use",
    "locks: [m, n]\nthreads: {t: [{lock: m}, {lock: n}, {unlock: n}, {unlock: m}], u: [{lock: n}, {lock: m}, {unlock: m}, {unlock: n}]}\n", "" },
  { "a lock left by a killed process", "locks: [m]\nprocesses: {main: [{start: p}, {terminate: p}, {join: p}], p: [{lock: m}, {unlock: m}]}\n",
    "m: is still held (some)\n" },
  { "one of several locks", "locks: {m: {size: 2}}\nthreads: {t: [{with: \"m[0]\", do: [pass]}, {lock: \"m[1]\"}]}\n", "m[1]: is still held (every)\n" },
  { "a lock held for reading", "rwlocks: [rw]\nthreads: {t: [{read_lock: rw}]}\n", "rw: is still held (every)\n" },
  { "an item never taken", "queues: {q: {}}\nthreads: {t: [{put: 1, to: q}, {put: 2, to: q}], u: [{get: q}]}\n", "q: holds items that nobody took (every)\n" },
  { "items that are taken", "queues: {q: {}}\nthreads: {t: [{put: 1, to: q}], u: [{get: q}]}\n", "" },
  { "an item that comes too late", "queues: {q: {}}\nthreads: {t: [{put: 1, to: q}], u: [{get: q, timeout: 0, else: [pass]}]}\n",
    "q: holds items that nobody took (some)\n" },
  { "a permit never given back", "semaphores: {s: {value: 2}}\nthreads: {t: [{acquire: s}]}\n", "s: lacks permits that nobody gave back (every)\n" },
  { "a permit given back", "semaphores: {s: {value: 2}}\nthreads: {t: [{acquire: s}, {release: s}]}\n", "" },
  { "a semaphore as a signal", "semaphores: {s: {value: 0}}\nthreads: {t: [{release: s}], u: [{acquire: s}]}\n", "" },
  { "a job never done: the model ends with main", "pools: {po: {workers: 1}}\nfunctions: {f: [pass]}\nprocesses: {main: [{submit: f, to: po}]}\n", "po: has jobs that nobody did (every)\n" },
  { "jobs that are waited for", "pools: {po: {workers: 1}}\nfunctions: {f: [pass]}\nprocesses: {main: [{submit: f, to: po}, {close: po}, {join: po}]}\n", "" },
  { "threads never joined", "threads: {main: [{start: t}, {start: u}, {start: v}, {join: u}], t: {count: 2, steps: [pass]}, u: [pass], v: [pass]}\n",
    "t, v: started, never joined (every)\n" },
  { "one of a group joined", "threads: {main: [{start: t}, {join: \"t[1]\"}], t: {count: 2, steps: [pass]}}\n", "t: started, never joined (every)\n" },
  { "all of a group joined", "threads: {main: [{start: t}, {join: t}], t: {count: 2, steps: [pass]}}\n", "" },
  { "a group joined one by one", "threads: {main: [{start: t}, {for: i, in: \"range(1, 3)\", do: [{join: \"t[i]\"}]}], t: {count: 2, steps: [pass]}}\n", "" },
  { "a daemon is not to be joined", "threads: {main: [{start: d}], d: {daemon: true, steps: [pass]}}\n", "" },
  { "asked whether it lives", "threads: {main: [{start: t}, {await: not alive(t)}], t: [pass]}\n", "" },
  { "counted among the living", "threads: {main: [{start: t}, {await: active() == 1}], t: [pass]}\n", "" },
  { "never started", "globals: {g: 0}\nthreads: {main: [{if: g == 1, then: [{start: t}]}], t: [pass]}\n", "" },
  { "nobody started it", "threads: {t: [pass], u: [pass]}\n", "" },
};

static gchar *
leftovers_of (const gchar *text, guint reductions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("test", text, strlen (text), &error);
  const MtCompileOptions compile = { .time = MT_TIME_ABSTRACT };
  g_autoptr (MtProgram) program = model ? mt_compile (model, &compile, &error) : NULL;
  if (!program)
    return g_strdup (error->message);
  const MtExploreOptions options = { .search = &mt_search_bfs, .all = TRUE, .reductions = reductions };
  MtExplore x;
  mt_explore_init (&x, program, &options);
  mt_explore_run (&x);
  g_autoptr (GArray) found = mt_leftovers_find (&x);
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < found->len; i++)
    {
      const MtLeftover *row = &g_array_index (found, MtLeftover, i);
      g_string_append_printf (out, "%s: %s (%s)\n", row->name, row->words, row->always ? "every" : "some");
    }
  mt_explore_clear (&x);
  return g_string_free (out, FALSE);
}

static void
test_rows (void)
{
  static const guint reductions[] = { 0, MT_REDUCE_ALL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < G_N_ELEMENTS (reductions); k++)
      {
        g_autofree gchar *got = leftovers_of (rows[i].model, reductions[k]);
        if (!g_str_equal (got, rows[i].expected))
          g_printerr ("%s, reductions %u:\n  expected %s\n  got      %s\n", rows[i].what, reductions[k], rows[i].expected, got);
        CU_ASSERT_STRING_EQUAL (got, rows[i].expected);
      }
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "what is left over", test_rows },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("leftovers", tests);
}

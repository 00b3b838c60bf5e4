/* Tests of the waist: what a step is, how many states, transitions and schedules small models have, and how a
 * task's errors are told. Nothing but mt_state_init(), mt_choices() and mt_step() is used to walk. */
#include "sim/machine.h"
#include "sim/model.h"
#include "tests/unit/suite.h"
#include <string.h>

static MtProgram *
compile (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("f", text, strlen (text), &error);
  MtCompileOptions options = { 0 };
  MtProgram *program = model ? mt_compile (model, &options, &error) : NULL;
  if (!program)
    g_printerr ("\n%s\n", error->message);
  CU_ASSERT_PTR_NOT_NULL_FATAL (program);
  return program;
}

static void
assert_text (const gchar *got, const gchar *expected)
{
  CU_ASSERT_STRING_EQUAL (got, expected);
  if (strcmp (got, expected) != 0)
    g_printerr ("\ngot:      %s\nexpected: %s\n", got, expected);
}

/* Where the globals of a model without shared variables begin: word 0 is the clock. */
static MtWord
global (const MtProgram *program, const MtWord *s, guint i)
{
  return s[program->vars[i].address];
}

/* Every state, each once, in order of discovery. */
typedef struct
{
  guint n_states, n_transitions;
} Walk;

static guint
hash_state (gconstpointer state)
{
  GBytes *bytes = (GBytes *)state;
  return g_bytes_hash (bytes);
}

static Walk
walk (const MtProgram *program)
{
  Walk result = { 0 };
  gsize size = sizeof (MtWord) * program->n_words;
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (hash_state, g_bytes_equal);
  g_autofree MtWord *s = g_malloc (size);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  mt_state_init (program, s, NULL);
  g_ptr_array_add (states, g_bytes_new (s, size));
  g_hash_table_add (seen, states->pdata[0]);
  for (guint i = 0; i < states->len; i++)
    {
      const MtWord *from = g_bytes_get_data (states->pdata[i], NULL);
      guint n = mt_choices (program, from, choices);
      for (guint k = 0; k < n; k++, result.n_transitions++)
        {
          memcpy (s, from, size);
          mt_step (program, s, choices[k], NULL);
          g_autoptr (GBytes) to = g_bytes_new (s, size);
          if (!g_hash_table_contains (seen, to))
            {
              g_ptr_array_add (states, g_bytes_ref (to));
              g_hash_table_add (seen, to);
            }
        }
    }
  result.n_states = states->len;
  return result;
}

/* Every schedule, one after the other; ends[v] counts those in which global 0 is v at the end. */
static guint
enumerate (const MtProgram *program, const MtWord *s, guint *ends)
{
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  g_autofree MtWord *next = g_new (MtWord, program->n_words);
  guint n = mt_choices (program, s, choices), schedules = 0;
  if (n == 0)
    ends[global (program, s, 0)]++;
  for (guint k = 0; k < n; k++)
    {
      memcpy (next, s, sizeof (MtWord) * program->n_words);
      mt_step (program, next, choices[k], NULL);
      schedules += enumerate (program, next, ends);
    }
  return n == 0 ? 1 : schedules;
}

/* N tasks, each r = x; x = r + 1. States: each task is before its read, between (with the value it read) or after its
 * write; counted by hand for N = 2 (13 states, 14 transitions), by an independent program for 3 and 4. Schedules:
 * (2N)! / 2^N, as each task's two steps have one order. Finals of N = 2: 1 in the four in which both read before
 * either writes, 2 in the two that are serial. */
static void
assert_closed_form (guint n, guint states, guint transitions, guint schedules, const guint *ends)
{
  g_autofree gchar *text = g_strdup_printf ("globals: {x: 0}\nthreads:\n  t:\n    count: %u\n    steps:\n      - r = x\n      - x = r + 1\n", n);
  g_autoptr (MtProgram) program = compile (text);
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  guint counted[8] = { 0 };
  Walk w = walk (program);
  CU_ASSERT_EQUAL (w.n_states, states);
  CU_ASSERT_EQUAL (w.n_transitions, transitions);
  mt_state_init (program, s, NULL);
  CU_ASSERT_EQUAL (enumerate (program, s, counted), schedules);
  for (guint v = 1; v <= n; v++)
    CU_ASSERT_EQUAL (counted[v], ends[v - 1]);
}

static void
test_closed_forms (void)
{
  assert_closed_form (2, 13, 14, 6, (const guint[]){ 4, 2 });
  assert_closed_form (3, 84, 111, 90, (const guint[]){ 48, 36, 6 });
  assert_closed_form (4, 755, 1156, 2520, (const guint[]){ 1152, 1056, 288, 24 });
}

/* A run of one task alone: each step as read/write of NAME=VALUE, joined by spaces, steps by "; ". */
static gchar *
steps_of (const gchar *model)
{
  g_autoptr (MtProgram) program = compile (model);
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  GString *out = g_string_new (NULL);
  MtStep rec;
  mt_step_init (&rec);
  rec.want_effects = TRUE;
  mt_state_init (program, s, &rec);
  if (rec.fault->len)
    g_string_append_printf (out, "! %s", rec.fault->str);
  for (guint step = 0; step < 100 && mt_choices (program, s, choices) > 0; step++)
    {
      gboolean first = TRUE;
      g_string_truncate (rec.output, 0);
      mt_step (program, s, choices[0], &rec);
      g_string_append (out, step ? "; " : "");
      for (guint i = 0; i < rec.effects->len; i++)
        {
          const MtEffect *effect = &g_array_index (rec.effects, MtEffect, i);
          for (guint v = 0; v < program->n_vars; v++)
            if (program->vars[v].address == effect->address)
              {
                g_string_append_printf (out, "%s%c %s=%d", first ? "" : " ", effect->kind == MT_EFFECT_READ ? 'r' : 'w', program->vars[v].name, effect->after);
                first = FALSE;
              }
        }
      if (rec.output->len)
        g_string_append_printf (out, "%s'%s'", first ? "" : " ", rec.output->str);
      if (rec.fault->len)
        g_string_append_printf (out, "%s! %s", first ? "" : " ", rec.fault->str);
    }
  mt_step_clear (&rec);
  return g_string_free (out, FALSE);
}

/* The steps of a task whose body is @body, with globals g = 0, a = 1, b = 2, nums = [11, 22], few = [1] with room for 2, a lock m. */
static void
assert_steps (const gchar *body, const gchar *expected)
{
  g_autofree gchar *model = g_strdup_printf ("globals: {g: 0, a: 1, b: 2, nums: [11, 22], few: {list: [1], capacity: 2}}\nlocks: [m]\nfunctions:\n  double:\n    params: [n]\n    steps: [return n * 2]\n"
                                             "  unused: [{call: double, args: [1]}]\nthreads:\n  t:\n%s", body);
  g_autofree gchar *got = steps_of (model);
  assert_text (got, expected);
}

static void
test_steps (void)
{
  assert_steps ("    - g += 1\n", "r g=0; w g=1");
  assert_steps ("    - g = a + b\n", "r a=1; r b=2; w g=3"); /* left to right */
  assert_steps ("    - g = b - a\n", "r b=2; r a=1; w g=1");
  assert_steps ("    - x = a + b\n    - g = x + x\n", "r a=1; r b=2; w g=6"); /* a local's own steps are none */
  assert_steps ("    - x = 1\n    - x += 1\n    - pass\n    - g = x\n", "w g=2");
  assert_steps ("    - if: g == 0\n      then: [a = 5]\n      else: [b = 5]\n", "r g=0; w a=5");
  assert_steps ("    - while: g < 2\n      do: [g += 1]\n", "r g=0; r g=0; w g=1; r g=1; r g=1; w g=2; r g=2");
  assert_steps ("    - repeat: 2\n      do: [a = g]\n", "r g=0; w a=0; r g=0; w a=0");
  assert_steps ("    - call: double\n      args: [b]\n      into: g\n", "r b=2; w g=4");
}

static void
test_short_circuit (void)
{
  assert_steps ("    - x = g and a\n    - b = 1 if x else 0\n", "r g=0; w b=0");
  assert_steps ("    - x = a or g\n    - b = 1 if x else 0\n", "r a=1; w b=1");
  assert_steps ("    - if: a == 1 and b == 3 or g == 0\n      then: [a = 7]\n", "r a=1; r b=2; r g=0; w a=7");
  assert_steps ("    - g = a if b == 2 else nums[9]\n", "r b=2; r a=1; w g=1");
}

static void
test_one_instant (void)
{
  assert_steps ("    - print: \"{a} {b} {a + b}\"\n", "r a=1 r b=2 r a=1 r b=2 '1 2 3\n'");
  assert_steps ("    - assert: a < b\n", "r a=1 r b=2");
  assert_steps ("    - await: a < b and b == 2\n", "r a=1 r b=2 r b=2");
  assert_steps ("    - atomic:\n        - g += 1\n        - a = g + b\n", "r g=0 w g=1 r g=1 r b=2 w a=3");
  assert_steps ("    - atomic:\n        - while: g < 2\n          do: [g += 1]\n", "r g=0 r g=0 w g=1 r g=1 r g=1 w g=2 r g=2");
}

/* Two tasks: an await is passed and checked in one step, so nobody comes between; a print sees no half of a pair. */
static void
test_atomicity_between_tasks (void)
{
  g_autoptr (MtProgram) program = compile ("globals: {bad: 0, a: 0, b: 0}\n"
                                           "threads:\n"
                                           "  w:\n    - repeat: 2\n      do:\n        - atomic: [a += 1, b += 1]\n"
                                           "  r:\n    - repeat: 2\n      do:\n        - atomic:\n            - if: a != b\n              then: [bad = 1]\n");
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  guint ends[2] = { 0 };
  mt_state_init (program, s, NULL);
  /* two steps of each: 4! / (2! 2!) */
  CU_ASSERT_EQUAL (enumerate (program, s, ends), 6);
  CU_ASSERT_EQUAL (ends[0], 6);
}

/* Each error is told with Python's name for it, and ends the task. */
static void
test_faults (void)
{
  assert_steps ("    - g = 2147483647\n    - g += 1\n    - a = 9\n", "w g=2147483647; r g=2147483647 ! OverflowError: 2147483647 + 1");
  assert_steps ("    - x = g\n    - x = (-2147483647 - 1 + x) * 2\n    - a = x\n", "r g=0 ! OverflowError: -2147483648 * 2");
  assert_steps ("    - a = b / g\n", "r b=2; r g=0 ! ZeroDivisionError: 2 / 0");
  assert_steps ("    - a = b % g\n", "r b=2; r g=0 ! ZeroDivisionError: 2 % 0");
  assert_steps ("    - a = nums[b]\n", "r b=2; ! IndexError: index 2, but nums has 2 items");
  assert_steps ("    - a = nums[b - 5]\n", "r b=2; ! IndexError: index -3, but nums has 2 items");
  assert_steps ("    - nums[b] = 1\n", "r b=2; ! IndexError: index 2, but nums has 2 items");
  assert_steps ("    - x = [1, 2]\n    - y = x[b]\n    - a = y\n", "r b=2 ! IndexError: index 2, but the list has 2 items");
  assert_steps ("    - unlock: m\n", "! RuntimeError: unlock of m, which nobody holds");
  assert_steps ("    - x = []\n    - pop: y\n      from: x\n    - a = y\n", "! IndexError: pop from an empty list"); /* before its first step */
  assert_steps ("    - repeat: 3\n      do:\n        - pop: a\n          from: nums\n",
                "r nums=2 w nums=1; w a=22; r nums=1 w nums=0; w a=11; r nums=0 ! IndexError: pop from the empty list nums");
  assert_steps ("    - append: 5\n      to: few\n    - append: 6\n      to: few\n",
                "r few=1 w few=2; r few=2 ! MemoryError: few has room for 2 items: declare it with a larger capacity");
  assert_steps ("    - few = nums\n    - nums = [1, 2, 3]\n    - few = nums\n",
                "r nums=2; w few=2; w nums=3; r nums=3; ! MemoryError: 3 items for few, which has room for 2");
  assert_steps ("    - assert: g == 1\n", "r g=0 ! AssertionError: (g == 1)");
  assert_steps ("    - assert: g == 1\n      message: no luck\n", "r g=0 ! AssertionError: no luck");
  assert_steps ("    - raise: \"KeyError: 'k'\"\n", "! KeyError: 'k'");
  assert_steps ("    - atomic:\n        - with: m\n          do:\n            - lock: m\n", "! an atomic body can't wait in the middle: only its first step may");
}

static void
test_started_twice (void)
{
  g_autofree gchar *got = steps_of ("globals: {g: 0}\nthreads:\n  main:\n    - start: w\n    - start: w\n  w: {steps: [g = 1], daemon: true}\n");
  assert_text (got, "; ! RuntimeError: w is started already: threads can only be started once");
}

static void
test_unlock_of_another (void)
{
  g_autofree gchar *got = steps_of ("locks: [m]\nthreads:\n  main:\n    - lock: m\n    - start: w\n    - join: w\n    - unlock: m\n  w: [unlock: m]\n");
  assert_text (got, "; ; ! RuntimeError: unlock of m, which main holds; ; ");
}

#define ENDLESS "this step does not end: its loops have gone round 1000000 times"

/* Local work without end is a fault, in a step and before the first one: after 1 000 000 jumps back. */
static void
test_endless (void)
{
  assert_steps ("    - a = 5\n    - loop: []\n", "w a=5 ! " ENDLESS);
  assert_steps ("    - loop: []\n", "! " ENDLESS);
  assert_steps ("    - atomic:\n        - a = 2\n        - loop: []\n", "w a=2 ! " ENDLESS);
  assert_steps ("    - repeat: 1000001\n      do: [x = 1]\n    - a = x\n", "w a=1"); /* the last round needs no jump */
  assert_steps ("    - repeat: 1000002\n      do: [x = 1]\n    - a = x\n", "! " ENDLESS);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "closed forms", test_closed_forms },
    { "steps", test_steps },
    { "short circuit", test_short_circuit },
    { "one instant", test_one_instant },
    { "atomicity between tasks", test_atomicity_between_tasks },
    { "faults", test_faults },
    { "started twice", test_started_twice },
    { "unlock of another's lock", test_unlock_of_another },
    { "endless local work", test_endless },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("machine", tests);
}

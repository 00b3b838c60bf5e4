/* Tests of trace.c: schedules as text, and the file around them. */
#include "sim/model.h"
#include "sim/run.h"
#include "sim/trace.h"
#include "tests/unit/suite.h"
#include <glib/gstdio.h>
#include <string.h>

static const gchar text[] = "locks: [m]\n"
                            "globals: {g: 0}\n"
                            "threads:\n"
                            "  a: [{lock: m}, {sleep: 1}, {unlock: m}]\n"
                            "  b: [{lock: m, timeout: 0.5, else: [pass]}, {choose: [[g = 1], [g = 2], [g = 3]]}]\n"
                            "  w: {count: 2, steps: [g += 1]}\n"
                            "  工人: [g = 7]\n";

static MtProgram *
compile (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("m.yaml", text, strlen (text), &error);
  const MtCompileOptions options = { MT_TIME_VIRTUAL, TRUE, NULL, 0 };
  MtProgram *program = model ? mt_compile (model, &options, &error) : NULL;
  if (!program)
    g_printerr ("%s\n", error->message);
  CU_ASSERT_PTR_NOT_NULL_FATAL (program);
  return program;
}

static GArray *
recorded (const MtProgram *program, guint64 seed)
{
  const MtSchedOptions options = { .seed = seed };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("random"), program, &options);
  const MtRunOptions run_options = { .record = TRUE };
  MtRunResult result;
  mt_run (program, sched, &run_options, &result);
  GArray *choices = g_steal_pointer (&result.choices);
  mt_run_result_clear (&result);
  return choices;
}

/* The choices without the clock's, which no schedule has. */
static GArray *
moves (const GArray *choices)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  for (guint i = 0; i < choices->len; i++)
    if (g_array_index (choices, MtChoice, i).task != MT_CLOCK)
      g_array_append_val (out, g_array_index (choices, MtChoice, i));
  return out;
}

static gboolean
equal (const GArray *a, const GArray *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (MtChoice)) == 0);
}

static void
test_schedule_round_trip (void)
{
  g_autoptr (MtProgram) program = compile ();
  for (guint64 seed = 0; seed < 200; seed++)
    {
      g_autoptr (GArray) choices = recorded (program, seed);
      g_autoptr (GArray) expected = moves (choices);
      g_autoptr (GString) schedule = g_string_new (NULL);
      mt_schedule_print (program, (const MtChoice *)choices->data, choices->len, schedule);
      g_autoptr (GArray) parsed = mt_schedule_parse (program, schedule->str, NULL);
      CU_ASSERT_PTR_NOT_NULL_FATAL (parsed);
      CU_ASSERT_TRUE (equal (parsed, expected));
    }
}

/* Tasks are numbered as declared: a 0, b 1, w[1] 2, w[2] 3, 工人 4. */
static void
test_schedule_forms (void)
{
  static const MtChoice expected[] = { { 0, 0 }, { 1, 1 }, { 1, 2 }, { 2, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 } };
  g_autoptr (MtProgram) program = compile ();
  g_autoptr (GArray) parsed = mt_schedule_parse (program, " a b:timeout\tb:2,w[1]*2\n w[2] 工人 a*0 ", NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (parsed);
  CU_ASSERT_EQUAL_FATAL (parsed->len, G_N_ELEMENTS (expected));
  CU_ASSERT_EQUAL (memcmp (parsed->data, expected, sizeof expected), 0);
}

/* Runs of one choice are folded; a timeout and a second alternative are told apart. */
static void
test_schedule_print (void)
{
  static const MtChoice choices[] = { { 0, 0 }, { MT_CLOCK, 0 }, { 1, 1 }, { 1, 1 }, { 1, 0 }, { 2, 0 }, { 2, 0 }, { MT_CLOCK, 0 }, { 0, 0 }, { 0, 0 } };
  g_autoptr (MtProgram) program = compile ();
  g_autoptr (GString) schedule = g_string_new (NULL);
  mt_schedule_print (program, choices, G_N_ELEMENTS (choices), schedule);
  CU_ASSERT_STRING_EQUAL (schedule->str, "a b:timeout b:1 b w[1]*2 a*2");
}

static void
test_schedule_errors (void)
{
  static const struct { const gchar *schedule, *message; } rows[] = {
    { "a c", "schedule:3: no task 'c': the tasks are a, b, w[1], w[2], 工人" },
    { "工人 w[3]", "schedule:4: no task 'w[3]': did you mean 'w[1]'?" },
    { "a*", "schedule:1: 'a*': a number expected after '*': t1*3 is three steps of t1" },
    { "a*-1", "schedule:1: 'a*-1': a number expected after '*': t1*3 is three steps of t1" },
    { "a:x", "schedule:1: 'a:x': unknown alternative: t1:timeout, or the number of the alternative: t1:2" },
    { "a:70000", "schedule:1: 'a:70000': unknown alternative: t1:timeout, or the number of the alternative: t1:2" },
    { "*3", "schedule:1: no task '': the tasks are a, b, w[1], w[2], 工人" },
  };
  g_autoptr (MtProgram) program = compile ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      CU_ASSERT_PTR_NULL (mt_schedule_parse (program, rows[i].schedule, &error));
      CU_ASSERT_PTR_NOT_NULL_FATAL (error);
      CU_ASSERT_STRING_EQUAL (error->message, rows[i].message);
      if (strcmp (error->message, rows[i].message) != 0)
        g_printerr ("\n%s\n", error->message);
    }
}

/* What was saved is what is loaded, and saving it again makes the same bytes. */
static void
test_file_round_trip (void)
{
  g_autoptr (MtProgram) program = compile ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *folder = g_dir_make_tmp ("mtsim-XXXXXX", &error);
  g_autofree gchar *first = g_build_filename (folder, "1", NULL), *second = g_build_filename (folder, "2", NULL);
  g_autoptr (MtTrace) saved = mt_trace_new (program);
  g_autoptr (GArray) choices = recorded (program, 3);
  g_array_append_vals (saved->choices, choices->data, choices->len);
  saved->seed = G_MAXUINT64; /* more than a JSON number keeps */
  saved->scheduler = g_strdup ("random");
  saved->verdict = g_strdup ("PASS");
  g_ptr_array_add (saved->params, g_strdup ("s=\"a\\b\" \342\206\222 \001"));
  CU_ASSERT_TRUE_FATAL (mt_trace_save (saved, program, first, &error));

  g_autoptr (MtTrace) loaded = mt_trace_load (first, &error);
  CU_ASSERT_PTR_NOT_NULL_FATAL (loaded);
  CU_ASSERT_TRUE (mt_trace_bind (loaded, program, &error));
  g_autoptr (GArray) expected = moves (choices);
  CU_ASSERT_TRUE (equal (loaded->choices, expected));
  CU_ASSERT_EQUAL (loaded->seed, G_MAXUINT64);
  CU_ASSERT_STRING_EQUAL (loaded->model, "m.yaml");
  CU_ASSERT_STRING_EQUAL (loaded->digest, program->digest);
  CU_ASSERT_STRING_EQUAL (loaded->scheduler, "random");
  CU_ASSERT_STRING_EQUAL (loaded->verdict, "PASS");
  CU_ASSERT_EQUAL (loaded->time, MT_TIME_VIRTUAL);
  CU_ASSERT_TRUE (loaded->watch_updates);
  CU_ASSERT_EQUAL_FATAL (loaded->params->len, 1);
  CU_ASSERT_STRING_EQUAL (loaded->params->pdata[0], saved->params->pdata[0]);

  g_array_set_size (loaded->choices, 0);
  g_array_append_vals (loaded->choices, choices->data, choices->len);
  CU_ASSERT_TRUE (mt_trace_save (loaded, program, second, &error));
  g_autofree gchar *a = NULL, *b = NULL;
  CU_ASSERT_TRUE (g_file_get_contents (first, &a, NULL, NULL));
  CU_ASSERT_TRUE (g_file_get_contents (second, &b, NULL, NULL));
  CU_ASSERT_STRING_EQUAL (a, b);
  g_remove (first);
  g_remove (second);
  g_rmdir (folder);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "schedule, round trip", test_schedule_round_trip },
    { "schedule, forms", test_schedule_forms },
    { "schedule, printed", test_schedule_print },
    { "schedule, errors", test_schedule_errors },
    { "file, round trip", test_file_round_trip },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("trace", tests);
}

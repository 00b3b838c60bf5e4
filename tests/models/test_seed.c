/* The seed document's programs print what the document says they print: line for line where its order
 * is forced, and where it is not, by a schedule that leads to exactly the document's lines. The
 * schedules were worked out by hand; each says how.
 *
 *   test_seed FOLDER     the folder of the models */
#include "sim/model.h"
#include "sim/run.h"
#include "sim/trace.h"
#include <CUnit/Basic.h>
#include <string.h>

static const gchar *folder;

static void
collect (const gchar *text, gsize length, gpointer data)
{
  g_string_append_len (data, text, (gssize)length);
}

/* Runs a model by a schedule, or, without one, at random with @seed. What it printed is appended to
 * @output, the outcome, "g_num=2", to @outcome. Returns the verdict's name, as expect: has it. */
static const gchar *
run (const gchar *name, const gchar *schedule, guint64 seed, GString *output, GString *outcome)
{
  g_autofree gchar *path = g_strconcat (folder, "/", name, ".yaml", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  const MtCompileOptions compile = { MT_TIME_VIRTUAL, TRUE, NULL, 0 };
  g_autoptr (MtProgram) program = model ? mt_compile (model, &compile, &error) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (program);
  g_autoptr (GArray) script = schedule ? mt_schedule_parse (program, schedule, &error) : NULL;
  CU_ASSERT_PTR_NULL_FATAL (error);
  const MtSchedOptions options = { .seed = seed, .script = script ? (const MtChoice *)script->data : NULL, .n_script = script ? script->len : 0, .complete = TRUE };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find (schedule ? "replay" : "random"), program, &options);
  const MtRunOptions run_options = { .output = collect, .output_data = output };
  MtRunResult result;
  mt_run (program, sched, &run_options, &result);
  CU_ASSERT_FALSE (result.parted);
  mt_outcome_print (program, result.state, outcome);
  const MtViolation *violation = mt_run_verdict (program, &result);
  const gchar *verdict = mt_verdict_name (violation ? violation->kind : MT_PASS);
  mt_run_result_clear (&result);
  return verdict;
}

/* The model prints @expected under @schedule (NULL: under every one of 50 seeds) with this verdict. */
static void
assert_prints (const gchar *name, const gchar *schedule, const gchar *verdict, const gchar *expected)
{
  for (guint64 seed = 1; seed <= (schedule ? 1 : 50); seed++)
    {
      g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
      CU_ASSERT_STRING_EQUAL (run (name, schedule, seed, output, outcome), verdict);
      CU_ASSERT_STRING_EQUAL (output->str, expected);
      if (strcmp (output->str, expected) != 0)
        g_printerr ("\n%s, seed %" G_GUINT64_FORMAT ", printed:\n%s", name, seed, output->str);
    }
}

/* 二.1 has no listing (an animation). With a sleep of 1 s in the singers and of 0.5 s in main, main counts
 * at 0, 0.5, .. 3 s: by hand, three live until 3 s, and whether the singers' last sleep ends before
 * main's count at 3 s is the scheduler's pick. Here main wakes last each time, as round as can be. */
static void
test_sing_dance (void)
{
  assert_prints ("sing_dance", "main*3 t1 t2 main*2 main*3 t1*2 t2*2 main*3 main*3 t1*2 t2*2 main*3 main*3 t1 t2 main*3", "pass",
                 "---开始---:0\n"
                 "正在唱歌...0\n"
                 "正在跳舞...0\n"
                 "当前运行的线程数为：3\n"
                 "当前运行的线程数为：3\n"
                 "正在唱歌...1\n"
                 "正在跳舞...1\n"
                 "当前运行的线程数为：3\n"
                 "当前运行的线程数为：3\n"
                 "正在唱歌...2\n"
                 "正在跳舞...2\n"
                 "当前运行的线程数为：3\n"
                 "当前运行的线程数为：3\n"
                 "当前运行的线程数为：1\n");
}

/* 二.2: one thread, one order. */
static void
test_thread_class (void)
{
  assert_prints ("thread_class", NULL, "pass", "I'm Thread-1 @ 0\nI'm Thread-1 @ 1\nI'm Thread-1 @ 2\n");
}

/* 二.3, 执行结果: the document's fifteen lines. Each thread's two steps, waking and printing, in its order. */
static void
test_thread_order (void)
{
  assert_prints ("thread_order",
                 "main*5"
                 " t[1]*2 t[2]*2 t[5]*2 t[3]*2 t[4]*2"
                 " t[3]*2 t[4]*2 t[5]*2 t[1]*2 t[2]*2"
                 " t[4]*2 t[5]*2 t[2]*2 t[1]*2 t[3]*2",
                 "pass",
                 "I'm Thread-1 @ 0\n"
                 "I'm Thread-2 @ 0\n"
                 "I'm Thread-5 @ 0\n"
                 "I'm Thread-3 @ 0\n"
                 "I'm Thread-4 @ 0\n"
                 "I'm Thread-3 @ 1\n"
                 "I'm Thread-4 @ 1\n"
                 "I'm Thread-5 @ 1\n"
                 "I'm Thread-1 @ 1\n"
                 "I'm Thread-2 @ 1\n"
                 "I'm Thread-4 @ 2\n"
                 "I'm Thread-5 @ 2\n"
                 "I'm Thread-2 @ 2\n"
                 "I'm Thread-1 @ 2\n"
                 "I'm Thread-3 @ 2\n");
}

/* 二.4, 运行结果: the document's four lines, by arithmetic. work1 ends at 1088005 = its own 1000000 and 88005
 * of work2's; work2 then has 1286202 - 1088005 = 198197 to go, so it had made 1000000 - 198197 = 801803
 * before, of which 801803 - 88005 = 713798 were lost: all between one read of work1's and its write. */
static void
test_race (void)
{
  assert_prints ("race",
                 "main*4"
                 " t1 t2*1427596 t1" /* reads 0; 713798 additions by work2; writes 1 over them */
                 " t2*176010" /* 88005 additions */
                 " t1*1999998 t1" /* the other 999999, and prints */
                 " t2*396394 t2" /* 198197 additions, and prints */
                 " main*3",
                 "lost_update",
                 "---线程创建之前g_num is 0---\n"
                 "----in work1, g_num is 1088005---\n"
                 "----in work2, g_num is 1286202---\n"
                 "2个线程对同一个全局变量操作之后的最终结果是:1286202\n");
}

/* The same at random: the sum is below two million, with the three prints agreeing as they must. */
static void
test_race_at_random (void)
{
  for (guint64 seed = 1; seed <= 2; seed++)
    {
      gint work1 = 0, work2 = 0, sum = 0;
      g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
      CU_ASSERT_STRING_EQUAL (run ("race", NULL, seed, output, outcome), "lost_update");
      const gchar *first = strstr (output->str, "in work1, g_num is "), *second = strstr (output->str, "in work2, g_num is ");
      const gchar *last = strstr (output->str, "最终结果是:");
      CU_ASSERT_FATAL (first && second && last);
      CU_ASSERT_EQUAL (sscanf (first, "in work1, g_num is %d---", &work1), 1);
      CU_ASSERT_EQUAL (sscanf (second, "in work2, g_num is %d---", &work2), 1);
      CU_ASSERT_EQUAL (sscanf (last, "最终结果是:%d", &sum), 1);
      CU_ASSERT (sum < 2000000);
      CU_ASSERT_EQUAL (sum, first < second ? work2 : work1); /* who prints later has made the last addition */
    }
}

/* 二.5, 运行结果: test1 ends when test2 has made 909909 of its additions, of four steps each. */
static void
test_mutex (void)
{
  assert_prints ("mutex", "main*3 p2*3639636 p1*4000001", "pass",
                 "---test1---g_num=1909909\n"
                 "---test2---g_num=2000000\n"
                 "2个线程对同一个全局变量操作之后的最终结果是:2000000\n");
}

static void
test_mutex_at_random (void)
{
  g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
  CU_ASSERT_STRING_EQUAL (run ("mutex", NULL, 1, output, outcome), "pass");
  CU_ASSERT_STRING_EQUAL (outcome->str, "g_num=2000000");
  CU_ASSERT_PTR_NOT_NULL (strstr (output->str, "最终结果是:2000000\n"));
}

/* 二.6, 死锁: both first lines, then nothing more. */
static void
test_deadlock (void)
{
  assert_prints ("deadlock", "main*2 t1*2 t2*2", "deadlock", "Thread-1----do1---up----\nThread-2----do2---up----\n");
  assert_prints ("deadlock", "main*2 t2*2 t1*2", "deadlock", "Thread-2----do2---up----\nThread-1----do1---up----\n");
  /* the sleep is so long that no schedule gets round it in virtual time */
  for (guint64 seed = 1; seed <= 50; seed++)
    {
      g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
      CU_ASSERT_STRING_EQUAL (run ("deadlock", NULL, seed, output, outcome), "deadlock");
    }
}

/* 二.6, 避免死锁, by order: one thread's two lines, then the other's. */
static void
test_deadlock_order (void)
{
  assert_prints ("deadlock_order", "main*2 t1*2 t1*5 t2*7", "pass",
                 "Thread-1----do1---up----\nThread-1----do1---down----\nThread-2----do2---up----\nThread-2----do2---down----\n");
  assert_prints ("deadlock_order", "main*2 t2*2 t2*5 t1*7", "pass",
                 "Thread-2----do2---up----\nThread-2----do2---down----\nThread-1----do1---up----\nThread-1----do1---down----\n");
  for (guint64 seed = 1; seed <= 50; seed++)
    {
      g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
      CU_ASSERT_STRING_EQUAL (run ("deadlock_order", NULL, seed, output, outcome), "pass");
    }
}

/* 二.6, 避免死锁, by timeout: each has one lock at 1 s; at 1.5 s Thread-1 gives way; Thread-2 passes; Thread-1
 * comes again at 2.5 s. Only who of the two prints first is open. */
static void
test_deadlock_timeout (void)
{
  for (guint64 seed = 1; seed <= 50; seed++)
    {
      g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
      CU_ASSERT_STRING_EQUAL (run ("deadlock_timeout", NULL, seed, output, outcome), "pass");
      CU_ASSERT_PTR_NOT_NULL (strstr (output->str, "Thread-1----do1---up----\n"));
      CU_ASSERT_PTR_NOT_NULL (strstr (output->str, "Thread-2----do2---up----\n"));
      CU_ASSERT_PTR_NOT_NULL (strstr (output->str, "Thread-1 gives mutexA back\n"));
      CU_ASSERT_PTR_NOT_NULL (strstr (output->str, "Thread-2----do2---down----\n"));
      CU_ASSERT_PTR_NOT_NULL (strstr (output->str, "Thread-1----do1---down----\n"));
      CU_ASSERT_PTR_NULL (strstr (output->str, "Thread-2 gives mutexB back\n"));
    }
  assert_prints ("deadlock_timeout", "main*2 t1*2 t2*2 t1 t2 t1:timeout t1*2 t2*4 t1*8", "pass",
                 "Thread-1----do1---up----\n"
                 "Thread-2----do2---up----\n"
                 "Thread-1 gives mutexA back\n"
                 "Thread-2----do2---down----\n"
                 "Thread-1----do1---up----\n"
                 "Thread-1----do1---down----\n");
}

int
main (int argc, char **argv)
{
  CU_TestInfo tests[] = {
    { "sing and dance", test_sing_dance },
    { "thread class", test_thread_class },
    { "thread order", test_thread_order },
    { "race", test_race },
    { "race at random", test_race_at_random },
    { "mutex", test_mutex },
    { "mutex at random", test_mutex_at_random },
    { "deadlock", test_deadlock },
    { "deadlock, order", test_deadlock_order },
    { "deadlock, timeout", test_deadlock_timeout },
    CU_TEST_INFO_NULL,
  };
  CU_SuiteInfo suites[] = { { "seed", NULL, NULL, NULL, NULL, tests }, CU_SUITE_INFO_NULL };
  guint failures;

  g_assert (argc == 2);
  folder = argv[1];
  CU_initialize_registry ();
  CU_register_suites (suites);
  CU_basic_run_tests ();
  failures = CU_get_number_of_failures ();
  CU_cleanup_registry ();
  return failures > 0;
}

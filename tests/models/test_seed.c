/* The seed document's programs print what the document says they print: line for line where its order
 * is forced, and where it is not, by a schedule that leads to exactly the document's lines. Most of
 * these were worked out by hand, and each says how; the others are looked for.
 *
 * The texts are the document's to the letter. What no two runs of the document's own programs have
 * in common is the model's: process numbers count from 1, greenlets have names for addresses, ctime()
 * is the model's clock, and "耗时1.01", how long a job took, is left out.
 *
 *   test_seed FOLDER     the folder of the models */
#include "sim/model.h"
#include "sim/run.h"
#include "sim/trace.h"
#include "tests/unit/suite.h"
#include <string.h>

static const gchar *folder;

static void
collect (const gchar *text, gsize length, gpointer data)
{
  g_string_append_len (data, text, (gssize)length);
}

/* A model and its params: "pool", "pool jobs=10". */
static MtProgram *
load (const gchar *name)
{
  g_auto (GStrv) words = g_strsplit (name, " ", 2);
  g_auto (GStrv) param = g_strsplit (words[1] ? words[1] : "", "=", 2);
  g_autofree gchar *path = g_strconcat (folder, "/", words[0], ".yaml", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  const MtOverride override = { param[0], param[0] ? param[1] : NULL };
  const MtCompileOptions compile = { MT_TIME_VIRTUAL, TRUE, &override, words[1] ? 1 : 0 };
  MtProgram *program = model ? mt_compile (model, &compile, &error) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (program);
  return program;
}

/* Runs a model by a schedule, or, without one, at random with @seed. What it printed is appended to
 * @output, the outcome, "g_num=2", to @outcome. Returns the verdict's name, as expect: has it. */
static const gchar *
run (const gchar *name, const gchar *schedule, guint64 seed, GString *output, GString *outcome)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtProgram) program = load (name);
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

/* Looking for a schedule that prints exactly @rest, and ends, or stands, after it. Depth first; what
 * prints anything else is left at once, and a state that has been left with as much still to print is
 * not entered again. */
typedef struct
{
  const MtProgram *program;
  GHashTable *left; /* GBytes: a state and where @rest began */
  gboolean ends;
} Search;

static gboolean
leads_to (Search *search, const MtWord *s, const gchar *rest)
{
  const MtProgram *p = search->program;
  const gsize size = sizeof (MtWord) * p->n_words;
  g_autofree gchar *key = g_malloc (size + sizeof rest);
  memcpy (key, s, size);
  memcpy (key + size, &rest, sizeof rest);
  if (!g_hash_table_add (search->left, g_bytes_new (key, size + sizeof rest)))
    return FALSE;
  g_autofree MtChoice *choices = g_new (MtChoice, p->max_choices);
  g_autofree MtWord *next = g_new (MtWord, p->n_words);
  guint n = mt_choices (p, s, choices);
  gboolean found = n == 0 && !*rest && mt_ended (p, s) == search->ends;
  for (guint i = 0; i < n && !found; i++)
    {
      MtStep step;
      mt_step_init (&step);
      memcpy (next, s, size);
      mt_step (p, next, choices[i], &step);
      found = g_str_has_prefix (rest, step.output->str) && leads_to (search, next, rest + step.output->len);
      mt_step_clear (&step);
    }
  return found;
}

/* Whether some schedule prints exactly @text, and @ends. */
static gboolean
can_print (const gchar *name, gboolean ends, const gchar *text)
{
  g_autoptr (MtProgram) program = load (name);
  g_autoptr (GHashTable) left = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  Search search = { program, left, ends };
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  mt_state_init (program, s, NULL);
  return leads_to (&search, s, text);
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

/* 二.5, 上锁解锁过程: unlocked, locked by each in turn, unlocked. */
static void
test_lock_states (void)
{
  CU_ASSERT (can_print ("lock_states", TRUE, "locked False\nlocked True by t1\nlocked True by t2\nlocked False\n"));
  CU_ASSERT (can_print ("lock_states", TRUE, "locked False\nlocked True by t2\nlocked True by t1\nlocked False\n"));
  CU_ASSERT_FALSE (can_print ("lock_states", TRUE, "locked False\nlocked True by t1\nlocked True by t1\nlocked False\n"));
}

/* 二.6, 避免死锁, 银行家算法: never both first lines before a second one. */
static void
test_deadlock_bankers (void)
{
  const gchar *t1 = "Thread-1----do1---up----\nThread-1----do1---down----\n", *t2 = "Thread-2----do2---up----\nThread-2----do2---down----\n";
  g_autofree gchar *first = g_strconcat (t1, t2, NULL), *second = g_strconcat (t2, t1, NULL);
  for (guint64 seed = 1; seed <= 50; seed++)
    {
      g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
      CU_ASSERT_STRING_EQUAL (run ("deadlock_bankers", NULL, seed, output, outcome), "pass");
      CU_ASSERT (g_str_equal (output->str, first) || g_str_equal (output->str, second));
    }
  CU_ASSERT (can_print ("deadlock_bankers", TRUE, first));
  CU_ASSERT (can_print ("deadlock_bankers", TRUE, second));
}

/* 二.6, 案例:多任务版udp聊天器 has no listing but its format, ">>>%s:%s": three lines from the keyboard, in
 * their order; where one may be lost, the other two, and then nothing more. */
static void
test_udp_chat (void)
{
  assert_prints ("udp_chat", NULL, "pass", ">>>a:hello\n>>>a:how are you\n>>>a:bye\n");
  CU_ASSERT (can_print ("udp_chat_loss", TRUE, ">>>a:hello\n>>>a:how are you\n>>>a:bye\n"));
  CU_ASSERT (can_print ("udp_chat_loss", FALSE, ">>>a:hello\n>>>a:bye\n"));
  CU_ASSERT (can_print ("udp_chat_loss", FALSE, ""));
  CU_ASSERT_FALSE (can_print ("udp_chat_loss", FALSE, ">>>a:hello\n>>>a:how are you\n>>>a:bye\n"));
  CU_ASSERT_FALSE (can_print ("udp_chat_loss", FALSE, ">>>a:bye\n>>>a:hello\n"));
}

/* 三.1 has a picture. worker never waits; sleeper and reader do, and sleeper longest: time passes only
 * when nobody can move. */
static void
test_process_states (void)
{
  assert_prints ("process_states", NULL, "pass", "worker runs\nworker runs\nworker runs\nreader got 1\nsleeper has slept\n");
}

/* 三.2.2, 运行结果: five times its two lines. The sixth time is due at 1 s, when main ends it: it can be
 * too late, as in the document, in time, or cut between its lines. A seventh cannot be. */
#define RUN_PROC "子进程运行中，name= test,age=18 ,pid=2...\n"
#define RUN_PROC_TWICE RUN_PROC "{'m': 20}\n" RUN_PROC "{'m': 20}\n"

static void
test_process_terminate (void)
{
  const gchar *five = RUN_PROC_TWICE RUN_PROC_TWICE RUN_PROC "{'m': 20}\n";
  g_autofree gchar *cut = g_strconcat (five, RUN_PROC, NULL), *six = g_strconcat (cut, "{'m': 20}\n", NULL), *seven = g_strconcat (six, RUN_PROC "{'m': 20}\n", NULL);
  CU_ASSERT (can_print ("process_terminate", TRUE, five));
  CU_ASSERT (can_print ("process_terminate", TRUE, cut));
  CU_ASSERT (can_print ("process_terminate", TRUE, six));
  CU_ASSERT_FALSE (can_print ("process_terminate", TRUE, seven));
}

/* 三.2.3, 运行结果. */
static void
test_process_globals (void)
{
  assert_prints ("process_globals", NULL, "pass",
                 "in process1 pid=2 ,nums=[11, 22]\n"
                 "in process1 pid=2 ,nums=[11, 22, 0]\n"
                 "in process1 pid=2 ,nums=[11, 22, 0, 1]\n"
                 "in process1 pid=2 ,nums=[11, 22, 0, 1, 2]\n"
                 "in process2 pid=3 ,nums=[11, 22]\n");
}

/* 三.2.4.1, 运行结果. */
static void
test_queue_three (void)
{
  assert_prints ("queue_three", NULL, "pass",
                 "False\n"
                 "True\n"
                 "消息列队已满，现有消息数量:3\n"
                 "消息列队已满，现有消息数量:3\n"
                 "消息1\n"
                 "消息2\n"
                 "消息3\n");
}

/* 三.2.4.2 has an animation; main waits for each of the two, so there is one order. */
static void
test_queue_processes (void)
{
  assert_prints ("queue_processes", NULL, "pass",
                 "Put A to queue...\n"
                 "Put B to queue...\n"
                 "Put C to queue...\n"
                 "Get A from queue.\n"
                 "Get B from queue.\n"
                 "Get C from queue.\n"
                 "\n"
                 "所有数据都写入并且读完\n");
}

/* Without that wait the reader may come too early, and with a last item it can't. */
static void
test_queue_repair (void)
{
  guint early = 0;
  for (guint64 seed = 1; seed <= 50; seed++)
    {
      g_autoptr (GString) output = g_string_new (NULL), polled = g_string_new (NULL), waited = g_string_new (NULL);
      early += g_str_equal (run ("queue_polling", NULL, seed, output, polled), "finally");
      CU_ASSERT_STRING_EQUAL (run ("queue_sentinel", NULL, seed, output, waited), "pass");
      CU_ASSERT_STRING_EQUAL (waited->str, "n=3");
    }
  CU_ASSERT (early > 0);
}

/* 三.2.5, 运行结果: the document's lines; its processes 21466, 21467 and 21468 are 2, 3 and 4 here. */
static void
test_pool (void)
{
  CU_ASSERT (can_print ("pool jobs=10", TRUE,
                        "----start----\n"
                        "0开始执行,进程号为2\n"
                        "1开始执行,进程号为4\n"
                        "2开始执行,进程号为3\n"
                        "0 执行完毕\n"
                        "3开始执行,进程号为2\n"
                        "2 执行完毕\n"
                        "4开始执行,进程号为3\n"
                        "3 执行完毕\n"
                        "5开始执行,进程号为2\n"
                        "1 执行完毕\n"
                        "6开始执行,进程号为4\n"
                        "4 执行完毕\n"
                        "7开始执行,进程号为3\n"
                        "5 执行完毕\n"
                        "8开始执行,进程号为2\n"
                        "6 执行完毕\n"
                        "9开始执行,进程号为4\n"
                        "7 执行完毕\n"
                        "8 执行完毕\n"
                        "9 执行完毕\n"
                        "-----end-----\n"));
  /* a fourth job never starts while three are at work */
  CU_ASSERT_FALSE (can_print ("pool jobs=4", TRUE,
                              "----start----\n0开始执行,进程号为2\n1开始执行,进程号为3\n2开始执行,进程号为4\n3开始执行,进程号为2\n"
                              "0 执行完毕\n1 执行完毕\n2 执行完毕\n3 执行完毕\n-----end-----\n"));
}

/* 三.2.5, 进程池中的Queue, 运行结果: main is 1, the writer's worker 2, the reader's 3. */
#define ITCAST_BEGIN "(1) start\nwriter启动(2),父进程为(1)\nreader启动(3),父进程为(1)\n"
#define ITCAST_END                                                                                                     \
  "reader从Queue获取到消息：i\nreader从Queue获取到消息：t\nreader从Queue获取到消息：c\n"                               \
  "reader从Queue获取到消息：a\nreader从Queue获取到消息：s\nreader从Queue获取到消息：t\n(1) End\n"

static void
test_pool_queue (void)
{
  CU_ASSERT (can_print ("pool_queue", TRUE, ITCAST_BEGIN ITCAST_END));
  CU_ASSERT (can_print ("pool_queue_counted", TRUE, ITCAST_BEGIN ITCAST_END));
}

/* With a plain queue both jobs end with the error that the document quotes; the pool swallows both. */
static void
test_pool_queue_plain (void)
{
  g_autoptr (MtProgram) program = load ("pool_queue_plain");
  const MtSchedOptions options = { .seed = 1 };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("random"), program, &options);
  const MtRunOptions run_options = { 0 };
  MtRunResult result;
  mt_run (program, sched, &run_options, &result);
  CU_ASSERT (result.ended);
  CU_ASSERT_EQUAL (result.swallowed, 2);
  CU_ASSERT_PTR_NOT_NULL (strstr (result.first_swallowed, "a job of pool 'po' ended with an error that Pool swallows: "
                                                          "RuntimeError: Queue objects should only be shared between processes through inheritance"));
  mt_run_result_clear (&result);
}

/* 三.2.6 has no listing but its format, "%.2f...(%s)": three files in any order, a third done with each.
 * An empty folder and a file that can't be read: main waits for ever; repaired, it does not. */
static void
test_copier (void)
{
  CU_ASSERT (can_print ("copier", TRUE, "33%...(0)\n66%...(1)\n100%...(2)\n"));
  CU_ASSERT (can_print ("copier", TRUE, "33%...(2)\n66%...(0)\n100%...(1)\n"));
  assert_prints ("copier files=0", NULL, "pass", "");
  assert_prints ("copier_empty", NULL, "deadlock", "");
  CU_ASSERT (can_print ("copier_failure", TRUE, "50%...(0)\n100%...(1)\n"));
  CU_ASSERT (can_print ("copier_failure", FALSE, "50%...(1)\n"));
  CU_ASSERT (can_print ("copier_failure", FALSE, ""));
  CU_ASSERT (can_print ("copier_repaired", TRUE, "50%...(0 False)\n100%...(1 True)\n"));
  CU_ASSERT_FALSE (can_print ("copier_repaired", FALSE, "50%...(0 True)\n"));
  CU_ASSERT_FALSE (can_print ("copier_repaired", FALSE, ""));
  assert_prints ("copier_repaired files=0", NULL, "pass", "");
}

/* 四.1.3, 运行结果: the twelve lines before 省略. */
static void
test_coroutine_yield (void)
{
#define TWO "----work1---\n----work2---\n"
  assert_prints ("coroutine_yield", NULL, "pass", TWO TWO TWO TWO TWO TWO);
#undef TWO
}

/* 四.2, 运行效果: the eight lines before 省略. */
static void
test_coroutine_switch (void)
{
  assert_prints ("coroutine_switch", NULL, "pass", "---A--\n---B--\n---A--\n---B--\n---A--\n---B--\n---A--\n---B--\n");
}

/* 四.1: what threads lose, coroutines don't. */
static void
test_coroutine_safe (void)
{
  g_autoptr (GString) output = g_string_new (NULL), outcome = g_string_new (NULL);
  CU_ASSERT_STRING_EQUAL (run ("coroutine_safe", NULL, 1, output, outcome), "pass");
  CU_ASSERT_STRING_EQUAL (outcome->str, "g_num=200");
}

/* 四.3.2.1 and 四.3.2.2, 运行结果: three greenlets of five rounds, one after the other, and in turn. */
static void
test_gevent (void)
{
  assert_prints ("gevent_spawn", NULL, "pass",
                 "g1 0\ng1 1\ng1 2\ng1 3\ng1 4\n"
                 "g2 0\ng2 1\ng2 2\ng2 3\ng2 4\n"
                 "g3 0\ng3 1\ng3 2\ng3 3\ng3 4\n");
  const gchar *in_turn = "g1 0\ng2 0\ng3 0\n"
                         "g1 1\ng2 1\ng3 1\n"
                         "g1 2\ng2 2\ng3 2\n"
                         "g1 3\ng2 3\ng3 3\n"
                         "g1 4\ng2 4\ng3 4\n";
  assert_prints ("gevent_sleep n=5", NULL, "pass", in_turn);
}

/* 四.3.2.3, 运行结果: unpatched, one after the other, however long each sleeps; patched, the document's order. */
static void
test_gevent_patch (void)
{
  assert_prints ("gevent_unpatched n=10", NULL, "pass",
                 "work1 0\nwork1 1\nwork1 2\nwork1 3\nwork1 4\nwork1 5\nwork1 6\nwork1 7\nwork1 8\nwork1 9\n"
                 "work2 0\nwork2 1\nwork2 2\nwork2 3\nwork2 4\nwork2 5\nwork2 6\nwork2 7\nwork2 8\nwork2 9\n");
  CU_ASSERT (can_print ("gevent_patched n=10", TRUE,
                        "work1 0\nwork2 0\nwork1 1\nwork1 2\nwork1 3\nwork2 1\nwork1 4\nwork2 2\nwork1 5\nwork2 3\n"
                        "work1 6\nwork1 7\nwork1 8\nwork2 4\nwork2 5\nwork1 9\nwork2 6\nwork2 7\nwork2 8\nwork2 9\n"));
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
    { "deadlock, banker", test_deadlock_bankers },
    { "lock states", test_lock_states },
    { "udp chat", test_udp_chat },
    { "process states", test_process_states },
    { "process terminate", test_process_terminate },
    { "process globals", test_process_globals },
    { "queue three", test_queue_three },
    { "queue, processes", test_queue_processes },
    { "queue, repair", test_queue_repair },
    { "pool", test_pool },
    { "pool, queue", test_pool_queue },
    { "pool, plain queue", test_pool_queue_plain },
    { "copier", test_copier },
    { "coroutine yield", test_coroutine_yield },
    { "coroutine switch", test_coroutine_switch },
    { "coroutine safe", test_coroutine_safe },
    { "gevent", test_gevent },
    { "gevent, patch", test_gevent_patch },
    CU_TEST_INFO_NULL,
  };
  g_assert (argc == 2);
  folder = argv[1];
  return suite_main ("seed", tests);
}

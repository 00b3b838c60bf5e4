/* Tests of real/: what steps need, free runs and what becomes of them, and the gate. Numbers and texts are worked out by hand
 * from the models. How long anything takes is up to the machine: a test waits for what it needs, and none asks how soon. */
#include "real/gate.h"
#include "real/run.h"
#include "sim/rng.h"
#include "walk.h"
#include <signal.h>
#include <sys/wait.h>

static const gchar race[] = "globals: {x: 0}\n"
                            "observe: [x]\n"
                            "threads:\n"
                            "  t: {count: 2, steps: [{repeat: 3, do: [x += 1]}]}\n";

/* Plans. */

/* How many steps there are of each need; a group's tasks share their code, so it counts once. */
static void
count_needs (const MtProgram *p, const MtRealPlan *plan, guint n[MT_NEEDS_WORLD + 1])
{
  memset (n, 0, sizeof (guint) * (MT_NEEDS_WORLD + 1));
  for (guint c = 0; c < p->n_classes; c++)
    for (guint pc = p->classes[c].entry; pc < p->classes[c].end; pc++)
      if (p->code[pc].flags & MT_STEP)
        n[plan->needs[pc]]++;
}

static void
test_needs (void)
{
  static const struct
  {
    const gchar *model;
    guint needs[MT_NEEDS_WORLD + 1];
    gboolean whole;
  } rows[] = {
    /* a read, a write */
    { "globals: {g: 0}\nthreads:\n  a: [x = g, g = x + 1]\n", { 2, 0, 0, 0 }, FALSE },
    /* the read and the write of g, between lock and unlock */
    { "globals: {g: 0}\nlocks: [m]\nthreads:\n  a: [{lock: m}, g += 1, {unlock: m}]\n", { 2, 2, 0, 0 }, FALSE },
    { "semaphores: [s]\nthreads:\n  a: [{acquire: s}]\n  b: [{release: s}]\n", { 0, 2, 0, 0 }, FALSE },
    /* no queue of the system's is a queue of the model's */
    { "queues: [q]\nthreads:\n  a: [{put: 1, to: q}]\n  b: [{get: q}]\n", { 0, 0, 2, 0 }, FALSE },
    /* the atomic step, and b's write, which it must not see half done; z is nobody else's */
    { "globals: {x: 0, y: 0, z: 0}\nthreads:\n  a: [{atomic: [x = 1, y = 1]}]\n  b: [x = 2]\n  c: [z = 1]\n", { 1, 0, 0, 2 }, FALSE },
    /* lock, go to sleep, wake, unlock; lock, notify, unlock */
    { "locks: [m]\nconditions: {c: {lock: m}}\nthreads:\n  a: [{lock: m}, {wait: c}, {unlock: m}]\n  b: [{lock: m}, {notify: c}, {unlock: m}]\n", { 0, 7, 0, 0 }, FALSE },
    /* the same with a lock that the system's condition would let go only once */
    { "locks: {m: {reentrant: true}}\nconditions: {c: {lock: m}}\nthreads:\n  a: [{lock: m}, {wait: c}, {unlock: m}]\n  b: [{lock: m}, {notify: c}, {unlock: m}]\n", { 0, 0, 0, 7 }, FALSE },
    /* start and join look at where a task is; the process's own write is its own */
    { "globals: {g: 0}\nprocesses:\n  p: [g = 1]\n  q: [g = 2]\nthreads:\n  t: [{start: q}, {join: q}]\n", { 2, 0, 0, 2 }, FALSE },
    /* a recursive mutex */
    { "locks: {r: {reentrant: true}}\nthreads:\n  a: [{lock: r}, {unlock: r}]\n", { 0, 2, 0, 0 }, FALSE },
    /* to arrive, to leave; with a timeout, which the system's barrier does not have, both are a monitor's */
    { "barriers: {b: {parties: 1}}\nthreads:\n  a: [{wait: b}]\n", { 0, 1, 1, 0 }, FALSE },
    { "barriers: {b: {parties: 1}}\nthreads:\n  a: [{wait: b, timeout: 1}]\n", { 0, 0, 2, 0 }, FALSE },
    /* of two in an array one is waited for so: all are alike */
    { "barriers: {b: {parties: 1, size: 2}}\nthreads:\n  a: [{wait: 'b[0]', timeout: 1}]\n  c: [{wait: 'b[1]'}]\n", { 0, 0, 4, 0 }, FALSE },
    /* the await looks at g until it changes */
    { "globals: {g: 0, z: 0}\nthreads:\n  a: [{await: g == 1}]\n  b: [g = 1]\n  c: [z = 1]\n", { 1, 0, 0, 2 }, FALSE },
    /* a daemon's last step and the model's end are told apart; coroutines take turns */
    { "globals: {g: 0}\nthreads:\n  a: [g = 1]\n  d: {daemon: true, steps: [g = 2]}\n", { 0, 0, 0, 2 }, TRUE },
    { "globals: {g: 0}\ncoroutines:\n  a: [yield]\nthreads:\n  t: [g = 1]\n", { 0, 0, 0, 3 }, TRUE }, /* begin, yield; t */
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (MtProgram) program = walk_compile (rows[i].model, MT_TIME_VIRTUAL);
      g_autoptr (MtRealPlan) plan = mt_real_plan_new (program);
      guint n[MT_NEEDS_WORLD + 1];
      count_needs (program, plan, n);
      CU_ASSERT_EQUAL (plan->whole, rows[i].whole);
      if (memcmp (n, rows[i].needs, sizeof n) != 0)
        {
          g_printerr ("\n%s\nnothing %u, system %u, monitor %u, world %u\n", rows[i].model, n[0], n[1], n[2], n[3]);
          CU_FAIL ("needs");
        }
    }
}

/* Of all words those of y, and no others. */
static void
test_relaxed (void)
{
  g_autoptr (MtProgram) program = walk_compile ("globals: {x: 0, y: {value: 0, relaxed: true}}\nthreads:\n  a: [x = 1, y = 1]\n", MT_TIME_VIRTUAL);
  g_autoptr (MtRealPlan) plan = mt_real_plan_new (program);
  for (guint i = 0; i < program->n_vars; i++)
    CU_ASSERT_EQUAL (plan->relaxed[program->vars[i].address], g_str_equal (program->vars[i].name, "y"));
  guint n = 0;
  for (guint i = 0; i < program->n_words; i++)
    n += plan->relaxed[i];
  CU_ASSERT_EQUAL (n, 1);
}

/* Free runs. */

typedef struct
{
  MtProgram *program;
  MtReal *real;
  MtRunResult result; /* of the last run */
  MtRealFacts facts;
} Free;

static void
free_begin (Free *f, const gchar *model, gdouble deadline)
{
  g_autoptr (GError) error = NULL;
  const MtRealOptions options = { .time_scale = 1, .deadline = deadline };
  *f = (Free){ .program = walk_compile (model, MT_TIME_VIRTUAL) };
  CU_ASSERT_PTR_NOT_NULL_FATAL (f->program);
  f->real = mt_real_new (f->program, &options, &error);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f->real);
}

static void
free_run_seeded (Free *f, guint64 seed)
{
  if (f->result.state)
    mt_run_result_clear (&f->result);
  mt_real_run (f->real, seed, &f->result, &f->facts);
}

static void
free_run (Free *f)
{
  free_run_seeded (f, 1);
}

static void
free_end (Free *f)
{
  mt_run_result_clear (&f->result);
  mt_real_free (f->real);
  mt_program_unref (f->program);
}

static void
assert_output (const Free *f, const gchar *expected)
{
  g_autofree gchar *text = g_strndup (f->facts.output, f->facts.n_output);
  CU_ASSERT_EQUAL (f->facts.end, MT_REAL_DONE);
  CU_ASSERT_TRUE (f->result.ended);
  CU_ASSERT_STRING_EQUAL (text, expected);
}

/* Two add 3 times each. All are kept at best; at worst each keeps its last one only, on a stale 1: 2. */
static void
assert_raced (const Free *f)
{
  static const gchar *const allowed[] = { "x=2 ended", "x=3 ended", "x=4 ended", "x=5 ended", "x=6 ended", NULL };
  g_autofree gchar *outcome = walk_outcome (f->program, f->result.state);
  CU_ASSERT_EQUAL (f->facts.end, MT_REAL_DONE);
  CU_ASSERT_TRUE (f->result.ended);
  CU_ASSERT_TRUE (g_strv_contains (allowed, outcome));
}

static void
test_race (void)
{
  Free f;
  free_begin (&f, race, 60);
  for (guint i = 0; i < 50; i++)
    {
      free_run (&f);
      assert_raced (&f);
      CU_ASSERT_PTR_NULL (mt_run_verdict (f.program, &f.result));
    }
  free_end (&f);
}

/* Each has its lock before the barrier lets them go for the other's. */
static void
test_deadlock (void)
{
  Free f;
  MtBlock block;
  free_begin (&f,
              "locks: [m, n]\n"
              "barriers: {both: {parties: 2}}\n"
              "threads:\n"
              "  a: [{lock: m}, {wait: both}, {lock: n}]\n"
              "  b: [{lock: n}, {wait: both}, {lock: m}]\n",
              60);
  for (guint i = 0; i < 5; i++)
    {
      free_run (&f);
      CU_ASSERT_EQUAL (f.facts.end, MT_REAL_DONE);
      CU_ASSERT_FALSE (f.result.ended);
      const MtViolation *verdict = mt_run_verdict (f.program, &f.result);
      CU_ASSERT_PTR_NOT_NULL_FATAL (verdict);
      CU_ASSERT_EQUAL (verdict->kind, MT_FAIL_DEADLOCK);
      CU_ASSERT_PTR_NOT_NULL_FATAL (verdict->cycle);
      CU_ASSERT_EQUAL (verdict->cycle->len, 2);
      for (guint t = 0; t < 2; t++)
        {
          CU_ASSERT_TRUE (mt_why_blocked (f.program, f.result.state, t, &block));
          CU_ASSERT_EQUAL (block.kind, MT_BLOCK_OBJECT);
          CU_ASSERT_STRING_EQUAL (f.program->objects[block.object].name, t == 0 ? "n" : "m");
          CU_ASSERT_EQUAL (block.holder, 1 - (gint)t);
        }
    }
  free_end (&f);
}

/* It loops for ever where it draws 1, so about half of the seeds are late, and runs after a late one end. */
static void
test_late (void)
{
  Free f;
  guint late = 0, after_late = 0;
  free_begin (&f, "globals: {x: 0}\nobserve: [x]\nthreads:\n  a: ['x = random(0, 1)', {while: x == 1, do: [pass]}]\n", 0.2);
  for (guint64 seed = 1; seed <= 10; seed++)
    {
      free_run_seeded (&f, seed);
      g_autofree gchar *outcome = walk_outcome (f.program, f.result.state);
      if (f.facts.end == MT_REAL_LATE)
        {
          late++;
          CU_ASSERT_TRUE (f.result.cut);
          CU_ASSERT_FALSE (f.result.ended);
          CU_ASSERT_EQUAL (f.real->child, 0);
          continue;
        }
      after_late += late > 0;
      CU_ASSERT_EQUAL (f.facts.end, MT_REAL_DONE);
      CU_ASSERT_STRING_EQUAL (outcome, "x=0 ended");
    }
  CU_ASSERT_TRUE (late > 0);
  CU_ASSERT_TRUE (after_late > 0);
  free_end (&f);
}

/* Crashes. */

typedef struct
{
  MtReal *real;
  gint signal;
  gboolean deep; /* at a process of the model's */
  gint over; /* the run */
} Shot;

/* 0 would be the test's own process group. */
static void
send_signal (pid_t child, gint number)
{
  if (child > 0)
    kill (child, number);
}

/* Some process whose parent is @parent; 0: none is. */
static pid_t
child_of (pid_t parent)
{
  g_autoptr (GDir) all = g_dir_open ("/proc", 0, NULL);
  for (const gchar *name; (name = g_dir_read_name (all));)
    {
      g_autofree gchar *path = g_build_filename ("/proc", name, "stat", NULL), *text = NULL;
      if (!g_ascii_isdigit (name[0]) || !g_file_get_contents (path, &text, NULL, NULL))
        continue;
      gint its_parent = 0;
      const gchar *after_name = strrchr (text, ')'); /* "12 (name) S 11 ..." */
      if (after_name && sscanf (after_name, ") %*c %d", &its_parent) == 1 && its_parent == parent)
        return (pid_t)g_ascii_strtoll (name, NULL, 10);
    }
  return 0;
}

/* Into the child, or the model's own process, once the run has begun. */
static gpointer
shoot (gpointer data)
{
  const Shot *shot = data;
  pid_t target = 0;
  while (!__atomic_load_n (&shot->real->shared->gun, __ATOMIC_ACQUIRE))
    g_usleep (500);
  do
    {
      const pid_t child = __atomic_load_n (&shot->real->child, __ATOMIC_ACQUIRE);
      target = shot->deep ? child_of (child) : child;
    }
  while (!target && !__atomic_load_n (&shot->over, __ATOMIC_ACQUIRE));
  CU_ASSERT_NOT_EQUAL (target, 0);
  send_signal (target, shot->signal);
  return NULL;
}

/* A run that lasts long enough to be shot at: the child, or a process of the model's, which ends the run as the child itself does,
 * even where it is killed and can't tell. The next run is left in peace. */
static void
test_crash (void)
{
  static const gint signals[] = { SIGSEGV, SIGABRT, SIGKILL };
  static const gchar *const models[] = { "threads:\n  a: [{sleep: 1}, {print: woken}]\n", "threads:\n  a: [pass]\nprocesses:\n  p: [{sleep: 1}, {print: woken}]\n" };
  for (guint i = 0; i < G_N_ELEMENTS (signals) * G_N_ELEMENTS (models); i++)
    {
      const gint number = signals[i / G_N_ELEMENTS (models)];
      const gboolean deep = i % G_N_ELEMENTS (models);
      Free f;
      free_begin (&f, models[deep], 60);
      Shot shot = { f.real, number, deep, 0 };
      GThread *thread = g_thread_new ("shoot", shoot, &shot);
      free_run (&f);
      __atomic_store_n (&shot.over, 1, __ATOMIC_RELEASE);
      g_thread_join (thread);
      CU_ASSERT_EQUAL (f.facts.end, MT_REAL_CRASHED);
      CU_ASSERT_EQUAL (f.facts.signal, number);
      CU_ASSERT_TRUE (f.result.cut);
      free_run (&f);
      assert_output (&f, "woken\n");
      free_end (&f);
    }
}

static void
wait_until_dead (pid_t child)
{
  siginfo_t info;
  CU_ASSERT_EQUAL (waitid (P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
}

/* The child, idle after a run. Where it was slow to say that the run was over, it was ended: then after another run. */
static pid_t
idle_child (Free *f)
{
  do
    {
      free_run (f);
      assert_raced (f);
    }
  while (!f->real->child);
  return f->real->child;
}

/* A child that dies between two runs has spoilt none. */
static void
test_dies_idle (void)
{
  static const gint signals[] = { SIGSEGV, SIGKILL };
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      Free f;
      free_begin (&f, race, 60);
      const pid_t child = idle_child (&f);
      send_signal (child, signals[i]);
      wait_until_dead (child);
      free_run (&f);
      assert_raced (&f);
      free_end (&f);
    }
}

/* One that is just dying when the next run begins may end that one, but it then says so. */
static void
test_dies_beginning (void)
{
  Free f;
  free_begin (&f, race, 60);
  for (guint i = 0; i < 20; i++)
    {
      send_signal (idle_child (&f), SIGSEGV);
      free_run (&f);
      if (f.facts.end != MT_REAL_CRASHED)
        assert_raced (&f);
      else
        CU_ASSERT_EQUAL (f.facts.signal, SIGSEGV);
    }
  free_end (&f);
}

/* Coroutines, sockets. */

static void
test_coroutines (void)
{
  Free f;
  free_begin (&f,
              "coroutines:\n"
              "  a: [{repeat: 3, do: [{print: A}, yield]}]\n"
              "  b: [{repeat: 3, do: [{print: B}, yield]}]\n",
              60);
  for (guint i = 0; i < 20; i++)
    {
      free_run (&f);
      assert_output (&f, "A\nB\nA\nB\nA\nB\n");
    }
  free_end (&f);
}

static void
test_datagram (void)
{
  Free f;
  free_begin (&f,
              "sockets: [a, b]\n"
              "threads:\n"
              "  s: [{send: \"'hi'\", from: a, to: b}]\n"
              "  r: [{recv: b, into: [item, sender]}, {print: '{item} from {sender}'}]\n",
              60);
  for (guint i = 0; i < 20; i++)
    {
      free_run (&f);
      assert_output (&f, "hi from a\n");
    }
  free_end (&f);
}

static void
test_recv_gives_up (void)
{
  Free f;
  free_begin (&f, "sockets: [b]\nthreads:\n  r: [{recv: b, into: x, timeout: 0.02, else: [{print: nothing}]}]\n", 60);
  for (guint i = 0; i < 5; i++)
    {
      free_run (&f);
      assert_output (&f, "nothing\n");
    }
  free_end (&f);
}

static void
test_recv_from_nobody (void)
{
  Free f;
  free_begin (&f, "sockets: [b]\nthreads:\n  r: [{recv: b, into: x}]\n", 60);
  free_run (&f);
  CU_ASSERT_EQUAL (f.facts.end, MT_REAL_DONE);
  const MtViolation *verdict = mt_run_verdict (f.program, &f.result);
  CU_ASSERT_PTR_NOT_NULL_FATAL (verdict);
  CU_ASSERT_EQUAL (verdict->kind, MT_FAIL_DEADLOCK);
  free_end (&f);
}

/* The gate. */

/* Random runs, each step twice: by mt_step(), and through the gate. */
static void
test_gate (void)
{
  static const gchar model[] = "globals: {g: 0}\n"
                               "locks: [m]\n"
                               "queues: [q]\n"
                               "threads:\n"
                               "  a: {count: 2, steps: [{lock: m}, g += 1, {unlock: m}, {put: g, to: q}]}\n"
                               "  b: [{get: q, into: x}, {sleep: 1}, {print: '{x}'}, {assert: x == 1}]\n"
                               "coroutines:\n"
                               "  c: [{print: C}, yield, g += 1]\n"
                               "  d: [{print: D}]\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (MtProgram) program = walk_compile (model, MT_TIME_VIRTUAL);
  g_autoptr (MtGate) gate = mt_gate_new (program, &error);
  CU_ASSERT_PTR_NOT_NULL_FATAL (gate);
  g_autofree MtWord *s = g_new0 (MtWord, program->n_words), *gated = g_new0 (MtWord, program->n_words);
  g_autofree MtChoice *choices = g_new0 (MtChoice, program->max_choices);
  MtRng rng;
  MtStep rec, gated_rec;
  mt_step_init (&rec);
  mt_step_init (&gated_rec);
  mt_rng_seed (&rng, 1);
  for (guint i = 0; i < 50; i++)
    {
      guint n;
      mt_state_init (program, s, NULL);
      mt_state_init (program, gated, NULL);
      while ((n = mt_choices (program, s, choices)))
        {
          const MtChoice choice = choices[mt_rng_below (&rng, n)];
          const MtOutcome outcome = mt_step (program, s, choice, &rec);
          CU_ASSERT_EQUAL (mt_gate_step (program, gated, choice, &gated_rec, gate), outcome);
          CU_ASSERT_EQUAL (memcmp (s, gated, sizeof (MtWord) * program->n_words), 0);
          CU_ASSERT_EQUAL (gated_rec.pc, rec.pc);
          CU_ASSERT_STRING_EQUAL (gated_rec.output->str, rec.output->str);
          CU_ASSERT_STRING_EQUAL (gated_rec.fault->str, rec.fault->str);
        }
      CU_ASSERT_TRUE (mt_ended (program, s));
    }
  mt_step_clear (&rec);
  mt_step_clear (&gated_rec);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "what steps need", test_needs },
    { "relaxed words", test_relaxed },
    { "race", test_race },
    { "deadlock", test_deadlock },
    { "late", test_late },
    { "crash", test_crash },
    { "a child that dies between runs", test_dies_idle },
    { "a child that dies as a run begins", test_dies_beginning },
    { "coroutines", test_coroutines },
    { "datagram", test_datagram },
    { "recv gives up", test_recv_gives_up },
    { "recv from nobody", test_recv_from_nobody },
    { "gate", test_gate },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("real", tests);
}

/* See run.h. */
#include "real/run.h"
#include "real/task.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_EVERY 2000000 /* nanoseconds between two looks at a run that is not over */
#define QUIET_LOOKS 3 /* in a row without a move before a standstill is believed */

/* In the child. */

static MtShared *endangered; /* for the handler, which is given nothing else */

/* The parent is told before the process ends. It is not told that the run is over: between two runs, that would be taken for the
 * end of the next one. */
static void
tell_crash (gint number)
{
  __atomic_store_n (&endangered->crash, number, __ATOMIC_SEQ_CST);
  signal (number, SIG_DFL);
  raise (number);
}

/* The model's others. One that was killed could not tell. */
static void
wait_for_processes (MtShared *shared)
{
  pid_t ended;
  gint status;
  while ((ended = waitpid (-1, &status, 0)) > 0 || errno == EINTR)
    if (ended > 0 && WIFSIGNALED (status))
      __atomic_store_n (&shared->crash, WTERMSIG (status), __ATOMIC_SEQ_CST);
}

static void
make_run (MtReal *real)
{
  MtShared *shared = real->shared;
  MtCrew *crew = mt_crew_new (real, 0);
  for (guint t = 0; t < real->program->n_tasks; t++)
    if (real->s[real->program->tasks[t].base] >= MT_N_RESTS)
      mt_crew_start (crew, t);
  pthread_mutex_lock (&shared->world.mutex);
  shared->started = shared->finished = mt_nanoseconds ();
  pthread_mutex_unlock (&shared->world.mutex);
  __atomic_store_n (&shared->gun, 1, __ATOMIC_RELEASE);
  mt_crew_join (crew);
  mt_crew_free (crew);
  wait_for_processes (shared);
}

static void G_GNUC_NORETURN
serve (MtReal *real)
{
  static const gint crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  endangered = real->shared;
  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    signal (crashes[i], tell_crash);
  for (;;)
    {
      while (sem_wait (&real->shared->go) != 0)
        ;
      make_run (real);
      sem_post (&real->shared->done);
    }
}

/* In the parent. */

/* It may have died since the last run; its number is kept from others until mt_real_end_child(). */
static gboolean
is_dead (pid_t child)
{
  siginfo_t info = { 0 };
  return waitid (P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

static gboolean
have_child (MtReal *real, MtRealFacts *facts)
{
  if (real->child && is_dead (real->child))
    mt_real_end_child (real);
  if (real->child)
    return TRUE;
  sem_init (&real->shared->go, 1, 0);
  sem_init (&real->shared->done, 1, 0);
  real->child = fork ();
  if (real->child == 0)
    serve (real);
  if (real->child > 0)
    {
      setpgid (real->child, real->child); /* as the child does: whoever comes first */
      return TRUE;
    }
  real->child = 0;
  facts->end = MT_REAL_FAILED;
  facts->trouble = g_strerror (errno);
  return FALSE;
}

/* Whether every task that lives waits for another one; *waits: a number that changes when one of them moves. */
static gboolean
all_wait (const MtReal *real, guint *waits)
{
  *waits = 0;
  for (guint t = 0; t < real->program->n_tasks; t++)
    {
      *waits += __atomic_load_n (&real->slots[t].waits, __ATOMIC_SEQ_CST);
      if (__atomic_load_n (&real->s[real->program->tasks[t].base], __ATOMIC_SEQ_CST) >= MT_N_RESTS && !__atomic_load_n (&real->slots[t].place, __ATOMIC_SEQ_CST))
        return FALSE;
    }
  return TRUE;
}

/* The state as it stands, with the places where tasks wait. */
static void
take_state (const MtReal *real, MtWord *s)
{
  memcpy (s, real->s, sizeof (MtWord) * real->program->n_words);
  for (guint t = 0; t < real->program->n_tasks; t++)
    if (s[real->program->tasks[t].base] >= MT_N_RESTS && real->slots[t].place)
      s[real->program->tasks[t].base] = (MtWord)real->slots[t].place;
}

/* Whether the model, too, says that nothing can move. */
static gboolean
stands (const MtReal *real, MtWord *s)
{
  g_autofree MtChoice *choices = g_new (MtChoice, real->program->max_choices);
  take_state (real, s);
  return mt_choices (real->program, s, choices) == 0;
}

static gboolean
is_done (MtShared *shared)
{
  struct timespec until;
  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_nsec += LOOK_EVERY;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  return sem_timedwait (&shared->done, &until) == 0;
}

static gboolean
has_crashed (const MtShared *shared)
{
  return __atomic_load_n (&shared->crash, __ATOMIC_SEQ_CST) != 0;
}

static void
crashed (MtReal *real, MtRealFacts *facts, gint number)
{
  facts->end = MT_REAL_CRASHED;
  facts->signal = number;
  mt_real_end_child (real);
}

/* Until the run is over, one way or another. */
static void
watch (MtReal *real, MtRunResult *result, MtRealFacts *facts)
{
  gint64 end = mt_nanoseconds () + (gint64)(real->options.deadline * 1e9);
  guint waits, before = 0, quiet = 0;
  gint status;
  while (!is_done (real->shared) && !has_crashed (real->shared))
    {
      if (waitpid (real->child, &status, WNOHANG) == real->child)
        {
          crashed (real, facts, WIFSIGNALED (status) ? WTERMSIG (status) : 0);
          return;
        }
      quiet = all_wait (real, &waits) && (quiet == 0 || waits == before) ? quiet + 1 : 0;
      before = waits;
      if (quiet >= QUIET_LOOKS && stands (real, result->state))
        {
          mt_real_end_child (real);
          return;
        }
      if (mt_nanoseconds () > end)
        {
          facts->end = MT_REAL_LATE;
          take_state (real, result->state);
          mt_real_end_child (real);
          return;
        }
    }
  take_state (real, result->state);
  if (has_crashed (real->shared))
    crashed (real, facts, real->shared->crash);
}

/* The tasks' errors, in the order in which they came. */
static void
judge_faults (const MtReal *real, MtRunResult *result)
{
  const MtOutcome error = MT_FAULT | MT_SWALLOWED;
  for (guint order = 1; order <= real->shared->n_faults; order++)
    for (guint t = 0; t < real->program->n_tasks; t++)
      {
        const MtSlot *slot = &real->slots[t];
        if (slot->fault_order != order || !(slot->outcome & error))
          continue;
        GString *message = g_string_new (slot->fault);
        const MtStep rec = { .fault = message };
        result->swallowed += slot->swallowed;
        if (slot->outcome & MT_FAULT)
          {
            result->faults++;
            mt_run_found (real->program, result, &rec, NULL, slot->outcome & MT_FAULT_ASSERTION ? MT_FAIL_ASSERTION : MT_FAIL_ERROR, (gint)t, -1);
          }
        g_string_free (message, TRUE);
      }
}

void
mt_real_run (MtReal *real, guint64 seed, MtRunResult *result, MtRealFacts *facts)
{
  const MtProgram *p = real->program;
  *facts = (MtRealFacts){ .end = MT_REAL_DONE };
  mt_run_result_init (p, result);
  if (!have_child (real, facts))
    return;
  mt_real_reset (real);
  MtStep first;
  mt_step_init (&first);
  mt_state_init (p, real->s, &first);
  real->shared->seed = seed;
  sem_post (&real->shared->go);
  watch (real, result, facts);
  if (real->shared->trouble[0])
    {
      facts->end = MT_REAL_FAILED;
      facts->trouble = real->shared->trouble;
      mt_real_end_child (real);
    }
  facts->nanoseconds = real->shared->finished - real->shared->started;
  facts->output = real->shared->output;
  facts->n_output = real->shared->printed;
  facts->lost = real->shared->lost;
  for (guint t = 0; t < p->n_tasks; t++)
    {
      facts->taken += real->slots[t].taken;
      facts->contended += real->slots[t].contended;
    }
  if (facts->end == MT_REAL_DONE || facts->end == MT_REAL_LATE)
    judge_faults (real, result);
  if (facts->end == MT_REAL_DONE)
    mt_run_judge_end (p, result);
  else
    result->cut = TRUE;
  mt_step_clear (&first);
}

/* See carrier.h. */
#include "real/carrier.h"
#include "real/thread.h"
#include "sim/carrier.h"
#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define GUARD 4096 /* bytes at a stack's end that nobody may touch */

typedef struct _MtCoroutine
{
  MtRealTask task;
  struct _Carrier *carrier;
  ucontext_t context;
  gpointer stack; /* NULL: it has not begun */
  gboolean timed; /* it waits for @until at most */
  struct timespec until;
} Coroutine;

typedef struct _Carrier
{
  MtCrew *crew;
  guint number;
  Coroutine *coroutines; /* of each task: those of other carriers stay empty */
  ucontext_t idle; /* of the thread itself: it waits while nobody can run */
} Carrier;

static gboolean
is_mine (const Carrier *carrier, guint task)
{
  const MtTask *t = &carrier->crew->real->program->tasks[task];
  return t->kind == MT_TASK_COROUTINE && t->carrier == carrier->number;
}

static gboolean
is_past (const struct timespec *time)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  return now.tv_sec > time->tv_sec || (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

/* Timers that have gone off are told to the state. Returns the next one that will, or NULL. */
static const struct timespec *
fire_timers (Carrier *carrier)
{
  const struct timespec *next = NULL;
  for (guint t = 0; t < carrier->crew->real->program->n_tasks; t++)
    {
      Coroutine *c = &carrier->coroutines[t];
      if (!c->timed)
        continue;
      if (c->task.words[MT_TASK_TIMER] <= 0 || is_past (&c->until))
        {
          c->task.words[MT_TASK_TIMER] = 0;
          c->timed = FALSE;
        }
      else if (!next || c->until.tv_sec < next->tv_sec || (c->until.tv_sec == next->tv_sec && c->until.tv_nsec < next->tv_nsec))
        next = &c->until;
    }
  return next;
}

void
mt_carrier_arrive (MtRealTask *me)
{
  if (me->coroutine)
    {
      me->coroutine->timed = mt_real_timer_ends (me, &me->coroutine->until);
      fire_timers (me->coroutine->carrier);
    }
  mt_carriers_settle (me->ctx.program, me->ctx.s, me->ctx.task);
}

/* A context's entry is given ints only. */
static void
begin (guint high, guint low)
{
  Coroutine *me = (Coroutine *)(gsize)((guint64)high << 32 | low);
  MtShared *shared = me->task.real->shared;
  pthread_mutex_unlock (&shared->world.mutex);
  mt_real_live (&me->task);
  pthread_mutex_lock (&shared->world.mutex);
  setcontext (&me->carrier->idle);
}

static gboolean
make_context (Carrier *carrier, guint task)
{
  Coroutine *c = &carrier->coroutines[task];
  const guint64 self = (guint64)(gsize)c;
  gpointer stack = mmap (NULL, MT_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED || mprotect (stack, GUARD, PROT_NONE) != 0)
    return mt_crew_give_up (carrier->crew, g_strerror (errno));
  mt_real_task_init (&c->task, carrier->crew, task);
  c->task.coroutine = c;
  c->carrier = carrier;
  c->stack = stack;
  getcontext (&c->context);
  c->context.uc_stack.ss_sp = stack;
  c->context.uc_stack.ss_size = MT_STACK_SIZE;
  makecontext (&c->context, (void (*) (void))begin, 2, (guint)(self >> 32), (guint)self);
  return TRUE;
}

/* From @from to whoever runs on the carrier now, or to the thread itself. */
static void
hand_over (Carrier *carrier, ucontext_t *from)
{
  MtReal *real = carrier->crew->real;
  gint current = mt_carrier_current (real->program, real->s, carrier->number);
  ucontext_t *to = &carrier->idle;
  if (current >= 0 && !carrier->coroutines[current].stack && !make_context (carrier, (guint)current))
    for (;;) /* the run is in trouble, and is ended from outside */
      pause ();
  if (current >= 0)
    to = &carrier->coroutines[current].context;
  if (to != from)
    swapcontext (from, to);
}

void
mt_carrier_await_turn (MtRealTask *me)
{
  while (!mt_real_must_stop (me) && !mt_carrier_runs (me->ctx.program, me->ctx.s, me->ctx.task))
    hand_over (me->coroutine->carrier, &me->coroutine->context);
}

/* Whoever looks from outside sees who waits, and that no timer will end it. */
static void
show_waits (Carrier *carrier, gboolean wait)
{
  MtReal *real = carrier->crew->real;
  for (guint t = 0; t < real->program->n_tasks; t++)
    {
      MtWord place = real->s[real->program->tasks[t].base];
      if (!is_mine (carrier, t) || place < MT_N_RESTS)
        continue;
      __atomic_store_n (&real->slots[t].place, wait ? (guint)place : 0, __ATOMIC_SEQ_CST);
      __atomic_add_fetch (&real->slots[t].waits, 1, __ATOMIC_SEQ_CST);
    }
}

/* Nobody can run, until another thread does something or a timer goes off. */
static void
wait (Carrier *carrier, const struct timespec *until)
{
  MtReal *real = carrier->crew->real;
  MtGuard *world = &real->shared->world;
  if (until)
    pthread_cond_timedwait (&world->cond, &world->mutex, until);
  else
    {
      show_waits (carrier, TRUE);
      pthread_cond_wait (&world->cond, &world->mutex);
      show_waits (carrier, FALSE);
    }
}

static gboolean
is_over (const Carrier *carrier)
{
  const MtReal *real = carrier->crew->real;
  if (real->shared->stop)
    return TRUE;
  for (guint t = 0; t < real->program->n_tasks; t++)
    {
      MtWord place = real->s[real->program->tasks[t].base];
      if (is_mine (carrier, t) && (place >= MT_N_RESTS || place == MT_REST_UNSTARTED))
        return FALSE;
    }
  return TRUE;
}

static void
run (Carrier *carrier)
{
  MtReal *real = carrier->crew->real;
  pthread_mutex_lock (&real->shared->world.mutex);
  while (!is_over (carrier))
    {
      const struct timespec *next = fire_timers (carrier);
      mt_carriers_settle (real->program, real->s, MT_CLOCK);
      if (mt_carrier_current (real->program, real->s, carrier->number) >= 0)
        hand_over (carrier, &carrier->idle);
      else
        wait (carrier, next);
    }
  pthread_mutex_unlock (&real->shared->world.mutex);
}

void
mt_carrier_live (MtCrew *crew, guint task)
{
  const guint n = crew->real->program->n_tasks;
  pthread_mutex_lock (&crew->allocating);
  Carrier carrier = { .crew = crew, .number = crew->real->program->tasks[task].carrier, .coroutines = g_new0 (Coroutine, n + 1) };
  pthread_mutex_unlock (&crew->allocating);
  run (&carrier);
  for (guint t = 0; t < n; t++)
    if (carrier.coroutines[t].stack)
      {
        mt_real_task_clear (&carrier.coroutines[t].task);
        munmap (carrier.coroutines[t].stack, MT_STACK_SIZE);
      }
  g_free (carrier.coroutines);
}

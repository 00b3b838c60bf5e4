/* See task.h. */
#define _GNU_SOURCE /* CPU_SET */
#include "real/carrier.h"
#include "real/private.h"
#include "real/thread.h"
#include "sim/primitive.h"
#include "sim/rng.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SPINS 1000 /* looks at what is about to change, before the processor is given away */

/* Words. */

static MtWord
model_time (const MtReal *real)
{
  gdouble scale = real->options.time_scale;
  gdouble now = scale > 0 ? (gdouble)(mt_nanoseconds () - real->shared->started) / 1e6 / scale : 0;
  return (MtWord)MIN (now, G_MAXINT32);
}

static gboolean
is_global (const MtProgram *p, guint address)
{
  return address - p->globals_base < p->n_processes * p->globals_words;
}

/* Globals of a process are in its own memory. */
static MtWord *
word (const MtRealTask *me, guint address)
{
  const MtProgram *p = me->ctx.program;
  return G_UNLIKELY (me->crew->globals != NULL) && is_global (p, address) ? &me->crew->globals[address - p->globals_base] : &me->ctx.s[address];
}

static MtWord
get (MtCtx *ctx, guint address)
{
  const MtRealTask *me = (const MtRealTask *)ctx;
  if (G_UNLIKELY (address == MT_NOW))
    return model_time (me->real);
  const MtWord *from = word (me, address);
  return me->real->plan->relaxed[address] ? __atomic_load_n (from, __ATOMIC_RELAXED) : __atomic_load_n (from, __ATOMIC_SEQ_CST);
}

static void
put (MtCtx *ctx, guint address, MtWord value)
{
  const MtRealTask *me = (const MtRealTask *)ctx;
  MtWord *to = word (me, address);
  if (me->real->plan->relaxed[address])
    __atomic_store_n (to, value, __ATOMIC_RELAXED);
  else
    __atomic_store_n (to, value, __ATOMIC_SEQ_CST);
  if (to != &ctx->s[address]) /* for what is looked at in the state: see show_globals() */
    __atomic_store_n (&ctx->s[address], value, __ATOMIC_SEQ_CST);
}

/* The state gets the process's globals as they are. Where two threads write one at once, the state may have
 * got them the other way round: so they are shown again whenever a task waits or ends. */
static void
show_globals (MtRealTask *me)
{
  const MtProgram *p = me->ctx.program;
  MtCrew *crew = me->crew;
  if (!crew->globals)
    return;
  pthread_mutex_lock (&crew->showing);
  for (guint i = crew->process * p->globals_words; i < (crew->process + 1) * p->globals_words; i++)
    __atomic_store_n (&me->ctx.s[p->globals_base + i], __atomic_load_n (&crew->globals[i], __ATOMIC_SEQ_CST), __ATOMIC_SEQ_CST);
  pthread_mutex_unlock (&crew->showing);
}

/* Waiting. */

/* The state is told what ways() may look at: the task's frame. */
void
mt_real_show_frame (MtRealTask *me)
{
  memcpy (me->ctx.s + me->ctx.program->tasks[me->ctx.task].frame, me->ctx.r, sizeof (MtWord) * me->n_frame);
}

static void
wait_begin (MtRealTask *me)
{
  mt_real_show_frame (me);
  show_globals (me);
  __atomic_store_n (&me->slot->place, me->pc, __ATOMIC_SEQ_CST);
  __atomic_add_fetch (&me->slot->waits, 1, __ATOMIC_SEQ_CST);
}

static void
wait_end (MtRealTask *me)
{
  __atomic_store_n (&me->slot->place, 0, __ATOMIC_SEQ_CST);
  __atomic_add_fetch (&me->slot->waits, 1, __ATOMIC_SEQ_CST);
}

/* It has to be ended from outside. */
static void
wait_for_ever (MtRealTask *me)
{
  for (wait_begin (me);;)
    pause ();
}

/* When the task's timer goes off; FALSE: it has none. */
gboolean
mt_real_timer_ends (const MtRealTask *me, struct timespec *until)
{
  gint64 timer = me->words[MT_TASK_TIMER];
  if (timer <= 0)
    return FALSE;
  clock_gettime (CLOCK_REALTIME, until);
  gint64 end = until->tv_nsec + (gint64)((gdouble)timer * 1e6 * me->real->options.time_scale);
  until->tv_sec += end / 1000000000;
  until->tv_nsec = end % 1000000000;
  return TRUE;
}

/* The ways of @in now: one is chosen, where there is one. */
static gboolean
choose_way (MtRealTask *me, const MtInstr *in)
{
  const MtProgram *p = me->ctx.program;
  MtChoice *ways = g_newa (MtChoice, p->max_ways);
  guint n = mt_op (in->op)->ways (p, me->ctx.s, me->ctx.task, in, ways);
  if (n == 0)
    return FALSE;
  me->ctx.alt = ways[n > 1 ? mt_rng_below (&me->rng, n) : 0].alt;
  return TRUE;
}

/* The model has ended, which daemons do not outlive, or the task's process was terminated. Asked under the world's guard. */
gboolean
mt_real_must_stop (const MtRealTask *me)
{
  return me->real->plan->whole && (me->real->shared->stop || (guint)me->words[MT_TASK_PC] < MT_N_RESTS);
}

/* Waits, under @guard, until @in can complete: some way of it is chosen then. FALSE: it must stop. */
static gboolean
wait_for_way (MtRealTask *me, const MtInstr *in, MtGuard *guard)
{
  struct timespec until;
  gboolean timed = mt_real_timer_ends (me, &until);
  mt_real_show_frame (me);
  while (!choose_way (me, in))
    {
      if (!timed)
        wait_begin (me);
      gint problem = timed ? pthread_cond_timedwait (&guard->cond, &guard->mutex, &until) : pthread_cond_wait (&guard->cond, &guard->mutex);
      if (!timed)
        wait_end (me);
      if (problem == ETIMEDOUT)
        me->words[MT_TASK_TIMER] = 0;
      me->stopped = mt_real_must_stop (me);
      if (me->stopped)
        return FALSE;
    }
  me->words[MT_TASK_TIMER] = 0;
  return TRUE;
}

static void
sleep_until (const struct timespec *until)
{
  while (clock_nanosleep (CLOCK_REALTIME, TIMER_ABSTIME, until, NULL) == EINTR)
    ;
}

/* Operations. */

static MtResult
with_guard (MtRealTask *me, const MtInstr *in, MtGuard *guard)
{
  MtResult result = MT_FAULTED;
  pthread_mutex_lock (&guard->mutex);
  if (!mt_op (in->op)->ways || wait_for_way (me, in, guard))
    result = mt_op (in->op)->apply (&me->ctx, in);
  pthread_cond_broadcast (&guard->cond);
  pthread_mutex_unlock (&guard->mutex);
  return result;
}

/* A native object was not to be had in time. That counts only once the words say so too: they follow the object
 * with a moment's delay. FALSE: it was to be had after all. */
static gboolean
gives_up (MtRealTask *me, const MtInstr *in, gpointer place)
{
  mt_real_show_frame (me);
  me->words[MT_TASK_TIMER] = 0;
  while (mt_op (in->op)->native->attempt (place) != 0)
    {
      choose_way (me, in); /* it may give up now, so there is a way */
      if (me->ctx.alt == 1)
        return TRUE;
      sched_yield ();
    }
  return FALSE;
}

/* Until it is to be had. */
static void
wait_natively (MtRealTask *me, const MtInstr *in, gpointer place)
{
  wait_begin (me);
  if (mt_op (in->op)->native->wait (place, NULL) != 0)
    wait_for_ever (me);
  wait_end (me);
}

/* Completes, or gives up: ctx.alt tells which. */
static void
acquire (MtRealTask *me, const MtInstr *in, gpointer place)
{
  const MtNativeCall *native = mt_op (in->op)->native;
  gboolean may_give_up = (in->flags & MT_TIMED) != 0;
  struct timespec until;
  me->slot->taken++;
  if (native->attempt (place) == 0)
    {
      me->words[MT_TASK_TIMER] = 0;
      return;
    }
  me->slot->contended++;
  gint problem = ETIMEDOUT;
  if (!may_give_up)
    {
      wait_natively (me, in, place);
      problem = 0;
    }
  else if (mt_real_timer_ends (me, &until))
    {
      problem = native->wait (place, &until);
      if (problem && problem != ETIMEDOUT)
        sleep_until (&until);
    }
  if (problem)
    me->ctx.alt = gives_up (me, in, place) ? 1 : 0;
  me->words[MT_TASK_TIMER] = 0;
}

/* Sleeps until somebody has changed the words so that the task may go on; it holds the lock before and after.
 * It sleeps once at least, though the model may allow it to wake for no reason: that is up to the system. But
 * one that has given up comes here once more, for the lock, which it has. */
static void
sleep_on (MtRealTask *me, const MtInstr *in, const MtObject *object, gpointer place)
{
  const MtNative *native = object->primitive->native;
  gpointer lock = me->real->places[native->lock_of (object)];
  struct timespec until;
  gboolean timed = mt_real_timer_ends (me, &until);
  mt_real_show_frame (me);
  for (gboolean sleeps = me->before != me->pc; sleeps || !choose_way (me, in); sleeps = FALSE)
    {
      if (!timed)
        wait_begin (me);
      if (mt_op (in->op)->native->sleep (place, lock, timed ? &until : NULL) == ETIMEDOUT)
        me->words[MT_TASK_TIMER] = 0;
      if (!timed)
        wait_end (me);
    }
}

static MtResult
with_system (MtRealTask *me, const MtInstr *in)
{
  const MtOp *op = mt_op (in->op);
  const MtObject *object = mt_object (me->ctx.program, me->ctx.r, in);
  if (!object) /* the step reports it */
    return op->apply (&me->ctx, in);
  const guint number = (guint)(object - me->ctx.program->objects);
  gpointer place = me->real->places[number];
  MtGuard *guard = &me->real->guards[number];
  if (op->native->attempt)
    acquire (me, in, place);
  else if (op->native->sleep)
    sleep_on (me, in, object, place);
  else if (op->native->wait)
    wait_natively (me, in, place);
  if (object->primitive->native->joint)
    pthread_mutex_lock (&guard->mutex);
  if (op->ways && !op->native->wait && !op->native->sleep)
    {
      mt_real_show_frame (me);
      choose_way (me, in);
    }
  MtResult result = op->apply (&me->ctx, in);
  if (op->native->leave && result != MT_FAULTED)
    op->native->leave (me->ctx.s + object->address, place);
  if (object->primitive->native->joint)
    {
      pthread_cond_broadcast (&guard->cond); /* for steps about it that are not the system's */
      pthread_mutex_unlock (&guard->mutex);
    }
  return result;
}

/* What apply() does, with no fork in between where it allocates: texts are made of parts. */
static MtResult
apply (MtRealTask *me, const MtInstr *in)
{
  gboolean allocates = mt_op (in->op) == &mt_op_print;
  if (allocates)
    pthread_mutex_lock (&me->crew->allocating);
  MtResult result = mt_op (in->op)->apply (&me->ctx, in);
  if (allocates)
    pthread_mutex_unlock (&me->crew->allocating);
  return result;
}

/* Nobody else is concerned: a sleep, a draw. */
static MtResult
alone (MtRealTask *me, const MtInstr *in)
{
  struct timespec until;
  if (mt_op (in->op)->ways)
    {
      if (mt_real_timer_ends (me, &until))
        sleep_until (&until);
      me->words[MT_TASK_TIMER] = 0;
      mt_real_show_frame (me);
      if (!choose_way (me, in))
        wait_for_ever (me);
    }
  return apply (me, in);
}

static MtResult
in_world (MtRealTask *me, const MtInstr *in)
{
  if (mt_op (in->op)->ways && !wait_for_way (me, in, &me->real->shared->world))
    return MT_FAULTED;
  MtResult result = apply (me, in);
  for (guint t = 0; mt_op (in->op) == &mt_op_start && t < me->ctx.program->n_tasks; t++)
    if (!__atomic_load_n (&me->crew->started[t], __ATOMIC_ACQUIRE) && me->ctx.s[me->ctx.program->tasks[t].base] >= MT_N_RESTS)
      mt_crew_start (me->crew, t);
  return result;
}

static MtResult
perform (MtCtx *ctx, const MtInstr *in, gboolean first)
{
  MtRealTask *me = (MtRealTask *)ctx;
  const MtOp *op = mt_op (in->op);
  if (!first)
    {
      if (op->ways)
        mt_real_show_frame (me);
      return op->ways && !mt_continue_way (ctx, in) ? MT_FAULTED : apply (me, in);
    }
  switch ((MtStepNeeds)me->real->plan->needs[me->pc])
    {
    case MT_NEEDS_NOTHING:
      return alone (me, in);
    case MT_NEEDS_SYSTEM:
      return with_system (me, in);
    case MT_NEEDS_MONITOR:
      {
        const MtObject *object = mt_object (ctx->program, ctx->r, in);
        return object ? with_guard (me, in, &me->real->guards[object - ctx->program->objects]) : op->apply (ctx, in);
      }
    case MT_NEEDS_WORLD:
      return in_world (me, in);
    }
  g_assert_not_reached ();
}

static const MtMemory memory = { get, put, perform };

/* Steps. */

static void
report (MtRealTask *me)
{
  MtSlot *slot = me->slot;
  if (me->ctx.outcome & MT_SWALLOWED)
    slot->swallowed++;
  slot->outcome |= me->ctx.outcome;
  if (!slot->fault_order)
    {
      const gchar *end;
      slot->fault_order = __atomic_add_fetch (&me->real->shared->n_faults, 1, __ATOMIC_SEQ_CST);
      g_strlcpy (slot->fault, me->rec.fault->str, MT_FAULT_LENGTH);
      g_utf8_validate (slot->fault, -1, &end);
      slot->fault[end - slot->fault] = 0;
    }
  me->ctx.outcome = MT_OK;
}

static void
print (MtRealTask *me)
{
  MtShared *shared = me->real->shared;
  GString *text = me->rec.output;
  pthread_mutex_lock (&shared->printing);
  gsize kept = MIN (text->len, MT_OUTPUT_LENGTH - shared->printed);
  memcpy (shared->output + shared->printed, text->str, kept);
  shared->printed += kept;
  shared->lost += text->len - kept;
  pthread_mutex_unlock (&shared->printing);
  g_string_truncate (text, 0);
}

/* Under the world's guard: the task rests at @place now, for others to see. */
static void
settle (MtRealTask *me, guint place)
{
  MtShared *shared = me->real->shared;
  __atomic_store_n (&me->words[MT_TASK_PC], (MtWord)place, __ATOMIC_SEQ_CST);
  if (me->ctx.program->n_carriers || place < MT_N_RESTS)
    mt_real_show_frame (me);
  if (me->ctx.program->n_carriers)
    mt_carrier_arrive (me);
  if (place >= MT_N_RESTS)
    return;
  me->words[MT_TASK_TIMER] = 0;
  show_globals (me);
  if (!shared->stop && mt_ended (me->ctx.program, me->ctx.s))
    {
      shared->stop = TRUE;
      shared->finished = mt_nanoseconds ();
    }
}

/* One step; returns where the task rests then. */
static guint
make_step (MtRealTask *me)
{
  MtShared *shared = me->real->shared;
  const gboolean world = me->real->plan->needs[me->pc] == MT_NEEDS_WORLD || me->real->plan->whole;
  if (world)
    {
      pthread_mutex_lock (&shared->world.mutex);
      if (me->coroutine)
        mt_carrier_await_turn (me);
      me->stopped = mt_real_must_stop (me);
    }
  me->ctx.alt = 0;
  guint place = me->stopped ? me->pc : mt_go_on (&me->ctx, me->pc);
  if (G_UNLIKELY (me->ctx.outcome != MT_OK))
    report (me);
  if (me->rec.output->len)
    print (me);
  const gboolean ends = place < MT_N_RESTS && !me->stopped;
  if (ends && !world)
    pthread_mutex_lock (&shared->world.mutex);
  if (ends || (me->real->plan->whole && !me->stopped))
    settle (me, place);
  if (ends || world)
    {
      pthread_cond_broadcast (&shared->world.cond);
      pthread_mutex_unlock (&shared->world.mutex);
    }
  return place;
}

/* Perhaps a pause, so that others come first that otherwise would not. */
static void
shake (MtRealTask *me)
{
  guint32 draw = mt_rng_below (&me->rng, 4 * me->real->options.jitter);
  if (draw < me->real->options.jitter)
    {
      const struct timespec pause = { 0, (glong)draw * 1000 };
      clock_nanosleep (CLOCK_MONOTONIC, 0, &pause, NULL);
    }
  else if (draw < 2 * me->real->options.jitter)
    sched_yield ();
}

static void
wait_for_gun (const MtShared *shared)
{
  for (guint i = 1; !__atomic_load_n (&shared->gun, __ATOMIC_ACQUIRE); i++)
    if (i % SPINS == 0)
      sched_yield ();
}

void
mt_real_task_init (MtRealTask *me, MtCrew *crew, guint number)
{
  MtReal *real = crew->real;
  const MtTask *task = &real->program->tasks[number];
  const guint n_frame = real->program->classes[task->class_].n_frame;
  *me = (MtRealTask){ .crew = crew, .real = real, .slot = &real->slots[number], .words = real->s + task->base, .n_frame = n_frame };
  pthread_mutex_lock (&crew->allocating);
  MtWord *frame = g_aligned_alloc0 (n_frame + 16, sizeof (MtWord), 64);
  mt_step_init (&me->rec);
  pthread_mutex_unlock (&crew->allocating);
  memcpy (frame, real->s + task->frame, sizeof (MtWord) * n_frame);
  me->ctx = (MtCtx){ .program = real->program, .s = real->s, .r = frame, .memory = &memory, .rec = &me->rec, .task = number };
  mt_rng_seed (&me->rng, real->shared->seed + number * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
}

void
mt_real_task_clear (MtRealTask *me)
{
  pthread_mutex_lock (&me->crew->allocating);
  mt_step_clear (&me->rec);
  g_aligned_free (me->ctx.r);
  pthread_mutex_unlock (&me->crew->allocating);
}

void
mt_real_live (MtRealTask *me)
{
  me->pc = (guint)me->words[MT_TASK_PC];
  while (me->pc >= MT_N_RESTS && !me->stopped)
    {
      if (me->real->options.jitter)
        shake (me);
      guint at = me->pc;
      me->pc = make_step (me);
      me->before = at;
    }
}

static gpointer
live (gpointer data)
{
  const MtStart *start = data;
  MtRealTask me;
  wait_for_gun (start->crew->real->shared);
  if (start->crew->real->program->tasks[start->task].kind == MT_TASK_COROUTINE)
    mt_carrier_live (start->crew, start->task);
  else
    {
      mt_real_task_init (&me, start->crew, start->task);
      mt_real_live (&me);
      mt_real_task_clear (&me);
    }
  return NULL;
}

/* Crews. */

MtCrew *
mt_crew_new (MtReal *real, guint process)
{
  const MtProgram *p = real->program;
  MtCrew *crew = g_new0 (MtCrew, 1);
  crew->real = real;
  crew->process = process;
  crew->threads = g_new0 (pthread_t, p->n_tasks + 1);
  crew->started = g_new0 (gboolean, p->n_tasks + 1);
  crew->starts = g_new0 (MtStart, p->n_tasks + 1);
  crew->rides = g_new0 (gboolean, p->n_tasks + 1);
  pthread_mutex_init (&crew->showing, NULL);
  pthread_mutex_init (&crew->allocating, NULL);
  if (p->n_processes > 1)
    crew->globals = g_memdup2 (p->initial + p->globals_base, sizeof (MtWord) * (p->n_processes * p->globals_words + 1));
  return crew;
}

void
mt_crew_free (MtCrew *crew)
{
  g_free (crew->threads);
  g_free (crew->globals);
  pthread_mutex_destroy (&crew->showing);
  pthread_mutex_destroy (&crew->allocating);
  g_free (crew->started);
  g_free (crew->rides);
  g_free (crew->starts);
  g_free (crew);
}

static void
pin (pthread_t thread, guint cpu)
{
  cpu_set_t set;
  CPU_ZERO (&set);
  CPU_SET (cpu, &set);
  pthread_setaffinity_np (thread, sizeof set, &set);
}

gboolean
mt_crew_give_up (MtCrew *crew, const gchar *why)
{
  g_strlcpy (crew->real->shared->trouble, why, sizeof crew->real->shared->trouble);
  sem_post (&crew->real->shared->done);
  return FALSE;
}

/* The fork, with all tasks that live there, copies the globals, the starter's with a copy for the new one among them. There, the
 * starter's crew stays locked: it is only read, for the process has a crew of its own. */
static gboolean
start_process (MtCrew *crew, guint task)
{
  MtReal *real = crew->real;
  pthread_mutex_lock (&crew->allocating);
  pid_t child = fork ();
  pthread_mutex_unlock (&crew->allocating);
  if (child < 0)
    return mt_crew_give_up (crew, g_strerror (errno));
  if (child > 0)
    return TRUE;
  alarm ((guint)real->options.deadline + 2); /* it must not outlive whoever would end it */
  MtCrew *own = mt_crew_new (real, real->program->tasks[task].process);
  memcpy (own->globals, crew->globals, sizeof (MtWord) * real->program->n_processes * real->program->globals_words);
  for (guint t = 0; t < real->program->n_tasks; t++)
    if (real->program->tasks[t].process == own->process && real->s[real->program->tasks[t].base] >= MT_N_RESTS)
      mt_crew_start (own, t);
  mt_crew_join (own);
  _exit (0);
}

static gboolean
start_thread (MtCrew *crew, guint task)
{
  g_autoptr (GError) error = NULL;
  crew->starts[task] = (MtStart){ crew, task };
  if (!mt_thread_start (&crew->threads[task], crew->real->program->tasks[task].name, live, &crew->starts[task], &error))
    return mt_crew_give_up (crew, error->message);
  if (crew->real->options.pin)
    pin (crew->threads[task], task % crew->real->options.pin);
  return TRUE;
}

/* Of the coroutines of a carrier the first one that starts has the thread. */
static void
share_thread (MtCrew *crew, guint task)
{
  const MtTask *tasks = crew->real->program->tasks;
  for (guint t = 0; t < crew->real->program->n_tasks; t++)
    if (t != task && tasks[t].kind == MT_TASK_COROUTINE && tasks[t].carrier == tasks[task].carrier)
      {
        crew->rides[t] = TRUE;
        __atomic_store_n (&crew->started[t], TRUE, __ATOMIC_RELEASE);
      }
}

void
mt_crew_start (MtCrew *crew, guint task)
{
  gboolean ours = crew->real->program->tasks[task].process == crew->process;
  if (__atomic_load_n (&crew->started[task], __ATOMIC_ACQUIRE))
    return;
  if (ours && crew->real->program->tasks[task].kind == MT_TASK_COROUTINE)
    share_thread (crew, task);
  gboolean good = ours ? start_thread (crew, task) : start_process (crew, task);
  __atomic_store_n (&crew->started[task], good, __ATOMIC_RELEASE);
  for (guint t = 0; good && !ours && t < crew->real->program->n_tasks; t++)
    if (crew->real->program->tasks[t].process == crew->real->program->tasks[task].process) /* live in the fork */
      __atomic_store_n (&crew->started[t], TRUE, __ATOMIC_RELEASE);
}

/* One thread may start another, so there may be more to join afterwards. */
void
mt_crew_join (MtCrew *crew)
{
  const MtProgram *p = crew->real->program;
  g_autofree gboolean *joined = g_new0 (gboolean, p->n_tasks + 1);
  for (gboolean again = TRUE; again;)
    {
      again = FALSE;
      for (guint t = 0; t < p->n_tasks; t++)
        if (!joined[t] && !crew->rides[t] && p->tasks[t].process == crew->process && __atomic_load_n (&crew->started[t], __ATOMIC_ACQUIRE))
          {
            pthread_join (crew->threads[t], NULL);
            joined[t] = again = TRUE;
          }
    }
}

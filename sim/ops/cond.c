/* Conditions: a place to sleep while one's lock is let go. Words: [t] how task t stands to it.
 *
 * To wait is two steps: let the lock go and sleep; and, once notified, take the lock again. A
 * timeout ends the sleep in a step of its own, before the lock is free: a notification that comes
 * then finds the task gone. A spurious wake-up ends it in the step that takes the lock, which shows
 * the same: whether a notification in between was for this task or for nobody, it wakes up. */
#include "sim/primitive.h"
#include <pthread.h>

typedef enum
{
  AWAKE,
  ASLEEP,
  NOTIFIED,
  TIMED_OUT,
} Sleep;

enum
{
  SETTING_LOCK,
  SETTING_SPURIOUS,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)object;
  return program->n_tasks;
}

static const MtObject *
lock_of (const MtProgram *program, const MtObject *cond)
{
  return &program->objects[cond->setting[SETTING_LOCK]];
}

static gint
lock_holder (const MtProgram *program, const MtWord *s, const MtObject *cond)
{
  const MtObject *lock = lock_of (program, cond);
  return lock->primitive->holder (lock, s + lock->address);
}

static guint
count_asleep (const MtObject *cond, const MtWord *w)
{
  guint n = 0;
  for (guint t = 0; t < cond->n_words; t++)
    n += w[t] == ASLEEP;
  return n;
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  static const gchar *const states[] = { "", "waits", "was notified", "timed out" };
  const gchar *before = "";
  for (guint t = 0; t < object->n_words; t++)
    if (w[t] != AWAKE)
      {
        g_string_append_printf (out, "%s%s %s", before, program->tasks[t].name, states[w[t]]);
        before = ", ";
      }
  if (!*before)
    g_string_append (out, "nobody waits");
}

static void
rename_tasks (const MtObject *object, MtWord *w, const guint16 *now)
{
  mt_rename_places (w, object->n_words, now);
}

/* wait: dst is where the depth of a reentrant lock is kept, or -1. The index stays, for wake. */
static MtResult
wait_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *cond = mt_object_of (ctx, in);
  if (!cond)
    return MT_FAULTED;
  if (lock_holder (ctx->program, ctx->s, cond) != (gint)ctx->task)
    return mt_fault (ctx, "RuntimeError: cannot wait on un-acquired lock");
  MtWord depth = mt_lock_drop (ctx, lock_of (ctx->program, cond));
  if (in->dst >= 0)
    ctx->r[in->dst] = depth;
  mt_put (ctx, cond->address + ctx->task, ASLEEP);
  return MT_DONE;
}

/* wake: a is where the depth is, or -1. */
static guint
wake_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *cond = mt_object (program, s + program->tasks[task].frame, in);
  gboolean asleep = s[cond->address + task] == ASLEEP, open = lock_holder (program, s, cond) < 0;
  guint n = open && (!asleep || cond->setting[SETTING_SPURIOUS]) ? mt_way (out, 0, task, 0) : 0;
  return asleep ? n + mt_ways_timed (program, s, task, in, FALSE, out + n) : n;
}

static MtResult
wake_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *cond = mt_object (ctx->program, ctx->r, in);
  if (ctx->alt == 1)
    {
      mt_put (ctx, cond->address + ctx->task, TIMED_OUT);
      ctx->next = ctx->pc;
      return MT_JUMP;
    }
  gboolean timed_out = mt_get (ctx, cond->address + ctx->task) == TIMED_OUT;
  mt_put (ctx, cond->address + ctx->task, AWAKE);
  mt_lock_restore (ctx, lock_of (ctx->program, cond), in->a >= 0 ? mt_a (ctx, in) : 0);
  mt_object_of (ctx, in); /* the index is used up */
  return timed_out ? MT_FAILED : MT_DONE;
}

static void
touch_lock (const MtProgram *program, const MtInstr *in, GArray *out)
{
  const MtObject *lock = lock_of (program, &program->objects[in->imm]);
  mt_touch (out, lock->address, lock->n_words);
}

static void
wait_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  mt_touches_object (program, task, in, out);
  touch_lock (program, in, out->reads);
  touch_lock (program, in, out->writes);
}

static void
wake_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  const MtObject *cond = mt_object (program, s + program->tasks[task].frame, in);
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(cond - program->objects);
  if (s[cond->address + task] == ASLEEP)
    return;
  out->object = cond->setting[SETTING_LOCK];
  out->holder = lock_holder (program, s, cond);
  out->timed = FALSE; /* it has given up, or need not */
}

/* Wakes @task; its timeout has no meaning any more. */
static void
wake (MtCtx *ctx, const MtObject *cond, guint task)
{
  guint timer = ctx->program->tasks[task].base + MT_TASK_TIMER;
  mt_put (ctx, cond->address + task, NOTIFIED);
  if (ctx->program->time == MT_TIME_VIRTUAL && ctx->s[timer])
    mt_put (ctx, timer, 0);
}

/* notify: a way for each task asleep; with none there is nothing to do, in one way. */
static guint
notify_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *cond = mt_object (program, s + program->tasks[task].frame, in);
  guint n = cond && lock_holder (program, s, cond) == (gint)task ? count_asleep (cond, s + cond->address) : 0;
  for (guint k = 0; k < MAX (n, 1); k++)
    mt_way (out, k, task, k);
  return MAX (n, 1);
}

/* The sleeper that way @alt wakes; -1: nobody. */
static gint
notify_picks (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, guint alt)
{
  const MtObject *cond = mt_object (program, s + program->tasks[task].frame, in);
  for (guint t = 0; cond && t < cond->n_words; t++)
    if (s[cond->address + t] == ASLEEP && alt-- == 0)
      return (gint)t;
  return -1;
}

/* The condition, for a task that may notify it; NULL after a fault. */
static const MtObject *
notified (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *cond = mt_object_of (ctx, in);
  if (!cond || lock_holder (ctx->program, ctx->s, cond) == (gint)ctx->task)
    return cond;
  mt_fault (ctx, "RuntimeError: cannot notify on un-acquired lock");
  return NULL;
}

static MtResult
notify_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *cond = notified (ctx, in);
  guint k = 0;
  if (!cond)
    return MT_FAULTED;
  for (guint t = 0; t < cond->n_words; t++)
    if (mt_get (ctx, cond->address + t) == ASLEEP && k++ == ctx->alt)
      wake (ctx, cond, t);
  return MT_DONE;
}

static MtResult
notify_all_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *cond = notified (ctx, in);
  if (!cond)
    return MT_FAULTED;
  for (guint t = 0; t < cond->n_words; t++)
    if (mt_get (ctx, cond->address + t) == ASLEEP)
      wake (ctx, cond, t);
  return MT_DONE;
}

static void
notify_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  mt_touches_object (program, task, in, out);
  touch_lock (program, in, out->reads);
  for (guint t = 0; program->time == MT_TIME_VIRTUAL && t < program->n_tasks; t++)
    mt_touch (out->writes, program->tasks[t].base + MT_TASK_TIMER, 1);
}

static gboolean
wake_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  return in->a >= 0 ? mt_uses_ab (program, in, out) : mt_uses_b (program, in, out);
}

static void
native_init (const MtObject *cond, gpointer place)
{
  pthread_condattr_t attributes;
  pthread_condattr_init (&attributes);
  pthread_condattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_cond_init (place, &attributes);
  pthread_condattr_destroy (&attributes);
}

static gint
native_lock_of (const MtObject *cond)
{
  return cond->setting[SETTING_LOCK];
}

static gint
native_sleep (gpointer place, gpointer lock, const struct timespec *until)
{
  return until ? pthread_cond_timedwait (place, lock, until) : pthread_cond_wait (place, lock);
}

/* Who of the sleepers goes on stands in the words; the others sleep on. */
static void
native_wake (const MtWord *words, gpointer place)
{
  (void)words;
  pthread_cond_broadcast (place);
}

static const MtNative native = { .size = sizeof (pthread_cond_t), .init = native_init, .lock_of = native_lock_of };
static const MtNativeCall wait_call = { 0 }; /* the lock is let go by the sleep that follows */
static const MtNativeCall wake_call = { .sleep = native_sleep }, notify_call = { .leave = native_wake };

static const MtOp op_wait = { .name = "cond_wait", .apply = wait_apply, .touches = wait_touches, .native = &wait_call, .uses = mt_uses_b };
static const MtOp op_wake = { .name = "cond_wake", .ways = wake_ways, .apply = wake_apply, .touches = wait_touches, .why = wake_why, .native = &wake_call, .uses = wake_uses };
static const MtOp op_notify = { .name = "notify", .ways = notify_ways, .picks = notify_picks, .apply = notify_apply, .touches = notify_touches, .native = &notify_call, .uses = mt_uses_b };
static const MtOp op_notify_all = { .name = "notify_all", .apply = notify_all_apply, .touches = notify_touches, .native = &notify_call, .uses = mt_uses_b };

static gint32
lock_number (MtCompiler *c, gint32 object)
{
  return mt_compiling (c)->objects[object].setting[SETTING_LOCK];
}

static void
compile_wait (MtCompiler *c, const MtStepNode *step)
{
  const MtArg *timeout = &step->args[1], *otherwise = &step->args[2];
  gint32 object;
  MtOperand index, depth = { .slot = -1 };
  if (mt_in_instant (c))
    mt_compile_error (c, step->mark, step->width, NULL, "an atomic body can't wait for a condition: to sleep and to wake up are two steps");
  mt_check_else (c, step);
  if (!mt_resolve_object (c, step->args[0].expr, &mt_primitive_cond, &object, &index))
    return;
  MtOperand time = mt_compile_timeout (c, timeout);
  if (mt_lock_is_reentrant (&mt_compiling (c)->objects[lock_number (c, object)]))
    depth = mt_compile_temp (c, MT_TYPE_INT);
  mt_emit_op (c, &op_wait, depth.slot, 0, index.slot, object, MT_ALWAYS);
  mt_emit_arm (c, time);
  mt_emit_op (c, &op_wake, 0, depth.slot, index.slot, object,
              (timeout->node ? MT_TIMED | MT_FALLIBLE : 0) | (depth.temp ? MT_KILL_A : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, depth);
  mt_release (c, index);
  if (timeout->node)
    mt_compile_else (c, otherwise, "TimeoutError");
}

static void
compile_notify (MtCompiler *c, const MtStepNode *step)
{
  mt_ways_at_most (c, mt_compiling (c)->n_tasks);
  mt_compile_simple (c, step, &mt_primitive_cond, &op_notify);
}

static void
compile_notify_all (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_simple (c, step, &mt_primitive_cond, &op_notify_all);
}

/* with: its lock, which all conditions of an array share. */
static void
compile_with (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  MtOperand index;
  if (!mt_resolve_object (c, step->args[0].expr, &mt_primitive_cond, &object, &index))
    return;
  mt_discard (c, index);
  mt_compile_with (c, step, lock_number (c, object), (MtOperand){ .slot = -1 }, &mt_op_lock, &mt_op_unlock);
}

static const MtSettingSpec settings[] = {
  { "lock", MT_SETTING_OBJECT, 0, 0, 0, "locks", TRUE, "lock: the lock that waiting lets go" },
  { "spurious", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "a wait may end without a notification (so a lost one is not missed: look for those without this)" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "wait", { { "wait", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_wait, "{wait: c, timeout: 1, else: [..]}" },
  { "notify", { { "notify", MT_ARG_OBJECT, TRUE } }, compile_notify, "{notify: c}" },
  { "notify_all", { { "notify_all", MT_ARG_OBJECT, TRUE } }, compile_notify_all, "{notify_all: c}" },
  { "with", { { "with", MT_ARG_OBJECT, TRUE }, { "do", MT_ARG_STEPS, TRUE } }, compile_with, "{with: c, do: [..]}" },
  { 0 },
};

static const MtOp *const ops[] = { &op_wait, &op_wake, &op_notify, &op_notify_all, NULL };

const MtPrimitive mt_primitive_cond = { .section = "conditions", .noun = "a condition", .settings = settings, .verbs = verbs,
                                        .ops = ops, .words = words, .print = print, .help = "a place to sleep until notified", .native = &native, .rename = rename_tasks };

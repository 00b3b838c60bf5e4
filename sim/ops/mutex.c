/* Locks: mutual exclusion, plain or reentrant. Words: [0] the holder's number + 1, 0 when free;
 * [1] how often a reentrant lock is held more. Who gets a lock that is let go is the scheduler's pick. */
#include "sim/primitive.h"
#include <pthread.h>

enum
{
  OWNER,
  DEPTH,
};

enum
{
  SETTING_REENTRANT,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program;
  return object->setting[SETTING_REENTRANT] ? 2 : 1;
}

static gint
holder (const MtObject *object, const MtWord *w)
{
  (void)object;
  return w[OWNER] - 1;
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  if (w[OWNER] == 0)
    g_string_append (out, "free");
  else if (object->setting[SETTING_REENTRANT] && w[DEPTH] > 0)
    g_string_append_printf (out, "held by %s, %d times", program->tasks[w[OWNER] - 1].name, w[DEPTH] + 1);
  else
    g_string_append_printf (out, "held by %s", program->tasks[w[OWNER] - 1].name);
}

static void
rename_holder (const MtObject *object, MtWord *w, const guint16 *now)
{
  (void)object;
  if (w[OWNER])
    w[OWNER] = now[w[OWNER] - 1] + 1;
}

static guint
lock_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *m = mt_object (program, s + program->tasks[task].frame, in);
  /* an element that does not exist is let through: the step then reports it */
  MtWord owner = m ? mt_look (s + m->address + OWNER) : 0;
  gboolean ready = owner == 0 || (m->setting[SETTING_REENTRANT] && owner == (MtWord)task + 1);
  return mt_ways_timed (program, s, task, in, ready, out);
}

static MtResult
lock_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *m = mt_object_of (ctx, in);
  if (!m)
    return MT_FAULTED;
  if (ctx->alt == 1)
    return MT_FAILED;
  if (mt_get (ctx, m->address + OWNER) != 0)
    mt_put (ctx, m->address + DEPTH, ctx->s[m->address + DEPTH] + 1);
  mt_put (ctx, m->address + OWNER, (MtWord)ctx->task + 1);
  return MT_DONE;
}

gboolean
mt_lock_is_reentrant (const MtObject *lock)
{
  return lock->setting[SETTING_REENTRANT] != 0;
}

MtWord
mt_lock_drop (MtCtx *ctx, const MtObject *lock)
{
  MtWord depth = 0;
  if (lock->setting[SETTING_REENTRANT])
    {
      depth = mt_get (ctx, lock->address + DEPTH);
      mt_put (ctx, lock->address + DEPTH, 0);
    }
  mt_put (ctx, lock->address + OWNER, 0);
  return depth;
}

void
mt_lock_restore (MtCtx *ctx, const MtObject *lock, MtWord depth)
{
  mt_put (ctx, lock->address + OWNER, (MtWord)ctx->task + 1);
  if (lock->setting[SETTING_REENTRANT])
    mt_put (ctx, lock->address + DEPTH, depth);
}

static MtResult
unlock_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *m = mt_object_of (ctx, in);
  if (!m)
    return MT_FAULTED;
  MtWord owner = mt_get (ctx, m->address + OWNER);
  if (owner != (MtWord)ctx->task + 1)
    return owner == 0 ? mt_fault (ctx, "RuntimeError: unlock of %s, which nobody holds", m->name)
                      : mt_fault (ctx, "RuntimeError: unlock of %s, which %s holds", m->name, ctx->program->tasks[owner - 1].name);
  if (m->setting[SETTING_REENTRANT] && ctx->s[m->address + DEPTH] > 0)
    mt_put (ctx, m->address + DEPTH, ctx->s[m->address + DEPTH] - 1);
  else
    mt_put (ctx, m->address + OWNER, 0);
  return MT_DONE;
}

static void
why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  const MtObject *m = mt_object (program, s + program->tasks[task].frame, in);
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(m - program->objects);
  out->holder = s[m->address + OWNER] - 1;
}

static MtResult
locked_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *m = mt_object_of (ctx, in);
  if (!m)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, m->address + OWNER) != 0;
  return MT_DONE;
}

static MtResult
holder_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *m = mt_object_of (ctx, in);
  if (!m)
    return MT_FAULTED;
  MtWord owner = mt_get (ctx, m->address + OWNER);
  ctx->r[in->dst] = owner ? ctx->program->tasks[owner - 1].self : 0;
  return MT_DONE;
}

/* The model's condition lets a reentrant one go however often it is held, the system's once. */
static gboolean
native_sleeps (const MtObject *m)
{
  return !m->setting[SETTING_REENTRANT];
}

static void
native_init (const MtObject *m, gpointer place)
{
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_settype (&attributes, m->setting[SETTING_REENTRANT] ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  pthread_mutex_init (place, &attributes);
  pthread_mutexattr_destroy (&attributes);
}

static gint
native_try (gpointer place)
{
  return pthread_mutex_trylock (place);
}

static gint
native_lock (gpointer place, const struct timespec *until)
{
  return until ? pthread_mutex_timedlock (place, until) : pthread_mutex_lock (place);
}

static void
native_unlock (const MtWord *words, gpointer place)
{
  (void)words;
  pthread_mutex_unlock (place);
}

static const MtNative native = { .size = sizeof (pthread_mutex_t), .init = native_init, .sleeps = native_sleeps };
static const MtNativeCall lock_call = { .attempt = native_try, .wait = native_lock }, unlock_call = { .leave = native_unlock };

const MtOp mt_op_lock = { .name = "lock", .ways = lock_ways, .apply = lock_apply, .touches = mt_touches_object, .why = why, .uses = mt_uses_b, .native = &lock_call };
const MtOp mt_op_unlock = { .name = "unlock", .apply = unlock_apply, .touches = mt_touches_object, .uses = mt_uses_b, .native = &unlock_call };
const MtOp mt_op_locked = { .name = "locked", .makes_dst = TRUE, .apply = locked_apply, .touches = mt_looks_at_object, .uses = mt_uses_b };
const MtOp mt_op_holder = { .name = "holder", .makes_dst = TRUE, .apply = holder_apply, .touches = mt_looks_at_object, .uses = mt_uses_b, .names_tasks = MT_NAMES_HOLDER };

static void
compile_lock (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_waiting (c, step, &mt_primitive_mutex, &mt_op_lock);
}

static void
compile_unlock (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_simple (c, step, &mt_primitive_mutex, &mt_op_unlock);
}

static void
compile_with (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  MtOperand index;
  if (mt_resolve_object (c, step->args[0].expr, &mt_primitive_mutex, &object, &index))
    mt_compile_with (c, step, object, index, &mt_op_lock, &mt_op_unlock);
}

static const MtSettingSpec settings[] = {
  { "reentrant", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "its holder may lock it again" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "lock", { { "lock", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_lock, "{lock: m, timeout: 1, else: [..]}" },
  { "unlock", { { "unlock", MT_ARG_OBJECT, TRUE } }, compile_unlock, "{unlock: m}" },
  { "with", { { "with", MT_ARG_OBJECT, TRUE }, { "do", MT_ARG_STEPS, TRUE } }, compile_with, "{with: m, do: [..]}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "locked", MT_TYPE_BOOL, &mt_op_locked, "whether the lock is held" },
  { "holder", MT_TYPE_STRING, &mt_op_holder, "name of the task that holds the lock, or the empty text" },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_lock, &mt_op_unlock, &mt_op_locked, &mt_op_holder, NULL };

const MtPrimitive mt_primitive_mutex = { .section = "locks", .noun = "a lock", .settings = settings, .verbs = verbs, .functions = functions,
                                         .ops = ops, .words = words, .print = print, .holder = holder, .help = "mutual exclusion", .rename = rename_holder, .native = &native };

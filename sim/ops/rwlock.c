/* Readers-writer locks: several readers or one writer. Words: [0] the writer's number + 1, or 0;
 * [1 + t] how often task t holds it for reading (POSIX lets a reader read_lock it again). Nobody is
 * preferred: who gets it next is the scheduler's pick. */
#include "sim/primitive.h"
#include <pthread.h>

enum
{
  WRITER,
  READERS,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)object;
  return READERS + program->n_tasks;
}

/* The first task that holds it for reading, from @from on; -1. */
static gint
reader (const MtObject *object, const MtWord *w, guint from)
{
  for (guint t = from; t < object->n_words - READERS; t++)
    if (mt_look (w + READERS + t))
      return (gint)t;
  return -1;
}

static gint
holder (const MtObject *object, const MtWord *w)
{
  MtWord writer = mt_look (w + WRITER);
  return writer ? writer - 1 : reader (object, w, 0);
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  gint t = reader (object, w, 0);
  if (w[WRITER])
    g_string_append_printf (out, "written by %s", program->tasks[w[WRITER] - 1].name);
  else if (t < 0)
    g_string_append (out, "free");
  for (const gchar *before = "read by "; t >= 0; t = reader (object, w, (guint)t + 1), before = ", ")
    g_string_append_printf (out, "%s%s", before, program->tasks[t].name);
}

static void
rename_tasks (const MtObject *object, MtWord *w, const guint16 *now)
{
  w[WRITER] = w[WRITER] ? now[w[WRITER] - 1] + 1 : 0;
  mt_rename_places (w + READERS, object->n_words - READERS, now);
}

static guint
read_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *rw = mt_object (program, s + program->tasks[task].frame, in);
  /* an element that does not exist is let through: the step then reports it */
  return mt_ways_timed (program, s, task, in, !rw || mt_look (s + rw->address + WRITER) == 0, out);
}

static MtResult
read_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *rw = mt_object_of (ctx, in);
  if (!rw)
    return MT_FAULTED;
  if (ctx->alt == 1)
    return MT_FAILED;
  guint count = rw->address + READERS + ctx->task;
  mt_put (ctx, count, mt_get (ctx, count) + 1);
  return MT_DONE;
}

static guint
write_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *rw = mt_object (program, s + program->tasks[task].frame, in);
  return mt_ways_timed (program, s, task, in, !rw || holder (rw, s + rw->address) < 0, out);
}

static MtResult
write_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *rw = mt_object_of (ctx, in);
  if (!rw)
    return MT_FAULTED;
  if (ctx->alt == 1)
    return MT_FAILED;
  mt_put (ctx, rw->address + WRITER, (MtWord)ctx->task + 1);
  return MT_DONE;
}

static MtResult
unlock_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *rw = mt_object_of (ctx, in);
  if (!rw)
    return MT_FAULTED;
  guint count = rw->address + READERS + ctx->task;
  if (mt_get (ctx, rw->address + WRITER) == (MtWord)ctx->task + 1)
    mt_put (ctx, rw->address + WRITER, 0);
  else if (mt_get (ctx, count))
    mt_put (ctx, count, ctx->s[count] - 1);
  else
    {
      g_autoptr (GString) state = g_string_new (NULL);
      print (ctx->program, rw, ctx->s + rw->address, state);
      return mt_fault (ctx, "RuntimeError: unlock of %s, which is %s", rw->name, state->str);
    }
  return MT_DONE;
}

/* A writer may wait for several readers; itself first, since it then waits for ever. */
static void
why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  const MtObject *rw = mt_object (program, s + program->tasks[task].frame, in);
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(rw - program->objects);
  out->holder = s[rw->address + READERS + task] ? (gint)task : s[rw->address + WRITER] ? holder (rw, s + rw->address) : reader (rw, s + rw->address, out->from);
}

static void
native_init (const MtObject *rw, gpointer place)
{
  pthread_rwlockattr_t attributes;
  pthread_rwlockattr_init (&attributes);
  pthread_rwlockattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_rwlock_init (place, &attributes);
  pthread_rwlockattr_destroy (&attributes);
}

static gint
native_try_read (gpointer place)
{
  return pthread_rwlock_tryrdlock (place);
}

static gint
native_read (gpointer place, const struct timespec *until)
{
  return until ? pthread_rwlock_timedrdlock (place, until) : pthread_rwlock_rdlock (place);
}

static gint
native_try_write (gpointer place)
{
  return pthread_rwlock_trywrlock (place);
}

static gint
native_write (gpointer place, const struct timespec *until)
{
  return until ? pthread_rwlock_timedwrlock (place, until) : pthread_rwlock_wrlock (place);
}

static void
native_unlock (const MtWord *words, gpointer place)
{
  (void)words;
  pthread_rwlock_unlock (place);
}

static const MtNative native = { .size = sizeof (pthread_rwlock_t), .init = native_init };
static const MtNativeCall read_call = { .attempt = native_try_read, .wait = native_read };
static const MtNativeCall write_call = { .attempt = native_try_write, .wait = native_write };
static const MtNativeCall unlock_call = { .leave = native_unlock };

static const MtOp op_read = { .name = "read_lock", .ways = read_ways, .apply = read_apply, .touches = mt_touches_object, .why = why, .native = &read_call, .uses = mt_uses_b };
static const MtOp op_write = { .name = "write_lock", .ways = write_ways, .apply = write_apply, .touches = mt_touches_object, .why = why, .native = &write_call, .uses = mt_uses_b };
static const MtOp op_unlock = { .name = "rw_unlock", .apply = unlock_apply, .touches = mt_touches_object, .native = &unlock_call, .uses = mt_uses_b };

static void
compile_read (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_waiting (c, step, &mt_primitive_rwlock, &op_read);
}

static void
compile_write (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_waiting (c, step, &mt_primitive_rwlock, &op_write);
}

static void
compile_unlock (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_simple (c, step, &mt_primitive_rwlock, &op_unlock);
}

static const MtVerb verbs[] = {
  { "read_lock", { { "read_lock", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_read, "{read_lock: rw, timeout: 1, else: [..]}" },
  { "write_lock", { { "write_lock", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_write, "{write_lock: rw, timeout: 1, else: [..]}" },
  { "unlock", { { "unlock", MT_ARG_OBJECT, TRUE } }, compile_unlock, "{unlock: rw}" },
  { 0 },
};

static const MtOp *const ops[] = { &op_read, &op_write, &op_unlock, NULL };

const MtPrimitive mt_primitive_rwlock = { .section = "rwlocks", .noun = "a readers-writer lock", .verbs = verbs, .ops = ops, .words = words,
                                          .print = print, .holder = holder, .help = "several readers or one writer", .native = &native, .rename = rename_tasks };

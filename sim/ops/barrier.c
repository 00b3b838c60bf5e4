/* Barriers: nobody goes on before all parties are there. Words: [0] how many are inside; [1] what
 * they do there. To wait is two steps, to arrive and to leave; who arrives while the parties of the
 * round before are still leaving waits at the door, so a barrier can be used again at once. */
#include "sim/native.h"
#include "sim/primitive.h"
#include <pthread.h>

enum
{
  INSIDE,
  PHASE,
};

typedef enum
{
  FILLING,
  DRAINING,
  BROKEN, /* for good: a party gave up */
} Phase;

enum
{
  SETTING_PARTIES,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program, (void)object;
  return 2;
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  (void)program;
  if (w[PHASE] == FILLING)
    g_string_append_printf (out, "%d of %d waiting", w[INSIDE], object->setting[SETTING_PARTIES]);
  else
    g_string_append_printf (out, "%s, %d to leave", w[PHASE] == BROKEN ? "broken" : "open", w[INSIDE]);
}

static guint
arrive_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *b = mt_object (program, s + program->tasks[task].frame, in);
  /* an element that does not exist is let through: the step then reports it */
  return !b || s[b->address + PHASE] != DRAINING ? mt_way (out, 0, task, 0) : 0;
}

/* The index is kept: to leave, it is needed again. */
static MtResult
arrive_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *b = mt_object_of (ctx, in);
  if (!b)
    return MT_FAULTED;
  MtWord inside = mt_get (ctx, b->address + INSIDE) + 1;
  mt_put (ctx, b->address + INSIDE, inside);
  if (mt_get (ctx, b->address + PHASE) == FILLING && inside == b->setting[SETTING_PARTIES])
    mt_put (ctx, b->address + PHASE, DRAINING);
  return MT_DONE;
}

static guint
leave_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *b = mt_object (program, s + program->tasks[task].frame, in);
  Phase phase = (Phase)s[b->address + PHASE];
  return phase == BROKEN ? mt_way (out, 0, task, 1) : mt_ways_timed (program, s, task, in, phase == DRAINING, out);
}

static MtResult
leave_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *b = mt_object_of (ctx, in);
  MtWord inside = mt_get (ctx, b->address + INSIDE) - 1;
  mt_put (ctx, b->address + INSIDE, inside);
  if (ctx->alt == 1)
    mt_put (ctx, b->address + PHASE, BROKEN);
  else if (inside == 0)
    mt_put (ctx, b->address + PHASE, FILLING);
  return ctx->alt == 1 ? MT_FAILED : MT_DONE;
}

static void
why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(mt_object (program, s + program->tasks[task].frame, in) - program->objects);
}

/* On real threads: to leave is to wait at the system's barrier. Who arrives does so in the words alone, so that they tell who
 * is inside; and the round before has left by then. */

static void
native_init (const MtObject *b, gpointer place)
{
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init (&attributes);
  pthread_barrierattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init (place, &attributes, (guint)b->setting[SETTING_PARTIES]);
  pthread_barrierattr_destroy (&attributes);
}

static gint
native_wait (gpointer place, const struct timespec *until)
{
  (void)until;
  gint problem = pthread_barrier_wait (place);
  return problem == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : problem;
}

static const MtNative native = { .size = sizeof (pthread_barrier_t), .init = native_init, .untimed = TRUE, .joint = TRUE };
static const MtNativeCall leave_call = { .wait = native_wait };

static const MtOp op_arrive = { .name = "arrive", .ways = arrive_ways, .apply = arrive_apply, .touches = mt_touches_object, .uses = mt_uses_b, .why = why };
static const MtOp op_leave = { .name = "leave", .ways = leave_ways, .apply = leave_apply, .touches = mt_touches_object, .uses = mt_uses_b, .why = why, .native = &leave_call };

static void
compile_wait (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  MtOperand index;
  if (mt_in_instant (c))
    mt_compile_error (c, step->mark, step->width, NULL, "an atomic body can't wait at a barrier: to arrive and to leave are two steps");
  if (!mt_resolve_object (c, step->args[0].expr, &mt_primitive_barrier, &object, &index))
    return;
  MtOperand timeout = mt_compile_timeout (c, &step->args[1]);
  mt_emit_op (c, &op_arrive, 0, 0, index.slot, object, 0);
  mt_emit_arm (c, timeout);
  mt_emit_op (c, &op_leave, 0, 0, index.slot, object, MT_FALLIBLE | (step->args[1].node ? MT_TIMED : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  mt_compile_else (c, &step->args[2], "threading.BrokenBarrierError");
}

static const MtSettingSpec settings[] = {
  { "parties", MT_SETTING_INT, 1, 1, 1000, NULL, TRUE, "parties: how many tasks go on together" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "wait", { { "wait", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_wait, "{wait: b, timeout: 1, else: [..]}" },
  { 0 },
};

static const MtOp *const ops[] = { &op_arrive, &op_leave, NULL };

const MtPrimitive mt_primitive_barrier = { .section = "barriers", .noun = "a barrier", .settings = settings, .verbs = verbs,
                                           .ops = ops, .words = words, .print = print, .help = "a place where tasks wait for each other", .native = &native, .rename = mt_rename_nothing };

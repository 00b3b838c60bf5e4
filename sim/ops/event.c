/* Events: a flag that tasks wait for. Word: [0] whether it is set. */
#include "sim/primitive.h"

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program, (void)object;
  return 1;
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  (void)program, (void)object;
  g_string_append (out, *w ? "set" : "not set");
}

static guint
wait_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *e = mt_object (program, s + program->tasks[task].frame, in);
  /* an element that does not exist is let through: the step then reports it */
  return mt_ways_timed (program, s, task, in, !e || s[e->address], out);
}

static MtResult
wait_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *e = mt_object_of (ctx, in);
  if (!e)
    return MT_FAULTED;
  mt_get (ctx, e->address);
  return ctx->alt == 1 ? MT_FAILED : MT_DONE;
}

static void
wait_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(mt_object (program, s + program->tasks[task].frame, in) - program->objects);
}

static MtResult
put_flag (MtCtx *ctx, const MtInstr *in, MtWord flag)
{
  const MtObject *e = mt_object_of (ctx, in);
  if (!e)
    return MT_FAULTED;
  mt_put (ctx, e->address, flag);
  return MT_DONE;
}

static MtResult
set_apply (MtCtx *ctx, const MtInstr *in)
{
  return put_flag (ctx, in, 1);
}

static MtResult
clear_apply (MtCtx *ctx, const MtInstr *in)
{
  return put_flag (ctx, in, 0);
}

static MtResult
is_set_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *e = mt_object_of (ctx, in);
  if (!e)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, e->address);
  return MT_DONE;
}

static const MtOp op_wait = { .name = "event_wait", .ways = wait_ways, .apply = wait_apply, .touches = mt_looks_at_object, .uses = mt_uses_b, .why = wait_why };
static const MtOp op_set = { .name = "event_set", .apply = set_apply, .touches = mt_touches_object, .uses = mt_uses_b };
static const MtOp op_clear = { .name = "event_clear", .apply = clear_apply, .touches = mt_touches_object, .uses = mt_uses_b };
static const MtOp op_is_set = { .name = "is_set", .makes_dst = TRUE, .apply = is_set_apply, .touches = mt_looks_at_object, .uses = mt_uses_b };

static void
compile_wait (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_waiting (c, step, &mt_primitive_event, &op_wait);
}

static void
compile_set (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_simple (c, step, &mt_primitive_event, &op_set);
}

static void
compile_clear (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_simple (c, step, &mt_primitive_event, &op_clear);
}

static const MtVerb verbs[] = {
  { "wait", { { "wait", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_wait, "{wait: e, timeout: 1, else: [..]}" },
  { "set", { { "set", MT_ARG_OBJECT, TRUE } }, compile_set, "{set: e}" },
  { "clear", { { "clear", MT_ARG_OBJECT, TRUE } }, compile_clear, "{clear: e}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "is_set", MT_TYPE_BOOL, &op_is_set, "whether the event is set" },
  { 0 },
};

static const MtOp *const ops[] = { &op_wait, &op_set, &op_clear, &op_is_set, NULL };

const MtPrimitive mt_primitive_event = { .section = "events", .noun = "an event", .verbs = verbs, .functions = functions,
                                         .ops = ops, .words = words, .print = print, .help = "a flag to wait for", .rename = mt_rename_nothing };

/* Coroutines: yield and switch. Both happen when a coroutine arrives there, in carrier.c; the step
 * is the return from it, and does nothing more. switch: imm is a task's number, b the slot of an
 * index to add, or -1. */
#include "sim/carrier.h"
#include "sim/primitive.h"

static MtResult
yield_apply (MtCtx *ctx, const MtInstr *in)
{
  (void)ctx, (void)in;
  return MT_DONE;
}

/* A switch to a coroutine that has ended, or not begun, goes on at once: greenlet then runs the
 * parent, which a model has not. */
static MtResult
switch_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtTask *first = &ctx->program->tasks[in->imm];
  MtWord i = in->b < 0 ? 0 : mt_b (ctx, in);
  if (in->b >= 0 && (i < 0 || (guint)i >= first->count))
    return mt_fault (ctx, "IndexError: %s[%d], but there are 1 to %u", first->group, i + 1, first->count);
  return MT_DONE;
}

const MtOp mt_op_yield = { .name = "yield", .apply = yield_apply, .uses = mt_uses_none };
const MtOp mt_op_switch = { .name = "switch", .apply = switch_apply, .uses = mt_uses_b };

static gboolean
in_coroutine (MtCompiler *c, const MtStepNode *step, const gchar *what)
{
  if (mt_compiling_kind (c) != MT_TASK_COROUTINE)
    mt_compile_error (c, step->mark, step->width, "threads and processes take turns anywhere: declare the task under coroutines",
                      "'%s' outside a coroutine", what);
  else if (mt_in_instant (c))
    mt_compile_error (c, step->mark, step->width, NULL, "an atomic body can't %s", what);
  else
    return TRUE;
  return FALSE;
}

static void
compile_yield (MtCompiler *c, const MtStepNode *step)
{
  if (in_coroutine (c, step, "yield"))
    mt_emit_op (c, &mt_op_yield, 0, 0, -1, 0, MT_ALWAYS);
}

static void
compile_switch (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *e = step->args[0].expr;
  gint32 first;
  guint n;
  MtOperand index;
  if (!in_coroutine (c, step, "switch") || !mt_resolve_task (c, e, &first, &n, &index))
    return;
  const MtTask *to = &mt_compiling (c)->tasks[first];
  if (to->kind != MT_TASK_COROUTINE)
    mt_compile_error (c, e->mark, e->width, "start it, or wake it by an event", "'%s' is no coroutine: nothing can be handed over to it", to->group);
  else if (to->process != mt_compiling_process (c))
    mt_compile_error (c, e->mark, e->width, NULL, "'%s' belongs to another process: cannot switch to a different thread", to->group);
  else if (n > 1)
    mt_compile_error (c, e->mark, e->width, "say which: name[i]", "'%s' is several coroutines", to->group);
  else
    mt_emit_op (c, &mt_op_switch, 0, 0, index.slot, first, MT_ALWAYS | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
}

static const MtVerb verbs[] = {
  { "yield", { { "yield", MT_ARG_NONE, TRUE } }, compile_yield, "yield" },
  { "switch", { { "switch", MT_ARG_OBJECT, TRUE } }, compile_switch, "{switch: coroutine}" },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_yield, &mt_op_switch, NULL };

const MtPrimitive mt_primitive_coroutine = { .noun = "a coroutine", .verbs = verbs, .ops = ops, .help = "yielding and switching", .rename = mt_rename_nothing };

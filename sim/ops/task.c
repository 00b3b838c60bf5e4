/* Tasks seen by tasks: start, join, alive, active, at. imm is a task's number, b the slot of an
 * index to add, or -1; a group (count) is count tasks from imm on. */
#include "sim/primitive.h"
#include <string.h>

static gint
task_of (MtCtx *ctx, const MtInstr *in)
{
  const MtTask *first = &ctx->program->tasks[in->imm];
  if (in->b < 0)
    return in->imm;
  MtWord i = mt_b (ctx, in);
  if (i >= 0 && (guint)i < first->count)
    return in->imm + i;
  mt_fault (ctx, "IndexError: %s[%d], but there are 1 to %u", first->group, i + 1, first->count);
  return -1;
}

/* What tasks see of each other is where they rest: the words at their base. */
static void
pc_touches (const MtProgram *program, const MtInstr *in, guint n, GArray *out)
{
  for (guint i = 0; i < (in->b >= 0 ? program->tasks[in->imm].count : n); i++)
    mt_touch (out, program->tasks[(guint)in->imm + i].base, 1);
}

/* start: dst is how many tasks, a the first argument's slot, flags' room is not enough for their
 * number, so it is the class's n_params. */
static MtResult
start_apply (MtCtx *ctx, const MtInstr *in)
{
  gint first = task_of (ctx, in);
  if (first < 0)
    return MT_FAULTED;
  for (guint t = (guint)first; t < (guint)first + (guint)in->dst; t++)
    {
      const MtTask *task = &ctx->program->tasks[t];
      const MtClass *class_ = &ctx->program->classes[task->class_];
      if (mt_get (ctx, task->base) != MT_REST_UNSTARTED)
        return mt_fault (ctx, "RuntimeError: %s is started already: threads can only be started once", task->name);
      if (in->a >= 0)
        memcpy (ctx->s + task->frame, ctx->r + in->a, sizeof (MtWord) * class_->n_params);
      guint pc = ctx->pc;
      MtOutcome outcome = mt_enter (ctx->program, ctx->s, t, ctx->rec);
      ctx->pc = pc;
      ctx->outcome |= outcome;
      mt_put (ctx, task->base, ctx->s[task->base]);
    }
  if (in->a >= 0)
    memset (ctx->r + in->a, 0, sizeof (MtWord) * ctx->program->classes[ctx->program->tasks[first].class_].n_params);
  return MT_DONE;
}

static void
start_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  pc_touches (program, in, (guint)in->dst, out->writes);
}

static gboolean
all_ended (const MtProgram *program, const MtWord *s, guint first, guint n)
{
  for (guint t = first; t < first + n; t++)
    if (!mt_task_ended (program, s, t))
      return FALSE;
  return TRUE;
}

/* join: dst is how many tasks. */
static guint
join_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtTask *group = &program->tasks[in->imm];
  MtWord i = in->b < 0 ? 0 : s[program->tasks[task].frame + (guint)in->b];
  gboolean exists = in->b < 0 || (i >= 0 && (guint)i < group->count);
  return mt_ways_timed (program, s, task, in, !exists || all_ended (program, s, (guint)(in->imm + i), (guint)in->dst), out);
}

static MtResult
join_apply (MtCtx *ctx, const MtInstr *in)
{
  gint first = task_of (ctx, in);
  if (first < 0)
    return MT_FAULTED;
  if (ctx->alt == 1)
    return MT_FAILED;
  for (guint i = 0; i < (guint)in->dst; i++)
    mt_get (ctx, ctx->program->tasks[(guint)first + i].base);
  return MT_DONE;
}

static void
join_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  pc_touches (program, in, (guint)in->dst, out->reads);
}

static void
join_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  guint first = (guint)in->imm + (in->b < 0 ? 0 : (guint)s[program->tasks[task].frame + (guint)in->b]);
  while (mt_task_ended (program, s, first))
    first++;
  out->kind = MT_BLOCK_TASK;
  out->holder = (gint)first;
}

static MtResult
alive_apply (MtCtx *ctx, const MtInstr *in)
{
  gint t = task_of (ctx, in);
  if (t < 0)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, ctx->program->tasks[t].base) >= MT_N_RESTS;
  return MT_DONE;
}

static void
alive_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  pc_touches (program, in, 1, out->reads);
}

static MtResult
active_apply (MtCtx *ctx, const MtInstr *in)
{
  MtWord n = 0;
  for (guint t = 0; t < ctx->program->n_tasks; t++)
    n += mt_get (ctx, ctx->program->tasks[t].base) >= MT_N_RESTS;
  ctx->r[in->dst] = n;
  return MT_DONE;
}

static void
active_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task, (void)in;
  for (guint t = 0; t < program->n_tasks; t++)
    mt_touch (out->reads, program->tasks[t].base, 1);
}

static gboolean
rests_at (const MtProgram *program, const MtWord *s, guint t, const gchar *label)
{
  guint pc = (guint)s[program->tasks[t].base];
  for (guint i = 0; i < program->n_labels; i++)
    if (program->labels[i].class_ == program->tasks[t].class_ && pc >= program->labels[i].from && pc < program->labels[i].to
        && g_str_equal (program->labels[i].name, label))
      return TRUE;
  return FALSE;
}

static MtResult
at_apply (MtCtx *ctx, const MtInstr *in)
{
  gint t = task_of (ctx, in);
  if (t < 0)
    return MT_FAULTED;
  mt_get (ctx, ctx->program->tasks[t].base);
  ctx->r[in->dst] = rests_at (ctx->program, ctx->s, (guint)t, ctx->program->strings[in->a]);
  return MT_DONE;
}

static MtResult
count_at_apply (MtCtx *ctx, const MtInstr *in)
{
  MtWord n = 0;
  for (guint t = 0; t < ctx->program->n_tasks; t++)
    {
      mt_get (ctx, ctx->program->tasks[t].base);
      n += rests_at (ctx->program, ctx->s, t, ctx->program->strings[in->a]);
    }
  ctx->r[in->dst] = n;
  return MT_DONE;
}

static gboolean
start_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  if (in->a >= 0)
    mt_touch (out, (guint)in->a, program->classes[program->tasks[in->imm].class_].n_params);
  return mt_uses_b (program, in, out);
}

const MtOp mt_op_start = { .name = "start", .apply = start_apply, .touches = start_touches, .uses = start_uses, .names_tasks = MT_NAMES_GROUP };
const MtOp mt_op_join = { .name = "join", .ways = join_ways, .apply = join_apply, .touches = join_touches, .why = join_why, .uses = mt_uses_b, .names_tasks = MT_NAMES_GROUP };
const MtOp mt_op_alive = { .name = "alive", .makes_dst = TRUE, .apply = alive_apply, .touches = alive_touches, .uses = mt_uses_b, .names_tasks = MT_NAMES_ONE };
const MtOp mt_op_active = { .name = "active", .makes_dst = TRUE, .apply = active_apply, .touches = active_touches, .uses = mt_uses_none };
const MtOp mt_op_at = { .name = "at", .apply = at_apply, .touches = alive_touches, .uses = mt_uses_b, .names_tasks = MT_NAMES_ONE };
const MtOp mt_op_count_at = { .name = "count_at", .apply = count_at_apply, .touches = active_touches, .uses = mt_uses_none };

static void
compile_start (MtCompiler *c, const MtStepNode *step)
{
  gint32 first;
  guint n;
  MtOperand index;
  if (!mt_resolve_task (c, step->args[0].expr, &first, &n, &index))
    return;
  const GPtrArray *args = step->args[1].exprs;
  gint base = args && args->len ? mt_compile_temps (c, args->len) : -1;
  mt_compile_start_args (c, first, args, base, step->mark);
  if (n > 1 && base >= 0)
    mt_compile_error (c, step->mark, step->width, "start them one by one: t[i]", "a group is started without args");
  mt_emit_op (c, &mt_op_start, (gint)n, base, index.slot, first, MT_ALWAYS | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
}

static void
compile_join (MtCompiler *c, const MtStepNode *step)
{
  gint32 first;
  guint n;
  MtOperand index;
  gboolean timed = step->args[1].node != NULL;
  mt_compile_arm (c, &step->args[1]);
  if (!mt_resolve_task (c, step->args[0].expr, &first, &n, &index))
    return;
  mt_check_not_self (c, first, n, step->args[0].expr);
  mt_emit_op (c, &mt_op_join, (gint)n, 0, index.slot, first, (timed ? MT_TIMED | MT_FALLIBLE : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  if (timed)
    mt_compile_else (c, &step->args[2], "TimeoutError");
}

static const MtVerb verbs[] = {
  { "start", { { "start", MT_ARG_OBJECT, TRUE }, { "args", MT_ARG_ARGS, FALSE } }, compile_start, "{start: t, args: [..]}" },
  { "join", { { "join", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_join, "{join: t, timeout: 1, else: [..]}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "alive", MT_TYPE_BOOL, &mt_op_alive, "whether the task has started and not ended" },
  { "active", MT_TYPE_INT, &mt_op_active, "" },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_start, &mt_op_join, &mt_op_alive, &mt_op_active, &mt_op_at, &mt_op_count_at, NULL };

const MtPrimitive mt_primitive_task = { .noun = "a task", .verbs = verbs, .functions = functions, .ops = ops, .help = "starting and joining tasks", .rename = mt_rename_nothing };

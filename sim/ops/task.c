/* Tasks seen by tasks: start, join, terminate, alive, active, at. imm is a task's number, b the
 * slot of an index to add, or -1; a group (count) is count tasks from imm on. */
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

/* A process starts with a copy of its starter's globals as they are at that moment; those that
 * start with the model have their initial values. */
static void
copy_globals (MtCtx *ctx, guint from, guint to)
{
  const MtProgram *p = ctx->program;
  guint source = p->globals_base + from * p->globals_words, target = p->globals_base + to * p->globals_words;
  for (guint i = 0; i < p->globals_words; i++)
    mt_put (ctx, target + i, mt_get (ctx, source + i));
}

/* start: dst is how many tasks, a the first argument's slot (the class's n_params of them), or -1. */
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
        return task->kind == MT_TASK_PROCESS ? mt_fault (ctx, "AssertionError: %s is started already: cannot start a process twice", task->name)
                                             : mt_fault (ctx, "RuntimeError: %s is started already: threads can only be started once", task->name);
      if (task->kind == MT_TASK_PROCESS)
        copy_globals (ctx, ctx->program->tasks[ctx->task].process, task->process);
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
  guint n = in->b >= 0 ? program->tasks[in->imm].count : (guint)in->dst;
  pc_touches (program, in, (guint)in->dst, out->writes);
  if (program->tasks[in->imm].kind != MT_TASK_PROCESS)
    return;
  mt_touch (out->reads, program->globals_base + program->tasks[task].process * program->globals_words, program->globals_words);
  for (guint i = 0; i < n; i++)
    mt_touch (out->writes, program->globals_base + program->tasks[(guint)in->imm + i].process * program->globals_words, program->globals_words);
}

/* Whether @task is over: a process when the last of its tasks that is no daemon has ended, as
 * Python's waits for its threads. */
static gboolean
is_over (const MtProgram *program, const MtWord *s, guint task)
{
  if (!mt_task_ended (program, s, task))
    return FALSE;
  for (guint t = 0; program->tasks[task].kind == MT_TASK_PROCESS && t < program->n_tasks; t++)
    if (program->tasks[t].process == program->tasks[task].process && !program->tasks[t].daemon && s[program->tasks[t].base] >= MT_N_RESTS)
      return FALSE;
  return TRUE;
}

static gboolean
all_over (const MtProgram *program, const MtWord *s, guint first, guint n)
{
  for (guint t = first; t < first + n; t++)
    if (!is_over (program, s, t))
      return FALSE;
  return TRUE;
}

/* Where other tasks rest decides whether a process is over. */
static void
over_touches (const MtProgram *program, const MtInstr *in, guint n, MtFootprint *out)
{
  pc_touches (program, in, n, out->reads);
  for (guint t = 0; program->tasks[in->imm].kind == MT_TASK_PROCESS && t < program->n_tasks; t++)
    mt_touch (out->reads, program->tasks[t].base, 1);
}

/* join: dst is how many tasks. One that has not been started yet is waited for: where Python's
 * thread object raises "cannot join thread before it is started", a name here stands for a task
 * that another task may start later. If none does, the joining task is seen to wait for ever. */
static guint
join_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtTask *group = &program->tasks[in->imm];
  MtWord i = in->b < 0 ? 0 : s[program->tasks[task].frame + (guint)in->b];
  gboolean exists = in->b < 0 || (i >= 0 && (guint)i < group->count);
  return mt_ways_timed (program, s, task, in, !exists || all_over (program, s, (guint)(in->imm + i), (guint)in->dst), out);
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
  over_touches (program, in, (guint)in->dst, out);
}

/* The joined ones that are not over; of a process whose own steps are, the threads it waits for. */
static void
join_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  guint first = (guint)in->imm + (in->b < 0 ? 0 : (guint)s[program->tasks[task].frame + (guint)in->b]);
  out->kind = MT_BLOCK_TASK;
  for (guint t = out->from; out->holder < 0 && t < program->n_tasks; t++)
    for (guint k = first; out->holder < 0 && k < first + (guint)in->dst; k++)
      {
        const MtTask *thread = &program->tasks[t], *joined = &program->tasks[k];
        gboolean runs = s[thread->base] >= MT_N_RESTS && !thread->daemon;
        if (!is_over (program, s, k) && (mt_task_ended (program, s, k) ? runs && thread->process == joined->process : t == k))
          out->holder = (gint)t;
      }
}

static MtResult
alive_apply (MtCtx *ctx, const MtInstr *in)
{
  gint t = task_of (ctx, in);
  if (t < 0)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, ctx->program->tasks[t].base) != MT_REST_UNSTARTED && !is_over (ctx->program, ctx->s, (guint)t);
  return MT_DONE;
}

static void
alive_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  over_touches (program, in, 1, out);
}

/* active: a pool's workers live as long as the model and don't count. */
static MtResult
active_apply (MtCtx *ctx, const MtInstr *in)
{
  MtWord n = 0;
  for (guint t = 0; t < ctx->program->n_tasks; t++)
    n += ctx->program->tasks[t].kind != MT_TASK_WORKER && mt_get (ctx, ctx->program->tasks[t].base) >= MT_N_RESTS;
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

/* terminate: dst is how many processes. The process and the threads it has started rest where they
 * are, at MT_REST_KILLED, and nothing is cleaned up, as on a real OS: locks stay locked. Whatever
 * an operation moves, it moves in its one step, so a process is killed before an item was put or
 * taken, or after: an item is never lost half-way, nor doubled. As in Python, an ended process may
 * be terminated again, which does nothing, and one that was never started has nothing to be
 * terminated. Of a group, none is where one can't be. */
static MtResult
terminate_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtProgram *p = ctx->program;
  gint first = task_of (ctx, in);
  if (first < 0)
    return MT_FAULTED;
  for (guint t = (guint)first; t < (guint)first + (guint)in->dst; t++)
    {
      if (p->tasks[t].process == p->tasks[ctx->task].process)
        return mt_fault (ctx, "AttributeError: %s can't terminate itself: 'NoneType' object has no attribute 'terminate'", p->tasks[t].name);
      if (mt_get (ctx, p->tasks[t].base) == MT_REST_UNSTARTED)
        return mt_fault (ctx, "AttributeError: %s is not started: 'NoneType' object has no attribute 'terminate'", p->tasks[t].name);
    }
  for (guint t = (guint)first; t < (guint)first + (guint)in->dst; t++)
    for (guint k = 0; k < p->n_tasks; k++)
      if (p->tasks[k].process == p->tasks[t].process && ctx->s[p->tasks[k].base] >= MT_N_RESTS)
        {
          mt_put (ctx, p->tasks[k].base, MT_REST_KILLED);
          mt_kill_task (p, ctx->s, k);
        }
  return MT_DONE;
}

/* A task that is killed takes no step any more, so this depends on whatever its steps would touch. */
static void
terminate_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)program, (void)task, (void)in;
  out->all = TRUE;
}

const MtOp mt_op_start = { .name = "start", .apply = start_apply, .touches = start_touches, .uses = start_uses, .names_tasks = MT_NAMES_GROUP };
const MtOp mt_op_join = { .name = "join", .ways = join_ways, .apply = join_apply, .touches = join_touches, .why = join_why, .uses = mt_uses_b, .names_tasks = MT_NAMES_GROUP };
const MtOp mt_op_terminate = { .name = "terminate", .apply = terminate_apply, .touches = terminate_touches, .uses = mt_uses_b, .names_tasks = MT_NAMES_GROUP };
const MtOp mt_op_alive = { .name = "alive", .makes_dst = TRUE, .apply = alive_apply, .touches = alive_touches, .uses = mt_uses_b, .names_tasks = MT_NAMES_ONE };
const MtOp mt_op_active = { .name = "active", .makes_dst = TRUE, .apply = active_apply, .touches = active_touches, .uses = mt_uses_none };
const MtOp mt_op_at = { .name = "at", .makes_dst = TRUE, .apply = at_apply, .touches = alive_touches, .uses = mt_uses_b, .names_tasks = MT_NAMES_ONE };
const MtOp mt_op_count_at = { .name = "count_at", .makes_dst = TRUE, .apply = count_at_apply, .touches = active_touches, .uses = mt_uses_none };

static void
compile_start (MtCompiler *c, const MtStepNode *step)
{
  gint32 first;
  guint n;
  MtOperand index;
  if (!mt_resolve_task (c, step->args[0].expr, &first, &n, &index))
    return;
  if (mt_compiling (c)->tasks[first].kind == MT_TASK_PROCESS && mt_compiling_kind (c) == MT_TASK_WORKER)
    mt_emit_op (c, &mt_op_raise, 0, 0, -1, mt_intern (c, "AssertionError: daemonic processes are not allowed to have children"), MT_ALWAYS);
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
  if (!mt_resolve_task (c, step->args[0].expr, &first, &n, &index))
    return;
  mt_check_else (c, step);
  mt_compile_arm (c, &step->args[1]);
  mt_check_not_self (c, first, n, step->args[0].expr);
  mt_emit_op (c, &mt_op_join, (gint)n, 0, index.slot, first, (timed ? MT_TIMED | MT_FALLIBLE : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  if (timed)
    mt_compile_else (c, &step->args[2], "TimeoutError");
}

static void
compile_terminate (MtCompiler *c, const MtStepNode *step)
{
  gint32 first;
  guint n;
  MtOperand index;
  if (!mt_resolve_task (c, step->args[0].expr, &first, &n, &index))
    return;
  const MtTask *task = &mt_compiling (c)->tasks[first];
  if (task->kind != MT_TASK_PROCESS)
    {
      mt_compile_error (c, step->args[0].expr->mark, step->args[0].expr->width, "only processes can be terminated: let it look at a flag or an event, and return",
                        "'%s' is a %s, which nothing can end from outside", task->group, task->kind == MT_TASK_THREAD ? "thread" : "coroutine");
      return;
    }
  mt_emit_op (c, &mt_op_terminate, (gint)n, 0, index.slot, first, MT_ALWAYS | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
}

static const MtVerb verbs[] = {
  { "start", { { "start", MT_ARG_OBJECT, TRUE }, { "args", MT_ARG_ARGS, FALSE } }, compile_start, "{start: t, args: [..]}" },
  { "join", { { "join", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_join, "{join: t, timeout: 1, else: [..]}" },
  { "terminate", { { "terminate", MT_ARG_OBJECT, TRUE } }, compile_terminate, "{terminate: process}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "alive", MT_TYPE_BOOL, &mt_op_alive, "whether the task has started and not ended" },
  { "active", MT_TYPE_INT, &mt_op_active, "how many tasks live, the one that asks too; a pool's workers don't count", TRUE },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_start, &mt_op_join, &mt_op_terminate, &mt_op_alive, &mt_op_active, &mt_op_at, &mt_op_count_at, NULL };

const MtPrimitive mt_primitive_task = { .noun = "a task", .verbs = verbs, .functions = functions, .ops = ops, .help = "starting, joining and terminating tasks", .rename = mt_rename_nothing };

/* Pools of worker processes. Words: [0] open, closed or terminated; [1] how many jobs have been
 * submitted, counted where somebody wants a handle; [2] how many wait; then `storage` places for a
 * job: its number among the pool's jobs (which function), and its arguments.
 *
 * The workers are tasks that the compiler adds (compile_worker), each a process with its own copy
 * of the globals, made when the model starts. A job waits until a free worker takes it, which is a
 * step of that worker. */
#include "sim/primitive.h"

enum
{
  STATE,
  SUBMITTED,
  WAITING,
  JOBS,
};

enum
{
  OPEN,
  CLOSED,
  TERMINATED,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program;
  return JOBS + (guint)object->setting[MT_POOL_STORAGE] * (1 + object->arity);
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  static const gchar *const states[] = { "open", "closed", "terminated" };
  (void)program, (void)object;
  g_string_append_printf (out, "%s, %d waiting", states[w[STATE]], w[WAITING]);
}

static const gchar *
left_over (const MtObject *object, const MtWord *w)
{
  (void)object;
  return w[WAITING] ? "has jobs that nobody did" : NULL;
}

/* submit: a is the job's first slot, dst that of its handle, or -1. */
static MtResult
submit_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *pool = mt_object_of (ctx, in);
  guint size = 1 + pool->arity, base = pool->address;
  MtWord n = mt_get (ctx, base + WAITING);
  if (mt_get (ctx, base + STATE) != OPEN)
    return mt_fault (ctx, "ValueError: Pool not running: %s is %s", pool->name, ctx->s[base + STATE] == CLOSED ? "closed" : "terminated");
  if (n == pool->setting[MT_POOL_STORAGE])
    return mt_fault (ctx, "MemoryError: %s has room for %d waiting jobs: declare it with a larger storage", pool->name, n);
  for (guint i = 0; i < size; i++)
    {
      mt_put (ctx, base + JOBS + (guint)n * size + i, ctx->r[in->a + (gint)i]);
      ctx->r[in->a + (gint)i] = 0;
    }
  mt_put (ctx, base + WAITING, n + 1);
  if (in->dst < 0)
    return MT_DONE;
  MtWord number;
  if (__builtin_add_overflow (mt_get (ctx, base + SUBMITTED), 1, &number))
    return mt_fault (ctx, "OverflowError: too many jobs");
  mt_put (ctx, base + SUBMITTED, number);
  ctx->r[in->dst] = number;
  return MT_DONE;
}

/* take_job: a is how many jumps follow, to the functions' bodies. */
static guint
take_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  return s[program->objects[in->imm].address + WAITING] > 0 ? mt_way (out, 0, task, 0) : 0;
}

static MtResult
take_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *pool = mt_object_of (ctx, in);
  guint size = 1 + pool->arity, jobs = pool->address + JOBS;
  MtWord n = mt_get (ctx, pool->address + WAITING), job = mt_get (ctx, jobs);
  for (guint i = 1; i < size; i++)
    ctx->r[i - 1] = mt_get (ctx, jobs + i); /* parameters are the first slots; those that a function has not are 0 */
  for (guint i = 0; i < (guint)n * size; i++)
    mt_put (ctx, jobs + i, i + size < (guint)n * size ? mt_get (ctx, jobs + size + i) : 0);
  mt_put (ctx, pool->address + WAITING, n - 1);
  ctx->next = (guint)(in - ctx->program->code) + 1 + (guint)job;
  return MT_JUMP;
}

static void
take_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  (void)program, (void)s, (void)task;
  out->kind = MT_BLOCK_OBJECT;
  out->object = in->imm;
}

/* A worker that is not at its take has a job. */
static gint
busy_worker (const MtProgram *program, const MtObject *pool, const MtWord *s, guint from)
{
  guint first = (guint)pool->setting[MT_POOL_FIRST];
  for (guint t = MAX (first, from); t < first + (guint)pool->setting[MT_POOL_WORKERS]; t++)
    {
      MtWord pc = s[program->tasks[t].base];
      if (pc >= MT_N_RESTS && pc != (MtWord)program->classes[program->tasks[t].class_].entry)
        return (gint)t;
    }
  return -1;
}

static guint
join_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *pool = &program->objects[in->imm];
  const MtWord *w = s + pool->address;
  return mt_ways_timed (program, s, task, in, w[STATE] == OPEN || (w[WAITING] == 0 && busy_worker (program, pool, s, 0) < 0), out);
}

static MtResult
join_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *pool = mt_object_of (ctx, in);
  if (mt_get (ctx, pool->address + STATE) == OPEN)
    return mt_fault (ctx, "ValueError: Pool is still running: close %s before it is joined", pool->name);
  return ctx->alt == 1 ? MT_FAILED : MT_DONE;
}

static void
join_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  (void)task;
  out->kind = MT_BLOCK_OBJECT;
  out->object = in->imm;
  out->holder = busy_worker (program, &program->objects[in->imm], s, out->from);
}

/* close: Python's close of a pool that is closed or terminated does nothing. */
static MtResult
close_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *pool = mt_object_of (ctx, in);
  if (mt_get (ctx, pool->address + STATE) == OPEN)
    mt_put (ctx, pool->address + STATE, CLOSED);
  return MT_DONE;
}

/* terminate: jobs that wait are dropped, the workers are killed where they are. */
static MtResult
terminate_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *pool = mt_object_of (ctx, in);
  guint n = (guint)mt_get (ctx, pool->address + WAITING) * (1 + pool->arity), first = (guint)pool->setting[MT_POOL_FIRST];
  mt_put (ctx, pool->address + STATE, TERMINATED);
  for (guint i = 0; i < n; i++)
    mt_put (ctx, pool->address + JOBS + i, 0);
  mt_put (ctx, pool->address + WAITING, 0);
  if (first <= ctx->task && ctx->task < first + (guint)pool->setting[MT_POOL_WORKERS])
    return mt_fault (ctx, "AttributeError: a job can't terminate its own pool %s", pool->name);
  for (guint t = first; t < first + (guint)pool->setting[MT_POOL_WORKERS]; t++)
    for (guint k = 0; k < ctx->program->n_tasks; k++) /* the threads that a job has started too */
      if (ctx->program->tasks[k].process == ctx->program->tasks[t].process && ctx->s[ctx->program->tasks[k].base] >= MT_N_RESTS)
        {
          mt_put (ctx, ctx->program->tasks[k].base, MT_REST_KILLED);
          mt_kill_task (ctx->program, ctx->s, k);
        }
  return MT_DONE;
}

/* join looks at where the workers are, terminate ends them wherever that is. */
static void
all_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)program, (void)task, (void)in;
  out->all = TRUE;
}

static gboolean
submit_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  mt_touch (out, (guint)in->a, 1 + program->objects[in->imm].arity);
  return TRUE;
}

static const MtOp op_submit = { .name = "submit", .apply = submit_apply, .touches = mt_touches_object, .uses = submit_uses };
const MtOp mt_op_take_job = { .name = "take_job", .ways = take_ways, .apply = take_apply, .touches = mt_touches_object, .uses = mt_uses_none, .why = take_why };
static const MtOp op_join = { .name = "join_pool", .ways = join_ways, .apply = join_apply, .touches = all_touches, .uses = mt_uses_none, .why = join_why };
static const MtOp op_close = { .name = "close", .apply = close_apply, .touches = mt_touches_object, .uses = mt_uses_none };
static const MtOp op_terminate = { .name = "terminate_pool", .apply = terminate_apply, .touches = all_touches, .uses = mt_uses_none };

static gboolean
resolve (MtCompiler *c, const MtStepNode *step, guint arg, gint32 *object)
{
  MtOperand index;
  return mt_resolve_object (c, step->args[arg].expr, &mt_primitive_pool, object, &index);
}

static void
compile_submit (MtCompiler *c, const MtStepNode *step)
{
  const MtNode *function = step->args[0].node;
  const MtExpr *into = step->args[3].expr;
  gint32 object;
  if (!function || function->kind != MT_NODE_SCALAR || !resolve (c, step, 1, &object))
    return;
  gint job = mt_compile_job (c, object, function, step->args[2].exprs);
  if (job < 0)
    return;
  MtOperand handle = into ? mt_compile_temp (c, MT_TYPE_INT) : (MtOperand){ -1, 1, FALSE, NULL };
  mt_emit_op (c, &op_submit, handle.slot, job, -1, object, MT_ALWAYS);
  mt_release (c, (MtOperand){ job, 1 + mt_compiling (c)->objects[object].arity, TRUE, NULL });
  if (into)
    mt_compile_into (c, into, handle);
}

static void
compile_join (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  gboolean timed = step->args[1].node != NULL;
  if (!resolve (c, step, 0, &object))
    return;
  mt_check_else (c, step);
  mt_compile_arm (c, &step->args[1]);
  mt_emit_op (c, &op_join, 0, 0, -1, object, timed ? MT_TIMED | MT_FALLIBLE : 0);
  if (timed)
    mt_compile_else (c, &step->args[2], "TimeoutError");
}

static void
compile_close (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  if (resolve (c, step, 0, &object))
    mt_emit_op (c, &op_close, 0, 0, -1, object, MT_ALWAYS);
}

static void
compile_terminate (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  if (resolve (c, step, 0, &object))
    mt_emit_op (c, &op_terminate, 0, 0, -1, object, MT_ALWAYS);
}

static const MtSettingSpec settings[] = {
  [MT_POOL_WORKERS] = { "workers", MT_SETTING_INT, 4, 1, 100, NULL, FALSE, "how many jobs it does at once" },
  [MT_POOL_STORAGE] = { "storage", MT_SETTING_INT, 64, 1, 100000, NULL, FALSE, "how many jobs may wait; more are an error" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "submit", { { "submit", MT_ARG_NAME, TRUE }, { "to", MT_ARG_OBJECT, TRUE }, { "args", MT_ARG_ARGS, FALSE }, { "into", MT_ARG_TARGET, FALSE } }, compile_submit, "{submit: f, to: pool, args: [..], into: handle}" },
  { "close", { { "close", MT_ARG_OBJECT, TRUE } }, compile_close, "{close: pool}" },
  { "join", { { "join", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_join, "{join: pool, timeout: 1, else: [..]}" },
  { "terminate", { { "terminate", MT_ARG_OBJECT, TRUE } }, compile_terminate, "{terminate: pool}" },
  { 0 },
};

static const MtOp *const ops[] = { &op_submit, &mt_op_take_job, &op_join, &op_close, &op_terminate, NULL };

const MtPrimitive mt_primitive_pool = { .section = "pools", .noun = "a pool", .settings = settings, .verbs = verbs, .ops = ops,
                                        .words = words, .print = print, .left_over = left_over, .help = "worker processes that take jobs from one queue", .rename = mt_rename_nothing };

/* Time: sleep, the timers of timeouts, now, random. A task's timer counts down while the clock
 * moves (machine.c); in abstract time there is none: a sleep may last any time. */
#include "sim/primitive.h"

/* Starts the task's own timer: local, since nobody else can see it. */
static MtResult
arm_apply (MtCtx *ctx, const MtInstr *in)
{
  MtWord time = mt_a (ctx, in);
  if (time < 0)
    return mt_fault (ctx, "ValueError: a time can't be negative");
  if (ctx->program->time == MT_TIME_VIRTUAL)
    ctx->s[ctx->program->tasks[ctx->task].base + MT_TASK_TIMER] = time;
  return MT_DONE;
}

static guint
sleep_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  (void)in;
  return s[program->tasks[task].base + MT_TASK_TIMER] > 0 ? 0 : mt_way (out, 0, task, 0);
}

static MtResult
sleep_apply (MtCtx *ctx, const MtInstr *in)
{
  (void)ctx, (void)in;
  return MT_DONE;
}

static void
sleep_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  (void)program, (void)s, (void)task, (void)in;
  out->kind = MT_BLOCK_SLEEP;
}

static MtResult
now_apply (MtCtx *ctx, const MtInstr *in)
{
  ctx->r[in->dst] = mt_get (ctx, MT_NOW);
  return MT_DONE;
}

static void
now_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  mt_touch (out->reads, MT_NOW, 1);
}

static guint
random_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtWord *r = s + program->tasks[task].frame;
  gint64 n = (gint64)r[in->b] - r[in->a] + 1;
  guint count = 0;
  /* too many or none: one way, which reports it */
  for (gint64 i = 0; i < (n > in->imm ? 1 : n); i++)
    count = mt_way (out, count, task, (guint)i);
  return count ? count : mt_way (out, 0, task, 0);
}

static MtResult
random_apply (MtCtx *ctx, const MtInstr *in)
{
  MtWord lo = mt_a (ctx, in), hi = mt_b (ctx, in);
  if (lo > hi || (gint64)hi - lo >= in->imm)
    return mt_fault (ctx, lo > hi ? "ValueError: random(%d, %d): the lower bound is above the upper" : "ValueError: random(%d, %d): too many values", lo, hi);
  ctx->r[in->dst] = lo + (MtWord)ctx->alt;
  return MT_DONE;
}

const MtOp mt_op_arm = { .name = "arm", .apply = arm_apply, .uses = mt_uses_a };
const MtOp mt_op_sleep = { .name = "sleep", .ways = sleep_ways, .apply = sleep_apply, .why = sleep_why, .uses = mt_uses_none };
const MtOp mt_op_now = { .name = "now", .makes_dst = TRUE, .apply = now_apply, .touches = now_touches, .uses = mt_uses_none };
const MtOp mt_op_random = { .name = "random", .makes_dst = TRUE, .ways = random_ways, .apply = random_apply, .uses = mt_uses_ab };

static void
compile_sleep (MtCompiler *c, const MtStepNode *step)
{
  MtExpr *e = step->args[0].expr;
  if (mt_in_instant (c))
    {
      mt_compile_error (c, step->mark, step->width, NULL, "an atomic body can't sleep");
      return;
    }
  if (!e)
    return;
  if (mt_compiling_kind (c) == MT_TASK_COROUTINE && (e->kind == MT_EXPR_INT || e->kind == MT_EXPR_TIME) && e->value == 0 && !step->args[1].flag)
    {
      mt_emit_op (c, &mt_op_yield, 0, 0, -1, 0, MT_ALWAYS); /* a coroutine that sleeps for no time lets the others run */
      return;
    }
  mt_compile_arm (c, &step->args[0]);
  mt_emit_op (c, &mt_op_sleep, 0, 0, -1, 0, step->args[1].flag ? MT_HELD : 0);
}

static const MtVerb verbs[] = {
  { "sleep", { { "sleep", MT_ARG_EXPR, TRUE }, { "blocking", MT_ARG_BOOL, FALSE } }, compile_sleep, "{sleep: seconds}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "now", MT_TYPE_INT, &mt_op_now, "milliseconds of virtual time since the model started", TRUE },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_arm, &mt_op_sleep, &mt_op_now, &mt_op_random, NULL };

const MtPrimitive mt_primitive_time = { .noun = "time", .verbs = verbs, .functions = functions, .ops = ops, .help = "sleeping, timeouts, the clock, chance", .rename = mt_rename_nothing };

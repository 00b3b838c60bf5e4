/* The waist: how a program moves. Arithmetic and jumps are here; every operation that other tasks
 * can see is a row of a primitive's file under ops/. */
#include "sim/machine.h"
#include "sim/carrier.h"
#include "sim/ops/var.h"
#include "sim/primitive.h"
#include "sim/rare.h"
#include <string.h>

/* Local work between two steps ends, or is a fault. Counted at backward jumps only. */
#define MAX_LOCAL_LOOPS 1000000

void
mt_step_init (MtStep *step)
{
  memset (step, 0, sizeof *step);
  step->fault = g_string_new (NULL);
  step->output = g_string_new (NULL);
  step->effects = g_array_new (FALSE, FALSE, sizeof (MtEffect));
}

void
mt_step_clear (MtStep *step)
{
  g_string_free (step->fault, TRUE);
  g_string_free (step->output, TRUE);
  g_array_unref (step->effects);
  memset (step, 0, sizeof *step);
}

MtResult
mt_fault (MtCtx *ctx, const gchar *format, ...)
{
  if (ctx->rec)
    {
      va_list args;
      va_start (args, format);
      g_string_vprintf (ctx->rec->fault, format, args);
      va_end (args);
      ctx->rec->fault_site = ctx->program->code[ctx->pc].site;
    }
  ctx->outcome |= MT_FAULT;
  return MT_FAULTED;
}

static MtWord
floor_divide (MtWord a, MtWord b)
{
  MtWord q = a / b;
  return q - (a % b != 0 && (a < 0) != (b < 0));
}

/* Of the divisor's sign. (a - b * quotient could overflow on the way.) */
static MtWord
floor_remainder (MtWord a, MtWord b)
{
  MtWord r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

gboolean
mt_arithmetic (guint8 op, MtWord a, MtWord b, MtWord *out, const gchar **problem)
{
  *problem = "integer overflow";
  switch (op)
    {
    case MT_OP_ADD: return !__builtin_add_overflow (a, b, out);
    case MT_OP_SUB: return !__builtin_sub_overflow (a, b, out);
    case MT_OP_MUL: return !__builtin_mul_overflow (a, b, out);
    case MT_OP_DIV:
    case MT_OP_MOD:
      if (b == 0)
        {
          *problem = "division by zero";
          return FALSE;
        }
      if (b == -1) /* the one quotient that may overflow */
        {
          *out = 0;
          return op == MT_OP_MOD || !__builtin_sub_overflow (0, a, out);
        }
      *out = op == MT_OP_DIV ? floor_divide (a, b) : floor_remainder (a, b);
      return TRUE;
    case MT_OP_EQ: *out = a == b; return TRUE;
    case MT_OP_NE: *out = a != b; return TRUE;
    case MT_OP_LT: *out = a < b; return TRUE;
    case MT_OP_LE: *out = a <= b; return TRUE;
    case MT_OP_GT: *out = a > b; return TRUE;
    case MT_OP_GE: *out = a >= b; return TRUE;
    case MT_OP_MIN: *out = MIN (a, b); return TRUE;
    case MT_OP_MAX: *out = MAX (a, b); return TRUE;
    default: g_assert_not_reached ();
    }
}

static gboolean
list_index (MtCtx *ctx, MtWord length, MtWord *index)
{
  if (*index < 0)
    *index += length;
  if (*index >= 0 && *index < length)
    return TRUE;
  mt_fault (ctx, "IndexError: index %d, but the list has %d items", *index < 0 ? *index - length : *index, length);
  return FALSE;
}

static gboolean
slot_contains (const MtWord *list, MtWord value)
{
  for (MtWord i = 0; i < list[0]; i++)
    if (list[1 + i] == value)
      return TRUE;
  return FALSE;
}

static gboolean
slots_equal (const MtWord *a, const MtWord *b)
{
  return a[0] == b[0] && memcmp (a + 1, b + 1, sizeof (MtWord) * (gsize)a[0]) == 0;
}

static gboolean
slot_copy (MtCtx *ctx, MtWord *to, const MtWord *from, gint32 capacity)
{
  if (from[0] > capacity)
    {
      mt_fault (ctx, "MemoryError: %d items, but the list has room for %d: declare it with a larger capacity", from[0], capacity);
      return FALSE;
    }
  memmove (to, from, sizeof (MtWord) * (gsize)(from[0] + 1));
  for (gint32 i = from[0]; i < capacity; i++)
    to[1 + i] = 0;
  return TRUE;
}

/* The rarer local instructions. FALSE after a fault. */
static gboolean
run_list_instruction (MtCtx *ctx, const MtInstr *in)
{
  MtWord *r = ctx->r, i;
  switch (in->op)
    {
    case MT_OP_CLEAR: memset (r + in->dst, 0, sizeof (MtWord) * (gsize)in->imm); return TRUE;
    case MT_OP_SLOT:
      i = mt_b (ctx, in);
      if (!list_index (ctx, r[in->a], &i))
        return FALSE;
      r[in->dst] = r[in->a + 1 + i];
      return TRUE;
    case MT_OP_SETSLOT:
      i = mt_b (ctx, in);
      if (!list_index (ctx, r[in->dst], &i))
        return FALSE;
      r[in->dst + 1 + i] = mt_a (ctx, in);
      return TRUE;
    case MT_OP_SLOTIN: r[in->dst] = slot_contains (r + in->a, mt_b (ctx, in)); return TRUE;
    case MT_OP_SLOTEQ: r[in->dst] = slots_equal (r + in->a, r + in->b); return TRUE;
    case MT_OP_COPY: return slot_copy (ctx, r + in->dst, r + in->a, in->imm);
    case MT_OP_SLOTAPPEND:
      if (r[in->dst] >= in->imm)
        {
          mt_fault (ctx, "MemoryError: the list has room for %d items: declare it with a larger capacity", in->imm);
          return FALSE;
        }
      r[in->dst + 1 + r[in->dst]] = mt_a (ctx, in);
      r[in->dst]++;
      return TRUE;
    case MT_OP_SLOTPOP:
      if (r[in->a] == 0)
        {
          mt_fault (ctx, "IndexError: pop from an empty list");
          return FALSE;
        }
      i = r[in->a]--;
      r[in->dst] = r[in->a + i];
      r[in->a + i] = 0;
      return TRUE;
    default: g_assert_not_reached ();
    }
}

static MtResult
run_arithmetic (MtCtx *ctx, const MtInstr *in)
{
  const gchar *problem;
  MtWord a = mt_a (ctx, in), b = mt_b (ctx, in), value;
  if (mt_arithmetic (in->op, a, b, &value, &problem))
    {
      ctx->r[in->dst] = value;
      return MT_DONE;
    }
  return mt_fault (ctx, "%s: %d %s %d", problem[0] == 'd' ? "ZeroDivisionError" : "OverflowError", a,
                   in->op == MT_OP_ADD   ? "+"
                   : in->op == MT_OP_SUB ? "-"
                   : in->op == MT_OP_MUL ? "*"
                   : in->op == MT_OP_DIV ? "/"
                                         : "%",
                   b);
}

static MtWord
get_recorded (MtCtx *ctx, guint address)
{
  MtEffect effect = { MT_EFFECT_READ, address, ctx->s[address], ctx->s[address] };
  g_array_append_val (ctx->rec->effects, effect);
  return ctx->s[address];
}

static void
put_recorded (MtCtx *ctx, guint address, MtWord value)
{
  MtEffect effect = { MT_EFFECT_WRITE, address, ctx->s[address], value };
  g_array_append_val (ctx->rec->effects, effect);
  ctx->s[address] = value;
}

static const MtMemory recorded = { get_recorded, put_recorded, NULL };

gboolean
mt_continue_way (MtCtx *ctx, const MtInstr *in)
{
  MtChoice *ways = g_newa (MtChoice, ctx->program->max_ways);
  guint n = mt_op (in->op)->ways (ctx->program, ctx->s, ctx->task, in, ways);
  if (n != 1)
    {
      mt_fault (ctx, "an atomic body can't %s in the middle: only its first step may", n ? "choose" : "wait");
      return FALSE;
    }
  ctx->alt = ways[0].alt;
  return TRUE;
}

static MtResult
perform (MtCtx *ctx, const MtInstr *in, gboolean first)
{
  const MtOp *op = mt_op (in->op);
  if (G_UNLIKELY (ctx->memory != NULL) && ctx->memory->perform)
    return ctx->memory->perform (ctx, in, first);
  if (G_UNLIKELY (!first) && op->ways && !mt_continue_way (ctx, in))
    return MT_FAULTED;
  return op->apply (ctx, in);
}

static MtResult
overflow (MtCtx *ctx, const MtInstr *in)
{
  MtWord a = mt_a (ctx, in);
  if (in->op == MT_OP_NEG || in->op == MT_OP_ABS)
    return mt_fault (ctx, "OverflowError: -(%d)", a);
  return mt_fault (ctx, "OverflowError: %d %c %d", a, in->op == MT_OP_ADDK ? '+' : '-', in->imm);
}

static MtResult
endless (MtCtx *ctx)
{
  return mt_fault (ctx, "this step does not end: its loops have gone round %d times", MAX_LOCAL_LOOPS);
}

/* Makes the one instruction @in, which run() does not do in line: or not this time, since it is recorded or goes wrong.
 * Returns where to go on, NULL after a fault. */
static G_NO_INLINE const MtInstr *
run_other (MtCtx *ctx, const MtInstr *in, gboolean first)
{
  MtResult result = MT_DONE;
  ctx->pc = (guint)(in - ctx->program->code);
  switch (in->op)
    {
    case MT_OP_READ: mt_var_read (ctx, in); break;
    case MT_OP_WRITE: mt_var_write (ctx, in); break;
    case MT_OP_ADDK:
    case MT_OP_SUBK:
    case MT_OP_NEG:
    case MT_OP_ABS: result = overflow (ctx, in); break;
    case MT_OP_JMP ... MT_OP_DECJNZ: result = endless (ctx); break;
    case MT_OP_CLEAR:
    case MT_OP_SLOT ... MT_OP_SLOTPOP: result = run_list_instruction (ctx, in) ? MT_DONE : MT_FAULTED; break;
    default: result = in->op < MT_N_OPCODES ? run_arithmetic (ctx, in) : perform (ctx, in, first);
    }
  switch (result)
    {
    case MT_DONE: return in + (in->flags & MT_FALLIBLE ? 2 : 1);
    case MT_FAILED: return in + 1;
    case MT_JUMP: return ctx->program->code + ctx->next;
    default: return NULL;
    }
}

/* Runs from @in to the next instruction that begins a step, or the end: where the task then rests. NULL after a fault.
 * Nearly every step is all done here, and in line: whatever is rare is in run_other(). */
static G_ALWAYS_INLINE inline const MtInstr *
run (MtCtx *ctx, const MtInstr *in)
{
  const MtInstr *const code = ctx->program->code, *const first = in;
  MtWord *const r = ctx->r;
  MtWord a, value;
  ctx->loops = 0;
  /* which of the two it is hangs on who was picked, and cannot be guessed: a branch is known sooner than a jump through a table */
  if (in->op == MT_OP_READ)
    goto read;
  if (in->op == MT_OP_WRITE)
    goto write;
  goto begin;
  for (;;)
    {
      in++;
    go_on:
      if (G_UNLIKELY (in->flags & MT_STEP))
        return in;
    begin:
      switch (in->op)
        {
        case MT_OP_READ:
        read:
          if (G_UNLIKELY (ctx->memory != NULL))
            goto other;
          mt_var_read (ctx, in);
          continue;
        case MT_OP_WRITE:
        write:
          if (G_UNLIKELY (ctx->memory != NULL))
            goto other;
          mt_var_write (ctx, in);
          continue;
        case MT_OP_NOP: continue;
        case MT_OP_CONST: r[in->dst] = in->imm; continue;
        case MT_OP_MOVE: r[in->dst] = mt_a (ctx, in); continue;
        case MT_OP_ADDK:
          if (G_UNLIKELY (__builtin_add_overflow (r[in->a], in->imm, &value)))
            goto other;
          mt_a (ctx, in);
          r[in->dst] = value;
          continue;
        case MT_OP_SUBK:
          if (G_UNLIKELY (__builtin_sub_overflow (r[in->a], in->imm, &value)))
            goto other;
          mt_a (ctx, in);
          r[in->dst] = value;
          continue;
        case MT_OP_NEG:
        case MT_OP_ABS:
          if (G_UNLIKELY (r[in->a] == G_MININT32))
            goto other;
          a = mt_a (ctx, in);
          r[in->dst] = in->op == MT_OP_NEG || a < 0 ? -a : a;
          continue;
        case MT_OP_NOT: r[in->dst] = !mt_a (ctx, in); continue;
        case MT_OP_TRUTH: r[in->dst] = mt_a (ctx, in) != 0; continue;
        case MT_OP_JMP:
          if (in->imm <= in - code && ++ctx->loops > MAX_LOCAL_LOOPS)
            goto other;
          in = code + in->imm;
          goto go_on;
        case MT_OP_JZ:
        case MT_OP_JNZ:
          if ((mt_a (ctx, in) == 0) == (in->op == MT_OP_JZ))
            {
              if (in->imm <= in - code && ++ctx->loops > MAX_LOCAL_LOOPS)
                goto other;
              in = code + in->imm;
              goto go_on;
            }
          continue;
        case MT_OP_DECJNZ:
          if (--r[in->dst] != 0)
            {
              if (++ctx->loops > MAX_LOCAL_LOOPS)
                goto other;
              in = code + in->imm;
              goto go_on;
            }
          continue;
        case MT_OP_ID: r[in->dst] = (MtWord)ctx->program->tasks[ctx->task].index + 1; continue;
        case MT_OP_SELF: r[in->dst] = ctx->program->tasks[ctx->task].self; continue;
        case MT_OP_PID: r[in->dst] = (MtWord)ctx->program->tasks[ctx->task].process + 1; continue;
        case MT_OP_END: return code + MT_REST_ENDED;
        default:
        other:
          in = run_other (ctx, in, in == first);
          if (!in)
            return NULL;
          goto go_on;
        }
    }
}

/* What a task was doing when it was cut off (killed, or a job that failed) is gone, wherever that
 * was, so that equal situations are equal states. */
static void
forget (const MtProgram *program, MtWord *s, guint task)
{
  const MtTask *t = &program->tasks[task];
  s[t->base + MT_TASK_TIMER] = 0;
  memset (s + t->frame, 0, sizeof (MtWord) * program->classes[t->class_].n_frame);
  memset (s + program->watch_base + task * program->watch_words, 0, sizeof (MtWord) * program->watch_words);
}

void
mt_kill_task (const MtProgram *program, MtWord *s, guint task)
{
  forget (program, s, task);
  s[program->tasks[task].base + MT_TASK_PC] = MT_REST_KILLED;
}

/* An unhandled error: it ends a task. A pool's worker swallows it, as Python's Pool does, and is
 * free for the next job; but an assertion is the model's own claim, and stays a failure. */
static MT_RARE const MtInstr *
fail (MtCtx *ctx)
{
  const MtTask *task = &ctx->program->tasks[ctx->task];
  const MtClass *class_ = &ctx->program->classes[task->class_];
  if (task->kind != MT_TASK_WORKER)
    return ctx->program->code + MT_REST_FAILED;
  forget (ctx->program, ctx->s, ctx->task);
  memset (ctx->r, 0, sizeof (MtWord) * class_->n_frame);
  if (!(ctx->outcome & MT_FAULT_ASSERTION))
    ctx->outcome = (ctx->outcome & ~(guint)MT_FAULT) | MT_SWALLOWED;
  return ctx->program->code + class_->entry;
}

guint
mt_go_on (MtCtx *ctx, guint pc)
{
  const MtInstr *in = run (ctx, ctx->program->code + pc);
  return (guint)((in ? in : fail (ctx)) - ctx->program->code);
}

/* At a task's end its locals stay as they were: resetting what is dead is a reduction's business. */
static void
advance (MtCtx *ctx, guint pc)
{
  MtWord *words = ctx->s + ctx->program->tasks[ctx->task].base;
  guint rest = mt_go_on (ctx, pc);
  words[MT_TASK_PC] = (MtWord)rest;
  if (rest < MT_N_RESTS)
    words[MT_TASK_TIMER] = 0;
}

static inline MtCtx
context (const MtProgram *program, MtWord *s, MtWord *frame, guint task, guint alt, MtStep *rec)
{
  return (MtCtx){ .program = program, .s = s, .r = frame, .memory = rec && G_UNLIKELY (rec->want_effects) ? &recorded : NULL, .rec = rec, .task = task, .alt = alt };
}

MtOutcome
mt_enter (const MtProgram *program, MtWord *s, guint task, MtStep *rec)
{
  MtCtx ctx = context (program, s, s + program->tasks[task].frame, task, 0, rec);
  /* the first instruction may begin a step: then the task rests there at once */
  guint entry = program->classes[program->tasks[task].class_].entry;
  if (program->code[entry].flags & MT_STEP)
    s[program->tasks[task].base] = (MtWord)entry;
  else
    advance (&ctx, entry);
  return ctx.outcome;
}

MtOutcome
mt_state_init (const MtProgram *program, MtWord *s, MtStep *rec)
{
  MtOutcome outcome = MT_OK;
  memcpy (s, program->initial, sizeof (MtWord) * program->n_words);
  for (guint t = 0; t < program->n_tasks; t++)
    if (program->tasks[t].starts)
      outcome |= mt_enter (program, s, t, rec);
  if (program->n_carriers)
    mt_carriers_settle (program, s, MT_CLOCK);
  if (rec)
    rec->outcome = outcome;
  return outcome;
}

/* The shortest time any sleep or timeout has to run, or 0. */
static MtWord
next_timer (const MtProgram *program, const MtWord *s)
{
  MtWord least = 0;
  for (guint t = 0; t < program->n_tasks; t++)
    {
      MtWord timer = s[program->tasks[t].base + MT_TASK_TIMER];
      if (timer > 0 && (least == 0 || timer < least))
        least = timer;
    }
  return least;
}

/* Writes the ways of @task to @out. Returns how many. */
static inline guint
ways_of (const MtProgram *program, const MtWord *s, guint task, MtChoice *out)
{
  const MtInstr *in = &program->code[s[program->bases[task]]];
  if (program->n_carriers && !mt_carrier_runs (program, s, task))
    return mt_carrier_may_wake (program, s, task) ? mt_way (out, 0, task, 1) : 0;
  if (in->flags & MT_ALWAYS)
    return mt_way (out, 0, task, 0);
  return in->op >= MT_N_OPCODES ? mt_op (in->op)->ways (program, s, task, in, out) : 0;
}

guint
mt_choices (const MtProgram *program, const MtWord *s, MtChoice *out)
{
  guint n = 0;
  if (program->has_daemons && mt_ended (program, s))
    return 0; /* daemons do not outlive the model */
  for (guint t = 0; t < program->n_tasks; t++)
    n += ways_of (program, s, t, out + n);
  if (n == 0 && next_timer (program, s) > 0)
    out[n++] = (MtChoice){ MT_CLOCK, 0 };
  return n;
}

guint
mt_choices_of (const MtProgram *program, const MtWord *s, guint task, MtChoice *out)
{
  return program->has_daemons && mt_ended (program, s) ? 0 : ways_of (program, s, task, out);
}

/* Of a task that has ended: its last wait may have armed one. */
static MT_RARE void
end_timer (MtWord *words)
{
  words[MT_TASK_TIMER] = 0;
}

static MT_RARE void
forget_record (MtStep *rec)
{
  g_string_truncate (rec->fault, 0);
  g_array_set_size (rec->effects, 0);
}

static inline void
begin_record (MtStep *rec, guint task, guint alt, guint pc)
{
  if (G_UNLIKELY (rec->want_effects | (rec->outcome & (MT_FAULT | MT_SWALLOWED))))
    forget_record (rec);
  rec->choice = (MtChoice){ (guint16)task, (guint16)alt };
  rec->outcome = MT_OK;
  rec->pc = pc;
  rec->advance = 0;
  rec->same_choices = FALSE;
}

static MtOutcome
step_clock (const MtProgram *program, MtWord *s, guint way, MtStep *rec)
{
  if (rec)
    begin_record (rec, MT_CLOCK, way, 0);
  MtWord passed = way ? (MtWord)way : next_timer (program, s);
  for (guint t = 0; t < program->n_tasks; t++)
    {
      MtWord *timer = &s[program->tasks[t].base + MT_TASK_TIMER];
      *timer = MAX (*timer - passed, 0);
    }
  if (program->reads_clock && __builtin_add_overflow (s[MT_NOW], passed, &s[MT_NOW]))
    s[MT_NOW] = G_MAXINT32;
  if (rec)
    rec->advance = passed;
  if (program->n_carriers)
    mt_carriers_settle (program, s, MT_CLOCK);
  return MT_OK;
}

static G_ALWAYS_INLINE inline MtOutcome
step_task (const MtProgram *program, MtWord *s, guint task, guint alt, MtStep *rec)
{
  MtWord *words = s + program->bases[task];
  const guint pc = (guint)words[MT_TASK_PC];
  const MtInstr *in = program->code + pc;
  if (rec)
    begin_record (rec, task, alt, pc);
  MtCtx ctx = context (program, s, words + MT_TASK_FRAME, task, alt, rec);
  words[MT_TASK_TIMER] = 0; /* whatever it waited for is over; the next wait arms its own */
  in = run (&ctx, in);
  if (G_UNLIKELY (!in))
    in = fail (&ctx);
  words[MT_TASK_PC] = (MtWord)(in - program->code);
  if (G_UNLIKELY (in < program->code + MT_N_RESTS))
    end_timer (words);
  if (rec)
    {
      rec->same_choices = ((in->flags & MT_ALWAYS) != 0) & program->plain[pc];
      rec->outcome = ctx.outcome;
    }
  return ctx.outcome;
}

static G_NO_INLINE MtOutcome
step_with_carriers (const MtProgram *program, MtWord *s, guint task, guint alt, MtStep *rec)
{
  MtOutcome outcome = MT_OK;
  if (mt_carrier_runs (program, s, task))
    outcome = step_task (program, s, task, alt, rec);
  else
    {
      if (rec)
        begin_record (rec, task, alt, (guint)s[program->bases[task]]);
      mt_carrier_wake (program, s, task);
    }
  mt_carriers_settle (program, s, task);
  return outcome;
}

/* A step of the clock, or where there are coroutines. */
static MT_RARE MtOutcome
step_otherwise (const MtProgram *program, MtWord *s, guint task, guint alt, MtStep *rec)
{
  return task == MT_CLOCK ? step_clock (program, s, alt, rec) : step_with_carriers (program, s, task, alt, rec);
}

MtOutcome
mt_step (const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec)
{
  if (G_UNLIKELY (choice.task == MT_CLOCK || program->n_carriers))
    return step_otherwise (program, s, choice.task, choice.alt, rec);
  return step_task (program, s, choice.task, choice.alt, rec);
}

static gboolean
why_blocked (const MtProgram *program, const MtWord *s, guint task, guint from, MtBlock *out)
{
  const MtWord *words = s + program->tasks[task].base;
  const MtInstr *in = &program->code[words[MT_TASK_PC]];
  *out = (MtBlock){ .kind = MT_BLOCK_NONE, .object = -1, .holder = -1, .from = from, .timer = words[MT_TASK_TIMER] };
  if (words[MT_TASK_PC] < MT_N_RESTS)
    {
      out->kind = words[MT_TASK_PC] == MT_REST_UNSTARTED ? MT_BLOCK_UNSTARTED : MT_BLOCK_ENDED;
      return TRUE;
    }
  if (program->n_carriers && (mt_carrier_is_ready (program, s, task) || mt_carrier_is_suspended (program, s, task)))
    {
      out->kind = MT_BLOCK_CARRIER;
      out->holder = mt_carrier_current (program, s, program->tasks[task].carrier);
      return TRUE;
    }
  if ((in->flags & MT_ALWAYS) || in->op < MT_N_OPCODES)
    return FALSE;
  const MtOp *op = mt_op (in->op);
  MtChoice *ways = g_newa (MtChoice, program->max_ways);
  if (op->ways (program, s, task, in, ways) > 0)
    return FALSE;
  out->kind = MT_BLOCK_CONDITION;
  out->timed = (in->flags & MT_TIMED) != 0;
  if (op->why)
    op->why (program, s, task, in, out);
  return TRUE;
}

gboolean
mt_why_blocked (const MtProgram *program, const MtWord *s, guint task, MtBlock *out)
{
  return why_blocked (program, s, task, 0, out);
}

static gint
waits_for (const MtProgram *program, const MtWord *s, guint task, guint from, gboolean for_ever)
{
  MtBlock block;
  if (!why_blocked (program, s, task, from, &block) || (for_ever && block.timed) || (block.kind != MT_BLOCK_OBJECT && block.kind != MT_BLOCK_TASK))
    return -1;
  return block.holder < (gint)from ? -1 : block.holder; /* who waits for one alone is told that one again */
}

gint
mt_waits_for (const MtProgram *program, const MtWord *s, guint task, guint from)
{
  return waits_for (program, s, task, from, FALSE);
}

gint
mt_awaited (const MtProgram *program, const MtWord *s, guint task, guint from)
{
  return waits_for (program, s, task, from, TRUE);
}

guint
mt_ways_timed (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, gboolean ready, MtChoice *out)
{
  if (ready)
    return mt_way (out, 0, task, 0);
  if (!(in->flags & MT_TIMED))
    return 0;
  if (program->time == MT_TIME_ABSTRACT || s[program->tasks[task].base + MT_TASK_TIMER] == 0)
    return mt_way (out, 0, task, 1);
  return 0;
}

/* Side-effect-free code in @frame, which it writes. */
static gboolean
eval_code (const MtProgram *program, const MtWord *s, guint task, MtWord *frame, guint entry)
{
  /* pure code writes registers only, so the cast away of const is safe */
  MtCtx ctx = { .program = program, .s = (MtWord *)s, .r = frame, .task = task };
  return run (&ctx, program->code + entry) != NULL;
}

gboolean
mt_eval (const MtProgram *program, const MtWord *s, const MtPure *pure, MtWord *out)
{
  MtWord *frame = g_newa (MtWord, program->max_frame + 1);
  memset (frame, 0, sizeof (MtWord) * pure->n_frame);
  gboolean good = eval_code (program, s, 0, frame, pure->entry);
  memcpy (out, frame + pure->slot, sizeof (MtWord) * pure->n_words);
  return good;
}

gboolean
mt_eval_for (const MtProgram *program, const MtWord *s, guint task, guint entry, gint slot, MtWord *out)
{
  const MtTask *t = &program->tasks[task];
  MtWord *frame = g_newa (MtWord, program->max_frame + 1);
  memcpy (frame, s + t->frame, sizeof (MtWord) * program->classes[t->class_].n_frame);
  gboolean good = eval_code (program, s, task, frame, entry);
  *out = frame[slot];
  return good;
}

gboolean
mt_task_ended (const MtProgram *program, const MtWord *s, guint task)
{
  MtWord pc = s[program->tasks[task].base + MT_TASK_PC];
  return pc < MT_N_RESTS && pc != MT_REST_UNSTARTED;
}

gboolean
mt_ended (const MtProgram *program, const MtWord *s)
{
  for (guint t = 0; t < program->n_tasks; t++)
    if (!program->tasks[t].daemon && s[program->tasks[t].base] >= MT_N_RESTS && !(program->n_carriers && mt_carrier_is_suspended (program, s, t)))
      return FALSE;
  return TRUE;
}

const MtObject *
mt_object_of (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *object = mt_object (ctx->program, ctx->r, in);
  if (!object)
    {
      g_assert (in->b >= 0);
      mt_fault (ctx, "IndexError: %s[%d], but there are 0 to %u", ctx->program->objects[in->imm].group, ctx->r[in->b], ctx->program->objects[in->imm].count - 1);
    }
  if (in->flags & MT_KILL_B)
    ctx->r[in->b] = 0;
  return object;
}

static void
touch_object (const MtProgram *program, const MtInstr *in, GArray *out)
{
  const MtObject *object = &program->objects[in->imm];
  guint n = in->b < 0 ? 1 : object->count;
  for (guint i = 0; i < n; i++)
    mt_touch (out, object[i].address, object[i].n_words);
}

void
mt_touches_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  touch_object (program, in, out->reads);
  touch_object (program, in, out->writes);
}

void
mt_looks_at_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  touch_object (program, in, out->reads);
}

void
mt_gives_to_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  touch_object (program, in, out->gives);
}

void
mt_takes_from_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  if (in->flags & MT_TIMED) /* how many are left decides which way it goes */
    mt_touches_object (program, task, in, out);
  else
    touch_object (program, in, out->takes);
}

gint
mt_var_at (const MtProgram *program, guint address)
{
  for (guint i = 0; i < program->n_vars; i++)
    if (address - program->vars[i].address < program->vars[i].n_words)
      return (gint)i;
  return -1;
}

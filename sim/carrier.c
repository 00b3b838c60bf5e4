/* Who of the coroutines runs: a pure function of the state and of who has just moved.
 *
 * A coroutine stands in the words as its number + 1, negative where a timer has made it ready: that
 * one may go on though all it can do is give up; another one, whose chance has been taken by a
 * thread meanwhile, must wait again. */
#include "sim/carrier.h"
#include "sim/primitive.h"
#include <string.h>

static const MtWord *
words_of (const MtProgram *program, const MtWord *s, guint carrier)
{
  return s + program->carrier_base + carrier * program->carrier_words;
}

gint
mt_carrier_current (const MtProgram *program, const MtWord *s, guint carrier)
{
  return ABS (words_of (program, s, carrier)[MT_CARRIER_CURRENT]) - 1;
}

gboolean
mt_carrier_runs (const MtProgram *program, const MtWord *s, guint task)
{
  const MtTask *t = &program->tasks[task];
  return t->kind != MT_TASK_COROUTINE || mt_carrier_current (program, s, t->carrier) == (gint)task;
}

static gboolean
is_alive (const MtProgram *program, const MtWord *s, guint task)
{
  return s[program->tasks[task].base + MT_TASK_PC] >= MT_N_RESTS;
}

static const MtInstr *
next_of (const MtProgram *program, const MtWord *s, guint task)
{
  return &program->code[s[program->tasks[task].base + MT_TASK_PC]];
}

static gboolean
is_at (const MtInstr *in, const MtOp *op)
{
  return mt_op (in->op) == op && !(in->flags & MT_HELD);
}

/* Its place among the ready ones, or -1. */
static MtWord
place_of (const MtWord *w, guint task)
{
  for (MtWord i = 0; i < w[MT_CARRIER_COUNT]; i++)
    if (ABS (w[MT_CARRIER_READY + i]) == (MtWord)task + 1)
      return i;
  return -1;
}

gboolean
mt_carrier_is_ready (const MtProgram *program, const MtWord *s, guint task)
{
  return place_of (words_of (program, s, program->tasks[task].carrier), task) >= 0;
}

gboolean
mt_carrier_is_suspended (const MtProgram *program, const MtWord *s, guint task)
{
  return program->tasks[task].kind == MT_TASK_COROUTINE && is_at (next_of (program, s, task), &mt_op_switch)
         && !mt_carrier_runs (program, s, task);
}

/* What a coroutine's next operation could do now. */
typedef enum
{
  CANT,
  BY_TIMER, /* only because a timer may go off at any moment (abstract time) */
  CAN,
} Ability;

static Ability
ability (const MtProgram *program, const MtWord *s, guint task)
{
  const MtInstr *in = next_of (program, s, task);
  if (!is_alive (program, s, task))
    return CANT;
  if (in->flags & MT_ALWAYS)
    return CAN;
  MtChoice *ways = g_newa (MtChoice, program->max_ways);
  guint n = mt_op (in->op)->ways (program, s, task, in, ways);
  if (n == 0)
    return CANT;
  gboolean gives_up = (in->flags & MT_TIMED) && !(in->flags & MT_HELD) && n == 1 && ways[0].alt == 1;
  return program->time == MT_TIME_ABSTRACT && (gives_up || is_at (in, &mt_op_sleep)) ? BY_TIMER : CAN;
}

static void
push (MtWord *w, MtWord entry)
{
  w[MT_CARRIER_READY + w[MT_CARRIER_COUNT]++] = entry;
}

static MtWord
take (MtWord *w, MtWord place)
{
  MtWord *at = w + MT_CARRIER_READY + place, entry = *at;
  memmove (at, at + 1, sizeof (MtWord) * (gsize)(--w[MT_CARRIER_COUNT] - place));
  w[MT_CARRIER_READY + w[MT_CARRIER_COUNT]] = 0;
  return entry;
}

gboolean
mt_carrier_may_wake (const MtProgram *program, const MtWord *s, guint task)
{
  return program->time == MT_TIME_ABSTRACT && !mt_carrier_is_ready (program, s, task) && !mt_carrier_is_suspended (program, s, task)
         && ability (program, s, task) == BY_TIMER;
}

void
mt_carrier_wake (const MtProgram *program, MtWord *s, guint task)
{
  push (s + program->carrier_base + program->tasks[task].carrier * program->carrier_words, -(MtWord)task - 1);
}

/* The running one has arrived at a switch: whom it hands over to. Itself where that is nobody; its
 * step then tells why, or goes on. */
static guint
handed_to (const MtProgram *program, const MtWord *s, guint task)
{
  const MtInstr *in = next_of (program, s, task);
  const MtTask *first = &program->tasks[in->imm];
  MtWord i = in->b < 0 ? 0 : s[program->tasks[task].frame + (guint)in->b];
  if (in->b >= 0 && (i < 0 || (guint)i >= first->count))
    return task;
  guint to = (guint)(in->imm + i);
  return is_alive (program, s, to) ? to : task;
}

/* Whether the one that stands as @entry can have the carrier. */
static gboolean
can_run (const MtProgram *program, const MtWord *s, MtWord entry)
{
  return ability (program, s, (guint)ABS (entry) - 1) >= (entry < 0 ? BY_TIMER : CAN);
}

/* Whether the running one, @entry, gives way at its next operation. */
static gboolean
gives_way (const MtProgram *program, const MtWord *s, MtWord entry, gboolean arrived)
{
  const MtInstr *in = next_of (program, s, (guint)ABS (entry) - 1);
  if (in->flags & MT_HELD)
    return FALSE;
  if (arrived)
    return is_at (in, &mt_op_yield) || is_at (in, &mt_op_sleep) || !can_run (program, s, ABS (entry));
  return !can_run (program, s, entry);
}

static void
settle (const MtProgram *program, MtWord *s, guint carrier, guint moved)
{
  MtWord *w = s + program->carrier_base + carrier * program->carrier_words;
  MtWord current = w[MT_CARRIER_CURRENT], next = 0;
  gint left = -1; /* who has just given way */
  gboolean arrived = ABS (current) == (MtWord)moved + 1;

  for (MtWord i = w[MT_CARRIER_COUNT] - 1; i >= 0; i--)
    if (!is_alive (program, s, (guint)ABS (w[MT_CARRIER_READY + i]) - 1)) /* terminated with its process */
      take (w, i);
  if (current && !is_alive (program, s, (guint)ABS (current) - 1))
    current = 0;
  if (current && arrived)
    current = ABS (current); /* that timer was another wait's */
  if (current && arrived && is_at (next_of (program, s, moved), &mt_op_switch))
    {
      guint to = handed_to (program, s, moved);
      MtWord place = place_of (w, to);
      next = to == moved ? 0 : place >= 0 ? take (w, place) : (MtWord)to + 1;
      current = next ? 0 : current;
    }
  else if (current && gives_way (program, s, current, arrived))
    {
      left = ABS (current) - 1;
      current = 0;
    }

  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtTask *task = &program->tasks[t];
      if (task->kind != MT_TASK_COROUTINE || task->carrier != carrier || (MtWord)t + 1 == ABS (current) || (MtWord)t + 1 == ABS (next) || (gint)t == left)
        continue;
      if (!is_at (next_of (program, s, t), &mt_op_switch) && place_of (w, t) < 0 && can_run (program, s, (MtWord)t + 1))
        push (w, (MtWord)t + 1);
    }
  if (left >= 0 && can_run (program, s, left + 1))
    push (w, left + 1);

  /* one that can't go on after all waits again */
  while (!current && (next || w[MT_CARRIER_COUNT] > 0))
    {
      MtWord head = next ? next : take (w, 0);
      next = 0;
      current = can_run (program, s, head) ? head : 0;
    }
  w[MT_CARRIER_CURRENT] = current;
}

void
mt_carriers_settle (const MtProgram *program, MtWord *s, guint moved)
{
  for (guint k = 0; k < program->n_carriers; k++)
    settle (program, s, k, moved);
}

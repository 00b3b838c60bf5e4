/* THE WAIST: four functions over (program, words). Every engine is a caller of these: a
 * scheduler's run, an exhaustive search, a replay, a picture. There is one semantics.
 *
 * No machine object and no globals, so any number of workers hold states at once. A state buffer
 * has program->n_words words.
 */
#pragma once
#include "sim/program.h"

/* Who moves, and which of its ways: the only nondeterminism. */
typedef struct
{
  guint16 task, alt;
} MtChoice;

/* The pseudo task that moves when nobody else can: virtual time passes, up to the next timer. Way n > 0,
 * which is never among the choices, lets n milliseconds pass: what a run takes whose steps have a length. */
#define MT_CLOCK ((guint16)0xffff)

/* What is worth telling about a step, apart from its effect on the state. Flags. */
typedef enum
{
  MT_OK = 0,
  MT_FAULT = 1 << 0, /* an unhandled error ended the task */
  MT_FAULT_ASSERTION = 1 << 1, /* with MT_FAULT: a failed assert */
  MT_LOST_UPDATE = 1 << 2, /* the step erased another task's update */
  MT_SWALLOWED = 1 << 3, /* an error ended a pool's job: recorded, as Python's Pool does */
} MtOutcome;

typedef enum
{
  MT_EFFECT_READ,
  MT_EFFECT_WRITE,
} MtEffectKind;

/* One access to memory that other tasks can see. */
typedef struct
{
  MtEffectKind kind;
  guint32 address;
  MtWord before, after; /* equal for a read */
} MtEffect;

/* Record of a step, filled where mt_step() is given one. Owned by the caller. */
typedef struct
{
  gboolean want_effects; /* set by the caller: record effects too, not only output and faults */
  MtChoice choice;
  MtOutcome outcome;
  guint pc; /* the instruction that began the step (the clock: 0) */
  MtWord advance; /* the clock: milliseconds passed */
  gboolean same_choices; /* the step is known to leave mt_choices() as they were; FALSE: perhaps not */
  guint32 lost_address; /* with MT_LOST_UPDATE: of the cell */
  guint fault_site; /* with MT_FAULT */
  GString *fault; /* message, empty when there is none */
  GString *output; /* what was printed; appended, never cleared by mt_step() */
  GArray *effects; /* MtEffect */
} MtStep;

void mt_step_init (MtStep *step);
void mt_step_clear (MtStep *step);

typedef enum
{
  MT_BLOCK_NONE, /* it is enabled */
  MT_BLOCK_ENDED,
  MT_BLOCK_UNSTARTED,
  MT_BLOCK_SLEEP,
  MT_BLOCK_OBJECT, /* waits for an object */
  MT_BLOCK_TASK, /* waits for a task to end */
  MT_BLOCK_CONDITION, /* await */
  MT_BLOCK_CARRIER, /* a coroutine that could go on, but is not the one that runs: holder, or -1, is */
} MtBlockKind;

/* Why a task can't move. */
typedef struct
{
  MtBlockKind kind;
  gint object; /* index, or -1 */
  gint holder; /* task that must act first (holder of the lock, task to be joined), or -1; of several the first, from `from` on: mt_waits_for() tells all */
  guint from; /* a task: holders before it are passed over */
  gboolean timed; /* it will give up by itself */
  MtWord timer; /* milliseconds left, of a sleep or a timeout */
} MtBlock;

/* Writes the initial state: globals set, and every task that starts with the model at its first
 * step. @rec may be NULL; it tells of a task that failed before its first step. */
MtOutcome mt_state_init (const MtProgram *program, MtWord *s, MtStep *rec);

/* Writes the choices of @s to @out, at most program->max_choices, in a fixed order: by task, then
 * by alternative. Returns how many; writes nothing else. When no task can move but a timer is
 * running, the one choice is the clock's. */
guint mt_choices (const MtProgram *program, const MtWord *s, MtChoice *out);

/* The same of @task alone: those of mt_choices() that are its. */
guint mt_choices_of (const MtProgram *program, const MtWord *s, guint task, MtChoice *out);

/* Makes the step @choice, which must be one of mt_choices(), in place. @rec may be NULL. */
MtOutcome mt_step (const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec);

/* Why @task can't move in @s; FALSE (and MT_BLOCK_NONE) when it can. */
gboolean mt_why_blocked (const MtProgram *program, const MtWord *s, guint task, MtBlock *out);

/* The first task from @from on that @task waits for: every reader of a lock to be written, every task
 * of a join. -1: none. */
gint mt_waits_for (const MtProgram *program, const MtWord *s, guint task, guint from);

/* The same of a wait that no timeout ends: all such tasks must act, or @task waits for ever. */
gint mt_awaited (const MtProgram *program, const MtWord *s, guint task, guint from);

/* Value of side-effect-free code in @s: pure->n_words words to @out; FALSE when it faults (division by zero, index, ...). */
gboolean mt_eval (const MtProgram *program, const MtWord *s, const MtPure *pure, MtWord *out);

/* Whether every task that is no daemon has ended (or is a coroutine that a switch has suspended, and
 * nobody is left to switch back to it), and whether @task has (in whatever way). */
gboolean mt_ended (const MtProgram *program, const MtWord *s);
gboolean mt_task_ended (const MtProgram *program, const MtWord *s, guint task);

/* *out <- a op b, for the arithmetic and comparing opcodes of op.h; FALSE and *problem (a static
 * text) on overflow and division by zero. Division rounds down, as Python's does. */
gboolean mt_arithmetic (guint8 op, MtWord a, MtWord b, MtWord *out, const gchar **problem);

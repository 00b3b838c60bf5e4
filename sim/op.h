/* What an operation is: the row type behind sim/ops/, and what its functions may use.
 *
 * An instruction's op number is a row. Arithmetic and jumps (MtOpcode) are the machine's own; all
 * that other tasks can see stands in a row of a primitive's file. An operation reads and writes
 * the state through mt_get() and mt_put() only: from that choke point come the trace's effects,
 * the footprint check and race detection.
 */
#pragma once
#include "sim/machine.h"
#include "sim/native.h"

/* The machine's own instructions: local, never a step by themselves unless they stand alone in an
 * atomic block. dst <- a op b; K forms take imm for b. */
typedef enum
{
  MT_OP_REST, /* the four resting places; never enabled */
  MT_OP_NOP, /* a step that does nothing (choose's pick lands here) */
  MT_OP_CONST, /* dst <- imm */
  MT_OP_MOVE, /* dst <- a */
  MT_OP_ADD,
  MT_OP_SUB,
  MT_OP_MUL,
  MT_OP_DIV,
  MT_OP_MOD,
  MT_OP_ADDK,
  MT_OP_SUBK,
  MT_OP_NEG,
  MT_OP_NOT,
  MT_OP_TRUTH, /* dst <- a != 0 */
  MT_OP_EQ,
  MT_OP_NE,
  MT_OP_LT,
  MT_OP_LE,
  MT_OP_GT,
  MT_OP_GE,
  MT_OP_MIN,
  MT_OP_MAX,
  MT_OP_ABS,
  MT_OP_JMP, /* to imm */
  MT_OP_JZ, /* to imm when a is 0 */
  MT_OP_JNZ,
  MT_OP_DECJNZ, /* dst -= 1, then to imm when it is not 0: repeat */
  MT_OP_CLEAR, /* slots dst .. dst + imm - 1 <- 0: a frame that is gone */
  MT_OP_ID, /* dst <- the task's id */
  MT_OP_SELF,
  MT_OP_PID,
  MT_OP_SLOT, /* dst <- list at a [index in b] */
  MT_OP_SETSLOT, /* list at dst [index in b] <- a */
  MT_OP_SLOTIN, /* dst <- value in b is in list at a */
  MT_OP_SLOTEQ, /* dst <- lists at a and b are equal */
  MT_OP_COPY, /* list at dst (capacity imm) <- list at a */
  MT_OP_SLOTAPPEND, /* list at dst (capacity imm), value a */
  MT_OP_SLOTPOP, /* dst <- last of the list at a */
  MT_OP_END, /* of the task */
  MT_N_OPCODES,
  /* the first two rows, which the machine runs in line: nearly every step is one of them */
  MT_OP_READ = MT_N_OPCODES,
  MT_OP_WRITE,
} MtOpcode;

/* What an operation's apply() tells the machine. */
typedef enum
{
  MT_DONE, /* go on with the next instruction (a fallible one: with the one after it) */
  MT_FAILED, /* timed out, full, empty: go on with the else jump */
  MT_FAULTED, /* mt_fault() was called */
  MT_JUMP, /* ctx->next was set */
} MtResult;

struct _MtMemory;

typedef struct
{
  const MtProgram *program;
  MtWord *s;
  MtWord *r; /* the moving task's frame */
  const struct _MtMemory *memory; /* how it gets at what tasks share; NULL: directly, as the only one who moves */
  MtStep *rec; /* or NULL */
  guint task;
  guint alt;
  guint next; /* instruction to go on with */
  guint pc; /* of the current instruction */
  guint loops; /* backward jumps since the step began */
  MtOutcome outcome;
} MtCtx;

/* Another way to the words than reading and writing them: with a record of it, or beside other threads. */
typedef struct _MtMemory
{
  MtWord (*get) (MtCtx *ctx, guint address);
  void (*put) (MtCtx *ctx, guint address, MtWord value);
  /* Makes the operation @in happen, the first of its step or not, in place of its row's apply(); may be NULL. */
  MtResult (*perform) (MtCtx *ctx, const MtInstr *in, gboolean first);
} MtMemory;

static inline MtWord
mt_get (MtCtx *ctx, guint address)
{
  return G_UNLIKELY (ctx->memory != NULL) ? ctx->memory->get (ctx, address) : ctx->s[address];
}

static inline void
mt_put (MtCtx *ctx, guint address, MtWord value)
{
  if (G_UNLIKELY (ctx->memory != NULL))
    ctx->memory->put (ctx, address, value);
  else
    ctx->s[address] = value;
}

/* For ways() of what may be changed by other threads meanwhile (MtNative). */
static inline MtWord
mt_look (const MtWord *word)
{
  return __atomic_load_n (word, __ATOMIC_SEQ_CST);
}

/* Operands, zeroed after a last use (see MT_KILL_A). */
static inline MtWord
mt_a (MtCtx *ctx, const MtInstr *in)
{
  MtWord value = ctx->r[in->a];
  if (in->flags & MT_KILL_A)
    ctx->r[in->a] = 0;
  return value;
}

static inline MtWord
mt_b (MtCtx *ctx, const MtInstr *in)
{
  MtWord value = ctx->r[in->b];
  if (in->flags & MT_KILL_B)
    ctx->r[in->b] = 0;
  return value;
}

/* Ends the step with an unhandled error of the task; the message is kept where a record wants it. */
MtResult mt_fault (MtCtx *ctx, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

/* A set of things a step may read and write, for reduction. Filled by an operation's touches(). */
typedef struct
{
  GArray *reads, *writes; /* of guint: state addresses */
  GArray *gives, *takes; /* the same, of a count of permits: changed, and by itself looked at only to see whether one is left */
  gboolean all; /* may touch anything: never reduced */
} MtFootprint;

/* How an operation tells tasks of one `count` apart. */
typedef enum
{
  MT_NAMES_NOBODY,
  MT_NAMES_GROUP, /* the dst tasks from imm on, or one of the group: the one numbered slot b */
  MT_NAMES_ONE, /* a task */
  MT_NAMES_HOLDER, /* gives the name or number of whoever it finds */
} MtNaming;

/* One row. Everything but name and apply may be NULL. */
typedef struct
{
  const gchar *name; /* as the dump shows it */
  gboolean makes_dst; /* its result goes to slot dst and nowhere else */
  MtNaming names_tasks;
  const gchar *label; /* "read", "write": what a trace calls an access to a variable; NULL: the step as the author wrote it */

  /* The ways @in can complete now, appended to @out for @task; writes nothing else. NULL: one, always. */
  guint (*ways) (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out);

  /* The task that way @alt of @in picks, which is one of ways(); of ways that pick tasks they are in the order of these. NULL: none does. */
  gint (*picks) (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, guint alt);

  /* Makes it happen. */
  MtResult (*apply) (MtCtx *ctx, const MtInstr *in);

  /* What it may read and write, as far as the text of the program tells. NULL: nothing shared. */
  void (*touches) (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out);

  /* The slots of the task's frame it reads, appended to @out (guint). NULL, or FALSE: any of them, as far as is known. */
  gboolean (*uses) (const MtProgram *program, const MtInstr *in, GArray *out);

  /* Why it can't complete; called only when ways() gave none. */
  void (*why) (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out);

  /* On real threads: what waits until it can complete. NULL: a monitor does, by ways(). */
  const MtNativeCall *native;
} MtOp;

/* The row of op number @op, which is at least MT_N_OPCODES. The table is filled before the first
 * program is compiled and never changes then. */
extern const MtOp *mt_op_rows[256];

static inline const MtOp *
mt_op (guint op)
{
  return mt_op_rows[op];
}

/* Where control may go from @pc: guint places, written to @out, which is emptied first. */
guint mt_successors (const MtInstr *code, guint pc, GArray *out);

/* The slots that the instruction at @pc reads, written to @out (guint), which is emptied first.
 * FALSE: they can't be told, any may be. */
gboolean mt_uses (const MtProgram *program, guint pc, GArray *out);

/* uses() of the usual rows: none; operand a; b, where there is one; both. */
gboolean mt_uses_none (const MtProgram *program, const MtInstr *in, GArray *out);
gboolean mt_uses_a (const MtProgram *program, const MtInstr *in, GArray *out);
gboolean mt_uses_b (const MtProgram *program, const MtInstr *in, GArray *out);
gboolean mt_uses_ab (const MtProgram *program, const MtInstr *in, GArray *out);

/* The slots that side-effect-free code at @entry, over a task's frame, reads: appended. */
gboolean mt_uses_pure (const MtProgram *program, guint entry, GArray *out);

/* Adds @n words from @address on. */
static inline void
mt_touch (GArray *addresses, guint address, guint n)
{
  for (guint i = 0; i < n; i++, address++)
    g_array_append_val (addresses, address);
}

/* Index of the variable that @address belongs to, or -1. */
gint mt_var_at (const MtProgram *program, guint address);

/* Object an instruction names: program->objects[imm + element]; the element is in slot b (b < 0: none).
 * NULL when the element is out of range. */
static inline const MtObject *
mt_object (const MtProgram *program, const MtWord *r, const MtInstr *in)
{
  const MtObject *object = &program->objects[in->imm];
  if (in->b < 0)
    return object;
  MtWord i = r[in->b];
  if (i < 0)
    i += (MtWord)object->count;
  return (guint)i < object->count ? object + i : NULL;
}

static inline guint
mt_way (MtChoice *out, guint n, guint task, guint alt)
{
  out[n] = (MtChoice){ (guint16)task, (guint16)alt };
  return n + 1;
}

/* For apply(): the object, its index killed where it is a temporary; NULL after a fault. */
const MtObject *mt_object_of (MtCtx *ctx, const MtInstr *in);

/* touches() of operations that change their object, that only look at it, that give a permit to it, and
 * that wait for a permit and take it. */
void mt_touches_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out);
void mt_looks_at_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out);
void mt_gives_to_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out);
void mt_takes_from_object (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out);

/* For engines that keep a task's frame, ctx->r, apart from the state: runs ctx->task from @pc on to where it
 * rests next, which is returned (and not written to the state); ctx->outcome tells of a fault. */
guint mt_go_on (MtCtx *ctx, guint pc);

/* An operation inside a step that has begun already must complete at once, in one way: sets ctx->alt, or faults. */
gboolean mt_continue_way (MtCtx *ctx, const MtInstr *in);

/* Lets @task, which is unstarted, begin: runs its local work up to its first step. */
MtOutcome mt_enter (const MtProgram *program, MtWord *s, guint task, MtStep *rec);

/* Ends @task from outside, where it is: nothing is left of it but that. What it holds stays held. */
void mt_kill_task (const MtProgram *program, MtWord *s, guint task);

/* Value of side-effect-free code at @entry over @task's frame, found in @slot; FALSE when it faults. */
gboolean mt_eval_for (const MtProgram *program, const MtWord *s, guint task, guint entry, gint slot, MtWord *out);

/* The two ways of an operation that may have to wait: 0 it completes, 1 it gives up. */
guint mt_ways_timed (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in,
                     gboolean ready, MtChoice *out);

/* What a verb may use to translate its step. The compiler itself begins in compile.c. */
#pragma once
#include "sim/model.h"
#include "sim/op.h"

typedef struct _MtCompiler MtCompiler;

/* A type to be found out: unified as the compiler meets its uses. */
typedef struct _MtTypeVar MtTypeVar;

/* Where a value is. */
typedef struct
{
  gint slot; /* of the frame; for a list: of its length word */
  guint words; /* 1, or a list's length word and capacity */
  gboolean temp; /* used once, then zeroed by whoever uses it */
  MtTypeVar *type;
} MtOperand;

/* How the globals in an expression are read. */
typedef enum
{
  MT_STEPWISE, /* each read is a step */
  MT_INSTANT, /* all in the step that is being made (print, assert, atomic) */
} MtReading;

/* Findings at the step being compiled or at an expression. */
void mt_compile_error (MtCompiler *c, MtMark mark, guint width, const gchar *hint, const gchar *format, ...) G_GNUC_PRINTF (5, 6);

/* Emission. Every instruction belongs to the site of the step being compiled. */
guint mt_emit (MtCompiler *c, guint8 op, gint dst, gint a, gint b, gint32 imm); /* local; returns its place */
guint mt_emit_op (MtCompiler *c, const MtOp *op, gint dst, gint a, gint b, gint32 imm, guint flags); /* visible: begins a step unless in an instant */
guint mt_emit_local_op (MtCompiler *c, const MtOp *op, gint dst, gint a, gint b, gint32 imm, guint flags); /* a row that is never a step */
guint mt_here (const MtCompiler *c);
void mt_patch (MtCompiler *c, guint jump, guint target);
guint mt_kill (MtOperand a, MtOperand b); /* MT_KILL flags of temporaries */
void mt_kill_operands (MtCompiler *c, guint at, guint flags); /* adds them to the instruction at @at */
guint mt_label_here (MtCompiler *c); /* the place, which a jump will lead to */
void mt_emit_pause (MtCompiler *c); /* in an instant: its step begins here, whichever way it then branches */
void mt_ways_at_most (MtCompiler *c, guint n); /* a step may have up to n alternatives */

/* All that is emitted between these two is one step, begun by its first visible operation. They
 * nest; the outermost counts. Where @expr branches (and, or, if) the step begins before it. */
void mt_instant_begin (MtCompiler *c, const MtExpr *expr);
void mt_instant_branches (MtCompiler *c, const MtExpr *expr); /* the same, for an expression further on in the instant */
void mt_instant_end (MtCompiler *c);
gboolean mt_in_instant (const MtCompiler *c);
MtReading mt_reading (const MtCompiler *c); /* of the steps here: instant or stepwise */

/* Values. */
MtOperand mt_compile_expr (MtCompiler *c, const MtExpr *expr, MtReading reading);
MtOperand mt_compile_condition (MtCompiler *c, const MtExpr *expr, MtReading reading); /* a number or truth value */
MtOperand mt_compile_time (MtCompiler *c, const MtExpr *expr); /* seconds or decimals -> milliseconds */
MtOperand mt_compile_temp (MtCompiler *c, MtTypeKind type);
void mt_discard_temps (MtCompiler *c); /* zeroes and releases all temporaries in use: at the end of a step that needs none later */
gint mt_compile_temps (MtCompiler *c, guint n); /* n adjacent temporaries */
void mt_compile_into (MtCompiler *c, const MtExpr *target, MtOperand value); /* value -> variable or element; a write is a step */
void mt_compile_move (MtCompiler *c, MtOperand value, gint slot); /* into a slot, value used up */
gboolean mt_unify (MtCompiler *c, MtTypeVar *a, MtTypeVar *b, MtMark mark, guint width, const gchar *what);
MtTypeVar *mt_type_new (MtCompiler *c, MtTypeKind kind);
void mt_release (MtCompiler *c, MtOperand operand); /* a temporary's slots may be used again; whoever used it has zeroed it */
void mt_discard (MtCompiler *c, MtOperand operand); /* zeroes a temporary that nobody has killed, and releases it */
MtOperand mt_hidden_local (MtCompiler *c, const gchar *name, MtTypeKind type); /* lives to the end of the task or call */

/* Side-effect-free code for the condition @expr over the task's frame, out of line; returns its entry, and the slot of its result. */
guint mt_compile_pure (MtCompiler *c, const MtExpr *expr, gint *slot);

/* Names. FALSE after a finding. @index is a slot or -1. */
gboolean mt_resolve_object (MtCompiler *c, const MtExpr *expr, const struct _MtPrimitive *primitive, gint32 *object, MtOperand *index);
gboolean mt_resolve_task (MtCompiler *c, const MtExpr *expr, gint32 *first, guint *count, MtOperand *index);
void mt_check_not_self (MtCompiler *c, gint32 first, guint n, const MtExpr *expr); /* a task can't wait for itself */
gboolean mt_resolve_list (MtCompiler *c, const MtExpr *expr, gint *var, MtOperand *local); /* var >= 0: a variable; else a local */
MtTypeVar *mt_list_element (MtCompiler *c, gint var, MtOperand local); /* of what mt_resolve_list() found */
MtOperand mt_compile_item (MtCompiler *c, gint var, MtOperand local, MtOperand index); /* its item at an index that stays */
gboolean mt_object_arity (MtCompiler *c, gint32 object, guint n, const MtExpr *at); /* an item of this container has n values here: the first use settles it */
MtTypeVar *mt_object_element (MtCompiler *c, gint32 object, guint k); /* type of value k of an item; shared by the container's group */
const MtProgram *mt_compiling (const MtCompiler *c); /* vars, objects and tasks as declared so far */
MtTaskKind mt_compiling_kind (const MtCompiler *c); /* of the task whose code this is */
guint mt_compiling_process (const MtCompiler *c); /* the process it belongs to */
gint32 mt_intern (MtCompiler *c, const gchar *text);

/* Blocks. */
void mt_compile_steps (MtCompiler *c, const GPtrArray *steps);
void mt_compile_arm (MtCompiler *c, const MtArg *timeout); /* starts the task's timer, where one is given */
MtOperand mt_compile_timeout (MtCompiler *c, const MtArg *timeout); /* the same in two parts, for an operation of two steps: what the timeout is ... */
void mt_emit_arm (MtCompiler *c, MtOperand timeout); /* ... and starting the timer; nothing where none is given */
void mt_check_else (MtCompiler *c, const MtStepNode *step); /* of an operation that fails by its timeout only: an else needs one */
/* The tail of an operation that may fail: its else, or an error called @error. Call right after emitting it with MT_FALLIBLE. */
void mt_compile_else (MtCompiler *c, const MtArg *steps, const gchar *error);
/* The same in two parts, for an operation with something left to do where it succeeds. */
guint mt_fail_begin (MtCompiler *c);
void mt_fail_end (MtCompiler *c, guint fail, const MtArg *steps, const gchar *error);
/* An operation that never waits, on an object already resolved. */
void mt_compile_on (MtCompiler *c, gint32 object, MtOperand index, const MtOp *op);
/* Whole steps on one object of @primitive. {verb: object}: the same; {verb: object, timeout, else}: one
 * that may; {with: object, do: [..]}: @enter may wait, @leave never does. */
void mt_compile_simple (MtCompiler *c, const MtStepNode *step, const struct _MtPrimitive *primitive, const MtOp *op);
void mt_compile_waiting (MtCompiler *c, const MtStepNode *step, const struct _MtPrimitive *primitive, const MtOp *op);
void mt_compile_with (MtCompiler *c, const MtStepNode *step, gint32 object, MtOperand index, const MtOp *enter, const MtOp *leave);
gboolean mt_verb_is_control (const MtVerb *verb); /* a branch, loop or call: no operation itself */
void mt_compile_call (MtCompiler *c, const gchar *function, MtMark mark, guint width, const GPtrArray *args, const MtExpr *into);
/* Tasks a step starts with arguments: their types flow into the parameters. */
void mt_compile_start_args (MtCompiler *c, gint32 first, const GPtrArray *args, gint base, MtMark mark);
/* The job that calls @function with @args, for the pool @object: its number among the pool's jobs
 * and its arguments, in 1 + arity adjacent temporaries. Returns the first, -1 after a finding. */
gint mt_compile_job (MtCompiler *c, gint32 object, const MtNode *function, const GPtrArray *args);
void mt_loop_begin (MtCompiler *c);
void mt_loop_end (MtCompiler *c, guint continue_target);
void mt_loop_end_item (MtCompiler *c); /* of one copy of the body: continue leads here, break leaves the loop outside */
void mt_loop_leave (MtCompiler *c, gboolean again, MtMark mark); /* break or continue */
void mt_return (MtCompiler *c, const MtExpr *value, MtMark mark);
void mt_unguard_all (MtCompiler *c); /* leaves every `with`, for an error that ends the task */
guint mt_format (MtCompiler *c, const GArray *pieces, const gchar *end); /* emits the values' reads; returns the format's number */

/* The compiler's inside, shared by the files that do its work: what it knows while it is at it, and
 * below, file by file, what they do for each other. compile.c has the order of things. */
#pragma once
#include "sim/compiler.h"
#include "sim/primitive.h"

struct _MtTypeVar
{
  MtTypeVar *parent; /* NULL: a representative */
  gboolean known;
  MtTypeKind kind;
  MtTypeVar *element; /* of a list */
  guint capacity;
  gboolean scalar; /* unknown, but no list */
  gboolean excused; /* unknown because of an error, or for want of a caller: nothing more is said about it */
};

typedef struct
{
  gchar *name;
  gint slot;
  guint words;
  MtTypeVar *type;
  guint from; /* first instruction of its life */
  MtMark mark;
  gboolean read, hidden;
} Local;

typedef struct _Scope Scope;
struct _Scope
{
  Scope *outer; /* of the caller: not visible from here */
  const MtFunction *function; /* NULL: a task's own steps */
  GPtrArray *locals; /* Local */
  gint base; /* first slot */
  GArray *returns; /* jumps to the end */
  MtOperand result; /* slot -1 when nobody wants it */
  guint guards; /* depth of `with` at entry */
};

typedef struct
{
  GArray *breaks, *continues; /* jumps */
  guint guards;
} Loop;

/* A `with` around the steps being compiled: how it is left. */
typedef struct
{
  const MtOp *leave;
  gint32 object;
  gint index;
} Guard;

/* What a container's items are, as its uses tell; one for all objects of a group. */
typedef struct
{
  guint arity; /* 0: not known yet */
  MtMark first; /* the use that told */
  GPtrArray *types; /* MtTypeVar, one for each value of an item */
} ItemPlan;

/* A value known at compile time. */
typedef struct
{
  MtTypeKind kind;
  MtWord value;
} Constant;

/* What a variable or object is called in the author's text, before any copy for a process. */
typedef struct
{
  const MtDecl *decl;
  MtTypeVar *type;
  guint words;
  gboolean fixed;
  GArray *initial; /* MtWord */
} VarPlan;

/* A function that a pool's workers may be given. */
typedef struct
{
  MtFunction *function;
  GPtrArray *types; /* MtTypeVar of its parameters, unified over all submits */
} JobPlan;

typedef struct
{
  const MtDecl *decl;
  guint object, workers;
  GPtrArray *jobs; /* JobPlan: a job's number is its place here */
} PoolPlan;

typedef struct
{
  MtClass row; /* what goes into the program */
  MtTaskKind kind;
  const MtTaskDecl *decl; /* NULL: a pool's worker */
  const PoolPlan *pool; /* of a worker */
  guint process;
  GPtrArray *param_types; /* MtTypeVar: of the parameters, then of each row of lives */
  GArray *lives; /* MtLocal */
  guint max_ways;
} ClassPlan;

typedef struct
{
  guint format, piece;
  MtTypeVar *type;
} FormatUse;

typedef struct
{
  guint name; /* string */
  MtMark mark;
  guint width;
} LabelUse;

/* Temporaries are numbered from here until a class is finished and the number of its locals known. */
#define TEMP_BASE 16384
#define MAX_SLOTS 16000
#define MAX_WORDS 4000000 /* of a state */
#define DEFAULT_CAPACITY 16 /* of a list */

struct _MtCompiler
{
  MtModel *model;
  const MtCompileOptions *options;
  MtProgram *program; /* under construction */
  GPtrArray *arena; /* frees what the program points at */

  GHashTable *names; /* gchar* -> MtDecl/MtFunction/MtTaskDecl (all begin with name) */
  GPtrArray *type_vars;
  GArray *code, *sites, *vars, *objects, *tasks, *formats, *labels, *params, *initial;
  GPtrArray *strings;
  GHashTable *string_numbers;
  GArray *plans; /* VarPlan: shared first, then globals */
  guint n_shared, n_globals;
  guint n_words; /* of the variables, once */
  GPtrArray *class_plans; /* ClassPlan */
  GArray *items; /* ItemPlan of each object */
  GPtrArray *pools; /* PoolPlan */
  GArray *task_counts; /* guint: of each MtTaskDecl */
  GArray *format_uses, *label_uses;

  /* the class being compiled */
  ClassPlan *plan;
  guint process;
  Scope *scope;
  GPtrArray *functions; /* names being expanded, outermost first */
  gint top, max_locals; /* slots of named locals */
  GArray *temps; /* gboolean: in use */
  guint max_temps;
  guint instant;
  gboolean fresh; /* the next instruction of the instant begins its step */
  gboolean never_waits; /* the timeout just armed is 0 */
  guint site;
  guint barrier; /* a jump lands here: don't merge across */
  GArray *loops, *guards;
  guint nesting; /* steps in steps in calls */
  const gchar *overflow; /* what went wrong in the last constant, or NULL */
  gboolean constant_only; /* expressions of declarations: no tasks, no globals */
};

/* plan.c: who starts whom */
gboolean mt_started_by_a_step (MtCompiler *c, const gchar *task); /* the task does not start with the model */
GPtrArray *mt_submitted_to (MtCompiler *c, const gchar *pool); /* MtFunction, in order of their first submit; caller frees */
GArray *mt_plan_processes (MtCompiler *c); /* counts them; guint: first process of each task declaration, then of each pool; caller frees */

/* declare.c, declare_task.c: rows for what the author declared, in this order */
void mt_declare_params (MtCompiler *c);
void mt_declare_variables (MtCompiler *c);
void mt_declare_objects (MtCompiler *c);
void mt_declare_tasks (MtCompiler *c);
void mt_plan_classes (MtCompiler *c); /* once the variables are laid out: tasks share code where their globals have the same addresses */

/* layout.c */
gboolean mt_layout_variables (MtCompiler *c); /* FALSE after a finding: they don't fit */
void mt_layout_rest (MtCompiler *c); /* objects, monitors, carriers and tasks, once all code is there */
void mt_finish_types (MtCompiler *c); /* types go into the rows that print values */
void mt_finish_program (MtCompiler *c); /* hands all that was collected over to the program */

/* emit.c */
gpointer mt_keep (MtCompiler *c, gpointer memory); /* freed with the program; returns it */
const gchar *mt_keep_text (MtCompiler *c, const gchar *text); /* a copy, freed with the program */
guint mt_add_site (MtCompiler *c, MtMark mark, guint width, const gchar *text);
MtOperand mt_own_temp (MtCompiler *c, MtOperand o); /* a copy where o is no temporary: it stays what it is, whatever is computed next */

/* scope.c */
Local *mt_find_local (MtCompiler *c, const gchar *name); /* or NULL */
Local *mt_add_local (MtCompiler *c, const gchar *name, guint words, MtTypeVar *type, MtMark mark, gboolean hidden);
void mt_declare_locals (MtCompiler *c, const GPtrArray *steps); /* each name assigned anywhere in @steps that is no variable, before its first use */
Scope *mt_scope_push (MtCompiler *c, const MtFunction *function); /* of a call of @function, or of a task's own steps (NULL) */
void mt_scope_params (MtCompiler *c, const GPtrArray *types); /* its function's parameters, of these types (MtTypeVar), as its first locals */
void mt_scope_clear (MtCompiler *c); /* emits the zeroing of its locals */
void mt_scope_pop (MtCompiler *c);

/* resolve.c */
guint mt_name_width (const gchar *name); /* characters, for the caret line of a finding */
gchar *mt_near_name (const gchar *name, GPtrArray *names); /* "did you mean 'x'?" or NULL; ends @names with NULL; caller frees */
const gchar *mt_bare_noun (const gchar *noun); /* "a lock" -> "lock" */
const gchar *mt_kind_of_name (MtCompiler *c, const gchar *name, MtMark *mark); /* "a lock", or NULL */
void mt_report_undeclared (MtCompiler *c, const MtExpr *name);
gint mt_find_var (MtCompiler *c, const gchar *name); /* of the current process, or -1 */
const VarPlan *mt_var_plan (MtCompiler *c, gint var); /* one for all copies of a variable */
gboolean mt_list_name (MtCompiler *c, const MtExpr *e, gint *var, MtOperand *local); /* mt_resolve_list() without a finding */
gboolean mt_check_index (MtCompiler *c, gint var, const MtExpr *index); /* FALSE: a constant that is in no such list; adds a finding */
MtFunction *mt_find_function (MtCompiler *c, const gchar *name); /* or NULL */
MtFunction *mt_want_function (MtCompiler *c, const gchar *name, MtMark mark, guint width); /* the same; it is used, or a finding is added */
void mt_check_labels (MtCompiler *c); /* those that at() and count_at() name */
const MtVerb *mt_row_meant (MtCompiler *c, const MtStepNode *step); /* where several primitives share a verb: by the object named; NULL after a finding */

/* types.c */
MtTypeVar *mt_type_find (MtTypeVar *type);
MtTypeVar *mt_type_unknown (MtCompiler *c); /* of a single value */
gboolean mt_type_is (MtTypeVar *type, MtTypeKind kind); /* known, and this */
gboolean mt_is_excused (MtOperand o); /* unknown because of an error that has been reported: whatever it is used as will do */
gchar *mt_type_words (MtCompiler *c, MtTypeVar *type); /* "a number"; caller frees */
gboolean mt_want_number (MtCompiler *c, MtOperand o, const MtExpr *e); /* or a truth value or time; FALSE after a finding */
void mt_want_condition (MtCompiler *c, MtOperand o, const MtExpr *e);
gboolean mt_number_result (MtOperator op, MtTypeKind a, MtTypeKind b, MtTypeKind *out); /* of numbers and times; FALSE where there is none (time * time) */
void mt_finish_type (MtCompiler *c, MtTypeVar *type, MtType *out); /* once all uses are known */
ItemPlan *mt_item_plan (MtCompiler *c, gint32 object);

/* constant.c */
gboolean mt_constant (MtCompiler *c, const MtExpr *expr, Constant *out); /* FALSE: not constant; adds no finding */
gboolean mt_constant_int (MtCompiler *c, const MtExpr *expr, const gchar *what, const gchar *hint, gint32 min, gint32 max, gint32 *out); /* adds a finding; @hint: with one that is out of range, or NULL */
guint8 mt_opcode_of (MtOperator op); /* 0: no opcode computes it */
gboolean mt_is_arithmetic (MtOperator op);

/* compile_block.c, compile_assign.c, compile_call.c */
void mt_compile_assignment (MtCompiler *c, const MtStatement *s);
gboolean mt_check_arguments (MtCompiler *c, const MtFunction *f, guint n, MtMark mark, guint width);
void mt_compile_body (MtCompiler *c, const GPtrArray *steps); /* all steps of the current scope, to the place its returns jump to */
/* Arguments into the slots from @base on, their types into those of the parameters. @to, which gets them, can't have a list: @hint. */
void mt_pass_arguments (MtCompiler *c, const GPtrArray *args, const GPtrArray *types, gint base, const gchar *to, const gchar *hint);

/* compile_expr.c, compile_builtin.c */
MtOperand mt_compile_index (MtCompiler *c, const MtExpr *e, MtReading reading); /* of an element of a list */
MtOperand mt_compile_builtin (MtCompiler *c, const MtExpr *e, MtReading reading);
MtOperand mt_no_value (MtCompiler *c); /* what stands for a value that an error has been reported of */
MtOperand mt_emit_constant (MtCompiler *c, Constant value);
MtOperand mt_emit_unary (MtCompiler *c, guint8 op, MtOperand a, gint32 imm, MtTypeKind kind); /* uses up its operand */
MtOperand mt_emit_binary (MtCompiler *c, guint8 op, MtOperand a, MtOperand b, MtTypeKind kind);
/* A slot for the result of an instruction that uses up @a and @b: one of theirs where it can be. @flags: those that kill the others. */
MtOperand mt_result_of (MtCompiler *c, MtOperand a, MtOperand b, MtTypeKind kind, guint *flags);

/* analysis.c */
void mt_watch_updates (MtCompiler *c); /* where the options ask for it */
guint8 *mt_find_plain (MtCompiler *c); /* MtProgram.plain; caller frees */

/* The compiler's inside, shared by plan.c (who starts whom), compile.c (declarations, layout,
 * blocks), compile_expr.c (expressions and types) and analysis.c (what the finished code is found
 * to do). */
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
  gboolean has_start_args;
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
#define MAX_CODE 2000000

struct _MtCompiler
{
  MtModel *model;
  const MtCompileOptions *options;
  MtProgram *program; /* under construction */
  GPtrArray *arena; /* frees what the program points at */

  GHashTable *names; /* gchar* -> MtDecl/MtFunction/MtTaskDecl (all begin with name) */
  GPtrArray *type_vars;
  GArray *code, *sites, *vars, *objects, *tasks, *formats, *labels, *classes, *params;
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

/* plan.c */
gboolean mt_started_by_a_step (MtCompiler *c, const gchar *task); /* the task does not start with the model */
GPtrArray *mt_submitted_to (MtCompiler *c, const gchar *pool); /* MtFunction, in order of their first submit; caller frees */
GArray *mt_plan_processes (MtCompiler *c); /* counts them; guint: first process of each task declaration, then of each pool; caller frees */

/* compile.c */
MtFunction *mt_find_function (MtCompiler *c, const gchar *name); /* or NULL */

/* compile_expr.c */
MtTypeVar *mt_type_find (MtTypeVar *type);
MtTypeVar *mt_type_unknown (MtCompiler *c); /* of a single value */
gboolean mt_constant (MtCompiler *c, const MtExpr *expr, Constant *out); /* FALSE: not constant; adds no finding */
gboolean mt_constant_int (MtCompiler *c, const MtExpr *expr, const gchar *what, gint32 min, gint32 max, gint32 *out); /* adds a finding */
gchar *mt_type_words (MtCompiler *c, MtTypeVar *type); /* "a number"; caller frees */
void mt_want_condition (MtCompiler *c, MtOperand o, const MtExpr *e);
MtOperand mt_compile_index (MtCompiler *c, const MtExpr *e, MtReading reading); /* of an element of a list */
gboolean mt_check_index (MtCompiler *c, gint var, const MtExpr *index); /* FALSE: a constant that is in no such list; adds a finding */
const gchar *mt_kind_of_name (MtCompiler *c, const gchar *name, MtMark *mark); /* "a lock", or NULL */
Local *mt_find_local (MtCompiler *c, const gchar *name);
gint mt_find_var (MtCompiler *c, const gchar *name); /* of the current process, or -1 */
guint mt_add_site (MtCompiler *c, MtMark mark, guint width, const gchar *text);

/* analysis.c */
void mt_watch_updates (MtCompiler *c);
guint8 *mt_find_plain (MtCompiler *c); /* MtProgram.plain; caller frees */

/* MtModel: what the author wrote, in order, each item with its mark; names not yet resolved. */
#pragma once
#include "sim/expr.h"
#include "sim/program.h"

struct _MtCompiler;
struct _MtStepNode;
struct _MtPrimitive;

typedef enum
{
  MT_ARG_NONE, /* the key stands for itself; its value is ignored */
  MT_ARG_EXPR,
  MT_ARG_STEPS,
  MT_ARG_BRANCHES, /* of choose: lists, or {when, do} */
  MT_ARG_ELIF, /* list of {if, then} */
  MT_ARG_NAME, /* a plain name (label, function) */
  MT_ARG_TARGET, /* what an assignment may write */
  MT_ARG_TARGETS, /* one target or a list of them */
  MT_ARG_ARGS, /* a list of expressions */
  MT_ARG_TEMPLATE, /* text with {expressions} */
  MT_ARG_TEXT,
  MT_ARG_BOOL,
  MT_ARG_OBJECT, /* name or name[index] of an object, a task or a list */
} MtArgKind;

typedef struct
{
  const gchar *name;
  MtArgKind kind;
  gboolean required;
} MtArgSpec;

#define MT_MAX_ARGS 6

/* A step's grammar and its translation. Rows of primitives; several primitives may have a verb of
 * one name (wait), with the same arguments: the object tells which is meant. */
typedef struct _MtVerb
{
  const gchar *name;
  MtArgSpec args[MT_MAX_ARGS]; /* args[0] is the operation key's own value */
  void (*compile) (struct _MtCompiler *, const struct _MtStepNode *);
  const gchar *help;
} MtVerb;

typedef struct
{
  MtExpr *when; /* or NULL */
  GPtrArray *steps; /* MtStepNode */
  MtMark mark;
} MtBranch;

typedef struct
{
  const MtNode *node; /* NULL: not given */
  MtExpr *expr; /* EXPR, TARGET, OBJECT */
  GPtrArray *exprs; /* ARGS, TARGETS: MtExpr */
  GPtrArray *steps; /* STEPS: MtStepNode */
  GArray *branches; /* BRANCHES, ELIF: MtBranch */
  GArray *template; /* MtPiece */
  gboolean flag; /* BOOL */
} MtArg;

typedef struct _MtStepNode
{
  MtMark mark;
  guint width;
  gchar *text; /* the step on one line, as written */
  const MtVerb *verb; /* NULL: a scalar step */
  MtStatement statement;
  MtArg args[MT_MAX_ARGS]; /* as verb->args */
  gchar *label; /* or NULL */
} MtStepNode;

typedef struct
{
  gchar *name;
  MtMark mark;
  const MtNode *node; /* its value, settings or body; NULL where only the name was given */
  const struct _MtPrimitive *primitive; /* objects */
  gboolean shared; /* variables */
} MtDecl;

typedef struct
{
  gchar *name;
  MtMark mark;
  GPtrArray *params; /* gchar* */
  GPtrArray *steps;
  gboolean used;
} MtFunction;

typedef struct
{
  gchar *name;
  MtMark mark;
  MtTaskKind kind;
  GPtrArray *steps; /* or NULL with run */
  gchar *run;
  MtMark run_mark;
  MtExpr *count; /* or NULL */
  GPtrArray *args; /* MtExpr, or NULL */
  GArray *label; /* template of `name`, or NULL */
  gboolean daemon;
} MtTaskDecl;

typedef struct
{
  MtPropertyKind kind;
  gchar *name; /* or NULL */
  gchar *text; /* as the author wrote it, on one line */
  MtExpr *expr;
} MtPropertyDecl;

/* What `expect:` says; outcomes are texts as `outcomes` prints them. */
typedef struct
{
  gboolean given;
  MtMark mark;
  GPtrArray *verdicts; /* gchar*: "pass", "deadlock", ... */
  const MtNode *outcomes; /* or NULL */
  const MtNode *params; /* name: value, that the model is to be tried with; or NULL */
} MtExpect;

typedef struct
{
  MtTree *tree;
  MtDiags *diags;
  gchar *digest;
  gchar *title, *description, *source;
  GPtrArray *params, *variables, *objects; /* MtDecl */
  GPtrArray *functions; /* MtFunction */
  GPtrArray *tasks; /* MtTaskDecl */
  GPtrArray *properties; /* MtPropertyDecl */
  GPtrArray *observe; /* MtExpr */
  MtVerdictLevel rules[MT_N_RULES];
  MtExpect expect;
  guint n_steps; /* aliases expanded */
  guint n_local_errors; /* of steps, properties and texts: the declarations are known all the same */
  gboolean names_missing; /* a key or step was dropped that may have given something its name */
} MtModel;

/* Reads and checks the model in @path ("-": standard input). NULL and @error when it has errors;
 * the message holds all findings. Warnings stay in model->diags. */
MtModel *mt_model_load (const gchar *path, GError **error);

/* The same for a text in memory; @name is shown in messages. */
MtModel *mt_model_parse (const gchar *name, const gchar *text, gsize length, GError **error);

/* Never NULL: whatever could be understood, with its findings in diags. */
MtModel *mt_model_new (const gchar *name, const gchar *text, gsize length);

void mt_model_free (MtModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtModel, mt_model_free)

/* "name=value" given on the command line. */
typedef struct
{
  const gchar *name, *value;
} MtOverride;

typedef struct
{
  MtTimeMode time;
  gboolean watch_updates; /* monitor lost updates */
  const MtOverride *overrides;
  guint n_overrides;
} MtCompileOptions;

/* MtModel -> MtProgram. NULL and @error when the model is wrong; findings are added to model->diags. */
MtProgram *mt_compile (MtModel *model, const MtCompileOptions *options, GError **error);

/* Expressions and scalar steps: text -> tree.
 *
 * The operators are Python's. A tree keeps the place of each of its nodes in the source, for
 * messages. Names are not resolved here and types are not known yet: that is the compiler's work.
 */
#pragma once
#include "sim/node.h"

typedef enum
{
  MT_EXPR_INT, /* value */
  MT_EXPR_BOOL, /* value: 0 or 1 */
  MT_EXPR_STRING, /* name: the text */
  MT_EXPR_TIME, /* value: a decimal literal (seconds) in milliseconds */
  MT_EXPR_NAME, /* name */
  MT_EXPR_INDEX, /* args[0] [ args[1] ] */
  MT_EXPR_CALL, /* name ( args... ) */
  MT_EXPR_UNARY, /* op args[0] */
  MT_EXPR_BINARY, /* args[0] op args[1] */
  MT_EXPR_AND, /* args[0] and args[1], short-circuit */
  MT_EXPR_OR,
  MT_EXPR_COND, /* args[1] if args[0] else args[2] */
  MT_EXPR_LIST, /* [ args... ] */
  MT_EXPR_BAD, /* text that is no expression: the finding has been added, and nothing more is said about it */
} MtExprKind;

typedef enum
{
  MT_OPERATOR_NONE,
  MT_OPERATOR_ADD,
  MT_OPERATOR_SUB,
  MT_OPERATOR_MUL,
  MT_OPERATOR_DIV, /* floor division */
  MT_OPERATOR_MOD, /* sign of the divisor, as in Python */
  MT_OPERATOR_EQ,
  MT_OPERATOR_NE,
  MT_OPERATOR_LT,
  MT_OPERATOR_LE,
  MT_OPERATOR_GT,
  MT_OPERATOR_GE,
  MT_OPERATOR_IN,
  MT_OPERATOR_NOT_IN,
  MT_OPERATOR_NEG,
  MT_OPERATOR_NOT,
} MtOperator;

typedef struct _MtExpr MtExpr;
struct _MtExpr
{
  MtExprKind kind;
  MtOperator op;
  MtMark mark;
  guint width; /* characters in the source */
  gint32 value;
  gboolean quoted; /* the whole YAML scalar stood in quotes: perhaps a string was meant */
  gchar *name;
  guint n;
  MtExpr **args;
};

void mt_expr_free (MtExpr *expr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtExpr, mt_expr_free)

/* Parses the whole of @text, which stood at @mark, as one expression. NULL after adding a
 * finding to @diags. @plain: offsets in @text are columns after @mark (see mt_node). */
MtExpr *mt_expr_parse (const gchar *text, MtMark mark, gboolean plain, MtDiags *diags);

/* The same for a scalar node; a quoted scalar is parsed like a plain one, since YAML needs the
 * quotes for texts like "[1, 2]". A YAML sequence is a list expression. */
MtExpr *mt_expr_from_node (const MtNode *node, MtDiags *diags);

/* What stands for an expression that could not be read. */
MtExpr *mt_expr_bad (MtMark mark);

/* Canonical text of @expr, fully determined by the tree; caller frees. */
gchar *mt_expr_to_text (const MtExpr *expr);

const gchar *mt_operator_text (MtOperator op);

typedef enum
{
  MT_STATEMENT_ASSIGN, /* target op= value; op is MT_OPERATOR_NONE for plain = */
  MT_STATEMENT_BREAK,
  MT_STATEMENT_CONTINUE,
  MT_STATEMENT_RETURN, /* value or NULL */
  MT_STATEMENT_YIELD,
  MT_STATEMENT_PASS,
} MtStatementKind;

typedef struct
{
  MtStatementKind kind;
  MtOperator op;
  MtExpr *target; /* a name or an index */
  MtExpr *value;
} MtStatement;

/* The words that a step of text can begin with, if it is no assignment; NULL-terminated. */
extern const gchar *const mt_statement_words[];

/* Parses a scalar step. FALSE after adding a finding; of an assignment the target is kept where it is a
 * name, so that the name stays known. Free with mt_statement_clear(). */
gboolean mt_statement_parse (const MtNode *node, MtStatement *out, MtDiags *diags);
void mt_statement_clear (MtStatement *statement);

/* A print text: literal pieces and {expressions}. "{{" and "}}" are braces. */
typedef struct
{
  gchar *literal; /* or NULL when expr is set */
  MtExpr *expr;
  gchar *spec; /* text after the colon, or NULL */
  MtMark mark, spec_mark;
} MtPiece;

/* Array of MtPiece (free with g_array_unref), or NULL after adding a finding. */
GArray *mt_template_parse (const MtNode *node, MtDiags *diags);

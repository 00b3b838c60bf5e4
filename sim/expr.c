/* Expressions: a tokenizer and a precedence-climbing parser (Richards 1979) over it. */
#include "sim/expr.h"
#include <string.h>

/* Deep enough for any sane expression, shallow enough for any stack. */
#define MAX_DEPTH 100
/* A chain of operators is a tree as deep as it is long. */
#define MAX_OPERATORS 1000

typedef enum
{
  TOKEN_END,
  TOKEN_INT,
  TOKEN_TIME,
  TOKEN_STRING,
  TOKEN_NAME,
  TOKEN_SYMBOL,
  TOKEN_BAD,
} TokenKind;

typedef struct
{
  TokenKind kind;
  const gchar *start, *end;
  gint32 value;
} Token;

typedef struct
{
  const gchar *text; /* whole text, for columns */
  const gchar *at; /* next character to tokenize */
  Token token; /* the current token */
  const gchar *previous_end;
  MtMark mark;
  gboolean plain;
  guint depth, n_operators;
  gboolean failed;
  MtDiags *diags;
} Parser;

static MtMark
mark_of (const Parser *p, const gchar *at)
{
  MtMark mark = p->mark;
  if (p->plain)
    mark.column += (gint)g_utf8_pointer_to_offset (p->text, at);
  return mark;
}

static void G_GNUC_PRINTF (5, 6)
fail (Parser *p, const gchar *start, const gchar *end, const gchar *hint, const gchar *format, ...)
{
  if (p->failed) /* the first mistake of a text is the one worth showing */
    return;
  p->failed = TRUE;
  va_list args;
  va_start (args, format);
  g_autofree gchar *message = g_strdup_vprintf (format, args);
  va_end (args);
  guint width = p->plain && end > start ? (guint)g_utf8_pointer_to_offset (start, end) : 1;
  mt_diags_add (p->diags, MT_SEVERITY_ERROR, mark_of (p, start), width, hint, "%s", message);
}

static void
count_operator (Parser *p)
{
  if (++p->n_operators > MAX_OPERATORS)
    fail (p, p->token.start, p->token.end, NULL, "the expression is too long: more than %d operators", MAX_OPERATORS);
}

static gboolean
name_start (gunichar c)
{
  return c == '_' || g_unichar_isalpha (c);
}

static void
next_number (Parser *p)
{
  Token *token = &p->token;
  gint64 value = 0;
  gboolean overflow = FALSE;
  const gchar *at = p->at;
  gint base = at[0] == '0' && (at[1] == 'x' || at[1] == 'X') ? 16 : 10;
  if (base == 16)
    at += 2;
  const gchar *digits = at;
  for (; base == 16 ? g_ascii_isxdigit (*at) : g_ascii_isdigit (*at); at++)
    if (!overflow)
      {
        value = value * base + g_ascii_xdigit_value (*at);
        overflow = value > (gint64)G_MAXINT32 + 1;
      }
  token->kind = at == digits ? TOKEN_BAD : TOKEN_INT;
  if (base == 10 && at[0] == '.' && g_ascii_isdigit (at[1]))
    {
      gint64 scale = 100;
      value = overflow ? value : value * 1000;
      for (at++; g_ascii_isdigit (*at); at++, scale /= 10)
        value += scale * g_ascii_digit_value (*at);
      overflow = overflow || value > G_MAXINT32;
      token->kind = TOKEN_TIME;
    }
  p->at = token->end = at;
  if (token->kind != TOKEN_BAD && name_start (g_utf8_get_char (at)))
    {
      while (name_start (g_utf8_get_char (p->at)) || g_ascii_isdigit (*p->at))
        p->at = g_utf8_next_char (p->at);
      fail (p, token->start, p->at, "a name starts with a letter", "bad number '%.*s'",
            (gint)(p->at - token->start), token->start);
    }
  /* 2147483648 is let through for unary minus, which checks it */
  if (overflow)
    fail (p, token->start, at, "integers are 32 bits wide: -2147483648 to 2147483647",
          "number out of range");
  token->value = (gint32)(guint32)value;
}

static void
next_string (Parser *p)
{
  gchar quote = *p->at++;
  while (*p->at && *p->at != quote)
    p->at += p->at[0] == '\\' && p->at[1] ? 2 : 1;
  if (!*p->at)
    fail (p, p->token.start, p->at, NULL, "the string is not closed");
  else
    p->at++;
  p->token.kind = TOKEN_STRING;
  p->token.end = p->at;
}

static void
next (Parser *p)
{
  static const gchar *const doubles[] = { "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=",
                                          "//", "**", "&&", "||", ":=", NULL };
  p->previous_end = p->token.end;
  while (g_ascii_isspace (*p->at))
    p->at++;
  Token *token = &p->token;
  token->start = p->at;
  gunichar c = g_utf8_get_char (p->at);
  if (c == 0)
    {
      token->kind = TOKEN_END;
      token->end = p->at;
    }
  else if (g_ascii_isdigit (*p->at))
    next_number (p);
  else if (c == '"' || c == '\'')
    next_string (p);
  else if (name_start (c))
    {
      while (name_start (g_utf8_get_char (p->at)) || g_unichar_isdigit (g_utf8_get_char (p->at)))
        p->at = g_utf8_next_char (p->at);
      token->kind = TOKEN_NAME;
      token->end = p->at;
    }
  else
    {
      token->kind = TOKEN_SYMBOL;
      token->end = g_utf8_next_char (p->at);
      for (guint i = 0; doubles[i]; i++)
        if (g_str_has_prefix (p->at, doubles[i]))
          token->end = p->at + 2;
      if (!strchr ("+-*/%=!<>()[],.&|:", (gint)(c < 128 ? c : '@')))
        token->kind = TOKEN_BAD;
      p->at = token->end;
    }
}

static gboolean
is (const Parser *p, const gchar *text)
{
  gsize n = strlen (text);
  return (p->token.kind == TOKEN_SYMBOL || p->token.kind == TOKEN_NAME)
         && (gsize)(p->token.end - p->token.start) == n && !strncmp (p->token.start, text, n);
}

static gboolean
take (Parser *p, const gchar *text)
{
  if (!is (p, text))
    return FALSE;
  next (p);
  return TRUE;
}

static void
unexpected (Parser *p, const gchar *wanted)
{
  const Token *t = &p->token;
  static const struct { const gchar *symbol, *hint; } hints[] = {
    { "=", "'==' compares; '=' assigns, and only as a step of its own" },
    { "&&", "write 'and'" },
    { "||", "write 'or'" },
    { "!", "write 'not'" },
    { "&", "write 'and'" },
    { "|", "write 'or'" },
    { "**", "there is no power operator" },
    { ".", "objects have no attributes here: see the functions len, size, alive, ..." },
  };
  const gchar *hint = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (hints); i++)
    if (is (p, hints[i].symbol))
      hint = hints[i].hint;
  if (t->kind == TOKEN_END)
    fail (p, t->start, t->end, hint, "%s expected, but the text ends here", wanted);
  else if (g_str_equal (wanted, "an operator") && (is (p, ")") || is (p, "]")))
    fail (p, t->start, t->end, NULL, "this '%c' closes nothing", *t->start);
  else
    fail (p, t->start, t->end, hint, "%s expected, not '%.*s'", wanted,
          (gint)(t->end - t->start), t->start);
}

static void
expect (Parser *p, const gchar *text)
{
  if (take (p, text))
    return;
  g_autofree gchar *wanted = g_strdup_printf ("'%s'", text);
  unexpected (p, wanted);
}

/* The end of what @open opened. */
static void
expect_close (Parser *p, const gchar *open, const gchar *close)
{
  if (p->token.kind == TOKEN_END)
    fail (p, open, open + 1, "in a [..] or {..} of YAML a comma ends the text: put it in quotes", "this '%c' is not closed", *open);
  else
    expect (p, close);
}

static MtExpr *
expr_new (Parser *p, MtExprKind kind, const gchar *start)
{
  MtExpr *e = g_new0 (MtExpr, 1);
  e->kind = kind;
  e->mark = mark_of (p, start);
  e->width = 1;
  return e;
}

static void
expr_end (Parser *p, MtExpr *e, const gchar *start)
{
  if (p->plain && p->previous_end > start)
    e->width = (guint)g_utf8_pointer_to_offset (start, p->previous_end);
}

static void
expr_take (MtExpr *e, MtExpr *arg)
{
  e->args = g_renew (MtExpr *, e->args, e->n + 1);
  e->args[e->n++] = arg;
}

static MtExpr *parse_ternary (Parser *p);

/* A comma-separated list up to @close, which is consumed. */
static void
parse_arguments (Parser *p, MtExpr *e, const gchar *open, const gchar *close)
{
  while (!p->failed && !take (p, close))
    {
      expr_take (e, parse_ternary (p));
      if (!is (p, close) && !take (p, ","))
        expect_close (p, open, close);
    }
}

static gchar *
unquote (const gchar *start, const gchar *end)
{
  g_autofree gchar *inner = g_strndup (start + 1, MAX (end - start - 2, 0));
  return g_strcompress (inner);
}

static MtExpr *
parse_atom (Parser *p)
{
  const gchar *start = p->token.start;
  MtExpr *e;
  Token token = p->token;
  switch (token.kind)
    {
    case TOKEN_INT:
    case TOKEN_TIME:
      e = expr_new (p, token.kind == TOKEN_INT ? MT_EXPR_INT : MT_EXPR_TIME, start);
      e->value = token.value;
      if (token.kind == TOKEN_INT && token.value == G_MININT32)
        fail (p, start, token.end, "integers are 32 bits wide: -2147483648 to 2147483647",
              "number out of range");
      next (p);
      break;
    case TOKEN_STRING:
      e = expr_new (p, MT_EXPR_STRING, start);
      e->name = unquote (token.start, token.end);
      if (!g_utf8_validate (e->name, -1, NULL))
        fail (p, start, token.end, "write the character itself", "an escape in this string makes no valid text");
      next (p);
      break;
    case TOKEN_NAME:
      {
        static const gchar *const words[] = { "and", "or", "not", "if", "else", "in", NULL };
        g_autofree gchar *name = g_strndup (token.start, (gsize)(token.end - token.start));
        e = expr_new (p, MT_EXPR_NAME, start);
        if (g_strv_contains (words, name))
          {
            unexpected (p, "a value");
            break;
          }
        next (p);
        if (g_str_equal (name, "true") || g_str_equal (name, "True") || g_str_equal (name, "false")
            || g_str_equal (name, "False"))
          {
            e->kind = MT_EXPR_BOOL;
            e->value = g_ascii_tolower (name[0]) == 't';
            break;
          }
        e->name = g_steal_pointer (&name);
        const gchar *open = p->token.start;
        if (take (p, "("))
          {
            e->kind = MT_EXPR_CALL;
            parse_arguments (p, e, open, ")");
          }
        break;
      }
    default:
      if (take (p, "("))
        {
          e = parse_ternary (p);
          expect_close (p, start, ")");
          return e;
        }
      e = expr_new (p, MT_EXPR_LIST, start);
      if (take (p, "["))
        parse_arguments (p, e, start, "]");
      else
        unexpected (p, "a value");
    }
  expr_end (p, e, start);
  return e;
}

static MtExpr *
parse_postfix (Parser *p)
{
  const gchar *start = p->token.start;
  MtExpr *e = parse_atom (p);
  while (!p->failed && is (p, "["))
    {
      const gchar *open = p->token.start;
      count_operator (p);
      next (p);
      MtExpr *index = expr_new (p, MT_EXPR_INDEX, start);
      expr_take (index, e);
      expr_take (index, parse_ternary (p));
      expect_close (p, open, "]");
      expr_end (p, index, start);
      e = index;
    }
  return e;
}

static MtExpr *
parse_unary (Parser *p)
{
  const gchar *start = p->token.start;
  if (!take (p, "-"))
    return parse_postfix (p);
  MtExpr *e = expr_new (p, MT_EXPR_UNARY, start);
  if (p->token.kind == TOKEN_INT)
    {
      e->kind = MT_EXPR_INT;
      e->value = (gint32)(0u - (guint32)p->token.value);
      next (p);
    }
  else if (++p->depth > MAX_DEPTH)
    fail (p, start, p->token.end, NULL, "the expression is nested too deeply");
  else
    {
      e->op = MT_OPERATOR_NEG;
      expr_take (e, parse_unary (p));
      p->depth--;
    }
  expr_end (p, e, start);
  return e;
}

typedef struct
{
  const gchar *text;
  MtOperator op;
  guint level;
} Binary;

static const Binary binaries[] = {
  { "==", MT_OPERATOR_EQ, 1 }, { "!=", MT_OPERATOR_NE, 1 }, { "<", MT_OPERATOR_LT, 1 },
  { "<=", MT_OPERATOR_LE, 1 }, { ">", MT_OPERATOR_GT, 1 },  { ">=", MT_OPERATOR_GE, 1 },
  { "in", MT_OPERATOR_IN, 1 }, { "not", MT_OPERATOR_NOT_IN, 1 },
  { "+", MT_OPERATOR_ADD, 2 }, { "-", MT_OPERATOR_SUB, 2 },
  { "*", MT_OPERATOR_MUL, 3 }, { "/", MT_OPERATOR_DIV, 3 }, { "//", MT_OPERATOR_DIV, 3 },
  { "%", MT_OPERATOR_MOD, 3 },
};

static const Binary *
binary_at (const Parser *p, guint level)
{
  for (guint i = 0; i < G_N_ELEMENTS (binaries); i++)
    if (binaries[i].level == level && is (p, binaries[i].text))
      return &binaries[i];
  return NULL;
}

static MtExpr *
parse_binary (Parser *p, guint level)
{
  if (level > 3)
    return parse_unary (p);
  const gchar *start = p->token.start;
  MtExpr *left = parse_binary (p, level + 1);
  const Binary *binary;
  guint n = 0;
  while (!p->failed && (binary = binary_at (p, level)))
    {
      if (level == 1 && n++ > 0)
        {
          fail (p, p->token.start, p->token.end, "write 'a < b and b < c'",
                "comparisons can't be chained");
          break;
        }
      count_operator (p);
      MtExpr *e = expr_new (p, MT_EXPR_BINARY, start);
      e->op = binary->op;
      next (p);
      if (binary->op == MT_OPERATOR_NOT_IN)
        expect (p, "in");
      expr_take (e, left);
      expr_take (e, parse_binary (p, level + 1));
      expr_end (p, e, start);
      left = e;
    }
  return left;
}

static MtExpr *
parse_not (Parser *p)
{
  const gchar *start = p->token.start;
  if (!take (p, "not"))
    return parse_binary (p, 1);
  MtExpr *e = expr_new (p, MT_EXPR_UNARY, start);
  e->op = MT_OPERATOR_NOT;
  if (++p->depth > MAX_DEPTH)
    fail (p, start, p->token.end, NULL, "the expression is nested too deeply");
  else
    expr_take (e, parse_not (p));
  p->depth--;
  expr_end (p, e, start);
  return e;
}

static MtExpr *
parse_junction (Parser *p, MtExprKind kind)
{
  const gchar *start = p->token.start;
  MtExpr *left = kind == MT_EXPR_OR ? parse_junction (p, MT_EXPR_AND) : parse_not (p);
  while (!p->failed && take (p, kind == MT_EXPR_OR ? "or" : "and"))
    {
      count_operator (p);
      MtExpr *e = expr_new (p, kind, start);
      expr_take (e, left);
      expr_take (e, kind == MT_EXPR_OR ? parse_junction (p, MT_EXPR_AND) : parse_not (p));
      expr_end (p, e, start);
      left = e;
    }
  return left;
}

static MtExpr *
parse_ternary (Parser *p)
{
  const gchar *start = p->token.start;
  if (++p->depth > MAX_DEPTH)
    {
      fail (p, start, p->token.end, NULL, "the expression is nested too deeply");
      return expr_new (p, MT_EXPR_INT, start);
    }
  MtExpr *e = parse_junction (p, MT_EXPR_OR);
  if (!p->failed && take (p, "if"))
    {
      MtExpr *cond = expr_new (p, MT_EXPR_COND, start);
      expr_take (cond, parse_junction (p, MT_EXPR_OR));
      expr_take (cond, e);
      expect (p, "else");
      expr_take (cond, p->failed ? expr_new (p, MT_EXPR_INT, start) : parse_ternary (p));
      expr_end (p, cond, start);
      e = cond;
    }
  p->depth--;
  return e;
}

static void
parser_init (Parser *p, const gchar *text, MtMark mark, gboolean plain, MtDiags *diags)
{
  *p = (Parser){ .text = text, .at = text, .mark = mark, .plain = plain, .diags = diags };
  p->token.end = text;
  next (p);
}

static MtExpr *
finish (Parser *p, MtExpr *e)
{
  if (!p->failed && p->token.kind != TOKEN_END)
    unexpected (p, "an operator");
  if (!p->failed)
    return e;
  mt_expr_free (e);
  return NULL;
}

MtExpr *
mt_expr_bad (MtMark mark)
{
  MtExpr *e = g_new0 (MtExpr, 1);
  e->kind = MT_EXPR_BAD;
  e->mark = mark;
  e->width = 1;
  return e;
}

void
mt_expr_free (MtExpr *expr)
{
  if (!expr)
    return;
  for (guint i = 0; i < expr->n; i++)
    mt_expr_free (expr->args[i]);
  g_free (expr->args);
  g_free (expr->name);
  g_free (expr);
}

MtExpr *
mt_expr_parse (const gchar *text, MtMark mark, gboolean plain, MtDiags *diags)
{
  Parser p;
  parser_init (&p, text, mark, plain, diags);
  return finish (&p, parse_ternary (&p));
}

MtExpr *
mt_expr_from_node (const MtNode *node, MtDiags *diags)
{
  if (node->kind == MT_NODE_SCALAR)
    {
      MtExpr *e = mt_expr_parse (node->text, node->mark, !node->block, diags);
      if (e)
        e->quoted = node->quoted;
      return e;
    }
  if (node->kind == MT_NODE_MAPPING)
    {
      mt_diags_add (diags, MT_SEVERITY_ERROR, node->mark, 1, "put the expression in quotes",
                    "an expression expected, not a mapping");
      return NULL;
    }
  g_autoptr (MtExpr) list = g_new0 (MtExpr, 1);
  list->kind = MT_EXPR_LIST;
  list->mark = node->mark;
  list->width = 1;
  gboolean good = TRUE;
  for (guint i = 0; i < node->n; i++)
    {
      MtExpr *item = mt_expr_from_node (node->items[i], diags);
      if (item)
        expr_take (list, item);
      else
        good = FALSE;
    }
  return good ? g_steal_pointer (&list) : NULL;
}

const gchar *
mt_operator_text (MtOperator op)
{
  if (op == MT_OPERATOR_NEG)
    return "-";
  if (op == MT_OPERATOR_NOT)
    return "not ";
  if (op == MT_OPERATOR_NOT_IN)
    return "not in";
  for (guint i = 0; i < G_N_ELEMENTS (binaries); i++)
    if (binaries[i].op == op)
      return binaries[i].text;
  return "";
}

static void
to_text (const MtExpr *e, GString *out)
{
  switch (e->kind)
    {
    case MT_EXPR_BAD:
      g_string_append_c (out, '?');
      break;
    case MT_EXPR_INT:
      g_string_append_printf (out, "%d", e->value);
      break;
    case MT_EXPR_BOOL:
      g_string_append (out, e->value ? "true" : "false");
      break;
    case MT_EXPR_TIME:
      g_string_append_printf (out, "%d.%03d", e->value / 1000, e->value % 1000);
      break;
    case MT_EXPR_STRING:
      {
        g_autofree gchar *quoted = g_strescape (e->name, NULL);
        g_string_append_printf (out, "\"%s\"", quoted);
        break;
      }
    case MT_EXPR_NAME:
      g_string_append (out, e->name);
      break;
    case MT_EXPR_INDEX:
      to_text (e->args[0], out);
      g_string_append_c (out, '[');
      to_text (e->args[1], out);
      g_string_append_c (out, ']');
      break;
    case MT_EXPR_CALL:
    case MT_EXPR_LIST:
      g_string_append_printf (out, "%s%c", e->name ? e->name : "", e->kind == MT_EXPR_CALL ? '(' : '[');
      for (guint i = 0; i < e->n; i++)
        {
          g_string_append (out, i ? ", " : "");
          to_text (e->args[i], out);
        }
      g_string_append_c (out, e->kind == MT_EXPR_CALL ? ')' : ']');
      break;
    case MT_EXPR_UNARY:
      g_string_append_printf (out, "(%s", mt_operator_text (e->op));
      to_text (e->args[0], out);
      g_string_append_c (out, ')');
      break;
    case MT_EXPR_COND:
      g_string_append_c (out, '(');
      to_text (e->args[1], out);
      g_string_append (out, " if ");
      to_text (e->args[0], out);
      g_string_append (out, " else ");
      to_text (e->args[2], out);
      g_string_append_c (out, ')');
      break;
    case MT_EXPR_BINARY:
    case MT_EXPR_AND:
    case MT_EXPR_OR:
      g_string_append_c (out, '(');
      to_text (e->args[0], out);
      g_string_append_printf (out, " %s ", e->kind == MT_EXPR_AND ? "and"
                                           : e->kind == MT_EXPR_OR ? "or"
                                                                   : mt_operator_text (e->op));
      to_text (e->args[1], out);
      g_string_append_c (out, ')');
      break;
    }
}

gchar *
mt_expr_to_text (const MtExpr *expr)
{
  GString *out = g_string_new (NULL);
  to_text (expr, out);
  return g_string_free (out, FALSE);
}

void
mt_statement_clear (MtStatement *statement)
{
  g_clear_pointer (&statement->target, mt_expr_free);
  g_clear_pointer (&statement->value, mt_expr_free);
}

/* The operator of an assignment symbol at the parser, or -1. */
static gint
assignment (const Parser *p)
{
  static const struct { const gchar *text; MtOperator op; } rows[] = {
    { "=", MT_OPERATOR_NONE }, { "+=", MT_OPERATOR_ADD }, { "-=", MT_OPERATOR_SUB },
    { "*=", MT_OPERATOR_MUL }, { "/=", MT_OPERATOR_DIV }, { "%=", MT_OPERATOR_MOD },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is (p, rows[i].text))
      return (gint)rows[i].op;
  return -1;
}

/* What may have been meant by a text that begins with @target and is no assignment. */
static void
not_a_step (Parser *p, const MtExpr *target, const gchar *start)
{
  const gchar *end = p->token.kind == TOKEN_END ? p->previous_end : p->token.end;
  gboolean name = target->kind == MT_EXPR_NAME, twice = *p->at == *p->token.start;
  g_autofree gchar *hint = NULL;
  if (is (p, "=="))
    hint = g_strdup ("'==' compares; '=' assigns");
  else if (name && (is (p, "+") || is (p, "-")) && twice)
    hint = g_strdup_printf ("write '%s %s= 1'", target->name, is (p, "+") ? "+" : "-");
  else if (name && is (p, ":"))
    hint = g_strdup_printf ("take the quotes away: '%s: ...' is a mapping", target->name);
  else if (is (p, "."))
    hint = g_strdup ("objects have no methods here: a step is written 'lock: m', 'put: item', ...");
  else if (target->kind == MT_EXPR_CALL || (name && (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_INT || p->token.kind == TOKEN_STRING)))
    hint = g_strdup_printf ("write it as a mapping, with a colon: '%s: ...'", target->name);
  fail (p, start, end, hint, "this is no step: an assignment, break, continue, return, yield or pass expected");
}

static void
parse_assignment (Parser *p, MtStatement *out)
{
  const gchar *start = p->token.start;
  out->kind = MT_STATEMENT_ASSIGN;
  out->target = parse_postfix (p);
  if (p->failed)
    return;
  gint op = assignment (p);
  if (op < 0)
    {
      not_a_step (p, out->target, start);
      mt_statement_clear (out);
      return;
    }
  out->op = (MtOperator)op;
  if (out->target->kind != MT_EXPR_NAME && out->target->kind != MT_EXPR_INDEX)
    {
      fail (p, start, p->previous_end, NULL, "only a variable or an element can be assigned to");
      return;
    }
  next (p);
  out->value = parse_ternary (p);
}

const gchar *const mt_statement_words[] = { "break", "continue", "return", "yield", "pass", NULL };

gboolean
mt_statement_parse (const MtNode *node, MtStatement *out, MtDiags *diags)
{
  static const MtStatementKind kinds[] = { MT_STATEMENT_BREAK, MT_STATEMENT_CONTINUE, MT_STATEMENT_RETURN, MT_STATEMENT_YIELD, MT_STATEMENT_PASS };
  *out = (MtStatement){ .kind = MT_STATEMENT_PASS };
  Parser p;
  parser_init (&p, node->text, node->mark, !node->block, diags);
  gboolean word = FALSE;
  for (guint i = 0; mt_statement_words[i] && !word; i++)
    if (is (&p, mt_statement_words[i]))
      {
        word = TRUE;
        out->kind = kinds[i];
        next (&p);
        if (out->kind == MT_STATEMENT_RETURN && p.token.kind != TOKEN_END)
          out->value = parse_ternary (&p);
      }
  if (!word)
    parse_assignment (&p, out);
  if (!p.failed && p.token.kind != TOKEN_END)
    unexpected (&p, word ? "the end of the step" : "an operator");
  if (p.failed)
    {
      g_clear_pointer (&out->value, mt_expr_free);
      if (out->target && (out->target->kind != MT_EXPR_NAME || !out->target->name))
        g_clear_pointer (&out->target, mt_expr_free);
    }
  return !p.failed;
}

static void
piece_clear (gpointer data)
{
  MtPiece *piece = data;
  g_free (piece->literal);
  mt_expr_free (piece->expr);
  g_free (piece->spec);
}

/* The closing brace of the expression that starts at @at; brackets and strings nest. */
static const gchar *
closing_brace (const gchar *at)
{
  gint depth = 0;
  gchar quote = 0;
  for (; *at; at++)
    if (quote)
      quote = *at == quote ? 0 : quote;
    else if (*at == '\'' || *at == '"')
      quote = *at;
    else if (strchr ("([{", *at))
      depth++;
    else if (*at == '}' && depth == 0)
      return at;
    else if (strchr (")]}", *at))
      depth--;
  return NULL;
}

static void
flush_literal (GArray *pieces, GString *literal)
{
  if (literal->len == 0)
    return;
  MtPiece piece = { .literal = g_strdup (literal->str) };
  g_array_append_val (pieces, piece);
  g_string_truncate (literal, 0);
}

/* The colon that starts the format spec between @start and @end, or NULL. */
static const gchar *
spec_colon (const gchar *start, const gchar *end)
{
  gchar quote = 0;
  for (const gchar *c = start; c < end; c++)
    if (quote)
      quote = *c == quote ? 0 : quote;
    else if (*c == '\'' || *c == '"')
      quote = *c;
    else if (*c == ':')
      return c;
  return NULL;
}

GArray *
mt_template_parse (const MtNode *node, MtDiags *diags)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, TRUE, sizeof (MtPiece));
  g_array_set_clear_func (pieces, piece_clear);
  g_autoptr (GString) literal = g_string_new (NULL);
  gboolean plain = !node->block;
  gboolean good = TRUE;
  const gchar *text = node->text;
  for (const gchar *at = text; *at;)
    {
      if ((at[0] == '{' && at[1] == '{') || (at[0] == '}' && at[1] == '}'))
        {
          g_string_append_c (literal, at[0]);
          at += 2;
          continue;
        }
      MtMark mark = node->mark;
      if (plain)
        mark.column += (gint)g_utf8_pointer_to_offset (text, at);
      const gchar *end = *at == '{' ? closing_brace (at + 1) : NULL;
      if (*at == '}' || (*at == '{' && !end))
        {
          mt_diags_add (diags, MT_SEVERITY_ERROR, mark, 1, "write '{{' or '}}' for a brace that is text",
                        *at == '}' ? "this brace was never opened" : "this brace is not closed");
          return NULL;
        }
      if (*at != '{')
        {
          g_string_append_c (literal, *at++);
          continue;
        }
      flush_literal (pieces, literal);
      const gchar *colon = spec_colon (at + 1, end);
      const gchar *stop = colon ? colon : end;
      g_autofree gchar *inner = g_strndup (at + 1, (gsize)(stop - at - 1));
      MtMark inner_mark = { mark.line, mark.column + (plain ? 1 : 0) };
      MtPiece piece = { .mark = inner_mark };
      piece.expr = mt_expr_parse (inner, inner_mark, plain, diags);
      piece.spec = colon ? g_strndup (colon + 1, (gsize)(end - colon - 1)) : NULL;
      piece.spec_mark = inner_mark;
      if (plain && colon)
        piece.spec_mark.column += (gint)g_utf8_pointer_to_offset (at, colon);
      good = good && piece.expr;
      g_array_append_val (pieces, piece);
      at = end + 1;
    }
  flush_literal (pieces, literal);
  return good ? g_steal_pointer (&pieces) : NULL;
}

/* Values known at compile time: of params, settings, counts, and of whatever an expression needs
 * no instruction for. */
#include "sim/compiler_private.h"

static gboolean
constant_name (MtCompiler *c, const gchar *name, Constant *out)
{
  if (!c->constant_only && c->scope && mt_find_local (c, name))
    return FALSE;
  for (guint i = 0; i < c->params->len; i++)
    {
      const MtParam *p = &g_array_index (c->params, MtParam, i);
      if (!g_str_equal (p->name, name))
        continue;
      *out = (Constant){ p->type.kind, p->value };
      return TRUE;
    }
  return FALSE;
}

guint8
mt_opcode_of (MtOperator op)
{
  static const guint8 codes[] = {
    [MT_OPERATOR_ADD] = MT_OP_ADD, [MT_OPERATOR_SUB] = MT_OP_SUB, [MT_OPERATOR_MUL] = MT_OP_MUL,
    [MT_OPERATOR_DIV] = MT_OP_DIV, [MT_OPERATOR_MOD] = MT_OP_MOD, [MT_OPERATOR_EQ] = MT_OP_EQ,
    [MT_OPERATOR_NE] = MT_OP_NE,   [MT_OPERATOR_LT] = MT_OP_LT,   [MT_OPERATOR_LE] = MT_OP_LE,
    [MT_OPERATOR_GT] = MT_OP_GT,   [MT_OPERATOR_GE] = MT_OP_GE,
  };
  return op < G_N_ELEMENTS (codes) ? codes[op] : 0;
}

gboolean
mt_is_arithmetic (MtOperator op)
{
  return op >= MT_OPERATOR_ADD && op <= MT_OPERATOR_MOD;
}

static gboolean
constant_binary (MtCompiler *c, const MtExpr *e, Constant *out)
{
  Constant a, b;
  if (mt_opcode_of (e->op) == 0 || !mt_constant (c, e->args[0], &a) || !mt_constant (c, e->args[1], &b))
    return FALSE;
  if (!mt_is_arithmetic (e->op))
    {
      gboolean numbers = a.kind <= MT_TYPE_BOOL && b.kind <= MT_TYPE_BOOL;
      gboolean equality = e->op == MT_OPERATOR_EQ || e->op == MT_OPERATOR_NE;
      if ((a.kind != b.kind && !numbers) || (a.kind == MT_TYPE_STRING && !equality))
        return FALSE;
      out->kind = MT_TYPE_BOOL;
    }
  else if (a.kind == MT_TYPE_STRING || b.kind == MT_TYPE_STRING || !mt_number_result (e->op, a.kind, b.kind, &out->kind))
    return FALSE;
  const gchar *problem;
  gboolean good = mt_arithmetic (mt_opcode_of (e->op), a.value, b.value, &out->value, &problem);
  c->overflow = good ? c->overflow : problem;
  return good;
}

gboolean
mt_constant (MtCompiler *c, const MtExpr *e, Constant *out)
{
  Constant a, b;
  switch (e->kind)
    {
    case MT_EXPR_INT:
      *out = (Constant){ MT_TYPE_INT, e->value };
      return TRUE;
    case MT_EXPR_BOOL:
      *out = (Constant){ MT_TYPE_BOOL, e->value };
      return TRUE;
    case MT_EXPR_TIME:
      *out = (Constant){ MT_TYPE_TIME, e->value };
      return TRUE;
    case MT_EXPR_STRING:
      *out = (Constant){ MT_TYPE_STRING, mt_intern (c, e->name) };
      return TRUE;
    case MT_EXPR_NAME:
      return constant_name (c, e->name, out);
    case MT_EXPR_UNARY:
      if (!mt_constant (c, e->args[0], &a) || a.kind == MT_TYPE_STRING)
        return FALSE;
      if (e->op == MT_OPERATOR_NOT)
        *out = (Constant){ MT_TYPE_BOOL, !a.value };
      else if (a.value == G_MININT32)
        {
          c->overflow = "integer overflow";
          return FALSE;
        }
      else
        *out = (Constant){ a.kind == MT_TYPE_BOOL ? MT_TYPE_INT : a.kind, -a.value };
      return TRUE;
    case MT_EXPR_AND:
    case MT_EXPR_OR:
      if (!mt_constant (c, e->args[0], &a) || !mt_constant (c, e->args[1], &b) || a.kind == MT_TYPE_STRING || b.kind == MT_TYPE_STRING)
        return FALSE;
      *out = (Constant){ MT_TYPE_BOOL, e->kind == MT_EXPR_AND ? a.value && b.value : a.value || b.value };
      return TRUE;
    case MT_EXPR_COND:
      return mt_constant (c, e->args[0], &a) && a.kind != MT_TYPE_STRING && mt_constant (c, e->args[a.value ? 1 : 2], out);
    case MT_EXPR_BINARY:
      return constant_binary (c, e, out);
    default:
      return FALSE;
    }
}

gboolean
mt_constant_int (MtCompiler *c, const MtExpr *expr, const gchar *what, const gchar *hint, gint32 min, gint32 max, gint32 *out)
{
  Constant value;
  *out = min;
  c->overflow = NULL;
  if (!expr)
    return FALSE;
  if (!mt_constant (c, expr, &value) || value.kind != MT_TYPE_INT)
    {
      if (c->overflow)
        mt_compile_error (c, expr->mark, expr->width, NULL, "%s: %s", what, c->overflow);
      else
        mt_compile_error (c, expr->mark, expr->width, "use numbers and params here", "%s: a constant whole number expected", what);
      return FALSE;
    }
  if (value.value < min || value.value > max)
    {
      mt_compile_error (c, expr->mark, expr->width, hint, "%s is %d, but must be %d to %d", what, value.value, min, max);
      return FALSE;
    }
  *out = value.value;
  return TRUE;
}

/* Types are inferred by unification (Milner 1978): each variable, parameter, list element and
 * queue item has a type variable, and each use binds it. */
#include "sim/compiler_private.h"

MtTypeVar *
mt_type_find (MtTypeVar *type)
{
  while (type->parent)
    type = type->parent;
  return type;
}

MtTypeVar *
mt_type_unknown (MtCompiler *c)
{
  MtTypeVar *type = g_new0 (MtTypeVar, 1);
  g_ptr_array_add (c->type_vars, type);
  type->scalar = TRUE;
  return type;
}

MtTypeVar *
mt_type_new (MtCompiler *c, MtTypeKind kind)
{
  MtTypeVar *type = mt_type_unknown (c);
  type->known = TRUE;
  type->kind = kind;
  return type;
}

gchar *
mt_type_words (MtCompiler *c, MtTypeVar *type)
{
  static const gchar *const words[] = { "a number", "a truth value", "a string", "a time" };
  static const gchar *const lists[] = { "a list of numbers", "a list of truth values", "a list of strings", "a list of times" };
  (void)c;
  type = mt_type_find (type);
  if (!type->known)
    return g_strdup (type->scalar ? "a single value" : "a value");
  if (type->kind != MT_TYPE_LIST)
    return g_strdup (words[type->kind]);
  const MtTypeVar *element = mt_type_find (type->element);
  return g_strdup (element->known && element->kind != MT_TYPE_LIST ? lists[element->kind] : "a list");
}

static gboolean
unify (MtTypeVar *a, MtTypeVar *b)
{
  a = mt_type_find (a);
  b = mt_type_find (b);
  if (a == b)
    return TRUE;
  if (!a->known || !b->known)
    {
      MtTypeVar *unknown = a->known ? b : a, *other = a->known ? a : b;
      if (other->known && other->kind == MT_TYPE_LIST && unknown->scalar)
        return unknown->excused;
      other->scalar = other->scalar && unknown->scalar;
      other->excused = other->excused || unknown->excused;
      unknown->parent = other;
      return TRUE;
    }
  if (a->kind != b->kind)
    return FALSE;
  if (a->kind == MT_TYPE_LIST)
    return unify (a->element, b->element); /* capacities may differ: checked when copied */
  return TRUE;
}

gboolean
mt_unify (MtCompiler *c, MtTypeVar *a, MtTypeVar *b, MtMark mark, guint width, const gchar *what)
{
  if (unify (a, b))
    return TRUE;
  g_autofree gchar *has = mt_type_words (c, a);
  g_autofree gchar *gets = mt_type_words (c, b);
  gboolean text = mt_type_find (a)->kind == MT_TYPE_STRING || mt_type_find (b)->kind == MT_TYPE_STRING;
  gboolean time = mt_type_find (a)->kind == MT_TYPE_TIME || mt_type_find (b)->kind == MT_TYPE_TIME;
  mt_compile_error (c, mark, width,
                    time   ? "decimals are times in seconds; write whole numbers for numbers"
                    : text ? "strings are compared, stored and printed, never computed with"
                           : NULL,
                    "%s is %s, not %s", what, has, gets);
  return FALSE;
}

gboolean
mt_type_is (MtTypeVar *type, MtTypeKind kind)
{
  type = mt_type_find (type);
  return type->known && type->kind == kind;
}

gboolean
mt_is_excused (MtOperand o)
{
  return mt_type_find (o.type)->excused;
}

gboolean
mt_want_number (MtCompiler *c, MtOperand o, const MtExpr *expr)
{
  MtTypeVar *type = mt_type_find (o.type);
  if ((type->known && (type->kind == MT_TYPE_BOOL || type->kind == MT_TYPE_TIME)) || unify (type, mt_type_new (c, MT_TYPE_INT)))
    return TRUE;
  g_autofree gchar *text = mt_expr_to_text (expr);
  g_autofree gchar *what = g_strdup_printf ("'%s'", text);
  g_autofree gchar *has = mt_type_words (c, type);
  mt_compile_error (c, expr->mark, expr->width,
                    type->kind == MT_TYPE_STRING ? "strings are compared, stored and printed, never computed with" : NULL,
                    "%s is %s, but a number is needed here", what, has);
  return FALSE;
}

void
mt_want_condition (MtCompiler *c, MtOperand o, const MtExpr *e)
{
  if (mt_type_is (o.type, MT_TYPE_STRING))
    mt_compile_error (c, e->mark, e->width, "compare it: x != ''", "a string is no condition");
  if (mt_type_is (o.type, MT_TYPE_LIST))
    mt_compile_error (c, e->mark, e->width, "compare its length: len(x) > 0", "a list is no condition");
}

/* The type of a op b for numbers and times; FALSE where it has none (time * time). */
gboolean
mt_number_result (MtOperator op, MtTypeKind a, MtTypeKind b, MtTypeKind *out)
{
  gboolean ta = a == MT_TYPE_TIME, tb = b == MT_TYPE_TIME;
  *out = ta || tb ? MT_TYPE_TIME : MT_TYPE_INT;
  if (!ta && !tb)
    return TRUE;
  switch (op)
    {
    case MT_OPERATOR_ADD:
    case MT_OPERATOR_SUB:
    case MT_OPERATOR_MOD:
      return ta && tb;
    case MT_OPERATOR_MUL:
      return ta != tb;
    case MT_OPERATOR_DIV:
      *out = ta && tb ? MT_TYPE_INT : MT_TYPE_TIME;
      return ta;
    default:
      return ta && tb;
    }
}

void
mt_finish_type (MtCompiler *c, MtTypeVar *type, MtType *out)
{
  type = mt_type_find (type);
  out->kind = type->known ? type->kind : MT_TYPE_INT;
  if (out->kind != MT_TYPE_LIST)
    return;
  MtType element;
  mt_finish_type (c, type->element, &element);
  out->element = element.kind;
  out->capacity = type->capacity;
}

/* What lists and containers hold. */

MtTypeVar *
mt_list_element (MtCompiler *c, gint var, MtOperand local)
{
  return mt_type_find (var >= 0 ? mt_var_plan (c, var)->type : local.type)->element;
}

ItemPlan *
mt_item_plan (MtCompiler *c, gint32 object)
{
  return &g_array_index (c->items, ItemPlan, g_array_index (c->objects, MtObject, object).first);
}

gboolean
mt_object_arity (MtCompiler *c, gint32 object, guint n, const MtExpr *at)
{
  ItemPlan *plan = mt_item_plan (c, object);
  if (plan->arity == 0)
    {
      plan->arity = n;
      plan->first = at->mark;
    }
  if (plan->arity == n)
    return TRUE;
  mt_compile_error (c, at->mark, at->width, NULL, "an item of '%s' has %u value%s (line %d), not %u", g_array_index (c->objects, MtObject, object).group,
                    plan->arity, plan->arity == 1 ? "" : "s", plan->first.line, n);
  return FALSE;
}

MtTypeVar *
mt_object_element (MtCompiler *c, gint32 object, guint k)
{
  GPtrArray *types = mt_item_plan (c, object)->types;
  while (types->len <= k)
    g_ptr_array_add (types, mt_type_unknown (c));
  return types->pdata[k];
}

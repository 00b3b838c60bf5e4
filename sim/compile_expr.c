/* Expressions -> instructions. A value is left where it is (a local's slot) or in a temporary that
 * its one user zeroes. */
#include "sim/compiler_private.h"

static MtOperand
operand (gint slot, gboolean temp, MtTypeVar *type)
{
  return (MtOperand){ slot, 1, temp, type };
}

MtOperand
mt_emit_constant (MtCompiler *c, Constant value)
{
  MtOperand out = mt_compile_temp (c, value.kind);
  mt_emit (c, MT_OP_CONST, out.slot, 0, 0, value.value);
  return out;
}

MtOperand
mt_no_value (MtCompiler *c)
{
  MtOperand out = mt_emit_constant (c, (Constant){ MT_TYPE_INT, 0 });
  out.type = mt_type_unknown (c);
  out.type->excused = TRUE;
  return out;
}

MtOperand
mt_result_of (MtCompiler *c, MtOperand a, MtOperand b, MtTypeKind kind, guint *flags)
{
  *flags = mt_kill (a, b);
  MtOperand out;
  if (a.temp && a.words == 1)
    {
      out = operand (a.slot, TRUE, mt_type_new (c, kind));
      *flags &= ~(guint)MT_KILL_A;
      mt_release (c, b);
    }
  else if (b.temp && b.words == 1)
    {
      out = operand (b.slot, TRUE, mt_type_new (c, kind));
      *flags &= ~(guint)MT_KILL_B;
    }
  else
    out = mt_compile_temp (c, kind);
  return out;
}

MtOperand
mt_emit_binary (MtCompiler *c, guint8 op, MtOperand a, MtOperand b, MtTypeKind kind)
{
  guint flags;
  MtOperand out = mt_result_of (c, a, b, kind, &flags);
  guint at = mt_emit (c, op, out.slot, a.slot, b.slot, 0);
  mt_kill_operands (c, at, flags);
  return out;
}

MtOperand
mt_emit_unary (MtCompiler *c, guint8 op, MtOperand a, gint32 imm, MtTypeKind kind)
{
  guint flags;
  MtOperand out = mt_result_of (c, a, operand (-1, FALSE, a.type), kind, &flags);
  guint at = mt_emit (c, op, out.slot, a.slot, 0, imm);
  mt_kill_operands (c, at, flags);
  return out;
}

/* An instruction on a list and another operand, both used up. */
static MtOperand
emit_on_list (MtCompiler *c, guint8 op, MtOperand list, MtOperand o, MtTypeKind kind)
{
  guint flags;
  MtOperand out = mt_result_of (c, operand (-1, FALSE, list.type), o, kind, &flags);
  guint at = mt_emit (c, op, out.slot, list.slot, o.slot, 0);
  mt_kill_operands (c, at, flags);
  mt_discard (c, list);
  return out;
}

/* Lists. */

static MtOperand
list_temp (MtCompiler *c, guint capacity, MtTypeVar *element)
{
  MtTypeVar *type = mt_type_new (c, MT_TYPE_LIST);
  type->element = element;
  type->capacity = capacity;
  return (MtOperand){ mt_compile_temps (c, capacity + 1), capacity + 1, TRUE, type };
}

static MtOperand
compile_list_literal (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand list = list_temp (c, e->n, mt_type_unknown (c));
  MtTypeVar *element = mt_type_find (list.type)->element;
  for (guint i = 0; i < e->n; i++)
    {
      MtOperand item = mt_compile_expr (c, e->args[i], reading);
      if (item.words > 1)
        {
          mt_compile_error (c, e->args[i]->mark, e->args[i]->width, "use several lists", "a list can't hold lists");
          mt_discard (c, item);
          continue;
        }
      mt_unify (c, element, item.type, e->args[i]->mark, e->args[i]->width, "the list's first item");
      mt_compile_move (c, item, list.slot + 1 + (gint)i);
    }
  mt_emit (c, MT_OP_CONST, list.slot, 0, 0, (gint32)e->n);
  return list;
}

static MtOperand
read_list (MtCompiler *c, gint var)
{
  const VarPlan *plan = mt_var_plan (c, var);
  MtTypeVar *type = mt_type_find (plan->type);
  MtOperand list = list_temp (c, type->capacity, type->element);
  mt_emit_op (c, &mt_op_list_read, list.slot, 0, -1, var, MT_ALWAYS);
  return list;
}

MtOperand
mt_compile_index (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand index = mt_compile_expr (c, e, reading);
  mt_want_number (c, index, e);
  return index;
}

MtOperand
mt_compile_item (MtCompiler *c, gint var, MtOperand local, MtOperand index)
{
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = mt_list_element (c, var, local);
  if (var >= 0)
    mt_emit_op (c, &mt_op_read_element, out.slot, index.slot, -1, var, MT_ALWAYS);
  else
    mt_emit (c, MT_OP_SLOT, out.slot, local.slot, index.slot, 0);
  return out;
}

static MtOperand
compile_element (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  gint var;
  MtOperand list = { 0 };
  if (mt_list_name (c, e->args[0], &var, &list) && var >= 0)
    {
      if (!mt_check_index (c, var, e->args[1]))
        return mt_no_value (c);
      MtOperand index = mt_compile_index (c, e->args[1], reading);
      mt_release (c, index);
      MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
      out.type = mt_list_element (c, var, list);
      guint flags = out.slot == index.slot ? 0 : mt_kill (index, list);
      mt_emit_op (c, &mt_op_read_element, out.slot, index.slot, -1, var, flags | MT_ALWAYS);
      return out;
    }
  if (e->args[0]->kind == MT_EXPR_NAME && var < 0 && list.words == 0)
    {
      MtMark mark;
      const gchar *kind = mt_kind_of_name (c, e->args[0]->name, &mark);
      if (kind)
        mt_compile_error (c, e->mark, e->width, NULL, "'%s' is %s (line %d), not a list", e->args[0]->name, kind, mark.line);
      else
        mt_report_undeclared (c, e->args[0]);
      return mt_no_value (c);
    }
  MtOperand base = mt_compile_expr (c, e->args[0], reading);
  if (!mt_type_is (base.type, MT_TYPE_LIST))
    {
      g_autofree gchar *text = mt_expr_to_text (e->args[0]);
      g_autofree gchar *has = mt_type_words (c, base.type);
      if (!mt_is_excused (base))
        mt_compile_error (c, e->mark, e->width, NULL, "'%s' is %s, not a list", text, has);
      mt_discard (c, base);
      mt_discard (c, mt_compile_expr (c, e->args[1], reading));
      return mt_no_value (c);
    }
  MtOperand index = mt_compile_index (c, e->args[1], reading);
  MtOperand out = emit_on_list (c, MT_OP_SLOT, base, index, MT_TYPE_INT);
  out.type = mt_type_find (base.type)->element;
  return out;
}

static MtOperand
compile_membership (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  gint var;
  MtOperand list = { 0 }, out;
  MtOperand value = mt_compile_expr (c, e->args[0], reading);
  if (mt_list_name (c, e->args[1], &var, &list) && var >= 0)
    {
      mt_unify (c, mt_list_element (c, var, list), value.type, e->args[0]->mark, e->args[0]->width, "an item of the list");
      guint flags;
      out = mt_result_of (c, value, operand (-1, FALSE, value.type), MT_TYPE_BOOL, &flags);
      mt_emit_op (c, &mt_op_contains, out.slot, value.slot, -1, var, flags | MT_ALWAYS);
    }
  else
    {
      list = mt_compile_expr (c, e->args[1], reading);
      if (!mt_type_is (list.type, MT_TYPE_LIST))
        {
          if (!mt_is_excused (list))
            mt_compile_error (c, e->args[1]->mark, e->args[1]->width, NULL, "'in' needs a list at its right");
          mt_discard (c, list);
          mt_discard (c, value);
          return mt_no_value (c);
        }
      mt_unify (c, mt_type_find (list.type)->element, value.type, e->args[0]->mark, e->args[0]->width, "an item of the list");
      out = emit_on_list (c, MT_OP_SLOTIN, list, value, MT_TYPE_BOOL);
    }
  return e->op == MT_OPERATOR_NOT_IN ? mt_emit_unary (c, MT_OP_NOT, out, 0, MT_TYPE_BOOL) : out;
}

/* Names. */

static const MtVar *
var_at (MtCompiler *c, gint var)
{
  return &g_array_index (c->vars, MtVar, var);
}

static MtOperand
read_var (MtCompiler *c, gint var)
{
  const MtVar *v = var_at (c, var);
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = mt_var_plan (c, var)->type;
  mt_emit_op (c, &mt_op_read, out.slot, 0, -1, (gint32)v->address, MT_ALWAYS);
  return out;
}

static MtOperand
compile_name (MtCompiler *c, const MtExpr *e)
{
  static const struct { const gchar *name; guint8 op; MtTypeKind type; } own[] = {
    { "id", MT_OP_ID, MT_TYPE_INT },
    { "self", MT_OP_SELF, MT_TYPE_STRING },
    { "pid", MT_OP_PID, MT_TYPE_INT },
  };
  Local *local = mt_find_local (c, e->name);
  if (local)
    {
      local->read = TRUE;
      return (MtOperand){ local->slot, local->words, FALSE, local->type };
    }
  gint var = c->constant_only ? -1 : mt_find_var (c, e->name);
  if (var >= 0)
    return mt_var_plan (c, var)->words > 1 || mt_type_find (mt_var_plan (c, var)->type)->kind == MT_TYPE_LIST ? read_list (c, var) : read_var (c, var);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_str_equal (e->name, own[i].name))
      {
        if (!c->plan)
          {
            mt_compile_error (c, e->mark, e->width, NULL, "'%s' means something in a task's steps only", e->name);
            return mt_no_value (c);
          }
        MtOperand out = mt_compile_temp (c, own[i].type);
        mt_emit (c, own[i].op, out.slot, 0, 0, 0);
        return out;
      }
  MtMark mark;
  const gchar *kind = mt_kind_of_name (c, e->name, &mark);
  if (kind && c->constant_only)
    mt_compile_error (c, e->mark, e->width, "use numbers and params here", "'%s' is %s (line %d), not a constant", e->name, kind, mark.line);
  else if (kind)
    mt_compile_error (c, e->mark, e->width, NULL, "'%s' is %s (line %d), not a value", e->name, kind, mark.line);
  else
    mt_report_undeclared (c, e);
  return mt_no_value (c);
}

/* Operators. */

static MtOperand
compile_comparison (MtCompiler *c, const MtExpr *e, MtOperand a, MtOperand b)
{
  gboolean equality = e->op == MT_OPERATOR_EQ || e->op == MT_OPERATOR_NE;
  MtTypeVar *ta = mt_type_find (a.type), *tb = mt_type_find (b.type);
  gboolean numbers = ta->known && tb->known && ta->kind <= MT_TYPE_BOOL && tb->kind <= MT_TYPE_BOOL;
  g_autofree gchar *text = numbers ? NULL : mt_expr_to_text (e->args[0]);
  g_autofree gchar *what = g_strdup_printf ("'%s'", text);
  if (!numbers && !mt_unify (c, a.type, b.type, e->mark, e->width, what))
    {
      mt_discard (c, a);
      mt_discard (c, b);
      return mt_no_value (c);
    }
  if (!equality && ta->known && (ta->kind == MT_TYPE_STRING || ta->kind == MT_TYPE_LIST))
    mt_compile_error (c, e->mark, e->width, "they can be compared with == and != only", "%s have no order", ta->kind == MT_TYPE_LIST ? "lists" : "strings");
  if (mt_type_is (a.type, MT_TYPE_LIST) && mt_type_is (b.type, MT_TYPE_LIST))
    {
      MtOperand out = mt_compile_temp (c, MT_TYPE_BOOL);
      mt_emit (c, MT_OP_SLOTEQ, out.slot, a.slot, b.slot, 0);
      mt_discard (c, a);
      mt_discard (c, b);
      return e->op == MT_OPERATOR_NE ? mt_emit_unary (c, MT_OP_NOT, out, 0, MT_TYPE_BOOL) : out;
    }
  return mt_emit_binary (c, mt_opcode_of (e->op), a, b, MT_TYPE_BOOL);
}

static MtOperand
compile_binary (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  if (e->op == MT_OPERATOR_IN || e->op == MT_OPERATOR_NOT_IN)
    return compile_membership (c, e, reading);
  MtOperand a = mt_compile_expr (c, e->args[0], reading);
  Constant k;
  if ((e->op == MT_OPERATOR_ADD || e->op == MT_OPERATOR_SUB) && mt_type_is (a.type, MT_TYPE_INT) && mt_constant (c, e->args[1], &k)
      && k.kind == MT_TYPE_INT)
    return mt_emit_unary (c, e->op == MT_OPERATOR_ADD ? MT_OP_ADDK : MT_OP_SUBK, a, k.value, MT_TYPE_INT);
  MtOperand b = mt_compile_expr (c, e->args[1], reading);
  if (!mt_is_arithmetic (e->op))
    return compile_comparison (c, e, a, b);
  MtTypeKind kind = MT_TYPE_INT;
  gboolean good = mt_want_number (c, a, e->args[0]) && mt_want_number (c, b, e->args[1]);
  if (good && !mt_number_result (e->op, mt_type_find (a.type)->kind, mt_type_find (b.type)->kind, &kind))
    {
      mt_compile_error (c, e->mark, e->width, "decimals are times in seconds: add times to times, multiply them by numbers",
                        "a time and a number don't go together here");
      good = FALSE;
    }
  if (!good)
    {
      mt_discard (c, a);
      mt_discard (c, b);
      return mt_no_value (c);
    }
  return mt_emit_binary (c, mt_opcode_of (e->op), a, b, kind);
}

MtOperand
mt_compile_condition (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand o = mt_compile_expr (c, e, reading);
  mt_want_condition (c, o, e);
  return o;
}

/* out <- truth of o, used up. */
static void
move_truth (MtCompiler *c, MtOperand o, MtOperand out)
{
  if (mt_type_is (o.type, MT_TYPE_BOOL))
    {
      mt_compile_move (c, o, out.slot);
      return;
    }
  guint at = mt_emit (c, MT_OP_TRUTH, out.slot, o.slot, 0, 0);
  mt_kill_operands (c, at, o.slot == out.slot ? 0 : mt_kill (o, o) & MT_KILL_A);
  mt_release (c, o);
}

static MtOperand
compile_junction (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand left = mt_compile_expr (c, e->args[0], reading);
  mt_want_condition (c, left, e->args[0]);
  MtOperand out = mt_compile_temp (c, MT_TYPE_BOOL);
  move_truth (c, left, out);
  guint jump = mt_emit (c, e->kind == MT_EXPR_AND ? MT_OP_JZ : MT_OP_JNZ, 0, out.slot, 0, 0);
  MtOperand right = mt_compile_expr (c, e->args[1], reading);
  mt_want_condition (c, right, e->args[1]);
  move_truth (c, right, out);
  mt_patch (c, jump, mt_here (c));
  return out;
}

static MtOperand
compile_cond (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand test = mt_compile_expr (c, e->args[0], reading);
  mt_want_condition (c, test, e->args[0]);
  guint skip = mt_emit (c, MT_OP_JZ, 0, test.slot, 0, 0);
  mt_kill_operands (c, skip, mt_kill (test, test) & MT_KILL_A);
  mt_release (c, test);
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  MtOperand a = mt_compile_expr (c, e->args[1], reading);
  out.type = a.type;
  mt_compile_move (c, a, out.slot);
  guint end = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  mt_patch (c, skip, mt_here (c));
  MtOperand b = mt_compile_expr (c, e->args[2], reading);
  mt_unify (c, a.type, b.type, e->args[2]->mark, e->args[2]->width, "the value before 'if'");
  if (mt_type_is (a.type, MT_TYPE_LIST))
    mt_compile_error (c, e->mark, e->width, "use an if step", "a conditional expression gives a number, a truth value or a string");
  mt_compile_move (c, b, out.slot);
  mt_patch (c, end, mt_here (c));
  return out;
}

MtOperand
mt_compile_expr (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  Constant value;
  if (mt_constant (c, e, &value))
    return mt_emit_constant (c, value);
  switch (e->kind)
    {
    case MT_EXPR_NAME:
      return compile_name (c, e);
    case MT_EXPR_INDEX:
      return compile_element (c, e, reading);
    case MT_EXPR_CALL:
      return mt_compile_builtin (c, e, reading);
    case MT_EXPR_UNARY:
      {
        MtOperand a = mt_compile_expr (c, e->args[0], reading);
        if (e->op == MT_OPERATOR_NOT)
          {
            mt_want_condition (c, a, e->args[0]);
            return mt_emit_unary (c, MT_OP_NOT, a, 0, MT_TYPE_BOOL);
          }
        if (mt_want_number (c, a, e->args[0]))
          return mt_emit_unary (c, MT_OP_NEG, a, 0, mt_type_find (a.type)->kind);
        mt_discard (c, a);
        return mt_no_value (c);
      }
    case MT_EXPR_BINARY:
      return compile_binary (c, e, reading);
    case MT_EXPR_AND:
    case MT_EXPR_OR:
      return compile_junction (c, e, reading);
    case MT_EXPR_COND:
      return compile_cond (c, e, reading);
    case MT_EXPR_LIST:
      return compile_list_literal (c, e, reading);
    case MT_EXPR_BAD:
      return mt_no_value (c);
    default:
      g_assert_not_reached ();
    }
}

/* Seconds -> milliseconds. */
MtOperand
mt_compile_time (MtCompiler *c, const MtExpr *expr)
{
  Constant k;
  if (mt_constant (c, expr, &k))
    {
      if (k.kind == MT_TYPE_INT && (k.value < 0 || k.value > G_MAXINT32 / 1000))
        mt_compile_error (c, expr->mark, expr->width, NULL, "%d seconds: a time of 0 to %d seconds expected", k.value, G_MAXINT32 / 1000);
      else if (k.kind == MT_TYPE_TIME && k.value < 0)
        mt_compile_error (c, expr->mark, expr->width, NULL, "a time can't be negative");
      else if (k.kind != MT_TYPE_INT && k.kind != MT_TYPE_TIME)
        mt_compile_error (c, expr->mark, expr->width, "seconds, like 1 or 0.5", "a time expected");
      return mt_emit_constant (c, (Constant){ MT_TYPE_TIME, k.kind == MT_TYPE_INT ? (gint32)((guint32)k.value * 1000u) : k.value });
    }
  MtOperand o = mt_compile_expr (c, expr, mt_reading (c));
  if (mt_type_is (o.type, MT_TYPE_TIME))
    return o;
  if (!mt_want_number (c, o, expr))
    return mt_no_value (c);
  return mt_emit_binary (c, MT_OP_MUL, o, mt_emit_constant (c, (Constant){ MT_TYPE_INT, 1000 }), MT_TYPE_TIME);
}

guint
mt_compile_pure (MtCompiler *c, const MtExpr *expr, gint *slot)
{
  guint over = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0), entry = mt_here (c);
  guint instant = c->instant;
  gboolean fresh = c->fresh;
  c->instant = 1;
  c->fresh = FALSE;
  MtOperand value = mt_compile_condition (c, expr, MT_INSTANT);
  MtOperand out = mt_own_temp (c, value);
  mt_emit (c, MT_OP_END, 0, 0, 0, 0);
  mt_release (c, out);
  c->instant = instant;
  c->fresh = fresh;
  *slot = out.slot;
  mt_patch (c, over, mt_here (c));
  return entry;
}

/* Assignments: `x = e`, `x += e`, `x[i] = e`, and all else that stores a value in what the author
 * named. A write to a variable is a step; one to a local is not. */
#include "sim/compiler_private.h"

static void
check_assignable (MtCompiler *c, MtTypeVar *target, MtOperand value, const MtExpr *e)
{
  g_autofree gchar *text = mt_expr_to_text (e);
  g_autofree gchar *what = g_strdup_printf ("'%s'", text);
  mt_unify (c, target, value.type, e->mark, e->width, what);
}

static void
compile_into_name (MtCompiler *c, const MtExpr *target, MtOperand value)
{
  Local *local = mt_find_local (c, target->name);
  gint var = local ? -1 : mt_find_var (c, target->name);
  if (local)
    {
      check_assignable (c, local->type, value, target);
      if (mt_type_is (local->type, MT_TYPE_LIST) && mt_type_is (value.type, MT_TYPE_LIST))
        {
          mt_emit (c, MT_OP_COPY, local->slot, value.slot, 0, (gint32)local->words - 1);
          mt_discard (c, value);
        }
      else
        mt_compile_move (c, value, local->slot);
    }
  else if (var >= 0)
    {
      const VarPlan *plan = mt_var_plan (c, var);
      check_assignable (c, plan->type, value, target);
      if (mt_type_is (plan->type, MT_TYPE_LIST))
        {
          mt_emit_op (c, &mt_op_list_write, 0, value.slot, -1, var, MT_ALWAYS);
          mt_discard (c, value);
          return;
        }
      mt_emit_op (c, &mt_op_write, 0, value.slot, -1, (gint32)g_array_index (c->vars, MtVar, var).address, MT_ALWAYS | (mt_kill (value, value) & MT_KILL_A));
      mt_release (c, value);
    }
}

/* list[index] <- value, the index already in a slot. */
static void
compile_into_element (MtCompiler *c, const MtExpr *target, MtOperand index, MtOperand value)
{
  gint var;
  MtOperand list = { 0 };
  if (!mt_resolve_list (c, target->args[0], &var, &list) || (var >= 0 && !mt_check_index (c, var, target->args[1])))
    return;
  check_assignable (c, mt_list_element (c, var, list), value, target);
  if (var >= 0)
    mt_emit_op (c, &mt_op_write_element, index.slot, value.slot, -1, var, MT_ALWAYS | (mt_kill (value, value) & MT_KILL_A));
  else
    {
      guint at = mt_emit (c, MT_OP_SETSLOT, list.slot, value.slot, index.slot, 0);
      mt_kill_operands (c, at, mt_kill (value, index));
    }
  mt_release (c, value);
  if (var >= 0)
    mt_discard (c, index);
  else
    mt_release (c, index);
}

void
mt_compile_into (MtCompiler *c, const MtExpr *target, MtOperand value)
{
  if (target->kind == MT_EXPR_BAD)
    mt_discard (c, value);
  else if (target->kind == MT_EXPR_NAME)
    compile_into_name (c, target, value);
  else
    compile_into_element (c, target, mt_compile_index (c, target->args[1], mt_reading (c)), value);
}

static MtExpr *
binary_view (const MtStatement *s, MtExpr *storage, MtExpr **args)
{
  args[0] = s->target;
  args[1] = s->value;
  *storage = (MtExpr){ .kind = MT_EXPR_BINARY, .op = s->op, .mark = s->target->mark, .width = s->target->width, .n = 2, .args = args };
  return storage;
}

void
mt_compile_assignment (MtCompiler *c, const MtStatement *s)
{
  MtExpr storage, *args[2];
  const MtExpr *value = s->op == MT_OPERATOR_NONE ? s->value : binary_view (s, &storage, args);
  if (s->target->kind == MT_EXPR_NAME)
    {
      MtOperand v = mt_compile_expr (c, value, mt_reading (c));
      if (!mt_find_local (c, s->target->name) && mt_find_var (c, s->target->name) < 0)
        mt_release (c, v); /* an error has been reported */
      else
        mt_compile_into (c, s->target, v);
      return;
    }
  MtOperand index = mt_own_temp (c, mt_compile_index (c, s->target->args[1], mt_reading (c)));
  gint var;
  MtOperand list = { 0 };
  if (!mt_resolve_list (c, s->target->args[0], &var, &list))
    return;
  MtTypeVar *element = mt_list_element (c, var, list);
  MtOperand v;
  if (s->op == MT_OPERATOR_NONE)
    v = mt_compile_expr (c, value, mt_reading (c));
  else
    {
      /* read the element once through the index that is kept for the write */
      MtOperand old = mt_compile_item (c, var, list, index);
      old.type = mt_type_new (c, MT_TYPE_INT);
      mt_unify (c, element, old.type, s->target->mark, s->target->width, "the element");
      MtOperand right = mt_compile_expr (c, s->value, mt_reading (c));
      mt_unify (c, element, right.type, s->value->mark, s->value->width, "the element");
      guint at = mt_emit (c, mt_opcode_of (s->op), old.slot, old.slot, right.slot, 0);
      mt_kill_operands (c, at, right.temp ? MT_KILL_B : 0);
      mt_release (c, right);
      v = old;
    }
  compile_into_element (c, s->target, index, v);
}

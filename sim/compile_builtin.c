/* Functions in expressions: len, min, max, abs, random, at and count_at, and those in the rows of
 * primitives, size(q) and the like. */
#include "sim/compiler_private.h"

static gboolean
want_arguments (MtCompiler *c, const MtExpr *e, guint min, guint max)
{
  if (e->n >= min && e->n <= max)
    return TRUE;
  mt_compile_error (c, e->mark, e->width, NULL, "%s() takes %s%u argument%s, not %u", e->name, max > min ? "at least " : "", min, min == 1 ? "" : "s", e->n);
  return FALSE;
}

/* The primitive of the object that @e names, or NULL. */
static const MtPrimitive *
object_primitive (MtCompiler *c, const MtExpr *e)
{
  const MtExpr *name = e->kind == MT_EXPR_INDEX ? e->args[0] : e;
  for (guint i = 0; name->kind == MT_EXPR_NAME && i < c->model->objects->len; i++)
    {
      const MtDecl *d = c->model->objects->pdata[i];
      if (g_str_equal (d->name, name->name))
        return d->primitive;
    }
  return NULL;
}

static MtOperand
compile_len (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  gint var;
  MtOperand list = { 0 };
  if (object_primitive (c, e->args[0]) == &mt_primitive_queue)
    {
      mt_compile_error (c, e->mark, e->width, "size(q) tells how many items a queue holds", "len() needs a list");
      return mt_no_value (c);
    }
  if (mt_list_name (c, e->args[0], &var, &list) && var >= 0)
    {
      if (mt_var_plan (c, var)->fixed)
        return mt_emit_constant (c, (Constant){ MT_TYPE_INT, (gint32)mt_type_find (mt_var_plan (c, var)->type)->capacity });
      MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
      mt_emit_op (c, &mt_op_length, out.slot, 0, -1, var, MT_ALWAYS);
      return out;
    }
  list = mt_compile_expr (c, e->args[0], reading);
  if (!mt_type_is (list.type, MT_TYPE_LIST))
    {
      if (!mt_is_excused (list))
        mt_compile_error (c, e->mark, e->width, NULL, "len() needs a list");
      mt_discard (c, list);
      return mt_no_value (c);
    }
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  mt_emit (c, MT_OP_MOVE, out.slot, list.slot, 0, 0);
  mt_discard (c, list);
  return out;
}

static MtOperand
compile_extreme (MtCompiler *c, const MtExpr *e, MtReading reading, guint8 op)
{
  MtOperand out = mt_compile_expr (c, e->args[0], reading);
  if (!mt_want_number (c, out, e->args[0]))
    {
      mt_discard (c, out);
      return mt_no_value (c);
    }
  for (guint i = 1; i < e->n; i++)
    {
      MtOperand next = mt_compile_expr (c, e->args[i], reading);
      if (!mt_want_number (c, next, e->args[i]))
        continue;
      if (mt_type_is (out.type, MT_TYPE_TIME) != mt_type_is (next.type, MT_TYPE_TIME))
        mt_compile_error (c, e->mark, e->width, "write all with decimals, or none", "%s() of a time and a number", e->name);
      out = mt_emit_binary (c, op, out, next, mt_type_find (out.type)->kind);
    }
  return out;
}

static MtOperand
compile_abs (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand value = compile_extreme (c, e, reading, MT_OP_MAX);
  return mt_emit_unary (c, MT_OP_ABS, value, 0, mt_type_is (value.type, MT_TYPE_TIME) ? MT_TYPE_TIME : MT_TYPE_INT);
}

static MtOperand
compile_random (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  if (mt_in_instant (c) || reading == MT_INSTANT)
    mt_compile_error (c, e->mark, e->width, "draw it into a variable in a step before", "random() is a step of its own and can't stand here");
  Constant lo, hi;
  MtOperand a = mt_compile_expr (c, e->args[0], reading);
  MtOperand b = mt_compile_expr (c, e->args[1], reading);
  MtTypeKind kind;
  if (!mt_want_number (c, a, e->args[0]) || !mt_want_number (c, b, e->args[1]))
    return mt_no_value (c);
  if (!mt_number_result (MT_OPERATOR_SUB, mt_type_find (a.type)->kind, mt_type_find (b.type)->kind, &kind))
    mt_compile_error (c, e->mark, e->width, "write both with decimals, or none", "random() of a time and a number");
  guint ways = 1024;
  if (mt_constant (c, e->args[0], &lo) && mt_constant (c, e->args[1], &hi))
    {
      if (lo.value > hi.value)
        mt_compile_error (c, e->mark, e->width, NULL, "random(%d, %d): the lower bound is above the upper", lo.value, hi.value);
      else if ((gint64)hi.value - lo.value >= 10000)
        mt_compile_error (c, e->mark, e->width, "draw from fewer values: multiply what you draw", "random() of more than 10000 values");
      else
        ways = (guint)(hi.value - lo.value) + 1;
    }
  mt_ways_at_most (c, ways);
  guint flags;
  MtOperand out = mt_result_of (c, a, b, kind, &flags);
  mt_emit_op (c, &mt_op_random, out.slot, a.slot, b.slot, (gint32)ways, flags);
  return out;
}

/* at(t, label) and count_at(label). */
static MtOperand
compile_at (MtCompiler *c, const MtExpr *e, gboolean count)
{
  const MtExpr *label = e->args[e->n - 1];
  MtOperand out = mt_compile_temp (c, count ? MT_TYPE_INT : MT_TYPE_BOOL);
  if (label->kind != MT_EXPR_NAME)
    {
      mt_compile_error (c, label->mark, label->width, NULL, "%s(): the name of a label expected", e->name);
      return out;
    }
  LabelUse use = { (guint)mt_intern (c, label->name), label->mark, label->width };
  if (use.name >= TEMP_BASE) /* it has to fit into an operand */
    {
      mt_compile_error (c, label->mark, label->width, NULL, "the model has more than %d texts", TEMP_BASE);
      return mt_no_value (c);
    }
  g_array_append_val (c->label_uses, use);
  gint32 first = 0;
  guint n = 0;
  MtOperand index = { -1, 1, FALSE, out.type };
  if (!count && !mt_resolve_task (c, e->args[0], &first, &n, &index))
    return out;
  mt_emit_op (c, count ? &mt_op_count_at : &mt_op_at, out.slot, (gint)use.name, index.slot, first, MT_ALWAYS | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  return out;
}

static const MtFunctionSpec *
find_function (const gchar *name, const MtPrimitive **primitive, const MtPrimitive *of)
{
  for (guint i = 0; mt_primitives[i]; i++)
    for (const MtFunctionSpec *f = mt_primitives[i]->functions; f && f->name; f++)
      if (g_str_equal (f->name, name) && (!of || of == mt_primitives[i]))
        {
          *primitive = mt_primitives[i];
          return f;
        }
  return NULL;
}

static MtOperand
compile_object_function (MtCompiler *c, const MtExpr *e, const MtFunctionSpec *f, const MtPrimitive *primitive)
{
  MtOperand out = mt_compile_temp (c, f->result);
  gint32 object = 0;
  gint var;
  MtOperand index = { -1, 1, FALSE, out.type }, list = { 0 };
  guint n;
  gboolean good = FALSE;
  if (primitive == &mt_primitive_queue && mt_list_name (c, e->args[0], &var, &list))
    mt_compile_error (c, e->mark, e->width, "len(list) tells how many items a list has", "%s() needs a queue", e->name);
  else if (f->bare)
    good = TRUE;
  else if (!primitive->section) /* alive(t) */
    good = mt_resolve_task (c, e->args[0], &object, &n, &index);
  else
    good = mt_resolve_object (c, e->args[0], primitive, &object, &index);
  if (good)
    mt_emit_op (c, f->op, out.slot, 0, index.slot, object, MT_ALWAYS | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  return out;
}

MtOperand
mt_compile_builtin (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  const MtPrimitive *primitive = NULL;
  const MtFunctionSpec *f;
  if (g_str_equal (e->name, "len"))
    return want_arguments (c, e, 1, 1) ? compile_len (c, e, reading) : mt_no_value (c);
  if (g_str_equal (e->name, "min") || g_str_equal (e->name, "max"))
    return want_arguments (c, e, 2, 100) ? compile_extreme (c, e, reading, e->name[1] == 'i' ? MT_OP_MIN : MT_OP_MAX) : mt_no_value (c);
  if (g_str_equal (e->name, "abs"))
    return want_arguments (c, e, 1, 1) ? compile_abs (c, e, reading) : mt_no_value (c);
  if (g_str_equal (e->name, "random"))
    return want_arguments (c, e, 2, 2) ? compile_random (c, e, reading) : mt_no_value (c);
  if (g_str_equal (e->name, "at"))
    return want_arguments (c, e, 2, 2) ? compile_at (c, e, FALSE) : mt_no_value (c);
  if (g_str_equal (e->name, "count_at"))
    return want_arguments (c, e, 1, 1) ? compile_at (c, e, TRUE) : mt_no_value (c);
  if (e->n > 0)
    {
      const MtPrimitive *of = object_primitive (c, e->args[0]);
      if (of && (f = find_function (e->name, &primitive, of)))
        return want_arguments (c, e, 1, 1) ? compile_object_function (c, e, f, primitive) : mt_no_value (c);
    }
  if ((f = find_function (e->name, &primitive, NULL)))
    {
      guint n = f->bare ? 0 : 1;
      return want_arguments (c, e, n, n) ? compile_object_function (c, e, f, primitive) : mt_no_value (c);
    }
  GPtrArray *names = g_ptr_array_new ();
  static const gchar *const plain[] = { "len", "min", "max", "abs", "random", "at", "count_at" };
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_ptr_array_add (names, (gpointer)plain[i]);
  for (guint i = 0; mt_primitives[i]; i++)
    for (f = mt_primitives[i]->functions; f && f->name; f++)
      g_ptr_array_add (names, (gpointer)f->name);
  g_autofree gchar *near = mt_near_name (e->name, names);
  g_ptr_array_unref (names);
  gboolean user = FALSE;
  for (guint i = 0; i < c->model->functions->len; i++)
    user = user || g_str_equal (((MtFunction *)c->model->functions->pdata[i])->name, e->name);
  mt_compile_error (c, e->mark, mt_name_width (e->name),
                    user ? "a function of the model is a step: {call: f, args: [..], into: x}" : near, "no function '%s' in expressions", e->name);
  return mt_no_value (c);
}

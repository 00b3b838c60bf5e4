/* Expressions -> instructions, and the types of what they compute.
 *
 * Types are inferred by unification (Milner 1978): each variable, parameter, list element and
 * queue item has a type variable, and each use binds it. A value is left where it is (a local's
 * slot) or in a temporary that its one user zeroes. */
#include "sim/compiler_private.h"
#include <string.h>

/* Types. */

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

static gboolean
is_kind (MtOperand o, MtTypeKind kind)
{
  const MtTypeVar *type = mt_type_find (o.type);
  return type->known && type->kind == kind;
}

/* Unknown because of an error that has been reported: whatever it is used as will do. */
static gboolean
is_excused (MtOperand o)
{
  return mt_type_find (o.type)->excused;
}

/* Numbers, and truth values where a number is wanted. FALSE after a finding. */
static gboolean
want_number (MtCompiler *c, MtOperand o, const MtExpr *expr)
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

/* Constants. */

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

static guint8
opcode_of (MtOperator op)
{
  static const guint8 codes[] = {
    [MT_OPERATOR_ADD] = MT_OP_ADD, [MT_OPERATOR_SUB] = MT_OP_SUB, [MT_OPERATOR_MUL] = MT_OP_MUL,
    [MT_OPERATOR_DIV] = MT_OP_DIV, [MT_OPERATOR_MOD] = MT_OP_MOD, [MT_OPERATOR_EQ] = MT_OP_EQ,
    [MT_OPERATOR_NE] = MT_OP_NE,   [MT_OPERATOR_LT] = MT_OP_LT,   [MT_OPERATOR_LE] = MT_OP_LE,
    [MT_OPERATOR_GT] = MT_OP_GT,   [MT_OPERATOR_GE] = MT_OP_GE,
  };
  return op < G_N_ELEMENTS (codes) ? codes[op] : 0;
}

static gboolean
arithmetic (MtOperator op)
{
  return op >= MT_OPERATOR_ADD && op <= MT_OPERATOR_MOD;
}

/* The type of a op b for numbers and times; FALSE where it has none (time * time). */
static gboolean
number_result (MtOperator op, MtTypeKind a, MtTypeKind b, MtTypeKind *out)
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

static gboolean
constant_binary (MtCompiler *c, const MtExpr *e, Constant *out)
{
  Constant a, b;
  if (opcode_of (e->op) == 0 || !mt_constant (c, e->args[0], &a) || !mt_constant (c, e->args[1], &b))
    return FALSE;
  if (!arithmetic (e->op))
    {
      gboolean numbers = a.kind <= MT_TYPE_BOOL && b.kind <= MT_TYPE_BOOL;
      gboolean equality = e->op == MT_OPERATOR_EQ || e->op == MT_OPERATOR_NE;
      if ((a.kind != b.kind && !numbers) || (a.kind == MT_TYPE_STRING && !equality))
        return FALSE;
      out->kind = MT_TYPE_BOOL;
    }
  else if (a.kind == MT_TYPE_STRING || b.kind == MT_TYPE_STRING || !number_result (e->op, a.kind, b.kind, &out->kind))
    return FALSE;
  const gchar *problem;
  gboolean good = mt_arithmetic (opcode_of (e->op), a.value, b.value, &out->value, &problem);
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
mt_constant_int (MtCompiler *c, const MtExpr *expr, const gchar *what, gint32 min, gint32 max, gint32 *out)
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
      mt_compile_error (c, expr->mark, expr->width, NULL, "%s is %d, but must be %d to %d", what, value.value, min, max);
      return FALSE;
    }
  *out = value.value;
  return TRUE;
}

/* Emission of values. */

static MtOperand
operand (gint slot, gboolean temp, MtTypeVar *type)
{
  return (MtOperand){ slot, 1, temp, type };
}

static MtOperand
emit_constant (MtCompiler *c, Constant value)
{
  MtOperand out = mt_compile_temp (c, value.kind);
  mt_emit (c, MT_OP_CONST, out.slot, 0, 0, value.value);
  return out;
}

/* What stands for a value that an error has been reported of. */
static MtOperand
nothing (MtCompiler *c)
{
  MtOperand out = emit_constant (c, (Constant){ MT_TYPE_INT, 0 });
  out.type = mt_type_unknown (c);
  out.type->excused = TRUE;
  return out;
}

/* A temporary for the result of an instruction that uses up @a and @b: one of theirs where it can be. */
static MtOperand
result_of (MtCompiler *c, MtOperand a, MtOperand b, MtTypeKind kind, guint *flags)
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

static MtOperand
emit_binary (MtCompiler *c, guint8 op, MtOperand a, MtOperand b, MtTypeKind kind)
{
  guint flags;
  MtOperand out = result_of (c, a, b, kind, &flags);
  guint at = mt_emit (c, op, out.slot, a.slot, b.slot, 0);
  g_array_index (c->code, MtInstr, at).flags |= (guint8)flags;
  return out;
}

static MtOperand
emit_unary (MtCompiler *c, guint8 op, MtOperand a, gint32 imm, MtTypeKind kind)
{
  guint flags;
  MtOperand out = result_of (c, a, operand (-1, FALSE, a.type), kind, &flags);
  guint at = mt_emit (c, op, out.slot, a.slot, 0, imm);
  g_array_index (c->code, MtInstr, at).flags |= (guint8)flags;
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


static const MtVar *
var_at (MtCompiler *c, gint var)
{
  return &g_array_index (c->vars, MtVar, var);
}

static VarPlan *
plan_of (MtCompiler *c, gint var)
{
  guint i = (guint)var < c->n_shared ? (guint)var : c->n_shared + ((guint)var - c->n_shared) % c->n_globals;
  return &g_array_index (c->plans, VarPlan, i);
}

static MtOperand
read_list (MtCompiler *c, gint var)
{
  const VarPlan *plan = plan_of (c, var);
  MtTypeVar *type = mt_type_find (plan->type);
  MtOperand list = list_temp (c, type->capacity, type->element);
  mt_emit_op (c, &mt_op_list_read, list.slot, 0, -1, var, MT_ALWAYS);
  return list;
}

/* Names. */

static void
undeclared (MtCompiler *c, const MtExpr *e)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (const Scope *s = c->scope; s; s = NULL)
    for (guint i = 0; i < s->locals->len; i++)
      if (!((Local *)s->locals->pdata[i])->hidden)
        g_ptr_array_add (names, ((Local *)s->locals->pdata[i])->name);
  GPtrArray *const lists[] = { c->model->params, c->model->variables, c->model->objects, c->model->tasks, c->model->functions };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i]->len; k++)
      g_ptr_array_add (names, ((MtDecl *)lists[i]->pdata[k])->name);
  g_ptr_array_add (names, NULL);
  g_autofree gchar *near = mt_did_you_mean (e->name, (const gchar *const *)names->pdata);
  gboolean local = FALSE; /* of a task, while this is a property */
  for (guint i = 0; !c->plan && i < c->class_plans->len; i++)
    {
      const GArray *lives = ((ClassPlan *)c->class_plans->pdata[i])->lives;
      for (guint k = 0; k < lives->len; k++)
        local = local || g_str_equal (g_array_index (lives, MtLocal, k).name, e->name);
    }
  if (local)
    {
      mt_compile_error (c, e->mark, e->width, "declare it under globals", "'%s' is local to a task and can't be seen from outside", e->name);
      return;
    }
  g_autofree gchar *string = e->quoted && !near ? g_strdup_printf ("a string needs quotes of its own: \"'%s'\"", e->name) : NULL;
  mt_compile_error (c, e->mark, e->width, near ? near : string, "'%s' is not declared", e->name);
}

Local *
mt_find_local (MtCompiler *c, const gchar *name)
{
  if (!c->scope)
    return NULL;
  for (guint i = 0; i < c->scope->locals->len; i++)
    {
      Local *local = c->scope->locals->pdata[i];
      if (!local->hidden && g_str_equal (local->name, name))
        return local;
    }
  return NULL;
}

gint
mt_find_var (MtCompiler *c, const gchar *name)
{
  for (guint i = 0; i < c->plans->len; i++)
    if (g_str_equal (g_array_index (c->plans, VarPlan, i).decl->name, name))
      return (gint)(i < c->n_shared ? i : i + c->process * c->n_globals);
  return -1;
}

const gchar *
mt_kind_of_name (MtCompiler *c, const gchar *name, MtMark *mark)
{
  static const gchar *const tasks[] = { "a thread", "a process", "a coroutine", "a worker" };
  const struct { const GPtrArray *list; const gchar *kind; } kinds[] = {
    { c->model->params, "a param" }, { c->model->variables, "a variable" }, { c->model->objects, NULL },
    { c->model->functions, "a function" }, { c->model->tasks, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint k = 0; k < kinds[i].list->len; k++)
      {
        /* every declaration begins with its name and mark */
        const MtDecl *d = kinds[i].list->pdata[k];
        if (!g_str_equal (d->name, name))
          continue;
        *mark = d->mark;
        return kinds[i].kind                          ? kinds[i].kind
               : kinds[i].list == c->model->objects ? d->primitive->noun
                                                      : tasks[((const MtTaskDecl *)kinds[i].list->pdata[k])->kind];
      }
  return NULL;
}

static MtOperand
read_var (MtCompiler *c, gint var)
{
  const MtVar *v = var_at (c, var);
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = plan_of (c, var)->type;
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
    return plan_of (c, var)->words > 1 || mt_type_find (plan_of (c, var)->type)->kind == MT_TYPE_LIST ? read_list (c, var) : read_var (c, var);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_str_equal (e->name, own[i].name))
      {
        if (!c->plan)
          {
            mt_compile_error (c, e->mark, e->width, NULL, "'%s' means something in a task's steps only", e->name);
            return nothing (c);
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
    undeclared (c, e);
  return nothing (c);
}

/* A name in an expression that may be a list; -1 and a local otherwise. */
static gboolean
list_name (MtCompiler *c, const MtExpr *e, gint *var, MtOperand *local)
{
  *var = -1;
  if (e->kind != MT_EXPR_NAME)
    return FALSE;
  Local *l = mt_find_local (c, e->name);
  if (l)
    {
      l->read = TRUE;
      *local = (MtOperand){ l->slot, l->words, FALSE, l->type };
      return is_kind (*local, MT_TYPE_LIST);
    }
  *var = mt_find_var (c, e->name);
  return *var >= 0 && mt_type_find (plan_of (c, *var)->type)->kind == MT_TYPE_LIST && mt_type_find (plan_of (c, *var)->type)->known;
}

gboolean
mt_resolve_list (MtCompiler *c, const MtExpr *expr, gint *var, MtOperand *local)
{
  if (list_name (c, expr, var, local))
    return TRUE;
  MtMark mark;
  const gchar *kind = expr->kind == MT_EXPR_NAME ? mt_kind_of_name (c, expr->name, &mark) : NULL;
  if (expr->kind == MT_EXPR_NAME && !kind && !mt_find_local (c, expr->name))
    undeclared (c, expr);
  else if (kind && *var < 0)
    mt_compile_error (c, expr->mark, expr->width, NULL, "'%s' is %s (line %d), not a list", expr->name, kind, mark.line);
  else if (*var >= 0 || !local->type || !is_excused (*local))
    {
      g_autofree gchar *text = mt_expr_to_text (expr);
      mt_compile_error (c, expr->mark, expr->width, NULL, "'%s' is not a list", text);
    }
  return FALSE;
}

MtOperand
mt_compile_index (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand index = mt_compile_expr (c, e, reading);
  want_number (c, index, e);
  return index;
}

gboolean
mt_check_index (MtCompiler *c, gint var, const MtExpr *index)
{
  Constant k;
  gint room = (gint)mt_type_find (plan_of (c, var)->type)->capacity;
  if (!mt_constant (c, index, &k) || k.kind != MT_TYPE_INT || (k.value >= -room && k.value < room))
    return TRUE;
  mt_compile_error (c, index->mark, index->width, NULL, "index %d is out of range: %s has room for %d items", k.value, plan_of (c, var)->decl->name, room);
  return FALSE;
}

static MtOperand
compile_element (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  gint var;
  MtOperand list = { 0 };
  if (list_name (c, e->args[0], &var, &list) && var >= 0)
    {
      if (!mt_check_index (c, var, e->args[1]))
        return nothing (c);
      MtOperand index = mt_compile_index (c, e->args[1], reading);
      mt_release (c, index);
      MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
      out.type = mt_type_find (plan_of (c, var)->type)->element;
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
        undeclared (c, e->args[0]);
      return nothing (c);
    }
  MtOperand base = mt_compile_expr (c, e->args[0], reading);
  if (!is_kind (base, MT_TYPE_LIST))
    {
      g_autofree gchar *text = mt_expr_to_text (e->args[0]);
      g_autofree gchar *has = mt_type_words (c, base.type);
      if (!is_excused (base))
        mt_compile_error (c, e->mark, e->width, NULL, "'%s' is %s, not a list", text, has);
      mt_discard (c, base);
      mt_discard (c, mt_compile_expr (c, e->args[1], reading));
      return nothing (c);
    }
  MtOperand index = mt_compile_index (c, e->args[1], reading);
  MtOperand out = emit_binary (c, MT_OP_SLOT, index, operand (-1, FALSE, index.type), MT_TYPE_INT);
  MtInstr *in = &g_array_index (c->code, MtInstr, mt_here (c) - 1);
  in->b = in->a; /* SLOT: list in a, index in b */
  in->flags = (guint8)((in->flags & ~(MT_KILL_A | MT_KILL_B)) | (in->flags & MT_KILL_A ? MT_KILL_B : 0));
  in->a = (gint16)base.slot;
  out.type = mt_type_find (base.type)->element;
  mt_discard (c, base);
  return out;
}

static MtOperand
compile_membership (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  gint var;
  MtOperand list = { 0 }, out;
  MtOperand value = mt_compile_expr (c, e->args[0], reading);
  if (list_name (c, e->args[1], &var, &list) && var >= 0)
    {
      mt_unify (c, mt_type_find (plan_of (c, var)->type)->element, value.type, e->args[0]->mark, e->args[0]->width, "an item of the list");
      guint flags;
      out = result_of (c, value, operand (-1, FALSE, value.type), MT_TYPE_BOOL, &flags);
      mt_emit_op (c, &mt_op_contains, out.slot, value.slot, -1, var, flags | MT_ALWAYS);
    }
  else
    {
      list = mt_compile_expr (c, e->args[1], reading);
      if (!is_kind (list, MT_TYPE_LIST))
        {
          if (!is_excused (list))
            mt_compile_error (c, e->args[1]->mark, e->args[1]->width, NULL, "'in' needs a list at its right");
          mt_discard (c, list);
          mt_discard (c, value);
          return nothing (c);
        }
      mt_unify (c, mt_type_find (list.type)->element, value.type, e->args[0]->mark, e->args[0]->width, "an item of the list");
      out = emit_binary (c, MT_OP_SLOTIN, value, operand (list.slot, FALSE, list.type), MT_TYPE_BOOL);
      MtInstr *in = &g_array_index (c->code, MtInstr, mt_here (c) - 1);
      in->b = in->a; /* SLOTIN: list in a, value in b */
      in->a = (gint16)list.slot;
      in->flags = (guint8)((in->flags & ~(MT_KILL_A | MT_KILL_B)) | (in->flags & MT_KILL_A ? MT_KILL_B : 0));
      mt_discard (c, list);
    }
  return e->op == MT_OPERATOR_NOT_IN ? emit_unary (c, MT_OP_NOT, out, 0, MT_TYPE_BOOL) : out;
}

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
      return nothing (c);
    }
  if (!equality && ta->known && (ta->kind == MT_TYPE_STRING || ta->kind == MT_TYPE_LIST))
    mt_compile_error (c, e->mark, e->width, "they can be compared with == and != only", "%s have no order", ta->kind == MT_TYPE_LIST ? "lists" : "strings");
  if (is_kind (a, MT_TYPE_LIST) && is_kind (b, MT_TYPE_LIST))
    {
      MtOperand out = mt_compile_temp (c, MT_TYPE_BOOL);
      mt_emit (c, MT_OP_SLOTEQ, out.slot, a.slot, b.slot, 0);
      mt_discard (c, a);
      mt_discard (c, b);
      return e->op == MT_OPERATOR_NE ? emit_unary (c, MT_OP_NOT, out, 0, MT_TYPE_BOOL) : out;
    }
  return emit_binary (c, opcode_of (e->op), a, b, MT_TYPE_BOOL);
}

static MtOperand
compile_binary (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  if (e->op == MT_OPERATOR_IN || e->op == MT_OPERATOR_NOT_IN)
    return compile_membership (c, e, reading);
  MtOperand a = mt_compile_expr (c, e->args[0], reading);
  Constant k;
  if ((e->op == MT_OPERATOR_ADD || e->op == MT_OPERATOR_SUB) && is_kind (a, MT_TYPE_INT) && mt_constant (c, e->args[1], &k)
      && k.kind == MT_TYPE_INT)
    return emit_unary (c, e->op == MT_OPERATOR_ADD ? MT_OP_ADDK : MT_OP_SUBK, a, k.value, MT_TYPE_INT);
  MtOperand b = mt_compile_expr (c, e->args[1], reading);
  if (!arithmetic (e->op))
    return compile_comparison (c, e, a, b);
  MtTypeKind kind = MT_TYPE_INT;
  gboolean good = want_number (c, a, e->args[0]) && want_number (c, b, e->args[1]);
  if (good && !number_result (e->op, mt_type_find (a.type)->kind, mt_type_find (b.type)->kind, &kind))
    {
      mt_compile_error (c, e->mark, e->width, "decimals are times in seconds: add times to times, multiply them by numbers",
                        "a time and a number don't go together here");
      good = FALSE;
    }
  if (!good)
    {
      mt_discard (c, a);
      mt_discard (c, b);
      return nothing (c);
    }
  return emit_binary (c, opcode_of (e->op), a, b, kind);
}

void
mt_want_condition (MtCompiler *c, MtOperand o, const MtExpr *e)
{
  if (is_kind (o, MT_TYPE_STRING))
    mt_compile_error (c, e->mark, e->width, "compare it: x != ''", "a string is no condition");
  if (is_kind (o, MT_TYPE_LIST))
    mt_compile_error (c, e->mark, e->width, "compare its length: len(x) > 0", "a list is no condition");
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
  if (is_kind (o, MT_TYPE_BOOL))
    {
      mt_compile_move (c, o, out.slot);
      return;
    }
  guint at = mt_emit (c, MT_OP_TRUTH, out.slot, o.slot, 0, 0);
  g_array_index (c->code, MtInstr, at).flags |= (guint8)(o.slot == out.slot ? 0 : mt_kill (o, o) & MT_KILL_A);
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
  g_array_index (c->code, MtInstr, skip).flags |= (guint8)(mt_kill (test, test) & MT_KILL_A);
  mt_release (c, test);
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  MtOperand a = mt_compile_expr (c, e->args[1], reading);
  out.type = a.type;
  mt_compile_move (c, a, out.slot);
  guint end = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  mt_patch (c, skip, mt_here (c));
  MtOperand b = mt_compile_expr (c, e->args[2], reading);
  mt_unify (c, a.type, b.type, e->args[2]->mark, e->args[2]->width, "the value before 'if'");
  if (is_kind (a, MT_TYPE_LIST))
    mt_compile_error (c, e->mark, e->width, "use an if step", "a conditional expression gives a number, a truth value or a string");
  mt_compile_move (c, b, out.slot);
  mt_patch (c, end, mt_here (c));
  return out;
}

/* Functions. */

static gboolean
want_arguments (MtCompiler *c, const MtExpr *e, guint min, guint max)
{
  if (e->n >= min && e->n <= max)
    return TRUE;
  mt_compile_error (c, e->mark, e->width, NULL, "%s() takes %s%u argument%s, not %u", e->name, max > min ? "at least " : "", min, min == 1 ? "" : "s", e->n);
  return FALSE;
}

static MtOperand
compile_len (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  gint var;
  MtOperand list = { 0 };
  if (list_name (c, e->args[0], &var, &list) && var >= 0)
    {
      if (plan_of (c, var)->fixed)
        return emit_constant (c, (Constant){ MT_TYPE_INT, (gint32)mt_type_find (plan_of (c, var)->type)->capacity });
      MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
      mt_emit_op (c, &mt_op_length, out.slot, 0, -1, var, MT_ALWAYS);
      return out;
    }
  list = mt_compile_expr (c, e->args[0], reading);
  if (!is_kind (list, MT_TYPE_LIST))
    {
      if (!is_excused (list))
        mt_compile_error (c, e->mark, e->width, "size(q) tells how many items a queue holds", "len() needs a list");
      mt_discard (c, list);
      return nothing (c);
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
  if (!want_number (c, out, e->args[0]))
    {
      mt_discard (c, out);
      return nothing (c);
    }
  for (guint i = 1; i < e->n; i++)
    {
      MtOperand next = mt_compile_expr (c, e->args[i], reading);
      if (!want_number (c, next, e->args[i]))
        continue;
      if (is_kind (out, MT_TYPE_TIME) != is_kind (next, MT_TYPE_TIME))
        mt_compile_error (c, e->mark, e->width, "write all with decimals, or none", "%s() of a time and a number", e->name);
      out = emit_binary (c, op, out, next, mt_type_find (out.type)->kind);
    }
  return out;
}

static MtOperand
compile_abs (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  MtOperand value = compile_extreme (c, e, reading, MT_OP_MAX);
  return emit_unary (c, MT_OP_ABS, value, 0, is_kind (value, MT_TYPE_TIME) ? MT_TYPE_TIME : MT_TYPE_INT);
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
  if (!want_number (c, a, e->args[0]) || !want_number (c, b, e->args[1]))
    return nothing (c);
  if (!number_result (MT_OPERATOR_SUB, mt_type_find (a.type)->kind, mt_type_find (b.type)->kind, &kind))
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
  MtOperand out = result_of (c, a, b, kind, &flags);
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
      return nothing (c);
    }
  g_array_append_val (c->label_uses, use);
  gint32 first = 0;
  guint n = 0;
  MtOperand index = operand (-1, FALSE, out.type);
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
compile_object_function (MtCompiler *c, const MtExpr *e, const MtFunctionSpec *f, const MtPrimitive *primitive)
{
  MtOperand out = mt_compile_temp (c, f->result);
  gint32 object = 0;
  MtOperand index = operand (-1, FALSE, out.type);
  guint n;
  gboolean good;
  if (f->bare)
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

static MtOperand
compile_call (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  const MtPrimitive *primitive = NULL;
  const MtFunctionSpec *f;
  if (g_str_equal (e->name, "len"))
    return want_arguments (c, e, 1, 1) ? compile_len (c, e, reading) : nothing (c);
  if (g_str_equal (e->name, "min") || g_str_equal (e->name, "max"))
    return want_arguments (c, e, 2, 100) ? compile_extreme (c, e, reading, e->name[1] == 'i' ? MT_OP_MIN : MT_OP_MAX) : nothing (c);
  if (g_str_equal (e->name, "abs"))
    return want_arguments (c, e, 1, 1) ? compile_abs (c, e, reading) : nothing (c);
  if (g_str_equal (e->name, "random"))
    return want_arguments (c, e, 2, 2) ? compile_random (c, e, reading) : nothing (c);
  if (g_str_equal (e->name, "at"))
    return want_arguments (c, e, 2, 2) ? compile_at (c, e, FALSE) : nothing (c);
  if (g_str_equal (e->name, "count_at"))
    return want_arguments (c, e, 1, 1) ? compile_at (c, e, TRUE) : nothing (c);
  if (e->n > 0)
    {
      const MtPrimitive *of = object_primitive (c, e->args[0]);
      if (of && (f = find_function (e->name, &primitive, of)))
        return want_arguments (c, e, 1, 1) ? compile_object_function (c, e, f, primitive) : nothing (c);
    }
  if ((f = find_function (e->name, &primitive, NULL)))
    {
      guint n = f->bare ? 0 : 1;
      return want_arguments (c, e, n, n) ? compile_object_function (c, e, f, primitive) : nothing (c);
    }
  GPtrArray *names = g_ptr_array_new ();
  static const gchar *const plain[] = { "len", "min", "max", "abs", "random", "at", "count_at" };
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_ptr_array_add (names, (gpointer)plain[i]);
  for (guint i = 0; mt_primitives[i]; i++)
    for (f = mt_primitives[i]->functions; f && f->name; f++)
      g_ptr_array_add (names, (gpointer)f->name);
  g_ptr_array_add (names, NULL);
  g_autofree gchar *near = mt_did_you_mean (e->name, (const gchar *const *)names->pdata);
  g_ptr_array_unref (names);
  gboolean user = FALSE;
  for (guint i = 0; i < c->model->functions->len; i++)
    user = user || g_str_equal (((MtFunction *)c->model->functions->pdata[i])->name, e->name);
  mt_compile_error (c, e->mark, (guint)g_utf8_strlen (e->name, -1),
                    user ? "a function of the model is a step: {call: f, args: [..], into: x}" : near, "no function '%s' in expressions", e->name);
  return nothing (c);
}

MtOperand
mt_compile_expr (MtCompiler *c, const MtExpr *e, MtReading reading)
{
  Constant value;
  if (mt_constant (c, e, &value))
    return emit_constant (c, value);
  switch (e->kind)
    {
    case MT_EXPR_NAME:
      return compile_name (c, e);
    case MT_EXPR_INDEX:
      return compile_element (c, e, reading);
    case MT_EXPR_CALL:
      return compile_call (c, e, reading);
    case MT_EXPR_UNARY:
      {
        MtOperand a = mt_compile_expr (c, e->args[0], reading);
        if (e->op == MT_OPERATOR_NOT)
          {
            mt_want_condition (c, a, e->args[0]);
            return emit_unary (c, MT_OP_NOT, a, 0, MT_TYPE_BOOL);
          }
        if (want_number (c, a, e->args[0]))
          return emit_unary (c, MT_OP_NEG, a, 0, mt_type_find (a.type)->kind);
        mt_discard (c, a);
        return nothing (c);
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
      return nothing (c);
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
      return emit_constant (c, (Constant){ MT_TYPE_TIME, k.kind == MT_TYPE_INT ? (gint32)((guint32)k.value * 1000u) : k.value });
    }
  MtOperand o = mt_compile_expr (c, expr, mt_in_instant (c) ? MT_INSTANT : MT_STEPWISE);
  if (is_kind (o, MT_TYPE_TIME))
    return o;
  if (!want_number (c, o, expr))
    return nothing (c);
  return emit_binary (c, MT_OP_MUL, o, emit_constant (c, (Constant){ MT_TYPE_INT, 1000 }), MT_TYPE_TIME);
}

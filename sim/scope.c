/* Local variables: of a task's steps, or of a function that is being expanded. A name that is
 * assigned anywhere in the steps and is no variable of the model is a local of all of them. */
#include "sim/compiler_private.h"

static void
local_free (gpointer data)
{
  Local *local = data;
  g_free (local->name);
  g_free (local);
}

Local *
mt_add_local (MtCompiler *c, const gchar *name, guint words, MtTypeVar *type, MtMark mark, gboolean hidden)
{
  Local *local = g_new0 (Local, 1);
  local->name = g_strdup (name);
  local->slot = c->top;
  local->words = words;
  local->type = type;
  local->from = mt_here (c);
  local->mark = mark;
  local->hidden = hidden;
  c->top += (gint)words;
  c->max_locals = MAX (c->max_locals, c->top);
  if (c->top > MAX_SLOTS)
    {
      mt_compile_error (c, mark, 1, NULL, "too many local variables");
      c->top = 0;
    }
  g_ptr_array_add (c->scope->locals, local);
  return local;
}

MtOperand
mt_hidden_local (MtCompiler *c, const gchar *name, MtTypeKind type)
{
  Local *local = mt_add_local (c, name, 1, mt_type_new (c, type), (MtMark){ 0, 0 }, TRUE);
  return (MtOperand){ local->slot, 1, FALSE, local->type };
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

/* The list that an assigned expression is, by its looks: its capacity, or 0. */
static guint
looks_like_list (MtCompiler *c, const MtExpr *e)
{
  if (!e)
    return 0;
  if (e->kind == MT_EXPR_LIST)
    return MAX (DEFAULT_CAPACITY, 2 * e->n);
  if (e->kind == MT_EXPR_COND)
    return MAX (looks_like_list (c, e->args[1]), looks_like_list (c, e->args[2]));
  if (e->kind != MT_EXPR_NAME)
    return 0;
  const Local *local = mt_find_local (c, e->name);
  if (local)
    return local->words - 1;
  gint var = mt_find_var (c, e->name);
  return var >= 0 && mt_type_is (mt_var_plan (c, var)->type, MT_TYPE_LIST) ? mt_type_find (mt_var_plan (c, var)->type)->capacity : 0;
}

static void
declare_target (MtCompiler *c, const MtExpr *target, const MtExpr *value)
{
  if (!target || target->kind != MT_EXPR_NAME || mt_find_local (c, target->name) || mt_find_var (c, target->name) >= 0)
    return;
  const MtDecl *other = g_hash_table_lookup (c->names, target->name);
  if (other)
    {
      MtMark mark;
      mt_compile_error (c, target->mark, target->width, g_ptr_array_find (c->model->params, other, NULL) ? "params are constants: use a local or a global" : NULL,
                        "'%s' can't be assigned to: it is %s (line %d)", target->name, mt_kind_of_name (c, target->name, &mark), other->mark.line);
      return;
    }
  guint capacity = looks_like_list (c, value);
  MtTypeVar *type = mt_type_unknown (c);
  if (capacity)
    {
      type = mt_type_new (c, MT_TYPE_LIST);
      type->element = mt_type_unknown (c);
      type->capacity = capacity;
    }
  mt_add_local (c, target->name, capacity + 1, type, target->mark, FALSE);
}

void
mt_declare_locals (MtCompiler *c, const GPtrArray *steps)
{
  for (guint i = 0; steps && i < steps->len; i++)
    {
      const MtStepNode *step = steps->pdata[i];
      if (!step->verb)
        {
          if (step->statement.kind == MT_STATEMENT_ASSIGN)
            declare_target (c, step->statement.target, step->statement.value);
          continue;
        }
      for (guint k = 0; k < MT_MAX_ARGS && step->verb->args[k].name; k++)
        {
          const MtArg *arg = &step->args[k];
          if (step->verb->args[k].kind == MT_ARG_TARGET)
            declare_target (c, arg->expr, NULL);
          for (guint j = 0; step->verb->args[k].kind == MT_ARG_TARGETS && arg->exprs && j < arg->exprs->len; j++)
            declare_target (c, arg->exprs->pdata[j], NULL);
          mt_declare_locals (c, arg->steps);
          for (guint j = 0; arg->branches && j < arg->branches->len; j++)
            mt_declare_locals (c, g_array_index (arg->branches, MtBranch, j).steps);
        }
    }
}

Scope *
mt_scope_push (MtCompiler *c, const MtFunction *function)
{
  Scope *scope = g_new0 (Scope, 1);
  scope->outer = c->scope;
  scope->function = function;
  scope->locals = g_ptr_array_new_with_free_func (local_free);
  scope->returns = g_array_new (FALSE, FALSE, sizeof (guint));
  scope->base = c->top;
  scope->result.slot = -1;
  scope->guards = c->guards->len;
  c->scope = scope;
  return scope;
}

void
mt_scope_params (MtCompiler *c, const GPtrArray *types)
{
  const MtFunction *f = c->scope->function;
  for (guint i = 0; i < f->params->len; i++)
    mt_add_local (c, f->params->pdata[i], 1, types->pdata[i], (MtMark){ 0, 0 }, FALSE);
}

void
mt_scope_pop (MtCompiler *c)
{
  Scope *scope = c->scope;
  GArray *rows = c->plan ? c->plan->lives : NULL;
  for (guint i = 0; i < scope->locals->len; i++)
    {
      const Local *local = scope->locals->pdata[i];
      /* after an error what would have read it may be missing */
      if (!local->read && !local->hidden && local->mark.line > 0 && local->name[0] != '_' && c->model->diags->n_errors == 0)
        {
          g_autoptr (GPtrArray) names = g_ptr_array_new ();
          for (guint k = 0; k < c->plans->len; k++)
            g_ptr_array_add (names, g_array_index (c->plans, VarPlan, k).decl->name);
          g_autofree gchar *near = mt_near_name (local->name, names);
          mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, local->mark, mt_name_width (local->name), near,
                        "local '%s' is assigned and never read", local->name);
        }
      if (rows && !local->hidden)
        {
          MtLocal row = { mt_keep_text (c, local->name), { 0 }, (guint)local->slot, local->words, local->from, mt_here (c) };
          g_array_append_val (rows, row);
          g_ptr_array_add (c->plan->param_types, local->type); /* after the parameters': see mt_finish_types() */
        }
    }
  c->scope = scope->outer;
  c->top = scope->base;
  g_ptr_array_unref (scope->locals);
  g_array_unref (scope->returns);
  g_free (scope);
}

void
mt_scope_clear (MtCompiler *c)
{
  gint size = 0, base = c->scope->base;
  for (guint i = 0; i < c->scope->locals->len; i++)
    {
      const Local *local = c->scope->locals->pdata[i];
      size = MAX (size, local->slot + (gint)local->words - base);
    }
  if (size > 0)
    mt_emit (c, MT_OP_CLEAR, base, 0, 0, size);
}

/* Calls. A function is expanded at each call, in a scope of its own; a task or a job gets its
 * arguments from the step that starts it. */
#include "sim/compiler_private.h"

#define MAX_INLINE_DEPTH 64

gboolean
mt_check_arguments (MtCompiler *c, const MtFunction *f, guint n, MtMark mark, guint width)
{
  if (f->params->len == n)
    return TRUE;
  mt_compile_error (c, mark, width, NULL, "function '%s' takes %u argument%s, not %u", f->name, f->params->len, f->params->len == 1 ? "" : "s", n);
  return FALSE;
}

/* FALSE after a finding: @f is being expanded already, or too much is. */
static gboolean
can_expand (MtCompiler *c, const MtFunction *f, MtMark mark, guint width)
{
  for (guint i = 0; i < c->functions->len; i++)
    if (g_str_equal (c->functions->pdata[i], f->name))
      {
        g_autoptr (GString) way = g_string_new (i + 1 < c->functions->len ? " through " : "");
        for (guint k = i + 1; k < c->functions->len; k++)
          g_string_append_printf (way, "%s'%s'", k > i + 1 ? ", " : "", (const gchar *)c->functions->pdata[k]);
        mt_compile_error (c, mark, width, "functions are expanded in place: use a loop", "function '%s' calls itself%s", f->name, way->str);
        return FALSE;
      }
  if (c->functions->len >= MAX_INLINE_DEPTH)
    {
      mt_compile_error (c, mark, width, NULL, "calls are nested more than %d deep", MAX_INLINE_DEPTH);
      return FALSE;
    }
  return TRUE;
}

void
mt_compile_body (MtCompiler *c, const GPtrArray *steps)
{
  GArray *outer = c->loops;
  const MtFunction *f = c->scope->function;
  c->loops = g_array_new (FALSE, FALSE, sizeof (Loop)); /* break can't leave a function */
  if (f)
    g_ptr_array_add (c->functions, f->name);
  mt_declare_locals (c, steps);
  mt_compile_steps (c, steps);
  for (guint i = 0; i < c->scope->returns->len; i++)
    mt_patch (c, g_array_index (c->scope->returns, guint, i), mt_here (c));
  if (f)
    g_ptr_array_set_size (c->functions, (gint)c->functions->len - 1);
  g_array_unref (c->loops);
  c->loops = outer;
}

void
mt_compile_call (MtCompiler *c, const gchar *function, MtMark mark, guint width, const GPtrArray *args, const MtExpr *into)
{
  MtFunction *f = mt_want_function (c, function, mark, width);
  guint n = args ? args->len : 0;
  if (!f || !mt_check_arguments (c, f, n, mark, width) || !can_expand (c, f, mark, width))
    return;
  MtOperand result = { -1, 1, FALSE, NULL };
  if (into)
    {
      result = mt_compile_temp (c, MT_TYPE_INT);
      result.type = mt_type_unknown (c);
    }
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (MtOperand));
  for (guint i = 0; i < n; i++)
    {
      MtOperand v = mt_compile_expr (c, args->pdata[i], mt_reading (c));
      if (v.words == 1)
        v = mt_own_temp (c, v); /* later arguments must not change it */
      g_array_append_val (values, v);
    }
  mt_scope_push (c, f)->result = result;
  for (guint i = 0; i < n; i++)
    {
      MtOperand v = g_array_index (values, MtOperand, i);
      Local *param = mt_add_local (c, f->params->pdata[i], v.words, mt_type_unknown (c), (MtMark){ 0, 0 }, FALSE);
      param->type = v.words > 1 ? v.type : param->type;
      mt_unify (c, param->type, v.type, mark, width, "the argument");
      if (v.words > 1)
        {
          mt_emit (c, MT_OP_COPY, param->slot, v.slot, 0, (gint32)v.words - 1);
          mt_discard (c, v);
        }
      else
        {
          guint at = mt_emit (c, MT_OP_MOVE, param->slot, v.slot, 0, 0);
          mt_kill_operands (c, at, MT_KILL_A);
          mt_release (c, v);
        }
    }
  mt_compile_body (c, f->steps);
  mt_scope_clear (c);
  mt_scope_pop (c);
  if (into)
    mt_compile_into (c, into, result);
}

/* Tasks and jobs that a step starts. */

void
mt_pass_arguments (MtCompiler *c, const GPtrArray *args, const GPtrArray *types, gint base, const gchar *to, const gchar *hint)
{
  for (guint i = 0; args && i < args->len; i++)
    {
      const MtExpr *e = args->pdata[i];
      MtOperand v = mt_compile_expr (c, e, mt_reading (c));
      if (v.words > 1)
        mt_compile_error (c, e->mark, e->width, hint, "a list can't be passed to %s", to);
      else
        mt_unify (c, types->pdata[i], v.type, e->mark, e->width, "the parameter");
      mt_compile_move (c, v, base + (gint)i);
    }
}

void
mt_compile_start_args (MtCompiler *c, gint32 first, const GPtrArray *args, gint base, MtMark mark)
{
  const MtTask *t = &g_array_index (c->tasks, MtTask, first);
  ClassPlan *plan = c->class_plans->pdata[t->class_];
  guint n = args ? args->len : 0, expected = plan->decl->args ? 0 : plan->row.n_params;
  if (n != expected)
    {
      mt_compile_error (c, mark, 5, plan->decl->args ? "its args stand in its declaration" : NULL, "task '%s' takes %u argument%s here, not %u", t->group, expected, expected == 1 ? "" : "s", n);
      return;
    }
  mt_pass_arguments (c, args, plan->param_types, base, "a task", "put it under globals");
}

gint
mt_compile_job (MtCompiler *c, gint32 object, const MtNode *function, const GPtrArray *args)
{
  const PoolPlan *pool = NULL;
  for (guint i = 0; i < c->pools->len && !pool; i++)
    pool = ((PoolPlan *)c->pools->pdata[i])->object == (guint)object ? c->pools->pdata[i] : NULL;
  MtFunction *f = mt_want_function (c, function->text, function->mark, function->width);
  guint n = args ? args->len : 0, k = 0;
  if (!pool || !f || !mt_check_arguments (c, f, n, function->mark, function->width))
    return -1;
  while (((JobPlan *)pool->jobs->pdata[k])->function != f)
    k++;
  const JobPlan *job = pool->jobs->pdata[k];
  gint base = mt_compile_temps (c, 1 + g_array_index (c->objects, MtObject, object).arity);
  mt_pass_arguments (c, args, job->types, base + 1, "a pool's worker", "put it under shared");
  mt_emit (c, MT_OP_CONST, base, 0, 0, (gint32)k);
  return base;
}

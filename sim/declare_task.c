/* Declarations of tasks: a row for each task and for each worker of a pool, and the classes of
 * those that share their code. */
#include "sim/compiler_private.h"

#define MAX_TASKS 1000

/* name: "Thread-{id}": a constant text for each task. */
static MtWord
task_self (MtCompiler *c, const MtTaskDecl *d, const gchar *name, guint id)
{
  if (!d->label)
    return mt_intern (c, name);
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < d->label->len; i++)
    {
      const MtPiece *piece = &g_array_index (d->label, MtPiece, i);
      Constant k;
      if (piece->literal)
        g_string_append (out, piece->literal);
      else if (piece->expr->kind == MT_EXPR_NAME && g_str_equal (piece->expr->name, "id"))
        g_string_append_printf (out, "%u", id);
      else if (mt_constant (c, piece->expr, &k) && k.kind == MT_TYPE_STRING)
        g_string_append (out, c->strings->pdata[k.value]);
      else if (mt_constant (c, piece->expr, &k))
        g_string_append_printf (out, "%d", k.value);
      else
        mt_compile_error (c, piece->mark, 1, "use id and params", "a task's name must be known before the run");
    }
  return mt_intern (c, out->str);
}

/* The pools, and what their workers may have to do. */
static void
plan_pools (MtCompiler *c)
{
  for (guint i = 0; i < c->objects->len; i++)
    {
      MtObject *o = &g_array_index (c->objects, MtObject, i);
      if (o->primitive != &mt_primitive_pool || o->index > 0)
        continue;
      PoolPlan *pool = g_new0 (PoolPlan, 1);
      pool->decl = g_hash_table_lookup (c->names, o->group);
      pool->object = i;
      pool->workers = (guint)o->setting[MT_POOL_WORKERS];
      pool->jobs = g_ptr_array_new ();
      g_ptr_array_add (c->pools, pool);
      if (!g_str_equal (o->name, o->group))
        mt_compile_error (c, o->mark, mt_name_width (o->group), "declare each under its own name", "a pool can't be an array");
      o->arity = 1;
      g_autoptr (GPtrArray) functions = mt_submitted_to (c, o->group);
      for (guint k = 0; k < functions->len; k++)
        {
          JobPlan *job = g_new0 (JobPlan, 1);
          job->function = functions->pdata[k];
          job->types = g_ptr_array_new ();
          for (guint n = 0; n < job->function->params->len; n++)
            g_ptr_array_add (job->types, mt_type_unknown (c));
          g_ptr_array_add (pool->jobs, job);
          o->arity = MAX (o->arity, job->types->len);
        }
      mt_item_plan (c, (gint32)i)->arity = o->arity;
    }
}

static gboolean
enough_tasks (MtCompiler *c, guint n, MtMark mark)
{
  if (c->tasks->len + n <= MAX_TASKS)
    return TRUE;
  mt_compile_error (c, mark, 1, NULL, "more than %d tasks", MAX_TASKS);
  return FALSE;
}

/* The coroutines of a process share a carrier. */
static guint
carrier_of (GArray *carriers, guint process)
{
  guint k = 0;
  while (k < carriers->len && g_array_index (carriers, guint, k) != process)
    k++;
  if (k == carriers->len)
    g_array_append_val (carriers, process);
  return k;
}

void
mt_declare_tasks (MtCompiler *c)
{
  g_autoptr (GArray) carriers = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < c->model->tasks->len; i++)
    {
      const MtTaskDecl *d = c->model->tasks->pdata[i];
      gint32 count = 1;
      if (d->count)
        mt_constant_int (c, d->count, "count", NULL, 1, MAX_TASKS, &count);
      g_array_append_val (c->task_counts, count);
    }
  plan_pools (c);
  g_autoptr (GArray) first_process = mt_plan_processes (c);
  for (guint i = 0; i < c->model->tasks->len; i++)
    {
      const MtTaskDecl *d = c->model->tasks->pdata[i];
      MtTask row = { .group = mt_keep_text (c, d->name), .mark = d->mark, .kind = d->kind, .first = c->tasks->len,
                     .count = g_array_index (c->task_counts, guint, i), .daemon = d->daemon, .starts = !mt_started_by_a_step (c, d->name) };
      if (!enough_tasks (c, row.count, d->mark))
        return;
      for (row.index = 0; row.index < row.count; row.index++)
        {
          row.name = d->count ? mt_keep (c, g_strdup_printf ("%s[%u]", d->name, row.index + 1)) : row.group;
          row.self = task_self (c, d, row.name, row.index + 1);
          row.process = g_array_index (first_process, guint, i) + (d->kind == MT_TASK_PROCESS ? row.index : 0);
          row.carrier = d->kind == MT_TASK_COROUTINE ? carrier_of (carriers, row.process) : 0;
          g_array_append_val (c->tasks, row);
        }
    }
  for (guint i = 0; i < c->pools->len; i++)
    {
      const PoolPlan *pool = c->pools->pdata[i];
      MtTask row = { .group = mt_keep_text (c, pool->decl->name), .mark = pool->decl->mark, .kind = MT_TASK_WORKER, .first = c->tasks->len,
                     .count = pool->workers, .daemon = TRUE, .starts = TRUE };
      if (!enough_tasks (c, row.count, row.mark))
        return;
      g_array_index (c->objects, MtObject, pool->object).setting[MT_POOL_FIRST] = (gint32)row.first;
      for (row.index = 0; row.index < row.count; row.index++)
        {
          row.name = mt_keep (c, g_strdup_printf ("%s[%u]", row.group, row.index + 1));
          row.self = mt_intern (c, row.name);
          row.process = g_array_index (first_process, guint, c->model->tasks->len + i) + row.index;
          g_array_append_val (c->tasks, row);
        }
    }
  c->program->n_carriers = carriers->len;
}

static ClassPlan *
class_new (MtCompiler *c, const MtTask *t, const MtTaskDecl *d, const PoolPlan *pool)
{
  ClassPlan *plan = g_new0 (ClassPlan, 1);
  plan->kind = t->kind;
  plan->decl = d;
  plan->pool = pool;
  plan->process = t->process;
  plan->max_ways = 2;
  plan->row.name = mt_keep_text (c, t->group);
  plan->lives = g_array_new (FALSE, TRUE, sizeof (MtLocal));
  plan->param_types = g_ptr_array_new ();
  MtFunction *f = d && d->run ? mt_find_function (c, d->run) : NULL;
  plan->row.n_params = f ? f->params->len : 0;
  for (guint i = 0; i < plan->row.n_params; i++)
    g_ptr_array_add (plan->param_types, mt_type_unknown (c));
  g_ptr_array_add (c->class_plans, plan);
  return plan;
}

/* A class for each declaration, and one for each process where there are globals: those of two
 * processes have different addresses. */
void
mt_plan_classes (MtCompiler *c)
{
  const MtTask *before = NULL;
  for (guint at = 0, decl = 0; at < c->tasks->len; at++)
    {
      MtTask *t = &g_array_index (c->tasks, MtTask, at);
      decl += before && before->first != t->first ? 1 : 0;
      guint n = c->model->tasks->len;
      if (!before || before->first != t->first || (before->process != t->process && c->n_globals > 0))
        class_new (c, t, decl < n ? c->model->tasks->pdata[decl] : NULL, decl < n ? NULL : c->pools->pdata[decl - n]);
      t->class_ = c->class_plans->len - 1;
      before = t;
    }
}

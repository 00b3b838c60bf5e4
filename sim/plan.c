/* What the text of the steps tells before any of it is compiled: which tasks wait to be started,
 * which process each belongs to, and which functions a pool's workers may be given.
 *
 * A thread or coroutine belongs to the process that starts it. That is found from which bodies
 * contain its `start`, with the functions they call; started from two processes it is an error,
 * since its globals have one address. Process 0 is the main one: the threads and coroutines that
 * start with the model live there; where there are none, the first process that starts with the
 * model is it. Properties speak of process 0's globals. */
#include "sim/compiler_private.h"

typedef void (*Visit) (const MtStepNode *step, gpointer data);

static void
each_step (const GPtrArray *steps, Visit visit, gpointer data)
{
  for (guint i = 0; steps && i < steps->len; i++)
    {
      const MtStepNode *step = steps->pdata[i];
      if (!step->verb)
        continue;
      visit (step, data);
      for (guint k = 0; k < MT_MAX_ARGS && step->verb->args[k].name; k++)
        {
          each_step (step->args[k].steps, visit, data);
          for (guint j = 0; step->args[k].branches && j < step->args[k].branches->len; j++)
            each_step (g_array_index (step->args[k].branches, MtBranch, j).steps, visit, data);
        }
    }
}

static gboolean
is_verb (const MtStepNode *step, const gchar *name)
{
  return g_str_equal (step->verb->name, name);
}

/* The name in `name` or `name[i]`, or NULL. */
static const gchar *
named (const MtExpr *e)
{
  if (e && e->kind == MT_EXPR_INDEX)
    e = e->args[0];
  return e && e->kind == MT_EXPR_NAME ? e->name : NULL;
}

static const gchar *
function_named (const MtStepNode *step)
{
  const MtNode *node = step->args[0].node;
  return node && node->kind == MT_NODE_SCALAR ? node->text : NULL;
}

/* All that a body may start, through the functions it calls. */
typedef struct
{
  MtCompiler *c;
  GPtrArray *functions; /* MtFunction: been there */
  GPtrArray *starts; /* gchar*: names of tasks */
} Reach;

static void reach_steps (Reach *reach, const GPtrArray *steps);

static void
reach_function (Reach *reach, const gchar *name)
{
  const MtFunction *f = name ? mt_find_function (reach->c, name) : NULL;
  if (!f || g_ptr_array_find (reach->functions, f, NULL))
    return;
  g_ptr_array_add (reach->functions, (gpointer)f);
  reach_steps (reach, f->steps);
}

static void
visit_reach (const MtStepNode *step, gpointer data)
{
  Reach *reach = data;
  if (is_verb (step, "call"))
    reach_function (reach, function_named (step));
  else if (is_verb (step, "start") && named (step->args[0].expr))
    g_ptr_array_add (reach->starts, (gpointer)named (step->args[0].expr));
}

static void
reach_steps (Reach *reach, const GPtrArray *steps)
{
  each_step (steps, visit_reach, reach);
}

static Reach
reach_new (MtCompiler *c)
{
  return (Reach){ c, g_ptr_array_new (), g_ptr_array_new () };
}

static void
reach_clear (Reach *reach)
{
  g_ptr_array_unref (reach->functions);
  g_ptr_array_unref (reach->starts);
}

static gboolean
reaches (const Reach *reach, const gchar *task)
{
  return g_ptr_array_find_with_equal_func (reach->starts, task, g_str_equal, NULL);
}

gboolean
mt_started_by_a_step (MtCompiler *c, const gchar *task)
{
  Reach reach = reach_new (c);
  for (guint i = 0; i < c->model->tasks->len; i++)
    reach_steps (&reach, ((MtTaskDecl *)c->model->tasks->pdata[i])->steps);
  for (guint i = 0; i < c->model->functions->len; i++)
    reach_steps (&reach, ((MtFunction *)c->model->functions->pdata[i])->steps);
  gboolean found = reaches (&reach, task);
  reach_clear (&reach);
  return found;
}

/* Jobs of pools. */

typedef struct
{
  MtCompiler *c;
  const gchar *pool;
  GPtrArray *functions; /* MtFunction, in the order of their first submit */
} Submits;

static void
visit_submit (const MtStepNode *step, gpointer data)
{
  Submits *submits = data;
  const gchar *pool = is_verb (step, "submit") ? named (step->args[1].expr) : NULL;
  const gchar *name = pool && g_str_equal (pool, submits->pool) ? function_named (step) : NULL;
  MtFunction *f = name ? mt_find_function (submits->c, name) : NULL;
  if (f && !g_ptr_array_find (submits->functions, f, NULL))
    g_ptr_array_add (submits->functions, f);
}

GPtrArray *
mt_submitted_to (MtCompiler *c, const gchar *pool)
{
  Submits submits = { c, pool, g_ptr_array_new () };
  for (guint i = 0; i < c->model->tasks->len; i++)
    each_step (((MtTaskDecl *)c->model->tasks->pdata[i])->steps, visit_submit, &submits);
  for (guint i = 0; i < c->model->functions->len; i++)
    each_step (((MtFunction *)c->model->functions->pdata[i])->steps, visit_submit, &submits);
  return submits.functions;
}

/* Homes: where a task lives, as the number of a declaration (of a process, or behind the tasks of
 * a pool) until processes are counted. */
enum
{
  HOME_UNKNOWN = -2,
  HOME_MAIN = -1,
};

typedef struct
{
  const gchar *name;
  guint n; /* how many processes this is: a count, a pool's workers */
  Reach reach;
  gint home;
} Unit;

static Unit
task_unit (MtCompiler *c, guint i)
{
  const MtTaskDecl *d = c->model->tasks->pdata[i];
  Unit unit = { d->name, g_array_index (c->task_counts, guint, i), reach_new (c), HOME_UNKNOWN };
  reach_steps (&unit.reach, d->steps);
  reach_function (&unit.reach, d->run);
  if (d->kind == MT_TASK_PROCESS)
    unit.home = (gint)i;
  else if (!mt_started_by_a_step (c, d->name))
    unit.home = HOME_MAIN;
  return unit;
}

static Unit
pool_unit (MtCompiler *c, const PoolPlan *pool, guint home)
{
  Unit unit = { pool->decl->name, pool->workers, reach_new (c), (gint)home };
  for (guint k = 0; k < pool->jobs->len; k++)
    reach_function (&unit.reach, ((JobPlan *)pool->jobs->pdata[k])->function->name);
  return unit;
}

/* Task @i is started by @starter: it lives where that lives. TRUE when this was news. */
static gboolean
move_in (MtCompiler *c, GArray *units, guint i, const Unit *starter)
{
  const MtTaskDecl *d = c->model->tasks->pdata[i];
  Unit *unit = &g_array_index (units, Unit, i);
  if (d->kind == MT_TASK_PROCESS || starter->home == HOME_UNKNOWN || starter->home == unit->home || !reaches (&starter->reach, d->name))
    return FALSE;
  const gchar *kind = d->kind == MT_TASK_COROUTINE ? "coroutine" : "thread", *hint = "a task belongs to the process that starts it: declare one for each process";
  guint width = (guint)g_utf8_strlen (d->name, -1);
  if (starter->home != HOME_MAIN && g_array_index (units, Unit, starter->home).n > 1)
    mt_compile_error (c, d->mark, width, hint, "%s '%s' is started from several processes, those of '%s'", kind, d->name,
                      g_array_index (units, Unit, starter->home).name);
  else if (unit->home != HOME_UNKNOWN)
    mt_compile_error (c, d->mark, width, hint, "%s '%s' is started from two processes, %s and %s", kind, d->name,
                      unit->home == HOME_MAIN ? "the main one" : g_array_index (units, Unit, unit->home).name,
                      starter->home == HOME_MAIN ? "the main one" : g_array_index (units, Unit, starter->home).name);
  if (unit->home != HOME_UNKNOWN)
    return FALSE;
  unit->home = starter->home;
  return TRUE;
}

/* Tasks that are only started by each other never are. */
static void
check_all_start (MtCompiler *c, const GArray *units)
{
  guint n_tasks = c->model->tasks->len;
  g_autofree gboolean *starts = g_new0 (gboolean, units->len + 1);
  for (guint i = 0; i < units->len; i++)
    starts[i] = i >= n_tasks || !mt_started_by_a_step (c, g_array_index (units, Unit, i).name);
  for (gboolean news = TRUE; news;)
    {
      news = FALSE;
      for (guint k = 0; k < units->len; k++)
        for (guint i = 0; starts[k] && i < n_tasks; i++)
          if (!starts[i] && reaches (&g_array_index (units, Unit, k).reach, g_array_index (units, Unit, i).name))
            starts[i] = news = TRUE;
    }
  for (guint i = 0; i < n_tasks; i++)
    if (!starts[i])
      mt_compile_error (c, ((MtTaskDecl *)c->model->tasks->pdata[i])->mark, mt_name_width (g_array_index (units, Unit, i).name),
                        "a task that a 'start' mentions waits for it: start it from a task that starts with the model", "'%s' is never started", g_array_index (units, Unit, i).name);
}

GArray *
mt_plan_processes (MtCompiler *c)
{
  g_autoptr (GArray) units = g_array_new (FALSE, FALSE, sizeof (Unit));
  GArray *first = g_array_new (FALSE, TRUE, sizeof (guint));
  guint n_tasks = c->model->tasks->len, errors = c->model->diags->n_errors;
  for (guint i = 0; i < n_tasks + c->pools->len; i++)
    {
      Unit unit = i < n_tasks ? task_unit (c, i) : pool_unit (c, c->pools->pdata[i - n_tasks], i);
      g_array_append_val (units, unit);
    }
  for (gboolean news = TRUE; news && c->model->diags->n_errors == errors;)
    {
      news = FALSE;
      for (guint i = 0; i < n_tasks; i++)
        for (guint k = 0; k < units->len; k++)
          news = move_in (c, units, i, &g_array_index (units, Unit, k)) || news;
    }
  check_all_start (c, units);
  /* who is process 0 */
  gint main = HOME_UNKNOWN;
  for (guint i = 0; i < n_tasks; i++)
    {
      Unit *unit = &g_array_index (units, Unit, i);
      if (unit->home == HOME_UNKNOWN) /* only its own kind would start it, so nobody does */
        unit->home = HOME_MAIN;
      if (unit->home == HOME_MAIN)
        main = HOME_MAIN;
    }
  for (guint pass = 0; pass < 2 && main == HOME_UNKNOWN; pass++)
    for (guint i = 0; i < n_tasks && main == HOME_UNKNOWN; i++)
      if (pass == 1 || !mt_started_by_a_step (c, ((MtTaskDecl *)c->model->tasks->pdata[i])->name))
        main = g_array_index (units, Unit, i).home;
  guint n = main >= 0 ? g_array_index (units, Unit, main).n : 1;
  g_array_set_size (first, units->len);
  for (guint i = 0; i < units->len; i++)
    {
      const Unit *unit = &g_array_index (units, Unit, i);
      if (unit->home == (gint)i && (gint)i != main)
        {
          g_array_index (first, guint, i) = n;
          n += unit->n;
        }
    }
  for (guint i = 0; i < n_tasks; i++)
    {
      gint home = g_array_index (units, Unit, i).home;
      if (home >= 0)
        g_array_index (first, guint, i) = g_array_index (first, guint, home);
    }
  for (guint i = 0; i < units->len; i++)
    reach_clear (&g_array_index (units, Unit, i).reach);
  c->program->n_processes = n;
  return first;
}

/* Names: what a name in the author's text means here, and what is said where it means nothing of
 * the kind, with the nearest name that would. */
#include "sim/compiler_private.h"
#include <string.h>

/* Declarations: each begins with its name. */
static void
add_names (GPtrArray *names, const GPtrArray *decls)
{
  for (guint i = 0; i < decls->len; i++)
    g_ptr_array_add (names, ((MtDecl *)decls->pdata[i])->name);
}

guint
mt_name_width (const gchar *name)
{
  return (guint)g_utf8_strlen (name, -1);
}

gchar *
mt_near_name (const gchar *name, GPtrArray *names)
{
  g_ptr_array_add (names, NULL);
  return mt_did_you_mean (name, (const gchar *const *)names->pdata);
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

void
mt_report_undeclared (MtCompiler *c, const MtExpr *e)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; c->scope && i < c->scope->locals->len; i++)
    if (!((Local *)c->scope->locals->pdata[i])->hidden)
      g_ptr_array_add (names, ((Local *)c->scope->locals->pdata[i])->name);
  GPtrArray *const lists[] = { c->model->params, c->model->variables, c->model->objects, c->model->tasks, c->model->functions };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    add_names (names, lists[i]);
  g_autofree gchar *near = mt_near_name (e->name, names);
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

static void
no_such (MtCompiler *c, const MtExpr *e, const gchar *name, const gchar *noun, const GPtrArray *decls, const MtPrimitive *primitive)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < decls->len; i++)
    {
      const MtDecl *d = decls->pdata[i];
      if (!primitive || d->primitive == primitive)
        g_ptr_array_add (names, d->name);
    }
  g_autofree gchar *hint = mt_near_name (name, names);
  MtMark mark;
  const gchar *kind = mt_kind_of_name (c, name, &mark);
  if (kind)
    mt_compile_error (c, e->mark, e->width, hint, "'%s' is %s (line %d), not %s", name, kind, mark.line, noun);
  else if (mt_find_local (c, name))
    mt_compile_error (c, e->mark, e->width, hint, "'%s' is a local, not %s", name, noun);
  else
    mt_compile_error (c, e->mark, e->width, hint, "%s '%s' is not declared", mt_bare_noun (noun), name);
}

const gchar *
mt_bare_noun (const gchar *noun)
{
  return strchr (noun, ' ') ? strchr (noun, ' ') + 1 : noun;
}

/* Variables and lists. */

gint
mt_find_var (MtCompiler *c, const gchar *name)
{
  for (guint i = 0; i < c->plans->len; i++)
    if (g_str_equal (g_array_index (c->plans, VarPlan, i).decl->name, name))
      return (gint)(i < c->n_shared ? i : i + c->process * c->n_globals);
  return -1;
}

const VarPlan *
mt_var_plan (MtCompiler *c, gint var)
{
  return &g_array_index (c->plans, VarPlan, (guint)var < c->n_shared ? (guint)var : c->n_shared + ((guint)var - c->n_shared) % c->n_globals);
}

gboolean
mt_list_name (MtCompiler *c, const MtExpr *e, gint *var, MtOperand *local)
{
  *var = -1;
  if (e->kind != MT_EXPR_NAME)
    return FALSE;
  Local *l = mt_find_local (c, e->name);
  if (l)
    {
      l->read = TRUE;
      *local = (MtOperand){ l->slot, l->words, FALSE, l->type };
      return mt_type_is (local->type, MT_TYPE_LIST);
    }
  *var = mt_find_var (c, e->name);
  return *var >= 0 && mt_type_is (mt_var_plan (c, *var)->type, MT_TYPE_LIST);
}

gboolean
mt_resolve_list (MtCompiler *c, const MtExpr *expr, gint *var, MtOperand *local)
{
  if (mt_list_name (c, expr, var, local))
    return TRUE;
  MtMark mark;
  const gchar *kind = expr->kind == MT_EXPR_NAME ? mt_kind_of_name (c, expr->name, &mark) : NULL;
  if (expr->kind == MT_EXPR_NAME && !kind && !mt_find_local (c, expr->name))
    mt_report_undeclared (c, expr);
  else if (kind && *var < 0)
    mt_compile_error (c, expr->mark, expr->width, NULL, "'%s' is %s (line %d), not a list", expr->name, kind, mark.line);
  else if (*var >= 0 || !local->type || !mt_is_excused (*local))
    {
      g_autofree gchar *text = mt_expr_to_text (expr);
      mt_compile_error (c, expr->mark, expr->width, NULL, "'%s' is not a list", text);
    }
  return FALSE;
}

gboolean
mt_check_index (MtCompiler *c, gint var, const MtExpr *index)
{
  Constant k;
  gint room = (gint)mt_type_find (mt_var_plan (c, var)->type)->capacity;
  if (!mt_constant (c, index, &k) || k.kind != MT_TYPE_INT || (k.value >= -room && k.value < room))
    return TRUE;
  mt_compile_error (c, index->mark, index->width, NULL, "index %d is out of range: %s has room for %d items", k.value, mt_var_plan (c, var)->decl->name, room);
  return FALSE;
}

/* Functions and labels. */

MtFunction *
mt_find_function (MtCompiler *c, const gchar *name)
{
  for (guint i = 0; i < c->model->functions->len; i++)
    if (g_str_equal (((MtFunction *)c->model->functions->pdata[i])->name, name))
      return c->model->functions->pdata[i];
  return NULL;
}

MtFunction *
mt_want_function (MtCompiler *c, const gchar *name, MtMark mark, guint width)
{
  MtFunction *f = mt_find_function (c, name);
  if (f)
    {
      f->used = TRUE;
      return f;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  add_names (names, c->model->functions);
  g_autofree gchar *hint = mt_near_name (name, names);
  MtMark declared;
  const gchar *kind = mt_kind_of_name (c, name, &declared);
  if (kind)
    mt_compile_error (c, mark, width, hint ? hint : "what is called, run or submitted is declared under functions", "'%s' is %s (line %d), not a function", name, kind, declared.line);
  else
    mt_compile_error (c, mark, width, hint, "function '%s' is not declared", name);
  return NULL;
}

void
mt_check_labels (MtCompiler *c)
{
  for (guint i = 0; i < c->label_uses->len; i++)
    {
      const LabelUse *use = &g_array_index (c->label_uses, LabelUse, i);
      const gchar *name = c->strings->pdata[use->name];
      gboolean found = FALSE;
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      for (guint k = 0; k < c->labels->len; k++)
        {
          g_ptr_array_add (names, (gpointer)g_array_index (c->labels, MtLabel, k).name);
          found = found || g_str_equal (g_array_index (c->labels, MtLabel, k).name, name);
        }
      g_autofree gchar *hint = mt_near_name (name, names);
      if (!found)
        mt_compile_error (c, use->mark, use->width, hint, "no step is labelled '%s'", name);
    }
}

/* Objects and tasks. */

static const gchar *
base_name (MtCompiler *c, const MtExpr *e)
{
  const MtExpr *name = e->kind == MT_EXPR_INDEX ? e->args[0] : e;
  if (name->kind == MT_EXPR_NAME)
    return name->name;
  mt_compile_error (c, e->mark, e->width, NULL, "a name expected");
  return NULL;
}

/* The index of an array's element: constant where it can be. */
static gboolean
compile_object_index (MtCompiler *c, const MtExpr *e, guint count, gint origin, gint32 *first, MtOperand *index)
{
  *index = (MtOperand){ -1, 1, FALSE, mt_type_new (c, MT_TYPE_INT) };
  Constant k;
  if (mt_constant (c, e->args[1], &k) && k.kind == MT_TYPE_INT)
    {
      if (k.value < origin || k.value >= origin + (gint)count)
        {
          mt_compile_error (c, e->args[1]->mark, e->args[1]->width, NULL, "index %d is out of range: %d to %d", k.value, origin, origin + (gint)count - 1);
          return FALSE;
        }
      *first += k.value - origin;
      return TRUE;
    }
  *index = mt_compile_expr (c, e->args[1], mt_reading (c));
  if (!mt_unify (c, mt_type_new (c, MT_TYPE_INT), index->type, e->args[1]->mark, e->args[1]->width, "an index"))
    return FALSE;
  if (origin)
    {
      MtOperand shifted = index->temp ? *index : mt_compile_temp (c, MT_TYPE_INT);
      mt_emit (c, MT_OP_SUBK, shifted.slot, index->slot, 0, origin);
      *index = shifted;
    }
  return TRUE;
}

gboolean
mt_resolve_object (MtCompiler *c, const MtExpr *e, const MtPrimitive *primitive, gint32 *object, MtOperand *index)
{
  *index = (MtOperand){ -1, 1, FALSE, NULL };
  const gchar *name = e ? base_name (c, e) : NULL;
  if (!name)
    return FALSE;
  for (guint i = 0; i < c->objects->len; i++)
    {
      const MtObject *o = &g_array_index (c->objects, MtObject, i);
      if (!g_str_equal (o->group, name))
        continue;
      if (o->primitive != primitive)
        break;
      *object = (gint32)i;
      gboolean array = !g_str_equal (o->name, o->group);
      if (e->kind == MT_EXPR_INDEX && array)
        return compile_object_index (c, e, o->count, 0, object, index);
      if (e->kind == MT_EXPR_INDEX || array)
        mt_compile_error (c, e->mark, e->width, array ? "say which: name[i]" : NULL, array ? "'%s' is an array" : "'%s' is no array", name);
      return e->kind != MT_EXPR_INDEX && !array;
    }
  no_such (c, e, name, primitive->noun, c->model->objects, primitive);
  return FALSE;
}

gboolean
mt_resolve_task (MtCompiler *c, const MtExpr *e, gint32 *first, guint *count, MtOperand *index)
{
  *index = (MtOperand){ -1, 1, FALSE, NULL };
  const gchar *name = e ? base_name (c, e) : NULL;
  if (!name)
    return FALSE;
  for (guint i = 0; i < c->tasks->len; i++)
    {
      const MtTask *t = &g_array_index (c->tasks, MtTask, i);
      if (!g_str_equal (t->group, name))
        continue;
      gboolean array = !g_str_equal (t->name, t->group);
      *first = (gint32)i;
      *count = t->count;
      if (e->kind == MT_EXPR_INDEX && array)
        {
          *count = 1;
          return compile_object_index (c, e, t->count, 1, first, index);
        }
      if (e->kind == MT_EXPR_INDEX)
        mt_compile_error (c, e->mark, e->width, NULL, "task '%s' has no count: there is only one", name);
      return e->kind != MT_EXPR_INDEX;
    }
  no_such (c, e, name, "a task", c->model->tasks, NULL);
  return FALSE;
}

void
mt_check_not_self (MtCompiler *c, gint32 first, guint n, const MtExpr *expr)
{
  const MtTask *t = &g_array_index (c->tasks, MtTask, first);
  if (c->plan && c->plan->decl && g_str_equal (c->plan->decl->name, t->group) && n == t->count)
    mt_compile_error (c, expr->mark, expr->width, NULL, "a task can't wait for its own end");
}

/* Verbs that several primitives share. */

/* The row of the verb @name that works on tasks, or NULL. */
static const MtVerb *
works_on_tasks (const gchar *name)
{
  const MtVerb *verb = NULL;
  for (guint i = 0; mt_primitives[i] && !verb; i++)
    if (!mt_primitives[i]->section)
      verb = mt_verb_find (name, mt_primitives[i]);
  return verb;
}

/* "a condition, an event or a barrier": what the verb @name works on; caller frees. */
static gchar *
nouns_of_verb (const gchar *name)
{
  g_autoptr (GPtrArray) nouns = g_ptr_array_new ();
  for (guint i = 0; mt_primitives[i]; i++)
    if (mt_verb_find (name, mt_primitives[i]))
      g_ptr_array_add (nouns, (gpointer)mt_primitives[i]->noun);
  const gchar *last = nouns->pdata[nouns->len - 1];
  if (nouns->len == 1)
    return g_strdup (last);
  nouns->pdata[nouns->len - 1] = NULL;
  g_autofree gchar *others = g_strjoinv (", ", (gchar **)nouns->pdata);
  return g_strdup_printf ("%s or %s", others, last);
}

/* "what works on a lock: lock, unlock, with"; NULL where nothing does; caller frees. */
static gchar *
what_works_on (const MtPrimitive *primitive)
{
  GString *out = g_string_new (NULL);
  for (const MtVerb *verb = primitive->verbs; verb && verb->name; verb++)
    g_string_append_printf (out, "%s%s", out->len ? ", " : "", verb->name);
  g_autofree gchar *verbs = g_string_free (out, FALSE);
  return *verbs ? g_strdup_printf ("what works on %s: %s", primitive->noun, verbs) : NULL;
}

/* A name that nothing has: is one near of what the verb works on? */
static void
undeclared_operand (MtCompiler *c, const MtStepNode *step, const MtExpr *e, const gchar *name)
{
  g_autofree gchar *nouns = nouns_of_verb (step->verb->name);
  g_autoptr (GPtrArray) near = g_ptr_array_new ();
  for (guint i = 0; i < c->model->objects->len; i++)
    if (mt_verb_find (step->verb->name, ((MtDecl *)c->model->objects->pdata[i])->primitive))
      g_ptr_array_add (near, ((MtDecl *)c->model->objects->pdata[i])->name);
  if (works_on_tasks (step->verb->name))
    add_names (near, c->model->tasks);
  g_autofree gchar *hint = mt_near_name (name, near);
  if (strstr (nouns, " or "))
    mt_compile_error (c, e->mark, e->width, hint, "'%s' is not declared: %s needs %s", name, step->verb->name, nouns);
  else
    mt_compile_error (c, e->mark, e->width, hint, "%s '%s' is not declared", mt_bare_noun (nouns), name);
}

/* The row that is meant, where several primitives share a verb's name: the one of the object named.
 * NULL after a finding: the verb does not work on that. */
const MtVerb *
mt_row_meant (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *e = step->verb->args[0].kind == MT_ARG_OBJECT ? step->args[0].expr : NULL;
  const MtExpr *named = e && e->kind == MT_EXPR_INDEX ? e->args[0] : e;
  if (!named || named->kind != MT_EXPR_NAME)
    return step->verb;
  const MtDecl *d = g_hash_table_lookup (c->names, named->name);
  if (!d)
    {
      undeclared_operand (c, step, e, named->name);
      return NULL;
    }
  gboolean object = g_ptr_array_find (c->model->objects, d, NULL);
  const MtVerb *verb = object ? mt_verb_find (step->verb->name, d->primitive) : works_on_tasks (step->verb->name);
  MtMark mark;
  const gchar *kind = verb ? NULL : mt_kind_of_name (c, d->name, &mark);
  if (!kind)
    return verb ? verb : step->verb;
  g_autofree gchar *nouns = nouns_of_verb (step->verb->name), *hint = object ? what_works_on (d->primitive) : NULL;
  mt_compile_error (c, e->mark, e->width, hint, "%s: needs %s; '%s' is %s (line %d)", step->verb->name, nouns, d->name, kind, mark.line);
  return NULL;
}

/* MtModel -> MtProgram. The pipeline is mt_compile() at the end of the file; read that first. Here
 * are its stages that make code: each class of tasks, properties, observed expressions. */
#include "sim/compiler_private.h"

static void
compiler_init (MtCompiler *c, MtModel *model, const MtCompileOptions *options)
{
  *c = (MtCompiler){ .model = model, .options = options };
  c->program = g_new0 (MtProgram, 1);
  c->program->ref_count = 1;
  c->program->arena = c->arena = g_ptr_array_new ();
  c->names = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *const lists[] = { model->params, model->variables, model->objects, model->functions, model->tasks };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i]->len; k++)
      g_hash_table_insert (c->names, ((MtDecl *)lists[i]->pdata[k])->name, lists[i]->pdata[k]);
  c->type_vars = g_ptr_array_new_with_free_func (g_free);
  c->code = g_array_new (FALSE, TRUE, sizeof (MtInstr));
  c->sites = g_array_new (FALSE, TRUE, sizeof (MtSite));
  c->vars = g_array_new (FALSE, TRUE, sizeof (MtVar));
  c->objects = g_array_new (FALSE, TRUE, sizeof (MtObject));
  c->tasks = g_array_new (FALSE, TRUE, sizeof (MtTask));
  c->initial = g_array_new (FALSE, TRUE, sizeof (MtWord));
  c->formats = g_array_new (FALSE, TRUE, sizeof (MtFormat));
  c->labels = g_array_new (FALSE, TRUE, sizeof (MtLabel));
  c->params = g_array_new (FALSE, TRUE, sizeof (MtParam));
  c->plans = g_array_new (FALSE, TRUE, sizeof (VarPlan));
  c->format_uses = g_array_new (FALSE, TRUE, sizeof (FormatUse));
  c->label_uses = g_array_new (FALSE, TRUE, sizeof (LabelUse));
  c->temps = g_array_new (FALSE, TRUE, sizeof (gboolean));
  c->loops = g_array_new (FALSE, TRUE, sizeof (Loop));
  c->guards = g_array_new (FALSE, TRUE, sizeof (Guard));
  c->strings = g_ptr_array_new ();
  c->string_numbers = g_hash_table_new (g_str_hash, g_str_equal);
  c->class_plans = g_ptr_array_new ();
  c->items = g_array_new (FALSE, TRUE, sizeof (ItemPlan));
  c->pools = g_ptr_array_new ();
  c->task_counts = g_array_new (FALSE, TRUE, sizeof (guint));
  c->functions = g_ptr_array_new ();
  mt_add_site (c, (MtMark){ 0, 0 }, 0, ""); /* site 0: no step of the author's */
  mt_intern (c, ""); /* string 0: what a string variable holds before it is set */
}

static void
free_array (GArray *array)
{
  if (array)
    g_array_unref (array);
}

static void
compiler_clear (MtCompiler *c)
{
  GArray *const arrays[] = { c->code, c->sites, c->vars, c->objects, c->tasks, c->initial, c->formats, c->labels, c->params, c->format_uses, c->label_uses, c->temps, c->loops, c->guards, c->task_counts };
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    free_array (arrays[i]);
  for (guint i = 0; i < c->plans->len; i++)
    g_array_unref (g_array_index (c->plans, VarPlan, i).initial);
  g_array_unref (c->plans);
  for (guint i = 0; i < c->class_plans->len; i++)
    {
      ClassPlan *plan = c->class_plans->pdata[i];
      g_ptr_array_unref (plan->param_types);
      free_array (plan->lives);
      g_free (plan);
    }
  g_ptr_array_unref (c->class_plans);
  for (guint i = 0; i < c->items->len; i++)
    g_ptr_array_unref (g_array_index (c->items, ItemPlan, i).types);
  g_array_unref (c->items);
  for (guint i = 0; i < c->pools->len; i++)
    {
      PoolPlan *pool = c->pools->pdata[i];
      for (guint k = 0; k < pool->jobs->len; k++)
        {
          JobPlan *job = pool->jobs->pdata[k];
          g_ptr_array_unref (job->types);
          g_free (job);
        }
      g_ptr_array_unref (pool->jobs);
      g_free (pool);
    }
  g_ptr_array_unref (c->pools);
  g_ptr_array_unref (c->functions);
  g_ptr_array_unref (c->type_vars);
  g_hash_table_unref (c->names);
  g_hash_table_unref (c->string_numbers);
  if (c->strings)
    g_ptr_array_unref (c->strings);
}

/* Classes. */

static void
begin_class (MtCompiler *c, ClassPlan *plan)
{
  c->plan = plan;
  c->process = plan ? plan->process : 0;
  c->top = c->max_locals = 0;
  c->max_temps = 0;
  c->instant = 0;
  g_array_set_size (c->temps, 0);
  g_array_set_size (c->guards, 0);
  c->barrier = mt_here (c);
}

/* Temporaries get their place behind the locals. */
static guint
settle_frame (MtCompiler *c, guint from)
{
  for (guint i = from; i < c->code->len; i++)
    {
      MtInstr *in = &g_array_index (c->code, MtInstr, i);
      gint16 *const operands[] = { &in->dst, &in->a, &in->b };
      for (guint k = 0; k < 3; k++)
        if (*operands[k] >= TEMP_BASE)
          *operands[k] = (gint16)(*operands[k] - TEMP_BASE + c->max_locals);
    }
  return (guint)c->max_locals + c->max_temps;
}

static void
settle_formats (MtCompiler *c, guint from)
{
  for (guint i = from; i < c->formats->len; i++)
    {
      MtFormat *f = &g_array_index (c->formats, MtFormat, i);
      for (guint k = 0; k < f->n; k++)
        if (f->pieces[k].slot >= TEMP_BASE)
          f->pieces[k].slot += c->max_locals - TEMP_BASE;
    }
}

/* A worker takes a job, jumps through a table to the body of the job's function, and comes back. */
static void
compile_worker (MtCompiler *c, ClassPlan *plan)
{
  const PoolPlan *pool = plan->pool;
  guint n = pool->jobs->len;
  c->site = mt_add_site (c, pool->decl->mark, mt_name_width (pool->decl->name), "take a job");
  mt_emit_op (c, &mt_op_take_job, 0, (gint)n, -1, (gint32)pool->object, 0);
  c->max_locals = (gint)g_array_index (c->objects, MtObject, pool->object).arity; /* taking a job writes so many slots */
  guint table = mt_here (c), site = c->site;
  for (guint k = 0; k < n; k++)
    mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  for (guint k = 0; k < n; k++)
    {
      const JobPlan *job = pool->jobs->pdata[k];
      job->function->used = TRUE;
      mt_patch (c, table + k, mt_here (c));
      mt_scope_push (c, job->function);
      mt_scope_params (c, job->types);
      mt_compile_body (c, job->function->steps);
      mt_scope_clear (c);
      mt_scope_pop (c);
      c->site = site;
      mt_emit (c, MT_OP_JMP, 0, 0, 0, (gint32)plan->row.entry);
    }
}

static void
compile_task (MtCompiler *c, ClassPlan *plan)
{
  const MtTaskDecl *d = plan->decl;
  c->site = mt_add_site (c, d->mark, mt_name_width (d->name), d->name);
  if (d->kind == MT_TASK_COROUTINE)
    mt_emit_op (c, &mt_op_yield, 0, 0, -1, 0, MT_ALWAYS); /* its first local work too is done when its turn comes */
  MtFunction *f = d->run ? mt_want_function (c, d->run, d->run_mark, mt_name_width (d->run)) : NULL;
  mt_scope_push (c, f);
  if (f)
    mt_scope_params (c, plan->param_types);
  if (f && d->args && mt_check_arguments (c, f, d->args->len, d->mark, mt_name_width (d->name)))
    mt_pass_arguments (c, d->args, plan->param_types, 0, "a task", "put it under globals");
  else if (f && !d->args && f->params->len && !mt_started_by_a_step (c, d->name))
    mt_check_arguments (c, f, 0, d->mark, mt_name_width (d->name));
  mt_compile_body (c, f ? f->steps : d->steps);
  mt_emit (c, MT_OP_END, 0, 0, 0, 0);
  mt_scope_pop (c);
}

/* Where a task is that has not started, has ended and the like: the first instructions. */
static void
compile_rests (MtCompiler *c)
{
  for (guint i = 0; i < MT_N_RESTS; i++)
    mt_emit (c, MT_OP_REST, 0, 0, 0, 0);
}

static void
compile_class (MtCompiler *c, ClassPlan *plan)
{
  guint formats = c->formats->len;
  begin_class (c, plan);
  plan->row.entry = mt_here (c);
  if (plan->pool)
    compile_worker (c, plan);
  else
    compile_task (c, plan);
  plan->row.end = mt_here (c);
  plan->row.n_locals = (guint)c->max_locals;
  plan->row.n_frame = settle_frame (c, plan->row.entry);
  settle_formats (c, formats);
}

static void
compile_classes (MtCompiler *c)
{
  for (guint i = 0; i < c->class_plans->len; i++)
    compile_class (c, c->class_plans->pdata[i]);
}

/* A function nobody calls is still checked; its code is thrown away. */
static void
check_unused_functions (MtCompiler *c)
{
  for (guint i = 0; i < c->model->functions->len; i++)
    {
      MtFunction *f = c->model->functions->pdata[i];
      if (f->used || c->model->diags->n_errors > 0) /* after an error what would have called it may be missing */
        continue;
      mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, f->mark, mt_name_width (f->name), NULL, "function '%s' is never used", f->name);
      guint code = c->code->len, formats = c->formats->len, uses = c->format_uses->len, labels = c->labels->len;
      /* of the kind that may do everything */
      ClassPlan scratch = { .kind = MT_TASK_COROUTINE, .max_ways = 2, .param_types = g_ptr_array_new () };
      scratch.lives = g_array_new (FALSE, TRUE, sizeof (MtLocal));
      for (guint k = 0; k < f->params->len; k++)
        {
          MtTypeVar *type = mt_type_unknown (c);
          type->excused = TRUE;
          g_ptr_array_add (scratch.param_types, type);
        }
      begin_class (c, &scratch);
      mt_scope_push (c, f);
      mt_scope_params (c, scratch.param_types);
      mt_compile_body (c, f->steps);
      mt_scope_pop (c);
      g_array_unref (scratch.lives);
      g_ptr_array_unref (scratch.param_types);
      g_array_set_size (c->code, code);
      g_array_set_size (c->formats, formats);
      g_array_set_size (c->format_uses, uses);
      g_array_set_size (c->labels, labels);
      c->plan = NULL;
    }
}

/* Properties and observed expressions: pure code without a task. */

static MtPure
compile_property_code (MtCompiler *c, const MtExpr *e, MtTypeVar **type)
{
  begin_class (c, NULL);
  c->site = mt_add_site (c, e->mark, e->width, "");
  c->instant = 1;
  c->fresh = FALSE;
  mt_scope_push (c, NULL);
  MtPure pure = { .entry = mt_here (c) };
  MtOperand value = mt_compile_expr (c, e, MT_INSTANT);
  *type = value.type;
  pure.slot = (guint)value.slot - TEMP_BASE; /* no task, so no locals: it is a temporary */
  pure.n_words = value.words;
  mt_emit (c, MT_OP_END, 0, 0, 0, 0);
  mt_scope_pop (c);
  pure.n_frame = settle_frame (c, pure.entry);
  c->instant = 0;
  return pure;
}

static void
compile_properties (MtCompiler *c)
{
  MtProperty *rows = mt_keep (c, g_new0 (MtProperty, c->model->properties->len + 1));
  for (guint i = 0; i < c->model->properties->len; i++)
    {
      const MtPropertyDecl *p = c->model->properties->pdata[i];
      MtTypeVar *type;
      rows[i].kind = p->kind;
      rows[i].mark = p->expr->mark;
      rows[i].text = mt_keep_text (c, p->text);
      rows[i].name = p->name ? mt_keep_text (c, p->name) : rows[i].text;
      rows[i].pure = compile_property_code (c, p->expr, &type);
      mt_want_condition (c, (MtOperand){ .type = type }, p->expr);
    }
  c->program->properties = rows;
  c->program->n_properties = c->model->properties->len;
}

/* What makes up an outcome: the observe list, or every variable. */
static void
compile_observed (MtCompiler *c)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (MtObserved));
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func ((GDestroyNotify)mt_expr_free);
  GPtrArray *exprs = c->model->observe;
  for (guint i = 0; exprs->len == 0 && i < c->plans->len; i++)
    {
      MtExpr *e = g_new0 (MtExpr, 1);
      const MtDecl *d = g_array_index (c->plans, VarPlan, i).decl;
      e->kind = MT_EXPR_NAME;
      e->mark = d->mark;
      e->width = 1;
      e->name = g_strdup (d->name);
      g_ptr_array_add (made, e);
    }
  if (exprs->len == 0)
    exprs = made;
  for (guint i = 0; i < exprs->len; i++)
    {
      MtTypeVar *type;
      const MtExpr *e = exprs->pdata[i];
      g_autofree gchar *text = mt_expr_to_text (e);
      MtObserved row = { .text = mt_keep_text (c, text) };
      row.pure = compile_property_code (c, e, &type);
      mt_finish_type (c, type, &row.pure.type);
      g_array_append_val (rows, row);
    }
  c->program->n_observed = rows->len;
  c->program->observed = mt_keep (c, g_array_free (rows, FALSE));
}

/* The pipeline. */

MtProgram *
mt_compile (MtModel *model, const MtCompileOptions *options, GError **error)
{
  MtCompiler storage, *c = &storage;
  compiler_init (c, model, options);
  c->constant_only = TRUE;
  mt_declare_params (c);
  mt_declare_variables (c);
  mt_declare_objects (c);
  mt_declare_tasks (c);
  c->constant_only = FALSE;
  if (mt_layout_variables (c))
    {
      mt_plan_classes (c);
      compile_rests (c);
      compile_classes (c);
      compile_properties (c);
      compile_observed (c);
      check_unused_functions (c);
      mt_check_labels (c);
      mt_watch_updates (c);
      mt_layout_rest (c);
      mt_finish_types (c);
    }
  mt_finish_program (c);
  compiler_clear (c);

  g_autoptr (MtProgram) program = c->program;
  if (model->diags->n_errors == 0)
    return g_steal_pointer (&program);
  g_propagate_error (error, mt_diags_to_error (model->diags));
  return NULL;
}

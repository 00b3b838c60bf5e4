/* Where everything stands in a state, and the finished program.
 *
 * A state is the clock, the shared variables, a block of globals for each process, the objects,
 * the monitors of updates, the carriers of coroutines, and the tasks. Variables have their
 * addresses before code is compiled, the rest after it, when its sizes are known. */
#include "sim/carrier.h"
#include "sim/compiler_private.h"
#include "sim/machine.h"
#include <string.h>

/* Counted before anything is copied for the processes. */
static gboolean
variables_fit (MtCompiler *c)
{
  guint64 n = 0;
  for (guint i = 0; i < c->plans->len; i++)
    {
      const VarPlan *plan = &g_array_index (c->plans, VarPlan, i);
      n += (guint64)plan->words * (i < c->n_shared ? 1 : c->program->n_processes);
      if (n <= MAX_WORDS)
        continue;
      mt_compile_error (c, plan->decl->mark, mt_name_width (plan->decl->name), c->program->n_processes > 1 ? "each process has its own copy of the globals" : NULL,
                        "the variables need more than %d words", MAX_WORDS);
      return FALSE;
    }
  return TRUE;
}

/* Shared variables, then a block of the globals for each process. */
gboolean
mt_layout_variables (MtCompiler *c)
{
  if (!variables_fit (c))
    return FALSE;
  guint address = 1, n_rows = c->vars->len; /* word 0 is the clock */
  MtWord zero = 0;
  g_array_append_val (c->initial, zero);
  for (guint process = 1; process < c->program->n_processes; process++)
    for (guint i = c->n_shared; i < n_rows; i++)
      {
        MtVar copy = g_array_index (c->vars, MtVar, i);
        copy.process = process;
        g_array_append_val (c->vars, copy);
      }
  for (guint i = 0; i < c->vars->len; i++)
    {
      MtVar *v = &g_array_index (c->vars, MtVar, i);
      const VarPlan *plan = mt_var_plan (c, (gint)i);
      if (i == c->n_shared)
        c->program->globals_base = address;
      c->program->globals_words += i >= c->n_shared && v->process == 0 ? plan->words : 0;
      v->address = address;
      v->initial = mt_keep (c, g_memdup2 (plan->initial->data, sizeof (MtWord) * plan->words));
      g_array_append_vals (c->initial, plan->initial->data, plan->words);
      address += plan->words;
    }
  return TRUE;
}

static void
finish_items (MtCompiler *c, guint object, MtObject *o)
{
  o->arity = MAX (mt_item_plan (c, (gint32)object)->arity, 1);
  MtType *types = mt_keep (c, g_new0 (MtType, o->arity));
  for (guint k = 0; k < o->arity; k++)
    mt_finish_type (c, mt_object_element (c, (gint32)object, k), &types[k]);
  o->element = types;
}

static guint
layout_objects (MtCompiler *c, guint address)
{
  for (guint i = 0; i < c->objects->len; i++)
    {
      MtObject *o = &g_array_index (c->objects, MtObject, i);
      finish_items (c, i, o);
      o->address = address;
      o->n_words = o->primitive->words ? o->primitive->words (mt_compiling (c), o) : 0;
      address += o->n_words;
      if (address > MAX_WORDS)
        {
          mt_compile_error (c, o->mark, 1, NULL, "the shared objects need more than %d words", MAX_WORDS);
          o->n_words = 0;
          return 1;
        }
      g_array_set_size (c->initial, address);
      if (o->primitive->init)
        o->primitive->init (o, &g_array_index (c->initial, MtWord, o->address));
    }
  return address;
}

static guint
layout_tasks (MtCompiler *c, guint address)
{
  guint max_choices = 1;
  for (guint i = 0; i < c->tasks->len; i++)
    {
      MtTask *t = &g_array_index (c->tasks, MtTask, i);
      const ClassPlan *plan = c->class_plans->pdata[t->class_];
      t->base = address;
      t->frame = address + MT_TASK_FRAME;
      address += MT_TASK_FRAME + plan->row.n_frame;
      max_choices += plan->max_ways;
      c->program->max_ways = MAX (c->program->max_ways, plan->max_ways);
      if (address > MAX_WORDS)
        {
          mt_compile_error (c, t->mark, 1, NULL, "the tasks need more than %d words", MAX_WORDS);
          return 1;
        }
    }
  g_array_set_size (c->initial, address);
  c->program->max_choices = max_choices;
  return address;
}

void
mt_layout_rest (MtCompiler *c)
{
  MtProgram *p = c->program;
  guint address = layout_objects (c, c->initial->len);
  p->watch_base = address;
  address += p->watch_words * c->tasks->len;
  p->carrier_base = address;
  p->carrier_words = p->n_carriers ? MT_CARRIER_READY + c->tasks->len : 0;
  address += p->carrier_words * p->n_carriers;
  g_array_set_size (c->initial, address);
  p->n_words = layout_tasks (c, address);
}

/* What is known only at the end. */

void
mt_finish_types (MtCompiler *c)
{
  for (guint i = 0; i < c->vars->len; i++)
    mt_finish_type (c, mt_var_plan (c, (gint)i)->type, &g_array_index (c->vars, MtVar, i).type);
  for (guint i = 0; i < c->format_uses->len; i++)
    {
      const FormatUse *use = &g_array_index (c->format_uses, FormatUse, i);
      mt_finish_type (c, use->type, &g_array_index (c->formats, MtFormat, use->format).pieces[use->piece].type);
    }
  for (guint i = 0; i < c->class_plans->len; i++)
    {
      ClassPlan *plan = c->class_plans->pdata[i];
      for (guint k = 0; k < plan->lives->len; k++)
        mt_finish_type (c, plan->param_types->pdata[plan->row.n_params + k], &g_array_index (plan->lives, MtLocal, k).type);
    }
}

static void
split_lines (MtCompiler *c)
{
  gchar **lines = g_strsplit (c->model->diags->text ? c->model->diags->text : "", "\n", -1);
  c->program->n_lines = g_strv_length (lines);
  for (guint i = 0; lines[i]; i++)
    mt_keep (c, lines[i]);
  c->program->lines = mt_keep (c, lines);
}

static gpointer
take_array (MtCompiler *c, GArray **array, guint *n)
{
  *n = (*array)->len;
  gpointer data = mt_keep (c, g_array_free (*array, FALSE));
  *array = NULL;
  return data;
}

void
mt_finish_program (MtCompiler *c)
{
  MtProgram *p = c->program;
  guint n;
  split_lines (c);
  MtClass *classes = mt_keep (c, g_new0 (MtClass, c->class_plans->len + 1));
  p->max_frame = 1;
  for (guint i = 0; i < c->class_plans->len; i++)
    {
      ClassPlan *plan = c->class_plans->pdata[i];
      classes[i] = plan->row;
      classes[i].locals = take_array (c, &plan->lives, &classes[i].n_lives);
      p->max_frame = MAX (p->max_frame, classes[i].n_frame);
    }
  for (guint i = 0; i < p->n_properties; i++)
    p->max_frame = MAX (p->max_frame, p->properties[i].pure.n_frame);
  for (guint i = 0; i < p->n_observed; i++)
    p->max_frame = MAX (p->max_frame, p->observed[i].pure.n_frame);
  p->n_classes = c->class_plans->len;
  p->classes = classes;
  p->file = mt_keep_text (c, c->model->diags->file);
  p->title = mt_keep_text (c, c->model->title ? c->model->title : c->model->diags->file);
  p->digest = mt_keep_text (c, c->model->digest);
  p->time = c->options->time;
  for (guint i = 0; i < c->code->len; i++)
    p->reads_clock = p->reads_clock || g_array_index (c->code, MtInstr, i).op == mt_op_number (&mt_op_now);
  memcpy (p->rules, c->model->rules, sizeof p->rules);
  for (guint i = 0; i < c->tasks->len; i++)
    p->has_daemons = p->has_daemons || g_array_index (c->tasks, MtTask, i).daemon;
  p->plain = mt_keep (c, mt_find_plain (c));
  p->code = take_array (c, &c->code, &p->n_code);
  p->sites = take_array (c, &c->sites, &p->n_sites);
  p->vars = take_array (c, &c->vars, &p->n_vars);
  p->objects = take_array (c, &c->objects, &p->n_objects);
  p->tasks = take_array (c, &c->tasks, &p->n_tasks);
  guint32 *bases = mt_keep (c, g_new (guint32, p->n_tasks + 1));
  for (guint t = 0; t < p->n_tasks; t++)
    bases[t] = p->tasks[t].base;
  p->bases = bases;
  p->formats = take_array (c, &c->formats, &p->n_formats);
  p->labels = take_array (c, &c->labels, &p->n_labels);
  p->params = take_array (c, &c->params, &p->n_params);
  p->initial = take_array (c, &c->initial, &n);
  p->n_strings = c->strings->len;
  p->strings = mt_keep (c, g_ptr_array_free (g_steal_pointer (&c->strings), FALSE));
}

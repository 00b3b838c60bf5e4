/* See leftovers.h. */
#include "checker/leftovers.h"
#include "sim/primitive.h"

static const gchar *
object_words (const MtProgram *program, const MtObject *object, const MtWord *s)
{
  const MtPrimitive *row = object->primitive;
  gint holder = row->holder ? row->holder (object, s + object->address) : -1;
  if (holder >= 0)
    return program->tasks[holder].daemon ? NULL : "is still held";
  return row->left_over ? row->left_over (object, s + object->address) : NULL;
}

/* Marks the tasks whose end some step waits for or asks about. */
static void
find_awaited (const MtProgram *program, gboolean *awaited)
{
  const guint8 join = mt_op_number (&mt_op_join), alive = mt_op_number (&mt_op_alive), active = mt_op_number (&mt_op_active);
  for (guint pc = 0; pc < program->n_code; pc++)
    {
      const MtInstr *in = &program->code[pc];
      if (in->op != join && in->op != alive && in->op != active)
        continue;
      guint first = in->op == active ? 0 : (guint)in->imm;
      guint n = in->op == active ? program->n_tasks : in->b >= 0 ? program->tasks[first].count : in->op == join ? (guint)in->dst : 1;
      for (guint t = first; t < first + n; t++)
        awaited[t] = TRUE;
    }
}

static gboolean
is_unawaited (const MtProgram *program, const gboolean *awaited, guint t, const MtWord *s)
{
  const MtTask *task = &program->tasks[t];
  return !awaited[t] && !task->starts && !task->daemon && task->kind != MT_TASK_WORKER && s[task->base] != MT_REST_UNSTARTED;
}

static void
row_clear (gpointer row)
{
  g_free (((MtLeftover *)row)->name);
}

/* Adds what was so at @times of the @ends, @state the first of them, unless it never was. */
static void
add (GArray *rows, const MtExplore *x, const gchar *name, const gchar *words, guint state, guint times, const GArray *ends)
{
  MtLeftover row = { g_strdup (name), words, state, times == ends->len && mt_explore_complete (x) && !x->stop };
  if (times)
    g_array_append_val (rows, row);
  else
    g_free (row.name);
}

static void
add_object (GArray *rows, const MtExplore *x, const MtObject *object, const GArray *ends)
{
  const gchar *words = NULL;
  guint state = 0, times = 0;
  for (guint i = 0; i < ends->len; i++)
    {
      guint id = g_array_index (ends, guint, i);
      const gchar *here = object_words (x->program, object, mt_store_key (&x->store, id));
      if (!here)
        continue;
      words = words ? words : here;
      state = times++ ? state : id;
    }
  add (rows, x, object->name, words, state, times, ends);
}

static void
add_tasks (GArray *rows, const MtExplore *x, const GArray *ends)
{
  const MtProgram *program = x->program;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree gboolean *awaited = g_new0 (gboolean, program->n_tasks), *named = g_new0 (gboolean, program->n_tasks);
  guint state = 0, times = 0;
  find_awaited (program, awaited);
  for (guint i = 0; i < ends->len; i++)
    {
      guint id = g_array_index (ends, guint, i);
      gboolean here = FALSE;
      for (guint t = 0; t < program->n_tasks; t++)
        if (is_unawaited (program, awaited, t, mt_store_key (&x->store, id)))
          here = named[program->tasks[t].first] = TRUE;
      if (here)
        state = times++ ? state : id;
    }
  for (guint t = 0; t < program->n_tasks; t++)
    if (named[t])
      g_string_append_printf (names, "%s%s", names->len ? ", " : "", program->tasks[t].group);
  add (rows, x, names->str, "started, never joined", state, times, ends);
}

GArray *
mt_leftovers_find (const MtExplore *x)
{
  const MtProgram *program = x->program;
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (MtLeftover));
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_clear_func (rows, row_clear);
  for (guint i = 0; i < x->terminals->len; i++)
    {
      guint id = g_array_index (x->terminals, guint, i);
      if (mt_ended (program, mt_store_key (&x->store, id)))
        g_array_append_val (ends, id);
    }
  for (guint i = 0; i < program->n_objects; i++)
    add_object (rows, x, &program->objects[i], ends);
  add_tasks (rows, x, ends);
  return rows;
}

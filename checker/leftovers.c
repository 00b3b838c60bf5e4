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
row_clear (gpointer data)
{
  MtLeftover *row = data;
  g_free (row->name);
  g_array_unref (row->ends);
}

/* Where something was so: how often, and the nearest of these ends. */
typedef struct
{
  guint times, depth;
  GArray *nearest;
} Seen;

static void
note (Seen *seen, guint end, guint depth)
{
  if (seen->times++ == 0 || depth < seen->depth)
    {
      g_array_set_size (seen->nearest, 0);
      seen->depth = depth;
    }
  if (depth == seen->depth)
    g_array_append_val (seen->nearest, end);
}

/* Adds what was so, unless it never was. */
static void
add (GArray *rows, const MtExplore *x, const gchar *name, const gchar *words, Seen *seen, const GArray *ends)
{
  MtLeftover row = { g_strdup (name), words, seen->nearest, seen->times == ends->len && mt_explore_complete (x) && !x->stop };
  if (seen->times)
    g_array_append_val (rows, row);
  else
    row_clear (&row);
}

static Seen
seen_nowhere (void)
{
  return (Seen){ .nearest = g_array_new (FALSE, FALSE, sizeof (guint)) };
}

static void
add_object (GArray *rows, const MtExplore *x, const MtObject *object, const GArray *ends)
{
  const gchar *words = NULL;
  Seen seen = seen_nowhere ();
  for (guint i = 0; i < ends->len; i++)
    {
      guint end = g_array_index (ends, guint, i), depth;
      const gchar *here = object_words (x->program, object, mt_explore_end (x, end, &depth));
      if (!here)
        continue;
      words = words ? words : here;
      note (&seen, end, depth);
    }
  add (rows, x, object->name, words, &seen, ends);
}

static void
add_tasks (GArray *rows, const MtExplore *x, const GArray *ends)
{
  const MtProgram *program = x->program;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree gboolean *awaited = g_new0 (gboolean, program->n_tasks), *named = g_new0 (gboolean, program->n_tasks);
  Seen seen = seen_nowhere ();
  find_awaited (program, awaited);
  for (guint i = 0; i < ends->len; i++)
    {
      guint end = g_array_index (ends, guint, i), depth;
      const MtWord *s = mt_explore_end (x, end, &depth);
      gboolean here = FALSE;
      for (guint t = 0; t < program->n_tasks; t++)
        if (is_unawaited (program, awaited, t, s))
          here = named[program->tasks[t].first] = TRUE;
      if (here)
        note (&seen, end, depth);
    }
  for (guint t = 0; t < program->n_tasks; t++)
    if (named[t])
      g_string_append_printf (names, "%s%s", names->len ? ", " : "", program->tasks[t].group);
  add (rows, x, names->str, "started, never joined", &seen, ends);
}

GArray *
mt_leftovers_find (const MtExplore *x)
{
  const MtProgram *program = x->program;
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (MtLeftover));
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_clear_func (rows, row_clear);
  for (guint i = 0, depth; i < x->terminals->len; i++)
    if (mt_ended (program, mt_explore_end (x, i, &depth)))
      g_array_append_val (ends, i);
  for (guint i = 0; i < program->n_objects; i++)
    add_object (rows, x, &program->objects[i], ends);
  add_tasks (rows, x, ends);
  return rows;
}

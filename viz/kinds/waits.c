/* waits: who waits for whom after a step. Tasks are round, objects are boxes; an arrow leads from a
 * task to what it waits for, and from an object to who holds it. */
#include "viz/kind.h"
#include "sim/explain.h"
#include "sim/primitive.h"

static guint
add_box (MtPicture *p, const gchar *prefix, guint number, const gchar *name, gboolean task)
{
  g_autofree gchar *id = g_strdup_printf ("%s-%u", prefix, number), *text = mt_view_clean (name);
  MtBox *box = mt_picture_box (p, id, text, 0, 0, MAX (90, mt_text_width (text, 18, TRUE) + 40), 44);
  box->style = task ? MT_STYLE_ROUND : 0;
  box->fill = task ? MT_INK_PANEL : MT_INK_PAPER;
  return p->boxes->len - 1;
}

static void
mark (MtPicture *p, guint box, MtArrow *arrow)
{
  MtBox *b = &g_array_index (p->boxes, MtBox, box);
  b->line = arrow->ink = MT_INK_VERMILLION;
  b->pen = arrow->pen = 4;
}

/* Who comes after @task in the circle; -1: it is not in it. */
static gint
next_in (const GArray *cycle, guint task)
{
  for (guint i = 0; i < cycle->len; i++)
    if (g_array_index (cycle, guint, i) == task)
      return (gint)g_array_index (cycle, guint, (i + 1) % cycle->len);
  return -1;
}

/* The arrow between two boxes, which is made where there is none. */
static MtArrow *
arrow_between (MtPicture *p, guint from, guint to, const gchar *text)
{
  for (guint i = 0; i < p->arrows->len; i++)
    {
      MtArrow *arrow = &g_array_index (p->arrows, MtArrow, i);
      if (arrow->from == from && arrow->to == to)
        return arrow;
    }
  return mt_picture_arrow (p, from, to, text);
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtProgram *program = input->program;
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autofree guint *tasks = g_new0 (guint, program->n_tasks + 1), *objects = g_new0 (guint, program->n_objects + 1); /* box + 1 */
  g_autoptr (GArray) cycle = g_array_new (FALSE, FALSE, sizeof (guint));
  mt_state_init (program, s, NULL);
  for (guint i = 0; i < input->step; i++)
    mt_step (program, s, input->choices[i], NULL);
  if (!mt_wait_cycle (program, s, -1, cycle))
    g_array_set_size (cycle, 0);
  gboolean round = cycle->len > 2;
  g_autofree gchar *title = g_strdup_printf ("Who waits for whom after step %u%s%s", input->step, cycle->len ? ": a circle" : "",
                                             round ? "\n(a task waits for an object, an object is held by a task)" : "");
  MtPicture *p = mt_picture_new (title);
  p->dark = input->dark;
  p->sideways = TRUE;
  p->round = round;
  for (guint t = 0; t < program->n_tasks; t++)
    tasks[t] = add_box (p, "task", t, program->tasks[t].name, TRUE) + 1;
  for (guint k = 0; k < program->n_objects; k++)
    {
      const MtObject *object = &program->objects[k];
      gint holder = object->primitive->holder ? object->primitive->holder (object, s + object->address) : -1;
      if (holder < 0)
        continue;
      objects[k] = add_box (p, "object", k, object->name, FALSE) + 1;
      mt_picture_arrow (p, objects[k] - 1, tasks[holder] - 1, "held by");
    }
  for (guint t = 0; t < program->n_tasks; t++)
    {
      MtBlock block;
      if (!mt_why_blocked (program, s, t, &block) || (block.kind != MT_BLOCK_OBJECT && block.kind != MT_BLOCK_TASK))
        continue;
      gboolean object = block.kind == MT_BLOCK_OBJECT;
      gint next = next_in (cycle, t);
      guint from = tasks[t] - 1;
      if (object)
        {
          if (!objects[block.object])
            objects[block.object] = add_box (p, "object", (guint)block.object, program->objects[block.object].name, FALSE) + 1;
          MtArrow *arrow = arrow_between (p, from, objects[block.object] - 1, "waits for");
          from = objects[block.object] - 1;
          if (next >= 0)
            mark (p, from, arrow);
        }
      for (gint holder = mt_waits_for (program, s, t, 0); holder >= 0; holder = mt_waits_for (program, s, t, (guint)holder + 1))
        {
          MtArrow *arrow = arrow_between (p, from, tasks[holder] - 1, object ? mt_holding_words (&program->objects[block.object]) : "waits for its end");
          if (holder == next)
            mark (p, tasks[holder] - 1, arrow);
        }
    }
  return p;
}

const MtKindRow mt_kind_waits = { "waits", "who waits for whom after a step", MT_NEEDS_RUN, FALSE, draw };

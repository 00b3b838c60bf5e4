/* locks: the order in which locks are taken, in every schedule, or in the one run that is asked for.
 * An arrow from a to b: some task, holding a, takes b or waits for it. A circle of different tasks'
 * arrows means that some schedule may deadlock, even where those that were seen did not (Havelund
 * 2000, "Using runtime analysis to guide model checking"). */
#include "viz/kind.h"
#include "sim/primitive.h"
#include <string.h>

typedef struct
{
  const MtProgram *program;
  GArray *arrows; /* Order */
} Locks;

typedef struct
{
  guint from, to, task;
  gint line;
  gboolean waits, circle;
} Order;

static gint
holder_of (const MtProgram *p, const MtWord *s, guint k)
{
  const MtObject *object = &p->objects[k];
  return object->primitive->holder ? object->primitive->holder (object, s + object->address) : -1;
}

/* @task has come to object @to in @s, at @line: an arrow from all it holds. */
static void
add_orders (Locks *l, const MtWord *s, guint to, guint task, gint line, gboolean waits)
{
  for (guint k = 0; k < l->program->n_objects; k++)
    {
      gboolean known = k == to || holder_of (l->program, s, k) != (gint)task;
      for (guint i = 0; i < l->arrows->len && !known; i++)
        {
          const Order *o = &g_array_index (l->arrows, Order, i);
          known = o->from == k && o->to == to && o->task == task;
        }
      if (known)
        continue;
      Order order = { k, to, task, line, waits, FALSE };
      g_array_append_val (l->arrows, order);
    }
}

static gint
line_of (const MtProgram *p, const MtWord *s, guint task)
{
  return p->sites[p->code[s[p->tasks[task].base]].site].mark.line;
}

/* The step of @task that makes @after of @before. */
static void
look_at_step (Locks *l, const MtWord *before, const MtWord *after, guint task)
{
  for (guint k = 0; k < l->program->n_objects && task != MT_CLOCK; k++)
    if (holder_of (l->program, after, k) == (gint)task && holder_of (l->program, before, k) != (gint)task)
      add_orders (l, before, k, task, line_of (l->program, before, task), FALSE);
}

static void
look_at_waits (Locks *l, const MtWord *s)
{
  for (guint t = 0; t < l->program->n_tasks; t++)
    {
      MtBlock block;
      if (mt_why_blocked (l->program, s, t, &block) && block.kind == MT_BLOCK_OBJECT && block.holder >= 0)
        add_orders (l, s, (guint)block.object, t, line_of (l->program, s, t), TRUE);
    }
}

static void
look_at_run (Locks *l, const MtKindInput *input)
{
  const MtProgram *p = l->program;
  g_autofree MtWord *before = g_new (MtWord, p->n_words), *s = g_new (MtWord, p->n_words);
  mt_state_init (p, s, NULL);
  for (guint i = 0; i < input->step; i++)
    {
      memcpy (before, s, sizeof (MtWord) * p->n_words);
      mt_step (p, s, input->choices[i], NULL);
      look_at_step (l, before, s, input->choices[i].task);
    }
  look_at_waits (l, s);
}

static void
look_at_graph (Locks *l, const MtGraph *graph)
{
  guint n = l->program->n_words;
  const MtWord *words = (const MtWord *)graph->words->data;
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const MtEdge *edge = &g_array_index (graph->edges, MtEdge, i);
      look_at_step (l, words + (gsize)edge->from * n, words + (gsize)edge->to * n, edge->choice.task);
    }
  for (guint i = 0; i < graph->flags->len; i++)
    look_at_waits (l, words + (gsize)i * n);
}

/* Whether arrows of other tasks lead back from where @order ends to where it begins. */
static gboolean
closes (const Locks *l, const Order *order)
{
  g_autofree gboolean *seen = g_new0 (gboolean, l->program->n_objects);
  gboolean more = TRUE;
  seen[order->to] = TRUE;
  while (more)
    {
      more = FALSE;
      for (guint i = 0; i < l->arrows->len; i++)
        {
          const Order *o = &g_array_index (l->arrows, Order, i);
          if (o->task != order->task && seen[o->from] && !seen[o->to])
            more = seen[o->to] = TRUE;
        }
    }
  return seen[order->from];
}

static gchar *
title_of (const MtKindInput *input, gboolean circle)
{
  const gchar *what = circle ? "The order of locks has a circle: some schedule may deadlock" : "The order of locks has no circle";
  if (!input->graph)
    return g_strdup_printf ("%s\n(one run)", what);
  if (input->graph->complete)
    return g_strdup_printf ("%s\n(all schedules together)", what);
  return g_strdup_printf ("%s\n(the first %u states)", what, input->graph->flags->len);
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtProgram *p = input->program;
  g_autofree guint *boxes = g_new0 (guint, p->n_objects + 1); /* + 1 */
  Locks l = { p, g_array_new (FALSE, FALSE, sizeof (Order)) };
  gboolean circle = FALSE;
  if (input->graph)
    look_at_graph (&l, input->graph);
  else
    look_at_run (&l, input);
  for (guint i = 0; i < l.arrows->len; i++)
    {
      Order *o = &g_array_index (l.arrows, Order, i);
      o->circle = closes (&l, o);
      circle = circle || o->circle;
    }
  g_autofree gchar *title = title_of (input, circle);
  MtPicture *picture = mt_picture_new (title);
  picture->dark = input->dark;
  picture->sideways = TRUE;
  for (guint k = 0; k < p->n_objects; k++)
    {
      g_autofree gchar *id = g_strdup_printf ("object-%u", k), *name = mt_view_clean (p->objects[k].name);
      if (!p->objects[k].primitive->holder)
        continue;
      mt_picture_box (picture, id, name, 0, 0, MAX (90, mt_text_width (name, 18, TRUE) + 40), 44)->fill = MT_INK_PANEL;
      boxes[k] = picture->boxes->len;
    }
  if (picture->boxes->len == 0)
    mt_picture_box (picture, "none", "the model has no locks", 0, 0, 240, 44)->line = MT_INK_NONE;
  for (guint i = 0; i < l.arrows->len; i++)
    {
      const Order *o = &g_array_index (l.arrows, Order, i);
      g_autofree gchar *task = mt_view_clean (p->tasks[o->task].name), *label = g_strdup_printf ("%s%s, line %d", task, o->waits ? " waits" : "", o->line);
      MtArrow *arrow = mt_picture_arrow (picture, boxes[o->from] - 1, boxes[o->to] - 1, label);
      arrow->style = o->waits ? MT_STYLE_DASHED : 0;
      if (o->circle)
        {
          arrow->ink = MT_INK_VERMILLION;
          arrow->pen = 3.5;
        }
    }
  g_array_unref (l.arrows);
  return picture;
}

const MtKindRow mt_kind_locks = { "locks", "the order in which locks are taken", MT_NEEDS_RUN_OR_GRAPH, FALSE, draw };

/* locks: the order in which locks were taken. An arrow from a to b: some task, holding a, took b or
 * waits for it. A circle means that another schedule may deadlock, even where this one did not
 * (Havelund 2000, "Using runtime analysis to guide model checking"). */
#include "viz/kind.h"
#include "sim/primitive.h"

typedef struct
{
  const MtProgram *program;
  gint *holders; /* of each object: task, or -1 */
  GArray *arrows; /* Order */
} Locks;

typedef struct
{
  guint from, to, task;
  gint line;
  gboolean waits;
} Order;

static gint
holder_of (const MtProgram *p, const MtWord *s, guint k)
{
  const MtObject *object = &p->objects[k];
  return object->primitive->holder ? object->primitive->holder (object, s + object->address) : -1;
}

static void
add_orders (Locks *l, guint taken, guint task, gint line, gboolean waits)
{
  for (guint k = 0; k < l->program->n_objects; k++)
    {
      gboolean known = k == taken || l->holders[k] != (gint)task;
      for (guint i = 0; i < l->arrows->len && !known; i++)
        {
          const Order *o = &g_array_index (l->arrows, Order, i);
          known = o->from == k && o->to == taken && o->task == task;
        }
      if (known)
        continue;
      Order order = { k, taken, task, line, waits };
      g_array_append_val (l->arrows, order);
    }
}

static gint
line_at (const MtProgram *p, guint pc)
{
  return p->sites[p->code[pc].site].mark.line;
}

static void
go_through (Locks *l, const MtKindInput *input, MtWord *s)
{
  const MtProgram *p = l->program;
  mt_state_init (p, s, NULL);
  for (guint i = 0; i < input->n; i++)
    {
      MtChoice choice = input->choices[i];
      gint line = choice.task == MT_CLOCK ? 0 : line_at (p, (guint)s[p->tasks[choice.task].base]);
      mt_step (p, s, choice, NULL);
      for (guint k = 0; k < p->n_objects; k++)
        {
          gint holder = holder_of (p, s, k);
          if (holder >= 0 && holder != l->holders[k])
            add_orders (l, k, (guint)holder, line, FALSE);
          l->holders[k] = holder;
        }
    }
  for (guint t = 0; t < p->n_tasks; t++)
    {
      MtBlock block;
      if (mt_why_blocked (p, s, t, &block) && block.kind == MT_BLOCK_OBJECT && block.holder >= 0)
        add_orders (l, (guint)block.object, t, line_at (p, (guint)s[p->tasks[t].base]), TRUE);
    }
}

/* Whether arrows lead from @from to @to. */
static gboolean
reaches (const Locks *l, guint from, guint to)
{
  g_autofree gboolean *seen = g_new0 (gboolean, l->program->n_objects);
  gboolean more = TRUE;
  seen[from] = TRUE;
  while (more)
    {
      more = FALSE;
      for (guint i = 0; i < l->arrows->len; i++)
        {
          const Order *o = &g_array_index (l->arrows, Order, i);
          if (seen[o->from] && !seen[o->to])
            more = seen[o->to] = TRUE;
        }
    }
  return seen[to];
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtProgram *p = input->program;
  g_autofree MtWord *s = g_new (MtWord, p->n_words);
  g_autofree gint *holders = g_new (gint, p->n_objects + 1);
  g_autofree guint *boxes = g_new0 (guint, p->n_objects + 1); /* + 1 */
  Locks l = { p, holders, g_array_new (FALSE, FALSE, sizeof (Order)) };
  gboolean circle = FALSE;
  for (guint k = 0; k < p->n_objects; k++)
    holders[k] = -1;
  go_through (&l, input, s);
  for (guint i = 0; i < l.arrows->len; i++)
    circle = circle || reaches (&l, g_array_index (l.arrows, Order, i).to, g_array_index (l.arrows, Order, i).from);
  MtPicture *picture = mt_picture_new (circle ? "The order of locks has a circle: some schedule may deadlock" : "The order in which locks were taken: no circle");
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
  for (guint i = 0; i < l.arrows->len; i++)
    {
      const Order *o = &g_array_index (l.arrows, Order, i);
      g_autofree gchar *task = mt_view_clean (p->tasks[o->task].name), *label = g_strdup_printf ("%s%s, line %d", task, o->waits ? " waits" : "", o->line);
      MtArrow *arrow = mt_picture_arrow (picture, boxes[o->from] - 1, boxes[o->to] - 1, label);
      arrow->style = o->waits ? MT_STYLE_DASHED : 0;
      if (reaches (&l, o->to, o->from))
        {
          arrow->ink = MT_INK_VERMILLION;
          arrow->pen = 3.5;
        }
    }
  g_array_unref (l.arrows);
  return picture;
}

const MtKindRow mt_kind_locks = { "locks", "the order in which locks are taken", MT_NEEDS_RUN, FALSE, draw };

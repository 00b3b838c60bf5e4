/* Where an arrow comes from:
 *   - a task could not move and now it can: from the step that let it;
 *   - an operation that may have to wait, on an object another task worked on by a different operation
 *     (unlock and lock, put and get): from that one;
 *   - a step that looks where an ended task rests (join): from that task's last step;
 *   - a task's first step: from the step that started it. */
#include "viz/happens.h"
#include "sim/op.h"
#include <string.h>

typedef struct
{
  guint step, task, op; /* step 0: none */
  guint *clock; /* after the step: the last step of each task that is known to be before its end */
} Use;

struct _MtHappens
{
  const MtProgram *program;
  guint *words; /* owns all clocks */
  guint **clocks; /* of each task */
  Use (*uses)[2]; /* of each object: the last, and the last by a different operation than that */
  Use *enablers, *starters; /* of each task: the step that let it move, that started it */
  gboolean *stuck;
  GArray *sources; /* Use: where arrows to the current step may come from */
};

MtHappens *
mt_happens_new (const MtProgram *p)
{
  MtHappens *h = g_new0 (MtHappens, 1);
  h->program = p;
  gsize n = p->n_tasks;
  h->words = g_new0 (guint, n * (3 * n + 2 * (gsize)p->n_objects) + 1);
  h->clocks = g_new0 (guint *, n + 1);
  h->uses = g_malloc0 (sizeof *h->uses * (p->n_objects + 1));
  h->enablers = g_new0 (Use, n + 1);
  h->starters = g_new0 (Use, n + 1);
  h->stuck = g_new0 (gboolean, n + 1);
  h->sources = g_array_new (FALSE, FALSE, sizeof (Use));
  guint *next = h->words;
  for (guint t = 0; t < n; t++, next += 3 * n)
    {
      h->clocks[t] = next;
      h->enablers[t].clock = next + n;
      h->starters[t].clock = next + 2 * n;
    }
  for (guint k = 0; k < p->n_objects; k++, next += 2 * n)
    {
      h->uses[k][0].clock = next;
      h->uses[k][1].clock = next + n;
    }
  return h;
}

void
mt_happens_free (MtHappens *h)
{
  if (!h)
    return;
  g_free (h->words);
  g_free (h->clocks);
  g_free (h->uses);
  g_free (h->enablers);
  g_free (h->starters);
  g_free (h->stuck);
  g_array_unref (h->sources);
  g_free (h);
}

static void
add_source (MtHappens *h, guint task, const Use *use)
{
  if (use->step && use->task != task)
    g_array_append_val (h->sources, *use);
}

static gint
later_first (gconstpointer a, gconstpointer b)
{
  return (gint)((const Use *)b)->step - (gint)((const Use *)a)->step;
}

static gint
object_at (const MtProgram *p, guint address)
{
  for (guint k = 0; k < p->n_objects; k++)
    if (address - p->objects[k].address < p->objects[k].n_words)
      return (gint)k;
  return -1;
}

static gint
task_at (const MtProgram *p, guint address)
{
  for (guint t = 0; t < p->n_tasks; t++)
    if (address == p->tasks[t].base)
      return (gint)t;
  return -1;
}

static void
find_sources (MtHappens *h, const MtStep *step)
{
  const MtProgram *p = h->program;
  guint task = step->choice.task;
  const MtInstr *in = &p->code[step->pc];
  add_source (h, task, &h->enablers[task]);
  add_source (h, task, &h->starters[task]);
  h->enablers[task].step = h->starters[task].step = 0;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      gint object = in->flags & MT_ALWAYS ? -1 : object_at (p, e->address);
      if (object >= 0)
        add_source (h, task, &h->uses[object][h->uses[object][0].op == in->op ? 1 : 0]);
      gint other = object < 0 && e->kind == MT_EFFECT_READ ? task_at (p, e->address) : -1;
      if (other >= 0 && (guint)other != task && e->after < MT_N_RESTS && e->after != MT_REST_UNSTARTED)
        {
          Use last = { h->clocks[other][other], (guint)other, 0, h->clocks[other] };
          add_source (h, task, &last);
        }
    }
}

/* The later an origin, the more it knows: in that order an arrow which others imply is seen at once. */
static void
follow_sources (MtHappens *h, guint task, guint number, GArray *links)
{
  guint *clock = h->clocks[task];
  g_array_sort (h->sources, later_first);
  for (guint i = 0; i < h->sources->len; i++)
    {
      const Use *source = &g_array_index (h->sources, Use, i);
      if (clock[source->task] >= source->step)
        continue;
      MtViewLink link = { source->step, number };
      g_array_append_val (links, link);
      for (guint t = 0; t < h->program->n_tasks; t++)
        clock[t] = MAX (clock[t], source->clock[t]);
    }
}

static void
keep_use (const MtHappens *h, Use *use, guint task, guint op, guint number)
{
  use->step = number;
  use->task = task;
  use->op = op;
  memcpy (use->clock, h->clocks[task], sizeof (guint) * h->program->n_tasks);
}

static void
remember (MtHappens *h, const MtStep *step, guint number)
{
  const MtProgram *p = h->program;
  guint task = step->choice.task, op = p->code[step->pc].op;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      gint object = e->kind == MT_EFFECT_WRITE ? object_at (p, e->address) : -1;
      gint other = e->kind == MT_EFFECT_WRITE && object < 0 ? task_at (p, e->address) : -1;
      if (other >= 0 && (guint)other != task && e->after != MT_REST_UNSTARTED)
        keep_use (h, &h->starters[other], task, op, number);
      if (object < 0 || h->uses[object][0].step == number)
        continue;
      Use *uses = h->uses[object];
      if (uses[0].step && uses[0].op != op)
        {
          Use older = uses[1];
          uses[1] = uses[0];
          uses[0] = older;
        }
      keep_use (h, &uses[0], task, op, number);
    }
}

void
mt_happens_step (MtHappens *h, const MtStep *step, const MtWord *s, guint number, GArray *links)
{
  const MtProgram *p = h->program;
  gboolean clock = step->choice.task == MT_CLOCK;
  guint task = step->choice.task;
  if (!clock)
    {
      g_array_set_size (h->sources, 0);
      find_sources (h, step);
      follow_sources (h, task, number, links);
      h->clocks[task][task] = number;
      remember (h, step, number);
    }
  for (guint t = 0; t < p->n_tasks; t++)
    {
      MtBlock block;
      gboolean stuck = mt_why_blocked (p, s, t, &block) && block.kind != MT_BLOCK_ENDED && block.kind != MT_BLOCK_UNSTARTED && block.kind != MT_BLOCK_SLEEP;
      if (h->stuck[t] && !stuck && !clock && t != task)
        keep_use (h, &h->enablers[t], task, p->code[step->pc].op, number);
      h->stuck[t] = stuck;
    }
}

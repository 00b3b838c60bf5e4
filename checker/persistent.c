/* See persistent.h. */
#include "checker/interference.h"
#include "sim/primitive.h"
#include <string.h>

static gboolean
has (const guint64 *row, guint i)
{
  return row[i / 64] >> (i % 64) & 1;
}

/* Whether the step whose rows these are, of task @t, may be followed alone in some state: where each of the others has ended, or is at a step from
 * which on it does not interfere, or may be kept from it. */
static gboolean
may_be_alone (const MtPersistent *p, guint t, const guint64 *rows)
{
  for (guint u = 0; u < p->program->n_tasks; u++)
    {
      gboolean friend = u == t || p->plans[u].ends;
      for (guint i = 0; !friend && i < p->plans[u].n_steps; i++)
        friend = !has (rows + p->n_row, p->first[u] + i);
      if (!friend)
        return FALSE;
    }
  return TRUE;
}

/* Whether what invariants see is not written by the step. */
static gboolean
is_invisible (const MtPersistent *p, guint t, guint step)
{
  const guint64 *own = p->plans[t].own + (gsize)step * p->n_block;
  for (guint w = 0; w < p->n_set; w++)
    if ((own[MT_WRITES * p->n_set + w] | own[MT_GIVES * p->n_set + w] | own[MT_TAKES * p->n_set + w]) & p->visible[w])
      return FALSE;
  return TRUE;
}

/* Finds the steps that may be followed alone. FALSE: there is no state in which not all must be followed; to look for one is a waste in each of
 * them. */
static gboolean
find_lone (MtPersistent *p)
{
  gboolean any = FALSE;
  for (guint i = 0; i < p->program->n_objects; i++)
    any = any || p->leaf[i];
  for (guint t = 0; t < p->program->n_tasks; t++)
    for (guint i = 0; i < p->plans[t].n_steps; i++)
      {
        MtStepPlan *plan = &p->plans[t];
        plan->lone[i] = !plan->sticky[i] && is_invisible (p, t, i) && (!p->n_row || may_be_alone (p, t, p->left + (gsize)(p->first[t] + i) * p->n_row * 2));
        any = any || plan->lone[i];
      }
  return any;
}

MtPersistent *
mt_persistent_new (const MtProgram *program, const gchar **why)
{
  *why = NULL;
  if (program->n_tasks < 2)
    *why = "one task";
  else if (program->n_carriers)
    *why = "coroutines take turns";
  else if (program->has_daemons)
    *why = "daemons end with the model";
  if (*why)
    return NULL;
  MtPersistent *p = g_new0 (MtPersistent, 1);
  p->program = program;
  *why = mt_interference_find (p);
  if (!*why && !find_lone (p))
    *why = "no step is ever independent of what others may do";
  if (*why)
    g_clear_pointer (&p, mt_persistent_free);
  return p;
}

void
mt_persistent_free (MtPersistent *p)
{
  if (!p)
    return;
  mt_interference_clear (p);
  g_free (p);
}

/* In a state: whether nothing @u can do while @t does not move is among @foes. */
static gboolean
is_friend (const MtPersistent *p, const MtWord *s, guint t, guint u, const guint64 *foes)
{
  const MtProgram *program = p->program;
  const MtStepPlan *plan = &p->plans[u];
  guint pc = (guint)s[program->tasks[u].base];
  if (pc < MT_N_RESTS && pc != MT_REST_UNSTARTED)
    return TRUE;
  /* one that has not started may be at any of its steps by then */
  guint from = pc == MT_REST_UNSTARTED ? 0 : plan->index[pc - program->classes[program->tasks[u].class_].entry];
  guint to = pc == MT_REST_UNSTARTED ? plan->n_steps : from + 1;
  for (guint i = from; i < to; i++)
    for (guint w = 0; w < p->n_block; w++)
      {
        gsize at = (gsize)i * p->n_block + w;
        guint64 met = plan->later[at] & foes[w];
        for (guint k = 0; met && k < plan->barriers->len; k++)
          {
            const MtBarrier *b = &g_array_index (plan->barriers, MtBarrier, k);
            const MtObject *lock = b->is_join ? NULL : &program->objects[b->what];
            if (b->is_join ? b->what == t : lock->primitive->holder (lock, s + lock->address) == (gint)t)
              met &= b->later[at];
          }
        if (met)
          return FALSE;
      }
  return TRUE;
}

/* The same of all others; @rows is the pair of rows of the step whose foes these are. */
static gboolean
all_friends (const MtPersistent *p, const MtWord *s, guint t, const guint64 *foes, const guint64 *rows)
{
  const MtProgram *program = p->program;
  for (guint u = 0; u < program->n_tasks; u++)
    {
      const MtTask *task = &program->tasks[u];
      guint pc = (guint)s[task->base];
      if (u == t || (pc < MT_N_RESTS && pc != MT_REST_UNSTARTED))
        continue;
      guint step = p->first[u] + (pc == MT_REST_UNSTARTED ? p->plans[u].n_steps : p->plans[u].index[pc - program->classes[task->class_].entry]);
      if (p->n_row && !has (rows, step))
        continue;
      if ((p->n_row && has (rows + p->n_row, step)) || !is_friend (p, s, t, u, foes))
        return FALSE;
    }
  return TRUE;
}

static guint
step_at (const MtPersistent *p, guint t, guint pc)
{
  return p->plans[t].index[pc - p->program->classes[p->program->tasks[t].class_].entry];
}

gboolean
mt_persistent_alone (const MtPersistent *p, const MtWord *s, guint t)
{
  const MtStepPlan *plan = &p->plans[t];
  guint step = step_at (p, t, (guint)s[p->program->tasks[t].base]);
  return plan->lone[step] && all_friends (p, s, t, plan->left + (gsize)step * p->n_block, p->left + (gsize)(p->first[t] + step) * p->n_row * 2);
}

gboolean
mt_persistent_moves_right (const MtPersistent *p, const MtWord *s, guint t, guint pc)
{
  guint step = step_at (p, t, pc);
  return is_invisible (p, t, step) && all_friends (p, s, t, p->plans[t].right + (gsize)step * p->n_block, p->right + (gsize)(p->first[t] + step) * p->n_row * 2);
}

gboolean
mt_persistent_leaf (const MtPersistent *p, const MtWord *s, guint t)
{
  guint pc = (guint)s[p->program->tasks[t].base];
  if (pc < MT_N_RESTS)
    return FALSE;
  const MtStepPlan *plan = &p->plans[t];
  guint step = step_at (p, t, pc);
  return !plan->sticky[step] && plan->locks[step] >= 0 && p->leaf[plan->locks[step]];
}

/* The first choice of a task whose choices can be followed alone, and how many it has; 0: there is none. */
static guint
find_alone (const MtPersistent *p, const MtWord *s, const MtChoice *choices, guint n, guint *first)
{
  for (guint i = 0, end; i < n; i = end)
    {
      for (end = i + 1; end < n && choices[end].task == choices[i].task; end++)
        ;
      *first = i;
      if (mt_persistent_alone (p, s, choices[i].task))
        return end - i;
    }
  return 0;
}

guint
mt_persistent_pick (const MtPersistent *p, const MtWord *s, MtChoice *choices, guint n)
{
  guint first, n_alone = n && choices[0].task != MT_CLOCK ? find_alone (p, s, choices, n, &first) : 0;
  if (n_alone == 0)
    return n;
  memmove (choices, choices + first, sizeof (MtChoice) * n_alone);
  return n_alone;
}

gboolean
mt_persistent_one (const MtPersistent *p, const MtWord *s, const MtChoice *choices, guint n, MtChoice *choice)
{
  guint first;
  if (find_alone (p, s, choices, n, &first) != 1)
    return FALSE;
  *choice = choices[first];
  return TRUE;
}

static void
check_address (const MtPersistent *p, guint address, const guint64 *set, guint pc, const gchar *what)
{
  guint bit = p->bits[address];
  if (bit != G_MAXUINT && !(set[bit / 64] >> (bit % 64) & 1))
    g_error ("footprint: the step at instruction %u (line %d) %s word %u, which it does not declare", pc, p->program->sites[p->program->code[pc].site].mark.line, what,
             address);
}

void
mt_persistent_check (const MtPersistent *p, const MtWord *s, MtChoice choice)
{
  const MtProgram *program = p->program;
  if (choice.task == MT_CLOCK)
    return;
  const MtTask *task = &program->tasks[choice.task];
  const MtStepPlan *plan = &p->plans[choice.task];
  guint pc = (guint)s[task->base];
  const guint64 *own = plan->own + (gsize)step_at (p, choice.task, pc) * p->n_block;
  g_autofree guint64 *written = g_memdup2 (own + MT_WRITES * p->n_set, sizeof (guint64) * p->n_set);
  g_autofree guint64 *touched = g_memdup2 (own + MT_READS * p->n_set, sizeof (guint64) * p->n_set);
  g_autofree MtWord *next = g_memdup2 (s, sizeof (MtWord) * program->n_words);
  MtStep rec;
  mt_set_unite (written, own + MT_GIVES * p->n_set, p->n_set);
  mt_set_unite (written, own + MT_TAKES * p->n_set, p->n_set);
  mt_set_unite (touched, written, p->n_set); /* what is written may be read: it conflicts all the same */
  mt_step_init (&rec);
  rec.want_effects = TRUE;
  mt_step (program, next, choice, &rec);
  for (guint i = 0; i < rec.effects->len; i++)
    {
      const MtEffect *effect = &g_array_index (rec.effects, MtEffect, i);
      gboolean join = plan->waits[step_at (p, choice.task, pc)];
      if (effect->kind == MT_EFFECT_READ && !join) /* a join reads what can't change any more */
        check_address (p, effect->address, touched, pc, "reads");
    }
  for (guint a = 0; a < program->n_words; a++) /* not by the effects alone: a write may go past mt_put() */
    if (next[a] != s[a])
      check_address (p, a, written, pc, "writes");
  mt_step_clear (&rec);
}

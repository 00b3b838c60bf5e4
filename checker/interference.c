/* See interference.h. */
#include "checker/interference.h"
#include "checker/constants.h"
#include "sim/primitive.h"
#include <string.h>

/* Larger programs are not analysed: 64-bit words of sets in all. */
#define MAX_SETS 32000000
#define MAX_ROWS 4000000 /* the same for the rows: they only save time */

static void
number_addresses (MtPersistent *p)
{
  const MtProgram *program = p->program;
  guint n = 0;
  p->bits = g_new (guint, program->n_words);
  memset (p->bits, 0xff, sizeof (guint) * program->n_words);
  p->bits[MT_NOW] = n++;
  for (guint i = 0; i < program->n_vars; i++, n++)
    for (guint k = 0; k < program->vars[i].n_words; k++)
      p->bits[program->vars[i].address + k] = n;
  for (guint i = 0; i < program->n_objects; i++, n++)
    for (guint k = 0; k < program->objects[i].n_words; k++)
      p->bits[program->objects[i].address + k] = n;
  for (guint t = 0; t < program->n_tasks; t++, n++)
    p->bits[program->tasks[t].base] = n;
  p->n_set = n / 64 + 1;
  p->n_block = MT_N_ACCESSES * p->n_set;
}

static void
add_addresses (MtPersistent *p, const GArray *addresses, guint64 *set)
{
  for (guint i = 0; i < addresses->len; i++)
    {
      guint bit = p->bits[g_array_index (addresses, guint, i)];
      if (bit == G_MAXUINT)
        p->all = TRUE;
      else
        mt_set_add (set, bit);
    }
}

static void
add_footprint (MtPersistent *p, guint task, const MtInstr *in, guint64 *block)
{
  MtFootprint foot = { .all = FALSE };
  GArray **const sets[MT_N_ACCESSES] = { &foot.reads, &foot.writes, &foot.gives, &foot.takes };
  for (guint i = 0; i < MT_N_ACCESSES; i++)
    *sets[i] = g_array_new (FALSE, FALSE, sizeof (guint));
  if (in->op >= MT_N_OPCODES && mt_op (in->op)->touches)
    mt_op (in->op)->touches (p->program, task, in, &foot);
  for (guint i = 0; i < MT_N_ACCESSES; i++)
    {
      add_addresses (p, *sets[i], block + i * p->n_set);
      g_array_unref (*sets[i]);
    }
  p->all = p->all || foot.all;
}

/* What may not be done by others for a step with the footprint @own to be moved to before it (@left) or
 * after it (@right). Permits may be given and taken in any order, as far as they last: a step that
 * takes one can't be moved to before another that takes the last, and one that gives can't be moved
 * to after one that takes it. */
static void
find_foes (const MtPersistent *p, const guint64 *own, guint64 *left, guint64 *right)
{
  guint n = p->n_set;
  for (guint w = 0; w < n; w++)
    {
      guint64 r = own[MT_READS * n + w], wr = own[MT_WRITES * n + w], g = own[MT_GIVES * n + w], t = own[MT_TAKES * n + w];
      left[MT_READS * n + w] = right[MT_READS * n + w] = wr | g | t;
      left[MT_WRITES * n + w] = right[MT_WRITES * n + w] = r | wr | g | t;
      left[MT_GIVES * n + w] = r | wr;
      left[MT_TAKES * n + w] = r | wr | t;
      right[MT_GIVES * n + w] = r | wr;
      right[MT_TAKES * n + w] = r | wr | g;
    }
}

/* Steps: what each does, and which may follow. */

static void
walk_step (MtPersistent *p, guint t, MtStepPlan *plan, guint step, const MtConstant *values)
{
  const MtProgram *program = p->program;
  const MtClass *class_ = &program->classes[program->tasks[t].class_];
  guint64 *own = plan->own + (gsize)step * p->n_block;
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint)), next = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *seen = g_new0 (guint8, class_->end - class_->entry);
  guint pc = plan->pcs[step];
  MtInstr copy;
  const MtInstr *in = mt_constants_resolve (program, class_, values, pc, &copy);
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  plan->locks[step] = op == &mt_op_lock && !(in->flags & MT_TIMED) && in->b < 0 ? in->imm : -1;
  plan->unlocks[step] = op == &mt_op_unlock && in->b < 0 ? in->imm : -1;
  plan->waits[step] = op == &mt_op_join && !(in->flags & MT_TIMED) && in->b < 0;
  plan->blocks[step] = op && op->ways && op != &mt_op_choose && op != &mt_op_random;
  mt_set_add (own + MT_WRITES * p->n_set, p->bits[program->tasks[t].base]);
  guint begun = 0;
  g_array_append_val (work, pc);
  for (; work->len; begun = 1)
    {
      guint at = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (at < class_->entry || at >= class_->end || (seen[at - class_->entry] && at != pc))
        continue;
      seen[at - class_->entry] = 1;
      in = mt_constants_resolve (program, class_, values, at, &copy);
      plan->ends = plan->ends || in->op == MT_OP_END;
      if (begun && (in->flags & MT_STEP)) /* its own beginning, too */
        {
          g_array_append_val (plan->next[step], plan->index[at - class_->entry]);
          continue;
        }
      if (!(at == pc && plan->waits[step])) /* it can't be made before the other has ended, and is not noticed by it */
        add_footprint (p, t, in, own);
      mt_constants_successors (program, class_, values, at, next);
      g_array_append_vals (work, next->data, next->len);
    }
}

/* Everything that may happen from each step on: least fixpoint, the steps of @b excluded with all behind them. */
static void
find_futures (MtPersistent *p, const MtProgram *program, const MtStepPlan *plan, const MtBarrier *b, guint64 *later)
{
  for (gboolean changed = TRUE; changed;)
    {
      changed = FALSE;
      for (guint i = plan->n_steps; i-- > 0;)
        {
          const MtInstr *in = &program->code[plan->pcs[i]];
          if (b && !b->is_join && plan->locks[i] == (gint)b->what)
            continue;
          if (b && b->is_join && plan->waits[i] && b->what - (guint)in->imm < (guint)in->dst)
            continue;
          guint64 *block = later + (gsize)i * p->n_block;
          changed = mt_set_unite (block, plan->own + (gsize)i * p->n_block, p->n_block) || changed;
          for (guint k = 0; k < plan->next[i]->len; k++)
            changed = mt_set_unite (block, later + (gsize)g_array_index (plan->next[i], guint, k) * p->n_block, p->n_block) || changed;
        }
    }
}

static void
add_barrier (MtPersistent *p, MtStepPlan *plan, gboolean is_join, guint what)
{
  for (guint i = 0; i < plan->barriers->len; i++)
    {
      const MtBarrier *b = &g_array_index (plan->barriers, MtBarrier, i);
      if (b->is_join == is_join && b->what == what)
        return;
    }
  MtBarrier b = { is_join, what, g_new0 (guint64, (gsize)plan->n_steps * p->n_block + 1) };
  find_futures (p, p->program, plan, &b, b.later);
  g_array_append_val (plan->barriers, b);
}

/* Whether a step that may have to wait can come after step @at of @plan, which acquires lock @m, and before its release. */
static gboolean
waits_inside (const MtStepPlan *plan, guint at, guint m)
{
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *seen = g_new0 (guint8, plan->n_steps);
  g_array_append_vals (work, plan->next[at]->data, plan->next[at]->len);
  while (work->len)
    {
      guint i = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (plan->blocks[i])
        return TRUE;
      if (seen[i] || plan->unlocks[i] == (gint)m)
        continue;
      seen[i] = 1;
      g_array_append_vals (work, plan->next[i]->data, plan->next[i]->len);
    }
  return FALSE;
}

/* Locks inside which nobody waits, and which are only ever locked, for as long as it takes, and unlocked. */
static void
find_leaves (MtPersistent *p)
{
  const MtProgram *program = p->program;
  p->leaf = g_new0 (gboolean, program->n_objects + 1);
  for (guint m = 0; m < program->n_objects; m++)
    {
      guint bit = p->bits[program->objects[m].address];
      p->leaf[m] = program->objects[m].primitive->holder != NULL;
      for (guint t = 0; p->leaf[m] && t < program->n_tasks; t++)
        for (guint i = 0; p->leaf[m] && i < p->plans[t].n_steps; i++)
          {
            const MtStepPlan *plan = &p->plans[t];
            const guint64 *writes = plan->own + (gsize)i * p->n_block + MT_WRITES * p->n_set;
            if (!(writes[bit / 64] >> bit % 64 & 1) || plan->unlocks[i] == (gint)m)
              continue;
            p->leaf[m] = plan->locks[i] == (gint)m && !waits_inside (plan, i, m);
          }
    }
}

/* Targets of back edges of a depth-first search from the first steps. */
static void
find_sticky (MtStepPlan *plan)
{
  g_autofree guint8 *colour = g_new0 (guint8, plan->n_steps + 1); /* 1: on the path, 2: done */
  g_autofree guint *at = g_new0 (guint, plan->n_steps + 1);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint root = 0; root < plan->n_steps; root++)
    {
      if (colour[root])
        continue;
      g_array_append_val (path, root);
      colour[root] = 1;
      while (path->len)
        {
          guint i = g_array_index (path, guint, path->len - 1);
          if (at[i] == plan->next[i]->len)
            {
              colour[i] = 2;
              g_array_set_size (path, path->len - 1);
              continue;
            }
          guint to = g_array_index (plan->next[i], guint, at[i]++);
          if (colour[to] == 1)
            plan->sticky[to] = TRUE;
          if (colour[to])
            continue;
          colour[to] = 1;
          g_array_append_val (path, to);
        }
    }
}

static void
plan_task (MtPersistent *p, guint t)
{
  const MtProgram *program = p->program;
  const MtClass *class_ = &program->classes[program->tasks[t].class_];
  MtStepPlan *plan = &p->plans[t];
  guint n = class_->end - class_->entry;
  plan->index = g_new (guint, n + 1);
  plan->pcs = g_new (guint, n + 1);
  plan->barriers = g_array_new (FALSE, FALSE, sizeof (MtBarrier));
  for (guint i = 0; i < n; i++)
    {
      gboolean step = program->code[class_->entry + i].flags & MT_STEP;
      plan->index[i] = step ? plan->n_steps : G_MAXUINT;
      if (step)
        plan->pcs[plan->n_steps++] = class_->entry + i;
    }
  plan->next = g_new0 (GArray *, plan->n_steps + 1);
  plan->locks = g_new0 (gint, plan->n_steps + 1);
  plan->unlocks = g_new0 (gint, plan->n_steps + 1);
  plan->waits = g_new0 (guint8, plan->n_steps + 1);
  plan->blocks = g_new0 (guint8, plan->n_steps + 1);
  plan->sticky = g_new0 (gboolean, plan->n_steps + 1);
  plan->lone = g_new0 (guint8, plan->n_steps + 1);
  guint64 **const blocks[] = { &plan->own, &plan->later, &plan->left, &plan->right };
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    *blocks[i] = g_new0 (guint64, (gsize)plan->n_steps * p->n_block + 1);
  g_autofree MtConstant *values = mt_constants_find (program, t);
  for (guint i = 0; i < plan->n_steps; i++)
    {
      plan->next[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      walk_step (p, t, plan, i, values);
      gsize at = (gsize)i * p->n_block;
      find_foes (p, plan->own + at, plan->left + at, plan->right + at);
    }
  find_futures (p, program, plan, NULL, plan->later);
  for (guint i = 0; i < plan->n_steps; i++)
    {
      const MtInstr *in = &program->code[plan->pcs[i]];
      if (plan->locks[i] >= 0)
        add_barrier (p, plan, FALSE, (guint)plan->locks[i]);
      for (guint k = 0; plan->waits[i] && k < (guint)in->dst; k++)
        add_barrier (p, plan, TRUE, (guint)in->imm + k);
    }
  find_sticky (plan);
}

/* What invariants and `reachable` look at. */
static void
find_visible (MtPersistent *p)
{
  const MtProgram *program = p->program;
  p->visible = g_new0 (guint64, p->n_block);
  for (guint i = 0; i < program->n_properties; i++)
    for (guint pc = program->properties[i].pure.entry; program->properties[i].kind != MT_PROPERTY_FINALLY && program->code[pc].op != MT_OP_END; pc++)
      add_footprint (p, 0, &program->code[pc], p->visible);
}

/* Sets of all tasks, their futures before each barrier included, as far as the code tells beforehand. */
static gboolean
too_large (const MtPersistent *p)
{
  const MtProgram *program = p->program;
  guint64 sets = 0;
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtClass *class_ = &program->classes[program->tasks[t].class_];
      guint64 steps = 0, barriers = 2;
      for (guint pc = class_->entry; pc < class_->end; pc++)
        {
          const MtInstr *in = &program->code[pc];
          steps += (in->flags & MT_STEP) != 0;
          barriers += in->op >= MT_N_OPCODES && mt_op (in->op) == &mt_op_lock ? 1 : 0;
          barriers += in->op >= MT_N_OPCODES && mt_op (in->op) == &mt_op_join ? (guint64)in->dst : 0;
        }
      sets += steps * (barriers + 2) * p->n_block + (guint64)(class_->end - class_->entry) * class_->n_frame;
    }
  return sets > MAX_SETS;
}

static guint
n_steps_of (const MtPersistent *p, guint t)
{
  return p->plans[t].n_steps + 1;
}

/* Whether what task @u may do from its step @j on meets @foes; @surely: whatever keeps it from some of that. */
static gboolean
meets (const MtPersistent *p, guint u, guint j, const guint64 *foes, gboolean surely)
{
  const MtStepPlan *plan = &p->plans[u];
  for (guint w = 0; w < p->n_block; w++)
    {
      gsize at = (gsize)j * p->n_block + w;
      guint64 met = plan->later[at] & foes[w];
      for (guint k = 0; surely && k < plan->barriers->len; k++)
        met &= g_array_index (plan->barriers, MtBarrier, k).later[at];
      if (met)
        return TRUE;
    }
  return FALSE;
}

/* Writes the pair of rows for a step of @t with @foes. */
static void
fill_rows (const MtPersistent *p, guint t, const guint64 *foes, guint64 *rows)
{
  for (guint u = 0; u < p->program->n_tasks; u++)
    {
      guint unstarted = p->first[u] + p->plans[u].n_steps;
      for (guint j = 0; u != t && j < p->plans[u].n_steps; j++)
        for (guint surely = 0; surely < 2; surely++)
          if (meets (p, u, j, foes, surely))
            {
              mt_set_add (rows + surely * p->n_row, p->first[u] + j);
              mt_set_add (rows + surely * p->n_row, unstarted);
            }
    }
}

/* What steps may interfere with each other does not depend on the state but where a task is kept from something: it is
 * looked up, not found each time. */
static void
find_rows (MtPersistent *p)
{
  const MtProgram *program = p->program;
  guint n = 0;
  p->first = g_new (guint, program->n_tasks + 1);
  for (guint t = 0; t < program->n_tasks; n += n_steps_of (p, t++))
    p->first[t] = n;
  guint n_row = n / 64 + 1;
  if ((guint64)n * n_row * 4 > MAX_ROWS)
    return;
  p->n_row = n_row;
  p->left = g_new0 (guint64, (gsize)n * n_row * 2);
  p->right = g_new0 (guint64, (gsize)n * n_row * 2);
  for (guint t = 0; t < program->n_tasks; t++)
    for (guint i = 0; i < p->plans[t].n_steps; i++)
      {
        gsize row = (gsize)(p->first[t] + i) * n_row * 2, at = (gsize)i * p->n_block;
        fill_rows (p, t, p->plans[t].left + at, p->left + row);
        fill_rows (p, t, p->plans[t].right + at, p->right + row);
      }
}

const gchar *
mt_interference_find (MtPersistent *p)
{
  number_addresses (p);
  find_visible (p);
  if (too_large (p))
    return "the program is too large";
  p->plans = g_new0 (MtStepPlan, p->program->n_tasks);
  for (guint t = 0; t < p->program->n_tasks; t++)
    plan_task (p, t);
  find_leaves (p);
  if (p->all)
    return "some step may touch anything";
  find_rows (p);
  return NULL;
}

static void
plan_clear (MtStepPlan *plan)
{
  for (guint i = 0; i < plan->n_steps; i++)
    g_array_unref (plan->next[i]);
  for (guint i = 0; i < plan->barriers->len; i++)
    g_free (g_array_index (plan->barriers, MtBarrier, i).later);
  g_array_unref (plan->barriers);
  gpointer const owned[] = { plan->index, plan->pcs,   plan->next,    plan->own,   plan->later,  plan->left,
                             plan->right, plan->locks, plan->unlocks, plan->waits, plan->blocks, plan->sticky, plan->lone };
  for (guint i = 0; i < G_N_ELEMENTS (owned); i++)
    g_free (owned[i]);
}

void
mt_interference_clear (MtPersistent *p)
{
  for (guint t = 0; p->plans && t < p->program->n_tasks; t++)
    plan_clear (&p->plans[t]);
  g_free (p->plans);
  g_free (p->bits);
  g_free (p->visible);
  g_free (p->leaf);
  g_free (p->first);
  g_free (p->left);
  g_free (p->right);
}

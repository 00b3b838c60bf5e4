/* See persistent.h.
 *
 * Sets are bits: one for each variable, each object, each task's resting place, and the clock. All is
 * computed for each task (not each class) since an index may be a constant of the task: fork[id]. */
#include "checker/persistent.h"
#include "sim/primitive.h"
#include <string.h>

/* Larger programs are not analysed: 64-bit words of sets in all. */
#define MAX_SETS 32000000
#define MAX_ROWS 4000000 /* the same for the rows: they only save time */

/* The four sets of a footprint lie one behind the other: together they are a block of n_block words. */
enum
{
  READS,
  WRITES,
  GIVES,
  TAKES,
  N_ACCESSES,
};

typedef struct
{
  gboolean is_join; /* of task `what`; else a lock of object `what` */
  guint what;
  guint64 *later; /* futures up to there, a block for each step */
} Barrier;

typedef struct
{
  guint n_steps;
  guint *index; /* of each instruction of the class, from its entry: its step's number, or G_MAXUINT */
  guint *pcs; /* of each step */
  GArray **next; /* guint: steps that may follow each */
  guint64 *own; /* of each step: its footprint, a block */
  guint64 *later; /* the footprints of it and all that may follow */
  guint64 *left, *right; /* what may not be among what others do later, for it to move left or right past that */
  gint *locks; /* object that the step acquires for as long as it takes, or -1 */
  gint *unlocks; /* object that it releases and does nothing else, or -1 */
  guint8 *waits; /* 1: it is a join without a timeout */
  guint8 *blocks; /* 1: it may have to wait */
  GArray *barriers; /* Barrier */
  gboolean *sticky;
} Plan;

struct _MtPersistent
{
  const MtProgram *program;
  guint n_set; /* 64-bit words of a set */
  guint n_block; /* of a footprint */
  Plan *plans; /* of each task */
  guint64 *visible; /* a block of which only the first set is used */
  guint *first; /* of each task: number of its first step among all; behind its last comes one more, for a task that has not started */
  guint n_row; /* 64-bit words of a row of what follows; 0: too large, found each time */
  guint64 *left, *right; /* of each step, a pair of rows: the steps at which another task may interfere; those at which it does whatever it is kept from */
  gboolean *leaf; /* of each object: it is a lock and nobody waits while holding it */
  guint *bits; /* of each address; G_MAXUINT: none */
  gboolean all; /* something may touch anything */
};

static void
add (guint64 *set, guint i)
{
  set[i / 64] |= (guint64)1 << (i % 64);
}

static gboolean
unite (guint64 *set, const guint64 *other, guint n)
{
  gboolean grew = FALSE;
  for (guint i = 0; i < n; i++)
    {
      grew = grew || (other[i] & ~set[i]);
      set[i] |= other[i];
    }
  return grew;
}

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
  p->n_block = N_ACCESSES * p->n_set;
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
        add (set, bit);
    }
}

static void
add_footprint (MtPersistent *p, guint task, const MtInstr *in, guint64 *block)
{
  MtFootprint foot = { .all = FALSE };
  GArray **const sets[N_ACCESSES] = { &foot.reads, &foot.writes, &foot.gives, &foot.takes };
  for (guint i = 0; i < N_ACCESSES; i++)
    *sets[i] = g_array_new (FALSE, FALSE, sizeof (guint));
  if (in->op >= MT_N_OPCODES && mt_op (in->op)->touches)
    mt_op (in->op)->touches (p->program, task, in, &foot);
  for (guint i = 0; i < N_ACCESSES; i++)
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
      guint64 r = own[READS * n + w], wr = own[WRITES * n + w], g = own[GIVES * n + w], t = own[TAKES * n + w];
      left[READS * n + w] = right[READS * n + w] = wr | g | t;
      left[WRITES * n + w] = right[WRITES * n + w] = r | wr | g | t;
      left[GIVES * n + w] = r | wr;
      left[TAKES * n + w] = r | wr | t;
      right[GIVES * n + w] = r | wr;
      right[TAKES * n + w] = r | wr | g;
    }
}

/* Constants: what each slot surely holds before each instruction (Kildall 1973). */

typedef struct
{
  gboolean known, varies;
  MtWord value;
} Value;

static gboolean
meet (Value *to, Value from)
{
  if (to->varies || !(from.known || from.varies))
    return FALSE;
  if (!to->known && !from.varies)
    {
      *to = from;
      return TRUE;
    }
  if (from.known && from.value == to->value)
    return FALSE;
  *to = (Value){ .varies = TRUE };
  return TRUE;
}

static Value
constant (MtWord value)
{
  return (Value){ .known = TRUE, .value = value };
}

static gboolean
writes_no_slot (const MtOp *op)
{
  const MtOp *const rows[] = { &mt_op_write, &mt_op_write_element, &mt_op_lock,   &mt_op_unlock, &mt_op_join,  &mt_op_sleep,
                               &mt_op_print, &mt_op_arm,           &mt_op_assert, &mt_op_raise,  &mt_op_await, &mt_op_choose };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i] == op)
      return TRUE;
  return FALSE;
}

/* The slots after @in, from those before it. */
static void
evaluate (const MtProgram *program, guint t, const MtInstr *in, Value *slots, guint n)
{
  const Value varies = { .varies = TRUE };
  const MtTask *task = &program->tasks[t];
  Value a = in->a >= 0 && (guint)in->a < n ? slots[in->a] : varies, b = in->b >= 0 && (guint)in->b < n ? slots[in->b] : varies, out = varies;
  const gchar *problem;
  MtWord value;
  gboolean writes = (guint)in->dst < n && in->op != MT_OP_JMP && in->op != MT_OP_JZ && in->op != MT_OP_JNZ && in->op != MT_OP_CLEAR && in->op != MT_OP_NOP
                    && in->op != MT_OP_END && in->op != MT_OP_REST;
  switch (in->op)
    {
    case MT_OP_CONST: out = constant (in->imm); break;
    case MT_OP_MOVE: out = a; break;
    case MT_OP_ID: out = constant ((MtWord)task->index + 1); break;
    case MT_OP_SELF:
      out = constant (task->self);
      break;
      out = constant ((MtWord)t);
      break;
    case MT_OP_ADDK:
    case MT_OP_SUBK:
      if (a.known && mt_arithmetic (in->op == MT_OP_ADDK ? MT_OP_ADD : MT_OP_SUB, a.value, in->imm, &value, &problem))
        out = constant (value);
      break;
    case MT_OP_ADD ... MT_OP_MOD:
    case MT_OP_EQ ... MT_OP_MAX:
      if (a.known && b.known && mt_arithmetic (in->op, a.value, b.value, &value, &problem))
        out = constant (value);
      break;
    case MT_OP_SLOT ... MT_OP_SLOTPOP: /* lists reach further than the instruction says */
      for (guint i = 0; i < n; i++)
        slots[i] = varies;
      return;
    case MT_OP_CLEAR:
      for (gint32 i = 0; i < in->imm; i++)
        slots[in->dst + i] = constant (0);
      return;
    default:
      if (in->op >= MT_N_OPCODES && !mt_op (in->op)->makes_dst)
        {
          writes = FALSE;
          for (guint i = 0; !writes_no_slot (mt_op (in->op)) && i < n; i++)
            slots[i] = varies;
        }
    }
  if (in->flags & MT_KILL_A)
    slots[in->a] = constant (0);
  if (in->flags & MT_KILL_B)
    slots[in->b] = constant (0);
  if (writes)
    slots[in->dst] = out;
}

static Value *
find_constants (const MtProgram *program, guint t)
{
  const MtClass *class_ = &program->classes[program->tasks[t].class_];
  guint n = class_->n_frame;
  Value *values = g_new0 (Value, (gsize)(class_->end - class_->entry) * n + 1);
  g_autofree Value *after = g_new (Value, n + 1);
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint)), next = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++) /* a started task's parameters are given to it */
    values[i] = i < class_->n_params && !program->tasks[t].starts ? (Value){ .varies = TRUE } : constant (0);
  g_array_append_val (work, class_->entry);
  while (work->len)
    {
      guint pc = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (n)
        memcpy (after, values + (gsize)(pc - class_->entry) * n, sizeof (Value) * n);
      evaluate (program, t, &program->code[pc], after, n);
      mt_successors (program->code, pc, next);
      for (guint k = 0; n && k < next->len; k++)
        {
          guint to = g_array_index (next, guint, k);
          gboolean changed = FALSE;
          for (guint i = 0; to >= class_->entry && to < class_->end && i < n; i++)
            changed = meet (&values[(gsize)(to - class_->entry) * n + i], after[i]) || changed;
          if (changed)
            g_array_append_val (work, to);
        }
    }
  return values;
}

/* Whether @op touches the object that imm and slot b name, and no other. */
static gboolean
touches_one_object (const MtOp *op)
{
  return op->touches == mt_touches_object || op->touches == mt_looks_at_object || op->touches == mt_gives_to_object || op->touches == mt_takes_from_object;
}

/* The instruction at @pc; where it names an element of an array of objects by an index that is a
 * constant, @copy of it that names the element itself. */
static const MtInstr *
resolved (const MtProgram *program, const MtClass *class_, const Value *values, guint pc, MtInstr *copy)
{
  const MtInstr *in = &program->code[pc];
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  if (!op || in->b < 0 || !touches_one_object (op))
    return in;
  Value index = values[(gsize)(pc - class_->entry) * class_->n_frame + (guint)in->b];
  const MtObject *object = &program->objects[in->imm];
  MtWord i = index.value < 0 ? index.value + (MtWord)object->count : index.value;
  if (!index.known || (guint)i >= object->count)
    return in;
  *copy = *in;
  copy->imm += i;
  copy->b = -1;
  return copy;
}

/* Steps: what each does, and which may follow. */

static void
walk_step (MtPersistent *p, guint t, Plan *plan, guint step, const Value *values)
{
  const MtProgram *program = p->program;
  const MtClass *class_ = &program->classes[program->tasks[t].class_];
  guint64 *own = plan->own + (gsize)step * p->n_block;
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint)), next = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *seen = g_new0 (guint8, class_->end - class_->entry);
  guint pc = plan->pcs[step];
  MtInstr copy;
  const MtInstr *in = resolved (program, class_, values, pc, &copy);
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  plan->locks[step] = op == &mt_op_lock && !(in->flags & MT_TIMED) && in->b < 0 ? in->imm : -1;
  plan->unlocks[step] = op == &mt_op_unlock && in->b < 0 ? in->imm : -1;
  plan->waits[step] = op == &mt_op_join && !(in->flags & MT_TIMED) && in->b < 0;
  plan->blocks[step] = op && op->ways && op != &mt_op_choose && op != &mt_op_random;
  add (own + WRITES * p->n_set, p->bits[program->tasks[t].base]);
  guint begun = 0;
  g_array_append_val (work, pc);
  for (; work->len; begun = 1)
    {
      guint at = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (at < class_->entry || at >= class_->end || (seen[at - class_->entry] && at != pc))
        continue;
      seen[at - class_->entry] = 1;
      in = resolved (program, class_, values, at, &copy);
      if (begun && (in->flags & MT_STEP)) /* its own beginning, too */
        {
          g_array_append_val (plan->next[step], plan->index[at - class_->entry]);
          continue;
        }
      if (!(at == pc && plan->waits[step])) /* it can't be made before the other has ended, and is not noticed by it */
        add_footprint (p, t, in, own);
      mt_successors (program->code, at, next);
      g_array_append_vals (work, next->data, next->len);
    }
}

/* Everything that may happen from each step on: least fixpoint, the steps of @b excluded with all behind them. */
static void
find_futures (MtPersistent *p, const MtProgram *program, const Plan *plan, const Barrier *b, guint64 *later)
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
          changed = unite (block, plan->own + (gsize)i * p->n_block, p->n_block) || changed;
          for (guint k = 0; k < plan->next[i]->len; k++)
            changed = unite (block, later + (gsize)g_array_index (plan->next[i], guint, k) * p->n_block, p->n_block) || changed;
        }
    }
}

static void
add_barrier (MtPersistent *p, Plan *plan, gboolean is_join, guint what)
{
  for (guint i = 0; i < plan->barriers->len; i++)
    {
      const Barrier *b = &g_array_index (plan->barriers, Barrier, i);
      if (b->is_join == is_join && b->what == what)
        return;
    }
  Barrier b = { is_join, what, g_new0 (guint64, (gsize)plan->n_steps * p->n_block + 1) };
  find_futures (p, p->program, plan, &b, b.later);
  g_array_append_val (plan->barriers, b);
}

/* Whether a step that may have to wait can come after step @at of @plan, which acquires lock @m, and before its release. */
static gboolean
waits_inside (const Plan *plan, guint at, guint m)
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
            const Plan *plan = &p->plans[t];
            const guint64 *writes = plan->own + (gsize)i * p->n_block + WRITES * p->n_set;
            if (!(writes[bit / 64] >> bit % 64 & 1) || plan->unlocks[i] == (gint)m)
              continue;
            p->leaf[m] = plan->locks[i] == (gint)m && !waits_inside (plan, i, m);
          }
    }
}

/* Targets of back edges of a depth-first search from the first steps. */
static void
find_sticky (Plan *plan)
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
  Plan *plan = &p->plans[t];
  guint n = class_->end - class_->entry;
  plan->index = g_new (guint, n + 1);
  plan->pcs = g_new (guint, n + 1);
  plan->barriers = g_array_new (FALSE, FALSE, sizeof (Barrier));
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
  guint64 **const blocks[] = { &plan->own, &plan->later, &plan->left, &plan->right };
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    *blocks[i] = g_new0 (guint64, (gsize)plan->n_steps * p->n_block + 1);
  g_autofree Value *values = find_constants (program, t);
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
  const Plan *plan = &p->plans[u];
  for (guint w = 0; w < p->n_block; w++)
    {
      gsize at = (gsize)j * p->n_block + w;
      guint64 met = plan->later[at] & foes[w];
      for (guint k = 0; surely && k < plan->barriers->len; k++)
        met &= g_array_index (plan->barriers, Barrier, k).later[at];
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
              add (rows + surely * p->n_row, p->first[u] + j);
              add (rows + surely * p->n_row, unstarted);
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
  number_addresses (p);
  find_visible (p);
  gboolean fits = !too_large (p);
  if (fits)
    p->plans = g_new0 (Plan, program->n_tasks);
  for (guint t = 0; fits && t < program->n_tasks; t++)
    plan_task (p, t);
  if (fits)
    find_leaves (p);
  if (fits && !p->all)
    find_rows (p);
  if (fits && !p->all)
    return p;
  *why = fits ? "some step may touch anything" : "the program is too large";
  mt_persistent_free (p);
  return NULL;
}

static void
plan_clear (Plan *plan)
{
  for (guint i = 0; i < plan->n_steps; i++)
    g_array_unref (plan->next[i]);
  for (guint i = 0; i < plan->barriers->len; i++)
    g_free (g_array_index (plan->barriers, Barrier, i).later);
  g_array_unref (plan->barriers);
  gpointer const owned[] = { plan->index, plan->pcs,   plan->next,    plan->own,   plan->later,  plan->left,
                             plan->right, plan->locks, plan->unlocks, plan->waits, plan->blocks, plan->sticky };
  for (guint i = 0; i < G_N_ELEMENTS (owned); i++)
    g_free (owned[i]);
}

void
mt_persistent_free (MtPersistent *p)
{
  if (!p)
    return;
  for (guint t = 0; p->plans && t < p->program->n_tasks; t++)
    plan_clear (&p->plans[t]);
  g_free (p->plans);
  g_free (p->bits);
  g_free (p->visible);
  g_free (p->leaf);
  g_free (p->first);
  g_free (p->left);
  g_free (p->right);
  g_free (p);
}

/* In a state: whether nothing @u can do while @t does not move is among @foes. */
static gboolean
is_friend (const MtPersistent *p, const MtWord *s, guint t, guint u, const guint64 *foes)
{
  const MtProgram *program = p->program;
  const Plan *plan = &p->plans[u];
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
            const Barrier *b = &g_array_index (plan->barriers, Barrier, k);
            const MtObject *lock = b->is_join ? NULL : &program->objects[b->what];
            if (b->is_join ? b->what == t : lock->primitive->holder (lock, s + lock->address) == (gint)t)
              met &= b->later[at];
          }
        if (met)
          return FALSE;
      }
  return TRUE;
}

static gboolean
has (const guint64 *row, guint i)
{
  return row[i / 64] >> (i % 64) & 1;
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

/* Whether what invariants see is not written by the step. */
static gboolean
is_invisible (const MtPersistent *p, guint t, guint step)
{
  const guint64 *own = p->plans[t].own + (gsize)step * p->n_block;
  for (guint w = 0; w < p->n_set; w++)
    if ((own[WRITES * p->n_set + w] | own[GIVES * p->n_set + w] | own[TAKES * p->n_set + w]) & p->visible[w])
      return FALSE;
  return TRUE;
}

gboolean
mt_persistent_alone (const MtPersistent *p, const MtWord *s, guint t)
{
  const Plan *plan = &p->plans[t];
  guint step = step_at (p, t, (guint)s[p->program->tasks[t].base]);
  return !plan->sticky[step] && is_invisible (p, t, step) && all_friends (p, s, t, plan->left + (gsize)step * p->n_block, p->left + (gsize)(p->first[t] + step) * p->n_row * 2);
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
  const Plan *plan = &p->plans[t];
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
  const Plan *plan = &p->plans[choice.task];
  guint pc = (guint)s[task->base];
  const guint64 *own = plan->own + (gsize)step_at (p, choice.task, pc) * p->n_block;
  g_autofree guint64 *written = g_memdup2 (own + WRITES * p->n_set, sizeof (guint64) * p->n_set);
  g_autofree guint64 *touched = g_memdup2 (own + READS * p->n_set, sizeof (guint64) * p->n_set);
  g_autofree MtWord *next = g_memdup2 (s, sizeof (MtWord) * program->n_words);
  MtStep rec;
  unite (written, own + GIVES * p->n_set, p->n_set);
  unite (written, own + TAKES * p->n_set, p->n_set);
  unite (touched, written, p->n_set); /* what is written may be read: it conflicts all the same */
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

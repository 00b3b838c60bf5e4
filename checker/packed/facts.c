/* See facts.h. */
#include "checker/packed/facts.h"
#include "checker/property.h"
#include "sim/op.h"
#include "sim/primitive.h"
#include <string.h>

#define FACT_WORDS (sizeof (MtFact) / sizeof (MtWord))
G_STATIC_ASSERT (sizeof (MtFact) == 32); /* without a gap: they are told apart by their bytes */

#define MAX_FACTS_WIDTH 20 /* bits of a part: of a wider one the facts would take too much */

void
mt_facts_init (MtFacts *facts, MtParts *parts, const MtAccess *accesses)
{
  const MtProgram *program = parts->program;
  *facts = (MtFacts){ .parts = parts, .program = program, .accesses = accesses, .by_waist = program->n_carriers > 0 };
  facts->tasks = g_new0 (MtTaskFacts, program->n_tasks + 1);
  mt_facts_reset (facts);
}

static void
empty_facts (MtFacts *facts)
{
  g_clear_pointer (&facts->all, mt_intern_free);
  for (guint t = 0; t < facts->program->n_tasks; t++)
    if (facts->tasks[t].of)
      {
        g_free (facts->tasks[t].of);
        g_free (facts->tasks[t].hidden);
      }
}

void
mt_facts_clear (MtFacts *facts)
{
  empty_facts (facts);
  g_free (facts->tasks);
}

void
mt_facts_reset (MtFacts *facts)
{
  const MtProgram *program = facts->program;
  empty_facts (facts);
  facts->all = mt_intern_new (FACT_WORDS);
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtPart *part = &facts->parts->layout.parts[facts->parts->part_of[program->tasks[t].base]];
      const gsize n = (gsize)1 << part->width;
      MtTaskFacts own = { .hidden = &facts->nothing, .shift = part->shift };
      guint16 *of = part->width <= MAX_FACTS_WIDTH ? g_try_new0 (guint16, n) : NULL;
      guint64 *hidden = of ? g_try_new0 (guint64, n) : NULL;
      if (hidden)
        own = (MtTaskFacts){ of, hidden, n - 1, part->shift };
      else
        g_free (of);
      facts->tasks[t] = own;
    }
}

/* What a footprint is made of. */
typedef struct
{
  const MtFacts *facts;
  const MtWord *s;
  guint task;
  guint64 mask, over;
  gboolean unknown;
  GArray *reads, *writes, *gives, *takes;
} Foot;

static void
add_part_of (Foot *foot, guint address)
{
  const MtParts *parts = foot->facts->parts;
  foot->mask |= mt_part_mask (&parts->layout.parts[parts->part_of[address]]);
}

/* Where a task is ended or begun by another, its lost-update monitors go with it. */
static void
add_monitors (Foot *foot, guint task)
{
  const MtProgram *program = foot->facts->program;
  for (guint w = 0; w < program->watch_words; w++)
    add_part_of (foot, program->watch_base + task * program->watch_words + w);
}

static void
add_all_monitors (Foot *foot)
{
  for (guint t = 0; foot->facts->program->watch_words && t < foot->facts->program->n_tasks; t++)
    add_monitors (foot, t);
}

static gboolean
is_base (const MtProgram *program, guint address, guint *task)
{
  for (*task = 0; *task < program->n_tasks; ++*task)
    if (program->tasks[*task].base == address)
      return TRUE;
  return FALSE;
}

static void
add_addresses (Foot *foot, GArray *addresses, gboolean written)
{
  guint task;
  for (guint i = 0; i < addresses->len; i++)
    {
      guint address = g_array_index (addresses, guint, i);
      add_part_of (foot, address);
      if (written && is_base (foot->facts->program, address, &task))
        add_monitors (foot, task);
    }
  g_array_set_size (addresses, 0);
}

/* The one element of an array that the instruction @in, which begins the step, will touch: its index stands
 * in the frame already. A copy of @in that names it, or @in. */
static const MtInstr *
resolved (const Foot *foot, const MtInstr *in, MtInstr *copy)
{
  const MtProgram *program = foot->facts->program;
  const MtOp *op = mt_op (in->op);
  if (in->b < 0 || !(op->touches == mt_touches_object || op->touches == mt_looks_at_object || op->touches == mt_gives_to_object || op->touches == mt_takes_from_object))
    return in;
  const MtObject *object = mt_object (program, foot->s + program->tasks[foot->task].frame, in);
  if (!object)
    return in;
  *copy = *in;
  copy->imm = (gint32)(object - program->objects);
  copy->b = -1;
  return copy;
}

/* The part of a variable's one word, which is written whatever it was. */
static void
add_written (Foot *foot, guint address)
{
  const MtParts *parts = foot->facts->parts;
  const MtPart *part = &parts->layout.parts[parts->part_of[address]];
  guint64 *mask = part->intern->n_words == 1 ? &foot->over : &foot->mask;
  *mask |= mt_part_mask (part);
}

/* The first access of a step, where it is to one word: a plain write, or an element of an array of fixed length, by an
 * index that stands in the frame. */
static gboolean
add_cell (Foot *foot, const MtInstr *in)
{
  const MtProgram *program = foot->facts->program;
  const MtOp *op = mt_op (in->op);
  if (op == &mt_op_write)
    {
      add_written (foot, (guint)in->imm);
      return TRUE;
    }
  if (op != &mt_op_read_element && op != &mt_op_write_element)
    return FALSE;
  const MtVar *v = &program->vars[in->imm];
  MtWord i = foot->s[program->tasks[foot->task].frame + (guint)(op == &mt_op_read_element ? in->a : in->dst)];
  if (i < 0)
    i += (MtWord)v->type.capacity;
  if (!v->fixed || i < 0 || i >= (MtWord)v->type.capacity)
    return FALSE;
  if (op == &mt_op_write_element)
    add_written (foot, v->address + (guint)i);
  else
    add_part_of (foot, v->address + (guint)i);
  return TRUE;
}

static void
add_instruction (Foot *foot, const MtInstr *in, gboolean first)
{
  MtInstr copy;
  MtFootprint touched = { foot->reads, foot->writes, foot->gives, foot->takes, FALSE };
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  if (!op)
    return;
  if (op->label && in->b >= 0) /* a watched variable */
    add_all_monitors (foot);
  if ((first && add_cell (foot, in)) || !op->touches)
    return;
  op->touches (foot->facts->program, foot->task, first ? resolved (foot, in, &copy) : in, &touched);
  foot->unknown = foot->unknown || touched.all;
  add_addresses (foot, foot->reads, FALSE);
  add_addresses (foot, foot->writes, TRUE);
  add_addresses (foot, foot->gives, TRUE);
  add_addresses (foot, foot->takes, TRUE);
}

/* All instructions of the step that begins at @pc: up to where the next begin. */
static void
walk_step (Foot *foot, guint pc)
{
  const MtProgram *program = foot->facts->program;
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint)), next = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  add_instruction (foot, &program->code[pc], TRUE);
  mt_successors (program->code, pc, work);
  while (work->len)
    {
      guint at = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (program->code[at].flags & MT_STEP || at < MT_N_RESTS || !g_hash_table_add (seen, GUINT_TO_POINTER (at)))
        continue;
      add_instruction (foot, &program->code[at], FALSE);
      mt_successors (program->code, at, next);
      g_array_append_vals (work, next->data, next->len);
    }
}

static void
foot_init (Foot *foot, const MtFacts *facts, const MtWord *s, guint task)
{
  *foot = (Foot){ .facts = facts, .s = s, .task = task };
  GArray **const sets[] = { &foot->reads, &foot->writes, &foot->gives, &foot->takes };
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    *sets[i] = g_array_new (FALSE, FALSE, sizeof (guint));
}

static void
foot_clear (Foot *foot)
{
  GArray *const sets[] = { foot->reads, foot->writes, foot->gives, foot->takes };
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    g_array_unref (sets[i]);
}

static guint64
mask_of (const MtFacts *facts, const MtWord *s, guint task, guint64 *over, gboolean *unknown)
{
  const MtProgram *program = facts->program;
  Foot foot;
  foot_init (&foot, facts, s, task);
  add_part_of (&foot, program->tasks[task].base);
  add_monitors (&foot, task);
  walk_step (&foot, (guint)s[program->tasks[task].base]);
  foot_clear (&foot);
  *unknown = foot.unknown;
  *over = foot.over & ~foot.mask; /* what is looked at later in the step is looked at */
  return foot.mask;
}

guint64
mt_facts_read_by (const MtFacts *facts, const MtPure *pure)
{
  const MtProgram *program = facts->program;
  Foot foot;
  foot_init (&foot, facts, NULL, 0);
  for (guint pc = pure->entry; program->code[pc].op != MT_OP_END; pc++)
    add_instruction (&foot, &program->code[pc], FALSE);
  foot_clear (&foot);
  return foot.unknown ? ~(guint64)0 : foot.mask;
}

static MtFact
find_fact (const MtFacts *facts, const MtWord *s, guint task)
{
  MtFact fact = { .pc = (guint)s[facts->program->tasks[task].base], .cell = -1 };
  gboolean unknown;
  if (fact.pc < MT_N_RESTS)
    {
      fact.flags |= MT_FACT_RESTS;
      fact.mask = mt_part_mask (&facts->parts->layout.parts[facts->parts->part_of[facts->program->tasks[task].base]]);
      return fact;
    }
  const MtAccess *access = &facts->accesses[fact.pc];
  if (access->var >= 0)
    {
      fact.var = (guint16)(access->var + 1);
      fact.flags |= access->write ? MT_FACT_WRITES : 0;
      if (facts->program->vars[access->var].fixed || access->index < 0) /* else the list's length counts too */
        fact.cell = mt_access_cell (facts->program, s, task, access);
    }
  fact.mask = mask_of (facts, s, task, &fact.over, &unknown);
  if (unknown)
    fact.flags |= MT_FACT_WAIST;
  return fact;
}

const MtFact *
mt_fact_find (MtFacts *facts, guint64 key, guint task, const MtWord *s, MtFact *room)
{
  const MtTaskFacts *own = &facts->tasks[task];
  const guint64 number = key >> own->shift & own->field;
  const gboolean full = __atomic_load_n (&facts->all->n, __ATOMIC_RELAXED) >= G_MAXUINT16;
  MtWord words[FACT_WORDS];
  gsize bytes = 0; /* not counted: there are 65535 at most */
  *room = find_fact (facts, s, task);
  memcpy (words, room, sizeof words);
  const guint fact = !own->of ? G_MAXUINT : full ? mt_intern_find (facts->all, words) : mt_intern_number (facts->all, words, &bytes);
  if (fact >= G_MAXUINT16)
    return room;
  __atomic_store_n (&own->of[number], (guint16)(fact + 1), __ATOMIC_RELEASE);
  __atomic_store_n (&own->hidden[number], ~room->mask, __ATOMIC_RELEASE);
  return (const MtFact *)(gconstpointer)mt_intern_value (facts->all, fact);
}

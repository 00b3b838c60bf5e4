/* See mover.h. */
#include "checker/packed/mover.h"
#include "checker/property.h"
#include "sim/op.h"
#include "sim/primitive.h"
#include <string.h>
#include <sys/mman.h>

#define MEMO_BITS 14 /* lines of the cache: 1 MiB */
#define MEMO_BYTES (sizeof (MtMemo) << MEMO_BITS)
#define MAX_FACTS_WIDTH 18 /* bits of a part: of a wider one the facts would take too much */

void
mt_facts_init (MtFacts *facts, MtParts *parts, const MtAccess *accesses)
{
  const MtProgram *program = parts->program;
  *facts = (MtFacts){ .parts = parts, .program = program, .accesses = accesses, .by_waist = program->n_carriers > 0 };
  facts->of = g_new0 (MtFact *, program->n_tasks + 1);
  facts->shift = g_new0 (guint8, program->n_tasks + 1);
  facts->field = g_new0 (guint64, program->n_tasks + 1);
  mt_facts_reset (facts);
}

static void
emptyfacts (MtFacts *facts)
{
  for (guint t = 0; t < facts->program->n_tasks; t++)
    g_clear_pointer (&facts->of[t], g_free);
}

void
mt_facts_clear (MtFacts *facts)
{
  emptyfacts (facts);
  g_free (facts->of);
  g_free (facts->shift);
  g_free (facts->field);
}

void
mt_facts_reset (MtFacts *facts)
{
  const MtProgram *program = facts->program;
  emptyfacts (facts);
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtPart *part = &facts->parts->layout.parts[facts->parts->part_of[program->tasks[t].base]];
      facts->shift[t] = part->shift;
      facts->field[t] = mt_part_mask (part) >> part->shift;
      if (part->width <= MAX_FACTS_WIDTH)
        facts->of[t] = g_try_new0 (MtFact, (gsize)1 << part->width);
    }
}

void
mt_mover_reset (MtMover *m)
{
  if (m->misses)
    memset (m->memos, 0, MEMO_BYTES);
  m->misses = 0;
  m->decoded = 0;
  m->failed = FALSE;
  /* whatever is in words is of no key any more */
  mt_parts_decode (m->facts->parts, m->decoded, m->words);
}

gboolean
mt_mover_init (MtMover *m, MtFacts *facts, MtReducer *reducer)
{
  const MtProgram *program = facts->program;
  *m = (MtMover){ .facts = facts, .reducer = reducer };
  void *memos = mmap (NULL, MEMO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* a small search touches few of its pages */
  if (memos == MAP_FAILED)
    return FALSE;
  m->memos = memos;
  m->words = g_new0 (MtWord, program->n_words + 1);
  m->next = g_new0 (MtWord, program->n_words + 1);
  m->moves = g_new (MtMove, program->max_choices + MT_REMEMBERED + 1);
  m->ways = g_new (MtMove, program->max_choices + 1);
  m->choices = g_new (MtChoice, program->max_choices + 1);
  return TRUE;
}

void
mt_mover_clear (MtMover *m)
{
  munmap (m->memos, MEMO_BYTES);
  g_free (m->words);
  g_free (m->next);
  g_free (m->moves);
  g_free (m->ways);
  g_free (m->choices);
}

const MtWord *
mt_mover_state (MtMover *m, guint64 key)
{
  mt_parts_decode_changed (m->facts->parts, m->decoded, key, m->words);
  m->decoded = key;
  return m->words;
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
find_fact (MtMover *m, const MtWord *s, guint task)
{
  const MtFacts *facts = m->facts;
  MtFact fact = { .pc = (guint)s[facts->program->tasks[task].base], .cell = -1 };
  gboolean unknown;
  if (fact.pc < MT_N_RESTS)
    {
      fact.flags |= MT_FACT_RESTS;
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

static const MtFact *
fact_of (MtMover *m, guint64 key, guint task, MtFact *room)
{
  MtFacts *facts = m->facts;
  MtFact *fact = facts->of[task] ? &facts->of[task][key >> facts->shift[task] & facts->field[task]] : NULL;
  guint8 unknown = MT_FACT_UNKNOWN;
  if (G_LIKELY (fact && __atomic_load_n (&fact->state, __ATOMIC_ACQUIRE) == MT_FACT_KNOWN))
    return fact;
  *room = find_fact (m, mt_mover_state (m, key), task);
  if (!fact || !__atomic_compare_exchange_n (&fact->state, &unknown, MT_FACT_BUSY, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return room;
  fact->mask = room->mask;
  fact->over = room->over;
  fact->pc = room->pc;
  fact->cell = room->cell;
  fact->var = room->var;
  fact->flags = room->flags;
  __atomic_store_n (&fact->state, MT_FACT_KNOWN, __ATOMIC_RELEASE);
  return fact;
}

/* Makes the step @choice of the state @key by the waist. */
static MtMove
make (MtMover *m, guint64 key, MtChoice choice)
{
  const MtProgram *program = m->facts->program;
  const MtWord *s = mt_mover_state (m, key);
  MtMove move = { .key = key, .choice = choice };
  memcpy (m->next, s, sizeof (MtWord) * program->n_words);
  if (choice.task != MT_CLOCK)
    move.pc = (guint)s[program->tasks[choice.task].base];
  move.outcome = mt_step (program, m->next, choice, NULL);
  mt_reducer_forget (m->reducer, s, choice.task, m->next);
  if (!mt_parts_encode_changed (m->facts->parts, m->next, s, &move.key))
    m->failed = TRUE;
  return move;
}

static gint
awaited_by (const MtProgram *program, const MtWord *s, guint task)
{
  gint first = mt_awaited (program, s, task, 0);
  return first >= 0 && mt_awaited (program, s, task, (guint)first + 1) >= 0 ? MT_AWAITS_SEVERAL : first;
}

/* What @task can do in @key, from the waist: to @memo, or, where that is too small or not to be trusted, to
 * m->ways. Returns how many ways there are. */
static guint
ask_waist (MtMover *m, guint64 key, guint task, const MtFact *fact, MtMemo *memo, gboolean *fits)
{
  const MtProgram *program = m->facts->program;
  guint n_choices = mt_choices (program, mt_mover_state (m, key), m->choices), n = 0;
  m->misses++;
  *memo = (MtMemo){ .tag = key & fact->mask, .task = (guint16)(task + 1), .awaits = -1 };
  *fits = !(fact->flags & MT_FACT_WAIST);
  for (guint i = 0; i < n_choices; i++)
    {
      if (m->choices[i].task != task)
        continue;
      MtMove move = make (m, key, m->choices[i]);
      m->ways[n++] = move;
      *fits = *fits && n <= MT_REMEMBERED && !m->failed && !((move.key ^ key) & ~(fact->mask | fact->over));
      if (!*fits)
        continue;
      memo->change[n - 1] = move.key ^ (key & ~fact->over);
      memo->alt[n - 1] = move.choice.alt;
      memo->outcome[n - 1] = (guint8)move.outcome;
      memo->odd |= move.outcome != MT_OK;
    }
  memo->n = (guint8)MIN (n, MT_REMEMBERED);
  if (n == 0)
    memo->awaits = (gint16)awaited_by (program, mt_mover_state (m, key), task);
  return n;
}

#ifdef MT_CHECK_FOOTPRINTS
static void
check_memo (MtMover *m, guint64 key, guint task, const MtFact *fact, const MtMemo *memo)
{
  MtMemo again;
  gboolean fits;
  ask_waist (m, key, task, fact, &again, &fits);
  if (!m->failed && (!fits || memcmp (&again, memo, sizeof again) != 0))
    g_error ("footprint: what the step at instruction %u (line %d) does depends on more than it declares", fact->pc,
             m->facts->program->sites[m->facts->program->code[fact->pc].site].mark.line);
}
#endif

static inline MtMemo *
line_of (MtMover *m, guint64 tag, guint task)
{
  guint64 hash = (tag ^ tag >> 29 ^ (guint64)(task + 1) << 40) * 0x9e3779b97f4a7c15u;
  return &m->memos[hash >> (64 - MEMO_BITS)];
}

static inline void
add_move (MtMover *m, guint64 key, guint task, guint alt, guint pc, MtOutcome outcome)
{
  m->moves[m->n_moves++] = (MtMove){ key, { (guint16)task, (guint16)alt }, pc, outcome };
}

/* What is remembered of @task's steps in @key, now at the latest; NULL: nothing can be, and m->ways, m->n_ways of them,
 * and m->slow.awaits tell. */
static inline const MtMemo *
remembered (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  guint64 tag = key & fact->mask;
  MtMemo *memo = line_of (m, tag, task);
  if (G_UNLIKELY (memo->tag != tag || memo->task != task + 1))
    {
      gboolean fits;
      m->n_ways = ask_waist (m, key, task, fact, &m->slow, &fits);
      if (!fits)
        return NULL;
      *memo = m->slow;
    }
#ifdef MT_CHECK_FOOTPRINTS
  check_memo (m, key, task, fact, memo);
#endif
  return memo;
}

/* Appends what @task can do. Returns whom it waits for, as in MtMemo, where it can do nothing. */
static inline gint
expand_task (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  const MtMemo *memo = remembered (m, key, task, fact);
  if (G_UNLIKELY (!memo))
    {
      for (guint i = 0; i < m->n_ways; i++)
        m->moves[m->n_moves++] = m->ways[i];
      return m->slow.awaits;
    }
  guint64 rest = key & ~fact->over;
  for (guint i = 0; i < memo->n; i++)
    add_move (m, rest ^ memo->change[i], task, memo->alt[i], fact->pc, memo->outcome[i]);
  return memo->awaits;
}

/* Whether the accesses that two tasks are about to make meet. */
static inline gboolean
meet (const MtFact *a, const MtFact *b)
{
  return a->var == b->var && ((a->flags | b->flags) & MT_FACT_WRITES) && (a->cell == b->cell || a->cell < 0 || b->cell < 0);
}

/* Whether those that wait, each for one other (@awaits; -1: for nobody), wait in a circle. */
static gboolean
is_circle (const gint16 *awaits, const guint16 *waiting, guint n_waiting, guint n_tasks)
{
  for (guint i = 0; i < n_waiting; i++)
    {
      gint at = awaits[waiting[i]];
      for (guint steps = 0; at >= 0 && steps <= n_tasks; steps++, at = awaits[at])
        if (at == waiting[i])
          return TRUE;
      if (at == MT_AWAITS_SEVERAL)
        return TRUE; /* perhaps */
    }
  return FALSE;
}

static void
expand_by_waist (MtMover *m, guint64 key)
{
  const MtProgram *program = m->facts->program;
  guint n = mt_choices (program, mt_mover_state (m, key), m->choices);
  m->cycle = m->race = TRUE; /* perhaps */
  for (guint i = 0; i < n; i++)
    m->moves[m->n_moves++] = make (m, key, m->choices[i]);
}

/* Daemons do not outlive the others (mt_choices()). */
static gboolean
is_over (MtMover *m, guint64 key)
{
  return m->facts->program->has_daemons && mt_ended (m->facts->program, mt_mover_state (m, key));
}

void
mt_mover_expand (MtMover *m, guint64 key)
{
  const MtProgram *program = m->facts->program;
  guint n_tasks = program->n_tasks, n_waiting = 0, n_about = 0;
  gint16 *awaits = g_newa (gint16, n_tasks + 1);
  guint16 *waiting = g_newa (guint16, n_tasks + 1);
  const MtFact **about = g_newa (const MtFact *, n_tasks + 1);
  MtFact *rooms = g_newa (MtFact, n_tasks + 1);
  m->n_moves = 0;
  m->cycle = m->race = FALSE;
  if (G_UNLIKELY (m->facts->by_waist))
    {
      expand_by_waist (m, key);
      return;
    }
  if (is_over (m, key))
    return;
  for (guint t = 0; t < n_tasks; t++)
    {
      const MtFact *fact = fact_of (m, key, t, &rooms[t]);
      awaits[t] = -1;
      if (fact->flags & MT_FACT_RESTS)
        continue;
      if (fact->var && !(m->facts->raced && __atomic_load_n (&m->facts->raced[fact->var - 1], __ATOMIC_RELAXED)))
        {
          for (guint i = 0; !m->race && i < n_about; i++)
            m->race = meet (about[i], fact);
          about[n_about++] = fact;
        }
      gint awaited = expand_task (m, key, t, fact);
      if (awaited == -1)
        continue;
      awaits[t] = (gint16)awaited;
      waiting[n_waiting++] = (guint16)t;
    }
  m->cycle = n_waiting && is_circle (awaits, waiting, n_waiting, n_tasks);
  if (m->n_moves == 0)
    {
      guint n = mt_choices (program, mt_mover_state (m, key), m->choices);
      if (n) /* the clock */
        m->moves[m->n_moves++] = make (m, key, m->choices[0]);
    }
}

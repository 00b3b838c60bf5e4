/* See mover.h. */
#include "checker/packed/mover.h"
#include "checker/property.h"
#include "sim/op.h"
#include "sim/primitive.h"
#include <string.h>

#define FIRST_MEMO_BITS 8 /* 16 KiB */
#define LITTLE_MEMO_BITS 12 /* 256 KiB */
#define LAST_MEMO_BITS 17 /* 8 MiB */
#define PAIR (2 * sizeof (MtMemo))
#define MAX_SEVERAL 65536 /* ways; beyond, all is forgotten */
#define MAX_FACTS_WIDTH 18 /* bits of a part: of a wider one the facts would take too much */

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
  for (guint t = 0; t < facts->program->n_tasks; t++)
    if (facts->tasks[t].of != &facts->unknown)
      g_free (facts->tasks[t].of);
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
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtPart *part = &facts->parts->layout.parts[facts->parts->part_of[program->tasks[t].base]];
      MtFact *of = part->width <= MAX_FACTS_WIDTH ? g_try_new0 (MtFact, (gsize)1 << part->width) : NULL;
      facts->tasks[t] = (MtTaskFacts){ of ? of : &facts->unknown, of ? mt_part_mask (part) >> part->shift : 0, part->shift };
    }
}

static void
forget_memos (MtMover *m)
{
  memset (m->memos, 0, PAIR << m->memo_bits);
  g_array_set_size (m->several, 0);
  m->misses = 0;
}

void
mt_mover_reset (MtMover *m)
{
  forget_memos (m);
  m->stale = TRUE;
  m->failed = FALSE;
}

gboolean
mt_mover_init (MtMover *m, MtFacts *facts, MtReducer *reducer)
{
  const MtProgram *program = facts->program;
  *m = (MtMover){ .facts = facts, .reducer = reducer, .memo_bits = FIRST_MEMO_BITS, .stale = TRUE };
  m->memos = g_try_malloc0 (PAIR << m->memo_bits);
  if (!m->memos)
    return FALSE;
  m->several = g_array_new (FALSE, FALSE, sizeof (MtWay));
  m->words = g_new0 (MtWord, program->n_words + 1);
  m->next = g_new0 (MtWord, program->n_words + 1);
  m->moves = g_new (MtMove, program->max_choices + MT_REMEMBERED + 1);
  m->reaches = g_new (MtReach, program->n_tasks + 1);
  m->ways = g_new (MtMove, program->max_choices + 1);
  m->choices = g_new (MtChoice, program->max_choices + 1);
  return TRUE;
}

void
mt_mover_clear (MtMover *m)
{
  g_free (m->memos);
  g_array_unref (m->several);
  g_free (m->words);
  g_free (m->next);
  g_free (m->moves);
  g_free (m->reaches);
  g_free (m->ways);
  g_free (m->choices);
}

const MtWord *
mt_mover_state (MtMover *m, guint64 key)
{
  if (G_UNLIKELY (m->stale))
    mt_parts_decode (m->facts->parts, key, m->words);
  else
    mt_parts_decode_changed (m->facts->parts, m->decoded, key, m->words);
  m->stale = FALSE;
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
  MtFact fact = { .pc = (guint)s[facts->program->tasks[task].base], .cell = -1, .flags = MT_FACT_KNOWN };
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

/* The fact that is not yet in its place, @fact. */
static G_GNUC_NO_INLINE const MtFact *
new_fact (MtMover *m, guint64 key, guint task, MtFact *fact, MtFact *room)
{
  guint8 unknown = 0;
  *room = find_fact (m, mt_mover_state (m, key), task);
  if (fact == &m->facts->unknown || !__atomic_compare_exchange_n (&fact->flags, &unknown, MT_FACT_BUSY, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return room;
  fact->mask = room->mask;
  fact->over = room->over;
  fact->pc = room->pc;
  fact->cell = room->cell;
  fact->var = room->var;
  __atomic_store_n (&fact->flags, room->flags, __ATOMIC_RELEASE);
  return fact;
}

static inline const MtFact *
fact_of (MtMover *m, guint64 key, guint task, MtFact *room)
{
  const MtTaskFacts *facts = &m->facts->tasks[task];
  MtFact *fact = &facts->of[key >> facts->shift & facts->field];
  if (G_LIKELY (__atomic_load_n (&fact->flags, __ATOMIC_ACQUIRE) & MT_FACT_KNOWN))
    return fact;
  return new_fact (m, key, task, fact, room);
}

/* (Atomic: another worker, who did not know it yet, may be trying to write it down.) */
static inline guint
flags_of (const MtFact *fact)
{
  return __atomic_load_n (&fact->flags, __ATOMIC_RELAXED);
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

/* What @task can do in @key, from the waist: m->ways and m->awaits. Returns whether that may be remembered. */
static gboolean
ask_waist (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  const MtProgram *program = m->facts->program;
  guint n_choices = mt_choices (program, mt_mover_state (m, key), m->choices);
  gboolean fits = !(flags_of (fact) & MT_FACT_WAIST);
  m->n_ways = 0;
  for (guint i = 0; i < n_choices; i++)
    if (m->choices[i].task == task)
      {
        MtMove move = make (m, key, m->choices[i]);
        fits = fits && !m->failed && !((move.key ^ key) & ~(fact->mask | fact->over));
        m->ways[m->n_ways++] = move;
      }
  m->awaits = m->n_ways ? -1 : awaited_by (program, mt_mover_state (m, key), task);
  return fits && m->n_ways <= MT_REMEMBERED;
}

static inline MtMemo *
pair_of (const MtMover *m, guint64 tag, guint task)
{
  guint64 hash = (tag ^ (guint64)task << 32) * 0x9e3779b97f4a7c15u;
  return m->memos + 2 * (hash >> (64 - m->memo_bits));
}

static inline void
add_memo (MtMover *m, const MtMemo *memo)
{
  MtMemo *pair = pair_of (m, memo->tag, memo->task - 1u);
  pair[1] = pair[0];
  pair[0] = *memo;
}

/* As many misses as there are lines: there should be more of them. Where there is no memory for that, there are as many as there were. */
static void
grow_memos (MtMover *m)
{
  const gsize bytes = PAIR << (m->memo_bits + 1);
  MtMemo *before = m->memos, *memos = g_try_malloc (bytes);
  gsize n = (gsize)2 << m->memo_bits;
  m->misses = 0;
  if (!memos)
    return;
  memset (memos, 0, bytes); /* not by the system, page by page, when each is read first and then written */
  m->memos = memos;
  m->memo_bits++;
  for (gsize i = n; i-- > 0;) /* the second of a pair first: it is the older one */
    if (before[i].task)
      add_memo (m, &before[i]);
  g_free (before);
}

/* Remembers m->ways. */
static MtMemo *
remember (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  MtMemo memo = { .tag = key & fact->mask, .changes = fact->over, .task = (guint16)(task + 1), .awaits = (gint16)m->awaits, .n = (guint8)m->n_ways };
  if (m->several->len > MAX_SEVERAL)
    forget_memos (m);
  if (++m->misses > (guint)2 << m->memo_bits && m->memo_bits < LAST_MEMO_BITS && (m->memo_bits < LITTLE_MEMO_BITS || PAIR << (m->memo_bits + 1) <= m->facts->memo_bytes))
    grow_memos (m);
  if (m->n_ways > 1)
    memo.change = m->several->len;
  for (guint i = 0; i < m->n_ways; i++)
    {
      MtWay way = { m->ways[i].key ^ (key & ~fact->over), m->ways[i].choice.alt, (guint8)m->ways[i].outcome };
      memo.changes |= m->ways[i].key ^ key;
      memo.outcome |= way.outcome;
      if (m->n_ways > 1)
        g_array_append_val (m->several, way);
      else
        {
          memo.change = way.change;
          memo.alt = way.alt;
        }
    }
  add_memo (m, &memo);
  return pair_of (m, memo.tag, task);
}

static G_GNUC_NO_INLINE const MtMemo *
new_memo (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  if (flags_of (fact) & MT_FACT_RESTS)
    {
      m->n_ways = 0;
      m->awaits = -1;
      return remember (m, key, task, fact);
    }
  return ask_waist (m, key, task, fact) ? remember (m, key, task, fact) : NULL;
}

/* What is remembered of @task's steps in @key, now at the latest; NULL: nothing can be, and m->ways and m->awaits tell. */
static inline const MtMemo *
remembered (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  guint64 tag = key & fact->mask;
  const MtMemo *memo = pair_of (m, tag, task);
  memo += (memo->tag != tag) | (memo->task != task + 1);
  return G_LIKELY (memo->tag == tag && memo->task == task + 1) ? memo : new_memo (m, key, task, fact);
}

#ifdef MT_CHECK_FOOTPRINTS
/* @moves, @n of them, are what was remembered of @task's steps in @key. */
static void
check_memo (MtMover *m, guint64 key, guint task, const MtFact *fact, const MtMove *moves, guint n)
{
  gboolean same = ask_waist (m, key, task, fact) && m->n_ways == n;
  for (guint i = 0; same && i < n; i++)
    same = m->ways[i].key == moves[i].key && m->ways[i].choice.alt == moves[i].choice.alt && m->ways[i].outcome == moves[i].outcome && m->ways[i].pc == moves[i].pc;
  if (!m->failed && !same)
    g_error ("footprint: what the step at instruction %u (line %d) does depends on more than it declares", fact->pc,
             m->facts->program->sites[m->facts->program->code[fact->pc].site].mark.line);
}
#endif

/* Appends ways that are several, or not remembered (@memo is NULL). */
static G_GNUC_NO_INLINE void
add_ways (MtMover *m, guint64 key, guint task, const MtFact *fact, const MtMemo *memo)
{
  for (guint i = 0; !memo && i < m->n_ways; i++)
    {
      m->odd |= m->ways[i].outcome != MT_OK;
      m->moves[m->n_moves++] = m->ways[i];
    }
  for (guint i = 0; memo && i < memo->n; i++)
    {
      const MtWay *way = &g_array_index (m->several, MtWay, memo->change + i);
      m->moves[m->n_moves++] = (MtMove){ (key & ~fact->over) ^ way->change, { (guint16)task, way->alt }, fact->pc, way->outcome };
    }
}

/* Whether the accesses that two tasks are about to make meet. */
static inline gboolean
meet (const MtFact *a, const MtFact *b)
{
  return a->var == b->var && ((flags_of (a) | flags_of (b)) & MT_FACT_WRITES) && (a->cell == b->cell || a->cell < 0 || b->cell < 0);
}

/* Whether some of the tasks wait in a circle, each for one other (@awaits; -1: for nobody). */
static G_GNUC_NO_INLINE gboolean
is_circle (const gint16 *awaits, guint n_tasks)
{
  for (guint first = 0; first < n_tasks; first++)
    {
      gint at = awaits[first];
      for (guint steps = 0; at >= 0 && steps <= n_tasks; steps++, at = awaits[at])
        if (at == (gint)first)
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
  m->odd = 1;
  for (guint i = 0; i < n; i++)
    m->moves[m->n_moves++] = make (m, key, m->choices[i]);
}

static gboolean
is_over (MtMover *m, guint64 key)
{
  return m->facts->program->has_daemons && mt_ended (m->facts->program, mt_mover_state (m, key));
}

/* Daemons do not outlive the others (mt_choices()); else where nothing can move, time may. */
static G_GNUC_NO_INLINE void
expand_at_rest (MtMover *m, guint64 key)
{
  guint n = mt_choices (m->facts->program, mt_mover_state (m, key), m->choices);
  if (n)
    m->moves[m->n_moves++] = make (m, key, m->choices[0]);
  m->odd |= n; /* perhaps */
}

/* Whether two of @n tasks, which are about to access variables, may race for one. */
static G_GNUC_NO_INLINE gboolean
is_race (const MtFacts *facts, const MtFact *const *about, guint n)
{
  for (guint i = 1; i < n; i++)
    for (guint k = 0; k < i; k++)
      if (meet (about[k], about[i]) && !(facts->raced && __atomic_load_n (&facts->raced[about[i]->var - 1], __ATOMIC_RELAXED)))
        return TRUE;
  return FALSE;
}

/* The loop has few branches, since a processor foresees neither which tasks are blocked nor which are over: what is not to be counted
 * is written all the same, and written over by the next. */
void
mt_mover_expand (MtMover *m, guint64 key)
{
  const guint n_tasks = m->facts->program->n_tasks;
  gint16 *awaits = g_newa (gint16, n_tasks + 1);
  const MtFact **about = g_newa (const MtFact *, n_tasks + 1);
  MtFact *rooms = g_newa (MtFact, n_tasks + 1);
  MtReach *reach = m->reaches;
  guint64 waiting = 0, awaited = 0; /* tasks, modulo 64: where these have none in common, there is no circle */
  guint n_about = 0, n = 0, odd = 0;
  m->n_moves = m->n_reaches = m->odd = 0;
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
      const MtMemo *memo = remembered (m, key, t, fact);
      about[n_about] = fact;
      n_about += fact->var != 0;
      if (G_UNLIKELY (!memo || memo->n > 1))
        {
          m->n_moves = n;
          add_ways (m, key, t, fact, memo);
          n = m->n_moves;
        }
      else
        {
          m->moves[n] = (MtMove){ (key & ~fact->over) ^ memo->change, { (guint16)t, memo->alt }, fact->pc, memo->outcome };
          n += memo->n;
        }
      *reach = memo ? (MtReach){ fact->mask | fact->over, memo->changes, t, n } : (MtReach){ ~(guint64)0, ~(guint64)0, t, n };
      reach += memo ? memo->n > 0 : m->n_ways > 0;
      odd |= memo ? memo->outcome : 0;
      gint whom = awaits[t] = memo ? memo->awaits : (gint16)m->awaits;
      guint64 waits = whom != -1;
      waiting |= waits << (t & 63);
      awaited |= waits << (whom & 63) | -(guint64)(whom == MT_AWAITS_SEVERAL);
#ifdef MT_CHECK_FOOTPRINTS
      if (memo && !(flags_of (fact) & MT_FACT_RESTS))
        check_memo (m, key, t, fact, m->moves + n - memo->n, memo->n);
#endif
    }
  m->n_moves = n;
  m->n_reaches = (guint)(reach - m->reaches);
  m->odd |= odd;
  m->race = n_about > 1 && is_race (m->facts, about, n_about);
  m->cycle = waiting & awaited && is_circle (awaits, n_tasks);
  if (n == 0)
    expand_at_rest (m, key);
}

/* See mover.h. */
#include "checker/packed/mover.h"
#include "sim/primitive.h"
#include <string.h>

#define FIRST_MEMO_BITS 4 /* 1 KiB */
#define PAIR (2 * sizeof (MtMemo))
#define LITTLE ((gsize)256 << 10) /* bytes that all memos may grow by in any case */
#define MOST ((gsize)8 << 20) /* and at most */
#define MAX_SEVERAL 65536 /* ways; beyond, all is forgotten */
#define TOP ((guint64)1 << 63) /* no key has it */
#define TASK_BITS 64
#define TRIAL 256 /* states */
#define TRIAL_AGAIN 65536

/* All tasks are looked at anew. */
static void
forget_same (MtMover *m)
{
  const guint n_tasks = m->facts->program->n_tasks;
  m->cycle = m->race = FALSE;
  memset (m->same, 0, sizeof (MtSame) * n_tasks);
  memset (m->notes, 0, sizeof (guint16) * n_tasks);
}

static void
forget_memos (MtMover *m)
{
  for (guint t = 0; t < m->facts->program->n_tasks; t++)
    {
      MtTaskMemos *own = &m->memos[t];
      memset (own->memos, 0, PAIR << own->bits);
      own->misses = 0;
    }
  g_array_set_size (m->several, 0);
}

void
mt_mover_reset (MtMover *m)
{
  forget_memos (m);
  forget_same (m);
  m->stale = TRUE;
  m->failed = FALSE;
}

gboolean
mt_mover_init (MtMover *m, MtFacts *facts, MtReducer *reducer)
{
  const MtProgram *program = facts->program;
  gboolean good = TRUE;
  *m = (MtMover){ .facts = facts, .reducer = reducer, .stale = TRUE };
  m->memos = g_new0 (MtTaskMemos, program->n_tasks + 1);
  for (guint t = 0; t < program->n_tasks; t++)
    {
      m->memos[t] = (MtTaskMemos){ g_try_malloc0 (PAIR << FIRST_MEMO_BITS), FIRST_MEMO_BITS, 0 };
      m->memo_bytes += PAIR << FIRST_MEMO_BITS;
      good = good && m->memos[t].memos;
    }
  m->several = g_array_new (FALSE, FALSE, sizeof (MtWay));
  m->words = g_new0 (MtWord, program->n_words + 1);
  m->next = g_new0 (MtWord, program->n_words + 1);
  m->can = g_new0 (MtMemo, program->n_tasks + 1);
  m->same = g_new0 (MtSame, program->n_tasks + 1);
  m->notes = g_new0 (guint16, program->n_tasks + 1);
  m->moving = g_new0 (guint64, program->n_tasks / TASK_BITS + 1);
  m->aside = g_new (MtMove, program->max_choices + MT_REMEMBERED + 1);
  m->rooms = g_new0 (MtFact, program->n_tasks + 1);
  m->moves = g_new (MtMove, program->max_choices + MT_REMEMBERED + 1);
  m->reaches = g_new (MtReach, program->n_tasks + 1);
  m->ways = g_new (MtMove, program->max_choices + 1);
  m->choices = g_new (MtChoice, program->max_choices + 1);
  if (!good)
    mt_mover_clear (m);
  return good;
}

void
mt_mover_clear (MtMover *m)
{
  for (guint t = 0; t < m->facts->program->n_tasks; t++)
    g_free (m->memos[t].memos);
  g_free (m->memos);
  g_array_unref (m->several);
  g_free (m->words);
  g_free (m->next);
  g_free (m->can);
  g_free (m->same);
  g_free (m->notes);
  g_free (m->moving);
  g_free (m->aside);
  g_free (m->rooms);
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

guint
mt_mover_pc (MtMover *m, guint64 key, guint task)
{
  if (task == MT_CLOCK)
    return 0;
  const MtFact *fact = mt_fact_known (m->facts, key, task);
  return fact ? fact->pc : (guint)mt_mover_state (m, key)[m->facts->program->tasks[task].base];
}

static const MtFact *
fact_of (MtMover *m, guint64 key, guint task)
{
  const MtFact *fact = mt_fact_known (m->facts, key, task);
  return fact ? fact : mt_fact_find (m->facts, key, task, mt_mover_state (m, key), &m->rooms[task]);
}

/* Makes the step @choice of the state @key by the waist. */
static MtMove
make (MtMover *m, guint64 key, MtChoice choice)
{
  const MtProgram *program = m->facts->program;
  const MtWord *s = mt_mover_state (m, key);
  MtMove move = { key, { .choice = choice, .n = 1 } };
  memcpy (m->next, s, sizeof (MtWord) * program->n_words);
  move.gist.outcome = (guint8)mt_step (program, m->next, choice, NULL);
  mt_reducer_forget (m->reducer, s, choice.task, m->next);
  if (!mt_parts_encode_changed (m->facts->parts, m->next, s, &move.key))
    m->failed = TRUE;
  return move;
}

static guint16
awaited_by (const MtProgram *program, const MtWord *s, guint task)
{
  gint first = mt_awaited (program, s, task, 0);
  return first >= 0 && mt_awaited (program, s, task, (guint)first + 1) >= 0 ? MT_WAITS_FOR_SEVERAL : (guint16)(first + 1);
}

/* What @task can do in @key, from the waist: m->ways and m->noted. Returns whether that may be remembered. */
static gboolean
ask_waist (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  const MtProgram *program = m->facts->program;
  guint n_choices = mt_choices_of (program, mt_mover_state (m, key), task, m->choices);
  gboolean fits = !(fact->flags & MT_FACT_WAIST);
  m->n_ways = 0;
  for (guint i = 0; i < n_choices; i++)
    {
      MtMove move = make (m, key, m->choices[i]);
      fits = fits && !m->failed && !((move.key ^ key) & ~(fact->mask | fact->over));
      m->ways[m->n_ways++] = move;
    }
  m->noted = m->n_ways ? 0 : awaited_by (program, mt_mover_state (m, key), task);
  return fits && m->n_ways <= MT_REMEMBERED;
}

/* Remembering. */

static inline MtMemo *
pair_of (const MtTaskMemos *own, guint64 tag)
{
  return own->memos + 2 * (tag * 0x9e3779b97f4a7c15u >> (64 - own->bits));
}

static inline MtMemo *
add_memo (MtTaskMemos *own, const MtMemo *memo)
{
  MtMemo *pair = pair_of (own, memo->tag);
  pair[1] = pair[0];
  pair[0] = *memo;
  return pair;
}

/* As many misses as there are lines: there should be more of them. Where there is no memory for that, there are as many as there were. */
static void
grow_memos (MtMover *m, MtTaskMemos *own)
{
  const gsize bytes = PAIR << own->bits;
  const MtTaskMemos before = *own;
  own->misses = 0;
  if (m->memo_bytes + bytes > (PAIR << FIRST_MEMO_BITS) * m->facts->program->n_tasks + MIN (MAX (LITTLE, m->facts->memo_bytes), MOST))
    return;
  MtMemo *memos = g_try_malloc (2 * bytes);
  if (!memos)
    return;
  memset (memos, 0, 2 * bytes); /* not by the system, page by page, when each is read first and then written */
  m->memo_bytes += bytes;
  own->memos = memos;
  own->bits++;
  for (gsize i = (gsize)2 << before.bits; i-- > 0;) /* the second of a pair first: it is the older one */
    if (before.memos[i].tag)
      add_memo (own, &before.memos[i]);
  g_free (before.memos);
}

/* Remembers m->ways. */
static const MtMemo *
remember (MtMover *m, guint64 key, guint task, const MtFact *fact)
{
  MtTaskMemos *own = &m->memos[task];
  MtMemo memo = { .tag = key | ~fact->mask, .over = fact->over, .gist = { .choice.task = (guint16)task, .n = (guint8)m->n_ways, .notes = m->noted } };
  if (m->several->len > MAX_SEVERAL)
    forget_memos (m);
  if (++own->misses > (guint)2 << own->bits)
    grow_memos (m, own);
  if (m->n_ways > 1)
    memo.change = m->several->len;
  for (guint i = 0; i < m->n_ways; i++)
    {
      MtWay way = { m->ways[i].key ^ (key & ~fact->over), m->ways[i].gist.choice.alt, m->ways[i].gist.outcome };
      memo.gist.outcome |= way.outcome;
      if (m->n_ways > 1)
        g_array_append_val (m->several, way);
      else
        {
          memo.change = way.change;
          memo.gist.choice.alt = way.alt;
        }
    }
  return add_memo (own, &memo);
}

/* What is not where it is looked for: the fact is not known yet, or what the step does. NULL: that can't be remembered, and m->ways and m->noted
 * tell. */
static G_GNUC_NO_INLINE const MtMemo *
new_memo (MtMover *m, guint64 key, guint task)
{
  const MtFact *fact = fact_of (m, key, task);
  const guint64 tag = key | ~fact->mask;
  const MtMemo *pair = pair_of (&m->memos[task], tag);
  m->hidden = ~fact->mask;
  for (guint i = 0; i < 2; i++)
    if (pair[i].tag == tag)
      return &pair[i];
  m->n_ways = m->noted = 0;
  const gboolean fits = fact->flags & MT_FACT_RESTS || ask_waist (m, key, task, fact);
  m->noted |= fact->var ? MT_ABOUT : 0;
  return fits ? remember (m, key, task, fact) : NULL;
}

#ifdef MT_CHECK_FOOTPRINTS
/* @memo is what was remembered of @task's steps in @key. */
static void
check_memo (MtMover *m, guint64 key, guint task, const MtMemo *memo)
{
  const MtFact *fact = fact_of (m, key, task);
  if (fact->flags & MT_FACT_RESTS)
    return;
  gboolean same = ask_waist (m, key, task, fact) && m->n_ways == memo->gist.n && m->noted == (memo->gist.notes & MT_WAITS);
  for (guint i = 0; same && i < m->n_ways; i++)
    {
      MtWay way = { memo->change, memo->gist.choice.alt, memo->gist.outcome };
      if (m->n_ways > 1)
        way = g_array_index (m->several, MtWay, memo->change + i);
      same = m->ways[i].key == ((key & ~memo->over) ^ way.change) && m->ways[i].gist.choice.alt == way.alt && m->ways[i].gist.outcome == way.outcome;
    }
  if (!m->failed && !same)
    g_error ("footprint: what the step at instruction %u (line %d) does depends on more than it declares", fact->pc,
             m->facts->program->sites[m->facts->program->code[fact->pc].site].mark.line);
}
#endif

/* What @task can do in @key, remembered now at the latest, or NULL (new_memo()); and what its step does not look at. */
static inline const MtMemo *
remembered (MtMover *m, guint64 key, guint task, guint64 *hidden)
{
  const MtTaskFacts *facts = &m->facts->tasks[task];
  *hidden = __atomic_load_n (&facts->hidden[key >> facts->shift & facts->field], __ATOMIC_ACQUIRE);
  const guint64 tag = key | TOP | *hidden; /* where the fact is not known, it has no bit but the top one more than a key: there is none such */
  const MtMemo *memo = pair_of (&m->memos[task], tag);
  memo += memo->tag != tag;
  if (G_UNLIKELY (memo->tag != tag))
    {
      memo = new_memo (m, key, task);
      *hidden = m->hidden;
    }
#ifdef MT_CHECK_FOOTPRINTS
  if (memo)
    check_memo (m, key, task, memo);
#endif
  return memo;
}

/* Expanding. */

/* A state being expanded. */
typedef struct
{
  guint64 key;
  MtMove *moves;
  guint n_moves;
  MtReach *reach; /* where the next goes */
  guint odd; /* outcomes */
  guint notes; /* of the tasks that were looked at, and what these were before */
} Work;

/* Puts what @task can do to @to, ways that are several, or not remembered (@memo is NULL). Returns how many, and with them the notes and *@changes. */
static guint
put_ways (MtMover *m, guint64 key, guint task, const MtMemo *memo, MtMove *to, MtGist *gist, guint64 *changes)
{
  const guint n = memo ? memo->gist.n : m->n_ways;
  *gist = memo ? memo->gist : (MtGist){ .choice.task = (guint16)task, .notes = m->noted };
  *changes = memo ? memo->over : ~(guint64)0;
  for (guint i = 0; i < n; i++)
    {
      const MtWay *way = memo ? &g_array_index (m->several, MtWay, memo->change + i) : NULL;
      to[i] = way ? (MtMove){ (key & ~memo->over) ^ way->change, { { (guint16)task, way->alt }, way->outcome, 1, 0 } } : m->ways[i];
      *changes |= way ? way->change : 0;
      gist->outcome |= to[i].gist.outcome;
    }
  return n;
}

/* Adds the one move of the task, if it has any: without a branch on whether it has, since nobody can foresee that. */
static inline void
add_move (guint task, const MtMemo *memo, guint64 hidden, Work *work)
{
  work->moves[work->n_moves] = (MtMove){ (work->key & ~memo->over) ^ memo->change, memo->gist };
  work->n_moves += memo->gist.n;
  work->odd |= memo->gist.outcome;
  *work->reach = (MtReach){ ~hidden | memo->over, memo->over | memo->change, task, work->n_moves };
  work->reach += memo->gist.n;
}

/* What was before is not looked at. */
static inline void
expand_all (MtMover *m, Work *work)
{
  const guint n_tasks = m->facts->program->n_tasks;
  for (guint t = 0; t < n_tasks; t++)
    {
      guint64 hidden, changes;
      const MtMemo *memo = remembered (m, work->key, t, &hidden);
      MtGist gist;
      if (G_LIKELY (memo && memo->gist.n <= 1))
        {
          gist = memo->gist;
          add_move (t, memo, hidden, work);
        }
      else
        {
          guint n = put_ways (m, work->key, t, memo, work->moves + work->n_moves, &gist, &changes);
          work->n_moves += n;
          work->odd |= gist.outcome;
          *work->reach = (MtReach){ ~hidden | changes, changes, t, work->n_moves };
          work->reach += n != 0;
        }
      m->notes[t] = gist.notes;
      work->notes |= gist.notes;
    }
}

/* Those of the tasks from @first on, @n of them, that may do something else than in the state before. */
static inline guint64
others (const MtMover *m, guint64 key, guint first, guint n)
{
  guint64 bits = 0;
  for (guint t = first + n; t-- > first;)
    bits = 2 * bits + ((key | TOP | m->same[t].hidden) != m->same[t].tag);
  return bits;
}

/* Finds out what @task can do, to be kept. Returns whether it can do anything. */
static inline gboolean
look_at (MtMover *m, guint task, Work *work)
{
  guint64 hidden, changes;
  const MtMemo *memo = remembered (m, work->key, task, &hidden);
  MtMemo *can = &m->can[task];
  if (G_LIKELY (memo && memo->gist.n <= 1))
    {
      *can = *memo;
      m->same[task] = (MtSame){ hidden, memo->tag };
    }
  else
    {
      guint n = put_ways (m, work->key, task, memo, m->aside + m->n_aside, &can->gist, &changes);
      can->change = m->n_aside | (guint64)n << 32;
      can->tag = changes;
      can->over = ~hidden | changes;
      can->gist.n = n > 0;
      m->n_aside += n;
      m->same[task] = (MtSame){ 0, 0 };
    }
  work->notes |= m->notes[task] | can->gist.notes;
  m->notes[task] = can->gist.notes;
  return can->gist.n != 0;
}

/* Adds what is known of the task. */
static inline void
add_kept (const MtMover *m, guint task, Work *work)
{
  const MtMemo *can = &m->can[task];
  if (G_LIKELY (m->same[task].tag))
    {
      add_move (task, can, m->same[task].hidden, work);
      return;
    }
  const guint n = (guint)(can->change >> 32);
  memcpy (work->moves + work->n_moves, m->aside + (guint32)can->change, sizeof (MtMove) * n);
  work->n_moves += n;
  work->odd |= can->gist.outcome;
  *work->reach++ = (MtReach){ can->over, can->tag, task, work->n_moves };
}

/* Of tasks that do the same as in the state before, moves are made of what is known of them. */
static inline void
expand_others (MtMover *m, Work *work)
{
  const guint n_tasks = m->facts->program->n_tasks;
  for (guint first = 0; first < n_tasks; first += TASK_BITS)
    {
      const guint64 changed = others (m, work->key, first, MIN (TASK_BITS, n_tasks - first));
      guint64 moving = m->moving[first / TASK_BITS] & ~changed;
      for (guint64 left = changed; left; left &= left - 1, m->trial.others++)
        {
          const guint bit = (guint)__builtin_ctzll (left);
          moving |= (guint64)look_at (m, first + bit, work) << bit;
        }
      m->moving[first / TASK_BITS] = moving;
      for (guint64 left = moving; left; left &= left - 1)
        add_kept (m, first + (guint)__builtin_ctzll (left), work);
    }
}

/* Whether some of the tasks wait in a circle, each for one other. */
static G_GNUC_NO_INLINE gboolean
is_circle (const guint16 *notes, guint n_tasks)
{
  for (guint first = 0; first < n_tasks; first++)
    {
      guint at = notes[first] & MT_WAITS;
      for (guint steps = 0; at && at != MT_WAITS_FOR_SEVERAL && steps <= n_tasks; steps++, at = notes[at - 1] & MT_WAITS)
        if (at == first + 1)
          return TRUE;
      if (at == MT_WAITS_FOR_SEVERAL)
        return TRUE; /* perhaps */
    }
  return FALSE;
}

/* Whether the accesses that two tasks are about to make meet. */
static inline gboolean
meet (const MtFact *a, const MtFact *b)
{
  return a->var == b->var && ((a->flags | b->flags) & MT_FACT_WRITES) && (a->cell == b->cell || a->cell < 0 || b->cell < 0);
}

/* Whether two tasks, which are about to access variables in @key, may race for one. */
static G_GNUC_NO_INLINE gboolean
is_race (MtMover *m, guint64 key)
{
  const MtFacts *facts = m->facts;
  const guint n_tasks = facts->program->n_tasks;
  const MtFact **about = g_newa (const MtFact *, n_tasks + 1);
  guint n = 0;
  for (guint t = 0; t < n_tasks; t++)
    {
      if (!(m->notes[t] & MT_ABOUT))
        continue;
      const MtFact *known = mt_fact_known (facts, key, t);
      about[n] = known ? known : &m->rooms[t];
      for (guint i = 0; i < n; i++)
        if (meet (about[i], about[n]) && !(facts->raced && __atomic_load_n (&facts->raced[about[n]->var - 1], __ATOMIC_RELAXED)))
          return TRUE;
      n++;
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

/* Whether to look at what was before is tried now and then: it is worth it where four tasks of ten do the same. */
static inline gboolean
is_steady (MtMover *m)
{
  if (G_UNLIKELY (++m->trial.age >= TRIAL_AGAIN))
    {
      m->trial.age = m->trial.others = 0;
      forget_same (m);
    }
  if (G_UNLIKELY (m->trial.age == TRIAL))
    m->trial.steady = m->trial.others * 10 <= (guint64)TRIAL * m->facts->program->n_tasks * 6;
  return m->trial.age < TRIAL || m->trial.steady;
}

void
mt_mover_expand (MtMover *m, guint64 key)
{
  Work work = { .key = key, .moves = m->moves, .reach = m->reaches };
  m->n_moves = m->n_reaches = m->n_aside = m->odd = 0;
  if (G_UNLIKELY (m->facts->by_waist))
    {
      expand_by_waist (m, key);
      return;
    }
  if (is_over (m, key))
    {
      forget_same (m);
      return;
    }
  const gboolean steady = is_steady (m);
  if (steady)
    expand_others (m, &work);
  else
    expand_all (m, &work);
  m->n_moves = work.n_moves;
  m->n_reaches = (guint)(work.reach - m->reaches);
  m->odd = work.odd;
  /* where nobody who was looked at waits, or did before, there is no circle that was not there before; the same of races */
  m->cycle = (work.notes & MT_WAITS || (steady && m->cycle)) && is_circle (m->notes, m->facts->program->n_tasks);
  m->race = (work.notes & MT_ABOUT || (steady && m->race)) && is_race (m, key);
#ifdef MT_CHECK_FOOTPRINTS
  for (guint t = 0; steady && t < m->facts->program->n_tasks; t++)
    if (m->same[t].tag)
      check_memo (m, key, t, &m->can[t]);
#endif
  if (m->n_moves == 0)
    expand_at_rest (m, key);
}

/* What one worker does with a state: expands it, looks at it, and puts what comes of it.
 *
 * Of steps that commute one order is followed, so that the table is asked about few successors more than there are new states.
 * Let a state have been found first by a step of task a from a state s; a task b < a that had steps in s, too, and whose
 * steps there commute with a's (MtReach), sleeps: its steps are counted and judged, but where they lead is not looked up.
 *
 * No state is lost, and none is found later. Let X be what a step of b leads to from s', found first by a from s, and b asleep. Then X
 * is also what a's step leads to from s", where b's led from s; s" is at most as far from the start as s' is. If a sleeps in s", it is
 * because s" was found first by a task c > a: then X is also what c's step leads to from another such state, and so on. Tasks are
 * finitely many, and the last one never sleeps. (After sleep sets: Godefroid, "Using partial orders to improve automatic verification
 * methods", CAV 1990. Those of a state's sleepers that are inherited are left out here: with states stored, they would lose some.)
 */
#include "checker/packed/private.h"
#include <string.h>

MtWorker *
mt_worker_new (MtPacked *p, guint index)
{
  const MtProgram *program = p->x->program;
  MtWorker *w = g_new0 (MtWorker, 1);
  w->packed = p;
  w->index = index;
  w->reducer = mt_reducer_new (program, mt_reducer_used (p->x->reducer));
  if (!mt_mover_init (&w->mover, &p->facts, w->reducer))
    {
      mt_reducer_free (w->reducer);
      g_free (w);
      return NULL;
    }
  mt_filter_init (&w->filter, &p->x->properties, &p->settled, &p->facts);
  w->batch = p->x->options->max_states ? 1 : MT_BATCH; /* a search that is cut does no more than it has to */
  w->ends = g_array_new (FALSE, FALSE, sizeof (MtPin));
  mt_chunks_init (&w->chunks, &p->levels.bytes);
  w->from = g_new0 (MtWord, program->n_words + 1);
  w->next = g_new0 (MtWord, program->n_words + 1);
  w->choices = g_new (MtChoice, program->max_choices + 1);
  w->reduced = g_new (MtMove, program->max_choices + 1);
  w->pcs = g_new (guint, program->max_choices + 1);
  w->source = g_new (MtMove, program->max_choices + 1);
  w->pending.keys = g_new (guint64, MT_BATCH + program->max_choices + 1);
  w->pending.mixed = g_new (guint64, MT_BATCH + program->max_choices + 1);
  w->pending.asleep = g_new (guint32, MT_BATCH + program->max_choices + 1);
  w->pending.fresh = g_new (guint8, MT_BATCH + program->max_choices + 1);
  w->generation = p->generation;
  return w;
}

void
mt_worker_free (MtWorker *w)
{
  mt_mover_clear (&w->mover);
  mt_filter_clear (&w->filter);
  mt_reducer_free (w->reducer);
  mt_chunks_clear (&w->chunks);
  g_array_unref (w->ends);
  g_free (w->from);
  g_free (w->next);
  g_free (w->choices);
  g_free (w->reduced);
  g_free (w->pcs);
  g_free (w->source);
  g_free (w->pending.keys);
  g_free (w->pending.mixed);
  g_free (w->pending.asleep);
  g_free (w->pending.fresh);
  g_free (w);
}

/* What is to be followed of the moves of w->state. FALSE: a number did not fit. */
static inline gboolean
reduce (MtWorker *w)
{
  if (w->packed->reduces)
    return mt_worker_reduce (w);
  w->moves = w->mover.moves;
  w->n_moves = w->n_steps = w->mover.n_moves;
  return TRUE;
}

gboolean
mt_worker_expand (MtWorker *w, guint64 key)
{
  w->state = key;
  w->n_moves = 0;
  w->mover.failed = FALSE;
  mt_mover_expand (&w->mover, key);
  return !w->mover.failed && reduce (w);
}

guint
mt_worker_pc (MtWorker *w, guint i)
{
  return w->packed->reduces ? w->pcs[i] : mt_mover_pc (&w->mover, w->state, w->moves[i].gist.choice.task);
}

/* Putting. */

/* Whether --max-states lets no more in: then what is in already may still be met. */
static gboolean
is_full (MtWorker *w, guint64 mixed)
{
  MtPacked *p = w->packed;
  if (!p->x->options->max_states || mt_keyset_size (&p->set) < p->x->options->max_states)
    return FALSE;
  if (!(p->bits.words ? mt_bits_have (&p->bits, mixed) : mt_keyset_has (&p->set, mixed)))
    mt_packed_cut (p, MT_CUT_STATES);
  return TRUE;
}

/* Puts the first pending key by itself: where there are bits, or a bound. Returns how many have been put. */
static guint
put_one (MtWorker *w)
{
  MtPacked *p = w->packed;
  guint64 mixed = w->pending.mixed[0];
  w->pending.fresh[0] = FALSE;
  if (is_full (w, mixed))
    return 1;
  MtKeysetPut done = p->bits.words ? mt_bits_put (&p->bits, mixed) : mt_keyset_put (&p->set, mixed, p->shared);
  w->pending.fresh[0] = done == MT_KEYSET_NEW;
  return done != MT_KEYSET_FULL;
}

static void
drop_pending (MtWorker *w, guint n)
{
  w->pending.n -= n;
  memmove (w->pending.keys, w->pending.keys + n, sizeof (guint64) * w->pending.n);
  memmove (w->pending.mixed, w->pending.mixed + n, sizeof (guint64) * w->pending.n);
  memmove (w->pending.asleep, w->pending.asleep + n, sizeof (guint32) * w->pending.n);
}

/* Puts pending keys, in their order. FALSE: the table must grow first. Those that are new are moved together, without a branch on whether
 * they are. */
static gboolean
put_pending (MtWorker *w)
{
  MtPacked *p = w->packed;
  const gboolean singly = p->bits.words || p->x->options->max_states;
  while (w->pending.n)
    {
      guint n = singly ? put_one (w) : mt_keyset_put_batch (&p->set, w->pending.mixed, w->pending.n, w->pending.fresh, p->shared), fresh = 0;
      for (guint i = 0; i < n; i++)
        {
          w->pending.keys[fresh] = w->pending.keys[i];
          w->pending.asleep[fresh] = w->pending.asleep[i];
          fresh += w->pending.fresh[i];
        }
      mt_chunks_add (&w->chunks, w->pending.keys, w->pending.asleep, fresh, p->grain);
      mt_keyset_count (&p->set, fresh);
      drop_pending (w, n);
      if (!n)
        return FALSE;
    }
  return TRUE;
}

void
mt_worker_empty (MtWorker *w)
{
  w->pending.n = 0;
  w->chunk = NULL;
}

gboolean
mt_worker_drain (MtWorker *w, gboolean alone)
{
  while (!put_pending (w))
    if (!(alone ? mt_keyset_grow (&w->packed->set, MT_BATCH) : mt_packed_meet (w, MT_MEET_TIGHT)))
      return FALSE;
  return TRUE;
}

guint64
mt_worker_hash (MtWorker *w, guint64 key)
{
  mt_parts_decode (&w->packed->parts, key, w->next);
  return mt_bits_hash (w->next, w->packed->x->program->n_words);
}

/* Looking. */

/* Judges the state @key as the reference engine would. Where all tasks have ended, none waits and none races. */
static void
look_at (MtWorker *w, guint64 key)
{
  MtPacked *p = w->packed;
  MtExplore *x = p->x;
  const MtWord *s = mt_mover_state (&w->mover, key);
  MtPin mark = { key, p->level };
  if (w->mover.n_moves == 0)
    g_array_append_val (w->ends, mark);
  if (w->mover.n_moves == 0 && !x->program->has_daemons && mt_ended (x->program, s) && !mt_filter_properties (&w->filter, &w->mover, key, TRUE))
    return;
  for (guint i = 0; i < w->mover.n_moves; i++)
    w->choices[i] = w->mover.moves[i].gist.choice;
  pthread_mutex_lock (&p->lock);
  mt_properties_state (&x->properties, s, p->marks->len, w->choices, w->mover.n_moves, p->level);
  if (x->properties.changed)
    {
      g_array_append_val (p->marks, mark);
      mt_settled_note (&p->settled, &x->properties);
    }
  pthread_mutex_unlock (&p->lock);
}

/* Judges a move of the state w->state, made at the instruction @pc, by its outcome. */
static void
judge (MtWorker *w, const MtMove *move, guint pc)
{
  MtPacked *p = w->packed;
  MtExplore *x = p->x;
  MtPin mark = { w->state, p->level };
  pthread_mutex_lock (&p->lock);
  mt_properties_outcome (&x->properties, pc, p->marks->len, move->gist.choice, move->gist.outcome, p->level + 1);
  if (x->properties.changed)
    g_array_append_val (p->marks, mark);
  __atomic_fetch_or (&p->settled.outcome[pc], move->gist.outcome, __ATOMIC_RELAXED);
  pthread_mutex_unlock (&p->lock);
}

#define SLEEPERS 32 /* tasks that may sleep: bits */

/* Who sleeps in the state that a step of the task @reach, one of the mover's, leads to. */
static inline guint32
sleepers (const MtMover *m, const MtReach *reach)
{
  guint32 asleep = 0;
  for (const MtReach *other = m->reaches; other < reach && other->task < SLEEPERS; other++)
    asleep |= (guint32)(((other->changes & reach->touches) | (reach->changes & other->touches)) == 0) << other->task;
  return asleep;
}

/* Asks for the @n last pending keys, which are put later. */
static inline void
expect (MtWorker *w, guint n)
{
  const MtPacked *p = w->packed;
  const MtMixer mixer = mt_keyset_mixer (&p->set);
  const guint64 *keys = w->pending.keys + w->pending.n - n;
  guint64 *mixed = w->pending.mixed + w->pending.n - n;
  if (G_UNLIKELY (p->bits.words != NULL))
    for (guint i = 0; i < n; i++)
      mt_bits_expect (&p->bits, mixed[i] = mt_worker_hash (w, keys[i]));
  else if (p->shared)
    for (guint i = 0; i < n; i++)
      mt_mixer_claim (&mixer, mixed[i] = mt_mixer_mix (&mixer, keys[i]));
  else
    for (guint i = 0; i < n; i++)
      mt_mixer_expect (&mixer, mixed[i] = mt_mixer_mix (&mixer, keys[i]));
}

/* Follows all moves of the state but those of the tasks @asleep. */
static void
follow (MtWorker *w, guint32 asleep)
{
  const MtReach *reach = w->mover.reaches, *end = w->packed->sleeps ? reach + w->mover.n_reaches : reach;
  const MtMove *moves = w->moves;
  guint64 *keys = w->pending.keys + w->pending.n;
  guint32 *sleeps = w->pending.asleep + w->pending.n;
  guint i = 0, n = 0;
  for (; reach < end; reach++)
    {
      if (reach->task < SLEEPERS && asleep >> reach->task & 1)
        {
          i = reach->end;
          continue;
        }
      for (const guint32 sleep = sleepers (&w->mover, reach); i < reach->end; i++, n++)
        {
          keys[n] = moves[i].key;
          sleeps[n] = sleep;
        }
    }
  for (; i < w->n_moves; i++, n++)
    {
      keys[n] = moves[i].key;
      sleeps[n] = 0;
    }
  w->pending.n += n;
  expect (w, n);
}

static void
judge_all (MtWorker *w)
{
  for (guint i = 0; i < w->n_moves; i++)
    if (w->moves[i].gist.outcome != MT_OK && mt_filter_move (&w->filter, mt_worker_pc (w, i), w->moves[i].gist.outcome))
      judge (w, &w->moves[i], mt_worker_pc (w, i));
}

/* FALSE: a number did not fit, and nothing was done but what may be done again. */
static gboolean
search_state (MtWorker *w, guint64 key, guint32 asleep)
{
  MtPacked *p = w->packed;
  gboolean looks = !p->recalls;
  w->state = key;
  w->n_moves = 0;
  w->mover.failed = FALSE;
  mt_mover_expand (&w->mover, key);
  if (G_UNLIKELY (w->mover.failed))
    return FALSE;
  if (G_UNLIKELY (looks && mt_filter_state (&w->filter, &w->mover, key)))
    look_at (w, key);
  if (G_UNLIKELY (p->level >= p->last))
    {
      if (w->mover.n_moves && looks)
        __atomic_fetch_or (&p->x->cuts, MT_CUT_DEPTH, __ATOMIC_RELAXED);
      return TRUE;
    }
  if (!reduce (w))
    {
      w->n_moves = 0;
      return FALSE;
    }
  __atomic_store_n (&w->transitions, w->transitions + w->n_steps, __ATOMIC_RELAXED);
  if (looks && (w->mover.odd || p->reduces))
    judge_all (w);
  follow (w, asleep);
  w->n_moves = 0;
  return TRUE;
}

/* FALSE: the search stops. */
static gboolean
next_batch (MtWorker *w)
{
  MtPacked *p = w->packed;
  return mt_worker_drain (w, FALSE) && ((!mt_packed_is_tight (p) && !__atomic_load_n (&p->wants, __ATOMIC_RELAXED)) || mt_packed_meet (w, 0));
}

void
mt_worker_search (MtWorker *w, MtChunk *chunk)
{
  MtPacked *p = w->packed;
  w->chunk = chunk;
  w->done = 0;
  while (w->done < chunk->n && !mt_packed_stops (p))
    {
      if (w->pending.n >= w->batch && !next_batch (w))
        return;
      if (G_LIKELY (search_state (w, chunk->keys[w->done], chunk->sleeps ? chunk->asleep[w->done] : 0)))
        w->done++;
      else if (!mt_packed_meet (w, 0))
        return;
    }
  if (w->done < chunk->n)
    return;
  w->chunk = NULL;
}

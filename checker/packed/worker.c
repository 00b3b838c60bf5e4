/* What one worker does with a state: expands it, looks at it, and puts what comes of it. */
#include "checker/packed/private.h"
#include <string.h>

MtWorker *
mt_worker_new (MtPacked *p)
{
  const MtProgram *program = p->x->program;
  MtWorker *w = g_new0 (MtWorker, 1);
  w->packed = p;
  w->reducer = mt_reducer_new (program, mt_reducer_used (p->x->reducer));
  if (!mt_mover_init (&w->mover, &p->facts, w->reducer))
    {
      mt_reducer_free (w->reducer);
      g_free (w);
      return NULL;
    }
  mt_filter_init (&w->filter, &p->x->properties, &p->settled, &p->facts);
  w->found = g_ptr_array_new_with_free_func (g_free);
  w->from = g_new0 (MtWord, program->n_words + 1);
  w->next = g_new0 (MtWord, program->n_words + 1);
  w->choices = g_new (MtChoice, program->max_choices + 1);
  w->reduced = g_new (MtMove, program->max_choices + 1);
  w->generation = p->generation;
  return w;
}

void
mt_worker_free (MtWorker *w)
{
  mt_mover_clear (&w->mover);
  mt_filter_clear (&w->filter);
  mt_reducer_free (w->reducer);
  g_ptr_array_unref (w->found);
  g_free (w->from);
  g_free (w->next);
  g_free (w->choices);
  g_free (w->reduced);
  g_free (w);
}

/* Expanding: one state's successors. */

/* A reduced step of the state w->state, whose words are w->from: what is fused is many steps, and few of the states between
 * them are met again, so the waist makes them all and the mover remembers none. */
static void
take (MtWorker *w, MtChoice choice)
{
  MtMove *move = &w->reduced[w->n_moves++];
  MtChoice last;
  guint n_steps;
  *move = (MtMove){ .key = w->state, .choice = choice };
  move->outcome = mt_reducer_step (w->reducer, w->from, w->next, choice, NULL, NULL);
  const MtWord *before = mt_reducer_last (w->reducer, &last, &n_steps);
  w->n_steps += n_steps;
  move->pc = last.task == MT_CLOCK ? 0 : (guint)before[w->packed->x->program->tasks[last.task].base];
  if (!mt_parts_encode_changed (&w->packed->parts, w->next, w->from, &move->key))
    w->mover.failed = TRUE;
}

/* What of the mover's moves in w->state must be followed, and where they lead. FALSE: a number did not fit. */
static gboolean
reduce (MtWorker *w)
{
  const MtProgram *program = w->packed->x->program;
  guint n = w->mover.n_moves;
  w->moves = w->mover.moves;
  w->n_moves = w->n_steps = n;
  if (!w->packed->reduces)
    return TRUE;
  for (guint i = 0; i < n; i++)
    w->choices[i] = w->mover.moves[i].choice;
  memcpy (w->from, mt_mover_state (&w->mover, w->state), sizeof (MtWord) * program->n_words);
  n = mt_reducer_pick (w->reducer, w->from, w->choices, n);
  w->moves = w->reduced;
  w->n_moves = w->n_steps = 0;
  for (guint i = 0; i < n && !w->mover.failed; i++)
    take (w, w->choices[i]);
  return !w->mover.failed;
}

gboolean
mt_worker_expand (MtWorker *w, guint64 key)
{
  w->state = key;
  w->mover.failed = FALSE;
  mt_mover_expand (&w->mover, key);
  return !w->mover.failed && reduce (w);
}

/* Putting. */

void
mt_worker_count (MtWorker *w)
{
  mt_keyset_count (&w->packed->set, w->fresh);
  w->fresh = 0;
}

/* Whether --max-states lets no more in: then what is in already may still be met. */
static gboolean
is_full (MtWorker *w, guint64 mixed)
{
  MtPacked *p = w->packed;
  mt_worker_count (w);
  if (mt_keyset_size (&p->set) < p->x->options->max_states)
    return FALSE;
  if (!(p->bits.words ? mt_bits_have (&p->bits, mixed) : mt_keyset_has (&p->set, mixed)))
    mt_packed_cut (p, MT_CUT_STATES);
  return TRUE;
}

/* Puts the oldest key of the ring. FALSE: the table must grow first. */
static inline gboolean
put_oldest (MtWorker *w)
{
  MtPacked *p = w->packed;
  guint i = w->ring_from;
  if (G_LIKELY (!p->x->options->max_states) || !is_full (w, w->ring[i].mixed))
    {
      MtKeysetPut put = G_UNLIKELY (p->bits.words != NULL) ? mt_bits_put (&p->bits, w->ring[i].mixed) : mt_keyset_put (&p->set, w->ring[i].mixed, p->shared);
      if (G_UNLIKELY (put == MT_KEYSET_FULL))
        return FALSE;
      if (put == MT_KEYSET_NEW)
        {
          mt_chunks_add (w->found, w->ring[i].key, p->grain);
          if (++w->fresh == MT_COUNTED)
            mt_worker_count (w);
        }
    }
  w->ring_from = (i + 1) % MT_RING;
  w->ring_n--;
  return TRUE;
}

gboolean
mt_worker_drain (MtWorker *w, gboolean alone)
{
  MtPacked *p = w->packed;
  gboolean good = TRUE;
  while (good && w->ring_n)
    if (!put_oldest (w))
      good = alone ? mt_keyset_grow (&p->set, MT_RING) : mt_packed_meet (w, MT_MEET_TIGHT);
  mt_worker_count (w);
  return good;
}

guint64
mt_worker_mix (MtWorker *w, guint64 key)
{
  if (G_LIKELY (!w->packed->bits.words))
    return mt_keyset_mix (&w->packed->set, key);
  mt_parts_decode (&w->packed->parts, key, w->next);
  return mt_bits_hash (w->next, w->packed->x->program->n_words);
}

/* Puts *@key, sooner or later. */
static inline void
push (MtWorker *w, const guint64 *key)
{
  while (G_UNLIKELY (w->ring_n == MT_RING) && !put_oldest (w))
    if (!mt_packed_meet (w, MT_MEET_TIGHT) && !put_oldest (w)) /* where the search only stops, the state is still searched whole */
      {
        w->torn = TRUE;
        return;
      }
  /* fields may have been laid out anew meanwhile: only now look at the key */
  guint i = (w->ring_from + w->ring_n++) % MT_RING;
  w->ring[i].key = *key;
  w->ring[i].mixed = mt_worker_mix (w, *key);
  if (G_UNLIKELY (w->packed->bits.words != NULL))
    mt_bits_expect (&w->packed->bits, w->ring[i].mixed);
  else
    mt_keyset_expect (&w->packed->set, w->ring[i].mixed);
}

/* Looking. */

/* Judges the state @key as the reference engine would. */
static void
look_at (MtWorker *w, guint64 key)
{
  MtPacked *p = w->packed;
  MtExplore *x = p->x;
  const MtWord *s = mt_mover_state (&w->mover, key);
  MtPin mark = { key, p->level };
  for (guint i = 0; i < w->mover.n_moves; i++)
    w->choices[i] = w->mover.moves[i].choice;
  pthread_mutex_lock (&p->lock);
  mt_properties_state (&x->properties, s, p->marks->len, w->choices, w->mover.n_moves, p->level);
  if (x->properties.changed)
    {
      g_array_append_val (p->marks, mark);
      mt_settled_note (&p->settled, &x->properties);
    }
  if (w->mover.n_moves == 0)
    g_array_append_val (p->ends, mark);
  pthread_mutex_unlock (&p->lock);
}

/* Judges a move of the state w->state by its outcome. */
static void
judge (MtWorker *w, const MtMove *move)
{
  MtPacked *p = w->packed;
  MtExplore *x = p->x;
  MtPin mark = { w->state, p->level };
  pthread_mutex_lock (&p->lock);
  mt_properties_outcome (&x->properties, move->pc, p->marks->len, move->choice, move->outcome, p->level + 1);
  if (x->properties.changed)
    g_array_append_val (p->marks, mark);
  __atomic_fetch_or (&p->settled.outcome[move->pc], (guint8)move->outcome, __ATOMIC_RELAXED);
  pthread_mutex_unlock (&p->lock);
}

/* FALSE: a number did not fit, and nothing was done but what may be done again. */
static gboolean
search_state (MtWorker *w, guint64 key)
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
  for (guint i = 0; i < w->n_moves; i++)
    {
      if (G_UNLIKELY (looks && mt_filter_move (&w->filter, w->moves[i].pc, w->moves[i].outcome)))
        judge (w, &w->moves[i]);
      push (w, &w->moves[i].key);
    }
  w->n_moves = 0;
  return TRUE;
}

void
mt_worker_search (MtWorker *w, const MtChunk *chunk)
{
  MtPacked *p = w->packed;
  w->chunk = chunk;
  w->done = 0;
  while (w->done < chunk->n && !mt_packed_stops (p))
    {
      if (G_UNLIKELY (mt_packed_is_tight (p) || __atomic_load_n (&p->wants, __ATOMIC_RELAXED)) && !mt_packed_meet (w, 0))
        return;
      if (G_LIKELY (search_state (w, chunk->keys[w->done])))
        w->done++;
      else if (!mt_packed_meet (w, 0))
        return;
    }
  if (w->done == chunk->n)
    w->chunk = NULL;
}

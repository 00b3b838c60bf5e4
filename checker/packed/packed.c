/* See packed.h. */
#include "checker/packed/private.h"
#include <string.h>

#define COUNTED 64 /* keys that a worker puts before it says so */
#define RESERVE ((gsize)8 << 20) /* bytes that are left for what is not the table */
#define PARALLEL 4 /* chunks: a smaller level is searched by one worker */
#define LOGGED ((gsize)4 << 20) /* bytes of the log: beyond, levels that have been searched are forgotten */

static MtWorker *
worker_new (MtPacked *p)
{
  const MtProgram *program = p->x->program;
  MtWorker *w = g_new0 (MtWorker, 1);
  w->packed = p;
  w->reducer = mt_reducer_new (program, mt_reducer_used (p->x->reducer));
  mt_mover_init (&w->mover, &p->facts, w->reducer);
  mt_filter_init (&w->filter, &p->x->properties, &p->settled, &p->facts);
  w->found = g_ptr_array_new_with_free_func (g_free);
  w->from = g_new0 (MtWord, program->n_words + 1);
  w->next = g_new0 (MtWord, program->n_words + 1);
  w->choices = g_new (MtChoice, program->max_choices + 1);
  w->reduced = g_new (MtMove, program->max_choices + 1);
  w->generation = p->generation;
  return w;
}

static void
worker_free (MtWorker *w)
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

static void
cut (MtPacked *p, MtCut why)
{
  __atomic_fetch_or (&p->x->cuts, why, __ATOMIC_RELAXED);
  __atomic_store_n (&p->x->stop, TRUE, __ATOMIC_RELAXED);
}

static gboolean
stops (const MtPacked *p)
{
  return __atomic_load_n (&p->x->stop, __ATOMIC_RELAXED);
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

static gboolean rendezvous (MtWorker *w, gboolean tight);

static void
count (MtWorker *w)
{
  mt_keyset_count (&w->packed->set, w->fresh);
  w->fresh = 0;
}

/* Whether --max-states lets no more in: then what is in already may still be met. */
static gboolean
is_full (MtWorker *w, guint64 mixed)
{
  MtPacked *p = w->packed;
  count (w);
  if (mt_keyset_size (&p->set) < p->x->options->max_states)
    return FALSE;
  if (!mt_keyset_has (&p->set, mixed))
    cut (p, MT_CUT_STATES);
  return TRUE;
}

static void
put_oldest (MtWorker *w)
{
  MtPacked *p = w->packed;
  guint i = w->ring_from;
  MtKeysetPut put;
  if (G_LIKELY (!p->x->options->max_states) || !is_full (w, w->ring[i].mixed))
    {
      while (G_UNLIKELY ((put = mt_keyset_put (&p->set, w->ring[i].mixed, p->shared)) == MT_KEYSET_FULL))
        if (!rendezvous (w, TRUE))
          return;
      if (put == MT_KEYSET_NEW)
        {
          mt_chunks_add (w->found, w->ring[i].key, p->grain);
          if (++w->fresh == COUNTED)
            count (w);
        }
    }
  w->ring_from = (i + 1) % MT_RING;
  w->ring_n--;
}

/* Puts *@key, sooner or later. */
static inline void
push (MtWorker *w, const guint64 *key)
{
  if (w->ring_n == MT_RING)
    put_oldest (w); /* which may lay the fields out anew: only then look at the key */
  guint i = (w->ring_from + w->ring_n++) % MT_RING;
  w->ring[i].key = *key;
  w->ring[i].mixed = mt_keyset_mix (&w->packed->set, *key);
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
  g_mutex_lock (&p->lock);
  mt_properties_state (&x->properties, s, p->marks->len, w->choices, w->mover.n_moves, p->level);
  if (x->properties.changed)
    {
      g_array_append_val (p->marks, mark);
      mt_settled_note (&p->settled, &x->properties);
    }
  if (w->mover.n_moves == 0)
    g_array_append_val (p->ends, mark);
  g_mutex_unlock (&p->lock);
}

/* Judges a move of the state w->state by its outcome. */
static void
judge (MtWorker *w, const MtMove *move)
{
  MtPacked *p = w->packed;
  MtExplore *x = p->x;
  MtPin mark = { w->state, p->level };
  g_mutex_lock (&p->lock);
  mt_properties_outcome (&x->properties, move->pc, p->marks->len, move->choice, move->outcome, p->level + 1);
  if (x->properties.changed)
    g_array_append_val (p->marks, mark);
  __atomic_fetch_or (&p->settled.outcome[move->pc], (guint8)move->outcome, __ATOMIC_RELAXED);
  g_mutex_unlock (&p->lock);
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
  w->transitions += w->n_steps;
  for (guint i = 0; i < w->n_moves; i++)
    {
      if (G_UNLIKELY (looks && mt_filter_move (&w->filter, w->moves[i].pc, w->moves[i].outcome)))
        judge (w, &w->moves[i]);
      push (w, &w->moves[i].key);
    }
  return TRUE;
}

/* Being alone: to widen fields, and to enlarge the table. */

/* Every key there is outside the table becomes what @change makes of it. */
static void
change_keys (MtPacked *p, guint64 (*change) (gpointer data, guint64 key), gpointer data)
{
  GArray *const marks[] = { p->marks, p->ends };
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    for (guint k = 0; k < marks[i]->len; k++)
      g_array_index (marks[i], MtPin, k).key = change (data, g_array_index (marks[i], MtPin, k).key);
  mt_chunks_change (p->levels.chunks, change, data);
  for (guint i = 0; i < p->n_workers; i++)
    {
      MtWorker *w = p->workers[i];
      if (!w)
        continue;
      mt_chunks_change (w->found, change, data);
      for (guint k = 0; k < w->ring_n; k++)
        {
          guint64 *key = &w->ring[(w->ring_from + k) % MT_RING].key;
          *key = change (data, *key);
        }
      for (guint k = 0; k < w->n_moves; k++)
        ((MtMove *)w->moves)[k].key = change (data, w->moves[k].key);
      if (w->n_moves)
        w->state = change (data, w->state);
    }
}

static void
remix (MtPacked *p)
{
  for (guint i = 0; i < p->n_workers; i++)
    for (guint k = 0; p->workers[i] && k < MT_RING; k++)
      p->workers[i]->ring[k].mixed = mt_keyset_mix (&p->set, p->workers[i]->ring[k].key);
}

static guint64
rekey (gpointer data, guint64 key)
{
  return mt_rekey (data, key);
}

/* Numbers the joint values of @key and leaves it as it is. */
static guint64
number (gpointer data, guint64 key)
{
  mt_rekey (data, key);
  return key;
}

static void
number_each (gpointer data, guint64 key)
{
  mt_rekey (data, key);
}

/* How wide a joint field must be is a guess at first: where it is too low it is widened again, before any key is changed. */
static gboolean
widen (MtPacked *p)
{
  MtLayout *before = mt_parts_widen (&p->parts);
  MtRekeying r;
  for (mt_rekeying_init (&r, &p->parts, before); r.n_fresh; mt_rekeying_init (&r, &p->parts, before))
    {
      mt_keyset_each (&p->set, number_each, &r);
      change_keys (p, number, &r);
      if (!p->parts.overflow)
        break;
      mt_rekeying_clear (&r);
      mt_layout_free (mt_parts_widen (&p->parts));
    }
  gboolean good = mt_keyset_rename (&p->set, mt_parts_width (&p->parts), rekey, &r);
  change_keys (p, rekey, &r);
  remix (p);
  mt_facts_reset (&p->facts);
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      {
        mt_mover_reset (&p->workers[i]->mover);
        mt_filter_reset (&p->workers[i]->filter, &p->facts);
      }
  mt_rekeying_clear (&r);
  mt_layout_free (before);
  return good;
}

static gsize
bytes (const MtPacked *p)
{
  return mt_keyset_bytes (&p->set) + p->parts.bytes + p->levels.bytes;
}

/* Keys that may be put before the workers look again whether the table is tight. */
static gsize
in_flight (const MtPacked *p)
{
  return (gsize)p->n_workers * (MT_RING + COUNTED + 2 * p->x->program->max_choices);
}

static void
alone (MtPacked *p, gboolean tight)
{
  gsize other = bytes (p) - mt_keyset_bytes (&p->set), memory = p->x->store.max_bytes;
  p->set.max_bytes = memory > other ? memory - other : 0;
  if (p->parts.overflow && !widen (p))
    cut (p, MT_CUT_MEMORY);
  if ((tight || mt_keyset_is_tight (&p->set, in_flight (p))) && !(mt_store_leaves_room (bytes (p) + RESERVE) && mt_keyset_grow (&p->set, in_flight (p))))
    cut (p, MT_CUT_MEMORY);
}

/* Waits until all workers of the level wait; one of them then does what is to be done. @tight: the table must grow in any case. FALSE: the search stops. */
static gboolean
rendezvous (MtWorker *w, gboolean tight)
{
  MtPacked *p = w->packed;
  count (w);
  g_mutex_lock (&p->lock);
  p->tight = p->tight || tight;
  __atomic_store_n (&p->wants, TRUE, __ATOMIC_RELAXED);
  guint round = p->rounds;
  p->n_waiting++;
  while (p->rounds == round)
    if (p->n_waiting == p->n_running)
      {
        alone (p, p->tight);
        p->tight = FALSE;
        __atomic_store_n (&p->wants, FALSE, __ATOMIC_RELAXED);
        p->n_waiting = 0;
        p->rounds++;
        g_cond_broadcast (&p->changed);
      }
    else
      g_cond_wait (&p->changed, &p->lock);
  g_mutex_unlock (&p->lock);
  return !stops (p);
}

/* Levels. */

static void
tick (MtPacked *p)
{
  MtExplore *x = p->x;
  if (p->recalls)
    return;
  x->depth = p->level;
  x->transitions = p->past_transitions;
  for (guint i = 0; i < p->n_workers; i++)
    x->transitions += p->workers[i] ? __atomic_load_n (&p->workers[i]->transitions, __ATOMIC_RELAXED) : 0;
  x->n_states = mt_keyset_size (&p->set);
  x->n_bytes = bytes (p);
  if (!mt_store_leaves_room (x->n_bytes / 2 + RESERVE))
    cut (p, MT_CUT_MEMORY);
  mt_explore_tick (x);
}

static void
search_chunk (MtWorker *w, const MtChunk *chunk)
{
  MtPacked *p = w->packed;
  for (guint i = 0; i < chunk->n && !stops (p);)
    {
      if (G_UNLIKELY (mt_keyset_is_tight (&p->set, in_flight (p)) || __atomic_load_n (&p->wants, __ATOMIC_RELAXED)) && !rendezvous (w, FALSE))
        return;
      if (G_LIKELY (search_state (w, chunk->keys[i])))
        i++;
      else if (!rendezvous (w, FALSE))
        return;
    }
}

/* One worker's share of the level. */
static void
search_level (MtWorker *w)
{
  MtPacked *p = w->packed;
  guint i;
  while (!stops (p) && (i = __atomic_fetch_add (&p->cursor, 1, __ATOMIC_RELAXED)) < p->end)
    {
      search_chunk (w, p->levels.chunks->pdata[i]);
      if (w == p->workers[0])
        tick (p);
    }
  while (w->ring_n && !stops (p))
    put_oldest (w);
  count (w);
  g_mutex_lock (&p->lock);
  p->n_running--;
  g_cond_broadcast (&p->changed);
  g_mutex_unlock (&p->lock);
}

static gpointer
work (gpointer data)
{
  MtWorker *w = data;
  MtPacked *p = w->packed;
  for (;;)
    {
      g_mutex_lock (&p->lock);
      while (p->generation == w->generation && !p->leaves)
        g_cond_wait (&p->changed, &p->lock);
      w->generation = p->generation;
      gboolean leaves = p->leaves;
      g_mutex_unlock (&p->lock);
      if (leaves)
        return NULL;
      search_level (w);
    }
}

/* Searches the level with @n workers, of which this thread is the first. */
static void
share_level (MtPacked *p, guint n)
{
  for (guint i = 1; i < n; i++)
    if (!p->workers[i])
      {
        p->workers[i] = worker_new (p);
        mt_mover_reset (&p->workers[i]->mover);
        p->workers[i]->thread = g_thread_new ("search", work, p->workers[i]);
      }
  g_mutex_lock (&p->lock);
  p->end = mt_levels_chunks (&p->levels, p->level, &p->cursor);
  p->n_running = n;
  p->shared = n > 1;
  p->generation += n > 1;
  g_cond_broadcast (&p->changed);
  g_mutex_unlock (&p->lock);
  search_level (p->workers[0]);
  g_mutex_lock (&p->lock);
  while (p->n_running)
    g_cond_wait (&p->changed, &p->lock);
  g_mutex_unlock (&p->lock);
}

static guint64
end_level (MtPacked *p)
{
  GPtrArray **lists = g_newa (GPtrArray *, p->n_workers + 1);
  guint n = 0;
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      lists[n++] = p->workers[i]->found;
  guint64 size = mt_levels_add (&p->levels, lists, n);
  if (p->logs && !p->recalls && p->levels.bytes > LOGGED)
    {
      p->logs = FALSE;
      for (guint level = 0; level < p->level; level++)
        mt_levels_drop (&p->levels, level);
    }
  if (!p->logs)
    mt_levels_drop (&p->levels, p->level);
  return size;
}

static void
begin (MtPacked *p)
{
  MtExplore *x = p->x;
  MtWorker *w = p->workers[0];
  MtStep step;
  guint64 key;
  mt_step_init (&step);
  MtOutcome outcome = mt_explore_start (x, w->next, &step);
  mt_reducer_begin (w->reducer, w->next, NULL);
  if (outcome != MT_OK && !p->recalls)
    mt_properties_step (&x->properties, w->next, MT_STORE_ROOT, (MtChoice){ MT_CLOCK, 0 }, (MtChoice){ MT_CLOCK, 0 }, outcome, 0);
  while (!mt_parts_encode (&p->parts, w->next, &key))
    widen (p);
  mt_mover_reset (&w->mover);
  mt_filter_reset (&w->filter, &p->facts);
  mt_keyset_put (&p->set, mt_keyset_mix (&p->set, key), FALSE);
  mt_keyset_count (&p->set, 1);
  mt_chunks_add (w->found, key, p->grain);
  mt_levels_add (&p->levels, &w->found, 1);
  mt_step_clear (&step);
}

/* All levels up to p->last, or to where the search ends. */
static void
search_levels (MtPacked *p)
{
  MtExplore *x = p->x;
  guint64 size = 1;
  for (p->level = 0; size && !x->stop; p->level++)
    {
      if (!p->recalls)
        g_array_append_val (x->levels, size);
      x->max_depth = MAX (x->max_depth, p->level);
      x->queue = size;
      share_level (p, size >= PARALLEL * p->grain && !x->options->max_states ? p->n_workers : 1);
      tick (p);
      if (x->impatient && x->transitions >= x->patience && !x->stop)
        x->impatient (x);
      size = end_level (p);
      if (size && p->level + 1 >= x->properties.stop_length && !p->recalls)
        x->stop = TRUE;
    }
  p->level--;
}

static MtPacked *
packed_new (MtExplore *x)
{
  MtPacked *p = g_new0 (MtPacked, 1);
  p->x = x;
  p->n_workers = MAX (x->options->jobs, 1);
  p->workers = g_new0 (MtWorker *, p->n_workers);
  p->reduces = mt_reducer_used (x->reducer) & ~(guint)MT_REDUCE_DEAD;
  p->grain = x->options->grain ? MIN (x->options->grain, MT_CHUNK) : MT_CHUNK;
  p->logs = TRUE;
  p->last = x->options->max_depth ? x->options->max_depth : G_MAXUINT;
  p->marks = g_array_new (FALSE, FALSE, sizeof (MtPin));
  p->ends = g_array_new (FALSE, FALSE, sizeof (MtPin));
  g_mutex_init (&p->lock);
  g_cond_init (&p->changed);
  mt_parts_init (&p->parts, x->program);
  mt_facts_init (&p->facts, &p->parts, x->properties.accesses);
  mt_settled_init (&p->settled, x->program);
  p->facts.raced = p->settled.race;
  mt_levels_init (&p->levels);
  p->workers[0] = worker_new (p);
  return p;
}

/* All but the first. */
static void
dismiss_workers (MtPacked *p)
{
  g_mutex_lock (&p->lock);
  p->leaves = TRUE;
  g_cond_broadcast (&p->changed);
  g_mutex_unlock (&p->lock);
  for (guint i = 1; i < p->n_workers; i++)
    if (p->workers[i])
      {
        g_thread_join (p->workers[i]->thread);
        p->past_transitions += p->workers[i]->transitions;
        worker_free (p->workers[i]);
        p->workers[i] = NULL;
      }
  p->leaves = FALSE;
}

gboolean
mt_packed_recall (MtPacked *p, guint level)
{
  MtExplore *x = p->x;
  const guint cuts = x->cuts, stop = x->stop;
  if (p->logs)
    return TRUE;
  p->recalls = p->logs = TRUE;
  p->last = level;
  x->stop = FALSE;
  x->cuts = 0;
  mt_keyset_clear (&p->set);
  mt_levels_empty (&p->levels);
  gboolean good = mt_keyset_init (&p->set, mt_parts_width (&p->parts), x->store.max_bytes);
  if (good)
    {
      begin (p);
      search_levels (p);
      dismiss_workers (p);
      good = !x->cuts;
    }
  p->recalls = FALSE;
  x->cuts = cuts;
  x->stop = stop;
  return good;
}

void
mt_packed_free (MtPacked *p)
{
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      worker_free (p->workers[i]);
  g_free (p->workers);
  mt_levels_clear (&p->levels);
  mt_keyset_clear (&p->set);
  mt_facts_clear (&p->facts);
  mt_settled_clear (&p->settled);
  mt_parts_clear (&p->parts);
  g_array_unref (p->marks);
  g_array_unref (p->ends);
  g_mutex_clear (&p->lock);
  g_cond_clear (&p->changed);
  g_free (p);
}

void
mt_packed_search (MtExplore *x)
{
  MtPacked *p = x->packed = packed_new (x);
  if (!mt_keyset_init (&p->set, mt_parts_width (&p->parts), x->store.max_bytes))
    {
      cut (p, MT_CUT_MEMORY);
      return;
    }
  begin (p);
  search_levels (p);
  dismiss_workers (p);
  tick (p);
  for (guint i = 0; i < p->ends->len; i++)
    g_array_append_val (x->terminals, i);
  if (!x->elsewhere)
    mt_packed_find_ways (x);
}

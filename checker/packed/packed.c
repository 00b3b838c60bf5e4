/* See packed.h. */
#include "checker/packed/private.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define PARALLEL 4 /* chunks: a smaller level is searched by one worker */
#define SHARES 8 /* chunks that each worker should have of a level, where they need not be smaller than the least */
#define LEAST_GRAIN 256 /* states */
#define LOGGED ((gsize)1 << 20) /* bytes of the log: beyond, levels that have been searched are forgotten */

gsize
mt_packed_bytes (const MtPacked *p)
{
  return mt_keyset_bytes (&p->set) + mt_bits_bytes (&p->bits) + __atomic_load_n (&p->parts.bytes, __ATOMIC_RELAXED)
         + __atomic_load_n (&p->levels.bytes, __ATOMIC_RELAXED);
}

void
mt_packed_cut (MtPacked *p, MtCut why)
{
  __atomic_fetch_or (&p->x->cuts, why, __ATOMIC_RELAXED);
  __atomic_store_n (&p->x->stop, TRUE, __ATOMIC_RELAXED);
}

void
mt_packed_gather_ends (MtPacked *p)
{
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i] && p->workers[i]->ends->len)
      {
        g_array_append_vals (p->ends, p->workers[i]->ends->data, p->workers[i]->ends->len);
        g_array_set_size (p->workers[i]->ends, 0);
      }
}

void
mt_packed_tick (MtPacked *p)
{
  MtExplore *x = p->x;
  if (p->recalls)
    return;
  x->depth = p->level;
  x->transitions = p->past_transitions;
  for (guint i = 0; i < p->n_workers; i++)
    x->transitions += p->workers[i] ? __atomic_load_n (&p->workers[i]->transitions, __ATOMIC_RELAXED) : 0;
  x->n_states = mt_keyset_size (&p->set);
  x->n_bytes = mt_packed_bytes (p);
  if (x->n_bytes >= p->room_for) /* to ask costs as much as to search a few states */
    {
      if (!mt_store_leaves_room (x->n_bytes / 2 + MT_RESERVE))
        mt_packed_cut (p, MT_CUT_MEMORY);
      p->room_for = x->n_bytes + MT_RESERVE / 8;
    }
  mt_explore_tick (x);
}

static guint64
end_level (MtPacked *p)
{
  MtChunks **lists = g_newa (MtChunks *, p->n_workers + 1);
  guint n = 0;
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      lists[n++] = &p->workers[i]->chunks;
  guint64 size = mt_levels_add (&p->levels, lists, n);
  mt_parts_tidy (&p->parts);
  mt_packed_gather_ends (p);
  if (p->logs && !p->recalls && p->levels.bytes > LOGGED)
    {
      p->logs = FALSE;
      for (guint level = 0; level < p->level; level++)
        mt_levels_drop (&p->levels, level);
#ifdef __GLIBC__
      malloc_trim (0); /* else what the log took stays with the program, and is written to again, here and there */
#endif
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
  for (guint n = 0; !p->reduces && !p->recalls && n != p->parts.layout.n && !p->broken; p->broken = !mt_packed_widen (p)) /* again where parts have been joined */
    {
      n = p->parts.layout.n;
      mt_packed_probe (p, w->next);
    }
  mt_parts_forget_samples (&p->parts);
  while (!mt_parts_encode (&p->parts, w->next, &key))
    mt_packed_widen (p);
  mt_mover_reset (&w->mover);
  mt_filter_reset (&w->filter, &p->facts);
  if (p->bits.words)
    mt_bits_put (&p->bits, mt_worker_mix (w, key));
  else
    mt_keyset_put (&p->set, mt_keyset_mix (&p->set, key), FALSE);
  mt_keyset_count (&p->set, 1);
  mt_chunks_add (&w->chunks, &key, NULL, 1, p->grain);
  mt_levels_add (&p->levels, (MtChunks *[]){ &w->chunks }, 1);
  mt_step_clear (&step);
}

/* All levels from p->level on, of which there are @size states to be searched, up to p->last, or to where the search ends.
 * A search that is taken up may have none left in its first level and yet some in the next. */
static void
search_levels (MtPacked *p, guint64 size)
{
  MtExplore *x = p->x;
  for (gboolean more = TRUE; more && !x->stop; p->level++)
    {
      if (!p->recalls && x->levels->len == p->level)
        g_array_append_val (x->levels, size);
      x->max_depth = MAX (x->max_depth, p->level);
      x->queue = size;
      if (!x->options->grain && p->n_workers > 1)
        p->grain = (guint)CLAMP (size / (SHARES * p->n_workers), LEAST_GRAIN, MT_CHUNK);
      mt_packed_share_level (p, size >= PARALLEL * p->grain && !x->options->max_states ? p->n_workers : 1);
      mt_packed_tick (p);
      if (x->impatient && x->transitions >= x->patience && !x->stop)
        x->impatient (x);
      if (x->options->checkpoint && x->cuts & (MT_CUT_TIME | MT_CUT_INTERRUPT) && !p->recalls)
        mt_packed_save (p);
      size = end_level (p);
      more = size > 0;
      if (more && p->level + 1 >= x->properties.stop_length && !p->recalls)
        x->stop = TRUE;
    }
  p->level--;
}

/* Where a step's footprint says whether it commutes, and each state is searched whole (worker.c). Not with daemons: the step that ends the model
 * ends them, too, which no footprint tells. */
static gboolean
may_sleep (const MtExplore *x)
{
  return !(mt_reducer_used (x->reducer) & ~(guint)MT_REDUCE_DEAD) && !x->program->has_daemons && !x->options->bitstate && !x->options->max_states;
}

static MtPacked *
packed_new (MtExplore *x)
{
  MtPacked *p = g_new0 (MtPacked, 1);
  p->x = x;
  p->n_workers = x->options->bitstate ? 1 : MAX (x->options->jobs, 1); /* what is taken for seen depends on the order */
  p->saved = x->started;
  p->workers = g_new0 (MtWorker *, p->n_workers);
  p->sleeps = may_sleep (x);
  p->reduces = mt_reducer_used (x->reducer) & ~(guint)MT_REDUCE_DEAD;
  mt_eventcount_init (&p->events, p->n_workers <= g_get_num_processors ());
  p->grain = x->options->grain ? MIN (x->options->grain, MT_CHUNK) : MT_CHUNK;
  p->logs = TRUE;
  p->last = x->options->max_depth ? x->options->max_depth : G_MAXUINT;
  p->marks = g_array_new (FALSE, FALSE, sizeof (MtPin));
  p->ends = g_array_new (FALSE, FALSE, sizeof (MtPin));
  pthread_mutex_init (&p->lock, NULL);
  guint n_alike;
  const MtAlike *alike = mt_reducer_alike (x->reducer, &n_alike);
  mt_parts_init (&p->parts, x->program, alike, alike ? n_alike : 0);
  mt_facts_init (&p->facts, &p->parts, x->properties.accesses);
  mt_settled_init (&p->settled, x->program);
  p->facts.raced = p->settled.race;
  mt_levels_init (&p->levels);
  p->workers[0] = mt_worker_new (p, 0);
  return p;
}

gboolean
mt_packed_recall (MtPacked *p, guint level)
{
  MtExplore *x = p->x;
  const guint cuts = x->cuts, stop = x->stop;
  if (p->logs && level < mt_levels_n (&p->levels)) /* else of what was looked for before, which was not as deep */
    return TRUE;
  p->recalls = p->logs = TRUE;
  p->last = level;
  x->stop = FALSE;
  x->cuts = 0;
  mt_keyset_clear (&p->set);
  mt_bits_empty (&p->bits);
  mt_levels_empty (&p->levels);
  mt_worker_empty (p->workers[0]); /* of the others there are none any more */
  p->level = 0;
  gboolean good = mt_keyset_init (&p->set, mt_parts_width (&p->parts), x->store.max_bytes);
  if (good)
    {
      begin (p);
      search_levels (p, 1);
      mt_packed_dismiss (p);
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
      mt_worker_free (p->workers[i]);
  g_free (p->workers);
  mt_levels_clear (&p->levels);
  mt_keyset_clear (&p->set);
  mt_bits_clear (&p->bits);
  mt_facts_clear (&p->facts);
  mt_settled_clear (&p->settled);
  mt_parts_clear (&p->parts);
  g_array_unref (p->marks);
  g_array_unref (p->ends);
  pthread_mutex_destroy (&p->lock);
  mt_eventcount_clear (&p->events);
  g_free (p);
}

/* Takes up the search where the file of it left off; FALSE: there is none yet, or x->error tells. */
static gboolean
resume (MtPacked *p, guint64 *size)
{
  MtExplore *x = p->x;
  MtWorker *w = p->workers[0];
  if (!x->options->checkpoint || !mt_checkpoint_read (p, size, &x->error))
    return FALSE;
  mt_facts_reset (&p->facts);
  mt_mover_reset (&w->mover);
  mt_filter_reset (&w->filter, &p->facts);
  p->logs = FALSE;
  x->resumed = TRUE;
  return TRUE;
}

void
mt_packed_search (MtExplore *x)
{
  MtPacked *p = x->packed = packed_new (x);
  guint64 size = 1;
  gboolean good = p->workers[0] && mt_keyset_init (&p->set, mt_parts_width (&p->parts), x->store.max_bytes);
  good = good && (!x->options->bitstate || mt_bits_init (&p->bits, MIN (x->options->bitstate, x->store.max_bytes)));
  if (!good)
    {
      mt_packed_cut (p, MT_CUT_MEMORY);
      return;
    }
  if (!resume (p, &size) && !x->error)
    begin (p);
  if (!x->error)
    search_levels (p, size);
  mt_packed_dismiss (p);
  mt_packed_tick (p);
  if (p->bits.words)
    {
      x->cuts |= MT_CUT_BITSTATE;
      x->omission = mt_bits_omission (&p->bits);
    }
  for (guint i = 0; i < p->ends->len; i++)
    g_array_append_val (x->terminals, i);
  if (x->options->checkpoint && !x->error && !(x->cuts & (MT_CUT_TIME | MT_CUT_INTERRUPT)))
    mt_checkpoint_remove (x->options->checkpoint); /* there is nothing left to be done */
  if (!x->elsewhere)
    mt_packed_find_ways (x);
}

/* Ways to what was found, from the log of levels: states keep no parents.
 *
 * Backwards: of the level before the last, the states are marked that have a marked successor; then of the level
 * before that. Forwards: from the first state, the first choice whose successor is marked. That is, of all
 * shortest ways, the first in the order of choices: the one that the reference engine's queue finds, however many
 * workers there were and in whatever order they put the states. Each level is expanded once more, nothing is
 * looked up but in the marks. */
#include "checker/counterexample.h"
#include "checker/packed/private.h"
#include <string.h>

typedef struct
{
  MtPacked *p;
  MtWorker *w; /* the first */
  MtKeyset *marked; /* of each level */
  guint level; /* of the targets */
  /* what is looked for */
  const MtFound *found;
  MtProperties shows; /* by a state: the judgement of one state alone */
  const GArray *ends;
} Search;

/* FALSE: no memory. */
static gboolean
mark (MtKeyset *set, guint64 key)
{
  MtKeysetPut put;
  while (mt_keyset_is_tight (set, 1) || (put = mt_keyset_put (set, mt_keyset_mix (set, key), FALSE)) == MT_KEYSET_FULL)
    if (!mt_keyset_grow (set, 1))
      return FALSE;
  mt_keyset_count (set, put == MT_KEYSET_NEW);
  return TRUE;
}

/* Whether the move w->moves[@i] shows what is looked for. */
static gboolean
move_shows (const MtFound *f, MtWorker *w, guint i)
{
  const MtOutcome outcome = w->moves[i].gist.outcome;
  MtOutcome part = f->kind == MT_FAIL_LOST_UPDATE ? outcome & MT_LOST_UPDATE : outcome & (guint)(MT_FAULT | MT_FAULT_ASSERTION);
  return mt_worker_pc (w, i) == f->pc && mt_outcome_verdict (part) == f->kind;
}

/* Whether the state just expanded shows it. */
static gboolean
state_shows (Search *search, guint64 key)
{
  MtWorker *w = search->w;
  const MtFound *f = search->found;
  MtProperties *shows = &search->shows;
  for (guint i = 0; i < w->mover.n_moves; i++)
    w->choices[i] = w->mover.moves[i].gist.choice;
  g_array_set_size (shows->findings, 0);
  g_array_set_size (shows->witnesses, 0);
  mt_properties_state (shows, mt_mover_state (&w->mover, key), 0, w->choices, w->mover.n_moves, 0);
  const GArray *all = f->kind == MT_PASS ? shows->witnesses : shows->findings;
  for (guint i = 0; i < all->len; i++)
    {
      const MtFound *other = &g_array_index (all, MtFound, i);
      if (other->kind == f->kind && other->property == f->property && other->var == f->var)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_target (Search *search, guint64 key)
{
  MtWorker *w = search->w;
  if (search->ends)
    {
      for (guint i = 0; i < search->ends->len; i++)
        if (g_array_index (search->p->ends, MtPin, g_array_index (search->ends, guint, i)).key == key)
          return TRUE;
      return FALSE;
    }
  if (!search->found->pc)
    {
      mt_mover_expand (&w->mover, key);
      return state_shows (search, key);
    }
  mt_worker_expand (w, key);
  for (guint i = 0; i < w->n_moves; i++)
    if (move_shows (search->found, w, i))
      return TRUE;
  return FALSE;
}

static gboolean
leads_on (Search *search, guint64 key, const MtKeyset *to)
{
  MtWorker *w = search->w;
  mt_worker_expand (w, key);
  for (guint i = 0; i < w->n_moves; i++)
    if (mt_keyset_has (to, mt_keyset_mix (to, w->moves[i].key)))
      return TRUE;
  return FALSE;
}

/* FALSE: no memory. */
static gboolean
mark_level (Search *search, guint level)
{
  guint i, end = mt_levels_chunks (&search->p->levels, level, &i);
  MtKeyset *here = &search->marked[level];
  if (!mt_keyset_init (here, mt_parts_width (&search->p->parts), G_MAXSIZE))
    return FALSE;
  for (; i < end; i++)
    {
      const MtChunk *chunk = search->p->levels.chunks->pdata[i];
      for (guint k = 0; k < chunk->n; k++)
        if ((level == search->level ? is_target (search, chunk->keys[k]) : leads_on (search, chunk->keys[k], here + 1)) && !mark (here, chunk->keys[k]))
          return FALSE;
    }
  return TRUE;
}

static const MtMove *
first_to (Search *search, guint64 key, const MtKeyset *to)
{
  MtWorker *w = search->w;
  mt_worker_expand (w, key);
  for (guint i = 0; i < w->n_moves; i++)
    if (to ? mt_keyset_has (to, mt_keyset_mix (to, w->moves[i].key)) : search->found && move_shows (search->found, w, i))
      return &w->moves[i];
  g_assert_not_reached (); /* every marked state has one */
}

/* Forwards, along what is marked. */
static GArray *
follow_marks (Search *search)
{
  GArray *way = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  guint first;
  mt_levels_chunks (&search->p->levels, 0, &first);
  guint64 key = ((const MtChunk *)search->p->levels.chunks->pdata[first])->keys[0];
  for (guint level = 0; level < search->level; level++)
    {
      const MtMove *move = first_to (search, key, &search->marked[level + 1]);
      g_array_append_val (way, move->gist.choice);
      key = move->key;
    }
  if (search->found && search->found->pc)
    g_array_append_val (way, first_to (search, key, NULL)->gist.choice);
  return way;
}

/* The choices of the search that lead to a target; with the one that shows it, if a move does. NULL: there is no memory to find them. */
static GArray *
find_way (Search *search)
{
  search->w = search->p->workers[0];
  if (search->p->broken || !mt_packed_recall (search->p, search->level))
    return NULL;
  gboolean good = TRUE;
  search->marked = g_new0 (MtKeyset, search->level + 2);
  for (guint level = search->level + 1; good && level-- > 0;)
    good = mark_level (search, level);
  GArray *way = good ? follow_marks (search) : NULL;
  for (guint level = 0; level <= search->level; level++)
    mt_keyset_clear (&search->marked[level]);
  g_free (search->marked);
  return way;
}

static gboolean
find_way_to (MtExplore *x, MtFound *f)
{
  Search search = { .p = x->packed, .found = f, .level = f->pc ? f->length - 1 : f->length };
  if (f->length == 0 || f->kind == MT_FAIL_REACHABLE)
    return TRUE;
  mt_properties_init (&search.shows, x->program, TRUE);
  g_autoptr (GArray) way = find_way (&search);
  mt_properties_clear (&search.shows);
  if (!way)
    return FALSE;
  f->path = mt_counterexample_unfold (x, way);
  if (f->pc && f->path->len)
    {
      f->choice = g_array_index (f->path, MtChoice, f->path->len - 1);
      g_array_set_size (f->path, f->path->len - 1);
    }
  return TRUE;
}

void
mt_packed_find_ways (MtExplore *x)
{
  GArray *const all[] = { x->properties.findings, x->properties.witnesses };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    for (guint k = all[i]->len; k-- > 0;)
      if (!find_way_to (x, &g_array_index (all[i], MtFound, k)))
        {
          g_array_remove_index (all[i], k); /* what can't be shown is not claimed */
          x->cuts |= MT_CUT_MEMORY;
        }
}

GArray *
mt_packed_way_to_end (const MtExplore *x, const GArray *ends)
{
  Search search = { .p = x->packed, .ends = ends, .level = g_array_index (x->packed->ends, MtPin, g_array_index (ends, guint, 0)).level };
  GArray *way = find_way (&search);
  return way ? way : g_array_new (FALSE, FALSE, sizeof (MtChoice));
}

const MtWord *
mt_packed_end (const MtExplore *x, guint i, guint *level)
{
  const MtPin *end = &g_array_index (x->packed->ends, MtPin, i);
  *level = end->level;
  return mt_mover_state (&x->packed->workers[0]->mover, end->key);
}

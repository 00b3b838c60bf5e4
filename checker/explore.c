/* See explore.h. */
#include "checker/explore.h"
#include "checker/packed/packed.h"
#include <string.h>
#include <unistd.h>

#define BATCH 64 /* successors in flight: enough to hide two cache misses each */
#define TICK 512 /* expansions between two looks at the clock */

static guint64
read_number (const gchar *path)
{
  g_autofree gchar *text = NULL;
  guint64 value = 0;
  return g_file_get_contents (path, &text, NULL, NULL) && g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, G_MAXUINT64, &value, NULL) ? value : G_MAXUINT64;
}

gsize
mt_explore_default_memory (void)
{
  guint64 machine = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  return (gsize)(MIN (machine, read_number ("/sys/fs/cgroup/memory.max")) / 2);
}

void
mt_explore_init (MtExplore *x, const MtProgram *program, const MtExploreOptions *options)
{
  *x = (MtExplore){ .program = program, .options = options, .started = g_get_monotonic_time () };
  guint n_words = program->n_words + (options->search->tells_mover ? 1 : 0);
  mt_store_init (&x->store, n_words, options->memory ? options->memory : mt_explore_default_memory ());
  mt_properties_init (&x->properties, program, options->all);
  x->reducer = mt_reducer_new (program, options->reductions & ~options->search->unfit);
  x->terminals = g_array_new (FALSE, FALSE, sizeof (guint));
  x->path = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  x->levels = g_array_new (FALSE, FALSE, sizeof (guint64));
  x->choices = g_new (MtChoice, program->max_choices);
  x->room = BATCH;
  x->successors = g_new (MtSuccessor, x->room + program->max_choices);
  x->words = g_new0 (MtWord, (gsize)(x->room + program->max_choices) * n_words);
}

void
mt_explore_clear (MtExplore *x)
{
  mt_store_clear (&x->store);
  mt_properties_clear (&x->properties);
  mt_reducer_free (x->reducer);
  g_array_unref (x->terminals);
  g_array_unref (x->path);
  g_array_unref (x->levels);
  if (x->packed)
    mt_packed_free (x->packed);
  g_clear_error (&x->error);
  if (x->elsewhere)
    mt_explore_clear (x->elsewhere);
  g_free (x->elsewhere);
  g_free (x->own_options);
  g_free (x->choices);
  g_free (x->successors);
  g_free (x->words);
}

static void
cut (MtExplore *x, MtCut why)
{
  x->cuts |= why;
  x->stop = TRUE;
}

/* A violation that ends the search: at once where it is any; where the first is to be a shortest,
 * when no shorter one can come. */
static void
consider_stopping (MtExplore *x)
{
  if (x->properties.changed && x->properties.stop_length != G_MAXUINT && !x->options->search->shortest)
    x->stop = TRUE;
}

void
mt_explore_tick (MtExplore *x)
{
  if (x->options->interrupted && g_atomic_int_get (x->options->interrupted))
    cut (x, MT_CUT_INTERRUPT);
  if (x->options->time_limit > 0 && (gdouble)(g_get_monotonic_time () - x->started) > x->options->time_limit * G_USEC_PER_SEC)
    cut (x, MT_CUT_TIME);
  if (x->options->progress)
    x->options->progress (x, x->options->progress_data);
}

MtOutcome
mt_explore_start (const MtExplore *x, MtWord *s, MtStep *rec)
{
  if (!x->options->from)
    return mt_state_init (x->program, s, rec);
  memcpy (s, x->options->from, sizeof (MtWord) * x->program->n_words);
  return MT_OK;
}

void
mt_explore_begin (MtExplore *x)
{
  MtStep step;
  gboolean fresh;
  MtWord *s = x->words;
  mt_step_init (&step);
  MtOutcome outcome = mt_explore_start (x, s, &step);
  mt_reducer_begin (x->reducer, s, NULL);
  if (x->options->search->tells_mover)
    s[x->program->n_words] = MT_CLOCK; /* nobody */
  if (mt_store_put (&x->store, s, mt_store_hash (&x->store, s), MT_STORE_ROOT, (MtChoice){ 0, 0 }, &fresh) == MT_STORE_FULL)
    cut (x, MT_CUT_MEMORY);
  else if (outcome != MT_OK)
    mt_properties_step (&x->properties, s, MT_STORE_ROOT, (MtChoice){ MT_CLOCK, 0 }, (MtChoice){ MT_CLOCK, 0 }, outcome, 0);
  mt_step_clear (&step);
  consider_stopping (x);
}

static guint
look (MtExplore *x, const MtWord *s, guint id)
{
  guint n = mt_choices (x->program, s, x->choices);
  mt_properties_state (&x->properties, s, id, x->choices, n, x->depth);
  consider_stopping (x);
  x->max_depth = MAX (x->max_depth, x->depth);
  if (G_UNLIKELY (x->impatient && x->transitions >= x->patience))
    x->impatient (x);
  if (++x->expanded % TICK == 0)
    mt_explore_tick (x);
  return n;
}

guint
mt_explore_look (MtExplore *x, guint id, guint depth)
{
  const MtWord *s = mt_store_key (&x->store, id);
  if (x->flushed)
    x->n_successors = 0;
  x->flushed = FALSE;
  x->depth = depth;
  if (depth >= x->properties.stop_length) /* what is found from here on is longer */
    x->stop = TRUE;
  guint n = x->stop ? 0 : look (x, s, id);
  if (x->stop)
    return 0;
  if (n == 0)
    {
      g_array_append_val (x->terminals, id);
      return 0;
    }
  if (x->options->max_depth && depth >= x->options->max_depth)
    {
      x->cuts |= MT_CUT_DEPTH;
      return 0;
    }
  return mt_reducer_pick (x->reducer, s, x->choices, n);
}

void
mt_explore_take (MtExplore *x, guint id, MtChoice choice, guint depth)
{
  const MtWord *s = mt_store_key (&x->store, id);
  if (x->flushed)
    x->n_successors = 0;
  x->flushed = FALSE;
#ifdef MT_CHECK_FOOTPRINTS
  mt_reducer_check (x->reducer, s, choice);
#endif
  MtSuccessor *to = &x->successors[x->n_successors];
  MtWord *next = x->words + (gsize)x->n_successors * x->store.n_words;
  MtOutcome outcome = mt_reducer_step (x->reducer, s, next, choice, NULL, NULL);
  MtChoice last;
  guint n_steps;
  const MtWord *before = mt_reducer_last (x->reducer, &last, &n_steps);
  x->transitions += n_steps;
  if (x->options->search->tells_mover)
    next[x->program->n_words] = choice.task;
  *to = (MtSuccessor){ .hash = mt_store_hash (&x->store, next), .from = id, .choice = choice };
  mt_store_expect (&x->store, to->hash);
  x->n_successors++;
  if (G_UNLIKELY (outcome != MT_OK))
    {
      mt_properties_step (&x->properties, before, id, choice, last, outcome, depth + 1);
      consider_stopping (x);
    }
}

void
mt_explore_expand (MtExplore *x, guint id, guint depth)
{
  guint n = mt_explore_look (x, id, depth);
  for (guint i = 0; i < n; i++)
    mt_explore_take (x, id, x->choices[i], depth);
}

guint
mt_explore_successor (MtExplore *x, guint id, MtChoice choice, MtOutcome *outcome)
{
  const MtWord *s = mt_store_key (&x->store, id);
  MtWord *next = x->words;
  MtOutcome came = mt_reducer_step (x->reducer, s, next, choice, NULL, NULL);
  if (outcome)
    *outcome = came;
  return mt_store_find (&x->store, next, mt_store_hash (&x->store, next));
}

void
mt_explore_flush (MtExplore *x)
{
  if (x->flushed)
    x->n_successors = 0;
  x->flushed = TRUE;
  for (guint i = 0; i < x->n_successors; i++)
    mt_store_expect_key (&x->store, x->successors[i].hash);
  for (guint i = 0; i < x->n_successors; i++)
    {
      MtSuccessor *to = &x->successors[i];
      const MtWord *words = x->words + (gsize)i * x->store.n_words;
      gboolean full = x->options->max_states && x->store.n >= x->options->max_states;
      if (G_UNLIKELY (full))
        to->id = mt_store_find (&x->store, words, to->hash);
      else
        to->id = mt_store_put (&x->store, words, to->hash, to->from, to->choice, &to->fresh);
      if (G_UNLIKELY (to->id == MT_STORE_FULL))
        {
          x->n_successors = i;
          cut (x, full ? MT_CUT_STATES : MT_CUT_MEMORY);
        }
    }
}

void
mt_explore_walk_begin (MtExplore *x)
{
  g_array_set_size (x->path, 0);
  x->properties.path = x->path;
  x->depth = 0;
}

guint
mt_explore_walk_look (MtExplore *x, const MtWord *s)
{
  guint n = look (x, s, 0);
  return x->stop ? 0 : n;
}

void
mt_explore_walk_step (MtExplore *x, MtWord *s, MtChoice choice)
{
  MtWord *before = x->words;
  memcpy (before, s, sizeof (MtWord) * x->program->n_words);
  MtOutcome outcome = mt_step (x->program, s, choice, NULL);
  x->transitions++;
  x->depth++;
  if (outcome != MT_OK)
    {
      mt_properties_step (&x->properties, before, 0, choice, choice, outcome, x->depth);
      consider_stopping (x);
    }
  g_array_append_val (x->path, choice);
}

/* States are numbered level by level. */
static guint
depth_of (const MtExplore *x, guint id)
{
  guint64 end = 0;
  guint depth = 0;
  while (depth < x->levels->len && id >= (end += g_array_index (x->levels, guint64, depth)))
    depth++;
  return depth;
}

const MtWord *
mt_explore_end (const MtExplore *x, guint i, guint *depth)
{
  if (x->packed)
    return mt_packed_end (x, i, depth);
  *depth = depth_of (x, g_array_index (x->terminals, guint, i));
  return mt_store_key (&x->store, g_array_index (x->terminals, guint, i));
}

void
mt_explore_run (MtExplore *x)
{
  const MtSearch *search = x->options->search;
  (x->options->packed && search->run_packed ? search->run_packed : search->run) (x);
  if (x->cuts == 0 && x->properties.stop_length == G_MAXUINT)
    mt_properties_end (&x->properties);
}

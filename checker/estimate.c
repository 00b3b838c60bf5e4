/* See estimate.h. */
#include "checker/estimate.h"
#include "checker/search.h"
#include "sim/rng.h"
#include <math.h>
#include <string.h>

#define DESCENTS 200
#define MAX_STEPS 20000 /* of one descent: of a model that need not end */
#define MAX_ALL_STEPS 400000 /* of all */
#define MIN_LEVELS 4
#define FITTED 0.5 /* so much of the known levels, the last ones, are fitted */
#define STIFF 5e-4 /* how little the cubic part is believed in: chosen on the bundled models */

struct _MtEstimate
{
  const MtExplore *x;
  GArray *steps; /* gdouble: of each task, from the first state to an end, in the mean */
  gdouble ends; /* states that they ended in */
  GArray *profile; /* gdouble: logarithms of the sizes of the levels of tasks that never meet */
};

typedef struct
{
  guint state, task;
} Step;

/* One descent: the path from the first state without the cycles, to @path (Step), and its last state to @s. Whether
 * the model has ended there. */
static gboolean
descend (const MtExplore *x, MtReducer *reducer, MtRng *rng, GArray *path, MtWord *s)
{
  const MtProgram *program = x->program;
  g_autofree MtWord *before = g_new (MtWord, program->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  g_autoptr (GArray) places = g_array_new (FALSE, TRUE, sizeof (guint)); /* of a state on the path, from 1; 0: it is not there */
  MtStore states;
  gboolean fresh;
  guint n, taken = 0;
  mt_store_init (&states, program->n_words, G_MAXSIZE);
  g_array_set_size (path, 0);
  mt_state_init (program, s, NULL);
  mt_reducer_begin (reducer, s, NULL);
  mt_store_put (&states, s, mt_store_hash (&states, s), MT_STORE_ROOT, (MtChoice){ 0, 0 }, &fresh);
  while ((n = mt_choices (program, s, choices)) > 0 && taken++ < MAX_STEPS)
    {
      MtChoice choice = choices[mt_rng_below (rng, mt_reducer_pick (reducer, s, choices, n))];
      memcpy (before, s, sizeof (MtWord) * program->n_words);
      mt_reducer_step (reducer, before, s, choice, NULL, NULL);
      Step step = { mt_store_put (&states, s, mt_store_hash (&states, s), 0, choice, &fresh), choice.task };
      if (step.state >= places->len)
        g_array_set_size (places, step.state + 1);
      guint keep = step.state ? g_array_index (places, guint, step.state) : 0;
      if (keep || step.state == 0)
        for (; path->len > keep; g_array_set_size (path, path->len - 1))
          g_array_index (places, guint, g_array_index (path, Step, path->len - 1).state) = 0;
      else
        {
          g_array_append_val (path, step);
          g_array_index (places, guint, step.state) = path->len;
        }
    }
  mt_store_clear (&states);
  return mt_ended (program, s);
}

/* Adds the path to the sums. */
static void
add_steps (MtEstimate *e, const GArray *path)
{
  for (guint i = 0; i < path->len; i++)
    {
      guint task = g_array_index (path, Step, i).task;
      if (task < e->steps->len) /* the clock is none */
        g_array_index (e->steps, gdouble, task)++;
    }
}

/* Descents into a deadlock are short: where others come to the model's end, those count alone. */
static void
descend_often (MtEstimate *e)
{
  const MtProgram *program = e->x->program;
  MtReducer *reducer = mt_reducer_new (program, e->x->options->reductions & ~e->x->options->search->unfit);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  MtStore ends;
  MtRng rng;
  gboolean any_ended = FALSE, fresh;
  guint counted = 0;
  mt_rng_seed (&rng, 1);
  mt_store_init (&ends, program->n_words, G_MAXSIZE);
  for (guint n = 0, all = 0; n < DESCENTS && all < MAX_ALL_STEPS; n++)
    {
      gboolean ended = descend (e->x, reducer, &rng, path, s);
      all += path->len;
      if (ended && !any_ended)
        {
          any_ended = TRUE;
          counted = 0;
          memset (e->steps->data, 0, sizeof (gdouble) * e->steps->len);
          mt_store_clear (&ends);
          mt_store_init (&ends, program->n_words, G_MAXSIZE);
        }
      if (ended == any_ended)
        {
          counted++;
          add_steps (e, path);
          mt_store_put (&ends, s, mt_store_hash (&ends, s), MT_STORE_ROOT, (MtChoice){ 0, 0 }, &fresh);
        }
    }
  for (guint t = 0; t < e->steps->len; t++)
    g_array_index (e->steps, gdouble, t) /= counted;
  e->ends = ends.n;
  mt_store_clear (&ends);
  mt_reducer_free (reducer);
}

/* The product is taken of means, so that no coefficient outgrows a double; what was divided by is added
 * to the logarithms at the end. */
static void
find_profile (MtEstimate *e)
{
  gdouble one = 1, divided = 0;
  g_array_append_val (e->profile, one);
  for (guint t = 0; t < e->steps->len; t++)
    {
      guint steps = (guint)lround (g_array_index (e->steps, gdouble, t)), n = e->profile->len;
      g_autoptr (GArray) product = g_array_new (FALSE, TRUE, sizeof (gdouble));
      gdouble sum = 0;
      g_array_set_size (product, n + steps);
      for (guint j = 0; j < product->len; j++)
        {
          sum += j < n ? g_array_index (e->profile, gdouble, j) : 0;
          sum -= j > steps ? g_array_index (e->profile, gdouble, j - steps - 1) : 0;
          g_array_index (product, gdouble, j) = MAX (sum, 0) / (steps + 1);
        }
      divided += log (steps + 1);
      g_array_unref (e->profile);
      e->profile = g_steal_pointer (&product);
    }
  for (guint j = 0; j < e->profile->len; j++)
    g_array_index (e->profile, gdouble, j) = divided + log (MAX (g_array_index (e->profile, gdouble, j), G_MINDOUBLE));
}

MtEstimate *
mt_estimate_new (const MtExplore *x)
{
  MtEstimate *e = g_new0 (MtEstimate, 1);
  e->x = x;
  e->steps = g_array_new (FALSE, TRUE, sizeof (gdouble));
  e->profile = g_array_new (FALSE, TRUE, sizeof (gdouble));
  g_array_set_size (e->steps, x->program->n_tasks);
  descend_often (e);
  find_profile (e);
  return e;
}

void
mt_estimate_free (MtEstimate *e)
{
  if (!e)
    return;
  g_array_unref (e->steps);
  g_array_unref (e->profile);
  g_free (e);
}

/* What levels are of those of the profile, as a logarithm, without what the two ends are sure of: 0 at the first
 * level, the descents' ends at the last. */
static gdouble
density (const MtEstimate *e, guint level)
{
  gdouble t = (gdouble)level / (e->profile->len - 1);
  return log ((gdouble)g_array_index (e->x->levels, guint64, level)) - g_array_index (e->profile, gdouble, level) - t * log (e->ends);
}

/* density() is taken for t (1 - t) (a + b t), t from 0 to 1: least squares over the last of the levels known, b held
 * near 0. */
static void
fit (const MtEstimate *e, guint last, gdouble *a, gdouble *b)
{
  gdouble aa = 0, ab = 0, bb = 0, ay = 0, by = 0;
  guint from = MAX (1, (guint)(last * (1 - FITTED))), n = last + 1 - from;
  for (guint j = from; j <= last; j++)
    {
      gdouble t = (gdouble)j / (e->profile->len - 1), u = t * (1 - t), v = u * t, y = density (e, j);
      aa += u * u, ab += u * v, bb += v * v, ay += u * y, by += v * y;
    }
  bb += STIFF * n;
  *a = (ay * bb - by * ab) / (aa * bb - ab * ab);
  *b = (by * aa - ay * ab) / (aa * bb - ab * ab);
}

static guint64
to_two_digits (gdouble number)
{
  guint64 unit = 1;
  for (; number >= 99.5; number /= 10)
    unit *= 10;
  return (guint64)lround (number) * unit;
}

guint64
mt_estimate_states (MtEstimate *e)
{
  const MtExplore *x = e->x;
  if (!x->options->search->shortest)
    return 0;
  guint last = x->depth, depth = e->profile->len - 1; /* that level is known as a whole: it is being expanded */
  if (last < MIN_LEVELS || last >= x->levels->len || last + 1 >= depth)
    return 0;
  gdouble a, b, all = 0;
  fit (e, last, &a, &b);
  for (guint j = 0; j <= last; j++)
    all += (gdouble)g_array_index (x->levels, guint64, j);
  gdouble known = (gdouble)last / depth, off = density (e, last) - known * (1 - known) * (a + b * known);
  for (guint j = last + 1; j <= depth; j++)
    {
      gdouble t = (gdouble)j / depth, ended = (gdouble)(depth - j) / (depth - last);
      all += exp (g_array_index (e->profile, gdouble, j) + t * log (e->ends) + t * (1 - t) * (a + b * t) + off * ended);
    }
  return all < 1e18 ? to_two_digits (MAX (all, (gdouble)mt_explore_states (x))) : 0;
}

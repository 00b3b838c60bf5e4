/* Some runs before the search, so that most values have their numbers, and fields their widths, before there are many keys to be written anew.
 *
 * Half of the runs pick at random, half let a task go on until it has to wait: between them lie the extremes of most values. What they
 * come upon is what a search would, so nothing is numbered that it would not number. */
#include "checker/packed/private.h"
#include "sim/rng.h"
#include <string.h>

#define FEW 512 /* steps between two looks at whether anything new came of them */
#define MOST 4096 /* steps */
#define APART 3 /* steps between two samples */
#define LONGEST 4096 /* run: of a model that need not end */

typedef struct
{
  MtPacked *p;
  MtRng rng;
  MtWord *s, *before;
  MtChoice *choices;
  guint steps;
} Prober;

static MtChoice
choose (Prober *b, guint n, gboolean goes_on, guint task)
{
  for (guint i = 0; goes_on && i < n; i++)
    if (b->choices[i].task == task)
      return b->choices[i];
  return b->choices[mt_rng_below (&b->rng, n)];
}

static void
walk (Prober *b, const MtWord *start, gboolean goes_on)
{
  const MtProgram *program = b->p->x->program;
  const gsize bytes = sizeof (MtWord) * program->n_words;
  guint task = MT_CLOCK;
  guint64 key;
  memcpy (b->s, start, bytes);
  mt_parts_encode (&b->p->parts, b->s, &key);
  for (guint i = 0, n; i < LONGEST && (n = mt_choices (program, b->s, b->choices)) > 0; i++, b->steps++)
    {
      MtChoice choice = choose (b, n, goes_on, task);
      task = choice.task;
      memcpy (b->before, b->s, bytes);
      mt_step (program, b->s, choice, NULL);
      mt_reducer_forget (b->p->workers[0]->reducer, b->before, choice.task, b->s);
      mt_parts_encode_changed (&b->p->parts, b->s, b->before, &key);
      if (b->steps % APART == 0)
        mt_parts_sample (&b->p->parts, b->s);
    }
}

void
mt_packed_probe (MtPacked *p, const MtWord *start)
{
  const MtProgram *program = p->x->program;
  Prober b = { .p = p, .s = g_new (MtWord, program->n_words + 1), .before = g_new (MtWord, program->n_words + 1), .choices = g_new (MtChoice, program->max_choices + 1) };
  mt_rng_seed (&b.rng, 1);
  mt_parts_forget_samples (&p->parts);
  for (gsize values = 0, more = 1; more && !p->parts.refused && b.steps < MOST; values += more)
    {
      guint until = b.steps + MAX (FEW, b.steps);
      for (guint i = 0; b.steps < until && i < FEW; i++)
        walk (&b, start, i % 2);
      more = mt_parts_values (&p->parts) - values;
    }
  g_free (b.s);
  g_free (b.before);
  g_free (b.choices);
}

/* See ending.h. */
#include "checker/ending.h"
#include "checker/counterexample.h"
#include <string.h>

/* What two ends may differ in. */
static void
forget (const MtProgram *program, MtWord *s)
{
  const gboolean ended = mt_ended (program, s);
  s[MT_NOW] = 0;
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtTask *task = &program->tasks[t];
      s[task->base + MT_TASK_TIMER] = 0;
      if (ended && task->daemon)
        memset (s + task->base, 0, sizeof (MtWord) * (MT_TASK_FRAME + program->classes[task->class_].n_frame));
    }
}

GArray *
mt_ending_find (const MtExplore *x, const MtWord *end)
{
  const gsize size = sizeof (MtWord) * x->program->n_words;
  g_autofree MtWord *wanted = g_memdup2 (end, size), *seen = g_malloc (size);
  g_autoptr (GArray) nearest = g_array_new (FALSE, FALSE, sizeof (guint));
  guint distance = G_MAXUINT, depth;
  forget (x->program, wanted);
  for (guint i = 0; i < x->terminals->len; i++)
    {
      memcpy (seen, mt_explore_end (x, i, &depth), size);
      forget (x->program, seen);
      if (depth > distance || memcmp (seen, wanted, size) != 0)
        continue;
      if (depth < distance)
        g_array_set_size (nearest, 0);
      distance = depth;
      g_array_append_val (nearest, i);
    }
  return nearest->len ? mt_counterexample_path_to_end (x, nearest) : NULL;
}

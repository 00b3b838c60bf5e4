/* Any bytes as a model, compiled, and some random steps of what comes out. */
#include "sim/machine.h"
#include "sim/model.h"
#include "sim/rng.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
take_steps (const MtProgram *program)
{
  g_autofree MtWord *s = g_new (MtWord, program->n_words), *value = g_new (MtWord, program->max_frame);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  MtRng rng;
  MtStep rec;
  mt_step_init (&rec);
  mt_rng_seed (&rng, 1);
  rec.want_effects = TRUE;
  mt_state_init (program, s, &rec);
  for (guint i = 0, n; i < 200 && (n = mt_choices (program, s, choices)) > 0; i++)
    {
      MtBlock block;
      for (guint t = 0; t < program->n_tasks; t++)
        mt_why_blocked (program, s, t, &block);
      mt_step (program, s, choices[mt_rng_below (&rng, n)], &rec);
      for (guint k = 0; k < program->n_properties; k++)
        mt_eval (program, s, &program->properties[k].pure, value);
    }
  mt_step_clear (&rec);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree gchar *text = g_strndup ((const gchar *)data, size);
  g_autoptr (MtModel) model = mt_model_new ("f", text, size);
  for (guint time = MT_TIME_VIRTUAL; time <= MT_TIME_ABSTRACT && model->tree; time++)
    {
      MtCompileOptions options = { .time = (MtTimeMode)time, .watch_updates = time == MT_TIME_VIRTUAL };
      g_autoptr (MtProgram) program = mt_compile (model, &options, NULL);
      if (!program)
        break;
      take_steps (program);
    }
  return 0;
}

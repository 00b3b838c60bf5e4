/* libmtsim in thirty lines: every schedule of a model, by nothing but the machine's functions.
 *
 *     cc every_schedule.c $(pkg-config --cflags --libs mtsim) -o every_schedule && ./every_schedule race.yaml */
#include "sim/machine.h"
#include "sim/model.h"

/* How many schedules lead on from @state. */
static guint64
count (const MtProgram *program, const MtWord *state)
{
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  g_autofree MtWord *next = g_new (MtWord, program->n_words);
  guint n = mt_choices (program, state, choices);
  guint64 schedules = n == 0; /* nobody can move: here one ends */
  for (guint i = 0; i < n; i++)
    {
      memcpy (next, state, program->n_words * sizeof *next);
      mt_step (program, next, choices[i], NULL);
      schedules += count (program, next);
    }
  return schedules;
}

int
main (int argc, char **argv)
{
  const MtCompileOptions options = { .time = MT_TIME_ABSTRACT };
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (argc > 1 ? argv[1] : "-", &error);
  g_autoptr (MtProgram) program = model ? mt_compile (model, &options, &error) : NULL;
  if (!program)
    return g_printerr ("%s\n", error->message), 2;
  g_autofree MtWord *state = g_new (MtWord, program->n_words);
  mt_state_init (program, state, NULL);
  g_print ("%" G_GUINT64_FORMAT " schedules\n", count (program, state));
  return 0;
}

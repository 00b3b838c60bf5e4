/* See real.h. */
#include "cli/real.h"

#define TIME_SCALE 0.001 /* a second of the model takes a millisecond */
#define DEADLINE 10.0 /* seconds */
#define MAX_JITTER 1000000 /* microseconds */

void
mt_real_args_init (MtRealArgs *args)
{
  *args = (MtRealArgs){ .real = { .time_scale = TIME_SCALE, .deadline = DEADLINE } };
}

void
mt_real_args_clear (MtRealArgs *args)
{
  g_free (args->seed_text);
}

GOptionEntry *
mt_real_args_entries (MtRealArgs *args, const GOptionEntry *entries)
{
  const GOptionEntry own[] = {
    { "seed", 0, 0, G_OPTION_ARG_STRING, &args->seed_text, "Of what is left to chance; drawn when not given", "N" },
    { "jitter", 0, 0, G_OPTION_ARG_INT, &args->jitter, "Pause a task now and then for up to N microseconds, to provoke races", "N" },
    { "pin", 0, 0, G_OPTION_ARG_INT, &args->pin, "Bind the tasks to the first N processors in turn", "N" },
    { "time-scale", 0, 0, G_OPTION_ARG_DOUBLE, &args->real.time_scale, "Seconds that a second of the model takes (0.001)", "X" },
    { "deadline", 0, 0, G_OPTION_ARG_DOUBLE, &args->real.deadline, "End a run on real threads after so many seconds (10)", "S" },
    G_OPTION_ENTRY_NULL,
  };
  GArray *all = g_array_new (FALSE, FALSE, sizeof (GOptionEntry));
  for (; entries->long_name; entries++)
    g_array_append_val (all, *entries);
  g_array_append_vals (all, own, G_N_ELEMENTS (own));
  return (GOptionEntry *)(gpointer)g_array_free (all, FALSE);
}

gboolean
mt_real_args_settle (MtRealArgs *args)
{
  if (args->seed_text && !g_ascii_string_to_unsigned (args->seed_text, 10, 0, G_MAXUINT64, &args->seed, NULL))
    return mt_complain (MT_EXIT_USAGE, "--seed %s: a whole number expected", args->seed_text), FALSE;
  if (!args->seed_text)
    args->seed = g_random_int ();
  if (args->jitter < 0 || args->jitter > MAX_JITTER)
    return mt_complain (MT_EXIT_USAGE, "--jitter %d: 0 to %d microseconds expected", args->jitter, MAX_JITTER), FALSE;
  if (args->pin < 0 || args->pin > (gint)g_get_num_processors ())
    return mt_complain (MT_EXIT_USAGE, "--pin %d: this machine has %u processors", args->pin, g_get_num_processors ()), FALSE;
  if (!(args->real.time_scale >= 0 && args->real.time_scale <= 1000) || !(args->real.deadline > 0 && args->real.deadline <= 1e6))
    return mt_complain (MT_EXIT_USAGE, "--time-scale and --deadline must be positive, and not without end"), FALSE;
  args->real.jitter = (guint)args->jitter;
  args->real.pin = (guint)args->pin;
  return TRUE;
}

/* See schedule.h. */
#include "cli/schedule.h"
#include "cli/report.h"

#define NOT_GIVEN G_MININT

GOptionEntry *
mt_schedule_entries (MtScheduleOptions *o, const GOptionEntry *own)
{
  o->quantum = o->depth = o->cpus = NOT_GIVEN;
  const GOptionEntry entries[] = {
    { "scheduler", 0, 0, G_OPTION_ARG_STRING, &o->scheduler,
      "random (the default), round-robin, pct, priority, or exhaustive: every schedule is tried", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &o->seed_text,
      "Of the random generator; drawn and printed when not given", "N" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &o->text,
      "Follow 't1 t2*2 t1:timeout', then go on without preemption", "TEXT" },
    { "quantum", 0, 0, G_OPTION_ARG_INT, &o->quantum,
      "Steps of a slice: exact for round-robin, the mean for random", "N" },
    { "depth", 0, 0, G_OPTION_ARG_INT, &o->depth, "pct: the depth of bugs aimed at (3)", "D" },
    { "length", 0, 0, G_OPTION_ARG_INT64, &o->length, "pct: the expected number of steps (1000)",
      "K" },
    { "step-time", 0, 0, G_OPTION_ARG_STRING, &o->step_time_text,
      "A step takes so long, like 1ms; it takes none when not given", "TIME" },
    { "cpus", 0, 0, G_OPTION_ARG_INT, &o->cpus,
      "Up to K tasks move at once, each a step of --step-time (1ms)", "K" },
    { "max-steps", 0, 0, G_OPTION_ARG_INT64, &o->max_steps,
      "Stop after N steps, INCOMPLETE (100000000; 0: never)", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (GOptionEntry));
  guint n = 0;
  while (own[n].long_name)
    n++;
  g_array_append_vals (all, own, n);
  g_array_append_vals (all, entries, G_N_ELEMENTS (entries));
  return g_array_steal (all, NULL);
}

/* --step-time "1ms", "0.5s" or plain milliseconds; 1 ms where steps must take time and nothing is said. */
static gboolean
settle_step_time (MtScheduleOptions *o, gboolean timed)
{
  gdouble value = timed || o->cpus ? 1 : 0;
  if (o->step_time_text)
    {
      gchar *end;
      value = g_ascii_strtod (o->step_time_text, &end);
      if (g_str_equal (end, "s"))
        value *= 1000;
      else if (*end && !g_str_equal (end, "ms"))
        value = -1;
      if (end == o->step_time_text || !(value >= 1 && value <= G_MAXUINT16))
        return mt_complain (MT_EXIT_USAGE, "--step-time %s: 1ms to %ums expected, like 5ms or 0.1s",
                            o->step_time_text, G_MAXUINT16),
               FALSE;
    }
  o->step_time = (guint)value;
  return TRUE;
}

static gboolean
complain_of_scheduler (const gchar *name)
{
  g_autoptr (GString) all = g_string_new (NULL);
  for (guint i = 0; mt_scheds[i]; i++)
    if (!g_str_equal (mt_scheds[i]->name, "replay"))
      g_string_append_printf (all, "%s%s", all->len ? ", " : "", mt_scheds[i]->name);
  return mt_complain (MT_EXIT_USAGE, "--scheduler %s: %s expected", name, all->str), FALSE;
}

/* From here on 0 means that one was not given. */
static gboolean
settle_counts (MtScheduleOptions *o)
{
  const struct { const gchar *name; gint *value; } counts[] = { { "quantum", &o->quantum }, { "depth", &o->depth }, { "cpus", &o->cpus } };
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (*counts[i].value == NOT_GIVEN)
      *counts[i].value = 0;
    else if (*counts[i].value < 1)
      return mt_complain (MT_EXIT_USAGE, "--%s %d: a positive number expected", counts[i].name, *counts[i].value), FALSE;
  return TRUE;
}

gboolean
mt_schedule_settle (MtScheduleOptions *o, gboolean timed)
{
  const gchar *name = o->text ? "replay" : o->scheduler ? o->scheduler : mt_scheds[0]->name;
  o->row = mt_sched_find (name);
  if (!o->row || (!o->text && g_str_equal (name, "replay")))
    return complain_of_scheduler (name);
  if (o->seed_text
      && !g_ascii_string_to_unsigned (o->seed_text, 10, 0, G_MAXUINT64, &o->sched.seed, NULL))
    return mt_complain (MT_EXIT_USAGE, "--seed %s: a whole number expected", o->seed_text), FALSE;
  if (!settle_counts (o))
    return FALSE;
  if (o->length < 0 || o->max_steps < 0)
    return mt_complain (MT_EXIT_USAGE, "numbers must not be negative"), FALSE;
  if (o->depth > 1000)
    return mt_complain (MT_EXIT_USAGE, "--depth %d: at most 1000", o->depth), FALSE;
  o->drawn = !o->seed_text && !o->text;
  if (o->drawn)
    o->sched.seed =
        g_random_int (); /* the one thing that is not determined; it is always printed */
  o->sched.quantum = (guint)o->quantum;
  o->sched.depth = (guint)o->depth;
  o->sched.length = (guint64)o->length;
  return settle_step_time (o, timed);
}

gboolean
mt_schedule_bind (MtScheduleOptions *o, const MtProgram *program)
{
  g_autoptr (GError) error = NULL;
  if (!o->text)
    return TRUE;
  o->script = mt_schedule_parse (program, o->text, &error);
  if (!o->script)
    return mt_complain (MT_EXIT_USAGE, "%s", error->message), FALSE;
  o->sched.complete = TRUE;
  return TRUE;
}

void
mt_schedule_follow (MtScheduleOptions *o, GArray *choices)
{
  g_clear_pointer (&o->script, g_array_unref);
  o->script = g_array_ref (choices);
  o->row = mt_sched_find ("replay");
  o->drawn = FALSE;
}

void
mt_schedule_run (const MtScheduleOptions *o, const MtProgram *program, MtRunOptions run,
                 MtRunResult *result)
{
  MtSchedOptions sched = o->sched;
  if (o->script)
    {
      sched.script = (const MtChoice *)o->script->data;
      sched.n_script = o->script->len;
    }
  run.step_time = o->step_time;
  run.cpus = (guint)o->cpus;
  run.max_steps = run.max_steps ? run.max_steps : (guint64)o->max_steps;
  g_autoptr (MtSched) scheduler = mt_sched_new (o->row, program, &sched);
  mt_run (program, scheduler, &run, result);
}

guint
mt_schedule_refused (const MtScheduleOptions *o, const MtProgram *program,
                     const MtRunResult *result, GString *why)
{
  guint at = 0;
  for (guint i = 0; result->choices && i < result->choices->len; i++)
    at += g_array_index (result->choices, MtChoice, i).task
          != MT_CLOCK; /* the clock's moves are not in a script */
  if (at >= o->script->len)
    return 0;
  mt_report_refusal (program, result->state, g_array_index (o->script, MtChoice, at), why);
  return at + 1;
}

void
mt_schedule_clear (MtScheduleOptions *o)
{
  g_clear_pointer (&o->script, g_array_unref);
  gchar *const texts[] = { o->scheduler, o->seed_text, o->text, o->step_time_text };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

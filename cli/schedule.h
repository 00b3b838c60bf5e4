/* How a run is to be made: the options of every verb that makes runs. */
#pragma once
#include "cli/cli.h"
#include "sim/run.h"

typedef struct
{
  gchar *scheduler, *seed_text, *text, *step_time_text; /* text: --schedule */
  gint quantum, depth, cpus;
  gint64 length, max_steps;
  /* found out */
  const MtSchedRow *row;
  MtSchedOptions sched;
  GArray *script;  /* MtChoice: the choices to follow; NULL: those of the scheduler */
  guint step_time; /* milliseconds */
  gboolean drawn;  /* the seed was not given: the user is to be told which it is */
} MtScheduleOptions;

/* @own, a verb's other options, and after them these. Caller frees the array. */
GOptionEntry *mt_schedule_entries (MtScheduleOptions *options, const GOptionEntry *own);

/* What the options mean; @timed: steps take time even where nobody says so. FALSE after telling the user. */
gboolean mt_schedule_settle (MtScheduleOptions *options, gboolean timed);

/* The schedule of --schedule, whose tasks only @program knows. FALSE after telling the user. */
gboolean mt_schedule_bind (MtScheduleOptions *options, const MtProgram *program);

/* Follows @choices, and does not go on after them. */
void mt_schedule_follow (MtScheduleOptions *options, GArray *choices);

/* Makes the run; of @run, what these options say is filled in. */
void mt_schedule_run (const MtScheduleOptions *options, const MtProgram *program, MtRunOptions run,
                      MtRunResult *result);

/* Of a run that parted: the number of the move of the script that could not be made, from 1, and why not; 0 when the script was used up. */
guint mt_schedule_refused (const MtScheduleOptions *options, const MtProgram *program,
                           const MtRunResult *result, GString *why);

void mt_schedule_clear (MtScheduleOptions *options);

/* One run: a scheduler drives the machine until the model ends, or stands, or a bound cuts it. */
#pragma once
#include "sim/sched.h"
#include "sim/stats.h"
#include "sim/verdict.h"

typedef struct
{
  guint64 max_steps; /* 0: no bound */
  gboolean record; /* keep the choices (memory grows with the run) */
  guint step_time; /* milliseconds a step takes; 0: none */
  guint cpus; /* with step_time: tasks that move at once; 0: 1 */
  MtStats *stats; /* with step_time: filled; may be NULL */
  /* Makes a step in place of mt_step(): on another thread, say. NULL: mt_step() does */
  MtOutcome (*step) (const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec, gpointer data);
  gpointer step_data;
  void (*output) (const gchar *text, gsize length, gpointer data); /* what the model prints, as it does; may be NULL */
  gpointer output_data;
} MtRunOptions;

typedef struct
{
  guint64 steps; /* taken, the clock's moves too: the number of choices */
  guint64 switches; /* another task than before moved */
  gint64 time; /* virtual milliseconds passed */
  gboolean ended; /* every task that is no daemon has ended */
  gboolean cut; /* by max_steps */
  gboolean parted; /* the scheduler could not go on: a replay's choice was not there */
  GArray *violations; /* MtViolation: the first of each kind, in order of their steps */
  GArray *choices; /* MtChoice, the clock's too; NULL unless recorded */
  MtWord *state; /* at the end */
  guint faults; /* unhandled errors, allowed ones too */
  guint swallowed; /* errors that ended a pool's job */
  gchar *first_swallowed; /* the first of them, as a sentence; NULL: none */
} MtRunResult;

void mt_run (const MtProgram *program, MtSched *sched, const MtRunOptions *options, MtRunResult *result);

/* For engines of their own: an empty result; a violation that was found (@rec: of the step that shows it, @cycle: of a
 * deadlock; each may be NULL where it does not apply), told once for each kind; and what is wrong with
 * result->state, in which nothing moves any more. */
void mt_run_result_init (const MtProgram *program, MtRunResult *result);
void mt_run_found (const MtProgram *program, MtRunResult *result, const MtStep *rec, const GArray *cycle, MtVerdictKind kind, gint task, gint property);
void mt_run_judge_end (const MtProgram *program, MtRunResult *result);
void mt_run_result_clear (MtRunResult *result);

/* The violation that decides: the first that the model forbids; NULL: none. */
const MtViolation *mt_run_verdict (const MtProgram *program, const MtRunResult *result);

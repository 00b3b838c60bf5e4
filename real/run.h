/* Free runs: the model on real threads, as the system schedules them. They live in a child process; whatever
 * becomes of it (a deadlock, an endless loop, a crash), the parent tells and goes on with a new one. */
#pragma once
#include "real/shared.h"
#include "sim/run.h"

typedef enum
{
  MT_REAL_DONE, /* the model has ended, or nothing can move any more: the result tells */
  MT_REAL_LATE, /* it had not ended at the deadline */
  MT_REAL_CRASHED, /* the child was ended by a signal */
  MT_REAL_FAILED, /* the run could not be made */
} MtRealEnd;

typedef struct
{
  MtRealEnd end;
  gint signal; /* MT_REAL_CRASHED */
  gint64 nanoseconds; /* from the first step to the end */
  guint64 taken, contended; /* locks, semaphores: how often one was taken, and how often it had to be waited for */
  const gchar *output; /* what the model printed: n_output bytes, until the next run */
  gsize n_output, lost; /* lost: bytes that were not kept */
  const gchar *trouble; /* MT_REAL_FAILED */
} MtRealFacts;

/* One run, judged as a simulated one is; the result's steps are not counted. Clear it with mt_run_result_clear(). */
void mt_real_run (MtReal *real, guint64 seed, MtRunResult *result, MtRealFacts *facts);

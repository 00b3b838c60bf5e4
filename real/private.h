/* A task on a real thread, as task.c and carrier.c know it. */
#pragma once
#include "real/task.h"
#include "sim/rng.h"

typedef struct
{
  MtCtx ctx; /* first: what an operation is given leads back to its task */
  MtCrew *crew;
  MtReal *real;
  MtSlot *slot;
  MtWord *words; /* the task's in the state */
  guint n_frame;
  guint pc, before; /* where it is, and was a step ago */
  gboolean stopped; /* it has come to its end from outside */
  struct _MtCoroutine *coroutine; /* NULL: it has the thread for itself */
  MtRng rng;
  MtStep rec;
} MtRealTask;

/* For @number, which is alive in the state; clear it with mt_real_task_clear(). */
void mt_real_task_init (MtRealTask *me, MtCrew *crew, guint number);
void mt_real_task_clear (MtRealTask *me);

/* All steps of the task, to its end or the model's. */
void mt_real_live (MtRealTask *me);

/* The state is told what ways() may look at: the task's frame. */
void mt_real_show_frame (MtRealTask *me);

/* When the task's timer goes off (CLOCK_REALTIME); FALSE: it has none. */
gboolean mt_real_timer_ends (const MtRealTask *me, struct timespec *until);

/* The model has ended, which daemons do not outlive, or the task's process was terminated. Asked under the world's guard. */
gboolean mt_real_must_stop (const MtRealTask *me);

/* The run can't be made, and ends: @why tells the user. FALSE. */
gboolean mt_crew_give_up (MtCrew *crew, const gchar *why);

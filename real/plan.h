/* What the steps of a program need on real threads, so that each is still one step there.
 *
 * A step that reads or writes one word needs nothing: the word is an atomic variable. An operation on
 * an object needs the object's own lock: the system's (a mutex, a semaphore, ...), or that of a monitor.
 * Whatever sees several words in one instant (atomic, a print or an assert over two variables, an await)
 * needs that nobody changes them meanwhile: it has the world for itself, and so has every step that
 * touches one of these words. Where a model looks at where its tasks are (alive, at, a join with a
 * timeout, terminate), or ends while a daemon runs, or takes turns (coroutines), every step is such. */
#pragma once
#include "sim/program.h"

typedef enum
{
  MT_NEEDS_NOTHING,
  MT_NEEDS_SYSTEM, /* the primitive's native object */
  MT_NEEDS_MONITOR, /* of its object */
  MT_NEEDS_WORLD,
} MtStepNeeds;

typedef struct
{
  guint8 *needs; /* MtStepNeeds of the step that begins at an instruction */
  guint8 *relaxed; /* for each word: whether the hardware may reorder it */
  gboolean whole; /* every step needs the world */
} MtRealPlan;

MtRealPlan *mt_real_plan_new (const MtProgram *program);
void mt_real_plan_free (MtRealPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtRealPlan, mt_real_plan_free)

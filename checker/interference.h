/* What the code of a program says of its steps, once and for all: which a task may make from where it is, what they touch, and so
 * which can interfere with which. The choice in a state is persistent.c's, where the why stands too.
 *
 * Sets are bits: one for each variable, each object, each task's resting place, and the clock. All is
 * computed for each task (not each class) since an index may be a constant of the task: fork[id]. */
#pragma once
#include "checker/persistent.h"

/* The four sets of a footprint lie one behind the other: together they are a block of n_block words. */
enum
{
  MT_READS,
  MT_WRITES,
  MT_GIVES,
  MT_TAKES,
  MT_N_ACCESSES,
};

typedef struct
{
  gboolean is_join; /* of task `what`; else a lock of object `what` */
  guint what;
  guint64 *later; /* futures up to there, a block for each step */
} MtBarrier;

typedef struct
{
  guint n_steps;
  guint *index; /* of each instruction of the class, from its entry: its step's number, or G_MAXUINT */
  guint *pcs; /* of each step */
  GArray **next; /* guint: steps that may follow each */
  guint64 *own; /* of each step: its footprint, a block */
  guint64 *later; /* the footprints of it and all that may follow */
  guint64 *left, *right; /* what may not be among what others do later, for it to move left or right past that */
  gint *locks; /* object that the step acquires for as long as it takes, or -1 */
  gint *unlocks; /* object that it releases and does nothing else, or -1 */
  guint8 *waits; /* 1: it is a join without a timeout */
  guint8 *blocks; /* 1: it may have to wait */
  GArray *barriers; /* MtBarrier */
  gboolean *sticky;
  guint8 *lone; /* 1: the step may be followed alone in some state */
  gboolean ends; /* the task may come to its end */
} MtStepPlan;

struct _MtPersistent
{
  const MtProgram *program;
  guint n_set; /* 64-bit words of a set */
  guint n_block; /* of a footprint */
  MtStepPlan *plans; /* of each task */
  guint64 *visible; /* a block of which only the first set is used */
  guint *first; /* of each task: number of its first step among all; behind its last comes one more, for a task that has not started */
  guint n_row; /* 64-bit words of a row of what follows; 0: too large, found each time */
  guint64 *left, *right; /* of each step, a pair of rows: the steps at which another task may interfere; those at which it does whatever it is kept from */
  gboolean *leaf; /* of each object: it is a lock and nobody waits while holding it */
  guint *bits; /* of each address; G_MAXUINT: none */
  gboolean all; /* something may touch anything */
};

/* Of persistent->program. NULL, or a static text: why not; clear it in any case. */
const gchar *mt_interference_find (MtPersistent *persistent);
void mt_interference_clear (MtPersistent *persistent);

/* Sets. */

static inline void
mt_set_add (guint64 *set, guint i)
{
  set[i / 64] |= (guint64)1 << (i % 64);
}

/* TRUE: it grew. */
static inline gboolean
mt_set_unite (guint64 *set, const guint64 *other, guint n)
{
  gboolean grew = FALSE;
  for (guint i = 0; i < n; i++)
    {
      grew = grew || (other[i] & ~set[i]);
      set[i] |= other[i];
    }
  return grew;
}

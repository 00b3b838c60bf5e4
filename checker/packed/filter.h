/* Whether a state may show something that no state before it has: a cheap test, so that properties are judged
 * (property.h) in few states. It may say yes for nothing, never no for something.
 *
 * What an expression says depends on the fields that it reads; those of their values that were seen to be dull,
 * invariants true, what should be reachable not yet reached, and what should hold in the end true there, are remembered. What has been
 * found once needs no looking for: the search goes level by level, so no later state shows it sooner.
 */
#pragma once
#include "checker/packed/mover.h"
#include "checker/property.h"

/* What has been found: shared by all workers, set while one alone holds the findings, read at any time. */
typedef struct
{
  guint8 *property; /* of each */
  guint8 *race; /* of each variable */
  guint8 *outcome; /* of each instruction: MtOutcome flags */
  gint deadlock;
} MtSettled;

typedef struct
{
  const MtProperties *properties;
  MtSettled *settled;
  guint64 *masks; /* of each property: the fields it reads; ~0 where they can't be told */
  struct _MtDull *dull; /* a small table for each property */
} MtFilter;

void mt_settled_init (MtSettled *settled, const MtProgram *program);
void mt_settled_clear (MtSettled *settled);

/* Notes all that @properties hold. */
void mt_settled_note (MtSettled *settled, const MtProperties *properties);

void mt_filter_init (MtFilter *filter, const MtProperties *properties, MtSettled *settled, const MtFacts *facts);
void mt_filter_clear (MtFilter *filter);
void mt_filter_reset (MtFilter *filter, const MtFacts *facts);

/* Whether some invariant, or what should be reachable, or in a state in which all have @ended what should hold then, makes the state worth a look. */
gboolean mt_filter_properties (MtFilter *filter, MtMover *mover, guint64 key, gboolean ended);

/* Whether the state @key, which @mover has just expanded, should be looked at. */
static inline gboolean
mt_filter_state (MtFilter *filter, MtMover *mover, guint64 key)
{
  const MtProperties *p = filter->properties;
  return mover->n_moves == 0 || mover->race || (mover->cycle && p->deadlocks && !__atomic_load_n (&filter->settled->deadlock, __ATOMIC_RELAXED))
         || ((p->invariants || p->reachable) && mt_filter_properties (filter, mover, key, FALSE));
}

/* Whether @move's outcome is news. */
static inline gboolean
mt_filter_move (const MtFilter *filter, guint pc, MtOutcome outcome)
{
  return outcome != MT_OK && ((guint)outcome & ~(guint)__atomic_load_n (&filter->settled->outcome[pc], __ATOMIC_RELAXED)) != 0;
}

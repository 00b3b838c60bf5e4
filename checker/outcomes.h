/* Outcomes: what can be there at the end, whoever is scheduled when. Each distinct outcome (the
 * model's observed expressions, and whether it is a deadlock) with one of the shortest schedules
 * that lead to it, and how many schedules do.
 *
 * Schedules are counted exactly, as paths in the state graph from the initial state to a state in
 * which nothing can move, by adding up in topological order (Kahn, "Topological sorting of large
 * networks", CACM 1962). States on a cycle or behind one are never ready in that order: infinitely
 * many schedules lead there. Only reductions that keep the number of paths are used: dead values.
 */
#pragma once
#include "checker/big.h"
#include "checker/explore.h"

typedef struct
{
  gchar *text; /* "x=2" */
  gboolean deadlock; /* not all tasks have ended */
  guint state; /* the first such state found */
  guint states; /* how many states have this outcome */
  gboolean infinite; /* schedules */
  MtBig schedules;
  gdouble chance; /* under a uniform random scheduler (chance.h), where asked for */
} MtOutcomeRow;

typedef struct
{
  GArray *rows; /* MtOutcomeRow, sorted by text, numbers by value, deadlocks last */
  gboolean infinite; /* some schedules never end */
  MtBig schedules; /* all that end; meaningless when some row is infinite */
  gdouble endless, rest; /* chances: of never ending; what was left uncomputed */
} MtOutcomes;

/* From a finished search @x that stores states, without reductions other than MT_REDUCE_DEAD where
 * @count asks for the number of schedules, and then complete where @chances asks for the chance of each. */
void mt_outcomes_find (MtOutcomes *outcomes, MtExplore *x, gboolean count, gboolean chances);
void mt_outcomes_clear (MtOutcomes *outcomes);

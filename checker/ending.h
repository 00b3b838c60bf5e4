/* A schedule for an end: the model has been somewhere (on real threads, say, which leave no record of who moved when),
 * nothing moves any more, and what is wanted is a run that anyone can have again, draw and explain. */
#pragma once
#include "checker/explore.h"

#define MT_REDUCE_ENDS (MT_REDUCE_POR | MT_REDUCE_FUSION) /* reductions that keep every end as it is */

/* A way (MtChoice) to an end in which every word is as in @end, but for the clock and timers, which a search in abstract time
 * does not keep, and for daemons that are left where they happened to be. Of all such ways a shortest that the search knows.
 * From a finished breadth-first search @x with no reductions but MT_REDUCE_ENDS. NULL: none was seen. Caller frees. */
GArray *mt_ending_find (const MtExplore *x, const MtWord *end);

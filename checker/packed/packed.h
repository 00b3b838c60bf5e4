/* The packed engine: a breadth-first search whose states are 64-bit keys. Another caller of the waist, as the
 * reference engine (explore.h) is, and held to it by tests/test_differential: the same states, transitions, ends, depth and
 * verdict. docs/engine.md tells how it works as a whole.
 *
 *     parts.h   a state in one word         facts.h   the fields that a task's step touches
 *     keyset.h  the states seen (bucket.h)  mover.h   steps remembered on these
 *     filter.h  what is worth looking at    levels.h  the frontier, and the log behind it
 *     probe.c   runs before the search      reduced.c reduced steps, of remembered ones
 *     worker.c  what is done with a state   way.c     the schedule to a finding
 *     crew.c    who searches a level        meet.c    the table grows, fields are laid out anew
 *
 * Workers go through a level together, a chunk of it at a time, each with its own movers and lists; at the
 * end of a level they meet. What is counted, and what is shown, does not depend on how many there are: a level is the
 * same set of states however it was found, and of all shortest ways to a finding the one shown is the first in
 * the order of choices, which is the reference engine's.
 */
#pragma once
#include "checker/explore.h"

typedef struct _MtPacked MtPacked;

/* Searches breadth first; x->packed is what it has found, freed with @x. */
void mt_packed_search (MtExplore *x);
void mt_packed_free (MtPacked *packed);

/* The end number @i (x->terminals), good until the next call; its distance from the first state. */
const MtWord *mt_packed_end (const MtExplore *x, guint i, guint *level);

/* The first way, in the order of choices, to one of @ends (guint: numbers of ends), which are all at the same
 * distance: choices of the search (MtChoice). Caller unrefs. */
GArray *mt_packed_way_to_end (const MtExplore *x, const GArray *ends);

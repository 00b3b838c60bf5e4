/* How many states there will be, guessed from a part of them: whether to wait, or to make the model smaller.
 *
 * A breadth-first search knows the sizes of the levels it has been through. How many levels there will be, and
 * how many steps each task has, random descents tell, with the cycles they run through cut out (loop-erased walks:
 * Lawler, "A self-avoiding random walk", Duke Math. J. 1980). Tasks with so many steps that never met would have
 * levels of known sizes: the coefficients of the product of 1 + x + ... + x^steps. What the true levels are
 * of those (locks keep tasks apart, values and joins make more states or fewer) changes slowly from level to
 * level: its logarithm is carried on from the levels known to the last as a low polynomial.
 *
 * The usual estimator from random descents alone (Knuth, "Estimating the efficiency of backtrack programs", Math.
 * Comp. 1975) counts paths of a tree: here most states have many ways to them, and it is off by orders of magnitude.
 *
 * What it reaches: tests/unit/test_estimate.c. It is a guess, and says nothing of a model whose tasks wait long
 * before most of them begin.
 */
#pragma once
#include "checker/explore.h"

/* States that are to be known before a guess is worth telling. */
#define MT_ESTIMATE_STATES 30000

typedef struct _MtEstimate MtEstimate;

/* Descends into the graph that @x searches; takes a fraction of a second. @x must outlive it. */
MtEstimate *mt_estimate_new (const MtExplore *x);
void mt_estimate_free (MtEstimate *estimate);

/* Of a search that goes breadth first, as far as it is now: the number of states in all, to two digits;
 * 0: not known. The same search asked at the same moment gives the same number. */
guint64 mt_estimate_states (MtEstimate *estimate);

/* Chances: how likely each end is when a scheduler picks uniformly among the choices of every state. The
 * state graph is then a Markov chain whose terminal states absorb (Kemeny and Snell, "Finite Markov
 * Chains", 1960, chapter III), and the chance of an end is that of being absorbed there.
 *
 * Solved by letting the chain's mass flow, state by state in the order they were found, a state's own
 * loop summed up at once (Gauss-Seidel). Without cycles this ends exactly, but for rounding; with them the
 * rest that still flows shrinks geometrically, and what is left of it is told.
 */
#pragma once
#include "checker/explore.h"

typedef struct
{
  gdouble *of; /* of each of x->terminals */
  gdouble endless; /* that of runs from which no end can be reached any more */
  gdouble rest; /* what was still on its way when the sweeps were given up; 0 or nearly so */
} MtChances;

/* From a complete search @x that stores states, without reductions other than MT_REDUCE_DEAD. */
void mt_chances_find (MtChances *chances, MtExplore *x);
void mt_chances_clear (MtChances *chances);

/* How likely a chi-square of @df > 0 degrees of freedom is to be @x >= 0 or more: the regularized upper incomplete gamma
 * function Q(df/2, x/2), by its series or its continued fraction (Abramowitz and Stegun, 6.5.29 and 6.5.31). */
gdouble mt_chi_square_tail (gdouble x, guint df);

typedef struct
{
  gdouble statistic; /* chi-square */
  guint df; /* degrees of freedom; 0: fewer than two classes, there is nothing to compare */
  gdouble tail; /* how often chance alone gives such a statistic or a greater one */
} MtFit;

/* Whether what was @seen of @n outcomes in @runs runs fits their @chances (Pearson 1900). Outcomes that are expected fewer than five
 * times are taken together, with whatever else was seen (Cochran, "Some methods for strengthening the common chi-square tests",
 * Biometrics 1954). */
MtFit mt_chances_fit (const gdouble *chances, const guint *seen, guint n, guint runs);

/* What a search comes to: its verdict, the schedules that show what was found, and the figures. */
#pragma once
#include "checker/counterexample.h"
#include "checker/outcomes.h"
#include "checker/search.h"

/* One thing found, as a run that shows it. */
typedef struct
{
  MtViolation violation; /* kind MT_PASS: a witness of a `reachable` property */
  MtVerdictLevel level;
  GArray *choices; /* MtChoice */
} MtShown;

typedef struct
{
  GArray *shown; /* MtShown: the one that decides first, then the others that are forbidden, then reported, then witnesses */
  const MtViolation *verdict; /* the first, where it is forbidden; NULL: none */
  gchar *incomplete; /* what cut a search that found nothing: "memory", "depth"; NULL: nothing did */
} MtCheckResult;

/* Inits @x and searches. A search for a shortest first counterexample that takes long is given up when a few
 * walks find any. Where partial-order reduction or that may have made the counterexample longer than it need
 * be, what is shorter is searched without them, within a bound of states: then @x is that search, if it found
 * one, and tells (perhaps_longer) if it can't say. */
void mt_check_search (MtExplore *x, const MtProgram *program, const MtExploreOptions *options);

/* From a finished search. */
void mt_check_result_init (MtCheckResult *result, MtExplore *x);
void mt_check_result_clear (MtCheckResult *result);

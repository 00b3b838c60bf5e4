/* A finding made a schedule that anyone can replay, and a verdict: the model's own choices from its
 * own initial state, whatever the search reduced. */
#pragma once
#include "checker/explore.h"

/* The choices (MtChoice) that lead to @finding of the search @x. Caller frees. */
GArray *mt_counterexample_path (const MtExplore *x, const MtFound *finding);

/* The way to the first found of @ends (guint: indices of x->terminals), which are all at one distance. Caller frees. */
GArray *mt_counterexample_path_to_end (const MtExplore *x, const GArray *ends);

/* The search's own choices @way (MtChoice) as the model's: its states name tasks as they stand in their normal forms, and
 * what was fused is one choice. Caller frees. */
GArray *mt_counterexample_unfold (const MtExplore *x, const GArray *way);

/* The way to the stored state @id. Caller frees. */
GArray *mt_counterexample_path_to (const MtExplore *x, guint id);

/* Leaves out of the way to @finding, which holds its own (path), what can be left out, as far as trying tells: halves,
 * quarters, ..., single steps (Zeller, Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 2002). */
void mt_counterexample_shorten (const MtExplore *x, const MtFound *finding);

/* Reorders @choices so that fewer switches are made: whole blocks of one task's steps are moved next to
 * others of the same task, as long as the run stays one and shows the same finding at its end. The
 * length stays. */
void mt_counterexample_smooth (const MtExplore *x, const MtFound *finding, GArray *choices);

/* What the run @choices shows at its end, with its place, tasks and message; @out is to be cleared.
 * FALSE: it does not show @finding. */
gboolean mt_counterexample_judge (const MtExplore *x, const MtFound *finding, const GArray *choices, MtViolation *out);

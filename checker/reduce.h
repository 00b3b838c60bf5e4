/* Reductions: fewer states, the same verdicts. Each has a switch, and its proof stands where it is
 * made: dead.h, persistent.h, symmetry.h, and fusion here. What can't be used soundly for a program or a
 * search is left out, and says why.
 *
 * Fusion: the states between two scheduling points are not stored. After a step of task t the search
 * goes on at once with
 * - the only step that must be followed there (persistent.h): the state has one successor, and what
 *   is not stored has been looked at, or shows nothing that its successor does not show;
 * - t's acquisition of a lock, when all choices of the stored state are followed, all that t has done
 *   since moves right (Lipton, "Reduction: a method of proving properties of parallel programs", CACM
 *   1975), the lock is free, and nobody ever waits while he holds it. Why nothing is lost: take a run in which others act between
 *   t's steps x and the acquisition y. Moved right, x stands just before y, and that run is explored; where
 *   y never comes, x stands at the end, and then y can't be made there: x is followed by a state that is
 *   stored. (Two tasks that each are between their x and y for ever, each since the other is, there are
 *   not: whoever holds the lock of a y does not wait, so he goes on or has ended, and his steps are
 *   followed before x.) A deadlock by locks taken in different orders is kept, since a lock inside which another
 *   is taken is none of these. (Flanagan, Qadeer, "Transactions for software model checking", SoftMC
 *   2003, with persistent sets: Laarman, "Stubborn transaction reduction", NFM 2018.) Not where time
 *   passes only when nobody can move: x would hold it up.
 * A sticky step ends it, so it ends.
 */
#pragma once
#include "sim/machine.h"

typedef enum
{
  MT_REDUCE_DEAD = 1 << 0, /* what nobody will read is 0 */
  MT_REDUCE_POR = 1 << 1, /* of independent steps one order */
  MT_REDUCE_SYMMETRY = 1 << 2, /* tasks of one count may change places */
  MT_REDUCE_FUSION = 1 << 3, /* what lies between two scheduling points is not stored; with POR only */
  MT_REDUCE_ALL = MT_REDUCE_DEAD | MT_REDUCE_POR | MT_REDUCE_SYMMETRY | MT_REDUCE_FUSION,
} MtReductions;

typedef struct _MtReducer MtReducer;

/* Tasks that may change places (symmetry.h). */
typedef struct
{
  guint first, n; /* tasks */
  guint n_words; /* of each */
} MtAlike;

/* The reductions of @wished that are sound for @program. */
MtReducer *mt_reducer_new (const MtProgram *program, guint wished);
void mt_reducer_free (MtReducer *reducer);

/* Those in use (MtReductions), and why one that was wished for is not: a text, or NULL. */
guint mt_reducer_used (const MtReducer *reducer);
const gchar *mt_reducer_why_not (const MtReducer *reducer, MtReductions reduction);

/* Makes @s, the initial state, the one that stands for all states like it. @places, if not NULL, holds
 * something for each task, which goes along where tasks change places. */
void mt_reducer_begin (MtReducer *reducer, MtWord *s, guint *places);

/* Makes the step @choice of @from and those that fusion adds, and writes to @s, elsewhere, the state that
 * stands for all like the one they lead to. The steps made, named as @places would have them, are appended to @steps
 * (MtChoice); both may be NULL. Returns what the last of them is worth: one that is not MT_OK is the last. */
MtOutcome mt_reducer_step (MtReducer *reducer, const MtWord *from, MtWord *s, MtChoice choice, guint *places, GArray *steps);

/* Whoever makes steps, and is in a state: the waist, or somebody who remembers what it said. */
typedef struct _MtStepper MtStepper;
struct _MtStepper
{
  guint (*choices) (MtStepper *stepper, MtChoice *out); /* of the state, as mt_choices() */
  /* Makes one of them; what is dead then is 0. Returns the words of the state after it, until the next step; NULL: it can't. */
  const MtWord *(*step) (MtStepper *stepper, MtChoice choice, MtOutcome *outcome);
};

/* mt_reducer_step() with @stepper, which is in the state @from, but that it does not put tasks in their places. Returns FALSE where @stepper
 * could not make a step. */
gboolean mt_reducer_walk (MtReducer *reducer, MtStepper *stepper, const MtWord *from, MtChoice choice, const guint *places, GArray *steps, MtOutcome *outcome);

/* Of the last mt_reducer_walk(): the instruction at which its last step began (the clock: 0), and how many there were. */
guint mt_reducer_last_pc (const MtReducer *reducer, guint *n);

/* Puts tasks in their places in @s, as mt_reducer_step() does in the end. */
void mt_reducer_sort (const MtReducer *reducer, MtWord *s);

/* See mt_symmetry_alike(); NULL also where symmetry is not in use, and *@n is 0 then. */
const MtAlike *mt_reducer_alike (const MtReducer *reducer, guint *n);

/* Of the last mt_reducer_step(): the state that its last step was made in, that step, and how many there
 * were. Good until the next, and while its @from is. */
const MtWord *mt_reducer_last (const MtReducer *reducer, MtChoice *choice, guint *n);

/* Zeroes what is dead in @s, into which a step of @moved led from @before; where that reduction is not in use, nothing. */
void mt_reducer_forget (const MtReducer *reducer, const MtWord *before, guint moved, MtWord *s);

/* For debug builds: see mt_persistent_check(). */
void mt_reducer_check (const MtReducer *reducer, const MtWord *s, MtChoice choice);

/* Which of the @n choices of @s must be followed: moves them to the front and returns how many.
 * @s is normalised. */
guint mt_reducer_pick (MtReducer *reducer, const MtWord *s, MtChoice *choices, guint n);

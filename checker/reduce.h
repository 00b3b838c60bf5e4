/* Reductions: fewer states, the same verdicts. Each has a switch, and its proof stands where it is
 * made: dead.c, persistent.c, symmetry.c. What can't be used soundly for a program or a search is
 * left out, and says why.
 */
#pragma once
#include "sim/machine.h"

typedef enum
{
  MT_REDUCE_DEAD = 1 << 0, /* what nobody will read is 0 */
  MT_REDUCE_POR = 1 << 1, /* of independent steps one order */
  MT_REDUCE_SYMMETRY = 1 << 2, /* tasks of one count may change places */
  MT_REDUCE_ALL = MT_REDUCE_DEAD | MT_REDUCE_POR | MT_REDUCE_SYMMETRY,
} MtReductions;

typedef struct _MtReducer MtReducer;

/* The reductions of @wished that are sound for @program. */
MtReducer *mt_reducer_new (const MtProgram *program, guint wished);
void mt_reducer_free (MtReducer *reducer);

/* Those in use (MtReductions), and why one that was wished for is not: a text, or NULL. */
guint mt_reducer_used (const MtReducer *reducer);
const gchar *mt_reducer_why_not (const MtReducer *reducer, MtReductions reduction);

/* Makes @s, into which a step of @moved led from @before (NULL: @s is the initial state), the one
 * that stands for all states like it. @places, if not NULL, holds something for each task, which
 * goes along where tasks change places. */
void mt_reducer_normalise (MtReducer *reducer, const MtWord *before, guint moved, MtWord *s, guint *places);

/* For debug builds: see mt_persistent_check(). */
void mt_reducer_check (const MtReducer *reducer, const MtWord *s, MtChoice choice);

/* Which of the @n choices of @s must be followed: moves them to the front and returns how many.
 * @s is normalised. */
guint mt_reducer_pick (MtReducer *reducer, const MtWord *s, MtChoice *choices, guint n);

/* How packed states move: what the waist said of a task's step is remembered for the parts the step touches.
 *
 * A step looks at few fields and changes few (facts.h). So its ways and what they change are a function of those: of the key masked (without the
 * field of a variable that it writes and does not read). A table of each task's
 * remembers them: mask, look up, and each successor is the key with the fields that change exchanged, some ten nanoseconds in all. On a
 * miss the state is decoded and mt_choices() and mt_step() are asked: there is no second interpreter. (Transition caching after LTSmin: Blom,
 * van de Pol, Weber, "LTSmin: distributed and symbolic reachability", CAV 2010.)
 *
 * It is wrong only if a footprint lies. A step that changes a part outside its mask is found out when it is
 * first made, and is never remembered; one that reads outside it is found by builds with -Dcheck_footprints=true, which
 * make every remembered step again.
 *
 * A step whose footprint is not known beforehand, the clock, and all steps of models with coroutines (a step of
 * one decides which other is ready) are made by the waist each time.
 */
#pragma once
#include "checker/packed/facts.h"

#define MT_REMEMBERED 16 /* ways of a step: with more, it is made by the waist each time */

/* What is the same wherever a step leads. */
typedef struct
{
  MtChoice choice;
  guint8 outcome; /* MtOutcome */
  guint8 n; /* ways; of a move: 1 */
  guint16 notes; /* MT_WAITS, MT_ABOUT */
} MtGist;

#define MT_WAITS 0x7fff /* with no way: the task it waits for without a timeout, + 1; 0: none */
#define MT_WAITS_FOR_SEVERAL 0x7fff
#define MT_ABOUT 0x8000 /* it is about to access a plain variable */

/* What a step does: half a cache line. Most have one way, which stands in it. */
typedef struct
{
  guint64 tag; /* the key, with all bits set that the step does not look at; 0: a free line */
  guint64 change; /* of the one way: what to exclusive-or the key with, the fields written over being 0; of several: where they begin, in mover->several */
  guint64 over; /* fields written over */
  MtGist gist; /* of the one way; of several: the task, and the outcome of all together */
} MtMemo;

/* One of several ways of a step. */
typedef struct
{
  guint64 change; /* as in MtMemo */
  guint16 alt;
  guint8 outcome;
} MtWay;

/* The memos of one task: in pairs, where the first is another's, the second may be right. */
typedef struct
{
  MtMemo *memos;
  guint bits; /* of the number of pairs */
  guint misses; /* since there are as many as there are */
} MtTaskMemos;

/* What a task could do in the state that was expanded last. While a key has the same under the mask, it is that. */
typedef struct
{
  guint64 hidden, tag; /* as in MtTaskFacts and MtMemo; both 0: it is to be looked at again */
} MtSame;

/* How far a task's step reaches in one state. Two steps commute there, and neither changes what the other can do, when
 * neither changes what the other looks at or changes. */
typedef struct
{
  guint64 touches, changes; /* bits of the key; changes are all, where the step is not remembered */
  guint task, end; /* one past its last move */
} MtReach;

/* A successor. */
typedef struct
{
  guint64 key;
  MtGist gist;
} MtMove;

typedef struct
{
  MtFacts *facts;
  MtReducer *reducer; /* forgets dead values */
  MtTaskMemos *memos; /* of each task */
  gsize memo_bytes; /* of all */
  GArray *several; /* MtWay: of steps with several */
  MtWord *words, *next; /* the state of the key `decoded`; another */
  guint64 decoded;
  gboolean stale; /* nothing has been decoded since fields were laid out anew */
  MtMemo *can; /* of each task, in the state that was expanded last; where it can do several things, they stand in `aside`, and the change
                * says where: from its lower half on, as many as its upper half says; the tag says what they change, and over what they touch */
  MtSame *same; /* of each task */
  guint16 *notes; /* of each task, in that state: MtGist.notes */
  guint64 *moving; /* of each 64 tasks, which can do anything in that state: bits */
  MtMove *aside;
  guint n_aside;
  struct
  {
    guint age; /* states since it began */
    guint64 others; /* tasks in them that did something else than before */
    gboolean steady; /* it showed that many do the same */
  } trial;
  MtMove *moves; /* of the last mt_mover_expand() */
  guint n_moves;
  MtReach *reaches; /* of the tasks that have moves, in their order */
  guint n_reaches;
  MtChoice *choices;
  MtMove *ways; /* of a step that was just made by the waist: n_ways of them */
  guint n_ways;
  guint16 noted; /* of it: MtGist.notes */
  MtFact *rooms; /* of each task, for facts that have no room of their own */
  guint64 hidden; /* of the fact that was found last */
  gboolean failed; /* a number did not fit its field since this was last cleared: widen, then again */
  guint odd; /* of the last state: not 0 where some move's outcome is not MT_OK */
  gboolean cycle; /* of that state: tasks may wait for each other in a circle */
  gboolean race; /* two tasks may be about to access one variable, one to write it */
} MtMover;

/* @reducer, the mover's alone, must outlive it. FALSE: no memory, and nothing to be cleared. */
gboolean mt_mover_init (MtMover *mover, MtFacts *facts, MtReducer *reducer);
void mt_mover_clear (MtMover *mover);

/* After the fields have been laid out anew. */
void mt_mover_reset (MtMover *mover);

/* All that can be done in the state @key, in the order of mt_choices(): mover->moves, mover->n_moves of them. Where
 * mover->failed has been set, they are worthless. */
void mt_mover_expand (MtMover *mover, guint64 key);

/* The state @key, until the next call. */
const MtWord *mt_mover_state (MtMover *mover, guint64 key);

/* The instruction that @task stands at in the state @key; of the clock: 0. */
guint mt_mover_pc (MtMover *mover, guint64 key, guint task);

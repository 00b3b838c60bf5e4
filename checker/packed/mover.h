/* How packed states move: what the waist said of a task's step is remembered for the parts the step touches.
 *
 * A step looks at its task's own part and at what its footprint (touches(), sim/op.h) names, and changes nothing else. So
 * its ways and what they change are a function of those few fields of the key: the key masked (without the field of a variable that
 * it writes and does not read). A table remembers
 * them: mask, look up, and each successor is the key with the fields that change exchanged, some ten nanoseconds in all. On a
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
#include "checker/packed/parts.h"

/* What is known of a task by its own part alone. */
typedef struct
{
  guint64 mask; /* fields that its next step looks at, or may change; 0: it has none */
  guint64 over; /* fields that it writes anew without looking at them: a plain write */
  guint pc;
  gint cell; /* with var: the address it is about to access; -1: can't be told */
  guint16 var; /* plain variable + 1 that it is about to access, alone; 0: none */
  guint8 flags; /* MtFactFlags: atomic */
} MtFact;

/* Any worker may find a fact, and all find the same; the first to have it writes it down. */
typedef enum
{
  MT_FACT_BUSY = 1 << 0, /* being written down */
  MT_FACT_KNOWN = 1 << 1,
  MT_FACT_RESTS = 1 << 2, /* has no step: unstarted, or over */
  MT_FACT_WRITES = 1 << 3, /* the access is a write */
  MT_FACT_WAIST = 1 << 4, /* its steps are not remembered */
} MtFactFlags;

/* The facts of one task. */
typedef struct
{
  MtFact *of; /* by the number of its part; where there is no room for them, they are found each time */
  guint64 field; /* the part's mask, shifted down */
  guint8 shift; /* of the part */
} MtTaskFacts;

#define MT_REMEMBERED 16 /* ways of a step: with more, it is made by the waist each time */

/* One way of a step. */
typedef struct
{
  guint64 change; /* what to exclusive-or the key with, the fields written over being 0 */
  guint16 alt;
  guint8 outcome; /* MtOutcome */
} MtWay;

/* What a step does: half a cache line. Most have one way, which stands in it. */
typedef struct
{
  guint64 tag; /* the key, masked */
  guint64 change; /* of the one way; of several: where they begin, in mover->several */
  guint64 changes; /* bits that some way changes, and fields written over */
  guint16 task; /* + 1; 0: a free line */
  guint16 alt; /* of the one way */
  gint16 awaits; /* with no way: the task it waits for without a timeout; -1: no task; MT_AWAITS_SEVERAL */
  guint8 n; /* ways */
  guint8 outcome; /* MtOutcome of all ways together */
} MtMemo;

#define MT_AWAITS_SEVERAL (-2)

/* The facts of all tasks: shared by all movers. */
typedef struct
{
  MtParts *parts;
  const MtProgram *program;
  const struct _MtAccess *accesses; /* of each instruction */
  MtTaskFacts *tasks; /* of each */
  MtFact unknown; /* of a task whose facts have no place: never known */
  const guint8 *raced; /* of each variable: a race for it is known, and not looked for again; NULL: of none */
  gboolean by_waist; /* all steps are */
  gsize memo_bytes; /* what each mover may take to remember steps; it may take a little in any case */
} MtFacts;

/* How far a task's step reaches in one state. Two steps commute there, and neither changes what the other can do, when
 * neither changes what the other looks at or changes. */
typedef struct
{
  guint64 touches, changes; /* bits of the key; all, where it is not remembered */
  guint task, end; /* one past its last move */
} MtReach;

/* A successor. */
typedef struct
{
  guint64 key;
  MtChoice choice;
  guint pc; /* instruction that the step began at; the clock: 0 */
  MtOutcome outcome;
} MtMove;

typedef struct
{
  MtFacts *facts;
  MtReducer *reducer; /* forgets dead values */
  MtMemo *memos; /* in pairs: where the first is another's, the second may be right */
  guint memo_bits; /* of the number of pairs */
  GArray *several; /* MtWay: of steps with several */
  MtWord *words, *next; /* the state of the key `decoded`; another */
  guint64 decoded;
  gboolean stale; /* nothing has been decoded since fields were laid out anew */
  MtMove *moves; /* of the last mt_mover_expand() */
  guint n_moves;
  MtReach *reaches; /* of the tasks that have moves, in their order */
  guint n_reaches;
  MtChoice *choices;
  MtMove *ways; /* of a step that was just made by the waist: n_ways of them */
  guint n_ways;
  gint awaits; /* of it, as in MtMemo */
  guint misses; /* of memos, since there are as many as there are */
  gboolean failed; /* a number did not fit its field since this was last cleared: widen, then again */
  guint odd; /* of the last state: not 0 where some move's outcome is not MT_OK */
  gboolean cycle; /* of the last state: tasks may wait for each other in a circle */
  gboolean race; /* two tasks may be about to access one variable, one to write it */
} MtMover;

void mt_facts_init (MtFacts *facts, MtParts *parts, const struct _MtAccess *accesses);
void mt_facts_clear (MtFacts *facts);

/* After the fields have been laid out anew. */
void mt_facts_reset (MtFacts *facts);
void mt_mover_reset (MtMover *mover);

/* The fields that side-effect-free code reads; all, where that can't be told. */
guint64 mt_facts_read_by (const MtFacts *facts, const MtPure *pure);

/* @reducer, the mover's alone, must outlive it. FALSE: no memory, and nothing to be cleared. */
gboolean mt_mover_init (MtMover *mover, MtFacts *facts, MtReducer *reducer);
void mt_mover_clear (MtMover *mover);

/* All that can be done in the state @key, in the order of mt_choices(): mover->moves, mover->n_moves of them. Where
 * mover->failed has been set, they are worthless. */
void mt_mover_expand (MtMover *mover, guint64 key);

/* The state @key, until the next call. */
const MtWord *mt_mover_state (MtMover *mover, guint64 key);

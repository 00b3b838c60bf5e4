/* What the files of this room share, and nobody else sees. */
#pragma once
#include "checker/packed/filter.h"
#include "checker/packed/keyset.h"
#include "checker/packed/levels.h"
#include "checker/packed/packed.h"

#define MT_RING 32 /* keys asked for and not yet put: enough to hide a cache miss each */

/* A key that something is kept about while the fields may still be laid out anew. */
typedef struct
{
  guint64 key;
  guint level;
} MtPin;

typedef struct
{
  MtPacked *packed;
  MtReducer *reducer;
  MtMover mover;
  MtFilter filter;
  guint64 state; /* being searched */
  struct
  {
    guint64 key, mixed;
  } ring[MT_RING];
  guint ring_from, ring_n;
  guint fresh; /* keys put and not yet counted */
  GPtrArray *found; /* MtChunk: of the next level */
  guint64 transitions;
  MtWord *from, *next; /* of a reduced step */
  MtChoice *choices;
  const MtMove *moves; /* of the last mt_worker_expand() */
  guint n_moves, n_steps; /* that they count for */
  MtMove *reduced; /* room for them */
  guint generation; /* of the last level it took part in */
  GThread *thread;
} MtWorker;

struct _MtPacked
{
  MtExplore *x;
  MtParts parts;
  MtFacts facts;
  MtSettled settled;
  MtKeyset set;
  MtLevels levels;
  GArray *marks; /* MtPin: of findings (MtFound.state) */
  GArray *ends; /* MtPin: states in which nothing can move */
  gboolean reduces; /* not only dead values */
  gboolean logs; /* all levels are kept, not only the one being searched */
  gboolean recalls; /* what was found once is found again, and not looked at */
  guint last; /* level to be searched */
  guint64 past_transitions; /* of workers that have left */
  guint grain; /* states in a chunk */
  guint level; /* being searched */
  guint cursor, end; /* its chunks */

  guint n_workers;
  MtWorker **workers;
  GMutex lock; /* held for what follows, and for findings, marks and ends */
  GCond changed;
  guint n_running, n_waiting; /* in the level; of these: for the others, to be alone */
  guint generation; /* of levels given out */
  guint rounds; /* times that they waited for each other */
  gboolean shared; /* the level is searched by several */
  gboolean tight; /* the table must grow */
  gboolean wants; /* some worker waits to be alone: atomic */
  gboolean leaves; /* the search is over */
};

/* All successors of @key, in the order of the reference engine's, to worker->moves. FALSE: a number did not fit. */
gboolean mt_worker_expand (MtWorker *worker, guint64 key);

/* Makes sure that all levels up to @level are in the log; what was forgotten is searched again. FALSE: memory ran out. */
gboolean mt_packed_recall (MtPacked *packed, guint level);

/* The schedules (MtFound.path) to all findings of the search. */
void mt_packed_find_ways (MtExplore *x);

/* What the files of this room share, and nobody else sees. */
#pragma once
#include "checker/packed/bits.h"
#include "checker/packed/checkpoint.h"
#include "checker/packed/eventcount.h"
#include "checker/packed/filter.h"
#include "checker/packed/keyset.h"
#include "checker/packed/levels.h"
#include "checker/packed/packed.h"
#include "checker/packed/rekey.h"

#define MT_BATCH 64 /* keys asked for and not yet put: enough to hide a cache miss each */

/* A key that something is kept about while the fields may still be laid out anew. */
typedef struct
{
  guint64 key;
  guint level;
} MtPin;

typedef struct
{
  MtPacked *packed;
  guint index; /* among packed->workers */
  MtReducer *reducer;
  MtMover mover;
  MtFilter filter;
  guint64 state; /* being searched */
  struct
  {
    guint n; /* MT_BATCH, and the successors of one more state, at most */
    guint64 *keys, *mixed;
    guint32 *asleep;
    guint8 *fresh;
  } pending; /* keys asked for */
  guint batch; /* as many are put together */
  MtChunks chunks; /* with what it has found of the next level */
  GArray *ends; /* MtPin: states in which nothing can move, since they were last gathered */
  guint64 transitions;
  MtWord *from, *next; /* of a reduced step */
  MtChoice *choices;
  const MtMove *moves; /* of the last mt_worker_expand() */
  guint n_moves, n_steps; /* that they count for */
  MtMove *reduced; /* room for them */
  guint *pcs; /* the instruction that each of these ends with */
  MtMove *source; /* the mover's, of the state whose reduced steps are made */
  MtChunk *chunk; /* being searched; NULL: none */
  guint done; /* states of it that have been */
  guint generation; /* of the last level it took part in */
  pthread_t thread;
} MtWorker;

struct _MtPacked
{
  MtExplore *x;
  MtParts parts;
  MtFacts facts;
  MtSettled settled;
  MtKeyset set;
  MtBits bits; /* in its place, with --bitstate */
  MtLevels levels;
  GArray *marks; /* MtPin: of findings (MtFound.state) */
  GArray *ends; /* MtPin: states in which nothing can move; from the workers while none of them runs */
  gboolean reduces; /* not only dead values */
  gboolean sleeps; /* steps that commute are followed in one order */
  gboolean logs; /* all levels are kept, not only the one being searched */
  gboolean recalls; /* what was found once is found again, and not looked at */
  gboolean broken; /* memory ran out while keys were changed */
  guint last; /* level to be searched */
  gsize room_for; /* bytes: up to these there was memory when last asked */
  guint64 past_transitions; /* of workers that have left */
  guint grain; /* states in a chunk */
  guint level; /* being searched */

  gint processor; /* that the second worker should not be on; -1: any is good */
  guint n_workers;
  MtWorker **workers;
  guint generation; /* of levels given out to several: atomic; what a level is stands before it becomes another */
  gboolean shared; /* the level is searched by several */
  guint n_running; /* workers that search it: atomic */
  gboolean wants; /* some worker waits to be alone: atomic */
  gboolean leaves; /* the search is over: atomic */
  MtEventcount events; /* of all that a worker may wait for */
  gint64 saved; /* when a checkpoint was written: monotonic microseconds */
  pthread_mutex_t lock; /* held for findings and marks, and for what follows */
  guint n_waiting; /* of those who run: to be alone */
  guint why; /* they wait: flags */
  guint rounds; /* times that they waited for each other */
  gboolean is_alone; /* one of them does what is to be done */
  MtKeysetPass *pass; /* over the table, which those who wait share; NULL: none is going on */
  guint n_passes; /* that there were to be shared */
  guint n_sharing; /* who share it */
};

/* Why workers meet, beyond what one who is alone sees for himself: a number did not fit, the table is tight. */
enum
{
  MT_MEET_TIGHT = 1 << 0, /* the table must grow in any case */
  MT_MEET_SAVE = 1 << 1, /* a checkpoint is due */
};

#define MT_RESERVE ((gsize)8 << 20) /* bytes that are left for what is not the table */

/* Of all that grows with the search. */
gsize mt_packed_bytes (const MtPacked *packed);

/* Tells the explorer how far the search is, who may end it. */
void mt_packed_tick (MtPacked *packed);

/* The ends that workers have found go to packed->ends; while none of them runs. */
void mt_packed_gather_ends (MtPacked *packed);

/* By one worker while no other runs: makes the fields wide enough for all numbers there are; writes a checkpoint, or cuts the search. FALSE: memory ran
 * out. */
gboolean mt_packed_widen (MtPacked *packed);
void mt_packed_save (MtPacked *packed);

/* Searches the level with @n workers, of which this thread is the first. */
void mt_packed_share_level (MtPacked *packed, guint n);

/* Sends all workers home but the first. */
void mt_packed_dismiss (MtPacked *packed);

/* Numbers values that some runs from @start come upon. Fields are to be widened then. */
void mt_packed_probe (MtPacked *packed, const MtWord *start);

/* Waits until all workers of the level wait; one of them then does what is to be done. FALSE: the search stops. */
gboolean mt_packed_meet (MtWorker *worker, guint why);

void mt_packed_cut (MtPacked *packed, MtCut why);

/* Whether the table should grow before the next state. */
gboolean mt_packed_is_tight (const MtPacked *packed);

static inline gboolean
mt_packed_stops (const MtPacked *packed)
{
  return __atomic_load_n (&packed->x->stop, __ATOMIC_RELAXED);
}

MtWorker *mt_worker_new (MtPacked *packed, guint index); /* NULL: no memory */
void mt_worker_free (MtWorker *worker);

/* Searches the states of @chunk, or until the search stops. */
void mt_worker_search (MtWorker *worker, MtChunk *chunk);

/* Forgets the keys that are pending, and the chunk. */
void mt_worker_empty (MtWorker *worker);

/* Puts all pending keys; @alone: no other worker runs. FALSE: the search stops, or memory ran out. */
gboolean mt_worker_drain (MtWorker *worker, gboolean alone);

/* What @key is looked up by with --bitstate: a hash of the state. */
guint64 mt_worker_hash (MtWorker *worker, guint64 key);

/* What @key is looked up by. */
static inline guint64
mt_worker_mix (MtWorker *worker, guint64 key)
{
  if (G_UNLIKELY (worker->packed->bits.words != NULL))
    return mt_worker_hash (worker, key);
  return mt_keyset_mix (&worker->packed->set, key);
}

/* Of the moves of the state that the mover has just expanded, worker->state, those that must be followed, each with what is to be done at
 * once after it: worker->moves. FALSE: a number did not fit. */
gboolean mt_worker_reduce (MtWorker *worker);

/* All successors of @key, in the order of the reference engine's, to worker->moves. FALSE: a number did not fit. */
gboolean mt_worker_expand (MtWorker *worker, guint64 key);

/* The instruction that w->moves[@i] is judged at. */
guint mt_worker_pc (MtWorker *worker, guint i);

/* Makes sure that all levels up to @level are in the log; what was forgotten is searched again. FALSE: memory ran out. */
gboolean mt_packed_recall (MtPacked *packed, guint level);

/* The schedules (MtFound.path) to all findings of the search. */
void mt_packed_find_ways (MtExplore *x);

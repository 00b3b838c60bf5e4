/* Exploring: what every search has in common. A search (search/) decides which state is next, and
 * nothing else; here a state is expanded through the waist, its successors reduced and stored, its
 * properties looked at, everything counted, and every limit kept.
 *
 * A search calls mt_explore_begin() once, then mt_explore_expand() for states it chooses, and
 * mt_explore_flush() when it wants to know which successors were new. It goes on until nothing is
 * left or x->stop is set.
 */
#pragma once
#include "checker/property.h"
#include "checker/reduce.h"
#include "checker/store.h"

typedef struct _MtExplore MtExplore;

/* What kept a search from seeing everything. Flags. */
typedef enum
{
  MT_CUT_STATES = 1 << 0, /* --max-states */
  MT_CUT_DEPTH = 1 << 1, /* --max-depth */
  MT_CUT_MEMORY = 1 << 2, /* --memory, or the machine's */
  MT_CUT_TIME = 1 << 3, /* --time-limit */
  MT_CUT_INTERRUPT = 1 << 4, /* Ctrl-C */
  MT_CUT_WALKS = 1 << 5, /* random walks never see everything for certain */
  MT_CUT_BOUND = 1 << 6, /* --preemptions */
  MT_CUT_BITSTATE = 1 << 7, /* --bitstate: some states may have been omitted */
  MT_CUT_CHECKPOINT = 1 << 8, /* the checkpoint could not be written */
} MtCut;

typedef struct
{
  const gchar *name;
  const gchar *help; /* one line */
  void (*run) (MtExplore *x);
  void (*run_packed) (MtExplore *x); /* the same on packed states; NULL: there is no such */
  guint unfit; /* MtReductions it can't be combined with */
  gboolean shortest; /* the first counterexample it finds is a shortest one of the graph it searches */
  gboolean tells_mover; /* who moved last is part of a state: one more word of the key */
} MtSearch;

typedef struct
{
  const MtSearch *search;
  gboolean all; /* don't stop at the first violation */
  guint64 max_states; /* 0: no bound, here and below */
  guint max_depth;
  gsize memory; /* bytes; 0: mt_explore_default_memory() */
  gdouble time_limit; /* seconds */
  guint64 walks; /* walk: how many */
  guint64 seed; /* walk */
  guint max_preemptions; /* ipb: the last bound; G_MAXUINT: no bound */
  gboolean packed; /* by the packed engine (packed/packed.h), where the search has one */
  guint jobs; /* workers of it; 0: one */
  gsize bitstate; /* bytes: three bits a state in so much memory, instead of the states; 0: exact */
  const gchar *checkpoint; /* packed engine: file that the search is kept in, and taken up from if it is there; NULL: none */
  gdouble checkpoint_every; /* seconds */
  guint grain; /* states that a worker is given at a time; 0: as many as is good, fewer are for tests */
  const MtWord *from; /* the state to search from; NULL: the model's initial one */
  guint reductions; /* MtReductions wished for; those that are unfit are left out */
  const gint *interrupted; /* set from a signal handler; NULL: never */
  void (*progress) (const MtExplore *x, gpointer data); /* called now and then; may be NULL */
  gpointer progress_data;
} MtExploreOptions;

/* A successor on its way into the store. */
typedef struct
{
  guint64 hash;
  guint from, id; /* states; the second known after the flush */
  MtChoice choice;
  gboolean fresh; /* it was new */
} MtSuccessor;

struct _MtExplore
{
  const MtProgram *program;
  const MtExploreOptions *options;
  MtStore store;
  MtReducer *reducer;
  MtProperties properties;
  guint depth; /* of the state being expanded: steps from the initial one */
  guint max_depth; /* greatest seen */
  guint bound; /* ipb: preemptions allowed now */
  guint64 transitions;
  guint64 walked; /* walk: walks done */
  GArray *path; /* MtChoice: walks */
  GArray *terminals; /* guint: states in which nothing can move */
  guint64 queue; /* states found and not expanded, as far as the search knows */
  GArray *levels; /* guint64: breadth first: how many states there are at each depth, up to the one being searched */
  struct _MtPacked *packed; /* what the packed engine has found; NULL: the store has it */
  guint64 n_states, n_bytes; /* of it */
  gboolean resumed; /* from a checkpoint */
  gdouble omission; /* bitstate: how likely a state that was not seen was taken for seen, at the end */
  GError *error; /* the search could not be taken up or kept as asked; NULL: it could */
  guint cuts; /* MtCut */
  gboolean stop;

  gboolean perhaps_longer; /* a shorter counterexample was looked for, but not everywhere (check.h) */

  guint64 lucky_walks; /* made while it was searched (check.c) */
  guint64 patience; /* after so many transitions impatient() is called: once, it sets it anew */
  void (*impatient) (MtExplore *x); /* NULL: never */
  MtExplore *elsewhere; /* freed with it; see check.c */

  /* own */
  MtExploreOptions *own_options; /* freed with it */
  MtChoice *choices;
  MtSuccessor *successors;
  MtWord *words; /* of the successors */
  guint n_successors, room;
  gboolean flushed; /* the successors have been put, and can be forgotten */
  guint64 expanded;
  gint64 started; /* monotonic microseconds */
};

/* Half of what the machine (or its control group) has. */
gsize mt_explore_default_memory (void);

/* @options and @program must outlive it. */
void mt_explore_init (MtExplore *x, const MtProgram *program, const MtExploreOptions *options);
void mt_explore_clear (MtExplore *x);

/* Writes the state that the search begins in; as mt_state_init(). */
MtOutcome mt_explore_start (const MtExplore *x, MtWord *s, MtStep *rec);

/* init, search, and what can be said only at the end. */
void mt_explore_run (MtExplore *x);

/* Puts the initial state: number 0. */
void mt_explore_begin (MtExplore *x);

/* Looks at state @id, which is @depth steps from the initial one, and makes its successors; they
 * wait in x->successors until the next flush. The same in two: what can be done there, reduced, in
 * x->choices (returns how many); and one successor. */
void mt_explore_expand (MtExplore *x, guint id, guint depth);
guint mt_explore_look (MtExplore *x, guint id, guint depth);
void mt_explore_take (MtExplore *x, guint id, MtChoice choice, guint depth);

/* Puts the waiting successors into the store, in order, and fills in their id and whether they are
 * new. They can be read in x->successors, x->n_successors of them, until the next expand. */
void mt_explore_flush (MtExplore *x);

/* After a search: the number of the state that @choice leads to from @id, as the search saw it, and in
 * *outcome (may be NULL) what the step is worth; MT_STORE_FULL: a search that was cut has not seen it. */
guint mt_explore_successor (MtExplore *x, guint id, MtChoice choice, MtOutcome *outcome);

/* States seen, and the memory they take. */
static inline guint64
mt_explore_states (const MtExplore *x)
{
  return x->packed ? x->n_states : x->store.n;
}

static inline guint64
mt_explore_bytes (const MtExplore *x)
{
  return x->packed ? x->n_bytes : x->store.bytes;
}

/* The state number @i of x->terminals, good until the next call, and its number of steps from the first state
 * (of a breadth-first search). */
const MtWord *mt_explore_end (const MtExplore *x, guint i, guint *depth);

/* Keeps the limits that time and the user set: to be called now and then. */
void mt_explore_tick (MtExplore *x);

/* Whether there is no room for another state's successors before a flush. */
static inline gboolean
mt_explore_full (const MtExplore *x)
{
  return x->n_successors >= x->room;
}

/* For searches that store nothing: a path of its own, from the initial state. Looks at @s, its last
 * state (returns how many choices it has, in x->choices), and goes one step further. */
void mt_explore_walk_begin (MtExplore *x);
guint mt_explore_walk_look (MtExplore *x, const MtWord *s);
void mt_explore_walk_step (MtExplore *x, MtWord *s, MtChoice choice);

/* Whether all states that can be reached have been seen. */
static inline gboolean
mt_explore_complete (const MtExplore *x)
{
  return x->cuts == 0;
}

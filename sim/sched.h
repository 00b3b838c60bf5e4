/* Schedulers: who moves next. One row a scheduler, one file a scheduler under sched/; to add one,
 * copy sched/random.c and add its line to sched.c. */
#pragma once
#include "sim/machine.h"
#include "sim/rng.h"

typedef struct
{
  guint64 seed;
  guint quantum; /* steps a task keeps the processor: exact for round-robin, the mean for random; 0: the scheduler's own */
  guint depth; /* pct: the depth of bugs aimed at; 0: its own */
  guint64 length; /* pct: expected steps of a run; 0: its own */
  const MtChoice *script; /* replay: choices to follow */
  guint n_script;
  gboolean complete; /* replay: go on when the script is used up, instead of ending the run */
} MtSchedOptions;

typedef struct _MtSched MtSched;

typedef struct
{
  const gchar *name;
  const gchar *help; /* one line */
  gsize size; /* of its own state */
  void (*begin) (MtSched *sched, const MtProgram *program);
  /* Index into @choices (@n > 0 of them), or -1: the scheduler can't go on (replay: the choice it
   * wants is not there). @s is the state they are choices of. */
  gint (*pick) (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n);
  void (*end) (MtSched *sched); /* NULL: nothing to free */
} MtSchedRow;

struct _MtSched
{
  const MtSchedRow *row;
  MtSchedOptions options;
  MtRng rng;
  guint64 steps; /* picked so far */
  gint last; /* task that moved last, or -1; kept by mt_sched_pick() */
  gpointer own; /* row->size bytes, zeroed */
};

/* NULL-terminated; the first is the default. */
extern const MtSchedRow *const mt_scheds[];

const MtSchedRow *mt_sched_find (const gchar *name);

MtSched *mt_sched_new (const MtSchedRow *row, const MtProgram *program, const MtSchedOptions *options);
void mt_sched_free (MtSched *sched);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtSched, mt_sched_free)

/* How many of @choices are @task's; they stand together, from *first on. */
guint mt_sched_ways_of (const MtChoice *choices, guint n, guint task, guint *first);

static inline gint
mt_sched_pick (MtSched *sched, const MtProgram *program, const MtWord *s, const MtChoice *choices, guint n)
{
  gint pick = sched->row->pick (sched, program, s, choices, n);
  if (pick >= 0)
    {
      sched->steps++;
      if (choices[pick].task != MT_CLOCK)
        sched->last = choices[pick].task;
    }
  return pick;
}

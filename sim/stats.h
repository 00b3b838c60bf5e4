/* Where the time of a run went: what each task did with it, and what each lock cost. Fed by mt_run()
 * when a step has a length (--step-time), so that concurrency and parallelism can be told apart. */
#pragma once
#include "sim/machine.h"

typedef struct
{
  gint64 running, ready, blocked, sleeping; /* milliseconds */
  guint64 steps;
} MtTaskStats;

typedef struct
{
  guint64 waits; /* times a task had to wait for it */
  gint64 waited, held; /* milliseconds: of all waiting tasks together; held by somebody */
} MtObjectStats;

typedef struct
{
  const MtProgram *program;
  guint cpus;
  MtTaskStats *tasks;
  MtObjectStats *objects;
  gint *waits_for; /* of each task: object, or -1 */
  gint64 busy; /* milliseconds of all processors together */
  gint64 makespan;
} MtStats;

MtStats *mt_stats_new (const MtProgram *program, guint cpus);
void mt_stats_free (MtStats *stats);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtStats, mt_stats_free)

/* @duration milliseconds of @s, in which the tasks with @ran (NULL: none) had a processor. */
void mt_stats_pass (MtStats *stats, const MtWord *s, const gboolean *ran, gint64 duration);

/* The table that --stats shows. Appends. */
void mt_stats_print (const MtStats *stats, guint64 switches, GString *out);

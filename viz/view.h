/* MtView: a run made ready to be shown. Lanes, rows and their words are decided here, once; an
 * export only lays them out. Texts are UTF-8; all belong to the view. */
#pragma once
#include "sim/verdict.h"

typedef enum
{
  MT_LANE_UNSTARTED,
  MT_LANE_READY,
  MT_LANE_RUNNING, /* moved in this row */
  MT_LANE_BLOCKED,
  MT_LANE_SLEEPING,
  MT_LANE_ENDED,
  MT_LANE_FAILED,
} MtLaneState;

typedef enum
{
  MT_ROW_STEP,
  MT_ROW_CLOCK, /* time passes */
  MT_ROW_WAIT, /* a task has come to where it must wait: no step of its own */
  MT_ROW_FOLD, /* `count` rows are not shown */
} MtRowKind;

typedef enum
{
  MT_MARK_NONE,
  MT_MARK_STALE, /* the read that is stale when it is used */
  MT_MARK_ERASED, /* the write that is erased */
  MT_MARK_TAKEN, /* an acquire that begins a deadlock */
} MtMarkKind;

typedef struct
{
  MtRowKind kind;
  guint number; /* of the step, from 1 */
  gint task; /* lane; -1: none */
  gint line; /* of the source */
  gchar *action; /* "read g_num = 0", "lock mutexA" */
  gchar *changes; /* "g_num 0 -> 1"; or NULL */
  gchar *output; /* what it printed, or NULL */
  guint count; /* MT_ROW_FOLD */
  gint64 time; /* virtual milliseconds at the row */
  gboolean switched; /* another task moved before */
  gboolean violating;
  MtMarkKind mark;
  MtLaneState *lanes; /* of every task, after the row; steps and clock rows only, else NULL */
} MtViewRow;

typedef struct
{
  const MtProgram *program;
  gchar *headline; /* the verdict as a sentence, or the model's title */
  GPtrArray *rows; /* MtViewRow */
  GPtrArray *waiting; /* gchar*: for every task that can't move at the end, why */
  guint n_steps; /* of the whole run */
} MtView;

typedef struct
{
  guint from, to; /* steps to show; 0: the first, the last */
  gboolean full; /* fold nothing */
  guint max_rows; /* folded down to about so many; 0: 60 */
} MtViewOptions;

/* The view of @choices from the initial state; @violation may be NULL. Free with mt_view_free(). */
MtView *mt_view_new (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, const MtViewOptions *options);
void mt_view_free (MtView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtView, mt_view_free)

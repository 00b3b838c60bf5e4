/* MtView: a run made ready to be shown. Lanes, rows and their words, who waits for whom, what
 * happened before what, the values after each step: decided here, once; a picture or an export only
 * lays them out. Texts are UTF-8 on one line (what a model prints apart); all belong to the view. */
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
  MT_N_LANE_STATES,
} MtLaneState;

/* How @task stands in @s; never MT_LANE_RUNNING. */
MtLaneState mt_lane_state (const MtProgram *program, const MtWord *s, guint task);

/* "ready", "blocked", ... */
const gchar *mt_lane_state_name (MtLaneState state);

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

/* What a step does, as far as a picture tells it apart. */
typedef enum
{
  MT_ACT_OTHER,
  MT_ACT_READ, /* of a variable */
  MT_ACT_WRITE,
  MT_ACT_TAKE, /* an operation on an object that may have to wait: lock, get, acquire */
  MT_ACT_GIVE, /* one that never waits: unlock, put, release, set */
  MT_ACT_PRINT,
  MT_ACT_FAULT,
  MT_N_ACTS,
} MtAct;

const gchar *mt_act_name (MtAct act);

typedef struct
{
  MtRowKind kind;
  guint number; /* of the step, from 1 */
  gint task; /* lane; -1: none */
  guint line; /* of the source */
  MtAct act;
  gchar *action; /* "read g_num = 0", "lock mutexA" */
  gchar *changes; /* "g_num 0 -> 1"; or NULL */
  gchar *output; /* what it printed, or NULL */
  guint count; /* MT_ROW_FOLD */
  gint64 time; /* virtual milliseconds at the row */
  gboolean switched; /* another task moved before */
  gboolean violating;
  MtMarkKind mark;
  MtLaneState *lanes; /* of every task, after the row (the clock's: while it passes); steps and clock rows only, else NULL */
  const gchar **waits; /* of every task, after the row: "waits for mutexB, held by t1 since step 3", or NULL; as lanes */
  const gchar **values; /* of every cell, after the row; as lanes. Equal texts are one pointer */
} MtViewRow;

/* A variable or a shared object, whose value the rows tell. */
typedef struct
{
  gchar *name;
  gint var, object; /* index, or -1 */
  gboolean used; /* a step that is shown has touched it */
  const gchar *initial; /* its value before the first step that is shown */
} MtViewCell;

/* Step @from of one task happens before step @to of another, whatever the schedule: an unlock and the
 * lock after it, a put and its get, a start, a join, a wake-up. Only what no chain of others implies. */
typedef struct
{
  guint from, to;
} MtViewLink;

/* One arrow of a wait-for cycle: @task waits for @what, which @holder has had since step @since (0: always). */
typedef struct
{
  guint task, holder, since;
  const gchar *what;
} MtViewWait;

typedef struct
{
  const MtProgram *program;
  gchar *headline; /* the verdict as a sentence, or the model's title */
  gchar *explanation; /* sentences, a line each; empty for no violation */
  const gchar *verdict; /* token, "FAIL(deadlock)" */
  MtVerdictKind kind;
  GPtrArray *tasks; /* gchar*: names, safe to show */
  GPtrArray *rows; /* MtViewRow */
  MtViewRow *start, *end; /* what lanes, waits and values are before the first step that is shown and after the last of all; no actions */
  GPtrArray *waiting; /* gchar*: for every task that can't move at the end, why */
  GArray *cells; /* MtViewCell */
  GArray *links; /* MtViewLink, by their `to` */
  GArray *cycle; /* MtViewWait; empty: no deadlock, or one without a cycle */
  guint stale, erased, erasing; /* steps of a lost update; 0: none */
  gint racing[2]; /* tasks of a data race; -1: none */
  const gchar *racing_text[2]; /* what they are about to do */
  guint violating; /* step; 0: none, or the initial state */
  guint n_steps; /* of the whole run */
  GStringChunk *texts; /* owns what is const above */
} MtView;

typedef struct
{
  guint from, to; /* steps to show; 0: the first, the last */
  gboolean full; /* fold nothing */
  gboolean no_waits; /* no MT_ROW_WAIT: the lanes' waits tell it */
  guint max_rows; /* folded down to so many, where those that matter are not more; 0: 60 */
} MtViewOptions;

/* The view of @choices from the initial state; @violation may be NULL. Free with mt_view_free(). */
MtView *mt_view_new (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, const MtViewOptions *options);
void mt_view_free (MtView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtView, mt_view_free)

/* @text as it may be shown anywhere: one line, no control characters, and none that turn the
 * direction of what stands after them. Caller frees. */
gchar *mt_view_clean (const gchar *text);

/* @text in @width cells of a terminal: padded, or cut with an ellipsis. Appends. */
void mt_view_append (GString *out, const gchar *text, guint width);

/* The value of a cell's variable or object in @s. Appends. */
void mt_view_cell_print (const MtProgram *program, const MtViewCell *cell, const MtWord *s, GString *out);

/* What the step that begins at @pc does to a variable, when that is all it does: "read g_num"; else NULL. Caller frees. */
gchar *mt_view_access (const MtProgram *program, guint pc);

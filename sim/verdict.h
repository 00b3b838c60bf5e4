/* MtVerdict: what happened in a run or a search, the schedule that shows it, and why in words. */
#pragma once
#include "sim/machine.h"

/* In order of weight: of two violations at one step the first is told. */
typedef enum
{
  MT_PASS,
  MT_FAIL_ASSERTION,
  MT_FAIL_ERROR,
  MT_FAIL_LOST_UPDATE,
  MT_FAIL_INVARIANT,
  MT_FAIL_DEADLOCK, /* all, or a wait-for cycle of some */
  MT_FAIL_FINALLY,
  MT_FAIL_REACHABLE, /* never true */
  MT_FAIL_DATA_RACE,
  MT_INCOMPLETE, /* nothing found, but not everything was seen */
} MtVerdictKind;

/* One thing found, at one place of one schedule. */
typedef struct
{
  MtVerdictKind kind;
  guint step; /* number of the step that shows it, from 1; 0: the initial state */
  gint task; /* that took the step, or -1 */
  gint property; /* index of the property, or -1 */
  gint var; /* lost update, data race: the variable, or -1 */
  guint32 address; /* of its cell */
  gint other; /* data race: the other task; else -1 */
  GArray *cycle; /* deadlock: guint tasks, each waiting for the next; NULL when there is no cycle */
  gchar *message; /* one sentence */
} MtViolation;

void mt_violation_clear (MtViolation *violation);
void mt_violation_free (MtViolation *violation);
MtViolation *mt_violation_copy (const MtViolation *violation);

/* The fixed token of a verdict, kept for ever: "PASS", "FAIL(lost_update)", "INCOMPLETE". */
const gchar *mt_verdict_token (MtVerdictKind kind);

/* What `expect:` calls it: "pass", "lost_update", "errors", "assertions", "invariants", "finally",
 * "deadlock", "reachable", "data_race", "incomplete". */
const gchar *mt_verdict_name (MtVerdictKind kind);

/* The rule of the model that decides whether @kind is forbidden, reported or allowed;
 * MT_FORBIDDEN for those without one. */
MtVerdictLevel mt_verdict_level (const MtProgram *program, MtVerdictKind kind);

/* "allowed", "reported", "forbidden". */
const gchar *mt_level_name (MtVerdictLevel level);

/* What the step with this outcome violates by itself, MT_PASS for nothing. */
MtVerdictKind mt_outcome_verdict (MtOutcome outcome);

/* State properties. The first invariant of @program that is false in @s, or -1; the first `finally`,
 * asked only where the model has ended. A property that cannot be computed counts as false. */
gint mt_broken_invariant (const MtProgram *program, const MtWord *s);
gint mt_broken_finally (const MtProgram *program, const MtWord *s);

/* A wait-for cycle through @task (or any, -1): tasks that wait for each other without a timeout.
 * Appends them to @cycle (guint), which is emptied first; FALSE when there is none. */
gboolean mt_wait_cycle (const MtProgram *program, const MtWord *s, gint task, GArray *cycle);

/* Whether @s, in which nothing can move, is a deadlock: a task that is no daemon has not ended. */
gboolean mt_is_deadlock (const MtProgram *program, const MtWord *s);

/* The outcome of a state: the observed expressions, "g_num=3 done=True". Appends. */
void mt_outcome_print (const MtProgram *program, const MtWord *s, GString *out);

/* One sentence for what @kind is in @s after step @step: the message of a violation. Caller frees. */
gchar *mt_violation_describe (const MtProgram *program, const MtWord *s, const MtViolation *violation, const MtStep *rec);

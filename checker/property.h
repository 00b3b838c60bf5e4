/* What a search looks for, and what it has found. Which of it is forbidden, reported or allowed the
 * model says (program->rules); what is allowed is not looked for.
 *
 * A finding is kept as a place in the search: a state, or a step from a state. counterexample.h
 * makes it a schedule and a verdict. Of each kind, property and place in the program the one with
 * the shortest way to it is kept.
 */
#pragma once
#include "sim/verdict.h"

typedef struct
{
  MtVerdictKind kind;
  gint property; /* index, or -1 */
  gint var; /* data race: the variable; else -1 */
  guint pc; /* of the step that shows it; 0: a state does */
  guint state; /* shows it, or is where the step began */
  GArray *path; /* MtChoice: the way to that state, of a search that stores none; else NULL */
  MtChoice choice; /* the step, or the first of those fused with it */
  guint length; /* steps to it, the last included; what is fused counts as one */
} MtFound;

/* What the step at an instruction does to a plain variable, and does alone: what a data race is made of. */
typedef struct _MtAccess
{
  gint var; /* -1: no such step */
  gboolean write;
  gint index; /* slot of the element's index; -1: a scalar, or the whole list */
} MtAccess;

typedef struct
{
  const MtProgram *program;
  gboolean all; /* go on after the first that is forbidden */
  GArray *findings; /* MtFound, in the order they were first found */
  GArray *witnesses; /* MtFound: for each `reachable` property that was seen to hold, kind MT_PASS */
  guint stop_length; /* searching beyond this many steps is no use; G_MAXUINT: it is */
  gboolean changed; /* a finding was added or shortened by the last call */
  const GArray *path; /* MtChoice: set by a search that stores no states: the way to the one at hand */

  /* own: what can happen at all in this program */
  gboolean invariants, finally, reachable, deadlocks, races;
  MtAccess *accesses; /* of each instruction */
  guint *raced; /* tasks' accesses in the state at hand */
  GArray *cycle;
} MtProperties;

void mt_properties_init (MtProperties *properties, const MtProgram *program, gboolean all);
void mt_properties_clear (MtProperties *properties);

/* A step's own faults: @outcome, which is not MT_OK, of @step in @s. The search was at the state numbered @state and followed @choice,
 * which is that step or, fused, leads to it. @length: with this step. */
void mt_properties_step (MtProperties *properties, const MtWord *s, guint state, MtChoice choice, MtChoice step, MtOutcome outcome, guint length);

/* The same of the step that began at the instruction @pc (the clock: 0). */
void mt_properties_outcome (MtProperties *properties, guint pc, guint state, MtChoice choice, MtOutcome outcome, guint length);

/* @s, which has the choices given. Nothing is written to it. */
void mt_properties_state (MtProperties *properties, const MtWord *s, guint state, const MtChoice *choices, guint n, guint length);

/* At the end of a search that has seen everything: what should have been reachable and was not. */
void mt_properties_end (MtProperties *properties);

/* The finding that decides: forbidden, and the shortest, then the weightiest; NULL: none. */
const MtFound *mt_properties_worst (const MtProperties *properties);

/* The cell that @task is about to access in @s: an address, or -1 for all of the list. */
gint mt_access_cell (const MtProgram *program, const MtWord *s, guint task, const MtAccess *access);

/* The first two tasks about to access the plain variable @var in @s, one of them to write it; FALSE: none. */
gboolean mt_properties_race (const MtProperties *properties, const MtWord *s, gint var, guint *a, guint *b, guint *address);

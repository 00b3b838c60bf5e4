/* Partial-order reduction: of steps that do not interfere, one order is enough.
 *
 * In a state, the choices of one task t are followed alone when they are a persistent set: nothing the
 * other tasks can do without t, now or later, interferes with t's next step (Godefroid, "Partial-Order
 * Methods for the Verification of Concurrent Systems", LNCS 1032, 1996). Else all are followed.
 * What a step may read and write is its instructions' own touches(); what a task may do later is all
 * that its code leads to, as far as it can get while t does not move: not past a lock that t holds,
 * and not past a join of t. That is what makes accesses under a common lock independent.
 * Interference has a direction: what matters is whether t's step, enabled here, can be moved to before the
 * others' (Valmari, "Stubborn sets for reduced state space generation", APN 1990). Giving a permit can,
 * though others take it: they may do so later, too. Taking one can't be moved to before another's
 * taking, which it may prevent. So releases of a semaphore are followed alone, acquisitions are not.
 *
 * Why nothing is lost. Take a run of the full graph from a state where t's step x is followed alone.
 * Either x is in it: then nothing before x interferes with it, x can be moved to the front, and the
 * rest is a run from a state that is explored. Or it is not: then x can be done first without changing
 * what the run does. So every state in which nothing can move is reached, and each step of a run is
 * taken in some explored run with what it depends on before it in the same order; its outcome, an error,
 * a failed assertion, a lost update, is the same.
 * - Ignoring: x must not be put off for ever. On each cycle of a task's code one step is sticky (the
 *   target of a back edge of a depth-first search; Kurshan, Levin, Minea, Peled, Yenigun, "Static
 *   partial order reduction", TACAS 1998) and is never followed alone; a cycle of states drives some
 *   task round a cycle of its code, and so passes a state in which all is followed.
 * - Invariants and `reachable` speak of single states. A step that writes what they read is never
 *   followed alone, so every combination of values they can see is met.
 * - Data races: if two tasks can come to be about to access one variable, one writing, neither access
 *   is followed alone while the other is ahead, so a state with both is met.
 * - A wait-for cycle, once closed, stays; so it is in a state from which it is found.
 * It is not used where coroutines take turns or daemons end with the model: there steps of one task
 * decide whether another can move in ways no footprint tells.
 */
#pragma once
#include "sim/machine.h"

typedef struct _MtPersistent MtPersistent;

/* NULL when it can't be used for @program; *why then tells, in a static text. */
MtPersistent *mt_persistent_new (const MtProgram *program, const gchar **why);
void mt_persistent_free (MtPersistent *persistent);

/* For debug builds: the step @choice from @s, made on a copy, must read and write only what its footprint
 * says; the program ends, with the place, where it does not. */
void mt_persistent_check (const MtPersistent *persistent, const MtWord *s, MtChoice choice);

/* Whether the choices of @task in @s, where it has some, can be followed alone. */
gboolean mt_persistent_alone (const MtPersistent *persistent, const MtWord *s, guint task);

/* Whether the step that @task made at instruction @pc, and that led to @s, could as well have been made after anything the
 * others can do from here on while @task does not move; and invariants don't see it. */
gboolean mt_persistent_moves_right (const MtPersistent *persistent, const MtWord *s, guint task, guint pc);

/* Whether @task is about to acquire, for as long as it takes, a lock inside which nobody ever waits. */
gboolean mt_persistent_leaf (const MtPersistent *persistent, const MtWord *s, guint task);

/* Moves the choices that must be followed in @s to the front of @choices, and returns how many. */
guint mt_persistent_pick (const MtPersistent *persistent, const MtWord *s, MtChoice *choices, guint n);

/* Whether in @s, whose choices are given and not the clock's, one alone can be followed and shows nothing that
 * is not seen after it: then *choice. */
gboolean mt_persistent_one (const MtPersistent *persistent, const MtWord *s, const MtChoice *choices, guint n, MtChoice *choice);

/* Carriers: the coroutines of a process share one thread, and who has it is decided here.
 *
 * A carrier is MT_CARRIER_READY words and a place for every task: who runs, and the ready ones in
 * the order in which they became so. The others wait, or have not begun, or are over.
 *
 * Coroutines give way nowhere but at an operation that makes them: a yield, a switch, a sleep that
 * is not blocking, and whatever can't complete at once. They do so when they *arrive* there; the
 * step itself is the return from it. So a step of a coroutine is a step of a thread, and a model
 * of coroutines alone has one schedule, but for its timers and what it draws:
 *
 *  - a yielding coroutine goes to the back of the ready ones,
 *  - `switch: co` makes co the running one, past the ready ones, and suspends the one that
 *    switches until somebody switches back, as greenlet does. Nobody waits for suspended
 *    coroutines at the end of the model (mt_ended), as nobody waits for suspended greenlets;
 *  - a waiting one that can go on goes to the back of the ready ones, several in the order of
 *    their declaration,
 *  - in abstract time a sleep may last any time, and so may a wait with a timeout: that it is over
 *    is a choice of its own, the alternative 1 of a coroutine that does not run, which makes it
 *    ready (mt_carrier_wake). */
#pragma once
#include "sim/machine.h"

enum
{
  MT_CARRIER_CURRENT, /* number of the running one + 1, 0: nobody */
  MT_CARRIER_COUNT, /* how many are ready */
  MT_CARRIER_READY, /* their numbers, the next one first */
};

/* Who runs on @carrier, or -1. */
gint mt_carrier_current (const MtProgram *program, const MtWord *s, guint carrier);

/* Whether @task may be asked for its ways: it is no coroutine, or the running one. */
gboolean mt_carrier_runs (const MtProgram *program, const MtWord *s, guint task);

/* Whether @task, a coroutine that does not run, waits for a timer that may go off at any moment;
 * and lets it go off. */
gboolean mt_carrier_may_wake (const MtProgram *program, const MtWord *s, guint task);
void mt_carrier_wake (const MtProgram *program, MtWord *s, guint task);

/* Whether @task, which does not run, could: it is ready or suspended by a switch. */
gboolean mt_carrier_is_ready (const MtProgram *program, const MtWord *s, guint task);
gboolean mt_carrier_is_suspended (const MtProgram *program, const MtWord *s, guint task);

/* Decides who runs now, after @moved has made a step (MT_CLOCK: nobody has arrived anywhere). */
void mt_carriers_settle (const MtProgram *program, MtWord *s, guint moved);

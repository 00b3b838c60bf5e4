/* A gate: OS threads that take turns. Every task has its own thread (coroutines share their carrier's),
 * called as the task is, and each step is made by the thread of the task that moves, while the others
 * wait; so a recorded schedule is followed exactly, and a debugger shows each step where it happens.
 * The steps are mt_step()'s: there is nothing here that could mean something else. Processes are threads
 * here: their globals are kept apart by the program's layout. */
#pragma once
#include "sim/machine.h"

typedef struct _MtGate MtGate;

/* NULL and G_FILE_ERROR-like @error when the machine refuses so many threads. @program outlives it. */
MtGate *mt_gate_new (const MtProgram *program, GError **error);
void mt_gate_free (MtGate *gate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtGate, mt_gate_free)

/* mt_step() on the thread of the one who moves; the clock moves on the caller's. For MtRunOptions.step;
 * @data is the MtGate. */
MtOutcome mt_gate_step (const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec,
                        gpointer data);

/* A second opinion: the program as Promela, for SPIN. */
#pragma once
#include "sim/machine.h"

/* Writes @program as a Promela model with the same steps: one array holds the words of the state,
 * one process runs each task, and each step is one d_step. A process that has ended rests for ever
 * (SPIN lets processes die in LIFO order only, which would add states). A monitor judges the states
 * in which nothing can move: SPIN stores one state and makes one transition more for each of them, and
 * one state and two transitions for the start. Without reductions and monitors of ours, its counts are
 * ours plus these.
 *
 * FALSE and @error (MT_ERROR_USAGE) when the program uses an operation that is not covered, or
 * daemons: SPIN's processes don't end with others. */
gboolean mt_promela_write (const MtProgram *program, GString *out, GError **error);

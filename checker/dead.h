/* Dead values: what a task holds and nobody will read is set to 0, so that states which differ in it
 * alone become one.
 *
 * A slot of a task's frame is live at a resting place when some way through the code from there
 * reads it before writing it (backward dataflow over the instructions, as in any compiler: Kennedy,
 * "A survey of data flow analysis techniques", 1981; for model checking: Bozga, Fernandez, Ghirvu,
 * "State space reduction based on live variables analysis", SAS 1999). The bits of a lost-update
 * monitor are live when some way leads to a derived write of that cell without another access that
 * sets them anew.
 *
 * Why nothing is lost: only the task itself reads its frame and its monitors (properties and observed
 * expressions have no frame), and from here on it does not read a dead word before writing it. So a
 * state and the one with dead words zeroed have the same choices, and the same step leads from both
 * to states that again differ in dead words only, with the same outcome: they are bisimilar, and
 * lengths of runs, numbers of schedules and final outcomes are the same too.
 */
#pragma once
#include "sim/machine.h"

typedef struct _MtDead MtDead;

MtDead *mt_dead_new (const MtProgram *program);
void mt_dead_free (MtDead *dead);

/* Zeroes what is dead in @s, into which a step of @moved led from @before, itself without dead values; NULL: @s is the initial state. */
void mt_dead_reset (const MtDead *dead, const MtWord *before, guint moved, MtWord *s);

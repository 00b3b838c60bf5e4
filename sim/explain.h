/* Why it failed, in words: the pattern's name, with step numbers and source lines. */
#pragma once
#include "sim/verdict.h"

/* Explains @violation of the run @choices from the initial state, as a few sentences, each ended by
 * a newline. Appends to @out. */
void mt_explain (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, GString *out);

/* "waits for mutexB, held by Thread-2": what keeps @task in @s. Appends. */
void mt_block_print (const MtProgram *program, const MtWord *s, guint task, GString *out);

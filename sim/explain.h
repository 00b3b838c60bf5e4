/* Why it failed, in words: the pattern's name, with step numbers and source lines. */
#pragma once
#include "sim/verdict.h"

/* Explains @violation of the run @choices from the initial state, as a few sentences, each ended by
 * a newline. Appends to @out. */
void mt_explain (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, GString *out);

/* "waits for mutexB, held by Thread-2": what keeps @task in @s. Appends. */
void mt_block_print (const MtProgram *program, const MtWord *s, guint task, GString *out);

/* Whether one task alone holds what @task, kept by @block, waits for: then there is a step since which it does. */
gboolean mt_block_has_holder (const MtProgram *program, const MtWord *s, guint task, const MtBlock *block);

/* "held by": how an object has the tasks that it is waited for on account of. */
const gchar *mt_holding_words (const MtObject *object);

/* The cell at @address: "g", "level[2]", "len(nums)", "mutexA". Appends; and the value of its word. */
void mt_address_print (const MtProgram *program, guint address, GString *out);
void mt_word_print (const MtProgram *program, guint address, MtWord value, GString *out);

/* A step that the explanation speaks of. */
typedef enum
{
  MT_ROLE_STALE_READ,
  MT_ROLE_ERASED_WRITE,
  MT_ROLE_ERASING_WRITE,
  MT_ROLE_ACQUIRE, /* of what others in a deadlock wait for */
} MtKeyRole;

typedef struct
{
  guint step;
  MtKeyRole role;
} MtKeyStep;

/* Appends the key steps (MtKeyStep) of @violation's pattern. */
void mt_key_steps (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, GArray *out);

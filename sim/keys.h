/* The keys that the mappings of a model may have, a table for each kind of mapping. The reader accepts
 * what stands here and nothing else, and the schema (cli/schema.c) says the same: neither can drift. */
#pragma once
#include <glib.h>

/* What a key's value may be. */
typedef enum
{
  MT_VALUE_TEXT,
  MT_VALUE_BOOL,
  MT_VALUE_SIZE, /* a whole number from 1 on, params allowed */
  MT_VALUE_CONSTANT, /* a number, truth value or text */
  MT_VALUE_CONSTANTS, /* a list of them */
  MT_VALUE_INITIAL, /* either */
  MT_VALUE_EXPR,
  MT_VALUE_EXPRS, /* one or a list */
  MT_VALUE_ARGS, /* a list of them */
  MT_VALUE_STEPS,
  MT_VALUE_NAMES, /* a list of names */
  MT_VALUE_TEXTS, /* a list */
  MT_VALUE_PARAMS, /* name: constant */
  MT_VALUE_VARIABLES, /* name: constant, list or mapping */
  MT_VALUE_FUNCTIONS,
  MT_VALUE_TASKS,
  MT_VALUE_PROPERTIES,
  MT_VALUE_LEVEL, /* a word of mt_level_words */
  MT_VALUE_CONDITIONS, /* an expression, a list of them, or name: expression */
  MT_VALUE_EXPECT,
  MT_VALUE_VERDICTS, /* a word of mt_verdict_words, or a list of them */
  MT_N_VALUES,
} MtValueKind;

typedef struct
{
  const gchar *name;
  MtValueKind value;
  const gchar *help; /* one line */
} MtKey;

/* Each ends with a NULL name. A model has the sections of the primitives besides. */
extern const MtKey mt_keys_model[], mt_keys_function[], mt_keys_task[], mt_keys_variable[],
    mt_keys_properties[], mt_keys_expect[];

/* NULL-terminated. */
extern const gchar *const mt_level_words[];   /* as MtVerdictLevel */
extern const gchar *const mt_verdict_words[]; /* what `expect` knows */
extern const gchar *const mt_reserved_words[]; /* they mean something in expressions and so can't be names */

/* The row of @name, or NULL. */
const MtKey *mt_key_find (const MtKey *keys, const gchar *name);

/* Their names, NULL-terminated; caller frees the array only. */
const gchar **mt_key_names (const MtKey *keys);

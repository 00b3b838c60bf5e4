/* See keys.h. */
#include "sim/keys.h"

const MtKey mt_keys_model[] = {
  { "title", MT_VALUE_TEXT, "what the model shows, in one sentence" },
  { "description", MT_VALUE_TEXT, "more about it" },
  { "source", MT_VALUE_TEXT, "where the program comes from" },
  { "params", MT_VALUE_PARAMS, "constants, which -p NAME=VALUE overrides" },
  { "globals", MT_VALUE_VARIABLES, "variables, a copy in each process" },
  { "shared", MT_VALUE_VARIABLES, "variables that all processes share" },
  { "functions", MT_VALUE_FUNCTIONS, "steps to call, or for tasks to run" },
  { "threads", MT_VALUE_TASKS, "tasks that may be interrupted between any two steps" },
  { "processes", MT_VALUE_TASKS, "tasks with globals of their own" },
  { "coroutines", MT_VALUE_TASKS, "tasks of one thread that take turns where they wait or yield" },
  { "properties", MT_VALUE_PROPERTIES, "what must hold" },
  { "observe", MT_VALUE_EXPRS, "what makes an outcome: all variables unless given" },
  { "expect", MT_VALUE_EXPECT, "what the model is meant to get; mtsim test looks" },
  { 0 },
};

const MtKey mt_keys_function[] = {
  { "params", MT_VALUE_NAMES, "names of its arguments" },
  { "steps", MT_VALUE_STEPS, "what it does" },
  { 0 },
};

const MtKey mt_keys_task[] = {
  { "steps", MT_VALUE_STEPS, "what it does" },
  { "count", MT_VALUE_SIZE, "so many tasks of this name: t[1] to t[count]" },
  { "args", MT_VALUE_ARGS, "arguments of the function it runs" },
  { "run", MT_VALUE_TEXT, "the function that is its body" },
  { "name", MT_VALUE_TEXT, "what self is: \"Thread-{id}\"" },
  { "daemon", MT_VALUE_BOOL, "the model may end before it does" },
  { 0 },
};

const MtKey mt_keys_variable[] = {
  { "value", MT_VALUE_INITIAL, "what it is at first" },
  { "list", MT_VALUE_CONSTANTS, "the items of a list at first" },
  { "capacity", MT_VALUE_SIZE, "how many items the list may hold" },
  { "fill", MT_VALUE_CONSTANT, "what each element of an array is at first" },
  { "size", MT_VALUE_SIZE, "how many elements the array has" },
  { "atomic", MT_VALUE_BOOL, "no data race on it is reported" },
  { "relaxed", MT_VALUE_BOOL, "no data race on it is reported" },
  { 0 },
};

const MtKey mt_keys_properties[] = {
  { "deadlock", MT_VALUE_LEVEL, "nothing can move, or some wait for each other in a circle" },
  { "errors", MT_VALUE_LEVEL, "a task ends by an error" },
  { "assertions", MT_VALUE_LEVEL, "an assert fails" },
  { "lost_update", MT_VALUE_LEVEL, "a write computed from a stale read erases another's" },
  { "data_race", MT_VALUE_LEVEL, "two accesses that nothing orders, one of them a write" },
  { "starvation", MT_VALUE_LEVEL, "a task never gets what it waits for" },
  { "livelock", MT_VALUE_LEVEL, "tasks move for ever and get nowhere" },
  { "invariants", MT_VALUE_CONDITIONS, "hold in every state" },
  { "finally", MT_VALUE_CONDITIONS, "hold when the model has ended" },
  { "reachable", MT_VALUE_CONDITIONS, "hold in some state" },
  { 0 },
};

const MtKey mt_keys_expect[] = {
  { "verdict", MT_VALUE_VERDICTS, "pass, or what is found" },
  { "outcomes", MT_VALUE_TEXTS, "all outcomes there are, as mtsim outcomes prints them" },
  { "params", MT_VALUE_PARAMS, "what the model is tried with" },
  { 0 },
};

const gchar *const mt_level_words[] = { "allowed", "reported", "forbidden", NULL };

const gchar *const mt_verdict_words[] = { "pass",        "deadlock",  "errors",     "assertions",
                                          "lost_update", "data_race", "invariants", "finally",
                                          "reachable",   "leftovers", "starvation", "livelock",
                                          NULL };

const gchar *const mt_reserved_words[] = { "and", "or", "not", "if", "else", "in", "true", "false", "True", "False", "id", "self", "pid", NULL };

const MtKey *
mt_key_find (const MtKey *keys, const gchar *name)
{
  for (; keys->name; keys++)
    if (g_str_equal (keys->name, name))
      return keys;
  return NULL;
}

const gchar **
mt_key_names (const MtKey *keys)
{
  GPtrArray *names = g_ptr_array_new ();
  for (; keys->name; keys++)
    g_ptr_array_add (names, (gpointer)keys->name);
  g_ptr_array_add (names, NULL);
  return (const gchar **)g_ptr_array_free (names, FALSE);
}

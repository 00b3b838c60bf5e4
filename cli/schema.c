/* schema: the model language as a JSON Schema (draft 7), made from the tables that the reader and the compiler use:
 * the keys (sim/keys.c), the primitives' settings and verbs (sim/ops/), the words of a step (sim/expr.c). It knows
 * shapes, not meanings: what a name stands for and what an expression says is mtsim lint's. */
#include "cli/cli.h"
#include "sim/keys.h"
#include "sim/primitive.h"
#include <json-glib/json-glib.h>

/* Letters of all scripts: JSON Schema's patterns know no classes of Unicode. */
#define NAME "^[^\\u0000-@\\[-^`{-\\u007f][^\\u0000-/:-@\\[-^`{-\\u007f]*$"
#define TASK_NAME "^[^\\u0000-@\\[-^`{-\\u007f][^\\u0000-,/:-@\\[-^`{-\\u007f]*$" /* Thread-1, too */

/* Shapes that no table has, by name. */
static const struct { const gchar *name, *schema; } shapes[] = {
  { "anything", "{}" },
  { "text", "{\"type\": [\"string\", \"number\", \"boolean\"]}" },
  { "texts", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/text\"}}" },
  { "bool", "{\"enum\": [true, false, \"yes\", \"no\", \"on\", \"off\", \"true\", \"false\", \"True\", \"False\"]}" },
  { "int", "{\"type\": [\"integer\", \"string\"]}" },
  { "size", "{\"type\": [\"integer\", \"string\"], \"minimum\": 1}" },
  { "constant", "{\"type\": [\"string\", \"number\", \"boolean\"]}" },
  { "constants", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/constant\"}}" },
  { "initial", "{\"anyOf\": [{\"$ref\": \"#/definitions/constant\"}, {\"$ref\": \"#/definitions/constants\"}]}" },
  { "names", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/name\"}, \"uniqueItems\": true}" },
  { "expression", "{\"anyOf\": [{\"type\": [\"string\", \"number\", \"boolean\"]}, {\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/expression\"}}]}" },
  { "expressions", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/expression\"}}" },
  { "place", "{\"type\": \"string\"}" },
  { "places", "{\"anyOf\": [{\"$ref\": \"#/definitions/place\"}, {\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/place\"}, \"minItems\": 1}]}" },
  { "steps", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/step\"}}" },
  { "branches",
    "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [{\"$ref\": \"#/definitions/steps\"},"
    " {\"type\": \"object\", \"required\": [\"do\"], \"additionalProperties\": false,"
    " \"properties\": {\"when\": {\"$ref\": \"#/definitions/expression\"}, \"do\": {\"$ref\": \"#/definitions/steps\"}}}]}}" },
  { "elifs",
    "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"object\", \"required\": [\"if\", \"then\"], \"additionalProperties\": false,"
    " \"properties\": {\"if\": {\"$ref\": \"#/definitions/expression\"}, \"then\": {\"$ref\": \"#/definitions/steps\"}}}}" },
  { "conditions",
    "{\"anyOf\": [{\"$ref\": \"#/definitions/expression\"},"
    " {\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/definitions/expression\"}}]}" },
  { "params", "{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"#/definitions/name\"}, \"additionalProperties\": {\"$ref\": \"#/definitions/constant\"}}" },
  { "variables",
    "{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"#/definitions/name\"},"
    " \"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/definitions/initial\"}, {\"$ref\": \"#/definitions/variable\"}]}}" },
  { "functions",
    "{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"#/definitions/name\"},"
    " \"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/definitions/steps\"}, {\"$ref\": \"#/definitions/function\"}]}}" },
  { "tasks",
    "{\"type\": \"object\", \"propertyNames\": {\"$ref\": \"#/definitions/task-name\"},"
    " \"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/definitions/steps\"}, {\"$ref\": \"#/definitions/task\"}]}}" },
  { "expect", "{\"anyOf\": [{\"$ref\": \"#/definitions/verdicts\"}, {\"$ref\": \"#/definitions/expectation\"}]}" },
};

static const gchar *const value_shapes[MT_N_VALUES] = {
  [MT_VALUE_TEXT] = "text",
  [MT_VALUE_BOOL] = "bool",
  [MT_VALUE_SIZE] = "size",
  [MT_VALUE_CONSTANT] = "constant",
  [MT_VALUE_CONSTANTS] = "constants",
  [MT_VALUE_INITIAL] = "initial",
  [MT_VALUE_EXPR] = "expression",
  [MT_VALUE_EXPRS] = "expression",
  [MT_VALUE_ARGS] = "expressions",
  [MT_VALUE_STEPS] = "steps",
  [MT_VALUE_NAMES] = "names",
  [MT_VALUE_TEXTS] = "texts",
  [MT_VALUE_PARAMS] = "params",
  [MT_VALUE_VARIABLES] = "variables",
  [MT_VALUE_FUNCTIONS] = "functions",
  [MT_VALUE_TASKS] = "tasks",
  [MT_VALUE_PROPERTIES] = "properties",
  [MT_VALUE_LEVEL] = "level",
  [MT_VALUE_CONDITIONS] = "conditions",
  [MT_VALUE_EXPECT] = "expect",
  [MT_VALUE_VERDICTS] = "verdicts",
};

static const gchar *const arg_shapes[] = {
  [MT_ARG_NONE] = "anything",
  [MT_ARG_EXPR] = "expression",
  [MT_ARG_STEPS] = "steps",
  [MT_ARG_BRANCHES] = "branches",
  [MT_ARG_ELIF] = "elifs",
  [MT_ARG_NAME] = "text",
  [MT_ARG_TARGET] = "place",
  [MT_ARG_TARGETS] = "places",
  [MT_ARG_ARGS] = "expression",
  [MT_ARG_TEMPLATE] = "text",
  [MT_ARG_TEXT] = "text",
  [MT_ARG_BOOL] = "bool",
  [MT_ARG_OBJECT] = "place",
};

/* Objects are made by these and handed over to what holds them. */

static JsonObject *
typed (const gchar *type)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "type", type);
  return object;
}

static JsonObject *
refer (const gchar *shape)
{
  g_autofree gchar *path = g_strconcat ("#/definitions/", shape, NULL);
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "$ref", path);
  return object;
}

/* {"allOf": [@object], "description": @help}: what stands beside a $ref is not read in draft 7. */
static JsonObject *
describe (JsonObject *object, const gchar *help)
{
  JsonObject *described = json_object_new ();
  JsonArray *all = json_array_new ();
  json_array_add_object_element (all, object);
  if (help)
    json_object_set_string_member (described, "description", help);
  json_object_set_array_member (described, "allOf", all);
  return described;
}

static void
require (JsonObject *object, const gchar *key)
{
  if (!json_object_has_member (object, "required"))
    json_object_set_array_member (object, "required", json_array_new ());
  json_array_add_string_element (json_object_get_array_member (object, "required"), key);
}

/* {@keyword: [{"required": [key]} for each of @keys]}, for "anyOf" and "oneOf". */
static void
require_of (JsonObject *object, const gchar *keyword, const gchar *const *keys)
{
  JsonArray *choices = json_array_new ();
  for (; *keys; keys++)
    {
      JsonObject *choice = json_object_new ();
      require (choice, *keys);
      json_array_add_object_element (choices, choice);
    }
  json_object_set_array_member (object, keyword, choices);
}

static JsonObject *
one_of_words (const gchar *const *words)
{
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();
  for (; *words; words++)
    json_array_add_string_element (list, *words);
  json_object_set_array_member (object, "enum", list);
  return object;
}

/* A mapping of exactly these properties. */
static JsonObject *
mapping (JsonObject *properties)
{
  JsonObject *object = typed ("object");
  json_object_set_object_member (object, "properties", properties);
  json_object_set_boolean_member (object, "additionalProperties", FALSE);
  return object;
}

static JsonObject *
properties_of (const MtKey *keys)
{
  JsonObject *properties = json_object_new ();
  for (; keys->name; keys++)
    json_object_set_object_member (properties, keys->name, describe (refer (value_shapes[keys->value]), keys->help));
  return properties;
}

/* What is declared: a section of a primitive. */

static JsonObject *
setting (const MtSettingSpec *spec)
{
  static const gchar *const setting_shapes[] = { [MT_SETTING_INT] = "int", [MT_SETTING_BOOL] = "bool", [MT_SETTING_OBJECT] = "place", [MT_SETTING_LINES] = "texts" };
  JsonObject *object = describe (refer (setting_shapes[spec->kind]), spec->help);
  if (spec->kind == MT_SETTING_INT)
    {
      json_object_set_int_member (object, "minimum", spec->min); /* of a number; a text is an expression of params */
      json_object_set_int_member (object, "maximum", spec->max);
      if (!spec->required && spec->fallback >= spec->min)
        json_object_set_int_member (object, "default", spec->fallback);
    }
  return object;
}

static JsonObject *
section (const MtPrimitive *primitive)
{
  JsonObject *properties = json_object_new (), *settings = mapping (properties), *names = typed ("object"), *either = json_object_new ();
  JsonArray *choices = json_array_new (), *values = json_array_new ();
  gboolean lines = FALSE, required = FALSE;
  for (const MtSettingSpec *spec = primitive->settings; spec && spec->name; spec++)
    {
      json_object_set_object_member (properties, spec->name, setting (spec));
      if (spec->required)
        require (settings, spec->name);
      required = required || spec->required;
      lines = lines || spec->kind == MT_SETTING_LINES;
    }
  json_object_set_object_member (properties, "size", describe (refer ("size"), "an array of so many: name[0] to name[size - 1]"));
  json_array_add_object_element (values, settings);
  if (lines)
    json_array_add_object_element (values, refer ("texts"));
  if (!required)
    json_array_add_object_element (values, typed ("null"));
  json_object_set_array_member (either, "anyOf", values);
  json_object_set_object_member (names, "propertyNames", refer ("name"));
  json_object_set_object_member (names, "additionalProperties", either);
  json_array_add_object_element (choices, names);
  if (!required) /* a list of names has no settings */
    json_array_add_object_element (choices, refer ("names"));
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "description", primitive->help);
  json_object_set_array_member (object, "anyOf", choices);
  return object;
}

/* Steps. */

/* break, x = 1, unlock: a step that is a text. */
static JsonObject *
scalar_step (void)
{
  g_autoptr (GString) pattern = g_string_new ("^\\s*(?:");
  for (const gchar *const *word = mt_statement_words; *word; word++)
    g_string_append_printf (pattern, "%s\\s*$|", *word);
  for (guint i = 0; mt_primitives[i]; i++)
    for (const MtVerb *verb = mt_primitives[i]->verbs; verb && verb->name; verb++)
      if (verb->args[0].kind == MT_ARG_NONE && !g_strv_contains (mt_statement_words, verb->name))
        g_string_append_printf (pattern, "%s\\s*$|", verb->name);
  g_string_append (pattern, "return\\s|[^'\"]*[^=<>!'\"]=(?!=))"); /* an assignment has one '=', and no text before it */
  JsonObject *object = typed ("string");
  json_object_set_string_member (object, "pattern", pattern->str);
  return object;
}

static JsonObject *
verb_step (const MtVerb *verb)
{
  JsonObject *properties = json_object_new (), *object = mapping (properties);
  json_object_set_string_member (object, "description", verb->help);
  for (guint i = 0; i < MT_MAX_ARGS && verb->args[i].name; i++)
    {
      json_object_set_object_member (properties, verb->args[i].name, refer (arg_shapes[verb->args[i].kind]));
      if (verb->args[i].required)
        require (object, verb->args[i].name);
    }
  json_object_set_object_member (properties, "label", describe (refer ("name"), "a name for this place: at(task, label)"));
  return object;
}

/* Which verb it is decides what else may stand there; an editor then tells of that verb only. */
static JsonObject *
mapping_step (JsonObject *definitions)
{
  JsonObject *object = typed ("object"), *properties = json_object_new ();
  JsonArray *rules = json_array_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; mt_primitives[i]; i++)
    for (const MtVerb *verb = mt_primitives[i]->verbs; verb && verb->name; verb++)
      {
        g_autofree gchar *definition = g_strdup_printf ("step-%s", verb->name);
        if (json_object_has_member (definitions, definition)) /* several primitives' verbs of one name have the same arguments */
          continue;
        JsonObject *rule = json_object_new (), *condition = json_object_new ();
        require (condition, verb->name);
        json_object_set_object_member (rule, "if", condition);
        json_object_set_object_member (rule, "then", refer (definition));
        json_array_add_object_element (rules, rule);
        json_object_set_object_member (definitions, definition, verb_step (verb));
        json_object_set_object_member (properties, verb->name, describe (json_object_new (), verb->help));
        g_ptr_array_add (names, (gpointer)verb->name);
      }
  g_ptr_array_add (names, NULL);
  json_object_set_object_member (object, "properties", properties);
  require_of (object, "anyOf", (const gchar *const *)names->pdata);
  json_object_set_array_member (object, "allOf", rules);
  return object;
}

static void
define_steps (JsonObject *definitions)
{
  JsonObject *step = json_object_new ();
  JsonArray *choices = json_array_new ();
  json_array_add_object_element (choices, scalar_step ());
  json_array_add_object_element (choices, mapping_step (definitions));
  json_object_set_array_member (step, "anyOf", choices);
  json_object_set_object_member (definitions, "step", step);
}

/* The whole. */

static void
define_mappings (JsonObject *definitions)
{
  static const gchar *const bodies[] = { "steps", "run", NULL };
  JsonObject *function = mapping (properties_of (mt_keys_function)), *task = mapping (properties_of (mt_keys_task)), *needs = json_object_new ();
  JsonArray *run = json_array_new ();
  require (function, "steps");
  require_of (task, "oneOf", bodies);
  json_array_add_string_element (run, "run");
  json_object_set_array_member (needs, "args", run);
  json_object_set_object_member (task, "dependencies", needs);
  json_object_set_object_member (definitions, "function", function);
  json_object_set_object_member (definitions, "task", task);
  json_object_set_object_member (definitions, "properties", mapping (properties_of (mt_keys_properties)));
  json_object_set_object_member (definitions, "expectation", mapping (properties_of (mt_keys_expect)));
  static const gchar *const initial[] = { "value", "list", "size", NULL };
  JsonObject *variable = mapping (properties_of (mt_keys_variable));
  require_of (variable, "anyOf", initial);
  json_object_set_object_member (definitions, "variable", variable);
}

/* A name that is no word of the language. */
static JsonObject *
name (const gchar *pattern)
{
  JsonObject *object = typed ("string");
  json_object_set_string_member (object, "pattern", pattern);
  json_object_set_object_member (object, "not", one_of_words (mt_reserved_words));
  return object;
}

static void
define_words (JsonObject *definitions)
{
  JsonObject *verdicts = json_object_new (), *list = typed ("array");
  JsonArray *choices = json_array_new ();
  json_object_set_object_member (definitions, "name", name (NAME));
  json_object_set_object_member (definitions, "task-name", name (TASK_NAME));
  json_object_set_object_member (definitions, "level", one_of_words (mt_level_words));
  json_object_set_object_member (definitions, "verdict", one_of_words (mt_verdict_words));
  json_object_set_object_member (list, "items", refer ("verdict"));
  json_array_add_object_element (choices, refer ("verdict"));
  json_array_add_object_element (choices, list);
  json_object_set_array_member (verdicts, "anyOf", choices);
  json_object_set_object_member (definitions, "verdicts", verdicts);
}

static JsonObject *
definitions_of_all (void)
{
  JsonObject *definitions = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    json_object_set_member (definitions, shapes[i].name, json_from_string (shapes[i].schema, NULL));
  define_words (definitions);
  define_mappings (definitions);
  define_steps (definitions);
  return definitions;
}

static JsonObject *
schema_of_all (void)
{
  JsonObject *object = json_object_new (), *properties = properties_of (mt_keys_model);
  g_autoptr (GPtrArray) tasks = g_ptr_array_new ();
  for (guint i = 0; mt_primitives[i]; i++)
    if (mt_primitives[i]->section)
      json_object_set_object_member (properties, mt_primitives[i]->section, section (mt_primitives[i]));
  for (const MtKey *key = mt_keys_model; key->name; key++)
    if (key->value == MT_VALUE_TASKS)
      g_ptr_array_add (tasks, (gpointer)key->name);
  g_ptr_array_add (tasks, NULL);
  json_object_set_string_member (object, "$schema", "http://json-schema.org/draft-07/schema#");
  json_object_set_string_member (object, "title", "a model for mtsim");
  json_object_set_string_member (object, "type", "object");
  json_object_set_object_member (object, "properties", properties);
  json_object_set_boolean_member (object, "additionalProperties", FALSE);
  require_of (object, "anyOf", (const gchar *const *)tasks->pdata);
  json_object_set_object_member (object, "definitions", definitions_of_all ());
  return object;
}

static MtExit
schema (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  MtExit status;
  gboolean good = mt_parse_options (&mt_command_schema, &argc, &argv, NULL, &options, 0, 0, &status);
  mt_model_options_clear (&options);
  if (!good)
    return status;
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (root, schema_of_all ());
  g_autofree gchar *text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
  return MT_EXIT_HOLDS;
}

const MtCommand mt_command_schema = { "schema", "", "prints the model language as a JSON Schema, for editors", schema };

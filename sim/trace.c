/* Traces: schedules as text, and the JSON file around them. */
#include "sim/trace.h"
#include "sim/file.h"
#include "sim/json.h"
#include "sim/op.h"
#include <string.h>

#define FORMAT_VERSION 1
#define MAX_BYTES (1 << 30) /* of a trace file */
#define MAX_DEPTH 16 /* of a trace file's nesting: the parser goes down by recursion */
#define MAX_MOVES 500000000 /* of a schedule: 2 GB */

MtTrace *
mt_trace_new (const MtProgram *program)
{
  MtTrace *trace = g_new0 (MtTrace, 1);
  trace->params = g_ptr_array_new_with_free_func (g_free);
  trace->choices = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  if (!program)
    return trace;
  trace->model = g_strdup (program->file);
  trace->title = g_strdup (program->title);
  trace->digest = g_strdup (program->digest);
  trace->time = program->time;
  trace->watch_updates = program->watches_updates;
  return trace;
}

void
mt_trace_free (MtTrace *trace)
{
  if (!trace)
    return;
  g_free (trace->model);
  g_free (trace->title);
  g_free (trace->digest);
  g_free (trace->scheduler);
  g_free (trace->verdict);
  g_free (trace->schedule);
  g_ptr_array_unref (trace->params);
  g_array_unref (trace->choices);
  g_free (trace);
}

/* Schedules as text. */

static gboolean
is_timeout (const MtProgram *program, const MtWord *s, MtChoice choice)
{
  return choice.task != MT_CLOCK && choice.alt == 1 && (program->code[s[program->tasks[choice.task].base]].flags & MT_TIMED);
}

static void
append_choice (const MtProgram *program, MtChoice choice, gboolean timeout, GString *out)
{
  g_string_append (out, program->tasks[choice.task].name);
  if (timeout)
    g_string_append (out, ":timeout");
  else if (choice.alt)
    g_string_append_printf (out, ":%u", choice.alt);
}

void
mt_choice_print (const MtProgram *program, const MtWord *s, MtChoice choice, GString *out)
{
  append_choice (program, choice, is_timeout (program, s, choice), out);
}

static void
append_run (const MtProgram *program, MtChoice choice, gboolean timeout, guint count, GString *out)
{
  if (count == 0)
    return;
  if (out->len)
    g_string_append_c (out, ' ');
  append_choice (program, choice, timeout, out);
  if (count > 1)
    g_string_append_printf (out, "*%u", count);
}

/* The run is gone through once more, to know which alternatives are timeouts. */
void
mt_schedule_print (const MtProgram *program, const MtChoice *choices, guint n, GString *out)
{
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autoptr (GString) text = g_string_new (NULL);
  MtChoice current = { 0, 0 };
  gboolean current_timeout = FALSE;
  guint count = 0;
  mt_state_init (program, s, NULL);
  for (guint i = 0; i < n; i++)
    {
      MtChoice choice = choices[i];
      gboolean clock = choice.task == MT_CLOCK;
      gboolean timeout = is_timeout (program, s, choice);
      mt_step (program, s, choice, NULL);
      if (clock)
        continue;
      if (count == 0 || choice.task != current.task || choice.alt != current.alt || timeout != current_timeout)
        {
          append_run (program, current, current_timeout, count, text);
          current = choice;
          current_timeout = timeout;
          count = 0;
        }
      count++;
    }
  append_run (program, current, current_timeout, count, text);
  g_string_append_len (out, text->str, (gssize)text->len);
}

static void G_GNUC_PRINTF (4, 5)
schedule_error (GError **error, guint column, const gchar *hint, const gchar *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree gchar *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, MT_ERROR, MT_ERROR_USAGE, "schedule:%u: %s%s%s", column, message, hint ? ": " : "", hint ? hint : "");
}

static gint
find_task (const MtProgram *program, const gchar *name, guint column, GError **error)
{
  gint task = mt_program_find_task (program, name);
  if (task >= 0)
    return task;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint t = 0; t < program->n_tasks; t++)
    g_ptr_array_add (names, (gpointer)program->tasks[t].name);
  g_ptr_array_add (names, NULL);
  g_autofree gchar *near = mt_did_you_mean (name, (const gchar *const *)names->pdata);
  g_autofree gchar *list = g_strjoinv (", ", (gchar **)names->pdata);
  g_autofree gchar *all = g_strdup_printf ("the tasks are %s", list);
  schedule_error (error, column, near ? near : all, "no task '%s'", name);
  return -1;
}

static gboolean
parse_number (const gchar *text, guint64 max, guint64 *out)
{
  return g_ascii_string_to_unsigned (text, 10, 0, max, out, NULL);
}

/* NAME[:ALTERNATIVE][*COUNT] */
static gboolean
parse_token (const MtProgram *program, const gchar *token, guint column, GArray *out, GError **error)
{
  g_autofree gchar *name = g_strdup (token);
  guint64 alt = 0, count = 1;
  gchar *star = strrchr (name, '*');
  if (star && !parse_number (star + 1, 100000000, &count))
    {
      schedule_error (error, column, "t1*3 is three steps of t1", "'%s': a number expected after '*'", token);
      return FALSE;
    }
  if (star)
    *star = '\0';
  gchar *colon = strrchr (name, ':');
  if (colon && g_str_equal (colon + 1, "timeout"))
    alt = 1;
  else if (colon && !parse_number (colon + 1, G_MAXUINT16, &alt))
    {
      schedule_error (error, column, "t1:timeout, or the number of the alternative: t1:2", "'%s': unknown alternative", token);
      return FALSE;
    }
  if (colon)
    *colon = '\0';
  gint task = find_task (program, name, column, error);
  if (task < 0)
    return FALSE;
  if (out->len + count > MAX_MOVES)
    {
      schedule_error (error, column, NULL, "'%s': more than %d moves in all", token, MAX_MOVES);
      return FALSE;
    }
  MtChoice choice = { (guint16)task, (guint16)alt };
  for (guint64 i = 0; i < count; i++)
    g_array_append_val (out, choice);
  return TRUE;
}

GArray *
mt_schedule_parse (const MtProgram *program, const gchar *text, GError **error)
{
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  for (const gchar *at = text; *at;)
    {
      gsize space = strspn (at, " \t\r\n,");
      at += space;
      gsize length = strcspn (at, " \t\r\n,");
      if (length == 0)
        break;
      g_autofree gchar *token = g_strndup (at, length);
      if (!parse_token (program, token, (guint)g_utf8_pointer_to_offset (text, at) + 1, out, error))
        return NULL;
      at += length;
    }
  return g_steal_pointer (&out);
}

/* Files. */

void
mt_trace_build (const MtTrace *trace, const MtProgram *program, JsonBuilder *b)
{
  g_autoptr (GString) schedule = g_string_new (NULL);
  g_autofree gchar *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, trace->seed);
  mt_schedule_print (program, (const MtChoice *)trace->choices->data, trace->choices->len, schedule);
  json_builder_begin_object (b);
  mt_json_number (b, "mtsim-trace", FORMAT_VERSION);
  mt_json_text (b, "model", trace->model);
  mt_json_text (b, "title", trace->title);
  mt_json_text (b, "digest", trace->digest);
  mt_json_begin_array (b, "params");
  for (guint i = 0; i < trace->params->len; i++)
    json_builder_add_string_value (b, trace->params->pdata[i]);
  json_builder_end_array (b);
  mt_json_text (b, "time", trace->time == MT_TIME_VIRTUAL ? "virtual" : "abstract");
  mt_json_flag (b, "watch-updates", trace->watch_updates);
  mt_json_text (b, "scheduler", trace->scheduler);
  mt_json_text (b, "seed", seed); /* a string: 64 bits are more than a JSON number keeps */
  mt_json_text (b, "verdict", trace->verdict);
  mt_json_text (b, "schedule", schedule->str);
  json_builder_end_object (b);
}

gboolean
mt_trace_save (const MtTrace *trace, const MtProgram *program, const gchar *path, GError **error)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  mt_trace_build (trace, program, b);
  g_autofree gchar *text = mt_json_finish (b);
  return mt_write_file (path, text, -1, error);
}

static const gchar *
get_string (JsonObject *object, const gchar *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static MtTrace *
read_object (JsonObject *object, const gchar *path, GError **error)
{
  g_autoptr (MtTrace) trace = mt_trace_new (NULL);
  JsonNode *version = json_object_get_member (object, "mtsim-trace");
  const gchar *schedule = get_string (object, "schedule"), *digest = get_string (object, "digest"), *seed = get_string (object, "seed");
  if (!version || !JSON_NODE_HOLDS_VALUE (version) || !schedule || !digest)
    {
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s: this is no mtsim trace", path);
      return NULL;
    }
  if (json_node_get_int (version) != FORMAT_VERSION)
    {
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s: a trace of version %" G_GINT64_FORMAT ", but this mtsim reads version %d", path, json_node_get_int (version), FORMAT_VERSION);
      return NULL;
    }
  trace->model = g_strdup (get_string (object, "model"));
  trace->title = g_strdup (get_string (object, "title"));
  trace->digest = g_strdup (digest);
  trace->schedule = g_strdup (schedule);
  trace->scheduler = g_strdup (get_string (object, "scheduler"));
  trace->verdict = g_strdup (get_string (object, "verdict"));
  trace->seed = seed ? g_ascii_strtoull (seed, NULL, 10) : 0;
  trace->time = g_strcmp0 (get_string (object, "time"), "abstract") ? MT_TIME_VIRTUAL : MT_TIME_ABSTRACT;
  JsonNode *watch = json_object_get_member (object, "watch-updates");
  trace->watch_updates = watch && JSON_NODE_HOLDS_VALUE (watch) && json_node_get_boolean (watch);
  JsonNode *params = json_object_get_member (object, "params");
  for (guint i = 0; params && JSON_NODE_HOLDS_ARRAY (params) && i < json_array_get_length (json_node_get_array (params)); i++)
    {
      JsonNode *item = json_array_get_element (json_node_get_array (params), i);
      const gchar *text = JSON_NODE_HOLDS_VALUE (item) && json_node_get_value_type (item) == G_TYPE_STRING ? json_node_get_string (item) : "";
      if (!strchr (text, '='))
        {
          g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s: params: texts \"name=value\" expected", path);
          return NULL;
        }
      g_ptr_array_add (trace->params, g_strdup (text));
    }
  return g_steal_pointer (&trace);
}

/* Whether a text can't be a trace, to spare the parser: brackets nested deeper than in any trace, something outside of
 * strings that JSON does not have (comments, other quotes), or more than one object (json-glib 1.6 loses the first one). */
static gboolean
is_foreign (const gchar *text, gsize length)
{
  gint depth = 0;
  gboolean quoted = FALSE, begun = FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (quoted && text[i] == '\\')
        i++;
      else if (text[i] == '"')
        quoted = !quoted;
      else if (quoted || (text[i] && strchr (" \t\r\n", text[i])))
        continue;
      else if (text[i] == '[' || text[i] == '{')
        depth++;
      else if (text[i] == ']' || text[i] == '}')
        depth--;
      else if (!g_ascii_isalnum (text[i]) && !(text[i] && strchr (":,.+-", text[i])))
        return TRUE;
      if (depth > MAX_DEPTH || (!begun && text[i] != '{'))
        return TRUE;
      if (begun && depth == 0)
        return strspn (text + i + 1, " \t\r\n") < length - i - 1;
      begun = TRUE;
    }
  return FALSE;
}

MtTrace *
mt_trace_parse (const gchar *name, const gchar *text, gsize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) problem = NULL;
  if (!g_utf8_validate (text, (gssize)length, NULL))
    {
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s: not UTF-8 text", name);
      return NULL;
    }
  if (is_foreign (text, length))
    {
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s: this is no mtsim trace", name);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize)length, &problem))
    {
      /* "<data>:LINE:COLUMN: ..." in json-glib's words; the file's name is ours */
      const gchar *message = g_str_has_prefix (problem->message, "<data>:") ? problem->message + 7 : problem->message;
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s:%s", name, message);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s: this is no mtsim trace", name);
      return NULL;
    }
  return read_object (json_node_get_object (root), name, error);
}

MtTrace *
mt_trace_load (const gchar *path, GError **error)
{
  gsize length;
  g_autofree gchar *text = mt_read_file (path, MAX_BYTES, &length, error);
  return text ? mt_trace_parse (path, text, length, error) : NULL;
}

gboolean
mt_trace_bind (MtTrace *trace, const MtProgram *program, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GArray) choices = mt_schedule_parse (program, trace->schedule, &problem);
  if (!choices)
    {
      g_assert (problem);
      g_set_error (error, MT_ERROR, MT_ERROR_TRACE, "%s", problem->message);
      return FALSE;
    }
  g_array_unref (trace->choices);
  trace->choices = g_steal_pointer (&choices);
  return TRUE;
}

/* See json.h. */
#include "sim/json.h"

void
mt_json_text (JsonBuilder *b, const gchar *name, const gchar *text)
{
  json_builder_set_member_name (b, name);
  if (text)
    json_builder_add_string_value (b, text);
  else
    json_builder_add_null_value (b);
}

void
mt_json_number (JsonBuilder *b, const gchar *name, gint64 number)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, number);
}

void
mt_json_flag (JsonBuilder *b, const gchar *name, gboolean flag)
{
  json_builder_set_member_name (b, name);
  json_builder_add_boolean_value (b, flag);
}

void
mt_json_begin_array (JsonBuilder *b, const gchar *name)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
}

gchar *
mt_json_finish (JsonBuilder *b)
{
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree gchar *json = json_to_string (root, TRUE);
  return g_strconcat (json, "\n", NULL);
}

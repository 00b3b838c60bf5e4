/* Members of a JSON object that is being built: what json-glib takes two calls for, in one. */
#pragma once
#include <json-glib/json-glib.h>

/* Of an object: adds the member @name. A NULL text is null. */
void mt_json_text (JsonBuilder *b, const gchar *name, const gchar *text);
void mt_json_number (JsonBuilder *b, const gchar *name, gint64 number);
void mt_json_flag (JsonBuilder *b, const gchar *name, gboolean flag);

/* A member that holds several: add them, then json_builder_end_array(). */
void mt_json_begin_array (JsonBuilder *b, const gchar *name);

/* What was built, indented, with a newline at its end. Caller frees. */
gchar *mt_json_finish (JsonBuilder *b);

/* json-glib, loaded when first called: most runs write no JSON, and with what it needs itself (GObject, GIO) it would be a quarter of a small check's
 * memory and a third of its time. The library is not linked; its functions that are used here are defined below, and call it. */
#include "sim/json_late.h"
#include "sim/json.h"
#include <dlfcn.h>
#include <stdlib.h>

#define LIBRARY "libjson-glib-1.0.so.0"

/* The library: the same each time. NULL: it can't be loaded. */
static gpointer
load (GError **error)
{
  gpointer library = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    g_set_error (error, MT_ERROR, MT_ERROR_FILE, "json-glib, which reads and writes JSON, can't be loaded: %s", dlerror ());
  return library;
}

gboolean
mt_json_load (GError **error)
{
  return load (error) != NULL;
}

/* Does not return where the library is missing, or lacks it. */
static gpointer
find (const gchar *name)
{
  g_autoptr (GError) error = NULL;
  gpointer library = load (&error), function = library ? dlsym (library, name) : NULL;
  if (!function)
    {
      g_printerr ("mtsim: %s\n", error ? error->message : dlerror ());
      exit (2);
    }
  return function;
}

/* Threads that are the first at once all find the same. */
/* clang-format off */
// NOLINTBEGIN(bugprone-macro-parentheses): parameters have their own
#define LATE(name, returned, parameters, arguments)                                \
  returned name parameters                                                         \
  {                                                                                \
    static returned (*real) parameters;                                            \
    returned (*function) parameters = __atomic_load_n (&real, __ATOMIC_ACQUIRE);   \
    if (!function)                                                                 \
      {                                                                            \
        *(gpointer *)&function = find (#name);                                     \
        __atomic_store_n (&real, function, __ATOMIC_RELEASE);                      \
      }                                                                            \
    return function arguments;                                                     \
  }
// NOLINTEND(bugprone-macro-parentheses)

LATE (g_object_unref, void, (gpointer object), (object))
LATE (json_array_add_object_element, void, (JsonArray *array, JsonObject *value), (array, value))
LATE (json_array_add_string_element, void, (JsonArray *array, const gchar *value), (array, value))
LATE (json_array_get_element, JsonNode *, (JsonArray *array, guint index), (array, index))
LATE (json_array_get_length, guint, (JsonArray *array), (array))
LATE (json_array_new, JsonArray *, (void), ())
LATE (json_builder_add_boolean_value, JsonBuilder *, (JsonBuilder *builder, gboolean value), (builder, value))
LATE (json_builder_add_double_value, JsonBuilder *, (JsonBuilder *builder, gdouble value), (builder, value))
LATE (json_builder_add_int_value, JsonBuilder *, (JsonBuilder *builder, gint64 value), (builder, value))
LATE (json_builder_add_null_value, JsonBuilder *, (JsonBuilder *builder), (builder))
LATE (json_builder_add_string_value, JsonBuilder *, (JsonBuilder *builder, const gchar *value), (builder, value))
LATE (json_builder_begin_array, JsonBuilder *, (JsonBuilder *builder), (builder))
LATE (json_builder_begin_object, JsonBuilder *, (JsonBuilder *builder), (builder))
LATE (json_builder_end_array, JsonBuilder *, (JsonBuilder *builder), (builder))
LATE (json_builder_end_object, JsonBuilder *, (JsonBuilder *builder), (builder))
LATE (json_builder_get_root, JsonNode *, (JsonBuilder *builder), (builder))
LATE (json_builder_new, JsonBuilder *, (void), ())
LATE (json_builder_set_member_name, JsonBuilder *, (JsonBuilder *builder, const gchar *member_name), (builder, member_name))
LATE (json_from_string, JsonNode *, (const char *str, GError **error), (str, error))
LATE (json_node_get_array, JsonArray *, (JsonNode *node), (node))
LATE (json_node_get_boolean, gboolean, (JsonNode *node), (node))
LATE (json_node_get_int, gint64, (JsonNode *node), (node))
LATE (json_node_get_node_type, JsonNodeType, (JsonNode *node), (node))
LATE (json_node_get_object, JsonObject *, (JsonNode *node), (node))
LATE (json_node_get_string, const gchar *, (JsonNode *node), (node))
LATE (json_node_get_value_type, GType, (JsonNode *node), (node))
LATE (json_node_new, JsonNode *, (JsonNodeType type), (type))
LATE (json_node_take_object, void, (JsonNode *node, JsonObject *object), (node, object))
LATE (json_node_unref, void, (JsonNode *node), (node))
LATE (json_object_get_array_member, JsonArray *, (JsonObject *object, const gchar *member_name), (object, member_name))
LATE (json_object_get_member, JsonNode *, (JsonObject *object, const gchar *member_name), (object, member_name))
LATE (json_object_has_member, gboolean, (JsonObject *object, const gchar *member_name), (object, member_name))
LATE (json_object_new, JsonObject *, (void), ())
LATE (json_object_set_array_member, void, (JsonObject *object, const gchar *member_name, JsonArray *value), (object, member_name, value))
LATE (json_object_set_boolean_member, void, (JsonObject *object, const gchar *member_name, gboolean value), (object, member_name, value))
LATE (json_object_set_int_member, void, (JsonObject *object, const gchar *member_name, gint64 value), (object, member_name, value))
LATE (json_object_set_member, void, (JsonObject *object, const gchar *member_name, JsonNode *node), (object, member_name, node))
LATE (json_object_set_object_member, void, (JsonObject *object, const gchar *member_name, JsonObject *value), (object, member_name, value))
LATE (json_object_set_string_member, void, (JsonObject *object, const gchar *member_name, const gchar *value), (object, member_name, value))
LATE (json_parser_get_root, JsonNode *, (JsonParser *parser), (parser))
LATE (json_parser_load_from_data, gboolean, (JsonParser *parser, const gchar *data, gssize length, GError **error), (parser, data, length, error))
LATE (json_parser_new_immutable, JsonParser *, (void), ())
LATE (json_to_string, char *, (JsonNode *node, gboolean pretty), (node, pretty))
/* clang-format on */

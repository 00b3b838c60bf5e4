/* Findings as text for people, a line each for editors, and as SARIF for code hosts: the OASIS standard "Static Analysis
 * Results Interchange Format" 2.1.0. */
#include "cli/lint.h"
#include "config.h"
#include <json-glib/json-glib.h>

static void
write_text (const GPtrArray *diags, gboolean all, GString *out)
{
  for (guint i = 0; i < diags->len; i++)
    mt_diags_print (diags->pdata[i], out);
}

static const MtLintFormat text = { "text", "with the source line and a hint", write_text };

static void
write_gcc (const GPtrArray *diags, gboolean all, GString *out)
{
  for (guint i = 0; i < diags->len; i++)
    mt_diags_print_short (diags->pdata[i], out);
}

static const MtLintFormat gcc = { "gcc", "one line a finding, as gcc's, for editors", write_gcc };

/* SARIF. A level is a rule here: a finding's message says the rest. */
static const struct
{
  const gchar *id, *level, *description;
} rules[] = {
  [MT_SEVERITY_ERROR] = { "model-error", "error", "The model has no meaning as it is written." },
  [MT_SEVERITY_WARNING] = { "model-warning", "warning",
                            "The model has a meaning, perhaps not the one its author had in "
                            "mind." },
};

static void
add_text (JsonBuilder *b, const gchar *name, const gchar *value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, value);
}

static void
add_number (JsonBuilder *b, const gchar *name, gint value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, value);
}

static void
begin_object (JsonBuilder *b, const gchar *name)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_object (b);
}

static void
begin_array (JsonBuilder *b, const gchar *name)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
}

static void
add_message (JsonBuilder *b, const gchar *name, const gchar *value)
{
  begin_object (b, name);
  add_text (b, "text", value);
  json_builder_end_object (b);
}

/* A path as a URI: relative ones stay so. */
static void
add_place (JsonBuilder *b, const gchar *file, const MtFinding *finding)
{
  g_autofree gchar *uri = g_path_is_absolute (file) ? g_filename_to_uri (file, NULL, NULL)
                                                    : g_uri_escape_string (file, "/", FALSE);
  begin_array (b, "locations");
  json_builder_begin_object (b);
  begin_object (b, "physicalLocation");
  begin_object (b, "artifactLocation");
  add_text (b, "uri", uri);
  json_builder_end_object (b);
  if (finding->mark.line > 0)
    {
      begin_object (b, "region");
      add_number (b, "startLine", finding->mark.line);
      add_number (b, "startColumn", finding->mark.column);
      add_number (b, "endColumn", finding->mark.column + (gint)finding->width);
      json_builder_end_object (b);
    }
  json_builder_end_object (b);
  json_builder_end_object (b);
  json_builder_end_array (b);
}

static void
add_results (JsonBuilder *b, const MtDiags *diags)
{
  g_autoptr (GPtrArray) sorted = mt_diags_sorted (diags);
  for (guint i = 0; i < sorted->len; i++)
    {
      const MtFinding *finding = sorted->pdata[i];
      g_autofree gchar *message =
          g_strconcat (finding->message, finding->hint ? " (" : NULL, finding->hint, ")", NULL);
      json_builder_begin_object (b);
      add_text (b, "ruleId", rules[finding->severity].id);
      add_number (b, "ruleIndex", (gint)finding->severity);
      add_text (b, "level", rules[finding->severity].level);
      add_message (b, "message", message);
      add_place (b, diags->file, finding);
      json_builder_end_object (b);
    }
}

static void
add_tool (JsonBuilder *b)
{
  begin_object (b, "tool");
  begin_object (b, "driver");
  add_text (b, "name", "mtsim");
  add_text (b, "version", MT_VERSION);
  begin_array (b, "rules");
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      json_builder_begin_object (b);
      add_text (b, "id", rules[i].id);
      add_message (b, "shortDescription", rules[i].description);
      begin_object (b, "defaultConfiguration");
      add_text (b, "level", rules[i].level);
      json_builder_end_object (b);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
  json_builder_end_object (b);
  json_builder_end_object (b);
}

static void
write_sarif (const GPtrArray *diags, gboolean all, GString *out)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_text (b, "$schema",
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json");
  add_text (b, "version", "2.1.0");
  begin_array (b, "runs");
  json_builder_begin_object (b);
  add_tool (b);
  add_text (b, "columnKind", "unicodeCodePoints");
  begin_array (b, "invocations");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "executionSuccessful");
  json_builder_add_boolean_value (b, all);
  json_builder_end_object (b);
  json_builder_end_array (b);
  begin_array (b, "results");
  for (guint i = 0; i < diags->len; i++)
    add_results (b, diags->pdata[i]);
  json_builder_end_array (b);
  json_builder_end_object (b);
  json_builder_end_array (b);
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree gchar *json = json_to_string (root, TRUE);
  g_string_append_printf (out, "%s\n", json);
}

static const MtLintFormat sarif = { "sarif", "SARIF 2.1.0, for code hosts", write_sarif };

const MtLintFormat *const mt_lint_formats[] = { &text, &gcc, &sarif, NULL };

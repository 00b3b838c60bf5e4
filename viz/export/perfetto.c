/* perfetto: the Chrome trace-event format, for ui.perfetto.dev and chrome://tracing: a track for each
 * task, a slice for each step, flow arrows for what happens before what. A step has no duration of its
 * own: it is drawn as one millisecond, at its number. */
#include "viz/export.h"
#include <json-glib/json-glib.h>

#define STEP 1000 /* microseconds */

static void
begin_event (JsonBuilder *b, const gchar *phase, const gchar *name, gint task, gint64 time)
{
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "ph");
  json_builder_add_string_value (b, phase);
  json_builder_set_member_name (b, "name");
  json_builder_add_string_value (b, name);
  json_builder_set_member_name (b, "pid");
  json_builder_add_int_value (b, 1);
  json_builder_set_member_name (b, "tid");
  json_builder_add_int_value (b, task + 1);
  json_builder_set_member_name (b, "ts");
  json_builder_add_int_value (b, time);
}

static void
add_argument (JsonBuilder *b, const gchar *name, const gchar *value)
{
  json_builder_set_member_name (b, "args");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, value);
  json_builder_end_object (b);
}

static void
add_flow (JsonBuilder *b, const MtView *view, guint id, guint step, gboolean end)
{
  for (guint i = 0; i < view->rows->len; i++)
    {
      const MtViewRow *row = view->rows->pdata[i];
      if (row->kind != MT_ROW_STEP || row->number != step)
        continue;
      begin_event (b, end ? "f" : "s", "happens before", row->task, (gint64)step * STEP + STEP / 2);
      json_builder_set_member_name (b, "cat");
      json_builder_add_string_value (b, "order");
      json_builder_set_member_name (b, "id");
      json_builder_add_int_value (b, id + 1);
      if (end)
        {
          json_builder_set_member_name (b, "bp");
          json_builder_add_string_value (b, "e");
        }
      json_builder_end_object (b);
    }
}

static gboolean
write_perfetto (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options, (void)error;
  const MtView *view = drawing->view;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "traceEvents");
  json_builder_begin_array (b);
  begin_event (b, "M", "process_name", -1, 0);
  g_autofree gchar *title = mt_view_clean (view->program->title);
  add_argument (b, "name", title);
  json_builder_end_object (b);
  for (guint t = 0; t < view->tasks->len; t++)
    {
      begin_event (b, "M", "thread_name", (gint)t, 0);
      add_argument (b, "name", view->tasks->pdata[t]);
      json_builder_end_object (b);
    }
  for (guint i = 0; i < view->rows->len; i++)
    {
      const MtViewRow *row = view->rows->pdata[i];
      if (row->kind != MT_ROW_STEP)
        continue;
      begin_event (b, "X", row->action, row->task, (gint64)row->number * STEP);
      json_builder_set_member_name (b, "dur");
      json_builder_add_int_value (b, STEP);
      add_argument (b, "changes", row->changes ? row->changes : "");
      json_builder_end_object (b);
    }
  for (guint i = 0; i < view->links->len; i++)
    {
      const MtViewLink *link = &g_array_index (view->links, MtViewLink, i);
      add_flow (b, view, i, link->from, FALSE);
      add_flow (b, view, i, link->to, TRUE);
    }
  json_builder_end_array (b);
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree gchar *text = json_to_string (root, TRUE);
  g_string_append_printf (out, "%s\n", text);
  return TRUE;
}

const MtExportRow mt_export_perfetto = { "perfetto", "perfetto.json", "for ui.perfetto.dev: a track for each task", MT_EXPORT_OF_RUN | MT_EXPORT_WHOLE, write_perfetto };

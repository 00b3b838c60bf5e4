/* json: the run with all that the view knows about it; or, of another kind of picture, its boxes and
 * arrows by name. Keys stay; new ones may come. */
#include "viz/export.h"
#include "viz/export/json.h"

/* A reader may show it: cleaned, but for the ends of lines. */
static void
add_text (JsonBuilder *b, const gchar *name, const gchar *text)
{
  if (!text)
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      gchar *line = lines[i];
      lines[i] = mt_view_clean (line);
      g_free (line);
    }
  g_autofree gchar *clean = g_strjoinv ("\n", lines);
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, clean);
}

static void
add_number (JsonBuilder *b, const gchar *name, gint64 number)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, number);
}

static void
begin_list (JsonBuilder *b, const gchar *name)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
}

/* What lanes, waits and values are after a row. */
static void
add_stand (JsonBuilder *b, const MtView *view, const MtViewRow *row)
{
  if (!row->lanes)
    return;
  begin_list (b, "lanes");
  for (guint t = 0; t < view->tasks->len; t++)
    json_builder_add_string_value (b, mt_lane_state_name (row->lanes[t]));
  json_builder_end_array (b);
  begin_list (b, "waits");
  for (guint t = 0; t < view->tasks->len; t++)
    if (row->waits[t])
      json_builder_add_string_value (b, row->waits[t]);
    else
      json_builder_add_null_value (b);
  json_builder_end_array (b);
  begin_list (b, "values");
  for (guint k = 0; k < view->cells->len; k++)
    json_builder_add_string_value (b, row->values[k]);
  json_builder_end_array (b);
}

static void
add_row (JsonBuilder *b, const MtView *view, const MtViewRow *row)
{
  static const gchar *const kinds[] = { "step", "clock", "wait", "fold" };
  static const gchar *const marks[] = { NULL, "stale", "erased", "taken" };
  const MtProgram *p = view->program;
  json_builder_begin_object (b);
  add_text (b, "kind", kinds[row->kind]);
  if (row->kind == MT_ROW_FOLD)
    add_number (b, "count", row->count);
  else
    add_number (b, "number", row->number);
  if (row->task >= 0)
    add_text (b, "task", view->tasks->pdata[row->task]);
  if (row->kind == MT_ROW_STEP)
    {
      add_number (b, "line", row->line);
      if (row->line >= 1 && row->line <= p->n_lines)
        add_text (b, "source", p->lines[row->line - 1]);
      add_text (b, "act", mt_act_name (row->act));
    }
  add_text (b, "action", row->action);
  add_text (b, "changes", row->changes);
  add_text (b, "output", row->output);
  add_text (b, "mark", marks[row->mark]);
  if (row->violating)
    {
      json_builder_set_member_name (b, "violating");
      json_builder_add_boolean_value (b, TRUE);
    }
  if (row->kind != MT_ROW_FOLD)
    add_number (b, "milliseconds", row->time);
  add_stand (b, view, row);
  json_builder_end_object (b);
}

static void
add_view (JsonBuilder *b, const MtView *view)
{
  add_text (b, "title", view->program->title);
  add_text (b, "verdict", view->verdict);
  add_text (b, "headline", view->headline);
  add_text (b, "explanation", view->explanation);
  add_number (b, "n_steps", view->n_steps);
  begin_list (b, "tasks");
  for (guint t = 0; t < view->tasks->len; t++)
    json_builder_add_string_value (b, view->tasks->pdata[t]);
  json_builder_end_array (b);
  begin_list (b, "cells");
  for (guint k = 0; k < view->cells->len; k++)
    json_builder_add_string_value (b, g_array_index (view->cells, MtViewCell, k).name);
  json_builder_end_array (b);
  json_builder_set_member_name (b, "start");
  json_builder_begin_object (b);
  add_number (b, "number", view->start->number);
  add_stand (b, view, view->start);
  json_builder_end_object (b);
  begin_list (b, "rows");
  for (guint i = 0; i < view->rows->len; i++)
    add_row (b, view, view->rows->pdata[i]);
  json_builder_end_array (b);
  begin_list (b, "happens_before");
  for (guint i = 0; i < view->links->len; i++)
    {
      const MtViewLink *link = &g_array_index (view->links, MtViewLink, i);
      json_builder_begin_object (b);
      add_number (b, "from", link->from);
      add_number (b, "to", link->to);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
  begin_list (b, "wait_cycle");
  for (guint i = 0; i < view->cycle->len; i++)
    {
      const MtViewWait *wait = &g_array_index (view->cycle, MtViewWait, i);
      json_builder_begin_object (b);
      add_text (b, "task", view->tasks->pdata[wait->task]);
      add_text (b, "waits_for", wait->what);
      add_text (b, "held_by", view->tasks->pdata[wait->holder]);
      add_number (b, "since", wait->since);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

/* The two accesses of a data race, each of which may come next. */
static void
add_racing (JsonBuilder *b, const MtView *view)
{
  begin_list (b, "racing");
  for (guint i = 0; i < 2 && view->racing[i] >= 0; i++)
    {
      json_builder_begin_object (b);
      add_text (b, "task", view->tasks->pdata[view->racing[i]]);
      add_text (b, "access", view->racing_text[i]);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_picture (JsonBuilder *b, const MtPicture *picture)
{
  add_text (b, "title", picture->title);
  begin_list (b, "boxes");
  for (guint i = 0; i < picture->boxes->len; i++)
    {
      const MtBox *box = &g_array_index (picture->boxes, MtBox, i);
      json_builder_begin_object (b);
      add_text (b, "id", box->id);
      add_text (b, "text", box->text);
      add_text (b, "tip", box->tip);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
  begin_list (b, "arrows");
  for (guint i = 0; i < picture->arrows->len; i++)
    {
      const MtArrow *arrow = &g_array_index (picture->arrows, MtArrow, i);
      json_builder_begin_object (b);
      add_text (b, "from", g_array_index (picture->boxes, MtBox, arrow->from).id);
      add_text (b, "to", g_array_index (picture->boxes, MtBox, arrow->to).id);
      add_text (b, "label", arrow->label);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

gchar *
mt_drawing_to_json (const MtDrawing *drawing, gboolean pretty)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_number (b, "mtsim-drawing", 1);
  if (drawing->view)
    {
      add_view (b, drawing->view);
      add_racing (b, drawing->view);
    }
  else
    add_picture (b, drawing->picture);
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  return json_to_string (root, pretty);
}

static gboolean
write_json (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options, (void)error;
  g_autofree gchar *text = mt_drawing_to_json (drawing, TRUE);
  g_string_append_printf (out, "%s\n", text);
  return TRUE;
}

const MtExportRow mt_export_json = { "json", "json", "for a program", MT_EXPORT_WHOLE, write_json };

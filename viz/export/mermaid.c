/* mermaid: a sequence diagram of the run; a flowchart of a graph. */
#include "viz/export.h"
#include "sim/diag.h"

/* Mermaid reads entity codes (#60;) where a character would mean something to it. */
static void
append_escaped (GString *out, const gchar *text)
{
  g_autofree gchar *clean = mt_view_clean (text);
  for (const gchar *at = clean; *at; at++)
    if (g_ascii_isalnum (*at) || (guchar)*at >= 0x80 || *at == ' ' || *at == '_' || *at == '.' || *at == '=' || *at == '+' || *at == '-' || *at == '(' || *at == ')')
      g_string_append_c (out, *at);
    else
      g_string_append_printf (out, "#%u;", (guchar)*at);
}

static void
append_lines (GString *out, const gchar *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_string_append (out, i ? "<br/>" : "");
      append_escaped (out, lines[i]);
    }
}

static void
write_sequence (const MtView *view, GString *out)
{
  g_string_append (out, "sequenceDiagram\n  title ");
  append_escaped (out, view->headline);
  g_string_append_c (out, '\n');
  for (guint t = 0; t < view->tasks->len; t++)
    {
      g_string_append_printf (out, "  participant t%u as ", t);
      append_escaped (out, view->tasks->pdata[t]);
      g_string_append_c (out, '\n');
    }
  for (guint i = 0; i < view->rows->len; i++)
    {
      const MtViewRow *row = view->rows->pdata[i];
      gboolean all = row->task < 0 || row->kind == MT_ROW_FOLD;
      for (guint k = 0; k < view->links->len && row->kind == MT_ROW_STEP; k++)
        {
          const MtViewLink *link = &g_array_index (view->links, MtViewLink, k);
          for (guint j = 0; link->to == row->number && j < i; j++)
            {
              const MtViewRow *from = view->rows->pdata[j];
              if (from->kind == MT_ROW_STEP && from->number == link->from)
                g_string_append_printf (out, "  t%d-->>t%d: happens before\n", from->task, row->task);
            }
        }
      if (all)
        g_string_append_printf (out, "  Note over t0,t%u: ", view->tasks->len - 1);
      else
        g_string_append_printf (out, "  Note over t%d: ", row->task);
      if (row->kind == MT_ROW_STEP)
        g_string_append_printf (out, "%u ", row->number);
      append_escaped (out, row->action);
      static const gchar *const marks[] = { "", " (stale)", " (erased)", " (held for ever)" };
      g_string_append_printf (out, "%s\n", marks[row->mark]);
    }
  for (guint i = 0; i < view->cycle->len; i++)
    {
      const MtViewWait *wait = &g_array_index (view->cycle, MtViewWait, i);
      g_string_append_printf (out, "  t%u-xt%u: waits for ", wait->task, wait->holder);
      append_escaped (out, wait->what);
      g_string_append_c (out, '\n');
    }
}

static void
write_flowchart (const MtPicture *picture, GString *out)
{
  g_string_append_printf (out, "flowchart %s\n", picture->sideways ? "LR" : "TD");
  for (guint i = 0; i < picture->boxes->len; i++)
    {
      g_string_append_printf (out, "  n%u[\"", i);
      append_lines (out, g_array_index (picture->boxes, MtBox, i).text);
      g_string_append (out, "\"]\n");
    }
  for (guint i = 0; i < picture->arrows->len; i++)
    {
      const MtArrow *arrow = &g_array_index (picture->arrows, MtArrow, i);
      g_string_append_printf (out, "  n%u -->", arrow->from);
      if (arrow->label && *arrow->label)
        {
          g_string_append (out, "|\"");
          append_escaped (out, arrow->label);
          g_string_append (out, "\"|");
        }
      g_string_append_printf (out, " n%u\n", arrow->to);
    }
}

static gboolean
write_mermaid (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  if (drawing->view)
    write_sequence (drawing->view, out);
  else if (drawing->picture->width == 0)
    write_flowchart (drawing->picture, out);
  else
    g_set_error (error, MT_ERROR, MT_ERROR_FILE, "mermaid draws a run and graphs, but places nothing: for this there is svg");
  return drawing->view || drawing->picture->width == 0;
}

const MtExportRow mt_export_mermaid = { "mermaid", "mmd", "for Markdown pages that draw Mermaid", 0, write_mermaid };

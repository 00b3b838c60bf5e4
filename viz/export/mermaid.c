/* mermaid: a sequence diagram of the run; a flowchart of any other picture. */
#include "viz/export.h"

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
      append_escaped (out, g_array_index (picture->boxes, MtBox, i).text);
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
  (void)options, (void)error;
  if (drawing->view)
    write_sequence (drawing->view, out);
  else
    write_flowchart (drawing->picture, out);
  return TRUE;
}

const MtExportRow mt_export_mermaid = { "mermaid", "mmd", "for Markdown pages that draw Mermaid", 0, write_mermaid };

/* shiviz: a log with vector clocks, for ShiViz (Beschastnikh and others 2016). Two lines an event; the
 * parser's expression is in the first line:  (?<host>\S*) (?<clock>{.*})\n(?<event>.*) */
#include "viz/export.h"

/* A host's name in ShiViz has no spaces. */
static gchar *
host_name (const gchar *task)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (; *task; task = g_utf8_next_char (task))
    {
      gunichar c = g_utf8_get_char (task);
      g_string_append_unichar (out, g_unichar_isspace (c) || c == '"' || c == '\\' ? '_' : c);
    }
  return g_strdup (out->str);
}

static void
write_event (const MtView *view, const MtViewRow *row, const guint *clock, gchar **hosts, GString *out)
{
  gboolean first = TRUE;
  g_string_append_printf (out, "%s {", hosts[row->task]);
  for (guint t = 0; t < view->tasks->len; t++)
    if (clock[t])
      {
        g_string_append_printf (out, "%s\"%s\":%u", first ? "" : ",", hosts[t], clock[t]);
        first = FALSE;
      }
  g_autofree gchar *action = mt_view_clean (row->action);
  g_string_append_printf (out, "}\n%u: %s\n", row->number, action);
}

static gboolean
write_shiviz (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options, (void)error;
  const MtView *view = drawing->view;
  guint n = view->tasks->len;
  g_auto (GStrv) hosts = g_new0 (gchar *, n + 1);
  g_autofree guint *clocks = g_new0 (guint, (gsize)n * n + 1); /* each task's */
  g_autofree guint *kept = g_new0 (guint, (gsize)n * view->rows->len + 1); /* each row's: what its arrows bring */
  for (guint t = 0; t < n; t++)
    hosts[t] = host_name (view->tasks->pdata[t]);
  g_string_append (out, "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n\n");
  for (guint i = 0; i < view->rows->len; i++)
    {
      const MtViewRow *row = view->rows->pdata[i];
      if (row->kind != MT_ROW_STEP)
        continue;
      guint *clock = clocks + (gsize)row->task * n;
      for (guint k = 0; k < view->links->len; k++)
        {
          const MtViewLink *link = &g_array_index (view->links, MtViewLink, k);
          for (guint j = 0; link->to == row->number && j < i; j++)
            for (guint t = 0; ((MtViewRow *)view->rows->pdata[j])->number == link->from && t < n; t++)
              clock[t] = MAX (clock[t], kept[(gsize)j * n + t]);
        }
      clock[row->task]++;
      for (guint t = 0; t < n; t++)
        kept[(gsize)i * n + t] = clock[t];
      write_event (view, row, clock, hosts, out);
    }
  return TRUE;
}

const MtExportRow mt_export_shiviz = { "shiviz", "log", "for ShiViz: a log with vector clocks", MT_EXPORT_OF_RUN | MT_EXPORT_WHOLE, write_shiviz };

/* The parts of a report, each printed by one function. */
#include "cli/report.h"
#include "sim/diag.h"
#include "sim/explain.h"
#include "viz/export.h"
#include <string.h>

#define MAX_SHOWN 5000 /* steps of a run that is shown whole, folded */
#define AROUND 20 /* steps shown before the violation of a longer one */
#define MAX_LINES 30 /* of output */
#define TEXT_WIDTH 80 /* of sentences, where there is no narrower terminal */

gboolean
mt_report_window (MtReportOptions *options)
{
  if (!options->steps)
    return TRUE;
  gchar **ends = g_strsplit (options->steps, "-", 2);
  guint64 from = 0, to = 0;
  gboolean good = (!*ends[0] || g_ascii_string_to_unsigned (ends[0], 10, 0, G_MAXUINT, &from, NULL))
                  && (!ends[1] || !*ends[1] || g_ascii_string_to_unsigned (ends[1], 10, 1, G_MAXUINT, &to, NULL));
  if (good && !ends[1])
    to = from;
  g_strfreev (ends);
  options->view.from = (guint)from;
  options->view.to = (guint)to;
  if (!good || (to && from > to))
    mt_complain (MT_EXIT_USAGE, "--steps %s: A-B expected, the numbers of the first and last step", options->steps);
  return good && !(to && from > to);
}

void
mt_report_trace (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, const MtReportOptions *options)
{
  MtViewOptions view_options = options->view;
  view_options.full = options->full;
  if (n > MAX_SHOWN && !options->full && !options->steps)
    {
      if (!violation || violation->step == 0)
        {
          g_print ("%u steps are too many to show: --steps 1-50 shows the first fifty.\n", n);
          return;
        }
      view_options.from = violation->step > AROUND ? violation->step - AROUND : 1;
      view_options.to = violation->step;
      if (view_options.from > 1)
        g_print ("Steps 1 to %u are not shown: --steps 1-%u shows them.\n", view_options.from - 1, MIN (view_options.from - 1, 50));
    }
  g_autoptr (MtView) view = mt_view_new (program, choices, n, violation, &view_options);
  g_autoptr (GString) out = g_string_new (NULL);
  const MtExportOptions format = { mt_terminal_width (), mt_colour_wanted () };
  const MtDrawing drawing = { .view = view };
  if (view->rows->len)
    mt_export_find ("text")->write (&drawing, &format, out, NULL);
  else
    g_string_append_printf (out, "No step to show: the run has %u.\n", n);
  /* a deadlock's explanation says it again, and more */
  gboolean told = violation && violation->kind == MT_FAIL_DEADLOCK && (!violation->cycle || violation->cycle->len >= view->waiting->len);
  for (guint i = 0; i < view->waiting->len && !told; i++)
    g_string_append_printf (out, "%s%s\n", i ? "           " : "at the end ", (const gchar *)view->waiting->pdata[i]);
  g_print ("%s", out->str);
}

void
mt_report_output (const GString *output, const MtReportOptions *options)
{
  if (output->len == 0)
    return;
  g_print ("\nprinted:\n");
  const gchar *at = output->str;
  guint lines = 0, hidden = 0;
  for (; *at; lines++)
    {
      gsize length = strcspn (at, "\n");
      if (lines < MAX_LINES || options->full)
        g_print ("  %.*s\n", (gint)length, at);
      else
        hidden++;
      at += length + (at[length] == '\n');
    }
  if (hidden)
    g_print ("  ... %u more lines (--full shows them)\n", hidden);
}

void
mt_report_refusal (const MtProgram *program, const MtWord *s, MtChoice wanted, GString *out)
{
  MtBlock block;
  const gchar *name = program->tasks[wanted.task].name;
  if (!mt_why_blocked (program, s, wanted.task, &block))
    g_string_append_printf (out, "%s can move, but not in way %u", name, wanted.alt);
  else
    {
      gboolean never = block.kind == MT_BLOCK_ENDED || block.kind == MT_BLOCK_UNSTARTED;
      g_string_append_printf (out, "%s can't move: it ", name);
      mt_block_print (program, s, wanted.task, out);
      if (wanted.alt && !never)
        g_string_append (out, wanted.alt == 1 ? ", and has not timed out" : "");
    }
}

void
mt_report_outcome (const MtProgram *program, const MtRunResult *result, GString *out)
{
  if (result->ended)
    mt_outcome_print (program, result->state, out);
  else
    g_string_append (out, result->cut ? "(not ended)" : "(deadlock)");
}

/* Sentences, one a line of @text, broken between words; what goes on is indented. */
static void
print_wrapped (const gchar *text)
{
  guint width = mt_terminal_width (), column = 0;
  width = width ? MIN (width, TEXT_WIDTH) : TEXT_WIDTH;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] && (*lines[i] || lines[i + 1]); i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      column = 0;
      for (guint k = 0; words[k]; k++)
        {
          guint word = mt_display_width (words[k]);
          gboolean fits = column + 1 + word <= width;
          g_print ("%s%s", k == 0 ? "" : fits ? " " : "\n  ", words[k]);
          column = k == 0 ? word : fits ? column + 1 + word : 2 + word;
        }
      g_print ("\n");
    }
}

void
mt_report_explanation (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation)
{
  if (!violation)
    return;
  g_autoptr (GString) out = g_string_new (NULL);
  mt_explain (program, choices, n, violation, out);
  g_print ("\n");
  print_wrapped (out->str);
}

gchar *
mt_verdict_text (const MtViolation *violation, const gchar *incomplete)
{
  if (!violation && incomplete)
    return g_strdup_printf ("%s(%s)", mt_verdict_token (MT_INCOMPLETE), incomplete);
  return g_strdup (mt_verdict_token (violation ? violation->kind : MT_PASS));
}

void
mt_report_verdict (const MtViolation *violation, const gchar *incomplete)
{
  g_autofree gchar *text = mt_verdict_text (violation, incomplete);
  g_print ("%s\n", text);
}

MtExit
mt_verdict_exit (const MtViolation *violation, const gchar *incomplete)
{
  return violation ? MT_EXIT_VIOLATED : incomplete ? MT_EXIT_INCOMPLETE : MT_EXIT_HOLDS;
}

/* text: one column per task, one row per step; the step's number and source line at the left, what
 * changed at the right. Aligned by display width, so that 中文 takes two cells a character. Where the
 * columns would not fit, the task's name stands before the action instead. */
#include "viz/export.h"
#include "sim/diag.h"
#include <string.h>

#define DEFAULT_WIDTH 80 /* aimed at where there is no terminal */
#define LIMIT_WIDTH 110 /* and the most that is used there before the columns are given up */
#define MIN_COLUMN 12
#define LEAST_COLUMN 8 /* an action may run over the empty columns at its right */
#define MAX_COLUMN 40
#define MAX_LINE 200 /* of an action that nothing follows */

typedef struct
{
  const MtView *view;
  const MtExportOptions *options;
  GString *out;
  guint *columns; /* width of each lane; 0: the lane has no row */
  gint number_width, line_width; /* of the two numbers at the left */
  gboolean narrow; /* no columns: "name: action" */
} Text;

static void
action_text (const MtViewRow *row, GString *out)
{
  if (row->kind == MT_ROW_WAIT)
    g_string_append_printf (out, "  (%s)", row->action);
  else if (row->output)
    {
      gsize length = strlen (row->output);
      while (length && (row->output[length - 1] == '\n' || row->output[length - 1] == '\r'))
        length--;
      g_string_append_printf (out, "print: %.*s", (gint)length, row->output);
    }
  else
    g_string_append (out, row->action);
}

static const gchar *const marks[] = { "", "  <- stale when used", "  <- erased", "  <- held for ever" };

static guint
digits (guint64 n)
{
  guint count = 1;
  while (n /= 10)
    count++;
  return count;
}

static guint
left_width (const Text *t)
{
  return 3 + (guint)t->number_width + 2 + (guint)t->line_width + 2;
}

static guint
columns_width (const Text *t)
{
  guint total = 0;
  for (guint i = 0; i < t->view->program->n_tasks; i++)
    total += t->columns[i] ? t->columns[i] + 2 : 0;
  return total;
}

static void
measure (Text *t)
{
  const MtProgram *p = t->view->program;
  guint tail = 0, number = 0, line = 0;
  for (guint i = 0; i < t->view->rows->len; i++)
    {
      const MtViewRow *row = t->view->rows->pdata[i];
      number = MAX (number, row->number);
      line = MAX (line, (guint)row->line);
      tail = MAX (tail, (row->changes ? mt_display_width (row->changes) + 2 : 0) + mt_display_width (marks[row->mark]));
      if (row->task < 0)
        continue;
      g_autoptr (GString) text = g_string_new (NULL);
      action_text (row, text);
      guint width = mt_display_width (text->str);
      /* what is long may be cut or run over into what is empty at its right */
      guint *column = &t->columns[row->task];
      *column = MAX (*column, CLAMP (width, MIN_COLUMN, row->kind == MT_ROW_STEP && !row->output ? MAX_COLUMN : MIN_COLUMN));
    }
  for (guint i = 0; i < p->n_tasks; i++)
    if (t->columns[i])
      t->columns[i] = MAX (t->columns[i], MIN (mt_display_width (p->tasks[i].name), MAX_COLUMN));
  t->number_width = (gint)MAX (digits (number), 3);
  t->line_width = (gint)MAX (digits (line), 4);
  guint used = left_width (t) + (tail > 2 ? tail - 2 : 0), wanted = t->options->width ? t->options->width : DEFAULT_WIDTH;
  for (guint limit = MAX_COLUMN; limit >= LEAST_COLUMN && used + columns_width (t) > wanted; limit--)
    for (guint i = 0; i < p->n_tasks; i++)
      t->columns[i] = MIN (t->columns[i], MAX (limit, MIN (mt_display_width (p->tasks[i].name), MAX_COLUMN)));
  t->narrow = left_width (t) + columns_width (t) > (t->options->width ? t->options->width : LIMIT_WIDTH);
}

static void
colour (Text *t, const gchar *code)
{
  if (t->options->colour)
    g_string_append_printf (t->out, "\033[%sm", code);
}

static void
trim (GString *out)
{
  while (out->len && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
}

static void
write_header (Text *t)
{
  const MtProgram *p = t->view->program;
  g_string_append_printf (t->out, "%*s  %*s  ", t->number_width + 3, "step", t->line_width, "line");
  for (guint i = 0; i < p->n_tasks && !t->narrow; i++)
    if (t->columns[i])
      {
        mt_view_append (t->out, p->tasks[i].name, t->columns[i]);
        g_string_append (t->out, "  ");
      }
  if (t->narrow)
    g_string_append (t->out, "task: what it does");
  trim (t->out);
  g_string_append_c (t->out, '\n');
}

static void
write_lanes (Text *t, const MtViewRow *row, const gchar *action)
{
  const MtProgram *p = t->view->program;
  guint before = 0, room = 0;
  for (guint i = 0; i < p->n_tasks; i++)
    {
      if ((gint)i < row->task)
        before += t->columns[i] ? t->columns[i] + 2 : 0;
      else if ((gint)i > row->task)
        room += t->columns[i] ? t->columns[i] + 2 : 0;
    }
  for (guint i = 0; i < before; i++)
    g_string_append_c (t->out, ' ');
  /* a row has one action: it may use the empty columns to its right, and run over where nothing follows */
  guint width = mt_display_width (action), cell = t->columns[row->task] + room;
  mt_view_append (t->out, action, row->changes ? cell : MAX (cell, MIN (width, MAX_LINE)));
}

static void
write_row (Text *t, const MtViewRow *row)
{
  g_autoptr (GString) action = g_string_new (NULL);
  action_text (row, action);
  gboolean step = row->kind == MT_ROW_STEP;
  if (row->violating)
    colour (t, "1;31");
  else if (!step)
    colour (t, "2");
  g_string_append (t->out, row->violating ? ">>>" : row->switched ? " > " : "   ");
  if (step)
    g_string_append_printf (t->out, "%*u  %*d  ", t->number_width, row->number, t->line_width, row->line);
  else
    g_string_append_printf (t->out, "%*s", t->number_width + t->line_width + 4, "");
  if (row->kind == MT_ROW_CLOCK || row->task < 0)
    g_string_append_printf (t->out, row->kind == MT_ROW_CLOCK ? "-- %s --" : "%s", action->str);
  else if (t->narrow)
    g_string_append_printf (t->out, "%s: %s", t->view->program->tasks[row->task].name, action->str);
  else
    write_lanes (t, row, action->str);
  if (row->changes && !(row->mark == MT_MARK_NONE && row->kind != MT_ROW_STEP))
    g_string_append_printf (t->out, "  %s", row->changes);
  g_string_append (t->out, marks[row->mark]);
  trim (t->out);
  if (row->violating || !step)
    colour (t, "0");
  g_string_append_c (t->out, '\n');
}

static gboolean
write_text (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)error;
  const MtView *view = drawing->view;
  g_autofree guint *columns = g_new0 (guint, view->program->n_tasks + 1);
  Text t = { .view = view, .options = options, .out = out, .columns = columns };
  measure (&t);
  write_header (&t);
  for (guint i = 0; i < view->rows->len; i++)
    write_row (&t, view->rows->pdata[i]);
  return TRUE;
}

const MtExportRow mt_export_text = { "text", "txt", "columns of text, for a terminal", MT_EXPORT_OF_RUN, write_text };

/* The screen of a game: source, values, what can be chosen, and what was said. Fits into 80 x 24, gives up what
 * does not fit, and says so. */
#include "cli/play.h"
#include <string.h>

#define LEAST_PANE 25 /* columns of one task's source */
#define NAME_WIDTH 16

GArray *
mt_items_new (const MtGame *game)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (MtItem));
  guint next = 0;
  if (game->n_choices && game->choices[0].task == MT_CLOCK)
    {
      MtItem item = { 0, -1 };
      g_array_append_val (items, item);
      next = 1;
    }
  for (guint t = 0; t < game->program->n_tasks; t++)
    {
      MtItem item = { -1, (gint)t };
      gboolean moves = next < game->n_choices && game->choices[next].task == t;
      for (; next < game->n_choices && game->choices[next].task == t; next++)
        {
          item.choice = (gint)next;
          g_array_append_val (items, item);
        }
      if (!moves)
        g_array_append_val (items, item);
    }
  return items;
}

/* The instruction before which @task stands; FALSE: it has not begun, or has ended. */
static gboolean
stands (const MtGame *game, guint task, guint *pc)
{
  *pc = (guint)game->run.state[game->program->tasks[task].base + MT_TASK_PC];
  return *pc >= MT_N_RESTS;
}

/* Where @task stands, or is declared, in the source; lines count from 1. */
static guint
line_of (const MtGame *game, guint task)
{
  const MtProgram *program = game->program;
  guint pc;
  gint line = stands (game, task, &pc) ? program->sites[program->code[pc].site].mark.line : program->tasks[task].mark.line;
  return (guint)MAX (line, 1);
}

/* "read g_num", "lock: mutexA", "has ended". Caller frees. */
static gchar *
next_step (const MtGame *game, guint task)
{
  guint pc;
  if (!stands (game, task, &pc))
    return g_strdup ("");
  gchar *access = mt_view_access (game->program, pc);
  return access ? access : mt_view_clean (game->program->sites[game->program->code[pc].site].text);
}

static void
print_item (const MtGame *game, const MtItem *item, guint name_width, GString *out)
{
  const MtView *view = game->view;
  if (item->choice >= 0)
    g_string_append_printf (out, "%3d) ", item->choice + 1);
  else
    g_string_append (out, "     ");
  if (item->task < 0)
    {
      g_string_append (out, "time passes: nobody can move before");
      return;
    }
  g_autoptr (GString) name = g_string_new (NULL);
  if (item->choice >= 0)
    mt_choice_print (game->program, game->run.state, game->choices[item->choice], name); /* with its way: t1:timeout */
  else
    g_string_append (name, view->tasks->pdata[item->task]);
  g_autofree gchar *step = next_step (game, (guint)item->task);
  mt_view_append (out, name->str, MAX (name_width, MIN (mt_display_width (name->str), 2 * NAME_WIDTH)));
  if (*step)
    g_string_append_printf (out, " %4u  %s", line_of (game, (guint)item->task), step);
  if (item->choice < 0)
    {
      const gchar *why = view->end->waits[item->task];
      g_string_append_printf (out, "%s(%s)", *step ? "  " : "       ", why ? why : mt_lane_state_name (view->end->lanes[item->task]));
    }
}

static guint
name_width_of (const MtGame *game)
{
  guint width = 4;
  for (guint t = 0; t < game->program->n_tasks; t++)
    width = MAX (width, mt_display_width (game->view->tasks->pdata[t]));
  return MIN (width, NAME_WIDTH);
}

static void
append_line (GString *out, const gchar *line, guint width)
{
  g_autoptr (GString) cut = g_string_new (NULL);
  mt_view_append (cut, line, width);
  for (gsize n = cut->len; n && cut->str[n - 1] == ' '; n--)
    g_string_truncate (cut, n - 1);
  g_string_append_printf (out, "%s\n", cut->str);
}

/* Rows @from to @to - 1. */
static void
print_items (const MtGame *game, const GArray *items, guint from, guint to, gint selected, gboolean colour, guint width, GString *out)
{
  guint name_width = name_width_of (game);
  for (guint i = from; i < to; i++)
    {
      const MtItem *item = &g_array_index (items, MtItem, i);
      gboolean here = selected >= 0 && item->choice == selected;
      g_autoptr (GString) line = g_string_new (NULL);
      print_item (game, item, name_width, line);
      if (here)
        line->str[0] = '>';
      g_string_append (out, here && colour ? "\033[7m" : "");
      append_line (out, line->str, width);
      if (here && colour)
        g_string_insert (out, (gssize)out->len - 1, "\033[m");
    }
}

void
mt_items_print (const MtGame *game, const GArray *items, guint width, GString *out)
{
  print_items (game, items, 0, items->len, -1, FALSE, width, out);
}

/* "g_num=3  mutexA=held by work1", over as many lines as allowed. */
void
mt_values_print (const MtGame *game, guint width, guint max_lines, GString *out)
{
  const MtView *view = game->view;
  g_autoptr (GString) line = g_string_new (NULL);
  guint lines = 1;
  for (guint i = 0; i < view->cells->len; i++)
    {
      const MtViewCell *cell = &g_array_index (view->cells, MtViewCell, i);
      g_autofree gchar *name = mt_view_clean (cell->name), *text = g_strdup_printf ("%s %s", name, view->end->values[i]);
      guint used = mt_display_width (line->str), more = view->cells->len - i;
      gboolean fits = used == 0 || used + 3 + mt_display_width (text) <= width - (lines == max_lines && more > 1 ? 12 : 0);
      if (!fits && lines == max_lines)
        {
          g_string_append_printf (line, "   … %u more", more);
          break;
        }
      if (!fits)
        {
          append_line (out, line->str, width);
          g_string_truncate (line, 0);
          lines++;
        }
      g_string_append_printf (line, "%s%s", line->len ? "   " : "", text);
    }
  if (line->len)
    append_line (out, line->str, width);
}

/* Source. */

static guint
indent_of (const gchar *line)
{
  return (guint)strspn (line, " ");
}

/* Line @row of the pane of @task: the name, then the source around where it stands, without the indentation that
 * all of it has. */
static void
pane_line (const MtGame *game, guint task, guint row, guint height, GString *out)
{
  const MtProgram *program = game->program;
  guint line = line_of (game, task), shown = height - 1, before = shown / 2, indent = G_MAXUINT;
  guint first = line > before ? line - before : 1;
  if (first + shown > program->n_lines + 1)
    first = program->n_lines + 1 > shown ? program->n_lines + 1 - shown : 1;
  if (row == 0)
    {
      g_string_append_printf (out, "%s (%s)", (const gchar *)game->view->tasks->pdata[task], mt_lane_state_name (game->view->end->lanes[task]));
      return;
    }
  for (guint i = first; i < first + shown && i <= program->n_lines; i++)
    if (program->lines[i - 1][indent_of (program->lines[i - 1])])
      indent = MIN (indent, indent_of (program->lines[i - 1]));
  guint at = first + row - 1;
  if (at > program->n_lines)
    return;
  const gchar *text = program->lines[at - 1];
  g_autofree gchar *clean = mt_view_clean (text + MIN (indent, strlen (text)));
  g_string_append_printf (out, "%c%3u %s", at == line ? '>' : ' ', at, clean);
}

void
mt_source_print (const MtGame *game, gint task, guint width, guint height, GString *out)
{
  guint n_tasks = game->program->n_tasks, panes = CLAMP (width / LEAST_PANE, 1, n_tasks), pane = width / panes;
  guint middle = (guint)MAX (task, 0), first = middle > panes / 2 ? MIN (middle - panes / 2, n_tasks - panes) : 0;
  for (guint row = 0; row < height; row++)
    {
      g_autoptr (GString) line = g_string_new (NULL);
      for (guint i = 0; i < panes; i++)
        {
          g_autoptr (GString) text = g_string_new (NULL);
          pane_line (game, first + i, row, height, text);
          mt_view_append (line, text->str, pane - 1);
          g_string_append_c (line, i + 1 < panes ? (row ? '|' : ' ') : ' ');
        }
      append_line (out, line->str, width);
    }
}

/* The whole. */

static guint
count_lines (const gchar *text)
{
  guint n = 0;
  for (; *text; text++)
    n += *text == '\n';
  return n;
}

/* @text broken between words into lines of @width cells. */
static void
wrap (const gchar *text, guint width, GString *out)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] && (*lines[i] || lines[i + 1]); i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      g_autoptr (GString) line = g_string_new (NULL);
      for (guint k = 0; words[k]; k++)
        {
          if (line->len && mt_display_width (line->str) + 1 + mt_display_width (words[k]) > width)
            {
              append_line (out, line->str, width);
              g_string_assign (line, " ");
            }
          g_string_append_printf (line, "%s%s", k ? " " : "", words[k]);
        }
      append_line (out, line->str, width);
    }
}

/* The first @n lines of @text, the last of them saying what is left out. */
static void
limit_lines (GString *text, guint n)
{
  guint lines = count_lines (text->str);
  if (lines <= n)
    return;
  gchar *at = text->str;
  for (guint i = 0; i + 1 < n; i++)
    at = strchr (at, '\n') + 1;
  g_string_truncate (text, (gsize)(at - text->str));
  g_string_append_printf (text, "… %u lines more\n", lines - n + 1);
}

static void
heading (const MtScreen *screen, const MtGame *game, GString *out)
{
  g_autofree gchar *title = mt_view_clean (game->program->title);
  g_autofree gchar *where = g_strdup_printf ("  step %" G_GUINT64_FORMAT ", switches %" G_GUINT64_FORMAT, game->run.steps, game->run.switches);
  g_autoptr (GString) line = g_string_new (NULL);
  guint right = MIN (mt_display_width (where), screen->width / 2);
  mt_view_append (line, title, screen->width - right);
  g_string_append (line, where);
  append_line (out, line->str, screen->width);
}

static void
rule (const MtScreen *screen, GString *out)
{
  for (guint i = 0; i < screen->width; i++)
    g_string_append_c (out, '-');
  g_string_append_c (out, '\n');
}

/* The part of the list that fits into @room lines, with the selected one. */
static void
draw_items (const MtScreen *screen, const MtGame *game, const GArray *items, guint room, GString *out)
{
  guint at = 0, from = 0, n = items->len;
  for (guint i = 0; i < n; i++)
    if (screen->selected >= 0 && g_array_index (items, MtItem, i).choice == screen->selected)
      at = i;
  if (n <= room)
    {
      print_items (game, items, 0, n, screen->selected, screen->colour, screen->width, out);
      return;
    }
  guint shown = room - 1;
  from = MIN (at > shown / 2 ? at - shown / 2 : 0, n - shown);
  print_items (game, items, from, from + shown, screen->selected, screen->colour, screen->width, out);
  g_string_append_printf (out, "     … %u above, %u below\n", from, n - from - shown);
}

void
mt_screen_draw (const MtScreen *screen, const MtGame *game, GString *out)
{
  g_autoptr (GArray) items = mt_items_new (game);
  g_autoptr (GString) message = g_string_new (NULL), values = g_string_new (NULL), page = g_string_new (NULL);
  guint height = screen->height;
  wrap (screen->message, screen->width, message);
  limit_lines (message, MAX (height / 3, 2));
  mt_values_print (game, screen->width, height < 20 ? 1 : 2, values);
  guint fixed = 4 + count_lines (message->str) + count_lines (values->str); /* heading, two rules, keys */
  guint room = height > fixed + 2 ? height - fixed : 2, list = CLAMP (items->len, 1, MAX (room / 2, 2));
  guint source = room > list ? room - list : 0;
  heading (screen, game, page);
  rule (screen, page);
  if (source >= 2)
    {
      gint task = screen->selected >= 0 && game->choices[screen->selected].task != MT_CLOCK ? game->choices[screen->selected].task : 0;
      mt_source_print (game, task, screen->width, source, page);
    }
  g_string_append (page, values->str);
  rule (screen, page);
  draw_items (screen, game, items, list, page);
  g_string_append (page, message->str);
  while (count_lines (page->str) + 1 < height)
    g_string_append_c (page, '\n');
  limit_lines (page, height - 1);
  g_autoptr (GString) last = g_string_new (NULL);
  append_line (last, screen->prompt ? screen->prompt : screen->keys, screen->width - 1);
  g_string_append (page, last->str);
  g_auto (GStrv) lines = g_strsplit (page->str, "\n", (gint)height + 1);
  for (guint i = 0; i < height && lines[i]; i++)
    g_string_append_printf (out, "%s%s\033[K", i ? "\r\n" : "", lines[i]);
}

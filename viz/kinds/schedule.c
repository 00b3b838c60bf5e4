/* schedule: a lane for each task, time downward, one row a step; the values at the right. Made for a
 * slide: 16:9, words of 18 points and more. */
#include "viz/kind.h"
#include <string.h>

#define WIDTH 1280.0
#define HEIGHT 720.0
#define MARGIN 24.0
#define SIZE 18.0 /* of words */
#define GAP 46.0 /* between lanes: room for arrows */
#define BAR 14.0 /* width of a lane's bar */
#define BAR_X 17.0 /* of its middle, from the lane's left */
#define HEADER 38.0
#define START 22.0 /* before the first step */
#define MIN_PITCH 34.0
#define MAX_PITCH 46.0
#define MIN_LANE 160.0
#define GOOD_LANE 215.0
#define MAX_LANE 330.0
#define MAX_STRIP 400.0
#define MAX_CELL 150.0
#define APART 6.0 /* arrows leave a box below its middle and arrive above it */
#define LEVEL 46.0 /* between the arrows of a wait-for cycle */

typedef struct
{
  gdouble from, to; /* y */
  guint gap, track;
} Run;

typedef enum
{
  LEGEND_READ,
  LEGEND_WRITE,
  LEGEND_TAKE,
  LEGEND_GIVE,
  LEGEND_RUNNING,
  LEGEND_READY,
  LEGEND_BLOCKED,
  LEGEND_SLEEPING,
  LEGEND_ENDED,
  LEGEND_FAILED,
  LEGEND_HAPPENS,
  LEGEND_WINDOW,
  LEGEND_STALE,
  LEGEND_CYCLE,
  N_LEGENDS,
} Legend;

static const gchar *const legends[] = { "read", "write", "take", "give back", "runs", "ready", "blocked", "sleeps", "ended", "failed",
                                        "happens before", "window", "stale value used", "waits for" };
G_STATIC_ASSERT (G_N_ELEMENTS (legends) == N_LEGENDS);

typedef struct
{
  const MtView *view;
  MtPicture *picture;
  guint n_lanes, n_rows;
  gdouble left, gutter, lane_width, pitch, top, start_y, end_height, bottom;
  GArray *cells; /* guint: of the view's, in the strip */
  guint more_cells; /* that had no room */
  gdouble strip, *cell_width;
  GArray *runs; /* Run: of arrows along the gaps */
  gboolean legend[N_LEGENDS];
  gboolean ends; /* the last row is the last step, and something is left to tell after it */
} Layout;

/* Places. */

static gdouble
lane_left (const Layout *l, guint lane)
{
  return l->left + l->gutter + lane * (l->lane_width + GAP);
}

static gdouble
lane_right (const Layout *l, guint lane)
{
  return lane_left (l, lane) + l->lane_width;
}

static gdouble
bar_middle (const Layout *l, guint lane)
{
  return lane_left (l, lane) + BAR_X;
}

static gdouble
row_top (const Layout *l, guint row)
{
  return l->top + row * l->pitch;
}

static gdouble
row_middle (const Layout *l, guint row)
{
  return row_top (l, row) + l->pitch / 2;
}

static gdouble
strip_left (const Layout *l)
{
  return lane_left (l, l->n_lanes);
}

static const MtViewRow *
row_at (const Layout *l, guint row)
{
  return l->view->rows->pdata[row];
}

/* Row of step @number, or -1. */
static gint
row_of (const Layout *l, guint number)
{
  for (guint i = 0; number && i < l->n_rows; i++)
    if (row_at (l, i)->kind == MT_ROW_STEP && row_at (l, i)->number == number)
      return (gint)i;
  return -1;
}

/* A free track for a line along @gap from @y1 to @y2: its x. */
static gdouble
track (Layout *l, guint gap, gdouble y1, gdouble y2)
{
  Run run = { MIN (y1, y2) - 4, MAX (y1, y2) + 4, gap, 0 };
  for (guint i = 0; i < l->runs->len; i++)
    {
      const Run *other = &g_array_index (l->runs, Run, i);
      if (other->gap == gap && other->track == run.track && other->from < run.to && run.from < other->to)
        {
          run.track++;
          i = (guint)-1; /* look at all again */
        }
    }
  g_array_append_val (l->runs, run);
  return lane_right (l, gap) + 14 + 9 * (run.track % 3);
}

/* The strip of values. */

static void
measure_strip (Layout *l)
{
  const MtView *v = l->view;
  l->cell_width = g_new0 (gdouble, v->cells->len + 1);
  for (guint k = 0; k < v->cells->len; k++)
    {
      const MtViewCell *cell = &g_array_index (v->cells, MtViewCell, k);
      gdouble width = MAX (mt_text_width (cell->name, SIZE, TRUE), mt_text_width (cell->initial, SIZE, FALSE));
      if (!cell->used)
        continue;
      for (guint i = 0; i < l->n_rows; i++)
        if (row_at (l, i)->values)
          width = MAX (width, mt_text_width (row_at (l, i)->values[k], SIZE, TRUE));
      if (v->erasing && cell->var >= 0)
        width = MAX (width, 60);
      width = MIN (width, MAX_CELL) + 22;
      if (l->strip + width > MAX_STRIP)
        {
          l->more_cells++;
          continue;
        }
      l->cell_width[l->cells->len] = width;
      g_array_append_val (l->cells, k);
      l->strip += width;
    }
  if (l->more_cells)
    l->strip += 60;
}

static void
draw_value (Layout *l, const MtViewRow *row, const gchar *before, const gchar *now, gdouble x, gdouble y, gdouble width, gboolean erased)
{
  g_autofree gchar *text = mt_text_fit (now, SIZE, TRUE, width - 16);
  if (!erased)
    {
      mt_picture_words (l->picture, text, MT_INK_TEXT, SIZE, 0, x, y)->style = MT_STYLE_BOLD;
      return;
    }
  g_autofree gchar *old = mt_text_fit (before, SIZE, FALSE, width / 2);
  gdouble w = mt_text_width (old, SIZE, FALSE), all = w + 12 + mt_text_width (text, SIZE, TRUE), at = x - all / 2;
  (void)row;
  mt_picture_words (l->picture, old, MT_INK_VERMILLION, SIZE, -1, at, y);
  mt_picture_line (l->picture, MT_INK_VERMILLION, 2.5, at - 4, y - 0.33 * SIZE, at + w + 4, y - 0.33 * SIZE);
  mt_picture_words (l->picture, text, MT_INK_TEXT, SIZE, -1, at + w + 12, y)->style = MT_STYLE_BOLD;
}

static void
draw_strip (Layout *l)
{
  const MtView *v = l->view;
  gdouble x = strip_left (l);
  for (guint c = 0; c < l->cells->len; c++)
    {
      guint k = g_array_index (l->cells, guint, c);
      const MtViewCell *cell = &g_array_index (v->cells, MtViewCell, k);
      gdouble width = l->cell_width[c], middle = x + width / 2, free_from = l->start_y + HEADER + START - 2;
      g_autofree gchar *name = mt_text_fit (cell->name, SIZE, TRUE, width - 12);
      g_autofree gchar *initial = mt_text_fit (cell->initial, SIZE, FALSE, width - 12);
      mt_picture_words (l->picture, name, MT_INK_TEXT, SIZE, 0, middle, l->start_y + 20)->style = MT_STYLE_BOLD;
      mt_picture_words (l->picture, initial, MT_INK_FAINT, SIZE, 0, middle, l->start_y + HEADER + 12);
      const gchar *last = cell->initial;
      for (guint i = 0; i < l->n_rows; i++)
        {
          const MtViewRow *row = row_at (l, i);
          gboolean erased = row->kind == MT_ROW_STEP && row->number == v->erasing && cell->var >= 0 && row->task >= 0 && row->act == MT_ACT_WRITE
                            && g_str_has_prefix (row->action, cell->name);
          if (!row->values || (row->values[k] == last && !erased))
            continue;
          gdouble y = row_middle (l, i);
          if (y - 14 > free_from + 4)
            mt_picture_line (l->picture, MT_INK_RULE, 1.2, middle, free_from, middle, y - 14);
          draw_value (l, row, last, row->values[k], middle, y + 6, width, erased);
          free_from = y + 12;
          last = row->values[k];
        }
      gdouble end = row_top (l, l->n_rows);
      if (end > free_from + 8)
        mt_picture_line (l->picture, MT_INK_RULE, 1.2, middle, free_from, middle, end);
      x += width;
    }
  if (l->more_cells)
    {
      g_autofree gchar *more = g_strdup_printf ("+ %u", l->more_cells);
      mt_picture_words (l->picture, more, MT_INK_FAINT, SIZE, -1, x + 8, l->start_y + 20);
    }
}

/* Lanes between the boxes. */

static void
hatch (MtPicture *picture, gdouble x, gdouble y1, gdouble y2)
{
  gdouble left = x - BAR / 2, right = x + BAR / 2;
  mt_picture_area (picture, MT_INK_PAPER, left, y1, BAR, y2 - y1);
  for (gdouble y = y1 - BAR; y < y2; y += 7)
    {
      gdouble cut_top = MAX (0, y1 - y), cut_bottom = MAX (0, y + BAR - y2);
      if (cut_top + cut_bottom < BAR)
        mt_picture_line (picture, MT_INK_VERMILLION, 2, left + cut_bottom, y + BAR - cut_bottom, right - cut_top, y + cut_top);
    }
  mt_picture_line (picture, MT_INK_VERMILLION, 1.5, left, y1, left, y2);
  mt_picture_line (picture, MT_INK_VERMILLION, 1.5, right, y1, right, y2);
  mt_picture_line (picture, MT_INK_VERMILLION, 1.5, left, y1, right, y1);
  mt_picture_line (picture, MT_INK_VERMILLION, 1.5, left, y2, right, y2);
}

static void
cross (MtPicture *picture, gdouble x, gdouble y)
{
  mt_picture_line (picture, MT_INK_VERMILLION, 4, x - 8, y - 8, x + 8, y + 8);
  mt_picture_line (picture, MT_INK_VERMILLION, 4, x - 8, y + 8, x + 8, y - 8);
}

static void
draw_state (Layout *l, MtLaneState state, gdouble x, gdouble y1, gdouble y2)
{
  MtPicture *p = l->picture;
  switch (state)
    {
    case MT_LANE_RUNNING:
      mt_picture_area (p, MT_INK_BLUE, x - BAR / 2, y1, BAR, y2 - y1);
      l->legend[LEGEND_RUNNING] = TRUE;
      break;
    case MT_LANE_READY:
      mt_picture_line (p, MT_INK_FAINT, 2, x, y1, x, y2);
      l->legend[LEGEND_READY] = TRUE;
      break;
    case MT_LANE_BLOCKED:
      hatch (p, x, y1 + 2, y2 - 2);
      l->legend[LEGEND_BLOCKED] = TRUE;
      break;
    case MT_LANE_SLEEPING:
      mt_picture_line (p, MT_INK_SKY, 4, x, y1 + 2, x, y2 - 2)->style = MT_STYLE_DOTTED;
      l->legend[LEGEND_SLEEPING] = TRUE;
      break;
    case MT_LANE_ENDED:
      mt_picture_line (p, MT_INK_TEXT, 4, x - 15, y1 + 2, x + 15, y1 + 2);
      l->legend[LEGEND_ENDED] = TRUE;
      break;
    case MT_LANE_FAILED:
      cross (p, x, y1 + 12);
      l->legend[LEGEND_FAILED] = TRUE;
      break;
    default:
      break; /* not started: nothing */
    }
}

/* Words beside a lane's bar, a line a row; without what stands behind the comma where there is no room for it. */
static void
draw_wait (Layout *l, const gchar *text, guint lane, gdouble y, guint lines, gdouble pitch)
{
  gdouble x = lane_left (l, lane) + BAR_X + BAR / 2 + 8, width = lane_right (l, lane) - x + 6;
  g_autofree gchar *whole = mt_text_wrap (text, SIZE, FALSE, width, lines);
  const gchar *comma = strstr (text, ", ");
  g_autofree gchar *first = comma ? g_strndup (text, (gsize)(comma - text)) : g_strdup (text);
  g_autofree gchar *part = strstr (whole, "\342\200\246") ? mt_text_wrap (first, SIZE, FALSE, width, lines) : g_strdup (whole);
  gchar **split = g_strsplit (part, "\n", -1);
  for (guint i = 0; split[i]; i++)
    mt_picture_words (l->picture, split[i], MT_INK_TEXT, SIZE, -1, x, y + i * pitch);
  g_strfreev (split);
}

/* The state of @lane in row @i: -1 before the first, n_rows after the last. */
static const MtViewRow *
stand (const Layout *l, gint i)
{
  const MtViewRow *row = i < 0 ? l->view->start : (guint)i < l->n_rows ? row_at (l, (guint)i) : l->view->end;
  /* in a fold the lanes stand as before it */
  for (; !row->lanes && i > 0; i--)
    row = row_at (l, (guint)i - 1);
  return row->lanes ? row : l->view->start;
}

static gboolean
in_cycle (const Layout *l, guint task)
{
  for (guint i = 0; i < l->view->cycle->len; i++)
    if (g_array_index (l->view->cycle, MtViewWait, i).task == task)
      return TRUE;
  return FALSE;
}

static void
draw_lane (Layout *l, guint lane)
{
  gint last = (gint)l->n_rows + (l->ends ? 1 : 0);
  for (gint i = -1; i < last;)
    {
      const MtViewRow *row = stand (l, i);
      MtLaneState state = row->lanes[lane];
      const gchar *wait = row->waits[lane];
      gboolean stays = state == MT_LANE_BLOCKED || state == MT_LANE_SLEEPING;
      gint to = i + 1;
      while (to < last && stand (l, to)->lanes[lane] == state && (!stays || stand (l, to)->waits[lane] == wait))
        to++;
      gdouble y1 = i < 0 ? l->start_y + HEADER : row_top (l, (guint)i);
      gdouble y2 = to > (gint)l->n_rows ? row_top (l, l->n_rows) + l->end_height : row_top (l, (guint)to);
      draw_state (l, state, bar_middle (l, lane), y1, y2);
      gint first = MAX (i, 0);
      gboolean only_end = first == (gint)l->n_rows;
      gboolean told = l->ends && to == last && in_cycle (l, lane); /* by the arrows of the cycle */
      /* where time passes or steps are folded, the row has words of its own */
      gboolean room = to > first && (only_end || row_at (l, (guint)first)->kind == MT_ROW_STEP);
      if (stays && wait && room && (!told || to - first > 2))
        draw_wait (l, wait, lane, only_end ? row_top (l, l->n_rows) + 24 : row_middle (l, (guint)first) + 6, only_end ? 3 : MIN (3, (guint)(MIN (to, (gint)l->n_rows) - first)),
                   only_end ? 22 : l->pitch);
      i = to;
    }
}

/* Steps. */

static gchar *
step_text (const MtViewRow *row)
{
  if (!row->output)
    return mt_view_clean (row->action);
  g_autofree gchar *output = g_strchomp (mt_view_clean (row->output));
  return g_strdup_printf ("print \"%s\"", output);
}

static gchar *
step_tip (const MtView *view, const MtViewRow *row, const gchar *text)
{
  g_autofree gchar *changes = row->changes ? mt_view_clean (row->changes) : NULL;
  return g_strdup_printf ("step %u, %s, line %u: %s%s%s", row->number, (const gchar *)view->tasks->pdata[row->task], row->line, text, changes ? "; " : "", changes ? changes : "");
}

/* A coloured end of a step's box that says what matters about it. Gives how wide it is. */
static gdouble
draw_tag (Layout *l, const MtViewRow *row, gdouble right, gdouble y, gdouble height)
{
  const gchar *text = row->number == l->view->stale ? "stale" : row->number == l->view->erased ? "erased" : row->number == l->view->erasing ? "erases" : row->act == MT_ACT_FAULT ? "fails" : NULL;
  if (!text)
    return 0;
  gdouble width = mt_text_width (text, SIZE, TRUE) + 16;
  g_autofree gchar *id = g_strdup_printf ("tag-%u", row->number);
  MtBox *tag = mt_picture_box (l->picture, id, text, right - width, y, width, height);
  tag->fill = tag->line = g_str_equal (text, "stale") ? MT_INK_ORANGE : MT_INK_VERMILLION;
  tag->ink = g_str_equal (text, "stale") ? MT_INK_TEXT : MT_INK_PAPER;
  tag->ink = l->picture->dark ? MT_INK_PAPER : tag->ink;
  tag->style = MT_STYLE_BOLD;
  return width;
}

/* A band at the left end: filled where something is taken, hollow where it is given back. */
static gdouble
draw_band (Layout *l, const MtViewRow *row, gdouble x, gdouble y, gdouble height)
{
  if (row->act != MT_ACT_TAKE && row->act != MT_ACT_GIVE)
    return 0;
  g_autofree gchar *id = g_strdup_printf ("band-%u", row->number);
  MtBox *band = mt_picture_box (l->picture, id, "", x, y, 12, height);
  band->fill = row->act == MT_ACT_TAKE ? MT_INK_GREEN : MT_INK_PAPER;
  band->line = MT_INK_GREEN;
  l->legend[row->act == MT_ACT_TAKE ? LEGEND_TAKE : LEGEND_GIVE] = TRUE;
  return 12;
}

static void
draw_step (Layout *l, guint i)
{
  const MtViewRow *row = row_at (l, i);
  gdouble x = lane_left (l, (guint)row->task), height = l->pitch - 9, y = row_middle (l, i) - height / 2;
  g_autofree gchar *id = g_strdup_printf ("step-%u", row->number), *whole = step_text (row), *tip = step_tip (l->view, row, whole);
  gdouble band = draw_band (l, row, x, y, height), tag = draw_tag (l, row, lane_right (l, (guint)row->task), y, height);
  gdouble width = l->lane_width - band - tag;
  g_autofree gchar *text = mt_text_fit (whole, SIZE, FALSE, width - 12);
  MtBox *box = mt_picture_box (l->picture, id, text, x + band, y, width, height);
  box->tip = g_steal_pointer (&tip);
  switch (row->act)
    {
    case MT_ACT_READ:
      box->line = MT_INK_BLUE;
      l->legend[LEGEND_READ] = TRUE;
      break;
    case MT_ACT_WRITE:
      box->fill = box->line = MT_INK_BLUE;
      box->ink = MT_INK_PAPER;
      l->legend[LEGEND_WRITE] = TRUE;
      break;
    case MT_ACT_TAKE:
    case MT_ACT_GIVE:
      box->line = MT_INK_GREEN;
      break;
    case MT_ACT_FAULT:
      box->line = MT_INK_VERMILLION;
      break;
    default:
      box->fill = MT_INK_PANEL;
    }
  if (row->mark == MT_MARK_STALE || row->mark == MT_MARK_ERASED)
    {
      box->line = row->mark == MT_MARK_STALE ? MT_INK_ORANGE : MT_INK_VERMILLION;
      box->pen = 3.5;
    }
  else if (row->mark == MT_MARK_TAKEN || row->violating)
    {
      box->line = MT_INK_VERMILLION;
      box->pen = 3.5;
    }
  g_autofree gchar *number = g_strdup_printf ("%u", row->number);
  MtShape *words = mt_picture_words (l->picture, number, row->violating ? MT_INK_VERMILLION : MT_INK_FAINT, SIZE, 1, l->left + l->gutter - 20, row_middle (l, i) + 6);
  words->style = row->violating ? MT_STYLE_BOLD : 0;
}

static void
draw_between (Layout *l, guint i)
{
  const MtViewRow *row = row_at (l, i);
  gdouble y = row_middle (l, i), x1 = lane_left (l, 0), x2 = lane_right (l, l->n_lanes - 1);
  g_autofree gchar *text = mt_view_clean (row->action);
  gboolean fold = row->kind == MT_ROW_FOLD;
  gdouble width = mt_text_width (text, SIZE, FALSE) + 28;
  g_autofree gchar *id = g_strdup_printf (fold ? "fold-%u" : "clock-%u", i);
  mt_picture_line (l->picture, MT_INK_FAINT, 1.2, x1, y, x2, y)->style = MT_STYLE_DASHED;
  MtBox *box = mt_picture_box (l->picture, id, text, (x1 + x2 - width) / 2, y - 14, width, 28);
  box->fill = MT_INK_PANEL;
  box->line = MT_INK_NONE;
  box->ink = MT_INK_FAINT;
  box->style = MT_STYLE_ROUND;
}

static void
draw_header (Layout *l, guint lane)
{
  const gchar *whole = l->view->tasks->pdata[lane];
  g_autofree gchar *id = g_strdup_printf ("task-%u", lane), *name = mt_text_fit (whole, SIZE, TRUE, l->lane_width - 16);
  MtBox *box = mt_picture_box (l->picture, id, name, lane_left (l, lane), l->start_y, l->lane_width, HEADER - 8);
  box->tip = g_strdup (whole);
  box->fill = MT_INK_PANEL;
  box->line = MT_INK_NONE;
  box->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
}

/* Arrows. */

static gint
box_of (const Layout *l, const gchar *prefix, guint number)
{
  g_autofree gchar *id = g_strdup_printf ("%s-%u", prefix, number);
  for (guint i = 0; i < l->picture->boxes->len; i++)
    if (g_str_equal (g_array_index (l->picture->boxes, MtBox, i).id, id))
      return (gint)i;
  return -1;
}

static void
draw_link (Layout *l, const MtViewLink *link)
{
  gint from_row = row_of (l, link->from), to_row = row_of (l, link->to);
  if (from_row < 0 || to_row < 0)
    return; /* one of them is in a fold */
  guint a = (guint)row_at (l, (guint)from_row)->task, b = (guint)row_at (l, (guint)to_row)->task;
  gboolean right = b > a;
  gdouble y1 = row_middle (l, (guint)from_row) + APART, y2 = row_middle (l, (guint)to_row) - APART, between = row_top (l, (guint)from_row + 1);
  gdouble x1 = right ? lane_right (l, a) : lane_left (l, a), x2 = right ? lane_left (l, b) : lane_right (l, b);
  guint first = right ? a : a - 1, second = right ? b - 1 : b;
  GArray *path = g_array_new (FALSE, FALSE, sizeof (gdouble));
  mt_point (path, x1, y1);
  if (first == second)
    {
      gdouble x = track (l, first, y1, y2);
      mt_point (path, x, y1);
      mt_point (path, x, y2);
    }
  else
    {
      gdouble x = track (l, first, y1, between), z = track (l, second, between, y2);
      mt_point (path, x, y1);
      mt_point (path, x, between);
      mt_point (path, z, between);
      mt_point (path, z, y2);
    }
  mt_point (path, x2, y2);
  MtArrow *arrow = mt_picture_arrow (l->picture, (guint)box_of (l, "step", link->from), (guint)box_of (l, "step", link->to), NULL);
  arrow->path = path;
  arrow->ink = MT_INK_GREEN;
  arrow->pen = 2;
  l->legend[LEGEND_HAPPENS] = TRUE;
}

/* The lost update: from the stale read to the write that used it; and its window at the step numbers. */
static void
draw_window (Layout *l)
{
  gint from = row_of (l, l->view->stale), to = row_of (l, l->view->erasing);
  if (from < 0 || to < 0)
    return;
  guint lane = (guint)row_at (l, (guint)from)->task;
  gdouble x = lane_right (l, lane), y1 = row_middle (l, (guint)from), y2 = row_middle (l, (guint)to) - APART, out = track (l, lane, y1, y2);
  MtArrow *arrow = mt_picture_arrow (l->picture, (guint)box_of (l, "step", l->view->stale), (guint)box_of (l, "step", l->view->erasing), NULL);
  arrow->path = g_array_new (FALSE, FALSE, sizeof (gdouble));
  mt_point (arrow->path, x, y1);
  mt_point (arrow->path, out, y1);
  mt_point (arrow->path, out, y2);
  mt_point (arrow->path, x, y2);
  arrow->ink = MT_INK_ORANGE;
  arrow->pen = 3;
  arrow->style = MT_STYLE_DASHED;
  gdouble bracket = l->left + l->gutter - 13, top = row_top (l, (guint)from) + 5, bottom = row_top (l, (guint)to + 1) - 5;
  mt_picture_line (l->picture, MT_INK_ORANGE, 3, bracket, top, bracket, bottom);
  mt_picture_line (l->picture, MT_INK_ORANGE, 3, bracket, top, bracket + 8, top);
  mt_picture_line (l->picture, MT_INK_ORANGE, 3, bracket, bottom, bracket + 8, bottom);
  l->legend[LEGEND_WINDOW] = l->legend[LEGEND_STALE] = TRUE;
}

/* The wait-for cycle, below the last step: from the lane that waits, by what it waits for, to who holds it. */
static void
draw_cycle (Layout *l)
{
  for (guint i = 0; i < l->view->cycle->len; i++)
    {
      const MtViewWait *wait = &g_array_index (l->view->cycle, MtViewWait, i);
      gdouble y = row_top (l, l->n_rows) + 34 + i * LEVEL;
      gdouble from = bar_middle (l, wait->task), to = bar_middle (l, wait->holder), side = to > from ? 1 : -1;
      gdouble room = to == from ? l->lane_width - 40 : ABS (to - from) - 90, middle = to == from ? from + 40 + room / 2 : (from + to) / 2;
      g_autofree gchar *id = g_strdup_printf ("wait-%u", i), *text = mt_text_fit (wait->what, SIZE, TRUE, room - 20);
      gdouble width = mt_text_width (text, SIZE, TRUE) + 28;
      MtBox *box = mt_picture_box (l->picture, id, text, middle - width / 2, y - 16, width, 32);
      box->line = MT_INK_VERMILLION;
      box->pen = 3;
      box->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
      box->tip = g_strdup_printf ("%s waits for %s, which %s holds", (const gchar *)l->view->tasks->pdata[wait->task], wait->what, (const gchar *)l->view->tasks->pdata[wait->holder]);
      guint number = l->picture->boxes->len - 1;
      const gdouble ends[2][2] = { { from + side * BAR / 2, middle - side * width / 2 }, { middle + side * width / 2, to - side * BAR / 2 } };
      for (guint k = 0; k < 2; k++)
        {
          MtArrow *arrow = mt_picture_arrow (l->picture, k ? number : (guint)box_of (l, "task", wait->task), k ? (guint)box_of (l, "task", wait->holder) : number, NULL);
          arrow->path = g_array_new (FALSE, FALSE, sizeof (gdouble));
          mt_point (arrow->path, ends[k][0], y);
          mt_point (arrow->path, ends[k][1], y);
          arrow->ink = MT_INK_VERMILLION;
          arrow->pen = 4;
        }
      l->legend[LEGEND_CYCLE] = TRUE;
    }
}

/* A data race: a zigzag between the two that are about to act. */
static void
draw_race (Layout *l)
{
  gint a = MIN (l->view->racing[0], l->view->racing[1]), b = MAX (l->view->racing[0], l->view->racing[1]);
  if (a < 0 || a == b)
    return;
  gdouble x1 = bar_middle (l, (guint)a) + 4, x2 = bar_middle (l, (guint)b) - 4, y = row_top (l, l->n_rows) + 40;
  guint teeth = (guint)((x2 - x1) / 14) | 1;
  MtShape *line = mt_picture_line (l->picture, MT_INK_VERMILLION, 3.5, x1, y, x1, y);
  g_array_set_size (line->points, 2);
  for (guint i = 1; i < teeth; i++)
    mt_point (line->points, x1 + (x2 - x1) * i / teeth, y + (i % 2 ? -9 : 9));
  mt_point (line->points, x2, y);
}

/* Title and legend. */

static gdouble
verdict_width (const Layout *l)
{
  return mt_text_width (l->view->verdict, SIZE, TRUE) + 32;
}

static gchar *
title_lines (const Layout *l, gdouble width)
{
  return mt_text_wrap (l->view->headline, 26, TRUE, width - 2 * MARGIN - verdict_width (l) - 20, 2);
}

/* How much the title takes. */
static gdouble
title_room (const Layout *l)
{
  g_autofree gchar *text = title_lines (l, l->picture->width);
  return MARGIN + 22 + (strchr (text, '\n') ? 64 : 32) + 27 - 8;
}

static gdouble
draw_title (Layout *l)
{
  const MtView *v = l->view;
  gboolean good = v->kind == MT_PASS;
  gdouble pill = verdict_width (l), right = l->picture->width - MARGIN;
  MtBox *box = mt_picture_box (l->picture, "verdict", v->verdict, right - pill, MARGIN - 4, pill, 34);
  box->fill = box->line = good ? MT_INK_GREEN : MT_INK_VERMILLION;
  box->ink = MT_INK_PAPER;
  box->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
  g_autofree gchar *text = title_lines (l, l->picture->width), *title = mt_view_clean (v->program->title);
  gchar **lines = g_strsplit (text, "\n", -1);
  gdouble y = MARGIN + 22;
  for (guint i = 0; lines[i]; i++, y += 32)
    mt_picture_words (l->picture, lines[i], MT_INK_TEXT, 26, -1, MARGIN, y)->style = MT_STYLE_BOLD;
  g_strfreev (lines);
  if (!g_str_equal (v->headline, title))
    {
      g_autofree gchar *below = mt_text_fit (title, SIZE, FALSE, right - MARGIN);
      mt_picture_words (l->picture, below, MT_INK_FAINT, SIZE, -1, MARGIN, y - 3);
      y += 27;
    }
  return y - 8;
}

static void
draw_sample (Layout *l, Legend what, gdouble x, gdouble y)
{
  MtPicture *p = l->picture;
  static const MtLaneState states[] = { [LEGEND_RUNNING] = MT_LANE_RUNNING, [LEGEND_READY] = MT_LANE_READY, [LEGEND_BLOCKED] = MT_LANE_BLOCKED,
                                        [LEGEND_SLEEPING] = MT_LANE_SLEEPING, [LEGEND_ENDED] = MT_LANE_ENDED, [LEGEND_FAILED] = MT_LANE_FAILED };
  if (what <= LEGEND_GIVE)
    {
      g_autofree gchar *id = g_strdup_printf ("legend-%u", what);
      MtBox *box = mt_picture_box (p, id, "", what >= LEGEND_TAKE ? x + 8 : x, y - 10, what >= LEGEND_TAKE ? 12 : 26, 20);
      box->line = what >= LEGEND_TAKE ? MT_INK_GREEN : MT_INK_BLUE;
      box->fill = what == LEGEND_WRITE ? MT_INK_BLUE : what == LEGEND_TAKE ? MT_INK_GREEN : MT_INK_PAPER;
    }
  else if (what <= LEGEND_FAILED)
    draw_state (l, states[what], x + 13, y - (what == LEGEND_ENDED ? 2 : 12), y + 12);
  else if (what == LEGEND_WINDOW)
    {
      mt_picture_line (p, MT_INK_ORANGE, 3, x + 8, y - 11, x + 8, y + 11);
      mt_picture_line (p, MT_INK_ORANGE, 3, x + 8, y - 11, x + 16, y - 11);
      mt_picture_line (p, MT_INK_ORANGE, 3, x + 8, y + 11, x + 16, y + 11);
    }
  else
    {
      MtInk ink = what == LEGEND_HAPPENS ? MT_INK_GREEN : what == LEGEND_STALE ? MT_INK_ORANGE : MT_INK_VERMILLION;
      MtShape *line = mt_picture_line (p, ink, what == LEGEND_CYCLE ? 4 : 2.5, x, y, x + 18, y);
      line->style = what == LEGEND_STALE ? MT_STYLE_DASHED : 0;
      MtShape *head = mt_picture_line (p, ink, 2.5, x + 17, y - 6, x + 26, y);
      mt_point (head->points, x + 17, y + 6);
    }
}

/* Draws it, or only says how many lines it takes. */
static guint
draw_legend (Layout *l, gdouble y, gboolean draw)
{
  gdouble x = MARGIN;
  guint lines = 1;
  gboolean wanted[N_LEGENDS];
  memcpy (wanted, l->legend, sizeof wanted);
  for (guint i = 0; i < N_LEGENDS; i++)
    {
      gdouble width = 34 + mt_text_width (legends[i], SIZE, FALSE) + 22;
      if (!wanted[i])
        continue;
      if (x + width - 22 > l->picture->width - MARGIN)
        {
          x = MARGIN;
          y += 28;
          lines++;
        }
      if (draw)
        {
          draw_sample (l, (Legend)i, x, y);
          mt_picture_words (l->picture, legends[i], MT_INK_FAINT, SIZE, -1, x + 34, y + 6);
        }
      x += width;
    }
  return lines;
}

/* Sizes: everything is decided before anything is drawn, but the title, which is above it all. */

static gdouble
end_room (const Layout *l)
{
  const MtView *v = l->view;
  if (v->cycle->len)
    return 20 + v->cycle->len * LEVEL;
  if (v->racing[0] >= 0)
    return 80;
  for (guint t = 0; t < l->n_lanes; t++)
    if (v->end->lanes[t] == MT_LANE_BLOCKED)
      return 78;
  return 22;
}

static void
measure (Layout *l)
{
  MtPicture *p = l->picture;
  g_autofree gchar *most = g_strdup_printf ("%u", l->view->n_steps);
  l->gutter = 30 + MAX (22, mt_text_width (most, SIZE, TRUE)); /* step numbers, and the bracket of a window */
  measure_strip (l);
  gdouble fixed = 2 * MARGIN + l->gutter + l->strip;
  const MtViewRow *last = l->n_rows ? row_at (l, l->n_rows - 1) : NULL;
  l->ends = !last || last->number == l->view->n_steps || last->kind == MT_ROW_FOLD;
  l->end_height = l->ends ? end_room (l) : 8;
  /* the smallest slide that it fits into: there the words are largest */
  static const gdouble slides[] = { 853, 960, 1120, WIDTH };
  gdouble around = 0, content = 0;
  for (guint i = 0; i < G_N_ELEMENTS (slides); i++)
    {
      gdouble lane = (slides[i] - fixed) / MAX (l->n_lanes, 1) - GAP;
      p->width = slides[i];
      p->height = slides[i] * HEIGHT / WIDTH;
      around = title_room (l) + 8 + HEADER + START + l->end_height + 28 + 2 * MARGIN;
      l->lane_width = CLAMP (lane, MIN_LANE, MAX_LANE);
      content = l->gutter + l->n_lanes * (l->lane_width + GAP) + l->strip;
      if (lane >= GOOD_LANE && around + l->n_rows * MAX_PITCH <= p->height)
        break;
    }
  l->pitch = CLAMP ((p->height - around) / MAX (l->n_rows, 1), MIN_PITCH, MAX_PITCH);
  p->width = MAX (p->width, content + 2 * MARGIN);
  p->height = MAX (p->height, around + l->n_rows * l->pitch);
  l->lane_width = CLAMP ((MAX (p->width, p->height * WIDTH / HEIGHT) - fixed) / MAX (l->n_lanes, 1) - GAP, l->lane_width, MAX_LANE);
  content = l->gutter + l->n_lanes * (l->lane_width + GAP) + l->strip;
  if (p->width * HEIGHT > p->height * WIDTH)
    p->height = p->width * HEIGHT / WIDTH;
  else
    p->width = p->height * WIDTH / HEIGHT;
  l->left = (p->width - content) / 2;
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtView *v = input->view;
  Layout l = { .view = v, .picture = mt_picture_new (v->headline), .n_lanes = v->tasks->len, .n_rows = v->rows->len };
  l.cells = g_array_new (FALSE, FALSE, sizeof (guint));
  l.runs = g_array_new (FALSE, FALSE, sizeof (Run));
  l.picture->dark = input->dark;
  measure (&l);
  l.start_y = draw_title (&l) + 8;
  l.top = l.start_y + HEADER + START;
  for (guint t = 0; t < l.n_lanes; t++)
    {
      draw_header (&l, t);
      draw_lane (&l, t);
    }
  for (guint i = 0; i < l.n_rows; i++)
    if (row_at (&l, i)->kind == MT_ROW_STEP)
      draw_step (&l, i);
    else
      draw_between (&l, i);
  draw_strip (&l);
  draw_window (&l);
  for (guint i = 0; i < v->links->len; i++)
    draw_link (&l, &g_array_index (v->links, MtViewLink, i));
  if (l.ends)
    {
      draw_cycle (&l);
      draw_race (&l);
    }
  guint lines = draw_legend (&l, 0, FALSE);
  draw_legend (&l, l.picture->height - MARGIN - 6 - 28.0 * (lines - 1), TRUE);
  g_array_unref (l.cells);
  g_array_unref (l.runs);
  g_free (l.cell_width);
  return l.picture;
}

const MtKindRow mt_kind_schedule = { "schedule", "a lane for each task, a row for each step", MT_NEEDS_RUN, draw };

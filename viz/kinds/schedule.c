/* schedule: a lane for each task, time along them, one row a step; the values beside. Made for a
 * slide: 16:9, words of 18 points and more for four lanes and twelve rows. Time goes downward, or
 * (--horizontal) from left to right; everything is placed by how far it is across the lanes and how
 * far along time, and only what has words asks which of them is x. */
#include "viz/slide.h"
#include <string.h>

#define GAP 46.0 /* between lanes: room for arrows */
#define LOW_GAP 34.0 /* where they are rows */
#define BAR_AT 17.0 /* a bar's middle, from the lane's start */
#define START 16.0 /* before the first step */
#define ABOVE 16.0 /* between the title and the headers */
#define BELOW 30.0 /* the legend */
#define APART 6.0 /* arrows leave a box after its middle and arrive before it */
#define MIN_PITCH 30.0 /* of rows */
#define MAX_PITCH 46.0
#define MIN_LANE 158.0 /* width of a lane */
#define GOOD_LANE 215.0
#define MAX_LANE 330.0
#define MIN_COLUMN 104.0 /* of a step, sideways */
#define MAX_COLUMN 190.0
#define MIN_ROW 64.0 /* height of a lane, sideways */
#define MAX_ROW 104.0
#define TAG 24.0 /* height of a tag */
#define LINE 22.0 /* of several lines of words */
#define MAX_STRIP 400.0
#define MAX_CELL 150.0
#define MANY_LANES 6 /* above which those that do nothing are left out */

typedef struct
{
  gdouble from, to; /* along time */
  guint gap, track;
} Run;

typedef struct
{
  MtSlide slide;
  const MtView *view;
  MtPicture *picture; /* the slide's */
  gboolean sideways; /* as the slide */
  GArray *tasks; /* guint: of each lane */
  gint *lane_of; /* of each task; -1: it has none */
  guint n_lanes, n_rows;
  gdouble first, lane_width, gap; /* across: of lane 0 */
  gdouble top, header, start, pitch, end_room; /* along: where headers begin, how long they are, where rows begin, ... */
  gdouble numbers; /* across: where the rows' numbers are */
  guint n_shown; /* rows; the others are only given their room */
  gboolean ends; /* the last row is the last step, and something is left to tell after it */
  GArray *cells; /* guint: of the view's, in the strip */
  guint more_cells; /* that had no room */
  gdouble strip, *cell_width; /* across */
  GArray *runs; /* Run: of arrows along the gaps */
} Layout;

/* Places. */

static gdouble
lane_start (const Layout *l, guint lane)
{
  return l->first + lane * (l->lane_width + l->gap);
}

static gdouble
lane_end (const Layout *l, guint lane)
{
  return lane_start (l, lane) + l->lane_width;
}

static gdouble
bar_middle (const Layout *l, guint lane)
{
  return lane_start (l, lane) + BAR_AT;
}

/* Row @row begins; n_rows: where the rows end. */
static gdouble
row_start (const Layout *l, guint row)
{
  return l->start + row * l->pitch;
}

static gdouble
row_middle (const Layout *l, guint row)
{
  return row_start (l, row) + l->pitch / 2;
}

static guint
lane_of (const Layout *l, gint task)
{
  return (guint)l->lane_of[task];
}

static guint
task_of (const Layout *l, guint lane)
{
  return g_array_index (l->tasks, guint, lane);
}

static const gchar *
name_of (const Layout *l, guint lane)
{
  return l->view->tasks->pdata[task_of (l, lane)];
}

static const MtViewRow *
row_at (const Layout *l, guint row)
{
  return l->view->rows->pdata[row];
}

/* Row of step @number, or -1: it is not shown. */
static gint
row_of (const Layout *l, guint number)
{
  for (guint i = 0; number && i < l->n_shown; i++)
    if (row_at (l, i)->kind == MT_ROW_STEP && row_at (l, i)->number == number)
      return (gint)i;
  return -1;
}

/* A free track for a line along @gap: how far across it is. */
static gdouble
track (Layout *l, guint gap, gdouble from, gdouble to)
{
  Run run = { MIN (from, to) - 4, MAX (from, to) + 4, gap, 0 };
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
  return lane_end (l, gap) + 0.3 * l->gap + 0.2 * l->gap * (run.track % 3);
}

/* Words in the middle of a place, which is given by its baseline's y where time goes downward. */
static MtShape *
words_at (Layout *l, const gchar *text, MtInk ink, gdouble across, gdouble along)
{
  gdouble x = l->sideways ? along : across, y = (l->sideways ? across : along) + 6;
  return mt_picture_words (l->picture, text, ink, MT_WORDS, 0, x, y);
}

/* Which tasks have a lane, in which order. */

static gboolean
does_something (const MtView *v, guint task)
{
  gboolean found = (gint)task == v->racing[0] || (gint)task == v->racing[1];
  for (guint i = 0; i < v->cycle->len && !found; i++)
    found = g_array_index (v->cycle, MtViewWait, i).task == task;
  for (guint i = 0; i < v->rows->len && !found; i++)
    found = ((const MtViewRow *)v->rows->pdata[i])->task == (gint)task;
  return found;
}

/* Those of one process stand together, and among them the coroutines of one thread. */
static gint
by_process (gconstpointer a, gconstpointer b, gpointer data)
{
  const MtProgram *p = data;
  guint i = *(const guint *)a, k = *(const guint *)b;
  const MtTask *x = &p->tasks[i], *y = &p->tasks[k];
  gboolean apart = (x->kind == MT_TASK_COROUTINE) != (y->kind == MT_TASK_COROUTINE);
  if (x->process != y->process)
    return x->process < y->process ? -1 : 1;
  if (apart)
    return x->kind == MT_TASK_COROUTINE ? 1 : -1;
  return i < k ? -1 : 1;
}

static guint
choose_lanes (Layout *l)
{
  const MtView *v = l->view;
  guint left_out = 0;
  for (guint t = 0; t < v->tasks->len; t++)
    if (v->tasks->len <= MANY_LANES || does_something (v, t))
      g_array_append_val (l->tasks, t);
    else
      left_out++;
  g_array_sort_with_data (l->tasks, by_process, (gpointer)v->program);
  for (guint t = 0; t < v->tasks->len; t++)
    l->lane_of[t] = -1;
  l->n_lanes = l->tasks->len;
  for (guint i = 0; i < l->n_lanes; i++)
    l->lane_of[task_of (l, i)] = (gint)i;
  return left_out;
}

/* The strip of values. */

/* Across, what a cell of the strip takes; 0: no step that is shown has touched it. */
static gdouble
cell_width (const Layout *l, guint k)
{
  const MtView *v = l->view;
  const MtViewCell *cell = &g_array_index (v->cells, MtViewCell, k);
  gdouble width = MAX (mt_text_width (cell->name, MT_WORDS, TRUE), mt_text_width (cell->initial, MT_WORDS, FALSE));
  if (!cell->used)
    return 0;
  if (l->sideways)
    return LINE + 8;
  for (guint i = 0; i < l->n_rows; i++)
    if (row_at (l, i)->values)
      width = MAX (width, mt_text_width (row_at (l, i)->values[k], MT_WORDS, TRUE));
  if (v->erasing && cell->var >= 0)
    width = MAX (width, 60);
  return MIN (width, MAX_CELL) + 22;
}

/* Which cells there is @room for; the others are counted, and where they are, takes room too. */
static void
measure_strip (Layout *l, gdouble room)
{
  gdouble all = 0, more = l->sideways ? LINE + 4 : 60;
  for (guint k = 0; k < l->view->cells->len; k++)
    all += cell_width (l, k);
  for (guint k = 0; k < l->view->cells->len; k++)
    {
      gdouble width = cell_width (l, k);
      if (width > 0 && l->strip + width <= (all > room ? room - more : room))
        {
          l->cell_width[l->cells->len] = width;
          g_array_append_val (l->cells, k);
          l->strip += width;
        }
      else
        l->more_cells += width > 0;
    }
  l->strip += l->more_cells ? more : 0;
}

/* The value before, struck through, and the one after. */
static void
draw_erased (Layout *l, const gchar *before, const gchar *now, gdouble x, gdouble y, gdouble width)
{
  g_autofree gchar *old = mt_text_fit (before, MT_WORDS, FALSE, width / 2), *new = mt_text_fit (now, MT_WORDS, TRUE, width / 2);
  gdouble w = mt_text_width (old, MT_WORDS, FALSE), at = x - (w + 12 + mt_text_width (new, MT_WORDS, TRUE)) / 2;
  mt_picture_words (l->picture, old, MT_INK_VERMILLION, MT_WORDS, -1, at, y);
  mt_picture_line (l->picture, MT_INK_VERMILLION, 2.5, at - 4, y - 0.33 * MT_WORDS, at + w + 4, y - 0.33 * MT_WORDS);
  mt_picture_words (l->picture, new, MT_INK_TEXT, MT_WORDS, -1, at + w + 12, y)->style = MT_STYLE_BOLD;
}

static void
draw_rule (Layout *l, gdouble across, gdouble from, gdouble to)
{
  if (to > from + 4)
    mt_slide_line (&l->slide, MT_INK_RULE, 1.2, across, from, across, to);
}

static void
draw_cell (Layout *l, guint k, gdouble across, gdouble width)
{
  const MtView *v = l->view;
  const MtViewCell *cell = &g_array_index (v->cells, MtViewCell, k);
  gdouble middle = across + width / 2, room = l->sideways ? l->pitch - 10 : width - 16;
  gdouble first = l->sideways ? l->top + l->header + 26 : l->top + l->header + 8;
  g_autofree gchar *name = mt_text_fit (cell->name, MT_WORDS, TRUE, l->sideways ? l->header - 12 : room + 4);
  g_autofree gchar *initial = mt_text_fit (cell->initial, MT_WORDS, FALSE, l->sideways ? 60 : room + 4);
  if (l->sideways)
    mt_picture_words (l->picture, name, MT_INK_TEXT, MT_WORDS, 1, l->top + l->header - 8, middle + 6)->style = MT_STYLE_BOLD;
  else
    words_at (l, name, MT_INK_TEXT, middle, l->top + 14)->style = MT_STYLE_BOLD;
  words_at (l, initial, MT_INK_FAINT, middle, first);
  const gchar *last = cell->initial;
  gdouble free_from = first + (l->sideways ? mt_text_width (initial, MT_WORDS, FALSE) / 2 + 6 : 14);
  for (guint i = 0; i < l->n_shown; i++)
    {
      const MtViewRow *row = row_at (l, i);
      gboolean erased = row->kind == MT_ROW_STEP && row->number == v->erasing && cell->var >= 0 && row->act == MT_ACT_WRITE && g_str_has_prefix (row->action, cell->name);
      if (!row->values || (row->values[k] == last && !erased))
        continue;
      gdouble at = row_middle (l, i);
      g_autofree gchar *text = mt_text_fit (row->values[k], MT_WORDS, TRUE, room);
      gdouble half = l->sideways ? mt_text_width (text, MT_WORDS, TRUE) / 2 + 8 + (erased ? 20 : 0) : 14;
      draw_rule (l, middle, free_from, at - half);
      if (erased)
        draw_erased (l, last, row->values[k], l->sideways ? at : middle, (l->sideways ? middle : at) + 6, room);
      else
        words_at (l, text, MT_INK_TEXT, middle, at)->style = MT_STYLE_BOLD;
      free_from = at + half;
      last = row->values[k];
    }
  draw_rule (l, middle, free_from, row_start (l, l->n_shown));
}

static void
draw_strip (Layout *l)
{
  gdouble across = lane_start (l, l->n_lanes) - (l->sideways ? l->gap - 14 : 0);
  for (guint c = 0; c < l->cells->len; across += l->cell_width[c++])
    draw_cell (l, g_array_index (l->cells, guint, c), across, l->cell_width[c]);
  if (!l->more_cells)
    return;
  g_autofree gchar *more = g_strdup_printf ("+ %u", l->more_cells);
  if (l->sideways)
    mt_picture_words (l->picture, more, MT_INK_FAINT, MT_WORDS, 1, l->top + l->header - 8, across + 19);
  else
    mt_picture_words (l->picture, more, MT_INK_FAINT, MT_WORDS, -1, across + 8, l->top + 20);
}

/* Lanes between the boxes. */

/* Words beside a lane's bar; without what stands behind the comma where there is no room for it. */
static void
draw_wait (Layout *l, const gchar *text, guint lane, gdouble from, gdouble to)
{
  gdouble beside = bar_middle (l, lane) + MT_BAR / 2;
  gdouble x = l->sideways ? from + 6 : beside + 8, y = l->sideways ? beside + 20 : from + l->pitch / 2 + 6;
  gdouble width = l->sideways ? to - from - 12 : lane_end (l, lane) - x + 6, line = l->sideways ? LINE : MIN (l->pitch, LINE + 8);
  guint lines = (guint)CLAMP (l->sideways ? (lane_end (l, lane) - beside) / LINE : (to - from) / line, 1, 3);
  g_autofree gchar *whole = mt_text_wrap (text, MT_WORDS, FALSE, width, lines);
  const gchar *comma = strstr (text, ", ");
  g_autofree gchar *first = comma ? g_strndup (text, (gsize)(comma - text)) : g_strdup (text);
  g_autofree gchar *part = strstr (whole, "\342\200\246") ? mt_text_wrap (first, MT_WORDS, FALSE, width, lines) : g_strdup (whole);
  g_auto (GStrv) split = g_strsplit (part, "\n", -1);
  for (guint i = 0; split[i]; i++)
    mt_picture_words (l->picture, split[i], MT_INK_TEXT, MT_WORDS, -1, x, y + i * line);
}

/* How all stand in row @i: -1 before the first, n_rows after the last. */
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

static gboolean
is_between (const Layout *l, gint i)
{
  return i >= 0 && (guint)i < l->n_rows && row_at (l, (guint)i)->kind != MT_ROW_STEP;
}

static void
draw_lane (Layout *l, guint lane)
{
  guint task = task_of (l, lane);
  gint last = (gint)l->n_shown + (l->ends ? 1 : 0);
  for (gint i = -1; i < last;)
    {
      const MtViewRow *row = stand (l, i);
      MtLaneState state = row->lanes[task];
      const gchar *wait = row->waits[task];
      gboolean stays = state == MT_LANE_BLOCKED || state == MT_LANE_SLEEPING;
      gint to = i + 1;
      while (to < last && stand (l, to)->lanes[task] == state && (!stays || stand (l, to)->waits[task] == wait))
        to++;
      gdouble from_at = i < 0 ? l->top + l->header : row_start (l, (guint)i);
      if (state == MT_LANE_FAILED && i >= 0 && row->task == (gint)task)
        from_at += l->pitch; /* after the step that failed, not under it */
      gdouble to_at = to > (gint)l->n_rows ? row_start (l, l->n_rows) + l->end_room : row_start (l, (guint)to);
      mt_slide_state (&l->slide, state, bar_middle (l, lane), from_at, to_at);
      /* where time passes or steps are folded, the row has words of its own */
      gint first = MAX (i, 0), until = first;
      while (until < to && !is_between (l, until))
        until++;
      gboolean told = l->ends && to == last && in_cycle (l, task) && until - first < 3; /* by the arrows of the cycle */
      if (stays && wait && until > first && !told)
        draw_wait (l, wait, lane, row_start (l, (guint)first), until > (gint)l->n_rows ? to_at : row_start (l, (guint)until));
      i = to;
    }
}

/* A frame around the lanes of each process, and around the coroutines of each thread. */
static void
draw_frame (Layout *l, guint from, guint to, gboolean carrier)
{
  const MtTask *task = &l->view->program->tasks[task_of (l, from)];
  gdouble by = carrier ? 6 : 11, high = row_start (l, l->n_rows) + l->end_room - l->top + 2 * by - 8;
  g_autofree gchar *id = g_strdup_printf (carrier ? "carrier-%u" : "process-%u", carrier ? task->carrier : task->process);
  MtBox *box = mt_slide_box (&l->slide, id, "", lane_start (l, from) - by, l->top - by, lane_end (l, to) - lane_start (l, from) + 2 * by, high);
  box->fill = MT_INK_NONE;
  box->line = MT_INK_FAINT;
  box->pen = 1.2;
  box->style = MT_STYLE_ROUND | (carrier ? MT_STYLE_DASHED : 0);
  l->slide.legend[carrier ? MT_LEGEND_CARRIER : MT_LEGEND_PROCESS] = TRUE;
}

static void
draw_frames (Layout *l)
{
  const MtTask *tasks = l->view->program->tasks;
  for (guint carrier = l->view->program->n_processes > 1 ? 0 : 1; carrier < 2; carrier++)
    for (guint from = 0, to; from < l->n_lanes; from = to + 1)
      {
        const MtTask *a = &tasks[task_of (l, from)];
        for (to = from; to + 1 < l->n_lanes; to++)
          {
            const MtTask *b = &tasks[task_of (l, to + 1)];
            if (carrier ? a->kind != MT_TASK_COROUTINE || b->kind != a->kind || b->carrier != a->carrier : b->process != a->process)
              break;
          }
        if (!carrier || a->kind == MT_TASK_COROUTINE)
          draw_frame (l, from, to, carrier);
      }
}

/* Steps. */

static gchar *
step_text (const MtViewRow *row)
{
  if (g_str_equal (row->action, "atomic") && row->changes) /* several actions in one: what they come to says more */
    return g_strdup_printf ("atomic: %s", row->changes);
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
draw_tag (Layout *l, const MtViewRow *row, gdouble end, gdouble along, gdouble high)
{
  const MtView *v = l->view;
  const gchar *text = !l->slide.told ? NULL : row->number == v->stale ? "stale" : row->number == v->erased ? "erased" : row->number == v->erasing ? "erases" : row->act == MT_ACT_FAULT ? "fails" : NULL;
  if (!text)
    return 0;
  gboolean stale = row->number == v->stale;
  gdouble width = l->sideways ? TAG : mt_text_width (text, MT_WORDS, TRUE) + 16;
  g_autofree gchar *id = g_strdup_printf ("tag-%u", row->number);
  MtBox *tag = mt_slide_box (&l->slide, id, text, end - width, along, width, high);
  tag->fill = tag->line = stale ? MT_INK_ORANGE : MT_INK_VERMILLION;
  tag->ink = stale && !l->picture->dark ? MT_INK_TEXT : MT_INK_PAPER;
  tag->style = MT_STYLE_BOLD;
  return width;
}

/* A band at the lane's start: filled where something is taken, hollow where it is given back. */
static gdouble
draw_band (Layout *l, const MtViewRow *row, gdouble across, gdouble along, gdouble high)
{
  if (row->act != MT_ACT_TAKE && row->act != MT_ACT_GIVE)
    return 0;
  g_autofree gchar *id = g_strdup_printf ("band-%u", row->number);
  MtBox *band = mt_slide_box (&l->slide, id, "", across, along, 12, high);
  band->fill = row->act == MT_ACT_TAKE ? MT_INK_GREEN : MT_INK_PAPER;
  band->line = MT_INK_GREEN;
  l->slide.legend[row->act == MT_ACT_TAKE ? MT_LEGEND_TAKE : MT_LEGEND_GIVE] = TRUE;
  return 12;
}

static void
colour_step (Layout *l, const MtViewRow *row, MtBox *box)
{
  static const MtInk lines[MT_N_ACTS] = { [MT_ACT_READ] = MT_INK_BLUE,  [MT_ACT_WRITE] = MT_INK_BLUE, [MT_ACT_TAKE] = MT_INK_GREEN,
                                          [MT_ACT_GIVE] = MT_INK_GREEN, [MT_ACT_FAULT] = MT_INK_VERMILLION };
  if (lines[row->act])
    box->line = lines[row->act];
  else
    box->fill = MT_INK_PANEL;
  if (row->act == MT_ACT_READ)
    l->slide.legend[MT_LEGEND_READ] = TRUE;
  if (row->act == MT_ACT_WRITE)
    {
      box->fill = MT_INK_BLUE;
      box->ink = MT_INK_PAPER;
      l->slide.legend[MT_LEGEND_WRITE] = TRUE;
    }
  if (!l->slide.told)
    return;
  if (row->mark == MT_MARK_NONE && (!row->violating || l->view->racing[0] >= 0))
    return; /* a data race is not this step's: it is between the two that come next */
  box->line = row->mark == MT_MARK_STALE ? MT_INK_ORANGE : MT_INK_VERMILLION;
  box->pen = 3.5;
}

static void
draw_step (Layout *l, guint i)
{
  const MtViewRow *row = row_at (l, i);
  guint lane = lane_of (l, row->task);
  gdouble across = lane_start (l, lane), high = l->pitch - (l->sideways ? 14 : MIN (9, l->pitch - 25)), along = row_middle (l, i) - high / 2;
  g_autofree gchar *id = g_strdup_printf ("step-%u", row->number), *whole = step_text (row), *tip = step_tip (l->view, row, whole);
  gdouble band = draw_band (l, row, across, along, high), tag = draw_tag (l, row, lane_end (l, lane), along, high);
  gdouble wide = l->lane_width - band - tag, width = l->sideways ? high : wide;
  g_autofree gchar *text = mt_text_wrap (whole, MT_WORDS, FALSE, width - 12, l->sideways ? MAX (1, (guint)(wide / LINE)) : 1);
  MtBox *box = mt_slide_box (&l->slide, id, text, across + band, along, wide, high);
  box->tip = g_steal_pointer (&tip);
  colour_step (l, row, box);
  g_autofree gchar *number = g_strdup_printf ("%u", row->number);
  MtInk ink = row->violating && l->slide.told ? MT_INK_VERMILLION : MT_INK_FAINT;
  MtShape *words = l->sideways ? words_at (l, number, ink, l->numbers, row_middle (l, i)) : mt_picture_words (l->picture, number, ink, MT_WORDS, 1, l->numbers, row_middle (l, i) + 6);
  words->style = row->violating ? MT_STYLE_BOLD : 0;
}

/* Time that passes, steps that are not shown. */
static void
draw_between (Layout *l, guint i)
{
  const MtViewRow *row = row_at (l, i);
  gdouble along = row_middle (l, i), from = lane_start (l, 0), to = lane_end (l, l->n_lanes - 1);
  g_autofree gchar *clean = mt_view_clean (row->action), *text = l->sideways ? mt_text_wrap (clean, MT_WORDS, FALSE, l->pitch - 14, 3) : g_strdup (clean);
  gdouble width = l->sideways ? LINE * 3 + 6 : mt_text_width (text, MT_WORDS, FALSE) + 28, high = l->sideways ? l->pitch - 10 : 26;
  g_autofree gchar *id = g_strdup_printf (row->kind == MT_ROW_FOLD ? "fold-%u" : "clock-%u", i);
  mt_slide_line (&l->slide, MT_INK_FAINT, 1.2, from, along, to, along)->style = MT_STYLE_DASHED;
  MtBox *box = mt_slide_box (&l->slide, id, text, (from + to - width) / 2, along - high / 2, width, high);
  box->fill = MT_INK_PANEL;
  box->line = MT_INK_NONE;
  box->ink = MT_INK_FAINT;
  box->style = MT_STYLE_ROUND;
}

static void
draw_header (Layout *l, guint lane)
{
  const gchar *whole = name_of (l, lane);
  gdouble width = l->sideways ? l->header - 8 : l->lane_width, high = l->sideways ? 34 : l->lane_width;
  gdouble across = lane_start (l, lane) + (l->sideways ? BAR_AT - 17 : 0);
  g_autofree gchar *id = g_strdup_printf ("task-%u", task_of (l, lane)), *name = mt_text_fit (whole, MT_WORDS, TRUE, width - 16);
  MtBox *box = mt_slide_box (&l->slide, id, name, across, l->top, high, l->header - 8);
  box->tip = g_strdup (whole);
  box->fill = MT_INK_PANEL;
  box->line = MT_INK_NONE;
  box->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
}

/* Arrows. */

static guint
box_of (const Layout *l, const gchar *prefix, guint number)
{
  g_autofree gchar *id = g_strdup_printf ("%s-%u", prefix, number);
  guint i = 0;
  while (!g_str_equal (g_array_index (l->picture->boxes, MtBox, i).id, id))
    i++;
  return i;
}

static MtArrow *
add_arrow (Layout *l, guint from, guint to, const gdouble (*path)[2], guint n)
{
  MtArrow *arrow = mt_picture_arrow (l->picture, from, to, NULL);
  arrow->path = g_array_new (FALSE, FALSE, sizeof (gdouble));
  for (guint i = 0; i < n; i++)
    mt_slide_point (&l->slide, arrow->path, path[i][0], path[i][1]);
  return arrow;
}

static void
draw_link (Layout *l, const MtViewLink *link)
{
  gint from_row = row_of (l, link->from), to_row = row_of (l, link->to);
  if (from_row < 0 || to_row < 0)
    return; /* one of them is in a fold */
  guint a = lane_of (l, row_at (l, (guint)from_row)->task), b = lane_of (l, row_at (l, (guint)to_row)->task);
  gboolean up = b > a;
  gdouble from = row_middle (l, (guint)from_row) + APART, to = row_middle (l, (guint)to_row) - APART, between = row_start (l, (guint)from_row + 1);
  gdouble out = up ? lane_end (l, a) : lane_start (l, a), in = up ? lane_start (l, b) : lane_end (l, b);
  guint first = up ? a : a - 1, second = up ? b - 1 : b;
  gdouble x = track (l, first, from, first == second ? to : between), z = first == second ? x : track (l, second, between, to);
  const gdouble near[][2] = { { out, from }, { x, from }, { x, to }, { in, to } };
  const gdouble far[][2] = { { out, from }, { x, from }, { x, between }, { z, between }, { z, to }, { in, to } };
  MtArrow *arrow = add_arrow (l, box_of (l, "step", link->from), box_of (l, "step", link->to), first == second ? near : far, first == second ? G_N_ELEMENTS (near) : G_N_ELEMENTS (far));
  arrow->ink = MT_INK_GREEN;
  arrow->pen = 2;
  l->slide.legend[MT_LEGEND_HAPPENS] = TRUE;
}

/* The lost update: from the stale read to the write that used it; and its window at the step numbers. */
static void
draw_window (Layout *l)
{
  gint from = row_of (l, l->view->stale), to = row_of (l, l->view->erasing);
  if (from < 0 || to < 0)
    return;
  guint lane = lane_of (l, row_at (l, (guint)from)->task);
  gdouble end = lane_end (l, lane), y1 = row_middle (l, (guint)from), y2 = row_middle (l, (guint)to) - APART, out = track (l, lane, y1, y2);
  const gdouble path[][2] = { { end, y1 }, { out, y1 }, { out, y2 }, { end, y2 } };
  MtArrow *arrow = add_arrow (l, box_of (l, "step", l->view->stale), box_of (l, "step", l->view->erasing), path, G_N_ELEMENTS (path));
  arrow->ink = MT_INK_ORANGE;
  arrow->pen = 3;
  arrow->style = MT_STYLE_DASHED;
  gdouble bracket = l->numbers + (l->sideways ? 15 : 8), first = row_start (l, (guint)from) + 5, last = row_start (l, (guint)to + 1) - 5;
  MtShape *line = mt_slide_line (&l->slide, MT_INK_ORANGE, 3, bracket + 8, first, bracket, first);
  mt_slide_point (&l->slide, line->points, bracket, last);
  mt_slide_point (&l->slide, line->points, bracket + 8, last);
  l->slide.legend[MT_LEGEND_WINDOW] = l->slide.legend[MT_LEGEND_STALE] = TRUE;
}

/* The wait-for cycle, after the last step: from the lane that waits, by what it waits for, to who holds it. */

static gdouble
wait_width (const MtViewWait *wait)
{
  return MIN (mt_text_width (wait->what, MT_WORDS, TRUE), 170) + 28;
}

/* Along time, between the arrows of the cycle. */
static gdouble
level (const Layout *l)
{
  gdouble widest = 0;
  for (guint i = 0; i < l->view->cycle->len; i++)
    widest = MAX (widest, wait_width (&g_array_index (l->view->cycle, MtViewWait, i)));
  return l->sideways ? widest + 14 : 37;
}

static void
draw_cycle (Layout *l)
{
  for (guint i = 0; i < l->view->cycle->len; i++)
    {
      const MtViewWait *wait = &g_array_index (l->view->cycle, MtViewWait, i);
      guint task = lane_of (l, (gint)wait->task), holder = lane_of (l, (gint)wait->holder);
      gdouble along = row_start (l, l->n_rows) + 6 + level (l) * (i + 0.5);
      gdouble from = bar_middle (l, task), to = bar_middle (l, holder), side = to > from ? 1 : -1;
      gdouble room = l->sideways ? 400 : to == from ? l->lane_width - 40 : ABS (to - from) - 90;
      g_autofree gchar *id = g_strdup_printf ("wait-%u", i), *text = mt_text_fit (wait->what, MT_WORDS, TRUE, MIN (room - 20, 170));
      gdouble width = mt_text_width (text, MT_WORDS, TRUE) + 28, wide = l->sideways ? 30 : width, high = l->sideways ? width : 30;
      gdouble middle = to == from ? from + 26 + wide / 2 : (from + to) / 2;
      MtBox *box = mt_slide_box (&l->slide, id, text, middle - wide / 2, along - high / 2, wide, high);
      box->line = MT_INK_VERMILLION;
      box->pen = 3;
      box->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
      box->tip = g_strdup_printf ("%s waits for %s, which %s holds", name_of (l, task), wait->what, name_of (l, holder));
      guint number = l->picture->boxes->len - 1;
      const gdouble there[][2] = { { from + side * MT_BAR / 2, along }, { middle - side * wide / 2, along } };
      const gdouble on[][2] = { { middle + side * wide / 2, along }, { to - side * MT_BAR / 2, along } };
      MtArrow *arrow = add_arrow (l, box_of (l, "task", wait->task), number, there, 2);
      arrow->ink = MT_INK_VERMILLION;
      arrow->pen = 4;
      arrow = add_arrow (l, number, box_of (l, "task", wait->holder), on, 2);
      arrow->ink = MT_INK_VERMILLION;
      arrow->pen = 4;
      l->slide.legend[MT_LEGEND_CYCLE] = TRUE;
    }
}

/* A data race: the two accesses that may come next, and a zigzag between them. */
static void
draw_race (Layout *l)
{
  const MtView *v = l->view;
  if (v->racing[0] < 0 || v->racing[0] == v->racing[1])
    return;
  gdouble along = row_start (l, l->n_rows) + l->end_room / 2, high = l->sideways ? l->end_room - 16 : 32;
  for (guint i = 0; i < 2; i++)
    {
      g_autofree gchar *id = g_strdup_printf ("racing-%u", i), *text = mt_text_wrap (v->racing_text[i], MT_WORDS, FALSE, (l->sideways ? high : l->lane_width) - 12, l->sideways ? 2 : 1);
      MtBox *box = mt_slide_box (&l->slide, id, text, lane_start (l, lane_of (l, v->racing[i])), along - high / 2, l->lane_width, high);
      box->line = MT_INK_VERMILLION;
      box->pen = 3;
      box->style = MT_STYLE_DASHED;
    }
  guint a = lane_of (l, v->racing[0]), b = lane_of (l, v->racing[1]);
  gdouble from = lane_end (l, MIN (a, b)) + 3, to = lane_start (l, MAX (a, b)) - 3;
  guint teeth = MAX (3, (guint)((to - from) / 12) | 1);
  MtShape *line = mt_slide_line (&l->slide, MT_INK_VERMILLION, 3.5, from, along, from, along);
  g_array_set_size (line->points, 2);
  for (guint i = 1; i < teeth; i++)
    mt_slide_point (&l->slide, line->points, from + (to - from) * i / teeth, along + (i % 2 ? -9 : 9));
  mt_slide_point (&l->slide, line->points, to, along);
  l->slide.legend[MT_LEGEND_RACE] = TRUE;
}

/* Sizes: everything is decided before anything is drawn. */

static gdouble
end_room (const Layout *l)
{
  const MtView *v = l->view;
  if (v->cycle->len)
    return 12 + v->cycle->len * level (l);
  if (v->racing[0] >= 0)
    return l->sideways ? 130 : 60;
  for (guint i = 0; i < l->n_lanes; i++)
    if (v->end->lanes[task_of (l, i)] == MT_LANE_BLOCKED)
      return l->sideways ? 110 : 70;
  return 22;
}

static gdouble
numbers_width (const Layout *l)
{
  g_autofree gchar *most = g_strdup_printf ("%u", l->view->n_steps);
  return MAX (22, mt_text_width (most, MT_WORDS, TRUE));
}

/* Time downward. */
static void
measure_upright (Layout *l)
{
  /* the smallest slide that it fits into: there the words are largest */
  static const gdouble slides[] = { 853, 960, 1120, MT_SLIDE_WIDTH };
  MtPicture *p = l->picture;
  gdouble gutter = 26 + numbers_width (l), around = 0;
  l->gap = GAP;
  l->header = 38;
  measure_strip (l, MAX (160, MIN (MAX_STRIP, MT_SLIDE_WIDTH - 2 * MT_MARGIN - gutter - l->n_lanes * (MIN_LANE + GAP))));
  gdouble fixed = 2 * MT_MARGIN + gutter + l->strip - (l->strip > 0 ? 0 : GAP);
  for (guint i = 0; i < G_N_ELEMENTS (slides); i++)
    {
      gdouble lane = (slides[i] - fixed) / MAX (l->n_lanes, 1) - GAP;
      p->width = slides[i];
      p->height = slides[i] * MT_SLIDE_HEIGHT / MT_SLIDE_WIDTH;
      around = mt_slide_title_room (&l->slide) + ABOVE + l->header + START + l->end_room + BELOW + MT_MARGIN;
      l->lane_width = CLAMP (lane, MIN_LANE, MAX_LANE);
      if (lane >= GOOD_LANE && around + l->n_rows * MAX_PITCH <= p->height)
        break;
    }
  l->pitch = CLAMP ((p->height - around) / MAX (l->n_rows, 1), MIN_PITCH, MAX_PITCH);
  mt_slide_fit (&l->slide, fixed + l->n_lanes * (l->lane_width + GAP), around + l->n_rows * l->pitch);
  l->lane_width = CLAMP ((p->width - fixed) / MAX (l->n_lanes, 1) - GAP, l->lane_width, MAX_LANE);
  l->first = (p->width - fixed - l->n_lanes * (l->lane_width + GAP)) / 2 + MT_MARGIN + gutter;
  l->numbers = l->first - 22;
  l->top = mt_slide_title_room (&l->slide) + ABOVE;
}

/* Time from left to right. */
static void
measure_sideways (Layout *l)
{
  MtPicture *p = l->picture;
  gdouble names = 60, start = 40;
  l->gap = LOW_GAP;
  measure_strip (l, 130);
  for (guint i = 0; i < l->n_lanes; i++)
    names = MAX (names, mt_text_width (name_of (l, i), MT_WORDS, TRUE));
  for (guint i = 0; i < l->cells->len; i++)
    {
      const MtViewCell *cell = &g_array_index (l->view->cells, MtViewCell, g_array_index (l->cells, guint, i));
      names = MAX (names, mt_text_width (cell->name, MT_WORDS, TRUE));
      start = MAX (start, MIN (60, mt_text_width (cell->initial, MT_WORDS, FALSE)) + 16);
    }
  l->header = MIN (names, 160) + 30;
  gdouble fixed = 2 * MT_MARGIN + l->header + start + l->end_room;
  l->pitch = CLAMP ((p->width - fixed) / MAX (l->n_rows, 1), MIN_COLUMN, MAX_COLUMN);
  gdouble around = mt_slide_title_room (&l->slide) + 54 + l->strip + BELOW + MT_MARGIN;
  l->lane_width = CLAMP ((p->height - around) / MAX (l->n_lanes, 1) - l->gap, MIN_ROW, MAX_ROW);
  mt_slide_fit (&l->slide, fixed + l->n_rows * l->pitch, around + l->n_lanes * (l->lane_width + l->gap));
  l->top = MT_MARGIN;
  l->first = mt_slide_title_room (&l->slide) + 54;
  l->numbers = l->first - 32;
  l->start = l->top + l->header + start;
}

static void
measure (Layout *l)
{
  const MtViewRow *last = l->n_rows ? row_at (l, l->n_rows - 1) : NULL;
  l->ends = !last || last->number == l->view->n_steps || last->kind == MT_ROW_FOLD;
  l->end_room = l->ends ? end_room (l) : 8;
  while (l->n_shown < l->n_rows && row_at (l, l->n_shown)->number <= l->slide.until)
    l->n_shown++;
  l->ends = l->ends && l->n_shown == l->n_rows;
  if (l->sideways)
    measure_sideways (l);
  else
    {
      measure_upright (l);
      l->start = l->top + l->header + START;
    }
}

static void
draw_all (Layout *l)
{
  mt_slide_title (&l->slide);
  draw_frames (l);
  for (guint i = 0; i < l->n_lanes; i++)
    {
      draw_header (l, i);
      draw_lane (l, i);
    }
  for (guint i = 0; i < l->n_shown; i++)
    if (row_at (l, i)->kind == MT_ROW_STEP)
      draw_step (l, i);
    else
      draw_between (l, i);
  draw_strip (l);
  draw_window (l);
  for (guint i = 0; i < l->view->links->len; i++)
    draw_link (l, &g_array_index (l->view->links, MtViewLink, i));
  if (l->ends)
    {
      draw_cycle (l);
      draw_race (l);
    }
  mt_slide_legend (&l->slide);
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtView *v = input->view;
  g_autofree gint *lanes = g_new (gint, v->tasks->len + 1);
  g_autofree gdouble *widths = g_new0 (gdouble, v->cells->len + 1);
  Layout l = { .view = v, .n_rows = v->rows->len, .sideways = input->sideways, .lane_of = lanes, .cell_width = widths };
  l.tasks = g_array_new (FALSE, FALSE, sizeof (guint));
  l.cells = g_array_new (FALSE, FALSE, sizeof (guint));
  l.runs = g_array_new (FALSE, FALSE, sizeof (Run));
  guint left_out = choose_lanes (&l);
  g_autofree gchar *note = left_out ? g_strdup_printf ("%u more tasks, which make no step here, are not shown", left_out) : NULL;
  mt_slide_init (&l.slide, input, note);
  l.picture = l.slide.picture;
  measure (&l);
  draw_all (&l);
  GArray *const arrays[] = { l.tasks, l.cells, l.runs };
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  mt_slide_clear (&l.slide);
  return l.picture;
}

const MtKindRow mt_kind_schedule = { "schedule", "a lane for each task, a row for each step", MT_NEEDS_RUN, FALSE, draw };

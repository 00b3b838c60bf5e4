/* See slide.h. */
#include "viz/slide.h"
#include <string.h>

#define TITLE 26.0
#define TITLE_LINE 30.0
#define LEGEND_LINE 28.0
#define NARROW 8.0 /* no room for a pattern */
#define SAMPLE 34.0 /* width of a sample in the legend */

static const gchar *const legends[] = {
  [MT_LEGEND_READ] = "read",       [MT_LEGEND_WRITE] = "write",
  [MT_LEGEND_TAKE] = "take",       [MT_LEGEND_GIVE] = "give back",
  [MT_LEGEND_RUNNING] = "runs",    [MT_LEGEND_READY] = "ready",
  [MT_LEGEND_BLOCKED] = "blocked", [MT_LEGEND_SLEEPING] = "sleeps",
  [MT_LEGEND_ENDED] = "ended",     [MT_LEGEND_FAILED] = "failed",
  [MT_LEGEND_WINDOW] = "window",   [MT_LEGEND_STALE] = "stale value used",
  [MT_LEGEND_CYCLE] = "waits for", [MT_LEGEND_HAPPENS] = "happens before",
  [MT_LEGEND_RACE] = "data race",  [MT_LEGEND_PROCESS] = "process",
  [MT_LEGEND_CARRIER] = "coroutines of one thread",
};
G_STATIC_ASSERT (G_N_ELEMENTS (legends) == MT_N_LEGENDS);

void
mt_slide_init (MtSlide *slide, const MtKindInput *input, const gchar *note)
{
  const MtView *view = input->view;
  g_autofree gchar *title = mt_view_clean (view->program->title);
  gboolean told = g_str_equal (title, view->headline);
  *slide = (MtSlide){ .view = view, .picture = mt_picture_new (view->headline), .sideways = input->sideways };
  slide->until = input->until ? MIN (input->until, view->n_steps) : view->n_steps;
  slide->told = slide->until >= (view->kind == MT_PASS ? view->n_steps : view->violating);
  slide->picture->dark = input->dark;
  slide->picture->width = MT_SLIDE_WIDTH;
  slide->picture->height = MT_SLIDE_HEIGHT;
  slide->below = g_strconcat (told ? "" : title, note && !told ? "; " : "", note, NULL);
}

void
mt_slide_clear (MtSlide *slide)
{
  g_free (slide->below);
}

/* The title. */

static gdouble
verdict_width (const MtSlide *slide)
{
  return mt_text_width (slide->view->verdict, MT_WORDS, TRUE) + 32;
}

static gchar **
title_lines (const MtSlide *slide, const gchar *title)
{
  gdouble width = slide->picture->width - 2 * MT_MARGIN - verdict_width (slide) - 20;
  g_autofree gchar *text = mt_text_wrap (title, TITLE, TRUE, width, 2);
  return g_strsplit (text, "\n", -1);
}

gdouble
mt_slide_title_room (const MtSlide *slide)
{
  g_auto (GStrv) lines = title_lines (slide, slide->view->headline);
  return MT_MARGIN + TITLE_LINE * g_strv_length (lines) + (*slide->below ? 26 : 0);
}

void
mt_slide_title (MtSlide *slide)
{
  const MtView *v = slide->view;
  MtPicture *p = slide->picture;
  gdouble pill = verdict_width (slide), right = p->width - MT_MARGIN, y = MT_MARGIN + 22;
  g_autofree gchar *below = mt_text_fit (slide->told ? slide->below : "", MT_WORDS, FALSE, right - MT_MARGIN), *model = mt_view_clean (v->program->title);
  g_auto (GStrv) lines = title_lines (slide, slide->told ? v->headline : model);
  if (slide->told)
    {
      MtBox *box = mt_picture_box (p, "verdict", v->verdict, right - pill, MT_MARGIN - 4, pill, 34);
      box->fill = box->line = v->kind == MT_PASS ? MT_INK_GREEN : MT_INK_VERMILLION;
      box->ink = MT_INK_PAPER;
      box->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
    }
  for (guint i = 0; lines[i]; i++, y += TITLE_LINE)
    mt_picture_words (p, lines[i], MT_INK_TEXT, TITLE, -1, MT_MARGIN, y)->style = MT_STYLE_BOLD;
  if (*below)
    mt_picture_words (p, below, MT_INK_FAINT, MT_WORDS, -1, MT_MARGIN, y - 2);
}

void
mt_slide_fit (MtSlide *slide, gdouble width, gdouble height)
{
  MtPicture *p = slide->picture;
  gdouble scale = MAX (MAX (width / p->width, height / p->height), 1);
  p->width *= scale;
  p->height *= scale;
}

/* Shapes in the slide's direction. */

void
mt_slide_point (const MtSlide *slide, GArray *points, gdouble across, gdouble along)
{
  mt_point (points, slide->sideways ? along : across, slide->sideways ? across : along);
}

MtShape *
mt_slide_line (MtSlide *slide, MtInk ink, gdouble pen, gdouble across1, gdouble along1, gdouble across2, gdouble along2)
{
  if (slide->sideways)
    return mt_picture_line (slide->picture, ink, pen, along1, across1, along2, across2);
  return mt_picture_line (slide->picture, ink, pen, across1, along1, across2, along2);
}

void
mt_slide_area (MtSlide *slide, MtInk ink, gdouble across, gdouble along, gdouble wide, gdouble high)
{
  if (slide->sideways)
    mt_picture_area (slide->picture, ink, along, across, high, wide);
  else
    mt_picture_area (slide->picture, ink, across, along, wide, high);
}

MtBox *
mt_slide_box (MtSlide *slide, const gchar *id, const gchar *text, gdouble across, gdouble along, gdouble wide, gdouble high)
{
  if (slide->sideways)
    return mt_picture_box (slide->picture, id, text, along, across, high, wide);
  return mt_picture_box (slide->picture, id, text, across, along, wide, high);
}

/* States of a lane: a colour and a pattern each, so that a grey print still reads. */

static void
hatch (MtSlide *slide, gdouble middle, gdouble from, gdouble to)
{
  gdouble left = middle - MT_BAR / 2, right = middle + MT_BAR / 2;
  mt_slide_area (slide, MT_INK_PAPER, left, from, MT_BAR, to - from);
  for (gdouble at = from - MT_BAR; at < to; at += 7)
    {
      gdouble cut_start = MAX (0, from - at), cut_end = MAX (0, at + MT_BAR - to);
      if (cut_start + cut_end < MT_BAR)
        mt_slide_line (slide, MT_INK_VERMILLION, 2, left + cut_end, at + MT_BAR - cut_end, right - cut_start, at + cut_start);
    }
  MtShape *outline = mt_slide_line (slide, MT_INK_VERMILLION, 1.5, left, from, right, from);
  mt_slide_point (slide, outline->points, right, to);
  mt_slide_point (slide, outline->points, left, to);
  mt_slide_point (slide, outline->points, left, from);
}

static void
cross (MtSlide *slide, gdouble middle, gdouble at)
{
  mt_slide_line (slide, MT_INK_VERMILLION, 4, middle - 8, at - 8, middle + 8, at + 8);
  mt_slide_line (slide, MT_INK_VERMILLION, 4, middle - 8, at + 8, middle + 8, at - 8);
}

void
mt_slide_state (MtSlide *slide, MtLaneState state, gdouble middle, gdouble from, gdouble to)
{
  static const MtLegend told[MT_N_LANE_STATES] = {
    [MT_LANE_READY] = MT_LEGEND_READY,       [MT_LANE_RUNNING] = MT_LEGEND_RUNNING, [MT_LANE_BLOCKED] = MT_LEGEND_BLOCKED,
    [MT_LANE_SLEEPING] = MT_LEGEND_SLEEPING, [MT_LANE_ENDED] = MT_LEGEND_ENDED,     [MT_LANE_FAILED] = MT_LEGEND_FAILED,
  };
  gdouble inset = to - from > 8 ? 2 : 0; /* a little air, where there is room for it */
  switch (state)
    {
    case MT_LANE_RUNNING:
      mt_slide_area (slide, MT_INK_BLUE, middle - MT_BAR / 2, from, MT_BAR, to - from);
      break;
    case MT_LANE_READY:
      mt_slide_line (slide, MT_INK_FAINT, 2, middle, from, middle, to);
      break;
    case MT_LANE_BLOCKED:
      if (to - from < NARROW)
        mt_slide_area (slide, MT_INK_VERMILLION, middle - MT_BAR / 4, from, MT_BAR / 2, to - from);
      else
        hatch (slide, middle, from + inset, to - inset);
      break;
    case MT_LANE_SLEEPING:
      mt_slide_line (slide, MT_INK_SKY, 4, middle, from + inset, middle, to - inset)->style = MT_STYLE_DOTTED;
      break;
    case MT_LANE_ENDED:
      mt_slide_line (slide, MT_INK_TEXT, 4, middle - 15, from + 2, middle + 15, from + 2);
      break;
    case MT_LANE_FAILED:
      cross (slide, middle, from + 12);
      break;
    default:
      return; /* not started: nothing */
    }
  slide->legend[told[state]] = TRUE;
}

/* The legend. */

/* The sign of @what around (@x + 13, @y). Signs are drawn upright whatever the direction of time. */
static void
draw_sample (MtSlide *slide, MtLegend what, gdouble x, gdouble y)
{
  MtPicture *p = slide->picture;
  static const MtLaneState states[] = { [MT_LEGEND_RUNNING] = MT_LANE_RUNNING, [MT_LEGEND_READY] = MT_LANE_READY, [MT_LEGEND_BLOCKED] = MT_LANE_BLOCKED,
                                        [MT_LEGEND_SLEEPING] = MT_LANE_SLEEPING, [MT_LEGEND_ENDED] = MT_LANE_ENDED, [MT_LEGEND_FAILED] = MT_LANE_FAILED };
  g_autofree gchar *id = g_strdup_printf ("legend-%u", what);
  gboolean narrow = what == MT_LEGEND_TAKE || what == MT_LEGEND_GIVE;
  MtBox *box;
  MtShape *line;
  switch (what)
    {
    case MT_LEGEND_READ:
    case MT_LEGEND_WRITE:
    case MT_LEGEND_TAKE:
    case MT_LEGEND_GIVE:
      box = mt_picture_box (p, id, "", narrow ? x + 8 : x, y - 10, narrow ? 12 : 26, 20);
      box->line = narrow ? MT_INK_GREEN : MT_INK_BLUE;
      box->fill = what == MT_LEGEND_WRITE ? MT_INK_BLUE : what == MT_LEGEND_TAKE ? MT_INK_GREEN : MT_INK_PAPER;
      break;
    case MT_LEGEND_RUNNING:
    case MT_LEGEND_READY:
    case MT_LEGEND_BLOCKED:
    case MT_LEGEND_SLEEPING:
    case MT_LEGEND_ENDED:
    case MT_LEGEND_FAILED:
      if (slide->sideways)
        mt_slide_state (slide, states[what], y, what == MT_LEGEND_ENDED ? x + 11 : x + 1, x + 25);
      else
        mt_slide_state (slide, states[what], x + 13, y - (what == MT_LEGEND_ENDED ? 2 : 12), y + 12);
      break;
    case MT_LEGEND_PROCESS:
    case MT_LEGEND_CARRIER:
      box = mt_picture_box (p, id, "", x, y - 11, 26, 22);
      box->fill = MT_INK_NONE;
      box->line = MT_INK_FAINT;
      box->style = MT_STYLE_ROUND | (what == MT_LEGEND_CARRIER ? MT_STYLE_DASHED : 0);
      break;
    case MT_LEGEND_WINDOW:
      line = mt_picture_line (p, MT_INK_ORANGE, 3, x + 16, y - 11, x + 8, y - 11);
      mt_point (line->points, x + 8, y + 11);
      mt_point (line->points, x + 16, y + 11);
      break;
    case MT_LEGEND_RACE:
      line = mt_picture_line (p, MT_INK_VERMILLION, 3.5, x, y, x + 5, y - 8);
      mt_point (line->points, x + 13, y + 8);
      mt_point (line->points, x + 21, y - 8);
      mt_point (line->points, x + 26, y);
      break;
    default:
      {
        MtInk ink = what == MT_LEGEND_HAPPENS ? MT_INK_GREEN : what == MT_LEGEND_STALE ? MT_INK_ORANGE : MT_INK_VERMILLION;
        mt_picture_line (p, ink, what == MT_LEGEND_CYCLE ? 4 : 2.5, x, y, x + 18, y)->style = what == MT_LEGEND_STALE ? MT_STYLE_DASHED : 0;
        line = mt_picture_line (p, ink, 2.5, x + 17, y - 6, x + 26, y);
        mt_point (line->points, x + 17, y + 6);
      }
    }
}

/* Draws it from @y on, or only says how many lines it takes. */
static guint
draw_lines (MtSlide *slide, gdouble y, gboolean draw)
{
  gdouble x = MT_MARGIN;
  guint lines = 1;
  for (guint i = 0; i < MT_N_LEGENDS; i++)
    {
      gdouble width = SAMPLE + mt_text_width (legends[i], MT_WORDS, FALSE);
      if (!slide->legend[i])
        continue;
      if (x + width > slide->picture->width - MT_MARGIN && x > MT_MARGIN)
        {
          x = MT_MARGIN;
          y += LEGEND_LINE;
          lines++;
        }
      if (draw)
        {
          draw_sample (slide, (MtLegend)i, x, y);
          mt_picture_words (slide->picture, legends[i], MT_INK_FAINT, MT_WORDS, -1, x + SAMPLE, y + 6);
        }
      x += width + 22;
    }
  return lines;
}

void
mt_slide_legend (MtSlide *slide)
{
  gdouble last = slide->picture->height - MT_MARGIN - 6;
  draw_lines (slide, last - LEGEND_LINE * (draw_lines (slide, 0, FALSE) - 1), TRUE);
}

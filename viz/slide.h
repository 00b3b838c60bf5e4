/* What the pictures of a run have in common: the slide they are made for, its title and legend, and
 * how the state of a lane looks. Words are of MT_WORDS points and more on a slide of 1280 by 720. */
#pragma once
#include "viz/kind.h"

#define MT_SLIDE_WIDTH 1280.0
#define MT_SLIDE_HEIGHT 720.0
#define MT_MARGIN 22.0
#define MT_WORDS 18.0 /* size of all words but the title */
#define MT_BAR 14.0 /* width of a lane's bar */

/* What the legend explains, where it occurs. */
typedef enum
{
  MT_LEGEND_READ,
  MT_LEGEND_WRITE,
  MT_LEGEND_TAKE,
  MT_LEGEND_GIVE,
  MT_LEGEND_RUNNING,
  MT_LEGEND_READY,
  MT_LEGEND_BLOCKED,
  MT_LEGEND_SLEEPING,
  MT_LEGEND_ENDED,
  MT_LEGEND_FAILED,
  MT_LEGEND_HAPPENS,
  MT_LEGEND_WINDOW,
  MT_LEGEND_STALE,
  MT_LEGEND_CYCLE,
  MT_LEGEND_RACE,
  MT_LEGEND_PROCESS,
  MT_LEGEND_CARRIER,
  MT_N_LEGENDS,
} MtLegend;

typedef struct
{
  const MtView *view;
  MtPicture *picture;
  gchar *below; /* the line below the title; empty: none */
  guint until; /* as the input's; at most the number of steps */
  gboolean told; /* the violation has happened by then */
  gboolean sideways; /* time goes from left to right, lanes are rows */
  gboolean legend[MT_N_LEGENDS];
} MtSlide;

/* Begins the picture of @input's view. @note, which may be NULL, goes below the title. */
void mt_slide_init (MtSlide *slide, const MtKindInput *input, const gchar *note);
void mt_slide_clear (MtSlide *slide); /* but for the picture */

/* How much room the title takes from the top, once the picture has its width; and draws it. */
gdouble mt_slide_title_room (const MtSlide *slide);
void mt_slide_title (MtSlide *slide);

/* Makes the picture larger, if it must be, to @width by @height at least and to 16:9. */
void mt_slide_fit (MtSlide *slide, gdouble width, gdouble height);

/* A lane in @state, its middle at @middle across the lanes, from @from to @to along time. */
void mt_slide_state (MtSlide *slide, MtLaneState state, gdouble middle, gdouble from, gdouble to);

/* The legend of all that has been drawn, at the bottom; and how much room its lines take if they are @n. */
void mt_slide_legend (MtSlide *slide);

/* A line, area, ... in the slide's direction: @across the lanes, @along time. */
MtShape *mt_slide_line (MtSlide *slide, MtInk ink, gdouble pen, gdouble across1, gdouble along1, gdouble across2, gdouble along2);
void mt_slide_area (MtSlide *slide, MtInk ink, gdouble across, gdouble along, gdouble wide, gdouble high);
MtBox *mt_slide_box (MtSlide *slide, const gchar *id, const gchar *text, gdouble across, gdouble along, gdouble wide, gdouble high);
void mt_slide_point (const MtSlide *slide, GArray *points, gdouble across, gdouble along);

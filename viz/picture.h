/* MtPicture: what is drawn, in points, y downward: boxes with a text, arrows, and a backdrop of
 * lines, areas and words. A picture whose boxes have places is drawn as it is; one without (width 0)
 * is laid out as a graph. Colours are roles: the theme gives them their value when it is drawn. */
#pragma once
#include <glib.h>

typedef enum
{
  MT_INK_NONE,
  MT_INK_PAPER,
  MT_INK_TEXT,
  MT_INK_FAINT, /* words that matter less */
  MT_INK_RULE, /* thin lines */
  MT_INK_PANEL, /* a light area */
  MT_INK_BLUE, /* Okabe and Ito's colours, told apart by all kinds of colour vision */
  MT_INK_SKY,
  MT_INK_GREEN,
  MT_INK_YELLOW,
  MT_INK_ORANGE,
  MT_INK_VERMILLION,
  MT_INK_PURPLE,
  MT_N_INKS,
} MtInk;

typedef enum
{
  MT_STYLE_BOLD = 1 << 0, /* text */
  MT_STYLE_DASHED = 1 << 1,
  MT_STYLE_DOTTED = 1 << 2,
  MT_STYLE_ROUND = 1 << 3, /* box */
  MT_STYLE_ELLIPSE = 1 << 4,
  MT_STYLE_NO_HEAD = 1 << 5, /* arrow */
} MtStyle;

typedef struct
{
  gchar *id, *text, *tip; /* text: may have several lines */
  gdouble x, y, width, height; /* x, y: the upper left corner */
  gdouble size, pen; /* of the text; of the outline */
  MtInk fill, line, ink;
  MtStyle style;
} MtBox;

typedef struct
{
  guint from, to; /* boxes */
  GArray *path; /* gdouble pairs; NULL in a picture that is laid out */
  gchar *label;
  MtInk ink;
  gdouble pen;
  MtStyle style;
} MtArrow;

typedef enum
{
  MT_SHAPE_AREA, /* polygon, filled */
  MT_SHAPE_LINE,
  MT_SHAPE_WORDS, /* at the first point: its baseline */
} MtShapeKind;

typedef struct
{
  MtShapeKind kind;
  GArray *points; /* gdouble pairs */
  gchar *text;
  gint align; /* -1 the text begins at the point, 0 its middle, 1 it ends there */
  gdouble size, pen;
  MtInk ink;
  MtStyle style;
} MtShape;

typedef struct
{
  gchar *title;
  gdouble width, height; /* 0: to be laid out */
  gboolean dark;
  gboolean sideways; /* laid out from left to right */
  gboolean round; /* laid out in a circle, where there is no room for the words of arrows */
  GArray *boxes; /* MtBox */
  GArray *arrows; /* MtArrow */
  GArray *shapes; /* MtShape, drawn first */
} MtPicture;

MtPicture *mt_picture_new (const gchar *title);
void mt_picture_free (MtPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtPicture, mt_picture_free)

/* "#0072b2" */
const gchar *mt_ink (const MtPicture *picture, MtInk ink);

/* Adds a box, and gives it to be filled in further, until the next is added. @id, @text are copied. */
MtBox *mt_picture_box (MtPicture *picture, const gchar *id, const gchar *text, gdouble x, gdouble y, gdouble width, gdouble height);
MtArrow *mt_picture_arrow (MtPicture *picture, guint from, guint to, const gchar *label);
void mt_picture_area (MtPicture *picture, MtInk ink, gdouble x, gdouble y, gdouble width, gdouble height);
MtShape *mt_picture_line (MtPicture *picture, MtInk ink, gdouble pen, gdouble x1, gdouble y1, gdouble x2, gdouble y2);
MtShape *mt_picture_words (MtPicture *picture, const gchar *text, MtInk ink, gdouble size, gint align, gdouble x, gdouble y);
void mt_point (GArray *points, gdouble x, gdouble y);

/* Width of @text at @size, from the widths of Helvetica and not from a font that happens to be
 * installed: so that the same picture comes out everywhere. */
gdouble mt_text_width (const gchar *text, gdouble size, gboolean bold);

/* @text shortened by an ellipsis to @width. Caller frees. */
gchar *mt_text_fit (const gchar *text, gdouble size, gboolean bold, gdouble width);

/* @text broken at spaces into at most @lines lines of @width, joined by newlines; what is left over is cut with an ellipsis. Caller frees. */
gchar *mt_text_wrap (const gchar *text, gdouble size, gboolean bold, gdouble width, guint lines);

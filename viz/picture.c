/* Pictures as plain data, and how wide a text is. */
#include "viz/picture.h"
#include "sim/diag.h"
#include <string.h>

static void
box_clear (gpointer data)
{
  MtBox *box = data;
  g_free (box->id);
  g_free (box->text);
  g_free (box->tip);
}

static void
arrow_clear (gpointer data)
{
  MtArrow *arrow = data;
  g_clear_pointer (&arrow->path, g_array_unref);
  g_free (arrow->label);
}

static void
shape_clear (gpointer data)
{
  MtShape *shape = data;
  g_array_unref (shape->points);
  g_free (shape->text);
}

MtPicture *
mt_picture_new (const gchar *title)
{
  MtPicture *picture = g_new0 (MtPicture, 1);
  picture->title = g_strdup (title);
  picture->boxes = g_array_new (FALSE, TRUE, sizeof (MtBox));
  picture->arrows = g_array_new (FALSE, TRUE, sizeof (MtArrow));
  picture->shapes = g_array_new (FALSE, TRUE, sizeof (MtShape));
  g_array_set_clear_func (picture->boxes, box_clear);
  g_array_set_clear_func (picture->arrows, arrow_clear);
  g_array_set_clear_func (picture->shapes, shape_clear);
  return picture;
}

void
mt_picture_free (MtPicture *picture)
{
  if (!picture)
    return;
  g_free (picture->title);
  g_array_unref (picture->boxes);
  g_array_unref (picture->arrows);
  g_array_unref (picture->shapes);
  g_free (picture);
}

const gchar *
mt_ink (const MtPicture *picture, MtInk ink)
{
  /* light, dark: the darker of the colours are lifted on a dark ground */
  static const gchar *const values[MT_N_INKS][2] = {
    [MT_INK_NONE] = { "none", "none" },
    [MT_INK_PAPER] = { "#ffffff", "#16191d" },
    [MT_INK_TEXT] = { "#1b1f23", "#f0f2f4" },
    [MT_INK_FAINT] = { "#5b636b", "#a7b0b8" },
    [MT_INK_RULE] = { "#c3c9cf", "#4a525a" },
    [MT_INK_PANEL] = { "#f1f3f5", "#24292f" },
    [MT_INK_BLUE] = { "#0072b2", "#2b8fd0" },
    [MT_INK_SKY] = { "#56b4e9", "#56b4e9" },
    [MT_INK_GREEN] = { "#009e73", "#1fb98d" },
    [MT_INK_YELLOW] = { "#f0e442", "#f0e442" },
    [MT_INK_ORANGE] = { "#e69f00", "#e69f00" },
    [MT_INK_VERMILLION] = { "#d55e00", "#ee7a22" },
    [MT_INK_PURPLE] = { "#cc79a7", "#d990b8" },
  };
  return values[ink][picture->dark ? 1 : 0];
}

void
mt_point (GArray *points, gdouble x, gdouble y)
{
  g_array_append_val (points, x);
  g_array_append_val (points, y);
}

MtBox *
mt_picture_box (MtPicture *picture, const gchar *id, const gchar *text, gdouble x, gdouble y, gdouble width, gdouble height)
{
  MtBox box = { .id = g_strdup (id), .text = g_strdup (text), .x = x, .y = y, .width = width, .height = height,
                .size = 18, .pen = 1.5, .fill = MT_INK_PAPER, .line = MT_INK_FAINT, .ink = MT_INK_TEXT };
  g_array_append_val (picture->boxes, box);
  return &g_array_index (picture->boxes, MtBox, picture->boxes->len - 1);
}

MtArrow *
mt_picture_arrow (MtPicture *picture, guint from, guint to, const gchar *label)
{
  MtArrow arrow = { .from = from, .to = to, .label = g_strdup (label), .ink = MT_INK_FAINT, .pen = 1.5 };
  g_array_append_val (picture->arrows, arrow);
  return &g_array_index (picture->arrows, MtArrow, picture->arrows->len - 1);
}

static MtShape *
add_shape (MtPicture *picture, MtShapeKind kind, MtInk ink, gdouble x, gdouble y)
{
  MtShape shape = { .kind = kind, .ink = ink, .points = g_array_new (FALSE, FALSE, sizeof (gdouble)) };
  mt_point (shape.points, x, y);
  g_array_append_val (picture->shapes, shape);
  return &g_array_index (picture->shapes, MtShape, picture->shapes->len - 1);
}

void
mt_picture_area (MtPicture *picture, MtInk ink, gdouble x, gdouble y, gdouble width, gdouble height)
{
  MtShape *shape = add_shape (picture, MT_SHAPE_AREA, ink, x, y);
  mt_point (shape->points, x + width, y);
  mt_point (shape->points, x + width, y + height);
  mt_point (shape->points, x, y + height);
}

MtShape *
mt_picture_line (MtPicture *picture, MtInk ink, gdouble pen, gdouble x1, gdouble y1, gdouble x2, gdouble y2)
{
  MtShape *shape = add_shape (picture, MT_SHAPE_LINE, ink, x1, y1);
  shape->pen = pen;
  mt_point (shape->points, x2, y2);
  return shape;
}

MtShape *
mt_picture_words (MtPicture *picture, const gchar *text, MtInk ink, gdouble size, gint align, gdouble x, gdouble y)
{
  MtShape *shape = add_shape (picture, MT_SHAPE_WORDS, ink, x, y);
  shape->text = g_strdup (text);
  shape->size = size;
  shape->align = align;
  return shape;
}

/* Helvetica, Adobe Font Metrics: thousandths of the size, from the space to the tilde. */
static const guint16 widths[] = {
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
  1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
  333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
};

static gdouble
char_width (const gchar *at, gdouble size, gboolean bold)
{
  gunichar c = g_utf8_get_char (at);
  if (c >= ' ' && c - ' ' < G_N_ELEMENTS (widths))
    return widths[c - ' '] * size / 1000 * (bold ? 1.07 : 1.0);
  gchar one[7] = { 0 };
  g_unichar_to_utf8 (c, one);
  return mt_display_width (one) == 2 ? size : mt_display_width (one) == 1 ? 0.65 * size : 0;
}

gdouble
mt_text_width (const gchar *text, gdouble size, gboolean bold)
{
  gdouble width = 0;
  for (; *text; text = g_utf8_next_char (text))
    width += char_width (text, size, bold);
  return width;
}

gchar *
mt_text_fit (const gchar *text, gdouble size, gboolean bold, gdouble width)
{
  if (mt_text_width (text, size, bold) <= width)
    return g_strdup (text);
  const gchar *end = text;
  gdouble used = size; /* of the ellipsis */
  for (; *end && used + char_width (end, size, bold) <= width; end = g_utf8_next_char (end))
    used += char_width (end, size, bold);
  while (end > text && end[-1] == ' ')
    end--;
  return g_strdup_printf ("%.*s\342\200\246", (gint)(end - text), text);
}

gchar *
mt_text_wrap (const gchar *text, gdouble size, gboolean bold, gdouble width, guint lines)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; *text && i < lines; i++)
    {
      const gchar *end = text, *space = NULL;
      gdouble used = 0;
      for (; *end && used + char_width (end, size, bold) <= width; end = g_utf8_next_char (end))
        {
          used += char_width (end, size, bold);
          space = *end == ' ' ? end : space;
        }
      if (*end == '\0')
        space = end;
      else if (!space) /* a word longer than the line is cut by the ellipsis, and the rest goes on with the next word */
        space = strchr (text, ' ') ? strchr (text, ' ') : text + strlen (text);
      const gchar *next = space;
      while (*next == ' ')
        next++;
      g_autofree gchar *line = i + 1 == lines && *next ? g_strdup (text) : g_strndup (text, (gsize)(space - text));
      g_autofree gchar *fitted = mt_text_fit (line, size, bold, width);
      g_string_append_printf (out, "%s%s", i ? "\n" : "", fitted);
      text = next;
    }
  return g_strdup (out->str);
}

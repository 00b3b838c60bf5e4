/* See comparison.h. */
#include "viz/comparison.h"
#include "viz/view.h"

#define WIDTH 1280.0
#define HEIGHT 720.0
#define LEAST 480.0 /* height: fewer rows are drawn larger */
#define MARGIN 24.0
#define SIZE 18.0
#define BAR 18.0 /* height of a bar */
#define ROW 76.0
#define NAME 420.0 /* of an outcome, at most */
#define SHOWN 60 /* outcomes; how many more there are is told in a line */
#define KINDS 3

static const struct
{
  const gchar *name;
  MtInk ink;
} kinds[KINDS] = { { "exact", MT_INK_BLUE }, { "simulated", MT_INK_SKY }, { "real", MT_INK_ORANGE } };

/* What the colours mean, and how many runs there were. */
static void
draw_key (MtPicture *p, const MtComparison *c, gdouble y)
{
  g_autofree gchar *simulated = g_strdup_printf ("%u simulated runs", c->simulated), *real = g_strdup_printf ("%u on real threads", c->real);
  const gchar *const texts[KINDS] = { "exact chance", simulated, real };
  gdouble x = MARGIN;
  for (guint k = 0; k < KINDS; k++)
    {
      g_autofree gchar *id = g_strdup_printf ("key-%u", k);
      MtBox *box = mt_picture_box (p, id, "", x, y - 13, 18, 14);
      box->fill = box->line = kinds[k].ink;
      mt_picture_words (p, texts[k], MT_INK_FAINT, SIZE, -1, x + 26, y);
      x += 60 + mt_text_width (texts[k], SIZE, FALSE);
    }
}

static void
draw_row (MtPicture *p, const MtComparisonRow *row, guint i, gdouble x, gdouble y, gdouble name, gdouble room, gdouble most)
{
  g_autofree gchar *clean = mt_view_clean (row->text), *text = mt_text_fit (clean, SIZE, row->surprise, name);
  MtShape *words = mt_picture_words (p, text, row->surprise ? MT_INK_VERMILLION : MT_INK_TEXT, SIZE, 1, x - 14, y + BAR * 1.5 + 6);
  words->style = row->surprise ? MT_STYLE_BOLD : words->style;
  for (guint k = 0; k < KINDS; k++, y += BAR + 1)
    {
      if (row->shares[k] < 0)
        continue;
      g_autofree gchar *id = g_strdup_printf ("bar-%u-%u", i, k), *share = g_strdup_printf ("%.2f %%", 100 * row->shares[k]);
      gdouble width = row->shares[k] > 0 ? MAX (2, room * row->shares[k] / most) : 0;
      if (width > 0)
        {
          MtBox *box = mt_picture_box (p, id, "", x, y, width, BAR);
          box->fill = box->line = kinds[k].ink;
          box->tip = g_strdup_printf ("%s, %s: %s", clean, kinds[k].name, share);
        }
      mt_picture_words (p, share, MT_INK_FAINT, SIZE - 4, -1, x + width + 10, y + BAR - 4);
    }
}

MtPicture *
mt_comparison_draw (const MtComparison *c)
{
  g_autofree gchar *title = mt_view_clean (c->title);
  MtPicture *p = mt_picture_new (title);
  const guint shown = MIN (c->n, SHOWN);
  gdouble name = 80, most = 0;
  for (guint i = 0; i < c->n; i++)
    {
      name = MAX (name, MIN (NAME, mt_text_width (c->rows[i].text, SIZE, c->rows[i].surprise)));
      for (guint k = 0; k < KINDS; k++)
        most = MAX (most, c->rows[i].shares[k]);
    }
  p->dark = c->dark;
  p->height = MAX (LEAST, 150 + ROW * (shown + (shown < c->n ? 1 : 0)));
  p->width = p->height * WIDTH / HEIGHT;
  gdouble x = MARGIN + name + 20, y = 116;
  g_autofree gchar *fitted = mt_text_fit (title, 26, TRUE, p->width - 2 * MARGIN);
  mt_picture_words (p, fitted, MT_INK_TEXT, 26, -1, MARGIN, MARGIN + 22)->style = MT_STYLE_BOLD;
  draw_key (p, c, MARGIN + 56);
  for (guint i = 0; i < shown; i++, y += ROW)
    draw_row (p, &c->rows[i], i, x, y, name, p->width - x - MARGIN - 110, most > 0 ? most : 1);
  if (shown < c->n)
    {
      g_autofree gchar *more = g_strdup_printf ("and %u outcomes more", c->n - shown);
      mt_picture_words (p, more, MT_INK_FAINT, SIZE, -1, x, y + BAR);
    }
  return p;
}

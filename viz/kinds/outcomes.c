/* outcomes: how often each outcome came, as bars. */
#include "viz/kind.h"
#include <string.h>

#define WIDTH 1280.0
#define HEIGHT 720.0
#define LEAST 480.0 /* height: fewer bars are drawn larger */
#define MARGIN 24.0
#define SIZE 18.0
#define ROW 40.0
#define NAME 420.0 /* of an outcome, at most */
#define SHOWN 200 /* bars; what is rarer is summed up in a line */

static MtPicture *
draw (const MtKindInput *input)
{
  g_autofree gchar *title = mt_view_clean (input->program->title);
  MtPicture *p = mt_picture_new (title);
  guint total = 0, shown = MIN (input->n_bars, SHOWN), rest = 0;
  gdouble name = 80;
  for (guint i = 0; i < input->n_bars; i++)
    {
      total += input->bars[i].count;
      rest += i >= shown ? input->bars[i].count : 0;
      name = MAX (name, MIN (NAME, mt_text_width (input->bars[i].text, SIZE, FALSE)));
    }
  p->dark = input->dark;
  p->height = MAX (LEAST, 150 + ROW * (shown + (rest ? 1 : 0)));
  p->width = p->height * WIDTH / HEIGHT;
  gdouble x = MARGIN + name + 20, room = p->width - x - MARGIN - 190, y = 130;
  g_autofree gchar *fitted = mt_text_fit (title, 26, TRUE, p->width - 2 * MARGIN);
  g_autofree gchar *below = g_strdup_printf ("%u runs, %u different outcome%s", total, input->n_bars, input->n_bars == 1 ? "" : "s");
  mt_picture_words (p, fitted, MT_INK_TEXT, 26, -1, MARGIN, MARGIN + 22)->style = MT_STYLE_BOLD;
  mt_picture_words (p, below, MT_INK_FAINT, SIZE, -1, MARGIN, MARGIN + 52);
  for (guint i = 0; i < shown; i++, y += ROW)
    {
      const MtBar *bar = &input->bars[i];
      g_autofree gchar *clean = mt_view_clean (bar->text), *text = mt_text_fit (clean, SIZE, FALSE, name), *id = g_strdup_printf ("bar-%u", i);
      g_autofree gchar *count = g_strdup_printf ("%u  (%.1f %%)", bar->count, 100.0 * bar->count / total);
      gdouble width = MAX (2, room * bar->count / input->bars[0].count);
      mt_picture_words (p, text, MT_INK_TEXT, SIZE, 1, x - 14, y + 6);
      MtBox *box = mt_picture_box (p, id, "", x, y - 13, width, 26);
      box->fill = box->line = MT_INK_BLUE;
      box->tip = g_strdup_printf ("%s: %s", clean, count);
      mt_picture_words (p, count, MT_INK_FAINT, SIZE, -1, x + width + 12, y + 6);
    }
  if (rest)
    {
      g_autofree gchar *more = g_strdup_printf ("and %u outcomes more, of %u runs together", input->n_bars - shown, rest);
      mt_picture_words (p, more, MT_INK_FAINT, SIZE, -1, x, y + 6);
    }
  return p;
}

const MtKindRow mt_kind_outcomes = { "outcomes", "how often each outcome came in many runs", MT_NEEDS_RUNS, FALSE, draw };

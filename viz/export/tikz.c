/* tikz: the picture, shape by shape, as a LaTeX file that stands alone. Needs XeLaTeX or LuaLaTeX
 * where names go beyond ASCII. */
#include "viz/export.h"
#include "sim/diag.h"
#include <string.h>

#define UNITS 0.5 /* LaTeX points for one of ours */

typedef struct
{
  const MtPicture *picture;
  GString *out;
} Tikz;

static void
append_number (Tikz *t, gdouble value)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append (t->out, g_ascii_formatd (buffer, sizeof buffer, "%.2f", value * UNITS));
}

static void
append_point (Tikz *t, gdouble x, gdouble y)
{
  g_string_append_c (t->out, '(');
  append_number (t, x);
  g_string_append (t->out, "pt,");
  append_number (t, -y);
  g_string_append (t->out, "pt)");
}

static void
append_text (Tikz *t, const gchar *text)
{
  for (; *text; text++)
    switch (*text)
      {
      case '\\':
        g_string_append (t->out, "\\textbackslash{}");
        break;
      case '~':
        g_string_append (t->out, "\\textasciitilde{}");
        break;
      case '^':
        g_string_append (t->out, "\\textasciicircum{}");
        break;
      case '\n':
        g_string_append (t->out, "\\\\");
        break;
      default:
        if (strchr ("{}$&#%_", *text))
          g_string_append_c (t->out, '\\');
        g_string_append_c (t->out, *text);
      }
}

static void
append_path (Tikz *t, const GArray *points)
{
  for (guint i = 0; i + 1 < points->len; i += 2)
    {
      g_string_append (t->out, i ? " -- " : "");
      append_point (t, g_array_index (points, gdouble, i), g_array_index (points, gdouble, i + 1));
    }
}

static void
append_pen (Tikz *t, MtInk ink, gdouble pen, MtStyle style)
{
  g_string_append_printf (t->out, "ink%d, line width=", ink);
  append_number (t, pen);
  g_string_append_printf (t->out, "pt%s", style & MT_STYLE_DASHED ? ", dashed" : style & MT_STYLE_DOTTED ? ", dotted" : "");
}

static void
append_font (Tikz *t, gdouble size, MtStyle style)
{
  g_string_append (t->out, "font=\\fontsize{");
  append_number (t, size);
  g_string_append (t->out, "}{");
  append_number (t, size * 1.2);
  g_string_append_printf (t->out, "}\\selectfont%s", style & MT_STYLE_BOLD ? "\\bfseries" : "");
}

static void
write_shape (Tikz *t, const MtShape *shape)
{
  static const gchar *const anchors[] = { "base west", "base", "base east" };
  switch (shape->kind)
    {
    case MT_SHAPE_AREA:
      g_string_append_printf (t->out, "\\fill[ink%d] ", shape->ink);
      append_path (t, shape->points);
      g_string_append (t->out, " -- cycle;\n");
      break;
    case MT_SHAPE_LINE:
      g_string_append (t->out, "\\draw[");
      append_pen (t, shape->ink, shape->pen, shape->style);
      g_string_append (t->out, "] ");
      append_path (t, shape->points);
      g_string_append (t->out, ";\n");
      break;
    case MT_SHAPE_WORDS:
      g_string_append_printf (t->out, "\\node[anchor=%s, inner sep=0, text=ink%d, ", anchors[shape->align + 1], shape->ink);
      append_font (t, shape->size, shape->style);
      g_string_append (t->out, "] at ");
      append_point (t, g_array_index (shape->points, gdouble, 0), g_array_index (shape->points, gdouble, 1));
      g_string_append (t->out, " {");
      append_text (t, shape->text);
      g_string_append (t->out, "};\n");
      break;
    }
}

static void
write_box (Tikz *t, const MtBox *box)
{
  g_string_append (t->out, "\\node[");
  if (box->line != MT_INK_NONE)
    {
      g_string_append (t->out, "draw=");
      append_pen (t, box->line, box->pen, box->style);
      g_string_append (t->out, ", ");
    }
  if (box->fill != MT_INK_NONE)
    g_string_append_printf (t->out, "fill=ink%d, ", box->fill);
  g_string_append_printf (t->out, "%stext=ink%d, inner sep=0, align=center, minimum width=", box->style & MT_STYLE_ROUND ? "rounded corners, " : "", box->ink);
  append_number (t, box->width);
  g_string_append (t->out, "pt, minimum height=");
  append_number (t, box->height);
  g_string_append (t->out, "pt, ");
  append_font (t, box->size, box->style);
  g_string_append (t->out, "] at ");
  append_point (t, box->x + box->width / 2, box->y + box->height / 2);
  g_string_append (t->out, " {");
  append_text (t, box->text);
  g_string_append (t->out, "};\n");
}

static gboolean
write_tikz (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  const MtPicture *p = drawing->picture;
  Tikz t = { p, out };
  if (p->width == 0)
    {
      g_set_error (error, MT_ERROR, MT_ERROR_FILE, "tikz draws what has places: a schedule or outcomes; for a graph there is dot");
      return FALSE;
    }
  g_string_append (out, "% Names beyond Latin letters: LuaLaTeX or XeLaTeX, fontspec, and \\setmainfont with a font that has them.\n"
                        "\\documentclass{article}\n\\usepackage[margin=0pt, paperwidth=");
  append_number (&t, p->width);
  g_string_append (out, "pt, paperheight=");
  append_number (&t, p->height);
  g_string_append (out, "pt]{geometry}\n\\usepackage{tikz}\n\\usetikzlibrary{arrows.meta}\n\\renewcommand{\\familydefault}{\\sfdefault}\n"
                        "\\pagestyle{empty}\\topskip=0pt\\parindent=0pt\\hfuzz=\\maxdimen\\vfuzz=\\maxdimen\n");
  for (guint i = MT_INK_PAPER; i < MT_N_INKS; i++)
    {
      g_autofree gchar *colour = g_ascii_strup (mt_ink (p, (MtInk)i) + 1, -1);
      g_string_append_printf (out, "\\definecolor{ink%u}{HTML}{%s}\n", i, colour);
    }
  g_string_append (out, "\\begin{document}\n\\begin{tikzpicture}\n\\useasboundingbox ");
  append_point (&t, 0, 0);
  g_string_append (out, " rectangle ");
  append_point (&t, p->width, p->height);
  g_string_append (out, ";\n\\fill[ink1] ");
  append_point (&t, 0, 0);
  g_string_append (out, " rectangle ");
  append_point (&t, p->width, p->height);
  g_string_append (out, ";\n");
  for (guint i = 0; i < p->shapes->len; i++)
    write_shape (&t, &g_array_index (p->shapes, MtShape, i));
  for (guint i = 0; i < p->arrows->len; i++)
    {
      const MtArrow *arrow = &g_array_index (p->arrows, MtArrow, i);
      g_string_append_printf (out, "\\draw[%srounded corners=3pt, ", arrow->style & MT_STYLE_NO_HEAD ? "" : "-{Latex}, ");
      append_pen (&t, arrow->ink, arrow->pen, arrow->style);
      g_string_append (out, "] ");
      append_path (&t, arrow->path);
      g_string_append (out, ";\n");
    }
  for (guint i = 0; i < p->boxes->len; i++)
    write_box (&t, &g_array_index (p->boxes, MtBox, i));
  g_string_append (out, "\\end{tikzpicture}\n\\end{document}\n");
  return TRUE;
}

const MtExportRow mt_export_tikz = { "tikz", "tex", "for LaTeX: a file that stands alone", MT_EXPORT_STILL, write_tikz };

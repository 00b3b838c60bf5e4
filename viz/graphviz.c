/* The only file that knows Graphviz, and a module of its own (graphviz_module.c loads it): pictures become graphs of libcgraph, which libgvc draws.
 *
 * A picture with places is drawn by the layout engine nop2 (neato -n2), which moves nothing: boxes are
 * nodes with a `pos`, arrows are edges with their spline, and the backdrop is the graph's
 * `_background`, a drawing in the xdot language. Graphviz looks upward (y grows to the top), we
 * downward. Sizes are fixed, so that the fonts of this machine move nothing either. */
#include "viz/graphviz.h"
#include "sim/diag.h"
#include <cgraph.h>
#include <gvc.h>
#include <math.h>
#include <string.h>

#define FONT "Arial,Helvetica,sans-serif" /* as wide as mt_text_width() says */
#define BOLD FONT " bold"
#define TITLE 24.0 /* size of a graph's title */
#define LABEL 14.0 /* of an arrow's label */
#define PIXELS 2560 /* of a slide's width */
#define MAX_PIXELS 16000 /* of a bitmap's side: Cairo refuses more than 32767 */

typedef struct
{
  const MtPicture *picture;
  Agraph_t *graph;
} Drawing;

/* A number as Graphviz reads it, in whatever locale. */
static const gchar *
number (gdouble value, gchar *buffer)
{
  if (fabs (value) < 0.005)
    value = 0; /* no "-0.00" */
  return g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.2f", value);
}

static void
append_number (GString *out, gdouble value)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append (out, number (value, buffer));
  g_string_append_c (out, ' ');
}

static void
append_point (GString *out, const MtPicture *picture, gdouble x, gdouble y)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (out, "%s,", number (x, buffer));
  g_string_append (out, number (picture->height - y, buffer));
}

static void
set (gpointer object, const gchar *name, const gchar *value)
{
  agsafeset (object, (char *)name, (char *)value, (char *)"");
}

static void
set_number (gpointer object, const gchar *name, gdouble value)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];
  set (object, name, number (value, buffer));
}

/* A label as it stands: Graphviz would take \N and &lt; for something else. */
static gchar *
escape (const gchar *text)
{
  GString *out = g_string_new (NULL);
  for (; *text; text++)
    switch (*text)
      {
      case '\\':
        g_string_append (out, "\\\\");
        break;
      case '&':
        g_string_append (out, "&amp;");
        break;
      case '\n':
        g_string_append (out, "\\n");
        break;
      default:
        g_string_append_c (out, *text);
      }
  return g_string_free (out, FALSE);
}

static void
set_text (gpointer object, const gchar *name, const gchar *value)
{
  g_autofree gchar *escaped = escape (value ? value : "");
  set (object, name, escaped);
}

/* A label of fixed size without words, so that the layout does not ask how wide a font is. */
static void
set_blank (const Drawing *d, gpointer object, gdouble width, gdouble height)
{
  g_autofree gchar *table = g_strdup_printf ("<TABLE BORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\" FIXEDSIZE=\"TRUE\" WIDTH=\"%d\" HEIGHT=\"%d\">"
                                             "<TR><TD></TD></TR></TABLE>", (gint)width, (gint)height);
  gchar *html = agstrdup_html (d->graph, table);
  agsafeset (object, (char *)"label", html, (char *)"");
  agstrfree (d->graph, html);
}

/* The backdrop, in the xdot language. */

static void
append_string (GString *out, const gchar *operation, const gchar *text)
{
  g_string_append_printf (out, "%s %" G_GSIZE_FORMAT " -%s ", operation, strlen (text), text);
}

static void
append_points (GString *out, const MtPicture *picture, const gchar *operation, const GArray *points)
{
  g_string_append_printf (out, "%s %u ", operation, points->len / 2);
  for (guint i = 0; i + 1 < points->len; i += 2)
    {
      append_number (out, g_array_index (points, gdouble, i));
      append_number (out, picture->height - g_array_index (points, gdouble, i + 1));
    }
}

static void
append_shape (GString *out, const MtPicture *picture, const MtShape *shape)
{
  append_string (out, "c", mt_ink (picture, shape->ink));
  if (shape->kind == MT_SHAPE_AREA)
    {
      append_string (out, "S", "solid"); /* a style stays until another comes */
      append_string (out, "S", "setlinewidth(1)");
      append_string (out, "C", mt_ink (picture, shape->ink));
      append_points (out, picture, "P", shape->points);
      return;
    }
  if (shape->kind == MT_SHAPE_LINE)
    {
      gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree gchar *width = g_strdup_printf ("setlinewidth(%s)", number (shape->pen, buffer));
      append_string (out, "S", shape->style & MT_STYLE_DASHED ? "dashed" : shape->style & MT_STYLE_DOTTED ? "dotted" : "solid");
      append_string (out, "S", width);
      append_points (out, picture, "L", shape->points);
      return;
    }
  g_string_append (out, "F ");
  append_number (out, shape->size);
  append_string (out, "", FONT);
  g_string_append_printf (out, "t %d ", shape->style & MT_STYLE_BOLD ? 1 : 0);
  g_string_append (out, "T ");
  append_number (out, g_array_index (shape->points, gdouble, 0));
  /* Graphviz puts the baseline a fifth of the size above what the xdot language says */
  append_number (out, picture->height - g_array_index (shape->points, gdouble, 1) - 0.2 * shape->size);
  g_string_append_printf (out, "%d ", shape->align);
  append_number (out, mt_text_width (shape->text, shape->size, (shape->style & MT_STYLE_BOLD) != 0));
  append_string (out, "", shape->text);
}

static void
set_background (const Drawing *d)
{
  const MtPicture *p = d->picture;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GArray) corners = g_array_new (FALSE, FALSE, sizeof (gdouble));
  mt_point (corners, 0, 0);
  mt_point (corners, p->width, 0);
  mt_point (corners, p->width, p->height);
  mt_point (corners, 0, p->height);
  /* a sheet of paper: it also is what makes the drawing as large as the picture */
  append_string (out, "c", mt_ink (p, MT_INK_PAPER));
  append_string (out, "C", mt_ink (p, MT_INK_PAPER));
  append_points (out, p, "P", corners);
  for (guint i = 0; i < p->shapes->len; i++)
    append_shape (out, p, &g_array_index (p->shapes, MtShape, i));
  set (d->graph, "_background", out->str);
}

/* The sheet and no more, however wide the words on it come out in the fonts of this machine. */
static void
set_viewport (const Drawing *d, gdouble width, gdouble height)
{
  gchar n[4][G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree gchar *view = g_strdup_printf ("%s,%s,1,%s,%s", number (width, n[0]), number (height, n[1]), number (width / 2, n[2]), number (height / 2, n[3]));
  set (d->graph, "viewport", view);
}

/* Nodes and edges. */

static Agnode_t *
add_box (const Drawing *d, const MtBox *box)
{
  const MtPicture *p = d->picture;
  Agnode_t *node = agnode (d->graph, box->id, 1);
  g_autoptr (GString) style = g_string_new (box->fill != MT_INK_NONE ? "filled" : "");
  if (box->style & MT_STYLE_ROUND)
    g_string_append_printf (style, "%srounded", style->len ? "," : "");
  if (box->style & MT_STYLE_DASHED)
    g_string_append_printf (style, "%sdashed", style->len ? "," : "");
  set (node, "style", style->str);
  set (node, "id", box->id);
  set (node, "shape", box->style & MT_STYLE_ELLIPSE ? "ellipse" : "box");
  if (box->style & MT_STYLE_BOLD)
    set (node, "fontname", BOLD);
  set_text (node, "label", box->text);
  set_text (node, "tooltip", box->tip ? box->tip : box->text);
  set_number (node, "width", box->width / 72);
  set_number (node, "height", box->height / 72);
  set_number (node, "fontsize", box->size);
  set_number (node, "penwidth", box->line == MT_INK_NONE ? 0 : box->pen);
  if (box->fill != MT_INK_NONE)
    set (node, "fillcolor", mt_ink (p, box->fill));
  set (node, "color", mt_ink (p, box->line == MT_INK_NONE ? box->fill : box->line));
  set (node, "fontcolor", mt_ink (p, box->ink));
  if (p->width > 0)
    {
      g_autoptr (GString) pos = g_string_new (NULL);
      append_point (pos, p, box->x + box->width / 2, box->y + box->height / 2);
      set (node, "pos", pos->str);
    }
  return node;
}

typedef struct
{
  gdouble x, y;
} Point;

static Point
point_at (const GArray *path, guint i)
{
  return (Point){ g_array_index (path, gdouble, 2 * i), g_array_index (path, gdouble, 2 * i + 1) };
}

/* @by points from @a toward @b. */
static Point
toward (Point a, Point b, gdouble by)
{
  gdouble length = hypot (b.x - a.x, b.y - a.y);
  gdouble part = length > 0 ? MIN (by / length, 1) : 0;
  return (Point){ a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part };
}

static void
append_curve (GString *out, const MtPicture *p, Point a, Point b, Point c)
{
  const Point points[] = { a, b, c };
  for (guint i = 0; i < 3; i++)
    {
      g_string_append_c (out, ' ');
      append_point (out, p, points[i].x, points[i].y);
    }
}

static gdouble
head_size (const MtArrow *arrow)
{
  return 0.6 + 0.15 * arrow->pen;
}

/* A path with rounded corners as the B-spline of an edge; the head takes the last points of it. */
static void
set_path (const Drawing *d, Agedge_t *edge, const MtArrow *arrow)
{
  const MtPicture *p = d->picture;
  guint n = arrow->path->len / 2;
  g_autoptr (GString) pos = g_string_new (NULL);
  Point end = point_at (arrow->path, n - 1), at = point_at (arrow->path, 0);
  if (!(arrow->style & MT_STYLE_NO_HEAD))
    {
      end = toward (end, point_at (arrow->path, n - 2), 1.5 * arrow->pen); /* the outline of the head has a point of its own */
      g_string_append (pos, "e,");
      append_point (pos, p, end.x, end.y);
      g_string_append_c (pos, ' ');
      end = toward (end, point_at (arrow->path, n - 2), 10 * head_size (arrow) - 1);
    }
  append_point (pos, p, at.x, at.y);
  for (guint i = 1; i < n; i++)
    {
      Point corner = i + 1 < n ? point_at (arrow->path, i) : end;
      Point next = i + 2 < n ? point_at (arrow->path, i + 1) : end;
      gdouble radius = MIN (7, MIN (hypot (corner.x - at.x, corner.y - at.y), hypot (next.x - corner.x, next.y - corner.y)) / 2);
      Point before = toward (corner, at, i + 1 < n ? radius : 0), after = toward (corner, next, radius);
      append_curve (pos, p, toward (at, before, 1), toward (before, at, 1), before);
      if (i + 1 < n)
        append_curve (pos, p, corner, corner, after);
      at = after;
    }
  set (edge, "pos", pos->str);
}

static Agedge_t *
add_arrow (const Drawing *d, const MtArrow *arrow, Agnode_t *from, Agnode_t *to, guint i)
{
  g_autofree gchar *name = g_strdup_printf ("arrow-%u", i);
  Agedge_t *edge = agedge (d->graph, from, to, name, 1);
  set (edge, "id", name);
  set (edge, "color", mt_ink (d->picture, arrow->ink));
  set_number (edge, "penwidth", arrow->pen);
  set_number (edge, "arrowsize", head_size (arrow));
  if (arrow->style & (MT_STYLE_DASHED | MT_STYLE_DOTTED))
    set (edge, "style", arrow->style & MT_STYLE_DASHED ? "dashed" : "dotted");
  if (arrow->style & MT_STYLE_NO_HEAD)
    set (edge, "arrowhead", "none");
  if (arrow->path)
    set_path (d, edge, arrow);
  else if (arrow->label && *arrow->label && !d->picture->round)
    {
      set_blank (d, edge, mt_text_width (arrow->label, LABEL, FALSE) + 12, 20);
      set (edge, "fontcolor", mt_ink (d->picture, arrow->ink));
    }
  return edge;
}

/* A graph is laid out with blank labels; then everything has its place, and the words are put there. */
static gboolean
lay_out (const Drawing *d, GVC_t *gvc, Agedge_t *const *edges)
{
  const MtPicture *p = d->picture;
  g_autofree gchar *title = g_strconcat (p->title, "\n ", NULL);
  if (p->width == 0)
    {
      if (gvLayout (gvc, d->graph, p->round ? "circo" : "dot") != 0)
        return FALSE;
      attach_attrs (d->graph); /* pos, lp, bb */
      gvFreeLayout (gvc, d->graph);
      set_text (d->graph, "label", title);
      for (guint i = 0; i < p->arrows->len; i++)
        {
          const MtArrow *arrow = &g_array_index (p->arrows, MtArrow, i);
          set_text (edges[i], "label", arrow->label && !p->round ? arrow->label : "");
        }
    }
  if (gvLayout (gvc, d->graph, "nop2") != 0)
    return FALSE;
  if (p->width > 0) /* Graphviz widens it for the backdrop's words, by the fonts that this machine happens to have */
    {
      g_autofree gchar *bounds = g_strdup_printf ("0 0 %ld %ld", lround (p->width), lround (p->height));
      set (d->graph, "bb", bounds);
    }
  return TRUE;
}

/* SVG: the weight, which Graphviz leaves in the font's name, where no browser looks for it. */
static void
append_svg (GString *out, const gchar *data)
{
  static const gchar wrong[] = "font-family=\"" BOLD "\"", right[] = "font-family=\"" FONT "\" font-weight=\"bold\"";
  for (const gchar *next; (next = strstr (data, wrong)); data = next + strlen (wrong))
    {
      g_string_append_len (out, data, next - data);
      g_string_append (out, right);
    }
  g_string_append (out, data);
}

static void
set_default (Agraph_t *g, int kind, const gchar *name, const gchar *value)
{
  agattr (g, kind, (char *)name, (char *)value); /* Graphviz knows no const */
}

static void
set_defaults (const Drawing *d, gdouble dpi)
{
  Agraph_t *g = d->graph;
  const MtPicture *p = d->picture;
  set_default (g, AGNODE, "fixedsize", "true");
  set_default (g, AGNODE, "fontname", FONT);
  set_default (g, AGNODE, "margin", "0");
  set_default (g, AGEDGE, "fontname", FONT);
  set_default (g, AGEDGE, "fontsize", "14");
  set (g, "outputorder", "edgesfirst");
  set (g, "bgcolor", mt_ink (p, MT_INK_PAPER));
  if (dpi > 0)
    set_number (g, "dpi", dpi);
  if (p->width > 0)
    {
      set (g, "pad", "0");
      set (g, "notranslate", "true");
      set_background (d);
      set_viewport (d, p->width, p->height);
      return;
    }
  set (g, "pad", "0.3");
  set (g, "rankdir", p->sideways ? "LR" : "TB");
  set (g, "ranksep", "0.5");
  set (g, "nodesep", "0.4");
  set (g, "labelloc", "t");
  set (g, "fontname", BOLD);
  set (g, "fontsize", "24");
  set (g, "fontcolor", mt_ink (p, MT_INK_TEXT));
  gdouble width = 0;
  guint lines = 0;
  g_auto (GStrv) split = g_strsplit (p->title, "\n", -1);
  for (; split[lines]; lines++)
    width = MAX (width, mt_text_width (split[lines], TITLE, TRUE));
  set_blank (d, g, width, (lines + 1) * 1.2 * TITLE);
}

/* Two pixels a point, and never fewer than PIXELS: sharp on a slide. */
static gdouble
dots_per_inch (const MtPicture *p)
{
  gdouble side = MAX (p->width, p->height);
  return side > 0 ? CLAMP (144, 72 * PIXELS / side, 72 * MAX_PIXELS / side) : 144;
}

/* One for the whole life of the program: Graphviz's text plug-in remembers the font it used last by its
 * address, which freeing the context would leave dangling for the next picture. */
static GVC_t *
context (void)
{
  static GVC_t *gvc;
  if (!gvc)
    gvc = gvContext ();
  return gvc;
}

gboolean
mt_graphviz_draw (const MtPicture *picture, const gchar *format, GString *out, GError **error)
{
  gboolean bitmap = g_str_equal (format, "png");
  const Drawing d = { picture, agopen ((char *)"mtsim", Agdirected, NULL) };
  agseterr (AGERR); /* a text that a font makes wider than its box is no news */
  set_defaults (&d, bitmap ? dots_per_inch (picture) : 0);
  g_autofree Agnode_t **nodes = g_new (Agnode_t *, picture->boxes->len + 1);
  for (guint i = 0; i < picture->boxes->len; i++)
    nodes[i] = add_box (&d, &g_array_index (picture->boxes, MtBox, i));
  g_autofree Agedge_t **edges = g_new (Agedge_t *, picture->arrows->len + 1);
  for (guint i = 0; i < picture->arrows->len; i++)
    {
      const MtArrow *arrow = &g_array_index (picture->arrows, MtArrow, i);
      edges[i] = add_arrow (&d, arrow, nodes[arrow->from], nodes[arrow->to], i);
    }
  GVC_t *gvc = context ();
  char *data = NULL;
  unsigned int length = 0;
  gboolean good = lay_out (&d, gvc, edges) && gvRenderData (gvc, d.graph, g_str_equal (format, "dot") ? "canon" : format, &data, &length) == 0;
  if (good && g_str_equal (format, "svg"))
    append_svg (out, data);
  else if (good)
    g_string_append_len (out, data, (gssize)length);
  else
    g_set_error (error, MT_ERROR, MT_ERROR_FILE, "this Graphviz can't draw '%s'", format);
  gvFreeRenderData (data);
  gvFreeLayout (gvc, d.graph);
  agclose (d.graph);
  return good;
}

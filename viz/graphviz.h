/* Pictures through Graphviz. */
#pragma once
#include "viz/picture.h"

/* Draws @picture as @format ("dot", "svg", "png", "pdf", ...); appends to @out. FALSE and @error
 * (MT_ERROR_FILE) when this Graphviz can't, or is not there. Loads it at the first call. */
gboolean mt_graphviz_render (const MtPicture *picture, const gchar *format, GString *out, GError **error);

/* The same, with Graphviz loaded: what the module graphviz.c is made of for mt_graphviz_render(), and has for others to call. */
gboolean mt_graphviz_draw (const MtPicture *picture, const gchar *format, GString *out, GError **error);
typedef gboolean (*MtGraphvizDraw) (const MtPicture *picture, const gchar *format, GString *out, GError **error);

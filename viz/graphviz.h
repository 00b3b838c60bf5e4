/* Pictures through Graphviz. */
#pragma once
#include "viz/picture.h"

/* Draws @picture as @format ("dot", "svg", "png", "pdf", ...); appends to @out. FALSE and @error
 * (MT_ERROR_FILE) when this Graphviz can't. */
gboolean mt_graphviz_render (const MtPicture *picture, const gchar *format, GString *out, GError **error);

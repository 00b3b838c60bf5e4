/* png: the picture through Graphviz. */
#include "viz/export.h"
#include "viz/graphviz.h"

static gboolean
write_png (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  return mt_graphviz_render (drawing->picture, "png", out, error);
}

const MtExportRow mt_export_png = { "png", "png", "pixels: two for a point", MT_EXPORT_STILL, write_png };

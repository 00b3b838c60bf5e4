/* svg: the picture through Graphviz. */
#include "viz/export.h"
#include "viz/graphviz.h"

static gboolean
write_svg (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  return mt_graphviz_render (drawing->picture, "svg", out, error);
}

const MtExportRow mt_export_svg = { "svg", "svg", "for a page or a slide, sharp at any size", MT_EXPORT_STILL, write_svg };

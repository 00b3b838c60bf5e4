/* dot: the picture through Graphviz. */
#include "viz/export.h"
#include "viz/graphviz.h"

static gboolean
write_dot (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  return mt_graphviz_render (drawing->picture, "dot", out, error);
}

const MtExportRow mt_export_dot = { "dot", "dot", "Graphviz's own text: every place is in it", MT_EXPORT_STILL, write_dot };

/* pdf: the picture through Graphviz. */
#include "viz/export.h"
#include "viz/graphviz.h"

static gboolean
write_pdf (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  return mt_graphviz_render (drawing->picture, "pdf", out, error);
}

const MtExportRow mt_export_pdf = { "pdf", "pdf", "for paper", MT_EXPORT_STILL, write_pdf };

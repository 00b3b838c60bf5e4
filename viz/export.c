/* The list of formats: one line each. */
#include "viz/export.h"

extern const MtExportRow mt_export_text, mt_export_dot, mt_export_svg, mt_export_png, mt_export_pdf, mt_export_html, mt_export_json, mt_export_mermaid, mt_export_tikz,
    mt_export_perfetto, mt_export_shiviz;

const MtExportRow *const mt_exports[] = {
  &mt_export_text,
  &mt_export_dot,
  &mt_export_svg,
  &mt_export_png,
  &mt_export_pdf,
  &mt_export_html,
  &mt_export_json,
  &mt_export_mermaid,
  &mt_export_tikz,
  &mt_export_perfetto,
  &mt_export_shiviz,
  NULL,
};

const MtExportRow *
mt_export_find (const gchar *name)
{
  for (guint i = 0; mt_exports[i]; i++)
    if (g_str_equal (mt_exports[i]->name, name) || g_str_equal (mt_exports[i]->ending, name))
      return mt_exports[i];
  return NULL;
}

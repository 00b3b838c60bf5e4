/* The list of formats: one line each. */
#include "viz/export.h"

extern const MtExportRow mt_export_text;

const MtExportRow *const mt_exports[] = {
  &mt_export_text,
  NULL,
};

const MtExportRow *
mt_export_find (const gchar *name)
{
  for (guint i = 0; mt_exports[i]; i++)
    if (g_str_equal (mt_exports[i]->name, name))
      return mt_exports[i];
  return NULL;
}

/* Exports: a view in, bytes out. One row a format, one file a format under export/; to add one,
 * copy export/text.c and add its line to export.c. */
#pragma once
#include "viz/view.h"

typedef struct
{
  guint width; /* columns or pixels; 0: the format's own */
  gboolean colour; /* text: ANSI escapes */
} MtExportOptions;

typedef struct
{
  const gchar *name; /* "text" */
  const gchar *help;
  void (*write) (const MtView *view, const MtExportOptions *options, GString *out);
} MtExportRow;

/* NULL-terminated. */
extern const MtExportRow *const mt_exports[];

const MtExportRow *mt_export_find (const gchar *name);

/* Exports: a drawing in, bytes out. One row a format, one file a format under export/; to add one,
 * copy export/dot.c and add its line to export.c. */
#pragma once
#include "viz/kind.h"

typedef struct
{
  guint width; /* columns or pixels; 0: the format's own */
  gboolean colour; /* text: ANSI escapes */
} MtExportOptions;

/* What is drawn: a picture, and the run it shows where it shows one. */
typedef struct
{
  const MtView *view; /* NULL: the picture is of something else. It may tell of more steps than the picture shows */
  const MtPicture *picture; /* NULL only for formats that are made of the view alone */
} MtDrawing;

/* What a format is made of. Flags; none: of the picture, and of the run where it is of one. */
typedef enum
{
  MT_EXPORT_STILL = 1 << 0, /* of the picture alone */
  MT_EXPORT_OF_RUN = 1 << 1, /* of the view alone: needs one */
  MT_EXPORT_WHOLE = 1 << 2, /* data: nothing is folded */
  MT_EXPORT_STEPS = 1 << 3, /* beside a picture that is folded, data of every step */
} MtExportFlags;

typedef struct
{
  const gchar *name; /* "text" */
  const gchar *ending; /* of a file: "txt" */
  const gchar *help;
  guint flags; /* MtExportFlags */
  /* Appends to @out. FALSE and @error (MT_ERROR_FILE) when it can't. */
  gboolean (*write) (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error);
} MtExportRow;

/* NULL-terminated. */
extern const MtExportRow *const mt_exports[];

/* By its name or its ending; NULL. */
const MtExportRow *mt_export_find (const gchar *name);

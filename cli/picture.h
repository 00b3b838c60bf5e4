/* Pictures on the command line: what every verb that draws one has in common. */
#pragma once
#include "viz/export.h"

/* The format called @name, or, without a name, the one that the ending of @path tells. NULL after telling the user. */
const MtExportRow *mt_picture_format (const gchar *name, const gchar *path);

/* --theme, where it is given. FALSE after telling the user. */
gboolean mt_picture_theme (const gchar *theme, gboolean *dark);

/* Writes @path ("-": standard output) whole or not at all. FALSE after telling the user. */
gboolean mt_picture_save (const MtDrawing *drawing, const MtExportRow *format, const gchar *path);

#define MT_PICTURE_ROWS 14 /* of a slide */

/* The run of @input (its view is made here) as a picture of @kind, to @path as above. @window: the steps to show, and how many
 * rows where not MT_PICTURE_ROWS; what depends on the format is decided here. */
gboolean mt_picture_save_run (const MtKindRow *kind, const MtKindInput *input, const MtViolation *violation, const MtViewOptions *window, const MtExportRow *format,
                              const gchar *path);

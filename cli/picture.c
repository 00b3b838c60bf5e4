/* See picture.h. */
#include "cli/picture.h"
#include "cli/cli.h"
#include "sim/file.h"
#include <string.h>

#define MAX_TOLD 2000 /* steps of a page with a slider over all of them, and not only over those that are drawn */

const MtExportRow *
mt_picture_format (const gchar *name, const gchar *path)
{
  const gchar *dot = path ? strrchr (path, '.') : NULL;
  name = name ? name : dot ? dot + 1 : NULL;
  const MtExportRow *row = name ? mt_export_find (name) : NULL;
  if (row)
    return row;
  g_autoptr (GString) all = g_string_new (NULL);
  for (guint i = 0; mt_exports[i]; i++)
    g_string_append_printf (all, "%s%s", i ? ", " : "", mt_exports[i]->name);
  mt_complain (MT_EXIT_USAGE, name ? "no format '%s': %s expected" : "which format? a file's ending tells it, or --format%.0s: %s", name ? name : "", all->str);
  return NULL;
}

gboolean
mt_picture_theme (const gchar *theme, gboolean *dark)
{
  *dark = g_strcmp0 (theme, "dark") == 0;
  if (!theme || *dark || g_str_equal (theme, "light"))
    return TRUE;
  return mt_complain (MT_EXIT_USAGE, "--theme %s: light or dark expected", theme), FALSE;
}

gboolean
mt_picture_save (const MtDrawing *drawing, const MtExportRow *format, const gchar *path)
{
  const MtExportOptions options = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  if (format->write (drawing, &options, out, &error) && mt_write_file (path, out->str, (gssize)out->len, &error))
    return TRUE;
  return mt_complain (MT_EXIT_USAGE, "%s", error->message), FALSE;
}

gboolean
mt_picture_save_run (const MtKindRow *kind, const MtKindInput *input, const MtViolation *violation, const MtViewOptions *window, const MtExportRow *format, const gchar *path)
{
  MtKindInput run = *input;
  MtViewOptions shown = *window;
  shown.full = shown.full || (format->flags & MT_EXPORT_WHOLE) != 0;
  shown.no_waits = !(format->flags & MT_EXPORT_OF_RUN);
  shown.max_rows = shown.max_rows ? shown.max_rows : MT_PICTURE_ROWS;
  g_autoptr (MtView) view = mt_view_new (run.program, run.choices, run.n, violation, &shown);
  shown.full = TRUE;
  g_autoptr (MtView) every = (format->flags & MT_EXPORT_STEPS) && run.n <= MAX_TOLD ? mt_view_new (run.program, run.choices, run.n, violation, &shown) : NULL;
  run.from = shown.from;
  run.to = shown.to;
  run.view = view;
  g_autoptr (MtPicture) picture = kind->draw (&run);
  return mt_picture_save (&(MtDrawing){ kind != mt_kinds[0] ? NULL : every ? every : view, picture }, format, path);
}

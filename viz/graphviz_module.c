/* Graphviz is loaded when something is drawn: most runs of mtsim draw nothing, and its libraries would take a tenth of
 * a small check's memory. What knows it, graphviz.c, is a module of its own. */
#include "config.h"
#include "sim/diag.h"
#include "viz/graphviz.h"
#include <dlfcn.h>

/* The module in @folder, which is told from the program's own folder (both move together) where it is not absolute. NULL,
 * and *why, without it. */
static gpointer
open_in (const gchar *folder, gchar **why)
{
  g_autofree gchar *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree gchar *from = self ? g_path_get_dirname (self) : g_strdup (MT_BIN_DIR);
  g_autofree gchar *path = g_build_filename (g_path_is_absolute (folder) ? "" : from, folder, MT_GRAPHVIZ_MODULE, NULL);
  gpointer module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (!module && (!*why || g_file_test (path, G_FILE_TEST_EXISTS))) /* of one that is there but does not load it is worth knowing why */
    {
      g_free (*why);
      *why = g_strdup (dlerror ());
    }
  return module;
}

static MtGraphvizDraw
find_draw (GError **error)
{
  static const gchar *const folders[] = { MT_MODULES_FROM_BIN, "../viz" }; /* installed; in the folder where it is built */
  static MtGraphvizDraw draw;
  g_autofree gchar *why = NULL;
  gpointer module = NULL;
  for (guint i = 0; !draw && !module && i < G_N_ELEMENTS (folders); i++)
    module = open_in (folders[i], &why);
  if (module)
    draw = (MtGraphvizDraw)dlsym (module, "mt_graphviz_draw");
  if (!draw)
    g_set_error (error, MT_ERROR, MT_ERROR_FILE, "Graphviz, which draws this, can't be loaded: %s (is mtsim installed whole? text, json, mermaid and tikz do without)",
                 why ? why : "the module is of another mtsim");
  return draw;
}

gboolean
mt_graphviz_render (const MtPicture *picture, const gchar *format, GString *out, GError **error)
{
  MtGraphvizDraw draw = find_draw (error);
  return draw && draw (picture, format, out, error);
}

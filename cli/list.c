/* list: what there is: steps, functions, schedulers, formats, bundled models. All of it from the tables. */
#include "cli/cli.h"
#include "config.h"
#include "sim/primitive.h"
#include "sim/sched.h"
#include "viz/export.h"

static gint
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const gchar *const *)a, *(const gchar *const *)b);
}

/* Adds the models of @folder to @names, each with @prefix before it. */
static void
add_models (const gchar *folder, const gchar *prefix, GPtrArray *names)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const gchar *name; dir && (name = g_dir_read_name (dir));)
    if (g_str_has_suffix (name, ".yaml"))
      g_ptr_array_add (names, g_strconcat (prefix, name, NULL));
}

static void
list_models (void)
{
  const gchar *folder = g_file_test (MT_MODELS_DIR, G_FILE_TEST_IS_DIR) ? MT_MODELS_DIR : MT_SOURCE_MODELS_DIR;
  g_autofree gchar *seed = g_build_filename (folder, "seed", NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  add_models (folder, "", names);
  add_models (seed, "seed/", names);
  g_ptr_array_sort (names, compare); /* a folder has no order of its own */
  g_print ("\nmodels\n");
  for (guint i = 0; i < names->len; i++)
    g_print ("  %s\n", (const gchar *)names->pdata[i]);
}

static MtExit
list (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  MtExit status;
  gboolean good = mt_parse_options (&mt_command_list, &argc, &argv, NULL, &options, 0, 0, &status);
  mt_model_options_clear (&options);
  if (!good)
    return status;
  for (guint i = 0; mt_primitives[i]; i++)
    {
      const MtPrimitive *p = mt_primitives[i];
      g_print ("%s%s%s%s: %s\n", i ? "\n" : "", p->section ? p->section : p->noun, p->section ? ", " : "", p->section ? p->noun : "", p->help);
      for (const MtSettingSpec *s = p->settings; s && s->name; s++)
        g_print ("  setting   %-10s %s\n", s->name, s->help);
      for (const MtVerb *v = p->verbs; v && v->name; v++)
        g_print ("  step      %-10s %s\n", v->name, v->help);
      for (const MtFunctionSpec *f = p->functions; f && f->name; f++)
        g_print ("  function  %-10s %s\n", f->name, f->help);
    }
  g_print ("\nschedulers\n");
  for (guint i = 0; mt_scheds[i]; i++)
    g_print ("  %-12s %s\n", mt_scheds[i]->name, mt_scheds[i]->help);
  g_print ("\nformats\n");
  for (guint i = 0; mt_exports[i]; i++)
    g_print ("  %-12s %s\n", mt_exports[i]->name, mt_exports[i]->help);
  list_models ();
  return MT_EXIT_HOLDS;
}

const MtCommand mt_command_list = { "list", "", "lists steps, functions, schedulers, formats and bundled models", list };

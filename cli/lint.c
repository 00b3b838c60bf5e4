/* lint: all findings about models, and nothing else. */
#include "cli/lint.h"
#include "cli/cli.h"
#include "sim/file.h"

/* NULL after telling the user: the file can't be read. */
static MtModel *
look (const gchar *name, const MtModelOptions *options, MtExit *status)
{
  g_autofree gchar *path = mt_find_model (name);
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  g_autofree gchar *text = mt_read_file (path, MT_LOAD_MAX_BYTES, &length, &error);
  if (!text)
    {
      *status = mt_complain (MT_EXIT_USAGE, "%s", error->message);
      return NULL;
    }
  MtModel *model = mt_model_new (path, text, length);
  const MtCompileOptions compile = { .watch_updates = !options->no_watch };
  g_autoptr (MtProgram) program =
      mt_compile (model, &compile, NULL); /* it looks at what could be understood, too */
  if (!program)
    *status = MT_EXIT_USAGE;
  return model;
}

static MtExit
lint_models (gchar *const *names, const MtModelOptions *options, const MtLintFormat *format)
{
  MtExit status = MT_EXIT_HOLDS;
  gboolean all = TRUE;
  g_autoptr (GPtrArray) models = g_ptr_array_new_with_free_func ((GDestroyNotify)mt_model_free),
                        diags = g_ptr_array_new ();
  for (; *names; names++)
    {
      MtModel *model = look (*names, options, &status);
      all = all && model;
      if (!model)
        continue;
      g_ptr_array_add (models, model);
      g_ptr_array_add (diags, model->diags);
    }
  g_autoptr (GString) out = g_string_new (NULL);
  format->write (diags, all, out);
  g_print ("%s", out->str);
  return status;
}

static const MtLintFormat *
find_format (const gchar *name)
{
  for (guint i = 0; mt_lint_formats[i]; i++)
    if (!name || g_str_equal (mt_lint_formats[i]->name, name))
      return mt_lint_formats[i];
  mt_complain (MT_EXIT_USAGE, "--format %s: text, gcc or sarif expected", name);
  return NULL;
}

static MtExit
lint (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  g_autofree gchar *format_name = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format_name,
      "text, gcc (one line a finding, for editors) or sarif (SARIF 2.1.0, for code hosts)",
      "FORMAT" },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_lint, &argc, &argv, entries, &options, 1, -1, &status))
    {
      const MtLintFormat *format = find_format (format_name);
      status = format ? lint_models (argv + 1, &options, format) : MT_EXIT_USAGE;
    }
  mt_model_options_clear (&options);
  return status;
}

const MtCommand mt_command_lint = { "lint", "MODEL...", "tells what is wrong with a model's text",
                                    lint };

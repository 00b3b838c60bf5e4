/* lint: all findings about a model, and nothing else. */
#include "cli/cli.h"
#include "sim/file.h"

static MtExit
lint_model (const gchar *name, const MtModelOptions *options, const gchar *format)
{
  g_autofree gchar *path = mt_find_model (name);
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  g_autofree gchar *text = mt_read_file (path, MT_LOAD_MAX_BYTES, &length, &error);
  if (!text)
    return mt_complain (MT_EXIT_USAGE, "%s", error->message);
  g_autoptr (MtModel) model = mt_model_new (path, text, length);
  const MtCompileOptions compile = { .watch_updates = !options->no_watch };
  g_autoptr (MtProgram) program = mt_compile (model, &compile, NULL); /* it looks at what could be understood, too */
  g_autoptr (GString) out = g_string_new (NULL);
  if (g_strcmp0 (format, "gcc") == 0)
    mt_diags_print_short (model->diags, out);
  else
    mt_diags_print (model->diags, out);
  g_print ("%s", out->str);
  return program ? MT_EXIT_HOLDS : MT_EXIT_USAGE;
}

static MtExit
lint (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  gchar *format = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, "text, or gcc: one line a finding", "FORMAT" },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_lint, &argc, &argv, entries, &options, 1, -1, &status))
    {
      if (format && !g_str_equal (format, "text") && !g_str_equal (format, "gcc"))
        status = mt_complain (MT_EXIT_USAGE, "--format %s: text or gcc expected", format);
      else
        {
          status = MT_EXIT_HOLDS;
          for (gint i = 1; i < argc; i++)
            {
              MtExit one = lint_model (argv[i], &options, format);
              status = MAX (status, one);
            }
        }
    }
  g_free (format);
  mt_model_options_clear (&options);
  return status;
}

const MtCommand mt_command_lint = { "lint", "MODEL...", "tells what is wrong with a model's text", lint };

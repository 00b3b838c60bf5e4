/* export: a run, or the model itself, in the language of another tool. */
#include "checker/promela.h"
#include "cli/draw.h"
#include "sim/file.h"

/* --to promela exports the program, not a run of it. */
static gboolean
wants_promela (gint argc, gchar **argv)
{
  for (gint i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--to=promela") || (g_str_equal (argv[i], "--to") && i + 1 < argc && g_str_equal (argv[i + 1], "promela")))
      return TRUE;
  return FALSE;
}

static MtExit
export_promela (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  g_autofree gchar *to = NULL, *output = NULL;
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_STRING, &to, "promela: the model itself, for SPIN", "FORMAT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where to write it (standard output)", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_export, &argc, &argv, entries, &options, 1, 1, &status))
    {
      options.no_watch = TRUE; /* monitors of ours are no part of the model */
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (MtProgram) program = mt_load_program (argv[1], &options, MT_TIME_ABSTRACT);
      status = MT_EXIT_USAGE;
      if (program && mt_promela_write (program, text, &error) && mt_write_file (output ? output : "-", text->str, (gssize)text->len, &error))
        status = MT_EXIT_HOLDS;
      else if (error)
        mt_complain (MT_EXIT_USAGE, "%s", error->message);
    }
  mt_model_options_clear (&options);
  return status;
}

static MtExit
export (gint argc, gchar **argv)
{
  return wants_promela (argc, argv) ? export_promela (argc, argv) : mt_draw (&mt_command_export, argc, argv);
}

const MtCommand mt_command_export = { "export", "MODEL [TRACE] --to FORMAT", "writes a run for another tool, or the model itself for SPIN (--to promela)", export };

/* dump: the compiled program as text. */
#include "cli/cli.h"

static MtExit
dump (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_dump, &argc, &argv, NULL, &options, 1, 1, &status))
    {
      g_autoptr (MtProgram) program = mt_load_program (argv[1], &options, MT_TIME_VIRTUAL);
      if (program)
        {
          g_autoptr (GString) out = g_string_new (NULL);
          mt_program_dump (program, out);
          g_print ("%s", out->str);
          status = MT_EXIT_HOLDS;
        }
    }
  mt_model_options_clear (&options);
  return status;
}

const MtCommand mt_command_dump = { "dump", "MODEL", "shows the compiled program", dump };

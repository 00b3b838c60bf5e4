/* mtsim VERB ...: the list of verbs, one line each. */
#include "cli/cli.h"
#include "config.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>

const MtCommand *const mt_commands[] = {
  &mt_command_run,
  &mt_command_check,
  &mt_command_outcomes,
  &mt_command_replay,
  &mt_command_real,
  &mt_command_compare,
  &mt_command_draw,
  &mt_command_play,
  &mt_command_export,
  &mt_command_test,
  &mt_command_lint,
  &mt_command_dump,
  &mt_command_list,
  &mt_command_schema,
  NULL,
};

static void
print_usage (void)
{
  g_print ("mtsim %s - runs and checks step models of multithreaded programs\n\n", MT_VERSION);
  for (guint i = 0; mt_commands[i]; i++)
    g_print ("  mtsim %-8s %-22s %s\n", mt_commands[i]->name, mt_commands[i]->args, mt_commands[i]->help);
  g_print ("\nMODEL is a path, - for standard input, or the name of a bundled model: mtsim run race.yaml --seed 7\n"
           "mtsim VERB --help lists a verb's options.\n\n"
           "Exit status: 0 holds, 1 a property is violated, 2 usage or model error,\n"
           "3 nothing found but not everything was seen, 4 a replay parted from its trace, 70 a bug in mtsim.\n");
}

static MtExit
unknown_verb (const gchar *name)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; mt_commands[i]; i++)
    g_ptr_array_add (names, (gpointer)mt_commands[i]->name);
  g_ptr_array_add (names, NULL);
  g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *)names->pdata);
  g_ptr_array_unref (names);
  return mt_complain (MT_EXIT_USAGE, "no verb '%s'%s%s (mtsim --help lists them)", name, hint ? ": " : "", hint ? hint : "");
}

/* What standard output did not take is lost: nobody must think that it was said. */
static gint
finish (MtExit status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return (gint)status;
  return (gint)mt_complain (MT_EXIT_USAGE, "standard output could not be written");
}

gint
main (gint argc, gchar **argv)
{
  /* texts are UTF-8 whatever the locale says; numbers and order never depend on it */
  setlocale (LC_ALL, "C.UTF-8");
  if (argc < 2)
    {
      print_usage ();
      return MT_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    {
      print_usage ();
      return finish (MT_EXIT_HOLDS);
    }
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("mtsim %s\n", MT_VERSION);
      return finish (MT_EXIT_HOLDS);
    }
  for (guint i = 0; mt_commands[i]; i++)
    if (g_str_equal (mt_commands[i]->name, argv[1]))
      return finish (mt_commands[i]->run (argc - 1, argv + 1));
  return (gint)unknown_verb (argv[1]);
}

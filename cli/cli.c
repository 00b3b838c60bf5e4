/* What verbs share: options, finding and loading models, messages. */
#include "cli/cli.h"
#include "config.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

MtExit
mt_complain (MtExit status, const gchar *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree gchar *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("mtsim: %s\n", message);
  return status;
}

gboolean
mt_parse_options (const MtCommand *command, gint *argc, gchar ***argv, const GOptionEntry *entries, MtModelOptions *options, gint min, gint max, MtExit *status)
{
  gboolean help = FALSE;
  const GOptionEntry own[] = {
    { "param", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options->params, "Set a param of the model", "NAME=VALUE" },
    { "time", 0, 0, G_OPTION_ARG_STRING, &options->time, "virtual: the clock jumps to the next wake-up; abstract: a sleep may last any time", "MODE" },
    { "no-lost-update", 0, 0, G_OPTION_ARG_NONE, &options->no_watch, "Don't watch for lost updates", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show these options", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autofree gchar *parameters = g_strdup_printf ("%s - %s", command->args, command->help);
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autoptr (GError) error = NULL;
  g_option_context_set_help_enabled (context, FALSE);
  if (entries)
    g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, own, NULL);
  g_autofree gchar *program = g_strdup_printf ("mtsim %s", command->name);
  (*argv)[0] = program; /* what the help calls itself */
  gboolean good = g_option_context_parse (context, argc, argv, &error);
  if (good && help)
    {
      g_set_prgname (program);
      g_autofree gchar *text = g_option_context_get_help (context, TRUE, NULL);
      g_print ("%s", text);
      *status = MT_EXIT_HOLDS;
      return FALSE;
    }
  *status = MT_EXIT_USAGE;
  if (!good)
    return mt_complain (MT_EXIT_USAGE, "%s: %s (mtsim %s --help lists the options)", command->name, error->message, command->name), FALSE;
  if (*argc - 1 < min)
    return mt_complain (MT_EXIT_USAGE, "%s: usage: mtsim %s %s", command->name, command->name, command->args), FALSE;
  if (max >= 0 && *argc - 1 > max)
    return mt_complain (MT_EXIT_USAGE, "%s: what is '%s'? usage: mtsim %s %s", command->name, (*argv)[max + 1], command->name, command->args), FALSE;
  if (options->time && !g_str_equal (options->time, "virtual") && !g_str_equal (options->time, "abstract"))
    return mt_complain (MT_EXIT_USAGE, "--time %s: virtual or abstract expected", options->time), FALSE;
  for (guint i = 0; options->params && options->params[i]; i++)
    if (!strchr (options->params[i], '='))
      return mt_complain (MT_EXIT_USAGE, "-p %s: name=value expected", options->params[i]), FALSE;
  return TRUE;
}

void
mt_model_options_clear (MtModelOptions *options)
{
  g_strfreev (options->params);
  g_free (options->time);
}

void
mt_model_options_take (MtModelOptions *options, const MtTrace *trace)
{
  GPtrArray *params = g_ptr_array_new ();
  for (guint i = 0; i < trace->params->len; i++)
    g_ptr_array_add (params, g_strdup (trace->params->pdata[i]));
  for (guint i = 0; options->params && options->params[i]; i++)
    g_ptr_array_add (params, options->params[i]);
  g_ptr_array_add (params, NULL);
  g_free (options->params);
  options->params = (gchar **)g_ptr_array_free (params, FALSE);
  options->no_watch = options->no_watch || !trace->watch_updates;
}

MtTrace *
mt_trace_of (const MtProgram *program, const gchar *model, const MtModelOptions *options, const gchar *scheduler, MtVerdictKind verdict, const GArray *choices)
{
  MtTrace *trace = mt_trace_new (program);
  g_free (trace->model);
  trace->model = g_strdup (model);
  trace->scheduler = g_strdup (scheduler);
  trace->watch_updates = !options->no_watch;
  trace->verdict = g_strdup (mt_verdict_token (verdict));
  for (guint i = 0; options->params && options->params[i]; i++)
    g_ptr_array_add (trace->params, g_strdup (options->params[i]));
  g_array_append_vals (trace->choices, choices->data, choices->len);
  return trace;
}

gchar *
mt_find_model (const gchar *name)
{
  if (g_str_equal (name, "-") || name[0] == '.' || g_path_is_absolute (name) || g_file_test (name, G_FILE_TEST_EXISTS))
    return g_strdup (name);
  const gchar *const folders[] = { MT_MODELS_DIR, MT_SOURCE_MODELS_DIR };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    for (guint yaml = 0; yaml < 2; yaml++)
      {
        g_autofree gchar *path = g_strconcat (folders[i], "/", name, yaml ? ".yaml" : "", NULL);
        if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
          return g_steal_pointer (&path);
      }
  return g_strdup (name);
}

MtProgram *
mt_load_program (const gchar *name, const MtModelOptions *options, MtTimeMode time)
{
  g_autofree gchar *path = mt_find_model (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  g_autoptr (GArray) overrides = g_array_new (FALSE, TRUE, sizeof (MtOverride));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; options->params && options->params[i]; i++)
    {
      const gchar *equal = strchr (options->params[i], '=');
      g_ptr_array_add (names, g_strndup (options->params[i], (gsize)(equal - options->params[i])));
      MtOverride row = { names->pdata[i], equal + 1 };
      g_array_append_val (overrides, row);
    }
  if (options->time)
    time = g_str_equal (options->time, "abstract") ? MT_TIME_ABSTRACT : MT_TIME_VIRTUAL;
  const MtCompileOptions compile = { time, !options->no_watch, (const MtOverride *)overrides->data, overrides->len };
  g_autoptr (MtProgram) program = model ? mt_compile (model, &compile, &error) : NULL;
  if (!program)
    {
      g_printerr ("%s\n", error->message);
      return NULL;
    }
  g_autoptr (GString) warnings = g_string_new (NULL);
  if (!options->silent)
    mt_diags_print (model->diags, warnings);
  g_printerr ("%s", warnings->str);
  return g_steal_pointer (&program);
}

const gchar *
mt_called (void)
{
  const gchar *as = g_getenv ("MTSIM_AS");
  return as && *as ? as : "mtsim";
}

void
mt_append_argument (GString *command, const gchar *argument)
{
  gboolean plain = *argument != 0;
  for (const gchar *c = argument; *c; c++)
    plain = plain && ((guchar)*c >= 0x80 || g_ascii_isalnum (*c) || strchr ("_-./=:,+@%", *c));
  g_autofree gchar *quoted = plain ? g_strdup (argument) : g_shell_quote (argument);
  g_string_append_printf (command, " %s", quoted);
}

void
mt_append_model_options (GString *command, const MtModelOptions *options)
{
  for (guint i = 0; options->params && options->params[i]; i++)
    {
      g_string_append (command, " -p");
      mt_append_argument (command, options->params[i]);
    }
  if (options->time)
    g_string_append_printf (command, " --time %s", options->time);
  if (options->no_watch)
    g_string_append (command, " --no-lost-update");
}

gboolean
mt_colour_wanted (void)
{
  const gchar *no = g_getenv ("NO_COLOR"), *term = g_getenv ("TERM");
  return isatty (STDOUT_FILENO) && !(no && *no) && !(term && g_str_equal (term, "dumb"));
}

guint
mt_terminal_width (void)
{
  struct winsize size;
  if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return 0;
  return size.ws_col;
}

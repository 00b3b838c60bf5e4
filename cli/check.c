/* check: all schedules, or as many as the bounds allow. */
#include "cli/search.h"
#include "cli/report.h"

/* "FAIL(invariant) the invariant ... does not hold" and how to see it. */
static void
print_shown (const MtProgram *program, const MtSearchOptions *o, const gchar *model, const MtShown *shown)
{
  g_autofree gchar *command = mt_search_replay_command (program, o, model, shown->choices);
  g_autoptr (GString) schedule = g_string_new (NULL);
  mt_schedule_print (program, (const MtChoice *)shown->choices->data, shown->choices->len, schedule);
  g_print ("%s: %s (step %u)\n", shown->violation.kind == MT_PASS ? "witness" : shown->level == MT_REPORTED ? "reported" : "also", shown->violation.message,
           shown->violation.step);
  if (shown->choices->len && schedule->len <= 200)
    g_print ("  schedule  %s\n", schedule->str);
  if (shown->choices->len)
    g_print ("  again     %s\n", command);
}

static gboolean
save_trace (const MtProgram *program, const MtSearchOptions *o, const MtExplore *x, const MtShown *shown)
{
  g_autoptr (MtTrace) trace = mt_trace_new (program);
  g_autoptr (GError) error = NULL;
  trace->scheduler = g_strdup (x->options->search->name);
  trace->seed = x->options->seed;
  trace->watch_updates = !o->model.no_watch;
  trace->verdict = g_strdup (mt_verdict_token (shown->violation.kind));
  for (guint i = 0; o->model.params && o->model.params[i]; i++)
    g_ptr_array_add (trace->params, g_strdup (o->model.params[i]));
  g_array_append_vals (trace->choices, shown->choices->data, shown->choices->len);
  if (mt_trace_save (trace, program, o->trace, &error))
    return TRUE;
  mt_complain (MT_EXIT_USAGE, "%s", error->message);
  return FALSE;
}

static void
print_verdict_run (const MtProgram *program, MtSearchOptions *o, const gchar *model, const MtShown *shown)
{
  const MtChoice *choices = (const MtChoice *)shown->choices->data;
  mt_report_trace (program, choices, shown->choices->len, &shown->violation, &o->report);
  mt_report_explanation (program, choices, shown->choices->len, &shown->violation);
  g_autoptr (GString) schedule = g_string_new (NULL);
  g_autofree gchar *command = mt_search_replay_command (program, o, model, shown->choices);
  mt_schedule_print (program, choices, shown->choices->len, schedule);
  if (schedule->len && schedule->len <= 200)
    g_print ("\nschedule  %s\n", schedule->str);
  if (schedule->len)
    g_print ("again     %s\n", command);
  if (o->trace && !g_str_equal (o->trace, "-"))
    g_print ("written   %s\n", o->trace);
  g_print ("\n");
}

static MtExit
report (MtExplore *x, MtSearchOptions *o, const gchar *model)
{
  const MtProgram *program = x->program;
  MtCheckResult result;
  g_autoptr (GString) figures = g_string_new (NULL);
  mt_check_result_init (&result, x);
  const MtShown *first = (const MtShown *)result.shown->data;
  gboolean good = !o->trace || !result.shown->len || save_trace (program, o, x, first);
  MtExit status = good ? mt_verdict_exit (result.verdict, result.incomplete) : MT_EXIT_USAGE;
  if (!o->report.quiet)
    {
      g_print ("%s\n\n", program->title);
      if (result.verdict)
        print_verdict_run (program, o, model, first);
      for (guint i = result.verdict ? 1 : 0; i < result.shown->len; i++)
        if (o->all || first[i].level != MT_FORBIDDEN) /* more of what is forbidden was only met by chance */
          print_shown (program, o, model, first + i);
      mt_check_print_leftovers (x, figures);
      mt_check_print_figures (x, o->costs || mt_terminal_width () > 0, figures);
      g_print ("%s", figures->str);
    }
  mt_report_verdict (result.verdict, result.incomplete);
  mt_check_result_clear (&result);
  return status;
}

static MtExit
check (gint argc, gchar **argv)
{
  MtSearchOptions o = { 0 };
  MtExit status;
  MtProgram *program = mt_search_parse (&mt_command_check, &o, &argc, &argv, TRUE, &status);
  if (program)
    {
      MtExplore x;
      mt_search_explore (&x, program, &o);
      status = report (&x, &o, argv[1]);
      mt_explore_clear (&x);
      mt_program_unref (program);
    }
  mt_search_options_clear (&o);
  return status;
}

const MtCommand mt_command_check = { "check", "MODEL", "explores all schedules and says what can go wrong", check };

/* check: all schedules, or as many as the bounds allow. */
#include "cli/search.h"
#include "cli/report.h"
#include "sim/primitive.h"

#define MAX_COMPARED 1000000 /* states in virtual time, to compare the verdict with */

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

/* Whether the program sleeps or has timeouts: then what is proven may depend on how time is kept. */
static gboolean
keeps_time (const MtProgram *program)
{
  for (guint pc = 0; pc < program->n_code; pc++)
    if (program->code[pc].op == mt_op_number (&mt_op_arm))
      return TRUE;
  return FALSE;
}

/* Where the command line does not say how to keep time, the search was made in abstract time, in which a sleep
 * may last any time. Where virtual time, in which it lasts as long as it says, gives another verdict, the
 * model relies on sleep for synchronisation: said in a line. */
static void
compare_times (const MtExplore *x, const MtSearchOptions *o, const gchar *model, const MtCheckResult *result, GString *out)
{
  if (o->model.time || result->incomplete || !keeps_time (x->program))
    return;
  MtModelOptions silent = o->model;
  silent.silent = TRUE;
  g_autoptr (MtProgram) program = mt_load_program (model, &silent, MT_TIME_VIRTUAL);
  if (!program)
    return;
  MtExploreOptions options = o->explore;
  MtExplore other;
  MtCheckResult virtual;
  options.all = FALSE;
  options.max_states = options.max_states ? options.max_states : MAX_COMPARED;
  mt_check_search (&other, program, &options);
  mt_check_result_init (&virtual, &other);
  const gchar *here = mt_verdict_token (result->verdict ? result->verdict->kind : MT_PASS);
  const gchar *there = mt_verdict_token (virtual.verdict ? virtual.verdict->kind : MT_PASS);
  if (virtual.incomplete)
    g_string_append_printf (out, "time      abstract: a sleep may last any time; virtual time was not compared, it has more than %" G_GUINT64_FORMAT " states\n", options.max_states);
  else if (g_str_equal (here, there))
    g_string_append (out, "time      abstract: a sleep may last any time; the verdict is the same in virtual time\n");
  else
    g_string_append_printf (out, "time      %s when a sleep may last any time, %s when it lasts as long as it says (--time virtual):\n          the model relies on sleep for synchronisation\n",
                            here, there);
  mt_check_result_clear (&virtual);
  mt_explore_clear (&other);
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
      compare_times (x, o, model, &result, figures);
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

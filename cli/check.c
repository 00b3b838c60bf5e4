/* check: all schedules, or as many as the bounds allow. */
#include "cli/check.h"
#include "cli/report.h"
#include "checker/estimate.h"
#include "checker/figures.h"
#include "checker/leftovers.h"
#include "sim/primitive.h"

#define MAX_COMPARED 1000000 /* states in virtual time, to compare the verdict with */

static void
print_again (const MtProgram *program, const MtSearchOptions *o, const gchar *model, const GArray *choices, const gchar *indent)
{
  g_autofree gchar *command = mt_search_replay_command (program, o, model, choices);
  g_autoptr (GString) schedule = g_string_new (NULL);
  mt_schedule_print (program, (const MtChoice *)choices->data, choices->len, schedule);
  if (schedule->len && schedule->len <= 200)
    g_print ("%sschedule  %s\n", indent, schedule->str);
  if (schedule->len)
    g_print ("%sagain     %s\n", indent, command);
}

/* "also: the invariant ... does not hold (step 3)" and how to see it. */
static void
print_shown (const MtProgram *program, const MtSearchOptions *o, const gchar *model, const MtShown *shown)
{
  g_print ("%s: %s (step %u)\n", shown->violation.kind == MT_PASS ? "witness" : shown->level == MT_REPORTED ? "reported" : "also", shown->violation.message,
           shown->violation.step);
  print_again (program, o, model, shown->choices, "  ");
}

static void
print_leftovers (const MtExplore *x, const MtSearchOptions *o, const gchar *model)
{
  g_autoptr (GArray) rows = mt_leftovers_find (x);
  for (guint i = 0; i < rows->len; i++)
    {
      const MtLeftover *row = &g_array_index (rows, MtLeftover, i);
      g_autoptr (GArray) choices = mt_counterexample_path_to_end (x, row->ends);
      g_print ("left over: %s: %s (at %s end)\n", row->name, row->words, row->always ? "every" : "some");
      if (!row->always)
        print_again (x->program, o, model, choices, "  ");
    }
}

static gboolean
save_trace (const MtProgram *program, const MtSearchOptions *o, const gchar *model, const MtExplore *x, const MtShown *shown)
{
  g_autoptr (MtTrace) trace = mt_check_trace (x, o, model, shown);
  g_autoptr (GError) error = NULL;
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
  g_print ("\n");
  print_again (program, o, model, shown->choices, "");
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
 * may last any time. The verdict in virtual time, in which it lasts as long as it says: NULL where time plays no
 * part, "INCOMPLETE" where there was too much to see. */
static const gchar *
verdict_in_virtual_time (const MtExplore *x, const MtSearchOptions *o, const gchar *model, const MtCheckResult *result)
{
  if (o->model.time || result->incomplete || !keeps_time (x->program))
    return NULL;
  MtModelOptions silent = o->model;
  silent.silent = TRUE;
  g_autoptr (MtProgram) program = mt_load_program (model, &silent, MT_TIME_VIRTUAL);
  if (!program)
    return NULL;
  MtExploreOptions options = o->explore;
  MtExplore other;
  MtCheckResult virtual;
  options.all = FALSE;
  options.checkpoint = NULL;
  options.max_states = options.max_states ? options.max_states : MAX_COMPARED;
  mt_check_search (&other, program, &options);
  mt_check_result_init (&virtual, &other);
  const gchar *token = mt_verdict_token (virtual.verdict ? virtual.verdict->kind : virtual.incomplete ? MT_INCOMPLETE : MT_PASS);
  mt_check_result_clear (&virtual);
  mt_explore_clear (&other);
  return token;
}

/* Where the two differ, the model relies on sleep for synchronisation: said in a line. */
static void
print_times (const MtCheckResult *result, const gchar *there)
{
  const gchar *here = mt_verdict_token (result->verdict ? result->verdict->kind : MT_PASS);
  if (!there)
    return;
  if (g_str_equal (there, mt_verdict_token (MT_INCOMPLETE)))
    g_print ("time      abstract: a sleep may last any time; virtual time was not compared, there is too much to see in it\n");
  else if (g_str_equal (here, there))
    g_print ("time      abstract: a sleep may last any time; the verdict is the same in virtual time\n");
  else
    g_print ("time      %s when a sleep may last any time, %s when it lasts as long as it says (--time virtual):\n"
             "          the model relies on sleep for synchronisation\n",
             here, there);
}

static void
print_estimate (const MtExplore *x)
{
  MtEstimate *estimate = mt_estimate_new (x);
  guint64 states = mt_estimate_states (estimate);
  if (states)
    g_print ("estimate  perhaps %" G_GUINT64_FORMAT " states in all\n", states);
  else
    g_print ("estimate  none: %s\n", x->options->search->shortest ? "too little was seen" : "only a breadth-first search tells enough");
  mt_estimate_free (estimate);
}

static void
print_report (const MtExplore *x, MtSearchOptions *o, const gchar *model, const MtCheckResult *result, const gchar *in_virtual_time)
{
  const MtShown *first = (const MtShown *)result->shown->data;
  g_autoptr (GString) figures = g_string_new (NULL);
  g_print ("%s\n\n", x->program->title);
  if (result->verdict)
    print_verdict_run (x->program, o, model, first);
  for (guint i = result->verdict ? 1 : 0; i < result->shown->len; i++)
    if (o->all || first[i].level != MT_FORBIDDEN) /* more of what is forbidden was only met by chance */
      print_shown (x->program, o, model, first + i);
  print_leftovers (x, o, model);
  print_times (result, in_virtual_time);
  mt_figures_print (x, o->costs || mt_terminal_width () > 0, figures);
  g_print ("%s", figures->str);
  if (o->estimate && x->cuts)
    print_estimate (x);
}

static MtExit
report (MtExplore *x, MtSearchOptions *o, const gchar *model)
{
  MtCheckResult result;
  mt_check_result_init (&result, x);
  gboolean saved = !o->trace || !result.shown->len || save_trace (x->program, o, model, x, (const MtShown *)result.shown->data);
  MtExit status = saved ? mt_verdict_exit (result.verdict, result.incomplete) : MT_EXIT_USAGE;
  const gchar *in_virtual_time = o->report.quiet ? NULL : verdict_in_virtual_time (x, o, model, &result);
  if (o->json)
    mt_check_print_json (x, o, model, &result, in_virtual_time);
  else if (!o->report.quiet)
    print_report (x, o, model, &result, in_virtual_time);
  if (!o->json)
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
      if (x.error)
        mt_complain (MT_EXIT_USAGE, "%s", x.error->message);
      status = x.error ? MT_EXIT_USAGE : report (&x, &o, argv[1]);
      mt_explore_clear (&x);
      mt_program_unref (program);
    }
  mt_search_options_clear (&o);
  return status;
}

const MtCommand mt_command_check = { "check", "MODEL", "explores all schedules and says what can go wrong", check };

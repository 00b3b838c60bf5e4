/* outcomes: every way the model can end, a schedule for each, and how many schedules there are. */
#include "cli/search.h"
#include "cli/report.h"

static void
print_count (const MtBig *count, gboolean infinite, GString *out)
{
  if (infinite)
    g_string_append (out, "infinitely many");
  else
    mt_big_print (count, out);
}

static void
print_rows (const MtExplore *x, const MtSearchOptions *o, const MtOutcomes *outcomes)
{
  guint width = 7, counts = 9;
  gboolean infinite = FALSE;
  g_autoptr (GPtrArray) numbers = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < outcomes->rows->len; i++)
    {
      const MtOutcomeRow *row = &g_array_index (outcomes->rows, MtOutcomeRow, i);
      GString *number = g_string_new (NULL);
      print_count (&row->schedules, row->infinite, number);
      width = MAX (width, mt_display_width (row->text) + (row->deadlock ? 11 : 0));
      counts = MAX (counts, (guint)number->len);
      infinite = infinite || row->infinite;
      g_ptr_array_add (numbers, g_string_free (number, FALSE));
    }
  g_print ("%-*s  %*s  one of them\n", (gint)width, "outcome", (gint)counts, "schedules");
  for (guint i = 0; i < outcomes->rows->len; i++)
    {
      const MtOutcomeRow *row = &g_array_index (outcomes->rows, MtOutcomeRow, i);
      g_autoptr (GArray) choices = mt_counterexample_path_to (x, row->state);
      g_autoptr (GString) schedule = g_string_new (NULL);
      mt_schedule_print (x->program, (const MtChoice *)choices->data, choices->len, schedule);
      guint used = mt_display_width (row->text) + (row->deadlock ? 11 : 0);
      g_print ("%s%s%*s  %*s  %s\n", row->text, row->deadlock ? " (deadlock)" : "", (gint)(width - used), "", (gint)counts, (const gchar *)numbers->pdata[i],
               schedule->len > 200 && !o->report.full ? "(long: --full shows it)" : schedule->str);
    }
  g_autoptr (GString) all = g_string_new (NULL);
  print_count (&outcomes->schedules, infinite, all);
  g_print ("\n%u outcomes, %s schedules%s%s\n", outcomes->rows->len, all->str, outcomes->infinite && !infinite ? " that end, and others that never do" : "",
           mt_explore_complete (x) ? "" : ", as far as was seen");
}

static MtExit
outcomes (gint argc, gchar **argv)
{
  MtSearchOptions o = { 0 };
  MtExit status;
  MtProgram *program = mt_search_parse (&mt_command_outcomes, &o, &argc, &argv, FALSE, &status);
  if (program)
    {
      MtExplore x;
      MtOutcomes found;
      MtCheckResult result;
      g_autoptr (GString) figures = g_string_new (NULL);
      mt_search_explore (&x, program, &o);
      x.properties.findings->len = 0;
      mt_outcomes_find (&found, &x, TRUE, FALSE);
      print_rows (&x, &o, &found);
      mt_check_print_figures (&x, o.costs || mt_terminal_width () > 0, figures);
      g_print ("%s", figures->str);
      mt_check_result_init (&result, &x);
      mt_report_verdict (NULL, result.incomplete);
      status = mt_verdict_exit (NULL, result.incomplete);
      mt_check_result_clear (&result);
      mt_outcomes_clear (&found);
      mt_explore_clear (&x);
      mt_program_unref (program);
    }
  mt_search_options_clear (&o);
  return status;
}

const MtCommand mt_command_outcomes = { "outcomes", "MODEL", "lists every possible outcome, with its number of schedules", outcomes };

/* outcomes: every way the model can end, a schedule for each, and how many schedules there are. */
#include "cli/search.h"
#include "cli/report.h"
#include "checker/figures.h"
#include "sim/json.h"

static void
print_count (const MtBig *count, gboolean infinite, GString *out)
{
  if (infinite)
    g_string_append (out, "infinitely many");
  else
    mt_big_print (count, out);
}

/* Counts are texts: they have more digits than a JSON number keeps. */
static void
build_count (JsonBuilder *b, const MtBig *count, gboolean infinite)
{
  g_autoptr (GString) text = g_string_new (NULL);
  print_count (count, infinite, text);
  mt_json_text (b, "schedules", infinite ? "infinite" : text->str);
}

static void
print_json (const MtExplore *x, const MtSearchOptions *o, const gchar *model, const MtOutcomes *outcomes)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autofree gchar *verdict = mt_verdict_text (NULL, mt_figures_cut (x));
  gboolean infinite = FALSE;
  json_builder_begin_object (b);
  mt_json_text (b, "model", model);
  mt_json_text (b, "title", x->program->title);
  mt_json_text (b, "verdict", verdict);
  mt_json_begin_array (b, "outcomes");
  for (guint i = 0; i < outcomes->rows->len; i++)
    {
      const MtOutcomeRow *row = &g_array_index (outcomes->rows, MtOutcomeRow, i);
      g_autoptr (GArray) choices = mt_counterexample_path_to (x, row->state);
      g_autoptr (GString) schedule = g_string_new (NULL);
      mt_schedule_print (x->program, (const MtChoice *)choices->data, choices->len, schedule);
      json_builder_begin_object (b);
      mt_json_text (b, "outcome", row->text);
      mt_json_flag (b, "deadlock", row->deadlock);
      build_count (b, &row->schedules, row->infinite);
      mt_json_text (b, "schedule", schedule->str);
      json_builder_end_object (b);
      infinite = infinite || row->infinite;
    }
  json_builder_end_array (b);
  build_count (b, &outcomes->schedules, infinite);
  mt_json_flag (b, "others-never-end", outcomes->infinite && !infinite);
  mt_figures_build (x, o->costs, b);
  json_builder_end_object (b);
  g_autofree gchar *json = mt_json_finish (b);
  g_print ("%s", json);
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
  g_print ("\n%u outcome%s, %s schedule%s%s%s\n", outcomes->rows->len, outcomes->rows->len == 1 ? "" : "s", all->str, g_str_equal (all->str, "1") ? "" : "s",
           outcomes->infinite && !infinite ? " that end, and others that never do" : "",
           mt_explore_complete (x) ? "" : ", as far as was seen");
}

static void
print_text (const MtExplore *x, const MtSearchOptions *o, const MtOutcomes *outcomes)
{
  g_autoptr (GString) figures = g_string_new (NULL);
  print_rows (x, o, outcomes);
  mt_figures_print (x, o->costs || mt_terminal_width () > 0, figures);
  g_print ("%s", figures->str);
  mt_report_verdict (NULL, mt_figures_cut (x));
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
      mt_search_explore (&x, program, &o);
      mt_outcomes_find (&found, &x, TRUE, FALSE);
      if (o.json)
        print_json (&x, &o, argv[1], &found);
      else
        print_text (&x, &o, &found);
      status = mt_verdict_exit (NULL, mt_figures_cut (&x));
      mt_outcomes_clear (&found);
      mt_explore_clear (&x);
      mt_program_unref (program);
    }
  mt_search_options_clear (&o);
  return status;
}

const MtCommand mt_command_outcomes = { "outcomes", "MODEL", "lists every possible outcome, with its number of schedules", outcomes };

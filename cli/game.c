/* See game.h. */
#include "cli/game.h"
#include "checker/check.h"
#include "cli/report.h"

#define HINT_STATES 200000 /* looked at for a hint: some seconds at most */

static void
collect (const gchar *text, gsize length, gpointer data)
{
  g_string_append_len (data, text, (gssize)length);
}

static void
look (MtGame *game)
{
  const MtProgram *program = game->program;
  const MtSchedOptions follow = { .script = (const MtChoice *)game->script->data, .n_script = game->script->len };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("replay"), program, &follow);
  const MtRunOptions options = { .record = TRUE, .output = collect, .output_data = game->output };
  if (game->view)
    mt_run_result_clear (&game->run);
  g_clear_pointer (&game->view, mt_view_free);
  g_string_truncate (game->output, 0);
  mt_run (program, sched, &options, &game->run);
  game->n_choices = game->run.parted ? mt_choices (program, game->run.state, game->choices) : 0;
  const MtViewOptions window = { .full = TRUE, .no_waits = TRUE, .from = game->script->len };
  game->view = mt_view_new (program, (const MtChoice *)game->run.choices->data, game->run.choices->len, mt_game_violation (game), &window);
}

void
mt_game_init (MtGame *game, const MtProgram *program)
{
  *game = (MtGame){ .program = program, .script = g_array_new (FALSE, FALSE, sizeof (MtChoice)), .output = g_string_new (NULL), .choices = g_new (MtChoice, program->max_choices) };
  look (game);
}

void
mt_game_clear (MtGame *game)
{
  g_array_unref (game->script);
  mt_run_result_clear (&game->run);
  g_string_free (game->output, TRUE);
  mt_view_free (game->view);
  g_free (game->choices);
}

void
mt_game_move (MtGame *game, guint i)
{
  g_array_append_val (game->script, game->choices[i]);
  look (game);
}

/* The choice that @wanted is, past moves of the clock that nobody else can make; -1: it is not there. */
static gint
find_choice (MtGame *game, MtChoice wanted)
{
  while (game->n_choices && game->choices[0].task == MT_CLOCK)
    mt_game_move (game, 0);
  for (guint i = 0; i < game->n_choices; i++)
    if (game->choices[i].task == wanted.task && game->choices[i].alt == wanted.alt)
      return (gint)i;
  return -1;
}

gboolean
mt_game_follow (MtGame *game, const gchar *schedule, GError **error)
{
  g_autoptr (GArray) wanted = mt_schedule_parse (game->program, schedule, error);
  for (guint i = 0; wanted && i < wanted->len; i++)
    {
      MtChoice choice = g_array_index (wanted, MtChoice, i);
      gint found = find_choice (game, choice);
      if (found < 0)
        {
          g_autoptr (GString) why = g_string_new (NULL);
          mt_report_refusal (game->program, game->run.state, choice, why);
          g_set_error (error, MT_ERROR, MT_ERROR_USAGE, "move %u: %s", i + 1, why->str);
          return FALSE;
        }
      mt_game_move (game, (guint)found);
    }
  return wanted != NULL;
}

gboolean
mt_game_undo (MtGame *game)
{
  GArray *script = game->script;
  if (script->len == 0)
    return FALSE;
  g_array_set_size (script, script->len - 1);
  look (game);
  return TRUE;
}

const MtViolation *
mt_game_violation (const MtGame *game)
{
  return mt_run_verdict (game->program, &game->run);
}

const gchar *
mt_game_incomplete (const MtGame *game)
{
  return game->run.parted ? "steps" : NULL;
}

static void
print_hint (const MtGame *game, const MtFound *found, const GArray *path, GString *out)
{
  const MtChoice *first = path->len ? &g_array_index (path, MtChoice, 0) : NULL;
  g_string_append_printf (out, "%s is %u %s from here", mt_verdict_token (found->kind), found->length, found->length == 1 ? "step" : "steps");
  if (first)
    g_string_append (out, "; the shortest way begins with ");
  if (first && first->task == MT_CLOCK)
    g_string_append (out, "time that passes");
  else if (first)
    mt_choice_print (game->program, game->run.state, *first, out);
  g_string_append (out, ".\n");
}

void
mt_game_hint (const MtGame *game, GString *out)
{
  if (game->n_choices == 0)
    {
      g_string_append (out, "Nothing can move any more.\n");
      return;
    }
  const MtExploreOptions options = { .search = mt_searches[0], .reductions = MT_REDUCE_DEAD, .max_states = HINT_STATES, .from = game->run.state };
  MtExplore x;
  mt_explore_init (&x, game->program, &options);
  mt_explore_run (&x);
  const MtFound *found = mt_properties_worst (&x.properties);
  if (found && found->kind != MT_FAIL_REACHABLE) /* what is reachable is asked of all runs, not of this one */
    {
      g_autoptr (GArray) path = mt_counterexample_path (&x, found);
      print_hint (game, found, path, out);
    }
  else if (mt_explore_complete (&x))
    g_string_append_printf (out, "Nothing can go wrong from here: %" G_GUINT64_FORMAT " %s can still be reached.\n", mt_explore_states (&x), mt_explore_states (&x) == 1 ? "state" : "states");
  else
    g_string_append_printf (out, "Nothing goes wrong in the %" G_GUINT64_FORMAT " states nearest to here; there are more.\n", mt_explore_states (&x));
  mt_explore_clear (&x);
}

void
mt_game_tell (const MtGame *game, GString *out)
{
  const MtView *view = game->view;
  const MtViewRow *row = game->script->len && view->rows->len ? view->rows->pdata[view->rows->len - 1] : NULL;
  if (row)
    {
      g_string_append_printf (out, "Step %u", row->number);
      if (row->task >= 0)
        g_string_append_printf (out, ", %s", (const gchar *)view->tasks->pdata[row->task]);
      g_string_append_printf (out, ": %s%s%s\n", row->action, row->changes ? ", " : "", row->changes ? row->changes : "");
      if (row->output)
        g_string_append_printf (out, "  prints %s\n", row->output);
    }
  const MtViolation *violation = mt_game_violation (game);
  if (violation)
    g_string_append_printf (out, "%s: %s%s.\n", mt_verdict_token (violation->kind), violation->step < game->run.steps ? "(earlier) " : "", violation->message);
  else if (!game->run.parted)
    g_string_append (out, "The model has ended, and nothing went wrong.\n");
}

gboolean
mt_game_save (const MtGame *game, const gchar *model, const MtModelOptions *options, const gchar *path, GError **error)
{
  const MtViolation *violation = mt_game_violation (game);
  const MtVerdictKind verdict = violation ? violation->kind : mt_game_incomplete (game) ? MT_INCOMPLETE : MT_PASS;
  g_autoptr (MtTrace) trace = mt_trace_of (game->program, model, options, "play", verdict, game->script);
  return mt_trace_save (trace, game->program, path, error);
}

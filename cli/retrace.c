/* See retrace.h. */
#include "cli/retrace.h"
#include "checker/counterexample.h"
#include "checker/ending.h"
#include "checker/search.h"
#include "sim/run.h"

#define MAX_SEARCHED 3000000 /* states: some seconds */

typedef struct
{
  GArray *choices; /* MtChoice */
  const gchar *likeness; /* what it has in common with the run */
} Schedule;

/* What @choices come to in @program. Clear @run with mt_run_result_clear(). */
static MtVerdictKind
follow (const MtProgram *program, const GArray *choices, MtRunResult *run)
{
  const MtSchedOptions follow = { .script = (const MtChoice *)choices->data, .n_script = choices->len };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("replay"), program, &follow);
  mt_run (program, sched, &(MtRunOptions){ .record = TRUE }, run);
  const MtViolation *violation = mt_run_verdict (program, run);
  return violation ? violation->kind : MT_PASS;
}

static gboolean
shows (const MtProgram *program, const GArray *choices, MtVerdictKind kind)
{
  MtRunResult run;
  const gboolean shown = choices && follow (program, choices, &run) == kind;
  if (choices)
    mt_run_result_clear (&run);
  return shown;
}

/* To @end, or, where that can't show what the run came to (a failed assertion leaves no trace in the end, an endless run has none),
 * what the search has found of that kind. */
static Schedule
choose (const MtExplore *x, const MtWord *end, MtVerdictKind kind)
{
  Schedule schedule = { end ? mt_ending_find (x, end) : NULL, "ends as the run did" };
  if ((end && !schedule.choices) || shows (x->program, schedule.choices, kind))
    return schedule;
  for (guint i = 0; i < x->properties.findings->len; i++)
    {
      const MtFound *f = &g_array_index (x->properties.findings, MtFound, i);
      if (f->kind != kind)
        continue;
      g_clear_pointer (&schedule.choices, g_array_unref);
      return (Schedule){ mt_counterexample_path (x, f), "goes wrong in the same way" };
    }
  return schedule;
}

/* No choices after telling the user, with *status set. */
static Schedule
find_schedule (const gchar *model, const MtModelOptions *options, const MtProgram *program, const MtWord *end, MtVerdictKind kind, MtExit *status)
{
  MtModelOptions silent = { .params = options->params, .silent = TRUE, .no_watch = TRUE };
  g_autoptr (MtProgram) any_time = mt_load_program (model, &silent, MT_TIME_ABSTRACT);
  const MtExploreOptions explore = { .search = mt_searches[0], .all = TRUE, .max_states = MAX_SEARCHED, .reductions = MT_REDUCE_ENDS };
  MtExplore x;
  *status = MT_EXIT_USAGE;
  if (!any_time)
    return (Schedule){ 0 };
  g_assert (any_time->n_words == program->n_words); /* how time passes is no part of a state */
  mt_explore_init (&x, any_time, &explore);
  mt_explore_run (&x);
  const Schedule schedule = choose (&x, end, kind);
  if (!schedule.choices && mt_explore_complete (&x))
    *status = mt_complain (MT_EXIT_VIOLATED, "a surprise: no schedule of the model comes to what the run on real threads came to");
  else if (!schedule.choices)
    *status = mt_complain (MT_EXIT_INCOMPLETE,
                           "no schedule that comes to what the run on real threads came to is among the first %d states: a smaller model (-p) has fewer", MAX_SEARCHED);
  mt_explore_clear (&x);
  return schedule;
}

static gboolean
save_trace (const gchar *model, const MtModelOptions *options, const MtProgram *program, MtVerdictKind verdict, const GArray *choices, const MtRetraceOptions *wishes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtTrace) trace = mt_trace_of (program, model, options, "real", verdict, choices);
  trace->seed = wishes->seed;
  if (!mt_trace_save (trace, program, wishes->trace, &error))
    return mt_complain (MT_EXIT_USAGE, "%s", error->message), FALSE;
  return TRUE;
}

static gboolean
save_picture (const MtProgram *program, const MtRunResult *run, const MtRetraceOptions *wishes)
{
  const MtKindInput input = {
    .program = program, .choices = (const MtChoice *)run->choices->data, .n = run->choices->len, .step = run->choices->len, .dark = wishes->dark
  };
  return mt_picture_save_run (mt_kinds[0], &input, mt_run_verdict (program, run), &(MtViewOptions){ 0 }, wishes->format, wishes->output);
}

/* What the schedule does in the model as the user wants to see it: with its monitors. */
static MtExit
write_run (const gchar *model, const MtModelOptions *options, const Schedule *schedule, const MtRetraceOptions *wishes)
{
  MtModelOptions silent = *options;
  silent.silent = TRUE;
  g_autoptr (MtProgram) program = mt_load_program (model, &silent, MT_TIME_ABSTRACT);
  if (!program)
    return MT_EXIT_USAGE;
  MtRunResult run;
  const MtVerdictKind verdict = follow (program, schedule->choices, &run);
  const guint steps = run.choices->len;
  const gboolean good =
      (!wishes->trace || save_trace (model, options, program, verdict, run.choices, wishes)) && (!wishes->output || save_picture (program, &run, wishes));
  const gchar *files[] = { wishes->trace, wishes->output };
  for (guint i = 0; good && !wishes->quiet && i < G_N_ELEMENTS (files); i++)
    if (files[i] && !g_str_equal (files[i], "-"))
      g_print ("written   %s: a schedule of %u step%s that %s\n", files[i], steps, steps == 1 ? "" : "s", schedule->likeness);
  mt_run_result_clear (&run);
  return good ? MT_EXIT_HOLDS : MT_EXIT_USAGE;
}

MtExit
mt_retrace (const gchar *model, const MtModelOptions *options, const MtProgram *program, const MtWord *end, const MtRetraceOptions *wishes)
{
  MtExit status;
  Schedule schedule = find_schedule (model, options, program, end, wishes->kind, &status);
  if (schedule.choices)
    status = write_run (model, options, &schedule, wishes);
  g_clear_pointer (&schedule.choices, g_array_unref);
  return status;
}

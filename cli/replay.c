/* replay: a recorded run again, byte for byte; or where it parts from the model as it is now. */
#include "cli/replay.h"
#include <string.h>

static void
collect (const gchar *text, gsize length, gpointer data)
{
  g_string_append_len (data, text, (gssize)length);
}

static MtExit
parted (const MtProgram *program, const MtTrace *trace, const MtRunResult *result)
{
  guint at = 0;
  for (guint i = 0; i < result->choices->len; i++)
    at += g_array_index (result->choices, MtChoice, i).task != MT_CLOCK;
  const MtChoice *wanted = &g_array_index (trace->choices, MtChoice, at);
  g_autoptr (GString) why = g_string_new (NULL);
  mt_report_refusal (program, result->state, *wanted, why);
  return mt_complain (MT_EXIT_PARTED, "the replay parted from its trace at step %u: %s%s", result->choices->len + 1, why->str,
                      g_str_equal (trace->digest, program->digest) ? "" : "; the model has changed since the trace was recorded");
}

MtExit
mt_replay (const MtProgram *program, MtTrace *trace, const MtReplayOptions *o)
{
  g_autoptr (GError) error = NULL;
  if (!mt_trace_bind (trace, program, &error))
    return mt_complain (MT_EXIT_PARTED, "the replay parted from its trace before the first step: %s", error->message);
  const MtSchedOptions sched_options = { .seed = trace->seed, .script = (const MtChoice *)trace->choices->data, .n_script = trace->choices->len };
  g_autoptr (MtSched) sched = mt_sched_new (mt_sched_find ("replay"), program, &sched_options);
  g_autoptr (GString) output = g_string_new (NULL);
  const MtRunOptions options = { .record = TRUE, .step = o->step, .step_data = o->step_data, .output = collect, .output_data = output };
  MtRunResult result;
  mt_run (program, sched, &options, &result);
  MtExit status;
  const MtViolation *violation = mt_run_verdict (program, &result);
  guint moved = 0;
  for (guint i = 0; i < result.choices->len; i++)
    moved += g_array_index (result.choices, MtChoice, i).task != MT_CLOCK;
  const gchar *incomplete = result.parted ? "steps" : NULL; /* the trace is at its end, the model is not */
  const gchar *token = mt_verdict_token (violation ? violation->kind : incomplete ? MT_INCOMPLETE : MT_PASS);
  if (result.parted && moved < trace->choices->len)
    status = parted (program, trace, &result);
  else if (!result.parted && moved < trace->choices->len)
    status = mt_complain (MT_EXIT_PARTED, "the replay parted from its trace at step %u: nothing can move any more, but the trace has %u steps more", result.choices->len + 1,
                          trace->choices->len - moved);
  else if (trace->verdict && !g_str_equal (trace->verdict, token))
    status = mt_complain (MT_EXIT_PARTED, "the replay parted from its trace at its end, after step %u: %s now, %s then", result.choices->len, token, trace->verdict);
  else
    {
      if (!g_str_equal (trace->digest, program->digest))
        g_printerr ("mtsim: the model's text has changed since the trace was recorded; the same steps still lead to the same verdict\n");
      if (o->trace)
        {
          g_array_set_size (trace->choices, 0);
          g_array_append_vals (trace->choices, result.choices->data, result.choices->len);
          if (!mt_trace_save (trace, program, o->trace, &error))
            mt_complain (MT_EXIT_USAGE, "%s", error->message);
        }
      if (!o->report.quiet)
        {
          g_print ("%s\n\n", program->title);
          mt_report_trace (program, (const MtChoice *)result.choices->data, result.choices->len, violation, &o->report);
          mt_report_output (output, &o->report);
          mt_report_explanation (program, (const MtChoice *)result.choices->data, result.choices->len, violation);
          g_print ("\n");
        }
      mt_report_verdict (violation, incomplete);
      status = error ? MT_EXIT_USAGE : mt_verdict_exit (violation, incomplete);
    }
  mt_run_result_clear (&result);
  return status;
}

MtProgram *
mt_replay_load (const gchar *model, const gchar *file, MtReplayOptions *o, MtTrace **trace)
{
  g_autoptr (GError) error = NULL;
  *trace = mt_report_window (&o->report) ? mt_trace_load (file, &error) : NULL;
  if (error)
    mt_complain (MT_EXIT_USAGE, "%s", error->message);
  if (!*trace)
    return NULL;
  mt_model_options_take (&o->model, *trace);
  return mt_load_program (model, &o->model, (*trace)->time);
}

void
mt_replay_options_clear (MtReplayOptions *o)
{
  mt_model_options_clear (&o->model);
  g_free (o->trace);
  g_free (o->report.steps);
}

static MtExit
replay (gint argc, gchar **argv)
{
  MtReplayOptions o = { 0 };
  const GOptionEntry entries[] = {
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o.trace, "Write the run to FILE again", "FILE" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &o.report.steps, "Show steps A to B", "A-B" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &o.report.full, "Show every step, fold nothing", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o.report.quiet, "Only the verdict", NULL },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_replay, &argc, &argv, entries, &o.model, 2, 2, &status))
    {
      g_autoptr (MtTrace) trace = NULL;
      g_autoptr (MtProgram) program = mt_replay_load (argv[1], argv[2], &o, &trace);
      status = program ? mt_replay (program, trace, &o) : MT_EXIT_USAGE;
    }
  mt_replay_options_clear (&o);
  return status;
}

const MtCommand mt_command_replay = { "replay", "MODEL TRACE", "has a recorded run again", replay };

/* real: the model on threads of the operating system. */
#include "cli/replay.h"
#include "real/gate.h"

typedef struct
{
  MtReplayOptions replay;
  gchar *trace; /* --trace: a recorded run to follow */
} Options;

static MtExit
follow (const gchar *model, Options *o)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtTrace) trace = NULL;
  g_autoptr (MtProgram) program = mt_replay_load (model, o->trace, &o->replay, &trace);
  g_autoptr (MtGate) gate = program ? mt_gate_new (program, &error) : NULL;
  if (error)
    mt_complain (MT_EXIT_USAGE, "%s", error->message);
  if (!gate)
    return MT_EXIT_USAGE;
  o->replay.step = mt_gate_step;
  o->replay.step_data = gate;
  return mt_replay (program, trace, &o->replay);
}

static MtExit
real (gint argc, gchar **argv)
{
  Options o = { 0 };
  MtReplayOptions *replay = &o.replay;
  const GOptionEntry entries[] = {
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o.trace,
      "Follow the recorded run in FILE, step by step", "FILE" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &replay->trace,
      "With --trace: write the run to FILE as it went", "FILE" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &replay->report.steps, "With --trace: show steps A to B",
      "A-B" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &replay->report.full,
      "With --trace: show every step, fold nothing", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &replay->report.quiet, "Only the verdict", NULL },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_real, &argc, &argv, entries, &replay->model, 1, 1, &status))
    status = o.trace ? follow (argv[1], &o)
                     : mt_complain (MT_EXIT_USAGE, "real: --trace FILE is missing");
  g_free (o.trace);
  mt_replay_options_clear (replay);
  return status;
}

const MtCommand mt_command_real = { "real", "MODEL", "runs the model on real threads", real };

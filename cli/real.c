/* real: the model on threads of the operating system: a recorded run step by step, or free runs, as many as
 * are asked for, and how often each outcome came. */
#include "cli/histogram.h"
#include "cli/real.h"
#include "cli/replay.h"
#include "cli/retrace.h"
#include "real/gate.h"
#include <string.h>

typedef struct
{
  MtReplayOptions replay;
  MtRealArgs args;
  gchar *trace; /* --trace: a recorded run to follow */
  gchar *output, *format, *theme; /* of a picture */
  gint runs;
  MtRetraceOptions again;
  /* found out */
  MtHistogram *outcomes, *verdicts;
  GArray *times; /* gint64, nanoseconds */
  guint64 taken, contended;
  MtViolation *worst;
  MtWord *end; /* of the run that is told of: the first that went wrong, else the first that ended; NULL: it has not */
  const gchar *incomplete;
  gboolean crashed;
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

static gint
by_time (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return x < y ? -1 : x > y;
}

static void
print_time (gint64 nanoseconds)
{
  if (nanoseconds < 10000000)
    g_print ("%.1f us", (gdouble)nanoseconds / 1e3);
  else
    g_print ("%.1f ms", (gdouble)nanoseconds / 1e6);
}

static void
print_facts (Options *o)
{
  g_array_sort (o->times, by_time);
  const gint64 *times = (const gint64 *)o->times->data;
  g_print ("%s", o->times->len || o->taken ? "\n" : "");
  if (o->times->len)
    {
      const struct { const gchar *name; gint64 time; } rows[] = { { "time      min ", times[0] }, { ", median ", times[o->times->len / 2] }, { ", max ", times[o->times->len - 1] } };
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          g_print ("%s", rows[i].name);
          print_time (rows[i].time);
        }
      g_print ("\n");
    }
  if (o->taken)
    g_print ("locks     taken %" G_GUINT64_FORMAT " times, %" G_GUINT64_FORMAT " of them after a wait (%.1f%%)\n", o->taken, o->contended, 100.0 * (gdouble)o->contended / (gdouble)o->taken);
}

/* What a run came to, as a bin of the histogram. */
static void
describe (const MtProgram *program, const MtRunResult *result, const MtRealFacts *facts, GString *out)
{
  if (facts->end == MT_REAL_CRASHED)
    g_string_append_printf (out, "(crashed: %s)", g_strsignal (facts->signal));
  else
    mt_report_outcome (program, result, out);
}

static gboolean
count_run (MtReal *real, Options *o, guint64 seed)
{
  MtRunResult result;
  MtRealFacts facts;
  g_autoptr (GString) outcome = g_string_new (NULL);
  mt_real_run (real, seed, &result, &facts);
  const gboolean made = facts.end != MT_REAL_FAILED;
  if (!made)
    mt_complain (MT_EXIT_USAGE, "no run on real threads: %s", facts.trouble);
  else
    {
      const MtViolation *violation = mt_run_verdict (real->program, &result);
      describe (real->program, &result, &facts, outcome);
      o->crashed = o->crashed || facts.end == MT_REAL_CRASHED;
      o->incomplete = facts.end == MT_REAL_LATE ? "deadline" : facts.end == MT_REAL_CRASHED ? "crash" : o->incomplete;
      o->taken += facts.taken;
      o->contended += facts.contended;
      if (result.ended)
        g_array_append_val (o->times, facts.nanoseconds);
      mt_histogram_count (o->outcomes, outcome->str, seed);
      mt_histogram_count (o->verdicts, violation ? mt_verdict_token (violation->kind) : result.ended ? "PASS" : facts.end == MT_REAL_LATE ? "INCOMPLETE(deadline)" : "INCOMPLETE(crash)", seed);
      if (!o->worst && (violation || (!o->end && facts.end == MT_REAL_DONE)))
        {
          g_free (o->end);
          o->end = facts.end == MT_REAL_DONE ? g_memdup2 (result.state, sizeof (MtWord) * real->program->n_words) : NULL;
          o->again.seed = seed;
          o->again.kind = violation ? violation->kind : MT_PASS;
        }
      if (violation && !o->worst)
        o->worst = mt_violation_copy (violation);
      if (o->runs == 1 && !o->replay.report.quiet)
        {
          g_autoptr (GString) output = g_string_new_len (facts.output, (gssize)facts.n_output);
          mt_report_output (output, &o->replay.report);
          if (facts.lost)
            g_print ("  ... and %" G_GSIZE_FORMAT " bytes more, which were not kept\n", facts.lost);
        }
    }
  mt_run_result_clear (&result);
  return made;
}

/* --record, -o: the run as a schedule. */
static MtExit
retrace (const gchar *model, const MtProgram *program, const Options *o)
{
  if (!o->again.trace && !o->again.output)
    return MT_EXIT_HOLDS;
  if (!o->end && !o->worst)
    return mt_complain (MT_EXIT_INCOMPLETE, "no run has come to an end that a schedule could lead to");
  return mt_retrace (model, &o->replay.model, program, o->end, &o->again);
}

static MtExit
run_free (const gchar *model, Options *o)
{
  g_autoptr (GError) error = NULL;
  MtModelOptions unwatched = o->replay.model;
  unwatched.no_watch = TRUE; /* the monitors are the simulator's */
  g_autoptr (MtProgram) program = mt_load_program (model, &unwatched, MT_TIME_VIRTUAL);
  g_autoptr (MtReal) real = program ? mt_real_new (program, &o->args.real, &error) : NULL;
  if (error)
    mt_complain (MT_EXIT_USAGE, "%s", error->message);
  if (!real)
    return MT_EXIT_USAGE;
  if (!o->replay.report.quiet)
    g_print ("%s\n%d run%s on real threads\n", program->title, o->runs, o->runs == 1 ? "" : "s");
  o->outcomes = mt_histogram_new ();
  o->verdicts = mt_histogram_new ();
  o->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (gint i = 0; i < o->runs; i++)
    if (!count_run (real, o, o->args.seed + (guint64)i))
      return MT_EXIT_USAGE;
  if (!o->replay.report.quiet)
    {
      mt_histogram_print (o->outcomes, "outcome", FALSE);
      mt_histogram_print (o->verdicts, "verdict", FALSE);
      print_facts (o);
      if (o->worst)
        g_print ("\n%s.\n", o->worst->message);
      g_print ("\n");
    }
  const MtExit again = retrace (model, program, o);
  mt_report_verdict (o->worst, o->incomplete);
  if (again != MT_EXIT_HOLDS)
    return again;
  return o->crashed ? MT_EXIT_BUG : mt_verdict_exit (o->worst, o->incomplete);
}

/* FALSE after telling the user. */
static gboolean
settle (Options *o)
{
  if (o->runs < 1)
    return mt_complain (MT_EXIT_USAGE, "--runs %d: a positive number expected", o->runs), FALSE;
  if (o->trace && o->output)
    return mt_complain (MT_EXIT_USAGE, "-o draws what free runs came to: a recorded run is drawn by draw MODEL %s", o->trace), FALSE;
  o->again.trace = o->replay.trace;
  o->again.output = o->output;
  o->again.quiet = o->replay.report.quiet;
  o->again.format = o->output ? mt_picture_format (o->format, o->output) : NULL;
  return (!o->output || o->again.format) && mt_picture_theme (o->theme, &o->again.dark) && mt_real_args_settle (&o->args);
}

static MtExit
real (gint argc, gchar **argv)
{
  Options o = { .runs = 1 };
  MtReplayOptions *replay = &o.replay;
  mt_real_args_init (&o.args);
  const GOptionEntry entries[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT, &o.runs, "Make N runs, and show how often each outcome came", "N" },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o.trace, "Follow the recorded run in FILE, step by step", "FILE" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &replay->trace, "Write a schedule that ends as the run did (the first that went wrong) to FILE; with --trace: the run as it went", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output, "Draw that schedule to FILE; its ending tells the format", "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &o.format, "The picture's, where the ending does not tell", "NAME" },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &o.theme, "Of the picture: light, dark", "NAME" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &replay->report.steps, "With --trace: show steps A to B", "A-B" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &replay->report.full, "Show every step and all output, fold nothing", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &replay->report.quiet, "Only the verdict", NULL },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  g_autofree GOptionEntry *all = mt_real_args_entries (&o.args, entries);
  if (mt_parse_options (&mt_command_real, &argc, &argv, all, &replay->model, 1, 1, &status))
    {
      status = MT_EXIT_USAGE;
      if (settle (&o))
        status = o.trace ? follow (argv[1], &o) : run_free (argv[1], &o);
    }
  mt_real_args_clear (&o.args);
  gchar *const texts[] = { o.trace, o.output, o.format, o.theme };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_free (o.end);
  g_clear_pointer (&o.outcomes, mt_histogram_free);
  g_clear_pointer (&o.verdicts, mt_histogram_free);
  g_clear_pointer (&o.times, g_array_unref);
  g_clear_pointer (&o.worst, mt_violation_free);
  mt_replay_options_clear (replay);
  return status;
}

const MtCommand mt_command_real = { "real", "MODEL", "runs the model on real threads", real };

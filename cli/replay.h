/* A recorded run again: what replay has in the simulator and real on OS threads. */
#pragma once
#include "cli/report.h"

typedef struct
{
  MtModelOptions model;
  MtReportOptions report;
  gchar *trace; /* file the run is written to again, or NULL */
  MtOutcome (*step) (const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec,
                     gpointer data); /* who makes a step; NULL: mt_step() */
  gpointer step_data;
} MtReplayOptions;

/* The trace in @file, and @model with its parameters. NULL after telling the user; the caller frees *trace all the same. */
MtProgram *mt_replay_load (const gchar *model, const gchar *file, MtReplayOptions *options,
                           MtTrace **trace);

/* Has the run again and reports it, or tells where it parts from the model as it is now. */
MtExit mt_replay (const MtProgram *program, MtTrace *trace, const MtReplayOptions *options);
void mt_replay_options_clear (MtReplayOptions *options);

/* What the verbs that search have in common: their options, progress on a terminal, Ctrl-C. */
#pragma once
#include "checker/check.h"
#include "cli/report.h"

typedef struct
{
  MtModelOptions model;
  MtReportOptions report;
  MtExploreOptions explore;
  gchar *search, *engine, *memory, *bitstate, *checkpoint, *trace, *seed;
  gint64 max_states, walks;
  gint max_depth, preemptions, jobs;
  gdouble time_limit, checkpoint_every;
  gboolean all, costs, json, estimate, no_dead, no_por, no_fusion, no_symmetry, no_reduction;
} MtSearchOptions;

/* The options and the program of a command line; @any: any search, any reduction; else breadth first,
 * and reductions that keep the number of schedules. NULL after telling the user, with *status set. */
MtProgram *mt_search_parse (const MtCommand *command, MtSearchOptions *options, gint *argc, gchar ***argv, gboolean any, MtExit *status);
void mt_search_options_clear (MtSearchOptions *options);

/* Searches; the first Ctrl-C ends the search and keeps what is known, the second ends the program. */
void mt_search_explore (MtExplore *x, const MtProgram *program, MtSearchOptions *options);

/* The command that has the run @choices again. Caller frees. */
gchar *mt_search_replay_command (const MtProgram *program, const MtSearchOptions *options, const gchar *model, const GArray *choices);

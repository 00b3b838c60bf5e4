/* The command line: a row for each verb, and what verbs share. One verb a file; to add one, copy
 * cli/dump.c and add its line to main.c. */
#pragma once
#include "sim/model.h"
#include "sim/trace.h"
#include "sim/verdict.h"

/* Exit status, the same for every verb. */
typedef enum
{
  MT_EXIT_HOLDS = 0, /* and, where it was a search, the search was complete */
  MT_EXIT_VIOLATED = 1,
  MT_EXIT_USAGE = 2, /* or a model error */
  MT_EXIT_INCOMPLETE = 3, /* nothing found, but not everything was seen */
  MT_EXIT_PARTED = 4, /* a replay parted from its trace */
  MT_EXIT_BUG = 70,
} MtExit;

typedef struct
{
  const gchar *name, *args, *help;
  /* @argv[0] is the verb's name. */
  MtExit (*run) (gint argc, gchar **argv);
} MtCommand;

/* NULL-terminated. */
extern const MtCommand *const mt_commands[];
extern const MtCommand mt_command_run, mt_command_check, mt_command_outcomes, mt_command_replay;
extern const MtCommand mt_command_real, mt_command_compare;
extern const MtCommand mt_command_play;
extern const MtCommand mt_command_draw, mt_command_export;
extern const MtCommand mt_command_test, mt_command_lint;
extern const MtCommand mt_command_dump, mt_command_list, mt_command_schema;

/* Options that every verb on a model has. */
typedef struct
{
  gchar **params; /* -p name=value */
  gchar *time; /* --time virtual|abstract, or NULL */
  gboolean silent; /* say nothing of warnings: they were told before */
  gboolean no_watch; /* --no-lost-update: leave the monitors out of the state */
} MtModelOptions;


/* Parses @argv by @entries (may be NULL) and the model options. FALSE after telling the user, with
 * *status set: MT_EXIT_USAGE, or MT_EXIT_HOLDS after --help. @args are what is left; min to max of them. */
gboolean mt_parse_options (const MtCommand *command, gint *argc, gchar ***argv, const GOptionEntry *entries,
                           MtModelOptions *options, gint min, gint max, MtExit *status);
void mt_model_options_clear (MtModelOptions *options);

/* The trace's own parameters, before those that the command line gives: these win. */
void mt_model_options_take (MtModelOptions *options, const MtTrace *trace);

/* The run @choices (MtChoice) of @program, which is @model with @options, as a trace; @verdict is what it came to. Its seed is 0.
 * Caller frees. */
MtTrace *mt_trace_of (const MtProgram *program, const gchar *model, const MtModelOptions *options, const gchar *scheduler, MtVerdictKind verdict, const GArray *choices);

/* Where the model called @name is: the path itself, or a bundled model, as `list` calls it, with or
 * without its .yaml: race, seed/race.yaml. Caller frees. */
gchar *mt_find_model (const gchar *name);

/* Loads and compiles. NULL after telling the user (findings on standard error). Warnings are told too. */
MtProgram *mt_load_program (const gchar *name, const MtModelOptions *options, MtTimeMode time);

/* "mtsim: MESSAGE" on standard error; returns @status. */
MtExit mt_complain (MtExit status, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

/* What the user calls the program: "mtsim", or what a wrapper (./dev) says in MTSIM_AS, so that the
 * commands that are shown work as they stand. */
const gchar *mt_called (void);

/* An argument as a shell reads it: quoted where it must be. Appends, with a space before. */
void mt_append_argument (GString *command, const gchar *argument);

/* " -p name=value" for each override, and the other model options that are not the default. */
void mt_append_model_options (GString *command, const MtModelOptions *options);

gboolean mt_colour_wanted (void); /* a terminal, and no NO_COLOR */
guint mt_terminal_width (void); /* 0: not a terminal */

/* A run that a person makes step by step: what has been chosen, where that has led, what can be chosen now. Every
 * look is a replay of the choices from the beginning, so that a step is taken back by choosing one less. */
#pragma once
#include "cli/cli.h"
#include "sim/run.h"
#include "viz/view.h"

typedef struct
{
  const MtProgram *program;
  GArray *script; /* MtChoice: chosen so far, the clock's too */
  MtRunResult run; /* of them */
  GString *output; /* what it printed */
  MtView *view; /* of it */
  MtChoice *choices; /* what can be chosen now; n_choices of them */
  guint n_choices;
} MtGame;

void mt_game_init (MtGame *game, const MtProgram *program);
void mt_game_clear (MtGame *game);

/* Number @i of the choices is made. */
void mt_game_move (MtGame *game, guint i);

/* The moves of a schedule text, as many as can be made. FALSE and @error where one can't. */
gboolean mt_game_follow (MtGame *game, const gchar *schedule, GError **error);

/* The last move is taken back. FALSE: there is none. */
gboolean mt_game_undo (MtGame *game);

/* What the first violation is that the model forbids, or NULL; and "steps" where the run could go on, as mt_report_verdict() wants them. */
const MtViolation *mt_game_violation (const MtGame *game);
const gchar *mt_game_incomplete (const MtGame *game);

/* Whether something can still go wrong from here, and how far it is. Appends a line. */
void mt_game_hint (const MtGame *game, GString *out);

/* The last step and what it did, with a violation if it shows one. Appends lines. */
void mt_game_tell (const MtGame *game, GString *out);

/* Writes the run for mtsim replay. FALSE and @error when it can't. */
gboolean mt_game_save (const MtGame *game, const gchar *model, const MtModelOptions *options, const gchar *path, GError **error);

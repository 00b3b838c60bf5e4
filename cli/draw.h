/* What draw and export share: everything but their names, and what export has besides. */
#pragma once
#include "cli/cli.h"

/* A language into which the model itself is put: no run, no picture. */
typedef struct
{
  const gchar *name, *help;
  /* Appends to @out. FALSE and @error when the model has what the language has not. */
  gboolean (*write) (const MtProgram *program, GString *out, GError **error);
} MtTarget;

/* @targets end with an empty one; NULL: none. */
MtExit mt_draw (const MtCommand *command, const MtTarget *targets, gint argc, gchar **argv);

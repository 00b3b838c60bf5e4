/* Options of free runs, and what a run came to: for real and compare. */
#pragma once
#include "cli/report.h"
#include "real/run.h"

typedef struct
{
  MtRealOptions real;
  gchar *seed_text;
  gint jitter, pin;
  guint64 seed;
} MtRealArgs;

/* The defaults. */
void mt_real_args_init (MtRealArgs *args);
void mt_real_args_clear (MtRealArgs *args);

/* @entries and those of free runs, which write to @args; ends with a NULL name, caller frees. */
GOptionEntry *mt_real_args_entries (MtRealArgs *args, const GOptionEntry *entries);

/* After parsing: ranges, and a seed drawn where none was given. FALSE after telling the user. */
gboolean mt_real_args_settle (MtRealArgs *args);

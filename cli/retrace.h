/* A run that left no record of who moved when (on real threads) as one that anybody can have again: a schedule that ends
 * as it did, found by searching; where that does not show what went wrong on the way, one that does. */
#pragma once
#include "cli/cli.h"
#include "cli/picture.h"

typedef struct
{
  const gchar *trace; /* file that the schedule is written to; NULL: none */
  const gchar *output; /* file of a picture; NULL: none */
  const MtExportRow *format; /* of it */
  gboolean dark;
  gboolean quiet;
  guint64 seed; /* of the run */
  MtVerdictKind kind; /* what it came to */
} MtRetraceOptions;

/* @end is a state of @program, in which nothing moves any more (NULL: the run has not ended, but something went wrong): @model, compiled with @options but without monitors, in
 * virtual time. MT_EXIT_HOLDS: written as wished. Otherwise the user has been told: MT_EXIT_VIOLATED where the model can't
 * end so, MT_EXIT_INCOMPLETE where there was too much to search, MT_EXIT_USAGE where a file could not be written. */
MtExit mt_retrace (const gchar *model, const MtModelOptions *options, const MtProgram *program, const MtWord *end, const MtRetraceOptions *wishes);

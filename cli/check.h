/* What check writes for other programs to read. */
#pragma once
#include "cli/search.h"

/* A finding as the trace that shows it. Free with mt_trace_free(). */
MtTrace *mt_check_trace (const MtExplore *x, const MtSearchOptions *options, const gchar *model, const MtShown *shown);

/* The whole result as one JSON object on standard output. @in_virtual_time: the verdict there, or NULL. */
void mt_check_print_json (const MtExplore *x, const MtSearchOptions *options, const gchar *model, const MtCheckResult *result, const gchar *in_virtual_time);

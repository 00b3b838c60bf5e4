/* A model against its own `expect:`, and how the results of many are told. */
#pragma once
#include "cli/cli.h"

typedef enum
{
  MT_TEST_PASSED,
  MT_TEST_SKIPPED,    /* it expects nothing */
  MT_TEST_INCOMPLETE, /* not everything was seen, and what was seen is as expected */
  MT_TEST_FAILED,     /* the verdict or the outcomes are others */
  MT_TEST_ERROR,      /* it could not be compiled */
  MT_N_TEST_KINDS,
} MtTestKind;

typedef struct
{
  MtTestKind kind;
  gchar *path;
  gchar *reason;  /* one sentence: why it was skipped, or what is wrong; NULL: nothing */
  gchar *details; /* lines, for those that did not pass; or NULL */
} MtTestResult;

/* How the results are written: row by row as they come, in the order of the models, or all at the end. */
typedef struct
{
  const gchar *name, *help;
  void (*begin) (guint n, GString *out); /* NULL: nothing */
  void (*result) (guint number, const MtTestResult *result,
                  GString *out); /* @number counts from 1; NULL: nothing */
  void (*end) (const MtTestResult *results, guint n, GString *out);
} MtTestFormat;

/* NULL-terminated. */
extern const MtTestFormat *const mt_test_formats[];

const MtTestFormat *mt_test_format_find (const gchar *name);

/* Searches every schedule of the model at @path, with what states fit into @memory bytes and seconds of
 * @time_limit; the same whatever else runs at once. Owned by the caller, who frees the texts. */
MtTestResult mt_test_model (const gchar *path, gsize memory, gdouble time_limit);
void mt_test_result_clear (MtTestResult *result);

/* Of @results, how many are of @kind. */
guint mt_test_count (const MtTestResult *results, guint n, MtTestKind kind);

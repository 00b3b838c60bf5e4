/* What a run or a counterexample looks like on a terminal; shared by run, replay and check. */
#pragma once
#include "cli/cli.h"
#include "sim/run.h"
#include "viz/view.h"

typedef struct
{
  MtViewOptions view;
  gboolean quiet; /* only the verdict */
  gboolean full; /* fold nothing, hide nothing */
  gchar *steps; /* --steps A-B, or NULL */
} MtReportOptions;

/* --steps "A-B", "A-", "-B" or "A" into from and to; FALSE after telling the user. */
gboolean mt_report_window (MtReportOptions *options);

/* The trace in columns, with what waits at its end. A run of more steps than fit is shown around the
 * violation or not at all, which is said. */
void mt_report_trace (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, const MtReportOptions *options);

/* "printed:" and what the model printed; long outputs are cut, which is said. */
void mt_report_output (const GString *output, const MtReportOptions *options);

/* Why @wanted is not among the choices of @s: "main can't move: it waits for work1 to end". Appends. */
void mt_report_refusal (const MtProgram *program, const MtWord *s, MtChoice wanted, GString *out);

/* What a run came to: the observed values at its end, or that it has none. Appends. */
void mt_report_outcome (const MtProgram *program, const MtRunResult *result, GString *out);

/* Why, in words; nothing for no violation. */
void mt_report_explanation (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation);

/* "PASS", "FAIL(deadlock)", "INCOMPLETE(steps)". Caller frees. */
gchar *mt_verdict_text (const MtViolation *violation, const gchar *incomplete);

/* The same as the last line. */
void mt_report_verdict (const MtViolation *violation, const gchar *incomplete);
MtExit mt_verdict_exit (const MtViolation *violation, const gchar *incomplete);

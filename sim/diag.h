/* Findings: everything mtsim has to say about a model's text.
 *
 * A finding has a place (file, line, column), a width for the caret, a message
 * and, where one is known, a hint. Findings are collected, not thrown: a reader
 * of a model goes on after an error so that its author sees all of them at
 * once. The list is printed sorted by place, and a finding that was made twice
 * (a function is expanded at each of its calls) is shown once.
 */
#pragma once
#include <glib.h>

/* Errors of the user or the world: unreadable file, bad model, bad option. */
#define MT_ERROR (mt_error_quark ())
GQuark mt_error_quark (void);
typedef enum
{
  MT_ERROR_FILE,  /* cannot be read or written */
  MT_ERROR_MODEL, /* the model is wrong; the message is the printed findings */
  MT_ERROR_USAGE, /* the command line is wrong */
  MT_ERROR_TRACE, /* a trace is malformed or parted from its model */
} MtError;

/* A place in the source. Lines and columns count from 1, columns in Unicode
 * characters (not bytes). line 0 means: no place (the file as a whole). */
typedef struct
{
  gint line, column;
} MtMark;

typedef enum
{
  MT_SEVERITY_ERROR,
  MT_SEVERITY_WARNING,
} MtSeverity;

typedef struct
{
  MtSeverity severity;
  MtMark mark;
  guint width; /* characters under the caret line; 1 at least */
  gchar *message;
  gchar *hint; /* or NULL */
} MtFinding;

typedef struct
{
  gchar *file; /* name as shown to the user */
  gchar *text; /* whole source, UTF-8 without a byte order mark; NULL: unreadable */
  GArray *findings; /* of MtFinding, in order of discovery */
  guint n_errors, n_warnings;
} MtDiags;

/* New list for the source @text (may be NULL) of the file @file; both copied.
 * In the copy each byte that is no UTF-8 is one replacement character. */
MtDiags *mt_diags_new (const gchar *file, const gchar *text);
void mt_diags_free (MtDiags *diags);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtDiags, mt_diags_free)

/* Adds a finding at @mark, @width characters wide. @hint is copied, may be NULL.
 * An identical finding (place and message) is not added again. The message may
 * quote any text: it is made one line without control characters, and cut if huge. */
void mt_diags_add (MtDiags *diags, MtSeverity severity, MtMark mark, guint width,
                   const gchar *hint, const gchar *format, ...) G_GNUC_PRINTF (6, 7);

/* The findings (const MtFinding *, owned by @diags) by place; caller frees the array. */
GPtrArray *mt_diags_sorted (const MtDiags *diags);

/* Appends all findings to @out, sorted by place, each as
 *     FILE:LINE:COLUMN: error: MESSAGE
 *        12 | the source line, long lines cut around the caret with an ellipsis
 *           |     ^~~~
 *           = hint: HINT
 * Control characters of the source line are shown as the replacement
 * character, tabs as one space; the caret is aligned by display width (中文 is
 * two cells wide). At most 100 findings are printed; a last line says how many more there are. */
void mt_diags_print (const MtDiags *diags, GString *out);

/* The gcc form, one line each, no source line: FILE:LINE:COLUMN: error: MESSAGE [HINT]. */
void mt_diags_print_short (const MtDiags *diags, GString *out);

/* A GError (MT_ERROR_MODEL) whose message is mt_diags_print()'s text, without the final newline. */
GError *mt_diags_to_error (const MtDiags *diags);

/* The candidate nearest to @name (Damerau–Levenshtein distance at most a third of the
 * length, case ignored), or NULL. @candidates is NULL-terminated. Ties: the first. */
const gchar *mt_nearest (const gchar *name, const gchar *const *candidates);

/* "did you mean 'x'?" for the nearest candidate, or NULL; caller frees. */
gchar *mt_did_you_mean (const gchar *name, const gchar *const *candidates);

/* Columns a terminal needs for @text (UTF-8): wide characters two, combining none. */
guint mt_display_width (const gchar *text);

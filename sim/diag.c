/* Findings: collecting them, and showing them under the line they are about.
 *
 * What is shown may come from a broken or hostile model, so all of it passes
 * through one_line() or shown(): nothing in a model can break the form of the
 * report or send a command to the terminal. */
#include "sim/diag.h"

#define MAX_PRINTED 100 /* findings */
#define MAX_MESSAGE 1000 /* characters; a key quoted in a message may be a megabyte long */
#define MAX_CELLS 100 /* of a source line, without the ellipses */
#define CELLS_AFTER 40 /* of those, kept for what follows the caret's place */
#define GUTTER 5 /* cells for the line number */
#define MAX_NAME 64 /* characters; nobody mistypes a longer name */
#define ELLIPSIS "…"

G_DEFINE_QUARK (mt-error-quark, mt_error)

/* What mt_diags_new() really makes. */
typedef struct
{
  MtDiags diags;
  GHashTable *seen; /* place and message of each finding, so that adding stays cheap */
} Diags;

/* A place in the text together with its pointer. Findings are printed in order
 * of their places, so one cursor passes over the text once for all of them. */
typedef struct
{
  const gchar *p;
  MtMark mark;
} Cursor;

/* The part of a source line that is shown. */
typedef struct
{
  const gchar *begin, *end;
  guint cells;
} Span;

/* Lines end where YAML 1.1 ends them, or the places from load.c would not fit. */
static gboolean
is_break (gunichar c)
{
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Invisible characters are made visible: a zero-width space in a name is what
 * its author has to see, and a bidirectional override would reorder the line. */
static gunichar
shown (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
      return c == '\t' ? ' ' : 0xFFFD;
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return 0xFFFD;
    default:
      return c;
    }
}

static guint
cells (gunichar c)
{
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

static guint
cells_at (const gchar *p)
{
  return cells (shown (g_utf8_get_char (p)));
}

/* Any text as one line of valid UTF-8 that is safe to print. */
static gchar *
one_line (const gchar *text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_new (NULL);
  guint n = 0;

  for (const gchar *p = valid; *p && n < MAX_MESSAGE; p = g_utf8_next_char (p), n++)
    g_string_append_unichar (line, shown (g_utf8_get_char (p)));
  if (n == MAX_MESSAGE)
    g_string_append (line, ELLIPSIS);
  return g_string_free (line, FALSE);
}

/* Bytes that are no UTF-8 become one replacement character each, which keeps
 * the columns. A byte order mark goes: no column counts it. */
static gchar *
clean_source (const gchar *text)
{
  return g_utf8_make_valid (g_str_has_prefix (text, "\xEF\xBB\xBF") ? text + 3 : text, -1);
}

static void
finding_clear (gpointer data)
{
  MtFinding *finding = data;

  g_free (finding->message);
  g_free (finding->hint);
}

MtDiags *
mt_diags_new (const gchar *file, const gchar *text)
{
  Diags *self = g_new0 (Diags, 1);

  self->diags.file = one_line (file);
  self->diags.text = text ? clean_source (text) : NULL;
  self->diags.findings = g_array_new (FALSE, FALSE, sizeof (MtFinding));
  g_array_set_clear_func (self->diags.findings, finding_clear);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return &self->diags;
}

void
mt_diags_free (MtDiags *diags)
{
  Diags *self = (Diags *) diags;

  g_hash_table_unref (self->seen);
  g_array_unref (diags->findings);
  g_free (diags->text);
  g_free (diags->file);
  g_free (self);
}

void
mt_diags_add (MtDiags *diags, MtSeverity severity, MtMark mark, guint width,
              const gchar *hint, const gchar *format, ...)
{
  g_autofree gchar *raw = NULL;
  g_autofree gchar *message = NULL;
  MtFinding finding = { .severity = severity, .mark = mark, .width = MAX (width, 1) };
  va_list args;

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  message = one_line (raw);
  if (!g_hash_table_add (((Diags *) diags)->seen,
                         g_strdup_printf ("%d:%d:%s", mark.line, mark.column, message)))
    return;

  finding.message = g_steal_pointer (&message);
  finding.hint = hint ? one_line (hint) : NULL;
  g_array_append_val (diags->findings, finding);
  if (severity == MT_SEVERITY_ERROR)
    diags->n_errors++;
  else
    diags->n_warnings++;
}

static gint
compare_places (gconstpointer left, gconstpointer right)
{
  const MtFinding *a = *(const MtFinding *const *) left;
  const MtFinding *b = *(const MtFinding *const *) right;

  if (a->mark.line != b->mark.line)
    return a->mark.line < b->mark.line ? -1 : 1;
  if (a->mark.column != b->mark.column)
    return a->mark.column < b->mark.column ? -1 : 1;
  return a < b ? -1 : a > b; /* both in one array: the order of discovery */
}

GPtrArray *
mt_diags_sorted (const MtDiags *diags)
{
  GPtrArray *sorted = g_ptr_array_sized_new (diags->findings->len);

  for (guint i = 0; i < diags->findings->len; i++)
    g_ptr_array_add (sorted, &g_array_index (diags->findings, MtFinding, i));
  g_ptr_array_sort (sorted, compare_places);
  return sorted;
}

/* Stops early at the end of the line or text; @mark must not lie before the cursor. */
static void
cursor_seek (Cursor *cursor, MtMark mark)
{
  while (*cursor->p)
    {
      gunichar c = g_utf8_get_char (cursor->p);
      gboolean crlf = c == '\r' && cursor->p[1] == '\n';

      if (cursor->mark.line == mark.line && (cursor->mark.column >= mark.column || is_break (c)))
        return;
      cursor->p = crlf ? cursor->p + 2 : g_utf8_next_char (cursor->p);
      cursor->mark.column++;
      if (is_break (c))
        cursor->mark = (MtMark) { cursor->mark.line + 1, 1 };
    }
}

static void
grow_right (Span *span, guint limit)
{
  while (*span->end && !is_break (g_utf8_get_char (span->end))
         && span->cells + cells_at (span->end) <= limit)
    {
      span->cells += cells_at (span->end);
      span->end = g_utf8_next_char (span->end);
    }
}

static gboolean
starts_line (const gchar *p, const gchar *text)
{
  return p == text || is_break (g_utf8_get_char (g_utf8_prev_char (p)));
}

static void
grow_left (Span *span, guint limit, const gchar *text)
{
  while (!starts_line (span->begin, text))
    {
      const gchar *previous = g_utf8_prev_char (span->begin);

      if (span->cells + cells_at (previous) > limit)
        return;
      span->cells += cells_at (previous);
      span->begin = previous;
    }
}

/* A line that fits is taken whole; of a longer one, what stands around @place. */
static Span
span_around (const gchar *place, const gchar *text)
{
  Span span = { place, place, 0 };

  grow_right (&span, CELLS_AFTER);
  grow_left (&span, MAX_CELLS, text);
  grow_right (&span, MAX_CELLS);
  return span;
}

static void
append_repeated (GString *out, gchar c, guint n)
{
  while (n-- > 0)
    g_string_append_c (out, c);
}

static void
print_source_line (const Span *span, const gchar *text, GString *out)
{
  if (!starts_line (span->begin, text))
    g_string_append (out, ELLIPSIS);
  for (const gchar *p = span->begin; p < span->end; p = g_utf8_next_char (p))
    g_string_append_unichar (out, shown (g_utf8_get_char (p)));
  if (*span->end && !is_break (g_utf8_get_char (span->end)))
    g_string_append (out, ELLIPSIS);
  g_string_append_c (out, '\n');
}

static void
print_caret (const Span *span, const gchar *place, guint width, const gchar *text, GString *out)
{
  guint before = starts_line (span->begin, text) ? 0 : 1; /* the ellipsis */
  guint under = 0;
  const gchar *p;

  for (p = span->begin; p < place; p = g_utf8_next_char (p))
    before += cells_at (p);
  for (; p < span->end && width > 0; p = g_utf8_next_char (p), width--)
    under += cells_at (p);
  append_repeated (out, ' ', before);
  g_string_append_c (out, '^');
  append_repeated (out, '~', under > 1 ? under - 1 : 0);
  g_string_append_c (out, '\n');
}

/* Nothing for a finding without a place in the text. */
static void
print_excerpt (const MtDiags *diags, const MtFinding *finding, Cursor *cursor, GString *out)
{
  Span span;

  if (!diags->text || finding->mark.line < 1)
    return;
  cursor_seek (cursor, finding->mark);
  if (cursor->mark.line != finding->mark.line)
    return;

  span = span_around (cursor->p, diags->text);
  g_string_append_printf (out, "%*d | ", GUTTER, finding->mark.line);
  print_source_line (&span, diags->text, out);
  g_string_append_printf (out, "%*s | ", GUTTER, "");
  print_caret (&span, cursor->p, finding->width, diags->text, out);
}

static void
print_heading (const MtDiags *diags, const MtFinding *finding, GString *out)
{
  g_string_append (out, diags->file);
  if (finding->mark.line > 0)
    g_string_append_printf (out, ":%d:%d", finding->mark.line, finding->mark.column);
  g_string_append_printf (out, ": %s: %s",
                          finding->severity == MT_SEVERITY_ERROR ? "error" : "warning",
                          finding->message);
}

void
mt_diags_print (const MtDiags *diags, GString *out)
{
  g_autoptr (GPtrArray) sorted = mt_diags_sorted (diags);
  Cursor cursor = { diags->text, { 1, 1 } };

  for (guint i = 0; i < MIN (sorted->len, MAX_PRINTED); i++)
    {
      const MtFinding *finding = sorted->pdata[i];

      print_heading (diags, finding, out);
      g_string_append_c (out, '\n');
      print_excerpt (diags, finding, &cursor, out);
      if (finding->hint)
        g_string_append_printf (out, "%*s = hint: %s\n", GUTTER, "", finding->hint);
    }
  if (sorted->len > MAX_PRINTED)
    g_string_append_printf (out, "%s: %u more not shown\n", diags->file, sorted->len - MAX_PRINTED);
}

void
mt_diags_print_short (const MtDiags *diags, GString *out)
{
  g_autoptr (GPtrArray) sorted = mt_diags_sorted (diags);

  for (guint i = 0; i < sorted->len; i++)
    {
      const MtFinding *finding = sorted->pdata[i];

      print_heading (diags, finding, out);
      if (finding->hint)
        g_string_append_printf (out, " [%s]", finding->hint);
      g_string_append_c (out, '\n');
    }
}

GError *
mt_diags_to_error (const MtDiags *diags)
{
  g_autoptr (GString) text = g_string_new (NULL);

  mt_diags_print (diags, text);
  if (text->len > 0)
    g_string_truncate (text, text->len - 1);
  return g_error_new_literal (MT_ERROR, MT_ERROR_MODEL, text->str);
}

/* Case is folded by character, not by g_utf8_strdown(), which asks the locale.
 * Returns the length; 0 for what no name can be near to. */
static guint
fold_name (const gchar *name, gunichar folded[MAX_NAME])
{
  guint n = 0;

  for (; *name; name = g_utf8_next_char (name))
    {
      gunichar c = g_utf8_get_char_validated (name, -1);

      if (n == MAX_NAME || (gint) c < 0)
        return 0;
      folded[n++] = g_unichar_tolower (c);
    }
  return n;
}

/* Damerau–Levenshtein distance: insertions, deletions, substitutions and swaps
 * of neighbours, the four slips that make up most misspellings (F. J. Damerau,
 * "A technique for computer detection and correction of spelling errors",
 * Comm. ACM 7(3), 1964; V. I. Levenshtein, "Binary codes capable of correcting
 * deletions, insertions, and reversals", Soviet Physics Doklady 10(8), 1966).
 * This is the form that edits no place twice ("optimal string alignment"). */
static guint
edit_distance (const gunichar *a, guint n, const gunichar *b, guint m)
{
  guint d[MAX_NAME + 1][MAX_NAME + 1];

  for (guint i = 0; i <= n; i++)
    d[i][0] = i;
  for (guint j = 0; j <= m; j++)
    d[0][j] = j;
  for (guint i = 1; i <= n; i++)
    for (guint j = 1; j <= m; j++)
      {
        guint gap = MIN (d[i - 1][j], d[i][j - 1]) + 1;

        d[i][j] = MIN (gap, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          d[i][j] = MIN (d[i][j], d[i - 2][j - 2] + 1);
      }
  return d[n][m];
}

const gchar *
mt_nearest (const gchar *name, const gchar *const *candidates)
{
  gunichar wanted[MAX_NAME], offered[MAX_NAME];
  guint n = fold_name (name, wanted);
  guint best = n / 3 + 1;
  const gchar *nearest = NULL;

  if (n == 0)
    return NULL;
  for (; *candidates; candidates++)
    {
      guint m = fold_name (*candidates, offered);
      guint distance = m == 0 ? best : edit_distance (wanted, n, offered, m);

      if (distance < best)
        {
          best = distance;
          nearest = *candidates;
        }
    }
  return nearest;
}

gchar *
mt_did_you_mean (const gchar *name, const gchar *const *candidates)
{
  const gchar *nearest = mt_nearest (name, candidates);

  return nearest ? g_strdup_printf ("did you mean '%s'?", nearest) : NULL;
}

guint
mt_display_width (const gchar *text)
{
  guint width = 0;

  for (; *text; text = g_utf8_next_char (text))
    width += cells (g_utf8_get_char (text));
  return width;
}

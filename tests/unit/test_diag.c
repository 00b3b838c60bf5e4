/* Tests of diag.c: what a finding looks like, and which name is nearest. */
#include "sim/diag.h"
#include "tests/unit/suite.h"
#include <string.h>

static void
add (MtDiags *diags, gint line, gint column, guint width, const gchar *message)
{
  mt_diags_add (diags, MT_SEVERITY_ERROR, (MtMark) { line, column }, width, NULL, "%s", message);
}

static gchar *
printed (const MtDiags *diags)
{
  GString *out = g_string_new (NULL);

  mt_diags_print (diags, out);
  return g_string_free (out, FALSE);
}

static void
assert_printed (const MtDiags *diags, const gchar *expected)
{
  g_autofree gchar *text = printed (diags);

  CU_ASSERT_STRING_EQUAL (text, expected);
  if (strcmp (text, expected) != 0)
    g_printerr ("\ngot:\n%s\nexpected:\n%s\n", text, expected);
}

/* What is printed of one error at @column of a file that is one line. */
static void
assert_line (const gchar *line, gint column, guint width, const gchar *expected)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", line);
  g_autofree gchar *heading = g_strdup_printf ("f:1:%d: error: m\n", column);
  g_autofree gchar *all = g_strconcat (heading, expected, NULL);

  add (diags, 1, column, width, "m");
  assert_printed (diags, all);
}

static void
test_form (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("a.yml", "one\nrate: 5 kg\n");

  mt_diags_add (diags, MT_SEVERITY_WARNING, (MtMark) { 2, 9 }, 2, "use 'kB'", "bad unit '%s'", "kg");
  assert_printed (diags, "a.yml:2:9: warning: bad unit 'kg'\n"
                         "    2 | rate: 5 kg\n"
                         "      |         ^~\n"
                         "      = hint: use 'kB'\n");
  CU_ASSERT_EQUAL (diags->n_warnings, 1);
  CU_ASSERT_EQUAL (diags->n_errors, 0);
}

static void
test_short_form (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("a.yml", "x");
  g_autoptr (GString) out = g_string_new (NULL);

  mt_diags_add (diags, MT_SEVERITY_ERROR, (MtMark) { 1, 1 }, 1, "no x", "bad");
  add (diags, 0, 0, 1, "whole file");
  mt_diags_print_short (diags, out);
  CU_ASSERT_STRING_EQUAL (out->str, "a.yml: error: whole file\n"
                                    "a.yml:1:1: error: bad [no x]\n");
}

static void
test_no_text (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("a.yml", NULL);

  add (diags, 3, 1, 1, "m");
  assert_printed (diags, "a.yml:3:1: error: m\n");
}

/* By line, then column; at one place in the order of discovery. */
static void
test_order (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);

  add (diags, 2, 1, 1, "e");
  add (diags, 1, 9, 1, "d");
  add (diags, 1, 2, 1, "z first");
  add (diags, 1, 2, 1, "a second");
  add (diags, 0, 0, 1, "file");
  assert_printed (diags, "f: error: file\n"
                         "f:1:2: error: z first\n"
                         "f:1:2: error: a second\n"
                         "f:1:9: error: d\n"
                         "f:2:1: error: e\n");
}

static void
test_identical (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);

  add (diags, 1, 1, 1, "m");
  add (diags, 1, 1, 7, "m"); /* same place and message: the width does not matter */
  add (diags, 1, 2, 1, "m");
  add (diags, 1, 1, 1, "n");
  CU_ASSERT_EQUAL (diags->findings->len, 3);
  CU_ASSERT_EQUAL (diags->n_errors, 3);
}

static void
test_bounded (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  for (gint i = 1; i <= 123; i++)
    add (diags, i, 1, 1, "m");
  text = printed (diags);
  lines = g_strsplit (text, "\n", -1);
  /* 100 findings, the last line, and the empty string after its newline */
  CU_ASSERT_EQUAL_FATAL (g_strv_length (lines), 102);
  CU_ASSERT_STRING_EQUAL (lines[99], "f:100:1: error: m");
  CU_ASSERT_STRING_EQUAL (lines[100], "f: 23 more not shown");
}

/* 中 and 文 are two cells each; e with U+0301 (combining acute) is one. */
static void
test_caret_by_display_width (void)
{
  assert_line ("中文: x", 5, 1, "    1 | 中文: x\n"
                                "      |       ^\n");
  assert_line ("中文: x", 1, 2, "    1 | 中文: x\n"
                                "      | ^~~~\n");
  assert_line ("e\xCC\x81: x", 5, 1, "    1 | e\xCC\x81: x\n"
                                     "      |    ^\n");
}

static void
test_caret_at_ends (void)
{
  assert_line ("abc", 4, 1, "    1 | abc\n      |    ^\n"); /* just past the end */
  assert_line ("abc", 99, 1, "    1 | abc\n      |    ^\n"); /* far past it */
  assert_line ("abc", 2, 99, "    1 | abc\n      |  ^~\n"); /* wider than the line */
  assert_line ("", 1, 1, "    1 | \n      | ^\n");
}

/* libyaml puts the end of a file on the line after its last newline. */
static void
test_line_past_the_end (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", "a\n");

  add (diags, 2, 1, 1, "m");
  add (diags, 3, 1, 1, "m");
  assert_printed (diags, "f:2:1: error: m\n"
                         "    2 | \n"
                         "      | ^\n"
                         "f:3:1: error: m\n");
}

/* LF, CRLF, CR, NEL, LS and PS each end one line. */
static void
test_line_ends (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", "1\n2\r\n3\r4\xC2\x85" "5\u20286\u20297");

  add (diags, 3, 1, 1, "m");
  add (diags, 7, 1, 1, "m");
  assert_printed (diags, "f:3:1: error: m\n"
                         "    3 | 3\n"
                         "      | ^\n"
                         "f:7:1: error: m\n"
                         "    7 | 7\n"
                         "      | ^\n");
}

/* Tab, escape, zero-width space, right-to-left override, and a byte that is no
 * UTF-8: a space and four replacement characters of one cell. */
static void
test_unprintable (void)
{
  assert_line ("\t\x1b\u200b\u202e\xff!", 6, 1, "    1 |  \uFFFD\uFFFD\uFFFD\uFFFD!\n"
                                                "      |      ^\n");
}

static void
test_byte_order_mark (void)
{
  assert_line ("\xEF\xBB\xBFkey", 1, 3, "    1 | key\n"
                                        "      | ^~~\n");
}

/* A model must not write the report's lines. */
static void
test_message_is_one_line (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);
  g_autofree gchar *key = g_strnfill (5000, 'k');

  add (diags, 1, 1, 1, "a\nb\x1b[31m");
  add (diags, 2, 1, 1, key);
  CU_ASSERT_STRING_EQUAL (g_array_index (diags->findings, MtFinding, 0).message, "a\uFFFDb\uFFFD[31m");
  /* cut to 1000 characters and an ellipsis of 3 bytes */
  CU_ASSERT_EQUAL (strlen (g_array_index (diags->findings, MtFinding, 1).message), 1003);
}

/* 100 cells fit; of 300 the caret at column 151 keeps 60 before it and 40 from
 * it on, and each cut is one ellipsis. */
static void
test_long_lines (void)
{
  g_autofree gchar *x100 = g_strnfill (100, 'x');
  g_autofree gchar *x300 = g_strnfill (300, 'x');
  g_autofree gchar *before = g_strnfill (99, ' ');
  g_autofree gchar *before_cut = g_strnfill (61, ' ');
  g_autofree gchar *whole = g_strdup_printf ("    1 | %s\n      | %s^\n", x100, before);
  g_autofree gchar *cut = g_strdup_printf ("    1 | …%s…\n      | %s^\n", x100, before_cut);
  g_autofree gchar *head = g_strdup_printf ("    1 | %s…\n      | ^~\n", x100);

  assert_line (x100, 100, 1, whole);
  assert_line (x300, 151, 1, cut);
  assert_line (x300, 1, 2, head);
}

/* One pass over the text has to do for all findings. */
static void
test_large_text (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (MtDiags) diags = NULL;
  g_autofree gchar *out = NULL;
  gint64 begin;

  while (text->len < 16 * 1024 * 1024)
    g_string_append (text, "a: [中文, 1]  # fifty bytes of text, more or less\n");
  diags = mt_diags_new ("f", text->str);
  for (gint i = 100000; i > 0; i--)
    add (diags, i, 5, 2, "m");
  begin = g_get_monotonic_time ();
  out = printed (diags);
  CU_ASSERT_TRUE (g_get_monotonic_time () - begin < 10 * G_USEC_PER_SEC);
  CU_ASSERT_TRUE (g_str_has_suffix (out, "f: 99900 more not shown\n"));
}

static void
test_to_error (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);
  g_autoptr (GError) error = NULL;

  add (diags, 1, 1, 1, "m");
  error = mt_diags_to_error (diags);
  CU_ASSERT_TRUE (g_error_matches (error, MT_ERROR, MT_ERROR_MODEL));
  CU_ASSERT_STRING_EQUAL (error->message, "f:1:1: error: m");
}

static void
assert_nearest (const gchar *name, const gchar *expected)
{
  static const gchar *const candidates[] = { "latency", "bandwidth", "rate", "Größe", "bat", NULL };
  const gchar *nearest = mt_nearest (name, candidates);

  CU_ASSERT_STRING_EQUAL (nearest ? nearest : "(none)", expected ? expected : "(none)");
}

static void
test_nearest (void)
{
  assert_nearest ("latency", "latency");
  assert_nearest ("LATENCY", "latency"); /* case ignored */
  assert_nearest ("latnecy", "latency"); /* a swap counts one */
  assert_nearest ("bandwith", "bandwidth"); /* a letter missing */
  assert_nearest ("ltncy", NULL); /* 2 missing, but 5 / 3 = 1 */
  assert_nearest ("GRÖSSE", "Größe"); /* ß to ss: 2 edits, 6 / 3 = 2 */
  assert_nearest ("gröÿe", "Größe"); /* one substitution, counted in characters */
  assert_nearest ("rat", "rate"); /* one insertion; "bat" is as near, but later */
  assert_nearest ("at", NULL); /* 2 / 3 = 0: only an exact match would do */
  assert_nearest ("", NULL);
  assert_nearest ("\xE4", NULL); /* no UTF-8 */
}

static void
test_nearest_of_long_names (void)
{
  g_autofree gchar *name = g_strnfill (1000 * 1000, 'x');
  const gchar *const candidates[] = { name, "x", NULL };

  CU_ASSERT_PTR_NULL (mt_nearest (name, candidates));
  CU_ASSERT_PTR_NULL (mt_nearest ("xxxx", candidates)); /* to "x" 3 edits, 4 / 3 = 1 */
}

static void
test_did_you_mean (void)
{
  const gchar *const candidates[] = { "rate", NULL };
  g_autofree gchar *hint = mt_did_you_mean ("rtae", candidates);

  CU_ASSERT_STRING_EQUAL (hint, "did you mean 'rate'?");
  CU_ASSERT_PTR_NULL (mt_did_you_mean ("zzz", candidates));
}

static void
test_display_width (void)
{
  CU_ASSERT_EQUAL (mt_display_width (""), 0);
  CU_ASSERT_EQUAL (mt_display_width ("abc"), 3);
  CU_ASSERT_EQUAL (mt_display_width ("中文"), 4);
  CU_ASSERT_EQUAL (mt_display_width ("e\xCC\x81"), 1);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "form", test_form },
    { "short form", test_short_form },
    { "no text", test_no_text },
    { "order", test_order },
    { "identical findings", test_identical },
    { "bounded", test_bounded },
    { "caret by display width", test_caret_by_display_width },
    { "caret at the ends", test_caret_at_ends },
    { "line past the end", test_line_past_the_end },
    { "line ends", test_line_ends },
    { "unprintable characters", test_unprintable },
    { "byte order mark", test_byte_order_mark },
    { "a message is one line", test_message_is_one_line },
    { "long lines", test_long_lines },
    { "large text", test_large_text },
    { "to GError", test_to_error },
    { "nearest", test_nearest },
    { "nearest of long names", test_nearest_of_long_names },
    { "did you mean", test_did_you_mean },
    { "display width", test_display_width },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("diag", tests);
}

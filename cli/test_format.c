/* How results are told: TAP for pipes, JUnit's XML for CI servers, a summary for people. No times are
 * written: same models, same bytes. */
#include "cli/test.h"
#include "viz/view.h"

guint
mt_test_count (const MtTestResult *results, guint n, MtTestKind kind)
{
  guint count = 0;
  for (guint i = 0; i < n; i++)
    count += results[i].kind == kind;
  return count;
}

static gboolean
is_good (const MtTestResult *result)
{
  return result->kind == MT_TEST_PASSED || result->kind == MT_TEST_SKIPPED;
}

/* Paths are bytes; what is shown is UTF-8 on one line. Caller frees. */
static gchar *
clean (const gchar *text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);
  return mt_view_clean (valid);
}

/* Each line of the reason and the details, safe to show, behind @prefix. */
static void
append_lines (const MtTestResult *result, const gchar *prefix, GString *out)
{
  g_autofree gchar *text = g_strconcat (result->reason, "\n", result->details, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] && (*lines[i] || lines[i + 1]); i++)
    {
      g_autofree gchar *line = clean (lines[i]);
      g_string_append_printf (out, "%s%s\n", prefix, line);
    }
}

static void
append_tally (const MtTestResult *results, guint n, GString *out)
{
  static const gchar *const words[] = { [MT_TEST_PASSED] = "passed",
                                        [MT_TEST_FAILED] = "failed",
                                        [MT_TEST_INCOMPLETE] = "incomplete",
                                        [MT_TEST_ERROR] = "in error",
                                        [MT_TEST_SKIPPED] = "skipped" };
  static const MtTestKind order[] = { MT_TEST_PASSED, MT_TEST_FAILED, MT_TEST_SKIPPED,
                                      MT_TEST_INCOMPLETE, MT_TEST_ERROR };
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      guint count = mt_test_count (results, n, order[i]);
      if (count || order[i] == MT_TEST_PASSED || order[i] == MT_TEST_FAILED
          || order[i] == MT_TEST_SKIPPED)
        g_string_append_printf (out, "%s%u %s", i ? ", " : "", count, words[order[i]]);
    }
  g_string_append_c (out, '\n');
}

/* TAP: testanything.org, version 13. */

static void
tap_begin (guint n, GString *out)
{
  g_string_append_printf (out, "TAP version 13\n1..%u\n", n);
}

static void
tap_result (guint number, const MtTestResult *result, GString *out)
{
  g_autofree gchar *path = clean (result->path);
  g_string_append_printf (out, "%s %u - ", is_good (result) ? "ok" : "not ok", number);
  for (const gchar *c = path; *c; c++) /* a # begins a directive */
    g_string_append_printf (out, *c == '#' || *c == '\\' ? "\\%c" : "%c", *c);
  if (result->kind == MT_TEST_SKIPPED)
    g_string_append_printf (out, " # SKIP %s", result->reason);
  g_string_append_c (out, '\n');
  if (!is_good (result))
    append_lines (result, "# ", out);
}

static void
tap_end (const MtTestResult *results, guint n, GString *out)
{
  g_string_append (out, "# ");
  append_tally (results, n, out);
}

static const MtTestFormat tap = { "tap", "a line a model, as test harnesses read it", tap_begin,
                                  tap_result, tap_end };

/* A summary: only what did not pass. */

static void
summary_result (guint number, const MtTestResult *result, GString *out)
{
  static const gchar *const words[] = { [MT_TEST_SKIPPED] = "skipped",
                                        [MT_TEST_INCOMPLETE] = "INCOMPLETE",
                                        [MT_TEST_FAILED] = "FAIL",
                                        [MT_TEST_ERROR] = "ERROR" };
  if (!words[result->kind])
    return;
  g_autofree gchar *path = clean (result->path);
  g_string_append_printf (out, "%s %s\n", words[result->kind], path);
  append_lines (result, "  ", out);
}

static const MtTestFormat summary = { "summary", "what did not pass, and how many did", NULL,
                                      summary_result, append_tally };

/* JUnit's XML, as CI servers have come to agree on it. */

static void
append_attribute (const gchar *name, const gchar *value, GString *out)
{
  g_autofree gchar *text = clean (value), *escaped = g_markup_escape_text (text, -1);
  g_string_append_printf (out, " %s=\"%s\"", name, escaped);
}

static void
append_counts (const MtTestResult *results, guint n, GString *out)
{
  guint errors =
      mt_test_count (results, n, MT_TEST_ERROR) + mt_test_count (results, n, MT_TEST_INCOMPLETE);
  g_string_append_printf (
      out, " name=\"mtsim test\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"", n,
      mt_test_count (results, n, MT_TEST_FAILED), errors,
      mt_test_count (results, n, MT_TEST_SKIPPED));
}

static void
junit_case (const MtTestResult *result, GString *out)
{
  static const struct
  {
    const gchar *element, *type;
  } rows[] = {
    [MT_TEST_SKIPPED] = { "skipped", NULL },
    [MT_TEST_INCOMPLETE] = { "error", "incomplete" },
    [MT_TEST_FAILED] = { "failure", "expect" },
    [MT_TEST_ERROR] = { "error", "model" },
  };
  g_autofree gchar *folder = g_path_get_dirname (result->path),
                   *base = g_path_get_basename (result->path);
  const gchar *element = rows[result->kind].element;
  g_string_append (out, "    <testcase");
  append_attribute ("classname", folder, out);
  append_attribute ("name", base, out);
  append_attribute ("file", result->path, out);
  g_string_append (out, element ? ">\n" : "/>\n");
  if (!element)
    return;
  g_string_append_printf (out, "      <%s", element);
  append_attribute ("message", result->reason, out);
  if (rows[result->kind].type)
    append_attribute ("type", rows[result->kind].type, out);
  if (result->details)
    {
      g_autoptr (GString) lines = g_string_new (NULL);
      append_lines (result, "", lines);
      g_autofree gchar *escaped = g_markup_escape_text (lines->str, -1);
      g_string_append_printf (out, ">%s</%s>\n", escaped, element);
    }
  else
    g_string_append (out, "/>\n");
  g_string_append (out, "    </testcase>\n");
}

static void
junit_end (const MtTestResult *results, guint n, GString *out)
{
  g_string_append (out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
  append_counts (results, n, out);
  g_string_append (out, ">\n  <testsuite");
  append_counts (results, n, out);
  g_string_append (out, ">\n");
  for (guint i = 0; i < n; i++)
    junit_case (&results[i], out);
  g_string_append (out, "  </testsuite>\n</testsuites>\n");
}

static const MtTestFormat junit = { "junit", "JUnit's XML, for CI servers", NULL, NULL, junit_end };

const MtTestFormat *const mt_test_formats[] = { &tap, &junit, &summary, NULL };

const MtTestFormat *
mt_test_format_find (const gchar *name)
{
  for (guint i = 0; mt_test_formats[i]; i++)
    if (g_str_equal (mt_test_formats[i]->name, name))
      return mt_test_formats[i];
  return NULL;
}

/* Tests of expr.c and of what expressions come to: how texts are read, printed back, and computed. */
#include "sim/machine.h"
#include "sim/model.h"
#include "tests/unit/suite.h"
#include <string.h>

static MtNode
scalar (const gchar *text)
{
  return (MtNode){ .kind = MT_NODE_SCALAR, .mark = { 1, 1 }, .text = text, .width = (guint)strlen (text) };
}

static void
assert_text (const gchar *got, const gchar *expected)
{
  CU_ASSERT_STRING_EQUAL (got, expected);
  if (strcmp (got, expected) != 0)
    g_printerr ("\ngot:      %s\nexpected: %s\n", got, expected);
}

static gchar *
findings (const MtDiags *diags)
{
  GString *out = g_string_new (NULL);
  mt_diags_print_short (diags, out);
  return g_string_free (out, FALSE);
}

/* @text is read as the tree that prints as @expected, and so is what is printed. */
static void
assert_tree (const gchar *text, const gchar *expected)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", text);
  g_autoptr (MtExpr) e = mt_expr_parse (text, (MtMark){ 1, 1 }, TRUE, diags);
  CU_ASSERT_PTR_NOT_NULL_FATAL (e);
  g_autofree gchar *printed = mt_expr_to_text (e);
  assert_text (printed, expected);
  g_autoptr (MtExpr) again = mt_expr_parse (printed, (MtMark){ 1, 1 }, TRUE, diags);
  CU_ASSERT_PTR_NOT_NULL_FATAL (again);
  g_autofree gchar *twice = mt_expr_to_text (again);
  assert_text (twice, expected);
}

static void
test_precedence (void)
{
  assert_tree ("1 + 2 * 3", "(1 + (2 * 3))");
  assert_tree ("(1 + 2) * 3", "((1 + 2) * 3)");
  assert_tree ("10 - 3 - 2", "((10 - 3) - 2)"); /* from the left */
  assert_tree ("8 / 4 * 2 % 3", "(((8 / 4) * 2) % 3)");
  assert_tree ("-a * b", "((-a) * b)");
  assert_tree ("-a[0]", "(-a[0])");
  assert_tree ("a + 1 < b - 1", "((a + 1) < (b - 1))");
  assert_tree ("not a == b", "(not (a == b))"); /* as in Python, not as in C */
  assert_tree ("not a and b", "((not a) and b)");
  assert_tree ("a or b and c", "(a or (b and c))");
  assert_tree ("a and b or c and d", "((a and b) or (c and d))");
  assert_tree ("x in l and y not in l", "((x in l) and (y not in l))");
  assert_tree ("a if b else c if d else e", "(a if b else (c if d else e))"); /* from the right */
  assert_tree ("a or b if c or d else e", "((a or b) if (c or d) else e)");
}

static void
test_forms (void)
{
  assert_tree ("7 // 2", "(7 / 2)"); /* both floor */
  assert_tree ("0x1F", "31");
  assert_tree ("-2147483648", "-2147483648");
  assert_tree ("0.5", "0.500");
  assert_tree ("True", "true");
  assert_tree ("'a\"b'", "\"a\\\"b\"");
  assert_tree ("f(1, [2, x], g())", "f(1, [2, x], g())");
  assert_tree ("[]", "[]");
  assert_tree ("a[i + 1][j]", "a[(i + 1)][j]");
  assert_tree ("中文 + é", "(中文 + é)");
}

static void
test_places (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);
  g_autoptr (MtExpr) e = mt_expr_parse ("中文 + b[ 10 ]", (MtMark){ 3, 9 }, TRUE, diags);
  CU_ASSERT_PTR_NOT_NULL_FATAL (e);
  CU_ASSERT_EQUAL (e->mark.line, 3);
  CU_ASSERT_EQUAL (e->mark.column, 9);
  CU_ASSERT_EQUAL (e->width, 12); /* characters, not bytes or cells */
  CU_ASSERT_EQUAL (e->args[1]->mark.column, 14);
  CU_ASSERT_EQUAL (e->args[1]->width, 7);
  CU_ASSERT_EQUAL (e->args[1]->args[1]->mark.column, 17);
  CU_ASSERT_EQUAL (e->args[1]->args[1]->width, 2);
}

/* The value of @text where a is @a and b is @b, as it is printed: of variables, and folded as constants. */
static void
assert_value (const gchar *text, gint a, gint b, const gchar *expected)
{
  for (guint folded = 0; folded < 2; folded++)
    {
      g_autofree gchar *model_text = g_strdup_printf ("%s: {a: %d, b: %d}\nglobals: {nums: [11, 22, 33], s: \"x\", t: true, zero: 0}\nthreads: {t1: [pass]}\nobserve: [\"%s\"]\n",
                                                      folded ? "params" : "shared", a, b, text);
      g_autoptr (GError) error = NULL;
      g_autoptr (MtModel) model = mt_model_parse ("f", model_text, strlen (model_text), &error);
      MtCompileOptions options = { 0 };
      g_autoptr (MtProgram) program = model ? mt_compile (model, &options, &error) : NULL;
      if (!program)
        g_printerr ("\n%s\n", error->message);
      CU_ASSERT_PTR_NOT_NULL_FATAL (program);
      g_autofree MtWord *s = g_new (MtWord, program->n_words), *value = g_new (MtWord, program->max_frame);
      g_autoptr (GString) out = g_string_new (NULL);
      mt_state_init (program, s, NULL);
      if (mt_eval (program, s, &program->observed[0].pure, value))
        mt_value_print (program, program->observed[0].pure.type, FALSE, value, out);
      else
        g_string_append (out, "fault");
      assert_text (out->str, expected);
    }
}

/* Python 3: 7 // 2, 7 % 2; -7 // 2, -7 % 2; 7 // -2, 7 % -2; -7 // -2, -7 % -2; and at the ends of the range. */
static void
test_floor_division (void)
{
  assert_value ("[a / b, a % b]", 7, 2, "[3, 1]");
  assert_value ("[a / b, a % b]", -7, 2, "[-4, 1]");
  assert_value ("[a / b, a % b]", 7, -2, "[-4, -1]");
  assert_value ("[a / b, a % b]", -7, -2, "[3, -1]");
  assert_value ("[a / b, a % b]", 6, -3, "[-2, 0]");
  assert_value ("[a / b, a % b]", -1, G_MAXINT32, "[-1, 2147483646]");
  assert_value ("[a / b, a % b]", G_MAXINT32, G_MININT32, "[-1, -1]");
  assert_value ("a % b", G_MININT32, -1, "0");
}

static void
test_faults (void)
{
  assert_value ("a / b", G_MININT32, -1, "fault"); /* 2147483648 is no 32-bit number */
  assert_value ("a / b", 1, 0, "fault");
  assert_value ("a % b", 1, 0, "fault");
  assert_value ("a + b", G_MAXINT32, 1, "fault");
  assert_value ("a - b", G_MININT32, 1, "fault");
  assert_value ("a * b", 65536, 32768, "fault"); /* 2^31 */
  assert_value ("-a", G_MININT32, 0, "fault");
  assert_value ("abs(a)", G_MININT32, 0, "fault");
  assert_value ("a + b", G_MAXINT32, G_MININT32, "-1");
  assert_value ("nums[a]", 3, 0, "fault");
  assert_value ("nums[a]", -4, 0, "fault");
}

static void
test_values (void)
{
  assert_value ("[min(a, b), max(a, b, 4), abs(b)]", 3, -5, "[-5, 4, 5]");
  assert_value ("a + b * 2 - (a - b)", 3, 5, "15");
  assert_value ("[a < b, a <= b, a == b, a != b, a >= b, a > b]", 3, 5, "[True, True, False, True, False, False]");
  assert_value ("a if a < b else b", 3, 5, "3");
  assert_value ("nums[-1] + nums[a]", 1, 0, "55");
  assert_value ("[a in nums, a not in nums, len(nums) == 3]", 22, 0, "[True, False, True]");
  assert_value ("s == 'x' and s != 'y'", 0, 0, "True");
  assert_value ("nums == [11, 22, 33]", 0, 0, "True");
  assert_value ("t + 1", 0, 0, "2"); /* as in Python */
  assert_value ("0.5 * a", 3, 0, "1.5");
}

/* What stands behind a deciding operand is not computed. */
static void
test_short_circuit (void)
{
  assert_value ("b != 0 and a / b > 0", 1, 0, "False");
  assert_value ("b == 0 or a / b > 0", 1, 0, "True");
  assert_value ("a / b if b != 0 else -1", 1, 0, "-1");
  assert_value ("zero == 0 and a / b > 0", 1, 0, "fault");
}

/* The step @text is read as @kind, @target, operator, @value. */
static void
assert_statement (const gchar *text, MtStatementKind kind, const gchar *target, MtOperator op, const gchar *value)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", text);
  MtNode node = scalar (text);
  MtStatement statement;
  CU_ASSERT_TRUE_FATAL (mt_statement_parse (&node, &statement, diags));
  g_autofree gchar *t = statement.target ? mt_expr_to_text (statement.target) : g_strdup ("");
  g_autofree gchar *v = statement.value ? mt_expr_to_text (statement.value) : g_strdup ("");
  CU_ASSERT_EQUAL (statement.kind, kind);
  CU_ASSERT_EQUAL (statement.op, op);
  assert_text (t, target);
  assert_text (v, value);
  mt_statement_clear (&statement);
}

static void
test_statements (void)
{
  assert_statement ("x = 1 + 2", MT_STATEMENT_ASSIGN, "x", MT_OPERATOR_NONE, "(1 + 2)");
  assert_statement ("x += 2", MT_STATEMENT_ASSIGN, "x", MT_OPERATOR_ADD, "2");
  assert_statement ("x-=2", MT_STATEMENT_ASSIGN, "x", MT_OPERATOR_SUB, "2");
  assert_statement ("x *= 2", MT_STATEMENT_ASSIGN, "x", MT_OPERATOR_MUL, "2");
  assert_statement ("x /= 2", MT_STATEMENT_ASSIGN, "x", MT_OPERATOR_DIV, "2");
  assert_statement ("x %= 2", MT_STATEMENT_ASSIGN, "x", MT_OPERATOR_MOD, "2");
  assert_statement ("a[i] = a[i - 1] == 0", MT_STATEMENT_ASSIGN, "a[i]", MT_OPERATOR_NONE, "(a[(i - 1)] == 0)");
  assert_statement ("break", MT_STATEMENT_BREAK, "", MT_OPERATOR_NONE, "");
  assert_statement ("continue", MT_STATEMENT_CONTINUE, "", MT_OPERATOR_NONE, "");
  assert_statement ("return", MT_STATEMENT_RETURN, "", MT_OPERATOR_NONE, "");
  assert_statement ("return x", MT_STATEMENT_RETURN, "", MT_OPERATOR_NONE, "x");
  assert_statement ("yield", MT_STATEMENT_YIELD, "", MT_OPERATOR_NONE, "");
  assert_statement ("pass", MT_STATEMENT_PASS, "", MT_OPERATOR_NONE, "");
  assert_statement ("breaks = 1", MT_STATEMENT_ASSIGN, "breaks", MT_OPERATOR_NONE, "1"); /* only whole words */
}

/* The name that a broken assignment would have made stays known. */
static void
test_broken_assignment (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);
  MtNode node = scalar ("x = 1 +");
  MtStatement statement;
  CU_ASSERT_FALSE (mt_statement_parse (&node, &statement, diags));
  CU_ASSERT_PTR_NOT_NULL_FATAL (statement.target);
  CU_ASSERT_STRING_EQUAL (statement.target->name, "x");
  CU_ASSERT_PTR_NULL (statement.value);
  mt_statement_clear (&statement);
}

/* @text is made of the pieces @expected: literals as they are, expressions as <text|spec>. */
static void
assert_template (const gchar *text, const gchar *expected)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", text);
  g_autoptr (GString) out = g_string_new (NULL);
  MtNode node = scalar (text);
  g_autoptr (GArray) pieces = mt_template_parse (&node, diags);
  CU_ASSERT_PTR_NOT_NULL_FATAL (pieces);
  for (guint i = 0; i < pieces->len; i++)
    {
      const MtPiece *piece = &g_array_index (pieces, MtPiece, i);
      g_autofree gchar *e = piece->expr ? mt_expr_to_text (piece->expr) : NULL;
      if (e)
        g_string_append_printf (out, "<%s|%s>", e, piece->spec ? piece->spec : "");
      else
        g_string_append (out, piece->literal);
    }
  assert_text (out->str, expected);
}

static void
test_templates (void)
{
  assert_template ("", "");
  assert_template ("plain", "plain");
  assert_template ("a {x} b {y + 1:03d}!", "a <x|> b <(y + 1)|03d>!");
  assert_template ("{{}} {{x}}", "{} {x}");
  assert_template ("{a[0]}{f(1)}", "<a[0]|><f(1)|>");
  assert_template ("{'a:b}' == s:>4}", "<(\"a:b}\" == s)|>4>"); /* quotes hide colons and braces */
  assert_template ("进度{x}%", "进度<x|>%");
}

static void
test_template_findings (void)
{
  g_autoptr (MtDiags) diags = mt_diags_new ("f", NULL);
  MtNode node = scalar ("中 {x +} {y");
  CU_ASSERT_PTR_NULL (mt_template_parse (&node, diags));
  g_autofree gchar *said = findings (diags);
  assert_text (said, "f:1:7: error: a value expected, but the text ends here\n"
                     "f:1:9: error: this brace is not closed [write '{{' or '}}' for a brace that is text]\n");
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "precedence", test_precedence },
    { "forms", test_forms },
    { "places", test_places },
    { "floor division", test_floor_division },
    { "faults", test_faults },
    { "values", test_values },
    { "short circuit", test_short_circuit },
    { "statements", test_statements },
    { "broken assignment", test_broken_assignment },
    { "templates", test_templates },
    { "template findings", test_template_findings },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("expr", tests);
}

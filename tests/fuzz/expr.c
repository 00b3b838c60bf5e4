/* Any text as an expression, and what was understood of it again. */
#include "sim/expr.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const MtMark mark = { 1, 1 };
  g_autofree gchar *bytes = g_strndup ((const gchar *)data, size);
  g_autofree gchar *text = g_utf8_make_valid (bytes, -1); /* as it comes from a tree */
  g_autoptr (MtDiags) diags = mt_diags_new ("f", text);
  g_autoptr (MtExpr) expr = mt_expr_parse (text, mark, TRUE, diags);
  g_autoptr (GString) said = g_string_new (NULL);
  mt_diags_print (diags, said);
  g_assert (expr || diags->n_errors > 0);
  if (expr)
    {
      g_autofree gchar *canonical = mt_expr_to_text (expr);
      mt_expr_free (mt_expr_parse (canonical, mark, TRUE, diags));
    }
  return 0;
}

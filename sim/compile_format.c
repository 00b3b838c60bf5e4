/* Formats: a text with values in it, "{x:>4} of {n}", as printed or asserted. */
#include "sim/compiler_private.h"
#include <string.h>

static gboolean
parse_spec (MtCompiler *c, const MtPiece *piece, MtFormatPiece *out)
{
  const gchar *at = piece->spec;
  out->precision = -1;
  if (!at)
    return TRUE;
  if (at[0] && at[1] && strchr ("<>^", at[1]))
    {
      out->fill = at[0];
      out->align = at[1];
      at += 2;
    }
  else if (at[0] && strchr ("<>^", at[0]))
    out->align = *at++;
  if (*at == '0')
    {
      out->fill = out->align ? out->fill : '0';
      at++;
    }
  while (g_ascii_isdigit (*at) && out->width < 1000)
    out->width = out->width * 10 + (guint)(*at++ - '0');
  if (*at == '.')
    for (at++, out->precision = 0; g_ascii_isdigit (*at) && out->precision < 100; at++)
      out->precision = out->precision * 10 + (*at - '0');
  if (*at && strchr ("dsfx", *at))
    out->conversion = *at++;
  if (!*at && out->width <= 200 && out->precision <= 9)
    return TRUE;
  mt_compile_error (c, piece->spec_mark, mt_name_width (piece->spec), "[fill][<>^][0][width][.digits][d|s|f|x], as in Python", "bad format '%s'", piece->spec);
  return FALSE;
}

guint
mt_format (MtCompiler *c, const GArray *pieces, const gchar *end)
{
  guint number = c->formats->len, n = pieces ? pieces->len : 0;
  MtFormat format = { n + (*end ? 1 : 0), mt_keep (c, g_new0 (MtFormatPiece, n + 1)) };
  for (guint i = 0; i < n; i++)
    {
      const MtPiece *piece = &g_array_index (pieces, MtPiece, i);
      MtFormatPiece *out = &format.pieces[i];
      if (piece->literal)
        {
          out->literal = mt_keep_text (c, piece->literal);
          continue;
        }
      parse_spec (c, piece, out);
      MtOperand value = mt_compile_expr (c, piece->expr, MT_INSTANT);
      if (!value.temp && value.words == 1)
        value = mt_own_temp (c, value);
      out->slot = value.slot;
      FormatUse use = { number, i, value.type };
      g_array_append_val (c->format_uses, use);
    }
  if (*end)
    format.pieces[n].literal = mt_keep_text (c, end);
  g_array_append_val (c->formats, format);
  return number;
}

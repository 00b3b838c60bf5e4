/* print: one step that sees one instant. imm is the format's number, b how many temporaries from
 * slot a on hold its values. */
#include "sim/primitive.h"
#include <string.h>

static void
pad (GString *out, const gchar *text, const MtFormatPiece *piece, gboolean number)
{
  guint width = mt_display_width (text);
  guint room = piece->width > width ? piece->width - width : 0;
  gchar align = piece->align ? piece->align : number ? '>' : '<';
  gchar fill = piece->fill ? piece->fill : ' ';
  guint before = align == '>' ? room : align == '^' ? room / 2 : 0;
  if (fill == '0' && number && text[0] == '-' && align == '>')
    g_string_append_c (out, *text++);
  for (guint i = 0; i < before; i++)
    g_string_append_c (out, fill);
  g_string_append (out, text);
  for (guint i = before; i < room; i++)
    g_string_append_c (out, fill);
}

static void
append_value (const MtProgram *program, const MtFormatPiece *piece, const MtWord *words, GString *out)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean number = piece->type.kind == MT_TYPE_INT || piece->type.kind == MT_TYPE_TIME;
  if (number && piece->conversion == 'x')
    g_string_append_printf (text, *words < 0 ? "-%x" : "%x", (guint)ABS ((gint64)*words));
  else if (piece->type.kind == MT_TYPE_INT && (piece->conversion == 'f' || piece->precision > 0))
    g_string_append_printf (text, "%d.%0*d", *words, piece->precision < 0 ? 6 : MAX (piece->precision, 1), 0);
  else if (piece->type.kind == MT_TYPE_TIME && piece->precision >= 0 && piece->precision < 3)
    {
      gint64 scale = piece->precision == 0 ? 1000 : piece->precision == 1 ? 100 : 10;
      gint64 value = (*words + scale / 2) / scale, unit = 1000 / scale;
      g_string_append_printf (text, piece->precision ? "%d.%0*d" : "%d", (gint)(value / unit), piece->precision, (gint)(value % unit));
    }
  else
    mt_value_print (program, piece->type, FALSE, words, text);
  pad (out, text->str, piece, number);
}

static MtResult
print_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtFormat *format = &ctx->program->formats[in->imm];
  GString *out = ctx->rec ? ctx->rec->output : NULL;
  for (guint i = 0; out && i < format->n; i++)
    if (format->pieces[i].literal)
      g_string_append (out, format->pieces[i].literal);
    else
      append_value (ctx->program, &format->pieces[i], ctx->r + format->pieces[i].slot, out);
  return MT_DONE;
}

static gboolean
print_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  const MtFormat *format = &program->formats[in->imm];
  for (guint i = 0; i < format->n; i++)
    if (!format->pieces[i].literal)
      mt_touch (out, (guint)format->pieces[i].slot, format->pieces[i].type.kind == MT_TYPE_LIST ? format->pieces[i].type.capacity + 1 : 1);
  return TRUE;
}

const MtOp mt_op_print = { .name = "print", .apply = print_apply, .uses = print_uses };

static void
compile_print (MtCompiler *c, const MtStepNode *step)
{
  const MtArg *text = &step->args[0], *end = &step->args[1];
  if (text->node && !text->template)
    return;
  mt_instant_begin (c, NULL);
  for (guint i = 0; text->template && i < text->template->len; i++)
    if (g_array_index (text->template, MtPiece, i).expr)
      mt_instant_branches (c, g_array_index (text->template, MtPiece, i).expr);
  guint format = mt_format (c, text->template, end->node && end->node->kind == MT_NODE_SCALAR ? end->node->text : "\n");
  mt_emit_op (c, &mt_op_print, 0, 0, -1, (gint32)format, MT_ALWAYS);
  mt_discard_temps (c);
  mt_instant_end (c);
}

static const MtVerb verbs[] = {
  { "print", { { "print", MT_ARG_TEMPLATE, TRUE }, { "end", MT_ARG_TEXT, FALSE } }, compile_print, "{print: \"text {expression}\"}" },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_print, NULL };

const MtPrimitive mt_primitive_output = { .noun = "output", .verbs = verbs, .ops = ops, .help = "printing", .rename = mt_rename_nothing };

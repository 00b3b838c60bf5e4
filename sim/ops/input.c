/* Inputs: what is typed at a keyboard, declared line by line. Word: [0] how many lines were read. */
#include "sim/primitive.h"

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program, (void)object;
  return 1;
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  (void)program;
  g_string_append_printf (out, "%d of %u lines read", *w, object->n_data);
}

/* dst is where the line goes, -1: nowhere. */
static MtResult
input_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *input = mt_object_of (ctx, in);
  if (!input)
    return MT_FAULTED;
  MtWord line = mt_get (ctx, input->address);
  if ((guint)line == input->n_data)
    return MT_FAILED;
  mt_put (ctx, input->address, line + 1);
  if (in->dst >= 0)
    ctx->r[in->dst] = input->data[line];
  return MT_DONE;
}

static const MtOp op_input = { .name = "input", .apply = input_apply, .touches = mt_touches_object, .uses = mt_uses_b };

static void
compile_input (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *into = step->args[1].expr;
  gint32 object;
  MtOperand index;
  if (!mt_resolve_object (c, step->args[0].expr, &mt_primitive_input, &object, &index))
    return;
  MtOperand line = into ? mt_compile_temp (c, MT_TYPE_STRING) : (MtOperand){ .slot = -1 };
  mt_emit_op (c, &op_input, line.slot, 0, index.slot, object, MT_ALWAYS | MT_FALLIBLE | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  guint fail = mt_fail_begin (c);
  if (into)
    mt_compile_into (c, into, line);
  mt_fail_end (c, fail, &step->args[2], "EOFError");
}

static const MtSettingSpec settings[] = {
  { "lines", MT_SETTING_LINES, 0, 0, 0, NULL, TRUE, "[line, line, ..] or {lines: [line, line, ..]}" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "input", { { "input", MT_ARG_OBJECT, TRUE }, { "into", MT_ARG_TARGET, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_input, "{input: kb, into: x, else: [..]}" },
  { 0 },
};

static const MtOp *const ops[] = { &op_input, NULL };

const MtPrimitive mt_primitive_input = { .section = "inputs", .noun = "an input", .settings = settings, .verbs = verbs,
                                         .ops = ops, .words = words, .print = print, .help = "lines typed at a keyboard", .rename = mt_rename_nothing };

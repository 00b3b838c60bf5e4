/* Variables: globals and shared, scalars and lists. Each access is a step of its own; that is
 * where races live. Fields: imm is a state address (scalars) or a variable's index (lists),
 * b the number of the lost-update monitor or -1. */
#include "sim/ops/var.h"
#include "sim/primitive.h"
#include <string.h>

static MtResult
read_apply (MtCtx *ctx, const MtInstr *in)
{
  mt_var_read (ctx, in);
  return MT_DONE;
}

static MtResult
write_apply (MtCtx *ctx, const MtInstr *in)
{
  mt_var_write (ctx, in);
  return MT_DONE;
}

static MtWord
length_of (MtCtx *ctx, const MtVar *v)
{
  return v->fixed ? (MtWord)v->type.capacity : ctx->s[v->address];
}

static guint
items_of (const MtVar *v)
{
  return v->address + (v->fixed ? 0 : 1);
}

/* The cell at @index, or -1 after a fault. */
static gint
cell (MtCtx *ctx, const MtVar *v, MtWord index)
{
  MtWord length = length_of (ctx, v), i = index < 0 ? index + length : index;
  if (i >= 0 && i < length)
    return i;
  mt_fault (ctx, "IndexError: index %d, but %s has %d items", index, v->name, length);
  return -1;
}

static MtResult
read_element_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  gint i = cell (ctx, v, mt_a (ctx, in));
  if (i < 0)
    return MT_FAULTED;
  if (in->b >= 0)
    mt_watch_read (ctx, in->b + i);
  ctx->r[in->dst] = mt_get (ctx, items_of (v) + (guint)i);
  return MT_DONE;
}

static MtResult
write_element_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  gint i = cell (ctx, v, ctx->r[in->dst]);
  if (i < 0)
    return MT_FAULTED;
  if (in->b >= 0)
    mt_watch_write (ctx, in->b + i, (in->flags & MT_DERIVED) != 0, items_of (v) + (guint)i);
  mt_put (ctx, items_of (v) + (guint)i, mt_a (ctx, in));
  return MT_DONE;
}

/* A whole list at once: Python's name binding. */
static MtResult
list_read_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  MtWord n = length_of (ctx, v), *list = ctx->r + in->dst;
  list[0] = v->fixed ? n : mt_get (ctx, v->address);
  for (MtWord i = 0; i < (MtWord)v->type.capacity; i++)
    list[1 + i] = i < n ? mt_get (ctx, items_of (v) + (guint)i) : 0;
  return MT_DONE;
}

static MtResult
list_write_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  const MtWord *list = ctx->r + in->a;
  if (list[0] > (MtWord)v->type.capacity || (v->fixed && list[0] != (MtWord)v->type.capacity))
    return mt_fault (ctx, "MemoryError: %d items for %s, which has room for %u", list[0], v->name, v->type.capacity);
  if (!v->fixed)
    mt_put (ctx, v->address, list[0]);
  for (MtWord i = 0; i < (MtWord)v->type.capacity; i++)
    mt_put (ctx, items_of (v) + (guint)i, i < list[0] ? list[1 + i] : 0);
  return MT_DONE;
}

static MtResult
length_apply (MtCtx *ctx, const MtInstr *in)
{
  ctx->r[in->dst] = mt_get (ctx, ctx->program->vars[in->imm].address);
  return MT_DONE;
}

static MtResult
contains_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  MtWord n = length_of (ctx, v), value = mt_a (ctx, in), found = 0;
  for (MtWord i = 0; i < n && !found; i++)
    found = mt_get (ctx, items_of (v) + (guint)i) == value;
  ctx->r[in->dst] = found;
  return MT_DONE;
}

static MtResult
append_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  MtWord n = mt_get (ctx, v->address);
  if (n >= (MtWord)v->type.capacity)
    return mt_fault (ctx, "MemoryError: %s has room for %u items: declare it with a larger capacity", v->name, v->type.capacity);
  mt_put (ctx, items_of (v) + (guint)n, mt_a (ctx, in));
  mt_put (ctx, v->address, n + 1);
  return MT_DONE;
}

static MtResult
pop_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtVar *v = &ctx->program->vars[in->imm];
  MtWord n = mt_get (ctx, v->address);
  if (n == 0)
    return mt_fault (ctx, "IndexError: pop from the empty list %s", v->name);
  ctx->r[in->dst] = mt_get (ctx, items_of (v) + (guint)n - 1);
  mt_put (ctx, items_of (v) + (guint)n - 1, 0);
  mt_put (ctx, v->address, n - 1);
  return MT_DONE;
}

/* Footprints. A write of a watched cell also touches the monitors, but two writes of one cell
 * conflict already. */
static void
read_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)program, (void)task;
  mt_touch (out->reads, (guint)in->imm, 1);
}

static void
write_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)program, (void)task;
  mt_touch (out->writes, (guint)in->imm, 1);
}

static void
list_read_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  mt_touch (out->reads, program->vars[in->imm].address, program->vars[in->imm].n_words);
}

static void
list_write_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  (void)task;
  mt_touch (out->reads, program->vars[in->imm].address, program->vars[in->imm].n_words);
  mt_touch (out->writes, program->vars[in->imm].address, program->vars[in->imm].n_words);
}

static gboolean
write_element_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  gint index = in->dst;
  g_array_append_val (out, index);
  return mt_uses_a (program, in, out);
}

static gboolean
list_write_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  mt_touch (out, (guint)in->a, program->vars[in->imm].type.capacity + 1);
  return TRUE;
}

const MtOp mt_op_read = { .name = "read", .label = "read", .makes_dst = TRUE, .apply = read_apply, .touches = read_touches, .uses = mt_uses_none };
const MtOp mt_op_write = { .name = "write", .label = "write", .apply = write_apply, .touches = write_touches, .uses = mt_uses_a };
const MtOp mt_op_read_element = { .name = "read_element", .label = "read", .makes_dst = TRUE, .apply = read_element_apply, .touches = list_read_touches, .uses = mt_uses_a };
const MtOp mt_op_write_element = { .name = "write_element", .label = "write", .apply = write_element_apply, .touches = list_write_touches, .uses = write_element_uses };
const MtOp mt_op_list_read = { .name = "list_read", .label = "read", .apply = list_read_apply, .touches = list_read_touches, .uses = mt_uses_none };
const MtOp mt_op_list_write = { .name = "list_write", .label = "write", .apply = list_write_apply, .touches = list_write_touches, .uses = list_write_uses };
const MtOp mt_op_length = { .name = "length", .label = "read", .makes_dst = TRUE, .apply = length_apply, .touches = list_read_touches, .uses = mt_uses_none };
const MtOp mt_op_contains = { .name = "contains", .label = "read", .makes_dst = TRUE, .apply = contains_apply, .touches = list_read_touches, .uses = mt_uses_a };
const MtOp mt_op_append = { .name = "append", .apply = append_apply, .touches = list_write_touches, .uses = mt_uses_a };
const MtOp mt_op_pop = { .name = "pop", .makes_dst = TRUE, .apply = pop_apply, .touches = list_write_touches, .uses = mt_uses_none };

static gboolean
resolve_growing (MtCompiler *c, const MtExpr *e, gint *var, MtOperand *list)
{
  if (!e || !mt_resolve_list (c, e, var, list))
    return FALSE;
  if (*var < 0 || !mt_compiling (c)->vars[*var].fixed)
    return TRUE;
  mt_compile_error (c, e->mark, e->width, "declare it as {list: [], capacity: n}", "'%s' is an array: its length never changes", e->name);
  return FALSE;
}

static void
compile_append (MtCompiler *c, const MtStepNode *step)
{
  gint var;
  MtOperand list = { 0 };
  const MtExpr *e = step->args[0].expr;
  if (!e || !resolve_growing (c, step->args[1].expr, &var, &list))
    return;
  MtOperand value = mt_compile_expr (c, e, mt_reading (c));
  mt_unify (c, mt_list_element (c, var, list), value.type, e->mark, e->width, "an item of the list");
  if (var >= 0)
    mt_emit_op (c, &mt_op_append, 0, value.slot, -1, var, MT_ALWAYS | (mt_kill (value, value) & MT_KILL_A));
  else
    mt_emit (c, MT_OP_SLOTAPPEND, list.slot, value.slot, 0, (gint32)list.words - 1);
  if (var < 0)
    mt_discard (c, value);
  else
    mt_release (c, value);
}

static void
compile_pop (MtCompiler *c, const MtStepNode *step)
{
  gint var;
  MtOperand list = { 0 };
  const MtExpr *target = step->args[0].expr;
  if (!target || !resolve_growing (c, step->args[1].expr, &var, &list))
    return;
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = mt_list_element (c, var, list);
  if (var >= 0)
    mt_emit_op (c, &mt_op_pop, out.slot, 0, -1, var, MT_ALWAYS);
  else
    mt_emit (c, MT_OP_SLOTPOP, out.slot, list.slot, 0, 0);
  mt_compile_into (c, target, out);
}

static const MtVerb verbs[] = {
  { "append", { { "append", MT_ARG_EXPR, TRUE }, { "to", MT_ARG_OBJECT, TRUE } }, compile_append, "{append: value, to: list}" },
  { "pop", { { "pop", MT_ARG_TARGET, TRUE }, { "from", MT_ARG_OBJECT, TRUE } }, compile_pop, "{pop: x, from: list}" },
  { 0 },
};

static const MtOp *const ops[] = { &mt_op_read, &mt_op_write, &mt_op_read_element, &mt_op_write_element, &mt_op_list_read,
                                   &mt_op_list_write, &mt_op_length, &mt_op_contains, &mt_op_append, &mt_op_pop, NULL };

const MtPrimitive mt_primitive_var = { .noun = "a variable", .verbs = verbs, .ops = ops, .help = "globals and shared variables", .rename = mt_rename_nothing };

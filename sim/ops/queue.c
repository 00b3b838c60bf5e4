/* Queues: first in, first out. Words: [0] how many items; then the items, the oldest first, each
 * as many words as it has values; what lies behind them is zero, so equal contents are equal states. */
#include "sim/primitive.h"

enum
{
  COUNT,
  ITEMS,
};

enum
{
  SETTING_CAPACITY,
  SETTING_STORAGE,
  SETTING_INHERIT,
};

/* Items there is room for. */
static guint
room (const MtObject *q)
{
  return (guint)(q->setting[SETTING_CAPACITY] ? q->setting[SETTING_CAPACITY] : q->setting[SETTING_STORAGE]);
}

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program;
  return ITEMS + room (object) * object->arity;
}

static void
print_item (const MtProgram *program, const MtObject *q, const MtWord *item, GString *out)
{
  g_string_append (out, q->arity > 1 ? "(" : "");
  for (guint k = 0; k < q->arity; k++)
    {
      const gchar *quote = q->element[k].kind == MT_TYPE_STRING ? "'" : "";
      g_string_append_printf (out, "%s%s", k ? ", " : "", quote);
      mt_value_print (program, q->element[k], FALSE, item + k, out);
      g_string_append (out, quote);
    }
  g_string_append (out, q->arity > 1 ? ")" : "");
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < (guint)w[COUNT]; i++)
    {
      g_string_append (out, i ? ", " : "");
      print_item (program, object, w + ITEMS + i * object->arity, out);
    }
  g_string_append_c (out, ']');
}

static const gchar *
left_over (const MtObject *object, const MtWord *w)
{
  (void)object;
  return w[COUNT] ? "holds items that nobody took" : NULL;
}

static gboolean
is_full (const MtObject *q, MtWord count)
{
  return q->setting[SETTING_CAPACITY] && count == q->setting[SETTING_CAPACITY];
}

/* A queue of Python's multiprocessing can't be reached from a pool's worker. */
static gboolean
out_of_reach (const MtProgram *program, guint task, const MtObject *q)
{
  return q->setting[SETTING_INHERIT] && program->tasks[task].kind == MT_TASK_WORKER;
}

/* The queue, for a task that may use it; NULL after a fault. */
static const MtObject *
reach (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *q = mt_object_of (ctx, in);
  if (!q || !out_of_reach (ctx->program, ctx->task, q))
    return q;
  mt_fault (ctx, "RuntimeError: Queue objects should only be shared between processes through inheritance");
  return NULL;
}

/* put: the item's values are temporaries from slot a on. */
static guint
put_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *q = mt_object (program, s + program->tasks[task].frame, in);
  /* what does not exist or can't be used is let through: the step then reports it */
  return mt_ways_timed (program, s, task, in, !q || !is_full (q, s[q->address + COUNT]) || out_of_reach (program, task, q), out);
}

static MtResult
put_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *q = reach (ctx, in);
  if (!q)
    return MT_FAULTED;
  MtWord count = mt_get (ctx, q->address + COUNT);
  if (ctx->alt == 0 && (guint)count == room (q))
    return mt_fault (ctx, "MemoryError: %s holds %d items already: declare it with a larger storage", q->name, count);
  for (guint k = 0; k < q->arity; k++)
    {
      if (ctx->alt == 0)
        mt_put (ctx, q->address + ITEMS + (guint)count * q->arity + k, ctx->r[(guint)in->a + k]);
      ctx->r[(guint)in->a + k] = 0;
    }
  if (ctx->alt == 1)
    return MT_FAILED;
  mt_put (ctx, q->address + COUNT, count + 1);
  return MT_DONE;
}

/* get: the item's values go to slots from dst on; -1: nowhere. */
static guint
get_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *q = mt_object (program, s + program->tasks[task].frame, in);
  return mt_ways_timed (program, s, task, in, !q || s[q->address + COUNT] > 0 || out_of_reach (program, task, q), out);
}

static MtResult
get_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *q = reach (ctx, in);
  if (!q)
    return MT_FAULTED;
  MtWord count = mt_get (ctx, q->address + COUNT);
  if (ctx->alt == 1)
    return MT_FAILED;
  guint items = q->address + ITEMS, last = ((guint)count - 1) * q->arity;
  for (guint k = 0; in->dst >= 0 && k < q->arity; k++)
    ctx->r[(guint)in->dst + k] = mt_get (ctx, items + k);
  for (guint i = 0; i < last; i++)
    mt_put (ctx, items + i, mt_get (ctx, items + i + q->arity));
  for (guint k = 0; k < q->arity; k++)
    mt_put (ctx, items + last + k, 0);
  mt_put (ctx, q->address + COUNT, count - 1);
  return MT_DONE;
}

static void
why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(mt_object (program, s + program->tasks[task].frame, in) - program->objects);
}

static MtResult
size_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *q = reach (ctx, in);
  if (!q)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, q->address + COUNT);
  return MT_DONE;
}

static MtResult
empty_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *q = reach (ctx, in);
  if (!q)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, q->address + COUNT) == 0;
  return MT_DONE;
}

static MtResult
full_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *q = reach (ctx, in);
  if (!q)
    return MT_FAULTED;
  ctx->r[in->dst] = is_full (q, mt_get (ctx, q->address + COUNT));
  return MT_DONE;
}

static gboolean
put_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  mt_touch (out, (guint)in->a, program->objects[in->imm].arity);
  return mt_uses_b (program, in, out);
}

static const MtOp op_put = { .name = "put", .ways = put_ways, .apply = put_apply, .touches = mt_touches_object, .uses = put_uses, .why = why };
static const MtOp op_get = { .name = "get", .ways = get_ways, .apply = get_apply, .touches = mt_touches_object, .uses = mt_uses_b, .why = why };
static const MtOp op_size = { .name = "size", .makes_dst = TRUE, .apply = size_apply, .touches = mt_looks_at_object, .uses = mt_uses_b };
static const MtOp op_empty = { .name = "empty", .makes_dst = TRUE, .apply = empty_apply, .touches = mt_looks_at_object, .uses = mt_uses_b };
static const MtOp op_full = { .name = "full", .makes_dst = TRUE, .apply = full_apply, .touches = mt_looks_at_object, .uses = mt_uses_b };

/* One value of an item into a slot; it has the type of the others at its place. */
static void
compile_value (MtCompiler *c, const MtExpr *e, gint32 queue, guint k, gint slot)
{
  MtOperand value = mt_compile_expr (c, e, mt_reading (c));
  g_autofree gchar *what = g_strdup_printf ("an item of '%s'", mt_compiling (c)->objects[queue].group);
  if (value.words > 1)
    mt_compile_error (c, e->mark, e->width, "put its items one by one, or a tuple of numbers, truth values and strings", "a list can't be an item's value");
  else
    mt_unify (c, mt_object_element (c, queue, k), value.type, e->mark, e->width, what);
  mt_compile_move (c, value, slot);
}

static void
compile_put (MtCompiler *c, const MtStepNode *step)
{
  MtExpr *item = step->args[0].expr;
  gint32 queue;
  MtOperand index;
  if (!item)
    return;
  MtExpr *const *values = item->kind == MT_EXPR_LIST ? item->args : &item;
  guint n = item->kind == MT_EXPR_LIST ? item->n : 1;
  if (n == 0)
    mt_compile_error (c, item->mark, item->width, "write [a, b] for a tuple", "an item without a value");
  mt_check_else (c, step);
  if (n == 0 || !mt_resolve_object (c, step->args[1].expr, &mt_primitive_queue, &queue, &index) || !mt_object_arity (c, queue, n, item))
    return;
  gint base = mt_compile_temps (c, n);
  for (guint k = 0; k < n; k++)
    compile_value (c, values[k], queue, k, base + (gint)k);
  gboolean timed = step->args[2].node != NULL;
  mt_compile_arm (c, &step->args[2]);
  mt_emit_op (c, &op_put, 0, base, index.slot, queue, (timed ? MT_TIMED | MT_FALLIBLE : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  mt_release (c, (MtOperand){ base, n, TRUE, NULL });
  if (timed)
    mt_compile_else (c, &step->args[3], "queue.Full");
}

static void
compile_get (MtCompiler *c, const MtStepNode *step)
{
  const GPtrArray *into = step->args[1].exprs;
  gint32 queue;
  MtOperand index;
  gboolean timed = step->args[2].node != NULL;
  guint n = into ? into->len : 0;
  mt_check_else (c, step);
  if (!mt_resolve_object (c, step->args[0].expr, &mt_primitive_queue, &queue, &index) || (n && !mt_object_arity (c, queue, n, into->pdata[0])))
    return;
  gint base = n ? mt_compile_temps (c, n) : -1;
  mt_compile_arm (c, &step->args[2]);
  mt_emit_op (c, &op_get, base, 0, index.slot, queue, (timed ? MT_TIMED | MT_FALLIBLE : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  guint fail = timed ? mt_fail_begin (c) : 0;
  for (guint k = 0; k < n; k++)
    mt_compile_into (c, into->pdata[k], (MtOperand){ base + (gint)k, 1, TRUE, mt_object_element (c, queue, k) });
  if (timed)
    mt_fail_end (c, fail, &step->args[3], "queue.Empty");
}

static const MtSettingSpec settings[] = {
  { "capacity", MT_SETTING_INT, 0, 1, 100000, NULL, FALSE, "a put waits while it holds so many items; without one it never waits" },
  { "storage", MT_SETTING_INT, 64, 1, 100000, NULL, FALSE, "items kept of a queue without a capacity: more are a reported error" },
  { "inherit", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "a pool's workers can't reach it" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "put", { { "put", MT_ARG_EXPR, TRUE }, { "to", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_put, "{put: item, to: q, timeout: 1, else: [..]}" },
  { "get", { { "get", MT_ARG_OBJECT, TRUE }, { "into", MT_ARG_TARGETS, FALSE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_get, "{get: q, into: x, timeout: 1, else: [..]}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "size", MT_TYPE_INT, &op_size, "how many items the queue holds" },
  { "empty", MT_TYPE_BOOL, &op_empty, "whether the queue holds no item" },
  { "full", MT_TYPE_BOOL, &op_full, "whether the queue holds as many items as its capacity" },
  { 0 },
};

static const MtOp *const ops[] = { &op_put, &op_get, &op_size, &op_empty, &op_full, NULL };

const MtPrimitive mt_primitive_queue = { .section = "queues", .noun = "a queue", .settings = settings, .verbs = verbs, .functions = functions,
                                         .ops = ops, .words = words, .print = print, .left_over = left_over, .help = "first in, first out", .rename = mt_rename_nothing };

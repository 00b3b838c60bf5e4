/* Control flow: if, while, loop, for, repeat, choose, atomic, call, raise, assert, await, break and
 * their kin. Only choose and await can make a task wait. */
#include "sim/primitive.h"

/* Jumps to the returned place (to be patched) when @e is false. */
static guint
branch_unless (MtCompiler *c, const MtExpr *e)
{
  MtOperand test = mt_compile_condition (c, e, mt_reading (c));
  guint jump = mt_emit (c, MT_OP_JZ, 0, test.slot, 0, 0);
  mt_kill_operands (c, jump, mt_kill (test, test) & MT_KILL_A);
  mt_release (c, test);
  return jump;
}

static void
compile_if (MtCompiler *c, const MtStepNode *step)
{
  const MtArg *test = &step->args[0], *then = &step->args[1], *elif = &step->args[2], *otherwise = &step->args[3];
  if (!test->expr)
    return;
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint));
  guint skip = branch_unless (c, test->expr);
  mt_compile_steps (c, then->steps);
  for (guint i = 0; elif->branches && i < elif->branches->len; i++)
    {
      const MtBranch *branch = &g_array_index (elif->branches, MtBranch, i);
      guint end = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
      g_array_append_val (ends, end);
      mt_patch (c, skip, mt_here (c));
      if (!branch->when)
        continue;
      skip = branch_unless (c, branch->when);
      mt_compile_steps (c, branch->steps);
    }
  if (otherwise->steps)
    {
      guint end = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
      g_array_append_val (ends, end);
    }
  mt_patch (c, skip, mt_here (c));
  mt_compile_steps (c, otherwise->steps);
  for (guint i = 0; i < ends->len; i++)
    mt_patch (c, g_array_index (ends, guint, i), mt_here (c));
}

static void
compile_while (MtCompiler *c, const MtStepNode *step)
{
  if (!step->args[0].expr)
    return;
  mt_loop_begin (c);
  guint top = mt_label_here (c);
  guint leave = branch_unless (c, step->args[0].expr);
  mt_compile_steps (c, step->args[1].steps);
  mt_emit (c, MT_OP_JMP, 0, 0, 0, (gint32)top);
  mt_patch (c, leave, mt_here (c));
  mt_loop_end (c, top);
}

static void
compile_loop (MtCompiler *c, const MtStepNode *step)
{
  mt_loop_begin (c);
  guint top = mt_label_here (c);
  mt_compile_steps (c, step->args[0].steps);
  mt_emit (c, MT_OP_JMP, 0, 0, 0, (gint32)top);
  mt_label_here (c);
  mt_loop_end (c, top);
}

static void
compile_repeat (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *e = step->args[0].expr;
  if (!e)
    return;
  MtOperand n = mt_compile_expr (c, e, mt_reading (c));
  if (!mt_unify (c, mt_type_new (c, MT_TYPE_INT), n.type, e->mark, e->width, "the number of rounds"))
    return;
  MtOperand count = mt_hidden_local (c, "rounds left", MT_TYPE_INT);
  mt_compile_move (c, n, count.slot);
  /* no round at all unless 0 < n */
  MtOperand zero = mt_compile_temp (c, MT_TYPE_INT);
  mt_emit (c, MT_OP_MAX, count.slot, count.slot, zero.slot, 0);
  mt_release (c, zero);
  guint none = mt_emit (c, MT_OP_JZ, 0, count.slot, 0, 0);
  mt_loop_begin (c);
  guint top = mt_label_here (c);
  mt_compile_steps (c, step->args[1].steps);
  guint next = mt_label_here (c);
  mt_emit (c, MT_OP_DECJNZ, count.slot, 0, 0, (gint32)top);
  mt_loop_end (c, next);
  /* a break leaves rounds behind: they mean nothing any more */
  mt_emit (c, MT_OP_CLEAR, count.slot, 0, 0, 1);
  mt_patch (c, none, mt_here (c));
}

/* for over range(n) or range(a, b): the variable counts, the end is kept aside. */
static void
compile_for_range (MtCompiler *c, const MtStepNode *step, const MtExpr *target, const MtExpr *range)
{
  MtOperand zero, from, to;
  if (range->n < 1 || range->n > 2)
    {
      mt_compile_error (c, range->mark, range->width, NULL, "range() takes 1 or 2 arguments, not %u", range->n);
      return;
    }
  MtOperand i = mt_hidden_local (c, "next", MT_TYPE_INT), end = mt_hidden_local (c, "end", MT_TYPE_INT);
  if (range->n == 2)
    {
      from = mt_compile_expr (c, range->args[0], mt_reading (c));
      mt_unify (c, i.type, from.type, range->args[0]->mark, range->args[0]->width, "a bound of range()");
      mt_compile_move (c, from, i.slot);
    }
  else
    mt_emit (c, MT_OP_CONST, i.slot, 0, 0, 0);
  to = mt_compile_expr (c, range->args[range->n - 1], mt_reading (c));
  mt_unify (c, end.type, to.type, range->args[range->n - 1]->mark, range->args[range->n - 1]->width, "a bound of range()");
  mt_compile_move (c, to, end.slot);
  mt_loop_begin (c);
  guint top = mt_label_here (c);
  MtOperand test = mt_compile_temp (c, MT_TYPE_BOOL);
  mt_emit (c, MT_OP_LT, test.slot, i.slot, end.slot, 0);
  guint leave = mt_emit (c, MT_OP_JZ, 0, test.slot, 0, 0);
  mt_kill_operands (c, leave, MT_KILL_A);
  mt_release (c, test);
  zero = mt_compile_temp (c, MT_TYPE_INT);
  mt_emit (c, MT_OP_MOVE, zero.slot, i.slot, 0, 0);
  mt_compile_into (c, target, zero);
  mt_emit (c, MT_OP_ADDK, i.slot, i.slot, 0, 1);
  mt_compile_steps (c, step->args[2].steps);
  mt_emit (c, MT_OP_JMP, 0, 0, 0, (gint32)top);
  mt_patch (c, leave, mt_here (c));
  mt_loop_end (c, top);
  mt_emit (c, MT_OP_CLEAR, i.slot, 0, 0, 2);
}

/* for over [a, b, c]: the body once for each item, in a row. */
static void
compile_for_items (MtCompiler *c, const MtStepNode *step, const MtExpr *target, const MtExpr *list)
{
  mt_loop_begin (c);
  guint n = list->kind == MT_EXPR_STRING ? (guint)g_utf8_strlen (list->name, -1) : list->n;
  const gchar *at = list->name;
  for (guint k = 0; k < n; k++)
    {
      MtOperand item;
      if (list->kind == MT_EXPR_STRING) /* Python: the characters of a text */
        {
          g_autofree gchar *letter = g_strndup (at, (gsize)(g_utf8_next_char (at) - at));
          at = g_utf8_next_char (at);
          item = mt_compile_temp (c, MT_TYPE_STRING);
          mt_emit (c, MT_OP_CONST, item.slot, 0, 0, mt_intern (c, letter));
        }
      else
        item = mt_compile_expr (c, list->args[k], mt_reading (c));
      mt_compile_into (c, target, item);
      mt_loop_begin (c); /* continue goes on with the next item */
      mt_compile_steps (c, step->args[2].steps);
      mt_loop_end_item (c);
    }
  mt_loop_end (c, mt_here (c));
}

/* for over a list variable: Python looks at its length and takes the item in one go. */
static void
compile_for_list (MtCompiler *c, const MtStepNode *step, const MtExpr *target, const MtExpr *list)
{
  gint var;
  MtOperand local = { 0 };
  if (!mt_resolve_list (c, list, &var, &local))
    return;
  MtExpr name = { .kind = MT_EXPR_NAME, .mark = list->mark, .width = list->width, .name = list->name };
  MtExpr *args[] = { &name };
  MtExpr length = { .kind = MT_EXPR_CALL, .mark = list->mark, .width = list->width, .name = (gchar *)"len", .n = 1, .args = args };
  MtOperand i = mt_hidden_local (c, "next", MT_TYPE_INT);
  mt_emit (c, MT_OP_CONST, i.slot, 0, 0, 0);
  mt_loop_begin (c);
  guint top = mt_label_here (c);
  if (var >= 0)
    mt_instant_begin (c, NULL);
  MtOperand n = mt_compile_expr (c, &length, MT_INSTANT);
  MtOperand test = mt_compile_temp (c, MT_TYPE_BOOL);
  guint at = mt_emit (c, MT_OP_LT, test.slot, i.slot, n.slot, 0);
  mt_kill_operands (c, at, n.temp ? MT_KILL_B : 0);
  mt_release (c, n);
  guint leave = mt_emit (c, MT_OP_JZ, 0, test.slot, 0, 0);
  mt_kill_operands (c, leave, MT_KILL_A);
  mt_release (c, test);
  MtOperand item = mt_compile_item (c, var, local, i);
  if (var >= 0)
    mt_instant_end (c);
  mt_compile_into (c, target, item);
  mt_emit (c, MT_OP_ADDK, i.slot, i.slot, 0, 1);
  mt_compile_steps (c, step->args[2].steps);
  mt_emit (c, MT_OP_JMP, 0, 0, 0, (gint32)top);
  mt_patch (c, leave, mt_here (c));
  mt_loop_end (c, top);
  mt_emit (c, MT_OP_CLEAR, i.slot, 0, 0, 1);
}

static void
compile_for (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *target = step->args[0].expr, *in = step->args[1].expr;
  if (!target || !in)
    return;
  if (in->kind == MT_EXPR_CALL && g_str_equal (in->name, "range"))
    compile_for_range (c, step, target, in);
  else if (in->kind == MT_EXPR_LIST || in->kind == MT_EXPR_STRING)
    compile_for_items (c, step, target, in);
  else if (in->kind == MT_EXPR_NAME)
    compile_for_list (c, step, target, in);
  else
    mt_compile_error (c, in->mark, in->width, "range(n), range(a, b), or a list", "this can't be gone through");
}

/* choose: an instruction, then for each branch where its guard's code begins (0: none) and a jump. */
static guint
choose_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  guint n = 0;
  for (gint32 k = 0; k < in->imm; k++)
    {
      const MtInstr *guard = in + 1 + 2 * k;
      MtWord value = 1;
      /* a guard that faults is let through: the step then reports the fault */
      if (guard->imm == 0 || !mt_eval_for (program, s, task, (guint)guard->imm, guard->a, &value) || value)
        n = mt_way (out, n, task, (guint)k);
    }
  return n;
}

static MtResult
choose_apply (MtCtx *ctx, const MtInstr *in)
{
  guint at = (guint)(in - ctx->program->code) + 1 + 2 * ctx->alt;
  ctx->next = at + 1;
  return MT_JUMP;
}

static void
pure_touches (const MtProgram *program, guint task, guint entry, MtFootprint *out)
{
  for (guint pc = entry; program->code[pc].op != MT_OP_END; pc++)
    {
      const MtInstr *in = &program->code[pc];
      if (in->op >= MT_N_OPCODES && mt_op (in->op)->touches)
        mt_op (in->op)->touches (program, task, in, out);
    }
}

static void
choose_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  for (gint32 k = 0; k < in->imm; k++)
    if (in[1 + 2 * k].imm)
      pure_touches (program, task, (guint)in[1 + 2 * k].imm, out);
}

static gboolean
choose_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  for (gint32 k = 0; k < in->imm; k++)
    if (in[1 + 2 * k].imm && !mt_uses_pure (program, (guint)in[1 + 2 * k].imm, out))
      return FALSE;
  return TRUE;
}

const MtOp mt_op_choose = { .name = "choose", .ways = choose_ways, .apply = choose_apply, .touches = choose_touches, .uses = choose_uses };

static void
compile_choose (MtCompiler *c, const MtStepNode *step)
{
  const GArray *branches = step->args[0].branches;
  guint n = branches ? branches->len : 0;
  if (n == 0)
    return;
  if (mt_in_instant (c))
    mt_compile_error (c, step->mark, step->width, "choose first, then be atomic", "an atomic body can't choose");
  g_autoptr (GArray) guards = g_array_new (FALSE, TRUE, sizeof (MtInstr));
  for (guint k = 0; k < n; k++)
    {
      const MtBranch *branch = &g_array_index (branches, MtBranch, k);
      gint slot = 0;
      MtInstr guard = { .imm = branch->when ? (gint32)mt_compile_pure (c, branch->when, &slot) : 0 };
      guard.a = (gint16)slot;
      g_array_append_val (guards, guard);
    }
  mt_ways_at_most (c, n);
  mt_emit_op (c, &mt_op_choose, 0, 0, -1, (gint32)n, 0);
  guint table = mt_here (c);
  for (guint k = 0; k < n; k++)
    {
      const MtInstr *guard = &g_array_index (guards, MtInstr, k);
      mt_emit (c, MT_OP_NOP, 0, guard->a, 0, guard->imm);
      mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
    }
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint k = 0; k < n; k++)
    {
      mt_patch (c, table + 2 * k + 1, mt_here (c));
      mt_compile_steps (c, g_array_index (branches, MtBranch, k).steps);
      guint end = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
      g_array_append_val (ends, end);
    }
  for (guint k = 0; k < n; k++)
    mt_patch (c, g_array_index (ends, guint, k), mt_here (c));
}

static void
compile_atomic (MtCompiler *c, const MtStepNode *step)
{
  const GPtrArray *steps = step->args[0].steps;
  if (!steps || steps->len == 0)
    return;
  gboolean outermost = !mt_in_instant (c);
  mt_instant_begin (c, NULL);
  /* a body that begins with control flow gets a place to begin at, which no jump leads back to */
  const MtStepNode *first = steps->pdata[0];
  if (outermost && (!first->verb || mt_verb_is_control (first->verb)))
    mt_emit_pause (c);
  mt_compile_steps (c, steps);
  mt_instant_end (c);
}

static void
compile_call (MtCompiler *c, const MtStepNode *step)
{
  const MtArg *name = &step->args[0];
  if (name->node && name->node->kind == MT_NODE_SCALAR)
    mt_compile_call (c, name->node->text, name->node->mark, name->node->width, step->args[1].exprs, step->args[2].expr);
}

/* assert */

static MtResult
assert_apply (MtCtx *ctx, const MtInstr *in)
{
  if (mt_a (ctx, in))
    return MT_DONE;
  ctx->outcome |= MT_FAULT_ASSERTION;
  return mt_fault (ctx, "AssertionError: %s", ctx->program->strings[in->imm]);
}

const MtOp mt_op_assert = { .name = "assert", .apply = assert_apply, .uses = mt_uses_a };

static void
compile_assert (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *e = step->args[0].expr;
  if (!e)
    return;
  const MtNode *message = step->args[1].node;
  g_autofree gchar *text = message && message->kind == MT_NODE_SCALAR ? g_strdup (message->text) : mt_expr_to_text (e);
  mt_instant_begin (c, e);
  MtOperand value = mt_compile_condition (c, e, MT_INSTANT);
  mt_emit_op (c, &mt_op_assert, 0, value.slot, -1, mt_intern (c, text), MT_ALWAYS | (mt_kill (value, value) & MT_KILL_A));
  mt_instant_end (c);
  mt_release (c, value);
}

/* raise, and the errors of operations that failed without an else */

static MtResult
raise_apply (MtCtx *ctx, const MtInstr *in)
{
  return mt_fault (ctx, "%s", ctx->program->strings[in->imm]);
}

const MtOp mt_op_raise = { .name = "raise", .apply = raise_apply, .uses = mt_uses_none };

static void
compile_raise (MtCompiler *c, const MtStepNode *step)
{
  const MtNode *node = step->args[0].node;
  if (!node || node->kind != MT_NODE_SCALAR)
    return;
  if (!mt_in_instant (c))
    mt_unguard_all (c);
  mt_emit_op (c, &mt_op_raise, 0, 0, -1, mt_intern (c, node->text), MT_ALWAYS);
}

/* await: imm is where the condition's code begins, a the slot of its value */

static guint
await_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  MtWord value = 0;
  gboolean good = mt_eval_for (program, s, task, (guint)in->imm, in->a, &value);
  return mt_ways_timed (program, s, task, in, value || !good, out);
}

static MtResult
await_apply (MtCtx *ctx, const MtInstr *in)
{
  MtWord value = 0;
  if (ctx->alt == 1)
    return MT_FAILED;
  for (guint pc = (guint)in->imm; ctx->rec && ctx->rec->want_effects && ctx->program->code[pc].op != MT_OP_END; pc++)
    {
      /* what the condition looked at, for the trace */
      const MtInstr *look = &ctx->program->code[pc];
      if (look->op == mt_op_number (&mt_op_read))
        mt_get (ctx, (guint)look->imm);
    }
  if (!mt_eval_for (ctx->program, ctx->s, ctx->task, (guint)in->imm, in->a, &value))
    return mt_fault (ctx, "the awaited condition can't be computed");
  return MT_DONE;
}

static void
await_touches (const MtProgram *program, guint task, const MtInstr *in, MtFootprint *out)
{
  pure_touches (program, task, (guint)in->imm, out);
}

static gboolean
await_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  return mt_uses_pure (program, (guint)in->imm, out);
}

const MtOp mt_op_await = { .name = "await", .ways = await_ways, .apply = await_apply, .touches = await_touches, .uses = await_uses };

static void
compile_await (MtCompiler *c, const MtStepNode *step)
{
  if (!step->args[0].expr)
    return;
  mt_check_else (c, step);
  mt_compile_arm (c, &step->args[1]);
  gint slot;
  guint entry = mt_compile_pure (c, step->args[0].expr, &slot);
  gboolean timed = step->args[1].node != NULL;
  mt_emit_op (c, &mt_op_await, 0, slot, -1, (gint32)entry, timed ? MT_TIMED | MT_FALLIBLE : 0);
  if (timed)
    mt_compile_else (c, &step->args[2], "TimeoutError");
}

static const MtVerb verbs[] = {
  { "if", { { "if", MT_ARG_EXPR, TRUE }, { "then", MT_ARG_STEPS, TRUE }, { "elif", MT_ARG_ELIF, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_if, "{if: c, then: [..], elif: [{if: c, then: [..]}], else: [..]}" },
  { "while", { { "while", MT_ARG_EXPR, TRUE }, { "do", MT_ARG_STEPS, TRUE } }, compile_while, "{while: c, do: [..]}" },
  { "loop", { { "loop", MT_ARG_STEPS, TRUE } }, compile_loop, "{loop: [..]}" },
  { "for", { { "for", MT_ARG_TARGET, TRUE }, { "in", MT_ARG_EXPR, TRUE }, { "do", MT_ARG_STEPS, TRUE } }, compile_for, "{for: i, in: range(n), do: [..]}" },
  { "repeat", { { "repeat", MT_ARG_EXPR, TRUE }, { "do", MT_ARG_STEPS, TRUE } }, compile_repeat, "{repeat: n, do: [..]}" },
  { "choose", { { "choose", MT_ARG_BRANCHES, TRUE } }, compile_choose, "{choose: [[..], {when: c, do: [..]}]}" },
  { "atomic", { { "atomic", MT_ARG_STEPS, TRUE } }, compile_atomic, "{atomic: [..]}" },
  { "call", { { "call", MT_ARG_NAME, TRUE }, { "args", MT_ARG_ARGS, FALSE }, { "into", MT_ARG_TARGET, FALSE } }, compile_call, "{call: f, args: [..], into: x}" },
  { "assert", { { "assert", MT_ARG_EXPR, TRUE }, { "message", MT_ARG_TEXT, FALSE } }, compile_assert, "{assert: c, message: text}" },
  { "raise", { { "raise", MT_ARG_TEXT, TRUE } }, compile_raise, "{raise: Name}" },
  { "await", { { "await", MT_ARG_EXPR, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_await, "{await: c, timeout: 1, else: [..]}" },
  { 0 },
};

gboolean
mt_verb_is_control (const MtVerb *verb)
{
  for (guint i = 0; verbs[i].name; i++)
    if (verbs[i].compile == verb->compile)
      return verb->compile != compile_await && verb->compile != compile_assert && verb->compile != compile_raise;
  return FALSE;
}

static const MtOp *const ops[] = { &mt_op_choose, &mt_op_assert, &mt_op_raise, &mt_op_await, NULL };

const MtPrimitive mt_primitive_flow = { .noun = "control flow", .verbs = verbs, .ops = ops, .help = "branches, loops, calls, choices, conditions", .rename = mt_rename_nothing };

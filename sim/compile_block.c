/* Blocks of steps: one step after the other, each by the row of its verb, and the parts the rows
 * are made of: timeouts and else tails, `with`, loops, return. */
#include "sim/compiler_private.h"

#define MAX_NESTING 500 /* steps in steps in calls: the compiler's own stack */
#define MAX_SITES 1000000 /* steps, each counted as often as it is expanded */

static void
check_unused_result (MtCompiler *c, const MtStepNode *step)
{
  if (c->temps->len && step->mark.line > 0)
    for (guint i = 0; i < c->temps->len; i++)
      g_array_index (c->temps, gboolean, i) = g_array_index (c->temps, gboolean, i) && c->instant;
}

static void
compile_statement (MtCompiler *c, const MtStepNode *step)
{
  const MtStatement *s = &step->statement;
  switch (s->kind)
    {
    case MT_STATEMENT_ASSIGN:
      if (s->target && s->value)
        mt_compile_assignment (c, s);
      break;
    case MT_STATEMENT_BREAK:
    case MT_STATEMENT_CONTINUE:
      mt_loop_leave (c, s->kind == MT_STATEMENT_CONTINUE, step->mark);
      break;
    case MT_STATEMENT_RETURN:
      mt_return (c, s->value, step->mark);
      break;
    case MT_STATEMENT_YIELD:
      {
        const MtVerb *verb = mt_verb_find ("yield", NULL);
        if (verb)
          verb->compile (c, step);
        break;
      }
    case MT_STATEMENT_PASS:
      break;
    }
}

static void
compile_step (MtCompiler *c, const MtStepNode *step)
{
  guint from = mt_here (c), outer = c->site;
  if (c->sites->len >= MAX_SITES || c->nesting >= MAX_NESTING)
    {
      mt_compile_error (c, c->plan->row.name ? c->plan->decl->mark : step->mark, c->plan->row.name ? mt_name_width (c->plan->row.name) : 1,
                        "functions are expanded at each call: call them in a loop",
                        c->nesting >= MAX_NESTING ? "the steps of this are nested too deeply, with its calls expanded" : "this has too many steps, with its calls expanded");
      return;
    }
  c->nesting++;
  c->site = mt_add_site (c, step->mark, step->width, step->text);
  const MtVerb *verb = step->verb ? mt_row_meant (c, step) : NULL;
  if (verb)
    verb->compile (c, step);
  else if (!step->verb)
    compile_statement (c, step);
  check_unused_result (c, step);
  if (step->label)
    {
      guint class_ = 0;
      g_ptr_array_find (c->class_plans, c->plan, &class_);
      MtLabel label = { mt_keep_text (c, step->label), class_, from, mt_here (c) };
      g_array_append_val (c->labels, label);
    }
  c->site = outer;
  c->nesting--;
}

/* Whether a break among @steps leaves the loop they are the body of. */
static gboolean
has_break (const GPtrArray *steps)
{
  static const gchar *const loops[] = { "loop", "while", "for", "repeat", NULL };
  for (guint i = 0; steps && i < steps->len; i++)
    {
      const MtStepNode *step = steps->pdata[i];
      if (!step->verb && step->statement.kind == MT_STATEMENT_BREAK)
        return TRUE;
      for (guint k = 0; step->verb && !g_strv_contains (loops, step->verb->name) && k < MT_MAX_ARGS; k++)
        {
          if (has_break (step->args[k].steps))
            return TRUE;
          for (guint j = 0; step->args[k].branches && j < step->args[k].branches->len; j++)
            if (has_break (g_array_index (step->args[k].branches, MtBranch, j).steps))
              return TRUE;
        }
    }
  return FALSE;
}

static gboolean
leaves (const MtStepNode *step)
{
  const MtStatementKind kind = step->statement.kind;
  if (step->verb && g_str_equal (step->verb->name, "loop"))
    return !has_break (step->args[0].steps);
  return step->verb ? g_str_equal (step->verb->name, "raise")
                    : kind == MT_STATEMENT_BREAK || kind == MT_STATEMENT_CONTINUE || kind == MT_STATEMENT_RETURN;
}

void
mt_compile_steps (MtCompiler *c, const GPtrArray *steps)
{
  for (guint i = 0; steps && i < steps->len; i++)
    {
      const MtStepNode *step = steps->pdata[i];
      guint errors = c->model->diags->n_errors;
      compile_step (c, step);
      if (i + 1 < steps->len && c->model->diags->n_errors == errors && leaves (step))
        {
          const MtStepNode *dead = steps->pdata[i + 1];
          mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, dead->mark, dead->width, NULL, "this step can never be reached");
        }
    }
}

/* Timeouts, and what happens after them. */

MtOperand
mt_compile_timeout (MtCompiler *c, const MtArg *timeout)
{
  if (timeout->node && mt_in_instant (c) && !c->fresh)
    mt_compile_error (c, timeout->node->mark, timeout->node->width, NULL, "only the first step of an atomic body may wait");
  if (!timeout->expr)
    return (MtOperand){ .slot = -1 };
  MtOperand time = mt_compile_time (c, timeout->expr);
  Constant k;
  c->never_waits = mt_constant (c, timeout->expr, &k) && k.value == 0;
  return time;
}

void
mt_emit_arm (MtCompiler *c, MtOperand timeout)
{
  if (timeout.slot < 0)
    return;
  mt_emit_local_op (c, &mt_op_arm, 0, timeout.slot, 0, 0, mt_kill (timeout, timeout) & MT_KILL_A);
  mt_release (c, timeout);
}

void
mt_compile_arm (MtCompiler *c, const MtArg *timeout)
{
  mt_emit_arm (c, mt_compile_timeout (c, timeout));
}

guint
mt_fail_begin (MtCompiler *c)
{
  return mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
}

void
mt_fail_end (MtCompiler *c, guint fail, const MtArg *steps, const gchar *error)
{
  guint skip = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  mt_patch (c, fail, mt_here (c));
  if (steps && steps->node)
    mt_compile_steps (c, steps->steps);
  else
    mt_emit_local_op (c, &mt_op_raise, 0, 0, 0, mt_intern (c, error), 0);
  mt_patch (c, skip, mt_here (c));
}

void
mt_compile_else (MtCompiler *c, const MtArg *steps, const gchar *error)
{
  mt_fail_end (c, mt_fail_begin (c), steps, error);
}

void
mt_check_else (MtCompiler *c, const MtStepNode *step)
{
  const MtNode *otherwise = NULL, *timeout = NULL;
  for (guint k = 0; k < MT_MAX_ARGS && step->verb->args[k].name; k++)
    if (g_str_equal (step->verb->args[k].name, "else"))
      otherwise = step->args[k].node;
    else if (g_str_equal (step->verb->args[k].name, "timeout"))
      timeout = step->args[k].node;
  if (otherwise && !timeout)
    mt_compile_error (c, otherwise->mark, otherwise->width, "add a timeout; 0 is not to wait at all", "without a timeout '%s' can't fail: its 'else' is never reached", step->verb->name);
}

/* Whole steps on one object. */

void
mt_compile_on (MtCompiler *c, gint32 object, MtOperand index, const MtOp *op)
{
  mt_emit_op (c, op, 0, 0, index.slot, object, (op->ways ? 0 : MT_ALWAYS) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
}

void
mt_compile_simple (MtCompiler *c, const MtStepNode *step, const MtPrimitive *primitive, const MtOp *op)
{
  gint32 object;
  MtOperand index;
  if (mt_resolve_object (c, step->args[0].expr, primitive, &object, &index))
    mt_compile_on (c, object, index, op);
}

void
mt_compile_waiting (MtCompiler *c, const MtStepNode *step, const MtPrimitive *primitive, const MtOp *op)
{
  const MtArg *timeout = &step->args[1], *otherwise = &step->args[2];
  gint32 object;
  MtOperand index;
  mt_check_else (c, step);
  mt_compile_arm (c, timeout);
  if (!mt_resolve_object (c, step->args[0].expr, primitive, &object, &index))
    return;
  mt_emit_op (c, op, 0, 0, index.slot, object, (timeout->node ? MT_TIMED | MT_FALLIBLE : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  if (timeout->node)
    mt_compile_else (c, otherwise, "TimeoutError");
}

static void
emit_unguard (MtCompiler *c, guint depth)
{
  for (guint i = c->guards->len; i > depth; i--)
    {
      const Guard *guard = &g_array_index (c->guards, Guard, i - 1);
      mt_emit_op (c, guard->leave, 0, 0, guard->index, guard->object, MT_ALWAYS);
    }
}

void
mt_compile_with (MtCompiler *c, const MtStepNode *step, gint32 object, MtOperand index, const MtOp *enter, const MtOp *leave)
{
  if (index.slot >= 0)
    { /* the element that was entered is the one to leave, whatever the body does to the index */
      MtOperand kept = mt_hidden_local (c, "which", MT_TYPE_INT);
      mt_compile_move (c, index, kept.slot);
      index = kept;
    }
  Guard guard = { leave, object, index.slot };
  mt_emit_op (c, enter, 0, 0, index.slot, object, 0);
  g_array_append_val (c->guards, guard);
  mt_compile_steps (c, step->args[1].steps);
  emit_unguard (c, c->guards->len - 1);
  g_array_set_size (c->guards, c->guards->len - 1);
  if (index.slot >= 0)
    mt_emit (c, MT_OP_CLEAR, index.slot, 0, 0, 1);
}

void
mt_unguard_all (MtCompiler *c)
{
  emit_unguard (c, 0);
}

/* Loops, returns. */

void
mt_loop_begin (MtCompiler *c)
{
  Loop loop = { g_array_new (FALSE, FALSE, sizeof (guint)), g_array_new (FALSE, FALSE, sizeof (guint)), c->guards->len };
  g_array_append_val (c->loops, loop);
}

void
mt_loop_end (MtCompiler *c, guint continue_target)
{
  Loop loop = g_array_index (c->loops, Loop, c->loops->len - 1);
  g_array_set_size (c->loops, c->loops->len - 1);
  for (guint i = 0; i < loop.breaks->len; i++)
    mt_patch (c, g_array_index (loop.breaks, guint, i), mt_here (c));
  for (guint i = 0; i < loop.continues->len; i++)
    mt_patch (c, g_array_index (loop.continues, guint, i), continue_target);
  g_array_unref (loop.breaks);
  g_array_unref (loop.continues);
}

void
mt_loop_end_item (MtCompiler *c)
{
  Loop inner = g_array_index (c->loops, Loop, c->loops->len - 1);
  g_array_set_size (c->loops, c->loops->len - 1);
  Loop *outer = &g_array_index (c->loops, Loop, c->loops->len - 1);
  g_array_append_vals (outer->breaks, inner.breaks->data, inner.breaks->len);
  for (guint i = 0; i < inner.continues->len; i++)
    mt_patch (c, g_array_index (inner.continues, guint, i), mt_here (c));
  g_array_unref (inner.breaks);
  g_array_unref (inner.continues);
}

void
mt_loop_leave (MtCompiler *c, gboolean again, MtMark mark)
{
  if (c->loops->len == 0)
    {
      mt_compile_error (c, mark, again ? 8 : 5, c->scope->function && c->scope->outer ? "a loop around the call can't be left from inside the function" : NULL,
                        "'%s' outside a loop", again ? "continue" : "break");
      return;
    }
  Loop *loop = &g_array_index (c->loops, Loop, c->loops->len - 1);
  emit_unguard (c, loop->guards);
  guint jump = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  g_array_append_val (again ? loop->continues : loop->breaks, jump);
}

void
mt_return (MtCompiler *c, const MtExpr *value, MtMark mark)
{
  Scope *scope = c->scope;
  if (value && !scope->outer && !scope->function)
    mt_compile_error (c, mark, 6, "write plain 'return'", "a task has nobody to return a value to");
  else if (value)
    {
      MtOperand v = mt_compile_expr (c, value, mt_reading (c));
      if (scope->result.slot >= 0)
        {
          if (mt_type_is (v.type, MT_TYPE_LIST))
            mt_compile_error (c, value->mark, value->width, "put it in a global", "a list can't be returned");
          else
            mt_unify (c, scope->result.type, v.type, value->mark, value->width, "what the function returned before");
          mt_compile_move (c, v, scope->result.slot);
        }
      else
        mt_discard (c, v);
    }
  emit_unguard (c, scope->guards);
  guint jump = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  g_array_append_val (scope->returns, jump);
}

/* MtModel -> MtProgram: declarations, the layout of a state, tasks, and blocks of steps. The
 * pipeline is mt_compile() at the end of the file; read that first. */
#include "sim/compiler_private.h"
#include "sim/carrier.h"
#include "sim/machine.h"
#include <string.h>

#define MAX_TASKS 1000
#define MAX_OBJECTS 10000
#define MAX_LIST 10000 /* a whole list must fit into a frame */
#define MAX_WORDS 4000000
#define DEFAULT_CAPACITY 16
#define MAX_INLINE_DEPTH 64
#define MAX_NESTING 500 /* steps in steps in calls: the compiler's own stack */
#define MAX_SITES 1000000 /* steps, each counted as often as it is expanded */

void
mt_compile_error (MtCompiler *c, MtMark mark, guint width, const gchar *hint, const gchar *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree gchar *message = g_strdup_vprintf (format, args);
  va_end (args);
  mt_diags_add (c->model->diags, MT_SEVERITY_ERROR, mark, width, hint, "%s", message);
}

static gpointer
keep (MtCompiler *c, gpointer memory)
{
  g_ptr_array_add (c->arena, memory);
  return memory;
}

static const gchar *
keep_text (MtCompiler *c, const gchar *text)
{
  return keep (c, g_strdup (text));
}

gint32
mt_intern (MtCompiler *c, const gchar *text)
{
  gpointer number;
  if (g_hash_table_lookup_extended (c->string_numbers, text, NULL, &number))
    return GPOINTER_TO_INT (number);
  const gchar *kept = keep_text (c, text);
  g_hash_table_insert (c->string_numbers, (gpointer)kept, GINT_TO_POINTER ((gint)c->strings->len));
  g_ptr_array_add (c->strings, (gpointer)kept);
  return (gint32)c->strings->len - 1;
}

guint
mt_add_site (MtCompiler *c, MtMark mark, guint width, const gchar *text)
{
  MtSite site = { mark, width, keep_text (c, text) };
  g_array_append_val (c->sites, site);
  return c->sites->len - 1;
}

const MtProgram *
mt_compiling (const MtCompiler *c)
{
  MtProgram *p = c->program;
  p->vars = (const MtVar *)c->vars->data;
  p->objects = (const MtObject *)c->objects->data;
  p->tasks = (const MtTask *)c->tasks->data;
  p->strings = (const gchar *const *)c->strings->pdata;
  p->n_vars = c->vars->len;
  p->n_objects = c->objects->len;
  p->n_tasks = c->tasks->len;
  p->n_strings = c->strings->len;
  return p;
}

MtTaskKind
mt_compiling_kind (const MtCompiler *c)
{
  return c->plan ? c->plan->kind : MT_TASK_THREAD;
}

guint
mt_compiling_process (const MtCompiler *c)
{
  return c->process;
}

/* Emission. */

guint
mt_here (const MtCompiler *c)
{
  return c->code->len;
}

static guint
append (MtCompiler *c, MtInstr in)
{
  if (c->code->len == MAX_CODE)
    mt_compile_error (c, g_array_index (c->sites, MtSite, c->site).mark, 1, "functions are expanded at each call: call them in a loop",
                      "the program is too large");
  else if (c->code->len < MAX_CODE)
    g_array_append_val (c->code, in);
  return c->code->len - 1;
}

guint
mt_emit (MtCompiler *c, guint8 op, gint dst, gint a, gint b, gint32 imm)
{
  return append (c, (MtInstr){ op, 0, (gint16)dst, (gint16)a, (gint16)b, imm, c->site });
}

guint
mt_emit_op (MtCompiler *c, const MtOp *op, gint dst, gint a, gint b, gint32 imm, guint flags)
{
  if (!c->instant || c->fresh)
    flags |= MT_STEP;
  else
    flags &= ~(guint)MT_ALWAYS;
  if ((flags & MT_TIMED) && c->never_waits)
    flags |= MT_HELD;
  c->never_waits = FALSE;
  c->fresh = FALSE;
  return append (c, (MtInstr){ mt_op_number (op), (guint8)flags, (gint16)dst, (gint16)a, (gint16)b, imm, c->site });
}

guint
mt_emit_local_op (MtCompiler *c, const MtOp *op, gint dst, gint a, gint b, gint32 imm, guint flags)
{
  return append (c, (MtInstr){ mt_op_number (op), (guint8)flags, (gint16)dst, (gint16)a, (gint16)b, imm, c->site });
}

void
mt_patch (MtCompiler *c, guint jump, guint target)
{
  g_array_index (c->code, MtInstr, jump).imm = (gint32)target;
  c->barrier = MAX (c->barrier, target);
}

guint
mt_kill (MtOperand a, MtOperand b)
{
  return (a.temp ? MT_KILL_A : 0) | (b.temp ? MT_KILL_B : 0);
}

void
mt_kill_operands (MtCompiler *c, guint at, guint flags)
{
  g_array_index (c->code, MtInstr, at).flags |= (guint8)flags;
}

guint
mt_label_here (MtCompiler *c)
{
  c->barrier = mt_here (c);
  return c->barrier;
}

void
mt_ways_at_most (MtCompiler *c, guint n)
{
  if (c->plan)
    c->plan->max_ways = MAX (c->plan->max_ways, n);
}

static gboolean
branches (const MtExpr *e)
{
  if (e->kind == MT_EXPR_AND || e->kind == MT_EXPR_OR || e->kind == MT_EXPR_COND)
    return TRUE;
  for (guint i = 0; i < e->n; i++)
    if (branches (e->args[i]))
      return TRUE;
  return FALSE;
}

void
mt_emit_pause (MtCompiler *c)
{
  if (!c->fresh)
    return;
  guint at = mt_emit (c, MT_OP_NOP, 0, 0, 0, 0);
  g_array_index (c->code, MtInstr, at).flags |= MT_STEP | MT_ALWAYS;
  c->fresh = FALSE;
}

void
mt_instant_begin (MtCompiler *c, const MtExpr *expr)
{
  if (c->instant++ == 0)
    c->fresh = TRUE;
  if (expr)
    mt_instant_branches (c, expr);
}

void
mt_instant_branches (MtCompiler *c, const MtExpr *expr)
{
  if (branches (expr))
    mt_emit_pause (c);
}

void
mt_instant_end (MtCompiler *c)
{
  c->instant--;
  c->fresh = FALSE;
}

gboolean
mt_in_instant (const MtCompiler *c)
{
  return c->instant > 0;
}

/* Temporaries: the lowest free run of n. */
gint
mt_compile_temps (MtCompiler *c, guint n)
{
  guint at = 0;
  for (guint run = 0; run < n; at++)
    {
      if (at >= c->temps->len)
        {
          gboolean no = FALSE;
          g_array_append_val (c->temps, no);
        }
      run = g_array_index (c->temps, gboolean, at) ? 0 : run + 1;
    }
  for (guint i = at - n; i < at; i++)
    g_array_index (c->temps, gboolean, i) = TRUE;
  c->max_temps = MAX (c->max_temps, at);
  if (c->max_temps > MAX_SLOTS)
    {
      mt_compile_error (c, g_array_index (c->sites, MtSite, c->site).mark, 1, NULL, "this step needs too many temporaries");
      g_array_set_size (c->temps, 0);
      c->max_temps = 0;
      at = n = 0;
    }
  return (gint)(TEMP_BASE + at - n);
}

MtOperand
mt_compile_temp (MtCompiler *c, MtTypeKind type)
{
  return (MtOperand){ mt_compile_temps (c, 1), 1, TRUE, mt_type_new (c, type) };
}

void
mt_release (MtCompiler *c, MtOperand o)
{
  for (guint i = 0; o.temp && i < o.words; i++)
    if ((guint)o.slot - TEMP_BASE + i < c->temps->len)
      g_array_index (c->temps, gboolean, (guint)o.slot - TEMP_BASE + i) = FALSE;
}

void
mt_discard (MtCompiler *c, MtOperand o)
{
  if (o.temp)
    mt_emit (c, MT_OP_CLEAR, o.slot, 0, 0, (gint32)o.words);
  mt_release (c, o);
}

void
mt_discard_temps (MtCompiler *c)
{
  for (guint i = 0; i < c->temps->len; i++)
    {
      guint n = 0;
      for (; i + n < c->temps->len && g_array_index (c->temps, gboolean, i + n); n++)
        g_array_index (c->temps, gboolean, i + n) = FALSE;
      if (n)
        mt_emit (c, MT_OP_CLEAR, (gint)(TEMP_BASE + i), 0, 0, (gint32)n);
      i += n;
    }
}

/* A value into a slot. Where the last instruction has just made the value, it is told to make it there. */
void
mt_compile_move (MtCompiler *c, MtOperand value, gint slot)
{
  guint here = mt_here (c);
  MtInstr *last = here > 0 ? &g_array_index (c->code, MtInstr, here - 1) : NULL;
  gboolean makes = last && value.temp && last->dst == value.slot && c->barrier < here
                   && ((last->op >= MT_OP_CONST && last->op <= MT_OP_ABS) || (last->op >= MT_OP_ID && last->op <= MT_OP_TASK)
                       || (last->op >= MT_N_OPCODES && mt_op (last->op)->makes_dst));
  if (value.slot == slot)
    return;
  if (makes)
    {
      /* the old home may have been an operand too, and is then used up */
      last->dst = (gint16)slot;
      if (last->op != MT_OP_CONST && last->op < MT_N_OPCODES && last->a == value.slot)
        last->flags |= MT_KILL_A;
      if (last->op >= MT_OP_ADD && last->op <= MT_OP_MAX && last->b == value.slot && last->op != MT_OP_ADDK && last->op != MT_OP_SUBK
          && last->op != MT_OP_NEG && last->op != MT_OP_NOT && last->op != MT_OP_TRUTH)
        last->flags |= MT_KILL_B;
      if (last->op >= MT_N_OPCODES && last->a == value.slot)
        last->flags |= MT_KILL_A;
      if (last->op >= MT_N_OPCODES && last->b == value.slot)
        last->flags |= MT_KILL_B;
    }
  else
    {
      guint at = mt_emit (c, MT_OP_MOVE, slot, value.slot, 0, 0);
      g_array_index (c->code, MtInstr, at).flags |= value.temp ? MT_KILL_A : 0;
    }
  mt_release (c, value);
}

/* Locals. */

static void
local_free (gpointer data)
{
  Local *local = data;
  g_free (local->name);
  g_free (local);
}

static Local *
add_local (MtCompiler *c, const gchar *name, guint words, MtTypeVar *type, MtMark mark, gboolean hidden)
{
  Local *local = g_new0 (Local, 1);
  local->name = g_strdup (name);
  local->slot = c->top;
  local->words = words;
  local->type = type;
  local->from = mt_here (c);
  local->mark = mark;
  local->hidden = hidden;
  c->top += (gint)words;
  c->max_locals = MAX (c->max_locals, c->top);
  if (c->top > MAX_SLOTS)
    {
      mt_compile_error (c, mark, 1, NULL, "too many local variables");
      c->top = 0;
    }
  g_ptr_array_add (c->scope->locals, local);
  return local;
}

MtOperand
mt_hidden_local (MtCompiler *c, const gchar *name, MtTypeKind type)
{
  Local *local = add_local (c, name, 1, mt_type_new (c, type), (MtMark){ 0, 0 }, TRUE);
  return (MtOperand){ local->slot, 1, FALSE, local->type };
}

/* The list that an assigned expression is, by its looks: its capacity, or 0. */
static guint
looks_like_list (MtCompiler *c, const MtExpr *e)
{
  if (!e)
    return 0;
  if (e->kind == MT_EXPR_LIST)
    return MAX (DEFAULT_CAPACITY, 2 * e->n);
  if (e->kind == MT_EXPR_COND)
    return MAX (looks_like_list (c, e->args[1]), looks_like_list (c, e->args[2]));
  if (e->kind != MT_EXPR_NAME)
    return 0;
  const Local *local = mt_find_local (c, e->name);
  if (local)
    return local->words - 1;
  gint var = mt_find_var (c, e->name);
  const VarPlan *plan = var < 0 ? NULL : &g_array_index (c->plans, VarPlan, (guint)var < c->n_shared ? (guint)var : c->n_shared + ((guint)var - c->n_shared) % c->n_globals);
  return plan && mt_type_find (plan->type)->kind == MT_TYPE_LIST && mt_type_find (plan->type)->known ? mt_type_find (plan->type)->capacity : 0;
}

static void
declare_target (MtCompiler *c, const MtExpr *target, const MtExpr *value)
{
  if (!target || target->kind != MT_EXPR_NAME || mt_find_local (c, target->name) || mt_find_var (c, target->name) >= 0)
    return;
  const MtDecl *other = g_hash_table_lookup (c->names, target->name);
  if (other)
    {
      MtMark mark;
      mt_compile_error (c, target->mark, target->width, g_ptr_array_find (c->model->params, other, NULL) ? "params are constants: use a local or a global" : NULL,
                        "'%s' can't be assigned to: it is %s (line %d)", target->name, mt_kind_of_name (c, target->name, &mark), other->mark.line);
      return;
    }
  guint capacity = looks_like_list (c, value);
  MtTypeVar *type = mt_type_unknown (c);
  if (capacity)
    {
      type = mt_type_new (c, MT_TYPE_LIST);
      type->element = mt_type_unknown (c);
      type->capacity = capacity;
    }
  add_local (c, target->name, capacity + 1, type, target->mark, FALSE);
}

/* Every name assigned anywhere in @steps that is no variable becomes a local, before its first use. */
static void
declare_locals (MtCompiler *c, const GPtrArray *steps)
{
  for (guint i = 0; steps && i < steps->len; i++)
    {
      const MtStepNode *step = steps->pdata[i];
      if (!step->verb)
        {
          if (step->statement.kind == MT_STATEMENT_ASSIGN)
            declare_target (c, step->statement.target, step->statement.value);
          continue;
        }
      for (guint k = 0; k < MT_MAX_ARGS && step->verb->args[k].name; k++)
        {
          const MtArg *arg = &step->args[k];
          if (step->verb->args[k].kind == MT_ARG_TARGET)
            declare_target (c, arg->expr, NULL);
          for (guint j = 0; step->verb->args[k].kind == MT_ARG_TARGETS && arg->exprs && j < arg->exprs->len; j++)
            declare_target (c, arg->exprs->pdata[j], NULL);
          declare_locals (c, arg->steps);
          for (guint j = 0; arg->branches && j < arg->branches->len; j++)
            declare_locals (c, g_array_index (arg->branches, MtBranch, j).steps);
        }
    }
}

static Scope *
scope_push (MtCompiler *c, const MtFunction *function)
{
  Scope *scope = g_new0 (Scope, 1);
  scope->outer = c->scope;
  scope->function = function;
  scope->locals = g_ptr_array_new_with_free_func (local_free);
  scope->returns = g_array_new (FALSE, FALSE, sizeof (guint));
  scope->base = c->top;
  scope->result.slot = -1;
  scope->guards = c->guards->len;
  c->scope = scope;
  return scope;
}

static void
scope_pop (MtCompiler *c)
{
  Scope *scope = c->scope;
  GArray *rows = c->plan ? c->plan->lives : NULL;
  for (guint i = 0; i < scope->locals->len; i++)
    {
      const Local *local = scope->locals->pdata[i];
      /* after an error what would have read it may be missing */
      if (!local->read && !local->hidden && local->mark.line > 0 && local->name[0] != '_' && c->model->diags->n_errors == 0)
        {
          g_autoptr (GPtrArray) names = g_ptr_array_new ();
          for (guint k = 0; k < c->plans->len; k++)
            g_ptr_array_add (names, g_array_index (c->plans, VarPlan, k).decl->name);
          g_ptr_array_add (names, NULL);
          g_autofree gchar *near = mt_did_you_mean (local->name, (const gchar *const *)names->pdata);
          mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, local->mark, (guint)g_utf8_strlen (local->name, -1), near,
                        "local '%s' is assigned and never read", local->name);
        }
      if (rows && !local->hidden)
        {
          MtLocal row = { keep_text (c, local->name), { 0 }, (guint)local->slot, local->words, local->from, mt_here (c) };
          g_array_append_val (rows, row);
          g_ptr_array_add (c->plan->param_types, local->type); /* after the parameters': see finish_types() */
        }
    }
  c->scope = scope->outer;
  c->top = scope->base;
  g_ptr_array_unref (scope->locals);
  g_array_unref (scope->returns);
  g_free (scope);
}

/* How many slots from @base on a scope's locals take. */
static gint
scope_size (const Scope *scope, gint base)
{
  gint size = 0;
  for (guint i = 0; i < scope->locals->len; i++)
    {
      const Local *local = scope->locals->pdata[i];
      size = MAX (size, local->slot + (gint)local->words - base);
    }
  return size;
}

/* Assignments. */


static const VarPlan *
var_plan (MtCompiler *c, gint var)
{
  return &g_array_index (c->plans, VarPlan, (guint)var < c->n_shared ? (guint)var : c->n_shared + ((guint)var - c->n_shared) % c->n_globals);
}

static gboolean
known_list (MtTypeVar *type)
{
  type = mt_type_find (type);
  return type->known && type->kind == MT_TYPE_LIST;
}

static void
check_assignable (MtCompiler *c, MtTypeVar *target, MtOperand value, const MtExpr *e)
{
  g_autofree gchar *text = mt_expr_to_text (e);
  g_autofree gchar *what = g_strdup_printf ("'%s'", text);
  mt_unify (c, target, value.type, e->mark, e->width, what);
}

static void
compile_into_name (MtCompiler *c, const MtExpr *target, MtOperand value)
{
  Local *local = mt_find_local (c, target->name);
  gint var = local ? -1 : mt_find_var (c, target->name);
  if (local)
    {
      check_assignable (c, local->type, value, target);
      if (known_list (local->type) && known_list (value.type))
        {
          mt_emit (c, MT_OP_COPY, local->slot, value.slot, 0, (gint32)local->words - 1);
          mt_discard (c, value);
        }
      else
        mt_compile_move (c, value, local->slot);
    }
  else if (var >= 0)
    {
      const VarPlan *plan = var_plan (c, var);
      check_assignable (c, plan->type, value, target);
      if (known_list (plan->type))
        {
          mt_emit_op (c, &mt_op_list_write, 0, value.slot, -1, var, MT_ALWAYS);
          mt_discard (c, value);
          return;
        }
      mt_emit_op (c, &mt_op_write, 0, value.slot, -1, (gint32)g_array_index (c->vars, MtVar, var).address, MT_ALWAYS | (mt_kill (value, value) & MT_KILL_A));
      mt_release (c, value);
    }
}

/* list[index] <- value, the index already in a slot. */
static void
compile_into_element (MtCompiler *c, const MtExpr *target, MtOperand index, MtOperand value)
{
  gint var;
  MtOperand list = { 0 };
  if (!mt_resolve_list (c, target->args[0], &var, &list) || (var >= 0 && !mt_check_index (c, var, target->args[1])))
    return;
  MtTypeVar *type = mt_type_find (var >= 0 ? var_plan (c, var)->type : list.type);
  check_assignable (c, type->element, value, target);
  if (var >= 0)
    mt_emit_op (c, &mt_op_write_element, index.slot, value.slot, -1, var, MT_ALWAYS | (mt_kill (value, value) & MT_KILL_A));
  else
    {
      guint at = mt_emit (c, MT_OP_SETSLOT, list.slot, value.slot, index.slot, 0);
      g_array_index (c->code, MtInstr, at).flags |= (guint8)mt_kill (value, index);
    }
  mt_release (c, value);
  if (var >= 0)
    mt_discard (c, index);
  else
    mt_release (c, index);
}

static MtReading
reading_of (MtCompiler *c)
{
  return mt_in_instant (c) ? MT_INSTANT : MT_STEPWISE;
}

void
mt_compile_into (MtCompiler *c, const MtExpr *target, MtOperand value)
{
  if (target->kind == MT_EXPR_NAME)
    compile_into_name (c, target, value);
  else
    compile_into_element (c, target, mt_compile_index (c, target->args[1], reading_of (c)), value);
}

/* An index must stay where it is while the value is computed. */
static MtOperand
own_temp (MtCompiler *c, MtOperand o)
{
  if (o.temp)
    return o;
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = o.type;
  mt_emit (c, MT_OP_MOVE, out.slot, o.slot, 0, 0);
  return out;
}

static MtExpr *
binary_view (const MtStatement *s, MtExpr *storage, MtExpr **args)
{
  args[0] = s->target;
  args[1] = s->value;
  *storage = (MtExpr){ .kind = MT_EXPR_BINARY, .op = s->op, .mark = s->target->mark, .width = s->target->width, .n = 2, .args = args };
  return storage;
}

static void
compile_assignment (MtCompiler *c, const MtStatement *s)
{
  MtExpr storage, *args[2];
  const MtExpr *value = s->op == MT_OPERATOR_NONE ? s->value : binary_view (s, &storage, args);
  if (s->target->kind == MT_EXPR_NAME)
    {
      MtOperand v = mt_compile_expr (c, value, reading_of (c));
      if (!mt_find_local (c, s->target->name) && mt_find_var (c, s->target->name) < 0)
        mt_release (c, v); /* an error has been reported */
      else
        mt_compile_into (c, s->target, v);
      return;
    }
  MtOperand index = own_temp (c, mt_compile_index (c, s->target->args[1], reading_of (c)));
  gint var;
  MtOperand list = { 0 };
  if (!mt_resolve_list (c, s->target->args[0], &var, &list))
    return;
  MtTypeVar *element = mt_type_find (var >= 0 ? var_plan (c, var)->type : list.type)->element;
  MtOperand v;
  if (s->op == MT_OPERATOR_NONE)
    v = mt_compile_expr (c, value, reading_of (c));
  else
    {
      /* read the element once through the index that is kept for the write */
      MtOperand old = mt_compile_temp (c, MT_TYPE_INT);
      if (var >= 0)
        mt_emit_op (c, &mt_op_read_element, old.slot, index.slot, -1, var, MT_ALWAYS);
      else
        mt_emit (c, MT_OP_SLOT, old.slot, list.slot, index.slot, 0);
      mt_unify (c, element, old.type, s->target->mark, s->target->width, "the element");
      MtOperand right = mt_compile_expr (c, s->value, reading_of (c));
      mt_unify (c, element, right.type, s->value->mark, s->value->width, "the element");
      static const guint8 codes[] = { 0, MT_OP_ADD, MT_OP_SUB, MT_OP_MUL, MT_OP_DIV, MT_OP_MOD };
      guint at = mt_emit (c, codes[s->op], old.slot, old.slot, right.slot, 0);
      g_array_index (c->code, MtInstr, at).flags |= right.temp ? MT_KILL_B : 0;
      mt_release (c, right);
      v = old;
    }
  compile_into_element (c, s->target, index, v);
}

/* Blocks. */

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
        compile_assignment (c, s);
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

/* The row of the verb @name that works on tasks, or NULL. */
static const MtVerb *
works_on_tasks (const gchar *name)
{
  const MtVerb *verb = NULL;
  for (guint i = 0; mt_primitives[i] && !verb; i++)
    if (!mt_primitives[i]->section)
      verb = mt_verb_find (name, mt_primitives[i]);
  return verb;
}

/* "a lock" -> "lock" */
static const gchar *
bare (const gchar *noun)
{
  return strchr (noun, ' ') ? strchr (noun, ' ') + 1 : noun;
}

/* "a condition, an event or a barrier": what the verb @name works on; caller frees. */
static gchar *
nouns_of_verb (const gchar *name)
{
  g_autoptr (GPtrArray) nouns = g_ptr_array_new ();
  for (guint i = 0; mt_primitives[i]; i++)
    if (mt_verb_find (name, mt_primitives[i]))
      g_ptr_array_add (nouns, (gpointer)mt_primitives[i]->noun);
  const gchar *last = nouns->pdata[nouns->len - 1];
  if (nouns->len == 1)
    return g_strdup (last);
  nouns->pdata[nouns->len - 1] = NULL;
  g_autofree gchar *others = g_strjoinv (", ", (gchar **)nouns->pdata);
  return g_strdup_printf ("%s or %s", others, last);
}

/* A name that nothing has: is one near of what the verb works on? */
static void
undeclared_operand (MtCompiler *c, const MtStepNode *step, const MtExpr *e, const gchar *name)
{
  g_autofree gchar *nouns = nouns_of_verb (step->verb->name);
  g_autoptr (GPtrArray) near = g_ptr_array_new ();
  for (guint i = 0; i < c->model->objects->len; i++)
    if (mt_verb_find (step->verb->name, ((MtDecl *)c->model->objects->pdata[i])->primitive))
      g_ptr_array_add (near, ((MtDecl *)c->model->objects->pdata[i])->name);
  for (guint i = 0; works_on_tasks (step->verb->name) && i < c->model->tasks->len; i++)
    g_ptr_array_add (near, ((MtTaskDecl *)c->model->tasks->pdata[i])->name);
  g_ptr_array_add (near, NULL);
  g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *)near->pdata);
  if (strstr (nouns, " or "))
    mt_compile_error (c, e->mark, e->width, hint, "'%s' is not declared: %s needs %s", name, step->verb->name, nouns);
  else
    mt_compile_error (c, e->mark, e->width, hint, "%s '%s' is not declared", bare (nouns), name);
}

/* The row that is meant, where several primitives share a verb's name: the one of the object named.
 * NULL after a finding: the verb does not work on that. */
static const MtVerb *
row_for_object (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *e = step->verb->args[0].kind == MT_ARG_OBJECT ? step->args[0].expr : NULL;
  const MtExpr *named = e && e->kind == MT_EXPR_INDEX ? e->args[0] : e;
  if (!named || named->kind != MT_EXPR_NAME)
    return step->verb;
  const MtDecl *d = g_hash_table_lookup (c->names, named->name);
  if (!d)
    {
      undeclared_operand (c, step, e, named->name);
      return NULL;
    }
  gboolean object = g_ptr_array_find (c->model->objects, d, NULL);
  const MtVerb *verb = object ? mt_verb_find (step->verb->name, d->primitive) : works_on_tasks (step->verb->name);
  MtMark mark;
  const gchar *kind = verb ? NULL : mt_kind_of_name (c, d->name, &mark);
  if (!kind)
    return verb ? verb : step->verb;
  g_autofree gchar *nouns = nouns_of_verb (step->verb->name);
  mt_compile_error (c, e->mark, e->width, NULL, "%s: needs %s; '%s' is %s (line %d)", step->verb->name, nouns, d->name, kind, mark.line);
  return NULL;
}

static void
compile_step (MtCompiler *c, const MtStepNode *step)
{
  guint from = mt_here (c), outer = c->site;
  if (c->sites->len >= MAX_SITES || c->nesting >= MAX_NESTING)
    {
      mt_compile_error (c, c->plan->row.name ? c->plan->decl->mark : step->mark, c->plan->row.name ? (guint)g_utf8_strlen (c->plan->row.name, -1) : 1,
                        "functions are expanded at each call: call them in a loop",
                        c->nesting >= MAX_NESTING ? "the steps of this are nested too deeply, with its calls expanded" : "this has too many steps, with its calls expanded");
      return;
    }
  c->nesting++;
  c->site = mt_add_site (c, step->mark, step->width, step->text);
  const MtVerb *verb = step->verb ? row_for_object (c, step) : NULL;
  if (verb)
    verb->compile (c, step);
  else if (!step->verb)
    compile_statement (c, step);
  check_unused_result (c, step);
  if (step->label)
    {
      guint class_ = 0;
      g_ptr_array_find (c->class_plans, c->plan, &class_);
      MtLabel label = { keep_text (c, step->label), class_, from, mt_here (c) };
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
mt_compile_else (MtCompiler *c, const MtArg *steps, const gchar *error)
{
  mt_fail_end (c, mt_fail_begin (c), steps, error);
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
mt_compile_simple (MtCompiler *c, const MtStepNode *step, const MtPrimitive *primitive, const MtOp *op)
{
  gint32 object;
  MtOperand index;
  if (!mt_resolve_object (c, step->args[0].expr, primitive, &object, &index))
    return;
  mt_emit_op (c, op, 0, 0, index.slot, object, (op->ways ? 0 : MT_ALWAYS) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
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

/* Loops, returns and what they leave. */

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
      MtOperand v = mt_compile_expr (c, value, reading_of (c));
      if (scope->result.slot >= 0)
        {
          if (known_list (v.type))
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

/* Functions: expanded in place. */

MtFunction *
mt_find_function (MtCompiler *c, const gchar *name)
{
  for (guint i = 0; i < c->model->functions->len; i++)
    if (g_str_equal (((MtFunction *)c->model->functions->pdata[i])->name, name))
      return c->model->functions->pdata[i];
  return NULL;
}

static MtFunction *
want_function (MtCompiler *c, const gchar *name, MtMark mark, guint width)
{
  MtFunction *f = mt_find_function (c, name);
  if (f)
    {
      f->used = TRUE;
      return f;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < c->model->functions->len; i++)
    g_ptr_array_add (names, ((MtFunction *)c->model->functions->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *)names->pdata);
  mt_compile_error (c, mark, width, hint, "function '%s' is not declared", name);
  return NULL;
}

static gboolean
enter_function (MtCompiler *c, const MtFunction *f, MtMark mark, guint width)
{
  for (guint i = 0; i < c->functions->len; i++)
    if (g_str_equal (c->functions->pdata[i], f->name))
      {
        g_autoptr (GString) way = g_string_new (i + 1 < c->functions->len ? " through " : "");
        for (guint k = i + 1; k < c->functions->len; k++)
          g_string_append_printf (way, "%s'%s'", k > i + 1 ? ", " : "", (const gchar *)c->functions->pdata[k]);
        mt_compile_error (c, mark, width, "functions are expanded in place: use a loop", "function '%s' calls itself%s", f->name, way->str);
        return FALSE;
      }
  if (c->functions->len >= MAX_INLINE_DEPTH)
    {
      mt_compile_error (c, mark, width, NULL, "calls are nested more than %d deep", MAX_INLINE_DEPTH);
      return FALSE;
    }
  g_ptr_array_add (c->functions, f->name);
  return TRUE;
}

/* The body in a scope whose parameters are there; ends at the place returns jump to. */
static void
compile_body (MtCompiler *c, const GPtrArray *steps)
{
  GArray *outer = c->loops;
  c->loops = g_array_new (FALSE, FALSE, sizeof (Loop)); /* break can't leave a function */
  declare_locals (c, steps);
  mt_compile_steps (c, steps);
  for (guint i = 0; i < c->scope->returns->len; i++)
    mt_patch (c, g_array_index (c->scope->returns, guint, i), mt_here (c));
  g_array_unref (c->loops);
  c->loops = outer;
}

static gboolean
check_arguments (MtCompiler *c, const MtFunction *f, guint n, MtMark mark, guint width)
{
  if (f->params->len == n)
    return TRUE;
  mt_compile_error (c, mark, width, NULL, "function '%s' takes %u argument%s, not %u", f->name, f->params->len, f->params->len == 1 ? "" : "s", n);
  return FALSE;
}

void
mt_compile_call (MtCompiler *c, const gchar *name, MtMark mark, guint width, const GPtrArray *args, const MtExpr *into)
{
  MtFunction *f = want_function (c, name, mark, width);
  guint n = args ? args->len : 0;
  if (!f || !check_arguments (c, f, n, mark, width) || !enter_function (c, f, mark, width))
    return;
  MtOperand result = { -1, 1, FALSE, NULL };
  if (into)
    {
      result = mt_compile_temp (c, MT_TYPE_INT);
      result.type = mt_type_unknown (c);
    }
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (MtOperand));
  for (guint i = 0; i < n; i++)
    {
      MtOperand v = mt_compile_expr (c, args->pdata[i], reading_of (c));
      if (v.words == 1)
        v = own_temp (c, v); /* later arguments must not change it */
      g_array_append_val (values, v);
    }
  Scope *caller = c->scope;
  gint base = c->top;
  Scope *scope = scope_push (c, f);
  scope->result = result;
  for (guint i = 0; i < n; i++)
    {
      MtOperand v = g_array_index (values, MtOperand, i);
      Local *param = add_local (c, f->params->pdata[i], v.words, mt_type_unknown (c), (MtMark){ 0, 0 }, FALSE);
      param->type = v.words > 1 ? v.type : param->type;
      mt_unify (c, param->type, v.type, mark, width, "the argument");
      if (v.words > 1)
        {
          mt_emit (c, MT_OP_COPY, param->slot, v.slot, 0, (gint32)v.words - 1);
          mt_discard (c, v);
        }
      else
        {
          guint at = mt_emit (c, MT_OP_MOVE, param->slot, v.slot, 0, 0);
          g_array_index (c->code, MtInstr, at).flags |= MT_KILL_A;
          mt_release (c, v);
        }
    }
  compile_body (c, f->steps);
  gint size = scope_size (scope, base);
  if (size > 0)
    mt_emit (c, MT_OP_CLEAR, base, 0, 0, size);
  scope_pop (c);
  g_assert (c->scope == caller);
  g_ptr_array_set_size (c->functions, (gint)c->functions->len - 1);
  if (into)
    mt_compile_into (c, into, result);
}

/* Names of objects and tasks. */

static const gchar *
base_name (MtCompiler *c, const MtExpr *e)
{
  const MtExpr *name = e->kind == MT_EXPR_INDEX ? e->args[0] : e;
  if (name->kind == MT_EXPR_NAME)
    return name->name;
  mt_compile_error (c, e->mark, e->width, NULL, "a name expected");
  return NULL;
}

static void
no_such (MtCompiler *c, const MtExpr *e, const gchar *name, const gchar *noun, const GPtrArray *decls, const MtPrimitive *primitive)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < decls->len; i++)
    {
      const MtDecl *d = decls->pdata[i];
      if (!primitive || d->primitive == primitive)
        g_ptr_array_add (names, d->name);
    }
  g_ptr_array_add (names, NULL);
  g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *)names->pdata);
  MtMark mark;
  const gchar *kind = mt_kind_of_name (c, name, &mark);
  if (kind)
    mt_compile_error (c, e->mark, e->width, hint, "'%s' is %s (line %d), not %s", name, kind, mark.line, noun);
  else if (mt_find_local (c, name))
    mt_compile_error (c, e->mark, e->width, hint, "'%s' is a local, not %s", name, noun);
  else
    mt_compile_error (c, e->mark, e->width, hint, "%s '%s' is not declared", bare (noun), name);
}

/* The index of an array's element: constant where it can be. */
static gboolean
compile_object_index (MtCompiler *c, const MtExpr *e, guint count, gint origin, gint32 *first, MtOperand *index)
{
  *index = (MtOperand){ -1, 1, FALSE, mt_type_new (c, MT_TYPE_INT) };
  Constant k;
  if (mt_constant (c, e->args[1], &k) && k.kind == MT_TYPE_INT)
    {
      if (k.value < origin || k.value >= origin + (gint)count)
        {
          mt_compile_error (c, e->args[1]->mark, e->args[1]->width, NULL, "index %d is out of range: %d to %d", k.value, origin, origin + (gint)count - 1);
          return FALSE;
        }
      *first += k.value - origin;
      return TRUE;
    }
  *index = mt_compile_expr (c, e->args[1], reading_of (c));
  if (!mt_unify (c, mt_type_new (c, MT_TYPE_INT), index->type, e->args[1]->mark, e->args[1]->width, "an index"))
    return FALSE;
  if (origin)
    {
      MtOperand shifted = index->temp ? *index : mt_compile_temp (c, MT_TYPE_INT);
      mt_emit (c, MT_OP_SUBK, shifted.slot, index->slot, 0, origin);
      *index = shifted;
    }
  return TRUE;
}

gboolean
mt_resolve_object (MtCompiler *c, const MtExpr *e, const MtPrimitive *primitive, gint32 *object, MtOperand *index)
{
  *index = (MtOperand){ -1, 1, FALSE, NULL };
  const gchar *name = e ? base_name (c, e) : NULL;
  if (!name)
    return FALSE;
  for (guint i = 0; i < c->objects->len; i++)
    {
      const MtObject *o = &g_array_index (c->objects, MtObject, i);
      if (!g_str_equal (o->group, name))
        continue;
      if (o->primitive != primitive)
        break;
      *object = (gint32)i;
      gboolean array = !g_str_equal (o->name, o->group);
      if (e->kind == MT_EXPR_INDEX && array)
        return compile_object_index (c, e, o->count, 0, object, index);
      if (e->kind == MT_EXPR_INDEX || array)
        mt_compile_error (c, e->mark, e->width, array ? "say which: name[i]" : NULL, array ? "'%s' is an array" : "'%s' is no array", name);
      return e->kind != MT_EXPR_INDEX && !array;
    }
  no_such (c, e, name, primitive->noun, c->model->objects, primitive);
  return FALSE;
}

gboolean
mt_resolve_task (MtCompiler *c, const MtExpr *e, gint32 *first, guint *count, MtOperand *index)
{
  *index = (MtOperand){ -1, 1, FALSE, NULL };
  const gchar *name = e ? base_name (c, e) : NULL;
  if (!name)
    return FALSE;
  for (guint i = 0; i < c->tasks->len; i++)
    {
      const MtTask *t = &g_array_index (c->tasks, MtTask, i);
      if (!g_str_equal (t->group, name))
        continue;
      gboolean array = !g_str_equal (t->name, t->group);
      *first = (gint32)i;
      *count = t->count;
      if (e->kind == MT_EXPR_INDEX && array)
        {
          *count = 1;
          return compile_object_index (c, e, t->count, 1, first, index);
        }
      if (e->kind == MT_EXPR_INDEX)
        mt_compile_error (c, e->mark, e->width, NULL, "task '%s' has no count: there is only one", name);
      return e->kind != MT_EXPR_INDEX;
    }
  no_such (c, e, name, "a task", c->model->tasks, NULL);
  return FALSE;
}

void
mt_check_not_self (MtCompiler *c, gint32 first, guint n, const MtExpr *expr)
{
  const MtTask *t = &g_array_index (c->tasks, MtTask, first);
  if (c->plan && c->plan->decl && g_str_equal (c->plan->decl->name, t->group) && n == t->count)
    mt_compile_error (c, expr->mark, expr->width, NULL, "a task can't wait for its own end");
}

MtTypeVar *
mt_list_element (MtCompiler *c, gint var, MtOperand local)
{
  return mt_type_find (var >= 0 ? var_plan (c, var)->type : local.type)->element;
}

MtOperand
mt_compile_item (MtCompiler *c, gint var, MtOperand local, MtOperand index)
{
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = mt_list_element (c, var, local);
  if (var >= 0)
    mt_emit_op (c, &mt_op_read_element, out.slot, index.slot, -1, var, MT_ALWAYS);
  else
    mt_emit (c, MT_OP_SLOT, out.slot, local.slot, index.slot, 0);
  return out;
}

static ItemPlan *
item_plan (MtCompiler *c, gint32 object)
{
  return &g_array_index (c->items, ItemPlan, g_array_index (c->objects, MtObject, object).first);
}

gboolean
mt_object_arity (MtCompiler *c, gint32 object, guint n, const MtExpr *at)
{
  ItemPlan *plan = item_plan (c, object);
  if (plan->arity == 0)
    {
      plan->arity = n;
      plan->first = at->mark;
    }
  if (plan->arity == n)
    return TRUE;
  mt_compile_error (c, at->mark, at->width, NULL, "an item of '%s' has %u value%s (line %d), not %u", g_array_index (c->objects, MtObject, object).group,
                    plan->arity, plan->arity == 1 ? "" : "s", plan->first.line, n);
  return FALSE;
}

MtTypeVar *
mt_object_element (MtCompiler *c, gint32 object, guint k)
{
  GPtrArray *types = item_plan (c, object)->types;
  while (types->len <= k)
    g_ptr_array_add (types, mt_type_unknown (c));
  return types->pdata[k];
}

guint
mt_compile_pure (MtCompiler *c, const MtExpr *expr, gint *slot)
{
  guint over = mt_emit (c, MT_OP_JMP, 0, 0, 0, 0), entry = mt_here (c);
  guint instant = c->instant;
  gboolean fresh = c->fresh;
  c->instant = 1;
  c->fresh = FALSE;
  MtOperand value = mt_compile_condition (c, expr, MT_INSTANT);
  MtOperand out = own_temp (c, value);
  mt_emit (c, MT_OP_END, 0, 0, 0, 0);
  mt_release (c, out);
  c->instant = instant;
  c->fresh = fresh;
  *slot = out.slot;
  mt_patch (c, over, mt_here (c));
  return entry;
}

/* Formats. */

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
  mt_compile_error (c, piece->spec_mark, (guint)g_utf8_strlen (piece->spec, -1), "[fill][<>^][0][width][.digits][d|s|f|x], as in Python", "bad format '%s'", piece->spec);
  return FALSE;
}

guint
mt_format (MtCompiler *c, const GArray *pieces, const gchar *end)
{
  guint number = c->formats->len, n = pieces ? pieces->len : 0;
  MtFormat format = { n + (*end ? 1 : 0), keep (c, g_new0 (MtFormatPiece, n + 1)) };
  for (guint i = 0; i < n; i++)
    {
      const MtPiece *piece = &g_array_index (pieces, MtPiece, i);
      MtFormatPiece *out = &format.pieces[i];
      if (piece->literal)
        {
          out->literal = keep_text (c, piece->literal);
          continue;
        }
      parse_spec (c, piece, out);
      MtOperand value = mt_compile_expr (c, piece->expr, MT_INSTANT);
      if (!value.temp && value.words == 1)
        value = own_temp (c, value);
      out->slot = value.slot;
      FormatUse use = { number, i, value.type };
      g_array_append_val (c->format_uses, use);
    }
  if (*end)
    format.pieces[n].literal = keep_text (c, end);
  g_array_append_val (c->formats, format);
  return number;
}

/* Declarations. */

static gboolean
constant_node (MtCompiler *c, const MtNode *node, const gchar *what, Constant *out)
{
  *out = (Constant){ MT_TYPE_INT, 0 };
  if (node->kind == MT_NODE_SCALAR && node->quoted)
    {
      *out = (Constant){ MT_TYPE_STRING, mt_intern (c, node->text) };
      return TRUE;
    }
  if (node->kind == MT_NODE_SCALAR && !*node->text)
    {
      mt_compile_error (c, node->mark, 1, NULL, "%s has no value", what);
      return FALSE;
    }
  if (node->kind == MT_NODE_SEQUENCE)
    {
      mt_compile_error (c, node->mark, 1, NULL, "%s: a list can't stand here", what);
      return FALSE;
    }
  g_autoptr (MtExpr) e = mt_expr_from_node (node, c->model->diags);
  if (!e)
    return FALSE;
  c->overflow = NULL;
  if (mt_constant (c, e, out))
    return TRUE;
  if (c->overflow)
    mt_compile_error (c, e->mark, e->width, NULL, "%s: %s", what, c->overflow);
  else
    mt_compile_error (c, e->mark, e->width, e->kind == MT_EXPR_NAME ? "a text needs quotes" : "use numbers, texts in quotes, true, false and params",
                    "%s: a constant expected", what);
  return FALSE;
}

static gboolean
parse_override (const gchar *text, MtTypeKind kind, MtCompiler *c, MtWord *out)
{
  if (kind == MT_TYPE_STRING)
    {
      *out = mt_intern (c, text);
      return TRUE;
    }
  if (kind == MT_TYPE_BOOL)
    {
      *out = g_str_equal (text, "true") || g_str_equal (text, "True") || g_str_equal (text, "1");
      return *out || g_str_equal (text, "false") || g_str_equal (text, "False") || g_str_equal (text, "0");
    }
  gchar *end;
  gint64 value = g_ascii_strtoll (text, &end, 10);
  if (kind == MT_TYPE_TIME)
    {
      g_autoptr (MtDiags) diags = mt_diags_new ("-p", NULL);
      g_autoptr (MtExpr) e = mt_expr_parse (text, (MtMark){ 0, 0 }, TRUE, diags);
      if (!e || (e->kind != MT_EXPR_TIME && e->kind != MT_EXPR_INT))
        return FALSE;
      *out = e->kind == MT_EXPR_TIME ? e->value : e->value * 1000;
      return e->value >= 0 && (e->kind == MT_EXPR_TIME || e->value <= G_MAXINT32 / 1000);
    }
  *out = (MtWord)value;
  return *text && !*end && value >= G_MININT32 && value <= G_MAXINT32;
}

static void
declare_params (MtCompiler *c)
{
  static const gchar *const kinds[] = { "a whole number", "true or false", "a text", "a time in seconds" };
  for (guint i = 0; i < c->model->params->len; i++)
    {
      const MtDecl *d = c->model->params->pdata[i];
      Constant value;
      g_autofree gchar *what = g_strdup_printf ("param '%s'", d->name);
      constant_node (c, d->node, what, &value);
      for (guint k = 0; k < c->options->n_overrides; k++)
        {
          const MtOverride *o = &c->options->overrides[k];
          if (g_str_equal (o->name, d->name) && !parse_override (o->value, value.kind, c, &value.value))
            mt_compile_error (c, d->mark, (guint)g_utf8_strlen (d->name, -1), NULL, "-p %s=%s: %s expected", o->name, o->value, kinds[value.kind]);
        }
      MtParam row = { keep_text (c, d->name), { value.kind, 0, 0 }, value.value };
      g_array_append_val (c->params, row);
    }
  for (guint k = 0; k < c->options->n_overrides; k++)
    {
      const gchar *name = c->options->overrides[k].name;
      gboolean found = FALSE;
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      for (guint i = 0; i < c->params->len; i++)
        {
          g_ptr_array_add (names, (gpointer)g_array_index (c->params, MtParam, i).name);
          found = found || g_str_equal (g_array_index (c->params, MtParam, i).name, name);
        }
      g_ptr_array_add (names, NULL);
      g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *)names->pdata);
      if (!found)
        mt_compile_error (c, (MtMark){ 0, 0 }, 1, hint, "-p %s: the model has no such param", name);
    }
}

/* An integer setting of a mapping, with params. */
static gboolean
int_setting (MtCompiler *c, const MtNode *node, const gchar *what, gint32 min, gint32 max, gint32 *out)
{
  *out = min;
  if (node->kind == MT_NODE_SCALAR && node->quoted)
    {
      mt_compile_error (c, node->mark, node->width, "take the quotes away", "%s: a whole number expected", what);
      return FALSE;
    }
  g_autoptr (MtExpr) e = mt_expr_from_node (node, c->model->diags);
  return e && mt_constant_int (c, e, what, min, max, out);
}

static void
append_word (VarPlan *plan, MtWord word)
{
  g_array_append_val (plan->initial, word);
}

/* nums: [11, 22] | {list: [..], capacity: 40} | {fill: 0, size: n}. */
static void
plan_list (MtCompiler *c, VarPlan *plan, const MtNode *items, gint32 capacity, const MtNode *fill, gint32 size)
{
  MtTypeVar *type = mt_type_new (c, MT_TYPE_LIST);
  type->element = mt_type_unknown (c);
  guint n = items ? items->n : (guint)size;
  if (items && n > MAX_LIST)
    {
      mt_compile_error (c, items->mark, 1, NULL, "a list may hold %d items", MAX_LIST);
      n = 0;
    }
  type->capacity = items ? (capacity ? (guint)capacity : MAX (DEFAULT_CAPACITY, 2 * n)) : n;
  if (items && capacity && n > type->capacity)
    mt_compile_error (c, items->mark, 1, NULL, "%u items in a list of capacity %d", n, capacity);
  plan->type = type;
  plan->fixed = !items;
  if (!plan->fixed)
    append_word (plan, (MtWord)n);
  Constant value = { MT_TYPE_INT, 0 };
  if (fill)
    constant_node (c, fill, "fill", &value);
  for (guint i = 0; i < n; i++)
    {
      if (items && !constant_node (c, items->items[i], "an item of the list", &value))
        continue;
      mt_unify (c, type->element, mt_type_new (c, value.kind), items ? items->items[i]->mark : plan->decl->mark, items ? items->items[i]->width : 1, "the list's first item");
      append_word (plan, value.value);
    }
  plan->words = type->capacity + (plan->fixed ? 0 : 1);
  while (plan->initial->len < plan->words)
    append_word (plan, 0);
  g_array_set_size (plan->initial, plan->words);
}

static void
plan_mapping (MtCompiler *c, VarPlan *plan, const MtNode *node, MtVar *flags)
{
  static const gchar *const known[] = { "value", "list", "capacity", "fill", "size", "atomic", "relaxed", NULL };
  const MtNode *value = NULL, *list = NULL, *fill = NULL, *size_node = NULL;
  gint32 capacity = 0, size = 0;
  for (guint i = 0; i < node->n; i++)
    {
      const gchar *key = node->keys[i]->text;
      const MtNode *v = node->items[i];
      gboolean yes = v->kind == MT_NODE_SCALAR && (g_str_equal (v->text, "true") || g_str_equal (v->text, "True") || g_str_equal (v->text, "yes"));
      if (g_str_equal (key, "value"))
        value = v;
      else if (g_str_equal (key, "list"))
        list = v;
      else if (g_str_equal (key, "capacity"))
        int_setting (c, v, "capacity", 1, MAX_LIST, &capacity);
      else if (g_str_equal (key, "fill"))
        fill = v;
      else if (g_str_equal (key, "size"))
        {
          size_node = v;
          int_setting (c, v, "size", 1, MAX_LIST, &size);
        }
      else if (g_str_equal (key, "atomic"))
        flags->atomic = yes;
      else if (g_str_equal (key, "relaxed"))
        flags->relaxed = yes;
      else
        {
          g_autofree gchar *hint = mt_did_you_mean (key, known);
          mt_compile_error (c, node->keys[i]->mark, node->keys[i]->width, hint, "unknown key '%s' in a variable", key);
        }
    }
  if (list && list->kind == MT_NODE_SEQUENCE)
    plan_list (c, plan, list, capacity, NULL, 0);
  else if (value && value->kind == MT_NODE_SEQUENCE)
    plan_list (c, plan, value, capacity, NULL, 0);
  else if (size_node)
    plan_list (c, plan, NULL, 0, fill, size);
  else if (value)
    {
      Constant k;
      constant_node (c, value, plan->decl->name, &k);
      plan->type = mt_type_new (c, k.kind);
      append_word (plan, k.value);
    }
  else
    mt_compile_error (c, node->mark, 1, "{value: 0}, {list: [..], capacity: n} or {fill: 0, size: n}", "variable '%s' has no value", plan->decl->name);
}

static void
plan_variable (MtCompiler *c, const MtDecl *d)
{
  VarPlan plan = { .decl = d, .words = 1, .initial = g_array_new (FALSE, FALSE, sizeof (MtWord)) };
  MtVar flags = { 0 };
  plan.type = mt_type_new (c, MT_TYPE_INT);
  if (d->node->kind == MT_NODE_MAPPING)
    plan_mapping (c, &plan, d->node, &flags);
  else if (d->node->kind == MT_NODE_SEQUENCE)
    plan_list (c, &plan, d->node, 0, NULL, 0);
  else
    {
      Constant k;
      g_autofree gchar *what = g_strdup_printf ("variable '%s'", d->name);
      constant_node (c, d->node, what, &k);
      plan.type = mt_type_new (c, k.kind);
      append_word (&plan, k.value);
    }
  while (plan.initial->len < plan.words)
    append_word (&plan, 0);
  c->n_words += plan.words;
  MtVar row = { .name = keep_text (c, d->name), .mark = d->mark, .fixed = plan.fixed, .shared = d->shared, .atomic = flags.atomic, .relaxed = flags.relaxed, .watch = -1 };
  row.n_words = plan.words;
  g_array_append_val (c->plans, plan);
  g_array_append_val (c->vars, row); /* copies for processes are added by layout_variables() */
}

static void
declare_variables (MtCompiler *c)
{
  for (guint shared = 0; shared < 2; shared++)
    for (guint i = 0; i < c->model->variables->len; i++)
      {
        const MtDecl *d = c->model->variables->pdata[i];
        if (d->shared != (shared == 0) || c->n_words > MAX_WORDS) /* variables_fit() says so */
          continue;
        plan_variable (c, d);
        *(shared == 0 ? &c->n_shared : &c->n_globals) += 1;
      }
}

/* Counted before anything is copied for the processes. */
static gboolean
variables_fit (MtCompiler *c)
{
  guint64 n = 0;
  for (guint i = 0; i < c->plans->len; i++)
    {
      const VarPlan *plan = &g_array_index (c->plans, VarPlan, i);
      n += (guint64)plan->words * (i < c->n_shared ? 1 : c->program->n_processes);
      if (n <= MAX_WORDS)
        continue;
      mt_compile_error (c, plan->decl->mark, (guint)g_utf8_strlen (plan->decl->name, -1),
                        c->program->n_processes > 1 ? "each process has its own copy of the globals" : NULL, "the variables need more than %d words", MAX_WORDS);
      return FALSE;
    }
  return TRUE;
}

/* Shared variables, then a block of the globals for each process. */
static void
layout_variables (MtCompiler *c, GArray *initial)
{
  guint address = 1, n_rows = c->vars->len; /* word 0 is the clock */
  MtWord zero = 0;
  g_array_append_val (initial, zero);
  for (guint process = 1; process < c->program->n_processes; process++)
    for (guint i = c->n_shared; i < n_rows; i++)
      {
        MtVar copy = g_array_index (c->vars, MtVar, i);
        copy.process = process;
        g_array_append_val (c->vars, copy);
      }
  for (guint i = 0; i < c->vars->len; i++)
    {
      MtVar *v = &g_array_index (c->vars, MtVar, i);
      const VarPlan *plan = var_plan (c, (gint)i);
      if (i == c->n_shared)
        c->program->globals_base = address;
      c->program->globals_words += i >= c->n_shared && v->process == 0 ? plan->words : 0;
      v->address = address;
      v->initial = keep (c, g_memdup2 (plan->initial->data, sizeof (MtWord) * plan->words));
      g_array_append_vals (initial, plan->initial->data, plan->words);
      address += plan->words;
    }
}

static void
set_setting (MtCompiler *c, const MtDecl *d, const MtSettingSpec *spec, const MtNode *node, MtObject *row, guint k)
{
  g_autofree gchar *what = g_strdup_printf ("%s of '%s'", spec->name, d->name);
  if (spec->kind == MT_SETTING_INT)
    int_setting (c, node, what, spec->min, spec->max, &row->setting[k]);
  else if (spec->kind == MT_SETTING_BOOL)
    {
      gboolean yes = node->kind == MT_NODE_SCALAR && (g_str_equal (node->text, "true") || g_str_equal (node->text, "True") || g_str_equal (node->text, "yes"));
      gboolean no = node->kind == MT_NODE_SCALAR && (g_str_equal (node->text, "false") || g_str_equal (node->text, "False") || g_str_equal (node->text, "no"));
      row->setting[k] = yes;
      if (!yes && !no)
        mt_compile_error (c, node->mark, node->width, NULL, "%s: true or false expected", what);
    }
  else if (spec->kind == MT_SETTING_LINES)
    {
      if (node->kind != MT_NODE_SEQUENCE)
        {
          mt_compile_error (c, node->mark, node->width, NULL, "%s: a list expected", what);
          return;
        }
      MtWord *data = keep (c, g_new0 (MtWord, node->n + 1));
      for (guint i = 0; i < node->n; i++)
        {
          Constant value;
          const MtNode *item = node->items[i];
          if (item->kind == MT_NODE_SCALAR) /* a line is text, quoted or not */
            value = (Constant){ MT_TYPE_STRING, mt_intern (c, item->text) };
          else
            constant_node (c, item, what, &value);
          data[i] = value.value;
        }
      row->data = data;
      row->n_data = node->n;
    }
  else
    {
      g_autoptr (MtExpr) e = mt_expr_from_node (node, c->model->diags);
      MtOperand index;
      if (e && mt_resolve_object (c, e, mt_primitive_by_section (spec->of), &row->setting[k], &index) && index.slot >= 0)
        mt_compile_error (c, e->mark, e->width, "use numbers and params here", "%s: a constant index expected", what);
    }
}

static void
parse_settings (MtCompiler *c, const MtDecl *d, MtObject *row, gint32 *size)
{
  const MtSettingSpec *specs = d->primitive->settings;
  guint n = 0;
  for (; specs && specs[n].name; n++)
    row->setting[n] = specs[n].fallback;
  const MtNode *node = d->node;
  if (node && node->kind == MT_NODE_SCALAR && !*node->text)
    node = NULL;
  if (node && node->kind == MT_NODE_SEQUENCE && n && specs[0].kind == MT_SETTING_LINES)
    {
      set_setting (c, d, &specs[0], node, row, 0);
      node = NULL;
    }
  else if (node && node->kind != MT_NODE_MAPPING)
    {
      mt_compile_error (c, node->mark, node->width, "write {} for the usual ones", "%s '%s': a mapping of settings expected", bare (d->primitive->noun), d->name);
      node = NULL;
    }
  for (guint i = 0; node && i < node->n; i++)
    {
      const gchar *key = node->keys[i]->text;
      guint k = 0;
      while (k < n && !g_str_equal (specs[k].name, key))
        k++;
      if (g_str_equal (key, "size"))
        int_setting (c, node->items[i], "size", 1, 1000, size);
      else if (k < n)
        set_setting (c, d, &specs[k], node->items[i], row, k);
      else
        {
          g_autoptr (GPtrArray) known = g_ptr_array_new ();
          for (guint j = 0; j < n; j++)
            g_ptr_array_add (known, (gpointer)specs[j].name);
          g_ptr_array_add (known, (gpointer) "size");
          g_ptr_array_add (known, NULL);
          g_autofree gchar *near = mt_did_you_mean (key, (const gchar *const *)known->pdata);
          g_autofree gchar *list = g_strjoinv (", ", (gchar **)known->pdata);
          g_autofree gchar *all = g_strdup_printf ("known here: %s", list);
          mt_compile_error (c, node->keys[i]->mark, node->keys[i]->width, near ? near : all, "unknown setting '%s' of %s", key, d->primitive->noun);
        }
    }
  for (guint k = 0; k < n; k++)
    if (specs[k].required && !(node && mt_node_get (node, specs[k].name)) && !(specs[k].kind == MT_SETTING_LINES && row->data))
      mt_compile_error (c, d->mark, (guint)g_utf8_strlen (d->name, -1), specs[k].help, "%s '%s' needs '%s'", bare (d->primitive->noun), d->name, specs[k].name);
}

/* Whether a setting names another object, which must be declared first. */
static gboolean
depends (const MtPrimitive *primitive)
{
  for (const MtSettingSpec *spec = primitive->settings; spec && spec->name; spec++)
    if (spec->kind == MT_SETTING_OBJECT)
      return TRUE;
  return FALSE;
}

static void
declare_objects (MtCompiler *c, gboolean dependent)
{
  for (guint i = 0; i < c->model->objects->len; i++)
    {
      const MtDecl *d = c->model->objects->pdata[i];
      if (depends (d->primitive) != dependent)
        continue;
      MtObject row = { .group = keep_text (c, d->name), .mark = d->mark, .primitive = d->primitive, .first = c->objects->len };
      gint32 size = 0;
      parse_settings (c, d, &row, &size);
      row.count = MAX (size, 1);
      if (c->objects->len + row.count > MAX_OBJECTS)
        {
          mt_compile_error (c, d->mark, 1, NULL, "more than %d shared objects", MAX_OBJECTS);
          return;
        }
      for (row.index = 0; row.index < row.count; row.index++)
        {
          row.name = size ? keep (c, g_strdup_printf ("%s[%u]", d->name, row.index)) : row.group;
          row.self = mt_intern (c, row.name);
          g_array_append_val (c->objects, row);
          ItemPlan item = { .types = g_ptr_array_new () };
          g_array_append_val (c->items, item);
        }
    }
}

/* Tasks. */

/* name: "Thread-{id}": a constant text for each task. */
static MtWord
task_self (MtCompiler *c, const MtTaskDecl *d, const gchar *name, guint id)
{
  if (!d->label)
    return mt_intern (c, name);
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < d->label->len; i++)
    {
      const MtPiece *piece = &g_array_index (d->label, MtPiece, i);
      Constant k;
      if (piece->literal)
        g_string_append (out, piece->literal);
      else if (piece->expr->kind == MT_EXPR_NAME && g_str_equal (piece->expr->name, "id"))
        g_string_append_printf (out, "%u", id);
      else if (mt_constant (c, piece->expr, &k) && k.kind == MT_TYPE_STRING)
        g_string_append (out, c->strings->pdata[k.value]);
      else if (mt_constant (c, piece->expr, &k))
        g_string_append_printf (out, "%d", k.value);
      else
        mt_compile_error (c, piece->mark, 1, "use id and params", "a task's name must be known before the run");
    }
  return mt_intern (c, out->str);
}

/* The pools, and what their workers may have to do. */
static void
plan_pools (MtCompiler *c)
{
  for (guint i = 0; i < c->objects->len; i++)
    {
      MtObject *o = &g_array_index (c->objects, MtObject, i);
      if (o->primitive != &mt_primitive_pool || o->index > 0)
        continue;
      PoolPlan *pool = g_new0 (PoolPlan, 1);
      pool->decl = g_hash_table_lookup (c->names, o->group);
      pool->object = i;
      pool->workers = (guint)o->setting[MT_POOL_WORKERS];
      pool->jobs = g_ptr_array_new ();
      g_ptr_array_add (c->pools, pool);
      if (!g_str_equal (o->name, o->group))
        mt_compile_error (c, o->mark, (guint)g_utf8_strlen (o->group, -1), "declare each under its own name", "a pool can't be an array");
      o->arity = 1;
      g_autoptr (GPtrArray) functions = mt_submitted_to (c, o->group);
      for (guint k = 0; k < functions->len; k++)
        {
          JobPlan *job = g_new0 (JobPlan, 1);
          job->function = functions->pdata[k];
          job->types = g_ptr_array_new ();
          for (guint n = 0; n < job->function->params->len; n++)
            g_ptr_array_add (job->types, mt_type_unknown (c));
          g_ptr_array_add (pool->jobs, job);
          o->arity = MAX (o->arity, job->types->len);
        }
      item_plan (c, (gint32)i)->arity = o->arity;
    }
}

static gboolean
enough_tasks (MtCompiler *c, guint n, MtMark mark)
{
  if (c->tasks->len + n <= MAX_TASKS)
    return TRUE;
  mt_compile_error (c, mark, 1, NULL, "more than %d tasks", MAX_TASKS);
  return FALSE;
}

/* The coroutines of a process share a carrier. */
static guint
carrier_of (GArray *carriers, guint process)
{
  guint k = 0;
  while (k < carriers->len && g_array_index (carriers, guint, k) != process)
    k++;
  if (k == carriers->len)
    g_array_append_val (carriers, process);
  return k;
}

static void
declare_tasks (MtCompiler *c)
{
  g_autoptr (GArray) carriers = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < c->model->tasks->len; i++)
    {
      const MtTaskDecl *d = c->model->tasks->pdata[i];
      gint32 count = 1;
      if (d->count)
        mt_constant_int (c, d->count, "count", 1, MAX_TASKS, &count);
      g_array_append_val (c->task_counts, count);
    }
  plan_pools (c);
  g_autoptr (GArray) first_process = mt_plan_processes (c);
  for (guint i = 0; i < c->model->tasks->len; i++)
    {
      const MtTaskDecl *d = c->model->tasks->pdata[i];
      MtTask row = { .group = keep_text (c, d->name), .mark = d->mark, .kind = d->kind, .first = c->tasks->len,
                     .count = g_array_index (c->task_counts, guint, i), .daemon = d->daemon, .starts = !mt_started_by_a_step (c, d->name) };
      if (!enough_tasks (c, row.count, d->mark))
        return;
      for (row.index = 0; row.index < row.count; row.index++)
        {
          row.name = d->count ? keep (c, g_strdup_printf ("%s[%u]", d->name, row.index + 1)) : row.group;
          row.self = task_self (c, d, row.name, row.index + 1);
          row.process = g_array_index (first_process, guint, i) + (d->kind == MT_TASK_PROCESS ? row.index : 0);
          row.carrier = d->kind == MT_TASK_COROUTINE ? carrier_of (carriers, row.process) : 0;
          g_array_append_val (c->tasks, row);
        }
    }
  for (guint i = 0; i < c->pools->len; i++)
    {
      const PoolPlan *pool = c->pools->pdata[i];
      MtTask row = { .group = keep_text (c, pool->decl->name), .mark = pool->decl->mark, .kind = MT_TASK_WORKER, .first = c->tasks->len,
                     .count = pool->workers, .daemon = TRUE, .starts = TRUE };
      if (!enough_tasks (c, row.count, row.mark))
        return;
      g_array_index (c->objects, MtObject, pool->object).setting[MT_POOL_FIRST] = (gint32)row.first;
      for (row.index = 0; row.index < row.count; row.index++)
        {
          row.name = keep (c, g_strdup_printf ("%s[%u]", row.group, row.index + 1));
          row.self = mt_intern (c, row.name);
          row.process = g_array_index (first_process, guint, c->model->tasks->len + i) + row.index;
          g_array_append_val (c->tasks, row);
        }
    }
  c->program->n_carriers = carriers->len;
}

static ClassPlan *
class_new (MtCompiler *c, const MtTask *t, const MtTaskDecl *d, const PoolPlan *pool)
{
  ClassPlan *plan = g_new0 (ClassPlan, 1);
  plan->kind = t->kind;
  plan->decl = d;
  plan->pool = pool;
  plan->process = t->process;
  plan->max_ways = 2;
  plan->row.name = keep_text (c, t->group);
  plan->lives = g_array_new (FALSE, TRUE, sizeof (MtLocal));
  plan->param_types = g_ptr_array_new ();
  MtFunction *f = d && d->run ? mt_find_function (c, d->run) : NULL;
  plan->row.n_params = f ? f->params->len : 0;
  for (guint i = 0; i < plan->row.n_params; i++)
    g_ptr_array_add (plan->param_types, mt_type_unknown (c));
  g_ptr_array_add (c->class_plans, plan);
  return plan;
}

/* A class for each declaration, and one for each process where there are globals: those of two
 * processes have different addresses. */
static void
plan_classes (MtCompiler *c)
{
  const MtTask *before = NULL;
  for (guint at = 0, decl = 0; at < c->tasks->len; at++)
    {
      MtTask *t = &g_array_index (c->tasks, MtTask, at);
      decl += before && before->first != t->first ? 1 : 0;
      guint n = c->model->tasks->len;
      if (!before || before->first != t->first || (before->process != t->process && c->n_globals > 0))
        class_new (c, t, decl < n ? c->model->tasks->pdata[decl] : NULL, decl < n ? NULL : c->pools->pdata[decl - n]);
      t->class_ = c->class_plans->len - 1;
      before = t;
    }
}

void
mt_compile_start_args (MtCompiler *c, gint32 first, const GPtrArray *args, gint base, MtMark mark)
{
  const MtTask *t = &g_array_index (c->tasks, MtTask, first);
  ClassPlan *plan = c->class_plans->pdata[t->class_];
  guint n = args ? args->len : 0, expected = plan->decl->args ? 0 : plan->row.n_params;
  if (n != expected)
    {
      mt_compile_error (c, mark, 5, plan->decl->args ? "its args stand in its declaration" : NULL, "task '%s' takes %u argument%s here, not %u", t->group, expected, expected == 1 ? "" : "s", n);
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      const MtExpr *e = args->pdata[i];
      MtOperand v = mt_compile_expr (c, e, reading_of (c));
      if (v.words > 1)
        mt_compile_error (c, e->mark, e->width, "put it under globals", "a list can't be passed to a task");
      else
        mt_unify (c, plan->param_types->pdata[i], v.type, e->mark, e->width, "the parameter");
      mt_compile_move (c, v, base + (gint)i);
    }
}

gint
mt_compile_job (MtCompiler *c, gint32 object, const MtNode *name, const GPtrArray *args)
{
  const PoolPlan *pool = NULL;
  for (guint i = 0; i < c->pools->len && !pool; i++)
    pool = ((PoolPlan *)c->pools->pdata[i])->object == (guint)object ? c->pools->pdata[i] : NULL;
  MtFunction *f = want_function (c, name->text, name->mark, name->width);
  guint n = args ? args->len : 0, k = 0;
  if (!pool || !f || !check_arguments (c, f, n, name->mark, name->width))
    return -1;
  while (((JobPlan *)pool->jobs->pdata[k])->function != f)
    k++;
  const JobPlan *job = pool->jobs->pdata[k];
  gint base = mt_compile_temps (c, 1 + g_array_index (c->objects, MtObject, object).arity);
  for (guint i = 0; i < n; i++)
    {
      const MtExpr *e = args->pdata[i];
      MtOperand v = mt_compile_expr (c, e, reading_of (c));
      if (v.words > 1)
        mt_compile_error (c, e->mark, e->width, "put it under shared", "a list can't be passed to a pool's worker");
      mt_unify (c, job->types->pdata[i], v.type, e->mark, e->width, "the parameter");
      mt_compile_move (c, v, base + 1 + (gint)i);
    }
  mt_emit (c, MT_OP_CONST, base, 0, 0, (gint32)k);
  return base;
}

static void
begin_class (MtCompiler *c, ClassPlan *plan)
{
  c->plan = plan;
  c->process = plan ? plan->process : 0;
  c->top = c->max_locals = 0;
  c->max_temps = 0;
  c->instant = 0;
  g_array_set_size (c->temps, 0);
  g_array_set_size (c->guards, 0);
  c->barrier = mt_here (c);
}

/* Temporaries get their place behind the locals. */
static guint
settle_frame (MtCompiler *c, guint from)
{
  for (guint i = from; i < c->code->len; i++)
    {
      MtInstr *in = &g_array_index (c->code, MtInstr, i);
      gint16 *const operands[] = { &in->dst, &in->a, &in->b };
      for (guint k = 0; k < 3; k++)
        if (*operands[k] >= TEMP_BASE)
          *operands[k] = (gint16)(*operands[k] - TEMP_BASE + c->max_locals);
    }
  return (guint)c->max_locals + c->max_temps;
}

static void
settle_formats (MtCompiler *c, guint from)
{
  for (guint i = from; i < c->formats->len; i++)
    {
      MtFormat *f = &g_array_index (c->formats, MtFormat, i);
      for (guint k = 0; k < f->n; k++)
        if (f->pieces[k].slot >= TEMP_BASE)
          f->pieces[k].slot += c->max_locals - TEMP_BASE;
    }
}

/* A worker takes a job, jumps through a table to the body of the job's function, and comes back. */
static void
compile_worker (MtCompiler *c, ClassPlan *plan)
{
  const PoolPlan *pool = plan->pool;
  guint n = pool->jobs->len;
  c->site = mt_add_site (c, pool->decl->mark, (guint)g_utf8_strlen (pool->decl->name, -1), "take a job");
  mt_emit_op (c, &mt_op_take_job, 0, (gint)n, -1, (gint32)pool->object, 0);
  c->max_locals = (gint)g_array_index (c->objects, MtObject, pool->object).arity; /* taking a job writes so many slots */
  guint table = mt_here (c), site = c->site;
  for (guint k = 0; k < n; k++)
    mt_emit (c, MT_OP_JMP, 0, 0, 0, 0);
  for (guint k = 0; k < n; k++)
    {
      const JobPlan *job = pool->jobs->pdata[k];
      MtFunction *f = job->function;
      f->used = TRUE;
      mt_patch (c, table + k, mt_here (c));
      Scope *scope = scope_push (c, f);
      for (guint i = 0; i < f->params->len; i++)
        add_local (c, f->params->pdata[i], 1, job->types->pdata[i], (MtMark){ 0, 0 }, FALSE);
      g_ptr_array_add (c->functions, f->name);
      compile_body (c, f->steps);
      g_ptr_array_set_size (c->functions, 0);
      gint size = scope_size (scope, 0);
      if (size > 0)
        mt_emit (c, MT_OP_CLEAR, 0, 0, 0, size);
      scope_pop (c);
      c->site = site;
      mt_emit (c, MT_OP_JMP, 0, 0, 0, (gint32)plan->row.entry);
    }
}

static void
compile_task (MtCompiler *c, ClassPlan *plan)
{
  const MtTaskDecl *d = plan->decl;
  c->site = mt_add_site (c, d->mark, (guint)g_utf8_strlen (d->name, -1), d->name);
  if (d->kind == MT_TASK_COROUTINE)
    mt_emit_op (c, &mt_op_yield, 0, 0, -1, 0, MT_ALWAYS); /* its first local work too is done when its turn comes */
  MtFunction *f = d->run ? want_function (c, d->run, d->run_mark, (guint)g_utf8_strlen (d->run, -1)) : NULL;
  scope_push (c, f);
  guint n_args = d->args ? d->args->len : 0;
  for (guint i = 0; f && i < f->params->len; i++)
    add_local (c, f->params->pdata[i], 1, plan->param_types->pdata[i], (MtMark){ 0, 0 }, FALSE);
  if (f && d->args && check_arguments (c, f, n_args, d->mark, (guint)g_utf8_strlen (d->name, -1)))
    for (guint i = 0; i < n_args; i++)
      {
        const MtExpr *e = d->args->pdata[i];
        MtOperand v = mt_compile_expr (c, e, MT_STEPWISE);
        if (v.words > 1)
          mt_compile_error (c, e->mark, e->width, "put it under globals", "a list can't be passed to a task");
        else
          mt_unify (c, plan->param_types->pdata[i], v.type, e->mark, e->width, "the parameter");
        mt_compile_move (c, v, (gint)i);
      }
  else if (f && !d->args && f->params->len && !mt_started_by_a_step (c, d->name))
    check_arguments (c, f, 0, d->mark, (guint)g_utf8_strlen (d->name, -1));
  if (f)
    g_ptr_array_add (c->functions, f->name);
  compile_body (c, f ? f->steps : d->steps);
  g_ptr_array_set_size (c->functions, 0);
  mt_emit (c, MT_OP_END, 0, 0, 0, 0);
  scope_pop (c);
}

static void
compile_class (MtCompiler *c, ClassPlan *plan)
{
  guint formats = c->formats->len;
  begin_class (c, plan);
  plan->row.entry = mt_here (c);
  if (plan->pool)
    compile_worker (c, plan);
  else
    compile_task (c, plan);
  plan->row.end = mt_here (c);
  plan->row.n_locals = (guint)c->max_locals;
  plan->row.n_frame = settle_frame (c, plan->row.entry);
  settle_formats (c, formats);
}

/* A function nobody calls is still checked; its code is thrown away. */
static void
check_unused_functions (MtCompiler *c)
{
  for (guint i = 0; i < c->model->functions->len; i++)
    {
      MtFunction *f = c->model->functions->pdata[i];
      if (f->used || c->model->diags->n_errors > 0) /* after an error what would have called it may be missing */
        continue;
      mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, f->mark, (guint)g_utf8_strlen (f->name, -1), NULL, "function '%s' is never used", f->name);
      guint code = c->code->len, formats = c->formats->len, uses = c->format_uses->len, labels = c->labels->len;
      /* of the kind that may do everything */
      ClassPlan scratch = { .kind = MT_TASK_COROUTINE, .max_ways = 2, .param_types = g_ptr_array_new () };
      begin_class (c, NULL);
      c->plan = &scratch;
      scratch.lives = g_array_new (FALSE, TRUE, sizeof (MtLocal));
      scope_push (c, f);
      for (guint k = 0; k < f->params->len; k++)
        {
          MtTypeVar *type = mt_type_unknown (c);
          type->excused = TRUE;
          add_local (c, f->params->pdata[k], 1, type, (MtMark){ 0, 0 }, FALSE);
        }
      g_ptr_array_add (c->functions, f->name);
      compile_body (c, f->steps);
      g_ptr_array_set_size (c->functions, 0);
      scope_pop (c);
      g_array_unref (scratch.lives);
      g_ptr_array_unref (scratch.param_types);
      g_array_set_size (c->code, code);
      g_array_set_size (c->formats, formats);
      g_array_set_size (c->format_uses, uses);
      g_array_set_size (c->labels, labels);
      c->plan = NULL;
    }
}

/* Properties and observed expressions: pure code without a task. */

static MtPure
compile_property_code (MtCompiler *c, const MtExpr *e, MtTypeVar **type)
{
  begin_class (c, NULL);
  c->site = mt_add_site (c, e->mark, e->width, "");
  c->instant = 1;
  c->fresh = FALSE;
  scope_push (c, NULL);
  MtPure pure = { .entry = mt_here (c) };
  MtOperand value = mt_compile_expr (c, e, MT_INSTANT);
  *type = value.type;
  pure.slot = (guint)value.slot - TEMP_BASE; /* no task, so no locals: it is a temporary */
  pure.n_words = value.words;
  mt_emit (c, MT_OP_END, 0, 0, 0, 0);
  scope_pop (c);
  pure.n_frame = settle_frame (c, pure.entry);
  c->instant = 0;
  return pure;
}

static void
compile_properties (MtCompiler *c)
{
  MtProperty *rows = keep (c, g_new0 (MtProperty, c->model->properties->len + 1));
  for (guint i = 0; i < c->model->properties->len; i++)
    {
      const MtPropertyDecl *p = c->model->properties->pdata[i];
      MtTypeVar *type;
      rows[i].kind = p->kind;
      rows[i].mark = p->expr->mark;
      rows[i].text = keep_text (c, p->text);
      rows[i].name = p->name ? keep_text (c, p->name) : rows[i].text;
      rows[i].pure = compile_property_code (c, p->expr, &type);
      mt_want_condition (c, (MtOperand){ .type = type }, p->expr);
    }
  c->program->properties = rows;
  c->program->n_properties = c->model->properties->len;
}

static void
finish_type (MtCompiler *c, MtTypeVar *type, MtType *out)
{
  type = mt_type_find (type);
  out->kind = type->known ? type->kind : MT_TYPE_INT;
  if (out->kind != MT_TYPE_LIST)
    return;
  MtType element;
  finish_type (c, type->element, &element);
  out->element = element.kind;
  out->capacity = type->capacity;
}

/* What makes up an outcome: the observe list, or every variable. */
static void
compile_observed (MtCompiler *c)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (MtObserved));
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func ((GDestroyNotify)mt_expr_free);
  GPtrArray *exprs = c->model->observe;
  for (guint i = 0; exprs->len == 0 && i < c->plans->len; i++)
    {
      MtExpr *e = g_new0 (MtExpr, 1);
      const MtDecl *d = g_array_index (c->plans, VarPlan, i).decl;
      e->kind = MT_EXPR_NAME;
      e->mark = d->mark;
      e->width = 1;
      e->name = g_strdup (d->name);
      g_ptr_array_add (made, e);
    }
  if (exprs->len == 0)
    exprs = made;
  for (guint i = 0; i < exprs->len; i++)
    {
      MtTypeVar *type;
      const MtExpr *e = exprs->pdata[i];
      g_autofree gchar *text = mt_expr_to_text (e);
      MtObserved row = { .text = keep_text (c, text) };
      row.pure = compile_property_code (c, e, &type);
      finish_type (c, type, &row.pure.type);
      g_array_append_val (rows, row);
    }
  c->program->n_observed = rows->len;
  c->program->observed = keep (c, g_array_free (rows, FALSE));
}

/* Layout of objects, monitors and tasks, behind the variables. */

static void
finish_items (MtCompiler *c, guint object, MtObject *o)
{
  o->arity = MAX (item_plan (c, (gint32)object)->arity, 1);
  MtType *types = keep (c, g_new0 (MtType, o->arity));
  for (guint k = 0; k < o->arity; k++)
    finish_type (c, mt_object_element (c, (gint32)object, k), &types[k]);
  o->element = types;
}

static guint
layout_objects (MtCompiler *c, guint address, GArray *initial)
{
  for (guint i = 0; i < c->objects->len; i++)
    {
      MtObject *o = &g_array_index (c->objects, MtObject, i);
      finish_items (c, i, o);
      o->address = address;
      o->n_words = o->primitive->words ? o->primitive->words (mt_compiling (c), o) : 0;
      address += o->n_words;
      if (address > MAX_WORDS)
        {
          mt_compile_error (c, o->mark, 1, NULL, "the shared objects need more than %d words", MAX_WORDS);
          o->n_words = 0;
          return 1;
        }
      g_array_set_size (initial, address);
      if (o->primitive->init)
        o->primitive->init (o, &g_array_index (initial, MtWord, o->address));
    }
  return address;
}

static guint
layout_tasks (MtCompiler *c, guint address, GArray *initial)
{
  guint max_choices = 1;
  for (guint i = 0; i < c->tasks->len; i++)
    {
      MtTask *t = &g_array_index (c->tasks, MtTask, i);
      const ClassPlan *plan = c->class_plans->pdata[t->class_];
      t->base = address;
      t->frame = address + MT_TASK_FRAME;
      address += MT_TASK_FRAME + plan->row.n_frame;
      max_choices += plan->max_ways;
      c->program->max_ways = MAX (c->program->max_ways, plan->max_ways);
      if (address > MAX_WORDS)
        {
          mt_compile_error (c, t->mark, 1, NULL, "the tasks need more than %d words", MAX_WORDS);
          return 1;
        }
    }
  g_array_set_size (initial, address);
  c->program->max_choices = max_choices;
  return address;
}

static void
layout_rest (MtCompiler *c, GArray *initial)
{
  MtProgram *p = c->program;
  guint address = layout_objects (c, initial->len, initial);
  p->watch_base = address;
  address += p->watch_words * c->tasks->len;
  p->carrier_base = address;
  p->carrier_words = p->n_carriers ? MT_CARRIER_READY + c->tasks->len : 0;
  address += p->carrier_words * p->n_carriers;
  g_array_set_size (initial, address);
  p->n_words = layout_tasks (c, address, initial);
}

/* Types are known now: they go into the rows that print values. */
static void
finish_types (MtCompiler *c)
{
  for (guint i = 0; i < c->vars->len; i++)
    finish_type (c, var_plan (c, (gint)i)->type, &g_array_index (c->vars, MtVar, i).type);
  for (guint i = 0; i < c->format_uses->len; i++)
    {
      const FormatUse *use = &g_array_index (c->format_uses, FormatUse, i);
      finish_type (c, use->type, &g_array_index (c->formats, MtFormat, use->format).pieces[use->piece].type);
    }
  for (guint i = 0; i < c->class_plans->len; i++)
    {
      ClassPlan *plan = c->class_plans->pdata[i];
      for (guint k = 0; k < plan->lives->len; k++)
        finish_type (c, plan->param_types->pdata[plan->row.n_params + k], &g_array_index (plan->lives, MtLocal, k).type);
    }
}

static void
check_labels (MtCompiler *c)
{
  for (guint i = 0; i < c->label_uses->len; i++)
    {
      const LabelUse *use = &g_array_index (c->label_uses, LabelUse, i);
      const gchar *name = c->strings->pdata[use->name];
      gboolean found = FALSE;
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      for (guint k = 0; k < c->labels->len; k++)
        {
          g_ptr_array_add (names, (gpointer)g_array_index (c->labels, MtLabel, k).name);
          found = found || g_str_equal (g_array_index (c->labels, MtLabel, k).name, name);
        }
      g_ptr_array_add (names, NULL);
      g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *)names->pdata);
      if (!found)
        mt_compile_error (c, use->mark, use->width, hint, "no step is labelled '%s'", name);
    }
}

static void
split_lines (MtCompiler *c)
{
  gchar **lines = g_strsplit (c->model->diags->text ? c->model->diags->text : "", "\n", -1);
  c->program->n_lines = g_strv_length (lines);
  for (guint i = 0; lines[i]; i++)
    keep (c, lines[i]);
  c->program->lines = keep (c, lines);
}

static gpointer
take_array (MtCompiler *c, GArray **array, guint *n)
{
  *n = (*array)->len;
  gpointer data = keep (c, g_array_free (*array, FALSE));
  *array = NULL;
  return data;
}

static void
finish_program (MtCompiler *c, GArray **initial)
{
  MtProgram *p = c->program;
  guint n;
  MtClass *classes = keep (c, g_new0 (MtClass, c->class_plans->len + 1));
  p->max_frame = 1;
  for (guint i = 0; i < c->class_plans->len; i++)
    {
      ClassPlan *plan = c->class_plans->pdata[i];
      classes[i] = plan->row;
      classes[i].locals = take_array (c, &plan->lives, &classes[i].n_lives);
      p->max_frame = MAX (p->max_frame, classes[i].n_frame);
    }
  for (guint i = 0; i < p->n_properties; i++)
    p->max_frame = MAX (p->max_frame, p->properties[i].pure.n_frame);
  for (guint i = 0; i < p->n_observed; i++)
    p->max_frame = MAX (p->max_frame, p->observed[i].pure.n_frame);
  p->n_classes = c->class_plans->len;
  p->classes = classes;
  p->file = keep_text (c, c->model->diags->file);
  p->title = keep_text (c, c->model->title ? c->model->title : c->model->diags->file);
  p->digest = keep_text (c, c->model->digest);
  p->time = c->options->time;
  for (guint i = 0; i < c->code->len; i++)
    p->reads_clock = p->reads_clock || g_array_index (c->code, MtInstr, i).op == mt_op_number (&mt_op_now);
  memcpy (p->rules, c->model->rules, sizeof p->rules);
  for (guint i = 0; i < c->tasks->len; i++)
    p->has_daemons = p->has_daemons || g_array_index (c->tasks, MtTask, i).daemon;
  p->plain = keep (c, mt_find_plain (c));
  p->code = take_array (c, &c->code, &p->n_code);
  p->sites = take_array (c, &c->sites, &p->n_sites);
  p->vars = take_array (c, &c->vars, &p->n_vars);
  p->objects = take_array (c, &c->objects, &p->n_objects);
  p->tasks = take_array (c, &c->tasks, &p->n_tasks);
  p->formats = take_array (c, &c->formats, &p->n_formats);
  p->labels = take_array (c, &c->labels, &p->n_labels);
  p->params = take_array (c, &c->params, &p->n_params);
  p->initial = take_array (c, initial, &n);
  p->n_strings = c->strings->len;
  p->strings = keep (c, g_ptr_array_free (g_steal_pointer (&c->strings), FALSE));
}

static void
compiler_init (MtCompiler *c, MtModel *model, const MtCompileOptions *options)
{
  *c = (MtCompiler){ .model = model, .options = options };
  c->program = g_new0 (MtProgram, 1);
  c->program->ref_count = 1;
  c->program->arena = c->arena = g_ptr_array_new ();
  c->names = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *const lists[] = { model->params, model->variables, model->objects, model->functions, model->tasks };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i]->len; k++)
      g_hash_table_insert (c->names, ((MtDecl *)lists[i]->pdata[k])->name, lists[i]->pdata[k]);
  c->type_vars = g_ptr_array_new_with_free_func (g_free);
  c->code = g_array_new (FALSE, TRUE, sizeof (MtInstr));
  c->sites = g_array_new (FALSE, TRUE, sizeof (MtSite));
  c->vars = g_array_new (FALSE, TRUE, sizeof (MtVar));
  c->objects = g_array_new (FALSE, TRUE, sizeof (MtObject));
  c->tasks = g_array_new (FALSE, TRUE, sizeof (MtTask));
  c->formats = g_array_new (FALSE, TRUE, sizeof (MtFormat));
  c->labels = g_array_new (FALSE, TRUE, sizeof (MtLabel));
  c->params = g_array_new (FALSE, TRUE, sizeof (MtParam));
  c->plans = g_array_new (FALSE, TRUE, sizeof (VarPlan));
  c->format_uses = g_array_new (FALSE, TRUE, sizeof (FormatUse));
  c->label_uses = g_array_new (FALSE, TRUE, sizeof (LabelUse));
  c->temps = g_array_new (FALSE, TRUE, sizeof (gboolean));
  c->loops = g_array_new (FALSE, TRUE, sizeof (Loop));
  c->guards = g_array_new (FALSE, TRUE, sizeof (Guard));
  c->strings = g_ptr_array_new ();
  c->string_numbers = g_hash_table_new (g_str_hash, g_str_equal);
  c->class_plans = g_ptr_array_new ();
  c->items = g_array_new (FALSE, TRUE, sizeof (ItemPlan));
  c->pools = g_ptr_array_new ();
  c->task_counts = g_array_new (FALSE, TRUE, sizeof (guint));
  c->functions = g_ptr_array_new ();
  mt_add_site (c, (MtMark){ 0, 0 }, 0, ""); /* site 0: no step of the author's */
  mt_intern (c, ""); /* string 0: what a string variable holds before it is set */
}

static void
free_array (GArray *array)
{
  if (array)
    g_array_unref (array);
}

static void
compiler_clear (MtCompiler *c)
{
  GArray *const arrays[] = { c->code, c->sites, c->vars, c->objects, c->tasks, c->formats, c->labels, c->params, c->format_uses, c->label_uses, c->temps, c->loops, c->guards, c->task_counts };
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    free_array (arrays[i]);
  for (guint i = 0; i < c->plans->len; i++)
    g_array_unref (g_array_index (c->plans, VarPlan, i).initial);
  g_array_unref (c->plans);
  for (guint i = 0; i < c->class_plans->len; i++)
    {
      ClassPlan *plan = c->class_plans->pdata[i];
      g_ptr_array_unref (plan->param_types);
      free_array (plan->lives);
      g_free (plan);
    }
  g_ptr_array_unref (c->class_plans);
  for (guint i = 0; i < c->items->len; i++)
    g_ptr_array_unref (g_array_index (c->items, ItemPlan, i).types);
  g_array_unref (c->items);
  for (guint i = 0; i < c->pools->len; i++)
    {
      PoolPlan *pool = c->pools->pdata[i];
      for (guint k = 0; k < pool->jobs->len; k++)
        {
          JobPlan *job = pool->jobs->pdata[k];
          g_ptr_array_unref (job->types);
          g_free (job);
        }
      g_ptr_array_unref (pool->jobs);
      g_free (pool);
    }
  g_ptr_array_unref (c->pools);
  g_ptr_array_unref (c->functions);
  g_ptr_array_unref (c->type_vars);
  g_hash_table_unref (c->names);
  g_hash_table_unref (c->string_numbers);
  if (c->strings)
    g_ptr_array_unref (c->strings);
}

static void
compile_model (MtCompiler *c, GArray *initial)
{
  layout_variables (c, initial);
  plan_classes (c);
  for (guint i = 0; i < MT_N_RESTS; i++)
    mt_emit (c, MT_OP_REST, 0, 0, 0, 0);
  for (guint i = 0; i < c->class_plans->len; i++)
    compile_class (c, c->class_plans->pdata[i]);
  compile_properties (c);
  compile_observed (c);
  check_unused_functions (c);
  check_labels (c);
  if (c->model->diags->n_errors == 0 && c->options->watch_updates)
    mt_watch_updates (c);
  layout_rest (c, initial);
  finish_types (c);
}

MtProgram *
mt_compile (MtModel *model, const MtCompileOptions *options, GError **error)
{
  MtCompiler storage, *c = &storage;
  compiler_init (c, model, options);
  GArray *initial = g_array_new (FALSE, TRUE, sizeof (MtWord));

  c->constant_only = TRUE;
  declare_params (c);
  declare_variables (c);
  declare_objects (c, FALSE);
  declare_objects (c, TRUE);
  declare_tasks (c);
  c->constant_only = FALSE;
  if (variables_fit (c))
    compile_model (c, initial);
  split_lines (c);
  finish_program (c, &initial);
  compiler_clear (c);

  g_autoptr (MtProgram) program = c->program;
  if (model->diags->n_errors == 0)
    return g_steal_pointer (&program);
  g_propagate_error (error, mt_diags_to_error (model->diags));
  return NULL;
}

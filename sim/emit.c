/* Where compiled things go: findings, texts, sites, and instructions with the slots they work on.
 *
 * A temporary is written once and used once; whoever uses it zeroes it (MT_KILL_A, MT_KILL_B), so
 * that equal situations are equal states. Its number is TEMP_BASE and more until the class is
 * finished, when it gets its place behind the locals. */
#include "sim/compiler_private.h"

#define MAX_CODE 2000000

void
mt_compile_error (MtCompiler *c, MtMark mark, guint width, const gchar *hint, const gchar *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree gchar *message = g_strdup_vprintf (format, args);
  va_end (args);
  mt_diags_add (c->model->diags, MT_SEVERITY_ERROR, mark, width, hint, "%s", message);
}

gpointer
mt_keep (MtCompiler *c, gpointer memory)
{
  g_ptr_array_add (c->arena, memory);
  return memory;
}

const gchar *
mt_keep_text (MtCompiler *c, const gchar *text)
{
  return mt_keep (c, g_strdup (text));
}

gint32
mt_intern (MtCompiler *c, const gchar *text)
{
  gpointer number;
  if (g_hash_table_lookup_extended (c->string_numbers, text, NULL, &number))
    return GPOINTER_TO_INT (number);
  const gchar *kept = mt_keep_text (c, text);
  g_hash_table_insert (c->string_numbers, (gpointer)kept, GINT_TO_POINTER ((gint)c->strings->len));
  g_ptr_array_add (c->strings, (gpointer)kept);
  return (gint32)c->strings->len - 1;
}

guint
mt_add_site (MtCompiler *c, MtMark mark, guint width, const gchar *text)
{
  MtSite site = { mark, width, mt_keep_text (c, text) };
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

/* Instructions. */

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
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): @at is emitted, so there is code
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

/* Instants. */

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
  append (c, (MtInstr){ MT_OP_NOP, MT_STEP | MT_ALWAYS, 0, 0, 0, 0, c->site });
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

MtReading
mt_reading (const MtCompiler *c)
{
  return mt_in_instant (c) ? MT_INSTANT : MT_STEPWISE;
}

/* Temporaries. */

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
                   && ((last->op >= MT_OP_CONST && last->op <= MT_OP_ABS) || (last->op >= MT_OP_ID && last->op <= MT_OP_PID)
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
      mt_kill_operands (c, at, value.temp ? MT_KILL_A : 0);
    }
  mt_release (c, value);
}

MtOperand
mt_own_temp (MtCompiler *c, MtOperand o)
{
  if (o.temp)
    return o;
  MtOperand out = mt_compile_temp (c, MT_TYPE_INT);
  out.type = o.type;
  mt_emit (c, MT_OP_MOVE, out.slot, o.slot, 0, 0);
  return out;
}

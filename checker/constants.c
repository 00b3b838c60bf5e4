/* See constants.h. */
#include "checker/constants.h"
#include "sim/primitive.h"
#include <string.h>

static gboolean
meet (MtConstant *to, MtConstant from)
{
  if (to->varies || !(from.known || from.varies))
    return FALSE;
  if (!to->known && !from.varies)
    {
      *to = from;
      return TRUE;
    }
  if (from.known && from.value == to->value)
    return FALSE;
  *to = (MtConstant){ .varies = TRUE };
  return TRUE;
}

static MtConstant
constant (MtWord value)
{
  return (MtConstant){ .known = TRUE, .value = value };
}

static gboolean
writes_no_slot (const MtOp *op)
{
  const MtOp *const rows[] = { &mt_op_write, &mt_op_write_element, &mt_op_lock,   &mt_op_unlock, &mt_op_join,  &mt_op_sleep,
                               &mt_op_print, &mt_op_arm,           &mt_op_assert, &mt_op_raise,  &mt_op_await, &mt_op_choose };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i] == op)
      return TRUE;
  return FALSE;
}

/* The slots after @in, from those before it. */
static void
evaluate (const MtProgram *program, guint t, const MtInstr *in, MtConstant *slots, guint n)
{
  const MtConstant varies = { .varies = TRUE };
  const MtTask *task = &program->tasks[t];
  MtConstant a = in->a >= 0 && (guint)in->a < n ? slots[in->a] : varies, b = in->b >= 0 && (guint)in->b < n ? slots[in->b] : varies, out = varies;
  const gchar *problem;
  MtWord value;
  gboolean writes = (guint)in->dst < n && in->op != MT_OP_JMP && in->op != MT_OP_JZ && in->op != MT_OP_JNZ && in->op != MT_OP_CLEAR && in->op != MT_OP_NOP
                    && in->op != MT_OP_END && in->op != MT_OP_REST;
  switch (in->op)
    {
    case MT_OP_CONST: out = constant (in->imm); break;
    case MT_OP_MOVE: out = a; break;
    case MT_OP_ID: out = constant ((MtWord)task->index + 1); break;
    case MT_OP_SELF:
      out = constant (task->self);
      break;
      out = constant ((MtWord)t);
      break;
    case MT_OP_ADDK:
    case MT_OP_SUBK:
      if (a.known && mt_arithmetic (in->op == MT_OP_ADDK ? MT_OP_ADD : MT_OP_SUB, a.value, in->imm, &value, &problem))
        out = constant (value);
      break;
    case MT_OP_ADD ... MT_OP_MOD:
    case MT_OP_EQ ... MT_OP_MAX:
      if (a.known && b.known && mt_arithmetic (in->op, a.value, b.value, &value, &problem))
        out = constant (value);
      break;
    case MT_OP_SLOT ... MT_OP_SLOTPOP: /* lists reach further than the instruction says */
      for (guint i = 0; i < n; i++)
        slots[i] = varies;
      return;
    case MT_OP_CLEAR:
      for (gint32 i = 0; i < in->imm; i++)
        slots[in->dst + i] = constant (0);
      return;
    default:
      if (in->op >= MT_N_OPCODES && !mt_op (in->op)->makes_dst)
        {
          writes = FALSE;
          for (guint i = 0; !writes_no_slot (mt_op (in->op)) && i < n; i++)
            slots[i] = varies;
        }
    }
  if (in->flags & MT_KILL_A)
    slots[in->a] = constant (0);
  if (in->flags & MT_KILL_B)
    slots[in->b] = constant (0);
  if (writes)
    slots[in->dst] = out;
}

MtConstant *
mt_constants_find (const MtProgram *program, guint t)
{
  const MtClass *class_ = &program->classes[program->tasks[t].class_];
  guint n = class_->n_frame;
  MtConstant *values = g_new0 (MtConstant, (gsize)(class_->end - class_->entry) * n + 1);
  g_autofree MtConstant *after = g_new (MtConstant, n + 1);
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint)), next = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++)
    values[i] = constant (0);
  for (guint i = 0; i < class_->n_params && !program->tasks[t].starts; i++) /* they are given to a task when it is started */
    values[i].varies = TRUE;
  g_array_append_val (work, class_->entry);
  while (work->len)
    {
      guint pc = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (n)
        memcpy (after, values + (gsize)(pc - class_->entry) * n, sizeof (MtConstant) * n);
      evaluate (program, t, &program->code[pc], after, n);
      mt_successors (program->code, pc, next);
      for (guint k = 0; n && k < next->len; k++)
        {
          guint to = g_array_index (next, guint, k);
          gboolean changed = FALSE;
          for (guint i = 0; to >= class_->entry && to < class_->end && i < n; i++)
            changed = meet (&values[(gsize)(to - class_->entry) * n + i], after[i]) || changed;
          if (changed)
            g_array_append_val (work, to);
        }
    }
  return values;
}

/* Whether @op touches the object that imm and slot b name, and no other. */
static gboolean
touches_one_object (const MtOp *op)
{
  return op->touches == mt_touches_object || op->touches == mt_looks_at_object || op->touches == mt_gives_to_object || op->touches == mt_takes_from_object;
}

const MtInstr *
mt_constants_resolve (const MtProgram *program, const MtClass *class_, const MtConstant *values, guint pc, MtInstr *copy)
{
  const MtInstr *in = &program->code[pc];
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  if (!op || in->b < 0 || !touches_one_object (op))
    return in;
  MtConstant index = values[(gsize)(pc - class_->entry) * class_->n_frame + (guint)in->b];
  const MtObject *object = &program->objects[in->imm];
  MtWord i = index.value < 0 ? index.value + (MtWord)object->count : index.value;
  if (!index.known || (guint)i >= object->count)
    return in;
  *copy = *in;
  copy->imm += i;
  copy->b = -1;
  return copy;
}

void
mt_constants_successors (const MtProgram *program, const MtClass *class_, const MtConstant *values, guint pc, GArray *out)
{
  const MtInstr *in = &program->code[pc];
  mt_successors (program->code, pc, out);
  if (in->op != MT_OP_JZ && in->op != MT_OP_JNZ)
    return;
  MtConstant on = values[(gsize)(pc - class_->entry) * class_->n_frame + (guint)in->a];
  guint taken = (on.value == 0) == (in->op == MT_OP_JZ) ? (guint)in->imm : pc + 1;
  if (!on.known)
    return;
  g_array_set_size (out, 0);
  g_array_append_val (out, taken);
}

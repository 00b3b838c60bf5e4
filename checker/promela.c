/* MtProgram -> Promela. Each task's process is one loop; in front of each of its steps stands a guard
 * that says that the task rests there and can go on. The local instructions behind a step are run by an
 * inner loop over the program counter, inside the same d_step. */
#include "checker/promela.h"
#include "sim/op.h"
#include "sim/primitive.h"
#include <string.h>

typedef struct
{
  const MtProgram *program;
  GString *out;
  const MtTask *task; /* whose process is being written */
  guint number;
  GError **error;
  gboolean failed;
} Writer;

#define emit(w, ...) g_string_append_printf ((w)->out, __VA_ARGS__)

static gboolean
is_op (const MtInstr *in, const MtOp *op)
{
  return in->op == mt_op_number (op);
}

static void
not_covered (Writer *w, const MtInstr *in)
{
  const MtSite *site = &w->program->sites[in->site];
  if (!w->failed)
    g_set_error (w->error, MT_ERROR, MT_ERROR_USAGE, "%s:%d: export to Promela does not cover '%s'", w->program->file, site->mark.line, site->text);
  w->failed = TRUE;
}

/* s[...] of a frame slot. */
static guint
slot (const Writer *w, gint n)
{
  return w->task->frame + (guint)n;
}

static void
kill_operands (Writer *w, const MtInstr *in)
{
  if (in->flags & MT_KILL_A)
    emit (w, " s[%u] = 0;", slot (w, in->a));
  if (in->flags & MT_KILL_B)
    emit (w, " s[%u] = 0;", slot (w, in->b));
}

/* tmp = EXPRESSION; operands die; dst = tmp. */
static void G_GNUC_PRINTF (3, 4)
define (Writer *w, const MtInstr *in, const gchar *format, ...)
{
  va_list args;
  va_start (args, format);
  emit (w, " tmp = (");
  g_string_append_vprintf (w->out, format, args);
  va_end (args);
  emit (w, ");");
  kill_operands (w, in);
  emit (w, " s[%u] = tmp; tmp = 0;", slot (w, in->dst));
}

/* Floor division for either sign: C's quotient, less one where the signs differ and it is not exact. */
static void
define_division (Writer *w, const MtInstr *in)
{
  guint a = slot (w, in->a), b = slot (w, in->b);
  g_autofree gchar *less = g_strdup_printf ("((s[%u] %% s[%u] != 0 && ((s[%u] < 0) != (s[%u] < 0))) -> 1 : 0)", a, b, a, b);
  emit (w, " assert(s[%u] != 0);", b);
  if (in->op == MT_OP_DIV)
    define (w, in, "s[%u] / s[%u] - %s", a, b, less);
  else
    define (w, in, "s[%u] %% s[%u] + s[%u] * %s", a, b, b, less);
}

static void
write_compare (Writer *w, const MtInstr *in)
{
  static const gchar *const signs[] = { "==", "!=", "<", "<=", ">", ">=" };
  define (w, in, "(s[%u] %s s[%u]) -> 1 : 0", slot (w, in->a), signs[in->op - MT_OP_EQ], slot (w, in->b));
}

/* A local instruction, up to and with the new program counter. @pc is the task's. */
static void
write_local (Writer *w, guint at)
{
  const MtInstr *in = &w->program->code[at];
  guint pc = w->task->base, next = at + 1;
  switch (in->op)
    {
    case MT_OP_NOP:
      break;
    case MT_OP_CONST:
      emit (w, " s[%u] = %d;", slot (w, in->dst), in->imm);
      break;
    case MT_OP_MOVE:
      define (w, in, "s[%u]", slot (w, in->a));
      break;
    case MT_OP_ADD:
    case MT_OP_SUB:
    case MT_OP_MUL:
      define (w, in, "s[%u] %c s[%u]", slot (w, in->a), in->op == MT_OP_ADD ? '+' : in->op == MT_OP_SUB ? '-' : '*', slot (w, in->b));
      break;
    case MT_OP_DIV:
    case MT_OP_MOD:
      define_division (w, in);
      break;
    case MT_OP_ADDK:
    case MT_OP_SUBK:
      define (w, in, "s[%u] %c (%d)", slot (w, in->a), in->op == MT_OP_ADDK ? '+' : '-', in->imm);
      break;
    case MT_OP_NEG:
      define (w, in, "-s[%u]", slot (w, in->a));
      break;
    case MT_OP_NOT:
      define (w, in, "(s[%u] == 0) -> 1 : 0", slot (w, in->a));
      break;
    case MT_OP_TRUTH:
      define (w, in, "(s[%u] != 0) -> 1 : 0", slot (w, in->a));
      break;
    case MT_OP_EQ ... MT_OP_GE:
      write_compare (w, in);
      break;
    case MT_OP_MIN:
    case MT_OP_MAX:
      define (w, in, "(s[%u] %c s[%u]) -> s[%u] : s[%u]", slot (w, in->a), in->op == MT_OP_MIN ? '<' : '>', slot (w, in->b), slot (w, in->a), slot (w, in->b));
      break;
    case MT_OP_ABS:
      define (w, in, "(s[%u] < 0) -> -s[%u] : s[%u]", slot (w, in->a), slot (w, in->a), slot (w, in->a));
      break;
    case MT_OP_JMP:
      next = (guint)in->imm;
      break;
    case MT_OP_JZ:
    case MT_OP_JNZ:
      emit (w, " tmp = (((s[%u] %s 0)) -> %d : %u);", slot (w, in->a), in->op == MT_OP_JZ ? "==" : "!=", in->imm, next);
      kill_operands (w, in);
      emit (w, " s[%u] = tmp; tmp = 0;", pc);
      return;
    case MT_OP_DECJNZ:
      emit (w, " s[%u] = s[%u] - 1; s[%u] = ((s[%u] != 0) -> %d : %u);", slot (w, in->dst), slot (w, in->dst), pc, slot (w, in->dst), in->imm, next);
      return;
    case MT_OP_CLEAR:
      for (gint32 i = 0; i < in->imm; i++)
        emit (w, " s[%u] = 0;", slot (w, in->dst + i));
      break;
    case MT_OP_ID:
      emit (w, " s[%u] = %u;", slot (w, in->dst), w->task->index + 1);
      break;
    case MT_OP_SELF:
      emit (w, " s[%u] = %d;", slot (w, in->dst), w->task->self);
      break;
    case MT_OP_PID:
      emit (w, " s[%u] = %u;", slot (w, in->dst), w->task->process + 1);
      break;
    case MT_OP_TASK:
      emit (w, " s[%u] = %u;", slot (w, in->dst), w->number);
      break;
    case MT_OP_END:
      next = MT_REST_ENDED;
      break;
    default:
      not_covered (w, in);
    }
  emit (w, " s[%u] = %u;", pc, next);
}

/* The address of an object's first word, as an expression. */
static gchar *
object_address (const Writer *w, const MtInstr *in)
{
  const MtObject *o = &w->program->objects[in->imm];
  if (in->b < 0)
    return g_strdup_printf ("%u", o->address);
  return g_strdup_printf ("(%u + s[%u] * %u)", o->address, slot (w, in->b), o->n_words);
}

/* The address of a list's cell, as an expression; @index is a slot. */
static gchar *
cell_address (const Writer *w, const MtVar *v, gint index)
{
  guint items = v->address + (v->fixed ? 0 : 1);
  if (v->fixed)
    return g_strdup_printf ("(%u + ((s[%u] < 0) -> s[%u] + %u : s[%u]))", items, slot (w, index), slot (w, index), v->type.capacity, slot (w, index));
  return g_strdup_printf ("(%u + ((s[%u] < 0) -> s[%u] + s[%u] : s[%u]))", items, slot (w, index), slot (w, index), v->address, slot (w, index));
}

/* What must be true for the operation at @in to complete; caller frees. */
static gchar *
ready (Writer *w, const MtInstr *in)
{
  const MtProgram *p = w->program;
  if (is_op (in, &mt_op_lock))
    {
      g_autofree gchar *m = object_address (w, in);
      if (p->objects[in->imm].setting[0])
        return g_strdup_printf ("(s[%s] == 0 || s[%s] == %u)", m, m, w->number + 1);
      return g_strdup_printf ("s[%s] == 0", m);
    }
  if (strcmp (mt_op (in->op)->name, "join") == 0 && in->b < 0)
    {
      GString *all = g_string_new ("true");
      for (guint t = (guint)in->imm; t < (guint)in->imm + (guint)in->dst; t++)
        g_string_append_printf (all, " && (s[%u] >= %d && s[%u] <= %d)", p->tasks[t].base, MT_REST_ENDED, p->tasks[t].base, MT_N_RESTS - 1);
      return g_string_free (all, FALSE);
    }
  if (mt_op (in->op)->ways && strcmp (mt_op (in->op)->name, "sleep") != 0)
    not_covered (w, in);
  return g_strdup ("true");
}

/* The effect of a visible operation that succeeds, without the program counter. */
static void
write_effect (Writer *w, const MtInstr *in)
{
  const MtProgram *p = w->program;
  const gchar *name = mt_op (in->op)->name;
  g_autofree gchar *object = NULL;
  if (is_op (in, &mt_op_read))
    emit (w, " s[%u] = s[%d];", slot (w, in->dst), in->imm);
  else if (is_op (in, &mt_op_write))
    {
      emit (w, " s[%d] = s[%u];", in->imm, slot (w, in->a));
      kill_operands (w, &(MtInstr){ .flags = in->flags & MT_KILL_A, .a = in->a });
    }
  else if (is_op (in, &mt_op_read_element))
    {
      g_autofree gchar *cell = cell_address (w, &p->vars[in->imm], in->a);
      define (w, &(MtInstr){ .flags = in->flags & MT_KILL_A, .a = in->a, .dst = in->dst }, "s[%s]", cell);
    }
  else if (is_op (in, &mt_op_write_element))
    {
      g_autofree gchar *cell = cell_address (w, &p->vars[in->imm], in->dst);
      emit (w, " s[%s] = s[%u];", cell, slot (w, in->a));
      kill_operands (w, &(MtInstr){ .flags = in->flags & MT_KILL_A, .a = in->a });
    }
  else if (is_op (in, &mt_op_length))
    emit (w, " s[%u] = s[%u];", slot (w, in->dst), p->vars[in->imm].address);
  else if (is_op (in, &mt_op_lock))
    {
      object = object_address (w, in);
      if (p->objects[in->imm].setting[0])
        emit (w, " s[%s + 1] = s[%s + 1] + ((s[%s] != 0) -> 1 : 0);", object, object, object);
      emit (w, " s[%s] = %u;", object, w->number + 1);
      kill_operands (w, &(MtInstr){ .flags = in->flags & MT_KILL_B, .b = in->b });
    }
  else if (is_op (in, &mt_op_unlock))
    {
      object = object_address (w, in);
      emit (w, " assert(s[%s] == %u);", object, w->number + 1);
      if (p->objects[in->imm].setting[0])
        emit (w, " if :: s[%s + 1] > 0 -> s[%s + 1] = s[%s + 1] - 1 :: else -> s[%s] = 0 fi;", object, object, object, object);
      else
        emit (w, " s[%s] = 0;", object);
      kill_operands (w, &(MtInstr){ .flags = in->flags & MT_KILL_B, .b = in->b });
    }
  else if (strcmp (name, "assert") == 0)
    {
      emit (w, " assert(s[%u] != 0);", slot (w, in->a));
      kill_operands (w, &(MtInstr){ .flags = in->flags & MT_KILL_A, .a = in->a });
    }
  else if (strcmp (name, "print") != 0 && strcmp (name, "join") != 0 && strcmp (name, "sleep") != 0 && strcmp (name, "arm") != 0)
    not_covered (w, in);
}

static gboolean
begins_step (const MtProgram *p, guint pc)
{
  return p->code[pc].flags & MT_STEP;
}

/* The inner loop: everything of the class that may follow a step within it. */
static void
write_rest (Writer *w, const MtClass *class_)
{
  emit (w, "      do\n");
  for (guint pc = class_->entry; pc < class_->end; pc++)
    {
      const MtInstr *in = &w->program->code[pc];
      if (begins_step (w->program, pc))
        continue;
      emit (w, "      :: s[%u] == %u ->", w->task->base, pc);
      if (in->op < MT_N_OPCODES)
        write_local (w, pc);
      else
        {
          if (mt_op (in->op)->ways)
            not_covered (w, in);
          write_effect (w, in);
          emit (w, " s[%u] = %u;", w->task->base, pc + (in->flags & MT_FALLIBLE ? 2 : 1));
        }
      emit (w, "\n");
    }
  emit (w, "      :: else -> break\n      od\n");
}

/* One alternative of the process: the step at @pc, where it can complete (or, @failing, where it gives up). */
static void
write_step (Writer *w, const MtClass *class_, guint pc, gboolean failing)
{
  const MtInstr *in = &w->program->code[pc];
  g_autofree gchar *guard = in->op < MT_N_OPCODES ? g_strdup ("true") : ready (w, in);
  emit (w, "  :: d_step { s[%u] == %u && %s(%s) ->", w->task->base, pc, failing ? "!" : "", guard);
  if (failing)
    emit (w, " s[%u] = %u;", w->task->base, pc + 1);
  else if (in->op < MT_N_OPCODES)
    write_local (w, pc);
  else
    {
      write_effect (w, in);
      emit (w, " s[%u] = %u;", w->task->base, pc + (in->flags & MT_FALLIBLE ? 2 : 1));
    }
  emit (w, "\n");
  write_rest (w, class_);
  emit (w, "    }\n");
}

static void
write_process (Writer *w)
{
  const MtClass *class_ = &w->program->classes[w->task->class_];
  emit (w, "\nproctype task_%u() /* %s */\n{\nend:\n  do\n", w->number, w->task->name);
  for (guint pc = class_->entry; pc < class_->end; pc++)
    if (begins_step (w->program, pc))
      {
        write_step (w, class_, pc, FALSE);
        if (w->program->code[pc].flags & MT_TIMED)
          write_step (w, class_, pc, TRUE);
      }
  emit (w, "  :: false\n  od\n}\n");
}

/* Nothing can move: either every task that is no daemon has ended, or it is a deadlock. */
static void
write_monitor (Writer *w)
{
  const MtProgram *p = w->program;
  emit (w, "\nproctype monitor()\n{\nend1:\n  timeout ->\n  assert(true");
  for (guint t = 0; t < p->n_tasks; t++)
    if (!p->tasks[t].daemon)
      emit (w, " && s[%u] < %d", p->tasks[t].base, MT_N_RESTS);
  emit (w, ");\nend2:\n  false\n}\n");
}

gboolean
mt_promela_write (const MtProgram *program, GString *out, GError **error)
{
  Writer w = { .program = program, .out = out, .error = error };
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  mt_state_init (program, s, NULL);
  if (program->time != MT_TIME_ABSTRACT)
    {
      g_set_error (error, MT_ERROR, MT_ERROR_USAGE, "export to Promela keeps abstract time only");
      return FALSE;
    }
  emit (&w, "/* %s, by mtsim: s[] is the state, word for word. */\nhidden int tmp;\nint s[%u];\n", program->title, program->n_words);
  for (guint t = 0; t < program->n_tasks && !w.failed; t++)
    {
      w.task = &program->tasks[t];
      w.number = t;
      write_process (&w);
    }
  write_monitor (&w);
  emit (&w, "\ninit\n{\n  atomic {\n");
  for (guint i = 0; i < program->n_words; i++)
    if (s[i])
      emit (&w, "    s[%u] = %d;\n", i, s[i]);
  for (guint t = 0; t < program->n_tasks; t++)
    emit (&w, "    run task_%u();\n", t);
  emit (&w, "    run monitor()\n  }\nend0:\n  false\n}\n");
  return !w.failed;
}

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

/* What each visible operation needs and does, without the program counter. One row an operation. */
typedef struct
{
  const gchar *name;
  gchar *(*ready) (Writer *w, const MtInstr *in); /* NULL: always; caller frees */
  void (*effect) (Writer *w, const MtInstr *in); /* NULL: none that others see */
  void (*gives_up) (Writer *w, const MtInstr *in); /* what a timeout does besides jumping; NULL: nothing */
} Row;

static void
kill_index (Writer *w, const MtInstr *in)
{
  if (in->flags & MT_KILL_B)
    emit (w, " s[%u] = 0;", slot (w, in->b));
}

static void
kill_value (Writer *w, const MtInstr *in)
{
  if (in->flags & MT_KILL_A)
    emit (w, " s[%u] = 0;", slot (w, in->a));
}

static void
do_read (Writer *w, const MtInstr *in)
{
  emit (w, " s[%u] = s[%d];", slot (w, in->dst), in->imm);
}

static void
do_write (Writer *w, const MtInstr *in)
{
  emit (w, " s[%d] = s[%u];", in->imm, slot (w, in->a));
  kill_value (w, in);
}

static void
do_read_element (Writer *w, const MtInstr *in)
{
  g_autofree gchar *cell = cell_address (w, &w->program->vars[in->imm], in->a);
  emit (w, " tmp = s[%s];", cell);
  kill_value (w, in);
  emit (w, " s[%u] = tmp; tmp = 0;", slot (w, in->dst));
}

static void
do_write_element (Writer *w, const MtInstr *in)
{
  g_autofree gchar *cell = cell_address (w, &w->program->vars[in->imm], in->dst);
  emit (w, " s[%s] = s[%u];", cell, slot (w, in->a));
  kill_value (w, in);
}

static void
do_length (Writer *w, const MtInstr *in)
{
  emit (w, " s[%u] = s[%u];", slot (w, in->dst), w->program->vars[in->imm].address);
}

static gboolean
is_reentrant (const Writer *w, const MtInstr *in)
{
  return mt_lock_is_reentrant (&w->program->objects[in->imm]);
}

static gchar *
lock_ready (Writer *w, const MtInstr *in)
{
  g_autofree gchar *m = object_address (w, in);
  return is_reentrant (w, in) ? g_strdup_printf ("(s[%s] == 0 || s[%s] == %u)", m, m, w->number + 1) : g_strdup_printf ("s[%s] == 0", m);
}

static void
do_lock (Writer *w, const MtInstr *in)
{
  g_autofree gchar *m = object_address (w, in);
  if (is_reentrant (w, in))
    emit (w, " s[%s + 1] = s[%s + 1] + (s[%s] != 0 -> 1 : 0);", m, m, m);
  emit (w, " s[%s] = %u;", m, w->number + 1);
  kill_index (w, in);
}

static void
do_unlock (Writer *w, const MtInstr *in)
{
  g_autofree gchar *m = object_address (w, in);
  emit (w, " assert(s[%s] == %u);", m, w->number + 1);
  if (is_reentrant (w, in))
    emit (w, " if :: s[%s + 1] > 0 -> s[%s + 1] = s[%s + 1] - 1 :: else -> s[%s] = 0 fi;", m, m, m, m);
  else
    emit (w, " s[%s] = 0;", m);
  kill_index (w, in);
}

static gchar *
acquire_ready (Writer *w, const MtInstr *in)
{
  g_autofree gchar *sem = object_address (w, in);
  return g_strdup_printf ("s[%s] > 0", sem);
}

static void
do_acquire (Writer *w, const MtInstr *in)
{
  g_autofree gchar *sem = object_address (w, in);
  emit (w, " s[%s] = s[%s] - 1;", sem, sem);
  kill_index (w, in);
}

static void
do_release (Writer *w, const MtInstr *in)
{
  g_autofree gchar *sem = object_address (w, in);
  const MtObject *o = &w->program->objects[in->imm];
  if (o->setting[1]) /* bounded */
    emit (w, " assert(s[%s] < %d);", sem, o->setting[0]);
  emit (w, " s[%s] = s[%s] + 1;", sem, sem);
  kill_index (w, in);
}

static gchar *
put_ready (Writer *w, const MtInstr *in)
{
  g_autofree gchar *q = object_address (w, in);
  gint32 capacity = w->program->objects[in->imm].setting[0];
  return capacity ? g_strdup_printf ("s[%s] < %d", q, capacity) : g_strdup ("true");
}

static void
drop_item (Writer *w, const MtInstr *in)
{
  for (guint k = 0; k < w->program->objects[in->imm].arity; k++)
    emit (w, " s[%u] = 0;", slot (w, in->a) + k);
  kill_index (w, in);
}

static void
do_put (Writer *w, const MtInstr *in)
{
  g_autofree gchar *q = object_address (w, in);
  const MtObject *o = &w->program->objects[in->imm];
  emit (w, " assert(1 + (s[%s] + 1) * %u <= %u);", q, o->arity, o->n_words);
  for (guint k = 0; k < o->arity; k++)
    emit (w, " s[%s + 1 + s[%s] * %u + %u] = s[%u];", q, q, o->arity, k, slot (w, in->a) + k);
  emit (w, " s[%s] = s[%s] + 1;", q, q);
  drop_item (w, in);
}

static void
do_get (Writer *w, const MtInstr *in)
{
  g_autofree gchar *q = object_address (w, in);
  const MtObject *o = &w->program->objects[in->imm];
  guint words = o->n_words - 1;
  for (guint k = 0; in->dst >= 0 && k < o->arity; k++)
    emit (w, " s[%u] = s[%s + %u];", slot (w, in->dst) + k, q, 1 + k);
  for (guint i = 0; i < words; i++) /* what lies behind the items is zero, so all may move */
    if (i + o->arity < words)
      emit (w, " s[%s + %u] = s[%s + %u];", q, 1 + i, q, 1 + i + o->arity);
    else
      emit (w, " s[%s + %u] = 0;", q, 1 + i);
  emit (w, " s[%s] = s[%s] - 1;", q, q);
  kill_index (w, in);
}

static gchar *
join_ready (Writer *w, const MtInstr *in)
{
  GString *all = g_string_new ("true");
  if (in->b >= 0)
    not_covered (w, in);
  for (guint t = (guint)in->imm; t < (guint)in->imm + (guint)in->dst; t++)
    g_string_append_printf (all, " && s[%u] >= %d && s[%u] < %d", w->program->tasks[t].base, MT_REST_ENDED, w->program->tasks[t].base, MT_N_RESTS);
  return g_string_free (all, FALSE);
}

static void
do_assert (Writer *w, const MtInstr *in)
{
  emit (w, " assert(s[%u] != 0);", slot (w, in->a));
  kill_value (w, in);
}

/* A timeout's timer is not kept in abstract time. */
static void
do_arm (Writer *w, const MtInstr *in)
{
  kill_value (w, in);
}

static void write_rest (Writer *w, const MtClass *class_);

/* start: the arguments, then the local work of the started task up to its first step. */
static void
do_start (Writer *w, const MtInstr *in)
{
  const MtTask *starter = w->task;
  const guint number = w->number;
  if (in->b >= 0)
    not_covered (w, in);
  for (guint t = (guint)in->imm; t < (guint)in->imm + (guint)in->dst; t++)
    {
      const MtTask *task = &w->program->tasks[t];
      const MtClass *class_ = &w->program->classes[task->class_];
      if (task->kind != MT_TASK_THREAD)
        not_covered (w, in);
      emit (w, " assert(s[%u] == %d);", task->base, MT_REST_UNSTARTED);
      for (guint k = 0; in->a >= 0 && k < class_->n_params; k++)
        emit (w, " s[%u] = s[%u]; s[%u] = 0;", task->frame + k, slot (w, in->a) + k, slot (w, in->a) + k);
      emit (w, " s[%u] = %u;\n", task->base, class_->entry);
      w->task = task;
      w->number = t;
      write_rest (w, class_);
      w->task = starter;
      w->number = number;
    }
  emit (w, "     ");
}

static void
do_append (Writer *w, const MtInstr *in)
{
  const MtVar *v = &w->program->vars[in->imm];
  emit (w, " assert(s[%u] < %u); s[%u + s[%u]] = s[%u]; s[%u] = s[%u] + 1;", v->address, v->type.capacity, v->address + 1, v->address, slot (w, in->a), v->address, v->address);
  kill_value (w, in);
}

static void
do_pop (Writer *w, const MtInstr *in)
{
  const MtVar *v = &w->program->vars[in->imm];
  emit (w, " assert(s[%u] > 0); s[%u] = s[%u] - 1; s[%u] = s[%u + s[%u]]; s[%u + s[%u]] = 0;", v->address, v->address, v->address, slot (w, in->dst), v->address + 1, v->address,
        v->address + 1, v->address);
}

static const Row rows[] = {
  { "start", NULL, do_start, NULL },
  { "append", NULL, do_append, NULL },
  { "pop", NULL, do_pop, NULL },
  { "read", NULL, do_read, NULL },
  { "write", NULL, do_write, NULL },
  { "read_element", NULL, do_read_element, NULL },
  { "write_element", NULL, do_write_element, NULL },
  { "length", NULL, do_length, NULL },
  { "lock", lock_ready, do_lock, kill_index },
  { "unlock", NULL, do_unlock, NULL },
  { "acquire", acquire_ready, do_acquire, kill_index },
  { "release", NULL, do_release, NULL },
  { "put", put_ready, do_put, drop_item },
  { "get", acquire_ready, do_get, kill_index },
  { "join", join_ready, NULL, NULL },
  { "assert", NULL, do_assert, NULL },
  { "arm", NULL, do_arm, NULL },
  { "sleep", NULL, NULL, NULL },
  { "print", NULL, NULL, NULL },
};

static const Row *
row_of (Writer *w, const MtInstr *in)
{
  const gchar *name = mt_op (in->op)->name;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].name, name))
      return &rows[i];
  not_covered (w, in);
  return NULL;
}

static gboolean
begins_step (const MtProgram *p, guint pc)
{
  return p->code[pc].flags & MT_STEP;
}

/* The instruction at @pc with its new program counter; a visible operation succeeds. */
static void
write_instruction (Writer *w, guint pc)
{
  const MtInstr *in = &w->program->code[pc];
  if (in->op < MT_N_OPCODES)
    {
      write_local (w, pc);
      return;
    }
  const Row *row = row_of (w, in);
  if (row && row->effect)
    row->effect (w, in);
  emit (w, " s[%u] = %u;", w->task->base, pc + (in->flags & MT_FALLIBLE ? 2 : 1));
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
      if (in->op >= MT_N_OPCODES && row_of (w, in) && row_of (w, in)->ready)
        not_covered (w, in); /* it may wait in the middle of an atomic body */
      emit (w, "      :: s[%u] == %u ->", w->task->base, pc);
      write_instruction (w, pc);
      emit (w, "\n");
    }
  emit (w, "      :: else -> break\n      od\n");
}

/* One alternative of the process: the step at @pc, where it can complete (or, @failing, where it gives up). */
static void
write_step (Writer *w, const MtClass *class_, guint pc, gboolean failing)
{
  const MtInstr *in = &w->program->code[pc];
  const Row *row = in->op < MT_N_OPCODES ? NULL : row_of (w, in);
  g_autofree gchar *guard = row && row->ready ? row->ready (w, in) : g_strdup ("true");
  emit (w, "  :: d_step { s[%u] == %u && %s(%s) ->", w->task->base, pc, failing ? "!" : "", guard);
  if (!failing)
    write_instruction (w, pc);
  else
    {
      if (row && row->gives_up)
        row->gives_up (w, in);
      emit (w, " s[%u] = %u;", w->task->base, pc + 1);
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

/* Nothing can move: either every task has ended, or it is a deadlock. */
static void
write_monitor (Writer *w)
{
  const MtProgram *p = w->program;
  emit (w, "\nproctype monitor()\n{\nend1:\n  d_step { timeout ->\n  assert(true");
  for (guint t = 0; t < p->n_tasks; t++)
    emit (w, " && s[%u] < %d", p->tasks[t].base, MT_N_RESTS);
  emit (w, ") };\nend2:\n  false\n}\n");
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
  if (program->has_daemons)
    {
      g_set_error (error, MT_ERROR, MT_ERROR_USAGE, "export to Promela does not cover daemons, which end with the model");
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

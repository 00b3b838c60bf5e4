/* What the finished code is found to do: which writes store a value that was computed from an
 * earlier read of the same variable. Only these can lose another task's update.
 *
 * A forward may-analysis over the control flow (Kildall 1973): for each instruction and slot, the
 * set of reads whose value may have flowed there. Sets are 64 reads at a time. */
#include "sim/compiler_private.h"
#include "sim/op.h"


/* Larger classes are not analysed (a warning says so): slots x instructions. */
#define MAX_CELLS 16000000
/* Monitors of one task: more are not watched (a warning says so). */
#define MAX_WATCHES 4096

static const MtVar *
var_of (MtCompiler *c, const MtInstr *in)
{
  gboolean element = in->op == mt_op_number (&mt_op_read_element) || in->op == mt_op_number (&mt_op_write_element);
  if (element)
    return &g_array_index (c->vars, MtVar, in->imm);
  for (guint i = 0; i < c->vars->len; i++)
    if (g_array_index (c->vars, MtVar, i).address == (guint)in->imm)
      return &g_array_index (c->vars, MtVar, i);
  return NULL;
}

static gboolean
is_read (const MtInstr *in)
{
  return in->op == mt_op_number (&mt_op_read) || in->op == mt_op_number (&mt_op_read_element);
}

static gboolean
is_write (const MtInstr *in)
{
  return in->op == mt_op_number (&mt_op_write) || in->op == mt_op_number (&mt_op_write_element);
}

guint
mt_successors (const MtInstr *code, guint pc, GArray *out)
{
  const MtInstr *in = &code[pc];
  guint next = pc + 1, target = (guint)in->imm;
  g_array_set_size (out, 0);
  if (in->op == MT_OP_JMP)
    g_array_append_val (out, target);
  else if (in->op == mt_op_number (&mt_op_choose))
    for (gint32 k = 0; k < in->imm; k++)
      {
        guint jump = pc + 2 + 2 * (guint)k;
        g_array_append_val (out, jump);
      }
  else if (in->op == mt_op_number (&mt_op_take_job))
    for (gint k = 0; k < in->a; k++)
      {
        guint jump = next + (guint)k;
        g_array_append_val (out, jump);
      }
  else if (in->op != MT_OP_END)
    g_array_append_val (out, next);
  if (in->op == MT_OP_JZ || in->op == MT_OP_JNZ || in->op == MT_OP_DECJNZ)
    g_array_append_val (out, target);
  if (in->flags & MT_FALLIBLE)
    {
      guint after = pc + 2;
      g_array_append_val (out, after);
    }
  return out->len;
}

/* What instructions read. */

static void
use (GArray *out, gint slot, guint n)
{
  for (guint i = 0; i < n; i++, slot++)
    g_array_append_val (out, slot);
}

gboolean
mt_uses_none (const MtProgram *program, const MtInstr *in, GArray *out)
{
  (void)program, (void)in, (void)out;
  return TRUE;
}

gboolean
mt_uses_a (const MtProgram *program, const MtInstr *in, GArray *out)
{
  (void)program;
  use (out, in->a, 1);
  return TRUE;
}

gboolean
mt_uses_b (const MtProgram *program, const MtInstr *in, GArray *out)
{
  (void)program;
  use (out, in->b, in->b >= 0 ? 1 : 0);
  return TRUE;
}

gboolean
mt_uses_ab (const MtProgram *program, const MtInstr *in, GArray *out)
{
  mt_uses_a (program, in, out);
  mt_uses_b (program, in, out);
  return TRUE;
}

static gboolean
add_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  switch (in->op)
    {
    case MT_OP_REST:
    case MT_OP_NOP:
    case MT_OP_CONST:
    case MT_OP_JMP:
    case MT_OP_CLEAR:
    case MT_OP_ID ... MT_OP_PID:
    case MT_OP_END:
      return TRUE;
    case MT_OP_MOVE:
    case MT_OP_ADDK:
    case MT_OP_SUBK:
    case MT_OP_NEG:
    case MT_OP_NOT:
    case MT_OP_TRUTH:
    case MT_OP_ABS:
    case MT_OP_JZ:
    case MT_OP_JNZ:
      use (out, in->a, 1);
      return TRUE;
    case MT_OP_ADD ... MT_OP_MOD:
    case MT_OP_EQ ... MT_OP_MAX:
      use (out, in->a, 1);
      use (out, in->b, 1);
      return TRUE;
    case MT_OP_DECJNZ:
      use (out, in->dst, 1);
      return TRUE;
    case MT_OP_SLOT ... MT_OP_SLOTPOP: /* how far a list reaches the instruction does not say */
      return FALSE;
    default:
      return mt_op (in->op)->uses && mt_op (in->op)->uses (program, in, out);
    }
}

gboolean
mt_uses (const MtProgram *program, guint pc, GArray *out)
{
  g_array_set_size (out, 0);
  return add_uses (program, &program->code[pc], out);
}

gboolean
mt_uses_pure (const MtProgram *program, guint entry, GArray *out)
{
  for (guint pc = entry; program->code[pc].op != MT_OP_END; pc++)
    if (!add_uses (program, &program->code[pc], out))
      return FALSE;
  return TRUE;
}

/* What slots hold after @in, from what they held before. */
static void
transfer (const MtInstr *in, guint64 *slots, guint n_slots, guint64 own)
{
  guint64 a = in->a >= 0 && (guint)in->a < n_slots ? slots[in->a] : 0, b = in->b >= 0 && (guint)in->b < n_slots ? slots[in->b] : 0;
  gboolean defines = FALSE;
  guint64 value = 0;
  switch (in->op)
    {
    case MT_OP_MOVE:
    case MT_OP_ADDK:
    case MT_OP_SUBK:
    case MT_OP_NEG:
    case MT_OP_NOT:
    case MT_OP_TRUTH:
    case MT_OP_ABS:
    case MT_OP_SLOTPOP:
      defines = TRUE;
      value = a;
      break;
    case MT_OP_ADD ... MT_OP_MOD:
    case MT_OP_EQ ... MT_OP_MAX:
    case MT_OP_SLOT:
    case MT_OP_SLOTIN:
    case MT_OP_SLOTEQ:
      defines = TRUE;
      value = a | b;
      break;
    case MT_OP_CONST:
    case MT_OP_ID ... MT_OP_PID:
      defines = TRUE;
      break;
    case MT_OP_SETSLOT:
    case MT_OP_SLOTAPPEND:
    case MT_OP_COPY: /* a list is as tainted as all it has held */
      value = slots[in->dst] | a | b;
      defines = TRUE;
      break;
    default:
      defines = in->op >= MT_N_OPCODES && mt_op (in->op)->makes_dst;
      value = own;
    }
  if (in->op == MT_OP_CLEAR)
    for (gint32 i = 0; i < in->imm; i++)
      slots[in->dst + i] = 0;
  if (in->flags & MT_KILL_A)
    slots[in->a] = 0;
  if (in->flags & MT_KILL_B)
    slots[in->b] = 0;
  if (defines)
    slots[in->dst] = value;
}

/* One batch of up to 64 reads of a class; @bit gives each read's bit at its instruction. */
static void
flow (MtCompiler *c, const MtClass *class_, const guint64 *bit, guint64 *before)
{
  const MtInstr *code = (const MtInstr *)c->code->data;
  guint n_slots = class_->n_frame;
  g_autofree guint64 *after = g_new (guint64, n_slots + 1);
  g_autofree guint8 *waiting = g_new0 (guint8, class_->end - class_->entry + 1);
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) next = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *seen = g_new0 (guint8, class_->end - class_->entry + 1);
  g_array_append_val (work, class_->entry);
  while (work->len)
    {
      guint pc = g_array_index (work, guint, work->len - 1), at = pc - class_->entry;
      g_array_set_size (work, work->len - 1);
      waiting[at] = 0;
      seen[at] = 1;
      for (guint s = 0; s < n_slots; s++)
        after[s] = before[(gsize)at * n_slots + s];
      transfer (&code[pc], after, n_slots, bit[at]);
      mt_successors (code, pc, next);
      for (guint k = 0; k < next->len; k++)
        {
          guint to = g_array_index (next, guint, k);
          if (to < class_->entry || to >= class_->end)
            continue;
          guint64 *in = before + (gsize)(to - class_->entry) * n_slots;
          gboolean grew = !seen[to - class_->entry];
          for (guint s = 0; s < n_slots; s++)
            {
              grew = grew || (after[s] & ~in[s]);
              in[s] |= after[s];
            }
          if (grew && !waiting[to - class_->entry])
            {
              waiting[to - class_->entry] = 1;
              g_array_append_val (work, to);
            }
        }
    }
}

static gboolean
same_var (MtCompiler *c, const MtInstr *a, const MtInstr *b)
{
  return var_of (c, a) && var_of (c, a) == var_of (c, b);
}

/* Marks the writes of a class that are derived, and the reads they are derived from. */
static void
analyse_class (MtCompiler *c, const MtClass *class_, gboolean *watched, guint8 *read_matters)
{
  MtInstr *code = (MtInstr *)c->code->data;
  guint n = class_->end - class_->entry, n_slots = class_->n_frame;
  g_autofree guint64 *bit = g_new (guint64, n + 1);
  g_autoptr (GArray) reads = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint pc = class_->entry; pc < class_->end; pc++)
    if (is_read (&code[pc]))
      g_array_append_val (reads, pc);
  if (reads->len == 0 || n_slots == 0)
    return;
  if ((guint64)n * n_slots > MAX_CELLS)
    {
      mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, g_array_index (c->sites, MtSite, code[class_->entry].site).mark, 1, NULL,
                    "%s is too large: lost updates by it are not looked for", class_->name);
      return;
    }
  g_autofree guint64 *before = g_new (guint64, (gsize)n * n_slots);
  for (guint from = 0; from < reads->len; from += 64)
    {
      memset (before, 0, sizeof (guint64) * (gsize)n * n_slots);
      memset (bit, 0, sizeof (guint64) * n);
      for (guint k = from; k < MIN (from + 64, reads->len); k++)
        bit[g_array_index (reads, guint, k) - class_->entry] = (guint64)1 << (k - from);
      flow (c, class_, bit, before);
      for (guint pc = class_->entry; pc < class_->end; pc++)
        for (guint k = from; is_write (&code[pc]) && k < MIN (from + 64, reads->len); k++)
          {
            guint read = g_array_index (reads, guint, k);
            if (!(before[(gsize)(pc - class_->entry) * n_slots + (guint)code[pc].a] >> (k - from) & 1) || !same_var (c, &code[pc], &code[read]))
              continue;
            code[pc].flags |= MT_DERIVED;
            read_matters[read] = 1;
            watched[var_of (c, &code[pc]) - (const MtVar *)c->vars->data] = TRUE;
          }
    }
}

void
mt_watch_updates (MtCompiler *c)
{
  if (c->model->diags->n_errors > 0 || !c->options->watch_updates)
    return;
  MtInstr *code = (MtInstr *)c->code->data;
  g_autofree gboolean *watched = g_new0 (gboolean, c->vars->len + 1);
  g_autofree guint8 *read_matters = g_new0 (guint8, c->code->len + 1);
  guint n = 0;
  for (guint i = 0; c->tasks->len > 1 && i < c->class_plans->len; i++)
    analyse_class (c, &((ClassPlan *)c->class_plans->pdata[i])->row, watched, read_matters);
  for (guint i = 0; i < c->vars->len; i++)
    {
      MtVar *v = &g_array_index (c->vars, MtVar, i);
      if (!watched[i])
        continue;
      guint cells = v->n_words - (v->n_words > 1 && !v->fixed ? 1 : 0);
      if (n + cells > MAX_WATCHES)
        {
          mt_diags_add (c->model->diags, MT_SEVERITY_WARNING, v->mark, 1, NULL, "lost updates of '%s' are not looked for: it is too large", v->name);
          continue;
        }
      v->watch = (gint)n;
      n += cells;
    }
  for (guint pc = 0; pc < c->code->len; pc++)
    if ((is_read (&code[pc]) && read_matters[pc]) || is_write (&code[pc]))
      code[pc].b = var_of (c, &code[pc]) ? (gint16)var_of (c, &code[pc])->watch : -1;
  c->program->watches_updates = n > 0;
  c->program->watch_words = (n + MT_WATCHES_PER_WORD - 1) / MT_WATCHES_PER_WORD;
}

static gboolean
is_local (const MtInstr *in)
{
  return in->op < MT_N_OPCODES && in->op != MT_OP_END;
}

/* Whether all that can follow @pc within its step is local. A loop is its own step's business: a
 * place that was seen is not looked at again. */
static gboolean
goes_on_locally (const MtInstr *code, guint n_code, guint pc, GArray *seen, GArray *next)
{
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_size (seen, 0);
  mt_successors (code, pc, next);
  g_array_append_vals (work, next->data, next->len);
  while (work->len)
    {
      guint at = g_array_index (work, guint, work->len - 1);
      gboolean known = FALSE;
      g_array_set_size (work, work->len - 1);
      for (guint i = 0; i < seen->len; i++)
        known = known || g_array_index (seen, guint, i) == at;
      if (known || at >= n_code || (code[at].flags & MT_STEP) || code[at].op == MT_OP_END)
        continue;
      if (!is_local (&code[at]) || seen->len > 64)
        return FALSE;
      g_array_append_val (seen, at);
      mt_successors (code, at, next);
      g_array_append_vals (work, next->data, next->len);
    }
  return TRUE;
}

guint8 *
mt_find_plain (MtCompiler *c)
{
  const MtInstr *code = (const MtInstr *)c->code->data;
  guint8 *plain = g_new0 (guint8, c->code->len + 1);
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint)), next = g_array_new (FALSE, FALSE, sizeof (guint));
  if (c->program->n_carriers) /* at its next step a coroutine may give way */
    return plain;
  for (guint pc = 0; pc < c->code->len; pc++)
    if (code[pc].op == mt_op_number (&mt_op_await) || code[pc].op == mt_op_number (&mt_op_choose))
      return plain; /* their readiness may depend on any variable */
  for (guint pc = 0; pc < c->code->len; pc++)
    plain[pc] = (code[pc].flags & MT_STEP) && (is_read (&code[pc]) || is_write (&code[pc])) && goes_on_locally (code, c->code->len, pc, seen, next);
  return plain;
}

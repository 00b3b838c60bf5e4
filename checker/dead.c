/* See dead.h. */
#include "checker/dead.h"
#include "sim/op.h"
#include "sim/primitive.h"
#include <string.h>

/* Larger classes are left as they are: 64-bit words of live sets. */
#define MAX_SETS 16000000

/* What to zero where a task rests. */
typedef struct
{
  guint first, n; /* among the slots */
  guint mask; /* first word among the masks; G_MAXUINT: none */
} Rest;

struct _MtDead
{
  const MtProgram *program;
  Rest *rests; /* of each instruction that begins a step */
  GArray *slots; /* guint16 */
  GArray *masks; /* guint32: watch_words for each place: the bits to keep */
};

typedef struct
{
  const MtProgram *program;
  const MtClass *class_;
  guint n_words; /* of a set: frame slots, then monitors */
  guint64 *live; /* before each instruction of the class */
  GArray *uses, *next;
} Flow;

static guint64 *
live_at (Flow *f, guint pc)
{
  return f->live + (gsize)(pc - f->class_->entry) * f->n_words;
}

static void
add (guint64 *set, guint i)
{
  set[i / 64] |= (guint64)1 << (i % 64);
}

static void
drop (guint64 *set, guint i)
{
  set[i / 64] &= ~((guint64)1 << (i % 64));
}

static gboolean
has (const guint64 *set, guint i)
{
  return set[i / 64] >> (i % 64) & 1;
}

/* Slots that @in surely writes. */
static void
drop_written (const MtInstr *in, guint64 *set)
{
  gboolean makes = (in->op >= MT_OP_CONST && in->op <= MT_OP_ABS) || (in->op >= MT_OP_ID && in->op <= MT_OP_PID)
                   || (in->op >= MT_N_OPCODES && mt_op (in->op)->makes_dst);
  if (makes)
    drop (set, (guint)in->dst);
  if (in->op == MT_OP_CLEAR)
    for (gint32 i = 0; i < in->imm; i++)
      drop (set, (guint)(in->dst + i));
  if (in->flags & MT_KILL_A)
    drop (set, (guint)in->a);
  if (in->flags & MT_KILL_B)
    drop (set, (guint)in->b);
}

/* The monitors: an access to a scalar sets its own anew; a derived write looks at it first. */
static void
step_monitors (Flow *f, const MtInstr *in, guint64 *set)
{
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  gboolean scalar = op == &mt_op_read || op == &mt_op_write, element = op == &mt_op_read_element || op == &mt_op_write_element;
  if (!(scalar || element) || in->b < 0)
    return;
  guint base = f->class_->n_frame, cells = 1;
  if (element)
    {
      const MtVar *v = &f->program->vars[in->imm];
      cells = v->n_words - (v->n_words > 1 && !v->fixed ? 1 : 0);
    }
  if (cells == 1)
    drop (set, base + (guint)in->b);
  for (guint i = 0; (in->flags & MT_DERIVED) && i < cells; i++)
    add (set, base + (guint)in->b + i);
}

/* The live set before @pc from those after it. TRUE when it grew. */
static gboolean
transfer (Flow *f, guint pc, guint64 *set)
{
  const MtInstr *in = &f->program->code[pc];
  memset (set, 0, sizeof (guint64) * f->n_words);
  mt_successors (f->program->code, pc, f->next);
  for (guint k = 0; k < f->next->len; k++)
    {
      guint to = g_array_index (f->next, guint, k);
      for (guint w = 0; to >= f->class_->entry && to < f->class_->end && w < f->n_words; w++)
        set[w] |= live_at (f, to)[w];
    }
  drop_written (in, set);
  step_monitors (f, in, set);
  if (mt_uses (f->program, pc, f->uses))
    for (guint k = 0; k < f->uses->len; k++)
      add (set, g_array_index (f->uses, guint, k));
  else
    for (guint i = 0; i < f->class_->n_frame; i++)
      add (set, i);
  if (memcmp (set, live_at (f, pc), sizeof (guint64) * f->n_words) == 0)
    return FALSE;
  memcpy (live_at (f, pc), set, sizeof (guint64) * f->n_words);
  return TRUE;
}

/* Sets grow only, so going backwards through the code until nothing changes ends. */
static void
analyse (Flow *f)
{
  g_autofree guint64 *set = g_new (guint64, f->n_words);
  for (gboolean changed = TRUE; changed;)
    {
      changed = FALSE;
      for (guint pc = f->class_->end; pc-- > f->class_->entry;)
        changed = transfer (f, pc, set) || changed;
    }
}

/* @live NULL: nothing is. */
static void
note (MtDead *dead, guint pc, guint n_frame, const guint64 *live)
{
  Rest *rest = &dead->rests[pc];
  const MtProgram *program = dead->program;
  rest->first = dead->slots->len;
  for (guint i = 0; i < n_frame; i++)
    if (!live || !has (live, i))
      {
        guint16 slot = (guint16)i;
        g_array_append_val (dead->slots, slot);
      }
  rest->n = dead->slots->len - rest->first;
  rest->mask = dead->masks->len;
  gboolean any = FALSE;
  for (guint w = 0; w < program->watch_words; w++)
    {
      guint32 keep = 0;
      for (guint i = 0; live && i < MT_WATCHES_PER_WORD; i++)
        if (has (live, n_frame + w * MT_WATCHES_PER_WORD + i))
          keep |= 3u << (2 * i);
      any = any || keep != (1ull << (2 * MT_WATCHES_PER_WORD)) - 1;
      g_array_append_val (dead->masks, keep);
    }
  if (!any)
    {
      g_array_set_size (dead->masks, rest->mask);
      rest->mask = G_MAXUINT;
    }
}

static void
analyse_class (MtDead *dead, const MtClass *class_)
{
  const MtProgram *program = dead->program;
  guint watches = program->watch_words * MT_WATCHES_PER_WORD, n = class_->end - class_->entry;
  Flow f = { .program = program, .class_ = class_, .n_words = (class_->n_frame + watches) / 64 + 1 };
  if ((guint64)n * f.n_words > MAX_SETS)
    return;
  f.live = g_new0 (guint64, (gsize)n * f.n_words);
  f.uses = g_array_new (FALSE, FALSE, sizeof (guint));
  f.next = g_array_new (FALSE, FALSE, sizeof (guint));
  analyse (&f);
  for (guint pc = class_->entry; pc < class_->end; pc++)
    if (program->code[pc].flags & MT_STEP)
      note (dead, pc, class_->n_frame, live_at (&f, pc));
  g_free (f.live);
  g_array_unref (f.uses);
  g_array_unref (f.next);
}

MtDead *
mt_dead_new (const MtProgram *program)
{
  MtDead *dead = g_new0 (MtDead, 1);
  dead->program = program;
  dead->rests = g_new0 (Rest, program->n_code + 1);
  for (guint pc = 0; pc < program->n_code; pc++)
    dead->rests[pc].mask = G_MAXUINT;
  dead->slots = g_array_new (FALSE, FALSE, sizeof (guint16));
  dead->masks = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < program->n_classes; i++)
    analyse_class (dead, &program->classes[i]);
  return dead;
}

void
mt_dead_free (MtDead *dead)
{
  if (!dead)
    return;
  g_free (dead->rests);
  g_array_unref (dead->slots);
  g_array_unref (dead->masks);
  g_free (dead);
}

/* A task that has ended: nothing is read any more. */
static void
reset_ended (const MtProgram *program, MtWord *s, guint t)
{
  const MtTask *task = &program->tasks[t];
  memset (s + task->frame, 0, sizeof (MtWord) * program->classes[task->class_].n_frame);
  memset (s + program->watch_base + t * program->watch_words, 0, sizeof (MtWord) * program->watch_words);
}

void
mt_dead_reset (const MtDead *dead, const MtWord *before, guint moved, MtWord *s)
{
  const MtProgram *program = dead->program;
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtTask *task = &program->tasks[t];
      MtWord pc = s[task->base];
      if ((before && t != moved && before[task->base] == pc) || pc == MT_REST_UNSTARTED)
        continue;
      if (pc < MT_N_RESTS)
        {
          reset_ended (program, s, t);
          continue;
        }
      const Rest *rest = &dead->rests[pc];
      for (guint i = rest->first; i < rest->first + rest->n; i++)
        s[task->frame + g_array_index (dead->slots, guint16, i)] = 0;
      for (guint w = 0; rest->mask != G_MAXUINT && w < program->watch_words; w++)
        s[program->watch_base + t * program->watch_words + w] &= (MtWord)g_array_index (dead->masks, guint32, rest->mask + w);
    }
}

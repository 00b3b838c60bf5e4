/* See symmetry.h. */
#include "checker/symmetry.h"
#include "sim/primitive.h"
#include <string.h>

struct _MtSymmetry
{
  const MtProgram *program;
  GArray *groups; /* MtAlike */
  gboolean renames; /* some object's words name tasks */
  guint16 *now; /* number of each task after an exchange */
};

/* The primitive an operation belongs to. */
static const MtPrimitive *
primitive_of (const MtOp *op)
{
  for (guint i = 0; mt_primitives[i]; i++)
    for (guint k = 0; mt_primitives[i]->ops[k]; k++)
      if (mt_primitives[i]->ops[k] == op)
        return mt_primitives[i];
  return NULL;
}

/* Whether @in tells the tasks of the count that @first begins apart. @own: it is their code. */
static gboolean
tells_apart (const MtInstr *in, const MtTask *first, gboolean own)
{
  if (in->op == MT_OP_ID || in->op == MT_OP_SELF)
    return own;
  if (in->op == MT_OP_PID)
    return own && first->kind != MT_TASK_THREAD; /* threads of one count are in one process */
  if (in->op < MT_N_OPCODES)
    return FALSE;
  const MtOp *op = mt_op (in->op);
  const MtPrimitive *primitive = primitive_of (op);
  if (op->names_tasks == MT_NAMES_HOLDER || !primitive || !primitive->rename)
    return TRUE;
  gboolean among = (guint)in->imm >= first->first && (guint)in->imm < first->first + first->count;
  gboolean all = op->names_tasks == MT_NAMES_GROUP && in->b < 0 && (guint)in->imm == first->first && (guint)in->dst == first->count;
  return op->names_tasks != MT_NAMES_NOBODY && among && !all;
}

/* Processes, and a pool's workers are such, differ by their globals: they are alike where there are none. */
static gboolean
is_alike (const MtProgram *program, const MtTask *task)
{
  return task->kind == MT_TASK_THREAD || program->globals_words == 0;
}

static gboolean
can_exchange (const MtProgram *program, const MtTask *task)
{
  const MtClass *class_ = &program->classes[task->class_];
  for (guint pc = MT_N_RESTS; pc < program->n_code; pc++)
    if (tells_apart (&program->code[pc], task, pc >= class_->entry && pc < class_->end))
      return FALSE;
  return TRUE;
}

MtSymmetry *
mt_symmetry_new (const MtProgram *program, const gchar **why)
{
  *why = "no tasks of one count";
  if (program->n_carriers)
    {
      *why = "coroutines wait in an order";
      return NULL;
    }
  MtSymmetry symmetry = { .program = program, .groups = g_array_new (FALSE, FALSE, sizeof (MtAlike)) };
  for (guint t = 0; t < program->n_tasks; t += program->tasks[t].count)
    {
      const MtTask *task = &program->tasks[t];
      MtAlike group = { t, task->count, MT_TASK_FRAME + program->classes[task->class_].n_frame };
      if (task->count < 2 || !is_alike (program, task))
        continue;
      if (can_exchange (program, task))
        g_array_append_val (symmetry.groups, group);
      else
        *why = "the tasks of a count are told apart: by id, by name or by a step that names one of them";
    }
  for (guint i = 0; i < program->n_objects; i++)
    {
      const MtPrimitive *primitive = program->objects[i].primitive;
      symmetry.renames = symmetry.renames || (primitive->rename && primitive->rename != mt_rename_nothing);
      if (primitive->rename || !symmetry.groups->len)
        continue;
      *why = "an object may hold numbers of tasks";
      g_array_set_size (symmetry.groups, 0);
    }
  if (symmetry.groups->len == 0)
    {
      g_array_unref (symmetry.groups);
      return NULL;
    }
  symmetry.now = g_new (guint16, program->n_tasks);
  for (guint t = 0; t < program->n_tasks; t++)
    symmetry.now[t] = (guint16)t;
  return g_memdup2 (&symmetry, sizeof symmetry);
}

void
mt_symmetry_free (MtSymmetry *symmetry)
{
  if (!symmetry)
    return;
  g_array_unref (symmetry->groups);
  g_free (symmetry->now);
  g_free (symmetry);
}

static void
swap_words (MtWord *a, MtWord *b, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      MtWord kept = a[i];
      a[i] = b[i];
      b[i] = kept;
    }
}

/* Tells every object that tasks @t and @u have changed places. */
static void
rename_objects (MtSymmetry *symmetry, MtWord *s, guint t, guint u)
{
  const MtProgram *program = symmetry->program;
  if (!symmetry->renames)
    return;
  symmetry->now[t] = (guint16)u;
  symmetry->now[u] = (guint16)t;
  for (guint i = 0; i < program->n_objects; i++)
    program->objects[i].primitive->rename (&program->objects[i], s + program->objects[i].address, symmetry->now);
  symmetry->now[t] = (guint16)t;
  symmetry->now[u] = (guint16)u;
}

static void
exchange (MtSymmetry *symmetry, MtWord *s, guint t, guint u, guint n_words, guint *places)
{
  const MtProgram *program = symmetry->program;
  swap_words (s + program->tasks[t].base, s + program->tasks[u].base, n_words);
  swap_words (s + program->watch_base + t * program->watch_words, s + program->watch_base + u * program->watch_words, program->watch_words);
  rename_objects (symmetry, s, t, u);
  if (!places)
    return;
  guint kept = places[t];
  places[t] = places[u];
  places[u] = kept;
}

/* The words of @t against those of @u, then their monitors. */
static gint
compare (const MtProgram *program, const MtWord *s, guint t, guint u, guint n_words)
{
  gint order = memcmp (s + program->tasks[t].base, s + program->tasks[u].base, sizeof (MtWord) * n_words);
  if (order || program->watch_words == 0)
    return order;
  return memcmp (s + program->watch_base + t * program->watch_words, s + program->watch_base + u * program->watch_words,
                 sizeof (MtWord) * program->watch_words);
}

/* An insertion sort: groups are small, and all but the task that moved are sorted already. Tasks that
 * differ in what objects hold of them alone keep their order: such states stay several. */
void
mt_symmetry_sort (MtSymmetry *symmetry, MtWord *s, guint *places)
{
  const MtProgram *program = symmetry->program;
  for (guint g = 0; g < symmetry->groups->len; g++)
    {
      const MtAlike *group = &g_array_index (symmetry->groups, MtAlike, g);
      for (guint i = group->first + 1; i < group->first + group->n; i++)
        for (guint k = i; k > group->first && compare (program, s, k - 1, k, group->n_words) > 0; k--)
          exchange (symmetry, s, k - 1, k, group->n_words, places);
    }
}

const MtAlike *
mt_symmetry_alike (const MtSymmetry *symmetry, guint *n)
{
  *n = symmetry->groups->len;
  return symmetry->renames ? NULL : (const MtAlike *)(gconstpointer)symmetry->groups->data;
}

/* See plan.h. The rows' footprints (touches) tell which words a step is about. */
#include "real/plan.h"
#include "sim/primitive.h"

typedef struct
{
  const MtProgram *program;
  MtRealPlan *plan;
  guint8 *guarded; /* for each word: some step sees it together with others */
  guint8 *place; /* for each word: whether it tells where a task is */
  guint8 *timed; /* for each object: some step waits for it for a limited time */
  MtFootprint foot; /* of the step that is looked at */
  GArray *next;
} Planner;

static gboolean
is_place (const Planner *p, const MtFootprint *foot)
{
  const GArray *const lists[] = { foot->reads, foot->writes, foot->gives, foot->takes };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i]->len; k++)
      if (p->place[g_array_index (lists[i], guint, k)])
        return TRUE;
  return foot->all;
}

static gboolean
is_shared (const MtInstr *in)
{
  return in->op >= MT_N_OPCODES && mt_op (in->op)->touches;
}

/* One word, and no waiting. */
static gboolean
is_single (const MtProgram *program, const MtInstr *in)
{
  const MtOp *op = mt_op (in->op);
  if (op == &mt_op_read_element || op == &mt_op_write_element)
    return program->vars[in->imm].fixed;
  return op == &mt_op_read || op == &mt_op_write || op == &mt_op_length || op == &mt_op_now
         || (op->touches == mt_looks_at_object && !op->ways);
}

static gboolean
is_object (const MtOp *op)
{
  return op->native || op->touches == mt_touches_object || op->touches == mt_looks_at_object;
}

/* The footprint of @task's step at @pc, over all ways through it, to p->foot; how many of its
 * instructions are about something shared is returned. */
static guint
footprint (Planner *p, guint task, guint pc)
{
  const MtInstr *code = p->program->code;
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint n = 0;
  g_array_set_size (p->foot.reads, 0);
  g_array_set_size (p->foot.writes, 0);
  g_array_set_size (p->foot.gives, 0);
  g_array_set_size (p->foot.takes, 0);
  p->foot.all = FALSE;
  g_array_append_val (work, pc);
  while (work->len)
    {
      guint at = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      if (!g_hash_table_add (seen, GUINT_TO_POINTER (at)))
        continue;
      if (is_shared (&code[at]))
        {
          n++;
          mt_op (code[at].op)->touches (p->program, task, &code[at], &p->foot);
        }
      mt_successors (code, at, p->next);
      for (guint i = 0; i < p->next->len; i++)
        {
          guint to = g_array_index (p->next, guint, i);
          if (!(code[to].flags & MT_STEP))
            g_array_append_val (work, to);
        }
    }
  return n;
}

static gboolean
guard_all (Planner *p, const GArray *addresses)
{
  gboolean grew = FALSE;
  for (guint i = 0; i < addresses->len; i++)
    {
      guint8 *word = &p->guarded[g_array_index (addresses, guint, i)];
      grew = grew || !*word;
      *word = 1;
    }
  return grew;
}

static gboolean
is_guarded (const Planner *p, const GArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    if (p->guarded[g_array_index (addresses, guint, i)])
      return TRUE;
  return FALSE;
}

static void
need (Planner *p, guint pc, MtStepNeeds what)
{
  p->plan->needs[pc] = MAX (p->plan->needs[pc], (guint8)what);
}

/* An array's objects are alike. */
static void
look_at_timeout (Planner *p, const MtInstr *in)
{
  const MtObject *object = &p->program->objects[in->imm];
  for (guint i = 0; i < object->count; i++)
    p->timed[object->first + i] = 1;
}

/* What @task's step at @pc needs by itself. */
static void
look_at_step (Planner *p, guint task, guint pc)
{
  const MtInstr *in = &p->program->code[pc];
  guint n = footprint (p, task, pc);
  gboolean starts = in->op >= MT_N_OPCODES && mt_op (in->op) == &mt_op_start;
  gboolean joins = in->op >= MT_N_OPCODES && mt_op (in->op) == &mt_op_join && !(in->flags & MT_TIMED);
  if (n == 0)
    return;
  if (is_place (p, &p->foot))
    {
      need (p, pc, MT_NEEDS_WORLD);
      if (starts)
        guard_all (p, p->foot.reads); /* a process begins with a copy of its starter's globals, of one instant */
      p->plan->whole = p->plan->whole || !(starts || joins) || n > 1;
    }
  else if (n == 1 && is_shared (in) && is_single (p->program, in))
    return;
  else if (n == 1 && is_shared (in) && is_object (mt_op (in->op)))
    {
      need (p, pc, mt_op (in->op)->native ? MT_NEEDS_SYSTEM : MT_NEEDS_MONITOR);
      if (in->flags & MT_TIMED)
        look_at_timeout (p, in);
    }
  else
    {
      need (p, pc, MT_NEEDS_WORLD);
      guard_all (p, p->foot.reads);
      guard_all (p, p->foot.writes);
      guard_all (p, p->foot.gives);
      guard_all (p, p->foot.takes);
    }
}

static gboolean
guard_object (Planner *p, const MtObject *object)
{
  gboolean grew = FALSE;
  for (guint i = 0; i < object->n_words; i++)
    {
      grew = grew || !p->guarded[object->address + i];
      p->guarded[object->address + i] = 1;
    }
  return grew;
}

static gboolean
object_is_guarded (const Planner *p, const MtObject *object)
{
  for (guint i = 0; i < object->n_words; i++)
    if (p->guarded[object->address + i])
      return TRUE;
  return FALSE;
}

static gboolean
sleeps_with (const MtObject *lock)
{
  const MtNative *native = lock->primitive->native;
  return !native->sleeps || native->sleeps (lock);
}

/* An object is guarded as a whole; a condition together with its lock, and where that is none of the
 * system's. TRUE: something was added. */
static gboolean
close_objects (Planner *p)
{
  gboolean grew = FALSE;
  for (guint i = 0; i < p->program->n_objects; i++)
    {
      const MtObject *object = &p->program->objects[i];
      const MtNative *native = object->primitive->native;
      const MtObject *lock = native && native->lock_of ? &p->program->objects[native->lock_of (object)] : NULL;
      gboolean guarded = object_is_guarded (p, object) || (lock && (object_is_guarded (p, lock) || !sleeps_with (lock)));
      if (guarded)
        grew = guard_object (p, object) || (lock && guard_object (p, lock)) || grew;
    }
  return grew;
}

/* Whether the objects that @in may be about are the system's. */
static gboolean
is_systems (const Planner *p, const MtInstr *in)
{
  const MtNative *native = p->program->objects[in->imm].primitive->native;
  return native && !(native->untimed && p->timed[in->imm]);
}

static void
each_step (Planner *p, void (*look) (Planner *p, guint task, guint pc))
{
  for (guint t = 0; t < p->program->n_tasks; t++)
    {
      const MtClass *class_ = &p->program->classes[p->program->tasks[t].class_];
      for (guint pc = class_->entry; pc < class_->end; pc++)
        if (p->program->code[pc].flags & MT_STEP)
          look (p, t, pc);
    }
}

/* What is guarded is known now: the steps about it. A lock that is not the system's has a monitor. */
static void
settle_step (Planner *p, guint task, guint pc)
{
  const MtInstr *in = &p->program->code[pc];
  footprint (p, task, pc);
  if (p->plan->whole || is_guarded (p, p->foot.reads) || is_guarded (p, p->foot.writes) || is_guarded (p, p->foot.gives) || is_guarded (p, p->foot.takes))
    need (p, pc, MT_NEEDS_WORLD);
  else if (p->plan->needs[pc] == MT_NEEDS_SYSTEM && !is_systems (p, in))
    need (p, pc, MT_NEEDS_MONITOR);
}

MtRealPlan *
mt_real_plan_new (const MtProgram *program)
{
  MtRealPlan *plan = g_new0 (MtRealPlan, 1);
  plan->needs = g_new0 (guint8, program->n_code + 1);
  plan->relaxed = g_new0 (guint8, program->n_words + 1);
  plan->whole = program->has_daemons || program->n_carriers > 0;
  Planner p = { .program = program, .plan = plan, .next = g_array_new (FALSE, FALSE, sizeof (guint)) };
  p.guarded = g_new0 (guint8, program->n_words + 1);
  p.place = g_new0 (guint8, program->n_words + 1);
  p.timed = g_new0 (guint8, program->n_objects + 1);
  p.foot.reads = g_array_new (FALSE, FALSE, sizeof (guint));
  p.foot.writes = g_array_new (FALSE, FALSE, sizeof (guint));
  p.foot.gives = g_array_new (FALSE, FALSE, sizeof (guint));
  p.foot.takes = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint t = 0; t < program->n_tasks; t++)
    p.place[program->tasks[t].base + MT_TASK_PC] = 1;
  for (guint i = 0; i < program->n_vars; i++)
    for (guint k = 0; program->vars[i].relaxed && k < program->vars[i].n_words; k++)
      plan->relaxed[program->vars[i].address + k] = 1;
  each_step (&p, look_at_step);
  while (close_objects (&p))
    ;
  each_step (&p, settle_step);
  g_free (p.guarded);
  g_free (p.place);
  g_free (p.timed);
  g_array_unref (p.next);
  g_array_unref (p.foot.reads);
  g_array_unref (p.foot.writes);
  g_array_unref (p.foot.gives);
  g_array_unref (p.foot.takes);
  return plan;
}

void
mt_real_plan_free (MtRealPlan *plan)
{
  g_free (plan->needs);
  g_free (plan->relaxed);
  g_free (plan);
}

/* See property.h. */
#include "checker/property.h"
#include "sim/op.h"
#include "sim/primitive.h"

/* Whether nothing that others can see follows @pc in its step: then the access stands alone. What an
 * assertion, a print or an atomic block looks at is looked at in one instant and races with nobody. */
static gboolean
stands_alone (const MtProgram *program, guint pc)
{
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) next = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  mt_successors (program->code, pc, work);
  while (work->len)
    {
      guint at = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      const MtInstr *in = &program->code[at];
      if ((in->flags & MT_STEP) || !g_hash_table_add (seen, GUINT_TO_POINTER (at)))
        continue;
      if (in->op >= MT_N_OPCODES && mt_op (in->op) != &mt_op_arm)
        return FALSE;
      mt_successors (program->code, at, next);
      g_array_append_vals (work, next->data, next->len);
    }
  return TRUE;
}

static MtAccess
access_at (const MtProgram *program, guint pc)
{
  const MtInstr *in = &program->code[pc];
  MtAccess access = { .var = -1, .index = -1 };
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  if (!op || !op->label || !(in->flags & MT_STEP) || !stands_alone (program, pc))
    return access;
  access.write = g_str_equal (op->label, "write");
  access.var = op == &mt_op_read || op == &mt_op_write ? mt_var_at (program, (guint)in->imm) : in->imm;
  if (op == &mt_op_read_element)
    access.index = in->a;
  if (op == &mt_op_write_element)
    access.index = in->dst;
  if (program->vars[access.var].atomic || program->vars[access.var].relaxed)
    access.var = -1;
  return access;
}

static void
finding_clear (gpointer finding)
{
  g_clear_pointer (&((MtFound *)finding)->path, g_array_unref);
}

void
mt_properties_init (MtProperties *p, const MtProgram *program, gboolean all)
{
  *p = (MtProperties){ .program = program, .all = all, .stop_length = G_MAXUINT };
  p->findings = g_array_new (FALSE, FALSE, sizeof (MtFound));
  p->witnesses = g_array_new (FALSE, FALSE, sizeof (MtFound));
  g_array_set_clear_func (p->findings, finding_clear);
  g_array_set_clear_func (p->witnesses, finding_clear);
  p->cycle = g_array_new (FALSE, FALSE, sizeof (guint));
  p->deadlocks = program->rules[MT_RULE_DEADLOCK] != MT_ALLOWED;
  p->races = program->rules[MT_RULE_DATA_RACE] != MT_ALLOWED && program->n_tasks > 1;
  for (guint i = 0; i < program->n_properties; i++)
    {
      p->invariants = p->invariants || program->properties[i].kind == MT_PROPERTY_INVARIANT;
      p->finally = p->finally || program->properties[i].kind == MT_PROPERTY_FINALLY;
      p->reachable = p->reachable || program->properties[i].kind == MT_PROPERTY_REACHABLE;
    }
  p->accesses = g_new (MtAccess, program->n_code + 1);
  p->raced = g_new (guint, program->n_tasks + 1);
  gboolean any = FALSE;
  for (guint pc = 0; pc < program->n_code; pc++)
    {
      p->accesses[pc] = p->races ? access_at (program, pc) : (MtAccess){ .var = -1 };
      any = any || p->accesses[pc].var >= 0;
    }
  p->races = any;
}

void
mt_properties_clear (MtProperties *p)
{
  g_array_unref (p->findings);
  g_array_unref (p->witnesses);
  g_array_unref (p->cycle);
  g_free (p->accesses);
  g_free (p->raced);
}

static MtFound *
find (GArray *findings, const MtFound *like)
{
  for (guint i = 0; i < findings->len; i++)
    {
      MtFound *f = &g_array_index (findings, MtFound, i);
      if (f->kind == like->kind && f->property == like->property && f->var == like->var && f->pc == like->pc)
        return f;
    }
  return NULL;
}

/* Keeps @f when it is new or shorter. */
static void
keep (MtProperties *p, GArray *findings, const MtFound *f)
{
  MtFound *old = find (findings, f);
  if (old && old->length <= f->length)
    return;
  if (!old)
    {
      g_array_append_vals (findings, f, 1);
      old = &g_array_index (findings, MtFound, findings->len - 1);
    }
  g_clear_pointer (&old->path, g_array_unref);
  *old = *f;
  old->path = p->path ? g_array_copy ((GArray *)p->path) : NULL;
  p->changed = TRUE;
  if (!p->all && f->kind != MT_PASS && mt_verdict_level (p->program, f->kind) == MT_FORBIDDEN)
    p->stop_length = MIN (p->stop_length, f->length);
}

static void
found (MtProperties *p, MtVerdictKind kind, gint property, gint var, guint state, guint length)
{
  MtFound f = { .kind = kind, .property = property, .var = var, .state = state, .length = length };
  keep (p, p->findings, &f);
}

void
mt_properties_step (MtProperties *p, const MtWord *s, guint state, MtChoice choice, MtChoice step, MtOutcome outcome, guint length)
{
  guint pc = step.task == MT_CLOCK ? 0 : (guint)s[p->program->tasks[step.task].base];
  mt_properties_outcome (p, pc, state, choice, outcome, length);
}

void
mt_properties_outcome (MtProperties *p, guint pc, guint state, MtChoice choice, MtOutcome outcome, guint length)
{
  p->changed = FALSE;
  const MtOutcome parts[] = { outcome & MT_LOST_UPDATE, outcome & (MT_FAULT | MT_FAULT_ASSERTION) };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      MtFound f = { .kind = mt_outcome_verdict (parts[i]), .property = -1, .var = -1, .pc = pc, .state = state, .choice = choice, .length = length };
      if (f.kind != MT_PASS && mt_verdict_level (p->program, f.kind) != MT_ALLOWED)
        keep (p, p->findings, &f);
    }
}

static void
look_at_expressions (MtProperties *p, const MtWord *s, guint state, gboolean ended, guint length)
{
  for (guint i = 0; i < p->program->n_properties; i++)
    {
      const MtProperty *property = &p->program->properties[i];
      MtWord value = 0;
      if (property->kind == MT_PROPERTY_FINALLY && !ended)
        continue;
      gboolean holds = mt_eval (p->program, s, &property->pure, &value) && value;
      if (property->kind != MT_PROPERTY_REACHABLE && !holds)
        found (p, property->kind == MT_PROPERTY_FINALLY ? MT_FAIL_FINALLY : MT_FAIL_INVARIANT, (gint)i, -1, state, length);
      MtFound witness = { .kind = MT_PASS, .property = (gint)i, .var = -1, .state = state, .length = length };
      if (property->kind == MT_PROPERTY_REACHABLE && holds)
        keep (p, p->witnesses, &witness);
    }
}

/* Tasks that wait for each other while others go on. @choices are in the order of tasks. */
static void
look_for_cycle (MtProperties *p, const MtWord *s, guint state, const MtChoice *choices, guint n, guint length)
{
  for (guint t = 0, k = 0; t < p->program->n_tasks; t++)
    {
      gboolean enabled = FALSE;
      for (; k < n && choices[k].task == t; k++)
        enabled = TRUE;
      if (enabled || s[p->program->tasks[t].base] < MT_N_RESTS || !mt_wait_cycle (p->program, s, (gint)t, p->cycle))
        continue;
      found (p, MT_FAIL_DEADLOCK, -1, -1, state, length);
      return;
    }
}

gint
mt_access_cell (const MtProgram *program, const MtWord *s, guint task, const MtAccess *access)
{
  const MtVar *v = &program->vars[access->var];
  if (v->n_words == 1)
    return (gint)v->address;
  if (access->index < 0)
    return -1;
  MtWord length = v->fixed ? (MtWord)v->type.capacity : s[v->address], i = s[program->tasks[task].frame + (guint)access->index];
  if (i < 0)
    i += length;
  return i >= 0 && i < length ? (gint)v->address + (v->fixed ? 0 : 1) + i : -1;
}

/* The variable that @t and @u are about to race for, or -1; *address is its cell. */
static gint
race_of (const MtProperties *p, const MtWord *s, guint t, guint u, guint *address)
{
  const MtAccess *x = &p->accesses[s[p->program->tasks[t].base]], *y = &p->accesses[s[p->program->tasks[u].base]];
  if (x->var < 0 || x->var != y->var || !(x->write || y->write))
    return -1;
  gint at = mt_access_cell (p->program, s, t, x), other = mt_access_cell (p->program, s, u, y);
  if (at >= 0 && other >= 0 && at != other)
    return -1;
  *address = at >= 0 ? (guint)at : other >= 0 ? (guint)other : p->program->vars[x->var].address;
  return x->var;
}

gboolean
mt_properties_race (const MtProperties *p, const MtWord *s, gint var, guint *a, guint *b, guint *address)
{
  for (*b = 1; *b < p->program->n_tasks; ++*b)
    for (*a = 0; *a < *b; ++*a)
      if (race_of (p, s, *a, *b, address) == var)
        return TRUE;
  return FALSE;
}

static void
look_for_races (MtProperties *p, const MtWord *s, guint state, guint length)
{
  guint n = 0, address;
  for (guint t = 0; t < p->program->n_tasks; t++)
    if (p->accesses[s[p->program->tasks[t].base]].var >= 0)
      p->raced[n++] = t;
  for (guint j = 1; j < n; j++)
    for (guint i = 0; i < j; i++)
      {
        gint var = race_of (p, s, p->raced[i], p->raced[j], &address);
        if (var >= 0)
          found (p, MT_FAIL_DATA_RACE, -1, var, state, length);
      }
}

void
mt_properties_state (MtProperties *p, const MtWord *s, guint state, const MtChoice *choices, guint n, guint length)
{
  p->changed = FALSE;
  gboolean ended = n == 0 && mt_ended (p->program, s);
  if (p->invariants || p->reachable || (ended && p->finally))
    look_at_expressions (p, s, state, ended, length);
  if (p->deadlocks && n == 0 && !ended)
    found (p, MT_FAIL_DEADLOCK, -1, -1, state, length);
  else if (p->deadlocks && n > 0)
    look_for_cycle (p, s, state, choices, n, length);
  if (p->races)
    look_for_races (p, s, state, length);
}

void
mt_properties_end (MtProperties *p)
{
  for (guint i = 0; i < p->program->n_properties; i++)
    {
      MtFound f = { .kind = MT_PASS, .property = (gint)i, .var = -1 };
      if (p->program->properties[i].kind == MT_PROPERTY_REACHABLE && !find (p->witnesses, &f))
        found (p, MT_FAIL_REACHABLE, (gint)i, -1, 0, G_MAXUINT);
    }
}

const MtFound *
mt_properties_worst (const MtProperties *p)
{
  const MtFound *worst = NULL;
  for (guint i = 0; i < p->findings->len; i++)
    {
      const MtFound *f = &g_array_index (p->findings, MtFound, i);
      if (mt_verdict_level (p->program, f->kind) == MT_FORBIDDEN && (!worst || f->length < worst->length || (f->length == worst->length && f->kind < worst->kind)))
        worst = f;
    }
  return worst;
}

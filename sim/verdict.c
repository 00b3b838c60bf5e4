/* Verdicts: their tokens, and the properties that one state or one step can judge. */
#include "sim/verdict.h"
#include "sim/explain.h"
#include "sim/op.h"

void
mt_violation_clear (MtViolation *v)
{
  g_clear_pointer (&v->cycle, g_array_unref);
  g_clear_pointer (&v->message, g_free);
}

void
mt_violation_free (MtViolation *v)
{
  if (!v)
    return;
  mt_violation_clear (v);
  g_free (v);
}

MtViolation *
mt_violation_copy (const MtViolation *v)
{
  MtViolation *copy = g_memdup2 (v, sizeof *v);
  copy->message = g_strdup (v->message);
  copy->cycle = v->cycle ? g_array_copy (v->cycle) : NULL;
  return copy;
}

typedef struct
{
  const gchar *token, *name;
  gint rule; /* MtRule, or -1 */
} Row;

static const Row rows[] = {
  [MT_PASS] = { "PASS", "pass", -1 },
  [MT_FAIL_ASSERTION] = { "FAIL(assertion)", "assertions", MT_RULE_ASSERTIONS },
  [MT_FAIL_ERROR] = { "FAIL(error)", "errors", MT_RULE_ERRORS },
  [MT_FAIL_LOST_UPDATE] = { "FAIL(lost_update)", "lost_update", MT_RULE_LOST_UPDATE },
  [MT_FAIL_INVARIANT] = { "FAIL(invariant)", "invariants", -1 },
  [MT_FAIL_DEADLOCK] = { "FAIL(deadlock)", "deadlock", MT_RULE_DEADLOCK },
  [MT_FAIL_FINALLY] = { "FAIL(finally)", "finally", -1 },
  [MT_FAIL_REACHABLE] = { "FAIL(reachable)", "reachable", -1 },
  [MT_FAIL_DATA_RACE] = { "FAIL(data_race)", "data_race", MT_RULE_DATA_RACE },
  [MT_INCOMPLETE] = { "INCOMPLETE", "incomplete", -1 },
};

const gchar *
mt_verdict_token (MtVerdictKind kind)
{
  return rows[kind].token;
}

const gchar *
mt_verdict_name (MtVerdictKind kind)
{
  return rows[kind].name;
}

const gchar *
mt_level_name (MtVerdictLevel level)
{
  static const gchar *const names[] = { [MT_ALLOWED] = "allowed", [MT_REPORTED] = "reported", [MT_FORBIDDEN] = "forbidden" };
  return names[level];
}

MtVerdictLevel
mt_verdict_level (const MtProgram *program, MtVerdictKind kind)
{
  return rows[kind].rule < 0 ? MT_FORBIDDEN : program->rules[rows[kind].rule];
}

MtVerdictKind
mt_outcome_verdict (MtOutcome outcome)
{
  if (outcome & MT_FAULT)
    return outcome & MT_FAULT_ASSERTION ? MT_FAIL_ASSERTION : MT_FAIL_ERROR;
  return outcome & MT_LOST_UPDATE ? MT_FAIL_LOST_UPDATE : MT_PASS;
}

static gint
first_false (const MtProgram *program, const MtWord *s, MtPropertyKind kind)
{
  for (guint i = 0; i < program->n_properties; i++)
    {
      MtWord value;
      const MtProperty *property = &program->properties[i];
      if (property->kind == kind && (!mt_eval (program, s, &property->pure, &value) || !value))
        return (gint)i;
    }
  return -1;
}

gint
mt_broken_invariant (const MtProgram *program, const MtWord *s)
{
  return first_false (program, s, MT_PROPERTY_INVARIANT);
}

gint
mt_broken_finally (const MtProgram *program, const MtWord *s)
{
  return first_false (program, s, MT_PROPERTY_FINALLY);
}

/* Depth first from @at along those it waits for, to @task; the way there is appended to @cycle. */
static gboolean
leads_to (const MtProgram *program, const MtWord *s, guint at, guint task, gboolean *seen, GArray *cycle)
{
  g_array_append_val (cycle, at);
  for (gint next = mt_awaited (program, s, at, 0); next >= 0; next = mt_awaited (program, s, at, (guint)next + 1))
    {
      if (next == (gint)task)
        return TRUE;
      if (seen[next])
        continue;
      seen[next] = TRUE;
      if (leads_to (program, s, (guint)next, task, seen, cycle))
        return TRUE;
    }
  g_array_set_size (cycle, cycle->len - 1);
  return FALSE;
}

static gboolean
cycle_from (const MtProgram *program, const MtWord *s, guint task, GArray *cycle)
{
  g_array_set_size (cycle, 0);
  if (mt_awaited (program, s, task, 0) < 0)
    return FALSE;
  g_autofree gboolean *seen = g_new0 (gboolean, program->n_tasks);
  return leads_to (program, s, task, task, seen, cycle);
}

gboolean
mt_wait_cycle (const MtProgram *program, const MtWord *s, gint task, GArray *cycle)
{
  if (task >= 0)
    return cycle_from (program, s, (guint)task, cycle);
  for (guint t = 0; t < program->n_tasks; t++)
    if (cycle_from (program, s, t, cycle))
      return TRUE;
  return FALSE;
}

gboolean
mt_is_deadlock (const MtProgram *program, const MtWord *s)
{
  return !mt_ended (program, s);
}

void
mt_outcome_print (const MtProgram *program, const MtWord *s, GString *out)
{
  for (guint i = 0; i < program->n_observed; i++)
    {
      const MtObserved *o = &program->observed[i];
      g_autofree MtWord *value = g_new0 (MtWord, o->pure.n_words + 1);
      g_string_append_printf (out, "%s%s=", i ? " " : "", o->text);
      if (mt_eval (program, s, &o->pure, value))
        mt_value_print (program, o->pure.type, FALSE, value, out);
      else
        g_string_append (out, "?");
    }
  if (program->n_observed == 0)
    g_string_append (out, "ended");
}

static const gchar *
task_name (const MtProgram *program, gint task)
{
  return task < 0 ? "the model" : program->tasks[task].name;
}

static gchar *
describe_deadlock (const MtProgram *program, const MtWord *s, const MtViolation *v)
{
  g_autoptr (GString) out = g_string_new (v->cycle ? "" : "nothing can move: ");
  gboolean first = TRUE;
  for (guint t = 0; t < program->n_tasks; t++)
    {
      MtBlock block;
      gboolean in_cycle = FALSE;
      for (guint i = 0; v->cycle && i < v->cycle->len; i++)
        in_cycle = in_cycle || g_array_index (v->cycle, guint, i) == t;
      if ((v->cycle && !in_cycle) || program->tasks[t].daemon || !mt_why_blocked (program, s, t, &block) || block.kind == MT_BLOCK_ENDED || block.kind == MT_BLOCK_UNSTARTED)
        continue;
      g_string_append_printf (out, "%s%s ", first ? "" : ", ", program->tasks[t].name);
      mt_block_print (program, s, t, out);
      first = FALSE;
    }
  return g_strdup (out->str);
}

gchar *
mt_violation_describe (const MtProgram *program, const MtWord *s, const MtViolation *v, const MtStep *rec)
{
  const gchar *who = task_name (program, v->task);
  switch (v->kind)
    {
    case MT_FAIL_ASSERTION:
    case MT_FAIL_ERROR:
      return g_strdup_printf ("%s ends with an unhandled error: %s", who, rec && rec->fault->len ? rec->fault->str : "(not recorded)");
    case MT_FAIL_LOST_UPDATE:
      {
        g_autoptr (GString) cell = g_string_new (NULL);
        mt_address_print (program, v->address, cell);
        return g_strdup_printf ("%s writes %s from a stale read and erases another task's update", who, cell->str);
      }
    case MT_FAIL_INVARIANT:
      return g_strdup_printf ("the invariant %s does not hold", program->properties[v->property].name);
    case MT_FAIL_FINALLY:
      {
        g_autoptr (GString) outcome = g_string_new (NULL);
        mt_outcome_print (program, s, outcome);
        return g_strdup_printf ("at the end %s does not hold: %s", program->properties[v->property].name, outcome->str);
      }
    case MT_FAIL_REACHABLE:
      return g_strdup_printf ("%s is never true", program->properties[v->property].name);
    case MT_FAIL_DEADLOCK:
      return describe_deadlock (program, s, v);
    case MT_FAIL_DATA_RACE:
      {
        g_autoptr (GString) cell = g_string_new (NULL);
        mt_address_print (program, v->address, cell);
        return g_strdup_printf ("%s and %s are about to access %s, one of them to write it, and nothing orders them", who, task_name (program, v->other), cell->str);
      }
    default:
      return g_strdup ("");
    }
}

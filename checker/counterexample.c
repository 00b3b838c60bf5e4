/* See counterexample.h. */
#include "checker/counterexample.h"
#include "checker/packed/packed.h"
#include "sim/op.h"
#include <string.h>

/* Smoothing runs the schedule again for each attempt: a bound on the steps made in all. */
#define MAX_EFFORT 20000000

static void
append_way (const MtStore *store, guint id, GArray *choices)
{
  for (; mt_store_parent (store, id) != MT_STORE_ROOT; id = mt_store_parent (store, id))
    {
      MtChoice choice = mt_store_choice (store, id);
      g_array_append_val (choices, choice);
    }
  for (guint i = 0; i < choices->len / 2; i++)
    {
      MtChoice *a = &g_array_index (choices, MtChoice, i), *b = &g_array_index (choices, MtChoice, choices->len - 1 - i), kept = *a;
      *a = *b;
      *b = kept;
    }
}

/* The same way is gone again, and who stands where is kept book of. */
GArray *
mt_counterexample_unfold (const MtExplore *x, const GArray *way)
{
  const MtProgram *program = x->program;
  GArray *choices = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  g_autofree MtWord *s = g_new (MtWord, program->n_words), *from = g_new (MtWord, program->n_words);
  g_autofree guint *places = g_new (guint, program->n_tasks + 1);
  for (guint t = 0; t < program->n_tasks; t++)
    places[t] = t;
  mt_explore_start (x, s, NULL);
  mt_reducer_begin (x->reducer, s, places);
  for (guint i = 0; i < way->len; i++)
    {
      memcpy (from, s, sizeof (MtWord) * program->n_words);
      mt_reducer_step (x->reducer, from, s, g_array_index (way, MtChoice, i), places, choices);
    }
  return choices;
}

GArray *
mt_counterexample_path_to (const MtExplore *x, guint id)
{
  g_autoptr (GArray) way = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  append_way (&x->store, id, way);
  return mt_counterexample_unfold (x, way);
}

GArray *
mt_counterexample_path_to_end (const MtExplore *x, const GArray *ends)
{
  if (!x->packed)
    return mt_counterexample_path_to (x, g_array_index (x->terminals, guint, g_array_index (ends, guint, 0)));
  g_autoptr (GArray) way = mt_packed_way_to_end (x, ends);
  return mt_counterexample_unfold (x, way);
}

GArray *
mt_counterexample_path (const MtExplore *x, const MtFound *finding)
{
  g_autoptr (GArray) way = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  if (finding->length == 0 || finding->kind == MT_FAIL_REACHABLE)
    return g_steal_pointer (&way);
  if (finding->path)
    g_array_append_vals (way, finding->path->data, finding->path->len);
  else
    append_way (&x->store, finding->state, way);
  if (finding->pc)
    g_array_append_val (way, finding->choice);
  return finding->path ? g_steal_pointer (&way) : mt_counterexample_unfold (x, way);
}

static gboolean
is_choice (const MtProgram *program, const MtWord *s, MtChoice choice, MtChoice *scratch)
{
  guint n = mt_choices (program, s, scratch);
  for (guint i = 0; i < n; i++)
    if (scratch[i].task == choice.task && scratch[i].alt == choice.alt)
      return TRUE;
  return FALSE;
}

/* Whether the last step, made at @pc with @rec, or the state it led to, shows @f; fills in @v. */
static gboolean
shows (const MtExplore *x, const MtFound *f, const MtWord *s, guint pc, const MtStep *rec, MtViolation *v)
{
  const MtProgram *program = x->program;
  MtWord value;
  guint a, b, address;
  switch (f->kind)
    {
    case MT_FAIL_ASSERTION:
    case MT_FAIL_ERROR: return pc == f->pc && mt_outcome_verdict (rec->outcome & (MT_FAULT | MT_FAULT_ASSERTION)) == f->kind;
    case MT_FAIL_LOST_UPDATE:
      v->address = rec->lost_address;
      v->var = mt_var_at (program, v->address);
      return pc == f->pc && (rec->outcome & MT_LOST_UPDATE);
    case MT_FAIL_INVARIANT:
    case MT_FAIL_FINALLY:
      v->property = f->property;
      return !(mt_eval (program, s, &program->properties[f->property].pure, &value) && value) && (f->kind == MT_FAIL_INVARIANT || mt_ended (program, s));
    case MT_PASS: /* a witness */ v->property = f->property; return mt_eval (program, s, &program->properties[f->property].pure, &value) && value;
    case MT_FAIL_DEADLOCK:
      v->cycle = g_array_new (FALSE, FALSE, sizeof (guint));
      if (mt_wait_cycle (program, s, -1, v->cycle))
        return TRUE;
      g_clear_pointer (&v->cycle, g_array_unref);
      v->task = -1;
      return mt_choices (program, s, x->choices) == 0 && mt_is_deadlock (program, s);
    case MT_FAIL_DATA_RACE:
      if (!mt_properties_race (&x->properties, s, f->var, &a, &b, &address))
        return FALSE;
      v->task = (gint)a;
      v->other = (gint)b;
      v->var = f->var;
      v->address = address;
      return TRUE;
    default: v->property = f->property; return TRUE;
    }
}

gboolean
mt_counterexample_judge (const MtExplore *x, const MtFound *finding, const GArray *choices, MtViolation *out)
{
  const MtProgram *program = x->program;
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  MtStep rec;
  guint pc = 0;
  gboolean good = TRUE;
  *out = (MtViolation){ .kind = finding->kind, .task = -1, .property = -1, .var = -1, .other = -1 };
  mt_step_init (&rec);
  mt_explore_start (x, s, &rec);
  for (guint i = 0; good && i < choices->len; i++)
    {
      MtChoice choice = g_array_index (choices, MtChoice, i);
      good = is_choice (program, s, choice, x->choices);
      if (!good)
        break;
      pc = choice.task == MT_CLOCK ? 0 : (guint)s[program->tasks[choice.task].base];
      g_string_truncate (rec.output, 0);
      mt_step (program, s, choice, &rec);
      out->step += choice.task != MT_CLOCK;
      out->task = choice.task == MT_CLOCK ? -1 : (gint)choice.task;
    }
  good = good && shows (x, finding, s, pc, &rec, out);
  if (good)
    out->message = finding->kind == MT_PASS ? g_strdup_printf ("%s is true", program->properties[finding->property].name) : mt_violation_describe (program, s, out, &rec);
  else
    mt_violation_clear (out);
  mt_step_clear (&rec);
  return good;
}

static guint
switches (const GArray *choices)
{
  guint n = 0;
  for (guint i = 1; i < choices->len; i++)
    n += g_array_index (choices, MtChoice, i).task != g_array_index (choices, MtChoice, i - 1).task;
  return n;
}

/* The choices from..to-1 moved to before @at, which is not among them. Caller frees. */
static GArray *
moved (const GArray *choices, guint from, guint to, guint at)
{
  const MtChoice *c = (const MtChoice *)choices->data;
  GArray *out = g_array_sized_new (FALSE, FALSE, sizeof (MtChoice), choices->len);
  for (guint i = 0; i <= choices->len; i++)
    {
      if (i == at)
        g_array_append_vals (out, c + from, to - from);
      if (i < choices->len && (i < from || i >= to))
        g_array_append_vals (out, c + i, 1);
    }
  return out;
}

static guint
block_end (const GArray *choices, guint from)
{
  guint to = from + 1;
  while (to < choices->len && g_array_index (choices, MtChoice, to).task == g_array_index (choices, MtChoice, from).task)
    to++;
  return to;
}

/* One move that leaves fewer switches, or FALSE. */
static gboolean
improve (const MtExplore *x, const MtFound *f, GArray *choices, guint64 *effort)
{
  for (guint a = 0; a < choices->len; a = block_end (choices, a))
    for (guint b = block_end (choices, a); b < choices->len; b = block_end (choices, b))
      {
        guint a_end = block_end (choices, a), b_end = block_end (choices, b);
        if (g_array_index (choices, MtChoice, a).task != g_array_index (choices, MtChoice, b).task)
          continue;
        for (guint way = 0; way < 2; way++)
          {
            /* the later block up to the earlier one, or that down to the later */
            g_autoptr (GArray) other = way == 0 ? moved (choices, b, b_end, a_end) : moved (choices, a, a_end, b);
            MtViolation v;
            *effort += choices->len;
            if (*effort > MAX_EFFORT || switches (other) >= switches (choices) || !mt_counterexample_judge (x, f, other, &v))
              continue;
            mt_violation_clear (&v);
            memcpy (choices->data, other->data, sizeof (MtChoice) * choices->len);
            return TRUE;
          }
      }
  return FALSE;
}

void
mt_counterexample_smooth (const MtExplore *x, const MtFound *finding, GArray *choices)
{
  guint64 effort = 0;
  while (improve (x, finding, choices, &effort) && effort <= MAX_EFFORT)
    ;
}

/* @choices without @n of them from @from on; NULL when that does not show @f. */
static GArray *
without (const MtExplore *x, const MtFound *f, const GArray *choices, guint from, guint n)
{
  GArray *out = g_array_sized_new (FALSE, FALSE, sizeof (MtChoice), choices->len);
  MtViolation v;
  g_array_append_vals (out, choices->data, from);
  g_array_append_vals (out, &g_array_index (choices, MtChoice, from + n), choices->len - from - n);
  if (mt_counterexample_judge (x, f, out, &v))
    {
      mt_violation_clear (&v);
      return out;
    }
  g_array_unref (out);
  return NULL;
}

void
mt_counterexample_shorten (const MtExplore *x, const MtFound *f)
{
  g_autoptr (GArray) choices = mt_counterexample_path (x, f);
  guint64 effort = 0;
  for (guint n = MAX (choices->len / 2, 1); effort < MAX_EFFORT; n = MAX (n / 2, 1))
    {
      gboolean shorter = FALSE;
      for (guint from = 0; from + n <= choices->len && effort < MAX_EFFORT;)
        {
          GArray *less = without (x, f, choices, from, n);
          effort += choices->len;
          if (less)
            {
              g_array_unref (choices);
              choices = less;
              shorter = TRUE;
            }
          else
            from += n;
        }
      if (n == 1 && !shorter)
        break;
    }
  /* the last choice is the step that shows it: kept apart, where there is one */
  guint n_path = choices->len - (f->pc ? 1 : 0);
  memcpy (f->path->data, choices->data, sizeof (MtChoice) * n_path);
  g_array_set_size (f->path, n_path);
}

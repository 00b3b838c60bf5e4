/* The loop: choices, pick, step, look. */
#include "sim/run.h"
#include "sim/op.h"
#include "sim/rare.h"
#include <string.h>

typedef struct
{
  const MtProgram *program;
  const MtRunOptions *options;
  MtRunResult *result;
  MtStep step;
  GArray *cycle;
  gboolean has_invariants;
  gboolean *ran; /* with step_time: of each task, whether it has moved in this round */
  guint n_ran;
  MtWord *before; /* with statistics: the state before the clock moved */
  guint tell; /* outcomes to look at: all, until a lost update is found: the others of the run are not told */
} Run;

static gboolean
seen (const MtRunResult *result, MtVerdictKind kind)
{
  for (guint i = 0; i < result->violations->len; i++)
    if (g_array_index (result->violations, MtViolation, i).kind == kind)
      return TRUE;
  return FALSE;
}

void
mt_run_found (const MtProgram *program, MtRunResult *result, const MtStep *rec, const GArray *cycle, MtVerdictKind kind, gint task, gint property)
{
  if (seen (result, kind))
    return;
  MtViolation v = { .kind = kind, .step = (guint)result->steps, .task = task, .property = property, .var = -1, .other = -1 };
  if (kind == MT_FAIL_LOST_UPDATE)
    {
      v.address = rec->lost_address;
      v.var = mt_var_at (program, v.address);
    }
  if (kind == MT_FAIL_DEADLOCK && cycle->len)
    {
      v.cycle = g_array_sized_new (FALSE, FALSE, sizeof (guint), cycle->len);
      g_array_append_vals (v.cycle, cycle->data, cycle->len);
    }
  v.message = mt_violation_describe (program, result->state, &v, rec);
  g_array_append_val (result->violations, v);
}

static void
found (Run *run, MtVerdictKind kind, gint task, gint property)
{
  mt_run_found (run->program, run->result, &run->step, run->cycle, kind, task, property);
}

static void
flush_output (Run *run)
{
  GString *out = run->step.output;
  if (out->len && run->options->output)
    run->options->output (out->str, out->len, run->options->output_data);
  g_string_truncate (out, 0);
}

static MT_RARE void
look_at_outcome (Run *run, gint task)
{
  MtOutcome outcome = run->step.outcome;
  if (outcome & MT_LOST_UPDATE)
    {
      run->tell &= ~(guint)MT_LOST_UPDATE;
      found (run, MT_FAIL_LOST_UPDATE, task, -1);
    }
  if (outcome & MT_FAULT)
    {
      run->result->faults++;
      found (run, outcome & MT_FAULT_ASSERTION ? MT_FAIL_ASSERTION : MT_FAIL_ERROR, task, -1);
    }
  if ((outcome & MT_SWALLOWED) && run->result->swallowed++ == 0)
    run->result->first_swallowed = g_strdup_printf ("a job of pool '%s' ended with an error that Pool swallows: %s (step %u)", run->program->tasks[task].group,
                                                    run->step.fault->str, (guint)run->result->steps);
}

static MT_RARE void
look_at_state (Run *run, gint task)
{
  gint broken = mt_broken_invariant (run->program, run->result->state);
  if (broken >= 0)
    found (run, MT_FAIL_INVARIANT, task, broken);
}

/* The task that moved may wait now, and close a circle of tasks that wait for each other. */
static void
look_for_cycle (Run *run, guint task)
{
  const MtProgram *p = run->program;
  const MtInstr *in = &p->code[run->result->state[p->tasks[task].base]];
  if ((in->flags & MT_ALWAYS) || in->op < MT_N_OPCODES || seen (run->result, MT_FAIL_DEADLOCK))
    return;
  if (mt_wait_cycle (p, run->result->state, (gint)task, run->cycle))
    found (run, MT_FAIL_DEADLOCK, (gint)task, -1);
}

void
mt_run_judge_end (const MtProgram *program, MtRunResult *result)
{
  const MtWord *s = result->state;
  g_autoptr (GArray) cycle = g_array_new (FALSE, FALSE, sizeof (guint));
  result->ended = mt_ended (program, s);
  if (!result->ended)
    {
      if (!mt_wait_cycle (program, s, -1, cycle))
        g_array_set_size (cycle, 0);
      mt_run_found (program, result, NULL, cycle, MT_FAIL_DEADLOCK, -1, -1);
      return;
    }
  gint broken = mt_broken_finally (program, s);
  if (broken >= 0)
    mt_run_found (program, result, NULL, NULL, MT_FAIL_FINALLY, -1, broken);
}

/* Steps that take time go in rounds: up to `cpus` tasks move, then the clock does. Leaves in @choices
 * those of tasks that have not moved yet; ends the round where it is over. Returns how many are left. */
static guint
choices_of_round (Run *run, MtChoice *choices, guint n)
{
  guint left = 0;
  for (guint i = 0; i < n; i++)
    if (run->n_ran == 0 || (choices[i].task != MT_CLOCK && !run->ran[choices[i].task]))
      choices[left++] = choices[i];
  return run->n_ran < MAX (run->options->cpus, 1) ? left : 0;
}

static MT_RARE MtOutcome
step_elsewhere (const MtRunOptions *o, const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec)
{
  return o->step (program, s, choice, rec, o->step_data);
}

static inline MtOutcome
make_step (const MtRunOptions *o, const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec)
{
  return G_UNLIKELY (o->step != NULL) ? step_elsewhere (o, program, s, choice, rec) : mt_step (program, s, choice, rec);
}

static void
end_round (Run *run)
{
  const MtChoice pass = { MT_CLOCK, (guint16)run->options->step_time };
  MtRunResult *result = run->result;
  if (run->options->stats)
    mt_stats_pass (run->options->stats, result->state, run->ran, run->options->step_time);
  make_step (run->options, run->program, result->state, pass, &run->step);
  result->time += run->step.advance;
  result->steps++;
  if (result->choices)
    g_array_append_val (result->choices, pass);
  memset (run->ran, 0, sizeof (gboolean) * run->program->n_tasks);
  run->n_ran = 0;
}

static MT_RARE void
keep_before (Run *run)
{
  if (run->before)
    memcpy (run->before, run->result->state, sizeof (MtWord) * run->program->n_words);
}

static MT_RARE void
keep_choice (MtRunResult *result, MtChoice choice)
{
  g_array_append_val (result->choices, choice);
}

/* The clock has moved: virtual time has passed, in which everybody slept. */
static void
pass_time (Run *run)
{
  run->result->time += run->step.advance;
  if (run->options->stats)
    mt_stats_pass (run->options->stats, run->before, NULL, run->step.advance);
}

/* The choices of the state as it is, of those that a round allows; 0: nobody can move. */
static guint
find_choices (Run *run, MtChoice *choices)
{
  guint n = mt_choices (run->program, run->result->state, choices);
  if (!run->options->step_time)
    return n;
  guint left = choices_of_round (run, choices, n);
  while (left == 0 && run->n_ran)
    {
      end_round (run);
      n = mt_choices (run->program, run->result->state, choices);
      left = choices_of_round (run, choices, n);
    }
  return left;
}

/* Steps until nobody can move, or a bound or the scheduler ends it. What is done for every step is little: a step
 * that is known to leave the choices as they were is no move of the clock, prints nothing and waits for nothing. */
static void
loop (Run *run, MtSched *sched, MtChoice *choices)
{
  const MtProgram *program = run->program;
  const MtRunOptions *options = run->options;
  MtRunResult *result = run->result;
  MtWord *s = result->state;
  const guint64 max_steps = options->max_steps ? options->max_steps : G_MAXUINT64;
  gint last = -1, pick = -1;
  guint n = 0;
  gboolean same = FALSE; /* the choices are those of the step before */
  while ((same || (n = find_choices (run, choices)) > 0) && result->steps < max_steps && (pick = mt_sched_pick (sched, program, s, choices, n)) >= 0)
    {
      const MtChoice choice = choices[pick];
      result->steps++;
      if (G_UNLIKELY (choice.task == MT_CLOCK))
        keep_before (run);
      const MtOutcome outcome = make_step (options, program, s, choice, &run->step);
      if (G_UNLIKELY (result->choices != NULL))
        keep_choice (result, choice);
      same = run->step.same_choices && !options->step_time;
      if (!same)
        {
          if (run->step.output->len)
            flush_output (run);
          if (choice.task == MT_CLOCK)
            {
              pass_time (run);
              continue;
            }
        }
      result->switches += last != (gint)choice.task;
      last = choice.task;
      if (G_UNLIKELY (outcome & run->tell))
        look_at_outcome (run, last);
      if (G_UNLIKELY (run->has_invariants))
        look_at_state (run, last);
      if (!same)
        {
          if (options->step_time)
            {
              run->ran[choice.task] = TRUE;
              run->n_ran++;
            }
          look_for_cycle (run, choice.task);
        }
    }
  result->switches -= last >= 0; /* the first step is none */
  if (n == 0)
    mt_run_judge_end (program, result);
  else if (result->steps >= max_steps)
    result->cut = TRUE;
  else
    result->parted = TRUE;
}

void
mt_run (const MtProgram *program, MtSched *sched, const MtRunOptions *options, MtRunResult *result)
{
  mt_run_result_init (program, result);
  if (options->record)
    result->choices = g_array_new (FALSE, FALSE, sizeof (MtChoice));
  Run run = { .program = program, .options = options, .result = result, .cycle = g_array_new (FALSE, FALSE, sizeof (guint)), .tell = ~0u };
  for (guint i = 0; i < program->n_properties; i++)
    run.has_invariants = run.has_invariants || program->properties[i].kind == MT_PROPERTY_INVARIANT;
  run.ran = g_new0 (gboolean, program->n_tasks + 1);
  run.before = options->stats ? g_new (MtWord, program->n_words) : NULL;
  mt_step_init (&run.step);
  MtChoice *choices = g_new (MtChoice, program->max_choices);

  mt_state_init (program, result->state, &run.step);
  flush_output (&run);
  look_at_outcome (&run, -1);
  if (run.has_invariants)
    look_at_state (&run, -1);
  loop (&run, sched, choices);

  g_free (choices);
  g_free (run.ran);
  g_free (run.before);
  g_array_unref (run.cycle);
  mt_step_clear (&run.step);
}

void
mt_run_result_init (const MtProgram *program, MtRunResult *result)
{
  *result = (MtRunResult){ .violations = g_array_new (FALSE, TRUE, sizeof (MtViolation)), .state = g_new0 (MtWord, program->n_words) };
  g_array_set_clear_func (result->violations, (GDestroyNotify)mt_violation_clear);
}

void
mt_run_result_clear (MtRunResult *result)
{
  g_clear_pointer (&result->violations, g_array_unref);
  g_clear_pointer (&result->choices, g_array_unref);
  g_clear_pointer (&result->state, g_free);
  g_clear_pointer (&result->first_swallowed, g_free);
}

const MtViolation *
mt_run_verdict (const MtProgram *program, const MtRunResult *result)
{
  for (guint i = 0; i < result->violations->len; i++)
    {
      const MtViolation *v = &g_array_index (result->violations, MtViolation, i);
      if (mt_verdict_level (program, v->kind) == MT_FORBIDDEN)
        return v;
    }
  return NULL;
}

/* See reduce.h. */
#include "checker/reduce.h"
#include "checker/dead.h"
#include "checker/persistent.h"
#include "checker/symmetry.h"
#include "sim/op.h"
#include <string.h>

#define MAX_FUSED 4096 /* steps: then a state is stored all the same */

struct _MtReducer
{
  const MtProgram *program;
  MtDead *dead;
  MtPersistent *persistent;
  MtSymmetry *symmetry;
  gboolean fuses;
  const gchar *no_por, *no_symmetry;
  MtWord *before; /* the state that the last step of mt_reducer_step() was made in */
  MtChoice last;
  guint n_last, last_pc;
  MtChoice *choices;
};

void
mt_reducer_forget (const MtReducer *r, const MtWord *before, guint moved, MtWord *s)
{
  if (r->dead)
    mt_dead_reset (r->dead, before, moved, s);
}

MtReducer *
mt_reducer_new (const MtProgram *program, guint wished)
{
  MtReducer *r = g_new0 (MtReducer, 1);
  r->program = program;
  if (wished & MT_REDUCE_DEAD)
    r->dead = mt_dead_new (program);
  if (wished & MT_REDUCE_POR)
    r->persistent = mt_persistent_new (program, &r->no_por);
  if (wished & MT_REDUCE_SYMMETRY)
    r->symmetry = mt_symmetry_new (program, &r->no_symmetry);
  r->fuses = (wished & MT_REDUCE_FUSION) && r->persistent;
  r->before = g_new (MtWord, program->n_words);
  r->choices = g_new (MtChoice, program->max_choices);
  return r;
}

void
mt_reducer_free (MtReducer *r)
{
  mt_dead_free (r->dead);
  mt_persistent_free (r->persistent);
  mt_symmetry_free (r->symmetry);
  g_free (r->before);
  g_free (r->choices);
  g_free (r);
}

guint
mt_reducer_used (const MtReducer *r)
{
  return (r->dead ? MT_REDUCE_DEAD : 0) | (r->persistent ? MT_REDUCE_POR : 0) | (r->symmetry ? MT_REDUCE_SYMMETRY : 0) | (r->fuses ? MT_REDUCE_FUSION : 0);
}

const gchar *
mt_reducer_why_not (const MtReducer *r, MtReductions reduction)
{
  return reduction == MT_REDUCE_SYMMETRY ? r->no_symmetry : reduction == MT_REDUCE_POR || reduction == MT_REDUCE_FUSION ? r->no_por : NULL;
}

void
mt_reducer_begin (MtReducer *r, MtWord *s, guint *places)
{
  mt_reducer_forget (r, NULL, 0, s);
  if (r->symmetry)
    mt_symmetry_sort (r->symmetry, s, places);
}

/* Whether a step is to be made at once in @s: then *choice. @task made those before it, and they @move right. */
static gboolean
goes_on (MtReducer *r, MtStepper *stepper, const MtWord *s, guint task, gboolean move, MtChoice *choice)
{
  guint n = stepper->choices (stepper, r->choices), i = 0, of_task = 0;
  if (n == 0 || r->choices[0].task == MT_CLOCK)
    return FALSE;
  for (guint k = 0; k < n; k++)
    if (r->choices[k].task == task && of_task++ == 0)
      i = k;
  *choice = r->choices[i];
  if (move && of_task == 1 && mt_persistent_leaf (r->persistent, s, task))
    return TRUE;
  return mt_persistent_one (r->persistent, s, r->choices, n, choice);
}

/* @choice of @s, as @places would have it: whoever moves there, and whom its way picks. */
static MtChoice
named (const MtProgram *program, const MtWord *s, MtChoice choice, const guint *places)
{
  if (!places || choice.task == MT_CLOCK)
    return choice;
  const MtInstr *in = &program->code[s[program->tasks[choice.task].base]];
  gint (*picks) (const MtProgram *, const MtWord *, guint, const MtInstr *, guint) = in->op >= MT_N_OPCODES ? mt_op (in->op)->picks : NULL;
  gint picked = picks ? picks (program, s, choice.task, in, choice.alt) : -1, other;
  MtChoice out = { (guint16)places[choice.task], picked < 0 ? choice.alt : 0 };
  for (guint alt = 0; picked >= 0 && (other = picks (program, s, choice.task, in, alt)) >= 0; alt++)
    out.alt = (guint16)(out.alt + (places[other] < places[picked]));
  return out;
}

gboolean
mt_reducer_walk (MtReducer *r, MtStepper *stepper, const MtWord *from, MtChoice choice, const guint *places, GArray *steps, MtOutcome *outcome)
{
  const MtProgram *program = r->program;
  const MtWord *s = from;
  guint task = choice.task;
  gboolean move = r->fuses && task != MT_CLOCK && program->time == MT_TIME_ABSTRACT && !mt_persistent_alone (r->persistent, from, task);
  for (r->n_last = 1;; r->n_last++)
    {
      r->last_pc = choice.task == MT_CLOCK ? 0 : (guint)s[program->tasks[choice.task].base];
      r->last = choice;
      if (steps)
        {
          MtChoice real = named (program, s, choice, places);
          g_array_append_val (steps, real);
        }
      s = stepper->step (stepper, choice, outcome);
      if (!s)
        return FALSE;
      if (!r->fuses || choice.task == MT_CLOCK || *outcome != MT_OK || r->n_last == MAX_FUSED)
        return TRUE;
      move = move && choice.task == task && mt_persistent_moves_right (r->persistent, s, task, r->last_pc);
      if (!goes_on (r, stepper, s, task, move, &choice))
        return TRUE;
    }
}

/* The waist, on words. */
typedef struct
{
  MtStepper stepper;
  MtReducer *r;
  MtWord *s;
} Waist;

static guint
waist_choices (MtStepper *stepper, MtChoice *out)
{
  const Waist *w = (const Waist *)stepper;
  return mt_choices (w->r->program, w->s, out);
}

static const MtWord *
waist_step (MtStepper *stepper, MtChoice choice, MtOutcome *outcome)
{
  const Waist *w = (const Waist *)stepper;
  memcpy (w->r->before, w->s, sizeof (MtWord) * w->r->program->n_words);
  *outcome = mt_step (w->r->program, w->s, choice, NULL);
  mt_reducer_forget (w->r, w->r->before, choice.task, w->s);
  return w->s;
}

MtOutcome
mt_reducer_step (MtReducer *r, const MtWord *from, MtWord *s, MtChoice choice, guint *places, GArray *steps)
{
  Waist waist = { { waist_choices, waist_step }, r, s };
  MtOutcome outcome;
  memcpy (s, from, sizeof (MtWord) * r->program->n_words);
  mt_reducer_walk (r, &waist.stepper, s, choice, places, steps, &outcome);
  if (r->symmetry)
    mt_symmetry_sort (r->symmetry, s, places);
  return outcome;
}

guint
mt_reducer_last_pc (const MtReducer *r, guint *n)
{
  *n = r->n_last;
  return r->last_pc;
}

void
mt_reducer_sort (const MtReducer *r, MtWord *s)
{
  if (r->symmetry)
    mt_symmetry_sort (r->symmetry, s, NULL);
}

const MtAlike *
mt_reducer_alike (const MtReducer *r, guint *n)
{
  *n = 0;
  return r->symmetry ? mt_symmetry_alike (r->symmetry, n) : NULL;
}

const MtWord *
mt_reducer_last (const MtReducer *r, MtChoice *choice, guint *n)
{
  *choice = r->last;
  *n = r->n_last;
  return r->before;
}

guint
mt_reducer_pick (MtReducer *r, const MtWord *s, MtChoice *choices, guint n)
{
  return r->persistent ? mt_persistent_pick (r->persistent, s, choices, n) : n;
}

void
mt_reducer_check (const MtReducer *r, const MtWord *s, MtChoice choice)
{
  if (r->persistent)
    mt_persistent_check (r->persistent, s, choice);
}

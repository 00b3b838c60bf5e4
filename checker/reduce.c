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
  const MtWord *before; /* the state that the last step was made in */
  MtWord *scratch;
  MtChoice last;
  guint n_last;
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
  r->scratch = g_new (MtWord, program->n_words);
  r->choices = g_new (MtChoice, program->max_choices);
  return r;
}

void
mt_reducer_free (MtReducer *r)
{
  mt_dead_free (r->dead);
  mt_persistent_free (r->persistent);
  mt_symmetry_free (r->symmetry);
  g_free (r->scratch);
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
goes_on (MtReducer *r, const MtWord *s, guint task, gboolean move, MtChoice *choice)
{
  guint n = mt_choices (r->program, s, r->choices), i = 0, of_task = 0;
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

MtOutcome
mt_reducer_step (MtReducer *r, const MtWord *from, MtWord *s, MtChoice choice, guint *places, GArray *steps)
{
  const MtProgram *program = r->program;
  guint task = choice.task;
  gboolean move = r->fuses && task != MT_CLOCK && program->time == MT_TIME_ABSTRACT && !mt_persistent_alone (r->persistent, from, task);
  MtOutcome outcome;
  memcpy (s, from, sizeof (MtWord) * program->n_words);
  r->before = from;
  for (r->n_last = 1;; r->n_last++)
    {
      guint pc = choice.task == MT_CLOCK ? 0 : (guint)s[program->tasks[choice.task].base];
      r->last = choice;
      if (steps)
        {
          MtChoice real = named (program, s, choice, places);
          g_array_append_val (steps, real);
        }
      outcome = mt_step (program, s, choice, NULL);
      mt_reducer_forget (r, r->before, choice.task, s);
      if (!r->fuses || choice.task == MT_CLOCK || outcome != MT_OK || r->n_last == MAX_FUSED)
        break;
      move = move && choice.task == task && mt_persistent_moves_right (r->persistent, s, task, pc);
      if (!goes_on (r, s, task, move, &choice))
        break;
      r->before = memcpy (r->scratch, s, sizeof (MtWord) * program->n_words);
    }
  if (r->symmetry)
    mt_symmetry_sort (r->symmetry, s, places);
  return outcome;
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

/* Reduced steps: what the reducer (reduce.h) picks and fuses, made of steps that the mover remembers. Where parts have been joined, the waist
 * makes them, and only where they lead becomes a key: few of the many joint values between fused steps are met again. */
#include "checker/packed/private.h"
#include <string.h>

/* The mover as one who makes steps. */
typedef struct
{
  MtStepper stepper;
  MtWorker *w;
  guint64 key; /* the state it is in */
  const MtMove *moves; /* of it; NULL: not yet known */
  guint n_moves;
} Remembered;

static void
expand (Remembered *r)
{
  if (r->moves)
    return;
  mt_mover_expand (&r->w->mover, r->key);
  r->moves = r->w->mover.moves;
  r->n_moves = r->w->mover.n_moves;
}

static guint
remembered_choices (MtStepper *stepper, MtChoice *out)
{
  Remembered *r = (Remembered *)stepper;
  expand (r);
  for (guint i = 0; i < r->n_moves; i++)
    out[i] = r->moves[i].gist.choice;
  return r->n_moves;
}

static const MtWord *
remembered_step (MtStepper *stepper, MtChoice choice, MtOutcome *outcome)
{
  Remembered *r = (Remembered *)stepper;
  expand (r);
  const MtMove *move = r->moves;
  while (move->gist.choice.task != choice.task || move->gist.choice.alt != choice.alt)
    move++;
  *outcome = move->gist.outcome;
  r->key = move->key;
  r->moves = NULL;
  return r->w->mover.failed ? NULL : mt_mover_state (&r->w->mover, r->key);
}

/* Places: tasks of a group stand sorted by their words, then by their monitors (symmetry.h). Where their parts have the same numbers for the
 * same values, to change places is to exchange fields. */

/* The parts of @task: its own and its monitors'; NULL: it has none. */
static void
parts_of_task (const MtParts *parts, guint task, const MtPart **own, const MtPart **watch)
{
  const MtProgram *program = parts->program;
  *own = &parts->layout.parts[parts->part_of[program->tasks[task].base]];
  *watch = program->watch_words ? &parts->layout.parts[parts->part_of[program->watch_base + task * program->watch_words]] : NULL;
}

static guint64
mask_of_part (const MtPart *part)
{
  return part ? mt_part_mask (part) : 0;
}

static gint
compare (const MtPart *a, const MtPart *b, guint64 key)
{
  guint i = mt_part_number (a, key), k = mt_part_number (b, key);
  return i == k ? 0 : memcmp (mt_part_value (a, i), mt_part_value (b, k), sizeof (MtWord) * a->intern->n_words);
}

static guint64
exchanged (const MtPart *a, const MtPart *b, guint64 key)
{
  guint64 i = mt_part_number (a, key), k = mt_part_number (b, key);
  return (key & ~(mt_part_mask (a) | mt_part_mask (b))) | k << a->shift | i << b->shift;
}

static gboolean
are_interchangeable (const MtPart *a, const MtPart *b)
{
  return !a || (a->intern == b->intern && a->width == b->width && a->n_runs == 1 && b->n_runs == 1);
}

/* The key whose tasks stand sorted, in place of *@key; in @before, they do. FALSE: some parts can't be exchanged, since they have been joined. */
static gboolean
sort_key (const MtParts *parts, const MtAlike *alike, guint n, guint64 before, guint64 *key)
{
  for (guint g = 0; g < n; g++)
    for (guint i = alike[g].first + 1; i < alike[g].first + alike[g].n; i++)
      for (guint k = i; k > alike[g].first; k--)
        {
          const MtPart *own[2], *watch[2];
          parts_of_task (parts, k - 1, &own[0], &watch[0]);
          parts_of_task (parts, k, &own[1], &watch[1]);
          if (!((before ^ *key) & (mask_of_part (own[0]) | mask_of_part (own[1]) | mask_of_part (watch[0]) | mask_of_part (watch[1]))))
            break; /* the two are as they were, and so is what lies before them */
          if (!are_interchangeable (own[0], own[1]) || !are_interchangeable (watch[0], watch[1]))
            return FALSE;
          gint order = compare (own[0], own[1], *key);
          if (order == 0 && watch[0])
            order = compare (watch[0], watch[1], *key);
          if (order <= 0)
            break;
          *key = exchanged (own[0], own[1], *key);
          if (watch[0])
            *key = exchanged (watch[0], watch[1], *key);
        }
  return TRUE;
}

/* FALSE: a number does not fit. */
static gboolean
put_in_places (MtWorker *w, guint64 *key)
{
  MtParts *parts = &w->packed->parts;
  guint n;
  const MtAlike *alike = mt_reducer_alike (w->reducer, &n);
  if (!n || (alike && sort_key (parts, alike, n, w->state, key)))
    return TRUE;
  const MtWord *s = mt_mover_state (&w->mover, *key);
  memcpy (w->next, s, sizeof (MtWord) * parts->program->n_words);
  mt_reducer_sort (w->reducer, w->next);
  return mt_parts_encode_changed (parts, w->next, s, key);
}

/* Reduced steps of the state w->state, whose words are w->from: each to *@move, with how many steps it counts for. FALSE: a number does not fit. */

static gboolean
take (MtWorker *w, MtMove *move, guint *pc, guint *n_steps, guint n_all)
{
  MtOutcome outcome;
  Remembered remembered = { { remembered_choices, remembered_step }, w, w->state, w->source, n_all };
  if (!mt_reducer_walk (w->reducer, &remembered.stepper, w->from, move->gist.choice, NULL, NULL, &outcome) || w->mover.failed || !put_in_places (w, &remembered.key))
    return FALSE;
  move->key = remembered.key;
  move->gist.outcome = (guint8)outcome;
  *pc = mt_reducer_last_pc (w->reducer, n_steps);
  return TRUE;
}

static gboolean
take_by_waist (MtWorker *w, MtMove *move, guint *pc, guint *n_steps)
{
  move->key = w->state;
  move->gist.outcome = (guint8)mt_reducer_step (w->reducer, w->from, w->next, move->gist.choice, NULL, NULL);
  *pc = mt_reducer_last_pc (w->reducer, n_steps);
  return mt_parts_encode_changed (&w->packed->parts, w->next, w->from, &move->key);
}

gboolean
mt_worker_reduce (MtWorker *w)
{
  const MtProgram *program = w->packed->x->program;
  const guint n_all = w->mover.n_moves;
  guint n = n_all;
  memcpy (w->source, w->mover.moves, sizeof (MtMove) * n_all); /* the mover goes on to other states */
  for (guint i = 0; i < n_all; i++)
    w->choices[i] = w->source[i].gist.choice;
  memcpy (w->from, mt_mover_state (&w->mover, w->state), sizeof (MtWord) * program->n_words);
  n = mt_reducer_pick (w->reducer, w->from, w->choices, n);
  w->moves = w->reduced;
  w->n_moves = w->n_steps = 0;
  for (guint n_steps; w->n_moves < n; w->n_steps += n_steps)
    {
      MtMove *move = &w->reduced[w->n_moves];
      guint *pc = &w->pcs[w->n_moves];
      *move = (MtMove){ .gist.choice = w->choices[w->n_moves++] };
      if (!(w->packed->parts.n_joins ? take_by_waist (w, move, pc, &n_steps) : take (w, move, pc, &n_steps, n_all)))
        return FALSE;
    }
  return TRUE;
}

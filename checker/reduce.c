/* See reduce.h. */
#include "checker/reduce.h"
#include "checker/dead.h"
#include "checker/persistent.h"
#include "checker/symmetry.h"

struct _MtReducer
{
  const MtProgram *program;
  MtDead *dead;
  MtPersistent *persistent;
  MtSymmetry *symmetry;
  const gchar *no_por, *no_symmetry;
};

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
  return r;
}

void
mt_reducer_free (MtReducer *r)
{
  mt_dead_free (r->dead);
  mt_persistent_free (r->persistent);
  mt_symmetry_free (r->symmetry);
  g_free (r);
}

guint
mt_reducer_used (const MtReducer *r)
{
  return (r->dead ? MT_REDUCE_DEAD : 0) | (r->persistent ? MT_REDUCE_POR : 0) | (r->symmetry ? MT_REDUCE_SYMMETRY : 0);
}

const gchar *
mt_reducer_why_not (const MtReducer *r, MtReductions reduction)
{
  return reduction == MT_REDUCE_SYMMETRY ? r->no_symmetry : reduction == MT_REDUCE_POR ? r->no_por : NULL;
}

void
mt_reducer_normalise (MtReducer *r, const MtWord *before, guint moved, MtWord *s, guint *places)
{
  if (r->dead)
    mt_dead_reset (r->dead, before, moved, s);
  if (r->symmetry)
    mt_symmetry_sort (r->symmetry, s, places);
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

/* What is left lying about when the model has ended: a lock still held, an item nobody took, a
 * permit not given back, a task nobody waited for. A report and never a violation: any of it may
 * be meant.
 *
 * An end in which the model has not ended (a deadlock) leaves nothing over: there all is still in
 * use. Nor does a daemon, which is cut off wherever it is. Who waits for a task's end can't be told
 * from a state, so the text of the model decides: a task that is started, is no daemon, and that
 * no step joins or asks whether it lives.
 */
#pragma once
#include "checker/explore.h"

typedef struct
{
  gchar *name; /* of the object; of all such tasks, by their groups: "t1, t2" */
  const gchar *words; /* "is still held" */
  GArray *ends; /* guint, indices of x->terminals: the nearest in which it was seen */
  gboolean always; /* at every end the model has, as a search that has seen all knows */
} MtLeftover;

/* Of a finished search: MtLeftover, objects in the model's order, then one row for tasks. Caller unrefs. */
GArray *mt_leftovers_find (const MtExplore *x);

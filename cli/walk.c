/* Breadth first over the waist. The states stand in one array that grows, so they are found again by
 * number and not by address. */
#include "cli/walk.h"
#include "sim/verdict.h"
#include <string.h>

typedef struct
{
  const MtProgram *program;
  MtGraph *graph;
  GHashTable *numbers; /* GBytes of a state -> number + 1; looked up only */
  GArray *parents; /* guint: the edge that led to each state, + 1 */
  guint max;
} Walk;

static guint
add_flags (const MtProgram *program, const MtWord *s, guint n_choices, MtOutcome outcome)
{
  guint flags = 0;
  MtVerdictKind kind = mt_outcome_verdict (outcome);
  if (mt_ended (program, s))
    flags |= MT_NODE_ENDED;
  else if (n_choices == 0)
    flags |= MT_NODE_DEADLOCK;
  if ((flags & MT_NODE_DEADLOCK && mt_verdict_level (program, MT_FAIL_DEADLOCK) == MT_FORBIDDEN)
      || (kind != MT_PASS && mt_verdict_level (program, kind) == MT_FORBIDDEN)
      || mt_broken_invariant (program, s) >= 0 || (flags & MT_NODE_ENDED && mt_broken_finally (program, s) >= 0))
    flags |= MT_NODE_VIOLATION;
  return flags;
}

/* Number of @s, which is added when it is new; -1: there is no room. */
static gint
number_of (Walk *w, const MtWord *s, MtOutcome outcome)
{
  MtGraph *g = w->graph;
  g_autoptr (GBytes) key = g_bytes_new (s, sizeof (MtWord) * g->n_words);
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (w->numbers, key));
  guint flags = add_flags (w->program, s, 1, outcome);
  if (found)
    {
      /* a step may violate (a lost update) where another that leads here does not */
      g_array_index (g->flags, guint, found - 1) |= flags & MT_NODE_VIOLATION;
      return (gint)found - 1;
    }
  if (g->flags->len >= w->max)
    return -1;
  guint number = g->flags->len, edge = g->edges->len + 1;
  g_array_append_vals (g->words, s, g->n_words);
  g_array_append_val (g->flags, flags);
  g_array_append_val (w->parents, edge);
  g_hash_table_insert (w->numbers, g_steal_pointer (&key), GUINT_TO_POINTER (number + 1));
  return (gint)number;
}

static void
mark_path (Walk *w)
{
  guint at = 0;
  while (at < w->graph->flags->len && !(g_array_index (w->graph->flags, guint, at) & MT_NODE_VIOLATION))
    at++;
  if (at == w->graph->flags->len)
    return;
  for (guint edge = 1; edge;)
    {
      g_array_index (w->graph->flags, guint, at) |= MT_NODE_ON_PATH;
      edge = at ? g_array_index (w->parents, guint, at) : 0;
      if (edge)
        {
          g_array_index (w->graph->edges, MtEdge, edge - 1).on_path = TRUE;
          at = g_array_index (w->graph->edges, MtEdge, edge - 1).from;
        }
    }
}

MtGraph *
mt_walk (const MtProgram *program, guint max)
{
  MtGraph *g = mt_graph_new (program->n_words);
  Walk w = { program, g, g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL), g_array_new (FALSE, FALSE, sizeof (guint)), max };
  g_autofree MtWord *s = g_new (MtWord, program->n_words), *next = g_new (MtWord, program->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, program->max_choices);
  g->complete = TRUE;
  number_of (&w, s, mt_state_init (program, s, NULL));
  g_array_index (g->flags, guint, 0) |= MT_NODE_INITIAL;
  for (guint at = 0; at < g->flags->len; at++)
    {
      memcpy (s, &g_array_index (g->words, MtWord, (gsize)at * g->n_words), sizeof (MtWord) * g->n_words);
      guint n = mt_choices (program, s, choices);
      g_array_index (g->flags, guint, at) |= add_flags (program, s, n, MT_OK);
      for (guint i = 0; i < n; i++)
        {
          memcpy (next, s, sizeof (MtWord) * g->n_words);
          MtOutcome outcome = mt_step (program, next, choices[i], NULL);
          gint to = number_of (&w, next, outcome);
          g->complete = g->complete && to >= 0;
          if (to < 0)
            continue;
          MtEdge edge = { at, (guint)to, choices[i], FALSE };
          g_array_append_val (g->edges, edge);
        }
    }
  mark_path (&w);
  g_hash_table_unref (w.numbers);
  g_array_unref (w.parents);
  return g;
}

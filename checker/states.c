/* See states.h. The search stores the states; their edges are found by going through them once more. */
#include "checker/states.h"
#include "checker/search.h"
#include <string.h>

static gboolean
forbidden (const MtProgram *program, MtVerdictKind kind)
{
  return kind != MT_PASS && mt_verdict_level (program, kind) == MT_FORBIDDEN;
}

static guint
flags_of (const MtProgram *program, const MtWord *s, gboolean stands)
{
  gboolean ended = mt_ended (program, s);
  gboolean violates = mt_broken_invariant (program, s) >= 0 || (ended && mt_broken_finally (program, s) >= 0)
                      || (stands && !ended && forbidden (program, MT_FAIL_DEADLOCK));
  return (ended ? MT_NODE_ENDED : stands ? MT_NODE_DEADLOCK : 0) | (violates ? MT_NODE_VIOLATION : 0);
}

static void
add_edges (MtGraph *graph, MtExplore *x, guint from, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      MtOutcome outcome;
      guint to = mt_explore_successor (x, from, x->choices[i], &outcome);
      if (to == MT_STORE_FULL)
        continue;
      /* a step may violate (a lost update) where another that leads to the same state does not */
      if (forbidden (x->program, mt_outcome_verdict (outcome)))
        g_array_index (graph->flags, guint, to) |= MT_NODE_VIOLATION;
      MtEdge edge = { from, to, x->choices[i], FALSE };
      g_array_append_val (graph->edges, edge);
    }
}

static void
mark_path (MtGraph *graph, const MtExplore *x)
{
  guint at = 0;
  while (at < graph->flags->len && !(g_array_index (graph->flags, guint, at) & MT_NODE_VIOLATION))
    at++;
  if (at == graph->flags->len)
    return;
  for (; at; at = mt_store_parent (&x->store, at))
    {
      g_array_index (graph->flags, guint, at) |= MT_NODE_ON_PATH;
      for (guint i = 0; i < graph->edges->len; i++)
        {
          MtEdge *edge = &g_array_index (graph->edges, MtEdge, i);
          MtChoice choice = mt_store_choice (&x->store, at);
          edge->on_path |= edge->to == at && edge->from == mt_store_parent (&x->store, at) && edge->choice.task == choice.task && edge->choice.alt == choice.alt;
        }
    }
  g_array_index (graph->flags, guint, 0) |= MT_NODE_ON_PATH;
}

MtGraph *
mt_state_graph (const MtProgram *program, guint max)
{
  const MtExploreOptions options = { .search = mt_searches[0], .all = TRUE, .max_states = max };
  MtGraph *graph = mt_graph_new (program->n_words);
  MtExplore x;
  mt_explore_init (&x, program, &options);
  mt_explore_run (&x);
  graph->complete = !x.cuts;
  g_array_set_size (graph->flags, x.store.n);
  for (guint id = 0; id < x.store.n; id++)
    {
      const MtWord *s = mt_store_key (&x.store, id);
      g_array_append_vals (graph->words, s, program->n_words);
      g_array_index (graph->flags, guint, id) = flags_of (program, s, mt_choices (program, s, x.choices) == 0);
    }
  g_array_index (graph->flags, guint, 0) |= MT_NODE_INITIAL;
  for (guint id = 0; id < x.store.n; id++)
    add_edges (graph, &x, id, mt_choices (program, mt_store_key (&x.store, id), x.choices));
  mark_path (graph, &x);
  mt_explore_clear (&x);
  return graph;
}

/* Graphs as plain arrays. */
#include "sim/graph.h"

MtGraph *
mt_graph_new (guint n_words)
{
  MtGraph *graph = g_new0 (MtGraph, 1);
  graph->n_words = n_words;
  graph->words = g_array_new (FALSE, FALSE, sizeof (MtWord));
  graph->flags = g_array_new (FALSE, FALSE, sizeof (guint));
  graph->edges = g_array_new (FALSE, FALSE, sizeof (MtEdge));
  return graph;
}

void
mt_graph_free (MtGraph *graph)
{
  if (!graph)
    return;
  g_array_unref (graph->words);
  g_array_unref (graph->flags);
  g_array_unref (graph->edges);
  g_free (graph);
}

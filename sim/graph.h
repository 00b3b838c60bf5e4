/* MtGraph: plain arrays of states and transitions; filled by checker/, drawn by viz/. */
#pragma once
#include "sim/machine.h"

typedef enum
{
  MT_NODE_INITIAL = 1 << 0,
  MT_NODE_ENDED = 1 << 1,
  MT_NODE_DEADLOCK = 1 << 2,
  MT_NODE_VIOLATION = 1 << 3,
  MT_NODE_ON_PATH = 1 << 4, /* of the counterexample */
} MtGraphFlags;

typedef struct
{
  guint from, to;
  MtChoice choice;
  gboolean on_path;
} MtEdge;

typedef struct
{
  guint n_words;
  GArray *words; /* MtWord: n_words for each node */
  GArray *flags; /* guint: MtGraphFlags of each node */
  GArray *edges; /* MtEdge, ordered by from, then by choice */
  gboolean complete; /* FALSE: cut by a limit */
} MtGraph;

MtGraph *mt_graph_new (guint n_words);
void mt_graph_free (MtGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtGraph, mt_graph_free)

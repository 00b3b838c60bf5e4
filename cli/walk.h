/* All states of a small model, for a picture: breadth first, each state once. */
#pragma once
#include "sim/graph.h"

/* At most @max states; graph->complete tells whether that was enough. The shortest path to the first
 * violation that is met is marked. Free with mt_graph_free(). */
MtGraph *mt_walk (const MtProgram *program, guint max);

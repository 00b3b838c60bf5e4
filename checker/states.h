/* The state graph of a small model, for a picture. */
#pragma once
#include "checker/explore.h"
#include "sim/graph.h"

/* All states of @program, unreduced, in the order a breadth-first search finds them, at most @max;
 * graph->complete tells whether that was enough. The shortest path to the first state that violates what
 * the model forbids is marked. Free with mt_graph_free(). */
MtGraph *mt_state_graph (const MtProgram *program, guint max);

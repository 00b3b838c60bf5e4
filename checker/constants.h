/* What the slots of a task's frame surely hold at each of its instructions (constant propagation: Kildall, "A unified approach to
 * global program optimization", POPL 1973). */
#pragma once
#include "sim/op.h"

typedef struct
{
  gboolean known, varies; /* neither: the instruction is never come to */
  MtWord value;
} MtConstant;

/* n_frame of them for each instruction of @task's class, from its entry. Free with g_free(). */
MtConstant *mt_constants_find (const MtProgram *program, guint task);

/* The instruction at @pc; where it names an element of an array of objects by an index that is a
 * constant, @copy of it that names the element itself. */
const MtInstr *mt_constants_resolve (const MtProgram *program, const MtClass *class_, const MtConstant *values, guint pc, MtInstr *copy);

/* mt_successors() of the instruction at @pc, but for the way that a branch on a constant never takes. */
void mt_constants_successors (const MtProgram *program, const MtClass *class_, const MtConstant *values, guint pc, GArray *out);

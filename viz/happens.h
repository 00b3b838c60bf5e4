/* Happens-before between the steps of a run, as its effects show it: who woke whom, who used what
 * whom before. Fed step by step; keeps a vector clock for each task, so that an arrow which others
 * imply is not given (Fidge 1988, Mattern 1989). */
#pragma once
#include "viz/view.h"

typedef struct _MtHappens MtHappens;

MtHappens *mt_happens_new (const MtProgram *program);
void mt_happens_free (MtHappens *happens);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtHappens, mt_happens_free)

/* Tells of step @number, after which the state is @s. Appends the arrows that end there to @links (MtViewLink). */
void mt_happens_step (MtHappens *happens, const MtStep *step, const MtWord *s, guint number, GArray *links);

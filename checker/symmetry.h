/* Symmetry: tasks of one `count` run the same code, so a state and the one in which two of them have
 * changed places have the same future, but for the names. Of all such states the one is kept in
 * which the tasks of each group stand sorted.
 *
 * Why nothing is lost (Ip, Dill, "Better verification through symmetry", FMSD 1996): exchanging
 * tasks i and k of a group is an automorphism of the state graph when no step can tell them apart.
 * That is asked of every instruction: none gives a task's own number or name, none names one task
 * of the group alone, no object and no variable holds a task's number but where the primitive says
 * how to rename it. Properties and observed expressions see variables and objects only, so they are
 * the same in both states. Sorting chooses a state of the same orbit; whether it is always the same
 * one of an orbit is a matter of how many states are saved, not of what is found. Lengths of runs are
 * the same; numbers of schedules are not, so they are counted without.
 */
#pragma once
#include "checker/reduce.h"

typedef struct _MtSymmetry MtSymmetry;

/* NULL when no tasks of @program can change places; *why then tells, in a static text. */
MtSymmetry *mt_symmetry_new (const MtProgram *program, const gchar **why);
void mt_symmetry_free (MtSymmetry *symmetry);

/* Sorts the tasks of each group in @s. @places, if not NULL, holds something for each task: it changes
 * places with it. */
void mt_symmetry_sort (MtSymmetry *symmetry, MtWord *s, guint *places);

/* The groups, *@n of them. NULL: with their places more changes than the tasks' own words and monitors, for some object's words name tasks. */
const MtAlike *mt_symmetry_alike (const MtSymmetry *symmetry, guint *n);

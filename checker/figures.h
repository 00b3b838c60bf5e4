/* The figures of a search: how much was seen, what cut it, what was reduced and why not. */
#pragma once
#include "checker/explore.h"

/* The fixed word for what cut the search, of several the weightiest: "memory", "depth"; NULL: nothing did. */
const gchar *mt_figures_cut (const MtExplore *x);

/* In words, a line each. @costs: memory and time too, which differ from machine to machine. Appends. */
void mt_figures_print (const MtExplore *x, gboolean costs, GString *out);

/* The same as members of the JSON object that is being built. */
struct _JsonBuilder;
void mt_figures_build (const MtExplore *x, gboolean costs, struct _JsonBuilder *b);

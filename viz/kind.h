/* Kinds of pictures: one row a kind, one file a kind under kinds/; to add one, copy kinds/outcomes.c
 * and add its line to kind.c. */
#pragma once
#include "sim/graph.h"
#include "viz/picture.h"
#include "viz/view.h"

/* What a picture is made of. */
typedef enum
{
  MT_NEEDS_RUN, /* choices, and a view of them */
  MT_NEEDS_PROGRAM,
  MT_NEEDS_GRAPH, /* all states */
  MT_NEEDS_RUN_OR_GRAPH, /* the run that is asked for; where none is, all states */
  MT_NEEDS_RUNS, /* many runs */
} MtNeeds;

/* How many runs ended so. */
typedef struct
{
  const gchar *text;
  guint count;
} MtBar;

typedef struct
{
  const MtProgram *program;
  const MtChoice *choices; /* of the run */
  guint n;
  const MtView *view; /* of the run */
  guint step; /* after which it is looked at; at most n */
  const MtGraph *graph; /* NULL: there is a run */
  const MtBar *bars; /* the most frequent first */
  guint n_bars;
  guint from, to; /* steps to show; 0: the first, the last */
  guint cpus; /* of a run whose steps take time; 0: 1 */
  guint until; /* nothing after this step is drawn, but there is room for it; 0: all */
  gboolean dark;
  gboolean sideways; /* time goes from left to right */
} MtKindInput;

typedef struct
{
  const gchar *name, *help;
  MtNeeds needs;
  gboolean timed; /* of a run whose steps take time */
  MtPicture *(*draw) (const MtKindInput *input);
} MtKindRow;

/* NULL-terminated; the first is the default. */
extern const MtKindRow *const mt_kinds[];

const MtKindRow *mt_kind_find (const gchar *name);

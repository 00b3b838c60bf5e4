/* The picture of `compare`: for each outcome its exact chance, and how often it came in simulated runs and on real threads. */
#pragma once
#include "viz/picture.h"

typedef struct
{
  const gchar *text; /* the outcome */
  gboolean surprise; /* it can't be, and came */
  gdouble shares[3]; /* exact, simulated, real: of 1; negative: not known */
} MtComparisonRow;

typedef struct
{
  const gchar *title;
  const MtComparisonRow *rows;
  guint n;
  guint simulated, real; /* runs */
  gboolean dark;
} MtComparison;

/* A new picture; free it with mt_picture_free(). */
MtPicture *mt_comparison_draw (const MtComparison *comparison);

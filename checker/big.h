/* Natural numbers of any size that are only ever added up: how many schedules there are. */
#pragma once
#include <glib.h>

typedef struct
{
  guint32 *limbs; /* nine decimal digits each, lowest first; NULL: zero */
  guint n;
} MtBig;

void mt_big_clear (MtBig *number); /* back to zero, memory freed */
void mt_big_set (MtBig *number, guint32 value);
void mt_big_add (MtBig *sum, const MtBig *other);
void mt_big_print (const MtBig *number, GString *out); /* decimal; appends */

/* How keys of an older layout of parts become keys of the present one: fields that are still there move, and those that have been joined since
 * give the number of their joint value. */
#pragma once
#include "checker/packed/parts.h"

/* A part that was made by joining parts of an older layout. */
typedef struct
{
  guint part; /* in the present one */
  GArray *from; /* guint: parts of the older one */
  guint32 *known; /* its number, + 1, by their numbers side by side; 0: not yet; NULL: there are too many of them */
} MtJoint;

/* How keys of an older layout become keys of the present one. */
typedef struct
{
  MtParts *parts;
  const MtLayout *before;
  guint n_kept;
  struct
  {
    guint8 from, to; /* shifts */
    guint64 mask; /* shifted down */
  } kept[64];
  MtJoint *joints;
  guint n_joints;
} MtRekeying;

void mt_rekeying_init (MtRekeying *rekeying, MtParts *parts, const MtLayout *before);
void mt_rekeying_clear (MtRekeying *rekeying);

/* What the key @key of the layout before is now. Numbers values of parts that were joined: when one does not fit,
 * parts->overflow is set and what is returned is no key. By any number of threads at once. */
guint64 mt_rekey (const MtRekeying *rekeying, guint64 key);

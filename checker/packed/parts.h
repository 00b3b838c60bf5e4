/* A state in one word of 64 bits: its words are parted, the values of each part are numbered as they come
 * (interned), and the numbers stand side by side in a key. Two states are equal exactly when their keys are.
 *
 * (Interning parts is SPIN's COLLAPSE: Holzmann, "State compression in SPIN", 1997; and LTSmin's trees: Laarman, van de
 * Pol, Weber, "Parallel recursive state compression for free", SPIN 2011. Here no state is ever made whole to be
 * stored: see mover.h.)
 *
 * A part's field has as many bits as its numbers have needed yet; one that never changes has none. When a
 * number does not fit, all workers stop and the fields are laid out anew (mt_parts_widen()). When 61 bits are too
 * few (keyset.h has use for the rest), two become one part, such as depend on each other if there are any: their joint values are
 * fewer than the product, and never more than there are states, so a key always has room enough. Numbers depend on the order of discovery: they are never shown, and
 * nothing that is shown depends on them.
 *
 * Any number of workers may number values at once; laying out anew is for one, alone.
 */
#pragma once
#include "checker/packed/intern.h"
#include "checker/reduce.h"

typedef struct
{
  guint address, n_words;
} MtRun;

typedef struct
{
  guint8 shift, width; /* in the key */
  guint kin; /* parts that are alike, the tasks of a group, have the same: what one needs, the others will soon */
  guint n_runs;
  MtRun *runs; /* the words of the state it is made of */
  MtIntern *intern;
} MtPart;

/* How parts lie in a key. */
typedef struct
{
  guint n;
  MtPart *parts;
  guint8 at_bit[64]; /* the part that each bit of a key belongs to: an index into fields */
  guint *fields; /* parts with a field */
  guint n_fields;
} MtLayout;

typedef struct
{
  const MtProgram *program;
  MtLayout layout;
  guint *part_of; /* of each address */
  guint *shared; /* of each address: the one whose part shares numbers with the part that begins here, itself if none does */
  guint n_joins; /* made so far */
  gint refused; /* memory for a value was */
  gint overflow; /* some number did not fit: nonzero until the next mt_parts_widen() */
  GArray *samples; /* MtWord: some states, all of whose values have numbers, one behind the other: they tell which parts depend on each other */
  GPtrArray *interns, *runs; /* all there ever were: an older layout may need them */
  gsize bytes; /* of values and numbers */
} MtParts;

/* The tasks of each of the @n_alike groups share their numbers: the same value has the same one. */
void mt_parts_init (MtParts *parts, const MtProgram *program, const MtAlike *alike, guint n_alike);
void mt_parts_clear (MtParts *parts);

/* Values that have numbers. */
gsize mt_parts_values (const MtParts *parts);

/* Bits of a key. */
guint mt_parts_width (const MtParts *parts);

static inline guint64
mt_part_mask (const MtPart *part)
{
  return (((guint64)1 << part->width) - 1) << part->shift;
}

static inline guint
mt_part_number (const MtPart *part, guint64 key)
{
  return (guint)(key >> part->shift & (((guint64)1 << part->width) - 1));
}

/* The key of @s. FALSE: a number does not fit, and the fields must be widened first. */
gboolean mt_parts_encode (MtParts *parts, const MtWord *s, guint64 *key);

/* The key of @s, which differs from @like, whose key is @key, in few words. FALSE: as above. */
gboolean mt_parts_encode_changed (MtParts *parts, const MtWord *s, const MtWord *like, guint64 *key);

/* The state of @key; and, of @s, which is the state of the key @old, only what @key has changed. */
void mt_parts_decode (const MtParts *parts, guint64 key, MtWord *s);
void mt_parts_decode_changed (const MtParts *parts, guint64 old, guint64 key, MtWord *s);

/* The words of the part's value @number: those of its runs, one behind the other. */
const MtWord *mt_part_value (const MtPart *part, guint number);

/* Notes @s, a state that has been encoded, as a sample, while there are few. */
void mt_parts_sample (MtParts *parts, const MtWord *s);
void mt_parts_forget_samples (MtParts *parts);

/* Lays the fields out anew so that all numbers fit; @slack: with room for more, while a key costs little. Returns the layout before, for
 * mt_rekeying_init(); mt_layout_free() frees it. */
MtLayout *mt_parts_widen (MtParts *parts, gboolean slack);
/* The bits of a key that mt_parts_widen() would make. */
guint mt_parts_widened_width (const MtParts *parts, gboolean slack);

/* The same, to take no more bits than all numbers now need, with one more where a part is nearly full: for a large table every
 * bit of a key counts. */
MtLayout *mt_parts_tighten (MtParts *parts);

/* The bits of a key that would leave. */
guint mt_parts_tight_width (const MtParts *parts);

void mt_layout_free (MtLayout *layout);

/* For a checkpoint: all parts are to be told anew, one by one, each with its values in the order of their numbers; then whether
 * they are what a state is made of. */
void mt_parts_forget (MtParts *parts);
void mt_parts_restore (MtParts *parts, guint kin, guint width, const MtRun *runs, guint n_runs, const MtWord *values, guint n_values);
gboolean mt_parts_restored (MtParts *parts);

/* For the files that join parts (join.c) and write keys anew (rekey.h). */

#define MT_FEW_WORDS 65536 /* so many may be on the stack */

/* Room for @n runs, for words' numbers: the parts' own. */
MtRun *mt_parts_runs_new (MtParts *parts, guint n);
MtIntern *mt_parts_intern_new (MtParts *parts, guint n_words);

/* mt_intern_tidy() of all. */
void mt_parts_tidy (MtParts *parts);

/* The words of @part in @s, one run behind the other: there, or in @room; and back. */
const MtWord *mt_part_gather (const MtPart *part, const MtWord *s, MtWord *room);
void mt_part_scatter (const MtPart *part, guint number, MtWord *s);

/* Puts the number of the part's words of @s into *@key; FALSE when it does not fit. */
gboolean mt_parts_encode_part (MtParts *parts, const MtPart *part, const MtWord *s, guint64 *key);

/* Bits for so many numbers. */
guint mt_bits_for (guint n);

/* Makes two parts with fields one. */
void mt_parts_join_some (MtParts *parts);

/* For state spaces beyond memory: not the states but three bits of each (Holzmann, "An analysis of bitstate hashing", FMSD
 * 1998), found by two hashes (Dillinger, Manolios, "Fast and accurate bitstate verification for SPIN", SPIN 2004). A
 * state whose bits are all set already is taken for seen, and if it was not, it and what only it leads to is
 * omitted: so a search proves nothing, and says how likely that was.
 *
 * The bits are of the state's words, not of its key, which changes when fields are laid out anew.
 */
#pragma once
#include "checker/packed/keyset.h"
#include "sim/program.h"

typedef struct
{
  guint64 *words; /* NULL: not in use */
  guint64 n_bits;
  gsize bytes;
} MtBits;

/* @bytes of bits. FALSE: no memory. */
gboolean mt_bits_init (MtBits *bits, gsize bytes);
void mt_bits_clear (MtBits *bits);

/* Begins anew. */
void mt_bits_empty (MtBits *bits);

gsize mt_bits_bytes (const MtBits *bits);

guint64 mt_bits_hash (const MtWord *s, guint n_words);
void mt_bits_expect (const MtBits *bits, guint64 hash);

/* Sets the bits of @hash: MT_KEYSET_SEEN where all were set. By one thread. */
MtKeysetPut mt_bits_put (MtBits *bits, guint64 hash);
gboolean mt_bits_have (const MtBits *bits, guint64 hash);

/* How likely a state that has not been seen is taken for seen by now, which is as likely as it ever was. */
gdouble mt_bits_omission (const MtBits *bits);

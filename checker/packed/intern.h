/* Values numbered as they come up (interned): equal values have equal numbers, from 0 on. Any number of threads may do so at once; a reader takes no
 * lock. */
#pragma once
#include "sim/machine.h"
#include <pthread.h>

/* Values never move. */
typedef struct
{
  guint n_words; /* of a value */
  guint n; /* values */
  MtWord *chunks[32]; /* of 64, 64, 128, 256, ... values */
  struct _MtInternTable *table; /* the numbers, by value */
  pthread_mutex_t lock; /* held to add */
} MtIntern;

/* No values yet, of @n_words words each. */
MtIntern *mt_intern_new (guint n_words);

/* Frees @data, an MtIntern. */
void mt_intern_free (gpointer data);

#define MT_INTERN_FIRST 64 /* values of the first chunk */

/* The chunk of the value @number, and the number of the first value in it. */
static inline guint
mt_intern_chunk (guint number)
{
  return number < MT_INTERN_FIRST ? 0 : 32 - (guint)__builtin_clz (number / MT_INTERN_FIRST);
}

static inline guint
mt_intern_chunk_first (guint chunk)
{
  return chunk ? MT_INTERN_FIRST << (chunk - 1) : 0;
}

/* The value with @number. */
static inline const MtWord *
mt_intern_value (const MtIntern *intern, guint number)
{
  guint chunk = mt_intern_chunk (number);
  return intern->chunks[chunk] + (gsize)(number - mt_intern_chunk_first (chunk)) * intern->n_words;
}

/* The number of @value; G_MAXUINT: it has none. */
guint mt_intern_find (const MtIntern *intern, const MtWord *value);

/* The same; a new value gets one, and *@bytes grows by what that takes (atomically). G_MAXUINT: there is no memory for it. */
guint mt_intern_number (MtIntern *intern, const MtWord *value, gsize *bytes);

/* Frees what readers may still have been in, and takes it off *@bytes. By one thread while no other uses it. */
void mt_intern_tidy (MtIntern *intern, gsize *bytes);

/* See intern.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* PTHREAD_MUTEX_ADAPTIVE_NP */
#endif
#include "checker/packed/intern.h"
#include <string.h>

#define FIRST_BITS 4 /* of a table: it grows */

typedef struct _MtInternTable
{
  guint bits;
  struct _MtInternTable *older; /* a reader may still be in it */
  guint64 slots[]; /* upper half: of the hash; lower half: number + 1, 0 for a free slot */
} Table;

static gsize
table_bytes (guint bits)
{
  return sizeof (Table) + (sizeof (guint64) << bits);
}

/* NULL: no memory. */
static Table *
table_new (guint bits, Table *older)
{
  Table *table = g_try_malloc0 (table_bytes (bits));
  if (!table)
    return NULL;
  table->bits = bits;
  table->older = older;
  return table;
}

/* It is held for moments, and workers come upon the same values at the same time: who waits looks for a while before he sleeps. */
static void
init_lock (pthread_mutex_t *lock)
{
  pthread_mutexattr_t kind;
  pthread_mutexattr_init (&kind);
#ifdef __GLIBC__
  pthread_mutexattr_settype (&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
  pthread_mutex_init (lock, &kind);
  pthread_mutexattr_destroy (&kind);
}

MtIntern *
mt_intern_new (guint n_words)
{
  MtIntern *intern = g_new0 (MtIntern, 1);
  intern->n_words = n_words;
  intern->table = g_malloc0 (table_bytes (FIRST_BITS));
  intern->table->bits = FIRST_BITS;
  init_lock (&intern->lock);
  return intern;
}

void
mt_intern_tidy (MtIntern *intern, gsize *bytes)
{
  for (Table *table = intern->table->older, *older; table; table = older)
    {
      older = table->older;
      *bytes -= table->bits > FIRST_BITS ? sizeof (guint64) << table->bits : 0; /* the first was not counted */
      g_free (table);
    }
  intern->table->older = NULL;
}

void
mt_intern_free (gpointer data)
{
  MtIntern *intern = data;
  gsize bytes = 0;
  for (guint i = 0; i < G_N_ELEMENTS (intern->chunks); i++)
    g_free (intern->chunks[i]);
  mt_intern_tidy (intern, &bytes);
  g_free (intern->table);
  pthread_mutex_destroy (&intern->lock);
  g_free (intern);
}

/* Two words at a time: values are short, and hashed for each step that is made by the waist. */
static guint64
hash_words (const MtWord *words, guint n)
{
  guint64 hash = n, two;
  guint i = 0;
  for (; i + 2 <= n; i += 2)
    {
      memcpy (&two, words + i, sizeof two);
      hash = (hash ^ two) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 32;
    }
  if (i < n)
    hash = (hash ^ (guint32)words[i]) * 0x9e3779b97f4a7c15u;
  return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u;
}

static inline gboolean
are_equal (const MtWord *a, const MtWord *b, guint n)
{
  for (guint i = 0; i < n; i++)
    if (a[i] != b[i])
      return FALSE;
  return TRUE;
}

/* The number of @value, or G_MAXUINT. */
static guint
look_up (const MtIntern *intern, const MtWord *value, guint64 hash)
{
  const Table *table = __atomic_load_n (&intern->table, __ATOMIC_ACQUIRE);
  gsize mask = ((gsize)1 << table->bits) - 1;
  for (gsize at = hash >> 8 & mask;; at = (at + 1) & mask)
    {
      guint64 slot = __atomic_load_n (&table->slots[at], __ATOMIC_ACQUIRE);
      if (!slot)
        return G_MAXUINT;
      if (slot >> 32 == hash >> 32 && are_equal (mt_intern_value (intern, (guint)slot - 1), value, intern->n_words))
        return (guint)slot - 1;
    }
}

static void
insert (Table *table, guint64 slot, guint64 hash)
{
  gsize mask = ((gsize)1 << table->bits) - 1, at = hash >> 8 & mask;
  while (table->slots[at])
    at = (at + 1) & mask;
  __atomic_store_n (&table->slots[at], slot, __ATOMIC_RELEASE);
}

static gboolean
grow_table (MtIntern *intern, gsize *bytes)
{
  Table *table = table_new (intern->table->bits + 1, intern->table);
  if (!table)
    return FALSE;
  for (guint number = 0; number < intern->n; number++)
    {
      guint64 hash = hash_words (mt_intern_value (intern, number), intern->n_words);
      insert (table, hash >> 32 << 32 | (number + 1), hash);
    }
  __atomic_store_n (&intern->table, table, __ATOMIC_RELEASE);
  __atomic_fetch_add (bytes, sizeof (guint64) << table->bits, __ATOMIC_RELAXED);
  return TRUE;
}

/* Makes room for one more value. */
static gboolean
make_room (MtIntern *intern, gsize *bytes)
{
  guint chunk = mt_intern_chunk (intern->n), size = chunk ? mt_intern_chunk_first (chunk) : MT_INTERN_FIRST;
  if (intern->n >= (guint)3 << (intern->table->bits - 2) && !grow_table (intern, bytes))
    return FALSE;
  if (intern->chunks[chunk])
    return TRUE;
  intern->chunks[chunk] = g_try_malloc (sizeof (MtWord) * MAX (intern->n_words, 1) * size);
  if (intern->chunks[chunk])
    __atomic_fetch_add (bytes, sizeof (MtWord) * intern->n_words * size, __ATOMIC_RELAXED);
  return intern->chunks[chunk] != NULL;
}

guint
mt_intern_find (const MtIntern *intern, const MtWord *value)
{
  return look_up (intern, value, hash_words (value, intern->n_words));
}

guint
mt_intern_number (MtIntern *intern, const MtWord *value, gsize *bytes)
{
  guint64 hash = hash_words (value, intern->n_words);
  guint number = look_up (intern, value, hash);
  if (number != G_MAXUINT)
    return number;
  pthread_mutex_lock (&intern->lock);
  number = look_up (intern, value, hash);
  if (number == G_MAXUINT && make_room (intern, bytes))
    {
      number = intern->n;
      guint chunk = mt_intern_chunk (number);
      memcpy (intern->chunks[chunk] + (gsize)(number - mt_intern_chunk_first (chunk)) * intern->n_words, value, sizeof (MtWord) * intern->n_words);
      insert (intern->table, hash >> 32 << 32 | (number + 1), hash);
      __atomic_store_n (&intern->n, number + 1, __ATOMIC_RELEASE);
    }
  pthread_mutex_unlock (&intern->lock);
  return number;
}

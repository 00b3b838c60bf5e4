/* See keyset.h. */
#define _GNU_SOURCE /* mremap */
#include "checker/packed/keyset.h"
#include <string.h>
#include <sys/mman.h>

#define FULL_PART 7 / 8 /* of the slots are taken when it grows */
#define SMALL (1 << 16) /* slots: below, it doubles */
#define MIDDLING (1 << 19) /* below, it grows by half */
#define HUGE_PAGES (1 << 26) /* bytes: from here on a table is probed often enough to be worth the pages */

static gsize
bytes_of (gsize n_slots)
{
  return sizeof (guint64) * (n_slots + MT_KEYSET_TAIL);
}

static gsize
most_of (gsize n_slots)
{
  return n_slots * FULL_PART;
}

static guint64 *
slots_new (gsize n_slots)
{
  void *slots = mmap (NULL, bytes_of (n_slots), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return slots == MAP_FAILED ? NULL : slots;
}

gboolean
mt_keyset_init (MtKeyset *set, gsize n_slots, gsize max_bytes)
{
  *set = (MtKeyset){ .n_slots = n_slots, .most = most_of (n_slots), .max_bytes = max_bytes, .slots = slots_new (n_slots) };
  return set->slots != NULL;
}

void
mt_keyset_clear (MtKeyset *set)
{
  if (set->slots)
    munmap (set->slots, bytes_of (set->n_slots));
  memset (set, 0, sizeof *set);
}

gsize
mt_keyset_bytes (const MtKeyset *set)
{
  return set->slots ? bytes_of (set->n_slots) : 0;
}

guint64
mt_keyset_unmix (guint64 mixed)
{
  const guint64 inverse = 0xcfee444d8b59a89bu; /* of the multiplier, modulo 2^64 */
  mixed ^= mixed >> 32;
  mixed *= inverse;
  mixed ^= mixed >> 32;
  mixed *= inverse;
  return mixed ^ mixed >> 32;
}

gboolean
mt_keyset_has (const MtKeyset *set, guint64 mixed)
{
  if (mixed == 0)
    return __atomic_load_n (&set->has_zero, __ATOMIC_RELAXED);
  for (gsize at = mt_keyset_home (set, mixed); at < set->n_slots + MT_KEYSET_TAIL; at++)
    {
      guint64 there = __atomic_load_n (&set->slots[at], __ATOMIC_RELAXED);
      if (there == mixed || there == 0)
        return there != 0;
    }
  return FALSE;
}

/* Moves the keys of slots from..end-1 to their homes, in order. A key's home is never behind the slot it
 * is read from, and what was read before it takes at most as many slots as it had there: so no slot is
 * written before it is read. */
static void
settle (MtKeyset *set, gsize from, gsize end)
{
  for (gsize at = from; at < end; at++)
    {
      guint64 mixed = set->slots[at];
      if (!mixed)
        continue;
      set->slots[at] = 0;
      gsize to = mt_keyset_home (set, mixed);
      while (set->slots[to])
        to++;
      set->slots[to] = mixed;
    }
}

gboolean
mt_keyset_grow (MtKeyset *set, gsize more)
{
  gsize old = set->n_slots, wanted = old < SMALL ? old * 2 : old < MIDDLING ? old + old / 2 : old + old / 6;
  while (most_of (wanted) < set->n + more)
    wanted += wanted / 6 + 1;
  if (bytes_of (wanted) > set->max_bytes)
    return FALSE;
  void *slots = mremap (set->slots, bytes_of (old), bytes_of (wanted), MREMAP_MAYMOVE);
  if (slots == MAP_FAILED)
    return FALSE;
#ifdef MADV_HUGEPAGE
  if (bytes_of (wanted) >= HUGE_PAGES)
    madvise (slots, bytes_of (wanted), MADV_HUGEPAGE);
#endif
  set->slots = slots;
  set->n_slots = wanted;
  set->most = most_of (wanted);
  memmove (set->slots + (wanted - old), set->slots, bytes_of (old));
  memset (set->slots, 0, sizeof (guint64) * MIN (wanted - old, old + MT_KEYSET_TAIL));
  settle (set, wanted - old, wanted + MT_KEYSET_TAIL);
  return TRUE;
}

void
mt_keyset_each (const MtKeyset *set, void (*visit) (gpointer data, guint64 key), gpointer data)
{
  if (set->has_zero)
    visit (data, mt_keyset_unmix (0));
  for (gsize at = 0; at < set->n_slots + MT_KEYSET_TAIL; at++)
    if (set->slots[at])
      visit (data, mt_keyset_unmix (set->slots[at]));
}

/* Puts @mixed in the first slot from its home on that has not got its key yet. Returns the key that stood there,
 * which is homeless now; 0: none. */
static guint64
take_slot (MtKeyset *set, guint8 *done, guint64 mixed, GArray *homeless)
{
  gsize at = mt_keyset_home (set, mixed), end = set->n_slots + MT_KEYSET_TAIL;
  while (at < end && done[at / 8] >> at % 8 & 1)
    at++;
  if (at == end)
    {
      g_array_append_val (homeless, mixed);
      return 0;
    }
  guint64 there = set->slots[at];
  set->slots[at] = mixed;
  done[at / 8] |= (guint8)(1 << at % 8);
  return there;
}

/* In place: every key is taken out and put where it belongs now, the one that stood there next. Slots before it
 * that have got their keys keep them, so what is put once is found. */
gboolean
mt_keyset_rename (MtKeyset *set, guint64 (*renamed) (gpointer data, guint64 key), gpointer data)
{
  gsize n = set->n_slots + MT_KEYSET_TAIL;
  g_autofree guint8 *done = g_malloc0 (n / 8 + 1);
  g_autoptr (GArray) homeless = g_array_new (FALSE, FALSE, sizeof (guint64));
  gboolean had_zero = set->has_zero, zero = FALSE, good = TRUE;
  for (gsize from = 0; from < n; from++)
    {
      guint64 old = done[from / 8] >> from % 8 & 1 ? 0 : set->slots[from];
      if (old)
        set->slots[from] = 0;
      while (old)
        {
          guint64 mixed = mt_keyset_mix (renamed (data, mt_keyset_unmix (old)));
          zero = zero || mixed == 0;
          old = mixed ? take_slot (set, done, mixed, homeless) : 0;
        }
    }
  set->n -= (gsize)zero + homeless->len;
  set->has_zero = zero;
  if (had_zero)
    {
      guint64 mixed = mt_keyset_mix (renamed (data, mt_keyset_unmix (0)));
      g_array_append_val (homeless, mixed);
    }
  for (guint i = 0; good && i < homeless->len; i++)
    while (good && mt_keyset_put (set, g_array_index (homeless, guint64, i)) == MT_KEYSET_FULL)
      good = mt_keyset_grow (set, 1);
  return good;
}

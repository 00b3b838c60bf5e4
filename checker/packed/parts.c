/* See parts.h. */
#include "checker/packed/parts.h"
#include "checker/packed/keyset.h"
#include "sim/primitive.h"
#include <string.h>

#define FIRST_BITS 4 /* of a table: it grows */
#define FIRST_CHUNK 64
#define MAX_BLOCKS 64 /* parts of an array: in a longer one, several cells are a part */
#define KEY_BITS MT_KEYSET_MAX_WIDTH
#define FEW_BITS 5
#define MAX_KNOWN_BITS 20 /* 4 MiB */
#define MAX_SAMPLES 4096u
#define MAX_COUNTED 1000000u /* samples, over all pairs of parts: what a join may cost */
#define MAX_JOINT_BITS 24 /* of what is joined because it depends on each other */
#define SLACK 1 /* bits that a widened field of many values gets beyond what it needs, where there is room: laying out is dear */

typedef struct _MtInternTable
{
  guint bits;
  struct _MtInternTable *older; /* a reader may still be in it */
  guint64 slots[]; /* upper half: of the hash; lower half: number + 1, 0 for a free slot */
} Table;

static guint
chunk_of (guint number)
{
  return number < FIRST_CHUNK ? 0 : 32 - (guint)__builtin_clz (number / FIRST_CHUNK);
}

static guint
chunk_first (guint chunk)
{
  return chunk ? FIRST_CHUNK << (chunk - 1) : 0;
}

static const MtWord *
value_at (const MtIntern *intern, guint number)
{
  guint chunk = chunk_of (number);
  return intern->chunks[chunk] + (gsize)(number - chunk_first (chunk)) * intern->n_words;
}

const MtWord *
mt_part_value (const MtPart *part, guint number)
{
  return value_at (part->intern, number);
}

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

static MtIntern *
intern_new (MtParts *parts, guint n_words)
{
  MtIntern *intern = g_new0 (MtIntern, 1);
  intern->n_words = n_words;
  intern->table = g_malloc0 (table_bytes (FIRST_BITS));
  intern->table->bits = FIRST_BITS;
  pthread_mutex_init (&intern->lock, NULL);
  g_ptr_array_add (parts->interns, intern);
  return intern;
}

static void
intern_free (gpointer data)
{
  MtIntern *intern = data;
  for (guint i = 0; i < G_N_ELEMENTS (intern->chunks); i++)
    g_free (intern->chunks[i]);
  for (Table *table = intern->table, *older; table; table = older)
    {
      older = table->older;
      g_free (table);
    }
  pthread_mutex_destroy (&intern->lock);
  g_free (intern);
}

static MtRun *
runs_new (MtParts *parts, guint n)
{
  MtRun *runs = g_new (MtRun, n);
  g_ptr_array_add (parts->runs, runs);
  return runs;
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
      if (slot >> 32 == hash >> 32 && are_equal (value_at (intern, (guint)slot - 1), value, intern->n_words))
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
      guint64 hash = hash_words (value_at (intern, number), intern->n_words);
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
  guint chunk = chunk_of (intern->n), size = chunk ? chunk_first (chunk) : FIRST_CHUNK;
  if (intern->n >= (guint)1 << (intern->table->bits - 1) && !grow_table (intern, bytes))
    return FALSE;
  if (intern->chunks[chunk])
    return TRUE;
  intern->chunks[chunk] = g_try_malloc (sizeof (MtWord) * MAX (intern->n_words, 1) * size);
  if (intern->chunks[chunk])
    __atomic_fetch_add (bytes, sizeof (MtWord) * intern->n_words * size, __ATOMIC_RELAXED);
  return intern->chunks[chunk] != NULL;
}

/* The number of @value, which is added when it is new; G_MAXUINT: there is no memory for it. */
static guint
number_of (MtIntern *intern, const MtWord *value, gsize *bytes)
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
      guint chunk = chunk_of (number);
      memcpy (intern->chunks[chunk] + (gsize)(number - chunk_first (chunk)) * intern->n_words, value, sizeof (MtWord) * intern->n_words);
      insert (intern->table, hash >> 32 << 32 | (number + 1), hash);
      __atomic_store_n (&intern->n, number + 1, __ATOMIC_RELEASE);
    }
  pthread_mutex_unlock (&intern->lock);
  return number;
}

/* The numbers that a part from @address on shares with one of @parts; NULL: none. */
static MtIntern *
shared_intern (const MtParts *parts, const MtPart *all, guint n, guint address)
{
  for (guint i = 0; i < n && parts->shared[address] != address; i++)
    if (all[i].n_runs == 1 && all[i].runs[0].address == parts->shared[address])
      return all[i].intern;
  return NULL;
}

/* Appends a part of the words from @address on, as many as are there; it is alike to those that @first begins, an
 * address too. */
static void
add_part (GArray *out, MtParts *parts, guint address, guint n_words, guint first)
{
  if (n_words == 0)
    return;
  MtIntern *shared = shared_intern (parts, (const MtPart *)(gpointer)out->data, out->len, address);
  MtPart part = { .kin = first, .n_runs = 1, .runs = runs_new (parts, 1), .intern = shared ? shared : intern_new (parts, n_words) };
  part.runs[0] = (MtRun){ address, n_words };
  for (guint i = 0; i < n_words; i++)
    parts->part_of[address + i] = out->len;
  g_array_append_val (out, part);
}

/* A list is one part, since what is beyond its end changes with its length. */
static void
add_var (GArray *out, MtParts *parts, const MtVar *v)
{
  guint block = v->fixed ? (v->n_words + MAX_BLOCKS - 1) / MAX_BLOCKS : v->n_words;
  for (guint i = 0; i < v->n_words; i += block)
    add_part (out, parts, v->address + i, MIN (block, v->n_words - i), v->address);
}

static void
lay_out (MtLayout *layout)
{
  guint shift = 0;
  g_free (layout->fields);
  layout->fields = g_new (guint, KEY_BITS + 1);
  layout->n_fields = 0;
  for (guint i = 0; i < layout->n; i++)
    {
      MtPart *part = &layout->parts[i];
      part->shift = (guint8)(part->width ? shift : 0);
      for (guint bit = 0; bit < part->width; bit++)
        layout->at_bit[shift + bit] = (guint8)layout->n_fields;
      if (part->width)
        layout->fields[layout->n_fields++] = i;
      shift += part->width;
    }
  g_assert (shift <= KEY_BITS);
}

/* A word that belongs to nothing known is a part by itself. */
static void
add_rest (GArray *out, MtParts *parts)
{
  for (guint address = 0; address < parts->program->n_words; address++)
    if (parts->part_of[address] == G_MAXUINT)
      add_part (out, parts, address, 1, address);
}

static void
find_shared (MtParts *parts, const MtProgram *program, const MtAlike *alike, guint n_alike)
{
  parts->shared = g_new (guint, program->n_words + 1);
  for (guint address = 0; address < program->n_words; address++)
    parts->shared[address] = address;
  for (guint g = 0; g < n_alike; g++)
    for (guint t = alike[g].first; t < alike[g].first + alike[g].n; t++)
      {
        parts->shared[program->tasks[t].base] = program->tasks[alike[g].first].base;
        if (program->watch_words)
          parts->shared[program->watch_base + t * program->watch_words] = program->watch_base + alike[g].first * program->watch_words;
      }
}

void
mt_parts_init (MtParts *parts, const MtProgram *program, const MtAlike *alike, guint n_alike)
{
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, sizeof (MtPart));
  *parts = (MtParts){ .program = program, .part_of = g_new (guint, program->n_words + 1) };
  parts->samples = g_array_new (FALSE, FALSE, sizeof (MtWord));
  parts->interns = g_ptr_array_new_with_free_func (intern_free);
  parts->runs = g_ptr_array_new_with_free_func (g_free);
  memset (parts->part_of, 0xff, sizeof (guint) * program->n_words);
  find_shared (parts, program, alike, n_alike);
  for (guint i = 0; i < program->n_vars; i++)
    add_var (out, parts, &program->vars[i]);
  for (guint i = 0; i < program->n_objects; i++)
    add_part (out, parts, program->objects[i].address, program->objects[i].n_words, program->objects[program->objects[i].first].address);
  for (guint t = 0; t < program->n_tasks; t++)
    {
      const MtTask *task = &program->tasks[t];
      add_part (out, parts, task->base, MT_TASK_FRAME + program->classes[task->class_].n_frame, program->tasks[task->first].base);
      add_part (out, parts, program->watch_base + t * program->watch_words, program->watch_words, program->watch_base);
    }
  for (guint c = 0; c < program->n_carriers; c++)
    add_part (out, parts, program->carrier_base + c * program->carrier_words, program->carrier_words, program->carrier_base);
  add_rest (out, parts);
  parts->layout.n = out->len;
  parts->layout.parts = (MtPart *)g_array_steal (out, NULL);
  lay_out (&parts->layout);
}

void
mt_parts_clear (MtParts *parts)
{
  g_array_unref (parts->samples);
  g_ptr_array_unref (parts->interns);
  g_ptr_array_unref (parts->runs);
  g_free (parts->layout.parts);
  g_free (parts->layout.fields);
  g_free (parts->part_of);
  g_free (parts->shared);
  memset (parts, 0, sizeof *parts);
}

static const MtWord *
gather (const MtPart *part, const MtWord *s, MtWord *room)
{
  if (part->n_runs == 1)
    return s + part->runs[0].address;
  MtWord *to = room;
  for (guint i = 0; i < part->n_runs; to += part->runs[i++].n_words)
    memcpy (to, s + part->runs[i].address, sizeof (MtWord) * part->runs[i].n_words);
  return room;
}

static void
scatter (const MtPart *part, guint number, MtWord *s)
{
  const MtWord *from = value_at (part->intern, number);
  for (guint i = 0; i < part->n_runs; from += part->runs[i++].n_words)
    memcpy (s + part->runs[i].address, from, sizeof (MtWord) * part->runs[i].n_words);
}

/* Puts the number of the part's words of @s into *key; FALSE when it does not fit. */
static gboolean
encode_part (MtParts *parts, const MtPart *part, const MtWord *s, guint64 *key)
{
  MtWord *room = g_newa (MtWord, part->intern->n_words + 1);
  guint number = number_of (part->intern, gather (part, s, room), &parts->bytes);
  if (number == G_MAXUINT)
    __atomic_store_n (&parts->refused, 1, __ATOMIC_RELAXED);
  if (number == G_MAXUINT || number >> part->width)
    {
      __atomic_store_n (&parts->overflow, 1, __ATOMIC_RELAXED);
      return FALSE;
    }
  *key = (*key & ~mt_part_mask (part)) | (guint64)number << part->shift;
  return TRUE;
}

gboolean
mt_parts_encode (MtParts *parts, const MtWord *s, guint64 *key)
{
  gboolean fits = TRUE;
  *key = 0;
  for (guint i = 0; i < parts->layout.n; i++)
    fits = encode_part (parts, &parts->layout.parts[i], s, key) && fits;
  return fits;
}

gboolean
mt_parts_encode_changed (MtParts *parts, const MtWord *s, const MtWord *like, guint64 *key)
{
  gboolean fits = TRUE;
  const guint n = parts->program->n_words;
  for (guint address = 0, last = G_MAXUINT; address < n; address++)
    {
      if (s[address] == like[address] || parts->part_of[address] == last)
        continue;
      last = parts->part_of[address];
      fits = encode_part (parts, &parts->layout.parts[last], s, key) && fits;
    }
  return fits;
}

void
mt_parts_decode (const MtParts *parts, guint64 key, MtWord *s)
{
  for (guint i = 0; i < parts->layout.n; i++)
    scatter (&parts->layout.parts[i], mt_part_number (&parts->layout.parts[i], key), s);
}

void
mt_parts_decode_changed (const MtParts *parts, guint64 old, guint64 key, MtWord *s)
{
  for (guint64 changed = old ^ key; changed;)
    {
      const MtPart *part = &parts->layout.parts[parts->layout.fields[parts->layout.at_bit[__builtin_ctzll (changed)]]];
      scatter (part, mt_part_number (part, key), s);
      changed &= ~mt_part_mask (part);
    }
}

static guint
bits_for (guint n)
{
  return n <= 1 ? 0 : 32 - (guint)__builtin_clz (n - 1);
}

static guint
total_width (const MtLayout *layout)
{
  guint total = 0;
  for (guint i = 0; i < layout->n; i++)
    total += layout->parts[i].width;
  return total;
}

gsize
mt_parts_values (const MtParts *parts)
{
  gsize n = 0;
  for (guint i = 0; i < parts->layout.n; i++)
    n += parts->layout.parts[i].intern->n;
  return n;
}

guint
mt_parts_width (const MtParts *parts)
{
  return total_width (&parts->layout);
}

/* Makes parts @i < @k one, with a field of @width bits. What its numbers will need is a guess: if it is too low, it is widened again. */
static void
join (MtParts *parts, guint i, guint k, guint width)
{
  MtLayout *layout = &parts->layout;
  MtPart *a = &layout->parts[i], *b = &layout->parts[k];
  MtPart both = { .kin = a->kin + parts->program->n_words, .width = (guint8)width, .n_runs = a->n_runs + b->n_runs };
  both.runs = runs_new (parts, both.n_runs);
  memcpy (both.runs, a->runs, sizeof (MtRun) * a->n_runs);
  memcpy (both.runs + a->n_runs, b->runs, sizeof (MtRun) * b->n_runs);
  both.intern = intern_new (parts, a->intern->n_words + b->intern->n_words);
  *a = both;
  memmove (b, b + 1, sizeof (MtPart) * (layout->n - k - 1));
  layout->n--;
}

/* Neighbours whose joint field would be the narrowest. */
static void
join_neighbours (MtParts *parts)
{
  const MtLayout *layout = &parts->layout;
  guint best = G_MAXUINT, first = 0, second = 0, last = G_MAXUINT;
  for (guint i = 0; i < layout->n; i++)
    {
      if (!layout->parts[i].width)
        continue;
      guint width = last == G_MAXUINT ? G_MAXUINT : layout->parts[last].width + layout->parts[i].width;
      if (width < best)
        {
          best = width;
          first = last;
          second = i;
        }
      last = i;
    }
  join (parts, first, second, MAX (layout->parts[first].width, layout->parts[second].width) + 1u);
}

void
mt_parts_sample (MtParts *parts, const MtWord *s)
{
  if (parts->samples->len < MAX_SAMPLES * parts->program->n_words)
    g_array_append_vals (parts->samples, s, parts->program->n_words);
}

void
mt_parts_forget_samples (MtParts *parts)
{
  g_array_set_size (parts->samples, 0);
}

/* How many different pairs of numbers there are in @n. @seen: room for 2 @n + 1. */
static guint
count_pairs (const guint32 *a, const guint32 *b, guint n, guint64 *seen)
{
  guint count = 0;
  const guint room = 2 * n + 1;
  memset (seen, 0xff, sizeof (guint64) * room);
  for (guint i = 0; i < n; i++)
    {
      guint64 pair = (guint64)a[i] << 32 | b[i];
      guint at = (guint)(pair * 0x9e3779b97f4a7c15u >> 32) % room;
      while (seen[at] != ~(guint64)0 && seen[at] != pair)
        at = (at + 1) % room;
      count += seen[at] != pair;
      seen[at] = pair;
    }
  return count;
}

/* The numbers of the parts in all samples, part by part; of a value without a number, 0. Caller frees. */
static guint32 *
number_samples (const MtParts *parts, guint n)
{
  const MtLayout *layout = &parts->layout;
  guint32 *numbers = g_new (guint32, (gsize)layout->n * n);
  g_autofree MtWord *room = g_new (MtWord, parts->program->n_words + 1);
  for (guint i = 0; i < layout->n; i++)
    for (guint k = 0; k < n; k++)
      {
        const MtPart *part = &layout->parts[i];
        const MtWord *value = gather (part, &g_array_index (parts->samples, MtWord, (gsize)k * parts->program->n_words), room);
        guint number = part->width ? look_up (part->intern, value, hash_words (value, part->intern->n_words)) : 0;
        numbers[(gsize)i * n + k] = number == G_MAXUINT ? 0 : number;
      }
  return numbers;
}

/* Two parts that depend on each other so that a joint field saves the most, as far as the samples tell. FALSE: none are seen to. */
static gboolean
join_dependent (MtParts *parts)
{
  const MtLayout *layout = &parts->layout;
  const guint n = MIN (parts->samples->len / parts->program->n_words, MAX (MAX_COUNTED / (layout->n * layout->n), 256));
  guint saved = 0, first = 0, second = 0, width = 0;
  g_autofree guint32 *numbers = number_samples (parts, n);
  g_autofree guint64 *seen = g_new (guint64, 2 * n + 1);
  for (guint i = 0; i < layout->n; i++)
    for (guint k = i + 1; k < layout->n; k++)
      {
        const MtPart *a = &layout->parts[i], *b = &layout->parts[k];
        guint apart = a->width + b->width;
        if (!a->width || !b->width || !a->intern->n || !b->intern->n || apart > MAX_JOINT_BITS)
          continue;
        guint pairs = count_pairs (numbers + (gsize)i * n, numbers + (gsize)k * n, n, seen), joint = bits_for (pairs) + 1;
        if (pairs > n / 4 || joint >= apart || apart - joint <= saved) /* of so many there are others, not seen */
          continue;
        saved = apart - joint;
        first = i;
        second = k;
        width = joint;
      }
  if (saved)
    join (parts, first, second, width);
  return saved > 0;
}

static void
join_some (MtParts *parts)
{
  if (!parts->samples->len || !join_dependent (parts))
    join_neighbours (parts);
}

static void
find_parts (MtParts *parts)
{
  for (guint i = 0; i < parts->layout.n; i++)
    for (guint r = 0; r < parts->layout.parts[i].n_runs; r++)
      for (guint k = 0; k < parts->layout.parts[i].runs[r].n_words; k++)
        parts->part_of[parts->layout.parts[i].runs[r].address + k] = i;
}

static MtLayout *
layout_copy (const MtLayout *layout)
{
  MtLayout *copy = g_memdup2 (layout, sizeof *layout);
  copy->parts = g_memdup2 (layout->parts, sizeof (MtPart) * layout->n);
  copy->fields = layout->fields ? g_memdup2 (layout->fields, sizeof (guint) * (KEY_BITS + 1)) : NULL;
  return copy;
}

/* Of each part: what it or one of its kin needs. Caller frees. */
static guint *
needed_widths (const MtLayout *layout)
{
  guint *needs = g_new0 (guint, layout->n + 1);
  for (guint i = 0; i < layout->n; i++)
    for (guint k = 0; layout->parts[i].intern->n > 1 && k < layout->n; k++)
      if (layout->parts[k].kin == layout->parts[i].kin)
        needs[i] = MAX (needs[i], bits_for (layout->parts[k].intern->n));
  return needs;
}

/* The bits for a part's numbers when its kin @needs so many; with one more where there will soon be more numbers: they are many, and nearly
 * as many as there can be. A part of few values has most likely shown them all. */
static guint
tight_width (const MtPart *part, guint needs)
{
  guint n = part->intern->n;
  return needs + (needs > FEW_BITS && bits_for (n) == needs && n > ((guint64)7 << needs) / 8);
}

/* The width of a part that @needs so much. */
static guint
widened (const MtPart *part, guint needs, guint slack)
{
  guint tight = tight_width (part, needs);
  return slack && needs > FEW_BITS ? MAX (needs + slack, tight) : MAX (MIN (part->width, needs + slack), needs > part->width ? tight : needs);
}

guint
mt_parts_tight_width (const MtParts *parts)
{
  const MtLayout *layout = &parts->layout;
  g_autofree guint *needs = needed_widths (layout);
  guint width = 0;
  for (guint i = 0; i < layout->n; i++)
    width += tight_width (&layout->parts[i], needs[i]);
  return width;
}

MtLayout *
mt_parts_tighten (MtParts *parts)
{
  MtLayout *before = layout_copy (&parts->layout), *layout = &parts->layout;
  g_autofree guint *needs = needed_widths (layout);
  for (guint i = 0; i < layout->n; i++)
    layout->parts[i].width = (guint8)MIN (layout->parts[i].width, tight_width (&layout->parts[i], needs[i]));
  lay_out (layout);
  return before;
}

guint
mt_parts_widened_width (const MtParts *parts, gboolean slack)
{
  const MtLayout *layout = &parts->layout;
  g_autofree guint *needs = needed_widths (layout);
  guint width = 0;
  for (guint i = 0; i < layout->n; i++)
    width += widened (&layout->parts[i], needs[i], slack ? SLACK : 0);
  return MIN (width, KEY_BITS);
}

MtLayout *
mt_parts_widen (MtParts *parts, gboolean slack)
{
  MtLayout *before = layout_copy (&parts->layout), *layout = &parts->layout;
  g_autofree guint *needs = needed_widths (layout);
  for (guint i = 0; i < layout->n; i++)
    layout->parts[i].width = (guint8)widened (&layout->parts[i], needs[i], slack ? SLACK : 0);
  for (guint i = 0; i < layout->n && total_width (layout) > KEY_BITS; i++)
    layout->parts[i].width = (guint8)tight_width (&layout->parts[i], needs[i]);
  for (guint i = 0; i < layout->n && total_width (layout) > KEY_BITS; i++)
    layout->parts[i].width = (guint8)bits_for (layout->parts[i].intern->n);
  while (total_width (layout) > KEY_BITS)
    join_some (parts);
  find_parts (parts);
  lay_out (layout);
  parts->overflow = 0;
  return before;
}

void
mt_layout_free (MtLayout *layout)
{
  g_free (layout->parts);
  g_free (layout->fields);
  g_free (layout);
}

static gboolean
has_intern (const MtLayout *layout, const MtIntern *intern)
{
  for (guint i = 0; i < layout->n; i++)
    if (layout->parts[i].intern == intern)
      return TRUE;
  return FALSE;
}

static void
joint_init (MtJoint *joint, const MtParts *parts, const MtLayout *before, guint part)
{
  guint bits = 0;
  *joint = (MtJoint){ .part = part, .from = g_array_new (FALSE, FALSE, sizeof (guint)) };
  for (guint i = 0; i < before->n; i++)
    if (parts->part_of[before->parts[i].runs[0].address] == part)
      {
        g_array_append_val (joint->from, i);
        bits += before->parts[i].width;
      }
  if (bits <= MAX_KNOWN_BITS)
    joint->known = g_try_new0 (guint32, (gsize)1 << bits);
}

void
mt_rekeying_init (MtRekeying *r, MtParts *parts, const MtLayout *before)
{
  *r = (MtRekeying){ .parts = parts, .before = before, .joints = g_new (MtJoint, parts->layout.n + 1), .words = g_new (MtWord, parts->program->n_words + 1) };
  for (guint i = 0; i < before->n; i++)
    {
      const MtPart *was = &before->parts[i], *part = &parts->layout.parts[parts->part_of[was->runs[0].address]];
      if (part->intern != was->intern || !was->width)
        continue;
      r->kept[r->n_kept].from = was->shift;
      r->kept[r->n_kept].to = part->shift;
      r->kept[r->n_kept++].mask = mt_part_mask (was) >> was->shift;
    }
  for (guint i = 0; i < parts->layout.n; i++)
    if (!has_intern (before, parts->layout.parts[i].intern))
      joint_init (&r->joints[r->n_joints++], parts, before, i);
}

void
mt_rekeying_clear (MtRekeying *r)
{
  for (guint i = 0; i < r->n_joints; i++)
    {
      g_array_unref (r->joints[i].from);
      g_free (r->joints[i].known);
    }
  g_free (r->joints);
  g_free (r->words);
}

/* Puts the number of @joint for what was @key into *out. */
static void
rekey_joint (const MtRekeying *r, const MtJoint *joint, guint64 key, guint64 *out)
{
  const MtPart *part = &r->parts->layout.parts[joint->part];
  gsize numbers = 0;
  guint bits = 0;
  for (guint i = 0; i < joint->from->len; i++)
    {
      const MtPart *was = &r->before->parts[g_array_index (joint->from, guint, i)];
      numbers |= (gsize)mt_part_number (was, key) << bits;
      bits += joint->known ? was->width : 0;
    }
  if (joint->known && joint->known[numbers])
    {
      *out |= (guint64)(joint->known[numbers] - 1) << part->shift;
      return;
    }
  for (guint i = 0; i < joint->from->len; i++)
    {
      const MtPart *was = &r->before->parts[g_array_index (joint->from, guint, i)];
      scatter (was, mt_part_number (was, key), r->words);
    }
  if (encode_part (r->parts, part, r->words, out) && joint->known)
    joint->known[numbers] = mt_part_number (part, *out) + 1;
}

guint64
mt_rekey (const MtRekeying *r, guint64 key)
{
  guint64 out = 0;
  for (guint i = 0; i < r->n_kept; i++)
    out |= (key >> r->kept[i].from & r->kept[i].mask) << r->kept[i].to;
  for (guint i = 0; i < r->n_joints; i++)
    rekey_joint (r, &r->joints[i], key, &out);
  return out;
}

void
mt_parts_forget (MtParts *parts)
{
  parts->layout.n = 0;
}

void
mt_parts_restore (MtParts *parts, guint kin, guint width, const MtRun *runs, guint n_runs, const MtWord *values, guint n_values)
{
  MtLayout *layout = &parts->layout;
  MtPart part = { .kin = kin, .width = (guint8)width, .n_runs = n_runs, .runs = runs_new (parts, n_runs) };
  guint n_words = 0;
  for (guint i = 0; i < n_runs; n_words += runs[i++].n_words)
    part.runs[i] = runs[i];
  part.intern = n_runs == 1 ? shared_intern (parts, layout->parts, layout->n, runs[0].address) : NULL;
  if (part.intern)
    n_values = 0;
  else
    part.intern = intern_new (parts, n_words);
  for (guint i = 0; i < n_values; i++)
    number_of (part.intern, values + (gsize)i * n_words, &parts->bytes);
  layout->parts = g_renew (MtPart, layout->parts, layout->n + 1);
  layout->parts[layout->n++] = part;
}

gboolean
mt_parts_restored (MtParts *parts)
{
  g_autofree guint8 *covered = g_new0 (guint8, parts->program->n_words + 1);
  for (guint i = 0; i < parts->layout.n; i++)
    for (guint r = 0; r < parts->layout.parts[i].n_runs; r++)
      for (guint k = 0; k < parts->layout.parts[i].runs[r].n_words; k++)
        covered[parts->layout.parts[i].runs[r].address + k]++;
  for (guint address = 0; address < parts->program->n_words; address++)
    if (covered[address] != 1)
      return FALSE;
  for (guint i = 0; i < parts->layout.n; i++)
    if (bits_for (parts->layout.parts[i].intern->n) > parts->layout.parts[i].width)
      return FALSE;
  if (total_width (&parts->layout) > KEY_BITS)
    return FALSE;
  find_parts (parts);
  lay_out (&parts->layout);
  return TRUE;
}

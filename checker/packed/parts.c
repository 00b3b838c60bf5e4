/* See parts.h. */
#include "checker/packed/parts.h"
#include "checker/packed/keyset.h"
#include "sim/primitive.h"
#include <string.h>

#define MAX_BLOCKS 64 /* parts of an array: in a longer one, several cells are a part */
#define KEY_BITS MT_KEYSET_MAX_WIDTH
#define FEW_BITS 5
#define SLACK 1 /* bits that a widened field of many values gets beyond what it needs, where there is room: laying out is dear */

MtRun *
mt_parts_runs_new (MtParts *parts, guint n)
{
  MtRun *runs = g_new (MtRun, n);
  g_ptr_array_add (parts->runs, runs);
  return runs;
}

MtIntern *
mt_parts_intern_new (MtParts *parts, guint n_words)
{
  MtIntern *intern = mt_intern_new (n_words);
  g_ptr_array_add (parts->interns, intern);
  return intern;
}

void
mt_parts_tidy (MtParts *parts)
{
  for (guint i = 0; i < parts->interns->len; i++)
    mt_intern_tidy (parts->interns->pdata[i], &parts->bytes);
}

const MtWord *
mt_part_value (const MtPart *part, guint number)
{
  return mt_intern_value (part->intern, number);
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
  MtPart part = { .kin = first, .n_runs = 1, .runs = mt_parts_runs_new (parts, 1), .intern = shared ? shared : mt_parts_intern_new (parts, n_words) };
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
  parts->interns = g_ptr_array_new_with_free_func (mt_intern_free);
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

const MtWord *
mt_part_gather (const MtPart *part, const MtWord *s, MtWord *room)
{
  if (part->n_runs == 1)
    return s + part->runs[0].address;
  MtWord *to = room;
  for (guint i = 0; i < part->n_runs; to += part->runs[i++].n_words)
    memcpy (to, s + part->runs[i].address, sizeof (MtWord) * part->runs[i].n_words);
  return room;
}

void
mt_part_scatter (const MtPart *part, guint number, MtWord *s)
{
  const MtWord *from = mt_intern_value (part->intern, number);
  for (guint i = 0; i < part->n_runs; from += part->runs[i++].n_words)
    memcpy (s + part->runs[i].address, from, sizeof (MtWord) * part->runs[i].n_words);
}

gboolean
mt_parts_encode_part (MtParts *parts, const MtPart *part, const MtWord *s, guint64 *key)
{
  const guint n_words = part->n_runs > 1 ? part->intern->n_words : 0;
  g_autofree MtWord *large = n_words > MT_FEW_WORDS ? g_new (MtWord, n_words) : NULL;
  MtWord *room = large ? large : g_newa (MtWord, n_words + 1);
  guint number = mt_intern_number (part->intern, mt_part_gather (part, s, room), &parts->bytes);
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
    fits = mt_parts_encode_part (parts, &parts->layout.parts[i], s, key) && fits;
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
      fits = mt_parts_encode_part (parts, &parts->layout.parts[last], s, key) && fits;
    }
  return fits;
}

void
mt_parts_decode (const MtParts *parts, guint64 key, MtWord *s)
{
  for (guint i = 0; i < parts->layout.n; i++)
    mt_part_scatter (&parts->layout.parts[i], mt_part_number (&parts->layout.parts[i], key), s);
}

void
mt_parts_decode_changed (const MtParts *parts, guint64 old, guint64 key, MtWord *s)
{
  for (guint64 changed = old ^ key; changed;)
    {
      const MtPart *part = &parts->layout.parts[parts->layout.fields[parts->layout.at_bit[__builtin_ctzll (changed)]]];
      mt_part_scatter (part, mt_part_number (part, key), s);
      changed &= ~mt_part_mask (part);
    }
}

guint
mt_bits_for (guint n)
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
        needs[i] = MAX (needs[i], mt_bits_for (layout->parts[k].intern->n));
  return needs;
}

/* The bits for a part's numbers when its kin @needs so many; with one more where there will soon be more numbers: they are many, and nearly
 * as many as there can be. A part of few values has most likely shown them all. */
static guint
tight_width (const MtPart *part, guint needs)
{
  guint n = part->intern->n;
  return needs + (needs > FEW_BITS && mt_bits_for (n) == needs && n > ((guint64)7 << needs) / 8);
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
    layout->parts[i].width = (guint8)mt_bits_for (layout->parts[i].intern->n);
  while (total_width (layout) > KEY_BITS)
    mt_parts_join_some (parts);
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

void
mt_parts_forget (MtParts *parts)
{
  parts->layout.n = 0;
}

void
mt_parts_restore (MtParts *parts, guint kin, guint width, const MtRun *runs, guint n_runs, const MtWord *values, guint n_values)
{
  MtLayout *layout = &parts->layout;
  MtPart part = { .kin = kin, .width = (guint8)width, .n_runs = n_runs, .runs = mt_parts_runs_new (parts, n_runs) };
  guint n_words = 0;
  for (guint i = 0; i < n_runs; n_words += runs[i++].n_words)
    part.runs[i] = runs[i];
  part.intern = n_runs == 1 ? shared_intern (parts, layout->parts, layout->n, runs[0].address) : NULL;
  if (part.intern)
    n_values = 0;
  else
    part.intern = mt_parts_intern_new (parts, n_words);
  for (guint i = 0; i < n_values; i++)
    mt_intern_number (part.intern, values + (gsize)i * n_words, &parts->bytes);
  parts->n_joins += n_runs > 1;
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
    if (mt_bits_for (parts->layout.parts[i].intern->n) > parts->layout.parts[i].width)
      return FALSE;
  if (total_width (&parts->layout) > KEY_BITS)
    return FALSE;
  find_parts (parts);
  lay_out (&parts->layout);
  return TRUE;
}

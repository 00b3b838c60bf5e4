/* Which parts become one where a key has too few bits: such as depend on each other, as far as some states tell, so that their joint values
 * are few; else neighbours. */
#include "checker/packed/parts.h"
#include <string.h>

#define MAX_SAMPLES 4096u
#define MAX_COUNTED 1000000u /* samples, over all pairs of parts: what a join may cost */
#define MAX_JOINT_BITS 24 /* of what is joined because it depends on each other */

/* Makes parts @i < @k one, with a field of @width bits. What its numbers will need is a guess: if it is too low, it is widened again. */
static void
join (MtParts *parts, guint i, guint k, guint width)
{
  MtLayout *layout = &parts->layout;
  MtPart *a = &layout->parts[i], *b = &layout->parts[k];
  MtPart both = { .kin = a->kin + parts->program->n_words, .width = (guint8)width, .n_runs = a->n_runs + b->n_runs };
  both.runs = mt_parts_runs_new (parts, both.n_runs);
  memcpy (both.runs, a->runs, sizeof (MtRun) * a->n_runs);
  memcpy (both.runs + a->n_runs, b->runs, sizeof (MtRun) * b->n_runs);
  both.intern = mt_parts_intern_new (parts, a->intern->n_words + b->intern->n_words);
  *a = both;
  memmove (b, b + 1, sizeof (MtPart) * (layout->n - k - 1));
  layout->n--;
  parts->n_joins++;
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
  g_array_unref (parts->samples);
  parts->samples = g_array_new (FALSE, FALSE, sizeof (MtWord));
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
        const MtWord *value = mt_part_gather (part, &g_array_index (parts->samples, MtWord, (gsize)k * parts->program->n_words), room);
        guint number = part->width ? mt_intern_find (part->intern, value) : 0;
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
        guint pairs = count_pairs (numbers + (gsize)i * n, numbers + (gsize)k * n, n, seen), joint = mt_bits_for (pairs) + 1;
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

void
mt_parts_join_some (MtParts *parts)
{
  if (!parts->samples->len || !join_dependent (parts))
    join_neighbours (parts);
}

/* See rekey.h. */
#include "checker/packed/rekey.h"

#define MAX_KNOWN_BITS 20 /* 4 MiB */

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
  *r = (MtRekeying){ .parts = parts, .before = before, .joints = g_new (MtJoint, parts->layout.n + 1) };
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
  const guint32 known = joint->known ? __atomic_load_n (&joint->known[numbers], __ATOMIC_RELAXED) : 0;
  if (known)
    {
      *out |= (guint64)(known - 1) << part->shift;
      return;
    }
  const guint n_words = r->parts->program->n_words;
  g_autofree MtWord *large = n_words > MT_FEW_WORDS ? g_new (MtWord, n_words) : NULL; /* the stack is small */
  MtWord *words = large ? large : g_newa (MtWord, n_words + 1);
  for (guint i = 0; i < joint->from->len; i++)
    {
      const MtPart *was = &r->before->parts[g_array_index (joint->from, guint, i)];
      mt_part_scatter (was, mt_part_number (was, key), words);
    }
  if (mt_parts_encode_part (r->parts, part, words, out) && joint->known)
    __atomic_store_n (&joint->known[numbers], mt_part_number (part, *out) + 1, __ATOMIC_RELAXED);
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

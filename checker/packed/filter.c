/* See filter.h. */
#include "checker/packed/filter.h"
#include <string.h>

#define DULL_BITS 10

typedef struct _MtDull
{
  guint64 tag;
  gboolean used;
} Dull;

void
mt_settled_init (MtSettled *settled, const MtProgram *program)
{
  settled->property = g_new0 (guint8, program->n_properties + 1);
  settled->race = g_new0 (guint8, program->n_vars + 1);
  settled->outcome = g_new0 (guint8, program->n_code + 1);
  settled->deadlock = 0;
}

void
mt_settled_clear (MtSettled *settled)
{
  g_free (settled->property);
  g_free (settled->race);
  g_free (settled->outcome);
}

static void
set (guint8 *flags, guint value)
{
  __atomic_fetch_or (flags, (guint8)value, __ATOMIC_RELAXED);
}

void
mt_settled_note (MtSettled *settled, const MtProperties *properties)
{
  for (guint i = 0; i < properties->findings->len; i++)
    {
      const MtFound *f = &g_array_index (properties->findings, MtFound, i);
      if (f->property >= 0)
        set (&settled->property[f->property], 1);
      if (f->kind == MT_FAIL_DATA_RACE)
        set (&settled->race[f->var], 1);
      if (f->kind == MT_FAIL_DEADLOCK)
        __atomic_store_n (&settled->deadlock, 1, __ATOMIC_RELAXED);
    }
  for (guint i = 0; i < properties->witnesses->len; i++)
    set (&settled->property[g_array_index (properties->witnesses, MtFound, i).property], 1);
}

void
mt_filter_init (MtFilter *filter, const MtProperties *properties, MtSettled *settled, const MtFacts *facts)
{
  guint n = properties->program->n_properties;
  *filter = (MtFilter){ .properties = properties, .settled = settled };
  filter->masks = g_new0 (guint64, n + 1);
  filter->dull = g_new0 (Dull, ((gsize)n << DULL_BITS) + 1);
  mt_filter_reset (filter, facts);
}

void
mt_filter_clear (MtFilter *filter)
{
  g_free (filter->masks);
  g_free (filter->dull);
}

void
mt_filter_reset (MtFilter *filter, const MtFacts *facts)
{
  const MtProgram *program = filter->properties->program;
  memset (filter->dull, 0, (sizeof (Dull) * program->n_properties) << DULL_BITS);
  for (guint i = 0; i < program->n_properties; i++)
    filter->masks[i] = mt_facts_read_by (facts, &program->properties[i].pure);
}

/* Whether nothing is to be told of the property @i in @key: an invariant holds, or what should hold in the end, if it has @ended; what should be
 * reachable is not reached. */
static gboolean
is_dull (MtFilter *filter, MtMover *mover, guint64 key, guint i, gboolean ended)
{
  const MtProgram *program = filter->properties->program;
  const MtProperty *property = &program->properties[i];
  if ((property->kind == MT_PROPERTY_FINALLY && !ended) || __atomic_load_n (&filter->settled->property[i], __ATOMIC_RELAXED))
    return TRUE;
  guint64 tag = key & filter->masks[i], hash = (tag ^ tag >> 31) * 0x9e3779b97f4a7c15u;
  Dull *dull = &filter->dull[((gsize)i << DULL_BITS) + (hash >> (64 - DULL_BITS))];
  if (dull->used && dull->tag == tag)
    return TRUE;
  MtWord value = 0;
  gboolean holds = mt_eval (program, mt_mover_state (mover, key), &property->pure, &value) && value;
  if (holds == (property->kind == MT_PROPERTY_REACHABLE))
    return FALSE;
  *dull = (Dull){ tag, TRUE };
  return TRUE;
}

gboolean
mt_filter_properties (MtFilter *filter, MtMover *mover, guint64 key, gboolean ended)
{
  for (guint i = 0; i < filter->properties->program->n_properties; i++)
    if (!is_dull (filter, mover, key, i, ended))
      return TRUE;
  return FALSE;
}

/* The list of kinds: one line each. */
#include "viz/kind.h"

extern const MtKindRow mt_kind_schedule, mt_kind_timeline, mt_kind_waits, mt_kind_locks, mt_kind_program, mt_kind_states, mt_kind_outcomes;

const MtKindRow *const mt_kinds[] = {
  &mt_kind_schedule,
  &mt_kind_timeline,
  &mt_kind_waits,
  &mt_kind_locks,
  &mt_kind_program,
  &mt_kind_states,
  &mt_kind_outcomes,
  NULL,
};

const MtKindRow *
mt_kind_find (const gchar *name)
{
  for (guint i = 0; mt_kinds[i]; i++)
    if (g_str_equal (mt_kinds[i]->name, name))
      return mt_kinds[i];
  return NULL;
}

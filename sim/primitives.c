/* Looking up primitives, their verbs and their operations. */
#include "sim/primitive.h"
#include <string.h>

#define ADDRESS_OF(name) &mt_primitive_##name,
const MtPrimitive *const mt_primitives[] = { MT_PRIMITIVES (ADDRESS_OF) NULL };

const MtPrimitive *
mt_primitive_by_section (const gchar *section)
{
  for (guint i = 0; mt_primitives[i]; i++)
    if (mt_primitives[i]->section && g_str_equal (mt_primitives[i]->section, section))
      return mt_primitives[i];
  return NULL;
}

const MtVerb *
mt_verb_find (const gchar *name, const MtPrimitive *primitive)
{
  for (guint i = 0; mt_primitives[i]; i++)
    for (const MtVerb *verb = mt_primitives[i]->verbs; verb && verb->name; verb++)
      if ((!primitive || primitive == mt_primitives[i]) && g_str_equal (verb->name, name))
        return verb;
  return NULL;
}

const gchar **
mt_verb_names (void)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; mt_primitives[i]; i++)
    for (const MtVerb *verb = mt_primitives[i]->verbs; verb && verb->name; verb++)
      g_ptr_array_add (names, (gpointer)verb->name);
  g_ptr_array_add (names, NULL);
  return (const gchar **)g_ptr_array_free (names, FALSE);
}

/* Operations are numbered behind the machine's own instructions, in the order of the lists. */
const MtOp *mt_op_rows[256];
static guint n_numbered;

static gpointer
number_operations (gpointer data)
{
  n_numbered = MT_N_OPCODES;
  for (guint i = 0; mt_primitives[i]; i++)
    for (const MtOp *const *op = mt_primitives[i]->ops; op && *op; op++)
      {
        g_assert (n_numbered < G_N_ELEMENTS (mt_op_rows));
        mt_op_rows[n_numbered++] = *op;
      }
  g_assert (mt_op_rows[MT_OP_READ] == &mt_op_read && mt_op_rows[MT_OP_WRITE] == &mt_op_write);
  return data;
}

guint8
mt_op_number (const MtOp *op)
{
  static GOnce once = G_ONCE_INIT;
  g_once (&once, number_operations, NULL);
  for (guint i = MT_N_OPCODES; i < n_numbered; i++)
    if (mt_op_rows[i] == op)
      return (guint8)i;
  g_assert_not_reached ();
}

void
mt_rename_nothing (const MtObject *object, MtWord *words, const guint16 *now)
{
  (void)object, (void)words, (void)now;
}

void
mt_rename_places (MtWord *words, guint n, const guint16 *now)
{
  MtWord *before = g_newa (MtWord, n);
  memcpy (before, words, sizeof (MtWord) * n);
  for (guint t = 0; t < n; t++)
    words[now[t]] = before[t];
}

/* See outcomes.h. */
#include "checker/outcomes.h"
#include "checker/chance.h"
#include <string.h>

static void
row_clear (gpointer data)
{
  MtOutcomeRow *row = data;
  g_free (row->text);
  mt_big_clear (&row->schedules);
}

/* Texts in order, runs of digits by their value. */
static gint
compare_texts (const gchar *a, const gchar *b)
{
  while (*a && *b)
    {
      if (g_ascii_isdigit (*a) && g_ascii_isdigit (*b))
        {
          gchar *after_a, *after_b;
          guint64 x = g_ascii_strtoull (a, &after_a, 10), y = g_ascii_strtoull (b, &after_b, 10);
          if (x != y)
            return x < y ? -1 : 1;
          a = after_a;
          b = after_b;
          continue;
        }
      if (*a != *b)
        return (guchar)*a < (guchar)*b ? -1 : 1;
      a++;
      b++;
    }
  return *a ? 1 : *b ? -1 : 0;
}

static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const MtOutcomeRow *x = a, *y = b;
  return x->deadlock != y->deadlock ? (x->deadlock ? 1 : -1) : compare_texts (x->text, y->text);
}

/* Sorts the terminal states by outcome; row_of[i] is the row of the i-th. */
static GArray *
gather (MtExplore *x, guint *row_of)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (MtOutcomeRow));
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < x->terminals->len; i++)
    {
      guint id = g_array_index (x->terminals, guint, i);
      const MtWord *s = mt_store_key (&x->store, id);
      gboolean deadlock = mt_is_deadlock (x->program, s);
      gpointer at;
      g_string_assign (text, deadlock ? "!" : " ");
      mt_outcome_print (x->program, s, text);
      if (!g_hash_table_lookup_extended (known, text->str, NULL, &at))
        {
          MtOutcomeRow row = { .text = g_strdup (text->str + 1), .deadlock = deadlock, .state = id };
          at = GUINT_TO_POINTER (rows->len);
          g_array_append_val (rows, row);
          g_hash_table_insert (known, g_strdup (text->str), at);
        }
      row_of[i] = GPOINTER_TO_UINT (at);
      g_array_index (rows, MtOutcomeRow, row_of[i]).states++;
    }
  return rows;
}

/* The ids of the successors of @id, as the search saw them, to @out. */
static void
successors (MtExplore *x, guint id, GArray *out)
{
  guint n = mt_choices (x->program, mt_store_key (&x->store, id), x->choices);
  g_array_set_size (out, 0);
  for (guint i = 0; i < n; i++)
    {
      guint to = mt_explore_successor (x, id, x->choices[i], NULL);
      if (to != MT_STORE_FULL)
        g_array_append_val (out, to);
    }
}

/* How many paths lead to each terminal state: those of its predecessors, added up. */
static void
count (MtOutcomes *o, MtExplore *x, const guint *row_of)
{
  guint n = x->store.n;
  g_autofree guint *waits = g_new0 (guint, n); /* edges into a state that have not been counted */
  MtBig *paths = g_new0 (MtBig, n);
  g_autoptr (GArray) next = g_array_new (FALSE, FALSE, sizeof (guint)), ready = g_array_new (FALSE, FALSE, sizeof (guint));
  guint done = 0, first = 0;
  for (guint id = 0; id < n; id++)
    {
      successors (x, id, next);
      for (guint k = 0; k < next->len; k++)
        waits[g_array_index (next, guint, k)]++;
    }
  g_autofree guint *terminal = g_new0 (guint, n); /* 1 + its place among the terminal states */
  for (guint i = 0; i < x->terminals->len; i++)
    terminal[g_array_index (x->terminals, guint, i)] = i + 1;
  mt_big_set (&paths[0], 1);
  if (waits[0] == 0)
    g_array_append_val (ready, first);
  for (; ready->len; done++)
    {
      guint id = g_array_index (ready, guint, ready->len - 1);
      g_array_set_size (ready, ready->len - 1);
      if (terminal[id])
        {
          mt_big_add (&g_array_index (o->rows, MtOutcomeRow, row_of[terminal[id] - 1]).schedules, &paths[id]);
          mt_big_add (&o->schedules, &paths[id]);
          terminal[id] = 0;
        }
      successors (x, id, next);
      for (guint k = 0; k < next->len; k++)
        {
          guint to = g_array_index (next, guint, k);
          mt_big_add (&paths[to], &paths[id]);
          if (--waits[to] == 0)
            g_array_append_val (ready, to);
        }
      mt_big_clear (&paths[id]);
    }
  o->infinite = done < n;
  for (guint id = 0; id < n; id++)
    {
      if (terminal[id]) /* never ready: on or behind a cycle */
        g_array_index (o->rows, MtOutcomeRow, row_of[terminal[id] - 1]).infinite = TRUE;
      mt_big_clear (&paths[id]);
    }
  g_free (paths);
}

static void
add_chances (MtOutcomes *o, MtExplore *x, const guint *row_of)
{
  MtChances chances;
  mt_chances_find (&chances, x);
  for (guint i = 0; i < x->terminals->len; i++)
    // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.ArraySubscript): every terminal state has its row
    g_array_index (o->rows, MtOutcomeRow, row_of[i]).chance += chances.of[i];
  o->endless = chances.endless;
  o->rest = chances.rest;
  mt_chances_clear (&chances);
}

void
mt_outcomes_find (MtOutcomes *o, MtExplore *x, gboolean counted, gboolean chances)
{
  *o = (MtOutcomes){ 0 };
  g_autofree guint *row_of = g_new (guint, x->terminals->len + 1);
  o->rows = gather (x, row_of);
  g_array_set_clear_func (o->rows, row_clear);
  const gboolean any = x->store.n > 0; /* else there was no memory for one state */
  if (counted && any)
    count (o, x, row_of);
  if (chances && any)
    add_chances (o, x, row_of);
  g_array_sort (o->rows, compare_rows);
}

void
mt_outcomes_clear (MtOutcomes *o)
{
  g_array_unref (o->rows);
  mt_big_clear (&o->schedules);
}

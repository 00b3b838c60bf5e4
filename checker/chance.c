/* See chance.h. */
#include "checker/chance.h"
#include <math.h>
#include <string.h>

#define MAX_SWEEPS 20000
#define ENOUGH 1e-13 /* mass that may be left */

/* The edges of a graph, those of state i from first[i] to first[i + 1]. */
typedef struct
{
  guint n;
  guint *first;
  GArray *to; /* guint */
} Edges;

static void
edges_init (Edges *e, MtExplore *x)
{
  e->n = x->store.n;
  e->first = g_new (guint, e->n + 1);
  e->to = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint id = 0; id < e->n; id++)
    {
      e->first[id] = e->to->len;
      guint choices = mt_choices (x->program, mt_store_key (&x->store, id), x->choices);
      for (guint i = 0; i < choices; i++)
        {
          guint to = mt_explore_successor (x, id, x->choices[i], NULL);
          g_array_append_val (e->to, to);
        }
    }
  e->first[e->n] = e->to->len;
}

static void
edges_clear (Edges *e)
{
  g_free (e->first);
  g_array_unref (e->to);
}

/* Marks the states from which an end can be reached, going over the edges backwards. */
static guint8 *
find_hopeful (const Edges *e)
{
  guint8 *hopeful = g_new0 (guint8, e->n);
  g_autofree guint *first = g_new0 (guint, e->n + 2), *from = g_new (guint, e->to->len + 1);
  g_autoptr (GArray) work = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < e->to->len; i++)
    first[g_array_index (e->to, guint, i) + 2]++;
  for (guint i = 2; i < e->n + 2; i++)
    first[i] += first[i - 1];
  for (guint id = 0; id < e->n; id++)
    {
      for (guint i = e->first[id]; i < e->first[id + 1]; i++)
        from[first[g_array_index (e->to, guint, i) + 1]++] = id;
      hopeful[id] = e->first[id] == e->first[id + 1];
      if (hopeful[id])
        g_array_append_val (work, id);
    }
  while (work->len)
    {
      guint id = g_array_index (work, guint, work->len - 1);
      g_array_set_size (work, work->len - 1);
      for (guint i = first[id]; i < first[id + 1]; i++)
        if (!hopeful[from[i]])
          {
            hopeful[from[i]] = 1;
            g_array_append_val (work, from[i]);
          }
    }
  return hopeful;
}

/* Lets the mass of every state that has successors flow on; returns how much was on its way. */
static gdouble
sweep (const Edges *e, const guint8 *hopeful, gdouble *mass, gdouble *endless)
{
  gdouble moved = 0;
  for (guint id = 0; id < e->n; id++)
    {
      const guint *to = &g_array_index (e->to, guint, e->first[id]);
      guint n = e->first[id + 1] - e->first[id], loops = 0;
      if (n == 0 || mass[id] == 0)
        continue;
      if (!hopeful[id])
        {
          *endless += mass[id];
          mass[id] = 0;
          continue;
        }
      for (guint i = 0; i < n; i++)
        loops += to[i] == id;
      gdouble share = mass[id] / (n - loops); /* hopeful: some edge leads away */
      moved += mass[id];
      mass[id] = 0;
      for (guint i = 0; i < n; i++)
        if (to[i] != id)
          mass[to[i]] += share;
    }
  return moved;
}

void
mt_chances_find (MtChances *chances, MtExplore *x)
{
  *chances = (MtChances){ 0 };
  Edges e;
  edges_init (&e, x);
  g_autofree guint8 *hopeful = find_hopeful (&e);
  g_autofree gdouble *mass = g_new0 (gdouble, e.n);
  mass[0] = 1;
  for (guint i = 0; i < MAX_SWEEPS && sweep (&e, hopeful, mass, &chances->endless) > ENOUGH; i++)
    ;
  chances->of = g_new0 (gdouble, x->terminals->len + 1);
  for (guint i = 0; i < x->terminals->len; i++)
    {
      guint id = g_array_index (x->terminals, guint, i);
      chances->of[i] = mass[id];
      mass[id] = 0;
    }
  for (guint id = 0; id < e.n; id++)
    chances->rest += mass[id];
  edges_clear (&e);
}

void
mt_chances_clear (MtChances *chances)
{
  g_free (chances->of);
}

/* P(a, x) by its series, for x < a + 1. */
static gdouble
gamma_series (gdouble a, gdouble x)
{
  gdouble term = 1 / a, sum = term;
  for (gdouble n = a + 1; term > sum * 1e-15; n++)
    sum += term *= x / n;
  return sum * exp (a * log (x) - x - lgamma (a));
}

/* Q(a, x) by its continued fraction, evaluated forwards (Lentz), for x >= a + 1. */
static gdouble
gamma_fraction (gdouble a, gdouble x)
{
  const gdouble tiny = 1e-300;
  gdouble b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d, factor = 0;
  for (guint i = 1; fabs (factor - 1) > 1e-15 && i < 100000; i++)
    {
      gdouble an = -(gdouble)i * (i - a);
      b += 2;
      d = an * d + b;
      d = 1 / (fabs (d) < tiny ? tiny : d);
      c = b + an / c;
      c = fabs (c) < tiny ? tiny : c;
      factor = d * c;
      h *= factor;
    }
  return h * exp (a * log (x) - x - lgamma (a));
}

gdouble
mt_chi_square_tail (gdouble x, guint df)
{
  gdouble a = df / 2.0, half = x / 2;
  if (half <= 0)
    return 1;
  return half < a + 1 ? 1 - gamma_series (a, half) : gamma_fraction (a, half);
}

#define LEAST_EXPECTED 5 /* runs in a class */

MtFit
mt_chances_fit (const gdouble *chances, const guint *seen, guint n, guint runs)
{
  MtFit fit = { .tail = 1 };
  gdouble rare = runs, rare_seen = runs;
  guint classes = 0;
  for (guint i = 0; i < n; i++)
    {
      const gdouble expected = chances[i] * runs;
      if (expected < LEAST_EXPECTED)
        continue;
      fit.statistic += (seen[i] - expected) * (seen[i] - expected) / expected;
      rare -= expected;
      rare_seen -= seen[i];
      classes++;
    }
  if (rare >= LEAST_EXPECTED)
    {
      fit.statistic += (rare_seen - rare) * (rare_seen - rare) / rare;
      classes++;
    }
  if (classes > 1)
    {
      fit.df = classes - 1;
      fit.tail = mt_chi_square_tail (fit.statistic, fit.df);
    }
  return fit;
}

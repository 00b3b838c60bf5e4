/* See random_model.h. Two or three tasks over a few variables and locks: reads and writes, loops of
 * a few rounds, branches, assertions, atomic blocks, awaits, timeouts, choices, starts and joins, and
 * in every third model the other primitives. */
#include "random_model.h"
#include "sim/rng.h"

typedef struct
{
  MtRng rng;
  GString *out;
  guint n_vars, n_locks, n_tasks;
  guint budget; /* steps left for the task */
  gboolean primitives; /* other than locks */
} Gen;

static guint
below (Gen *g, guint n)
{
  return mt_rng_below (&g->rng, n);
}

static void G_GNUC_PRINTF (3, 4)
line (Gen *g, guint indent, const gchar *format, ...)
{
  va_list args;
  va_start (args, format);
  g_string_append_printf (g->out, "%*s", (gint)indent, "");
  g_string_append_vprintf (g->out, format, args);
  g_string_append_c (g->out, '\n');
  va_end (args);
}

static gchar
var (Gen *g)
{
  return (gchar)('x' + below (g, g->n_vars));
}

static gchar
lock (Gen *g)
{
  return (gchar)('m' + below (g, g->n_locks));
}

static void block (Gen *g, guint indent, guint depth, gboolean visible);

static void
simple (Gen *g, guint indent)
{
  gchar v = var (g);
  switch (below (g, 11))
    {
    case 0:
    case 1:
      line (g, indent, "- %c += 1", v);
      return;
    case 2:
      line (g, indent, "- r = %c", v);
      return;
    case 3:
      line (g, indent, "- %c = r", v);
      return;
    case 4:
      line (g, indent, "- %c = %u", v, below (g, 3));
      return;
    case 5:
      line (g, indent, "- assert: %c < %u", v, 1 + below (g, 3));
      return;
    case 6:
      line (g, indent, "- atomic: [%c += 1]", v);
      return;
    case 7:
      line (g, indent, "- r += 1");
      return;
    case 8:
      line (g, indent, "- a[r %% 2] = %c", v);
      return;
    case 9:
      line (g, indent, "- r = a[%u]", below (g, 2));
      return;
    default:
      line (g, indent, "- print: \"{r} {%c}\"", v);
    }
}

/* The other primitives: semaphore s, event e, queue q, condition c with its lock k, barrier b. */
static void
primitive (Gen *g, guint indent)
{
  switch (below (g, 10))
    {
    case 0:
      line (g, indent, "- acquire: s");
      return;
    case 1:
      line (g, indent, "- release: s");
      return;
    case 2:
      line (g, indent, "- set: e");
      return;
    case 3:
      line (g, indent, "- clear: e");
      return;
    case 4:
      line (g, indent, "- wait: e");
      return;
    case 5:
      line (g, indent, "- put: %c", var (g));
      line (g, indent, "  to: q");
      return;
    case 6:
      line (g, indent, "- get: q");
      line (g, indent, "  into: r");
      return;
    case 7:
      line (g, indent, "- with: k");
      line (g, indent, "  do: [{wait: c}]");
      return;
    case 8:
      line (g, indent, "- with: k");
      line (g, indent, "  do: [{notify: c}]");
      return;
    default:
      line (g, indent, "- wait: b");
    }
}

static void
step (Gen *g, guint indent, guint depth)
{
  g->budget -= MIN (g->budget, 1);
  if (g->primitives && below (g, 3) == 0)
    {
      primitive (g, indent);
      return;
    }
  guint kind = depth < 2 ? below (g, 16) : 0;
  if (kind == 6 && g->n_locks)
    {
      line (g, indent, "- with: %c", lock (g));
      line (g, indent, "  do:");
      block (g, indent + 4, depth + 1, TRUE);
    }
  else if (kind == 7 && g->n_locks)
    line (g, indent, "- lock: %c", lock (g));
  else if (kind == 8 && g->n_locks)
    line (g, indent, "- unlock: %c", lock (g));
  else if (kind == 9)
    {
      line (g, indent, "- if: %c == r", var (g));
      line (g, indent, "  then:");
      block (g, indent + 4, depth + 1, FALSE);
      line (g, indent, "  else:");
      block (g, indent + 4, depth + 1, FALSE);
    }
  else if (kind == 10)
    {
      line (g, indent, "- repeat: 2");
      line (g, indent, "  do:");
      block (g, indent + 4, depth + 1, TRUE);
    }
  else if (kind == 11)
    {
      line (g, indent, "- while: %c < %u", var (g), 1 + below (g, 2));
      line (g, indent, "  do:");
      block (g, indent + 4, depth + 1, TRUE);
    }
  else if (kind == 12)
    line (g, indent, "- await: %c >= %u", var (g), below (g, 3));
  else if (kind == 13 && g->n_locks)
    {
      gchar m = lock (g);
      line (g, indent, "- lock: %c", m);
      line (g, indent, "  timeout: 1");
      line (g, indent, "  else: [%c = 2]", var (g));
    }
  else if (kind == 14)
    {
      line (g, indent, "- choose:");
      line (g, indent, "    - [%c = 1]", var (g));
      line (g, indent, "    - {when: %c > 0, do: [r = 2]}", var (g));
      line (g, indent, "    - [pass]");
    }
  else if (kind == 15)
    line (g, indent, "- sleep: 1");
  else
    simple (g, indent);
}

static void
block (Gen *g, guint indent, guint depth, gboolean visible)
{
  guint n = 1 + below (g, 2);
  for (guint i = 0; i < n && (i == 0 || g->budget); i++)
    step (g, indent, depth);
}

gchar *
mt_random_model (guint64 seed)
{
  Gen g = { .out = g_string_new (NULL) };
  mt_rng_seed (&g.rng, seed);
  g.n_vars = 1 + below (&g, 2);
  g.n_locks = below (&g, 3);
  g.n_tasks = 2 + below (&g, 2);
  gboolean main = below (&g, 3) == 0, started = main && below (&g, 2) == 0;
  line (&g, 0, "title: random model %" G_GUINT64_FORMAT, seed);
  line (&g, 0, "globals: {x: 0, y: 0, a: {fill: 0, size: 2}}");
  if (g.n_locks)
    line (&g, 0, "locks: [%s, k]", g.n_locks == 1 ? "m" : "m, n");
  g.primitives = below (&g, 3) == 0;
  if (g.primitives)
    {
      line (&g, 0, "semaphores: {s: {value: 1}}");
      line (&g, 0, "events: {e: {}}");
      line (&g, 0, "queues: {q: {capacity: 2}}");
      g_string_append (g.out, g.n_locks == 0 ? "locks: [k]\n" : "");
      line (&g, 0, "conditions: {c: {lock: k}}");
      line (&g, 0, "barriers: {b: {parties: 2}}");
    }
  line (&g, 0, "threads:");
  for (guint t = 0, n = 0; n < g.n_tasks; t++)
    {
      gboolean two = n + 2 <= g.n_tasks && below (&g, 3) == 0;
      g.budget = two || g.n_tasks > 2 ? 3 : 5;
      line (&g, 2, "t%u:", t);
      if (two)
        line (&g, 4, "count: 2");
      line (&g, 4, "steps:");
      line (&g, 6, "- r = 0");
      while (g.budget)
        step (&g, 6, 0);
      n += two ? 2 : 1;
    }
  if (main)
    {
      line (&g, 2, "main:");
      line (&g, 4, "steps:");
      line (&g, 6, "- r = 0");
      if (started)
        line (&g, 6, "- start: t0");
      simple (&g, 6);
      line (&g, 6, "- join: t0");
      simple (&g, 6);
    }
  line (&g, 0, "properties:");
  if (below (&g, 3) == 0)
    line (&g, 2, "invariants: {low: %c < 3}", var (&g));
  if (below (&g, 2) == 0)
    line (&g, 2, "finally: %c == %u", var (&g), below (&g, 3));
  if (below (&g, 4) == 0)
    line (&g, 2, "reachable: {both: x == 1 and y == 1}");
  line (&g, 2, "data_race: reported");
  line (&g, 0, "observe: [x, y, a]");
  return g_string_free (g.out, FALSE);
}

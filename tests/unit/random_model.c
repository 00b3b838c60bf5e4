/* See random_model.h. Two or three tasks over a few variables and locks: reads and writes, loops of
 * a few rounds, branches, assertions, atomic blocks, awaits, timeouts, choices, starts and joins. In
 * half of the models one or two of the other primitives, and in half of them not all are threads. */
#include "random_model.h"
#include "sim/rng.h"
#include <string.h>

/* A primitive: how it is declared, and what is done with it; '$' stands for a variable. */
typedef struct
{
  const gchar *declaration;
  const gchar *steps[8];
  gboolean needs_shared; /* there are processes that the model does not show: variables for all */
  gboolean two_steps; /* waiting leaves the step: not for an atomic body */
} Primitive;

static const Primitive primitives[] = {
  { "semaphores: {s: {value: 1}}",
    { "{acquire: s}",
      "{release: s}",
      "{acquire: s, timeout: 1, else: [$ = 2]}" } },
  { "semaphores: {s: {value: 1, bounded: true, size: 2}}",
    { "{acquire: 's[r % 2]'}",
      "{release: 's[r % 2]'}",
      "{with: 's[r % 2]', do: [$ += 1]}",
      "{if: 'value(s[1]) == 0', then: [$ = 2]}" } },
  { "events: {e: {}}",
    { "{set: e}",
      "{clear: e}",
      "{wait: e}",
      "{wait: e, timeout: 1, else: [$ = 2]}" } },
  { "events: {e: {size: 2}}",
    { "{set: 'e[r % 2]'}",
      "{clear: 'e[$ % 2]'}",
      "{wait: 'e[r % 2]'}",
      "{if: 'is_set(e[0])', then: [$ += 1]}" } },
  { "queues: {q: {capacity: 2}}",
    { "{put: $, to: q}",
      "{get: q, into: r}",
      "{put: 1, to: q, timeout: 0, else: [$ = 2]}",
      "{get: q, into: $, timeout: 1, else: [$ += 1]}" } },
  { "queues: {q: {storage: 3}}",
    { "{put: [$, 1], to: q}",
      "{get: q, into: [r, $]}",
      "{get: q, into: [$, r], timeout: 1, else: [$ = 2]}",
      "{if: size(q) > 1 or empty(q), then: [$ += 1]}" } },
  { "queues: {q: {capacity: 1, size: 2}}",
    { "{put: $, to: 'q[r % 2]'}",
      "{get: 'q[r % 2]', into: r}",
      "{put: r, to: 'q[r % 2]', timeout: 1, else: [$ = 2]}",
      "{if: 'full(q[1])', then: [$ += 1]}" } },
  { "conditions: {c: {lock: k}}",
    { "{with: k, do: [{wait: c}]}",
      "{with: k, do: [{notify: c}]}",
      "{with: k, do: [{notify_all: c}]}",
      "{with: k, do: [{wait: c, timeout: 1, else: [$ = 2]}]}" },
    .two_steps = TRUE },
  { "conditions: {c: {lock: k, spurious: true, size: 2}}",
    { "{with: k, do: [{wait: 'c[r % 2]'}]}",
      "{with: k, do: [{notify: 'c[r % 2]'}]}",
      "{with: k, do: [{notify_all: 'c[0]'}]}",
      "{with: k, do: [{with: k, do: [{wait: 'c[r % 2]', timeout: 1, else: [$ = 2]}]}]}" },
    .two_steps = TRUE },
  { "barriers: {b: {parties: 2}}",
    { "{wait: b}",
      "{wait: b, timeout: 1, else: [$ = 2]}" },
    .two_steps = TRUE },
  { "barriers: {b: {parties: 2, size: 2}}",
    { "{wait: 'b[r % 2]'}",
      "{wait: 'b[0]', timeout: 1, else: [$ = 2]}",
      "{wait: 'b[$ % 2]', else: [$ += 1]}" },
    .two_steps = TRUE },
  { "rwlocks: [rw]",
    { "{read_lock: rw}",
      "{write_lock: rw}",
      "{unlock: rw}",
      "{read_lock: rw, timeout: 1, else: [$ = 2]}",
      "{write_lock: rw, timeout: 0, else: [$ += 1]}" } },
  { "rwlocks: {rw: {size: 2}}",
    { "{read_lock: 'rw[r % 2]'}",
      "{write_lock: 'rw[r % 2]'}",
      "{unlock: 'rw[r % 2]'}",
      "{read_lock: 'rw[r % 2]', timeout: 1, else: [$ = 2]}" } },
  { "inputs: {kb: [one, two]}",
    { "{input: kb, into: line}",
      "{input: kb, into: line, else: [$ = 2]}",
      "{print: '{line}'}",
      "{if: line == 'two', then: [$ += 1]}" } },
  { "shared: {l: {list: [1], capacity: 3}}",
    { "{append: $, to: l}",
      "{pop: r, from: l}",
      "{pop: $, from: l}",
      "$ = len(l)" } },
  { "sockets: {o: {port: 1}, i: {buffer: 2, loss: true}}",
    { "{send: $, from: o, to: i}",
      "{recv: i, into: r}",
      "{recv: i, into: r, timeout: 1, else: [$ = 2]}" } },
  { "sockets: {o: {port: 1}, i: {buffer: 2, reorder: true, duplicate: true}}",
    { "{send: $, from: o, to: i}",
      "{send: 1, from: i, to: i}",
      "{recv: i, into: r}",
      "{recv: i, into: $, timeout: 0, else: [$ += 1]}" } },
  { "pools: {po: {workers: 1}}\nfunctions: {f: [x += 1]}",
    { "{submit: f, to: po}",
      "{close: po}",
      "{join: po}",
      "{join: po, timeout: 1, else: [$ = 2]}" },
    .needs_shared = TRUE },
  { "pools: {po: {workers: 2}}\nfunctions: {f: {params: [v], steps: [x = v, r = y, {assert: r < 2}]}}",
    { "{submit: f, to: po, args: [$]}",
      "{submit: f, to: po, args: [2], into: r}",
      "{close: po}",
      "{join: po}",
      "{terminate: po}" },
    .needs_shared = TRUE },
  { "pools: {po: {workers: 2, storage: 1}}\nfunctions: {f: {params: [v], steps: [{if: v == 1, then: [{raise: Oops}]}, {sleep: 1}, x += v]}}",
    { "{submit: f, to: po, args: [$]}",
      "{submit: f, to: po, args: [2]}",
      "{close: po}",
      "{join: po}" },
    .needs_shared = TRUE },
};

typedef enum
{
  THREADS,
  PROCESSES,
  COROUTINES,
  N_KINDS
} Kind;

static const gchar *const sections[N_KINDS] = { "threads", "processes", "coroutines" };

typedef struct
{
  MtRng rng;
  GString *out;
  guint n_vars, n_locks, n_tasks;
  guint budget; /* steps left for the task */
  const Primitive *primitives[2]; /* other than locks; NULL: none */
  Kind kinds[3]; /* of the tasks t0, t1, .. */
  gboolean two[3]; /* there are t[1] and t[2] */
  guint n_named; /* how many of those there are */
  guint task; /* being written */
  gboolean mixed; /* not threads alone */
  gboolean calls; /* there is a function h */
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
  switch (below (g, 14))
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
    case 10:
      line (g, indent, "- r = random(0, 1)");
      return;
    case 11:
      line (g, indent, "- r = active()");
      return;
    case 12:
      if (g->calls)
        line (g, indent, "- {call: h, args: [%c], into: %c}", var (g), below (g, 2) ? 'r' : v);
      else
        line (g, indent, "- r = now()");
      return;
    default:
      line (g, indent, "- print: \"{r} {%c}\"", v);
    }
}

/* The step, with a variable for each '$'. */
static gchar *
filled (Gen *g, const gchar *template)
{
  GString *text = g_string_new (template);
  for (gsize i = 0; i < text->len; i++)
    if (text->str[i] == '$')
      text->str[i] = var (g);
  return g_string_free (text, FALSE);
}

static void
primitive (Gen *g, guint indent)
{
  const Primitive *p = g->primitives[g->primitives[1] && below (g, 2)];
  guint n = 0;
  while (n < G_N_ELEMENTS (p->steps) && p->steps[n])
    n++;
  g_autofree gchar *text = filled (g, p->steps[below (g, n)]);
  if (!p->two_steps && below (g, 5) == 0)
    line (g, indent, "- atomic: [%s, %c += 1]", text, var (g));
  else
    line (g, indent, "- %s", text);
}

/* What tasks do with each other, and coroutines among themselves. */
static void
task_step (Gen *g, guint indent)
{
  guint other = below (g, g->n_named);
  if (g->kinds[g->task] == COROUTINES && below (g, 2))
    {
      if (below (g, 2))
        line (g, indent, "- yield");
      else if (g->kinds[other] == COROUTINES)
        line (g, indent, "- switch: t%u%s", other, !g->two[other] ? "" : below (g, 2) ? "[1]" : "[2]");
      else
        line (g, indent, "- {sleep: 1, blocking: true}");
    }
  else if (g->kinds[other] == PROCESSES && below (g, 2))
    line (g, indent, "- terminate: t%u", other);
  else if (below (g, 4) == 0)
    line (g, indent, "- if: alive(t%u%s)\n%*s  then: [%c += 1]", other, !g->two[other] ? "" : below (g, 2) ? "[1]" : "[2]", (gint)indent, "", var (g));
  else if (other == g->task) /* which would wait for itself */
    simple (g, indent);
  else if (below (g, 2))
    line (g, indent, "- join: t%u", other);
  else
    line (g, indent, "- {join: t%u, timeout: 1, else: [%c = 2]}", other, var (g));
}

static void
step (Gen *g, guint indent, guint depth)
{
  g->budget -= MIN (g->budget, 1);
  if (g->primitives[0] && below (g, 3) == 0)
    {
      primitive (g, indent);
      return;
    }
  if (g->mixed && below (g, 5) == 0)
    {
      task_step (g, indent);
      return;
    }
  guint kind = depth < 2 ? below (g, 17) : 0;
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
  else if (kind == 16 && g->n_locks)
    line (g, indent, "- if: locked(%c)\n%*s  then: [%c = 2]", lock (g), (gint)indent, "", var (g));
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

/* Draws the primitives, declares them and the variables. */
static void
declare (Gen *g)
{
  guint n = below (g, 2) ? 0 : 1 + below (g, 2);
  gboolean shared = g->mixed && below (g, 2), condition = FALSE;
  for (guint i = 0; i < n; i++)
    g->primitives[i] = &primitives[below (g, G_N_ELEMENTS (primitives))];
  /* two that share a key of the model are one too many */
  if (n == 2 && strcspn (g->primitives[0]->declaration, ":") == strcspn (g->primitives[1]->declaration, ":")
      && g->primitives[0]->declaration[0] == g->primitives[1]->declaration[0])
    g->primitives[1] = NULL;
  for (guint i = 0; i < n && g->primitives[i]; i++)
    {
      shared |= g->primitives[i]->needs_shared;
      condition |= g_str_has_prefix (g->primitives[i]->declaration, "conditions");
      line (g, 0, "%s", g->primitives[i]->declaration);
    }
  if (shared && !strstr (g->out->str, "shared:"))
    line (g, 0, below (g, 3) ? "shared: {x: 0}\nglobals: {y: 0, a: {fill: 0, size: 2}}" : "shared: {x: 0, y: 0, a: {fill: 0, size: 2}}");
  else
    line (g, 0, "globals: {x: 0, y: 0, a: {fill: 0, size: 2}}");
  static const gchar *const kinds[] = { "{}", "{}", "{reentrant: true}" };
  if (g->n_locks || condition)
    line (g, 0, "locks: {m: %s, n: {}, k: %s}", kinds[below (g, 3)], kinds[below (g, 3)]);
  g->calls = !strstr (g->out->str, "functions:");
  if (g->calls)
    line (g, 0, "functions: {h: {params: [v], steps: [{if: v > x, then: [return 1]}, return v + 1]}}");
}

/* The tasks of one kind. */
static void
tasks (Gen *g, Kind kind, gboolean main, gboolean started)
{
  gboolean any = main;
  for (guint t = 0; t < g->n_named; t++)
    any |= g->kinds[t] == kind;
  if (!any)
    return;
  line (g, 0, "%s:", sections[kind]);
  for (g->task = 0; g->task < g->n_named; g->task++)
    if (g->kinds[g->task] == kind)
      {
        g->budget = g->two[g->task] || g->n_tasks > 2 ? 3 : 5;
        line (g, 2, "t%u:", g->task);
        if (g->two[g->task])
          line (g, 4, "count: 2");
        if (below (g, 12) == 0)
          line (g, 4, "daemon: true");
        line (g, 4, "steps:");
        line (g, 6, "- r = 0");
        if (g->primitives[0] && (strstr (g->out->str, "inputs:")))
          line (g, 6, "- line = ''");
        while (g->budget)
          step (g, 6, 0);
      }
  if (main)
    {
      line (g, 2, "main:");
      line (g, 4, "steps:");
      line (g, 6, "- r = 0");
      if (started)
        line (g, 6, "- start: t0");
      simple (g, 6);
      line (g, 6, "- join: t0");
      simple (g, 6);
    }
}

gchar *
mt_random_model (guint64 seed)
{
  Gen g = { .out = g_string_new (NULL) };
  mt_rng_seed (&g.rng, seed);
  g.n_vars = 1 + below (&g, 2);
  g.n_locks = below (&g, 3);
  g.n_tasks = 2 + below (&g, 2);
  g.mixed = below (&g, 2);
  gboolean main = below (&g, 3) == 0, started = main && below (&g, 2) == 0;
  for (guint n = 0; n < g.n_tasks; g.n_named++)
    {
      g.two[g.n_named] = n + 2 <= g.n_tasks && below (&g, 3) == 0;
      g.kinds[g.n_named] = g.mixed ? below (&g, N_KINDS) : THREADS;
      n += g.two[g.n_named] ? 2 : 1;
    }
  Kind mains = g.mixed ? below (&g, N_KINDS) : THREADS;
  if (mains == PROCESSES && g.kinds[0] == COROUTINES)
    started = FALSE; /* it would be in main's process, where the other coroutines can't switch to it */
  line (&g, 0, "title: random model %" G_GUINT64_FORMAT, seed);
  declare (&g);
  for (Kind kind = THREADS; kind < N_KINDS; kind++)
    tasks (&g, kind, main && kind == mains, started);
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

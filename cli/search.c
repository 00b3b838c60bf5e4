/* See search.h. */
#include "cli/search.h"
#include "checker/estimate.h"
#include "sim/json_late.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_JOBS 64

static gint interrupted;

static gboolean
can_write_json (void)
{
  g_autoptr (GError) error = NULL;
  const gboolean can = mt_json_load (&error);
  if (!can)
    mt_complain (MT_EXIT_USAGE, "%s", error->message);
  return can;
}

static void
interrupt (int number)
{
  g_atomic_int_set (&interrupted, 1);
  signal (number, SIG_DFL); /* the next one is meant */
}

/* "512M", "4G", a plain number of bytes, given as @option; 0 after telling the user. */
static gsize
parse_memory (const gchar *option, const gchar *text)
{
  gchar *end;
  guint64 n = g_ascii_strtoull (text, &end, 10);
  guint shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
  if (end == text || !g_ascii_isdigit (*text) || n == 0 || n > G_MAXSIZE >> shift || *(end + (shift ? 1 : 0)))
    {
      mt_complain (MT_EXIT_USAGE, "--%s %s: a size expected, like 512M or 4G", option, text);
      return 0;
    }
  return (gsize)n << shift;
}

static const MtSearch *
find_search (const gchar *name)
{
  const MtSearch *search = mt_search_find (name);
  if (search)
    return search;
  g_autoptr (GString) list = g_string_new (NULL);
  for (guint i = 0; mt_searches[i]; i++)
    g_string_append_printf (list, "%s%s", i ? ", " : "", mt_searches[i]->name);
  mt_complain (MT_EXIT_USAGE, "--search %s: no such search; there are %s", name, list->str);
  return NULL;
}

static gboolean
settle (MtSearchOptions *o, gboolean any)
{
  MtExploreOptions *e = &o->explore;
  if (o->jobs < 1 || o->jobs > MAX_JOBS)
    {
      mt_complain (MT_EXIT_USAGE, "--jobs %d: from 1 to %d workers", o->jobs, MAX_JOBS);
      return FALSE;
    }
  if (o->engine && !g_str_equal (o->engine, "packed") && !g_str_equal (o->engine, "reference"))
    {
      mt_complain (MT_EXIT_USAGE, "--engine %s: no such engine; there are packed, reference", o->engine);
      return FALSE;
    }
  if (o->max_states < 0 || o->max_depth < 0 || o->walks < 0 || o->time_limit < 0)
    {
      mt_complain (MT_EXIT_USAGE, "a bound can't be negative");
      return FALSE;
    }
  if (!(e->search = o->search ? find_search (o->search) : mt_searches[0]) || (o->memory && !(e->memory = parse_memory ("memory", o->memory))))
    return FALSE;
  if (o->bitstate && !(e->bitstate = parse_memory ("bitstate", o->bitstate)))
    return FALSE;
  if (o->checkpoint_every < 0)
    {
      mt_complain (MT_EXIT_USAGE, "--checkpoint-every: seconds expected, 0 or more");
      return FALSE;
    }
  e->checkpoint = o->checkpoint;
  e->checkpoint_every = o->checkpoint_every;
  if (o->seed && !g_ascii_string_to_unsigned (o->seed, 10, 0, G_MAXUINT64, &e->seed, NULL))
    {
      mt_complain (MT_EXIT_USAGE, "--seed %s: a number from 0 to %" G_GUINT64_FORMAT " expected", o->seed, G_MAXUINT64);
      return FALSE;
    }
  if (!o->seed)
    e->seed = (guint64)g_random_int () << 32 | g_random_int ();
  e->all = o->all || !any; /* outcomes are of every schedule, also of those that go wrong */
  e->packed = any && (!o->engine || g_str_equal (o->engine, "packed"));
  e->jobs = (guint)o->jobs;
  if ((e->bitstate || e->checkpoint) && !(e->packed && e->search->run_packed))
    {
      mt_complain (MT_EXIT_USAGE, "--%s is of the packed engine's breadth-first search", e->bitstate ? "bitstate" : "checkpoint");
      return FALSE;
    }
  e->max_states = o->estimate && !o->max_states ? MT_ESTIMATE_STATES : (guint64)o->max_states;
  e->max_depth = (guint)o->max_depth;
  e->max_preemptions = o->preemptions < 0 ? G_MAXUINT : (guint)o->preemptions;
  e->time_limit = o->time_limit;
  e->walks = (guint64)o->walks;
  e->reductions = any ? MT_REDUCE_ALL : MT_REDUCE_DEAD;
  e->reductions &= ~(guint)((o->no_dead ? MT_REDUCE_DEAD : 0) | (o->no_por ? MT_REDUCE_POR | MT_REDUCE_FUSION : 0) | (o->no_fusion ? MT_REDUCE_FUSION : 0) | (o->no_symmetry ? MT_REDUCE_SYMMETRY : 0));
  if (o->no_reduction)
    e->reductions = 0;
  return !(o->json || o->trace) || can_write_json (); /* rather than when all is done */
}

MtProgram *
mt_search_parse (const MtCommand *command, MtSearchOptions *o, gint *argc, gchar ***argv, gboolean any, MtExit *status)
{
  const GOptionEntry entries[] = {
    { "max-states", 0, 0, G_OPTION_ARG_INT64, &o->max_states, "Stop after N states, INCOMPLETE", "N" },
    { "max-depth", 0, 0, G_OPTION_ARG_INT, &o->max_depth, "Go no deeper than N steps", "N" },
    { "memory", 0, 0, G_OPTION_ARG_STRING, &o->memory, "For states, like 4G (half of the machine's)", "SIZE" },
    { "time-limit", 0, 0, G_OPTION_ARG_DOUBLE, &o->time_limit, "Stop after so many seconds", "S" },
    { "no-dead", 0, 0, G_OPTION_ARG_NONE, &o->no_dead, "Keep values that nobody will read", NULL },
    { "no-reduction", 0, 0, G_OPTION_ARG_NONE, &o->no_reduction, "Explore every state", NULL },
    { "stats", 0, 0, G_OPTION_ARG_NONE, &o->costs, "Time and memory too, which on a terminal are always shown", NULL },
    { "estimate", 0, 0, G_OPTION_ARG_NONE, &o->estimate, "Guess how many states there are, from the first 30000 (or --max-states)", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "A machine-readable result", NULL },
    { "full", 0, 0, G_OPTION_ARG_NONE, &o->report.full, "Show every step, fold nothing", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o->report.quiet, "Only the verdict", NULL },
    { any ? "all" : NULL, 0, 0, G_OPTION_ARG_NONE, &o->all, "Don't stop at the first violation: one counterexample for each", NULL },
    { "engine", 0, 0, G_OPTION_ARG_STRING, &o->engine, "Of bfs: packed (the default) or reference", "NAME" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &o->jobs, "Workers of the packed engine (as many as processors)", "N" },
    { "bitstate", 0, 0, G_OPTION_ARG_STRING, &o->bitstate, "Keep three bits a state in SIZE, not states: proves nothing", "SIZE" },
    { "checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &o->checkpoint, "Keep the search in FILE, and take it up again if it is there", "FILE" },
    { "checkpoint-every", 0, 0, G_OPTION_ARG_DOUBLE, &o->checkpoint_every, "Seconds between two of them (60)", "S" },
    { "search", 0, 0, G_OPTION_ARG_STRING, &o->search, "bfs (the default), dfs, ipb or walk", "NAME" },
    { "preemptions", 0, 0, G_OPTION_ARG_INT, &o->preemptions, "ipb: the last bound", "N" },
    { "walks", 0, 0, G_OPTION_ARG_INT64, &o->walks, "walk: how many (10000)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &o->seed, "walk: of the random generator; drawn and printed when not given", "N" },
    { "no-por", 0, 0, G_OPTION_ARG_NONE, &o->no_por, "Explore independent steps in every order", NULL },
    { "no-fusion", 0, 0, G_OPTION_ARG_NONE, &o->no_fusion, "Store the states between two scheduling points too", NULL },
    { "no-symmetry", 0, 0, G_OPTION_ARG_NONE, &o->no_symmetry, "Tell the tasks of one count apart", NULL },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o->trace, "Write the counterexample to FILE, for mtsim replay", "FILE" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &o->report.steps, "Show steps A to B of it", "A-B" },
    G_OPTION_ENTRY_NULL,
  };
  o->preemptions = -1;
  o->checkpoint_every = 60;
  o->jobs = (gint)MIN (g_get_num_processors (), MAX_JOBS);
  if (!mt_parse_options (command, argc, argv, entries, &o->model, 1, 1, status))
    return NULL;
  *status = MT_EXIT_USAGE;
  return settle (o, any) && mt_report_window (&o->report) ? mt_load_program ((*argv)[1], &o->model, MT_TIME_ABSTRACT) : NULL;
}

void
mt_search_options_clear (MtSearchOptions *o)
{
  mt_model_options_clear (&o->model);
  g_free (o->search);
  g_free (o->engine);
  g_free (o->memory);
  g_free (o->bitstate);
  g_free (o->checkpoint);
  g_free (o->trace);
  g_free (o->seed);
  g_free (o->report.steps);
}

typedef struct
{
  gint64 next; /* when to show it again: monotonic microseconds */
  MtEstimate *estimate; /* once there is enough to guess from */
  const MtExplore *estimated; /* what it is of: a second search may follow the first */
} Progress;

/* One line on standard error, written over. */
static void
show_progress (const MtExplore *x, gpointer data)
{
  Progress *progress = data;
  gint64 now = g_get_monotonic_time ();
  if (now < progress->next)
    return;
  progress->next = now + G_USEC_PER_SEC / 5;
  gdouble seconds = (gdouble)(now - x->started) / G_USEC_PER_SEC;
  if (x->walked)
    {
      fprintf (stderr, "\r%" G_GUINT64_FORMAT " walks, %" G_GUINT64_FORMAT " steps, %.0f/s\033[K", x->walked, x->transitions, (gdouble)x->transitions / seconds);
      return;
    }
  if (progress->estimated != x && x->options->search->shortest && mt_explore_states (x) >= MT_ESTIMATE_STATES)
    {
      mt_estimate_free (progress->estimate);
      progress->estimate = mt_estimate_new (x);
      progress->estimated = x;
    }
  guint64 all = progress->estimated == x ? mt_estimate_states (progress->estimate) : 0;
  g_autofree gchar *of = all ? g_strdup_printf (" of perhaps %" G_GUINT64_FORMAT, all) : g_strdup ("");
  fprintf (stderr, "\r%" G_GUINT64_FORMAT " states%s, %.0f/s, depth %u, %" G_GUINT64_FORMAT " waiting, %.0f MiB\033[K", mt_explore_states (x), of,
           (gdouble)mt_explore_states (x) / seconds, x->depth, x->queue,
           (gdouble)mt_explore_bytes (x) / (1 << 20));
}

void
mt_search_explore (MtExplore *x, const MtProgram *program, MtSearchOptions *o)
{
  Progress progress = { .next = g_get_monotonic_time () + G_USEC_PER_SEC };
  gboolean watched = isatty (STDERR_FILENO);
  o->explore.interrupted = &interrupted;
  o->explore.progress = watched ? show_progress : NULL;
  o->explore.progress_data = &progress;
  void (*on_interrupt) (int) = signal (SIGINT, interrupt), (*on_end) (int) = signal (SIGTERM, interrupt);
  mt_check_search (x, program, &o->explore);
  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_end);
  mt_estimate_free (progress.estimate);
  if (watched)
    fprintf (stderr, "\r\033[K");
}

gchar *
mt_search_replay_command (const MtProgram *program, const MtSearchOptions *o, const gchar *model, const GArray *choices)
{
  GString *command = g_string_new (mt_called ());
  g_string_append (command, " run");
  g_autoptr (GString) schedule = g_string_new (NULL);
  MtModelOptions options = o->model;
  options.time = (gchar *)(program->time == MT_TIME_ABSTRACT ? "abstract" : "virtual"); /* run's own default is another */
  mt_schedule_print (program, (const MtChoice *)choices->data, choices->len, schedule);
  mt_append_argument (command, model);
  mt_append_model_options (command, &options);
  if (schedule->len)
    {
      g_autofree gchar *quoted = g_shell_quote (schedule->str);
      g_string_append_printf (command, " --schedule %s", quoted);
    }
  return g_string_free (command, FALSE);
}

/* test: models against their own `expect:`, several at once, told in the order of their names. */
#include "cli/test.h"
#include "checker/explore.h"
#include "sim/file.h"
#include <string.h>
#include <unistd.h>

#define MAX_JOBS 256

typedef struct
{
  gchar *format_name, *file;
  gint jobs;
  gdouble time_limit;
  gboolean exit_by_kind;
  const MtTestFormat *format; /* found out */
} Options;

/* What the workers share. A result is there when its bit of done is. */
typedef struct
{
  const Options *options;
  gsize memory; /* of one worker */
  MtTestResult *results;
  gboolean *done;
  GPtrArray *paths;
  GMutex mutex;
  GCond cond;
} Bench;

static gint
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *)a, *(const gchar *const *)b);
}

/* The models of @path, a file or a folder with what is below it, in the order of their names. */
static void
collect (const gchar *path, GPtrArray *out)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  if (!dir)
    {
      g_ptr_array_add (out, g_strdup (path));
      return;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const gchar *name; (name = g_dir_read_name (dir));)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, by_name); /* a folder has no order of its own */
  for (guint i = 0; i < names->len; i++)
    if (g_file_test (names->pdata[i], G_FILE_TEST_IS_DIR))
      collect (names->pdata[i], out);
    else if (g_str_has_suffix (names->pdata[i], ".yaml")
             || g_str_has_suffix (names->pdata[i], ".yml"))
      g_ptr_array_add (out, g_strdup (names->pdata[i]));
}

/* @data is the number of a model, from 1: a thread pool takes no NULL. */
static void
work (gpointer data, gpointer user)
{
  Bench *bench = user;
  guint i = GPOINTER_TO_UINT (data) - 1;
  bench->results[i] =
      mt_test_model (bench->paths->pdata[i], bench->memory, bench->options->time_limit);
  g_mutex_lock (&bench->mutex);
  bench->done[i] = TRUE;
  g_cond_signal (&bench->cond);
  g_mutex_unlock (&bench->mutex);
}

static void
await_result (Bench *bench, guint i)
{
  g_mutex_lock (&bench->mutex);
  while (!bench->done[i])
    g_cond_wait (&bench->cond, &bench->mutex);
  g_mutex_unlock (&bench->mutex);
}

/* What there is of @text so far is shown, and forgotten. */
static void
flush (GString *text)
{
  g_print ("%s", text->str);
  g_string_truncate (text, 0);
}

static MtExit
exit_status (const Options *o, const MtTestResult *results, guint n)
{
  /* in order of weight: the first that some model is decides */
  static const struct
  {
    MtTestKind kind;
    MtExit status;
  } rows[] = {
    { MT_TEST_ERROR, MT_EXIT_USAGE },
    { MT_TEST_FAILED, MT_EXIT_VIOLATED },
    { MT_TEST_INCOMPLETE, MT_EXIT_INCOMPLETE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (mt_test_count (results, n, rows[i].kind))
      return o->exit_by_kind ? rows[i].status : MT_EXIT_VIOLATED;
  return MT_EXIT_HOLDS;
}

static MtExit
test_models (const Options *o, GPtrArray *paths)
{
  guint n = paths->len, jobs = MIN ((guint)o->jobs, MAX (n, 1));
  g_autofree MtTestResult *results = g_new0 (MtTestResult, n);
  g_autofree gboolean *done = g_new0 (gboolean, n);
  g_autoptr (GString) shown = g_string_new (NULL), whole = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  const MtTestFormat *aside =
      o->file ? mt_test_format_find ("summary") : o->format; /* what standard output gets */
  Bench bench = { .options = o,
                  .memory = mt_explore_default_memory () / jobs,
                  .results = results,
                  .done = done,
                  .paths = paths };
  g_mutex_init (&bench.mutex);
  g_cond_init (&bench.cond);
  GThreadPool *pool = jobs > 1 ? g_thread_pool_new (work, &bench, (gint)jobs, FALSE, NULL) : NULL;
  for (guint i = 0; pool && i < n; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
  if (aside->begin)
    aside->begin (n, shown);
  for (guint i = 0; i < n; i++)
    {
      flush (shown);
      if (pool)
        await_result (&bench, i);
      else
        work (GUINT_TO_POINTER (i + 1), &bench);
      if (aside->result)
        aside->result (i + 1, &results[i], shown);
    }
  if (pool)
    g_thread_pool_free (pool, FALSE, TRUE);
  if (o->file)
    {
      if (o->format->begin)
        o->format->begin (n, whole);
      for (guint i = 0; o->format->result && i < n; i++)
        o->format->result (i + 1, &results[i], whole);
      o->format->end (results, n, whole);
    }
  aside->end (results, n, shown);
  flush (shown);
  MtExit status = exit_status (o, results, n);
  if (o->file && !mt_write_file (o->file, whole->str, (gssize)whole->len, &error))
    status = mt_complain (MT_EXIT_USAGE, "%s", error->message);
  for (guint i = 0; i < n; i++)
    mt_test_result_clear (&results[i]);
  g_mutex_clear (&bench.mutex);
  g_cond_clear (&bench.cond);
  return status;
}

static gboolean
settle (Options *o)
{
  if (o->jobs < 0 || o->jobs > MAX_JOBS)
    return mt_complain (MT_EXIT_USAGE, "--jobs %d: a number from 1 to %d expected", o->jobs,
                        MAX_JOBS),
           FALSE;
  if (!o->jobs)
    o->jobs = (gint)MIN (g_get_num_processors (), MAX_JOBS);
  const gchar *name = o->format_name                       ? o->format_name
                      : isatty (STDOUT_FILENO) && !o->file ? "summary"
                                                           : "tap";
  o->format = mt_test_format_find (name);
  if (!o->format)
    return mt_complain (MT_EXIT_USAGE, "--format %s: tap, junit or summary expected", name), FALSE;
  return TRUE;
}

static MtExit
test (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  Options o = { .time_limit = 60 };
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &o.format_name,
      "tap (the default in a pipe or file), junit, or summary (the default on a terminal)",
      "FORMAT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.file,
      "Write the format to FILE; standard output gets the summary", "FILE" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &o.jobs,
      "Models tried at once (as many as there are processors)", "N" },
    { "time-limit", 0, 0, G_OPTION_ARG_DOUBLE, &o.time_limit,
      "Seconds for one model (60); more is a failure", "S" },
    { "exit-by-kind", 0, 0, G_OPTION_ARG_NONE, &o.exit_by_kind,
      "Exit status 2 for a model error, else 1 for an unexpected verdict, else 3 for an incomplete "
      "search; all are 1 without it",
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_test, &argc, &argv, entries, &options, 1, -1, &status))
    {
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      const gchar *empty = NULL;
      status = MT_EXIT_USAGE;
      for (gint i = 1; i < argc; i++)
        {
          g_autofree gchar *found = mt_find_model (argv[i]);
          guint before = paths->len;
          collect (found, paths);
          if (paths->len == before)
            empty = argv[i];
        }
      if (empty) /* or a folder that was moved away would pass for ever */
        status = mt_complain (MT_EXIT_USAGE, "%s: no model in this folder", empty);
      else if (settle (&o))
        status = test_models (&o, paths);
    }
  g_free (o.format_name);
  g_free (o.file);
  mt_model_options_clear (&options);
  return status;
}

const MtCommand mt_command_test = {
  "test", "PATH...", "tries models against their own expect: TAP, JUnit or a summary", test
};

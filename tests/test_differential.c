/* Random models, every search, each reduction alone and all together: the same findings, the same
 * outcomes, and where nothing is reduced the same counts. What the reference says is breadth first
 * without reductions. The packed engine must agree with the reference engine to the last number and the last step of
 * a schedule, reduced or not, with one worker and with several. And a random run of each, in either time, replays from its printed schedule.
 *
 *     test_differential [MODELS [FIRST_SEED]]     so many random ones; prints the seed of what is wrong
 *     test_differential FOLDER                    the models in and below it
 *     test_differential --print SEED              one of them, for other tools
 */
#include "checker/check.h"
#include "random_model.h"
#include "sim/model.h"
#include "sim/run.h"
#include "sim/trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STATES 20000 /* larger models are left out, and counted */

typedef struct
{
  guint left_out; /* too large */
  guint lengths, longer; /* shortest counterexamples compared; longer when reduced, which was said */
  guint64 states, reduced;
} Tally;

typedef struct
{
  gchar *findings, *outcomes;
  gchar *ways; /* to each finding, step by step */
  guint64 states, transitions;
  guint ends, depth;
  gboolean complete;
} Seen;

static gint
compare_strings (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(gchar *const *)a, *(gchar *const *)b);
}

static gchar *
join_sorted (GPtrArray *texts)
{
  g_ptr_array_sort (texts, compare_strings);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv ("\n", (gchar **)texts->pdata);
}

static void
describe (const GArray *found, GPtrArray *texts)
{
  for (guint i = 0; i < found->len; i++)
    {
      const MtFound *f = &g_array_index (found, MtFound, i);
      g_ptr_array_add (texts, g_strdup_printf ("%s property %d var %d at %u", mt_verdict_token (f->kind), f->property, f->var, f->pc));
    }
}

static gchar *
describe_ways (const MtProgram *program, const MtCheckResult *result)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < result->shown->len; i++)
    {
      const GArray *choices = g_array_index (result->shown, MtShown, i).choices;
      mt_schedule_print (program, (const MtChoice *)choices->data, choices->len, out);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

/* What a search must not change: the words of each end. */
static void
describe_ends (const MtExplore *x, GPtrArray *texts)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0, depth; i < x->terminals->len; i++)
    {
      GString *text = g_string_new (NULL);
      const MtWord *s = mt_explore_end (x, i, &depth);
      mt_outcome_print (x->program, s, text);
      if (mt_is_deadlock (x->program, s))
        g_string_append (text, " deadlock");
      gboolean known = g_hash_table_contains (seen, text->str);
      gchar *kept = g_string_free (text, known);
      if (known)
        continue;
      g_hash_table_add (seen, kept);
      g_ptr_array_add (texts, kept);
    }
}

/* @jobs: workers of the packed engine; 0: the reference engine. */
static Seen
look (const MtProgram *program, const MtSearch *search, guint reductions, guint jobs)
{
  const MtExploreOptions options = { .search = search, .all = TRUE, .max_states = search->tells_mover ? 16 * MAX_STATES : jobs > 1 ? 0 : MAX_STATES, .packed = jobs > 0, .jobs = jobs, .grain = jobs > 1 ? 2 : 0,
                                     .reductions = reductions, .max_preemptions = G_MAXUINT, .memory = (gsize)1 << 30 };
  MtExplore x;
  MtCheckResult result;
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (g_free), ends = g_ptr_array_new_with_free_func (g_free);
  mt_explore_init (&x, program, &options);
  mt_explore_run (&x);
  describe (x.properties.findings, findings);
  describe (x.properties.witnesses, findings);
  describe_ends (&x, ends);
  /* each is turned into a schedule and must show itself again: asserted there */
  mt_check_result_init (&result, &x);
  gchar *ways = describe_ways (program, &result);
  mt_check_result_clear (&result);
  Seen seen = { join_sorted (findings), join_sorted (ends), ways, mt_explore_states (&x), x.transitions, x.terminals->len, x.max_depth, mt_explore_complete (&x) };
  mt_explore_clear (&x);
  return seen;
}

static void
seen_clear (Seen *seen)
{
  g_free (seen->findings);
  g_free (seen->outcomes);
  g_free (seen->ways);
}

/* Steps of the first counterexample a search without --all shows; 0: none, or not for certain a shortest. */
static guint
shortest (const MtProgram *program, guint reductions, gboolean *certain)
{
  const MtExploreOptions options = { .search = &mt_search_bfs, .reductions = reductions, .memory = (gsize)1 << 30 };
  MtExplore x;
  mt_check_search (&x, program, &options);
  const MtFound *worst = mt_properties_worst (&x.properties);
  g_autoptr (GArray) path = worst ? mt_counterexample_path (&x, worst) : NULL;
  guint length = path ? path->len : 0;
  *certain = !x.perhaps_longer;
  mt_explore_clear (&x);
  return length;
}

static gboolean
same_length (const MtProgram *program, Tally *tally)
{
  gboolean certain;
  guint plain = shortest (program, 0, &certain), reduced = shortest (program, MT_REDUCE_ALL, &certain);
  if (plain != reduced && certain)
    printf ("a shortest counterexample has %u steps, but %u when reduced\n", plain, reduced);
  tally->lengths += plain > 0;
  tally->longer += plain != reduced && !certain;
  return plain == reduced || !certain;
}

static void
random_run (const MtProgram *program, const MtSchedRow *row, const MtSchedOptions *how, MtRunResult *result)
{
  const MtRunOptions options = { .max_steps = how->n_script ? 0 : 300, .record = TRUE };
  g_autoptr (MtSched) sched = mt_sched_new (row, program, how);
  mt_run (program, sched, &options, result);
}

/* A random run, recorded, printed, read again and replayed, comes to the same state. Not compared when
 * the run was cut after a move of the clock, which a printed schedule leaves out. */
static gboolean
replays (const MtProgram *program, guint64 seed)
{
  const MtSchedOptions how = { .seed = seed, .quantum = 1 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  MtRunResult then, now;
  random_run (program, mt_sched_find ("random"), &how, &then);
  mt_schedule_print (program, (const MtChoice *)then.choices->data, then.choices->len, text);
  g_autoptr (GArray) script = mt_schedule_parse (program, text->str, &error);
  gboolean good = script != NULL;
  if (script && script->len && g_array_index (then.choices, MtChoice, then.choices->len - 1).task != MT_CLOCK)
    {
      const MtSchedOptions again = { .script = (const MtChoice *)script->data, .n_script = script->len };
      random_run (program, mt_sched_find ("replay"), &again, &now);
      good = now.steps == then.steps && now.time == then.time && now.violations->len == then.violations->len
             && !memcmp (now.state, then.state, program->n_words * sizeof (MtWord));
      mt_run_result_clear (&now);
    }
  if (!good)
    printf ("a run does not replay: %s %s\n", text->str, error ? error->message : "");
  mt_run_result_clear (&then);
  return good;
}

/* The two engines. */
static gboolean
is_same (const Seen *a, const Seen *b)
{
  return g_str_equal (a->findings, b->findings) && g_str_equal (a->outcomes, b->outcomes) && g_str_equal (a->ways, b->ways) && a->states == b->states
         && a->transitions == b->transitions && a->ends == b->ends && a->depth == b->depth && a->complete == b->complete;
}

static void
print_seen (const gchar *name, const Seen *seen)
{
  printf ("-- %s: %" G_GUINT64_FORMAT " states, %" G_GUINT64_FORMAT " transitions, %u ends, depth %u%s\n%s\n%s\n%s\n", name, seen->states, seen->transitions, seen->ends, seen->depth,
          seen->complete ? "" : ", cut", seen->findings, seen->outcomes, seen->ways);
}

/* The packed engine, with each number of workers, against @reference, the same search by the reference engine. */
static gboolean
packed_agrees (const MtProgram *program, guint reductions, const Seen *reference)
{
  const guint jobs[] = { 1, 2, 8 };
  gboolean good = TRUE;
  for (guint i = 0; good && i < G_N_ELEMENTS (jobs); i++)
    {
      gboolean some = reductions == 0 || reductions == MT_REDUCE_ALL;
      if (jobs[i] > 1 && (!reference->complete || !some))
        continue;
      Seen packed = look (program, &mt_search_bfs, reductions, jobs[i]);
      good = is_same (reference, &packed);
      if (!good)
        {
          printf ("the packed engine with reductions %u and %u workers differs\n", reductions, jobs[i]);
          print_seen ("reference", reference);
          print_seen ("packed", &packed);
        }
      seen_clear (&packed);
    }
  return good;
}

static gboolean
agree (const Seen *a, const Seen *b, const MtSearch *search, guint reductions)
{
  return g_str_equal (a->findings, b->findings) && g_str_equal (a->outcomes, b->outcomes) && b->complete
         && (reductions || search->tells_mover || (a->states == b->states && a->transitions == b->transitions)) && (search->tells_mover || b->states <= a->states);
}

/* TRUE when all agree or the model is too large. */
static gboolean
compare (const MtProgram *program, Tally *tally)
{
  const guint sets[] = { 0, MT_REDUCE_DEAD, MT_REDUCE_POR, MT_REDUCE_POR | MT_REDUCE_FUSION, MT_REDUCE_SYMMETRY, MT_REDUCE_ALL };
  Seen reference = look (program, &mt_search_bfs, 0, 0);
  gboolean good = TRUE;
  tally->left_out += !reference.complete;
  for (guint i = 0; reference.complete && good && mt_searches[i]; i++)
    for (guint k = 0; good && k < G_N_ELEMENTS (sets); k++)
      {
        if (mt_searches[i] == &mt_search_walk || (sets[k] && (sets[k] & mt_searches[i]->unfit) == sets[k]))
          continue;
        Seen seen = look (program, mt_searches[i], sets[k], 0);
        good = agree (&reference, &seen, mt_searches[i], sets[k]);
        if (!good)
          {
            printf ("%s with reductions %u differs\n", mt_searches[i]->name, sets[k]);
            print_seen ("without", &reference);
            print_seen ("here", &seen);
          }
        good = good && (mt_searches[i] != &mt_search_bfs || packed_agrees (program, sets[k], &seen));
        if (i == 0 && k == G_N_ELEMENTS (sets) - 1)
          {
            tally->states += reference.states;
            tally->reduced += seen.states;
          }
        seen_clear (&seen);
      }
  good = good && (!reference.complete || same_length (program, tally));
  seen_clear (&reference);
  return good;
}

static MtProgram *
compile (MtModel *model, MtTimeMode time, gboolean watch, const gchar *n, GError **error)
{
  const MtOverride smaller = { "n", n };
  const MtCompileOptions options = { .time = time, .watch_updates = watch, .overrides = n ? &smaller : NULL, .n_overrides = n ? 1 : 0 };
  return mt_compile (model, &options, error);
}

static gboolean
try_random (guint seed, Tally *tally)
{
  g_autofree gchar *text = mt_random_model (seed);
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("random", text, strlen (text), &error);
  g_autoptr (MtProgram) program = model ? compile (model, MT_TIME_ABSTRACT, seed % 2, NULL, &error) : NULL;
  g_autoptr (MtProgram) in_time = program ? compile (model, MT_TIME_VIRTUAL, FALSE, NULL, &error) : NULL;
  if (in_time && replays (program, seed) && replays (in_time, seed) && compare (program, tally))
    return TRUE;
  printf ("seed %u:\n%s%s\n", seed, error ? error->message : "", text);
  return FALSE;
}

/* A model that is too large is tried with n=2, if it has an n. */
static gboolean
try_file (const gchar *path, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  g_autoptr (MtProgram) program = model ? compile (model, MT_TIME_ABSTRACT, TRUE, NULL, &error) : NULL;
  guint left_out = tally->left_out;
  gboolean good = program && compare (program, tally);
  if (good && tally->left_out > left_out)
    {
      g_autoptr (MtProgram) smaller = compile (model, MT_TIME_ABSTRACT, TRUE, "2", NULL);
      tally->left_out -= smaller != NULL;
      good = !smaller || compare (smaller, tally);
    }
  if (!good)
    printf ("%s\n%s\n", path, error ? error->message : "");
  return good;
}

static guint
try_folder (const gchar *path, Tally *tally, guint *n)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint bad = 0;
  for (const gchar *name; (name = g_dir_read_name (dir));)
    {
      g_autofree gchar *below = g_build_filename (path, name, NULL);
      if (g_file_test (below, G_FILE_TEST_IS_DIR))
        bad += try_folder (below, tally, n);
      else if (g_str_has_suffix (name, ".yaml"))
        bad += (++*n, !try_file (below, tally));
    }
  return bad;
}

gint
main (gint argc, gchar **argv)
{
  guint n = argc > 1 ? (guint)atoi (argv[1]) : 2000, first = argc > 2 ? (guint)atoi (argv[2]) : 1, bad = 0;
  gboolean folder = argc > 1 && g_file_test (argv[1], G_FILE_TEST_IS_DIR);
  Tally tally = { 0 };
  if (argc > 2 && g_str_equal (argv[1], "--print"))
    {
      g_autofree gchar *text = mt_random_model (first);
      fputs (text, stdout);
      return 0;
    }
  if (folder)
    bad = try_folder (argv[1], &tally, &n);
  for (guint seed = first; !folder && seed < first + n && bad < 5; seed++)
    bad += !try_random (seed, &tally);
  printf ("%u models%s, %u too large, %u wrong; %" G_GUINT64_FORMAT " states, %" G_GUINT64_FORMAT " reduced\n", n, folder ? "" : " by seed", tally.left_out, bad, tally.states,
          tally.reduced);
  printf ("%u shortest counterexamples, %u longer when reduced (and it was said)\n", tally.lengths, tally.longer);
  return bad > 0;
}

/* The table of bad models: each NAME.yaml of this folder, and each input made below, must be answered
 * with exactly NAME.expected: all that is printed, to the byte. A first line "# -p n=3 -p k=x" is
 * the command line's part of the mistake.
 *
 *     test_errors FOLDER            compares, and shows what differs
 *     test_errors FOLDER --update   writes what is printed now; read the difference before you commit it
 */
#include "sim/model.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static GArray *
read_overrides (const MtModel *model)
{
  GArray *overrides = g_array_new (FALSE, FALSE, sizeof (MtOverride));
  const gchar *text = model->diags->text ? model->diags->text : "";
  g_autofree gchar *line = g_strndup (text, strcspn (text, "\n"));
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  for (guint i = 0; g_str_has_prefix (line, "# -p ") && words[i]; i++)
    {
      gchar *equals = strchr (words[i], '=');
      if (!equals)
        continue;
      *equals = '\0';
      MtOverride override = { g_strdup (words[i]), g_strdup (equals + 1) };
      g_array_append_val (overrides, override);
    }
  return overrides;
}

static void
free_overrides (GArray *overrides)
{
  for (guint i = 0; i < overrides->len; i++)
    {
      g_free ((gchar *)g_array_index (overrides, MtOverride, i).name);
      g_free ((gchar *)g_array_index (overrides, MtOverride, i).value);
    }
  g_array_unref (overrides);
}

/* What a user reads about the model in @path: an error, or the warnings of a model that is good. */
static gchar *
answer (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_load (path, &error);
  if (!model)
    return g_strdup_printf ("%s\n", error->message);
  GArray *overrides = read_overrides (model);
  MtCompileOptions options = { .watch_updates = TRUE, .overrides = (const MtOverride *)overrides->data, .n_overrides = overrides->len };
  g_autoptr (MtProgram) program = mt_compile (model, &options, &error);
  free_overrides (overrides);
  if (!program)
    return g_strdup_printf ("%s\n", error->message);
  GString *warnings = g_string_new (NULL);
  mt_diags_print (model->diags, warnings);
  return g_string_free (warnings, FALSE);
}

/* Inputs that are no file of this folder: made in an empty one. */

static void
write_repeated (const gchar *path, const gchar *before, const gchar *piece, guint n, const gchar *after)
{
  g_autoptr (GString) text = g_string_new (before);
  for (guint i = 0; i < n; i++)
    g_string_append (text, piece);
  g_string_append (text, after);
  g_assert_true (g_file_set_contents (path, text->str, (gssize)text->len, NULL));
}

static void
make_directory (const gchar *path)
{
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static void
make_nothing (const gchar *path)
{
}

static void
make_100_megabytes (const gchar *path)
{
  g_autofree gchar *piece = g_strnfill (MIB, '#');
  write_repeated (path, "", piece, 100, "\n");
}

static void
make_100_megabytes_sparse (const gchar *path)
{
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (truncate (path, 100 * MIB), ==, 0);
}

static void
make_nul (const gchar *path)
{
  static const gchar text[] = "threads:\n  t: [pa\0ss]\n";
  g_assert_true (g_file_set_contents (path, text, sizeof text - 1, NULL));
}

static void
make_latin1 (const gchar *path)
{
  g_assert_true (g_file_set_contents (path, "title: caf\xE9\n", -1, NULL));
}

static void
make_utf16 (const gchar *path)
{
  static const gchar text[] = "\xFF\xFEt\0:\0";
  g_assert_true (g_file_set_contents (path, text, sizeof text - 1, NULL));
}

static void
make_deep_yaml (const gchar *path)
{
  write_repeated (path, "threads: ", "[", 10000, "\n");
}

static void
make_deep_steps (const gchar *path)
{
  g_autoptr (GString) text = g_string_new ("threads:\n  t:\n");
  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "%*s- loop:\n", (gint)(4 + 2 * i), "");
  g_assert_true (g_file_set_contents (path, text->str, (gssize)text->len, NULL));
}

static void
make_deep_parentheses (const gchar *path)
{
  write_repeated (path, "globals: {x: 0}\nthreads:\n  t:\n    - x = ", "(", 10000, "\n");
}

static void
make_deep_minus (const gchar *path)
{
  write_repeated (path, "globals: {x: 0}\nthreads:\n  t:\n    - x = ", "-", 10000, "1\n");
}

static void
make_long_sum (const gchar *path)
{
  write_repeated (path, "globals: {x: 0}\nthreads:\n  t:\n    - x = 1", " + x", 100000, "\n");
}

static void
make_long_index (const gchar *path)
{
  write_repeated (path, "globals: {x: [0]}\nthreads:\n  t:\n    - print: \"{x", "[0]", 100000, "}\"\n");
}

static void
make_many_branches (const gchar *path)
{
  write_repeated (path, "threads:\n  t:\n    - choose: [", "[], ", 100000, "[]]\n");
}

static void
make_many_globals (const gchar *path)
{
  g_autoptr (GString) text = g_string_new ("globals:\n");
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "  g%u: {fill: 0, size: 10000}\n", i);
  g_string_append (text, "processes:\n  p: {steps: [pass], count: 1000}\n");
  g_assert_true (g_file_set_contents (path, text->str, (gssize)text->len, NULL));
}

static const struct
{
  const gchar *name;
  void (*make) (const gchar *path);
} made[] = {
  { "input-directory", make_directory },
  { "input-missing", make_nothing },
  { "input-100-megabytes", make_100_megabytes },
  { "input-100-megabytes-sparse", make_100_megabytes_sparse },
  { "input-nul-byte", make_nul },
  { "input-latin1", make_latin1 },
  { "input-utf16", make_utf16 },
  { "deep-yaml", make_deep_yaml },
  { "deep-steps", make_deep_steps },
  { "deep-parentheses", make_deep_parentheses },
  { "deep-minus", make_deep_minus },
  { "long-sum", make_long_sum },
  { "long-index", make_long_index },
  { "many-branches", make_many_branches },
  { "many-globals", make_many_globals },
};

static gchar *
answer_made (guint i)
{
  g_autofree gchar *home = g_get_current_dir ();
  g_autofree gchar *folder = g_dir_make_tmp ("mtsim-XXXXXX", NULL);
  g_autofree gchar *path = g_strconcat (made[i].name, ".yaml", NULL);
  g_assert_cmpint (g_chdir (folder), ==, 0);
  made[i].make (path);
  gchar *text = answer (path);
  g_remove (path);
  g_assert_cmpint (g_chdir (home), ==, 0);
  g_rmdir (folder);
  return text;
}

/* The lines of @expected and @got, without those that both begin and end with. */
static void
print_difference (const gchar *expected, const gchar *got)
{
  g_auto (GStrv) a = g_strsplit (expected, "\n", -1), b = g_strsplit (got, "\n", -1);
  guint na = g_strv_length (a), nb = g_strv_length (b), from = 0;
  while (from < na && from < nb && g_str_equal (a[from], b[from]))
    from++;
  while (na > from && nb > from && g_str_equal (a[na - 1], b[nb - 1]))
    na--, nb--;
  for (guint i = from; i < na; i++)
    g_print ("    -%s\n", a[i]);
  for (guint i = from; i < nb; i++)
    g_print ("    +%s\n", b[i]);
}

static gboolean
check (const gchar *name, const gchar *got, gboolean update)
{
  g_autofree gchar *path = g_strconcat (name, ".expected", NULL), *expected = NULL;
  if (update)
    return g_file_set_contents (path, got, -1, NULL);
  if (!*got)
    g_print ("%s: nothing is said about it\n", name);
  else if (!g_file_get_contents (path, &expected, NULL, NULL))
    g_print ("%s: %s is not there\n%s", name, path, got);
  else if (!g_str_equal (expected, got))
    {
      g_print ("%s:\n", name);
      print_difference (expected, got);
    }
  else
    return TRUE;
  return FALSE;
}

static gint
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *)a, *(const gchar *const *)b);
}

/* Names of the folder's files with @ending, without it, sorted. */
static GPtrArray *
list (const gchar *ending)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *folder = g_dir_open (".", 0, NULL);
  for (const gchar *name; (name = g_dir_read_name (folder));)
    if (g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (ending)));
  g_dir_close (folder);
  g_ptr_array_sort (names, by_name);
  return names;
}

int
main (int argc, char **argv)
{
  if (argc < 2 || argc > 3 || (argc == 3 && !g_str_equal (argv[2], "--update")) || g_chdir (argv[1]) != 0)
    {
      g_printerr ("usage: test_errors FOLDER [--update]\n");
      return 2;
    }
  gboolean update = argc == 3;
  guint failures = 0, n = 0;
  g_autoptr (GPtrArray) names = list (".yaml"), answers = NULL;
  for (guint i = 0; i < names->len; i++, n++)
    {
      g_autofree gchar *path = g_strconcat (names->pdata[i], ".yaml", NULL), *got = answer (path);
      failures += !check (names->pdata[i], got, update);
    }
  for (guint i = 0; i < G_N_ELEMENTS (made); i++, n++)
    {
      g_autofree gchar *got = answer_made (i);
      failures += !check (made[i].name, got, update);
    }
  answers = list (".expected");
  if (answers->len != n)
    {
      g_print ("%u models, but %u files end in .expected\n", n, answers->len);
      failures++;
    }
  g_print ("%u bad models, %u not answered as expected\n", n, failures);
  return failures > 0;
}

/* Tests of load.c: the tree with its places, and each way a file can be bad. */
#include "sim/file.h"
#include "sim/node.h"
#include "tests/unit/suite.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A loaded text; the tree is NULL when it cannot be used. */
typedef struct
{
  MtDiags *diags;
  MtTree *tree;
} Loaded;

/* The loader gets a copy without a terminator, so that the sanitizer sees it read on. */
static Loaded
load_bytes (const gchar *text, gsize length)
{
  g_autofree gchar *exact = g_malloc (MAX (length, 1));
  Loaded loaded = { .diags = mt_diags_new ("f", text) };

  memcpy (exact, text, length);
  loaded.tree = mt_tree_load (exact, length, loaded.diags);
  return loaded;
}

static void
loaded_clear (Loaded *loaded)
{
  g_clear_pointer (&loaded->tree, mt_tree_free);
  g_clear_pointer (&loaded->diags, mt_diags_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, loaded_clear)

static Loaded
load (const gchar *text)
{
  return load_bytes (text, strlen (text));
}

static void
assert_short (const MtDiags *diags, const gchar *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mt_diags_print_short (diags, out);
  CU_ASSERT_STRING_EQUAL (out->str, expected);
  if (strcmp (out->str, expected) != 0)
    g_printerr ("\ngot:      %sexpected: %s", out->str, expected);
}

/* @text has no usable tree, for the one reason @expected. */
static void
assert_refused_bytes (const gchar *text, gsize length, const gchar *expected)
{
  g_auto (Loaded) loaded = load_bytes (text, length);

  CU_ASSERT_PTR_NULL (loaded.tree);
  assert_short (loaded.diags, expected);
}

static void
assert_refused (const gchar *text, const gchar *expected)
{
  assert_refused_bytes (text, strlen (text), expected);
}

static void
append_node (const MtNode *node, GString *out)
{
  if (node->kind == MT_NODE_SCALAR)
    {
      g_string_append (out, node->text);
      return;
    }
  g_string_append_c (out, node->kind == MT_NODE_MAPPING ? '{' : '[');
  for (guint i = 0; i < node->n; i++)
    {
      g_string_append (out, i > 0 ? " " : "");
      if (node->kind == MT_NODE_MAPPING)
        g_string_append_printf (out, "%s=", node->keys[i]->text);
      append_node (node->items[i], out);
    }
  g_string_append_c (out, node->kind == MT_NODE_MAPPING ? '}' : ']');
}

/* The tree of @text, written in a form like {a=1 b=[2 3]}, is @tree, and what
 * is said about it @findings. */
static void
assert_tree_said (const gchar *text, const gchar *tree, const gchar *findings)
{
  g_auto (Loaded) loaded = load (text);
  g_autoptr (GString) out = g_string_new (NULL);

  assert_short (loaded.diags, findings);
  CU_ASSERT_PTR_NOT_NULL_FATAL (loaded.tree);
  append_node (mt_tree_root (loaded.tree), out);
  CU_ASSERT_STRING_EQUAL (out->str, tree);
  if (strcmp (out->str, tree) != 0)
    g_printerr ("\ngot:      %s\nexpected: %s\n", out->str, tree);
}

static void
assert_tree (const gchar *text, const gchar *tree)
{
  assert_tree_said (text, tree, "");
}

static void
assert_place (const MtNode *node, gint line, gint column, guint width)
{
  CU_ASSERT_EQUAL (node->mark.line, line);
  CU_ASSERT_EQUAL (node->mark.column, column);
  CU_ASSERT_EQUAL (node->width, width);
}

static void
test_trees (void)
{
  assert_tree ("b: 1\na: [x, {y: z}]\n", "{b=1 a=[x {y=z}]}"); /* the author's order */
  assert_tree ("just text", "just text");
  assert_tree ("- a\n-\n- []\n- {}\n", "[a  [] {}]");
  assert_tree ("\xEF\xBB\xBF" "a: 1", "{a=1}"); /* a byte order mark is skipped */
  assert_tree ("--- {a: 1}\n...\n", "{a=1}");
}

static void
test_places (void)
{
  g_auto (Loaded) loaded = load ("a: 12 kB\n"
                                 "中文: \"q\\n\"\n"
                                 "list:\n"
                                 "  - ''\n"
                                 "  - |\n"
                                 "    block\n");
  const MtNode *root = mt_tree_root (loaded.tree);
  const MtNode *list = mt_node_get (root, "list");

  assert_place (root, 1, 1, 1);
  assert_place (root->items[0], 1, 4, 5);
  assert_place (root->keys[1], 2, 1, 2);
  assert_place (root->items[1], 2, 6, 3); /* q\n as written, after the quote in column 5 */
  assert_place (list, 4, 3, 1);
  assert_place (list->items[0], 4, 6, 1); /* nothing between the quotes, but 1 at least */
  CU_ASSERT_EQUAL (list->items[1]->mark.line, 5);
  CU_ASSERT_EQUAL (list->items[1]->mark.column, 5);
}

static void
test_styles (void)
{
  g_auto (Loaded) loaded = load ("[1, '1', \"1\"]");
  g_auto (Loaded) blocks = load ("- |\n  1\n- >\n  1\n");
  const MtNode *flow = mt_tree_root (loaded.tree);
  const MtNode *block = mt_tree_root (blocks.tree);

  CU_ASSERT_FALSE (flow->items[0]->quoted);
  CU_ASSERT_TRUE (flow->items[1]->quoted && !flow->items[1]->block);
  CU_ASSERT_TRUE (flow->items[2]->quoted && !flow->items[2]->block);
  CU_ASSERT_TRUE (block->items[0]->quoted && block->items[0]->block);
  CU_ASSERT_TRUE (block->items[1]->quoted && block->items[1]->block);
}

/* The place of a scalar with an anchor or tag is the scalar, not what is before it. */
static void
test_places_after_anchors (void)
{
  g_auto (Loaded) loaded = load ("a: &x 1\r\nb: &y   # 'why'\r\n   'two'\r\nc: &z\n"
                                 "d: &v:w\ne: !t x\n");
  const MtNode *root = mt_tree_root (loaded.tree);

  assert_place (root->items[0], 1, 7, 1);
  assert_place (root->items[1], 3, 5, 3);
  CU_ASSERT_STRING_EQUAL (root->items[2]->text, "");
  assert_place (root->items[3], 5, 6, 2); /* libyaml ends the anchor at the colon */
  assert_place (root->items[4], 6, 7, 1);
}

/* CR, CRLF, NEL and LS end a line each, as for diag.c. */
static void
test_line_ends (void)
{
  g_auto (Loaded) loaded = load ("- a\r- b\r\n- c\xC2\x85- d\u2028- &x e\n");
  const MtNode *root = mt_tree_root (loaded.tree);

  for (guint i = 0; i < 4; i++)
    assert_place (root->items[i], i + 1, 3, 1);
  assert_place (root->items[4], 5, 6, 1);
}

static void
test_get_and_kind (void)
{
  g_auto (Loaded) loaded = load ("a: 1\nb: []\n");
  const MtNode *root = mt_tree_root (loaded.tree);

  CU_ASSERT_STRING_EQUAL (mt_node_get (root, "a")->text, "1");
  CU_ASSERT_PTR_NULL (mt_node_get (root, "c"));
  CU_ASSERT_STRING_EQUAL (mt_node_kind_name (root), "a mapping");
  CU_ASSERT_STRING_EQUAL (mt_node_kind_name (mt_node_get (root, "a")), "text");
  CU_ASSERT_STRING_EQUAL (mt_node_kind_name (mt_node_get (root, "b")), "a list");
}

static void
test_aliases (void)
{
  g_auto (Loaded) loaded = load ("a: &x [1]\nb: *x\n");
  const MtNode *root = mt_tree_root (loaded.tree);

  CU_ASSERT_PTR_EQUAL (root->items[0], root->items[1]);
  assert_tree ("a: &x 1\nb: &x 2\nc: *x\n", "{a=1 b=2 c=2}"); /* the last anchor holds */
  assert_tree ("&x k: *x", "{k=k}");
  assert_refused ("rate: &rate 1\nb: *rte\n",
                  "f:2:4: error: alias '*rte' has no anchor '&rte' before it [did you mean 'rate'?]\n");
  assert_refused ("a: 1\nb: &x\n  c: [*x]\n",
                  "f:3:7: error: alias '*x' stands inside its own anchor, on line 2\n");
}

static void
test_merge (void)
{
  /* own keys win wherever '<<' stands; merged ones come after them */
  assert_tree ("- &d {a: 1, b: 2}\n- {a: 3, <<: *d, c: 4}\n", "[{a=1 b=2} {a=3 c=4 b=2}]");
  /* of a list the earlier mapping wins */
  assert_tree ("{<<: [{a: 1}, {a: 2, b: 2}]}", "{a=1 b=2}");
  assert_tree ("{'<<': 1}", "{<<=1}"); /* quoted, it is a key like others */
  assert_tree_said ("<<: 3", "{}",
                    "f:1:5: error: '<<' needs a mapping or a list of mappings to merge"
                    " [for example: <<: *defaults]\n");
  assert_tree_said ("a: &x [1]\nb: {<<: *x}\n", "{a=[1] b={}}",
                    "f:2:9: error: '<<' needs a mapping or a list of mappings to merge"
                    " [for example: <<: *defaults]\n");
}

/* The first pair stays, and reading goes on. */
static void
test_duplicates (void)
{
  assert_tree_said ("a: 1\nb: 2\n'a': 3\nb: 4\nc: 5\n", "{a=1 b=2 c=5}",
                    "f:3:2: error: duplicate key 'a': the first is on line 1\n"
                    "f:4:1: error: duplicate key 'b': the first is on line 2\n");
  assert_tree_said ("a: &x b\n*x : 1\nb: 2\n", "{a=b b=1}",
                    "f:3:1: error: duplicate key 'b': the first is on line 2\n");
}

static void
test_bad_keys (void)
{
  assert_tree_said ("? [x]\n: 1\n{y: z}: 2\na: 3\n", "{a=3}",
                    "f:1:3: error: a key must be text, not a list\n"
                    "f:3:1: error: a key must be text, not a mapping\n");
}

static void
test_tags (void)
{
  assert_tree_said ("a: !!str 5", "{a=5}",
                    "f:1:4: error: tags such as 'tag:yaml.org,2002:str' are not used in models"
                    " [leave the tag out; quotes make a value text]\n");
}

static void
test_documents (void)
{
  const gchar *empty = "f: error: the file is empty: a model is a YAML mapping\n";

  assert_refused ("", empty);
  assert_refused ("# nothing\n\n", empty);
  assert_refused ("---\n", empty);
  assert_refused ("a: 1\n---\nb: 2\n",
                  "f:2:1: error: a model is one document; a second one begins here\n");
  assert_refused ("a: 1\n...\nb: 2\n",
                  "f:3:1: error: a model is one document: nothing may follow its end\n");
}

static void
test_syntax (void)
{
  assert_refused ("a:\n\tb: 1\n", "f:2:1: error: a tab is not allowed here [indent with spaces]\n");
  assert_refused ("a: 1\n\tb: 2\n", "f:2:1: error: a tab is not allowed here [indent with spaces]\n");
  assert_refused ("a: |\n\tb\n", "f:2:1: error: a tab is not allowed here [indent with spaces]\n");
  assert_refused ("a: @b", "f:1:4: error: a value cannot begin with this character"
                           " [put the value in quotes]\n");
  assert_refused ("a: 'b\nc: d\n", "f:1:4: error: this quote is never closed\n");
  assert_refused ("a: [b,\nc\n", "f:3:1: error: expected ',' or ']'"
                                 " [the list begins at line 1, column 4]\n");
  assert_refused ("a: 1\nfoo\nb: 2\n", "f:2:1: error: expected ':' after this key\n");
  assert_refused ("a:\n  b: 1\n c: 2\n",
                  "f:3:2: error: this does not fit into the mapping: check indentation and quotes"
                  " [the mapping begins at line 1, column 1]\n");
  assert_refused ("a: !<x", "f:1:7: error: not valid YAML: did not find the expected '>'\n");
}

static void
test_bad_bytes (void)
{
  const gchar *hint = "[a model is text in UTF-8]\n";
  g_autofree gchar *nul = g_strconcat ("f:2:2: error: a NUL byte: this is not a text file ", hint, NULL);
  g_autofree gchar *latin = g_strconcat ("f:2:4: error: byte 0xE9 is not valid UTF-8 ", hint, NULL);
  g_autofree gchar *bell = g_strconcat ("f:1:4: error: character U+0007 is not allowed ", hint, NULL);
  g_autofree gchar *cut = g_strconcat ("f:1:2: error: byte 0xE4 is not valid UTF-8 ", hint, NULL);
  g_autofree gchar *bom = g_strconcat ("f:2:1: error: character U+FEFF is not allowed ", hint, NULL);

  assert_refused_bytes ("a\nb\0c", 5, nul);
  assert_refused ("é\nb: \xe9\n", latin);
  assert_refused ("a: \a", bell);
  assert_refused ("a\xe4\xb8", cut); /* 中 without its last byte */
  assert_refused ("a: 1\n\xEF\xBB\xBF" "b: 2\n", bom);
  assert_refused_bytes ("\xff\xfe" "a\0", 4, "f: error: the file is UTF-16: save it as UTF-8\n");
  assert_refused_bytes ("\xfe\xff\0a", 4, "f: error: the file is UTF-16: save it as UTF-8\n");
  assert_tree_said ("a: \"x\\0y\"", "{a=x}", "f:1:5: error: a text must not hold a NUL character\n");
}

static gchar *
repeat (const gchar *piece, guint n)
{
  GString *text = g_string_new (NULL);

  while (n-- > 0)
    g_string_append (text, piece);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree gchar *open = repeat ("[", MT_LOAD_MAX_DEPTH);
  g_autofree gchar *close = repeat ("]", MT_LOAD_MAX_DEPTH);
  g_autofree gchar *deepest = g_strconcat (open, "x", close, NULL);
  g_autofree gchar *too_deep = repeat ("[", 10000);
  g_autofree gchar *dashes = repeat ("- ", 10000);

  assert_tree (deepest, deepest);
  assert_refused (too_deep, "f:1:101: error: nested too deeply: more than 100 levels\n");
  assert_refused (dashes, "f:1:201: error: nested too deeply: more than 100 levels\n");
}

/* a0 has 1 level and each next one more, so that the alias in line n stands for
 * n - 1 levels, inside 2 that are open: line 100 is the first past 100. */
static void
test_depth_by_aliases (void)
{
  g_autoptr (GString) text = g_string_new ("- &a0 [x]\n");

  for (gint i = 1; i <= 200; i++)
    g_string_append_printf (text, "- &a%d [*a%d]\n", i, i - 1);
  assert_refused (text->str, "f:100:9: error: nested too deeply: more than 100 levels\n");
}

/* Ten lines of ten aliases each: 10^10 nodes from less than a kilobyte. */
static void
test_alias_bomb (void)
{
  g_autoptr (GString) text = g_string_new ("- &a0 x\n");
  g_auto (Loaded) loaded = { 0 };

  for (gint i = 1; i <= 10; i++)
    {
      g_string_append_printf (text, "- &a%d [", i);
      for (gint j = 0; j < 10; j++)
        g_string_append_printf (text, "*a%d,", i - 1);
      g_string_append (text, "]\n");
    }
  loaded = load (text->str);
  CU_ASSERT_PTR_NULL (loaded.tree);
  CU_ASSERT_EQUAL (loaded.diags->n_errors, 1);
  CU_ASSERT_PTR_NOT_NULL (strstr (g_array_index (loaded.diags->findings, MtFinding, 0).message,
                                  "too large: more than 1000000 nodes"));
}

/* The root and its scalars: one item less than the bound fits, one more does not. */
static void
test_most_nodes (void)
{
  g_autofree gchar *most = repeat ("- x\n", MT_LOAD_MAX_NODES - 1);
  g_autofree gchar *more = g_strconcat (most, "- y\n", NULL);
  g_auto (Loaded) loaded = load (most);

  CU_ASSERT_PTR_NOT_NULL_FATAL (loaded.tree);
  CU_ASSERT_EQUAL (mt_tree_root (loaded.tree)->n, MT_LOAD_MAX_NODES - 1);
  assert_refused (more, "f:1000000:3: error: the document is too large: more than 1000000 nodes"
                        " with all aliases expanded\n");
}

/* Microseconds that a mapping of @n keys takes. */
static gint64
time_of_mapping (guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "k%u: 1\n", i);
  gint64 begin = g_get_monotonic_time ();
  g_auto (Loaded) loaded = load (text->str);
  gint64 end = g_get_monotonic_time ();
  CU_ASSERT_PTR_NOT_NULL_FATAL (loaded.tree);
  CU_ASSERT_EQUAL (mt_tree_root (loaded.tree)->n, n);
  return end - begin;
}

/* Twenty times the keys: some twenty times the time, but four hundred times if keys were compared one by one. */
static void
test_huge_mapping (void)
{
  CU_ASSERT_TRUE (time_of_mapping (400000) < 130 * time_of_mapping (20000));
}

/* libyaml's time for these grows with the square of their number. */
static void
test_many_directives (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gint i = 0; i < 500000; i++)
    g_string_append_printf (text, "%%TAG !%d! x\n", i);
  assert_refused (text->str, "f:101:1: error: too many lines that begin with '%'\n");
}

static void
assert_unreadable (const gchar *path, const gchar *reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *expected = g_strdup_printf ("cannot read %s: %s", path, reason);

  CU_ASSERT_PTR_NULL (mt_read_file (path, MT_LOAD_MAX_BYTES, NULL, &error));
  CU_ASSERT_TRUE_FATAL (g_error_matches (error, MT_ERROR, MT_ERROR_FILE));
  CU_ASSERT_STRING_EQUAL (error->message, expected);
}

static void
test_unreadable_files (void)
{
  g_autofree gchar *directory = g_dir_make_tmp ("mtsim-XXXXXX", NULL);
  g_autofree gchar *fifo = g_build_filename (directory, "fifo", NULL);
  g_autofree gchar *missing = g_build_filename (directory, "missing", NULL);

  CU_ASSERT_EQUAL_FATAL (mkfifo (fifo, 0600), 0);
  assert_unreadable (directory, "Is a directory");
  assert_unreadable (missing, "No such file or directory");
  assert_unreadable (fifo, "nobody writes to this pipe");
  assert_unreadable ("/dev/zero", "it is larger than 16 MiB");
  g_unlink (fifo);
  g_rmdir (directory);
}

/* Exactly the bound can be read; one byte more cannot. */
static void
test_file_sizes (void)
{
  g_autofree gchar *path = NULL;
  g_autofree gchar *text = NULL;
  gsize length = 0;
  gint fd = g_file_open_tmp ("mtsim-XXXXXX", &path, NULL);

  CU_ASSERT_EQUAL_FATAL (ftruncate (fd, MT_LOAD_MAX_BYTES), 0);
  text = mt_read_file (path, MT_LOAD_MAX_BYTES, &length, NULL);
  CU_ASSERT_PTR_NOT_NULL (text);
  CU_ASSERT_EQUAL (length, MT_LOAD_MAX_BYTES);
  CU_ASSERT_EQUAL_FATAL (ftruncate (fd, MT_LOAD_MAX_BYTES + 1), 0);
  assert_unreadable (path, "it is larger than 16 MiB");
  close (fd);
  g_unlink (path);
}

static void
test_standard_input (void)
{
  gint ends[2], saved = dup (STDIN_FILENO);
  g_autofree gchar *text = NULL;
  gsize length = 0;

  CU_ASSERT_EQUAL_FATAL (pipe (ends), 0);
  CU_ASSERT_EQUAL (write (ends[1], "a: 1\n", 5), 5);
  close (ends[1]);
  dup2 (ends[0], STDIN_FILENO);
  close (ends[0]);
  text = mt_read_file ("-", MT_LOAD_MAX_BYTES, &length, NULL);
  dup2 (saved, STDIN_FILENO);
  close (saved);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  CU_ASSERT_STRING_EQUAL (text, "a: 1\n");
  CU_ASSERT_EQUAL (length, 5);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "trees", test_trees },
    { "places", test_places },
    { "styles", test_styles },
    { "places after anchors", test_places_after_anchors },
    { "line ends", test_line_ends },
    { "get and kind", test_get_and_kind },
    { "aliases", test_aliases },
    { "merge", test_merge },
    { "duplicates", test_duplicates },
    { "bad keys", test_bad_keys },
    { "tags", test_tags },
    { "documents", test_documents },
    { "syntax", test_syntax },
    { "bad bytes", test_bad_bytes },
    { "depth", test_depth },
    { "depth by aliases", test_depth_by_aliases },
    { "alias bomb", test_alias_bomb },
    { "most nodes", test_most_nodes },
    { "huge mapping", test_huge_mapping },
    { "many directives", test_many_directives },
    { "unreadable files", test_unreadable_files },
    { "file sizes", test_file_sizes },
    { "standard input", test_standard_input },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("load", tests);
}

/* Reading YAML: from a file or standard input to a tree of MtNode.
 *
 * This is the only file that knows libyaml. It reads the library's events one
 * by one and keeps its own stack of open collections, so neither deep nesting
 * nor a swarm of aliases can exhaust anything: each bound is checked as the
 * events come. */
#include "sim/node.h"
#include <string.h>
#include <yaml.h>

#define BLOCK_SIZE (64 * 1024)
#define BOM "\xEF\xBB\xBF"

/* libyaml compares each %TAG directive with all before it: a file of nothing
 * else would keep it busy for hours. */
#define MAX_DIRECTIVES 100

struct _MtTree
{
  MtNode *root;
  GPtrArray *blocks; /* the memory of all nodes, texts and arrays */
  gchar *unused; /* in the last block */
  gsize n_unused;
};

/* A node as the loader sees it. */
typedef struct
{
  MtNode node; /* first: a Part is its node */
  guint size; /* nodes in it, aliases expanded; 0 while it is still open */
  guint height; /* levels of nesting in it; of a scalar 0 */
} Part;

/* A node where it is used: of an alias this is the place of the alias. */
typedef struct
{
  Part *part;
  MtMark mark;
  guint width;
} Use;

/* A sequence or mapping whose end has not come yet. */
typedef struct
{
  Part *part;
  GArray *uses; /* of Use; of a mapping keys and values in turn */
  guint n_before; /* nodes counted before it */
} Frame;

/* A place in the source, counted as libyaml counts. */
typedef struct
{
  const gchar *p, *end;
  gsize index; /* characters before p */
  MtMark mark;
} Cursor;

typedef struct
{
  yaml_parser_t parser;
  MtDiags *diags;
  MtTree *tree;
  GHashTable *anchors; /* name to the Part that had it last */
  Cursor cursor;
  Frame stack[MT_LOAD_MAX_DEPTH];
  guint depth;
  guint n_nodes; /* so far, aliases expanded */
} Loader;

/* The pairs of a mapping that closes. */
typedef struct
{
  GPtrArray *keys, *items; /* of MtNode */
  GHashTable *seen; /* text of a key to its Use */
} Pairs;

/* What libyaml says, and what is said instead. */
typedef struct
{
  const gchar *problem;
  const gchar *message;
  const gchar *hint;
  const gchar *inside; /* instead of a hint: what the hint says the beginning of */
  gboolean at_start; /* the place is where the broken thing begins, not where libyaml noticed */
} Sentence;

static const Sentence sentences[] = {
  { "found a tab character that violates indentation",
    "a tab is not allowed here", "indent with spaces", NULL, FALSE },
  { "found a tab character where an indentation space is expected",
    "a tab is not allowed here", "indent with spaces", NULL, FALSE },
  { "found character that cannot start any token",
    "a value cannot begin with this character", "put the value in quotes", NULL, FALSE },
  { "found unexpected end of stream",
    "this quote is never closed", NULL, NULL, TRUE },
  { "found unexpected document indicator",
    "this quote is never closed", NULL, NULL, TRUE },
  { "found unknown escape character",
    "unknown escape in a double-quoted text",
    "write \\\\ for a backslash, or use single quotes", NULL, FALSE },
  { "could not find expected ':'",
    "expected ':' after this key", NULL, NULL, TRUE },
  { "mapping values are not allowed in this context",
    "a ':' is not allowed here",
    "check the indentation and the line before; a value with ': ' in it needs quotes", NULL,
    FALSE },
  { "block sequence entries are not allowed in this context",
    "a list entry is not allowed here", "begin the list on a line of its own", NULL, FALSE },
  { "did not find expected key",
    "this does not fit into the mapping: check indentation and quotes", NULL, "mapping", FALSE },
  { "did not find expected '-' indicator",
    "this does not fit into the list: expected '-', or less indentation", NULL, "list", FALSE },
  { "did not find expected ',' or ']'", "expected ',' or ']'", NULL, "list", FALSE },
  { "did not find expected ',' or '}'", "expected ',' or '}'", NULL, "mapping", FALSE },
  { "did not find expected node content", "expected a value", NULL, NULL, FALSE },
  { "did not find expected alphabetic or numeric character",
    "expected a name after '&' or '*'", "a value that begins with it needs quotes", NULL, FALSE },
  { "did not find expected <document start>",
    "a model is one document: nothing may follow its end", NULL, NULL, FALSE },
  { "found incompatible YAML document", "this version of YAML is not known", NULL, NULL, FALSE },
};

static MtTree *
tree_new (void)
{
  MtTree *tree = g_new0 (MtTree, 1);

  tree->blocks = g_ptr_array_new_with_free_func (g_free);
  return tree;
}

void
mt_tree_free (MtTree *tree)
{
  g_ptr_array_unref (tree->blocks);
  g_free (tree);
}

/* Zeroed memory that lives as long as @tree. */
static gpointer
tree_alloc (MtTree *tree, gsize size)
{
  gsize aligned = (size + sizeof (gpointer) - 1) / sizeof (gpointer) * sizeof (gpointer);
  gpointer memory;

  if (aligned > tree->n_unused)
    {
      tree->n_unused = MAX (aligned, BLOCK_SIZE);
      tree->unused = g_malloc0 (tree->n_unused);
      g_ptr_array_add (tree->blocks, tree->unused);
    }
  memory = tree->unused;
  tree->unused += aligned;
  tree->n_unused -= aligned;
  return memory;
}

static MtNode **
tree_copy_nodes (MtTree *tree, const GPtrArray *nodes)
{
  gsize size = nodes->len * sizeof (MtNode *);

  return size == 0 ? NULL : memcpy (tree_alloc (tree, size), nodes->pdata, size);
}

const MtNode *
mt_tree_root (const MtTree *tree)
{
  return tree->root;
}

const MtNode *
mt_node_get (const MtNode *node, const gchar *key)
{
  g_return_val_if_fail (node->kind == MT_NODE_MAPPING, NULL);

  for (guint i = 0; i < node->n; i++)
    if (g_str_equal (node->keys[i]->text, key))
      return node->items[i];
  return NULL;
}

const gchar *
mt_node_kind_name (const MtNode *node)
{
  static const gchar *const names[] = {
    [MT_NODE_SCALAR] = "text",
    [MT_NODE_SEQUENCE] = "a list",
    [MT_NODE_MAPPING] = "a mapping",
  };

  return names[node->kind];
}

static gboolean
is_break (gunichar c)
{
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static gboolean
is_space (gunichar c)
{
  return c == ' ' || c == '\t' || is_break (c);
}

/* The characters YAML 1.1 allows in a stream; but a byte order mark only at its
 * start, as elsewhere it would be an invisible part of a name. */
static gboolean
is_printable (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85
         || (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF)
         || c >= 0x10000;
}

static Cursor
cursor_at_start (const gchar *text, gsize length)
{
  gsize skip = length >= strlen (BOM) && memcmp (text, BOM, strlen (BOM)) == 0 ? strlen (BOM) : 0;

  return (Cursor) { text + skip, text + length, 0, { 1, 1 } };
}

static void
cursor_step (Cursor *cursor)
{
  gunichar c = g_utf8_get_char (cursor->p);

  cursor->p = g_utf8_next_char (cursor->p);
  cursor->index++;
  cursor->mark.column++;
  if (c == '\r' && cursor->p < cursor->end && *cursor->p == '\n')
    return; /* the line ends after both */
  if (is_break (c))
    cursor->mark = (MtMark) { cursor->mark.line + 1, 1 };
}

static void
add_error (Loader *loader, MtMark mark, guint width, const gchar *hint, const gchar *message)
{
  mt_diags_add (loader->diags, MT_SEVERITY_ERROR, mark, width, hint, "%s", message);
}

static gboolean
is_utf16 (const gchar *text, gsize length)
{
  return length >= 2 && (memcmp (text, "\xFF\xFE", 2) == 0 || memcmp (text, "\xFE\xFF", 2) == 0);
}

/* Reports what is wrong with the character at the cursor, if anything. */
static gboolean
check_character (Loader *loader, const Cursor *cursor)
{
  gunichar c = g_utf8_get_char_validated (cursor->p, cursor->end - cursor->p);
  g_autofree gchar *message = NULL;

  if (*cursor->p == '\0')
    message = g_strdup ("a NUL byte: this is not a text file");
  else if ((gint) c < 0)
    message = g_strdup_printf ("byte 0x%02X is not valid UTF-8", (guchar) *cursor->p);
  else if (!is_printable (c))
    message = g_strdup_printf ("character U+%04X is not allowed", c);
  else
    return TRUE;
  add_error (loader, cursor->mark, 1, "a model is text in UTF-8", message);
  return FALSE;
}

/* libyaml would find most of this too, but could not tell line and column. */
static gboolean
check_source (Loader *loader, const gchar *text, gsize length)
{
  guint n_directives = 0;

  if (is_utf16 (text, length))
    {
      add_error (loader, (MtMark) { 0, 0 }, 1, NULL, "the file is UTF-16: save it as UTF-8");
      return FALSE;
    }
  for (Cursor cursor = cursor_at_start (text, length); cursor.p < cursor.end; cursor_step (&cursor))
    {
      if (!check_character (loader, &cursor))
        return FALSE;
      if (*cursor.p == '%' && cursor.mark.column == 1 && ++n_directives > MAX_DIRECTIVES)
        {
          add_error (loader, cursor.mark, 1, NULL, "too many lines that begin with '%'");
          return FALSE;
        }
    }
  return TRUE;
}

static MtMark
mark_of (const yaml_mark_t *mark)
{
  return (MtMark) { (gint) mark->line + 1, (gint) mark->column + 1 };
}

static guint
event_width (const yaml_event_t *event)
{
  return (guint) (event->end_mark.index - event->start_mark.index);
}

/* Events come in the order of the source, so the cursor only ever goes forward. */
static const gchar *
seek (Loader *loader, gsize index)
{
  while (loader->cursor.index < index && loader->cursor.p < loader->cursor.end)
    cursor_step (&loader->cursor);
  return loader->cursor.p;
}

static const Sentence *
find_sentence (const gchar *problem)
{
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (g_str_equal (sentences[i].problem, problem))
      return &sentences[i];
  return NULL;
}

static void
report_syntax (Loader *loader)
{
  const yaml_parser_t *parser = &loader->parser;
  const gchar *problem = parser->problem ? parser->problem : "out of memory";
  const Sentence *sentence = find_sentence (problem);
  MtMark noticed = mark_of (&parser->problem_mark);
  MtMark start = mark_of (&parser->context_mark);
  const gchar *at = seek (loader, parser->problem_mark.index);

  if (at < loader->cursor.end && *at == '\t')
    sentence = &sentences[0]; /* whatever libyaml calls it, the tab is the trouble */

  if (!sentence)
    mt_diags_add (loader->diags, MT_SEVERITY_ERROR, noticed, 1, NULL, "not valid YAML: %s",
                  problem);
  else if (sentence->inside)
    {
      g_autofree gchar *hint = g_strdup_printf ("the %s begins at line %d, column %d",
                                                sentence->inside, start.line, start.column);

      add_error (loader, noticed, 1, hint, sentence->message);
    }
  else
    add_error (loader, sentence->at_start ? start : noticed, 1, sentence->hint, sentence->message);
}

static gboolean
count_nodes (Loader *loader, MtMark mark, guint width, guint n)
{
  loader->n_nodes += n;
  if (loader->n_nodes <= MT_LOAD_MAX_NODES)
    return TRUE;
  mt_diags_add (loader->diags, MT_SEVERITY_ERROR, mark, width, NULL,
                "the document is too large: more than %d nodes with all aliases expanded",
                MT_LOAD_MAX_NODES);
  return FALSE;
}

/* Room for @height more levels inside the collections that are open? */
static gboolean
check_depth (Loader *loader, MtMark mark, guint width, guint height)
{
  if (loader->depth + height <= MT_LOAD_MAX_DEPTH)
    return TRUE;
  mt_diags_add (loader->diags, MT_SEVERITY_ERROR, mark, width, NULL,
                "nested too deeply: more than %d levels", MT_LOAD_MAX_DEPTH);
  return FALSE;
}

static Part *
new_part (Loader *loader, MtNodeKind kind, MtMark mark, const yaml_char_t *anchor,
          const yaml_char_t *tag)
{
  Part *part = tree_alloc (loader->tree, sizeof *part);

  part->node = (MtNode) { .kind = kind, .mark = mark, .width = 1 };
  if (anchor)
    g_hash_table_replace (loader->anchors, g_strdup ((const gchar *) anchor), part);
  if (tag)
    mt_diags_add (loader->diags, MT_SEVERITY_ERROR, mark, 1,
                  "leave the tag out; quotes make a value text",
                  "tags such as '%s' are not used in models", (const gchar *) tag);
  return part;
}

static void
place (Loader *loader, Use use)
{
  if (loader->depth == 0)
    loader->tree->root = &use.part->node;
  else
    g_array_append_val (loader->stack[loader->depth - 1].uses, use);
}

/* An anchor ends with its name, a tag only at a space. */
static void
skip_property (Cursor *cursor, gsize end)
{
  gboolean is_anchor = *cursor->p == '&';

  do
    cursor_step (cursor);
  while (cursor->index < end
         && (is_anchor ? g_ascii_isalnum (*cursor->p) || *cursor->p == '_' || *cursor->p == '-'
                       : !is_space (g_utf8_get_char (cursor->p))));
}

static void
skip_spaces_and_comments (Cursor *cursor, gsize end)
{
  gboolean in_comment = FALSE;

  for (; cursor->index < end; cursor_step (cursor))
    {
      gunichar c = g_utf8_get_char (cursor->p);

      in_comment = !is_break (c) && (in_comment || c == '#');
      if (!in_comment && !is_space (c))
        return;
    }
}

/* To libyaml an anchor or a tag is part of the scalar it stands before. Leaves
 * the cursor where the scalar itself begins. */
static void
seek_scalar (Loader *loader, const yaml_event_t *event)
{
  Cursor *cursor = &loader->cursor;
  gsize end = event->end_mark.index;

  seek (loader, event->start_mark.index);
  while (cursor->index < end && (*cursor->p == '&' || *cursor->p == '!'))
    {
      skip_property (cursor, end);
      skip_spaces_and_comments (cursor, end);
    }
}

static void
locate_scalar (Loader *loader, const yaml_event_t *event, MtNode *scalar)
{
  guint quotes = 0;

  if (event->data.scalar.anchor || event->data.scalar.tag)
    {
      seek_scalar (loader, event);
      scalar->mark = loader->cursor.mark;
      scalar->width = (guint) (event->end_mark.index - loader->cursor.index);
    }
  else
    scalar->width = event_width (event);

  if (scalar->quoted && !scalar->block)
    quotes = 2;
  scalar->mark.column += quotes / 2;
  scalar->width = MAX (scalar->width, quotes + 1) - quotes;
}

static gboolean
read_scalar (Loader *loader, const yaml_event_t *event)
{
  const gchar *value = (const gchar *) event->data.scalar.value;
  gsize length = event->data.scalar.length;
  yaml_scalar_style_t style = event->data.scalar.style;
  Part *part = new_part (loader, MT_NODE_SCALAR, mark_of (&event->start_mark),
                         event->data.scalar.anchor, event->data.scalar.tag);
  MtNode *scalar = &part->node;

  part->size = 1;
  scalar->text = memcpy (tree_alloc (loader->tree, length + 1), value, length);
  scalar->quoted = style != YAML_PLAIN_SCALAR_STYLE;
  scalar->block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
  locate_scalar (loader, event, scalar);
  if (memchr (value, '\0', length))
    add_error (loader, scalar->mark, scalar->width, NULL, "a text must not hold a NUL character");
  place (loader, (Use) { part, scalar->mark, scalar->width });
  return count_nodes (loader, scalar->mark, scalar->width, 1);
}

static void
report_undefined (Loader *loader, const gchar *name, MtMark mark, guint width)
{
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (loader->anchors, NULL);
  g_autofree gchar *hint = mt_did_you_mean (name, (const gchar *const *) names);

  mt_diags_add (loader->diags, MT_SEVERITY_ERROR, mark, width, hint,
                "alias '*%s' has no anchor '&%s' before it", name, name);
}

static gboolean
read_alias (Loader *loader, const yaml_event_t *event)
{
  const gchar *name = (const gchar *) event->data.alias.anchor;
  Part *part = g_hash_table_lookup (loader->anchors, name);
  MtMark mark = mark_of (&event->start_mark);
  guint width = event_width (event);

  if (!part)
    {
      report_undefined (loader, name, mark, width);
      return FALSE;
    }
  if (part->size == 0)
    {
      mt_diags_add (loader->diags, MT_SEVERITY_ERROR, mark, width, NULL,
                    "alias '*%s' stands inside its own anchor, on line %d", name,
                    part->node.mark.line);
      return FALSE;
    }
  place (loader, (Use) { part, mark, width });
  return check_depth (loader, mark, width, part->height)
         && count_nodes (loader, mark, width, part->size);
}

static gboolean
open_collection (Loader *loader, const yaml_event_t *event, MtNodeKind kind,
                 const yaml_char_t *anchor, const yaml_char_t *tag)
{
  MtMark mark = mark_of (&event->start_mark);
  Part *part;

  if (!check_depth (loader, mark, 1, 1))
    return FALSE;
  part = new_part (loader, kind, mark, anchor, tag);
  place (loader, (Use) { part, mark, 1 });
  loader->stack[loader->depth++] = (Frame) {
    .part = part,
    .uses = g_array_new (FALSE, FALSE, sizeof (Use)),
    .n_before = loader->n_nodes,
  };
  return count_nodes (loader, mark, 1, 1);
}

static void
fill_sequence (Loader *loader, const Frame *frame)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  MtNode *node = &frame->part->node;

  for (guint i = 0; i < frame->uses->len; i++)
    g_ptr_array_add (items, g_array_index (frame->uses, Use, i).part);
  node->items = tree_copy_nodes (loader->tree, items);
  node->n = items->len;
}

static void
add_pair (Pairs *pairs, MtNode *key, MtNode *item)
{
  g_ptr_array_add (pairs->keys, key);
  g_ptr_array_add (pairs->items, item);
}

static void
merge_mapping (Pairs *pairs, const MtNode *from)
{
  for (guint i = 0; i < from->n; i++)
    if (g_hash_table_add (pairs->seen, (gpointer) from->keys[i]->text))
      add_pair (pairs, from->keys[i], from->items[i]);
}

/* After all own pairs, so that own keys win; of a list of mappings the earlier wins. */
static void
merge_value (Loader *loader, Pairs *pairs, const Use *value)
{
  MtNode *single[] = { &value->part->node };
  gboolean is_list = single[0]->kind == MT_NODE_SEQUENCE;
  MtNode **sources = is_list ? single[0]->items : single;
  guint n = is_list ? single[0]->n : 1;

  for (guint i = 0; i < n; i++)
    if (sources[i]->kind == MT_NODE_MAPPING)
      merge_mapping (pairs, sources[i]);
    else
      add_error (loader, value->mark, value->width, "for example: <<: *defaults",
                 "'<<' needs a mapping or a list of mappings to merge");
}

/* Whether @key may begin a new pair; if not, says why. */
static gboolean
check_key (Loader *loader, Pairs *pairs, const Use *key)
{
  const MtNode *node = &key->part->node;
  const Use *first;

  if (node->kind != MT_NODE_SCALAR)
    {
      mt_diags_add (loader->diags, MT_SEVERITY_ERROR, key->mark, key->width, NULL,
                    "a key must be text, not %s", mt_node_kind_name (node));
      return FALSE;
    }
  first = g_hash_table_lookup (pairs->seen, node->text);
  if (first)
    {
      mt_diags_add (loader->diags, MT_SEVERITY_ERROR, key->mark, key->width, NULL,
                    "duplicate key '%s': the first is on line %d", node->text, first->mark.line);
      return FALSE;
    }
  g_hash_table_insert (pairs->seen, (gpointer) node->text, (gpointer) key);
  return TRUE;
}

static gboolean
is_merge_key (const MtNode *key)
{
  return !key->quoted && g_str_equal (key->text, "<<");
}

static void
fill_mapping (Loader *loader, const Frame *frame)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  Pairs pairs = { keys, items, seen };
  MtNode *node = &frame->part->node;
  const Use *merged = NULL;

  for (guint i = 0; i + 1 < frame->uses->len; i += 2)
    {
      const Use *key = &g_array_index (frame->uses, Use, i);
      const Use *value = key + 1;

      if (!check_key (loader, &pairs, key))
        continue;
      if (is_merge_key (&key->part->node))
        merged = value;
      else
        add_pair (&pairs, &key->part->node, &value->part->node);
    }
  if (merged)
    merge_value (loader, &pairs, merged);
  node->keys = tree_copy_nodes (loader->tree, keys);
  node->items = tree_copy_nodes (loader->tree, items);
  node->n = keys->len;
}

static void
close_collection (Loader *loader)
{
  Frame *frame = &loader->stack[--loader->depth];
  Part *part = frame->part;

  if (part->node.kind == MT_NODE_SEQUENCE)
    fill_sequence (loader, frame);
  else
    fill_mapping (loader, frame);
  part->size = loader->n_nodes - frame->n_before;
  for (guint i = 0; i < frame->uses->len; i++)
    part->height = MAX (part->height, g_array_index (frame->uses, Use, i).part->height);
  part->height++;
  g_array_unref (frame->uses);
}

static gboolean
start_document (Loader *loader, const yaml_event_t *event)
{
  if (!loader->tree->root)
    return TRUE;
  add_error (loader, mark_of (&event->start_mark), 3, NULL,
             "a model is one document; a second one begins here");
  return FALSE;
}

/* FALSE when reading on makes no sense. */
static gboolean
read_event (Loader *loader, const yaml_event_t *event)
{
  switch (event->type)
    {
    case YAML_DOCUMENT_START_EVENT:
      return start_document (loader, event);
    case YAML_ALIAS_EVENT:
      return read_alias (loader, event);
    case YAML_SCALAR_EVENT:
      return read_scalar (loader, event);
    case YAML_SEQUENCE_START_EVENT:
      return open_collection (loader, event, MT_NODE_SEQUENCE, event->data.sequence_start.anchor,
                              event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
      return open_collection (loader, event, MT_NODE_MAPPING, event->data.mapping_start.anchor,
                              event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      close_collection (loader);
      return TRUE;
    default:
      return TRUE;
    }
}

static gboolean
read_events (Loader *loader)
{
  gboolean ok = TRUE, at_end = FALSE;

  while (ok && !at_end)
    {
      yaml_event_t event;

      if (!yaml_parser_parse (&loader->parser, &event))
        {
          report_syntax (loader);
          return FALSE;
        }
      ok = read_event (loader, &event);
      at_end = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete (&event);
    }
  return ok;
}

/* A lone '---' gives a document that holds one empty scalar. */
static gboolean
check_not_empty (Loader *loader)
{
  const MtNode *root = loader->tree->root;

  if (root && (root->kind != MT_NODE_SCALAR || root->quoted || *root->text))
    return TRUE;
  add_error (loader, (MtMark) { 0, 0 }, 1, NULL, "the file is empty: a model is a YAML mapping");
  return FALSE;
}

static gboolean
parse (Loader *loader)
{
  const Cursor *start = &loader->cursor;
  gboolean ok;

  yaml_parser_initialize (&loader->parser);
  yaml_parser_set_encoding (&loader->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&loader->parser, (const guchar *) start->p, start->end - start->p);
  ok = read_events (loader) && check_not_empty (loader);
  while (loader->depth > 0)
    g_array_unref (loader->stack[--loader->depth].uses);
  yaml_parser_delete (&loader->parser);
  return ok;
}

MtTree *
mt_tree_load (const gchar *text, gsize length, MtDiags *diags)
{
  g_autoptr (MtTree) tree = tree_new ();
  g_autoptr (GHashTable) anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Loader loader = {
    .diags = diags,
    .tree = tree,
    .anchors = anchors,
    .cursor = cursor_at_start (text, length),
  };

  if (!check_source (&loader, text, length) || !parse (&loader))
    return NULL;
  return g_steal_pointer (&tree);
}

/* MtNode: a YAML document as a tree that knows where each piece stood.
 *
 * Only load.c reads YAML; everything after it reads this tree. Mappings keep
 * the author's order. Aliases share nodes (the tree may be a directed acyclic
 * graph), merge keys (<<) are resolved, their pairs after the mapping's own.
 * All nodes belong to their MtTree and live as long as it does.
 */
#pragma once
#include "sim/diag.h"

typedef enum
{
  MT_NODE_SCALAR,
  MT_NODE_SEQUENCE,
  MT_NODE_MAPPING,
} MtNodeKind;

typedef struct _MtNode MtNode;
struct _MtNode
{
  MtNodeKind kind;
  MtMark mark; /* of the first character; of a quoted scalar: the character after the quote */
  const gchar *text; /* scalar: its value (UTF-8), else NULL */
  guint width; /* scalar: characters in the source, 1 at least; else 1 */
  gboolean quoted; /* scalar: written in quotes or as a block: never a number or bool */
  gboolean block; /* scalar: a block scalar (| or >): offsets in text are no columns */
  guint n; /* sequence: items; mapping: pairs */
  MtNode **keys; /* mapping: n scalars; else NULL */
  MtNode **items; /* sequence: n items; mapping: n values; scalar: NULL */
};

typedef struct _MtTree MtTree; /* owns all nodes of one document */

/* Bounds on what a document may hold; past them it is an error, never a crash. */
#define MT_LOAD_MAX_BYTES (16 * 1024 * 1024) /* of source */
#define MT_LOAD_MAX_DEPTH 100 /* nesting */
#define MT_LOAD_MAX_NODES 1000000 /* after aliases are expanded */

/* Parses one YAML 1.1 document of @length bytes. Errors go to @diags, whose text
 * should be the same source. NULL when there is no usable tree; a tree may come
 * with errors all the same (of a duplicate key the first pair is kept). */
MtTree *mt_tree_load (const gchar *text, gsize length, MtDiags *diags);
void mt_tree_free (MtTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtTree, mt_tree_free)

const MtNode *mt_tree_root (const MtTree *tree);

/* Value of @key in mapping @node, or NULL. */
const MtNode *mt_node_get (const MtNode *node, const gchar *key);

/* "a mapping", "a list", "text": for messages. */
const gchar *mt_node_kind_name (const MtNode *node);

/* MtNode -> MtModel: the top-level keys, each declaration and each step, checked for shape. */
#include "sim/model.h"
#include "sim/file.h"
#include "sim/keys.h"
#include "sim/primitive.h"
#include <string.h>

#define error_at(m, node, hint, ...)                                                               \
  mt_diags_add ((m)->diags, MT_SEVERITY_ERROR, (node)->mark, (node)->width, hint, __VA_ARGS__)

/* An alternative's number has 16 bits; nobody draws from so many. */
#define MAX_BRANCHES 10000
/* A step takes about a kilobyte here: aliases could make a short text fill the memory. */
#define MAX_STEPS 200000

static GPtrArray *parse_steps (MtModel *m, const MtNode *node);

static gboolean
is_name (const gchar *text)
{
  gunichar c = g_utf8_get_char (text);
  if (c != '_' && !g_unichar_isalpha (c))
    return FALSE;
  for (; *text; text = g_utf8_next_char (text))
    if ((c = g_utf8_get_char (text)) != '_' && !g_unichar_isalnum (c))
      return FALSE;
  return TRUE;
}

/* Tasks are called Thread-1 in the world of Python. */
static gboolean
is_task_name (const gchar *text)
{
  g_autofree gchar *plain = g_strdup (text);
  return is_name (g_strdelimit (plain, "-.", '_'));
}

static gboolean
check_name (MtModel *m, const MtNode *node, gboolean dashes)
{
  if (node->kind != MT_NODE_SCALAR)
    {
      error_at (m, node, NULL, "a name expected, not %s", mt_node_kind_name (node));
      return FALSE;
    }
  if (dashes ? !is_task_name (node->text) : !is_name (node->text))
    {
      error_at (m, node, "a name is made of letters, digits and _, and starts with a letter", "'%s' is no name",
                node->text);
      return FALSE;
    }
  if (g_strv_contains (mt_reserved_words, node->text))
    {
      error_at (m, node, "choose another name", "'%s' is a word of the language", node->text);
      return FALSE;
    }
  return TRUE;
}

static gboolean
want (MtModel *m, const MtNode *node, MtNodeKind kind, const gchar *what)
{
  if (node->kind == kind)
    return TRUE;
  static const gchar *const names[] = { "text", "a list", "a mapping" };
  error_at (m, node, NULL, "%s: %s expected, not %s", what, names[kind], mt_node_kind_name (node));
  return FALSE;
}

static void
unknown_key (MtModel *m, const MtNode *key, const gchar *where, const gchar *const *known)
{
  m->names_missing = TRUE;
  g_autofree gchar *hint = mt_did_you_mean (key->text, known);
  g_autofree gchar *all = hint ? NULL : g_strjoinv (", ", (gchar **)known);
  g_autofree gchar *list = all ? g_strdup_printf ("known here: %s", all) : NULL;
  error_at (m, key, hint ? hint : list, "unknown key '%s' in %s", key->text, where);
}

/* Whether @key stands in @keys; a finding where it does not. */
static gboolean
check_key (MtModel *m, const MtNode *key, const gchar *where, const MtKey *keys)
{
  if (mt_key_find (keys, key->text))
    return TRUE;
  g_autofree const gchar **known = mt_key_names (keys);
  unknown_key (m, key, where, known);
  return FALSE;
}

static gboolean
parse_bool (MtModel *m, const MtNode *node, const gchar *what)
{
  static const gchar *const yes[] = { "true", "True", "yes", "on", NULL };
  static const gchar *const no[] = { "false", "False", "no", "off", NULL };
  if (node->kind == MT_NODE_SCALAR && g_strv_contains (yes, node->text))
    return TRUE;
  if (node->kind != MT_NODE_SCALAR || !g_strv_contains (no, node->text))
    error_at (m, node, NULL, "%s: true or false expected", what);
  return FALSE;
}

static gchar *
parse_text (MtModel *m, const MtNode *node, const gchar *what)
{
  return want (m, node, MT_NODE_SCALAR, what) ? g_strdup (node->text) : NULL;
}

/* Never NULL: the step it stands in is still checked when it is no expression. */
static MtExpr *
parse_expr (MtModel *m, const MtNode *node)
{
  MtExpr *e = mt_expr_from_node (node, m->diags);
  return e ? e : mt_expr_bad (node->mark);
}

/* Steps. */

static void
arg_clear (MtArg *arg)
{
  mt_expr_free (arg->expr);
  g_clear_pointer (&arg->exprs, g_ptr_array_unref);
  g_clear_pointer (&arg->steps, g_ptr_array_unref);
  g_clear_pointer (&arg->branches, g_array_unref);
  g_clear_pointer (&arg->template, g_array_unref);
}

static void
step_free (gpointer data)
{
  MtStepNode *step = data;
  g_free (step->text);
  g_free (step->label);
  mt_statement_clear (&step->statement);
  for (guint i = 0; i < MT_MAX_ARGS; i++)
    arg_clear (&step->args[i]);
  g_free (step);
}

static void
branch_clear (gpointer data)
{
  MtBranch *branch = data;
  mt_expr_free (branch->when);
  g_ptr_array_unref (branch->steps);
}

/* A list of expressions; a lone value is a list of one. */
static GPtrArray *
parse_exprs (MtModel *m, const MtNode *node)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify)mt_expr_free);
  guint n = node->kind == MT_NODE_SEQUENCE ? node->n : 1;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (out, parse_expr (m, node->kind == MT_NODE_SEQUENCE ? node->items[i] : node));
  return out;
}

/* choose: [[..], {when: c, do: [..]}]; elif: [{if: c, then: [..]}]. */
static GArray *
parse_branches (MtModel *m, const MtNode *node, const gchar *condition, const gchar *body, gboolean bare)
{
  GArray *out = g_array_new (FALSE, TRUE, sizeof (MtBranch));
  g_array_set_clear_func (out, branch_clear);
  const gchar *const known[] = { condition, body, NULL };
  if (!want (m, node, MT_NODE_SEQUENCE, bare ? "choose" : "elif"))
    return out;
  for (guint i = 0; i < node->n; i++)
    {
      const MtNode *item = node->items[i];
      MtBranch branch = { .mark = item->mark };
      if (item->kind == MT_NODE_MAPPING && mt_node_get (item, body))
        {
          const MtNode *when = mt_node_get (item, condition);
          guint errors = m->diags->n_errors;
          for (guint k = 0; k < item->n; k++)
            if (!g_strv_contains (known, item->keys[k]->text))
              unknown_key (m, item->keys[k], "a branch", known);
          if (when)
            branch.when = parse_expr (m, when);
          else if (!bare && m->diags->n_errors == errors)
            error_at (m, item, NULL, "a branch of elif needs '%s'", condition);
          branch.steps = parse_steps (m, mt_node_get (item, body));
        }
      else if (bare && item->kind == MT_NODE_SEQUENCE)
        branch.steps = parse_steps (m, item);
      else
        {
          error_at (m, item, bare ? "a branch is a list of steps, or {when: condition, do: [steps]}" : "an elif is {if: condition, then: [steps]}",
                    "this is no branch");
          continue;
        }
      g_array_append_val (out, branch);
    }
  if (node->n == 0)
    error_at (m, node, NULL, "at least one branch is needed");
  if (node->n > MAX_BRANCHES)
    error_at (m, node, NULL, "more than %d branches", MAX_BRANCHES);
  return out;
}

/* A name or an element; NULL after a finding. Names of tasks may have dashes and dots in them. */
static MtExpr *
parse_place (MtModel *m, const MtArgSpec *spec, const MtNode *node)
{
  if (spec->kind == MT_ARG_OBJECT && strpbrk (node->text, "-.") && is_task_name (node->text))
    {
      MtExpr *e = mt_expr_bad (node->mark);
      e->kind = MT_EXPR_NAME;
      e->width = node->width;
      e->name = g_strdup (node->text);
      return e;
    }
  g_autoptr (MtExpr) e = mt_expr_from_node (node, m->diags);
  if (e && e->kind != MT_EXPR_NAME && e->kind != MT_EXPR_INDEX)
    error_at (m, node, NULL, "%s: a name or an element expected", spec->name);
  return e && (e->kind == MT_EXPR_NAME || e->kind == MT_EXPR_INDEX) ? g_steal_pointer (&e) : NULL;
}

/* One place or a list of them. What is none is a bad expression: the others are still assigned to. */
static GPtrArray *
parse_places (MtModel *m, const MtArgSpec *spec, const MtNode *node)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify)mt_expr_free);
  gboolean list = node->kind == MT_NODE_SEQUENCE;
  for (guint i = 0; i < (list ? node->n : 1); i++)
    {
      const MtNode *item = list ? node->items[i] : node;
      MtExpr *e = want (m, item, MT_NODE_SCALAR, spec->name) ? parse_place (m, spec, item) : NULL;
      g_ptr_array_add (out, e ? e : mt_expr_bad (item->mark));
    }
  if (out->len == 0)
    error_at (m, node, "take it away if nobody wants the value", "%s: no name is given", spec->name);
  return out;
}

static void
parse_arg (MtModel *m, const MtArgSpec *spec, const MtNode *node, MtArg *arg)
{
  arg->node = node;
  switch (spec->kind)
    {
    case MT_ARG_NONE:
      break;
    case MT_ARG_EXPR:
      arg->expr = parse_expr (m, node);
      break;
    case MT_ARG_TARGET:
    case MT_ARG_OBJECT:
      if (want (m, node, MT_NODE_SCALAR, spec->name))
        arg->expr = parse_place (m, spec, node);
      break;
    case MT_ARG_TARGETS:
      arg->exprs = parse_places (m, spec, node);
      break;
    case MT_ARG_ARGS:
      arg->exprs = parse_exprs (m, node);
      break;
    case MT_ARG_STEPS:
      arg->steps = parse_steps (m, node);
      break;
    case MT_ARG_BRANCHES:
      arg->branches = parse_branches (m, node, "when", "do", TRUE);
      break;
    case MT_ARG_ELIF:
      arg->branches = parse_branches (m, node, "if", "then", FALSE);
      break;
    case MT_ARG_TEMPLATE:
      if (node->kind == MT_NODE_SCALAR)
        arg->template = mt_template_parse (node, m->diags);
      else
        error_at (m, node, "put the text in quotes", "%s: text expected, not %s", spec->name, mt_node_kind_name (node));
      break;
    case MT_ARG_NAME:
    case MT_ARG_TEXT:
      want (m, node, MT_NODE_SCALAR, spec->name);
      break;
    case MT_ARG_BOOL:
      arg->flag = parse_bool (m, node, spec->name);
      break;
    }
}

static gchar *
one_line (const gchar *text)
{
  gchar *line = g_strdup (text);
  return g_strdelimit (line, "\n\r\t", ' ');
}

/* The verb of a mapping step: the one key that is an operation. Modifiers may share a verb's name
 * ("do", "in" are none; "if" inside elif is handled there), so the first match in order wins. */
static const MtVerb *
find_verb (const MtNode *node, guint *position)
{
  for (guint i = 0; i < node->n; i++)
    {
      const MtVerb *verb = mt_verb_find (node->keys[i]->text, NULL);
      if (verb)
        {
          *position = i;
          return verb;
        }
    }
  return NULL;
}

static const gchar **
arg_names (const MtVerb *verb)
{
  const gchar **names = g_new0 (const gchar *, MT_MAX_ARGS + 2);
  guint n = 0;
  for (guint i = 0; i < MT_MAX_ARGS && verb->args[i].name; i++)
    names[n++] = verb->args[i].name;
  names[n] = "label";
  return names;
}

static void
parse_mapping_step (MtModel *m, const MtNode *node, MtStepNode *step)
{
  guint position = 0;
  const MtVerb *verb = find_verb (node, &position);
  if (!verb)
    {
      g_autofree const gchar **verbs = mt_verb_names ();
      const MtNode *key = node->n ? node->keys[0] : node;
      g_autofree gchar *hint = node->n ? mt_did_you_mean (key->text, verbs) : NULL;
      m->names_missing = TRUE;
      error_at (m, key, hint, node->n ? "unknown step '%s'" : "an empty step%s", node->n ? key->text : "");
      return;
    }
  const MtNode *value = node->items[position];
  step->verb = verb;
  step->mark = node->keys[position]->mark;
  step->width = node->keys[position]->width;
  g_free (step->text);
  g_autofree gchar *line = value->kind == MT_NODE_SCALAR ? one_line (value->text) : NULL;
  step->text = line && verb->args[0].kind != MT_ARG_NONE ? g_strdup_printf ("%s: %s", verb->name, line) : g_strdup (verb->name);
  g_autofree const gchar **known = arg_names (verb);
  for (guint i = 0; i < node->n; i++)
    {
      const MtNode *key = node->keys[i];
      if (g_str_equal (key->text, "label"))
        {
          if (check_name (m, node->items[i], FALSE))
            step->label = g_strdup (node->items[i]->text);
          continue;
        }
      guint k = 0;
      while (k < MT_MAX_ARGS && verb->args[k].name && !g_str_equal (verb->args[k].name, key->text))
        k++;
      if (k < MT_MAX_ARGS && verb->args[k].name)
        parse_arg (m, &verb->args[k], node->items[i], &step->args[k]);
      else if (mt_verb_find (key->text, NULL) && (m->names_missing = TRUE))
        error_at (m, key, "a step has one operation: begin a new one with '-'", "a step with two operations: '%s' and '%s'",
                  verb->name, key->text);
      else
        {
          g_autofree gchar *where = g_strdup_printf ("step '%s'", verb->name);
          unknown_key (m, key, where, known);
        }
    }
  for (guint k = 1; k < MT_MAX_ARGS && verb->args[k].name; k++)
    if (verb->args[k].required && !step->args[k].node)
      mt_diags_add (m->diags, MT_SEVERITY_ERROR, step->mark, step->width, verb->help, "'%s' needs '%s'",
                    verb->name, verb->args[k].name);
}

static MtStepNode *
parse_step (MtModel *m, const MtNode *node)
{
  MtStepNode *step = g_new0 (MtStepNode, 1);
  step->mark = node->mark;
  step->width = node->width;
  step->statement.kind = MT_STATEMENT_PASS;
  step->text = g_strdup ("");
  if (node->kind == MT_NODE_MAPPING)
    {
      parse_mapping_step (m, node, step);
      return step;
    }
  if (node->kind == MT_NODE_SEQUENCE)
    {
      error_at (m, node, "take one '-' away", "a list of steps inside a list of steps");
      return step;
    }
  g_free (step->text);
  step->text = one_line (node->text);
  /* "unlock" and the like, without the colon */
  const MtVerb *verb = mt_verb_find (g_strstrip ((gchar *)step->text), NULL);
  if (verb && verb->args[0].kind == MT_ARG_NONE && !g_str_equal (verb->name, "yield"))
    step->verb = verb;
  else if (verb && !g_str_equal (verb->name, "yield"))
    error_at (m, node, verb->help, "'%s' needs a value: write '%s: ...'", verb->name, verb->name);
  else if (!*step->text)
    error_at (m, node, "write 'pass' for a step that does nothing", "an empty step");
  else
    mt_statement_parse (node, &step->statement, m->diags);
  return step;
}

static GPtrArray *
parse_steps (MtModel *m, const MtNode *node)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func (step_free);
  if (node->kind == MT_NODE_SEQUENCE)
    {
      m->n_steps += node->n;
      if (m->n_steps > MAX_STEPS)
        error_at (m, node, NULL, "the model has more than %d steps with all aliases expanded", MAX_STEPS);
      for (guint i = 0; i < node->n && m->n_steps <= MAX_STEPS; i++)
        g_ptr_array_add (steps, parse_step (m, node->items[i]));
    }
  else if (node->kind == MT_NODE_SCALAR && !*node->text && !node->quoted)
    error_at (m, node, "write [] for an empty body", "steps expected, but there is nothing");
  else if (node->kind == MT_NODE_MAPPING && find_verb (node, &(guint){ 0 }))
    error_at (m, node, "begin it with '-'", "a list of steps expected, not a single step");
  else if (node->kind == MT_NODE_MAPPING)
    error_at (m, node, NULL, "a list of steps expected, not a mapping");
  else
    error_at (m, node, "begin it with '-'", "a list of steps expected, not text");
  return steps;
}

/* The steps of a task or function. */
static GPtrArray *
parse_body (MtModel *m, const MtNode *node)
{
  guint errors = m->diags->n_errors;
  GPtrArray *steps = parse_steps (m, node);
  m->n_local_errors += m->diags->n_errors - errors;
  return steps;
}

/* Declarations. */

static void
decl_free (gpointer data)
{
  MtDecl *decl = data;
  g_free (decl->name);
  g_free (decl);
}

static void
function_free (gpointer data)
{
  MtFunction *f = data;
  g_free (f->name);
  g_ptr_array_unref (f->params);
  g_ptr_array_unref (f->steps);
  g_free (f);
}

static void
task_free (gpointer data)
{
  MtTaskDecl *t = data;
  g_free (t->name);
  g_free (t->run);
  g_clear_pointer (&t->steps, g_ptr_array_unref);
  g_clear_pointer (&t->args, g_ptr_array_unref);
  g_clear_pointer (&t->label, g_array_unref);
  mt_expr_free (t->count);
  g_free (t);
}

static void
property_free (gpointer data)
{
  MtPropertyDecl *p = data;
  g_free (p->name);
  g_free (p->text);
  mt_expr_free (p->expr);
  g_free (p);
}

static void
add_decl (MtModel *m, GPtrArray *to, const MtNode *key, const MtNode *value, const MtPrimitive *primitive, gboolean shared)
{
  if (!check_name (m, key, FALSE))
    return;
  MtDecl *decl = g_new0 (MtDecl, 1);
  decl->name = g_strdup (key->text);
  decl->mark = key->mark;
  decl->node = value;
  decl->primitive = primitive;
  decl->shared = shared;
  g_ptr_array_add (to, decl);
}

/* name: value pairs; for objects also a plain list of names. */
static void
parse_decls (MtModel *m, const MtNode *node, const gchar *section, GPtrArray *to, const MtPrimitive *primitive, gboolean shared)
{
  if (node->kind == MT_NODE_MAPPING)
    for (guint i = 0; i < node->n; i++)
      add_decl (m, to, node->keys[i], node->items[i], primitive, shared);
  else if (node->kind == MT_NODE_SEQUENCE && primitive)
    for (guint i = 0; i < node->n; i++)
      add_decl (m, to, node->items[i], NULL, primitive, shared);
  else
    error_at (m, node, primitive ? "a list of names, or name: {settings}" : "write {name: value}",
              "%s: a mapping expected, not %s", section, mt_node_kind_name (node));
}

static void
parse_function (MtModel *m, const MtNode *key, const MtNode *node)
{
  if (!check_name (m, key, FALSE))
    return;
  MtFunction *f = g_new0 (MtFunction, 1);
  f->name = g_strdup (key->text);
  f->mark = key->mark;
  f->params = g_ptr_array_new_with_free_func (g_free);
  const MtNode *steps = node;
  if (node->kind == MT_NODE_MAPPING)
    {
      steps = mt_node_get (node, "steps");
      for (guint i = 0; i < node->n; i++)
        check_key (m, node->keys[i], "a function", mt_keys_function);
      const MtNode *params = mt_node_get (node, "params");
      if (params && want (m, params, MT_NODE_SEQUENCE, "params"))
        for (guint i = 0; i < params->n; i++)
          {
            if (!check_name (m, params->items[i], FALSE))
              continue;
            for (guint k = 0; k < f->params->len; k++)
              if (g_str_equal (f->params->pdata[k], params->items[i]->text))
                error_at (m, params->items[i], NULL, "parameter '%s' is there twice", params->items[i]->text);
            g_ptr_array_add (f->params, g_strdup (params->items[i]->text));
          }
      if (!steps && !m->names_missing)
        error_at (m, key, NULL, "function '%s' has no steps", key->text);
    }
  f->steps = steps ? parse_body (m, steps) : g_ptr_array_new_with_free_func (step_free);
  g_ptr_array_add (m->functions, f);
}

static void
parse_task (MtModel *m, const MtNode *key, const MtNode *node, MtTaskKind kind)
{
  if (!check_name (m, key, TRUE))
    return;
  MtTaskDecl *t = g_new0 (MtTaskDecl, 1);
  t->name = g_strdup (key->text);
  t->mark = key->mark;
  t->kind = kind;
  g_ptr_array_add (m->tasks, t);
  if (node->kind != MT_NODE_MAPPING)
    {
      t->steps = parse_body (m, node);
      return;
    }
  gboolean odd = FALSE;
  for (guint i = 0; i < node->n; i++)
    {
      const MtNode *k = node->keys[i], *v = node->items[i];
      odd = odd || !mt_key_find (mt_keys_task, k->text);
      if (mt_verb_find (k->text, NULL))
        error_at (m, k, "write the steps as a list, each begun with '-'",
                  "a task's settings expected, not the step '%s'", k->text);
      else if (!check_key (m, k, "a task", mt_keys_task))
        continue;
      else if (g_str_equal (k->text, "steps"))
        t->steps = parse_body (m, v);
      else if (g_str_equal (k->text, "count"))
        t->count = parse_expr (m, v);
      else if (g_str_equal (k->text, "args"))
        {
          if (want (m, v, MT_NODE_SEQUENCE, "args"))
            t->args = parse_exprs (m, v);
        }
      else if (g_str_equal (k->text, "run"))
        {
          t->run = parse_text (m, v, "run");
          t->run_mark = v->mark;
        }
      else if (g_str_equal (k->text, "name"))
        t->label = want (m, v, MT_NODE_SCALAR, "name") ? mt_template_parse (v, m->diags) : NULL;
      else if (g_str_equal (k->text, "daemon"))
        t->daemon = parse_bool (m, v, "daemon");
      else
        g_assert_not_reached ();
    }
  if (t->steps && t->run)
    error_at (m, key, NULL, "task '%s' has both steps and run", t->name);
  else if (!t->steps && !t->run && !odd)
    error_at (m, key, "steps: [...], or run: FUNCTION", "task '%s' has nothing to do", t->name);
  if (t->args && !t->run)
    error_at (m, key, NULL, "task '%s' has args but no function to run", t->name);
}

static void
parse_tasks (MtModel *m, const MtNode *node, const gchar *section, MtTaskKind kind)
{
  if (want (m, node, MT_NODE_MAPPING, section))
    for (guint i = 0; i < node->n; i++)
      parse_task (m, node->keys[i], node->items[i], kind);
}

/* Properties. */

/* The rules are the first rows of mt_keys_properties, in this order. */
#define rule_name(rule) (mt_keys_properties[rule].name)

static void
add_property (MtModel *m, MtPropertyKind kind, const gchar *name, const MtNode *node)
{
  MtExpr *expr = mt_expr_from_node (node, m->diags);
  if (!expr)
    return;
  MtPropertyDecl *p = g_new0 (MtPropertyDecl, 1);
  p->kind = kind;
  p->name = g_strdup (name);
  p->text = node->kind == MT_NODE_SCALAR ? g_strstrip (one_line (node->text)) : mt_expr_to_text (expr);
  p->expr = expr;
  g_ptr_array_add (m->properties, p);
}

/* One expression, a list of them, or name: expression. */
static void
parse_property (MtModel *m, MtPropertyKind kind, const MtNode *node)
{
  for (guint i = 0; i < node->n; i++)
    add_property (m, kind, node->kind == MT_NODE_MAPPING ? node->keys[i]->text : NULL, node->items[i]);
  if (node->kind == MT_NODE_SCALAR)
    add_property (m, kind, NULL, node);
}

static void
parse_rule (MtModel *m, MtRule rule, const MtNode *node)
{
  if (!want (m, node, MT_NODE_SCALAR, rule_name (rule)))
    return;
  for (guint i = 0; mt_level_words[i]; i++)
    if (g_str_equal (node->text, mt_level_words[i]))
      {
        m->rules[rule] = (MtVerdictLevel)i;
        if ((rule == MT_RULE_STARVATION || rule == MT_RULE_LIVELOCK) && m->rules[rule] != MT_ALLOWED)
          error_at (m, node, "leave it out: what waits for ever in a circle is found as a deadlock", "%s is a liveness property: this version checks safety only",
                    rule_name (rule));
        return;
      }
  g_autofree gchar *hint = mt_did_you_mean (node->text, mt_level_words);
  error_at (m, node, hint, "%s: forbidden, reported or allowed expected", rule_name (rule));
}

static void
parse_properties (MtModel *m, const MtNode *node)
{
  static const struct { const gchar *key; MtPropertyKind kind; } kinds[] = {
    { "invariants", MT_PROPERTY_INVARIANT },
    { "finally", MT_PROPERTY_FINALLY },
    { "reachable", MT_PROPERTY_REACHABLE },
  };
  static const gchar *const liveness[] = { "eventually", "leads_to", "always_eventually", "ltl", "fairness", NULL };
  if (!want (m, node, MT_NODE_MAPPING, "properties"))
    return;
  for (guint i = 0; i < node->n; i++)
    {
      const MtNode *key = node->keys[i], *value = node->items[i];
      gboolean found = FALSE;
      for (guint k = 0; k < G_N_ELEMENTS (kinds) && !found; k++)
        if ((found = g_str_equal (key->text, kinds[k].key)))
          parse_property (m, kinds[k].kind, value);
      for (guint k = 0; k < MT_N_RULES && !found; k++)
        if ((found = g_str_equal (key->text, rule_name (k))))
          parse_rule (m, (MtRule)k, value);
      if (!found && g_strv_contains (liveness, key->text))
        error_at (m, key, "state what must never happen as an invariant, and what must hold at the end under finally",
                  "'%s' is a liveness property: this version checks safety only", key->text);
      else if (!found)
        check_key (m, key, "properties", mt_keys_properties);
    }
}

static void
add_expected (MtModel *m, const MtNode *node)
{
  if (!want (m, node, MT_NODE_SCALAR, "expect"))
    return;
  if (!g_strv_contains (mt_verdict_words, node->text))
    {
      g_autofree gchar *hint = mt_did_you_mean (node->text, mt_verdict_words);
      g_autofree gchar *all = g_strjoinv (", ", (gchar **)mt_verdict_words);
      g_autofree gchar *list = g_strdup_printf ("one of %s", all);
      error_at (m, node, hint ? hint : list, "expect: '%s' is no verdict", node->text);
      return;
    }
  g_ptr_array_add (m->expect.verdicts, g_strdup (node->text));
}

/* pass | deadlock | [lost_update, data_race] | {verdict: .., params: {n: 3}, outcomes: [..]}. */
static void
parse_expect (MtModel *m, const MtNode *node)
{
  m->expect.given = TRUE;
  m->expect.mark = node->mark;
  if (node->kind == MT_NODE_MAPPING)
    {
      for (guint i = 0; i < node->n; i++)
        if (g_str_equal (node->keys[i]->text, "outcomes"))
          m->expect.outcomes = want (m, node->items[i], MT_NODE_SEQUENCE, "outcomes") ? node->items[i] : NULL;
        else if (g_str_equal (node->keys[i]->text, "params"))
          m->expect.params = want (m, node->items[i], MT_NODE_MAPPING, "params") ? node->items[i] : NULL;
        else
          check_key (m, node->keys[i], "expect", mt_keys_expect);
      node = mt_node_get (node, "verdict");
      if (!node)
        {
          g_ptr_array_add (m->expect.verdicts, g_strdup ("pass"));
          return;
        }
    }
  if (node->kind == MT_NODE_SEQUENCE)
    for (guint i = 0; i < node->n; i++)
      add_expected (m, node->items[i]);
  else
    add_expected (m, node);
}

/* The top level. */

static void
parse_observe (MtModel *m, const MtNode *node)
{
  g_ptr_array_unref (m->observe);
  m->observe = parse_exprs (m, node);
}

static const gchar **
top_keys (void)
{
  GPtrArray *keys = g_ptr_array_new ();
  for (const MtKey *key = mt_keys_model; key->name; key++)
    g_ptr_array_add (keys, (gpointer)key->name);
  for (guint i = 0; mt_primitives[i]; i++)
    if (mt_primitives[i]->section)
      g_ptr_array_add (keys, (gpointer)mt_primitives[i]->section);
  g_ptr_array_add (keys, NULL);
  return (const gchar **)g_ptr_array_free (keys, FALSE);
}

static gchar **
text_of (MtModel *m, const gchar *key)
{
  return g_str_equal (key, "title") ? &m->title : g_str_equal (key, "description") ? &m->description : &m->source;
}

/* Sections that declare names: an error in one may leave a name unknown. */
static void
parse_section (MtModel *m, const MtKey *key, const MtNode *value)
{
  const gchar *name = key->name;
  if (key->value == MT_VALUE_PARAMS)
    parse_decls (m, value, name, m->params, NULL, FALSE);
  else if (key->value == MT_VALUE_VARIABLES)
    parse_decls (m, value, name, m->variables, NULL, g_str_equal (name, "shared"));
  else if (key->value == MT_VALUE_FUNCTIONS)
    {
      if (want (m, value, MT_NODE_MAPPING, name))
        for (guint i = 0; i < value->n; i++)
          parse_function (m, value->keys[i], value->items[i]);
    }
  else
    parse_tasks (m, value, name, g_str_equal (name, "threads") ? MT_TASK_THREAD : g_str_equal (name, "processes") ? MT_TASK_PROCESS : MT_TASK_COROUTINE);
}

static void
parse_top (MtModel *m, const MtNode *key, const MtNode *value)
{
  const gchar *name = key->text;
  guint errors = m->diags->n_errors;
  const MtPrimitive *primitive = mt_primitive_by_section (name);
  const MtKey *row = mt_key_find (mt_keys_model, name);
  gboolean declares = FALSE;
  if (primitive)
    parse_decls (m, value, name, m->objects, primitive, FALSE);
  else if (!row)
    {
      g_autofree const gchar **known = top_keys ();
      unknown_key (m, key, "a model", known);
    }
  else if (row->value == MT_VALUE_TEXT)
    *text_of (m, name) = parse_text (m, value, name);
  else if (row->value == MT_VALUE_PROPERTIES)
    parse_properties (m, value);
  else if (row->value == MT_VALUE_EXPRS)
    parse_observe (m, value);
  else if (row->value == MT_VALUE_EXPECT)
    parse_expect (m, value);
  else
    {
      declares = TRUE;
      parse_section (m, row, value);
    }
  if (row && !declares)
    m->n_local_errors += m->diags->n_errors - errors;
}

/* All names share one space: a task, a lock and a variable can't be called the same. */
static void
check_unique (MtModel *m)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *const lists[] = { m->params, m->variables, m->objects, m->functions, m->tasks };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i]->len; k++)
      {
        /* every declaration begins with its name and mark */
        const MtDecl *decl = lists[i]->pdata[k];
        const MtMark *first = g_hash_table_lookup (seen, decl->name);
        if (first)
          mt_diags_add (m->diags, MT_SEVERITY_ERROR, decl->mark, (guint)g_utf8_strlen (decl->name, -1), NULL,
                        "'%s' is declared already, at line %d", decl->name, first->line);
        else
          g_hash_table_insert (seen, decl->name, (gpointer)&decl->mark);
      }
}

MtModel *
mt_model_new (const gchar *name, const gchar *text, gsize length)
{
  MtModel *m = g_new0 (MtModel, 1);
  m->diags = mt_diags_new (name, text);
  m->digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)text, length);
  m->params = g_ptr_array_new_with_free_func (decl_free);
  m->variables = g_ptr_array_new_with_free_func (decl_free);
  m->objects = g_ptr_array_new_with_free_func (decl_free);
  m->functions = g_ptr_array_new_with_free_func (function_free);
  m->tasks = g_ptr_array_new_with_free_func (task_free);
  m->properties = g_ptr_array_new_with_free_func (property_free);
  m->observe = g_ptr_array_new_with_free_func ((GDestroyNotify)mt_expr_free);
  m->expect.verdicts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < MT_N_RULES; i++)
    m->rules[i] = MT_FORBIDDEN;
  m->rules[MT_RULE_DATA_RACE] = MT_REPORTED;
  m->rules[MT_RULE_STARVATION] = m->rules[MT_RULE_LIVELOCK] = MT_ALLOWED;
  m->tree = mt_tree_load (text, length, m->diags);
  const MtNode *root = m->tree ? mt_tree_root (m->tree) : NULL;
  if (root && root->kind == MT_NODE_MAPPING)
    {
      for (guint i = 0; i < root->n; i++)
        parse_top (m, root->keys[i], root->items[i]);
      check_unique (m);
      if (m->tasks->len == 0 && m->diags->n_errors == 0)
        error_at (m, root, "declare threads, processes or coroutines", "the model has no tasks");
    }
  else if (root)
    error_at (m, root, "a model is a YAML mapping: title, globals, threads, ...", "a mapping expected, not %s",
              mt_node_kind_name (root));
  return m;
}

MtModel *
mt_model_parse (const gchar *name, const gchar *text, gsize length, GError **error)
{
  g_autoptr (MtModel) m = mt_model_new (name, text, length);
  if (m->diags->n_errors == 0)
    return g_steal_pointer (&m);
  /* Names and types are checked too, so that one round shows all; not where a name is missing because of an error. */
  if (m->diags->n_errors == m->n_local_errors && !m->names_missing)
    {
      const MtCompileOptions options = { 0 };
      mt_program_unref (mt_compile (m, &options, NULL));
    }
  g_propagate_error (error, mt_diags_to_error (m->diags));
  return NULL;
}

MtModel *
mt_model_load (const gchar *path, GError **error)
{
  gsize length = 0;
  g_autofree gchar *text = mt_read_file (path, MT_LOAD_MAX_BYTES, &length, error);
  if (!text)
    return NULL;
  return mt_model_parse (g_str_equal (path, "-") ? "<stdin>" : path, text, length, error);
}

void
mt_model_free (MtModel *m)
{
  if (!m)
    return;
  g_clear_pointer (&m->tree, mt_tree_free);
  mt_diags_free (m->diags);
  g_free (m->digest);
  g_free (m->title);
  g_free (m->description);
  g_free (m->source);
  g_ptr_array_unref (m->params);
  g_ptr_array_unref (m->variables);
  g_ptr_array_unref (m->objects);
  g_ptr_array_unref (m->functions);
  g_ptr_array_unref (m->tasks);
  g_ptr_array_unref (m->properties);
  g_ptr_array_unref (m->observe);
  g_ptr_array_unref (m->expect.verdicts);
  g_free (m);
}

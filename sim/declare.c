/* Declarations of params, variables and objects: constant values and settings become rows. Where
 * they stand in a state is layout.c's business. */
#include "sim/compiler_private.h"
#include "sim/keys.h"

#define MAX_OBJECTS 10000
#define MAX_LIST 10000 /* a whole list must fit into a frame */

static gboolean
constant_node (MtCompiler *c, const MtNode *node, const gchar *what, Constant *out)
{
  *out = (Constant){ MT_TYPE_INT, 0 };
  if (node->kind == MT_NODE_SCALAR && node->quoted)
    {
      *out = (Constant){ MT_TYPE_STRING, mt_intern (c, node->text) };
      return TRUE;
    }
  if (node->kind == MT_NODE_SCALAR && !*node->text)
    {
      mt_compile_error (c, node->mark, 1, NULL, "%s has no value", what);
      return FALSE;
    }
  if (node->kind == MT_NODE_SEQUENCE)
    {
      mt_compile_error (c, node->mark, 1, NULL, "%s: a list can't stand here", what);
      return FALSE;
    }
  g_autoptr (MtExpr) e = mt_expr_from_node (node, c->model->diags);
  if (!e)
    return FALSE;
  c->overflow = NULL;
  if (mt_constant (c, e, out))
    return TRUE;
  if (c->overflow)
    mt_compile_error (c, e->mark, e->width, NULL, "%s: %s", what, c->overflow);
  else
    mt_compile_error (c, e->mark, e->width, e->kind == MT_EXPR_NAME ? "a text needs quotes" : "use numbers, texts in quotes, true, false and params",
                    "%s: a constant expected", what);
  return FALSE;
}

/* Whether @node says yes, or with @yes FALSE no, as YAML has it. */
static gboolean
says (const MtNode *node, gboolean yes)
{
  static const gchar *const words[2][4] = { { "false", "False", "no" }, { "true", "True", "yes" } };
  return node->kind == MT_NODE_SCALAR && g_strv_contains (words[yes ? 1 : 0], node->text);
}

static gboolean
bool_setting (MtCompiler *c, const MtNode *node, const gchar *what)
{
  gboolean yes = says (node, TRUE);
  if (!yes && !says (node, FALSE))
    mt_compile_error (c, node->mark, node->width, NULL, "%s: true or false expected", what);
  return yes;
}

/* An integer setting of a mapping, with params. */
static gboolean
int_setting (MtCompiler *c, const MtNode *node, const gchar *what, const gchar *hint, gint32 min, gint32 max, gint32 *out)
{
  *out = min;
  if (node->kind == MT_NODE_SCALAR && node->quoted)
    {
      mt_compile_error (c, node->mark, node->width, "take the quotes away", "%s: a whole number expected", what);
      return FALSE;
    }
  g_autoptr (MtExpr) e = mt_expr_from_node (node, c->model->diags);
  return e && mt_constant_int (c, e, what, hint, min, max, out);
}

/* Params. */

static gboolean
parse_override (const gchar *text, MtTypeKind kind, MtCompiler *c, MtWord *out)
{
  if (kind == MT_TYPE_STRING)
    {
      *out = mt_intern (c, text);
      return TRUE;
    }
  if (kind == MT_TYPE_BOOL)
    {
      *out = g_str_equal (text, "true") || g_str_equal (text, "True") || g_str_equal (text, "1");
      return *out || g_str_equal (text, "false") || g_str_equal (text, "False") || g_str_equal (text, "0");
    }
  gchar *end;
  gint64 value = g_ascii_strtoll (text, &end, 10);
  if (kind == MT_TYPE_TIME)
    {
      g_autoptr (MtDiags) diags = mt_diags_new ("-p", NULL);
      g_autoptr (MtExpr) e = mt_expr_parse (text, (MtMark){ 0, 0 }, TRUE, diags);
      if (!e || (e->kind != MT_EXPR_TIME && e->kind != MT_EXPR_INT))
        return FALSE;
      *out = e->kind == MT_EXPR_TIME ? e->value : e->value * 1000;
      return e->value >= 0 && (e->kind == MT_EXPR_TIME || e->value <= G_MAXINT32 / 1000);
    }
  *out = (MtWord)value;
  return *text && !*end && value >= G_MININT32 && value <= G_MAXINT32;
}

void
mt_declare_params (MtCompiler *c)
{
  static const gchar *const kinds[] = { "a whole number", "true or false", "a text", "a time in seconds" };
  for (guint i = 0; i < c->model->params->len; i++)
    {
      const MtDecl *d = c->model->params->pdata[i];
      Constant value;
      g_autofree gchar *what = g_strdup_printf ("param '%s'", d->name);
      constant_node (c, d->node, what, &value);
      for (guint k = 0; k < c->options->n_overrides; k++)
        {
          const MtOverride *o = &c->options->overrides[k];
          if (g_str_equal (o->name, d->name) && !parse_override (o->value, value.kind, c, &value.value))
            mt_compile_error (c, d->mark, mt_name_width (d->name), NULL, "-p %s=%s: %s expected", o->name, o->value, kinds[value.kind]);
        }
      MtParam row = { mt_keep_text (c, d->name), { value.kind, 0, 0 }, value.value };
      g_array_append_val (c->params, row);
    }
  for (guint k = 0; k < c->options->n_overrides; k++)
    {
      const gchar *name = c->options->overrides[k].name;
      gboolean found = FALSE;
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      for (guint i = 0; i < c->params->len; i++)
        {
          g_ptr_array_add (names, (gpointer)g_array_index (c->params, MtParam, i).name);
          found = found || g_str_equal (g_array_index (c->params, MtParam, i).name, name);
        }
      g_autofree gchar *hint = mt_near_name (name, names);
      if (!found)
        mt_compile_error (c, (MtMark){ 0, 0 }, 1, hint, "-p %s: the model has no such param", name);
    }
}

/* Variables. */

static void
append_word (VarPlan *plan, MtWord word)
{
  g_array_append_val (plan->initial, word);
}

/* nums: [11, 22] | {list: [..], capacity: 40} | {fill: 0, size: n}. */
static void
plan_list (MtCompiler *c, VarPlan *plan, const MtNode *items, gint32 capacity, const MtNode *fill, gint32 size)
{
  MtTypeVar *type = mt_type_new (c, MT_TYPE_LIST);
  type->element = mt_type_unknown (c);
  guint n = items ? items->n : (guint)size;
  if (items && n > MAX_LIST)
    {
      mt_compile_error (c, items->mark, 1, NULL, "a list may hold %d items", MAX_LIST);
      n = 0;
    }
  type->capacity = items ? (capacity ? (guint)capacity : MAX (DEFAULT_CAPACITY, 2 * n)) : n;
  if (items && capacity && n > type->capacity)
    mt_compile_error (c, items->mark, 1, NULL, "%u items in a list of capacity %d", n, capacity);
  plan->type = type;
  plan->fixed = !items;
  if (!plan->fixed)
    append_word (plan, (MtWord)n);
  Constant value = { MT_TYPE_INT, 0 };
  if (fill)
    constant_node (c, fill, "fill", &value);
  for (guint i = 0; i < n; i++)
    {
      if (items && !constant_node (c, items->items[i], "an item of the list", &value))
        continue;
      mt_unify (c, type->element, mt_type_new (c, value.kind), items ? items->items[i]->mark : plan->decl->mark, items ? items->items[i]->width : 1, "the list's first item");
      append_word (plan, value.value);
    }
  plan->words = type->capacity + (plan->fixed ? 0 : 1);
  while (plan->initial->len < plan->words)
    append_word (plan, 0);
  g_array_set_size (plan->initial, plan->words);
}

static void
plan_mapping (MtCompiler *c, VarPlan *plan, const MtNode *node, MtVar *flags)
{
  const MtNode *value = NULL, *list = NULL, *fill = NULL, *size_node = NULL;
  gint32 capacity = 0, size = 0;
  for (guint i = 0; i < node->n; i++)
    {
      const gchar *key = node->keys[i]->text;
      const MtNode *v = node->items[i];
      if (g_str_equal (key, "value"))
        value = v;
      else if (g_str_equal (key, "list"))
        list = v;
      else if (g_str_equal (key, "capacity"))
        int_setting (c, v, "capacity", NULL, 1, MAX_LIST, &capacity);
      else if (g_str_equal (key, "fill"))
        fill = v;
      else if (g_str_equal (key, "size"))
        {
          size_node = v;
          int_setting (c, v, "size", NULL, 1, MAX_LIST, &size);
        }
      else if (g_str_equal (key, "atomic"))
        flags->atomic = bool_setting (c, v, "atomic");
      else if (g_str_equal (key, "relaxed"))
        flags->relaxed = bool_setting (c, v, "relaxed");
      else
        {
          g_autofree const gchar **known = mt_key_names (mt_keys_variable);
          g_autofree gchar *hint = mt_did_you_mean (key, known);
          mt_compile_error (c, node->keys[i]->mark, node->keys[i]->width, hint, "unknown key '%s' in a variable", key);
        }
    }
  if (list && list->kind == MT_NODE_SEQUENCE)
    plan_list (c, plan, list, capacity, NULL, 0);
  else if (value && value->kind == MT_NODE_SEQUENCE)
    plan_list (c, plan, value, capacity, NULL, 0);
  else if (size_node)
    plan_list (c, plan, NULL, 0, fill, size);
  else if (value)
    {
      Constant k;
      constant_node (c, value, plan->decl->name, &k);
      plan->type = mt_type_new (c, k.kind);
      append_word (plan, k.value);
    }
  else
    mt_compile_error (c, node->mark, 1, "{value: 0}, {list: [..], capacity: n} or {fill: 0, size: n}", "variable '%s' has no value", plan->decl->name);
}

static void
plan_variable (MtCompiler *c, const MtDecl *d)
{
  VarPlan plan = { .decl = d, .words = 1, .initial = g_array_new (FALSE, FALSE, sizeof (MtWord)) };
  MtVar flags = { 0 };
  plan.type = mt_type_new (c, MT_TYPE_INT);
  if (d->node->kind == MT_NODE_MAPPING)
    plan_mapping (c, &plan, d->node, &flags);
  else if (d->node->kind == MT_NODE_SEQUENCE)
    plan_list (c, &plan, d->node, 0, NULL, 0);
  else
    {
      Constant k;
      g_autofree gchar *what = g_strdup_printf ("variable '%s'", d->name);
      constant_node (c, d->node, what, &k);
      plan.type = mt_type_new (c, k.kind);
      append_word (&plan, k.value);
    }
  while (plan.initial->len < plan.words)
    append_word (&plan, 0);
  c->n_words += plan.words;
  MtVar row = { .name = mt_keep_text (c, d->name), .mark = d->mark, .fixed = plan.fixed, .shared = d->shared, .atomic = flags.atomic, .relaxed = flags.relaxed, .watch = -1 };
  row.n_words = plan.words;
  g_array_append_val (c->plans, plan);
  g_array_append_val (c->vars, row); /* copies for processes are added by mt_layout_variables() */
}

void
mt_declare_variables (MtCompiler *c)
{
  for (guint shared = 0; shared < 2; shared++)
    for (guint i = 0; i < c->model->variables->len; i++)
      {
        const MtDecl *d = c->model->variables->pdata[i];
        if (d->shared != (shared == 0) || c->n_words > MAX_WORDS) /* mt_layout_variables() says so */
          continue;
        plan_variable (c, d);
        *(shared == 0 ? &c->n_shared : &c->n_globals) += 1;
      }
}

/* Objects. */

static void
set_setting (MtCompiler *c, const MtDecl *d, const MtSettingSpec *spec, const MtNode *node, MtObject *row, guint k)
{
  g_autofree gchar *what = g_strdup_printf ("%s of '%s'", spec->name, d->name);
  if (spec->kind == MT_SETTING_INT)
    int_setting (c, node, what, spec->help, spec->min, spec->max, &row->setting[k]);
  else if (spec->kind == MT_SETTING_BOOL)
    row->setting[k] = bool_setting (c, node, what);
  else if (spec->kind == MT_SETTING_LINES)
    {
      if (node->kind != MT_NODE_SEQUENCE)
        {
          mt_compile_error (c, node->mark, node->width, NULL, "%s: a list expected", what);
          return;
        }
      MtWord *data = mt_keep (c, g_new0 (MtWord, node->n + 1));
      for (guint i = 0; i < node->n; i++)
        {
          Constant value;
          const MtNode *item = node->items[i];
          if (item->kind == MT_NODE_SCALAR) /* a line is text, quoted or not */
            value = (Constant){ MT_TYPE_STRING, mt_intern (c, item->text) };
          else
            constant_node (c, item, what, &value);
          data[i] = value.value;
        }
      row->data = data;
      row->n_data = node->n;
    }
  else
    {
      g_autoptr (MtExpr) e = mt_expr_from_node (node, c->model->diags);
      MtOperand index;
      if (e && mt_resolve_object (c, e, mt_primitive_by_section (spec->of), &row->setting[k], &index) && index.slot >= 0)
        mt_compile_error (c, e->mark, e->width, "use numbers and params here", "%s: a constant index expected", what);
    }
}

/* What @node, which is no mapping, may have been meant to be: "write {value: 3}"; caller frees. */
static gchar *
meant_setting (const MtSettingSpec *specs, const MtNode *node)
{
  const gchar *text = node->kind == MT_NODE_SCALAR ? node->text : "";
  for (const MtSettingSpec *spec = specs; spec && spec->name; spec++)
    {
      gboolean fits = spec->kind == MT_SETTING_INT    ? g_ascii_isdigit (*text)
                      : spec->kind == MT_SETTING_BOOL ? says (node, TRUE) || says (node, FALSE)
                                                      : spec->kind == MT_SETTING_OBJECT && g_ascii_isalpha (*text);
      if (spec->kind == MT_SETTING_LINES)
        return g_strconcat ("write ", spec->help, NULL);
      if (fits)
        return g_strdup_printf ("write {%s: %s}", spec->name, text);
      if (spec->required)
        return g_strdup_printf ("write {%s: ..}", spec->name);
    }
  return g_strdup ("write {} for the usual ones");
}

static void
parse_settings (MtCompiler *c, const MtDecl *d, MtObject *row, gint32 *size)
{
  const MtSettingSpec *specs = d->primitive->settings;
  guint n = 0;
  for (; specs && specs[n].name; n++)
    row->setting[n] = specs[n].fallback;
  const MtNode *node = d->node;
  if (node && node->kind == MT_NODE_SCALAR && !*node->text)
    node = NULL;
  if (node && node->kind == MT_NODE_SEQUENCE && n && specs[0].kind == MT_SETTING_LINES)
    {
      set_setting (c, d, &specs[0], node, row, 0);
      node = NULL;
    }
  else if (node && node->kind != MT_NODE_MAPPING)
    {
      g_autofree gchar *hint = meant_setting (specs, node);
      mt_compile_error (c, node->mark, node->width, hint, "%s '%s': a mapping of settings expected", mt_bare_noun (d->primitive->noun), d->name);
      return;
    }
  for (guint i = 0; node && i < node->n; i++)
    {
      const gchar *key = node->keys[i]->text;
      guint k = 0;
      while (k < n && !g_str_equal (specs[k].name, key))
        k++;
      if (g_str_equal (key, "size"))
        int_setting (c, node->items[i], "size", NULL, 1, 1000, size);
      else if (k < n)
        set_setting (c, d, &specs[k], node->items[i], row, k);
      else
        {
          g_autoptr (GPtrArray) known = g_ptr_array_new ();
          for (guint j = 0; j < n; j++)
            g_ptr_array_add (known, (gpointer)specs[j].name);
          g_ptr_array_add (known, (gpointer) "size");
          g_autofree gchar *near = mt_near_name (key, known);
          g_autofree gchar *list = g_strjoinv (", ", (gchar **)known->pdata);
          g_autofree gchar *all = g_strdup_printf ("known here: %s", list);
          mt_compile_error (c, node->keys[i]->mark, node->keys[i]->width, near ? near : all, "unknown setting '%s' of %s", key, d->primitive->noun);
        }
    }
  for (guint k = 0; k < n; k++)
    if (specs[k].required && !(node && mt_node_get (node, specs[k].name)) && !(specs[k].kind == MT_SETTING_LINES && row->data))
      mt_compile_error (c, d->mark, mt_name_width (d->name), specs[k].help, "%s '%s' needs '%s'", mt_bare_noun (d->primitive->noun), d->name, specs[k].name);
}

/* Whether a setting names another object, which must be declared first. */
static gboolean
depends (const MtPrimitive *primitive)
{
  for (const MtSettingSpec *spec = primitive->settings; spec && spec->name; spec++)
    if (spec->kind == MT_SETTING_OBJECT)
      return TRUE;
  return FALSE;
}

static void
declare_objects (MtCompiler *c, gboolean dependent)
{
  for (guint i = 0; i < c->model->objects->len; i++)
    {
      const MtDecl *d = c->model->objects->pdata[i];
      if (depends (d->primitive) != dependent)
        continue;
      MtObject row = { .group = mt_keep_text (c, d->name), .mark = d->mark, .primitive = d->primitive, .first = c->objects->len };
      gint32 size = 0;
      parse_settings (c, d, &row, &size);
      row.count = MAX (size, 1);
      if (c->objects->len + row.count > MAX_OBJECTS)
        {
          mt_compile_error (c, d->mark, 1, NULL, "more than %d shared objects", MAX_OBJECTS);
          return;
        }
      for (row.index = 0; row.index < row.count; row.index++)
        {
          row.name = size ? mt_keep (c, g_strdup_printf ("%s[%u]", d->name, row.index)) : row.group;
          row.self = mt_intern (c, row.name);
          g_array_append_val (c->objects, row);
          ItemPlan item = { .types = g_ptr_array_new () };
          g_array_append_val (c->items, item);
        }
    }
}

void
mt_declare_objects (MtCompiler *c)
{
  declare_objects (c, FALSE);
  declare_objects (c, TRUE);
}

/* states: every state and every step between them. Where they are too many to be seen, states that
 * look the same from farther away are one box: first those with equal values, then those with as many
 * tasks ready, blocked, ... (a quotient: what is drawn can happen, though not always from every state). */
#include "viz/kind.h"
#include <string.h>

#define MANY 200 /* boxes */
#define MANY_GROUPS 40 /* that are joined by more arrows than states are */
#define LONG_LABEL 12 /* bytes of an arrow's label that takes no more names */
#define ELLIPSIS "\342\200\246"
#define WIDEST 560.0

typedef struct _Grouping Grouping;

typedef struct
{
  const MtKindInput *input;
  const Grouping *grouping;
  const MtProgram *program;
  GArray *cells; /* MtViewCell */
  MtPicture *picture;
  GArray *box_of; /* guint: of each state; MANY and more: not drawn */
  GArray *flags, *sizes; /* guint: of each box */
  GArray *texts; /* gchar* */
} States;

static const MtWord *
state (const States *d, guint i)
{
  return &g_array_index (d->input->graph->words, MtWord, (gsize)i * d->program->n_words);
}

/* How a state is told: by all, by its values, by how many tasks stand how. */

static gchar *
values_of (const States *d, const MtWord *s)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint k = 0; k < d->cells->len; k++)
    {
      const MtViewCell *cell = &g_array_index (d->cells, MtViewCell, k);
      g_string_append_printf (out, "%s%s=", k ? " " : "", cell->name);
      mt_view_cell_print (d->program, cell, s, out);
    }
  return g_strdup (out->str);
}

static gchar *
all_of (const States *d, const MtWord *s)
{
  const MtProgram *p = d->program;
  g_autofree gchar *values = values_of (d, s);
  g_autoptr (GString) out = g_string_new (values);
  for (guint t = 0; t < p->n_tasks; t++)
    {
      static const gchar *const rests[] = { "not started", "ended", "failed", "killed" };
      guint pc = (guint)s[p->tasks[t].base];
      g_string_append_printf (out, "%s%s: ", out->len ? "\n" : "", p->tasks[t].name);
      g_autofree gchar *access = mt_view_access (p, pc);
      if (pc < MT_N_RESTS)
        g_string_append (out, rests[pc]);
      else
        g_string_append_printf (out, "line %d%s%s", p->sites[p->code[pc].site].mark.line, access ? ", " : "", access ? access : "");
    }
  return g_strdup (out->str);
}

static gchar *
counts_of (const States *d, const MtWord *s)
{
  guint counts[MT_N_LANE_STATES] = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint t = 0; t < d->program->n_tasks; t++)
    counts[mt_lane_state (d->program, s, t)]++;
  for (guint i = 0; i < MT_N_LANE_STATES; i++)
    if (counts[i])
      g_string_append_printf (out, "%s%u %s", out->len ? ", " : "", counts[i], mt_lane_state_name ((MtLaneState)i));
  return g_strdup (out->str);
}

struct _Grouping
{
  guint many; /* boxes, above which the next is tried */
  gboolean single; /* a box for each state, even where two of them look the same */
  gboolean counts; /* tasks are not told apart */
  gchar *(*text) (const States *d, const MtWord *s);
  const gchar *note;
};

static const Grouping groupings[] = {
  { MANY, TRUE, FALSE, all_of, "" },
  { MANY_GROUPS, FALSE, FALSE, values_of, "; those with equal values are drawn as one" },
  { G_MAXUINT, FALSE, TRUE, counts_of, "; those with as many tasks ready, blocked, ... are drawn as one" },
};

static void
add_cells (States *d)
{
  const MtProgram *p = d->program;
  for (guint i = 0; i < p->n_vars + p->n_objects; i++)
    {
      gboolean var = i < p->n_vars;
      MtViewCell cell = { .var = var ? (gint)i : -1, .object = var ? -1 : (gint)(i - p->n_vars) };
      cell.name = mt_view_clean (var ? p->vars[i].name : p->objects[i - p->n_vars].name);
      g_array_append_val (d->cells, cell);
    }
}

/* Each line cleaned and fitted. Caller frees. */
static gchar *
clean_lines (const gchar *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_autofree gchar *line = lines[i], *clean = mt_view_clean (line);
      lines[i] = mt_text_fit (clean, 16, FALSE, WIDEST);
    }
  return g_strjoinv ("\n", lines);
}

/* States that share a text share a box. FALSE: there are too many of them. */
static gboolean
group (States *d, const Grouping *grouping)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GArray *const arrays[] = { d->box_of, d->flags, d->sizes, d->texts };
  guint n = d->input->graph->flags->len;
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_set_size (arrays[i], 0);
  d->grouping = grouping;
  if ((grouping->single && n > grouping->many) || (grouping->text == values_of && d->cells->len == 0))
    return FALSE;
  for (guint i = 0; i < n && d->texts->len <= grouping->many; i++)
    {
      g_autofree gchar *whole = grouping->text (d, state (d, i)), *text = clean_lines (whole);
      g_autofree gchar *key = grouping->single ? g_strdup_printf ("%u", i) : g_strdup (whole);
      guint box = GPOINTER_TO_UINT (g_hash_table_lookup (known, key)), one = 1, flags = g_array_index (d->input->graph->flags, guint, i);
      if (box)
        {
          g_array_index (d->flags, guint, box - 1) |= flags;
          g_array_index (d->sizes, guint, box - 1)++;
        }
      else
        {
          gchar *kept = g_steal_pointer (&text);
          g_array_append_val (d->texts, kept);
          g_array_append_val (d->flags, flags);
          g_array_append_val (d->sizes, one);
          box = d->texts->len;
          g_hash_table_insert (known, g_steal_pointer (&key), GUINT_TO_POINTER (box));
        }
      box--;
      g_array_append_val (d->box_of, box);
    }
  return d->texts->len <= grouping->many;
}

static void
add_boxes (States *d)
{
  for (guint i = 0; i < d->texts->len; i++)
    {
      guint flags = g_array_index (d->flags, guint, i), size = g_array_index (d->sizes, guint, i);
      g_autofree gchar *id = g_strdup_printf ("state-%u", i);
      g_autofree gchar *text = size == 1 ? g_strdup (g_array_index (d->texts, gchar *, i)) : g_strdup_printf ("%s\n%u states", g_array_index (d->texts, gchar *, i), size);
      gdouble width = 0;
      guint lines = 0;
      g_auto (GStrv) split = g_strsplit (text, "\n", -1);
      for (; split[lines]; lines++)
        width = MAX (width, mt_text_width (split[lines], 16, FALSE));
      MtBox *box = mt_picture_box (d->picture, id, text, 0, 0, width + 28, 16 + 20 * lines);
      box->size = 16;
      box->style = MT_STYLE_ROUND;
      box->fill = flags & MT_NODE_VIOLATION ? MT_INK_VERMILLION : flags & MT_NODE_INITIAL ? MT_INK_SKY : flags & MT_NODE_ENDED ? MT_INK_GREEN : MT_INK_PAPER;
      box->ink = box->fill == MT_INK_PAPER || box->fill == MT_INK_SKY ? MT_INK_TEXT : MT_INK_PAPER;
      box->ink = d->picture->dark && box->fill == MT_INK_SKY ? MT_INK_PAPER : box->ink;
      box->line = flags & MT_NODE_ON_PATH ? MT_INK_VERMILLION : MT_INK_FAINT;
      box->pen = flags & (MT_NODE_ON_PATH | MT_NODE_INITIAL) ? 3 : 1.5;
    }
}

/* Of several steps between two boxes one arrow is drawn, with the names of who makes them: where tasks
 * are only counted, with none. @known: the steps "from-to-task" and, as "from-to", their arrow + 1. */
static void
add_edge (States *d, const MtEdge *edge, GHashTable *known)
{
  static const MtInk inks[] = { MT_INK_BLUE, MT_INK_PURPLE, MT_INK_GREEN, MT_INK_ORANGE };
  guint from = g_array_index (d->box_of, guint, edge->from), to = g_array_index (d->box_of, guint, edge->to);
  gboolean clock = edge->choice.task == MT_CLOCK;
  g_autofree gchar *pair = g_strdup_printf ("%u-%u", from, to), *key = g_strdup_printf ("%u-%u-%u", from, to, edge->choice.task);
  g_autofree gchar *name = mt_view_clean (clock ? "time" : d->program->tasks[edge->choice.task].name);
  guint number = d->grouping->single ? 0 : GPOINTER_TO_UINT (g_hash_table_lookup (known, pair));
  if (!d->grouping->single && (from == to || !g_hash_table_add (known, g_steal_pointer (&key))))
    return;
  if (number == 0)
    {
      MtArrow *arrow = mt_picture_arrow (d->picture, from, to, d->grouping->counts ? NULL : name);
      arrow->ink = edge->on_path ? MT_INK_VERMILLION : clock || d->grouping->counts ? MT_INK_FAINT : inks[edge->choice.task % G_N_ELEMENTS (inks)];
      arrow->pen = edge->on_path ? 4 : 1.5;
      g_hash_table_insert (known, g_steal_pointer (&pair), GUINT_TO_POINTER (d->picture->arrows->len));
      return;
    }
  MtArrow *arrow = &g_array_index (d->picture->arrows, MtArrow, number - 1);
  if (!arrow->label || g_str_has_suffix (arrow->label, ELLIPSIS))
    return;
  g_autofree gchar *before = g_steal_pointer (&arrow->label);
  arrow->label = g_strdup_printf ("%s, %s", before, strlen (before) < LONG_LABEL ? name : ELLIPSIS);
  arrow->ink = edge->on_path || arrow->ink == MT_INK_VERMILLION ? MT_INK_VERMILLION : MT_INK_FAINT;
}

/* The shortest way to a violation first: it must be seen. */
static void
add_edges (States *d)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const GArray *edges = d->input->graph->edges;
  for (guint rest = 0; rest < 2; rest++)
    for (guint i = 0; i < edges->len; i++)
      if (g_array_index (edges, MtEdge, i).on_path == !rest)
        add_edge (d, &g_array_index (edges, MtEdge, i), known);
}

/* What the colours mean that occur. */
static void
append_colours (const States *d, GString *title)
{
  static const struct
  {
    guint flag;
    const gchar *text;
  } colours[] = { { MT_NODE_INITIAL, "blue: the first" }, { MT_NODE_ENDED, "green: ended" }, { MT_NODE_VIOLATION, "red: violation" } };
  guint all = 0;
  for (guint i = 0; i < d->flags->len; i++)
    all |= g_array_index (d->flags, guint, i);
  g_string_append (title, "\n(");
  for (guint i = 0; i < G_N_ELEMENTS (colours); i++)
    if (all & colours[i].flag)
      g_string_append_printf (title, "%s%s", i ? "; " : "", colours[i].text);
  g_string_append_c (title, ')');
}

static void
cell_clear (gpointer data)
{
  g_free (((MtViewCell *)data)->name);
}

static void
text_clear (gpointer data)
{
  g_free (*(gchar **)data);
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtGraph *graph = input->graph;
  States d = { .input = input, .program = input->program };
  d.cells = g_array_new (FALSE, FALSE, sizeof (MtViewCell));
  d.box_of = g_array_new (FALSE, FALSE, sizeof (guint));
  d.flags = g_array_new (FALSE, FALSE, sizeof (guint));
  d.sizes = g_array_new (FALSE, FALSE, sizeof (guint));
  d.texts = g_array_new (FALSE, FALSE, sizeof (gchar *));
  g_array_set_clear_func (d.cells, cell_clear);
  g_array_set_clear_func (d.texts, text_clear);
  add_cells (&d);
  for (guint i = 0; !group (&d, &groupings[i]); i++)
    ;
  g_autofree gchar *model = mt_view_clean (input->program->title);
  g_autoptr (GString) title = g_string_new (model);
  g_string_append_printf (title, "\n%s%u states, %u steps%s", graph->complete ? "" : "the first ", graph->flags->len, graph->edges->len, d.grouping->note);
  append_colours (&d, title);
  d.picture = mt_picture_new (title->str);
  d.picture->dark = input->dark;
  add_boxes (&d);
  add_edges (&d);
  GArray *const arrays[] = { d.cells, d.box_of, d.flags, d.sizes, d.texts };
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  return d.picture;
}

const MtKindRow mt_kind_states = { "states", "every state, and every step between them", MT_NEEDS_GRAPH, FALSE, draw };

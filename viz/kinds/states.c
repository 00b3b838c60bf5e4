/* states: every state and every step between them. Where they are too many to be seen, states with
 * equal values are one box: the quotient by where the tasks are. */
#include "viz/kind.h"
#include <string.h>

#define MANY 200 /* boxes */
#define WIDEST 560.0

typedef struct
{
  const MtKindInput *input;
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

static void
append_values (const States *d, const MtWord *s, GString *out)
{
  for (guint k = 0; k < d->cells->len; k++)
    {
      const MtViewCell *cell = &g_array_index (d->cells, MtViewCell, k);
      g_string_append_printf (out, "%s%s=", k ? " " : "", cell->name);
      mt_view_cell_print (d->program, cell, s, out);
    }
}

static void
append_places (const States *d, const MtWord *s, GString *out)
{
  const MtProgram *p = d->program;
  for (guint t = 0; t < p->n_tasks; t++)
    {
      static const gchar *const rests[] = { "not started", "ended", "failed", "killed" };
      guint pc = (guint)s[p->tasks[t].base];
      g_string_append_printf (out, "%s%s: ", t ? "\n" : "", p->tasks[t].name);
      g_autofree gchar *access = mt_view_access (p, pc);
      if (pc < MT_N_RESTS)
        g_string_append (out, rests[pc]);
      else
        g_string_append_printf (out, "line %d%s%s", p->sites[p->code[pc].site].mark.line, access ? ", " : "", access ? access : "");
    }
}

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

/* States that share a text share a box. */
static void
group (States *d, gboolean places)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < d->input->graph->flags->len; i++)
    {
      g_autoptr (GString) values = g_string_new (NULL), at = g_string_new (NULL);
      append_values (d, state (d, i), values);
      if (places)
        append_places (d, state (d, i), at);
      g_autofree gchar *first = mt_view_clean (values->str), *second = clean_lines (at->str);
      g_autofree gchar *key = places ? g_strdup_printf ("%u", i) : g_strdup (first);
      guint box = GPOINTER_TO_UINT (g_hash_table_lookup (known, key)), one = 1, flags = g_array_index (d->input->graph->flags, guint, i);
      if (box)
        {
          g_array_index (d->flags, guint, box - 1) |= flags;
          g_array_index (d->sizes, guint, box - 1)++;
        }
      else
        {
          g_autofree gchar *a = mt_text_fit (first, 16, FALSE, WIDEST);
          gchar *text = !places || !*first ? g_strdup (*first ? a : second) : g_strdup_printf ("%s\n%s", a, second);
          g_array_append_val (d->texts, text);
          g_array_append_val (d->flags, flags);
          g_array_append_val (d->sizes, one);
          box = d->texts->len;
          g_hash_table_insert (known, g_strdup (key), GUINT_TO_POINTER (box));
        }
      box--;
      g_array_append_val (d->box_of, box);
    }
}

static void
add_boxes (States *d, gboolean places)
{
  for (guint i = 0; i < MIN (d->texts->len, MANY); i++)
    {
      guint flags = g_array_index (d->flags, guint, i), size = g_array_index (d->sizes, guint, i);
      g_autofree gchar *id = g_strdup_printf ("state-%u", i);
      g_autofree gchar *text = places || size == 1 ? g_strdup (g_array_index (d->texts, gchar *, i)) : g_strdup_printf ("%s\n%u states", g_array_index (d->texts, gchar *, i), size);
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

static void
add_edges (States *d, gboolean places)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < d->input->graph->edges->len; i++)
    {
      const MtEdge *edge = &g_array_index (d->input->graph->edges, MtEdge, i);
      guint from = g_array_index (d->box_of, guint, edge->from), to = g_array_index (d->box_of, guint, edge->to);
      gboolean clock = edge->choice.task == MT_CLOCK;
      g_autofree gchar *key = g_strdup_printf ("%u-%u-%u", from, to, edge->choice.task);
      if (from >= MANY || to >= MANY || (!places && (from == to || !g_hash_table_add (known, g_strdup (key)))))
        continue;
      g_autofree gchar *name = mt_view_clean (clock ? "time" : d->program->tasks[edge->choice.task].name);
      MtArrow *arrow = mt_picture_arrow (d->picture, from, to, name);
      static const MtInk inks[] = { MT_INK_BLUE, MT_INK_PURPLE, MT_INK_GREEN, MT_INK_ORANGE };
      arrow->ink = edge->on_path ? MT_INK_VERMILLION : clock ? MT_INK_FAINT : inks[edge->choice.task % G_N_ELEMENTS (inks)];
      arrow->pen = edge->on_path ? 4 : 1.5;
    }
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

static MtPicture *
draw (const MtKindInput *input)
{
  const MtGraph *graph = input->graph;
  States d = { input, input->program, g_array_new (FALSE, FALSE, sizeof (MtViewCell)), NULL, g_array_new (FALSE, FALSE, sizeof (guint)),
               g_array_new (FALSE, FALSE, sizeof (guint)), g_array_new (FALSE, FALSE, sizeof (guint)), g_array_new (FALSE, FALSE, sizeof (gchar *)) };
  gboolean places = graph->flags->len <= MANY;
  g_array_set_clear_func (d.cells, cell_clear);
  add_cells (&d);
  group (&d, places);
  g_autofree gchar *model = mt_view_clean (input->program->title);
  g_autoptr (GString) title = g_string_new (model);
  g_string_append_printf (title, "\n%s%u states, %u steps%s", graph->complete ? "" : "the first ", graph->flags->len, graph->edges->len, places ? "" : ", those with equal values drawn as one");
  if (d.texts->len > MANY)
    g_string_append_printf (title, "; %d of %u such groups", MANY, d.texts->len);
  append_colours (&d, title);
  d.picture = mt_picture_new (title->str);
  d.picture->dark = input->dark;
  add_boxes (&d, places);
  add_edges (&d, places);
  for (guint i = 0; i < d.texts->len; i++)
    g_free (g_array_index (d.texts, gchar *, i));
  GArray *const arrays[] = { d.cells, d.box_of, d.flags, d.sizes, d.texts };
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  return d.picture;
}

const MtKindRow mt_kind_states = { "states", "every state, and every step between them", MT_NEEDS_GRAPH, FALSE, draw };

/* See figures.h. */
#include "checker/figures.h"
#include "sim/json.h"
#include <math.h>

static const struct
{
  MtCut cut;
  const gchar *token, *words;
} cuts[] = {
  { MT_CUT_INTERRUPT, "interrupted", "Ctrl-C" },
  { MT_CUT_MEMORY, "memory", "memory ran out (--memory)" },
  { MT_CUT_TIME, "time", "the time limit (--time-limit)" },
  { MT_CUT_STATES, "states", "the number of states (--max-states)" },
  { MT_CUT_DEPTH, "depth", "the depth bound (--max-depth)" },
  { MT_CUT_BOUND, "preemptions", "the preemption bound (--preemptions)" },
  { MT_CUT_WALKS, "walks", "random walks prove nothing" },
  { MT_CUT_BITSTATE, "bitstate", "bits: some states may have been taken for others (--bitstate)" },
  { MT_CUT_CHECKPOINT, "checkpoint", "the checkpoint could not be written" },
};

static const struct
{
  MtReductions reduction;
  const gchar *words;
} reductions[] = {
  { MT_REDUCE_DEAD, "dead values" },
  { MT_REDUCE_POR, "partial order" },
  { MT_REDUCE_SYMMETRY, "symmetry" },
  { MT_REDUCE_FUSION, "fusion" },
};

const gchar *
mt_figures_cut (const MtExplore *x)
{
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    if (x->cuts & cuts[i].cut)
      return cuts[i].token;
  return NULL;
}

/* Why a reduction that was wished for was not used; NULL: it was. */
static const gchar *
why_not (const MtExplore *x, MtReductions reduction)
{
  if (mt_reducer_used (x->reducer) & reduction)
    return NULL;
  return x->options->search->unfit & reduction ? "not in this search" : mt_reducer_why_not (x->reducer, reduction);
}

static void
print_reductions (const MtExplore *x, GString *out)
{
  const gchar *before = "";
  g_string_append (out, "reduced   ");
  for (guint i = 0; i < G_N_ELEMENTS (reductions); i++)
    {
      const gchar *why = why_not (x, reductions[i].reduction);
      if (!(x->options->reductions & reductions[i].reduction))
        continue;
      g_string_append_printf (out, "%s%s%s%s%s%s", before, why ? "no " : "", reductions[i].words, why ? " (" : "", why ? why : "", why ? ")" : "");
      before = ", ";
    }
  g_string_append (out, *before ? "\n" : "nothing\n");
}

static void
print_size (const MtExplore *x, GString *out)
{
  if (x->walked)
    g_string_append_printf (out, "walks     %" G_GUINT64_FORMAT ", steps %" G_GUINT64_FORMAT ", depth %u, seed %" G_GUINT64_FORMAT "\n", x->walked, x->transitions,
                            x->max_depth, x->options->seed);
  else
    g_string_append_printf (out, "states    %" G_GUINT64_FORMAT "%s, generated %" G_GUINT64_FORMAT ", depth %u, terminal %u\n", mt_explore_states (x),
                            x->options->search->tells_mover ? " (with who moved last)" : "", x->transitions + 1, x->max_depth, x->terminals->len);
}

/* Whether what is shown may be longer than a shortest run: of everything the reduced graph is searched alone. */
static gboolean
perhaps_longer (const MtExplore *x)
{
  gboolean several = x->options->all && x->options->search->shortest && mt_reducer_used (x->reducer) & MT_REDUCE_POR;
  return x->perhaps_longer || (several && x->properties.findings->len > 0);
}

static void
print_search (const MtExplore *x, GString *out)
{
  const MtSearch *search = x->options->search;
  g_string_append_printf (out, "search    %s", search->help);
  if (search->tells_mover)
    g_string_append_printf (out, "; up to %u", x->bound);
  if (perhaps_longer (x))
    g_string_append (out, search->shortest ? " up to reordering; perhaps there is a shorter one (--no-por)" : "; perhaps there is a shorter counterexample");
  g_string_append (out, x->cuts ? "; cut by " : x->stop ? "; ended at the violation\n" : "; complete\n");
  const gchar *before = "";
  for (guint i = 0; x->cuts && i < G_N_ELEMENTS (cuts); i++)
    if (x->cuts & cuts[i].cut)
      {
        g_string_append_printf (out, "%s%s", before, cuts[i].words);
        before = ", ";
      }
  if (x->cuts)
    g_string_append_c (out, '\n');
  if (x->cuts & MT_CUT_BITSTATE)
    g_string_append_printf (out, "bits      the chance that a new state was taken for one seen rose to %.2g: of %" G_GUINT64_FORMAT " perhaps %.0f omitted, and what only they lead to\n", x->omission,
                            mt_explore_states (x), ceil (x->omission * (gdouble)mt_explore_states (x)));
  if (x->resumed)
    g_string_append_printf (out, "resumed   from %s\n", x->options->checkpoint);
}

static gdouble
seconds (const MtExplore *x)
{
  return (gdouble)(g_get_monotonic_time () - x->started) / G_USEC_PER_SEC;
}

void
mt_figures_print (const MtExplore *x, gboolean costs, GString *out)
{
  print_size (x, out);
  print_search (x, out);
  print_reductions (x, out);
  if (costs)
    g_string_append_printf (out, "costs     %.2f s, %.1f MiB of states, %u words each, %.0f transitions/s\n", seconds (x), (gdouble)mt_explore_bytes (x) / (1 << 20),
                            x->store.n_words, (gdouble)x->transitions / MAX (seconds (x), 1e-6));
}

static void
build_cuts (const MtExplore *x, JsonBuilder *b)
{
  mt_json_begin_array (b, "cuts");
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    if (x->cuts & cuts[i].cut)
      json_builder_add_string_value (b, cuts[i].token);
  json_builder_end_array (b);
}

static void
build_reductions (const MtExplore *x, JsonBuilder *b)
{
  mt_json_begin_array (b, "reductions");
  for (guint i = 0; i < G_N_ELEMENTS (reductions); i++)
    {
      gboolean wished = (x->options->reductions & reductions[i].reduction) != 0;
      const gchar *why = wished ? why_not (x, reductions[i].reduction) : "switched off";
      json_builder_begin_object (b);
      mt_json_text (b, "name", reductions[i].words);
      mt_json_flag (b, "used", !why);
      mt_json_text (b, "why-not", why);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

void
mt_figures_build (const MtExplore *x, gboolean costs, JsonBuilder *b)
{
  g_autofree gchar *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, x->options->seed);
  const struct
  {
    const gchar *name;
    guint64 value;
  } numbers[] = {
    { "states", mt_explore_states (x) }, { "transitions", x->transitions }, { "depth", x->max_depth }, { "terminal", x->terminals->len }, { "walks", x->walked },
  };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    mt_json_number (b, numbers[i].name, (gint64)numbers[i].value);
  mt_json_text (b, "search", x->options->search->name);
  mt_json_text (b, "seed", x->walked ? seed : NULL);
  mt_json_flag (b, "complete", mt_explore_complete (x) && !x->stop);
  mt_json_flag (b, "perhaps-longer", perhaps_longer (x));
  build_cuts (x, b);
  if (x->cuts & MT_CUT_BITSTATE)
    {
      json_builder_set_member_name (b, "omission");
      json_builder_add_double_value (b, x->omission);
    }
  build_reductions (x, b);
  if (!costs)
    return;
  json_builder_set_member_name (b, "seconds");
  json_builder_add_double_value (b, seconds (x));
  mt_json_number (b, "bytes", (gint64)mt_explore_bytes (x));
}

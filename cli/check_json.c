/* See check.h. */
#include "cli/check.h"
#include "checker/estimate.h"
#include "checker/figures.h"
#include "checker/leftovers.h"
#include "sim/json.h"

MtTrace *
mt_check_trace (const MtExplore *x, const MtSearchOptions *o, const gchar *model, const MtShown *shown)
{
  MtTrace *trace = mt_trace_of (x->program, model, &o->model, x->options->search->name, shown->violation.kind, shown->choices);
  trace->seed = x->walked ? x->options->seed : 0; /* nothing else is drawn from it */
  return trace;
}

static void
build_shown (const MtExplore *x, const MtSearchOptions *o, const gchar *model, const MtShown *shown, JsonBuilder *b)
{
  g_autoptr (MtTrace) trace = mt_check_trace (x, o, model, shown);
  g_autofree gchar *command = mt_search_replay_command (x->program, o, model, shown->choices);
  gint property = shown->violation.property;
  json_builder_begin_object (b);
  mt_json_text (b, "verdict", mt_verdict_token (shown->violation.kind));
  mt_json_text (b, "level", mt_level_name (shown->level));
  mt_json_text (b, "property", property >= 0 ? x->program->properties[property].name : NULL);
  mt_json_text (b, "message", shown->violation.message);
  mt_json_number (b, "step", shown->violation.step);
  mt_json_text (b, "replay", command);
  json_builder_set_member_name (b, "trace");
  mt_trace_build (trace, x->program, b);
  json_builder_end_object (b);
}

/* What the search knows of one property. */
static void
build_property (const MtExplore *x, const MtCheckResult *result, MtVerdictKind kind, gint property, JsonBuilder *b)
{
  gboolean failed = FALSE, witnessed = FALSE;
  g_autofree gchar *open = x->cuts   ? g_strdup_printf ("%s(%s)", mt_verdict_token (MT_INCOMPLETE), result->incomplete)
                           : x->stop ? g_strdup_printf ("%s(violation)", mt_verdict_token (MT_INCOMPLETE))
                                     : NULL;
  for (guint i = 0; i < result->shown->len; i++)
    {
      const MtViolation *v = &g_array_index (result->shown, MtShown, i).violation;
      failed = failed || (v->kind == kind && v->property == property);
      witnessed = witnessed || (v->kind == MT_PASS && v->property == property);
    }
  json_builder_begin_object (b);
  mt_json_text (b, "kind", mt_verdict_name (kind));
  mt_json_text (b, "name", property >= 0 ? x->program->properties[property].name : NULL);
  mt_json_text (b, "level", mt_level_name (mt_verdict_level (x->program, kind)));
  mt_json_text (b, "verdict", failed ? mt_verdict_token (kind) : witnessed || !open ? mt_verdict_token (MT_PASS) : open);
  json_builder_end_object (b);
}

/* What is allowed is not looked for, and left out. */
static void
build_properties (const MtExplore *x, const MtCheckResult *result, JsonBuilder *b)
{
  static const MtVerdictKind rules[] = { MT_FAIL_DEADLOCK, MT_FAIL_ERROR, MT_FAIL_ASSERTION, MT_FAIL_LOST_UPDATE, MT_FAIL_DATA_RACE };
  static const MtVerdictKind kinds[] = { [MT_PROPERTY_INVARIANT] = MT_FAIL_INVARIANT, [MT_PROPERTY_FINALLY] = MT_FAIL_FINALLY, [MT_PROPERTY_REACHABLE] = MT_FAIL_REACHABLE };
  mt_json_begin_array (b, "properties");
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (mt_verdict_level (x->program, rules[i]) != MT_ALLOWED && (rules[i] != MT_FAIL_LOST_UPDATE || x->program->watches_updates))
      build_property (x, result, rules[i], -1, b);
  for (guint i = 0; i < x->program->n_properties; i++)
    build_property (x, result, kinds[x->program->properties[i].kind], (gint)i, b);
  json_builder_end_array (b);
}

static void
build_leftovers (const MtExplore *x, JsonBuilder *b)
{
  g_autoptr (GArray) rows = mt_leftovers_find (x);
  mt_json_begin_array (b, "left-over");
  for (guint i = 0; i < rows->len; i++)
    {
      const MtLeftover *row = &g_array_index (rows, MtLeftover, i);
      g_autoptr (GArray) choices = mt_counterexample_path_to_end (x, row->ends);
      g_autoptr (GString) schedule = g_string_new (NULL);
      mt_schedule_print (x->program, (const MtChoice *)choices->data, choices->len, schedule);
      json_builder_begin_object (b);
      mt_json_text (b, "name", row->name);
      mt_json_text (b, "what", row->words);
      mt_json_flag (b, "always", row->always);
      mt_json_text (b, "schedule", schedule->str);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

/* 0: not known. */
static void
build_estimate (const MtExplore *x, JsonBuilder *b)
{
  MtEstimate *estimate = mt_estimate_new (x);
  mt_json_number (b, "estimate", (gint64)mt_estimate_states (estimate));
  mt_estimate_free (estimate);
}

void
mt_check_print_json (const MtExplore *x, const MtSearchOptions *o, const gchar *model, const MtCheckResult *result, const gchar *in_virtual_time)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autofree gchar *verdict = mt_verdict_text (result->verdict, result->incomplete);
  json_builder_begin_object (b);
  mt_json_text (b, "model", model);
  mt_json_text (b, "title", x->program->title);
  mt_json_text (b, "verdict", verdict);
  mt_json_text (b, "message", result->verdict ? result->verdict->message : NULL);
  mt_json_text (b, "verdict-in-virtual-time", in_virtual_time);
  build_properties (x, result, b);
  mt_json_begin_array (b, "shown");
  for (guint i = 0; i < result->shown->len; i++)
    if (i == 0 || o->all || g_array_index (result->shown, MtShown, i).level != MT_FORBIDDEN) /* more was only met by chance */
      build_shown (x, o, model, &g_array_index (result->shown, MtShown, i), b);
  json_builder_end_array (b);
  build_leftovers (x, b);
  mt_figures_build (x, o->costs, b);
  if (o->estimate && x->cuts)
    build_estimate (x, b);
  json_builder_end_object (b);
  g_autofree gchar *json = mt_json_finish (b);
  g_print ("%s", json);
}

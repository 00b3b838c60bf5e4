/* All schedules of a tiny model, through the waist alone: breadth-first over mt_choices() and
 * mt_step(). What is counted is small enough to be worked out by hand beside the test. */
#pragma once
#include "sim/explain.h"
#include "sim/machine.h"
#include "sim/model.h"
#include "sim/primitive.h"
#include "tests/unit/suite.h"
#include <string.h>

typedef struct
{
  guint states, transitions;
  guint64 schedules; /* paths from the initial state to one without a choice; 0 where they are endless */
  gchar *outcomes; /* sorted, "x=0 ended | x=1 stuck" */
  gchar *faults; /* messages, of swallowed errors too, sorted, in the same form */
} Walk;

static inline MtProgram *
walk_compile (const gchar *text, MtTimeMode time)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("m", text, strlen (text), &error);
  const MtCompileOptions options = { .time = time };
  MtProgram *program = model ? mt_compile (model, &options, &error) : NULL;
  if (!program)
    g_printerr ("\n%s\n%s\n", text, error->message);
  return program;
}

/* The observed values, and whether all tasks that are no daemons have ended. Caller frees. */
static inline gchar *
walk_outcome (const MtProgram *p, const MtWord *s)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < p->n_observed; i++)
    {
      const MtObserved *o = &p->observed[i];
      g_autofree MtWord *value = g_new0 (MtWord, o->pure.n_words + 1);
      mt_eval (p, s, &o->pure, value);
      g_string_append_printf (out, "%s=", o->text);
      mt_value_print (p, o->pure.type, FALSE, value, out);
      g_string_append_c (out, ' ');
    }
  g_string_append (out, mt_ended (p, s) ? "ended" : "stuck");
  return g_string_free (out, FALSE);
}

static inline void
walk_add_text (GPtrArray *texts, gchar *text)
{
  if (g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL))
    g_free (text);
  else
    g_ptr_array_add (texts, text);
}

static inline gint
walk_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(gchar *const *)a, *(gchar *const *)b);
}

static inline gchar *
walk_join (GPtrArray *texts)
{
  g_ptr_array_sort (texts, walk_compare);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" | ", (gchar **)texts->pdata);
}

/* Paths from state 0 to the states without an edge; edges are pairs from, to. */
static inline guint64
walk_count_paths (guint n, const GArray *edges)
{
  g_autofree guint64 *paths = g_new0 (guint64, n);
  g_autofree guint *in = g_new0 (guint, n), *out = g_new0 (guint, n), *order = g_new (guint, n);
  guint ready = 1;
  guint64 sum = 0;
  for (guint i = 0; i < edges->len; i += 2)
    {
      out[g_array_index (edges, guint, i)]++;
      in[g_array_index (edges, guint, i + 1)]++;
    }
  order[0] = 0;
  paths[0] = 1;
  for (guint k = 0; k < ready; k++)
    {
      sum += out[order[k]] ? 0 : paths[order[k]];
      for (guint i = 0; i < edges->len; i += 2)
        if (g_array_index (edges, guint, i) == order[k])
          {
            guint to = g_array_index (edges, guint, i + 1);
            paths[to] += paths[order[k]];
            if (--in[to] == 0)
              order[ready++] = to;
          }
    }
  return ready == n ? sum : 0;
}

static inline gboolean
walk_holds (const GArray *addresses, guint address)
{
  for (guint i = 0; i < addresses->len; i++)
    if (g_array_index (addresses, guint, i) == address)
      return TRUE;
  return FALSE;
}

/* What the step did lies within what its operation says it may touch, where it is made of one
 * operation: none of the same step, an atomic body's, stands right behind it. */
static inline void
walk_check_footprint (const MtProgram *p, const MtStep *rec)
{
  const MtInstr *in = &p->code[rec->pc], *next = in + 1;
  if (rec->choice.task == MT_CLOCK || in->op < MT_N_OPCODES || !mt_op (in->op)->touches)
    return;
  const MtInstr *end = p->code + p->n_code;
  while (next < end && next->op < MT_N_OPCODES && next->op != MT_OP_END)
    next++;
  if (next < end && next->op >= MT_N_OPCODES && !(next->flags & MT_STEP) && mt_op (next->op)->touches)
    return;
  MtFootprint print = { .all = FALSE };
  GArray **const sets[] = { &print.reads, &print.writes, &print.gives, &print.takes };
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    *sets[i] = g_array_new (FALSE, FALSE, sizeof (guint));
  mt_op (in->op)->touches (p, rec->choice.task, in, &print);
  for (guint i = 0; i < rec->effects->len; i++)
    {
      const MtEffect *effect = &g_array_index (rec->effects, MtEffect, i);
      gboolean said = print.all || walk_holds (print.writes, effect->address) || walk_holds (print.gives, effect->address) || walk_holds (print.takes, effect->address)
                      || (effect->kind == MT_EFFECT_READ && walk_holds (print.reads, effect->address));
      CU_ASSERT_TRUE (said);
      if (!said)
        g_printerr ("\n%s touches word %u and does not say so\n", mt_op (in->op)->name, effect->address);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    g_array_unref (*sets[i]);
}

/* The tasks' own choices are together all there are, but for the clock's. */
static inline void
walk_check_choices (const MtProgram *p, const MtWord *s, const MtChoice *choices, guint n)
{
  g_autofree MtChoice *own = g_new (MtChoice, p->max_choices);
  guint at = 0, wrong = 0;
  for (guint t = 0; t < p->n_tasks; t++)
    for (guint k = 0, n_own = mt_choices_of (p, s, t, own); k < n_own; k++, at++)
      wrong += own[k].task != t || at >= n || choices[at].task != t || choices[at].alt != own[k].alt;
  CU_ASSERT_EQUAL (wrong, 0);
  CU_ASSERT_EQUAL (at, n == 1 && choices[0].task == MT_CLOCK ? 0 : n);
}

static inline Walk
walk (const MtProgram *p)
{
  Walk w = { 0 };
  gsize size = sizeof (MtWord) * p->n_words;
  g_autoptr (GPtrArray) states = g_ptr_array_new ();
  g_autoptr (GPtrArray) outcomes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree MtChoice *choices = g_new (MtChoice, p->max_choices);
  g_autofree MtWord *s = g_new (MtWord, p->n_words);
  MtStep rec;
  mt_step_init (&rec);
  rec.want_effects = TRUE;
  mt_state_init (p, s, &rec);
  g_ptr_array_add (states, g_bytes_new (s, size));
  g_hash_table_insert (numbers, states->pdata[0], GUINT_TO_POINTER (0));
  for (guint i = 0; i < states->len; i++)
    {
      const MtWord *from = g_bytes_get_data (states->pdata[i], NULL);
      guint n = mt_choices (p, from, choices);
      g_assert (n <= p->max_choices);
      walk_check_choices (p, from, choices, n);
      if (n == 0)
        walk_add_text (outcomes, walk_outcome (p, from));
      for (guint k = 0; k < n; k++)
        {
          memcpy (s, from, size);
          if (mt_step (p, s, choices[k], &rec) & (MT_FAULT | MT_SWALLOWED))
            walk_add_text (faults, g_strdup (rec.fault->str));
          walk_check_footprint (p, &rec);
          GBytes *to = g_bytes_new (s, size);
          gpointer number;
          if (g_hash_table_lookup_extended (numbers, to, NULL, &number))
            g_bytes_unref (to);
          else
            {
              number = GUINT_TO_POINTER (states->len);
              g_hash_table_insert (numbers, to, number);
              g_ptr_array_add (states, to);
            }
          guint edge[] = { i, GPOINTER_TO_UINT (number) };
          g_array_append_vals (edges, edge, 2);
        }
    }
  w.states = states->len;
  w.transitions = edges->len / 2;
  w.schedules = walk_count_paths (states->len, edges);
  w.outcomes = walk_join (outcomes);
  w.faults = walk_join (faults);
  mt_step_clear (&rec);
  return w;
}

static inline void
walk_assert_text (const gchar *got, const gchar *expected)
{
  CU_ASSERT_STRING_EQUAL (got, expected);
  if (strcmp (got, expected) != 0)
    g_printerr ("\ngot:      %s\nexpected: %s\n", got, expected);
}

/* The model has exactly so many states, transitions and schedules, and these outcomes and faults. */
static inline void
assert_walk (const gchar *text, MtTimeMode time, guint states, guint transitions, guint64 schedules, const gchar *outcomes, const gchar *faults)
{
  g_autoptr (MtProgram) p = walk_compile (text, time);
  CU_ASSERT_PTR_NOT_NULL (p);
  if (!p)
    return;
  Walk w = walk (p);
  g_autofree gchar *got = g_strdup_printf ("%u states, %u transitions, %" G_GUINT64_FORMAT " schedules", w.states, w.transitions, w.schedules);
  g_autofree gchar *expected = g_strdup_printf ("%u states, %u transitions, %" G_GUINT64_FORMAT " schedules", states, transitions, schedules);
  walk_assert_text (got, expected);
  walk_assert_text (w.outcomes, outcomes);
  walk_assert_text (w.faults, faults);
  g_free (w.outcomes);
  g_free (w.faults);
}

/* The model is refused, and the findings in their short form are exactly these lines. */
static inline void
assert_refused (const gchar *text, const gchar *expected)
{
  g_autoptr (MtModel) model = mt_model_new ("m", text, strlen (text));
  const MtCompileOptions options = { .time = MT_TIME_VIRTUAL };
  g_autoptr (GError) error = NULL;
  g_autoptr (MtProgram) p = model->diags->n_errors ? NULL : mt_compile (model, &options, &error);
  g_autoptr (GString) out = g_string_new (NULL);
  CU_ASSERT_PTR_NULL (p);
  mt_diags_print_short (model->diags, out);
  walk_assert_text (out->str, expected);
}

/* A run by hand. */
typedef struct
{
  MtProgram *program;
  MtWord *s;
  MtStep rec;
} Play;

static inline void
play_begin (Play *play, const gchar *text, MtTimeMode time)
{
  play->program = walk_compile (text, time);
  g_assert (play->program);
  play->s = g_new (MtWord, play->program->n_words);
  mt_step_init (&play->rec);
  mt_state_init (play->program, play->s, NULL);
}

static inline void
play_end (Play *play)
{
  mt_step_clear (&play->rec);
  g_free (play->s);
  mt_program_unref (play->program);
}

/* How many ways @task has now. */
static inline guint
play_ways (const Play *play, const gchar *task)
{
  g_autofree MtChoice *choices = g_new (MtChoice, play->program->max_choices);
  guint n = mt_choices (play->program, play->s, choices), ways = 0;
  for (guint k = 0; k < n; k++)
    ways += choices[k].task == (guint16)mt_program_find_task (play->program, task);
  return ways;
}

/* Takes a step that must be possible. */
static inline MtOutcome
play_step (Play *play, const gchar *task, guint alt)
{
  g_autofree MtChoice *choices = g_new (MtChoice, play->program->max_choices);
  guint n = mt_choices (play->program, play->s, choices), k = 0;
  MtChoice wanted = { (guint16)mt_program_find_task (play->program, task), (guint16)alt };
  while (k < n && (choices[k].task != wanted.task || choices[k].alt != wanted.alt))
    k++;
  CU_ASSERT_FATAL (k < n);
  return mt_step (play->program, play->s, wanted, &play->rec);
}

/* What @text prints where it has one schedule: up to its end, or until @steps have been made. */
static inline void
assert_prints (const gchar *text, MtTimeMode time, guint steps, const gchar *expected)
{
  Play play;
  play_begin (&play, text, time);
  g_autofree MtChoice *choices = g_new (MtChoice, play.program->max_choices);
  guint n = 0;
  while (steps-- > 0 && (n = mt_choices (play.program, play.s, choices)) > 0)
    {
      CU_ASSERT_EQUAL (n, 1);
      mt_step (play.program, play.s, choices[0], &play.rec);
    }
  walk_assert_text (play.rec.output->str, expected);
  play_end (&play);
}

/* What an object prints as. */
static inline void
play_assert_object (const Play *play, const gchar *name, const gchar *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < play->program->n_objects; i++)
    {
      const MtObject *o = &play->program->objects[i];
      if (g_str_equal (o->name, name))
        o->primitive->print (play->program, o, play->s + o->address, out);
    }
  walk_assert_text (out->str, expected);
}

/* What blocks @task: the object's name, and the task that must act first, or "-". */
static inline void
play_assert_blocked (const Play *play, const gchar *task, const gchar *object, const gchar *holder)
{
  MtBlock block;
  CU_ASSERT_TRUE (mt_why_blocked (play->program, play->s, (guint)mt_program_find_task (play->program, task), &block));
  CU_ASSERT_EQUAL (block.kind, MT_BLOCK_OBJECT);
  if (block.kind != MT_BLOCK_OBJECT)
    return;
  walk_assert_text (play->program->objects[block.object].name, object);
  walk_assert_text (block.holder < 0 ? "-" : play->program->tasks[block.holder].name, holder);
}

/* @task waits, and these are the words for it. */
static inline void
play_assert_waits (const Play *play, const gchar *task, const gchar *words)
{
  g_autoptr (GString) out = g_string_new (NULL);
  mt_block_print (play->program, play->s, (guint)mt_program_find_task (play->program, task), out);
  walk_assert_text (out->str, words);
}

/* For tests of primitives: compiles a tiny model and walks through all its states, so that their
 * number can be held against one worked out by hand. Deliberately naive, and no part of mtsim: a
 * second opinion on what the checker counts. */
#pragma once
#include "sim/machine.h"
#include "sim/model.h"
#include <CUnit/Basic.h>
#include <string.h>

typedef struct
{
  MtModel *model;
  MtProgram *program;
  GArray *states; /* of program->n_words MtWords each */
  guint n_states, n_transitions;
  guint n_ended, n_stuck; /* states without a choice: ended, and not */
  guint n_branching; /* states with more than one choice */
  GPtrArray *faults; /* gchar*: messages of faults and swallowed errors, each once, in order of discovery */
  GPtrArray *outputs; /* gchar*: all that was printed on the way to an end, each once, sorted; see explore_outputs() */
} Explored;

static void
explored_clear (Explored *e)
{
  g_clear_pointer (&e->states, g_array_unref);
  g_clear_pointer (&e->faults, g_ptr_array_unref);
  g_clear_pointer (&e->outputs, g_ptr_array_unref);
  g_clear_pointer (&e->program, mt_program_unref);
  g_clear_pointer (&e->model, mt_model_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Explored, explored_clear)

static void
add_text (GPtrArray *texts, const gchar *text)
{
  if (!g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL))
    g_ptr_array_add (texts, g_strdup (text));
}

static Explored
compile_for (const gchar *text, MtTimeMode time)
{
  Explored e = { .faults = g_ptr_array_new_with_free_func (g_free), .outputs = g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (GError) error = NULL;
  MtCompileOptions options = { .time = time };
  e.model = mt_model_parse ("m", text, strlen (text), &error);
  e.program = e.model ? mt_compile (e.model, &options, &error) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (e.program);
  e.states = g_array_new (FALSE, FALSE, sizeof (MtWord) * e.program->n_words);
  return e;
}

static guint
state_number (Explored *e, const MtWord *s)
{
  gsize size = sizeof (MtWord) * e->program->n_words;
  for (guint i = 0; i < e->states->len; i++)
    if (memcmp (e->states->data + i * size, s, size) == 0)
      return i;
  g_array_append_vals (e->states, s, 1);
  return e->states->len - 1;
}

/* All states, breadth first. */
static Explored
explore (const gchar *text, MtTimeMode time)
{
  Explored e = compile_for (text, time);
  const MtProgram *p = e.program;
  g_autofree MtWord *now = g_new (MtWord, p->n_words), *next = g_new (MtWord, p->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, p->max_choices);
  MtStep step;
  mt_step_init (&step);
  mt_state_init (p, now, &step);
  state_number (&e, now);
  for (guint i = 0; i < e.states->len; i++)
    {
      memcpy (now, e.states->data + i * sizeof (MtWord) * p->n_words, sizeof (MtWord) * p->n_words);
      guint n = mt_choices (p, now, choices);
      CU_ASSERT_FATAL (n <= p->max_choices);
      e.n_branching += n > 1;
      e.n_ended += n == 0 && mt_ended (p, now);
      e.n_stuck += n == 0 && !mt_ended (p, now);
      for (guint k = 0; k < n; k++)
        {
          memcpy (next, now, sizeof (MtWord) * p->n_words);
          if (mt_step (p, next, choices[k], &step) & (MT_FAULT | MT_SWALLOWED))
            add_text (e.faults, step.fault->str);
          e.n_transitions++;
          state_number (&e, next);
        }
    }
  mt_step_clear (&step);
  e.n_states = e.states->len;
  return e;
}

static void
walk (Explored *e, const MtWord *s, MtStep *step)
{
  const MtProgram *p = e->program;
  g_autofree MtWord *next = g_new (MtWord, p->n_words);
  g_autofree MtChoice *choices = g_new (MtChoice, p->max_choices);
  guint n = mt_choices (p, s, choices);
  gsize length = step->output->len;
  if (n == 0)
    add_text (e->outputs, step->output->str);
  for (guint k = 0; k < n; k++)
    {
      memcpy (next, s, sizeof (MtWord) * p->n_words);
      mt_step (p, next, choices[k], step);
      walk (e, next, step);
      g_string_truncate (step->output, length);
    }
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *)a, *(const gchar *const *)b);
}

/* Every schedule of a model that has few: what each prints until nothing moves. */
static Explored
explore_outputs (const gchar *text, MtTimeMode time)
{
  Explored e = compile_for (text, time);
  g_autofree MtWord *s = g_new (MtWord, e.program->n_words);
  MtStep step;
  mt_step_init (&step);
  mt_state_init (e.program, s, &step);
  walk (&e, s, &step);
  mt_step_clear (&step);
  g_ptr_array_sort (e.outputs, compare_texts);
  return e;
}

/* The findings of a model that is wrong, one a line. */
static void
assert_refused (const gchar *text, const gchar *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_new ("m", text, strlen (text));
  MtCompileOptions options = { .time = MT_TIME_ABSTRACT };
  g_autoptr (MtProgram) program = model->diags->n_errors ? NULL : mt_compile (model, &options, &error);
  g_autoptr (GString) out = g_string_new (NULL);
  mt_diags_print_short (model->diags, out);
  CU_ASSERT_PTR_NULL (program);
  CU_ASSERT_STRING_EQUAL (out->str, expected);
  if (strcmp (out->str, expected) != 0)
    g_printerr ("\ngot:      %sexpected: %s", out->str, expected);
}

static void
assert_texts (const GPtrArray *texts, const gchar *const *expected)
{
  guint n = g_strv_length ((gchar **)expected);
  gboolean same = texts->len == n;
  for (guint i = 0; same && i < n; i++)
    same = g_str_equal (texts->pdata[i], expected[i]);
  CU_ASSERT_TRUE (same);
  for (guint i = 0; !same && i < texts->len; i++)
    g_printerr ("\ngot: %s", (const gchar *)texts->pdata[i]);
}

#define assert_outputs(e, ...) assert_texts ((e).outputs, (const gchar *const[]){ __VA_ARGS__, NULL })
#define assert_faults(e, ...) assert_texts ((e).faults, (const gchar *const[]){ __VA_ARGS__, NULL })

/* The counts of @e; prints them where they are others. */
static void
assert_counts (const Explored *e, guint states, guint transitions)
{
  CU_ASSERT_EQUAL (e->n_states, states);
  CU_ASSERT_EQUAL (e->n_transitions, transitions);
  if (e->n_states != states || e->n_transitions != transitions)
    g_printerr ("\ngot %u states, %u transitions; expected %u, %u\n", e->n_states, e->n_transitions, states, transitions);
}

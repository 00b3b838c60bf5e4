/* A violation in words. The run is gone through once more, from the start, and what matters for the
 * pattern is remembered: memory does not grow with the run. */
#include "sim/explain.h"
#include "sim/primitive.h"
#include <string.h>

void
mt_address_print (const MtProgram *program, guint address, GString *out)
{
  gint i = mt_var_at (program, address);
  if (i < 0)
    {
      for (guint k = 0; k < program->n_objects; k++)
        if (address - program->objects[k].address < program->objects[k].n_words)
          g_string_append (out, program->objects[k].name);
      return;
    }
  const MtVar *v = &program->vars[i];
  guint cell = address - v->address;
  if (v->type.kind != MT_TYPE_LIST)
    g_string_append (out, v->name);
  else if (!v->fixed && cell == 0)
    g_string_append_printf (out, "len(%s)", v->name);
  else
    g_string_append_printf (out, "%s[%u]", v->name, cell - (v->fixed ? 0 : 1));
}

void
mt_word_print (const MtProgram *program, guint address, MtWord value, GString *out)
{
  gint i = mt_var_at (program, address);
  MtType type = { MT_TYPE_INT, 0, 0 };
  if (i >= 0)
    {
      const MtVar *v = &program->vars[i];
      type.kind = v->type.kind != MT_TYPE_LIST ? v->type.kind : !v->fixed && address == v->address ? MT_TYPE_INT : v->type.element;
    }
  mt_value_print (program, type, FALSE, &value, out);
}

#define MAX_NAMES 6

/* "a, b and c": those that @task waits for. */
static void
print_waited_for (const MtProgram *program, const MtWord *s, guint task, GString *out)
{
  guint n = 0, at = 0;
  for (gint t = mt_waits_for (program, s, task, 0); t >= 0; t = mt_waits_for (program, s, task, (guint)t + 1))
    n++;
  for (gint t = mt_waits_for (program, s, task, 0); t >= 0 && at < MAX_NAMES; t = mt_waits_for (program, s, task, (guint)t + 1), at++)
    g_string_append_printf (out, "%s%s%s", at == 0 ? "" : at + 1 == n ? " and " : ", ", t == (gint)task ? "itself" : program->tasks[t].name,
                            mt_task_ended (program, s, (guint)t) ? " (ended)" : "");
  if (n > MAX_NAMES)
    g_string_append_printf (out, " and %u more", n - MAX_NAMES);
}

const gchar *
mt_holding_words (const MtObject *object)
{
  return object->primitive->holder ? "held by" : "busy in";
}

gboolean
mt_block_has_holder (const MtProgram *program, const MtWord *s, guint task, const MtBlock *block)
{
  return block->kind == MT_BLOCK_OBJECT && block->holder >= 0 && program->objects[block->object].primitive->holder
         && mt_waits_for (program, s, task, (guint)block->holder + 1) < 0;
}

void
mt_block_print (const MtProgram *program, const MtWord *s, guint task, GString *out)
{
  MtBlock block;
  if (!mt_why_blocked (program, s, task, &block))
    {
      g_string_append (out, "can go on");
      return;
    }
  switch (block.kind)
    {
    case MT_BLOCK_ENDED:
      g_string_append (out, "has ended");
      break;
    case MT_BLOCK_UNSTARTED:
      g_string_append (out, "has not been started");
      break;
    case MT_BLOCK_SLEEP:
      g_string_append (out, "sleeps");
      break;
    case MT_BLOCK_TASK:
      g_string_append (out, "waits for ");
      print_waited_for (program, s, task, out);
      g_string_append (out, " to end");
      break;
    case MT_BLOCK_OBJECT:
      g_string_append_printf (out, "waits for %s", program->objects[block.object].name);
      if (block.holder < 0)
        break;
      g_string_append_printf (out, ", %s ", mt_holding_words (&program->objects[block.object]));
      print_waited_for (program, s, task, out);
      break;
    case MT_BLOCK_CARRIER:
      g_string_append (out, "waits for its turn");
      break;
    default:
      g_string_append_printf (out, "waits at \"%s\"", program->sites[program->code[s[program->tasks[task].base]].site].text);
    }
}

/* The run once more: calls @look after each step. */
typedef void (*Look) (gpointer data, const MtProgram *program, const MtWord *s, guint number, const MtStep *step);

static void
go_through (const MtProgram *program, const MtChoice *choices, guint n, MtWord *s, Look look, gpointer data)
{
  MtStep step;
  mt_step_init (&step);
  step.want_effects = TRUE;
  mt_state_init (program, s, NULL);
  for (guint i = 0; i < n; i++)
    {
      mt_step (program, s, choices[i], &step);
      g_string_truncate (step.output, 0);
      look (data, program, s, i + 1, &step);
    }
  mt_step_clear (&step);
}

static gint
line_of (const MtProgram *program, guint pc)
{
  return program->sites[program->code[pc].site].mark.line;
}

/* Lost update: the last read of the cell by the task, and the first write by another after it. */
typedef struct
{
  guint32 address;
  guint task;
  guint read, write, last; /* step numbers */
  gint read_line, write_line, last_line;
  guint writer;
  MtWord seen, made, erased, put;
} Lost;

static void
look_lost (gpointer data, const MtProgram *program, const MtWord *s, guint number, const MtStep *step)
{
  Lost *lost = data;
  (void)s;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      if (e->address != lost->address)
        continue;
      gboolean own = step->choice.task == lost->task;
      if (own && e->kind == MT_EFFECT_READ)
        {
          lost->read = number;
          lost->read_line = line_of (program, step->pc);
          lost->seen = e->after;
          lost->write = 0;
        }
      else if (own)
        {
          lost->last = number;
          lost->last_line = line_of (program, step->pc);
          lost->erased = e->before;
          lost->put = e->after;
        }
      else if (e->kind == MT_EFFECT_WRITE && lost->write == 0)
        {
          lost->write = number;
          lost->write_line = line_of (program, step->pc);
          lost->writer = step->choice.task;
          lost->made = e->after;
        }
    }
}

static void
explain_lost (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *v, MtWord *s, GString *out)
{
  Lost lost = { .address = v->address, .task = (guint)v->task };
  go_through (program, choices, n, s, look_lost, &lost);
  if (!lost.read || !lost.write || !lost.last)
    return;
  const gchar *a = program->tasks[lost.task].name, *b = program->tasks[lost.writer].name;
  g_autoptr (GString) cell = g_string_new (NULL), seen = g_string_new (NULL), made = g_string_new (NULL), erased = g_string_new (NULL), put = g_string_new (NULL);
  mt_address_print (program, v->address, cell);
  mt_word_print (program, v->address, lost.seen, seen);
  mt_word_print (program, v->address, lost.made, made);
  mt_word_print (program, v->address, lost.erased, erased);
  mt_word_print (program, v->address, lost.put, put);
  g_string_append_printf (out, "%s's read at step %u (line %d) sees %s = %s.\n", a, lost.read, lost.read_line, cell->str, seen->str);
  g_string_append_printf (out, "It is stale after %s's write at step %u (line %d), which makes %s = %s.\n", b, lost.write, lost.write_line, cell->str, made->str);
  g_string_append_printf (out, "%s's write at step %u (line %d) puts %s there, computed from the stale value, and erases %s: lost update on %s.\n", a, lost.last,
                          lost.last_line, put->str, erased->str, cell->str);
}

/* Deadlock: when each holder took what the others wait for. */
typedef struct
{
  guint *step; /* of each object: when its words last changed */
  gint *line;
} Taken;

static void
look_taken (gpointer data, const MtProgram *program, const MtWord *s, guint number, const MtStep *step)
{
  Taken *taken = data;
  (void)s;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      for (guint k = 0; e->kind == MT_EFFECT_WRITE && k < program->n_objects; k++)
        if (e->address - program->objects[k].address < program->objects[k].n_words)
          {
            taken->step[k] = number;
            taken->line[k] = line_of (program, step->pc);
          }
    }
}

static void
explain_deadlock (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *v, MtWord *s, GString *out)
{
  g_autofree guint *step = g_new0 (guint, program->n_objects + 1);
  g_autofree gint *line = g_new0 (gint, program->n_objects + 1);
  Taken taken = { step, line };
  go_through (program, choices, n, s, look_taken, &taken);
  for (guint i = 0; i < (v->cycle ? v->cycle->len : program->n_tasks); i++)
    {
      guint t = v->cycle ? g_array_index (v->cycle, guint, i) : i;
      MtBlock block;
      if (!mt_why_blocked (program, s, t, &block) || block.kind == MT_BLOCK_ENDED || block.kind == MT_BLOCK_UNSTARTED || (!v->cycle && program->tasks[t].daemon))
        continue;
      g_string_append_printf (out, "%s ", program->tasks[t].name);
      mt_block_print (program, s, t, out);
      if (mt_block_has_holder (program, s, t, &block) && step[block.object])
        g_string_append_printf (out, " since step %u (line %d)", step[block.object], line[block.object]);
      g_string_append_printf (out, "; it stands at line %d.\n", line_of (program, (guint)s[program->tasks[t].base]));
    }
  g_string_append (out, v->cycle ? "Each waits for the next in this circle, so none of them can ever go on: deadlock.\n" : "Nobody is left who could wake them: deadlock.\n");
}

static void
add_key (GArray *out, guint step, MtKeyRole role)
{
  MtKeyStep key = { step, role };
  if (step)
    g_array_append_val (out, key);
}

void
mt_key_steps (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *v, GArray *out)
{
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  n = MIN (n, v->step);
  if (v->kind == MT_FAIL_LOST_UPDATE)
    {
      Lost lost = { .address = v->address, .task = (guint)v->task };
      go_through (program, choices, n, s, look_lost, &lost);
      add_key (out, lost.read, MT_ROLE_STALE_READ);
      add_key (out, lost.write, MT_ROLE_ERASED_WRITE);
      add_key (out, lost.last, MT_ROLE_ERASING_WRITE);
    }
  else if (v->kind == MT_FAIL_DEADLOCK && v->cycle)
    {
      g_autofree guint *step = g_new0 (guint, program->n_objects + 1);
      g_autofree gint *line = g_new0 (gint, program->n_objects + 1);
      Taken taken = { step, line };
      go_through (program, choices, n, s, look_taken, &taken);
      for (guint i = 0; i < v->cycle->len; i++)
        {
          MtBlock block;
          if (mt_why_blocked (program, s, g_array_index (v->cycle, guint, i), &block) && block.kind == MT_BLOCK_OBJECT)
            add_key (out, step[block.object], MT_ROLE_ACQUIRE);
        }
    }
}

void
mt_explain (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *v, GString *out)
{
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  n = MIN (n, v->step);
  switch (v->kind)
    {
    case MT_FAIL_LOST_UPDATE:
      explain_lost (program, choices, n, v, s, out);
      break;
    case MT_FAIL_DEADLOCK:
      explain_deadlock (program, choices, n, v, s, out);
      break;
    default:
      if (v->message && *v->message)
        g_string_append_printf (out, "%s%s%s.\n", v->step ? "" : "In the initial state ", v->message, "");
    }
}

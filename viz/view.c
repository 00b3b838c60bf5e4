/* A run -> rows. The run is gone through once; folding works on the finished rows. */
#include "viz/view.h"
#include "sim/carrier.h"
#include "sim/explain.h"
#include "sim/primitive.h"
#include "viz/happens.h"
#include <string.h>

#define DEFAULT_ROWS 60
#define MAX_MADE 5000 /* steps of which rows are made before they are folded */
#define LONG_RUN 8 /* steps of one task in a row, above which its middle is folded */

const gchar *
mt_lane_state_name (MtLaneState state)
{
  static const gchar *const names[] = { "unstarted", "ready", "running", "blocked", "sleeping", "ended", "failed" };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == MT_N_LANE_STATES);
  return names[state];
}

const gchar *
mt_act_name (MtAct act)
{
  static const gchar *const names[] = { "other", "read", "write", "take", "give", "print", "fault" };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == MT_N_ACTS);
  return names[act];
}

gchar *
mt_view_clean (const gchar *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (; *text; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);
      gboolean turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x61c;
      if (!turns)
        g_string_append_unichar (out, g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c & 0xfffe) == 0xfffe ? ' ' : c);
    }
  return g_strdup (out->str);
}

void
mt_view_append (GString *out, const gchar *text, guint width)
{
  guint used = 0;
  gboolean cut = mt_display_width (text) > width;
  for (; *text; text = g_utf8_next_char (text))
    {
      gchar one[7] = { 0 };
      gunichar c = g_utf8_get_char (text);
      g_unichar_to_utf8 (g_unichar_iscntrl (c) ? ' ' : c, one);
      guint w = mt_display_width (one);
      if (used + w > width - (cut ? 1 : 0))
        break;
      g_string_append (out, one);
      used += w;
    }
  if (cut)
    g_string_append (out, "\342\200\246"), used++;
  for (; used < width; used++)
    g_string_append_c (out, ' ');
}

gchar *
mt_view_access (const MtProgram *program, guint pc)
{
  const MtInstr *in = &program->code[pc];
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  if (!op || !op->label)
    return NULL;
  for (guint i = pc + 1; i < program->n_code && !(program->code[i].flags & MT_STEP) && program->code[i].op != MT_OP_END; i++)
    if (program->code[i].op >= MT_N_OPCODES)
      return NULL; /* one of several that are one step */
  gint var = op == &mt_op_read || op == &mt_op_write ? mt_var_at (program, (guint)in->imm) : in->imm; /* of a list: its number */
  g_autofree gchar *name = var >= 0 ? mt_view_clean (program->vars[var].name) : NULL;
  return name ? g_strdup_printf ("%s %s", op->label, name) : NULL;
}

/* What was just written to @text, cleaned; the text is emptied. */
static const gchar *
keep_text (MtView *view, GString *text)
{
  g_autofree gchar *clean = mt_view_clean (text->str);
  g_string_truncate (text, 0);
  return g_string_chunk_insert_const (view->texts, clean);
}

static void
row_free (gpointer data)
{
  MtViewRow *row = data;
  if (!row)
    return;
  g_free (row->action);
  g_free (row->changes);
  g_free (row->output);
  g_free (row->lanes);
  g_free (row->waits);
  g_free (row->values);
  g_free (row);
}

static void
cell_clear (gpointer data)
{
  g_free (((MtViewCell *)data)->name);
}

void
mt_view_free (MtView *view)
{
  if (!view)
    return;
  g_free (view->headline);
  g_free (view->explanation);
  g_ptr_array_unref (view->tasks);
  g_ptr_array_unref (view->rows);
  row_free (view->start);
  row_free (view->end);
  g_ptr_array_unref (view->waiting);
  g_array_unref (view->cells);
  g_array_unref (view->links);
  g_array_unref (view->cycle);
  g_string_chunk_free (view->texts);
  g_free (view);
}

static gboolean
is_variable (const MtProgram *program, guint address)
{
  return mt_var_at (program, address) >= 0;
}

/* "lock: mutexA" as a phrase: "lock mutexA". */
static void
append_phrase (GString *out, const gchar *text)
{
  const gchar *colon = strstr (text, ": ");
  if (!colon)
    g_string_append (out, text);
  else
    {
      g_string_append_len (out, text, colon - text);
      g_string_append (out, colon + 1);
    }
}

/* "read g_num = 0", "g_num = 1". A read or write of a whole list is told by its name. */
static gboolean
append_access (const MtProgram *program, const MtStep *step, gboolean write, GString *out)
{
  const MtEffect *last = NULL;
  guint n = 0;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      if ((e->kind == MT_EFFECT_WRITE) != write || !is_variable (program, e->address))
        continue;
      last = e;
      n++;
    }
  if (n != 1)
    return FALSE;
  if (!write)
    g_string_append (out, "read ");
  mt_address_print (program, last->address, out);
  g_string_append (out, " = ");
  mt_word_print (program, last->address, last->after, out);
  return TRUE;
}

/* "lock: fork[i]" as "lock fork[2]": which of several it was is known from what the step touched. */
static gboolean
append_element (const MtProgram *program, const MtStep *step, const gchar *text, GString *out)
{
  const gchar *colon = strstr (text, ": "), *name = NULL;
  if (!colon || !g_str_has_suffix (text, "]"))
    return FALSE;
  for (guint i = 0; i < step->effects->len && !name; i++)
    {
      guint32 address = g_array_index (step->effects, MtEffect, i).address;
      for (guint k = 0; k < program->n_objects && !name; k++)
        if (address - program->objects[k].address < program->objects[k].n_words)
          name = program->objects[k].name;
      for (guint k = 0; k < program->n_tasks && !name; k++)
        if (address == program->tasks[k].base)
          name = program->tasks[k].name;
    }
  if (!name || !g_str_has_suffix (name, "]"))
    return FALSE;
  g_string_append_len (out, text, colon - text);
  g_string_append_printf (out, " %s", name);
  return TRUE;
}

static gchar *
describe (const MtProgram *program, const MtStep *step, gboolean timed_out)
{
  const MtInstr *in = &program->code[step->pc];
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  const gchar *text = program->sites[in->site].text;
  g_autoptr (GString) out = g_string_new (NULL);
  if (step->outcome & (MT_FAULT | MT_SWALLOWED))
    {
      append_phrase (out, text);
      g_string_append_printf (out, " !! %s%s", step->fault->str, step->outcome & MT_SWALLOWED ? " (swallowed)" : "");
    }
  else if (g_str_equal (text, program->tasks[step->choice.task].group))
    g_string_append (out, "begin"); /* a coroutine's first step is that its turn has come */
  else if (!(op && op->label && append_access (program, step, op->label[0] == 'w', out)) && !append_element (program, step, text, out))
    append_phrase (out, text);
  if (timed_out)
    g_string_append (out, " (timed out)");
  return g_strdup (out->str);
}

static gchar *
changes_of (const MtProgram *program, const MtStep *step)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      if (e->kind != MT_EFFECT_WRITE || e->before == e->after || !is_variable (program, e->address))
        continue;
      g_string_append (out, out->len ? ", " : "");
      mt_address_print (program, e->address, out);
      g_string_append_c (out, ' ');
      mt_word_print (program, e->address, e->before, out);
      g_string_append (out, " \342\206\222 "); /* an arrow */
      mt_word_print (program, e->address, e->after, out);
    }
  return out->len ? g_strdup (out->str) : NULL;
}

/* Where to look while a run is gone through. */
typedef struct
{
  MtView *view;
  const MtProgram *program;
  const MtWord *s;
  const MtViewOptions *options;
  guint *taken; /* of each object: step that changed it last */
  gboolean *waits; /* of each task */
  GArray *key; /* MtKeyStep */
  guint violating;
  guint n, around; /* of a run too long to make a row of each step: how many about each that matters; 0: all */
  guint hidden; /* steps since the last that was shown */
  MtViewRow *asleep; /* the clock's moves: how all stood while time passed */
  GString *text;
} Builder;

static MtAct
act_of (const MtProgram *program, const MtStep *step)
{
  const MtInstr *in = &program->code[step->pc];
  const MtOp *op = in->op >= MT_N_OPCODES ? mt_op (in->op) : NULL;
  MtAct act = MT_ACT_OTHER;
  if (step->outcome & (MT_FAULT | MT_SWALLOWED))
    return MT_ACT_FAULT;
  if (step->output->len)
    return MT_ACT_PRINT;
  if (op && op->label)
    return op->label[0] == 'w' ? MT_ACT_WRITE : MT_ACT_READ;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      for (guint k = 0; e->kind == MT_EFFECT_WRITE && k < program->n_objects; k++)
        if (e->address - program->objects[k].address < program->objects[k].n_words)
          return in->flags & MT_ALWAYS ? MT_ACT_GIVE : MT_ACT_TAKE;
      if (is_variable (program, e->address))
        act = e->kind == MT_EFFECT_WRITE || act == MT_ACT_WRITE ? MT_ACT_WRITE : MT_ACT_READ;
    }
  return act;
}

/* Cells. */

static void
add_cells (MtView *view, GString *text)
{
  const MtProgram *p = view->program;
  for (guint i = 0; i < p->n_vars + p->n_objects; i++)
    {
      gboolean var = i < p->n_vars;
      MtViewCell cell = { .var = var ? (gint)i : -1, .object = var ? -1 : (gint)(i - p->n_vars) };
      g_string_assign (text, var ? p->vars[i].name : p->objects[i - p->n_vars].name);
      if (var && !p->vars[i].shared && p->n_processes > 1)
        g_string_append_printf (text, "@%u", p->vars[i].process + 1); /* each process has its own copy */
      cell.name = mt_view_clean (text->str);
      g_string_truncate (text, 0);
      g_array_append_val (view->cells, cell);
    }
}

void
mt_view_cell_print (const MtProgram *p, const MtViewCell *cell, const MtWord *s, GString *out)
{
  if (cell->var >= 0)
    {
      const MtVar *v = &p->vars[cell->var];
      mt_value_print (p, v->type, v->fixed, s + v->address, out);
      return;
    }
  const MtObject *object = &p->objects[cell->object];
  gint holder = object->primitive->holder ? object->primitive->holder (object, s + object->address) : -1;
  if (holder >= 0)
    g_string_append (out, p->tasks[holder].name);
  else if (object->primitive->print)
    object->primitive->print (p, object, s + object->address, out);
}

static void
note_used (const Builder *b, const MtStep *step)
{
  for (guint i = 0; i < step->effects->len; i++)
    {
      guint address = g_array_index (step->effects, MtEffect, i).address;
      for (guint k = 0; k < b->view->cells->len; k++)
        {
          MtViewCell *cell = &g_array_index (b->view->cells, MtViewCell, k);
          guint base = cell->var >= 0 ? b->program->vars[cell->var].address : b->program->objects[cell->object].address;
          guint n = cell->var >= 0 ? b->program->vars[cell->var].n_words : b->program->objects[cell->object].n_words;
          cell->used = cell->used || address - base < n;
        }
    }
}

static const gchar **
values_now (const Builder *b)
{
  const gchar **values = g_new0 (const gchar *, b->view->cells->len + 1);
  for (guint k = 0; k < b->view->cells->len; k++)
    {
      mt_view_cell_print (b->program, &g_array_index (b->view->cells, MtViewCell, k), b->s, b->text);
      values[k] = keep_text (b->view, b->text);
    }
  return values;
}

/* Why @task waits, with the step since which the holder has what it waits for. */
static void
append_wait (const Builder *b, guint task, const MtBlock *block, GString *out)
{
  mt_block_print (b->program, b->s, task, out);
  if (mt_block_has_holder (b->program, b->s, task, block) && b->taken[block->object])
    g_string_append_printf (out, " since step %u", b->taken[block->object]);
}

static const gchar **
waits_now (const Builder *b)
{
  const gchar **waits = g_new0 (const gchar *, b->program->n_tasks + 1);
  for (guint t = 0; t < b->program->n_tasks; t++)
    {
      MtBlock block;
      if (!mt_why_blocked (b->program, b->s, t, &block) || block.kind == MT_BLOCK_ENDED || block.kind == MT_BLOCK_UNSTARTED)
        continue;
      append_wait (b, t, &block, b->text);
      if (block.timer > 0)
        {
          g_string_append (b->text, block.kind == MT_BLOCK_SLEEP ? " " : ", gives up in ");
          mt_value_print (b->program, (MtType){ MT_TYPE_TIME, 0, 0 }, FALSE, &block.timer, b->text);
          g_string_append (b->text, " s");
        }
      waits[t] = keep_text (b->view, b->text);
    }
  return waits;
}

MtLaneState
mt_lane_state (const MtProgram *program, const MtWord *s, guint task)
{
  MtBlock block;
  if (s[program->tasks[task].base] == MT_REST_FAILED || s[program->tasks[task].base] == MT_REST_KILLED)
    return MT_LANE_FAILED;
  if (!mt_why_blocked (program, s, task, &block))
    return MT_LANE_READY;
  switch (block.kind)
    {
    case MT_BLOCK_ENDED:
      return MT_LANE_ENDED;
    case MT_BLOCK_UNSTARTED:
      return MT_LANE_UNSTARTED;
    case MT_BLOCK_SLEEP:
      return MT_LANE_SLEEPING;
    case MT_BLOCK_CARRIER: /* it could go on, when its turn comes; but suspended by a switch, only when somebody switches back */
      return mt_carrier_is_suspended (program, s, task) ? MT_LANE_BLOCKED : MT_LANE_READY;
    default:
      return MT_LANE_BLOCKED;
    }
}

static MtLaneState *
lane_states (const Builder *b, gint moved)
{
  MtLaneState *lanes = g_new (MtLaneState, b->program->n_tasks);
  for (guint t = 0; t < b->program->n_tasks; t++)
    {
      lanes[t] = mt_lane_state (b->program, b->s, t);
      if ((gint)t == moved && lanes[t] != MT_LANE_FAILED)
        lanes[t] = MT_LANE_RUNNING;
    }
  return lanes;
}

static gboolean
near (const Builder *b, guint number, guint centre)
{
  return number + b->around >= centre && number <= centre + b->around;
}

static gboolean
in_window (const Builder *b, guint number)
{
  if (number < b->options->from || (b->options->to && number > b->options->to))
    return FALSE;
  guint first = MAX (b->options->from, 1), last = b->options->to ? MIN (b->options->to, b->n) : b->n;
  gboolean shown = b->around == 0 || near (b, number, first) || near (b, number, last) || near (b, number, b->violating ? b->violating : b->n);
  for (guint i = 0; !shown && i < b->key->len; i++)
    shown = near (b, number, g_array_index (b->key, MtKeyStep, i).step);
  return shown;
}

static gchar *
fold_text (guint steps)
{
  return g_strdup_printf ("... %u more step%s", steps, steps == 1 ? "" : "s");
}

static MtViewRow *
add_row (Builder *b, MtRowKind kind, guint number, gint task)
{
  MtViewRow *row = g_new0 (MtViewRow, 1);
  row->kind = kind;
  row->number = number;
  row->task = task;
  g_ptr_array_add (b->view->rows, row);
  return row;
}

/* A row for each task that has come to where it must wait for somebody. */
static void
add_waits (Builder *b, guint number)
{
  const MtProgram *p = b->program;
  for (guint t = 0; t < p->n_tasks; t++)
    {
      MtBlock block;
      gboolean waits = mt_why_blocked (p, b->s, t, &block) && (block.kind == MT_BLOCK_OBJECT || block.kind == MT_BLOCK_TASK || block.kind == MT_BLOCK_CONDITION);
      if (waits && !b->waits[t] && !b->options->no_waits && in_window (b, number))
        {
          MtViewRow *row = add_row (b, MT_ROW_WAIT, number, (gint)t);
          g_autoptr (GString) text = g_string_new (NULL);
          append_wait (b, t, &block, text);
          row->action = g_strdup (text->str);
          row->line = p->sites[p->code[b->s[p->tasks[t].base]].site].mark.line;
        }
      b->waits[t] = waits;
    }
}

static void
note_taken (Builder *b, const MtStep *step, guint number)
{
  const MtProgram *p = b->program;
  for (guint i = 0; i < step->effects->len; i++)
    {
      const MtEffect *e = &g_array_index (step->effects, MtEffect, i);
      for (guint k = 0; e->kind == MT_EFFECT_WRITE && k < p->n_objects; k++)
        if (e->address - p->objects[k].address < p->objects[k].n_words)
          b->taken[k] = number;
    }
}

static MtMarkKind
mark_of (const Builder *b, guint number)
{
  for (guint i = 0; i < b->key->len; i++)
    if (g_array_index (b->key, MtKeyStep, i).step == number)
      {
        static const MtMarkKind marks[] = { MT_MARK_STALE, MT_MARK_ERASED, MT_MARK_NONE, MT_MARK_TAKEN };
        return marks[g_array_index (b->key, MtKeyStep, i).role];
      }
  return MT_MARK_NONE;
}

/* The steps that were passed over, if any: only those of a very long run, so never just one. */
static void
add_hidden (Builder *b)
{
  if (b->hidden == 0)
    return;
  MtViewRow *row = add_row (b, MT_ROW_FOLD, 0, -1);
  row->count = b->hidden;
  row->action = fold_text (b->hidden);
  b->hidden = 0;
}

static void
add_step (Builder *b, const MtStep *step, guint number, gint64 time, gboolean timed_out, gboolean switched)
{
  if (!in_window (b, number))
    {
      b->hidden += b->around > 0;
      return;
    }
  add_hidden (b);
  const MtProgram *p = b->program;
  gboolean clock = step->choice.task == MT_CLOCK;
  MtViewRow *row = add_row (b, clock ? MT_ROW_CLOCK : MT_ROW_STEP, number, clock ? -1 : (gint)step->choice.task);
  row->time = time;
  row->switched = switched;
  g_assert (!clock || b->asleep);
  row->lanes = clock ? g_steal_pointer (&b->asleep->lanes) : lane_states (b, row->task);
  row->waits = clock ? g_steal_pointer (&b->asleep->waits) : waits_now (b);
  row->values = values_now (b);
  note_used (b, step);
  row->violating = number == b->violating;
  row->mark = mark_of (b, number);
  if (clock)
    {
      g_autoptr (GString) text = g_string_new ("time passes: ");
      mt_value_print (p, (MtType){ MT_TYPE_TIME, 0, 0 }, FALSE, &step->advance, text);
      g_string_append (text, " s");
      row->action = g_strdup (text->str);
      return;
    }
  row->line = p->sites[p->code[step->pc].site].mark.line;
  row->act = act_of (p, step);
  row->action = describe (p, step, timed_out);
  row->changes = changes_of (p, step);
  row->output = step->output->len ? g_strndup (step->output->str, step->output->len) : NULL;
}

/* Folding. */

static gboolean
keeps (const MtViewRow *row)
{
  return row->violating || row->mark != MT_MARK_NONE || row->kind == MT_ROW_FOLD;
}

/* Replaces rows [from, to) by one that counts them, unless it would stand for a single one. */
static void
fold (GPtrArray *rows, guint from, guint to)
{
  guint steps = 0;
  if (to < from + 2)
    return;
  for (guint i = from; i < to; i++)
    {
      const MtViewRow *row = rows->pdata[i];
      steps += row->kind == MT_ROW_FOLD ? row->count : row->kind != MT_ROW_WAIT;
    }
  MtViewRow *folded = g_new0 (MtViewRow, 1);
  const MtViewRow *first = rows->pdata[from];
  gboolean same = TRUE;
  for (guint i = from; i < to; i++)
    same = same && ((MtViewRow *)rows->pdata[i])->task == first->task;
  folded->kind = MT_ROW_FOLD;
  folded->number = first->number;
  folded->task = same ? first->task : -1;
  folded->count = steps;
  folded->action = fold_text (steps);
  g_ptr_array_remove_range (rows, from, to - from);
  g_ptr_array_insert (rows, (gint)from, folded);
}

/* The middle of a long run of one task. */
static void
fold_runs (GPtrArray *rows)
{
  for (guint from = 0; from < rows->len;)
    {
      const MtViewRow *first = rows->pdata[from];
      guint to = from;
      while (to < rows->len && ((MtViewRow *)rows->pdata[to])->task == first->task && !keeps (rows->pdata[to]))
        to++;
      if (to - from > LONG_RUN)
        {
          fold (rows, from + 3, to - 3);
          to = from + 7;
        }
      from = MAX (to, from + 1);
    }
}

/* Marks the rows at most @around from each that matters; returns how many there will be once the others are folded. */
static guint
choose_shown (const GPtrArray *rows, guint around, gboolean *shown)
{
  guint n = 0;
  memset (shown, 0, sizeof (gboolean) * rows->len);
  for (guint i = 0; i < rows->len; i++)
    {
      const MtViewRow *row = rows->pdata[i];
      gboolean centre = i == 0 || i + 1 == rows->len || (keeps (row) && row->kind != MT_ROW_FOLD);
      for (guint k = i > around ? i - around : 0; centre && k < MIN (rows->len, i + around + 1); k++)
        shown[k] = TRUE;
    }
  for (guint i = 0; i < rows->len; i++)
    n += shown[i] || i == 0 || shown[i - 1];
  return n;
}

/* What is still too long loses its middle between the places that matter. */
static void
fold_to (GPtrArray *rows, guint max)
{
  if (rows->len <= max)
    return;
  guint around = max;
  g_autofree gboolean *shown = g_new (gboolean, rows->len);
  while (choose_shown (rows, around, shown) > max && around > 0)
    around--;
  for (guint to = rows->len; to > 0;)
    {
      guint from = to;
      while (from > 0 && !shown[from - 1])
        from--;
      fold (rows, from, to);
      to = from > 0 ? from - 1 : 0;
    }
}

static void
add_key_facts (Builder *b, const MtViolation *violation)
{
  MtView *view = b->view;
  for (guint i = 0; i < b->key->len; i++)
    {
      const MtKeyStep *key = &g_array_index (b->key, MtKeyStep, i);
      guint *const where[] = { &view->stale, &view->erased, &view->erasing, NULL };
      if (where[key->role])
        *where[key->role] = key->step;
    }
  if (violation && violation->kind == MT_FAIL_DATA_RACE)
    {
      view->racing[0] = violation->task;
      view->racing[1] = violation->other;
    }
}

/* At the end, where those in the cycle stand for good. */
static void
add_cycle (Builder *b, const MtViolation *violation)
{
  const MtProgram *p = b->program;
  for (guint i = 0; violation && violation->cycle && i < violation->cycle->len; i++)
    {
      MtBlock block;
      guint task = g_array_index (violation->cycle, guint, i), next = g_array_index (violation->cycle, guint, (i + 1) % violation->cycle->len);
      if (!mt_why_blocked (p, b->s, task, &block) || block.holder < 0)
        continue;
      gboolean object = block.kind == MT_BLOCK_OBJECT;
      g_string_append (b->text, object ? p->objects[block.object].name : "end of ");
      g_string_append (b->text, object ? "" : p->tasks[next].name);
      MtViewWait wait = { task, next, object ? b->taken[block.object] : 0, keep_text (b->view, b->text) };
      g_array_append_val (b->view->cycle, wait);
    }
}

/* Of a large circle of waits the message is too long for a title; who stands in it is enough. */
static void
shorten_headline (MtView *view)
{
  guint n = view->cycle->len;
  if (n < 3)
    return;
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < MIN (n, 6); i++)
    {
      guint task = g_array_index (view->cycle, MtViewWait, i).task;
      g_string_append_printf (text, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", (const gchar *)view->tasks->pdata[task]);
    }
  if (n > 6)
    g_string_append_printf (text, " and %u more", n - 6);
  g_string_append (text, " wait for each other");
  g_free (view->headline);
  view->headline = g_strdup (text->str);
}

/* At the end, where both tasks of a data race may make their accesses. */
static void
add_racing (Builder *b)
{
  const MtProgram *p = b->program;
  for (guint i = 0; i < 2 && b->view->racing[i] >= 0; i++)
    {
      guint pc = (guint)b->s[p->tasks[b->view->racing[i]].base];
      g_autofree gchar *access = mt_view_access (p, pc);
      g_string_append (b->text, access ? access : p->sites[p->code[pc].site].text);
      b->view->racing_text[i] = keep_text (b->view, b->text);
    }
}

static void
add_waiting (Builder *b)
{
  const MtProgram *p = b->program;
  for (guint t = 0; t < p->n_tasks; t++)
    {
      MtBlock block;
      if (!mt_why_blocked (p, b->s, t, &block) || block.kind == MT_BLOCK_ENDED || block.kind == MT_BLOCK_UNSTARTED || block.kind == MT_BLOCK_SLEEP)
        continue;
      g_autoptr (GString) text = g_string_new (p->tasks[t].name);
      g_string_append_c (text, ' ');
      append_wait (b, t, &block, text);
      g_ptr_array_add (b->view->waiting, g_strdup (text->str));
    }
}

static MtViewRow *
still (const Builder *b, guint number)
{
  MtViewRow *row = g_new0 (MtViewRow, 1);
  row->number = number;
  row->task = -1;
  row->lanes = lane_states (b, -1);
  row->waits = waits_now (b);
  row->values = values_now (b);
  return row;
}

/* How all stand before the first step that is shown, @number + 1. */
static void
begin (Builder *b, guint number)
{
  row_free (b->view->start);
  b->view->start = still (b, number);
  for (guint k = 0; k < b->view->cells->len; k++)
    g_array_index (b->view->cells, MtViewCell, k).initial = b->view->start->values[k];
}

static void
go_through (Builder *b, const MtChoice *choices, guint n, MtWord *s)
{
  const MtProgram *program = b->program;
  g_autoptr (MtHappens) happens = mt_happens_new (program);
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (MtViewLink));
  MtStep step;
  gint64 time = 0;
  gint last = -1;
  mt_step_init (&step);
  step.want_effects = TRUE;
  mt_state_init (program, s, NULL);
  add_cells (b->view, b->text);
  begin (b, 0);
  add_waits (b, 0);
  for (guint i = 0; i < n; i++)
    {
      MtChoice choice = choices[i];
      gboolean clock = choice.task == MT_CLOCK;
      gboolean timed_out = !clock && choice.alt == 1 && (program->code[s[program->tasks[choice.task].base]].flags & MT_TIMED);
      b->asleep = clock && in_window (b, i + 1) ? still (b, i) : NULL;
      mt_step (program, s, choice, &step);
      time += step.advance;
      note_taken (b, &step, i + 1);
      mt_happens_step (happens, &step, s, i + 1, links);
      for (guint k = 0; k < links->len; k++)
        {
          MtViewLink link = g_array_index (links, MtViewLink, k);
          if (in_window (b, link.from) && in_window (b, link.to))
            g_array_append_val (b->view->links, link);
        }
      g_array_set_size (links, 0);
      add_step (b, &step, i + 1, time, timed_out, !clock && last >= 0 && last != (gint)choice.task);
      g_clear_pointer (&b->asleep, row_free);
      add_waits (b, i + 1);
      if (i + 2 == b->options->from)
        begin (b, i + 1);
      last = clock ? last : (gint)choice.task;
      g_string_truncate (step.output, 0);
    }
  b->view->end = still (b, n);
  mt_step_clear (&step);
}

/* Of a window so long, a row is made only of what will be shown. */
static guint
rows_around (const MtViewOptions *options, guint n, guint n_key)
{
  n = (options->to ? MIN (options->to, n) : n) - MIN (options->from, n);
  guint max = options->max_rows ? options->max_rows : DEFAULT_ROWS;
  return options->full || n <= MAX_MADE ? 0 : MAX (2, max / (n_key + 3));
}

MtView *
mt_view_new (const MtProgram *program, const MtChoice *choices, guint n, const MtViolation *violation, const MtViewOptions *options)
{
  MtView *view = g_new0 (MtView, 1);
  view->program = program;
  view->rows = g_ptr_array_new_with_free_func (row_free);
  view->waiting = g_ptr_array_new_with_free_func (g_free);
  view->tasks = g_ptr_array_new_with_free_func (g_free);
  view->cells = g_array_new (FALSE, FALSE, sizeof (MtViewCell));
  g_array_set_clear_func (view->cells, cell_clear);
  view->links = g_array_new (FALSE, FALSE, sizeof (MtViewLink));
  view->cycle = g_array_new (FALSE, FALSE, sizeof (MtViewWait));
  view->texts = g_string_chunk_new (4096);
  view->racing[0] = view->racing[1] = -1;
  view->n_steps = n;
  view->kind = violation ? violation->kind : MT_PASS;
  view->verdict = mt_verdict_token (view->kind);
  view->headline = mt_view_clean (violation && violation->message ? violation->message : program->title);
  for (guint t = 0; t < program->n_tasks; t++)
    g_ptr_array_add (view->tasks, mt_view_clean (program->tasks[t].name));
  g_autofree MtWord *s = g_new (MtWord, program->n_words);
  g_autofree guint *taken = g_new0 (guint, program->n_objects + 1);
  g_autofree gboolean *waits = g_new0 (gboolean, program->n_tasks + 1);
  g_autoptr (GArray) key = g_array_new (FALSE, FALSE, sizeof (MtKeyStep));
  g_autoptr (GString) text = g_string_new (NULL), explanation = g_string_new (NULL);
  Builder b = { .view = view, .program = program, .s = s, .options = options, .taken = taken, .waits = waits, .key = key, .n = n, .text = text };
  b.violating = view->violating = violation ? violation->step : 0;
  if (violation)
    {
      mt_key_steps (program, choices, n, violation, key);
      mt_explain (program, choices, n, violation, explanation);
    }
  view->explanation = g_strdup (explanation->str);
  b.around = rows_around (options, n, key->len);
  add_key_facts (&b, violation);
  go_through (&b, choices, n, s);
  add_cycle (&b, violation);
  add_racing (&b);
  shorten_headline (view);
  add_waiting (&b);
  if (!options->full)
    {
      fold_runs (view->rows);
      fold_to (view->rows, options->max_rows ? options->max_rows : DEFAULT_ROWS);
    }
  return view;
}

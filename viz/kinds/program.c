/* program: the control flow of each class of tasks, step by step: a box is a place where a task may
 * rest, an arrow leads to where its next step begins. */
#include "viz/kind.h"
#include "sim/primitive.h"
#include <string.h>

#define WIDEST 320.0

typedef struct
{
  const MtProgram *program;
  MtPicture *picture;
  gint *boxes; /* of each instruction, or -1 */
  gboolean *seen; /* instructions of the current search */
  GArray *stack; /* guint */
} Flow;

static void
push (Flow *f, guint pc)
{
  if (f->seen[pc])
    return;
  f->seen[pc] = TRUE;
  g_array_append_val (f->stack, pc);
}

/* Where a task can go on after an instruction. */
static void
push_successors (Flow *f, guint pc)
{
  const MtInstr *in = &f->program->code[pc];
  switch (in->op)
    {
    case MT_OP_END:
    case MT_OP_REST:
      return;
    case MT_OP_JMP:
      push (f, (guint)in->imm);
      return;
    case MT_OP_JZ:
    case MT_OP_JNZ:
    case MT_OP_DECJNZ:
      push (f, (guint)in->imm);
      push (f, pc + 1);
      return;
    default:
      break;
    }
  if (in->op >= MT_N_OPCODES && mt_op (in->op) == &mt_op_choose)
    {
      for (guint k = 0; k < (guint)in->imm; k++)
        push (f, pc + 2 + 2 * k);
      return;
    }
  if (in->op >= MT_N_OPCODES && mt_op (in->op) == &mt_op_raise)
    return;
  push (f, pc + 1);
  if (in->flags & MT_FALLIBLE)
    push (f, pc + 2);
}

static guint
add_end (Flow *f, guint class_)
{
  g_autofree gchar *id = g_strdup_printf ("end-%u", class_);
  MtBox *box = mt_picture_box (f->picture, id, "end", 0, 0, 80, 36);
  box->style = MT_STYLE_ROUND;
  box->fill = MT_INK_PANEL;
  return f->picture->boxes->len - 1;
}

/* Arrows from box @from to every step that may come next after @start. */
static void
follow (Flow *f, guint from, guint start, gboolean itself, guint class_, gint *end)
{
  const MtProgram *p = f->program;
  memset (f->seen, 0, sizeof (gboolean) * p->n_code);
  g_array_set_size (f->stack, 0);
  if (itself)
    push_successors (f, start);
  else
    push (f, start);
  while (f->stack->len)
    {
      guint pc = g_array_index (f->stack, guint, f->stack->len - 1);
      g_array_set_size (f->stack, f->stack->len - 1);
      if (f->boxes[pc] >= 0)
        mt_picture_arrow (f->picture, from, (guint)f->boxes[pc], NULL);
      else if (p->code[pc].op == MT_OP_END)
        {
          *end = *end >= 0 ? *end : (gint)add_end (f, class_);
          mt_picture_arrow (f->picture, from, (guint)*end, NULL);
        }
      else
        push_successors (f, pc);
    }
}

static gchar *
box_text (const MtProgram *p, guint pc)
{
  const MtSite *site = &p->sites[p->code[pc].site];
  g_autofree gchar *clean = mt_view_clean (site->text), *access = mt_view_access (p, pc);
  return access ? g_strdup_printf ("%d  %s:  %s", site->mark.line, access, clean) : g_strdup_printf ("%d  %s", site->mark.line, clean);
}

static void
draw_class (Flow *f, guint class_)
{
  const MtProgram *p = f->program;
  const MtClass *c = &p->classes[class_];
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  for (guint t = 0; t < p->n_tasks; t++)
    if (p->tasks[t].class_ == class_ && n++ < 4)
      g_string_append_printf (names, "%s%s", n > 1 ? ", " : "", p->tasks[t].name);
  if (n == 0)
    return;
  if (n > 4)
    g_string_append_printf (names, " and %u more", n - 4);
  g_autofree gchar *id = g_strdup_printf ("class-%u", class_), *clean = mt_view_clean (names->str), *title = mt_text_fit (clean, 18, TRUE, WIDEST);
  MtBox *head = mt_picture_box (f->picture, id, title, 0, 0, mt_text_width (title, 18, TRUE) + 36, 40);
  head->style = MT_STYLE_BOLD | MT_STYLE_ROUND;
  head->fill = head->line = MT_INK_BLUE;
  head->ink = MT_INK_PAPER;
  guint first = f->picture->boxes->len - 1;
  for (guint pc = c->entry; pc < c->end; pc++)
    {
      if (!(p->code[pc].flags & MT_STEP))
        continue;
      g_autofree gchar *step = g_strdup_printf ("at-%u", pc), *whole = box_text (p, pc), *text = mt_text_fit (whole, 16, FALSE, WIDEST);
      MtBox *box = mt_picture_box (f->picture, step, text, 0, 0, mt_text_width (text, 16, FALSE) + 28, 36);
      box->tip = g_strdup (whole);
      box->size = 16;
      f->boxes[pc] = (gint)f->picture->boxes->len - 1;
    }
  gint end = -1;
  follow (f, first, c->entry, FALSE, class_, &end);
  for (guint pc = c->entry; pc < c->end; pc++)
    if (f->boxes[pc] >= 0)
      follow (f, (guint)f->boxes[pc], pc, TRUE, class_, &end);
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtProgram *p = input->program;
  g_autofree gchar *title = mt_view_clean (p->title);
  g_autofree gint *boxes = g_new (gint, p->n_code + 1);
  g_autofree gboolean *seen = g_new0 (gboolean, p->n_code + 1);
  Flow f = { p, mt_picture_new (title), boxes, seen, g_array_new (FALSE, FALSE, sizeof (guint)) };
  f.picture->dark = input->dark;
  for (guint i = 0; i < p->n_code; i++)
    boxes[i] = -1;
  for (guint k = 0; k < p->n_classes; k++)
    draw_class (&f, k);
  g_array_unref (f.stack);
  return f.picture;
}

const MtKindRow mt_kind_program = { "program", "the steps of each task, and where they lead", MT_NEEDS_PROGRAM, FALSE, draw };

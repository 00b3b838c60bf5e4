/* Programs as objects: their life, their text, their names. */
#include "sim/program.h"
#include "sim/op.h"
#include "sim/primitive.h"

MtProgram *
mt_program_ref (MtProgram *program)
{
  g_atomic_int_inc (&program->ref_count);
  return program;
}

void
mt_program_unref (MtProgram *program)
{
  if (!program || !g_atomic_int_dec_and_test (&program->ref_count))
    return;
  GPtrArray *arena = program->arena;
  g_ptr_array_foreach (arena, (GFunc)(void (*) (void))g_free, NULL);
  g_ptr_array_unref (arena);
  g_free (program);
}

gint
mt_program_find_task (const MtProgram *program, const gchar *name)
{
  for (guint t = 0; t < program->n_tasks; t++)
    if (g_str_equal (program->tasks[t].name, name))
      return (gint)t;
  return -1;
}

static void
print_scalar (const MtProgram *program, MtTypeKind kind, MtWord word, gboolean quoted, GString *out)
{
  switch (kind)
    {
    case MT_TYPE_BOOL:
      g_string_append (out, word ? "True" : "False");
      break;
    case MT_TYPE_STRING:
      g_string_append_printf (out, quoted ? "'%s'" : "%s", (guint)word < program->n_strings ? program->strings[word] : "?");
      break;
    case MT_TYPE_TIME:
      g_string_append_printf (out, "%s%d", word < 0 ? "-" : "", ABS (word / 1000));
      if (word % 1000)
        {
          gint thousandths = ABS (word % 1000);
          gint digits = 3;
          for (; thousandths % 10 == 0; thousandths /= 10)
            digits--;
          g_string_append_printf (out, ".%0*d", digits, thousandths);
        }
      break;
    default:
      g_string_append_printf (out, "%d", word);
    }
}

void
mt_value_print (const MtProgram *program, MtType type, gboolean fixed, const MtWord *words, GString *out)
{
  if (type.kind != MT_TYPE_LIST)
    {
      print_scalar (program, type.kind, *words, FALSE, out);
      return;
    }
  MtWord n = fixed ? (MtWord)type.capacity : *words++;
  g_string_append_c (out, '[');
  for (MtWord i = 0; i < n; i++)
    {
      g_string_append (out, i ? ", " : "");
      print_scalar (program, type.element, words[i], TRUE, out);
    }
  g_string_append_c (out, ']');
}

static const gchar *const opcode_names[] = {
  "rest", "nop", "const", "move", "add", "sub", "mul", "div", "mod", "addk", "subk", "neg", "not", "truth", "eq", "ne", "lt", "le", "gt", "ge", "min",
  "max", "abs", "jmp", "jz", "jnz", "decjnz", "clear", "id", "self", "pid", "slot", "setslot", "slotin", "sloteq", "copy", "slotappend", "slotpop", "end",
};
G_STATIC_ASSERT (G_N_ELEMENTS (opcode_names) == MT_N_OPCODES);

static const gchar *
op_name (guint op)
{
  return op < MT_N_OPCODES ? opcode_names[op] : mt_op (op)->name;
}

static void
dump_code (const MtProgram *p, GString *out)
{
  static const gchar flag_letters[] = "SAabfdth";
  for (guint i = 0; i < p->n_code; i++)
    {
      const MtInstr *in = &p->code[i];
      for (guint k = 0; k < p->n_classes; k++)
        if (p->classes[k].entry == i)
          g_string_append_printf (out, "class %s: %u locals, %u slots, %u parameters\n", p->classes[k].name, p->classes[k].n_locals,
                                  p->classes[k].n_frame, p->classes[k].n_params);
      g_autofree gchar *flags = g_strdup ("........");
      for (guint f = 0; f < 8; f++)
        if (in->flags & 1 << f)
          flags[f] = flag_letters[f];
      g_string_append_printf (out, "%5u %s %-13s dst %-3d a %-3d b %-3d imm %-6d line %d\n", i, flags, op_name (in->op), in->dst, in->a, in->b, in->imm,
                              p->sites[in->site].mark.line);
    }
}

void
mt_program_dump (const MtProgram *p, GString *out)
{
  g_string_append_printf (out, "program %s\nwords %u, choices at most %u\n", p->title, p->n_words, p->max_choices);
  for (guint i = 0; i < p->n_params; i++)
    {
      g_string_append_printf (out, "param %s = ", p->params[i].name);
      mt_value_print (p, p->params[i].type, FALSE, &p->params[i].value, out);
      g_string_append_c (out, '\n');
    }
  for (guint i = 0; i < p->n_vars; i++)
    {
      g_string_append_printf (out, "%s %s at %u, %u words, process %u = ", p->vars[i].shared ? "shared" : "global", p->vars[i].name, p->vars[i].address, p->vars[i].n_words, p->vars[i].process);
      mt_value_print (p, p->vars[i].type, p->vars[i].fixed, p->vars[i].initial, out);
      g_string_append_printf (out, "%s\n", p->vars[i].watch >= 0 ? " (watched)" : "");
    }
  for (guint i = 0; i < p->n_objects; i++)
    g_string_append_printf (out, "%s %s at %u, %u words\n", p->objects[i].primitive->section, p->objects[i].name, p->objects[i].address, p->objects[i].n_words);
  for (guint i = 0; i < p->n_tasks; i++)
    g_string_append_printf (out, "task %s at %u, class %s, process %u%s%s\n", p->tasks[i].name, p->tasks[i].base, p->classes[p->tasks[i].class_].name,
                            p->tasks[i].process, p->tasks[i].daemon ? ", daemon" : "", p->tasks[i].starts ? "" : ", started by a step");
  dump_code (p, out);
}

/* Any text as a schedule of a model: choices, or an error that says why not. */
#include "program.h"
#include "sim/trace.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static MtProgram *program;
  if (!program)
    program = fuzz_program ();
  g_autofree gchar *text = g_strndup ((const gchar *)data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) choices = mt_schedule_parse (program, text, &error);
  g_assert (!choices == !!error);
  return 0;
}

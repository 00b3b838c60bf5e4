/* Any bytes as a trace, bound to a model. */
#include "program.h"
#include "sim/trace.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static MtProgram *program;
  if (!program)
    program = fuzz_program ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = g_strndup ((const gchar *)data, size);
  g_autoptr (MtTrace) trace = mt_trace_parse ("f", text, size, &error);
  g_assert (!trace == !!error);
  if (trace)
    mt_trace_bind (trace, program, NULL);
  return 0;
}

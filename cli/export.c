/* export: a run, or the model itself, in the language of another tool. */
#include "checker/promela.h"
#include "cli/draw.h"

/* What is made of the model alone; what is made of a run, draw has. */
static const MtTarget targets[] = {
  { "promela", "the model itself, for SPIN", mt_promela_write },
  { 0 },
};

static MtExit
export (gint argc, gchar **argv)
{
  return mt_draw (&mt_command_export, targets, argc, argv);
}

const MtCommand mt_command_export
    = { "export", "MODEL [TRACE] --to FORMAT", "writes a run for another tool, or the model itself for SPIN (--to promela)", export };

/* export: a run in the language of another tool. */
#include "cli/draw.h"

static MtExit
export (gint argc, gchar **argv)
{
  return mt_draw (&mt_command_export, argc, argv);
}

const MtCommand mt_command_export = { "export", "MODEL [TRACE] --to FORMAT", "writes a run for another tool (mtsim list shows the formats)", export };

/* What draw and export share: everything but their names. */
#pragma once
#include "cli/cli.h"

MtExit mt_draw (const MtCommand *command, gint argc, gchar **argv);

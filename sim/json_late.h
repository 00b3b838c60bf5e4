/* json-glib, loaded when it is first needed: see json_late.c. */
#pragma once
#include "sim/diag.h"

/* Loads it now: before a long search whose result is to be JSON, say. FALSE: it can't be. */
gboolean mt_json_load (GError **error);

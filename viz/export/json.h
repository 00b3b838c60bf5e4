/* The drawing as JSON, for the formats that carry it. */
#pragma once
#include "viz/export.h"
#include <json-glib/json-glib.h>

/* Caller frees. */
gchar *mt_drawing_to_json (const MtDrawing *drawing, gboolean pretty);

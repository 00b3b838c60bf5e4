/* Files: read whole within a bound, written whole or not at all. "-" is standard input or output. */
#pragma once
#include "sim/diag.h"

/* Reads @path whole. NULL and @error (MT_ERROR_FILE) when it cannot be read, is a directory, or
 * holds more than @max bytes. Caller frees; a NUL follows the text. @length may be NULL. */
gchar *mt_read_file (const gchar *path, gsize max, gsize *length, GError **error);

/* Writes @length bytes (-1: up to the NUL) to @path: to a temporary beside it, which is then renamed,
 * so that a failure leaves the old file; a device or pipe is written in place. FALSE and @error
 * (MT_ERROR_FILE) when it can't. */
gboolean mt_write_file (const gchar *path, const gchar *data, gssize length, GError **error);

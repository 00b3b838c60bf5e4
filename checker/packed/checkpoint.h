/* A search in a file, to be taken up again: after a signal, a time limit, or a crash of the machine.
 *
 * It holds all that the search is: the parts and their values, the table of keys, the states to be searched, findings and
 * ends, and what they are of: a digest of the compiled program and of the options that decide what is searched. The
 * file is written beside the old one and takes its place when it is whole and on the disk; its last bytes are a digest of
 * all others, so half a file, or another's, is never taken up. It is for the machine it was written on: words are as
 * they are in memory.
 */
#pragma once
#include "checker/packed/packed.h"

/* Writes the search, while no worker runs and nothing waits in a ring, to the options' file. FALSE and @error (MT_ERROR_FILE). */
gboolean mt_checkpoint_write (MtPacked *packed, GError **error);

/* Reads it into @packed, which is new: *size states are to be searched at packed->level. FALSE without an error: there is no such
 * file; with one (MT_ERROR_FILE): it is of something else, or no checkpoint. */
gboolean mt_checkpoint_read (MtPacked *packed, guint64 *size, GError **error);

void mt_checkpoint_remove (const gchar *path);

/* Files in and out: whole or not at all, and never more than a bound. */
#include "sim/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

/* Opening a pipe must not wait for somebody to write to it; reading may. */
static gint
open_source (const gchar *path)
{
  gint fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd >= 0)
    fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

/* Stops past the bound, however much there is: a device may have no end.
 * NULL with errno set when reading fails. */
static GString *
read_bounded (gint fd, gsize max)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gchar buffer[BLOCK_SIZE];
  gssize n;

  do
    {
      n = read (fd, buffer, sizeof buffer);
      if (n > 0)
        g_string_append_len (text, buffer, n);
    }
  while ((n > 0 && text->len <= max) || (n < 0 && errno == EINTR));
  return n < 0 ? NULL : g_steal_pointer (&text);
}

static gboolean
is_pipe (gint fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISFIFO (info.st_mode);
}

/* Why what was read from @fd is of no use; NULL when it is fine. Caller frees. */
static gchar *
find_refusal (gint fd, gsize max, const GString *text)
{
  if (!text)
    return g_strdup (g_strerror (errno));
  if (text->len > max)
    return g_strdup_printf ("it is larger than %" G_GSIZE_FORMAT " MiB", max / (1024 * 1024));
  if (text->len == 0 && fd != STDIN_FILENO && is_pipe (fd))
    return g_strdup ("nobody writes to this pipe");
  return NULL;
}

gchar *
mt_read_file (const gchar *path, gsize max, gsize *length, GError **error)
{
  gboolean is_stdin = g_str_equal (path, "-");
  gint fd = is_stdin ? STDIN_FILENO : open_source (path);
  g_autoptr (GString) text = fd < 0 ? NULL : read_bounded (fd, max);
  g_autofree gchar *refusal = find_refusal (fd, max, text);

  if (fd >= 0 && !is_stdin)
    close (fd);
  if (refusal)
    {
      g_autofree gchar *name = g_utf8_make_valid (is_stdin ? "standard input" : path, -1);

      g_set_error (error, MT_ERROR, MT_ERROR_FILE, "cannot read %s: %s", name, refusal);
      return NULL;
    }
  g_assert (text);
  if (length)
    *length = text->len;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
mt_write_file (const gchar *path, const gchar *data, gssize length, GError **error)
{
  gsize size = length < 0 ? strlen (data) : (gsize)length;
  if (g_str_equal (path, "-"))
    {
      if (fwrite (data, 1, size, stdout) == size && fflush (stdout) == 0)
        return TRUE;
      g_set_error (error, MT_ERROR, MT_ERROR_FILE, "standard output: %s", g_strerror (errno));
      return FALSE;
    }
  g_autoptr (GError) problem = NULL;
  struct stat st;
  /* a device or pipe can't be replaced by a renamed file */
  gboolean special = stat (path, &st) == 0 && !S_ISREG (st.st_mode);
  if (special)
    {
      FILE *file = S_ISDIR (st.st_mode) ? NULL : fopen (path, "wb");
      gboolean good = file && fwrite (data, 1, size, file) == size;
      if (file && fclose (file) == 0 && good)
        return TRUE;
      g_set_error (error, MT_ERROR, MT_ERROR_FILE, "%s: %s", path, S_ISDIR (st.st_mode) ? "is a directory" : g_strerror (errno));
      return FALSE;
    }
  if (g_file_set_contents_full (path, data, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0666, &problem))
    return TRUE;
  g_set_error (error, MT_ERROR, MT_ERROR_FILE, "%s", problem->message);
  return FALSE;
}

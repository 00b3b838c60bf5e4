/* Makes a call fail that hardly ever does: preloaded into mtsim (LD_PRELOAD), the call number N of those named in MTSIM_FAULT
 * ("rename:2") is not made, and says why not. The file named in MTSIM_FAULT_MADE is there once that has happened. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int calls; /* of the kind that is to fail, by any thread */

/* Calls by mtsim itself; where @files, by GLib too, which writes its files. What other libraries do when they are refused
 * something (a font is not found, a thread of theirs not started) is up to them. */
static int
is_ours (void *caller, int files)
{
  Dl_info info;
  const char *name = dladdr (caller, &info) ? strrchr (info.dli_fname, '/') : NULL;
  return name && (strcmp (name, "/mtsim") == 0 || (files && strncmp (name, "/libglib", 8) == 0));
}

/* Whether this call is the one. Nothing here may call what is replaced. */
static int
fails (const char *name, void *caller, int files)
{
  const char *wanted = getenv ("MTSIM_FAULT"), *made = getenv ("MTSIM_FAULT_MADE");
  size_t length = strlen (name);
  if (!wanted || strncmp (wanted, name, length) != 0 || wanted[length] != ':' || !is_ours (caller, files))
    return 0;
  if (__atomic_add_fetch (&calls, 1, __ATOMIC_SEQ_CST) != atoi (wanted + length + 1))
    return 0;
  int fd = made ? (int)syscall (SYS_openat, AT_FDCWD, made, O_CREAT | O_WRONLY, 0600) : -1;
  if (fd >= 0)
    syscall (SYS_close, fd);
  return 1;
}

#define REAL(name) ((__typeof__ (&name))dlsym (RTLD_NEXT, #name))

#define REPLACE(result, name, kind, files, parameters, arguments, error, failure) \
  result name parameters                                                          \
  {                                                                               \
    if (!fails (kind, __builtin_return_address (0), files))                       \
      return REAL (name) arguments;                                               \
    errno = error;                                                                \
    return failure;                                                               \
  }

REPLACE (ssize_t, write, "write", 1, (int fd, const void *data, size_t n), (fd, data, n), ENOSPC, -1)
REPLACE (size_t, fwrite, "fwrite", 1, (const void *data, size_t size, size_t n, FILE *file), (data, size, n, file), ENOSPC, 0)
REPLACE (int, fsync, "fsync", 1, (int fd), (fd), EIO, -1)
REPLACE (int, rename, "rename", 1, (const char *from, const char *to), (from, to), EACCES, -1)
REPLACE (int, fork, "fork", 0, (void), (), EAGAIN, -1)
REPLACE (FILE *, fopen, "open", 1, (const char *path, const char *mode), (path, mode), EMFILE, NULL)
REPLACE (FILE *, fopen64, "open", 1, (const char *path, const char *mode), (path, mode), EMFILE, NULL)
REPLACE (void *, mmap, "mmap", 0, (void *at, size_t n, int protection, int flags, int fd, off_t offset), (at, n, protection, flags, fd, offset), ENOMEM, MAP_FAILED)
REPLACE (void *, mmap64, "mmap", 0, (void *at, size_t n, int protection, int flags, int fd, off64_t offset), (at, n, protection, flags, fd, offset), ENOMEM, MAP_FAILED)
REPLACE (void *, g_try_malloc, "try_malloc", 0, (gsize n), (n), ENOMEM, NULL)
REPLACE (void *, g_try_malloc0, "try_malloc", 0, (gsize n), (n), ENOMEM, NULL)
REPLACE (void *, g_try_malloc0_n, "try_malloc", 0, (gsize n, gsize size), (n, size), ENOMEM, NULL)

int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*run) (void *), void *data)
{
  return fails ("thread", __builtin_return_address (0), 0) ? EAGAIN : REAL (pthread_create) (thread, attributes, run, data);
}

#define REPLACE_OPEN(name)                                                               \
  int name (const char *path, int flags, ...)                                            \
  {                                                                                      \
    va_list more;                                                                        \
    va_start (more, flags);                                                              \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg (more, mode_t) : 0;             \
    va_end (more);                                                                       \
    if (!fails ("open", __builtin_return_address (0), 1))                                \
      return REAL (name) (path, flags, mode);                                            \
    errno = EMFILE;                                                                      \
    return -1;                                                                           \
  }

REPLACE_OPEN (open)
REPLACE_OPEN (open64)

/* See shared.h. */
#include "real/shared.h"
#include "real/thread.h"
#include "sim/primitive.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define LINE 64 /* bytes of a cache line */

gint64
mt_nanoseconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static void
guard_init (MtGuard *guard)
{
  pthread_mutexattr_t mutex;
  pthread_condattr_t cond;
  pthread_mutexattr_init (&mutex);
  pthread_mutexattr_setpshared (&mutex, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init (&guard->mutex, &mutex);
  pthread_mutexattr_destroy (&mutex);
  pthread_condattr_init (&cond);
  pthread_condattr_setpshared (&cond, PTHREAD_PROCESS_SHARED);
  pthread_cond_init (&guard->cond, &cond);
  pthread_condattr_destroy (&cond);
}

/* The next @size bytes, on a cache line of their own; @real->shared NULL: only counts. */
static gpointer
place (MtReal *real, gsize *at, gsize size)
{
  gpointer here = real->shared ? (gchar *)real->shared + *at : NULL;
  *at += (size + LINE - 1) / LINE * LINE;
  return here;
}

/* Gives everything its place; returns how many bytes that is. */
static gsize
lay_out (MtReal *real)
{
  const MtProgram *p = real->program;
  gsize at = 0;
  place (real, &at, sizeof (MtShared));
  real->slots = place (real, &at, sizeof (MtSlot) * p->n_tasks);
  real->s = place (real, &at, sizeof (MtWord) * p->n_words);
  real->guards = place (real, &at, sizeof (MtGuard) * p->n_objects);
  for (guint i = 0; i < p->n_objects; i++)
    {
      const MtNative *native = p->objects[i].primitive->native;
      real->places[i] = native ? place (real, &at, native->size) : NULL;
    }
  return at;
}

/* How many of the objects' places could be opened; all of them: *problem is 0. */
static guint
open_places (MtReal *real, gint *problem)
{
  const MtProgram *p = real->program;
  guint i;
  *problem = 0;
  for (i = 0; i < p->n_objects && !*problem; i++)
    if (real->places[i] && p->objects[i].primitive->native->open)
      *problem = p->objects[i].primitive->native->open (real->places[i]);
  return *problem ? i - 1 : i;
}

static void
close_places (MtReal *real)
{
  for (guint i = 0; i < real->n_open; i++)
    if (real->places[i] && real->program->objects[i].primitive->native->close)
      real->program->objects[i].primitive->native->close (real->places[i]);
}

MtReal *
mt_real_new (const MtProgram *program, const MtRealOptions *options, GError **error)
{
  g_autoptr (MtReal) real = g_new0 (MtReal, 1);
  real->program = program;
  real->options = *options;
  real->plan = mt_real_plan_new (program);
  real->places = g_new0 (gpointer, program->n_objects + 1);
  real->size = lay_out (real);
  gpointer memory = mmap (NULL, real->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    {
      g_set_error (error, MT_REAL_ERROR, errno, "no memory to be shared by processes: %s", g_strerror (errno));
      return NULL;
    }
  real->shared = memory;
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  lay_out (real);
  gint problem;
  real->n_open = open_places (real, &problem);
  if (problem)
    {
      g_set_error (error, MT_REAL_ERROR, problem, "the system gives nothing for '%s': %s", program->objects[real->n_open].name, g_strerror (problem));
      return NULL;
    }
  return g_steal_pointer (&real);
}

void
mt_real_reset (MtReal *real)
{
  const MtProgram *p = real->program;
  MtShared *shared = real->shared;
  memset (&shared->gun, 0, offsetof (MtShared, output) - offsetof (MtShared, gun));
  memset (real->slots, 0, sizeof (MtSlot) * p->n_tasks);
  guard_init (&shared->world);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init (&shared->printing, &attributes);
  pthread_mutexattr_destroy (&attributes);
  for (guint i = 0; i < p->n_objects; i++)
    {
      guard_init (&real->guards[i]);
      if (real->places[i])
        p->objects[i].primitive->native->init (&p->objects[i], real->places[i]);
    }
}

/* The processes of the model belong to the child's group, and those whose parents have gone are ours. */
void
mt_real_end_child (MtReal *real)
{
  if (!real->child)
    return;
  kill (-real->child, SIGKILL);
  while (waitpid (-real->child, NULL, 0) > 0 || errno == EINTR)
    ;
  real->child = 0;
}

void
mt_real_free (MtReal *real)
{
  mt_real_end_child (real);
  close_places (real);
  if (real->shared)
    munmap (real->shared, real->size);
  mt_real_plan_free (real->plan);
  g_free (real->places);
  g_free (real);
}

/* See thread.h. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "real/thread.h"

#define NAME_LENGTH 15          /* what Linux keeps of a thread's name */

GQuark
mt_real_error_quark (void)
{
  return g_quark_from_static_string ("mt-real-error");
}

gboolean
mt_thread_start (pthread_t *thread, const gchar *name, gpointer (*run) (gpointer), gpointer data,
                 GError **error)
{
  pthread_attr_t attributes;
  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, MT_STACK_SIZE);
  gint problem = pthread_create (thread, &attributes, run, data);
  pthread_attr_destroy (&attributes);
  if (problem)
    {
      g_set_error (error, MT_REAL_ERROR, problem, "the system gives no thread for %s: %s", name,
                   g_strerror (problem));
      return FALSE;
    }
  g_autofree gchar *shown = g_strndup (name, NAME_LENGTH);
  pthread_setname_np (*thread, shown);
  return TRUE;
}

/* Threads of the operating system, as real/ needs them. */
#pragma once
#include <glib.h>
#include <pthread.h>

#define MT_STACK_SIZE (256 * 1024) /* bytes: a model's task calls nothing deep */

#define MT_REAL_ERROR mt_real_error_quark ()
GQuark mt_real_error_quark (void);

/* Starts @run (@data) on a thread that debuggers call @name (its first 15 bytes). FALSE and MT_REAL_ERROR
 * when the machine refuses one more; the caller joins it. */
gboolean mt_thread_start (pthread_t *thread, const gchar *name, gpointer (*run) (gpointer),
                          gpointer data, GError **error);

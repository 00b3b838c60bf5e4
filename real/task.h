/* A task on a thread of its own: the interpreter is the simulator's (mt_go_on), the words are reached by
 * atomic accesses, and what has to wait does so in the system. */
#pragma once
#include "real/shared.h"

/* What a thread is given. */
typedef struct
{
  struct _MtCrew *crew;
  guint task;
} MtStart;

/* The tasks of one process of the operating system, and their threads. */
typedef struct _MtCrew
{
  MtReal *real;
  guint process; /* the model's: 0 is the child itself, the others are its children */
  pthread_t *threads; /* of each task, where started[t] */
  gboolean *started; /* a thread, or a process that was forked for it */
  MtStart *starts; /* of each task */
  gboolean *rides; /* a coroutine on the thread of another one */
  MtWord *globals; /* of all processes; private memory, so that a fork copies them; NULL: one process, they are in the state */
  pthread_mutex_t showing;
  pthread_mutex_t allocating; /* a fork must not come while GLib's allocator is at work: the copy of its lock would stay locked */
} MtCrew;

MtCrew *mt_crew_new (MtReal *real, guint process);
void mt_crew_free (MtCrew *crew); /* after all threads have ended */

/* Starts the thread of @task, which is alive, or, where it belongs to another one, its process. On failure
 * the run is in trouble, and ends. */
void mt_crew_start (MtCrew *crew, guint task);

/* Waits until every thread of the crew has ended. */
void mt_crew_join (MtCrew *crew);

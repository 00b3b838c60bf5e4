/* The memory that mtsim, the child that runs a model, and the model's processes share.
 *
 * The state's words stand in it as in any engine. A task keeps its frame and its place to itself while
 * it moves, and writes them down before it waits; so whenever nobody can move, the words are a state of
 * the model, and whoever looks at them asks the same questions as in a simulated run. */
#pragma once
#include "real/plan.h"
#include "sim/op.h"
#include <pthread.h>
#include <semaphore.h>

#define MT_FAULT_LENGTH 256 /* bytes kept of an error's message */
#define MT_OUTPUT_LENGTH (1 << 20) /* bytes kept of what a run prints */

typedef struct
{
  pthread_mutex_t mutex;
  pthread_cond_t cond; /* something has changed */
} MtGuard;

/* What is known of a task from outside. A cache line of its own: its thread writes it often. */
typedef struct
{
  guint place; /* where it waits, without a timeout; 0: it does not */
  guint waits; /* how often it has begun or ended a wait */
  guint64 taken, contended; /* native objects: how often, and how often it had to wait for one */
  MtOutcome outcome; /* of all its steps */
  guint fault_order; /* its first error's place among all tasks', from 1 */
  guint swallowed;
  gchar fault[MT_FAULT_LENGTH]; /* message of the first error */
} __attribute__ ((aligned (64))) MtSlot;

typedef struct
{
  sem_t go, done; /* a run is wanted; it is over: for the child's life */
  gint gun; /* this and all that follows: for a run. The tasks that start with the model may go */
  gint stop; /* the model has ended: daemons do not outlive it */
  guint64 seed; /* of what the model leaves to chance, and of jitter */
  gint64 started, finished; /* of the run, nanoseconds */
  guint n_faults;
  gint crash; /* the signal that ends a process; 0: none */
  gchar trouble[MT_FAULT_LENGTH]; /* why the run could not be made; empty: it could */
  MtGuard world;
  pthread_mutex_t printing;
  gsize printed, lost; /* bytes of output kept, and not kept */
  gchar output[MT_OUTPUT_LENGTH];
} MtShared;

typedef struct
{
  gdouble time_scale; /* real seconds a second of the model takes */
  gdouble deadline; /* seconds a run may take */
  guint jitter; /* microseconds a task may pause before a step, at most */
  guint pin; /* tasks are bound to so many processors in turn; 0: to none */
} MtRealOptions;

typedef struct _MtReal
{
  const MtProgram *program;
  MtRealOptions options;
  MtRealPlan *plan;
  gsize size; /* of the shared memory, which begins at shared */
  MtShared *shared;
  MtSlot *slots; /* of each task */
  MtWord *s;
  MtGuard *guards; /* of each object */
  gpointer *places; /* of each object: the system's own, or NULL (private memory: the same in all processes) */
  guint n_open; /* objects whose places have been opened */
  pid_t child; /* 0: none */
} MtReal;

/* For runs of @program, which must be compiled in virtual time and without watching for lost updates.
 * NULL and MT_REAL_ERROR when the system refuses memory or a socket. */
MtReal *mt_real_new (const MtProgram *program, const MtRealOptions *options, GError **error);

/* Makes everything in shared memory as it is before a run. */
void mt_real_reset (MtReal *real);

/* Ends the child, if there is one, and the model's processes with it. */
void mt_real_end_child (MtReal *real);
void mt_real_free (MtReal *real); /* ends the child too */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtReal, mt_real_free)

gint64 mt_nanoseconds (void); /* of a clock that only goes on */

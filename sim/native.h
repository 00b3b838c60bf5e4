/* What the operating system has for a primitive: an object in memory that processes share, and what to call for
 * an operation on it. On real threads (real/) these decide when an operation completes; apply() is still what
 * it does. So the words tell at any moment what the system's objects are up to, and a native operation counts
 * as done when its words say so. */
#pragma once
#include "sim/program.h"
#include <time.h>

typedef struct
{
  gsize size; /* of an object */
  gint (*open) (gpointer place); /* what processes share by inheriting it, before any is forked: 0, or an error number; NULL: nothing */
  void (*close) (gpointer place); /* undoes open() */
  void (*init) (const MtObject *object, gpointer place); /* for use by several processes; before each run */
  gboolean (*sleeps) (const MtObject *object); /* a lock: whether the system's conditions let it go as the model's do; NULL: always */
  gint (*lock_of) (const MtObject *object); /* a condition: the number of its lock; NULL: none */
  gboolean untimed; /* nothing of the system's waits for a limited time: an object that some task waits for so is not the system's */
  gboolean joint; /* apply() may be under way on several threads at once and is not made for that: one at a time */
} MtNative;

/* @until is a time of CLOCK_REALTIME, NULL: wait for ever. */
typedef struct
{
  gint (*attempt) (gpointer place); /* completes, 0, or does not; NULL with wait(): it is never to be had at once */
  gint (*wait) (gpointer place, const struct timespec *until); /* 0; ETIMEDOUT; anything else: it never will */
  gint (*sleep) (gpointer place, gpointer lock, const struct timespec *until); /* lets @lock go meanwhile; 0 or ETIMEDOUT */
  void (*leave) (const MtWord *words, gpointer place); /* after apply(), which has changed the object's words */
} MtNativeCall;

/* How far two processors are from each other: nanoseconds that a cache line takes there and back, between threads on the first two processors that this
 * program may use. Prints them, or 0 where there is one.
 *
 *     cc -O2 -pthread bench/distance.c -o distance && ./distance
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WARM_UP 1000
#define ROUNDS 100000

static int processors[2];
static _Alignas(128) int turn;

static void
stay_on (int processor)
{
  cpu_set_t set;
  CPU_ZERO (&set);
  CPU_SET (processor, &set);
  if (sched_setaffinity (0, sizeof set, &set))
    {
      perror ("distance");
      exit (1); /* on one processor it would take hours */
    }
}

/* Waits until the turn is @first, makes it the next, and so on up to @end. */
static void
play (int first, int end)
{
  for (int i = first; i < end; i += 2)
    {
      while (__atomic_load_n (&turn, __ATOMIC_ACQUIRE) != i)
        ;
      __atomic_store_n (&turn, i + 1, __ATOMIC_RELEASE);
    }
}

static void *
other (void *nothing)
{
  stay_on (processors[1]);
  play (1, 2 * (WARM_UP + ROUNDS));
  return nothing;
}

int
main (void)
{
  cpu_set_t all;
  int n = 0;
  const int known = !sched_getaffinity (0, sizeof all, &all);
  for (int i = 0; known && i < CPU_SETSIZE && n < 2; i++)
    if (CPU_ISSET (i, &all))
      processors[n++] = i;
  struct timespec from, to;
  pthread_t thread;
  if (n < 2 || pthread_create (&thread, NULL, other, NULL))
    {
      puts ("0");
      return 0;
    }
  stay_on (processors[0]);
  play (0, 2 * WARM_UP);
  clock_gettime (CLOCK_MONOTONIC, &from);
  play (2 * WARM_UP, 2 * (WARM_UP + ROUNDS));
  pthread_join (thread, NULL);
  clock_gettime (CLOCK_MONOTONIC, &to);
  printf ("%.0f\n", ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / ROUNDS);
}

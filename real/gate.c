/* See gate.h. The turn is handed over by semaphores, one for each thread and one back. */
#include "real/gate.h"
#include "real/thread.h"
#include <errno.h>
#include <semaphore.h>

typedef struct
{
  MtGate *gate;
  pthread_t thread;
  sem_t turn;
} Seat;

/* What is to be done by whoever has the turn; nothing ends the thread. */
typedef struct
{
  MtWord *s;
  MtChoice choice;
  MtStep *rec;
  MtOutcome outcome;
} Work;

struct _MtGate
{
  const MtProgram *program;
  guint n; /* threads that run */
  Seat *seats;
  guint *seat_of; /* of each task */
  sem_t done;
  Work work;
};

static void
wait_for (sem_t *sem)
{
  while (sem_wait (sem) != 0)
    g_assert (errno == EINTR);
}

static gpointer
sit (gpointer data)
{
  Seat *seat = data;
  MtGate *gate = seat->gate;
  for (wait_for (&seat->turn); gate->work.s; wait_for (&seat->turn))
    {
      gate->work.outcome = mt_step (gate->program, gate->work.s, gate->work.choice, gate->work.rec);
      sem_post (&gate->done);
    }
  return NULL;
}

/* One seat a task; the coroutines of a carrier share the first one's. */
static guint
plan_seats (MtGate *gate)
{
  const MtProgram *p = gate->program;
  guint n = 0;
  for (guint t = 0; t < p->n_tasks; t++)
    {
      gint shared = -1;
      for (guint k = 0; k < t && shared < 0 && p->tasks[t].kind == MT_TASK_COROUTINE; k++)
        if (p->tasks[k].kind == MT_TASK_COROUTINE && p->tasks[k].carrier == p->tasks[t].carrier)
          shared = (gint)gate->seat_of[k];
      gate->seat_of[t] = shared >= 0 ? (guint)shared : n++;
    }
  return n;
}

MtGate *
mt_gate_new (const MtProgram *program, GError **error)
{
  g_autoptr (MtGate) gate = g_new0 (MtGate, 1);
  gate->program = program;
  gate->seat_of = g_new0 (guint, program->n_tasks + 1);
  guint n = plan_seats (gate);
  gate->seats = g_new0 (Seat, n + 1);
  sem_init (&gate->done, 0, 0);
  for (guint t = 0; t < program->n_tasks; t++)
    {
      if (gate->seat_of[t] < gate->n)
        continue;
      Seat *seat = &gate->seats[gate->n];
      seat->gate = gate;
      sem_init (&seat->turn, 0, 0);
      if (!mt_thread_start (&seat->thread, program->tasks[t].name, sit, seat, error))
        return NULL;
      gate->n++;
    }
  return g_steal_pointer (&gate);
}

void
mt_gate_free (MtGate *gate)
{
  gate->work = (Work){ 0 };
  for (guint i = 0; i < gate->n; i++)
    {
      sem_post (&gate->seats[i].turn);
      pthread_join (gate->seats[i].thread, NULL);
      sem_destroy (&gate->seats[i].turn);
    }
  sem_destroy (&gate->done);
  g_free (gate->seat_of);
  g_free (gate->seats);
  g_free (gate);
}

MtOutcome
mt_gate_step (const MtProgram *program, MtWord *s, MtChoice choice, MtStep *rec, gpointer data)
{
  MtGate *gate = data;
  if (choice.task == MT_CLOCK)
    return mt_step (program, s, choice, rec);
  gate->work = (Work){ s, choice, rec, MT_OK };
  sem_post (&gate->seats[gate->seat_of[choice.task]].turn);
  wait_for (&gate->done);
  return gate->work.outcome;
}

/* The coroutines of a process on one real thread: each has a stack of its own, and they hand the processor over by switches of
 * context (getcontext, POSIX.1-2001). Who has it is decided where it is for a simulated run (sim/carrier.h), over the same words;
 * all of it happens under the world's guard (plan.h: whole). */
#pragma once
#include "real/private.h"

/* The life of the carrier that @task, a coroutine, belongs to: until none of its coroutines can live any more. */
void mt_carrier_live (MtCrew *crew, guint task);

/* Hands over until it is @me's turn, or it must stop. */
void mt_carrier_await_turn (MtRealTask *me);

/* @me, a coroutine or a task beside some, has arrived where its words say: decides who runs now. */
void mt_carrier_arrive (MtRealTask *me);

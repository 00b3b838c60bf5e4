/* What is known of a task by its own part alone: which fields its next step looks at and may change, and what it is about to access.
 *
 * A step looks at its task's own part and at what its footprint (touches(), sim/op.h) names, and changes nothing else. Facts are found when
 * they are first asked for, by any worker, and shared by all.
 */
#pragma once
#include "checker/packed/parts.h"

typedef struct
{
  guint64 mask; /* fields that the task's next step looks at, or may change; its own part in any case */
  guint64 over; /* fields that it writes anew without looking at them: a plain write */
  guint pc;
  gint cell; /* with var: the address it is about to access; -1: can't be told */
  guint16 var; /* plain variable + 1 that it is about to access, alone; 0: none */
  guint16 flags; /* MtFactFlags */
  guint32 zero; /* facts are told apart by their bytes */
} MtFact;

typedef enum
{
  MT_FACT_RESTS = 1 << 0, /* has no step: unstarted, or over */
  MT_FACT_WRITES = 1 << 1, /* the access is a write */
  MT_FACT_WAIST = 1 << 2, /* its steps are not remembered */
} MtFactFlags;

/* The facts of one task, by the number of its part. A task has many parts, but few facts: most tell by the instruction alone. */
typedef struct
{
  guint16 *of; /* of each: its number + 1 among all facts; 0: not known (or one too many: 65535 are kept). Atomic. NULL: there is no room for them, and they are found each time */
  guint64 *hidden; /* of each: what is not in the mask; 0: not known. Atomic */
  guint64 field; /* the part's mask, shifted down; 0 without room */
  guint8 shift; /* of the part */
} MtTaskFacts;

/* The facts of all tasks: shared by all movers. */
typedef struct
{
  MtParts *parts;
  const MtProgram *program;
  const struct _MtAccess *accesses; /* of each instruction */
  MtTaskFacts *tasks; /* of each */
  MtIntern *all; /* facts that are known, as words */
  guint64 nothing; /* 0: of a task whose facts have no room, `hidden` */
  const guint8 *raced; /* of each variable: a race for it is known, and not looked for again; NULL: of none */
  gboolean by_waist; /* no step is remembered */
  gsize memo_bytes; /* what each mover may take to remember steps; it may take a little in any case */
} MtFacts;

void mt_facts_init (MtFacts *facts, MtParts *parts, const struct _MtAccess *accesses);
void mt_facts_clear (MtFacts *facts);

/* After the fields have been laid out anew. */
void mt_facts_reset (MtFacts *facts);

/* The fields that side-effect-free code reads; all, where that can't be told. */
guint64 mt_facts_read_by (const MtFacts *facts, const MtPure *pure);

/* The fact of @task in the state @key, if it is known already; else NULL. */
static inline const MtFact *
mt_fact_known (const MtFacts *facts, guint64 key, guint task)
{
  const MtTaskFacts *own = &facts->tasks[task];
  const guint number = own->of ? __atomic_load_n (&own->of[key >> own->shift & own->field], __ATOMIC_ACQUIRE) : 0;
  return number ? (const MtFact *)(gconstpointer)mt_intern_value (facts->all, number - 1) : NULL;
}

/* The fact, from the state @s of the key @key: where it belongs, or else in @room. Any worker may find it, and all find the same. */
const MtFact *mt_fact_find (MtFacts *facts, guint64 key, guint task, const MtWord *s, MtFact *room);

/* The table everything hangs from: one row a primitive, one primitive a file under sim/ops/.
 *
 * A primitive brings the section of the model it is declared in, its settings, its words in the
 * state, the verbs (steps) and functions (in expressions) that work on it, and the operations
 * these compile to. To add one: copy the smallest sibling (ops/event.c), change it, and add its
 * line to MT_PRIMITIVES. Help, schema, completion and error messages read the rows.
 */
#pragma once
#include "sim/compiler.h"
#include "sim/model.h"
#include "sim/op.h"

typedef enum
{
  MT_SETTING_INT,
  MT_SETTING_BOOL,
  MT_SETTING_OBJECT, /* the name of an object of primitive `of`: its index */
  MT_SETTING_LINES, /* a list of texts: their string numbers are the object's data */
} MtSettingKind;

typedef struct
{
  const gchar *name;
  MtSettingKind kind;
  gint32 fallback, min, max; /* what it is when absent; its range */
  const gchar *of; /* MT_SETTING_OBJECT: section */
  gboolean required;
  const gchar *help;
} MtSettingSpec;

/* A function in an expression: name(object), or name(). */
typedef struct
{
  const gchar *name;
  MtTypeKind result;
  const MtOp *op; /* dst <- f (object imm[b]) */
  const gchar *help;
  gboolean bare; /* takes no argument: now() */
} MtFunctionSpec;

typedef struct _MtPrimitive
{
  const gchar *section; /* "locks"; NULL: not declared by the author (var, flow, time, ...) */
  const gchar *noun; /* "a lock" */
  const MtSettingSpec *settings; /* ends with a NULL name; at most MT_MAX_SETTINGS */
  const MtVerb *verbs; /* ends with a NULL name */
  const MtFunctionSpec *functions; /* ends with a NULL name */
  const MtOp *const *ops; /* ends with NULL */

  guint (*words) (const MtProgram *program, const MtObject *object); /* in the state; of the program, its tasks are known */
  void (*init) (const MtObject *object, MtWord *words); /* NULL: zeroes */
  void (*print) (const MtProgram *program, const MtObject *object, const MtWord *words, GString *out); /* "held by t1" */
  gint (*holder) (const MtObject *object, const MtWord *words); /* task that holds it, or -1; NULL: never one */
  const gchar *(*left_over) (const MtObject *object, const MtWord *words); /* what should not be so at the end: "holds items that nobody took"; NULL: nothing */
  const gchar *help;

  /* Tasks have changed places: rewrites the numbers of tasks in an object's words, task t being now[t].
   * NULL: not told, and tasks never change places where there is such an object. */
  void (*rename) (const MtObject *object, MtWord *words, const guint16 *now);

  const MtNative *native; /* the operating system's own; NULL: it has none */
} MtPrimitive;

/* rename() where no word ever holds a task's number. */
void mt_rename_nothing (const MtObject *object, MtWord *words, const guint16 *now);

/* For rename(), of @n words of which each task has its own. */
void mt_rename_places (MtWord *words, guint n, const guint16 *now);

/* The primitives, a line each: mt_primitive_var and so on are the rows in ops/var.c and so on. The order is the numbering of
 * operations in a dump, and the order of help. */
#define MT_PRIMITIVES(ROW)                                                                                                                                               \
  ROW (var)                                                                                                                                                              \
  ROW (flow)                                                                                                                                                             \
  ROW (task)                                                                                                                                                             \
  ROW (coroutine)                                                                                                                                                        \
  ROW (time)                                                                                                                                                             \
  ROW (output)                                                                                                                                                           \
  ROW (mutex)                                                                                                                                                            \
  ROW (rwlock)                                                                                                                                                           \
  ROW (sem)                                                                                                                                                              \
  ROW (cond)                                                                                                                                                             \
  ROW (event)                                                                                                                                                            \
  ROW (barrier)                                                                                                                                                          \
  ROW (queue)                                                                                                                                                            \
  ROW (input)                                                                                                                                                            \
  ROW (pool)                                                                                                                                                             \
  ROW (socket)

#define MT_DECLARE_PRIMITIVE(name) extern const MtPrimitive mt_primitive_##name;
MT_PRIMITIVES (MT_DECLARE_PRIMITIVE)

/* Operations that the compiler or another primitive emits. */
extern const MtOp mt_op_read, mt_op_write, mt_op_read_element, mt_op_write_element, mt_op_list_read, mt_op_list_write, mt_op_length, mt_op_contains;
extern const MtOp mt_op_choose, mt_op_raise, mt_op_await, mt_op_arm, mt_op_random, mt_op_now, mt_op_at, mt_op_count_at, mt_op_lock, mt_op_unlock;
extern const MtOp mt_op_start, mt_op_join, mt_op_alive, mt_op_active, mt_op_assert, mt_op_print, mt_op_sleep, mt_op_yield, mt_op_switch, mt_op_take_job;

/* A pool's settings, of which the compiler reads the first and finds the last. */
enum
{
  MT_POOL_WORKERS,
  MT_POOL_STORAGE,
  MT_POOL_FIRST, /* its first worker: a task's number */
};

/* What a condition does with its lock: lets it go, however often it is held, and returns how often it was held more than
 * once; takes it again, when it is free, as often. */
gboolean mt_lock_is_reentrant (const MtObject *lock);
MtWord mt_lock_drop (MtCtx *ctx, const MtObject *lock);
void mt_lock_restore (MtCtx *ctx, const MtObject *lock, MtWord depth);

/* NULL-terminated. */
extern const MtPrimitive *const mt_primitives[];

/* The row declared under @section, or NULL. */
const MtPrimitive *mt_primitive_by_section (const gchar *section);

/* The first verb called @name, of any primitive or of @primitive alone; NULL. */
const MtVerb *mt_verb_find (const gchar *name, const MtPrimitive *primitive);

/* Names of all verbs, NULL-terminated, in table order; caller frees the array only. */
const gchar **mt_verb_names (void);

/* The number of an operation row. */
guint8 mt_op_number (const MtOp *op);

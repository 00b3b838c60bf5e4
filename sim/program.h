/* MtProgram: a compiled model. Immutable, reference-counted, what every engine takes.
 *
 * A state of a program is program->n_words MtWords and nothing else: copying a state is memcpy,
 * comparing two is memcmp. The words are laid out as
 *
 *     [clock] [shared] [globals of each process] [objects] [monitors] [carriers] [task 0] [task 1] ...
 *
 * and a task's words as [pc] [timer] [frame: its locals, then its temporaries].
 *
 * A task rests only at an instruction that begins a step (MT_STEP) or at one of the four resting
 * places (MtRest), so "what will t do next" is always code[state[task.base]].
 */
#pragma once
#include "sim/diag.h"

typedef gint32 MtWord;

typedef enum
{
  MT_TYPE_INT,
  MT_TYPE_BOOL,
  MT_TYPE_STRING, /* index into program->strings */
  MT_TYPE_TIME, /* milliseconds */
  MT_TYPE_LIST, /* a length word, then capacity words */
} MtTypeKind;

typedef struct
{
  MtTypeKind kind;
  MtTypeKind element; /* of a list */
  guint32 capacity; /* of a list */
} MtType;

/* A fixed-size instruction. Operands are slots of the task's frame unless said otherwise. */
typedef struct
{
  guint8 op; /* MtOpcode or a row of mt_ops() */
  guint8 flags; /* MtInstrFlags */
  gint16 dst, a, b;
  gint32 imm;
  guint32 site; /* index into program->sites */
} MtInstr;

typedef enum
{
  MT_STEP = 1 << 0, /* a step begins here: a task may rest before this instruction */
  MT_ALWAYS = 1 << 1, /* with MT_STEP: can always complete, in one way */
  MT_KILL_A = 1 << 2, /* operand a is a temporary used for the last time: zeroed, so that equal situations are equal states */
  MT_KILL_B = 1 << 3,
  MT_FALLIBLE = 1 << 4, /* on success the next instruction is skipped: it jumps to the author's else */
  MT_DERIVED = 1 << 5, /* a write whose value was computed from an earlier read of the same variable */
  MT_TIMED = 1 << 6, /* the task's timer is the operation's timeout */
  MT_HELD = 1 << 7, /* a wait that keeps a coroutine's carrier: a blocking sleep, a timeout of 0 */
} MtInstrFlags;

/* Where a task rests when it is not at a step: the first instructions of every program. */
typedef enum
{
  MT_REST_UNSTARTED,
  MT_REST_ENDED,
  MT_REST_FAILED, /* ended by an unhandled error */
  MT_REST_KILLED, /* terminated */
  MT_N_RESTS,
} MtRest;

/* Where an instruction came from. */
typedef struct
{
  MtMark mark;
  guint width;
  const gchar *text; /* the step as the author wrote it, on one line */
} MtSite;

typedef struct
{
  const gchar *name;
  MtMark mark;
  MtType type;
  gboolean fixed; /* a list whose length never changes has no length word */
  gboolean shared; /* declared under shared: one copy for all processes */
  gboolean atomic, relaxed; /* exempt from data_race */
  guint process; /* whose copy of a global this is */
  guint address, n_words; /* in the state */
  gint watch; /* first index among the lost-update monitors of a task, one for each cell; -1: not watched */
  const MtWord *initial; /* n_words of them */
} MtVar;

struct _MtPrimitive;

#define MT_MAX_SETTINGS 8

typedef struct
{
  const gchar *name; /* "fork[2]" for an element */
  MtWord self; /* string: its name, where a value may hold it */
  const gchar *group; /* "fork" */
  MtMark mark;
  const struct _MtPrimitive *primitive;
  guint address, n_words;
  guint first, count, index; /* of the array it belongs to; count 1 when it is none */
  gint32 setting[MT_MAX_SETTINGS]; /* meaning given by the primitive's settings table */
  guint arity; /* values in one item of a container: more than 1 is a tuple */
  const MtType *element; /* types of these */
  const MtWord *data; /* constants it was declared with (the lines of an input) */
  guint n_data;
} MtObject;

typedef enum
{
  MT_TASK_THREAD,
  MT_TASK_PROCESS,
  MT_TASK_COROUTINE,
  MT_TASK_WORKER, /* of a pool */
} MtTaskKind;

typedef struct
{
  const gchar *name; /* unique: "work1", "t[2]"; what schedules and traces say */
  MtWord self; /* string: what `self` is */
  const gchar *group; /* "t" */
  MtMark mark;
  MtTaskKind kind;
  guint class_; /* tasks of one class run the same code */
  guint process; /* whose globals it sees */
  guint carrier; /* coroutines: index among the carriers */
  guint first, count, index; /* of its group; index counts from 0, `id` is index + 1 */
  gboolean daemon;
  gboolean starts; /* with the model */
  guint base; /* address of its words */
  guint frame; /* address of its frame: base + MT_TASK_FRAME */
} MtTask;

enum
{
  MT_TASK_PC,
  MT_TASK_TIMER, /* milliseconds until its sleep ends or its timeout fires; 0: none */
  MT_TASK_FRAME,
};

/* Code shared by the tasks of a group. */
typedef struct
{
  const gchar *name;
  guint entry; /* first instruction */
  guint end; /* one past the last */
  guint n_locals; /* named slots */
  guint n_frame; /* with temporaries */
  guint n_params; /* slots 0.. filled by start */
  const struct _MtLocal *locals; /* named slots and their lives, for views */
  guint n_lives;
} MtClass;

typedef struct _MtLocal
{
  const gchar *name;
  MtType type;
  guint slot, n_words;
  guint from, to; /* instructions between which the slot has this meaning */
} MtLocal;

/* A side-effect-free piece of code: property, observed expression. */
typedef struct
{
  guint entry;
  guint n_frame;
  guint slot, n_words; /* where its value is then */
  MtType type;
} MtPure;

typedef enum
{
  MT_PROPERTY_INVARIANT, /* in every state */
  MT_PROPERTY_FINALLY, /* in every state in which the model has ended */
  MT_PROPERTY_REACHABLE, /* in some state */
} MtPropertyKind;

typedef struct
{
  MtPropertyKind kind;
  const gchar *name; /* or its text, when it has none */
  const gchar *text;
  MtMark mark;
  MtPure pure;
} MtProperty;

typedef struct
{
  const gchar *text; /* as declared */
  MtPure pure;
} MtObserved;

/* What a kind of fault is worth: forbidden (a violation), reported, allowed. */
typedef enum
{
  MT_ALLOWED,
  MT_REPORTED,
  MT_FORBIDDEN,
} MtVerdictLevel;

typedef enum
{
  MT_RULE_DEADLOCK,
  MT_RULE_ERRORS,
  MT_RULE_ASSERTIONS,
  MT_RULE_LOST_UPDATE,
  MT_RULE_DATA_RACE,
  MT_RULE_STARVATION,
  MT_RULE_LIVELOCK,
  MT_N_RULES,
} MtRule;

typedef enum
{
  MT_TIME_VIRTUAL, /* the clock jumps to the next timer when nobody can move */
  MT_TIME_ABSTRACT, /* a sleep may last any time, a timeout may fire whenever its operation must wait */
} MtTimeMode;

typedef struct
{
  const gchar *literal; /* or NULL: the value of slot */
  gint slot;
  MtType type;
  gchar fill, align, conversion; /* 0 where not given */
  guint width;
  gint precision; /* -1: not given */
} MtFormatPiece;

typedef struct
{
  guint n;
  MtFormatPiece *pieces;
} MtFormat;

typedef struct
{
  const gchar *name;
  guint class_, from, to; /* at(t, name) holds while t rests in [from, to) */
} MtLabel;

typedef struct
{
  const gchar *name;
  MtType type;
  MtWord value;
} MtParam;

typedef struct _MtProgram
{
  gint ref_count;
  const gchar *file; /* name for messages */
  const gchar *title;
  const gchar *digest; /* SHA-256 of the source text, hexadecimal */
  const gchar *const *lines; /* source lines, for explanations; n_lines of them */
  guint n_lines;

  guint n_words; /* of a state */
  guint max_choices; /* mt_choices() never gives more */
  guint max_ways; /* one task never has more of them */
  guint max_frame; /* largest n_frame of any class or pure code */

  MtTimeMode time;
  gboolean watches_updates; /* lost-update monitors are part of the state */

  guint n_code, n_sites, n_strings, n_vars, n_objects, n_tasks, n_classes, n_properties,
      n_observed, n_formats, n_labels, n_params, n_processes, n_carriers;
  const MtInstr *code;
  const guint8 *plain; /* for each instruction: a step that begins here only reads or writes a variable that nobody's
                          readiness depends on; if its task can then always go on, the choices stay as they were */
  const MtSite *sites;
  const gchar *const *strings;
  const MtVar *vars;
  const MtObject *objects;
  const MtTask *tasks;
  const guint32 *bases; /* tasks[t].base of each task, side by side: what is asked for at every step */
  const MtClass *classes;
  const MtProperty *properties;
  const MtObserved *observed;
  const MtFormat *formats;
  const MtLabel *labels;
  const MtParam *params;

  guint watch_base, watch_words; /* monitors: watch_words words for each task; MT_WATCHES_PER_WORD in a word */
  gboolean has_daemons;
  gboolean reads_clock; /* the model calls now(): word MT_NOW is then the virtual clock, else always 0 */
  guint globals_base, globals_words; /* the globals of process 0, and how far it is to those of the next */
  guint carrier_base, carrier_words; /* carrier_words for each of n_carriers; see carrier.h */
  MtVerdictLevel rules[MT_N_RULES];
  const MtWord *initial; /* the words before any task has started */

  gpointer arena; /* owns everything above */
} MtProgram;

#define MT_WATCHES_PER_WORD 16
#define MT_NOW 0 /* address of the clock */

MtProgram *mt_program_ref (MtProgram *program);
void mt_program_unref (MtProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtProgram, mt_program_unref)

/* A stable text of the whole program, for people and golden files. */
void mt_program_dump (const MtProgram *program, GString *out);

/* Index of the task called @name, or -1. */
gint mt_program_find_task (const MtProgram *program, const gchar *name);

/* Appends @value as the author would write it: 3, True, text, 0.5, [1, 2]. @words points at it. */
void mt_value_print (const MtProgram *program, MtType type, gboolean fixed, const MtWord *words,
                     GString *out);

/* MtTrace: everything needed to have a run again: the model's digest, its parameters, how time was
 * kept, and the choices. Model + parameters + choices determine everything else, to the byte.
 *
 * Two texts: a JSON file (names, no numbers of tasks, so that it survives an upgrade), and the
 * schedule a person can write: "t1 t2*2 t1:timeout".
 */
#pragma once
#include "sim/machine.h"

typedef struct
{
  gchar *model; /* file, as it was given */
  gchar *title;
  gchar *digest; /* of the model's text */
  MtTimeMode time;
  gboolean watch_updates;
  gchar *scheduler; /* "random", ... as shown to people */
  guint64 seed;
  GPtrArray *params; /* gchar* "name=value" that were overridden */
  gchar *verdict; /* token, or NULL */
  gchar *schedule; /* of a loaded trace: its text, until it is bound */
  GArray *choices; /* MtChoice */
} MtTrace;

MtTrace *mt_trace_new (const MtProgram *program);
void mt_trace_free (MtTrace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtTrace, mt_trace_free)

/* Writes @path whole or not at all ("-": standard output). */
gboolean mt_trace_save (const MtTrace *trace, const MtProgram *program, const gchar *path, GError **error);

/* The same object as part of a larger text: a value of the JSON that is being built. */
struct _JsonBuilder;
void mt_trace_build (const MtTrace *trace, const MtProgram *program, struct _JsonBuilder *b);

/* Reads @path; its task names are resolved by mt_trace_bind() once the program is there. */
MtTrace *mt_trace_load (const gchar *path, GError **error);

/* The same for a text in memory; @name is shown in messages. */
MtTrace *mt_trace_parse (const gchar *name, const gchar *text, gsize length, GError **error);

/* Resolves the loaded names against @program. FALSE and MT_ERROR_TRACE when one is not there. */
gboolean mt_trace_bind (MtTrace *trace, const MtProgram *program, GError **error);

/* The schedule as text, runs of one choice folded: "t1 t2*2 t1:timeout t2:3". The clock, which
 * moves only when nobody else can, is left out. Appends to @out. */
void mt_schedule_print (const MtProgram *program, const MtChoice *choices, guint n, GString *out);

/* One choice of the state @s, which is not the clock's, as a schedule names it: "t1:timeout". Appends. */
void mt_choice_print (const MtProgram *program, const MtWord *s, MtChoice choice, GString *out);

/* The choices of a text, names resolved. NULL and @error (place, did-you-mean) when it is wrong. */
GArray *mt_schedule_parse (const MtProgram *program, const gchar *text, GError **error);

/* Semaphores: a count of permits. Word: [0] how many are left. Who gets a permit that is given
 * back is the scheduler's pick. */
#include "sim/primitive.h"
#include <errno.h>
#include <semaphore.h>

enum
{
  SETTING_VALUE,
  SETTING_BOUNDED,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program, (void)object;
  return 1;
}

static void
init (const MtObject *object, MtWord *w)
{
  *w = object->setting[SETTING_VALUE];
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  (void)program, (void)object;
  g_string_append_printf (out, "value %d", *w);
}

static const gchar *
left_over (const MtObject *object, const MtWord *w)
{
  return *w < object->setting[SETTING_VALUE] ? "lacks permits that nobody gave back" : NULL;
}

static guint
acquire_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *sem = mt_object (program, s + program->tasks[task].frame, in);
  /* an element that does not exist is let through: the step then reports it */
  return mt_ways_timed (program, s, task, in, !sem || mt_look (s + sem->address) > 0, out);
}

static MtResult
acquire_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *sem = mt_object_of (ctx, in);
  if (!sem)
    return MT_FAULTED;
  if (ctx->alt == 1)
    return MT_FAILED;
  mt_put (ctx, sem->address, mt_get (ctx, sem->address) - 1);
  return MT_DONE;
}

static void
acquire_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(mt_object (program, s + program->tasks[task].frame, in) - program->objects);
}

static MtResult
release_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *sem = mt_object_of (ctx, in);
  if (!sem)
    return MT_FAULTED;
  MtWord value = mt_get (ctx, sem->address);
  if (sem->setting[SETTING_BOUNDED] && value == sem->setting[SETTING_VALUE])
    return mt_fault (ctx, "ValueError: semaphore released too many times");
  if (value == G_MAXINT32)
    return mt_fault (ctx, "OverflowError: the value of %s is %d", sem->name, value);
  mt_put (ctx, sem->address, value + 1);
  return MT_DONE;
}

static MtResult
value_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *sem = mt_object_of (ctx, in);
  if (!sem)
    return MT_FAULTED;
  ctx->r[in->dst] = mt_get (ctx, sem->address);
  return MT_DONE;
}

/* the same where there may be one too many: then it matters who is first */
static void
native_init (const MtObject *sem, gpointer place)
{
  sem_init (place, 1, (guint)sem->setting[SETTING_VALUE]);
}

static gint
native_try (gpointer place)
{
  return sem_trywait (place);
}

static gint
native_wait (gpointer place, const struct timespec *until)
{
  while ((until ? sem_timedwait (place, until) : sem_wait (place)) != 0)
    if (errno != EINTR)
      return errno;
  return 0;
}

static void
native_post (const MtWord *words, gpointer place)
{
  (void)words;
  sem_post (place);
}

static const MtNative native = { .size = sizeof (sem_t), .init = native_init, .joint = TRUE };
static const MtNativeCall acquire_call = { .attempt = native_try, .wait = native_wait }, release_call = { .leave = native_post };

static const MtOp op_acquire = { .name = "acquire", .ways = acquire_ways, .apply = acquire_apply, .touches = mt_takes_from_object, .why = acquire_why, .native = &acquire_call, .uses = mt_uses_b };
static const MtOp op_release = { .name = "release", .apply = release_apply, .touches = mt_gives_to_object, .native = &release_call, .uses = mt_uses_b };
/* the same where there may be one too many: then it matters who is first */
static const MtOp op_release_bounded = { .name = "release", .apply = release_apply, .touches = mt_touches_object, .native = &release_call, .uses = mt_uses_b };
static const MtOp op_value = { .name = "value", .makes_dst = TRUE, .apply = value_apply, .touches = mt_looks_at_object, .uses = mt_uses_b };

static void
compile_acquire (MtCompiler *c, const MtStepNode *step)
{
  mt_compile_waiting (c, step, &mt_primitive_sem, &op_acquire);
}

static const MtOp *
release_of (MtCompiler *c, gint32 object)
{
  const gint32 *setting = mt_compiling (c)->objects[object].setting;
  return setting[SETTING_BOUNDED] || setting[SETTING_VALUE] > G_MAXINT32 / 2 ? &op_release_bounded : &op_release;
}

static void
compile_release (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  MtOperand index;
  if (mt_resolve_object (c, step->args[0].expr, &mt_primitive_sem, &object, &index))
    mt_compile_on (c, object, index, release_of (c, object));
}

static void
compile_with (MtCompiler *c, const MtStepNode *step)
{
  gint32 object;
  MtOperand index;
  if (mt_resolve_object (c, step->args[0].expr, &mt_primitive_sem, &object, &index))
    mt_compile_with (c, step, object, index, &op_acquire, release_of (c, object));
}

static const MtSettingSpec settings[] = {
  { "value", MT_SETTING_INT, 1, 0, G_MAXINT32, NULL, FALSE, "how many permits there are at first" },
  { "bounded", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "to release it beyond its first value is an error" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "acquire", { { "acquire", MT_ARG_OBJECT, TRUE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_acquire, "{acquire: s, timeout: 1, else: [..]}" },
  { "release", { { "release", MT_ARG_OBJECT, TRUE } }, compile_release, "{release: s}" },
  { "with", { { "with", MT_ARG_OBJECT, TRUE }, { "do", MT_ARG_STEPS, TRUE } }, compile_with, "{with: s, do: [..]}" },
  { 0 },
};

static const MtFunctionSpec functions[] = {
  { "value", MT_TYPE_INT, &op_value, "how many permits are left" },
  { 0 },
};

static const MtOp *const ops[] = { &op_acquire, &op_release, &op_release_bounded, &op_value, NULL };

const MtPrimitive mt_primitive_sem = { .section = "semaphores", .noun = "a semaphore", .settings = settings, .verbs = verbs, .functions = functions,
                                       .ops = ops, .words = words, .init = init, .print = print, .help = "a count of permits", .native = &native, .left_over = left_over, .rename = mt_rename_nothing };

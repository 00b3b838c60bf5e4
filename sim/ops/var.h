/* The two operations of nearly every step, in line: the machine's loop and their rows share them. */
#pragma once
#include "sim/op.h"

/* Lost updates. For each task and each watched cell two bits: the task has read the cell and means
 * to write what it makes of it; and since then another task has written it. */
typedef struct
{
  MtWord *word; /* of task 0; the other tasks' follow, watch_words apart */
  guint32 read; /* the first of the two bits; the second is next to it */
} MtMonitor;

static inline MtMonitor
mt_monitor (MtCtx *ctx, gint watch)
{
  const MtProgram *p = ctx->program;
  return (MtMonitor){ &ctx->s[p->watch_base + (guint)watch / MT_WATCHES_PER_WORD], 1u << 2 * ((guint)watch % MT_WATCHES_PER_WORD) };
}

static inline void
mt_watch_read (MtCtx *ctx, gint watch)
{
  MtMonitor m = mt_monitor (ctx, watch);
  MtWord *own = m.word + ctx->task * ctx->program->watch_words;
  *own = (MtWord)(((guint32)*own & ~(3 * m.read)) | m.read);
}

static inline void
mt_watch_write (MtCtx *ctx, gint watch, gboolean derived, guint address)
{
  MtMonitor m = mt_monitor (ctx, watch);
  const guint stride = ctx->program->watch_words;
  MtWord *own = m.word + ctx->task * stride, *word = m.word;
  /* by arithmetic: whether an update is lost is chance, and a branch on it is guessed wrong half the time */
  const guint32 lost = (((guint32)*own & 2 * m.read) != 0) & derived;
  ctx->outcome |= lost * MT_LOST_UPDATE;
  if (ctx->rec)
    ctx->rec->lost_address ^= (ctx->rec->lost_address ^ address) & -lost;
  *own = (MtWord)((guint32)*own & ~(3 * m.read));
  for (guint t = ctx->program->n_tasks; t > 0; t--, word += stride)
    *word = (MtWord)((guint32)*word | 2 * ((guint32)*word & m.read));
}

static inline void
mt_var_read (MtCtx *ctx, const MtInstr *in)
{
  if (G_LIKELY (in->b >= 0))
    mt_watch_read (ctx, in->b);
  ctx->r[in->dst] = mt_get (ctx, (guint)in->imm);
}

static inline void
mt_var_write (MtCtx *ctx, const MtInstr *in)
{
  if (G_LIKELY (in->b >= 0))
    mt_watch_write (ctx, in->b, (in->flags & MT_DERIVED) != 0, (guint)in->imm);
  mt_put (ctx, (guint)in->imm, mt_a (ctx, in));
}

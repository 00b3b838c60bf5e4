/* The two operations of nearly every step, in line: the machine's loop and their rows share them. */
#pragma once
#include "sim/op.h"

/* Lost updates. For each task and each watched cell two bits: the task has read the cell and means
 * to write what it makes of it; and since then another task has written it. */
typedef struct
{
  MtWord *word; /* of task 0; the other tasks' follow, watch_words apart */
  guint shift;
} MtMonitor;

static inline MtMonitor
mt_monitor (MtCtx *ctx, gint watch)
{
  const MtProgram *p = ctx->program;
  return (MtMonitor){ &ctx->s[p->watch_base + (guint)watch / MT_WATCHES_PER_WORD], 2 * ((guint)watch % MT_WATCHES_PER_WORD) };
}

static inline void
mt_watch_read (MtCtx *ctx, gint watch)
{
  MtMonitor m = mt_monitor (ctx, watch);
  MtWord *own = m.word + ctx->task * ctx->program->watch_words;
  *own = (*own & ~(3 << m.shift)) | (1 << m.shift);
}

static inline void
mt_watch_write (MtCtx *ctx, gint watch, gboolean derived, guint address)
{
  MtMonitor m = mt_monitor (ctx, watch);
  guint stride = ctx->program->watch_words;
  MtWord *own = m.word + ctx->task * stride;
  if (G_UNLIKELY (derived && (*own >> m.shift & 3) == 3))
    {
      ctx->outcome |= MT_LOST_UPDATE;
      if (ctx->rec)
        ctx->rec->lost_address = address;
    }
  *own &= ~(3 << m.shift);
  MtWord *word = m.word;
  for (guint t = ctx->program->n_tasks; t > 0; t--, word += stride)
    *word |= (*word >> m.shift & 1) << (m.shift + 1);
}

static inline void
mt_var_read (MtCtx *ctx, const MtInstr *in)
{
  if (in->b >= 0)
    mt_watch_read (ctx, in->b);
  ctx->r[in->dst] = mt_get (ctx, (guint)in->imm);
}

static inline void
mt_var_write (MtCtx *ctx, const MtInstr *in)
{
  if (in->b >= 0)
    mt_watch_write (ctx, in->b, (in->flags & MT_DERIVED) != 0, (guint)in->imm);
  mt_put (ctx, (guint)in->imm, mt_a (ctx, in));
}

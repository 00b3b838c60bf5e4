/* Datagram sockets. Words: [0] how many datagrams have arrived, then `buffer` places for one: the
 * item and its sender, the string that is the sending socket's name. What may happen on the way is
 * a setting of the socket it leads to. A datagram that finds the buffer full is dropped, as UDP
 * does; so is, in effect, one to a socket that nobody receives from. */
#define _GNU_SOURCE /* ppoll */
#include "sim/primitive.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  COUNT,
  DATAGRAMS,
};

enum
{
  ITEM,
  SENDER,
  SIZE,
};

enum
{
  SETTING_PORT,
  SETTING_LOSS,
  SETTING_REORDER,
  SETTING_DUPLICATE,
  SETTING_BUFFER,
};

/* The ways of a send. */
enum
{
  ARRIVES,
  IS_LOST,
  ARRIVES_TWICE,
  SEND_WAYS,
};

static guint
words (const MtProgram *program, const MtObject *object)
{
  (void)program;
  return DATAGRAMS + SIZE * (guint)object->setting[SETTING_BUFFER];
}

static void
print (const MtProgram *program, const MtObject *object, const MtWord *w, GString *out)
{
  g_string_append_printf (out, "%d of %d:", w[COUNT], object->setting[SETTING_BUFFER]);
  for (MtWord i = 0; i < w[COUNT]; i++)
    {
      const MtWord *datagram = w + DATAGRAMS + SIZE * i;
      g_string_append_printf (out, "%s ", i ? "," : "");
      mt_value_print (program, object->element[0], FALSE, datagram + ITEM, out);
      g_string_append_printf (out, " from %s", program->strings[datagram[SENDER]]);
    }
}

/* dst <- the name of the socket imm[b]. */
static MtResult
name_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *from = mt_object_of (ctx, in);
  if (!from)
    return MT_FAULTED;
  ctx->r[in->dst] = from->self;
  return MT_DONE;
}

static guint
datagram (const MtObject *socket, MtWord i)
{
  return socket->address + DATAGRAMS + SIZE * (guint)i;
}

/* send: a is the slot of the item, the next one that of the sender. Ways that end alike are one. */
static guint
send_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *to = mt_object (program, s + program->tasks[task].frame, in);
  guint n = mt_way (out, 0, task, ARRIVES);
  gint32 room = to ? to->setting[SETTING_BUFFER] - s[to->address + COUNT] : 0;
  if (room > 0 && to->setting[SETTING_LOSS])
    n = mt_way (out, n, task, IS_LOST);
  if (room > 1 && to->setting[SETTING_DUPLICATE])
    n = mt_way (out, n, task, ARRIVES_TWICE);
  return n;
}

static MtResult
send_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *to = mt_object_of (ctx, in);
  if (!to)
    return MT_FAULTED;
  MtWord n = mt_get (ctx, to->address + COUNT);
  guint copies = ctx->alt == IS_LOST || n == to->setting[SETTING_BUFFER] ? 0 : ctx->alt == ARRIVES_TWICE ? 2 : 1;
  for (guint i = 0; i < copies; i++, n++)
    {
      mt_put (ctx, datagram (to, n) + ITEM, ctx->r[in->a + ITEM]);
      mt_put (ctx, datagram (to, n) + SENDER, ctx->r[in->a + SENDER]);
    }
  if (copies)
    mt_put (ctx, to->address + COUNT, n);
  ctx->r[in->a + ITEM] = ctx->r[in->a + SENDER] = 0;
  return MT_DONE;
}

/* recv: dst is the slot of the item, the next one that of the sender. Alternative 0 is the datagram
 * that arrived first, 1 a timeout, k > 1 the datagram at place k - 1, where they may be reordered. */
static guint
recv_ways (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtChoice *out)
{
  const MtObject *socket = mt_object (program, s + program->tasks[task].frame, in);
  guint n = mt_ways_timed (program, s, task, in, !socket || s[socket->address + COUNT] > 0, out);
  for (MtWord i = 1; socket && socket->setting[SETTING_REORDER] && i < s[socket->address + COUNT]; i++)
    n = mt_way (out, n, task, (guint)i + 1);
  return n;
}

static MtResult
recv_apply (MtCtx *ctx, const MtInstr *in)
{
  const MtObject *socket = mt_object_of (ctx, in);
  if (!socket)
    return MT_FAULTED;
  if (ctx->alt == 1)
    return MT_FAILED;
  MtWord n = mt_get (ctx, socket->address + COUNT), which = ctx->alt ? (MtWord)ctx->alt - 1 : 0;
  ctx->r[in->dst + ITEM] = mt_get (ctx, datagram (socket, which) + ITEM);
  ctx->r[in->dst + SENDER] = mt_get (ctx, datagram (socket, which) + SENDER);
  for (MtWord i = which; i < n; i++)
    for (guint k = 0; k < SIZE; k++)
      mt_put (ctx, datagram (socket, i) + k, i + 1 < n ? mt_get (ctx, datagram (socket, i + 1) + k) : 0);
  mt_put (ctx, socket->address + COUNT, n - 1);
  return MT_DONE;
}

static void
recv_why (const MtProgram *program, const MtWord *s, guint task, const MtInstr *in, MtBlock *out)
{
  out->kind = MT_BLOCK_OBJECT;
  out->object = (gint)(mt_object (program, s + program->tasks[task].frame, in) - program->objects);
}

static gboolean
send_uses (const MtProgram *program, const MtInstr *in, GArray *out)
{
  mt_touch (out, (guint)in->a, SIZE);
  return mt_uses_b (program, in, out);
}

/* On real threads: a UDP socket on 127.0.0.1, with a port that the system chooses. The words decide what is dropped, lost or
 * doubled on the way; what arrives is sent as a datagram (item and sender), and who receives waits for it in the system. */
typedef struct
{
  gint fd;
  guint on_the_way; /* datagrams sent and not yet received, as the words tell */
} Native;

static gint
native_open (gpointer place)
{
  Native *native = place;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  const gint buffer = 1 << 20; /* the model's buffer is the smaller one */
  native->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (native->fd < 0)
    return errno;
  setsockopt (native->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (bind (native->fd, (struct sockaddr *)&address, size) == 0 && getsockname (native->fd, (struct sockaddr *)&address, &size) == 0
      && connect (native->fd, (struct sockaddr *)&address, size) == 0) /* to itself: nobody else's datagrams come in */
    return 0;
  gint problem = errno;
  close (native->fd);
  return problem;
}

static void
native_close (gpointer place)
{
  close (((Native *)place)->fd);
}

static gint
native_attempt (gpointer place)
{
  MtWord datagram[SIZE];
  return recv (((Native *)place)->fd, datagram, sizeof datagram, MSG_DONTWAIT) >= 0 ? 0 : errno;
}

static void
native_init (const MtObject *object, gpointer place)
{
  (void)object;
  ((Native *)place)->on_the_way = 0;
  while (native_attempt (place) == 0) /* what an earlier run left */
    ;
}

static gint
native_wait (gpointer place, const struct timespec *until)
{
  struct pollfd poll_fd = { ((Native *)place)->fd, POLLIN, 0 };
  while (native_attempt (place) != 0)
    {
      struct timespec now, left = { 0, 0 };
      if (until)
        {
          clock_gettime (CLOCK_REALTIME, &now);
          gint64 n = (until->tv_sec - now.tv_sec) * G_GINT64_CONSTANT (1000000000) + (until->tv_nsec - now.tv_nsec);
          if (n <= 0)
            return ETIMEDOUT;
          left = (struct timespec){ n / 1000000000, n % 1000000000 };
        }
      ppoll (&poll_fd, 1, until ? &left : NULL, NULL);
    }
  return 0;
}

static void
native_leave (const MtWord *words, gpointer place)
{
  Native *native = place;
  for (; native->on_the_way < (guint)words[COUNT]; native->on_the_way++)
    send (native->fd, words + DATAGRAMS + SIZE * native->on_the_way, sizeof (MtWord) * SIZE, 0);
  native->on_the_way = (guint)words[COUNT];
}

static const MtNative native = { .size = sizeof (Native), .open = native_open, .close = native_close, .init = native_init, .joint = TRUE };
static const MtNativeCall native_send = { .leave = native_leave };
static const MtNativeCall native_recv = { .attempt = native_attempt, .wait = native_wait, .leave = native_leave };

static const MtOp op_name = { .name = "socket_name", .makes_dst = TRUE, .apply = name_apply, .uses = mt_uses_b };
static const MtOp op_send = { .name = "send", .ways = send_ways, .apply = send_apply, .touches = mt_touches_object, .uses = send_uses, .native = &native_send };
static const MtOp op_recv = { .name = "recv", .ways = recv_ways, .apply = recv_apply, .touches = mt_touches_object, .uses = mt_uses_b, .why = recv_why, .native = &native_recv };

static void
compile_send (MtCompiler *c, const MtStepNode *step)
{
  const MtExpr *e = step->args[0].expr;
  gint32 from, to;
  MtOperand from_index, to_index;
  if (!e)
    return;
  gint base = mt_compile_temps (c, SIZE);
  MtOperand item = mt_compile_expr (c, e, mt_reading (c));
  if (item.words > 1)
    {
      mt_compile_error (c, e->mark, e->width, "send its items one by one", "a datagram holds one value");
      return;
    }
  mt_compile_move (c, item, base + ITEM);
  if (!mt_resolve_object (c, step->args[1].expr, &mt_primitive_socket, &from, &from_index))
    return;
  guint at = mt_emit_local_op (c, &op_name, base + SENDER, 0, from_index.slot, from, 0);
  mt_kill_operands (c, at, from_index.temp ? MT_KILL_B : 0);
  mt_release (c, from_index);
  if (!mt_resolve_object (c, step->args[2].expr, &mt_primitive_socket, &to, &to_index) || !mt_object_arity (c, to, 1, e))
    return;
  mt_unify (c, mt_object_element (c, to, 0), item.type, e->mark, e->width, "what is sent to this socket");
  const gint32 *setting = mt_compiling (c)->objects[to].setting;
  gboolean sure = !setting[SETTING_LOSS] && !setting[SETTING_DUPLICATE];
  mt_ways_at_most (c, SEND_WAYS);
  mt_emit_op (c, &op_send, 0, base, to_index.slot, to, (sure ? MT_ALWAYS : 0) | (to_index.temp ? MT_KILL_B : 0));
  mt_release (c, to_index);
  mt_release (c, (MtOperand){ base, SIZE, TRUE, NULL });
}

static void
compile_recv (MtCompiler *c, const MtStepNode *step)
{
  const GPtrArray *into = step->args[1].exprs;
  gint32 object;
  MtOperand index;
  gboolean timed = step->args[2].node != NULL;
  mt_check_else (c, step);
  if (!mt_resolve_object (c, step->args[0].expr, &mt_primitive_socket, &object, &index) || !mt_object_arity (c, object, 1, step->args[0].expr))
    return;
  if (into && into->len > SIZE)
    {
      mt_compile_error (c, step->args[1].node->mark, step->args[1].node->width, "into: x, or into: [x, sender]", "a datagram has an item and a sender, not %u parts", into->len);
      return;
    }
  mt_compile_arm (c, &step->args[2]);
  gint base = mt_compile_temps (c, SIZE);
  mt_ways_at_most (c, (guint)mt_compiling (c)->objects[object].setting[SETTING_BUFFER] + 1);
  mt_emit_op (c, &op_recv, base, 0, index.slot, object, (timed ? MT_TIMED | MT_FALLIBLE : 0) | (index.temp ? MT_KILL_B : 0));
  mt_release (c, index);
  guint fail = timed ? mt_fail_begin (c) : 0;
  for (guint i = 0; i < SIZE; i++)
    {
      MtOperand part = { base + (gint)i, 1, TRUE, i == ITEM ? mt_object_element (c, object, 0) : mt_type_new (c, MT_TYPE_STRING) };
      if (into && i < into->len)
        mt_compile_into (c, into->pdata[i], part);
      else
        mt_discard (c, part);
    }
  if (timed)
    mt_fail_end (c, fail, &step->args[3], "TimeoutError");
}

static const MtSettingSpec settings[] = {
  [SETTING_PORT] = { "port", MT_SETTING_INT, 0, 0, 65535, NULL, FALSE, "for the reader: a socket is called by its name" },
  [SETTING_LOSS] = { "loss", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "a datagram on its way here may be lost" },
  [SETTING_REORDER] = { "reorder", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "any datagram that has arrived may be the next" },
  [SETTING_DUPLICATE] = { "duplicate", MT_SETTING_BOOL, 0, 0, 1, NULL, FALSE, "a datagram may arrive twice" },
  [SETTING_BUFFER] = { "buffer", MT_SETTING_INT, 4, 1, 1000, NULL, FALSE, "how many datagrams it keeps; more are dropped" },
  { 0 },
};

static const MtVerb verbs[] = {
  { "send", { { "send", MT_ARG_EXPR, TRUE }, { "from", MT_ARG_OBJECT, TRUE }, { "to", MT_ARG_OBJECT, TRUE } }, compile_send, "{send: item, from: socket, to: socket}" },
  { "recv", { { "recv", MT_ARG_OBJECT, TRUE }, { "into", MT_ARG_TARGETS, FALSE }, { "timeout", MT_ARG_EXPR, FALSE }, { "else", MT_ARG_STEPS, FALSE } }, compile_recv, "{recv: socket, into: [item, sender], timeout: 1, else: [..]}" },
  { 0 },
};

static const MtOp *const ops[] = { &op_name, &op_send, &op_recv, NULL };

const MtPrimitive mt_primitive_socket = { .section = "sockets", .noun = "a socket", .settings = settings, .verbs = verbs, .ops = ops,
                                          .words = words, .print = print, .help = "datagrams, which may be lost, reordered and doubled", .rename = mt_rename_nothing, .native = &native };

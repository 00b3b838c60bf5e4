/* See checkpoint.h. */
#include "checker/packed/checkpoint.h"
#include "checker/packed/private.h"
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "mtsim checkpoint 2\n"
#define DIGEST 32 /* bytes of a SHA-256 */

typedef struct
{
  FILE *file;
  GChecksum *sum;
  gboolean good;
} Writer;

typedef struct
{
  const guint8 *at, *end;
  gboolean good;
} Reader;

/* What is of a fixed size. */
typedef struct
{
  guint64 transitions, states, frontier, found; /* to be searched at this level; found at the next */
  guint64 set_n, set_bytes, bits_bytes;
  guint level, max_depth, cuts, stop_length;
  guint n_parts, n_levels, n_pins, n_ends, n_findings, n_witnesses;
  guint set_width, set_q, set_k;
} Head;

typedef struct
{
  guint kin, width, n_runs, n_values;
} PartHead;

static void
put (Writer *w, gconstpointer data, gsize n)
{
  if (n == 0)
    return;
  w->good = w->good && fwrite (data, 1, n, w->file) == n;
  g_checksum_update (w->sum, data, (gssize)n);
}

static void
put_array (Writer *w, const GArray *array)
{
  put (w, array->data, (gsize)array->len * g_array_get_element_size ((GArray *)array));
}

/* @n bytes; NULL where there are not so many. */
static gconstpointer
take (Reader *r, gsize n)
{
  gconstpointer data = r->at;
  r->good = r->good && n <= (gsize)(r->end - r->at);
  if (!r->good)
    return NULL;
  r->at += n;
  return data;
}

/* @n items of @size bytes, appended; each file has as many bytes as it says. */
static void
take_array (Reader *r, GArray *array, guint n)
{
  gconstpointer data = take (r, (gsize)n * g_array_get_element_size (array));
  if (data)
    g_array_append_vals (array, data, n);
}

/* What the search is of: the program, and the options that decide which states there are and what is counted. */
static void
sign (const MtPacked *p, guint8 *digest)
{
  const MtExploreOptions *o = p->x->options;
  const guint64 numbers[] = { mt_reducer_used (p->x->reducer), (guint64)o->all, o->max_depth, o->max_states, o->bitstate, sizeof (MtWord), sizeof (Head), sizeof (MtFound) };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GString) text = g_string_new (MT_VERSION);
  gsize n = DIGEST;
  mt_program_dump (p->x->program, text);
  g_checksum_update (sum, (const guchar *)text->str, (gssize)text->len);
  g_checksum_update (sum, (const guchar *)numbers, sizeof numbers);
  g_checksum_get_digest (sum, digest, &n);
}

static guint64
count_keys (const GPtrArray *chunks, guint from, guint end)
{
  guint64 n = 0;
  for (guint i = from; i < end; i++)
    n += ((const MtChunk *)chunks->pdata[i])->n;
  return n;
}

/* Of the shares of a level, the chunks that nobody has taken yet. */
static guint64
count_left (const MtLevels *levels)
{
  guint64 n = 0;
  for (guint i = 0; i < levels->shares->len; i++)
    {
      const MtShare *share = &g_array_index (levels->shares, MtShare, i);
      n += count_keys (levels->chunks, share->next, share->end);
    }
  return n;
}

static Head
describe (const MtPacked *p)
{
  const MtExplore *x = p->x;
  Head head = { .transitions = p->past_transitions, .states = mt_keyset_size (&p->set), .frontier = count_left (&p->levels) };
  for (guint i = 0; i < p->n_workers; i++)
    {
      const MtWorker *w = p->workers[i];
      if (!w)
        continue;
      head.transitions += w->transitions;
      head.frontier += w->chunk ? w->chunk->n - w->done : 0;
      head.found += count_keys (w->chunks.found, 0, w->chunks.found->len);
    }
  head.set_n = p->set.n;
  head.set_bytes = mt_keyset_bytes (&p->set);
  head.set_width = p->set.width;
  head.set_q = p->set.q;
  head.set_k = p->set.k;
  head.bits_bytes = mt_bits_bytes (&p->bits);
  head.level = p->level;
  head.max_depth = x->max_depth;
  head.cuts = x->cuts & MT_CUT_DEPTH; /* why it stops now is not why it is incomplete */
  head.stop_length = x->properties.stop_length;
  head.n_parts = p->parts.layout.n;
  head.n_levels = x->levels->len;
  head.n_pins = p->marks->len;
  head.n_ends = p->ends->len;
  head.n_findings = x->properties.findings->len;
  head.n_witnesses = x->properties.witnesses->len;
  return head;
}

static void
put_chunks (Writer *w, const GPtrArray *chunks, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    {
      const MtChunk *chunk = chunks->pdata[i];
      put (w, chunk->keys, sizeof (guint64) * chunk->n);
    }
}

static void
put_left (Writer *w, const MtLevels *levels)
{
  for (guint i = 0; i < levels->shares->len; i++)
    {
      const MtShare *share = &g_array_index (levels->shares, MtShare, i);
      put_chunks (w, levels->chunks, share->next, share->end);
    }
}

static void
put_parts (Writer *w, const MtParts *parts)
{
  for (guint i = 0; i < parts->layout.n; i++)
    {
      const MtPart *part = &parts->layout.parts[i];
      PartHead head = { part->kin, part->width, part->n_runs, part->intern->n };
      put (w, &head, sizeof head);
      put (w, part->runs, sizeof (MtRun) * part->n_runs);
      for (guint number = 0; number < part->intern->n; number++)
        put (w, mt_part_value (part, number), sizeof (MtWord) * part->intern->n_words);
    }
}

static void
put_all (Writer *w, const MtPacked *p)
{
  const MtExplore *x = p->x;
  guint8 signature[DIGEST];
  Head head = describe (p);
  sign (p, signature);
  put (w, MAGIC, strlen (MAGIC));
  put (w, signature, DIGEST);
  put (w, &head, sizeof head);
  put_parts (w, &p->parts);
  put (w, p->set.buckets, mt_keyset_bytes (&p->set));
  put (w, p->bits.words, mt_bits_bytes (&p->bits));
  put_array (w, x->levels);
  put_array (w, p->marks);
  put_array (w, p->ends);
  put_array (w, x->properties.findings);
  put_array (w, x->properties.witnesses);
  put (w, p->settled.outcome, x->program->n_code);
  put_left (w, &p->levels);
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i] && p->workers[i]->chunk)
      put (w, p->workers[i]->chunk->keys + p->workers[i]->done, sizeof (guint64) * (p->workers[i]->chunk->n - p->workers[i]->done));
  for (guint i = 0; i < p->n_workers; i++)
    if (p->workers[i])
      put_chunks (w, p->workers[i]->chunks.found, 0, p->workers[i]->chunks.found->len);
}

/* Whole, and on the disk, before it has its name. */
static gboolean
write_file (const MtPacked *p, const gchar *path)
{
  Writer w = { fopen (path, "wbe"), g_checksum_new (G_CHECKSUM_SHA256), TRUE };
  guint8 digest[DIGEST];
  gsize n = DIGEST;
  w.good = w.file != NULL;
  if (w.good)
    put_all (&w, p);
  g_checksum_get_digest (w.sum, digest, &n);
  w.good = w.good && fwrite (digest, 1, DIGEST, w.file) == DIGEST && fflush (w.file) == 0 && fsync (fileno (w.file)) == 0;
  if (w.file && fclose (w.file) != 0)
    w.good = FALSE;
  g_checksum_free (w.sum);
  return w.good;
}

gboolean
mt_checkpoint_write (MtPacked *p, GError **error)
{
  const gchar *path = p->x->options->checkpoint;
  g_autofree gchar *beside = g_strconcat (path, ".new", NULL);
  if (write_file (p, beside) && rename (beside, path) == 0)
    return TRUE;
  g_set_error (error, MT_ERROR, MT_ERROR_FILE, "the checkpoint can't be written: %s: %s", beside, g_strerror (errno));
  unlink (beside);
  return FALSE;
}

static gboolean
take_parts (Reader *r, MtParts *parts, guint n)
{
  mt_parts_forget (parts);
  for (guint i = 0; i < n && r->good; i++)
    {
      const guint8 *bytes = take (r, sizeof (PartHead));
      PartHead head = { 0 };
      gsize n_words = 0;
      if (bytes)
        memcpy (&head, bytes, sizeof head);
      bytes = take (r, sizeof (MtRun) * head.n_runs);
      g_autofree MtRun *runs = bytes ? g_memdup2 (bytes, sizeof (MtRun) * head.n_runs) : NULL;
      for (guint k = 0; runs && k < head.n_runs; k++)
        {
          r->good = r->good && runs[k].address < parts->program->n_words && runs[k].n_words <= parts->program->n_words - runs[k].address;
          n_words += runs[k].n_words;
        }
      bytes = take (r, sizeof (MtWord) * n_words * head.n_values);
      r->good = r->good && n_words <= parts->program->n_words;
      g_autofree MtWord *values = bytes && r->good ? g_memdup2 (bytes, sizeof (MtWord) * n_words * head.n_values) : NULL;
      if (r->good)
        mt_parts_restore (parts, head.kin, head.width, runs, head.n_runs, values, head.n_values);
    }
  return r->good && mt_parts_restored (parts);
}

static void
take_keys (Reader *r, MtChunks *chunks, guint64 n, guint grain)
{
  const guint8 *bytes = n <= G_MAXUINT32 * (guint64)16 ? take (r, sizeof (guint64) * n) : NULL;
  for (guint64 i = 0; bytes && i < n; i++)
    {
      guint64 key;
      memcpy (&key, bytes + sizeof key * i, sizeof key);
      mt_chunks_add (chunks, &key, NULL, 1, grain); /* what was asleep is followed: nothing new comes of it */
    }
  r->good = r->good && (bytes || n == 0);
}

static gboolean
take_all (Reader *r, MtPacked *p, guint64 *size)
{
  MtExplore *x = p->x;
  MtWorker *w = p->workers[0];
  Head head;
  gconstpointer bytes = take (r, sizeof head);
  if (!bytes)
    return FALSE;
  memcpy (&head, bytes, sizeof head);
  if (!take_parts (r, &p->parts, head.n_parts))
    return FALSE;
  const guint8 *buckets = take (r, head.set_bytes);
  if (!buckets || !mt_keyset_restore (&p->set, head.set_width, head.set_q, head.set_k, head.set_n, buckets, head.set_bytes))
    return FALSE;
  bytes = take (r, head.bits_bytes);
  if (!bytes || head.bits_bytes != mt_bits_bytes (&p->bits))
    return FALSE;
  if (head.bits_bytes)
    memcpy (p->bits.words, bytes, head.bits_bytes);
  take_array (r, x->levels, head.n_levels);
  take_array (r, p->marks, head.n_pins);
  take_array (r, p->ends, head.n_ends);
  take_array (r, x->properties.findings, head.n_findings);
  take_array (r, x->properties.witnesses, head.n_witnesses);
  const guint8 *outcomes = take (r, x->program->n_code);
  if (!outcomes)
    return FALSE;
  memcpy (p->settled.outcome, outcomes, x->program->n_code);
  mt_settled_note (&p->settled, &x->properties);
  x->properties.stop_length = head.stop_length;
  p->past_transitions = head.transitions;
  x->max_depth = head.max_depth;
  x->cuts = head.cuts;
  p->level = head.level;
  for (guint level = 0; level < head.level; level++)
    mt_levels_add (&p->levels, NULL, 0);
  take_keys (r, &w->chunks, head.frontier, p->grain);
  *size = mt_levels_add (&p->levels, (MtChunks *[]){ &w->chunks }, 1);
  take_keys (r, &w->chunks, head.found, p->grain);
  return r->good && r->at == r->end;
}

gboolean
mt_checkpoint_read (MtPacked *p, guint64 *size, GError **error)
{
  const gchar *path = p->x->options->checkpoint, *problem = NULL;
  const gsize before = strlen (MAGIC) + DIGEST;
  guint8 signature[DIGEST], digest[DIGEST];
  gsize n = DIGEST;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const guint8 *bytes = file ? (const guint8 *)g_mapped_file_get_contents (file) : NULL;
  gsize length = file ? g_mapped_file_get_length (file) : 0;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  sign (p, signature);
  if (length >= before + DIGEST)
    {
      g_checksum_update (sum, bytes, (gssize)(length - DIGEST));
      g_checksum_get_digest (sum, digest, &n);
    }
  if (!file)
    problem = "it can't be read as a file";
  else if (length < before + DIGEST || memcmp (bytes, MAGIC, strlen (MAGIC)) != 0 || memcmp (digest, bytes + length - DIGEST, DIGEST) != 0)
    problem = "it is no checkpoint, or not a whole one; hint: name another file, or delete it to begin anew";
  else if (memcmp (signature, bytes + strlen (MAGIC), DIGEST) != 0)
    problem = "it is of another model, other options or another version of mtsim; hint: name another file, or delete it to begin anew";
  else
    {
      Reader r = { bytes + before, bytes + length - DIGEST, TRUE };
      if (take_all (&r, p, size))
        return TRUE;
      problem = "it does not hold what it says";
    }
  g_set_error (error, MT_ERROR, MT_ERROR_FILE, "%s: %s", path, problem);
  return FALSE;
}

void
mt_checkpoint_remove (const gchar *path)
{
  g_autofree gchar *beside = g_strconcat (path, ".new", NULL); /* of one that was killed while it wrote */
  unlink (beside);
  unlink (path);
}

/* See histogram.h. */
#include "cli/histogram.h"
#include "sim/diag.h"
#include <string.h>

#define BAR 30 /* columns of the longest */

typedef struct
{
  gchar *text;
  guint count;
  guint64 seed;
} Bin;

struct _MtHistogram
{
  GArray *bins; /* Bin */
  GHashTable *numbers; /* text -> place in bins */
  guint total;
};

static void
bin_clear (gpointer data)
{
  g_free (((Bin *)data)->text);
}

MtHistogram *
mt_histogram_new (void)
{
  MtHistogram *h = g_new0 (MtHistogram, 1);
  h->bins = g_array_new (FALSE, TRUE, sizeof (Bin));
  g_array_set_clear_func (h->bins, bin_clear);
  h->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return h;
}

void
mt_histogram_free (MtHistogram *h)
{
  g_array_unref (h->bins);
  g_hash_table_unref (h->numbers);
  g_free (h);
}

void
mt_histogram_count (MtHistogram *h, const gchar *text, guint64 seed)
{
  gpointer number;
  h->total++;
  if (!g_hash_table_lookup_extended (h->numbers, text, NULL, &number))
    {
      Bin bin = { g_strdup (text), 0, seed };
      number = GUINT_TO_POINTER (h->bins->len);
      g_array_append_val (h->bins, bin);
      g_hash_table_insert (h->numbers, g_strdup (text), number);
    }
  g_array_index (h->bins, Bin, GPOINTER_TO_UINT (number)).count++;
}

guint
mt_histogram_of (const MtHistogram *h, const gchar *text)
{
  gpointer number;
  return g_hash_table_lookup_extended (h->numbers, text, NULL, &number) ? g_array_index (h->bins, Bin, GPOINTER_TO_UINT (number)).count : 0;
}

static gint
by_count (gconstpointer a, gconstpointer b)
{
  const Bin *x = *(const Bin *const *)a, *y = *(const Bin *const *)b;
  return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp (x->text, y->text);
}

/* Bin*, the most frequent first. */
static GPtrArray *
sorted (const MtHistogram *h)
{
  GPtrArray *bins = g_ptr_array_new ();
  for (guint i = 0; i < h->bins->len; i++)
    g_ptr_array_add (bins, &g_array_index (h->bins, Bin, i));
  g_ptr_array_sort (bins, by_count);
  return bins;
}

void
mt_histogram_each (MtHistogram *h, void (*each) (const gchar *text, guint count, gpointer data), gpointer data)
{
  g_autoptr (GPtrArray) bins = sorted (h);
  for (guint i = 0; i < bins->len; i++)
    each (((const Bin *)bins->pdata[i])->text, ((const Bin *)bins->pdata[i])->count, data);
}

void
mt_histogram_print (MtHistogram *h, const gchar *title, gboolean seeds)
{
  g_autoptr (GPtrArray) bins = sorted (h);
  guint width = 0;
  for (guint i = 0; i < bins->len; i++)
    width = MAX (width, mt_display_width (((const Bin *)bins->pdata[i])->text));
  g_print ("\n%s\n", title);
  for (guint i = 0; i < bins->len; i++)
    {
      const Bin *bin = bins->pdata[i];
      guint bar = (guint)((guint64)bin->count * BAR / ((const Bin *)bins->pdata[0])->count);
      g_print ("  %s%*s %8u  %5.1f%%  ", bin->text, (gint)(width - mt_display_width (bin->text)), "", bin->count, 100.0 * bin->count / h->total);
      if (seeds)
        g_print ("seed %-8" G_GUINT64_FORMAT " ", bin->seed);
      for (guint k = 0; k < bar; k++)
        g_print ("\342\226\210"); /* a full block */
      g_print ("\n");
    }
}

/* How often each of some texts came. */
#pragma once
#include <glib.h>

typedef struct _MtHistogram MtHistogram;

MtHistogram *mt_histogram_new (void);
void mt_histogram_free (MtHistogram *histogram);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MtHistogram, mt_histogram_free)

/* @seed: of the run that came to @text; that of the first one is kept. */
void mt_histogram_count (MtHistogram *histogram, const gchar *text, guint64 seed);

/* How often @text came. */
guint mt_histogram_of (const MtHistogram *histogram, const gchar *text);

/* Calls @each for every text, the most frequent first. */
void mt_histogram_each (MtHistogram *histogram, void (*each) (const gchar *text, guint count, gpointer data), gpointer data);

/* Bars under a title, the most frequent first, each with its first seed where @seeds. */
void mt_histogram_print (MtHistogram *histogram, const gchar *title, gboolean seeds);

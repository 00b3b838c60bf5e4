/* Small random models for differential tests: the same seed, the same text. */
#pragma once
#include <glib.h>

/* YAML of a model whose state space is small, and finite. Caller frees. */
gchar *mt_random_model (guint64 seed);

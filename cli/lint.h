/* How findings about several models are told. */
#pragma once
#include "sim/diag.h"

typedef struct
{
  const gchar *name, *help;
  /* @diags: MtDiags of each model that could be read, in order; @all: none could not. */
  void (*write) (const GPtrArray *diags, gboolean all, GString *out);
} MtLintFormat;

/* NULL-terminated; the first is the default. */
extern const MtLintFormat *const mt_lint_formats[];

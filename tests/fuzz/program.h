/* The model that fuzzed traces and schedules are for: all that a choice can name is in it. */
#pragma once
#include "sim/model.h"

static inline MtProgram *
fuzz_program (void)
{
  static const gchar text[] = "locks: [m]\n"
                              "threads:\n"
                              "  t1:\n"
                              "    - lock: m\n"
                              "      timeout: 1\n"
                              "    - choose: [[pass], [pass], [pass]]\n"
                              "  work:\n"
                              "    count: 3\n"
                              "    steps: [lock: m, pass, unlock: m]\n";
  const MtCompileOptions options = { .time = MT_TIME_ABSTRACT };
  g_autoptr (GError) error = NULL;
  g_autoptr (MtModel) model = mt_model_parse ("f", text, sizeof text - 1, &error);
  MtProgram *program = model ? mt_compile (model, &options, &error) : NULL;
  g_assert_no_error (error);
  return program;
}

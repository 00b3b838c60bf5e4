/* What every unit test's main() does. */
#pragma once
#include <CUnit/Basic.h>
#include <glib.h>

/* Runs the tests of one suite, which end with CU_TEST_INFO_NULL. What main() returns: 1 where one has failed, or none could be run. */
static inline gint
suite_main (const gchar *name, CU_TestInfo *tests)
{
  CU_SuiteInfo suites[] = { { name, NULL, NULL, NULL, NULL, tests }, CU_SUITE_INFO_NULL };
  if (CU_initialize_registry () != CUE_SUCCESS || CU_register_suites (suites) != CUE_SUCCESS)
    return 1;
  CU_basic_run_tests ();
  guint failures = CU_get_number_of_failures (), run = CU_get_number_of_tests_run ();
  CU_cleanup_registry ();
  return failures > 0 || run == 0;
}

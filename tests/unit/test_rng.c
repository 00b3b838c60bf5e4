/* Tests of rng.h. The numbers come from a transcription into Python of the authors' public-domain C
 * files, splitmix64.c and xoshiro128plusplus.c (prng.di.unimi.it), whole: docs/determinism.md has it.
 * The first output of splitmix64 for seed 0, e220a8397b1dcdaf, is also the one Java's SplittableRandom
 * is known for. */
#include "sim/rng.h"
#include "tests/unit/suite.h"

static void
assert_first (guint64 seed, const guint32 *state, const guint32 *first)
{
  MtRng rng;

  mt_rng_seed (&rng, seed);
  for (guint i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (rng.s[i], state[i]);
  for (guint i = 0; i < 6; i++)
    CU_ASSERT_EQUAL (mt_rng_next (&rng), first[i]);
}

static void
test_first_values (void)
{
  assert_first (0, (const guint32[]) { 0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a },
                (const guint32[]) { 0x4653daa3, 0x73922b58, 0xb82b4add, 0xd9fabd3b, 0x3c8698c3, 0x1c9b58ff });
  assert_first (1, (const guint32[]) { 0x89025cc1, 0x910a2dec, 0x658eec67, 0xbeeb8da1 },
                (const guint32[]) { 0x7ff78de4, 0x9a170265, 0xdac127b8, 0x9859e914, 0x4d4b41b3, 0xba2afb67 });
  assert_first (7, (const guint32[]) { 0x59320dd7, 0x63cbe1e4, 0xf43c661c, 0x044c3cd7 },
                (const guint32[]) { 0x18576505, 0x0e6be122, 0x5fca7e0e, 0x55070afd, 0x0f554111, 0xcba0c25f });
  assert_first (G_MAXUINT64, (const guint32[]) { 0x1b652c20, 0xe4d97177, 0xdbf682c9, 0xe99ff867 },
                (const guint32[]) { 0x9df76fa2, 0x4c367255, 0x96ef9cd0, 0x2313ad4b, 0x511c5746, 0x035fbb9a });
}

/* 100000 draws, summed: a difference anywhere shows. */
static void
test_long (void)
{
  MtRng rng;
  guint64 sum = 0;

  mt_rng_seed (&rng, 7);
  for (guint i = 0; i < 100000; i++)
    sum = sum * 31 + mt_rng_next (&rng);
  CU_ASSERT_EQUAL (sum, G_GUINT64_CONSTANT (0x37a151f9b3665646));
}

static void
test_below (void)
{
  static const guint32 small[] = { 0, 0, 1, 0, 0, 2, 1, 2, 1, 0, 0, 2, 1, 2, 2, 2 }, big[] = { 306285507u, 181463257u, 1205329546u, 1069893693u, 192934092u, 2562232775u, 1268034277u, 2398098367u };
  MtRng rng;

  mt_rng_seed (&rng, 7);
  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    CU_ASSERT_EQUAL (mt_rng_below (&rng, 3), small[i]);
  /* a bound for which a quarter of the draws are rejected */
  mt_rng_seed (&rng, 7);
  for (guint i = 0; i < G_N_ELEMENTS (big); i++)
    CU_ASSERT_EQUAL (mt_rng_below (&rng, 3u << 30), big[i]);
  for (guint i = 0; i < 100; i++)
    CU_ASSERT_EQUAL (mt_rng_below (&rng, 1), 0);
}

int
main (void)
{
  CU_TestInfo tests[] = {
    { "first values", test_first_values },
    { "long", test_long },
    { "below", test_below },
    CU_TEST_INFO_NULL,
  };
  return suite_main ("rng", tests);
}

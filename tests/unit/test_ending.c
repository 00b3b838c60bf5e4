/* Tests of checker/ending.c. */
#include "checker/counterexample.h"
#include "checker/ending.h"
#include "checker/search.h"
#include "walk.h"

/* Two increments, a read and a write each: they end with g = 2 or, where both read first, with g = 1. */
static const gchar race[] = "globals: {g: 0}\nthreads: {a: [g += 1], b: [g += 1]}\n";

typedef struct
{
  MtProgram *program;
  MtExplore x;
  MtWord *end;
} Ends;

static void
begin (Ends *e, const gchar *model, gboolean packed)
{
  static MtExploreOptions options;
  options = (MtExploreOptions){ .search = mt_searches[0], .all = TRUE, .reductions = MT_REDUCE_ENDS, .packed = packed };
  e->program = walk_compile (model, MT_TIME_ABSTRACT);
  CU_ASSERT_PTR_NOT_NULL_FATAL (e->program);
  mt_explore_init (&e->x, e->program, &options);
  mt_explore_run (&e->x);
  guint depth;
  e->end = g_memdup2 (mt_explore_end (&e->x, 0, &depth), sizeof (MtWord) * e->program->n_words);
}

static void
end (Ends *e)
{
  mt_explore_clear (&e->x);
  mt_program_unref (e->program);
  g_free (e->end);
}

/* What is there, after the way that was found, is what was asked for. */
static void
assert_way (const Ends *e, guint n)
{
  g_autoptr (GArray) way = mt_ending_find (&e->x, e->end);
  g_autofree MtWord *s = g_new (MtWord, e->program->n_words);
  MtStep rec;
  CU_ASSERT_PTR_NOT_NULL_FATAL (way);
  CU_ASSERT_EQUAL (way->len, n);
  mt_step_init (&rec);
  mt_state_init (e->program, s, &rec);
  for (guint i = 0; i < way->len; i++)
    mt_step (e->program, s, g_array_index (way, MtChoice, i), &rec);
  mt_step_clear (&rec);
  for (guint i = 1; i < e->program->n_words; i++)
    if (s[i] != e->end[i])
      {
        CU_FAIL ("another end");
        break;
      }
}

/* Each end of the race has its way of four steps, in either engine; one that can't be has none. */
static void
test_race (void)
{
  for (gint packed = 0; packed < 2; packed++)
    {
      Ends e;
      begin (&e, race, packed);
      for (MtWord g = 0; g < 4; g++)
        {
          e.end[e.program->vars[0].address] = g;
          if (g == 1 || g == 2)
            assert_way (&e, 4);
          else
            CU_ASSERT_PTR_NULL (mt_ending_find (&e.x, e.end));
        }
      end (&e);
    }
}

/* The clock and timers do not count; where the model has ended, nor does where its daemon was. But it does where nothing can move. */
static void
test_left_out (void)
{
  Ends e;
  begin (&e, "globals: {g: 0, h: 0}\nthreads:\n  a: [g = 1]\n  d: {daemon: true, steps: [h = 1, h = 2]}\n", FALSE);
  e.end[MT_NOW] = 7;
  e.end[e.program->tasks[1].base + MT_TASK_TIMER] = 7;
  e.end[e.program->tasks[1].base + MT_TASK_PC] = MT_REST_KILLED;
  for (MtWord h = 0; h < 3; h++) /* a's step, after h of d's */
    {
      e.end[e.program->vars[1].address] = h;
      g_autoptr (GArray) way = mt_ending_find (&e.x, e.end);
      CU_ASSERT_PTR_NOT_NULL_FATAL (way);
      CU_ASSERT_EQUAL (way->len, 1 + (guint)h);
    }
  e.end[e.program->tasks[0].base + MT_TASK_PC] = MT_REST_KILLED; /* that was no daemon */
  CU_ASSERT_PTR_NULL (mt_ending_find (&e.x, e.end));
  end (&e);
  /* a has its lock, and d has written */
  begin (&e, "globals: {h: 0}\nlocks: [m]\nthreads:\n  a: [{lock: m}, {lock: m}]\n  d: {daemon: true, steps: [h = 1]}\n", FALSE);
  assert_way (&e, 2);
  e.end[e.program->tasks[1].base + MT_TASK_PC] = MT_REST_KILLED;
  CU_ASSERT_PTR_NULL (mt_ending_find (&e.x, e.end));
  end (&e);
}

int
main (void)
{
  CU_TestInfo tests[] = { { "race", test_race }, { "what is left out", test_left_out }, CU_TEST_INFO_NULL };
  return suite_main ("ending", tests);
}

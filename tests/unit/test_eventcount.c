/* Tests of packed/eventcount.h: nothing that is waited for is missed, whether who waits spins or sleeps. */
#include "checker/packed/eventcount.h"
#include "tests/unit/suite.h"

#define ROUNDS 3000
#define PLAYERS 3

/* Players take turns: each waits until the turn is his. */
typedef struct
{
  MtEventcount events;
  guint turn; /* atomic */
} Game;

typedef struct
{
  Game *game;
  guint who, played;
} Player;

static gpointer
play (gpointer data)
{
  Player *player = data;
  Game *game = player->game;
  for (guint turn = player->who; turn < ROUNDS * PLAYERS; turn += PLAYERS)
    {
      for (guint seen; seen = mt_eventcount_read (&game->events), __atomic_load_n (&game->turn, __ATOMIC_ACQUIRE) != turn;)
        mt_eventcount_await (&game->events, seen);
      player->played++;
      __atomic_store_n (&game->turn, turn + 1, __ATOMIC_RELEASE);
      mt_eventcount_advance (&game->events);
    }
  return NULL;
}

/* One event that is missed, and all wait for ever. */
static void
test_turns (void)
{
  for (guint spins = 0; spins < 2; spins++)
    {
      Game game = { .turn = 0 };
      Player players[PLAYERS];
      GThread *threads[PLAYERS];
      mt_eventcount_init (&game.events, spins > 0);
      for (guint i = 0; i < PLAYERS; i++)
        {
          players[i] = (Player){ &game, i, 0 };
          threads[i] = g_thread_new ("player", play, &players[i]);
        }
      for (guint i = 0; i < PLAYERS; i++)
        {
          g_thread_join (threads[i]);
          CU_ASSERT_EQUAL (players[i].played, ROUNDS);
        }
      CU_ASSERT_EQUAL (mt_eventcount_read (&game.events), ROUNDS * PLAYERS);
      CU_ASSERT_EQUAL (game.events.n_sleepers, 0);
      mt_eventcount_clear (&game.events);
    }
}

/* What came between the look and the wait is no reason to wait. */
static void
test_between (void)
{
  MtEventcount events;
  mt_eventcount_init (&events, FALSE);
  guint seen = mt_eventcount_read (&events);
  mt_eventcount_advance (&events);
  mt_eventcount_await (&events, seen);
  CU_ASSERT_EQUAL (mt_eventcount_read (&events), seen + 1);
  mt_eventcount_clear (&events);
}

gint
main (void)
{
  CU_TestInfo tests[] = { { "between the look and the wait", test_between }, { "turns", test_turns }, CU_TEST_INFO_NULL };
  return suite_main ("eventcount", tests);
}

/* The game on a terminal: a screen, and what it is asked for. */
#pragma once
#include "cli/game.h"

/* What can be chosen, and every task that can't move: a row each. */
typedef struct
{
  gint choice; /* index among the game's choices, or -1 */
  gint task; /* or -1: the clock */
} MtItem;

/* In the order of the tasks. Caller frees. */
GArray *mt_items_new (const MtGame *game);

typedef struct
{
  guint width, height;
  gint selected; /* of the game's choices: marked, and its task's source is in view; -1: none */
  gboolean colour;
  const gchar *message; /* lines to be told */
  const gchar *prompt; /* what is being typed, or NULL: the keys are shown instead */
  const gchar *keys;
} MtScreen;

/* Exactly @screen->height lines of at most @screen->width cells, joined by "\r\n". Appends. */
void mt_screen_draw (const MtScreen *screen, const MtGame *game, GString *out);

/* What can be chosen and why others can't move, a line each; and the values. Appends. */
void mt_items_print (const MtGame *game, const GArray *items, guint width, GString *out);
void mt_values_print (const MtGame *game, guint width, guint max_lines, GString *out);

/* The source around where each task stands, side by side as far as @width allows, @height lines; that of @task is among them. Appends. */
void mt_source_print (const MtGame *game, gint task, guint width, guint height, GString *out);

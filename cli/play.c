/* play: you are the scheduler. On a terminal a screen and single keys; otherwise lines of words, so that a script
 * can play too. */
#define _GNU_SOURCE /* ppoll */
#include "cli/play.h"
#include "cli/report.h"
#include "sim/explain.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define LINE_WIDTH 100 /* of what is told where there is no terminal */
#define LINE_HEIGHT 8 /* of the source there */

typedef struct
{
  MtGame game;
  const MtModelOptions *options;
  const gchar *model;
  GString *message; /* lines that answer the last command */
  gint selected; /* of the choices; -1 where there are none */
  gboolean over;
} Play;

typedef struct
{
  gchar key; /* on a terminal; the first letter of the word elsewhere */
  const gchar *word, *argument, *help;
  void (*run) (Play *play, const gchar *argument);
} Command;

static const Command commands[];

/* What can be asked for. */

static void
undo (Play *play, const gchar *argument)
{
  if (mt_game_undo (&play->game))
    mt_game_tell (&play->game, play->message);
  else
    g_string_append (play->message, "This is the beginning.\n");
}

static void
hint (Play *play, const gchar *argument)
{
  mt_game_hint (&play->game, play->message);
}

static void
explain (Play *play, const gchar *argument)
{
  const MtGame *game = &play->game;
  const MtViolation *violation = mt_game_violation (game);
  if (violation)
    mt_explain (game->program, (const MtChoice *)game->run.choices->data, game->run.choices->len, violation, play->message);
  else
    g_string_append (play->message, "Nothing has gone wrong.\n");
}

static void
show (Play *play, const gchar *argument)
{
  gint task = play->selected >= 0 ? play->game.choices[play->selected].task : 0;
  mt_source_print (&play->game, task == MT_CLOCK ? 0 : task, LINE_WIDTH, LINE_HEIGHT, play->message);
}

static void
tell_output (Play *play, const gchar *argument)
{
  g_auto (GStrv) lines = g_strsplit (play->game.output->str, "\n", -1);
  for (guint i = 0; lines[i] && (*lines[i] || lines[i + 1]); i++)
    {
      g_autofree gchar *line = mt_view_clean (lines[i]);
      g_string_append_printf (play->message, "%s\n", line);
    }
  if (play->game.output->len == 0)
    g_string_append (play->message, "Nothing has been printed.\n");
}

static void
tell_schedule (Play *play, const gchar *argument)
{
  g_autoptr (GString) schedule = g_string_new (NULL);
  mt_schedule_print (play->game.program, (const MtChoice *)play->game.script->data, play->game.script->len, schedule);
  g_autofree gchar *quoted = g_shell_quote (schedule->str);
  g_string_append_printf (play->message, "--schedule %s\n", quoted);
}

static void
save (Play *play, const gchar *argument)
{
  g_autoptr (GError) error = NULL;
  if (!argument || !*argument)
    g_string_append (play->message, "Say where: save FILE\n");
  else if (!mt_game_save (&play->game, play->model, play->options, argument, &error))
    g_string_append_printf (play->message, "%s\n", error->message);
  else
    {
      g_string_append_printf (play->message, "Written; again with: %s replay", mt_called ());
      mt_append_argument (play->message, play->model);
      mt_append_argument (play->message, argument);
      g_string_append_c (play->message, '\n');
    }
}

static void
quit (Play *play, const gchar *argument)
{
  play->over = TRUE;
}

static void
help (Play *play, const gchar *argument)
{
  g_string_append (play->message, "A number, or a task's name, makes a move: 2, work1, work1*3 main, t1:timeout\n");
  for (const Command *c = commands; c->word; c++)
    g_string_append_printf (play->message, "%c  %s%s%s: %s\n", c->key, c->word, c->argument ? " " : "", c->argument ? c->argument : "", c->help);
}

static const Command commands[] = {
  { 'u', "undo", NULL, "take the last step back", undo },
  { 'h', "hint", NULL, "whether something can still go wrong, and how far it is", hint },
  { 'e', "explain", NULL, "what went wrong, in words", explain },
  { 'p', "printed", NULL, "what the model has printed", tell_output },
  { 'c', "code", NULL, "where each task stands in the source", show },
  { 'w', "way", NULL, "the schedule so far, for mtsim run", tell_schedule },
  { 's', "save", "FILE", "the run as a trace, for mtsim replay", save },
  { '?', "help", NULL, "this", help },
  { 'q', "quit", NULL, "leave; the exit status is that of the run so far", quit },
  { 0 },
};

static const Command *
find_command (const gchar *word)
{
  for (const Command *c = commands; c->word; c++)
    if (g_str_equal (c->word, word) || (word[0] == c->key && !word[1]))
      return c;
  return NULL;
}

static void
reselect (Play *play)
{
  gint n = (gint)play->game.n_choices;
  play->selected = n == 0 ? -1 : CLAMP (play->selected, 0, n - 1);
}

static void
move (Play *play, guint number)
{
  if (number < 1 || number > play->game.n_choices)
    g_string_append_printf (play->message, play->game.n_choices ? "There is no choice %u.\n" : "Nothing can move: there is no choice %u.\n", number);
  else
    {
      mt_game_move (&play->game, number - 1);
      mt_game_tell (&play->game, play->message);
    }
}

static void
follow (Play *play, const gchar *schedule)
{
  g_autoptr (GError) error = NULL;
  guint before = play->game.script->len;
  gboolean good = mt_game_follow (&play->game, schedule, &error);
  if (play->game.script->len > before)
    mt_game_tell (&play->game, play->message);
  if (!good)
    g_string_append_printf (play->message, "%s\n", error->message);
}

/* One line of words: a number, a command, or a schedule. */
static void
obey (Play *play, const gchar *line)
{
  g_autofree gchar *text = g_strstrip (g_utf8_make_valid (line, -1));
  g_auto (GStrv) words = g_strsplit (text, " ", 2);
  guint64 number;
  g_string_truncate (play->message, 0);
  if (!words[0] || !*words[0])
    return;
  const Command *command = find_command (words[0]);
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number, NULL))
    move (play, (guint)number);
  else if (mt_program_find_task (play->game.program, words[0]) >= 0 || !command) /* a task's name wins */
    follow (play, text);
  else
    command->run (play, words[1] ? g_strstrip (words[1]) : NULL);
  reselect (play);
}

/* Lines. */

static void
tell_state (const Play *play)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GArray) items = mt_items_new (&play->game);
  g_string_append (out, play->message->str);
  mt_values_print (&play->game, LINE_WIDTH, 2, out);
  mt_items_print (&play->game, items, LINE_WIDTH, out);
  g_print ("%s", out->str);
}

static void
play_lines (Play *play)
{
  g_autofree gchar *line = NULL;
  size_t room = 0;
  g_print ("%s\n", play->game.view->headline);
  mt_game_tell (&play->game, play->message); /* it may have ended before it began */
  show (play, NULL);
  tell_state (play);
  while (!play->over)
    {
      g_print ("> ");
      fflush (stdout);
      guint before = play->game.script->len;
      if (getline (&line, &room, stdin) < 0)
        {
          g_print ("\n");
          break;
        }
      obey (play, line);
      g_print ("\n");
      if (play->game.script->len != before)
        tell_state (play);
      else
        g_print ("%s", play->message->str);
    }
}

/* The terminal. */

static struct termios before;
static sigset_t unblocked; /* signals come only where a key is waited for: none is missed, no write is broken off */
static volatile sig_atomic_t ended;

static void
on_signal (int number)
{
  ended = number;
}

static void
on_resize (int number)
{
  (void)number; /* ppoll() is interrupted, and the screen drawn anew */
}

/* Keys come one by one, and unshown; the screen's own page comes back at the end. */
static gboolean
terminal_begin (void)
{
  struct termios raw;
  if (tcgetattr (STDIN_FILENO, &before) != 0)
    return FALSE;
  raw = before;
  raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= (tcflag_t) ~(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_oflag &= (tcflag_t)~OPOST;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  const struct sigaction end = { .sa_handler = on_signal }, resize = { .sa_handler = on_resize };
  sigset_t blocked;
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGTERM);
  sigaddset (&blocked, SIGHUP);
  sigaddset (&blocked, SIGWINCH);
  sigprocmask (SIG_BLOCK, &blocked, &unblocked);
  sigaction (SIGTERM, &end, NULL);
  sigaction (SIGHUP, &end, NULL);
  sigaction (SIGWINCH, &resize, NULL);
  if (tcsetattr (STDIN_FILENO, TCSAFLUSH, &raw) != 0)
    return FALSE;
  fputs ("\033[?1049h\033[?25l", stdout);
  return TRUE;
}

static void
terminal_end (void)
{
  fputs ("\033[?25h\033[?1049l", stdout);
  fflush (stdout);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
  sigprocmask (SIG_SETMASK, &unblocked, NULL);
}

typedef enum
{
  KEY_NONE = 0,
  KEY_ESCAPE = 27,
  KEY_UP = 256,
  KEY_DOWN,
  KEY_END, /* of the input, or a signal */
} Key;

static gboolean
waiting (void)
{
  struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
  return poll (&fd, 1, 30) > 0;
}

/* A byte, or one of Key; 0 where there is nothing but the window has another size. */
static gint
read_key (void)
{
  struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
  guchar c = 0;
  if (ppoll (&fd, 1, NULL, &unblocked) < 0)
    return errno == EINTR && !ended ? KEY_NONE : KEY_END;
  if (read (STDIN_FILENO, &c, 1) != 1)
    return KEY_END;
  if (c != KEY_ESCAPE || !waiting ())
    return c;
  if (read (STDIN_FILENO, &c, 1) != 1 || (c != '[' && c != 'O') || !waiting () || read (STDIN_FILENO, &c, 1) != 1)
    return KEY_ESCAPE;
  while (c < '@' && waiting () && read (STDIN_FILENO, &c, 1) == 1)
    ; /* the numbers of a longer sequence */
  return c == 'A' ? KEY_UP : c == 'B' ? KEY_DOWN : KEY_NONE;
}

static void
draw (const Play *play, const gchar *prompt)
{
  struct winsize size = { 0 };
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20 || size.ws_row < 8)
    size = (struct winsize){ .ws_col = MAX (size.ws_col, 20), .ws_row = MAX (size.ws_row, 8) };
  const MtScreen screen = { .width = size.ws_col, .height = size.ws_row, .selected = play->selected, .colour = mt_colour_wanted (),
                            .message = play->message->str, .prompt = prompt, .keys = "1-9 or arrows and Enter: move  u undo  h hint  s save  ? help  q quit" };
  g_autoptr (GString) out = g_string_new ("\033[H");
  mt_screen_draw (&screen, &play->game, out);
  g_string_append (out, "\033[J");
  fwrite (out->str, 1, out->len, stdout);
  fflush (stdout);
}

/* A line typed at the foot of the screen, after @begin; NULL: given up. Caller frees. */
static gchar *
type_line (const Play *play, const gchar *begin)
{
  g_autoptr (GString) line = g_string_new (begin);
  for (;;)
    {
      g_autofree gchar *shown = g_utf8_make_valid (line->str, -1), *prompt = g_strconcat (": ", shown, "_", NULL);
      draw (play, prompt);
      gint key = read_key ();
      if (key == KEY_ESCAPE || key == KEY_END || key == 3)
        return NULL;
      if (key == '\r' || key == '\n')
        return g_strdup (line->str);
      if ((key == 127 || key == 8) && line->len)
        do
          g_string_truncate (line, line->len - 1);
        while (line->len && ((guchar)line->str[line->len] & 0xc0) == 0x80);
      else if (key >= ' ' && key < 256 && key != 127 && line->len < 1000)
        g_string_append_c (line, (gchar)key);
    }
}

static void
obey_typed (Play *play, const gchar *begin)
{
  g_autofree gchar *line = type_line (play, begin);
  if (line)
    obey (play, line);
}

static void
obey_key (Play *play, gint key)
{
  const gchar word[2] = { (gchar)(key < 128 ? key : 0), 0 };
  const Command *command = *word ? find_command (word) : NULL;
  gint n = (gint)play->game.n_choices;
  if (key == KEY_END || key == 3 || key == 4)
    play->over = TRUE;
  else if (key == KEY_UP || key == 'k')
    play->selected -= play->selected > 0;
  else if (key == KEY_DOWN || key == 'j')
    play->selected += play->selected + 1 < n;
  else if (key == ':')
    obey_typed (play, "");
  else if (command && command->argument)
    {
      g_autofree gchar *begin = g_strconcat (command->word, " ", NULL);
      obey_typed (play, begin);
    }
  else
    {
      g_string_truncate (play->message, 0);
      if (command)
        command->run (play, NULL);
      else if (key >= '1' && key <= '9')
        move (play, (guint)(key - '0'));
      else if ((key == '\r' || key == '\n' || key == ' ') && play->selected >= 0)
        move (play, (guint)play->selected + 1);
      else if (key > ' ' && key < 127)
        g_string_append_printf (play->message, "%c means nothing here; ? tells what there is.\n", key);
      reselect (play);
    }
}

static void
play_keys (Play *play)
{
  mt_game_tell (&play->game, play->message);
  while (!play->over)
    {
      draw (play, NULL);
      gint key = read_key ();
      if (key != KEY_NONE)
        obey_key (play, key);
    }
  terminal_end ();
}

static MtExit
play_model (const MtProgram *program, const gchar *model, const MtModelOptions *options)
{
  Play play = { .options = options, .model = model, .message = g_string_new (NULL) };
  mt_game_init (&play.game, program);
  reselect (&play);
  if (isatty (STDIN_FILENO) && isatty (STDOUT_FILENO) && terminal_begin ())
    play_keys (&play);
  else
    play_lines (&play);
  const MtViolation *violation = mt_game_violation (&play.game);
  MtExit status = mt_verdict_exit (violation, mt_game_incomplete (&play.game));
  mt_report_verdict (violation, mt_game_incomplete (&play.game));
  mt_game_clear (&play.game);
  g_string_free (play.message, TRUE);
  return status;
}

static MtExit
play (gint argc, gchar **argv)
{
  MtModelOptions options = { 0 };
  MtExit status = MT_EXIT_USAGE;
  if (mt_parse_options (&mt_command_play, &argc, &argv, NULL, &options, 1, 1, &status))
    {
      status = MT_EXIT_USAGE;
      g_autoptr (MtProgram) program = g_str_equal (argv[1], "-") ? NULL : mt_load_program (argv[1], &options, MT_TIME_VIRTUAL);
      if (program)
        status = play_model (program, argv[1], &options);
      else if (g_str_equal (argv[1], "-"))
        mt_complain (status, "play: standard input is for the moves; give the model as a file");
    }
  mt_model_options_clear (&options);
  return status;
}

const MtCommand mt_command_play = { "play", "MODEL", "lets you be the scheduler", play };

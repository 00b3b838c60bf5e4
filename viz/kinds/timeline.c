/* timeline: the Gantt form: how each task stands at each moment of virtual time, and which task each
 * processor has. Of a run whose steps take time. A moment is a column. Where there are more of them
 * than fit, a column stands for several and shows one of the states in it, so that over the columns
 * each has its share (the remainders are carried on, as in error diffusion); "9 ms a column" says so. */
#include "viz/slide.h"
#include "sim/explain.h"
#include <string.h>

#define COLUMNS 400 /* at most */
#define MANY 20 /* lanes, and processors; the others are only counted */
#define MIN_LANE 30.0
#define GOOD_LANE 54.0 /* with a line of words under the bar */
#define MAX_LANE 72.0
#define PROCESSOR 34.0
#define AXIS 40.0
#define NARROW 12.0 /* no room for a box */
#define TICKS 120.0 /* apart, at least */

typedef struct
{
  gint what; /* a state, or a task; NONE: nothing */
  const gchar *label;
  gint64 from, to; /* milliseconds */
} Span;

#define NONE (-1)

/* A task or a processor: its spans so far, and the column that is being filled. */
typedef struct
{
  GArray *spans; /* Span */
  gint what; /* now */
  const gchar *label, **labels; /* the second: of each that it may be, when it was so last */
  gint64 *lasted; /* of each that it may be, NONE being the first: milliseconds that are not drawn yet */
  gboolean *seen; /* of each: whether it was so in this column */
  guint n_lasted;
} Line;

typedef struct
{
  MtSlide slide;
  const MtKindInput *input;
  const MtProgram *program;
  guint first, last; /* steps, counted from 0; the second is behind the last */
  guint n_lanes, n_processors;
  Line *lanes, *processors;
  gint *processor_of; /* of each task: in the round before, or NONE */
  gboolean *ran; /* of each task, in this round */
  gint64 begin, end, took; /* milliseconds shown, with a little after the last step; without */
  gint64 column, at, grain; /* milliseconds of one; where the walk is; everything happens at a multiple of the third */
  gint64 busy, violated; /* of all processors together; when it was, or NONE */
  GStringChunk *texts;
  GString *text;
  gdouble left, width, top, lane, bottom;
} Timeline;

/* Columns. */

static void
line_init (Line *line, guint n_lasted)
{
  *line = (Line){ .spans = g_array_new (FALSE, FALSE, sizeof (Span)), .what = NONE, .lasted = g_new0 (gint64, n_lasted + 1), .n_lasted = n_lasted + 1 };
  line->seen = g_new0 (gboolean, n_lasted + 1);
  line->labels = g_new0 (const gchar *, n_lasted + 1);
}

static void
line_clear (Line *line)
{
  g_array_unref (line->spans);
  g_free (line->lasted);
  g_free (line->seen);
  g_free (line->labels);
}

/* The column up to @to is full. */
static void
end_column (Line *line, gint64 from, gint64 to)
{
  guint most = line->n_lasted;
  for (guint i = 0; i < line->n_lasted; i++)
    if (line->seen[i] && (most == line->n_lasted || line->lasted[i] > line->lasted[most]))
      most = i;
  memset (line->seen, 0, sizeof (gboolean) * line->n_lasted);
  line->lasted[most] -= to - from;
  Span *last = line->spans->len ? &g_array_index (line->spans, Span, line->spans->len - 1) : NULL;
  Span span = { (gint)most - 1, line->labels[most], from, to };
  if (last && last->what == span.what && last->label == span.label)
    last->to = to;
  else
    g_array_append_val (line->spans, span);
}

/* Everything stays as it is for @duration. */
static void
pass (Timeline *t, gint64 duration)
{
  while (duration > 0 && t->at < t->end)
    {
      gint64 from = t->begin + (t->at - t->begin) / t->column * t->column, part = MIN (duration, from + t->column - t->at);
      for (guint i = 0; i < t->n_lanes + t->n_processors; i++)
        {
          Line *line = i < t->n_lanes ? &t->lanes[i] : &t->processors[i - t->n_lanes];
          line->lasted[line->what + 1] += part;
          line->seen[line->what + 1] = TRUE;
          line->labels[line->what + 1] = line->label;
          if (t->at + part == from + t->column || t->at + part >= t->end)
            end_column (line, from, t->at + part);
        }
      t->at += part;
      duration -= part;
    }
}

/* How all stand in @s, but for those that have a processor in this round. */
static void
look (Timeline *t, const MtWord *s)
{
  for (guint i = 0; i < t->n_lanes; i++)
    {
      Line *line = &t->lanes[i];
      MtBlock block;
      line->what = (gint)(t->ran[i] ? MT_LANE_RUNNING : mt_lane_state (t->program, s, i));
      line->label = NULL;
      /* the words of a wait, where a column does not stand for several moments; a sleeper's would change with each */
      if (t->column > t->grain || line->what != (gint)MT_LANE_BLOCKED || !mt_why_blocked (t->program, s, i, &block))
        continue;
      mt_block_print (t->program, s, i, t->text);
      g_autofree gchar *clean = mt_view_clean (t->text->str);
      line->label = g_string_chunk_insert_const (t->texts, clean);
      g_string_truncate (t->text, 0);
    }
}

/* Gives the tasks of this round their processors: the one it had before, where that is free. */
static void
dispatch (Timeline *t)
{
  guint n = t->n_processors ? t->program->n_tasks : 0;
  for (guint i = 0; i < t->n_processors; i++)
    t->processors[i].what = NONE;
  for (guint i = 0; i < n; i++)
    if (t->ran[i] && t->processor_of[i] != NONE)
      t->processors[t->processor_of[i]].what = (gint)i;
  for (guint i = 0; i < n; i++)
    {
      guint k = 0;
      if (t->ran[i] && t->processor_of[i] == NONE)
        {
          while (k + 1 < t->n_processors && t->processors[k].what != NONE)
            k++;
          t->processors[k].what = (gint)i;
          t->processor_of[i] = (gint)k;
        }
      else if (!t->ran[i])
        t->processor_of[i] = NONE;
    }
}

/* The greatest common one. */
static gint64
divisor (gint64 a, gint64 b)
{
  while (b)
    {
      gint64 rest = a % b;
      a = b;
      b = rest;
    }
  return a;
}

/* Goes through the run. The first time (no columns yet) only to see how long it is. */
static void
walk (Timeline *t, gboolean fill, MtWord *s)
{
  gint64 time = 0;
  guint movers = 0;
  MtStep step;
  mt_step_init (&step);
  mt_state_init (t->program, s, NULL);
  for (guint i = 0; i < t->last; i++)
    {
      MtChoice choice = t->input->choices[i];
      gboolean clock = choice.task == MT_CLOCK;
      if (i == t->first && !fill)
        t->begin = time;
      if (clock && fill)
        {
          look (t, s);
          dispatch (t);
        }
      mt_step (t->program, s, choice, &step);
      g_string_truncate (step.output, 0);
      if (!clock)
        {
          t->ran[choice.task] = TRUE;
          movers++;
          t->n_processors = fill ? t->n_processors : MAX (t->n_processors, movers);
          if (i + 1 == t->slide.view->violating)
            t->violated = time;
          continue;
        }
      if (fill && i >= t->first)
        {
          t->busy += movers * step.advance;
          pass (t, step.advance);
        }
      time += step.advance;
      t->grain = divisor (t->grain, step.advance);
      memset (t->ran, 0, sizeof (gboolean) * t->program->n_tasks);
      movers = 0;
    }
  if (fill) /* and how it ends */
    {
      look (t, s);
      dispatch (t);
      pass (t, t->end - t->at);
    }
  else
    t->end = time;
  mt_step_clear (&step);
}

/* Places. */

static gdouble
x_of (const Timeline *t, gint64 time)
{
  return t->left + t->width * (gdouble)(time - t->begin) / (gdouble)(t->end - t->begin);
}

static void
draw_name (Timeline *t, const gchar *name, gdouble middle)
{
  g_autofree gchar *text = mt_text_fit (name, MT_WORDS, TRUE, t->left - MT_MARGIN - 14);
  mt_picture_words (t->slide.picture, text, MT_INK_TEXT, MT_WORDS, 1, t->left - 14, middle + 6)->style = MT_STYLE_BOLD;
}

static void
draw_lane (Timeline *t, guint lane)
{
  const Line *line = &t->lanes[lane];
  gdouble top = t->top + lane * t->lane, middle = top + MIN (t->lane / 2, 18);
  draw_name (t, t->slide.view->tasks->pdata[lane], middle);
  for (guint i = 0; i < line->spans->len; i++)
    {
      const Span *span = &g_array_index (line->spans, Span, i);
      gdouble from = x_of (t, span->from), to = x_of (t, span->to);
      if (span->what != NONE)
        mt_slide_state (&t->slide, (MtLaneState)span->what, middle, from, to);
      if (!span->label || t->lane < GOOD_LANE)
        continue;
      const gchar *comma = strstr (span->label, ", ");
      g_autofree gchar *first = comma ? g_strndup (span->label, (gsize)(comma - span->label)) : g_strdup (span->label);
      const gchar *text = mt_text_width (span->label, MT_WORDS, FALSE) <= to - from ? span->label : mt_text_width (first, MT_WORDS, FALSE) <= to - from ? first : NULL;
      if (text)
        mt_picture_words (t->slide.picture, text, MT_INK_TEXT, MT_WORDS, -1, from + 2, middle + MT_BAR / 2 + 19);
    }
}

static void
draw_processor (Timeline *t, guint number)
{
  const Line *line = &t->processors[number];
  gdouble top = t->top + t->n_lanes * t->lane + AXIS + number * PROCESSOR;
  g_autofree gchar *name = g_strdup_printf ("CPU %u", number + 1);
  draw_name (t, name, top + 14);
  for (guint i = 0; i < line->spans->len; i++)
    {
      const Span *span = &g_array_index (line->spans, Span, i);
      gdouble from = x_of (t, span->from), to = x_of (t, span->to);
      if (span->what == NONE)
        continue;
      if (to - from < NARROW)
        {
          mt_picture_area (t->slide.picture, MT_INK_RULE, from, top + 2, to - from, 24);
          continue;
        }
      const gchar *task = t->slide.view->tasks->pdata[span->what];
      gboolean fits = mt_text_width (task, MT_WORDS, FALSE) + 6 <= to - from;
      g_autofree gchar *id = g_strdup_printf ("cpu-%u-%u", number, i);
      MtBox *box = mt_picture_box (t->slide.picture, id, fits ? task : "", from, top + 2, to - from, 24);
      box->fill = MT_INK_PANEL;
      box->tip = g_strdup_printf ("%s: %s, %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " ms", name, task, span->from, span->to);
    }
}

/* 1, 2, 5, 10, ... milliseconds. */
static gint64
tick (const Timeline *t)
{
  static const gint64 steps[] = { 1, 2, 5 };
  for (gint64 ten = 1;; ten *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      if (t->width * (gdouble)(steps[i] * ten) / (gdouble)(t->end - t->begin) >= TICKS)
        return steps[i] * ten;
}

static void
draw_axis (Timeline *t)
{
  MtPicture *p = t->slide.picture;
  gint64 step = tick (t);
  gdouble y = t->top + t->n_lanes * t->lane, below = y + AXIS + t->n_processors * PROCESSOR;
  for (gint64 at = (t->begin + step - 1) / step * step; at <= t->end; at += step)
    {
      gdouble x = x_of (t, at);
      g_autofree gchar *text = step >= 1000 ? g_strdup_printf ("%" G_GINT64_FORMAT " s", at / 1000) : g_strdup_printf ("%" G_GINT64_FORMAT " ms", at);
      mt_picture_line (p, MT_INK_RULE, 1, x, t->top - 6, x, y + 6);
      if (t->n_processors)
        mt_picture_line (p, MT_INK_RULE, 1, x, y + 32, x, below);
      mt_picture_words (p, text, MT_INK_FAINT, MT_WORDS, 0, CLAMP (x, t->left + 14, t->left + t->width - 20), y + 25);
    }
}

static void
draw_violation (Timeline *t)
{
  if (t->violated < t->begin || t->violated > t->end)
    return;
  gdouble x = x_of (t, t->violated);
  g_autofree gchar *text = g_strdup_printf ("step %u", t->slide.view->violating);
  mt_picture_line (t->slide.picture, MT_INK_VERMILLION, 2.5, x, t->top - 8, x, t->top + t->n_lanes * t->lane);
  mt_picture_words (t->slide.picture, text, MT_INK_VERMILLION, MT_WORDS, 0, CLAMP (x, t->left + 30, t->left + t->width - 30), t->top - 14)->style = MT_STYLE_BOLD;
}

static gchar *
note (const Timeline *t, guint left_out)
{
  GString *out = g_string_new (NULL);
  guint cpus = MAX (t->input->cpus, 1);
  gint64 all = t->took * cpus;
  MtWord span = (MtWord)MIN (t->took, G_MAXINT32);
  mt_value_print (t->program, (MtType){ MT_TYPE_TIME, 0, 0 }, FALSE, &span, out);
  g_string_append_printf (out, " s on %u processor%s, busy %d %%", cpus, cpus == 1 ? "" : "s", all ? (gint)(t->busy * 100 / all) : 0);
  if (t->column > t->grain)
    g_string_append_printf (out, ", %" G_GINT64_FORMAT " ms a column", t->column);
  if (left_out)
    g_string_append_printf (out, "; %u more tasks are not shown", left_out);
  if (cpus > MANY)
    g_string_append (out, "; processors are not shown");
  return g_string_free (out, FALSE);
}

static void
measure (Timeline *t)
{
  MtPicture *p = t->slide.picture;
  gdouble names = mt_text_width ("CPU 1", MT_WORDS, TRUE);
  for (guint i = 0; i < t->n_lanes; i++)
    names = MAX (names, mt_text_width (t->slide.view->tasks->pdata[i], MT_WORDS, TRUE));
  static const gdouble slides[] = { 853, 960, 1120, MT_SLIDE_WIDTH }; /* the smaller, the larger the words */
  gdouble around = 0;
  for (guint i = 0; i < G_N_ELEMENTS (slides); i++)
    {
      p->width = slides[i];
      p->height = slides[i] * MT_SLIDE_HEIGHT / MT_SLIDE_WIDTH;
      around = mt_slide_title_room (&t->slide) + 40 + AXIS + t->n_processors * PROCESSOR + 34 + MT_MARGIN;
      if (around + t->n_lanes * (GOOD_LANE + 6) <= p->height)
        break;
    }
  t->lane = CLAMP ((p->height - around) / MAX (t->n_lanes, 1), MIN_LANE, MAX_LANE);
  mt_slide_fit (&t->slide, p->width, around + t->n_lanes * t->lane);
  t->left = MT_MARGIN + MIN (names, 200) + 24;
  t->width = p->width - MT_MARGIN - 12 - t->left;
  t->top = mt_slide_title_room (&t->slide) + 40;
}

static MtPicture *
draw (const MtKindInput *input)
{
  const MtProgram *p = input->program;
  guint last = input->to ? MIN (input->to, input->n) : input->n;
  g_autofree MtWord *s = g_new (MtWord, p->n_words);
  g_autofree gint *processor_of = g_new (gint, p->n_tasks + 1);
  g_autofree gboolean *ran = g_new0 (gboolean, p->n_tasks + 1);
  Timeline t = { .input = input, .program = p, .first = input->from ? input->from - 1 : 0, .last = input->until ? MIN (input->until, last) : last };
  t.n_lanes = MIN (p->n_tasks, MANY);
  t.processor_of = processor_of;
  t.ran = ran;
  t.violated = NONE;
  t.texts = g_string_chunk_new (4096);
  t.text = g_string_new (NULL);
  t.slide.view = input->view;
  for (guint i = 0; i < p->n_tasks; i++)
    processor_of[i] = NONE;
  walk (&t, FALSE, s);
  memset (ran, 0, sizeof (gboolean) * p->n_tasks);
  t.n_processors = MAX (MAX (input->cpus, 1), t.n_processors);
  if (t.n_processors > MANY)
    t.n_processors = 0; /* which task has which is then not drawn at all */
  t.took = MAX (t.end - t.begin, 0);
  t.grain = MAX (t.grain, 1);
  t.end = t.begin + t.took + MAX (t.took / 40, 1); /* with room to see how it ends */
  t.column = MAX (t.grain, (t.end - t.begin + COLUMNS - 1) / COLUMNS);
  t.at = t.begin;
  t.lanes = g_new (Line, t.n_lanes + 1);
  t.processors = g_new (Line, t.n_processors + 1);
  for (guint i = 0; i < t.n_lanes; i++)
    line_init (&t.lanes[i], MT_N_LANE_STATES);
  for (guint i = 0; i < t.n_processors; i++)
    line_init (&t.processors[i], p->n_tasks);
  walk (&t, TRUE, s);
  g_autofree gchar *below = note (&t, p->n_tasks - t.n_lanes);
  mt_slide_init (&t.slide, input, below);
  t.slide.sideways = TRUE;
  measure (&t);
  mt_slide_title (&t.slide);
  draw_axis (&t);
  for (guint i = 0; i < t.n_lanes; i++)
    draw_lane (&t, i);
  for (guint i = 0; i < t.n_processors; i++)
    draw_processor (&t, i);
  draw_violation (&t);
  mt_slide_legend (&t.slide);
  for (guint i = 0; i < t.n_lanes; i++)
    line_clear (&t.lanes[i]);
  for (guint i = 0; i < t.n_processors; i++)
    line_clear (&t.processors[i]);
  g_free (t.lanes);
  g_free (t.processors);
  g_string_chunk_free (t.texts);
  g_string_free (t.text, TRUE);
  mt_slide_clear (&t.slide);
  return t.slide.picture;
}

const MtKindRow mt_kind_timeline = { "timeline", "what each task and each processor does at each moment", MT_NEEDS_RUN, TRUE, draw };

/* Statistics of a run: sums over intervals in which nothing changes. */
#include "sim/stats.h"
#include "sim/primitive.h"

MtStats *
mt_stats_new (const MtProgram *program, guint cpus)
{
  MtStats *stats = g_new0 (MtStats, 1);
  stats->program = program;
  stats->cpus = cpus;
  stats->tasks = g_new0 (MtTaskStats, program->n_tasks + 1);
  stats->objects = g_new0 (MtObjectStats, program->n_objects + 1);
  stats->waits_for = g_new (gint, program->n_tasks + 1);
  for (guint t = 0; t < program->n_tasks; t++)
    stats->waits_for[t] = -1;
  return stats;
}

void
mt_stats_free (MtStats *stats)
{
  if (!stats)
    return;
  g_free (stats->tasks);
  g_free (stats->objects);
  g_free (stats->waits_for);
  g_free (stats);
}

static void
pass_task (MtStats *stats, const MtWord *s, guint t, gboolean ran, gint64 duration)
{
  MtTaskStats *task = &stats->tasks[t];
  MtBlock block = { .kind = MT_BLOCK_NONE, .object = -1 };
  gboolean blocked = !ran && mt_why_blocked (stats->program, s, t, &block);
  gint object = blocked && block.kind == MT_BLOCK_OBJECT ? block.object : -1;
  if (object >= 0)
    {
      stats->objects[object].waits += stats->waits_for[t] != object;
      stats->objects[object].waited += duration;
    }
  stats->waits_for[t] = object;
  if (ran)
    {
      task->running += duration;
      task->steps++;
      stats->busy += duration;
    }
  else if (!blocked || block.kind == MT_BLOCK_CARRIER) /* ready: others of its thread have the turn */
    task->ready += duration;
  else if (block.kind == MT_BLOCK_SLEEP)
    task->sleeping += duration;
  else if (block.kind != MT_BLOCK_ENDED && block.kind != MT_BLOCK_UNSTARTED)
    task->blocked += duration;
}

void
mt_stats_pass (MtStats *stats, const MtWord *s, const gboolean *ran, gint64 duration)
{
  const MtProgram *p = stats->program;
  for (guint t = 0; t < p->n_tasks; t++)
    pass_task (stats, s, t, ran && ran[t], duration);
  for (guint i = 0; i < p->n_objects; i++)
    {
      const MtObject *o = &p->objects[i];
      if (o->primitive->holder && o->primitive->holder (o, s + o->address) >= 0)
        stats->objects[i].held += duration;
    }
  stats->makespan += duration;
}

static void
append_name (const gchar *name, guint width, GString *out)
{
  g_string_append (out, name);
  for (guint i = mt_display_width (name); i < width; i++)
    g_string_append_c (out, ' ');
}

static void
append_time (gint64 milliseconds, GString *out)
{
  g_string_append_printf (out, "%7" G_GINT64_FORMAT ".%03d s", milliseconds / 1000, (gint)(milliseconds % 1000));
}

void
mt_stats_print (const MtStats *stats, guint64 switches, GString *out)
{
  const MtProgram *p = stats->program;
  guint width = 6;
  for (guint t = 0; t < p->n_tasks; t++)
    width = MAX (width, mt_display_width (p->tasks[t].name) + 2);
  for (guint i = 0; i < p->n_objects; i++)
    width = MAX (width, mt_display_width (p->objects[i].name) + 2);
  append_name ("task", width, out);
  g_string_append (out, "     running        ready      blocked     sleeping     steps\n");
  for (guint t = 0; t < p->n_tasks; t++)
    {
      const MtTaskStats *task = &stats->tasks[t];
      append_name (p->tasks[t].name, width, out);
      append_time (task->running, out);
      append_time (task->ready, out);
      append_time (task->blocked, out);
      append_time (task->sleeping, out);
      g_string_append_printf (out, "%10" G_GUINT64_FORMAT "\n", task->steps);
    }
  gboolean header = FALSE;
  for (guint i = 0; i < p->n_objects; i++)
    {
      const MtObjectStats *o = &stats->objects[i];
      if (!o->waits && !o->held)
        continue;
      if (!header)
        {
          append_name ("object", width, out);
          g_string_append (out, "       waits       waited         held\n");
          header = TRUE;
        }
      append_name (p->objects[i].name, width, out);
      g_string_append_printf (out, "%13" G_GUINT64_FORMAT, o->waits);
      append_time (o->waited, out);
      append_time (o->held, out);
      g_string_append_c (out, '\n');
    }
  gint64 capacity = stats->makespan * stats->cpus;
  gint permille = capacity ? (gint)(stats->busy * 1000 / capacity) : 0;
  g_string_append (out, "makespan ");
  append_time (stats->makespan, out);
  g_string_append_printf (out, ", %u processor%s busy %d.%d %% of it, %" G_GUINT64_FORMAT " switches\n", stats->cpus, stats->cpus == 1 ? "" : "s",
                          permille / 10, permille % 10, switches);
}

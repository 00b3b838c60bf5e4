/* html: one file that needs nothing else: the picture, and for a run a slider over its steps with the
 * state at each. The step is the address's fragment (#step=7), so that a link can point to it. */
#include "viz/export/json.h"
#include "viz/graphviz.h"
#include <string.h>

static const gchar head[] =
  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
  "<style>\n"
  ":root { --paper: #fff; --text: #1b1f23; --faint: #5b636b; --panel: #f1f3f5; --rule: #c3c9cf; --bad: #b84e00; --blue: #0072b2; }\n"
  ".dark { --paper: #16191d; --text: #f0f2f4; --faint: #a7b0b8; --panel: #24292f; --rule: #4a525a; --bad: #ee7a22; --blue: #56b4e9; }\n"
  "* { box-sizing: border-box; }\n"
  "body { margin: 0 auto; padding: 1rem; max-width: 1320px; font: 16px/1.45 Arial, Helvetica, sans-serif; background: var(--paper); color: var(--text); }\n"
  ".picture { overflow-x: auto; border: 1px solid var(--rule); border-radius: 8px; }\n"
  ".picture svg { display: block; width: 100%; min-width: 640px; height: auto; }\n"
  ".bar { display: flex; gap: .5rem; align-items: center; position: sticky; top: 0; padding: .6rem 0; background: var(--paper); z-index: 1; }\n"
  ".bar input { flex: 1; min-width: 0; height: 2rem; accent-color: var(--blue); }\n"
  "button { font: inherit; min-width: 2.75rem; min-height: 2.75rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--panel); color: inherit; }\n"
  ":focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }\n"
  "#where { min-width: 6.5rem; text-align: right; font-variant-numeric: tabular-nums; }\n"
  "#what { padding: .6rem .8rem; border-radius: 8px; background: var(--panel); overflow-wrap: anywhere; }\n"
  "#what.bad { border-left: 6px solid var(--bad); }\n"
  "pre { margin: .4rem 0 0; white-space: pre-wrap; font: 14px/1.4 monospace; color: var(--faint); }\n"
  ".tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }\n"
  "table { width: 100%; border-collapse: collapse; }\n"
  "caption { text-align: left; font-weight: bold; padding: .8rem 0 .3rem; }\n"
  "th, td { text-align: left; vertical-align: top; padding: .25rem .5rem .25rem 0; border-top: 1px solid var(--rule); overflow-wrap: anywhere; unicode-bidi: isolate; }\n"
  "th { font-weight: normal; color: var(--faint); }\n"
  ".changed { font-weight: bold; color: var(--bad); }\n"
  ".later { opacity: .22; } .now > polygon, .now > path, .now > g polygon { stroke-width: 5; }\n"
  "</style>\n";

static const gchar panel[] =
  "<div class=\"bar\"><button id=\"back\" aria-label=\"step back\">&#8592;</button><input id=\"step\" type=\"range\" min=\"0\" aria-label=\"step\"/>"
  "<button id=\"forth\" aria-label=\"step forward\">&#8594;</button><output id=\"where\"></output></div>\n"
  "<div id=\"what\" aria-live=\"polite\"></div>\n"
  "<div class=\"tables\"><table id=\"tasks\"><caption>Tasks</caption><tbody></tbody></table><table id=\"values\"><caption>Variables and objects</caption><tbody></tbody></table></div>\n"
  "<p id=\"why\"></p>\n";

/* No text of the model goes into markup but through textContent. */
static const gchar script[] =
  "'use strict';\n"
  "const run = JSON.parse(document.getElementById('run').textContent);\n"
  "const rows = [Object.assign({action: run.start.number ? 'after step ' + run.start.number : 'before the first step'}, run.start)].concat(run.rows.filter(r => r.lanes));\n"
  "const $ = id => document.getElementById(id);\n"
  "let at = -1;\n"
  "function make(name, text, kind) { const e = document.createElement(name); e.textContent = text; if (kind) e.className = kind; return e; }\n"
  "function fill(id, list) {\n"
  "  const body = $(id).tBodies[0];\n"
  "  body.replaceChildren(...list.map(([name, text, changed]) => { const tr = make('tr', ''); tr.append(make('th', name), make('td', text, changed ? 'changed' : '')); return tr; }));\n"
  "}\n"
  "function show(i, keep) {\n"
  "  at = Math.max(0, Math.min(rows.length - 1, i));\n"
  "  const row = rows[at], before = rows[Math.max(0, at - 1)];\n"
  "  $('step').value = at;\n"
  "  $('where').textContent = 'step ' + row.number + ' / ' + run.n_steps;\n"
  "  const what = $('what');\n"
  "  what.replaceChildren(make('strong', row.task ? row.task + ': ' : ''), row.action + (row.changes ? '; ' + row.changes : ''));\n"
  "  if (row.source) what.append(make('pre', row.line + ' | ' + row.source.trim()));\n"
  "  if (row.output) what.append(make('pre', 'prints: ' + row.output));\n"
  "  what.className = row.violating ? 'bad' : '';\n"
  "  fill('tasks', run.tasks.map((name, t) => [name, row.waits[t] || row.lanes[t], row.task === name]));\n"
  "  fill('values', run.cells.map((name, k) => [name, row.values[k], row.values[k] !== before.values[k]]));\n"
  "  for (const g of document.querySelectorAll('svg g.node')) {\n"
  "    const found = /^(?:step|tag|band)-(\\d+)$/.exec(g.id);\n"
  "    if (found) { g.classList.toggle('later', +found[1] > row.number); g.classList.toggle('now', +found[1] === row.number); }\n"
  "  }\n"
  "  if (!keep) history.replaceState(null, '', '#step=' + row.number);\n"
  "}\n"
  "function go(keep) {\n"
  "  const found = /^#step=(\\d+)$/.exec(location.hash), bad = rows.findIndex(r => r.violating);\n"
  "  let i = found ? rows.findIndex(r => r.number >= +found[1]) : bad >= 0 ? bad : rows.length - 1;\n"
  "  show(i < 0 ? rows.length - 1 : i, keep);\n"
  "}\n"
  "$('step').max = rows.length - 1;\n"
  "$('step').addEventListener('input', e => show(+e.target.value));\n"
  "$('back').addEventListener('click', () => show(at - 1));\n"
  "$('forth').addEventListener('click', () => show(at + 1));\n"
  "addEventListener('keydown', e => {\n"
  "  const by = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -rows.length, End: rows.length}[e.key];\n"
  "  if (by && !e.ctrlKey && !e.altKey && !e.metaKey) { e.preventDefault(); show(at + by); }\n"
  "});\n"
  "for (const g of document.querySelectorAll('svg g.node')) {\n"
  "  const found = /^step-(\\d+)$/.exec(g.id);\n"
  "  if (found) { g.style.cursor = 'pointer'; g.addEventListener('click', e => { e.preventDefault(); show(rows.findIndex(r => r.number === +found[1])); }); }\n"
  "}\n"
  "addEventListener('hashchange', () => go(true));\n"
  "$('why').textContent = run.explanation || run.headline;\n"
  "go(true);\n";

/* JSON inside a script element: nothing in it may look like markup. */
static void
append_data (GString *out, const gchar *json)
{
  for (; *json; json++)
    if (*json == '<' || *json == '>' || *json == '&')
      g_string_append_printf (out, "\\u%04x", *json);
    else
      g_string_append_c (out, *json);
}

static gboolean
write_html (const MtDrawing *drawing, const MtExportOptions *options, GString *out, GError **error)
{
  (void)options;
  g_autoptr (GString) svg = g_string_new (NULL);
  if (!mt_graphviz_render (drawing->picture, "svg", svg, error))
    return FALSE;
  const gchar *start = strstr (svg->str, "<svg");
  g_autofree gchar *title = g_markup_escape_text (drawing->picture->title, -1);
  g_string_append_printf (out, "<!DOCTYPE html>\n<html lang=\"en\" class=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>%s</title>\n%s</head>\n<body>\n",
                          drawing->picture->dark ? "dark" : "light", title, head);
  g_string_append_printf (out, "<div class=\"picture\" role=\"img\" aria-label=\"%s\">\n%s</div>\n", title, start ? start : svg->str);
  if (drawing->view)
    {
      g_autofree gchar *json = mt_drawing_to_json (drawing, FALSE);
      g_string_append (out, panel);
      g_string_append (out, "<script type=\"application/json\" id=\"run\">");
      append_data (out, json);
      /* the script is wrapped so that an XML parser, too, takes it as text */
      g_string_append_printf (out, "</script>\n<script>/*<![CDATA[*/\n%s/*]]>*/</script>\n", script);
    }
  g_string_append (out, "</body>\n</html>\n");
  return TRUE;
}

const MtExportRow mt_export_html = { "html", "html", "one page: the picture, a slider over the steps, the state at each", MT_EXPORT_STEPS, write_html };

#!/usr/bin/env python3
"""The man page and the shells' completions, from what the program says of itself: `mtsim VERB --help` and
`mtsim list` are printed from its tables, so these can't drift from it.

    share/generate.py MTSIM man TEMPLATE MODELS DOCS   mtsim.1: the template with its @…@ filled in
    share/generate.py MTSIM bash|zsh|fish              the completion for that shell

Result on standard output.
"""
import collections, os, re, subprocess, sys

Option = collections.namedtuple('Option', 'short long value help words') # value: its placeholder, or ''
Verb = collections.namedtuple('Verb', 'name args help options')

OPTION = re.compile(r'  (?:-(\w), )?--([\w-]+)(?:=(\S+))?\s+(.*)')
FILES = ('FILE', 'DIR', 'PATH', 'TRACE')


def say(*arguments):
    done = subprocess.run([mtsim, *arguments], stdout=subprocess.PIPE, check=True, env={**os.environ, 'LANGUAGE': ''})
    return done.stdout.decode()


def section(title):
    """The names in a section of `mtsim list`."""
    lines = say('list').split(f'\n{title}\n', 1)[1].split('\n\n', 1)[0].splitlines()
    return [line.split()[0] for line in lines]


def words_of(value, text):
    """What an option takes, where its help is a list of that: 'light (the default) or dark'."""
    if value not in ('NAME', 'KIND', 'MODE', 'FORMAT'):
        return []
    if text[0].isupper():
        return section('formats') if 'format' in text or 'same' in text else []
    parts = re.split(r', or |, | or |; ', re.sub(r' \([^)]*\)', '', text))
    return [part.split(':')[0] for part in parts if re.fullmatch(r'[a-z-]+(:.*)?', part)]


def read_verb(name):
    text = say(name, '--help')
    usage = re.search(rf'mtsim {name} \[OPTION…\] ?(.*) - (.*)', text)
    options = [Option(short or '', long, value or '', help, words_of(value or '', help)) for short, long, value, help in OPTION.findall(text)]
    return Verb(name, usage[1].strip(), usage[2], options)


def read_verbs():
    return [read_verb(name) for name in re.findall(r'^  mtsim (\w+)', say('--help'), re.M)]


# ---- the man page ----

def roff(text):
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + text if text.startswith(('.', "'")) else text


def man_option(option):
    names = ([f'\\fB\\-{option.short}\\fR'] if option.short else []) + [f'\\fB\\-\\-{roff(option.long)}\\fR']
    value = f'=\\fI{roff(option.value)}\\fR' if option.value else ''
    return f'.TP\n{", ".join(names)}{value}\n{roff(option.help)}\n'


def man_verb(verb, common):
    text = f'.SS mtsim {verb.name} {roff(verb.args)}'.rstrip() + f'\n{roff(verb.help[0].upper() + verb.help[1:])}.\n'
    return text + ''.join(man_option(o) for o in verb.options if o not in common)


def man(template, models_dir, docs_dir):
    common = [o for o in verbs[0].options if all(o in verb.options for verb in verbs)]
    parts = {
        '@VERSION@': say('--version').split()[1],
        '@VERBS@\n': ''.join(man_verb(verb, common) for verb in verbs),
        '@COMMON@\n': ''.join(map(man_option, common)),
        '@MODELS@': roff(models_dir),
        '@DOCS@': roff(docs_dir),
    }
    with open(template) as file:
        text = file.read()
    for name, value in parts.items():
        text = text.replace(name, value)
    return text


# ---- completions ----

def takes_models(verb):
    return 'MODEL' in verb.args or 'PATH' in verb.args


def bash():
    cases = []
    for verb in verbs:
        names = ' '.join(n for o in verb.options for n in ([f'-{o.short}'] if o.short else []) + [f'--{o.long}'])
        values = ''.join(f"        --{o.long}) words='{' '.join(o.words)}' ;;\n" if o.words else
                         f"        {f'-{o.short} | ' if o.short else ''}--{o.long}) {'files=1' if o.value in FILES else 'return'} ;;\n"
                         for o in verb.options if o.value)
        rest = 'words=$models files=1' if takes_models(verb) else ':'
        cases.append(f"""    {verb.name})
      [[ $word == -* ]] && {{ mapfile -t COMPREPLY < <(compgen -W '{names}' -- "$word"); return; }}
      case $before in
{values}        *) {rest} ;;
      esac ;;
""")
    return f"""# Completion of mtsim(1) for bash.
_mtsim() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} words='' files=''
  local models='{' '.join(models)}'
  [[ $word != = ]] || word=''
  [[ $before != = ]] || before=${{COMP_WORDS[COMP_CWORD - 2]}}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '{' '.join(v.name for v in verbs)} --help --version' -- "$word")
    return
  fi
  case ${{COMP_WORDS[1]}} in
{''.join(cases)}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [[ -z $files ]] || compgen -f -- "$word")
}}
complete -o filenames -F _mtsim mtsim
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh():
    def option(o):
        text = re.sub(r'([\[\]:\\])', r'\\\1', o.help)
        values = f'({" ".join(o.words)})' if o.words else '_files' if o.value in FILES else ' '
        value = f':{o.value}:{values}' if o.value else ''
        names = [f'(-{o.short} --{o.long})-{o.short}', f'(-{o.short} --{o.long})--{o.long}{"=" if o.value else ""}'] if o.short else [f'--{o.long}{"=" if o.value else ""}']
        return [quoted(f'{name}[{text}]{value}') for name in names]
    cases = []
    for verb in verbs:
        rest = ["'*:model:_mtsim_models'"] if takes_models(verb) else []
        arguments = ' \\\n        '.join([s for o in verb.options for s in option(o)] + rest)
        cases.append(f'    {verb.name})\n      _arguments \\\n        {arguments} ;;\n')
    verb_lines = '\n'.join('    ' + quoted(f'{v.name}:{v.help}') for v in verbs)
    return f"""#compdef mtsim
# Completion of mtsim(1) for zsh.
_mtsim_models() {{
  local -a models=({' '.join(models)})
  _alternative 'models:bundled model:compadd -a models' 'files:file:_files'
}}
_mtsim() {{
  local -a verbs=(
{verb_lines}
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
{''.join(cases)}  esac
}}
_mtsim "$@"
"""


def fish():
    lines = ['# Completion of mtsim(1) for fish.', 'complete -c mtsim -n __fish_use_subcommand -f -l version', 'complete -c mtsim -n __fish_use_subcommand -f -s h -l help']
    for verb in verbs:
        lines.append(f'complete -c mtsim -n __fish_use_subcommand -f -a {verb.name} -d {quoted(verb.help)}')
        here = f"complete -c mtsim -n '__fish_seen_subcommand_from {verb.name}'"
        if takes_models(verb):
            lines.append(f'{here} -a {quoted(" ".join(models))}')
        for o in verb.options:
            short = f' -s {o.short}' if o.short else ''
            value = f' -x -a {quoted(" ".join(o.words))}' if o.words else ' -r' if o.value in FILES else ' -x' if o.value else ''
            lines.append(f'{here}{short} -l {o.long}{value} -d {quoted(o.help)}')
    return '\n'.join(lines) + '\n'


mtsim = sys.argv[1]
verbs = read_verbs()
models = [name.removesuffix('.yaml') for name in section('models')]
sys.stdout.reconfigure(encoding='utf-8')
print({'man': man, 'bash': bash, 'zsh': zsh, 'fish': fish}[sys.argv[2]](*sys.argv[3:]), end='')

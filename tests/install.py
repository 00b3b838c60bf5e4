#!/usr/bin/env python3
"""`meson install` into an empty DESTDIR: everything is there, and works from there. Prints TAP.

    tests/install.py BUILD SOURCE CC
"""
import json, os, pathlib, re, shlex, shutil, subprocess, sys, tempfile

build, source, compiler = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
number = failures = 0


def check(name, good, said=''):
    global number, failures
    number += 1
    failures += not good
    print(f'{"" if good else "not "}ok {number} - {name}')
    for line in str(said).splitlines() if not good else []:
        print(f'#   {line}')


def run(*command, **more):
    if not shutil.which(command[0]):
        return 127, f'{command[0]} is not there'
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    return done.returncode, done.stdout


def find(pattern):
    """The one file under DESTDIR that ends so."""
    found = [p for p in tree.rglob('*') if p.is_file() and str(p).endswith(pattern)]
    check(f'{pattern} is installed', len(found) == 1, found or 'nowhere')
    return found[0] if found else pathlib.Path('/nowhere')


def options_of(verb):
    # `--name` at the begin of a line, or behind a short one
    return re.findall(r'^  (?:-\w, )?(--[\w-]+)', run(mtsim, verb, '--help')[1], re.M)


print('TAP version 13')
with tempfile.TemporaryDirectory() as place:
    tree = pathlib.Path(place) / 'tree'
    tree.mkdir()
    status, said = run('meson', 'install', '-C', build, '--no-rebuild', '--destdir', str(tree))
    check('meson install --destdir', status == 0, said)

    mtsim, page = str(find('bin/mtsim')), find('man1/mtsim.1')
    completions = {shell: find(name) for shell, name in
                   (('bash', 'bash-completion/completions/mtsim'), ('zsh', 'site-functions/_mtsim'), ('fish', 'vendor_completions.d/mtsim.fish'))}
    status, said = run(mtsim, '--version')
    check('mtsim --version', status == 0 and re.fullmatch(r'mtsim \d+\.\d+\.\d+\n', said), said)

    for model in (source / 'models').rglob('*.yaml'):
        where = f'mtsim/models/{model.relative_to(source / "models")}'
        if not list(tree.rglob(where)):
            check(f'{where} is installed', False)
    module = find('mtsim/mtsim-graphviz.so')
    drawing = (mtsim, 'draw', str(find('share/mtsim/models/race.yaml')), '--format', 'svg')
    status, said = run(*drawing)
    check('a picture, by the installed module', status == 0 and '</svg>' in said, said[-200:])
    module.unlink()
    status, said = run(*drawing)
    check('no picture without the module', status == 2 and 'is mtsim installed whole?' in said, said)
    status, said = run(mtsim, 'check', '-q', str(find('share/mtsim/models/race.yaml')))
    check('an installed model', status == 1 and said == 'FAIL(lost_update)\n', said)

    with open(find('share/mtsim/model.schema.json')) as schema:
        check('the schema is JSON', '$schema' in json.load(schema))

    # The man page and the completions know every verb and every option, and no others.
    verbs = re.findall(r'^  mtsim (\w+)', run(mtsim, '--help')[1], re.M)
    check('mtsim --help lists verbs', len(verbs) >= 10, verbs)
    known = {option for verb in verbs for option in options_of(verb)}
    text = page.read_text()
    plain = re.sub(r'\\f[BIR]', '', text).replace('\\-', '-')
    documented = set(re.findall(r'^(?:-\w, )?(--[\w-]+)', plain, re.M))
    check('the verbs of mtsim.1', re.findall(r'^\.SS mtsim (\w+)', plain, re.M) == verbs)
    check('the options of mtsim.1', documented == known, documented ^ known)
    check('mtsim.1 is filled in', '@' not in re.sub(r'^\.\\".*$', '', text, flags=re.M))
    for verb in verbs:
        script = f'source {shlex.quote(str(completions["bash"]))}; COMP_WORDS=(mtsim {verb} --) COMP_CWORD=2; _mtsim; printf "%s\\n" "${{COMPREPLY[@]}}"'
        offered = re.findall(r'^--[\w-]+', run('bash', '-c', script)[1], re.M)
        check(f'bash completes the options of {verb}', sorted(offered) == sorted(options_of(verb)), offered)
    script = f'source {shlex.quote(str(completions["bash"]))}; COMP_WORDS=(mtsim run --scheduler = p) COMP_CWORD=4; _mtsim; echo "${{COMPREPLY[@]}}"'
    check('bash completes a scheduler', run('bash', '-c', script)[1] == 'pct priority\n', run('bash', '-c', script)[1])
    for shell, path in completions.items():
        if shutil.which(shell):
            status, said = run(shell, '-n', str(path))
            check(f'{shell} reads its completion', status == 0, said)
        else:
            print(f'# {shell} is not here to read its completion')
    if shutil.which('man'):
        status, said = run('man', '--warnings', '-l', str(page), env={**os.environ, 'MANWIDTH': '100', 'LC_ALL': 'C.UTF-8', 'MAN_KEEP_FORMATTING': '1'})
        check('man reads mtsim.1 without a warning', status == 0 and 'warning' not in said, said[:2000])

    # A program of somebody else's.
    pc = find('pkgconfig/mtsim.pc')
    surroundings = {**os.environ, 'PKG_CONFIG_PATH': str(pc.parent), 'PKG_CONFIG_SYSROOT_DIR': str(tree)}
    status, flags = run('pkg-config', '--cflags', '--libs', 'mtsim', env=surroundings)
    # the system's own headers are not below DESTDIR
    flags = [re.sub(rf'^(-[IL]){re.escape(str(tree))}(?=/)', lambda m: m[0] if os.path.exists(f[2:]) else m[1], f) for f in shlex.split(flags)]
    program = f'{place}/every_schedule'
    strict = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter']
    status, said = run(*compiler, *strict, str(source / 'examples/every_schedule.c'), *flags, '-o', program)
    check('the example is compiled', status == 0, said)
    # the number that `mtsim outcomes race` counts in another way, by paths in the state graph
    status, said = run(program, str(source / 'models/race.yaml'))
    check('the example counts 1716 schedules', (status, said) == (0, '1716 schedules\n'), said)
    for header in sorted(tree.rglob('include/mtsim/*/*.h')):
        name = '/'.join(header.parts[-2:])
        status, said = run(*compiler, *strict, *(f for f in flags if not f.startswith(('-l', '-L'))), '-fsyntax-only', '-x', 'c', '-', input=f'#include "{name}"\n')
        check(f'{name} stands alone', status == 0, said)
print(f'1..{number}')
sys.exit(failures > 0)

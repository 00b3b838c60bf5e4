#!/usr/bin/env python3
"""The documents say what mtsim does: every example in them is run. Prints TAP.

    tests/documents.py MTSIM [--update] [DOCUMENT…]

In a document
  ```console   a line `$ command` is run by a shell; what follows is all that it writes, to the byte.
               --update writes it anew: look at git diff before you commit.
  ```yaml      a model. Its next line with a → says what becomes of it:
                   → `check`: `FAIL(deadlock)` · `lint`: `hint: one of …`
               a verb of mtsim with its options, and the end of a line that it must write.
               A model that begins with `# NAME.yaml` is a file of that name for the commands below it.
               A model must have the one or the other.
  ```sh        commands that must end well.
  `mtsim …`: `…` anywhere: a command, and the end of a line that it must write.
  [..](path)   a file of the tree.
Commands run in an empty folder where `mtsim` and `./dev` are this mtsim and models/ is the tree's.
"""
import os, pathlib, re, subprocess, sys, tempfile

root = pathlib.Path(__file__).resolve().parent.parent
arguments = [a for a in sys.argv[1:] if a != '--update']
update = '--update' in sys.argv[1:]
mtsim = pathlib.Path(arguments[0]).resolve()
documents = [pathlib.Path(a).resolve() for a in arguments[1:]] or [*sorted(root.glob('*.md')), *sorted(root.glob('docs/*.md'))]

BLOCK = re.compile(r'^```(\w*)\n((?:.*\n)*?)```\n(?:\n(→ .*(?:\n.+)*))?', re.M)
CLAIM = re.compile(r'`([^`]+)`:\s+`([^`]+)`')
COMMAND_CLAIM = re.compile(r'`(mtsim [^`]+)`:\s+`([^`]+)`')
COMMAND = re.compile(r'^\$ (.*(?:\\\n.*)*)\n((?:(?!\$ ).*\n)*)', re.M)
LINK = re.compile(r'\]\((?!\w+:|#)([^)#]+)')
number = failures = 0


def report(document, text, at, name, wrong=''):
    """A line of TAP; @wrong says what is wrong, if anything."""
    global number, failures
    number += 1
    failures += bool(wrong)
    line = text.count('\n', 0, at) + 1
    print(f'{"not " if wrong else ""}ok {number} - {document.relative_to(root)}:{line}: {name}')
    for said in wrong.splitlines():
        print(f'#   {said}')


def run(folder, command):
    """The exit status of @command in @folder, and what it writes on both channels."""
    surroundings = {**os.environ, 'PATH': f'{folder}/.bin:{os.environ["PATH"]}', 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1'}
    done = subprocess.run(['bash', '-c', command], cwd=folder, env=surroundings, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout.decode()


def prepare(folder):
    (folder / '.bin').mkdir()
    (folder / '.bin' / 'mtsim').symlink_to(mtsim)
    (folder / 'dev').write_text('#!/bin/sh\n[ "$1" != mtsim ] || shift\nMTSIM_AS=./dev exec mtsim "$@"\n')
    (folder / 'dev').chmod(0o755)
    (folder / 'models').symlink_to(root / 'models')


def check_console(document, text, block, folder):
    """The block with its output as it is now."""
    def one(found):
        command, wanted = found[1], found[2]
        got = run(folder, command)[1]
        if got and not got.endswith('\n'):
            got += '\n'
        blank = '\n' if wanted.endswith('\n\n') or wanted == '\n' else '' # between two commands
        wrong = '' if update or got == wanted.removesuffix(blank) else f'it says\n{got}and not\n{wanted}'
        report(document, text, block.start(2) + found.start(), f'$ {command}', wrong)
        return f'$ {command}\n{got}{blank}'
    return COMMAND.sub(one, block[2])


def check_model(document, text, block, folder):
    model, claims = block[2], CLAIM.findall(block[3] or '')
    name = re.match(r'# (\S+\.yaml)\n', model)
    path = folder / (name[1] if name else 'example.yaml')
    path.write_text(model)
    if not claims and not name:
        report(document, text, block.start(), 'a model', 'nothing says what becomes of it')
    for claim, end in claims:
        verb, *options = claim.split(' ', 1)
        check_claim(document, text, block.start(), folder, ' '.join(['mtsim', verb, path.name, *options]), end)


def check_claim(document, text, at, folder, command, end):
    said = run(folder, command)[1]
    good = any(line.rstrip().endswith(end) for line in said.splitlines())
    report(document, text, at, f'{command}: {end}', '' if good else f'no line of this ends so:\n{said}')


def check_document(document):
    text = document.read_text()
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        prepare(folder)
        parts, at = [], 0
        for block in BLOCK.finditer(text):
            parts.append(text[at:block.start(2)])
            at = block.end(2)
            if block[1] == 'yaml':
                check_model(document, text, block, folder)
            if block[1] == 'sh':
                status, said = run(folder, 'set -e\n' + block[2])
                report(document, text, block.start(), block[2].split('\n', 1)[0] + ' …', f'status {status}\n{said}' if status else '')
            parts.append(check_console(document, text, block, folder) if block[1] == 'console' else block[2])
        parts.append(text[at:])
        for claim in COMMAND_CLAIM.finditer(text):
            check_claim(document, text, claim.start(), folder, *claim.groups())
    for link in LINK.finditer(text):
        if not (document.parent / link[1]).exists():
            report(document, text, link.start(), link[1], 'there is no such file')
    if update and ''.join(parts) != text:
        document.write_text(''.join(parts))


print('TAP version 13')
for document in documents:
    check_document(document)
print(f'1..{number}')
sys.exit(failures > 0)

"""What the tests of the command line share: mtsim is run, checks are told as TAP (testanything.org)."""
import os, subprocess, sys, tempfile

mtsim, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
work = tempfile.TemporaryDirectory(prefix='mtsim-test-')
number = failures = 0


def path(*parts):
    """A file of the source tree."""
    return os.path.join(root, *parts)


def scratch(name, text=None):
    """A file of this test's own folder, written where a text is given."""
    name = os.path.join(work.name, name)
    if text is not None:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, 'w', encoding='utf-8') as f:
            f.write(text)
    return name


def run(*arguments, stdin='', program=None, **options):
    """The finished process; standard output and error as text."""
    environment = {k: v for k, v in os.environ.items() if k != 'MTSIM_AS'} | options.pop('env', {})
    return subprocess.run([program or mtsim, *arguments], input=stdin, capture_output=True, text=True, timeout=100,
                          env=environment, cwd=options.pop('cwd', work.name), **options)


def check(what, good, detail=''):
    global number, failures
    number += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        for line in str(detail).splitlines():
            print('#', line)
    return good


def equal(what, got, expected):
    return check(what, got == expected, f'expected {expected!r}\ngot      {got!r}')


def skip_all(why):
    print(f'1..0 # SKIP {why}')
    sys.exit(0)


def done():
    print(f'1..{number}')
    sys.exit(failures > 0)

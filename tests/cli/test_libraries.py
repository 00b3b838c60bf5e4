"""What a command does not need is not loaded: json-glib (with GObject and GIO) and Graphviz come when they are first called."""
import platform
from harness import *

if platform.libc_ver()[0] != 'glibc':
    skip_all('the C library does not tell what it loads')


def loaded(*arguments):
    """The libraries that the dynamic linker opens for these arguments, by its own account."""
    told = run(*arguments, env={'LD_DEBUG': 'files', 'LD_DEBUG_OUTPUT': scratch('ld')})
    text = ''.join(open(os.path.join(work.name, name)).read() for name in os.listdir(work.name) if name.startswith('ld.'))
    for name in os.listdir(work.name):
        if name.startswith('ld.'):
            os.remove(os.path.join(work.name, name))
    return told, text


race = path('models', 'race.yaml')
for command in (['run', race, '--seed', '7'], ['check', race], ['list']):
    _, text = loaded(*command)
    check(f'{command[0]}: the linker tells', 'libglib-2.0' in text, text[:400])
    check(f'{command[0]}: no JSON, no Graphviz', not any(name in text for name in ('json-glib', 'libgio', 'libgobject', 'libgvc')), text)
told, text = loaded('check', race, '--json')
check('check --json: JSON', 'json-glib' in text and told.stdout.startswith('{'), told.stdout[:200] + told.stderr)

# Where the library can't be loaded that is said, and the run fails.
if not os.environ.get('LSAN_OPTIONS') and not os.environ.get('ASAN_OPTIONS'):
    scratch('none/libjson-glib-1.0.so.0', 'no library')
    told = run('check', race, '--json', env={'LD_LIBRARY_PATH': os.path.join(work.name, 'none')})
    equal('without the library: exit status', told.returncode, 2)
    check('without the library: why', 'json-glib' in told.stderr and 'JSON' in told.stderr, told.stderr)
    told = run('check', race, '--json', '--checkpoint', scratch('search'), '--trace', scratch('trace'), env={'LD_LIBRARY_PATH': os.path.join(work.name, 'none')})
    check('without the library: before the search', told.returncode == 2 and not told.stdout and not os.path.exists(os.path.join(work.name, 'trace')), told.stdout + told.stderr)
    told = run('run', race, '--trace', scratch('trace'), env={'LD_LIBRARY_PATH': os.path.join(work.name, 'none')})
    check('run --trace without the library: fails, and says why', told.returncode == 2 and 'json-glib' in told.stderr, told.stderr)
    told = run('check', race, env={'LD_LIBRARY_PATH': os.path.join(work.name, 'none')})
    equal('without the library: no matter where no JSON is asked for', told.returncode, 1)
done()

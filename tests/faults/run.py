#!/usr/bin/env python3
"""Whatever the system refuses (room for a file, memory, a process, a thread), mtsim says so in a word and leaves no half file.

For each command the first call of each kind is made to fail, then the second, and so on until the command makes no more
(faults.c). Each time the file that was to be written is as it was before or whole, nothing lies beside it, the
process ends by itself, and when its status is not what it is without a fault, a message tells why.
"""
import hashlib, os, subprocess, sys, tempfile

MTSIM, LIBRARY, SOURCE = sys.argv[1:4]
KINDS = ['write', 'fwrite', 'fsync', 'rename', 'open', 'fork', 'thread', 'mmap', 'try_malloc']
MOST = 200  # faults of one kind in one command; more are told

MODEL = lambda name: os.path.join(SOURCE, 'models', name + '.yaml')
COMMANDS = [  # words; FILE: what is written
    ['run', MODEL('race'), '--seed', '7', '--trace', 'FILE'],
    ['check', MODEL('race'), '--trace', 'FILE'],
    ['check', MODEL('race'), '--trace', 'FILE', '--engine', 'reference'],
    ['check', MODEL('bank'), '--jobs', '2', '--all'],
    ['check', MODEL('philosophers_ordered'), '--checkpoint', 'FILE', '--max-states', '30'],
    ['check', MODEL('peterson'), '--bitstate', '1M'],
    ['outcomes', MODEL('race')],
    ['draw', MODEL('deadlock'), '-o', 'FILE', '--format', 'svg'],
    ['draw', MODEL('deadlock'), '-o', 'FILE', '--format', 'png'],
    ['draw', MODEL('deadlock'), '-o', 'FILE', '--format', 'html'],
    ['draw', MODEL('deadlock'), '-o', 'FILE', '--format', 'json'],
    ['export', MODEL('race'), '--to', 'promela', '-o', 'FILE'],
    ['real', MODEL('race'), '--seed', '1', '--runs', '2', '--deadline', '5', '--record', 'FILE'],
    ['real', MODEL('seed/process_globals'), '--seed', '1', '--deadline', '5', '--quiet'],
    ['real', MODEL('seed/coroutine_yield'), '--seed', '1', '--deadline', '5', '--quiet'],
    ['compare', MODEL('race'), '-p', 'n=1', '--seed', '1', '--runs', '10', '--real-runs', '2', '-o', 'FILE', '--format', 'svg'],
    ['test', os.path.join(SOURCE, 'models', 'race.yaml'), '--jobs', '2'],
    ['lint', MODEL('race')],
]
VERBS = [['run', MODEL('race'), '--seed', '1'], ['check', MODEL('race')], ['check', MODEL('race'), '--json'], ['outcomes', MODEL('race')], ['list'], ['dump', MODEL('race')],
         ['schema'], ['test', MODEL('race')], ['real', MODEL('race'), '--seed', '1'], ['compare', MODEL('race'), '--runs', '10', '--real-runs', '2', '--seed', '1'],
         ['draw', MODEL('race'), '--format', 'text'], ['draw', MODEL('race'), '--format', 'svg'], ['export', MODEL('race'), '--to', 'promela'], ['--help'], ['--version'], ['check', '--help']]
number = wrong = 0


def tell(name, faults):
    global number, wrong
    number += 1
    print(f'{"not ok" if faults else "ok"} {number} - {name}', flush=True)
    for fault in faults:
        print(f'# {fault}')
    wrong += bool(faults)


def run(words, fault=None, made=None, stdout=subprocess.PIPE):
    surroundings = dict(os.environ, LC_ALL='C.UTF-8')
    if fault:
        surroundings |= {'LD_PRELOAD': LIBRARY, 'MTSIM_FAULT': fault, 'MTSIM_FAULT_MADE': made}
    return subprocess.run([MTSIM, *words], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=60, env=surroundings)


def look(words, kind, n, folder, normal):
    """What is wrong with one command under one fault; None: it makes fewer calls than that."""
    target, made = os.path.join(folder, 'out'), os.path.join(folder, 'made')
    old = b'' if '--checkpoint' in words else b'what was there\n'
    if old:
        with open(target, 'wb') as file:
            file.write(old)
    try:
        got = run([target if word == 'FILE' else word for word in words], f'{kind}:{n}', made)
    except subprocess.TimeoutExpired:
        return ['it hangs']
    happened = os.path.exists(made)
    left = sorted(set(os.listdir(folder)) - {'out', 'made'})
    content = open(target, 'rb').read() if os.path.exists(target) else b''
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    if not happened:
        return None
    said = got.stderr.decode(errors='replace').strip()
    faults = []
    if left:
        faults.append(f'left behind: {left}')
    if got.returncode < 0 or got.returncode not in ({normal['status'], 2, 3, 70} | ({1} if words[0] == 'test' else set())) or 'Sanitizer' in said or 'GLib' in said:
        faults.append(f'status {got.returncode}')
    if got.returncode != normal['status'] and not said and not any(word in got.stdout for word in (b'INCOMPLETE', b'not ok')):
        faults.append(f'status {got.returncode}, and no word')
    if 'FILE' in words and content != old and not whole(words, content, normal):
        faults.append(f'{len(content)} bytes of {len(normal["file"])} are there')
    if 'FILE' in words and got.returncode == normal['status'] and content == old and old:
        faults.append('nothing was written, and all seems well')
    return [f'{fault}: {said}' for fault in faults]


def whole(words, content, normal):
    """Where memory was refused, another run may be what is written; it has its end all the same."""
    ends = (b'}', b'</svg>', b'</html>', b'IEND\xaeB`\x82')
    return content == normal['file'] or content.rstrip(b'\n').endswith(ends) or ('--checkpoint' in words and is_checkpoint(content))


def is_checkpoint(content):
    """Its last bytes are the SHA-256 of all before them."""
    return hashlib.sha256(content[:-32]).digest() == content[-32:]


with tempfile.TemporaryDirectory() as folder:
    for words in COMMANDS:
        target = os.path.join(folder, 'out')
        got = run([target if word == 'FILE' else word for word in words])
        normal = {'status': got.returncode, 'file': open(target, 'rb').read() if os.path.exists(target) else b''}
        if os.path.exists(target):
            os.unlink(target)
        for kind in KINDS:
            faults, n = [], 1
            while n <= MOST:
                found = look(words, kind, n, folder, normal)
                if found is None:
                    break
                faults += [f'{kind} {n}: {fault}' for fault in found]
                n += 1
            if n > MOST:
                faults.append(f'more than {MOST} calls: the rest was not tried')
            if n > 1:
                short = ' '.join(os.path.basename(word) for word in words)
                tell(f'{short}: {n - 1} times {kind}', faults)

for words in VERBS:
    with open('/dev/full', 'wb') as full:
        got = run(words, stdout=full)
    short = ' '.join(os.path.basename(word) for word in words)
    tell(f'{short} > /dev/full', [] if got.returncode == 2 and b'standard output' in got.stderr else [f'status {got.returncode}: {got.stderr.decode()}'])

print(f'1..{number}')
sys.exit(wrong > 0)

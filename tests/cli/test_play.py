#!/usr/bin/env python3
"""mtsim play: in lines, and on a terminal of 80 x 24 (a pseudo-terminal)."""
import fcntl, glob, json, os, pty, random, re, select, signal, struct, subprocess, termios, time, unicodedata
from harness import check, done, equal, mtsim, path, run, scratch


def play(model, *lines, **options):
    return run('play', model, *options.get('arguments', []), stdin=''.join(line + '\n' for line in lines))


def answers(process):
    return ('\n' + process.stdout).split('\n> \n') # and after the first a command's answer each


# ---- lines ----

deadlock = path('models', 'deadlock.yaml')
one = play(deadlock, 'hint', 'Thread-1', 'h', '2', 'e')
equal('status of a deadlock', one.returncode, 1)
equal('the last line is the verdict', one.stdout.splitlines()[-1], 'FAIL(deadlock)')
# two locks in opposite order: two steps deadlock, and after the first of them one more does
check('hint: two steps', 'FAIL(deadlock) is 2 steps from here' in answers(one)[1], answers(one)[1])
check('hint: one step', 'FAIL(deadlock) is 1 step from here; the shortest way begins with Thread-2.' in answers(one)[3], answers(one)[3])
check('why the blocked can\'t move', 'waits for mutexA, held by Thread-1 since step 1' in answers(one)[4], answers(one)[4])
check('explain', 'Each waits for the next in this circle' in answers(one)[5], answers(one)[5])
safe = play(deadlock, 'Thread-1*2', 'hint')
check('hint: who has both locks is safe', 'Nothing can go wrong from here' in answers(safe)[2], safe.stdout)
race = run('play', path('models', 'race.yaml'), '-p', 'n=1', stdin='hint\n')
# read, read, write, write
check('hint: a lost update in four steps', 'FAIL(lost_update) is 4 steps from here' in race.stdout, race.stdout)

back = play(deadlock, '1', '2', 'undo', 'Thread-1*5', 'Thread-2*5', 'undo')
equal('undo', back.stdout.splitlines()[-1], 'INCOMPLETE(steps)')
ended = play(deadlock, 'Thread-1*5', 'Thread-2*5')
equal('to the end', (ended.returncode, ended.stdout.splitlines()[-1]), (0, 'PASS'))
first = play(deadlock, 'undo', 'nobody', 'Thread-1:7', '99', 'save', 'quit')
for answer, words in zip(answers(first)[1:], ('beginning', 'no task', 'not in way', 'no choice 99', 'save FILE')):
    check(f'answer: {words}', words in answer, answer)
full = play(deadlock, 'Thread-1', 'Thread-2', 'Thread-1')
check('a move that can\'t be made', 'Thread-1 can\'t move: it waits for mutexB' in answers(full)[3], answers(full)[3])

scratch('sleep.yaml', 'globals: {g: 0}\nthreads:\n  t: [{sleep: 0.5}, g = 1]\n')
slept = play('sleep.yaml', '1', '1', '1')
check('time passes as a move', 'time passes' in answers(slept)[1] and slept.returncode == 0, slept.stdout)
named = play('sleep.yaml', 't*2', 'save s.json')
equal('the clock need not be named', (named.returncode, run('replay', 'sleep.yaml', 's.json').stdout.splitlines()[-1]), (0, 'PASS'))
equal('a model on standard input', run('play', '-', stdin='').returncode, 2)

# Whatever is played, replay has it again: verdict, status, schedule. Moves are drawn.
draw = random.Random(7)
for model in sorted(glob.glob(path('models', '**', '*.yaml'), recursive=True)):
    moves = [str(draw.randint(1, 2)) for _ in range(60)] + ['undo'] * draw.randint(0, 3)
    played = play(model, *moves, 'save t.json')
    again = run('replay', model, 't.json', '--quiet')
    equal(f'replay of {os.path.relpath(model, path())}', (again.returncode, again.stdout.splitlines()[-1:]),
          (played.returncode, played.stdout.splitlines()[-1:]))


# ---- a terminal ----

class Terminal:
    def __init__(self, *arguments, rows=24, columns=80):
        self.rows, self.columns, self.seen = rows, columns, ''
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen([mtsim, 'play', *arguments], stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                        cwd=scratch(''), env=os.environ | {'TERM': 'xterm'}, start_new_session=True)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read(self, until=None):
        """What comes until the screen is drawn, `until` is seen, or ten seconds have gone."""
        end, got = time.monotonic() + 10, ''
        while time.monotonic() < end and not (until in got if until else got.endswith('\x1b[J')):
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    got += os.read(self.master, 65536).decode('utf-8', 'replace')
                except OSError:
                    break
            elif self.process.poll() is not None:
                break
        self.seen += got
        return got

    def press(self, keys):
        os.write(self.master, keys.encode())
        return self.screen(self.read())

    def screen(self, text):
        """The last screen drawn: its lines, without colours."""
        last = text.rpartition('\x1b[H')[2]
        return re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', last).split('\r\n')

    def fits(self, lines):
        width = max(sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in line) for line in lines)
        return len(lines) <= self.rows and width <= self.columns

    def end(self):
        self.read(until='\x1b[?1049l')
        status = self.process.wait(10)
        rest = self.read(until='\n')
        same = termios.tcgetattr(self.slave) == self.before
        os.close(self.master)
        os.close(self.slave)
        return status, same, rest


t = Terminal(deadlock)
screen = t.screen(t.read())
check('80 x 24', t.fits(screen) and len(screen) == 24, '\n'.join(screen))
check('the source of both tasks', any('>  7     - lock: mutexA' in line for line in screen) and any('> 13     - lock: mutexB' in line for line in screen), '\n'.join(screen))
check('keys are told', 'undo' in screen[-1], screen[-1])
screen = t.press('1')
check('a digit moves', any('Step 1, Thread-1: lock mutexA' in line for line in screen), '\n'.join(screen))
screen = t.press('h')
check('h hints', any('is 1 step from here' in line for line in screen), '\n'.join(screen))
t.press('\x1b[B')
screen = t.press('\r')
check('arrow and Enter move', any(line.startswith('FAIL(deadlock)') for line in screen), '\n'.join(screen))
check('the blocked say why', any('waits for mutexB, held by Thread-2' in line for line in screen), '\n'.join(screen))
t.press('e')
screen = t.press('u')
check('u undoes', any('Step 1, Thread-1' in line for line in screen), '\n'.join(screen))
t.press('s')
for key in 'two.jsonx\x7f':
    t.press(key)
screen = t.press('\r')
check('s saves', any('Written' in line for line in screen) and json.load(open(scratch('two.json')))['schedule'] == 'Thread-1', '\n'.join(screen))
t.press('?')
t.resize(12, 40)
t.process.send_signal(signal.SIGWINCH)
screen = t.screen(t.read())
check('another size', t.fits(screen), '\n'.join(screen))
os.write(t.master, b'q')
status, same, rest = t.end()
equal('q leaves, with the verdict', (status, 'INCOMPLETE(steps)' in t.seen + rest), (3, True))
check('the terminal is as it was', same)

for name, arguments in {'twenty tasks': (path('models', 'philosophers.yaml'), '-p', 'n=20'), 'wide names': (path('tests', 'golden', 'nasty.yaml'),)}.items():
    t = Terminal(*arguments)
    screens = [t.screen(t.read())] + [t.press(key) for key in ('1', '\x1b[B', '\r', 'j', ' ', '1', '1', '?')]
    check(f'{name} fit', all(t.fits(screen) and len(screen) == 24 for screen in screens), '\n'.join(screens[-1]))
    os.write(t.master, b'\x03')
    status, same, rest = t.end()
    check(f'{name}: Ctrl-C leaves', same and status in (0, 1, 3), status)

t = Terminal(deadlock)
t.read()
t.process.send_signal(signal.SIGTERM)
status, same, rest = t.end()
check('a signal leaves the terminal as it was', same and status == 3, status)
done()

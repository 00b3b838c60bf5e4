#!/usr/bin/env python3
"""The HTML page in headless Chromium, as a reader uses it: keys, slider, a link to a step, a phone's width.

    tests/browser.py MTSIM MODELS      TAP; skipped where there is no Chromium

The browser is driven by the DevTools protocol over a pipe: JSON messages ended by a zero byte, written
to its descriptor 3 and read from its descriptor 4 (--remote-debugging-pipe).
"""
import json, os, select, shutil, subprocess, sys, tempfile, time

mtsim, models = sys.argv[1], sys.argv[2]
here = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 60  # seconds for any one answer: a loaded machine is slow to start a browser


class Browser:
    def __init__(self, program, folder):
        ours, theirs = os.pipe(), os.pipe()

        def give_pipes():
            # above 4 first: the pipes may have got these very numbers
            read, write = os.dup2(ours[0], 20), os.dup2(theirs[1], 21)
            os.dup2(read, 3), os.dup2(write, 4)

        self.process = subprocess.Popen(
            [program, '--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--no-first-run',
             '--disable-dev-shm-usage', '--disable-background-networking', '--disable-extensions', f'--user-data-dir={folder}'],
            preexec_fn=give_pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours[0]), os.close(theirs[1])
        self.write, self.read = ours[1], theirs[0]
        self.rest, self.number, self.session, self.events = b'', 0, None, []

    def message(self):
        end = time.monotonic() + TIMEOUT
        while b'\0' not in self.rest:
            if not select.select([self.read], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError('the browser does not answer')
            data = os.read(self.read, 1 << 16)
            if not data:
                raise EOFError('the browser has ended')
            self.rest += data
        text, self.rest = self.rest.split(b'\0', 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        request = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            request['sessionId'] = self.session
        os.write(self.write, json.dumps(request).encode() + b'\0')
        while True:
            answer = self.message()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer['result']
            self.events.append(answer)

    def open_page(self):
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')

    def size(self, width, height, phone=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)

    def load(self, url):
        self.call('Page.navigate', url='about:blank')  # else another fragment of the same page would not load it anew
        self.wait_for_load()
        self.call('Page.navigate', url=url)
        self.wait_for_load()

    def wait_for_load(self):
        while not any(event.get('method') == 'Page.loadEventFired' for event in self.events):
            self.events.append(self.message())
        self.events = [event for event in self.events if event.get('method') != 'Page.loadEventFired']

    def evaluate(self, expression):
        result = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']['text']}")
        return result['result'].get('value')

    def key(self, name):
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=name, code=name)

    def click(self, expression, part=0.5):
        """Clicks the element, at this part of its width."""
        x, y, width, height = self.evaluate(f'(e => {{ e.scrollIntoView({{block: "center"}}); const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }})({expression})')
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x + part * width, y=y + height / 2, button='left', clickCount=1)

    def close(self):
        try:
            self.session = None
            self.call('Browser.close')
        except (EOFError, OSError, TimeoutError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


checks = failures = 0


def check(what, got, wanted):
    global checks, failures
    checks += 1
    if got == wanted:
        print(f'ok {checks} - {what}')
    else:
        failures += 1
        print(f'not ok {checks} - {what}\n# wanted {wanted!r}\n# got    {got!r}')


def page(folder, name, *arguments):
    path = os.path.join(folder, name)
    model, *rest = arguments
    subprocess.run([mtsim, 'draw', model if os.path.isabs(model) else os.path.join(models, model), *rest, '-o', path], check=True)
    return path


# What the reader sees, as one value.
SHOWN = '''(() => {
  const text = id => document.getElementById(id).textContent;
  const table = id => Object.fromEntries([...document.getElementById(id).tBodies[0].rows].map(r => [r.cells[0].textContent, r.cells[1].textContent]));
  return {where: text('where'), what: text('what'), bad: document.getElementById('what').className === 'bad',
          tasks: table('tasks'), values: table('values'), changed: [...document.querySelectorAll('.changed')].map(e => e.parentNode.cells[0].textContent),
          slider: +document.getElementById('step').value, hash: location.hash};
})()'''
BOX = 'document.getElementById("step-%d").getAttribute("class")'


def race(browser, path):
    """Two threads, one increment each, the second between the first's read and write: worked out by hand."""
    url = 'file://' + path
    browser.size(1280, 900)
    browser.load(url)
    with open(os.path.join(models, 'race.yaml'), encoding='utf-8') as file:
        source = '12 | ' + file.read().splitlines()[11].strip()
    violation = {'where': 'step 4 / 7', 'what': 'work1: g_num = 1' + source, 'bad': True,
                 'tasks': {'work1': 'running', 'work2': 'ended', 'main': 'ready'}, 'values': {'g_num': '1'}, 'changed': ['work1'], 'slider': 4, 'hash': ''}
    check('the page opens at the violation', browser.evaluate(SHOWN), violation)
    browser.key('Home')
    check('Home: before the first step', browser.evaluate(SHOWN),
          {'where': 'step 0 / 7', 'what': 'before the first step', 'bad': False, 'tasks': {'work1': 'ready', 'work2': 'ready', 'main': 'waits for work1 to end'},
           'values': {'g_num': '0'}, 'changed': [], 'slider': 0, 'hash': '#step=0'})
    for _ in range(3):
        browser.key('ArrowRight')
    check('three times the right arrow', browser.evaluate(SHOWN),
          {'where': 'step 3 / 7', 'what': 'work2: g_num = 1; g_num 0 → 1' + source, 'bad': False,
           'tasks': {'work1': 'ready', 'work2': 'running', 'main': 'waits for work1 to end'}, 'values': {'g_num': '1'}, 'changed': ['work2', 'g_num'], 'slider': 3, 'hash': '#step=3'})
    check('the picture: what is now and what is later', [browser.evaluate(BOX % n) for n in (2, 3, 4)], ['node', 'node now', 'node later'])
    browser.key('ArrowRight')
    check('once more: the violation', browser.evaluate(SHOWN), {**violation, 'hash': '#step=4'})
    browser.key('ArrowLeft')
    check('and back', browser.evaluate(SHOWN)['where'], 'step 3 / 7')
    browser.click('document.getElementById("step")', 0.995)
    shown = browser.evaluate(SHOWN)
    check('the slider, at its end', (shown['where'], shown['hash'], shown['values'], shown['what'].endswith('prints: the sum is 1\n')), ('step 7 / 7', '#step=7', {'g_num': '1'}, True))
    browser.click('document.getElementById("step-2").querySelector("polygon")')
    check('a click on a step', browser.evaluate(SHOWN)['where'], 'step 2 / 7')
    browser.click('document.getElementById("forth")')
    check('the button', browser.evaluate(SHOWN)['where'], 'step 3 / 7')
    browser.load(url + '#step=2')
    check('a link to a step', browser.evaluate(SHOWN)['where'], 'step 2 / 7')
    browser.evaluate('location.hash = "#step=6"')
    browser.evaluate('new Promise(r => setTimeout(r, 50))')
    check('the address, changed by hand', browser.evaluate(SHOWN)['where'], 'step 6 / 7')
    check('why, in words', browser.evaluate('document.getElementById("why").textContent').startswith("work1's read at step 1"), True)


def phone(browser, path):
    browser.size(390, 844, phone=True)
    browser.load('file://' + path)
    check('a phone: the page does not scroll sideways', browser.evaluate('document.scrollingElement.scrollWidth'), 390)
    check('buttons as large as a finger', browser.evaluate('[...document.querySelectorAll("button")].every(b => b.offsetWidth >= 44 && b.offsetHeight >= 44)'), True)
    check('the tables are within it', browser.evaluate('[...document.querySelectorAll("table")].every(t => t.getBoundingClientRect().right <= 390)'), True)


def deadlock(browser, path):
    browser.size(1280, 900)
    browser.load('file://' + path)
    check('who is blocked on what', browser.evaluate(SHOWN)['tasks'],
          {'Thread-1': 'waits for mutexB, held by Thread-2 since step 2', 'Thread-2': 'waits for mutexA, held by Thread-1 since step 1'})
    check('who has which lock', browser.evaluate(SHOWN)['values'], {'mutexA': 'Thread-1', 'mutexB': 'Thread-2'})


def nasty(browser, path):
    browser.size(390, 844, phone=True)
    browser.load('file://' + path)
    check('hostile names: the title is text', '</script>]]> \\N {x} $y$ 100% שלום 🙂 中文' in browser.evaluate('document.title'), True)
    check('hostile names: no markup came of them', browser.evaluate('[document.scripts.length, document.querySelectorAll("b").length, document.querySelectorAll("svg").length]'), [2, 0, 1])
    browser.key('End')
    check('hostile names: printed as they are', '👩‍👩‍👧' in browser.evaluate(SHOWN)['what'], True)
    check('hostile names: the page does not scroll sideways', browser.evaluate('document.scrollingElement.scrollWidth'), 390)


def quiet(browser, paths):
    """Nothing in the console, and nothing asked of any network."""
    said, asked = [], []
    for event in browser.events:
        method, params = event.get('method'), event.get('params', {})
        if method in ('Runtime.exceptionThrown', 'Log.entryAdded') or (method == 'Runtime.consoleAPICalled' and params['type'] != 'debug'):
            said.append(params)
        if method == 'Network.requestWillBeSent':
            asked.append(params['request']['url'].split('#')[0])
    check('nothing in the console', said, [])
    check('no request but for the pages themselves', sorted(set(asked) - {'file://' + path for path in paths} - {'about:blank'}), [])


def same_picture(folder, path, *arguments):
    svg = os.path.join(folder, 'same.svg')
    page(folder, 'same.svg', *arguments)
    with open(svg, encoding='utf-8') as file:
        picture = file.read().split('<svg', 1)[1]
    with open(path, encoding='utf-8') as file:
        check('the page shows the picture that draw makes', picture in file.read(), True)


program = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
if not program:
    print('1..0 # SKIP no chromium here')
    sys.exit(0)
with tempfile.TemporaryDirectory() as folder:
    RACE = ('race.yaml', '-p', 'n=1', '--schedule', 'work1 work2*2 work1')
    paths = [page(folder, 'race.html', *RACE), page(folder, 'deadlock.html', 'deadlock.yaml', '--schedule', 'Thread-1 Thread-2'),
             page(folder, 'nasty.html', os.path.join(here, 'golden', 'nasty.yaml'), '--schedule', '甲*4 乙*2')]
    browser = Browser(program, os.path.join(folder, 'profile'))
    try:
        browser.open_page()
        race(browser, paths[0])
        phone(browser, paths[0])
        deadlock(browser, paths[1])
        nasty(browser, paths[2])
        quiet(browser, paths)
    finally:
        browser.close()
    same_picture(folder, paths[0], *RACE)
print(f'1..{checks}')
sys.exit(failures > 0)

#!/usr/bin/env python3
"""mtsim test: each format against results known beforehand, order and bytes whatever the number of jobs, statuses."""
import xml.etree.ElementTree as tree
from harness import check, done, equal, path, run, scratch

ONE = 'globals: {g: 0}\nthreads: {t: [g = 1]}\nproperties: {invariants: {small: g < %d}}\nexpect: %s\n'
MODELS = {
    'a good.yaml': ONE % (2, 'pass'),
    'b-wrong.yaml': ONE % (1, 'pass'),
    'c<&>.yaml': ONE % (1, 'deadlock'),
    'd-none.yaml': 'threads: {t: [pass]}\n',
    'e-error.yaml': 'threads: {t: [pass], t: [pass]}\nexpect: pass\n',
    'f-outcomes.yaml': 'globals: {g: 0}\nthreads: {t: [g = 1]}\nexpect: {outcomes: ["g=1", "g=7"]}\n',
}
for name, text in MODELS.items():
    scratch('models/' + name, text)
scratch('bounded/long.yaml', 'globals: {g: 0}\nthreads: {t: {count: 9, steps: [{repeat: 9, do: [g += 1]}]}}\n'
                             'properties: {lost_update: allowed}\nexpect: pass\n')

EXPECTED_TAP = '''TAP version 13
1..6
ok 1 - models/a good.yaml
not ok 2 - models/b-wrong.yaml
# expected pass, got invariants
# again: mtsim check models/b-wrong.yaml
not ok 3 - models/c<&>.yaml
# expected deadlock, got invariants
# again: mtsim check 'models/c<&>.yaml'
ok 4 - models/d-none.yaml # SKIP it has no expect
not ok 5 - models/e-error.yaml
# it is no valid model
# models/e-error.yaml:1:22: error: duplicate key 't': the first is on line 1
#     1 | threads: {t: [pass], t: [pass]}
#       |                      ^
not ok 6 - models/f-outcomes.yaml
# other outcomes than expected
# no schedule ends in: g=7
# again: mtsim check models/f-outcomes.yaml
# 1 passed, 3 failed, 1 skipped, 1 in error
'''

tap = run('test', 'models')
equal('TAP in a pipe', tap.stdout, EXPECTED_TAP)
equal('status 1', tap.returncode, 1)
for jobs in '1', '2', '7', '256':
    equal(f'the same bytes with {jobs} jobs', run('test', 'models', '--jobs', jobs).stdout, EXPECTED_TAP)

summary = run('test', 'models', '--format', 'summary').stdout.splitlines()
equal('the summary tells what did not pass', [line for line in summary if not line.startswith(' ')],
      ['FAIL models/b-wrong.yaml', 'FAIL models/c<&>.yaml', 'skipped models/d-none.yaml', 'ERROR models/e-error.yaml',
       'FAIL models/f-outcomes.yaml', '1 passed, 3 failed, 1 skipped, 1 in error'])

junit = run('test', 'models', '--format', 'junit', '-o', 'out.xml')
suite = tree.parse(scratch('out.xml')).getroot().find('testsuite')
equal('JUnit counts', {k: suite.get(k) for k in ('tests', 'failures', 'errors', 'skipped')},
      {'tests': '6', 'failures': '3', 'errors': '1', 'skipped': '1'})
cases = {case.get('name'): [(child.tag, child.get('message'), child.get('type')) for child in case] for case in suite}
equal('JUnit cases', cases, {
    'a good.yaml': [],
    'b-wrong.yaml': [('failure', 'expected pass, got invariants', 'expect')],
    'c<&>.yaml': [('failure', 'expected deadlock, got invariants', 'expect')],
    'd-none.yaml': [('skipped', 'it has no expect', None)],
    'e-error.yaml': [('error', 'it is no valid model', 'model')],
    'f-outcomes.yaml': [('failure', 'other outcomes than expected', 'expect')]})
equal('with -o standard output has the summary', junit.stdout.splitlines(), summary)
equal('JUnit on standard output is the same', run('test', 'models', '--format', 'junit').stdout, open(scratch('out.xml')).read())
equal('no file is left half written', run('test', 'models', '-o', 'no/such/folder.xml').returncode, 2)

for name, plain, by_kind in ('a good.yaml', 0, 0), ('b-wrong.yaml', 1, 1), ('e-error.yaml', 1, 2), ('d-none.yaml', 0, 0):
    equal(f'status of {name}', run('test', 'models/' + name).returncode, plain)
    equal(f'status of {name} by kind', run('test', '--exit-by-kind', 'models/' + name).returncode, by_kind)
equal('an error outweighs a failure', run('test', '--exit-by-kind', 'models').returncode, 2)
bounded = run('test', '--exit-by-kind', '--time-limit', '0.01', 'bounded')
equal('a search that was cut is incomplete', (bounded.returncode, 'expected pass, got incomplete (time)' in bounded.stdout), (3, True))
for arguments in (['--format', 'xml', 'models'], ['--jobs', '-1', 'models'], ['--jobs', '257', 'models'], []):
    equal(f'usage: {arguments}', run('test', *arguments).returncode, 2)
empty = run('test', path('docs'))
check('a folder without models passes for nothing', empty.returncode == 2 and 'no model' in empty.stderr, empty.stderr)
done()

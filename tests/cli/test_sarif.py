#!/usr/bin/env python3
"""mtsim lint --format sarif: what SARIF 2.1.0 (OASIS, 2020) requires of a log, and the same findings as in gcc's form."""
import glob, json, re, urllib.parse
from harness import done, equal, path, run, scratch


def problems(log):
    """What breaks sections 3.13 to 3.30 of the standard, as far as this tool writes them."""
    if log.get('version') != '2.1.0' or not isinstance(log.get('runs'), list):
        return ['version or runs (3.13)']
    found = []
    for one in log['runs']:
        driver = one.get('tool', {}).get('driver', {})
        rules = driver.get('rules', [])
        if not driver.get('name'):
            found.append('tool.driver.name (3.19.8)')
        if one.get('columnKind') not in (None, 'utf16CodeUnits', 'unicodeCodePoints'):
            found.append('columnKind (3.14.17)')
        if any(not isinstance(i.get('executionSuccessful'), bool) for i in one.get('invocations', [])):
            found.append('executionSuccessful (3.20.14)')
        if len({rule['id'] for rule in rules}) != len(rules):
            found.append('rule ids are unique (3.49.3)')
        for result in one['results']:
            if not result['message'].get('text'):
                found.append('message.text (3.27.11)')
            if result['level'] not in ('none', 'note', 'warning', 'error'):
                found.append('level (3.27.10)')
            if rules[result['ruleIndex']]['id'] != result['ruleId']:
                found.append('ruleIndex (3.27.6)')
            for location in result['locations']:
                place = location['physicalLocation']
                uri = place['artifactLocation']['uri']
                if re.search(r"[^\w.~:/?#\[\]@!$&'()*+,;=%-]", uri, re.ASCII):
                    found.append(f'uri {uri} (3.4.3)')
                region = place.get('region', {'startLine': 1, 'startColumn': 1, 'endColumn': 1})
                if region['startLine'] < 1 or not 1 <= region['startColumn'] <= region['endColumn']:
                    found.append(f'region {region} (3.30)')
    return found


def as_gcc(result):
    place = result['locations'][0]['physicalLocation']
    region = place.get('region')
    where = f":{region['startLine']}:{region['startColumn']}" if region else ''
    return urllib.parse.unquote(place['artifactLocation']['uri']) + where + ': ' + result['level'] + ': ' + result['message']['text']


bad = sorted(glob.glob('tests/errors/*.yaml', root_dir=path()))
one = run('lint', '--format', 'sarif', *bad, cwd=path())
log = json.loads(one.stdout)
equal('status', one.returncode, 2)
equal('what the standard requires', problems(log), [])
gcc = [re.sub(r' \[(.*)\]$', r' (\1)', line) for line in run('lint', '--format', 'gcc', *bad, cwd=path()).stdout.splitlines()]
equal('the findings of gcc\'s form', [as_gcc(r) for r in log['runs'][0]['results']], gcc)

past = []
for result in log['runs'][0]['results']:
    place = result['locations'][0]['physicalLocation']
    if 'region' in place:
        lines = re.split(r'\r\n|[\n\r\x85\u2028\u2029]', open(path(urllib.parse.unquote(place['artifactLocation']['uri'])), encoding='utf-8', newline='').read())
        if place['region']['endColumn'] > len(lines[place['region']['startLine'] - 1]) + 2: # a missing character may be pointed at
            past.append(as_gcc(result))
equal('no region ends past its line', past, [])

scratch('中文 #1.yaml', 'threads: {t: [{lok: m}]}\n')
odd = json.loads(run('lint', '--format', 'sarif', '中文 #1.yaml').stdout)
equal('a path as a URI', odd['runs'][0]['results'][0]['locations'][0]['physicalLocation']['artifactLocation']['uri'],
      '%E4%B8%AD%E6%96%87%20%231.yaml')
fine = run('lint', '--format', 'sarif', path('models', 'race.yaml'))
equal('nothing to find', (fine.returncode, json.loads(fine.stdout)['runs'][0]['results']), (0, []))
lost = run('lint', '--format', 'sarif', 'nowhere.yaml')
equal('an unreadable model', (lost.returncode, json.loads(lost.stdout)['runs'][0]['invocations']), (2, [{'executionSuccessful': False}]))
equal('usage', run('lint', '--format', 'json', 'nowhere.yaml').returncode, 2)
done()

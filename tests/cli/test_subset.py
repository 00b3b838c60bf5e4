#!/usr/bin/env python3
"""What 200 simulated runs of each bundled model end in is among what `outcomes` finds, by the model's exact set.

compare puts the two beside each other: a row that is not reachable but was simulated is a surprise, in
either reckoning of time. A run that is cut, since somebody spins for ever, has come to no outcome.
"""
import glob, json
from harness import check, done, path, run

# millions of rounds: their number is a param
SMALLER = {'seed/race.yaml': ['-p', 'n=3'], 'seed/mutex.yaml': ['-p', 'n=3']}
for name in sorted(glob.glob(path('models', '*.yaml')) + glob.glob(path('models', 'seed', '*.yaml'))):
    short = name.split('/models/')[1]
    for time in ('abstract', 'virtual'):
        got = run('compare', name, *SMALLER.get(short, []), '--time', time, '--runs', '200', '--real-runs', '0', '--seed', '1', '--max-states', '30000', '--json')
        rows = json.loads(got.stdout)['outcomes'] if got.stdout.startswith('{') else []
        if not check(f'{short}, {time} time: all outcomes are found', any(row['reachable'] for row in rows), got.stdout + got.stderr):
            continue
        surprises = [row['outcome'] for row in rows if row['simulated'] and not row['reachable'] and row['outcome'] != '(not ended)']
        check(f'{short}, {time} time: {sum(row["simulated"] > 0 for row in rows)} of {len(rows)} outcomes simulated', not surprises, surprises)
done()

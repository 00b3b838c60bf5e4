#!/usr/bin/env python3
"""mtsim schema: every bundled model fits; of the bad models, those with an error of structure must not.

schema.expected names those of tests/errors/ that the schema must refuse. The others have errors that it can't see: a name
that is declared nowhere, a type, an expression. --update adds what it has come to refuse.
"""
import glob, json, os, sys
from harness import check, done, equal, path, run, skip_all

try:
    import jsonschema, yaml
except ImportError as missing:
    skip_all(f'{missing.name} is not installed (Debian: python3-jsonschema, python3-yaml)')

schema = json.loads(run('schema').stdout)
jsonschema.Draft7Validator.check_schema(schema)
check('a valid JSON Schema of draft 7', True)
validator = jsonschema.Draft7Validator(schema)


class Loader(yaml.SafeLoader):
    """Keys are texts, and so are dates and the like; duplicate keys are left to mtsim."""

    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag.rpartition(':')[2] in ('bool', 'int', 'float', 'null', 'merge')]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def errors(file):
    """What the schema says against the model; None: it is no YAML that could be looked at."""
    try:
        with open(file, encoding='utf-8') as f:
            return [f'{"/".join(map(str, e.absolute_path))}: {e.message[:200]}' for e in validator.iter_errors(yaml.load(f, Loader))]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, TypeError):
        return None


for file in sorted(glob.glob(path('models', '**', '*.yaml'), recursive=True)):
    equal(os.path.relpath(file, path()), errors(file), [])

# The shapes of a bad model are seen before the meaning: what the schema refuses, mtsim refuses too.
refused, unreadable, fitting = [], [], []
for file in sorted(glob.glob(path('tests', 'errors', '*.yaml'))):
    name = os.path.basename(file)[:-len('.yaml')]
    found = errors(file)
    (unreadable if found is None else refused if found else fitting).append(name)
    if found:
        check(f'{name}: mtsim refuses it too', run('lint', file).returncode == 2, '\n'.join(found))
ledger = path('tests', 'cli', 'schema.expected')
if '--update' in sys.argv:
    with open(ledger, 'w', encoding='utf-8') as f:
        f.write('\n'.join(refused) + '\n')
with open(ledger, encoding='utf-8') as f:
    equal('all errors of structure are seen', sorted(set(f.read().split()) - set(refused)), [])
print(f'# of {len(refused + unreadable + fitting)} bad models {len(refused)} are refused, {len(unreadable)} are no YAML, '
      f'{len(fitting)} have errors of meaning')

for what, model in {
    'a misspelt step': {'threads': {'t': [{'lok': 'm'}]}},
    'two operations': {'threads': {'t': [{'lock': 'm', 'unlock': 'm'}]}},
    'a modifier of another step': {'threads': {'t': [{'set': 'e', 'timeout': 1}]}},
    'a missing modifier': {'threads': {'t': [{'while': 'x'}]}},
    'a statement that is none': {'threads': {'t': ['frobnicate(3)']}},
    'an unknown verdict': {'threads': {'t': ['pass']}, 'expect': 'fine'},
    'an unknown level': {'threads': {'t': ['pass']}, 'properties': {'deadlock': 'never'}},
    'a barrier without its parties': {'threads': {'t': ['pass']}, 'barriers': ['b']},
    'no task': {'title': 'nothing'},
    'a word as a name': {'threads': {'t': ['pass']}, 'globals': {'self': 1}},
}.items():
    check(f'refused: {what}', not validator.is_valid(model))
done()

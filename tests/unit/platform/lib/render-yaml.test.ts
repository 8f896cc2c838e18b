import { assert, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderYaml } from '../../../../platform/lib/render-yaml.ts';

test('readers of YAML 1.1 and 1.2 find what was rendered, whatever it is', () => {
  assert(
    property(jsonValue(), string({ unit: 'binary' }), (value, text) => {
      // JSON has no negative zero.
      const given = JSON.parse(JSON.stringify({ value, text, [`k${text}`]: [[text], { text }] }));
      for (const version of ['1.1', '1.2'] as const)
        expect(parse(renderYaml(given), { version })).toEqual(given);
    }),
  );
});

test.for([
  'yes',
  'no',
  'on',
  'y',
  'null',
  '~',
  '1e3',
  '0x1f',
  '012',
  '',
  ' a',
  'a: b',
  '- a',
  '#',
  '\u007f',
  '.inf',
  '1:30',
  'e0',
  'E-5',
])('the text %j stays a text', (text) => {
  for (const version of ['1.1', '1.2'] as const)
    expect(parse(renderYaml({ [text]: text, list: [text] }), { version })).toEqual({
      [text]: text,
      list: [text],
    });
});

test('lists and what they hold are indented, and what is undefined is left out', () => {
  const value = { kind: 'Job', none: undefined, args: ['run', '3', { a: 1, b: [] }], empty: {} };
  expect(renderYaml(value)).toBe(
    'kind: Job\nargs:\n  - run\n  - "3"\n  - a: 1\n    b: []\nempty: {}\n',
  );
});

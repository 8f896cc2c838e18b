import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { parseVersioned } from '../../../../platform/lib/parse-versioned.ts';

const schema = Type.Object({ version: Type.Literal(1), name: Type.String() });

test('a file of the known version is parsed', () => {
  expect(parseVersioned('{"version":1,"name":"a"}', schema, 'a.json')).toEqual({
    ...{ version: 1, name: 'a' },
  });
});

test.each([99, 0, 2.5])('one of version %d is named as such, whatever else it holds', (version) => {
  expect(() => parseVersioned(`{"version":${version}}`, schema, 'a.json')).toThrow(
    `a.json is not valid: its version is ${version}, and this Mainstem reads version 1`,
  );
});

test.each(['{}', '[]', 'null', '3', '{"version":"1","name":"a"}', '{"version":1}', '{'])(
  'what has no version, or is wrong otherwise, is not valid: %s',
  (text) => {
    expect(() => parseVersioned(text, schema, 'a.json')).toThrow(
      expect.objectContaining({ code: 'JSON_INVALID' }),
    );
  },
);

test.each([
  ['{"version":2,"name":"a"}', Type.Object({ name: Type.String() })],
  ['{"version":"v2"}', Type.Object({ version: Type.String() })],
  ['[{"version":2}]', Type.Array(Type.Object({ version: Type.Literal(2) }))],
] as const)('a schema without a version of its own reads any: %s', (text, other) => {
  expect(parseVersioned(text, other, 'a.json')).toEqual(JSON.parse(text));
});

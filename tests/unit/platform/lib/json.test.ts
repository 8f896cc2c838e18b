import fc from 'fast-check';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../../platform/lib/canonical-json.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { parseJson, parseValue } from '../../../../platform/lib/json.ts';

const plain = fc.jsonValue({ maxDepth: 3 });

test('canonical JSON parses back to the same value', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('canonical JSON does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), plain), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(digestJson(reversed)).toBe(digestJson(value));
    }),
  );
});

test('canonical JSON leaves out undefined members and rejects what JSON cannot represent', () => {
  expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
  expect(() => canonicalJson({ loss: Number.NaN })).toThrow(TypeError);
});

test('a value that violates its schema is rejected with the place', () => {
  const schema = Type.Object({ epochs: Type.Array(Type.Integer()) });
  expect(parseValue({ epochs: [1, 2] }, schema, 'x.json')).toEqual({ epochs: [1, 2] });
  expect(() => parseValue({ epochs: [1, 'two'] }, schema, 'x.json')).toThrow('/epochs/1');
});

test('text that is not JSON is rejected with the name of the file', () => {
  try {
    parseJson('{ oops', Type.Unknown(), 'data.lock.json');
    expect.unreachable();
  } catch (error) {
    expect(isMainstemError(error, 'JSON_INVALID')).toBe(true);
    expect(String(error)).toContain('data.lock.json');
  }
});

test.each([
  ['{"epochs": 5,\n"epochs": 7}', 'the key "epochs" is there twice, on the lines 1 and 2'],
  ['{"datasets": {"a": {}, "a": {}}}', 'the key "a" is there twice, on line 1'],
  ['{"learningRate": 1e400}', 'the number 1e400 is beyond 1.8e308'],
  ['[1, {"a": [-1E+999]}]', 'the number -1E+999 is beyond'],
  [`[${'9'.repeat(400)}]`, `the number ${'9'.repeat(39)}… is beyond`],
  ['\ufeff{}', 'byte order mark'],
  [Buffer.from('\ufeff{"a": 1}', 'utf16le').toString(), 'UTF-16'],
  [Buffer.from('{"a": 1}', 'utf16le').toString(), 'UTF-16'],
])('%j is rejected in words that say what to change', (text, words) => {
  expect(() => parseJson(text, Type.Unknown(), 'params.json')).toThrow(words);
});

test('text that looks like numbers beyond all is only text, and the largest number is one', () => {
  const held = ['1e400', { key: `${'9'.repeat(400)}`, least: 1e-308, most: 1.7e308 }];
  expect(parseJson(JSON.stringify(held), Type.Unknown(), 'a.json')).toEqual(held);
});

test('keys that every object has of itself are keys like others, beside large exponents too', () => {
  const keys = ['toString', 'valueOf', 'toJSON', 'constructor', '__proto__', 'hasOwnProperty'];
  for (const key of keys) {
    const text = `{"${key}": {"${key}": 1e100, "text": "a1e400"}}`;
    const [[name, inner] = []] = Object.entries(Object(parseJson(text, Type.Unknown(), 'a.json')));
    expect([name, Object.entries(Object(inner))[0]]).toEqual([key, [key, 1e100]]);
    expect(() => parseJson(`{"${key}": [1e400]}`, Type.Unknown(), 'a.json')).toThrow(/1e400/);
  }
});

test('the first wrong place is found at once, however many others follow', () => {
  const schema = Type.Union([Type.Object({}), Type.Array(Type.Object({}))]);
  const began = performance.now();
  expect(() => parseValue(Array(1_000_000).fill(1), schema, 'the body')).toThrow('the body');
  expect(performance.now() - began).toBeLessThan(500);
});

test('the place is named wherever the only fault is', () => {
  const schema = Type.Record(Type.String(), Type.Array(Type.Integer()));
  const at = fc.record({ row: fc.nat(2000), column: fc.nat(200) });
  fc.assert(
    fc.property(at, ({ row, column }) => {
      const lists = Array.from({ length: 201 }, (_, index) =>
        index === column ? [...Array(row).fill(1), 0.5] : [1],
      );
      const value = Object.fromEntries(lists.map((list, index) => [`c${index}`, list]));
      expect(() => parseValue(value, schema, 'x')).toThrow(`/c${column}/${row}`);
    }),
    { numRuns: 20 },
  );
});

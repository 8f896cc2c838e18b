import { expect, test } from 'vitest';
import { parseKeysFile } from '../../../../platform/schemas/keys-file.ts';
import { makeKey } from '../../../helpers/access-keys.ts';

const first = makeKey('one').entry;
const second = makeKey('two', { expiresAt: '2027-01-31', rate: 60 }).entry;
const parse = (...keys: object[]) =>
  parseKeysFile(JSON.stringify({ version: 1, keys }), 'keys.json');

test('a file of keys is read', () => {
  expect(parse(first, second).keys).toEqual([first, second]);
  expect(parse().keys).toEqual([]);
});

test.each<[string, object[], RegExp]>([
  ['two of one name', [first, { ...second, name: 'one' }], /two keys are called "one"/],
  ['one key twice', [first, { ...second, digest: first.digest }], /"two" is the same key/],
  ['a date that is none', [{ ...first, expiresAt: 'soon' }], /"one" expires at "soon"/],
  ['a scope that there is not', [{ ...first, scopes: ['root'] }], /scopes/],
  ['no scope', [{ ...first, scopes: [] }], /scopes/],
  ['a key in the place of its digest', [{ ...first, digest: makeKey('x').text }], /digest/],
  ['a name that a label cannot hold', [{ ...first, name: 'a"b' }], /name/],
  ['a name like that of all tokens', [{ ...first, name: 'JWT' }], /name/],
  ['a rate of nothing', [{ ...first, rate: 0 }], /rate/],
  ['a misspelt field', [{ ...first, expires: null }], /expires/],
])('%s is refused', (_, keys, message) => {
  expect(() => parse(...keys)).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }));
  expect(() => parse(...keys)).toThrow(message);
});

test('no key is shown where one stands in the place of its digest', () => {
  const { text } = makeKey('x');
  expect(() => parse({ ...first, digest: text })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(text) }),
  );
});

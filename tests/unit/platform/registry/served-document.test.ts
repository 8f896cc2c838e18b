import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  parsePrivateKey,
  parsePublicKey,
  readServed,
  type ServedDocument,
  sequenceOf,
  servedKey,
  servedPrefix,
  signServed,
} from '../../../../platform/registry/served-document.ts';

const makePair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: parsePrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    line: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
};
const pair = makePair();
const path = 'models/gourds/production.json';
const document = {
  ...{ branch: 'main', sequence: 7, commit: 'c'.repeat(40) },
  files: new Map([[path, Buffer.from('{"ü": 1}\n')]]),
};
const signed = (content: ServedDocument, privateKey = pair.privateKey) =>
  Buffer.from(signServed(content, privateKey));
const bytes = signed(document);
const expected = { key: 'k', branch: 'main', sequence: 7, publicKey: parsePublicKey(pair.pem) };

test('what was signed is read with the public key, in PEM or in one line', () => {
  for (const publicKey of [pair.pem, pair.line].map(parsePublicKey))
    expect(readServed(bytes, { ...expected, publicKey })).toEqual(document);
});

test.each([
  ['by another key', signed(document, makePair().privateKey), expected],
  ['changed', Buffer.from(bytes.toString().replace('models/gourds', 'models/pourds')), expected],
  ['with something behind it', Buffer.concat([bytes, Buffer.from(' ')]), expected],
  ['of another branch', bytes, { ...expected, branch: 'other' }],
  ['under a greater number', bytes, { ...expected, sequence: 8 }],
  ['that is empty', Buffer.from(''), expected],
  ['that is JSON', Buffer.from('{"version":1,"payload":"x","signature":"y"}'), expected],
  ['of 20 MB of lists', Buffer.from(`[${'[],'.repeat(7_000_000)}[]]`), expected],
  ['with a signature of nothing', bytes.subarray(0, 89), expected],
  [
    'with a path outside',
    signed({ ...document, files: new Map([['models/../x.json', Buffer.from('')]]) }),
    expected,
  ],
  [
    'with a file that is not a pointer',
    signed({ ...document, files: new Map([['package.json', Buffer.from('')]]) }),
    expected,
  ],
])('a document %s is not followed', (_, given, wanted) => {
  const read = () => readServed(given, wanted);
  expect(read).toThrow(expect.objectContaining({ code: 'FOLLOW_UNSIGNED' }));
});

test('a key of another kind, and what is not a key, is refused', () => {
  const { publicKey } = generateKeyPairSync('x25519');
  const other = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const [key, reason] of [
    [other, 'is of the kind x25519'],
    ['nonsense', 'cannot be read'],
    ['', 'cannot be read'],
  ] as const)
    expect(() => parsePublicKey(key)).toThrow(reason);
  expect(() => parsePrivateKey('nonsense')).toThrow('cannot be read');
});

test('keys of one branch sort by their numbers, and are those of no other branch', () => {
  expect(servedKey('main', 1_764_252_000_000)).toBe('serving/main.001764252000000.signed');
  expect(sequenceOf('main', servedKey('main', 12))).toBe(12);
  for (const key of [
    'serving/main.signed',
    'serving/main.12.signed',
    'serving/main.000000000000012.json',
    servedKey('main-2', 1),
    'x',
  ])
    expect(sequenceOf('main', key)).toBeNull();
  for (const branch of ['release/1', 'Main', 'a.b', 'ü', 'a'.repeat(90)])
    expect(servedPrefix(branch)).toMatch(/^serving\/[0-9a-f]{40}\.$/);
});

import { expect, test } from 'vitest';
import {
  findPointers,
  namedRecords,
  type TreeEntry,
} from '../../../../platform/registry/served-files.ts';

const plain = { mode: '100644', id: 'a'.repeat(40) };
const commit = 'c'.repeat(40);
const tree = (entries: Readonly<Record<string, TreeEntry>>) => new Map(Object.entries(entries));
const production = 'models/gourds/production.json';
const pointerTo = (run: string) =>
  Buffer.from(
    JSON.stringify({
      ...{ version: 1, model: 'gourds', run, gates: [], champion: null },
      ...{ record: `sha256:${'0'.repeat(64)}`, onnx: `sha256:${'1'.repeat(64)}` },
    }),
  );

test('pointers of production, canary and shadow are read, and nothing beside them', () => {
  const entries = tree({
    [production]: plain,
    'models/gourds/canary.json': plain,
    'models/gourds/shadow.json': plain,
    'models/gourds/staging.json': plain,
    'models/gourds/records/0123456789ab.json': plain,
    'models/gourds/records/production.json': plain,
    'models/README.md': plain,
  });
  expect([...findPointers(entries, commit).keys()]).toEqual([
    production,
    'models/gourds/canary.json',
    'models/gourds/shadow.json',
  ]);
});

test.each([
  ['models/../production.json', plain, 'is not a path of a model'],
  ['models/./production.json', plain, 'is not a path of a model'],
  ['models/.git/production.json', plain, 'is not a path of a model'],
  ['models/..\\..\\x/production.json', plain, 'is not a path of a model'],
  ['models/C:/production.json', plain, 'is not a path of a model'],
  ['models/a\nb/production.json', plain, 'is not a path of a model'],
  ['models/x/production.json', { ...plain, mode: '120000' }, 'is a symbolic link'],
  ['models/x/canary.json', { ...plain, mode: '160000' }, 'is another repository'],
  ['models/x/shadow.json', { ...plain, mode: '040000' }, 'is an entry of mode 040000'],
])('%j is refused with its commit', (path, entry, reason) => {
  const find = () => findPointers(tree({ [production]: plain, [path]: entry }), commit);
  expect(find).toThrow(expect.objectContaining({ code: 'FOLLOW_REFUSED' }));
  expect(find).toThrow(reason);
});

test('a commit without a model in production is refused: rather a folder was lost', () => {
  const find = () => findPointers(tree({ 'models/gourds/canary.json': plain }), commit);
  expect(find).toThrow('it has no models/<name>/production.json');
});

test('only the records that pointers name are read; a pointer that cannot be read names none', () => {
  const record = 'models/gourds/records/0123456789ab.json';
  const entries = tree({ [record]: plain, 'models/gourds/records/bbbbbbbbbbbb.json': plain });
  const named = (bytes: Uint8Array) => [
    ...namedRecords(new Map([[production, bytes]]), entries, commit).keys(),
  ];
  expect(named(pointerTo('0123456789ab'))).toEqual([record]);
  expect(named(pointerTo('cccccccccccc'))).toEqual([]);
  expect(named(pointerTo('../../../etc'))).toEqual([]);
  expect(named(Buffer.from('{'))).toEqual([]);
  expect(named(Buffer.from([0xff, 0xfe]))).toEqual([]);
});

test('a record that is a symbolic link is refused with its commit', () => {
  const record = 'models/gourds/records/0123456789ab.json';
  const entries = tree({ [record]: { ...plain, mode: '120000' } });
  const pointers = new Map([[production, pointerTo('0123456789ab')]]);
  expect(() => namedRecords(pointers, entries, commit)).toThrow(`${record} is a symbolic link`);
});

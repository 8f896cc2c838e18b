import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestBytes } from '../../../../../platform/lib/hash.ts';
import { joinEntries } from '../../../../../platform/storage/lock/join-entries.ts';
import { joinLines } from '../../../../../platform/storage/lock/join-lines.ts';

type Files = Readonly<Record<string, string>>;
const entriesOf = (files: Files) =>
  Object.entries(files)
    .map(([path, content]) => ({ path, digest: digestBytes(content), bytes: content.length }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
const joinFiles = (base: Files, ours: Files, theirs: Files) =>
  joinEntries({ base: entriesOf(base), ours: entriesOf(ours), theirs: entriesOf(theirs) });

describe('files', () => {
  test('what either side added, changed or removed is taken', () => {
    const base = { same: '1', changed: '2', removed: '3' };
    const ours = { same: '1', changed: '2', removed: '3', added: '4' };
    const theirs = { same: '1', changed: '20', new: '5' };
    expect(joinFiles(base, ours, theirs)).toEqual({
      entries: entriesOf({ same: '1', changed: '20', added: '4', new: '5' }),
      disputed: [],
    });
  });

  test('what both sides changed differently is disputed, also if one removed it', () => {
    const { entries, disputed } = joinFiles(
      { a: '1', b: '1' },
      { a: '2', c: 'x' },
      { a: '3', b: '2', c: 'y' },
    );
    expect(entries).toEqual([]);
    expect(disputed.map(({ ours, theirs }) => (ours ?? theirs)?.path)).toEqual(['a', 'b', 'c']);
  });

  const files = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'));

  test('a side that changed nothing takes the other as it is; order of sides makes no difference', () => {
    fc.assert(
      fc.property(files, files, files, (base, ours, theirs) => {
        expect(joinFiles(base, base, theirs)).toEqual({
          entries: entriesOf(theirs),
          disputed: [],
        });
        const [one, other] = [joinFiles(base, ours, theirs), joinFiles(base, theirs, ours)];
        expect(one.entries).toEqual(other.entries);
        expect(one.disputed.length).toBe(other.disputed.length);
      }),
    );
  });
});

describe('rows', () => {
  const csv = (...rows: readonly string[]) =>
    ['file,tree', ...rows].map((row) => `${row}\n`).join('');

  test('added, changed and removed rows of both sides are joined', () => {
    const base = csv('1,a', '2,b', '3,c');
    const joined = joinLines({
      base,
      ours: csv('1,a', '2,b', '3,c', '4,d'),
      theirs: csv('1,z', '3,c', '5,e'),
    });
    expect(joined).toBe(csv('3,c', '4,d', '1,z', '5,e'));
  });

  test('a row that both sides added is there once, and rows that repeat are kept', () => {
    const base = csv('1,a', '1,a');
    expect(joinLines({ base, ours: `${base}2,b\n`, theirs: `${base}2,b\n3,c\n` })).toBe(
      csv('1,a', '1,a', '2,b', '3,c'),
    );
  });

  test('a row that both sides replaced, other columns and cells with line breaks are not joined', () => {
    const base = csv('1,a');
    expect(joinLines({ base, ours: csv('1,b'), theirs: csv('1,c') })).toBeNull();
    expect(joinLines({ base, ours: 'file,bush\n1,a\n', theirs: csv('1,c') })).toBeNull();
    expect(joinLines({ base, ours: csv('1,"a\nb"'), theirs: csv('1,c') })).toBeNull();
  });

  test('line ends and a byte order mark make no difference', () => {
    const ours = `\ufeff${csv('1,a', '2,b').replaceAll('\n', '\r\n')}`;
    expect(joinLines({ base: csv('1,a'), ours, theirs: csv('1,a', '3,c') })).toBe(
      csv('1,a', '2,b', '3,c'),
    );
  });
});

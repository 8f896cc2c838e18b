import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findUnknown, recogniseExamples } from '../../../pipeline/recognise-examples.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import type { PreparedRow, SplitName } from '../../../platform/schemas/index.ts';

/** A row of a table as people have it; `tree` is the thing that it belongs to. */
interface Row {
  readonly size: number;
  readonly note: string;
  readonly label: string;
  readonly tree: string;
}

const splits = ['train', 'validation', 'test'] as const;

/** The model takes the size alone. @param withTree whether the index says of each row what it belongs to */
function prepared(row: Row, split: SplitName, withTree = false): PreparedRow {
  const digest = digestJson({ ...row });
  return {
    ...{ id: digest, row: 1, digest, split, label: row.label, content: `size ${row.size}` },
    metadata: withTree ? { tree: row.tree } : {},
  };
}

function recognise(
  earlier: readonly PreparedRow[],
  present: readonly PreparedRow[],
  group?: string,
) {
  const asked = present.filter(({ split }) => split !== 'train');
  const both = { earlier, present, asked, group };
  const looks = new Map(present.map(({ digest, content }) => [digest, content]));
  const found = recogniseExamples(both, ['train', 'validation'], {
    ...{ unknown: findUnknown(both), looks },
  });
  const learnt = earlier.filter(({ split }) => split !== 'test').map(({ digest }) => digest);
  return { ...found, all: new Set([...learnt, ...found.group, ...found.content]) };
}

const row = (size: number, changed: Partial<Row> = {}): Row => ({
  ...{ size, note: `n${size}`, label: size % 2 === 0 ? 'even' : 'odd', tree: `tree ${size}` },
  ...changed,
});

const split = fc.constantFrom(...splits);
const change: fc.Arbitrary<Partial<Row>> = fc.constantFrom(
  {},
  { note: 'written again' },
  { label: 'corrected' },
  { note: 'both', label: 'corrected' },
);
const histories = fc.array(
  fc.record({ size: fc.nat(12), before: split, now: split, change, removed: fc.boolean() }),
  { maxLength: 40 },
);

describe('what a model has seen', () => {
  test('is never asked about, whatever else of the rows changed and wherever they went', () => {
    fc.assert(
      fc.property(histories, fc.array(split, { maxLength: 10 }), (history, added) => {
        const rows = history.map((one, at) => ({ ...one, row: row(one.size, { tree: `${at}` }) }));
        const earlier = rows.map((one) => prepared(one.row, one.before));
        const kept = rows.filter(({ removed }) => !removed);
        const now = kept.map((one) => prepared({ ...one.row, ...one.change }, one.now));
        const more = added.map((where, at) => prepared(row(at, { tree: `new ${at}` }), where));
        const { all } = recognise(earlier, [...now, ...more]);
        for (const [at, one] of kept.entries()) {
          const present = now[at];
          if (one.before !== 'test' && one.now !== 'train')
            expect(present && all.has(present.digest)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is everything of a thing of which it has seen something, in both versions', () => {
    const trees = fc.array(
      fc.record({ tree: fc.nat(8), before: split, changed: fc.boolean(), isNew: fc.boolean() }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(trees, fc.boolean(), (history, named) => {
        const rows = history.map((one, at) => ({ ...one, row: row(at, { tree: `t${one.tree}` }) }));
        const old = rows.filter(({ isNew }) => !isNew);
        const earlier = old.map((one) => prepared(one.row, one.before, named));
        const present = rows.map((one) =>
          prepared(one.changed ? { ...one.row, note: 'other' } : one.row, 'test', true),
        );
        const { all } = recognise(earlier, present, 'tree');
        const learnt = old.filter(
          ({ before, changed }) => before !== 'test' && (named || !changed),
        );
        const seen = new Set(learnt.map((one) => one.row.tree));
        for (const [at, one] of rows.entries()) {
          const digest = present[at]?.digest;
          if (seen.has(one.row.tree)) expect(digest && all.has(digest)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is not what was added beside it, even where rows look alike', () => {
    const earlier = [1, 1, 2, 2].map((size, at) =>
      prepared(row(size, { note: `${at}` }), at === 3 ? 'test' : 'train'),
    );
    const added = [1, 2, 3].map((size) => prepared(row(size, { note: 'new' }), 'test'));
    expect(recognise(earlier, [...earlier, ...added]).content).toEqual(new Set());
    // One of them has gone: any that looks like it may be it.
    const { content } = recognise(earlier, [...earlier.slice(1), ...added]);
    expect(content).toEqual(new Set([added[0]?.digest]));
  });

  test('is a copy with another cell of the one row that looks like it', () => {
    const earlier = [1, 2].map((size) => prepared(row(size), 'train'));
    const copy = prepared(row(1, { note: 'copied' }), 'test');
    expect(recognise(earlier, [...earlier, copy]).content).toEqual(new Set([copy.digest]));
  });

  test('cannot be told where an earlier version did not say how the rows look and some are gone', () => {
    const earlier = [1, 2, 3].map((size) => {
      const { content: _, ...one } = prepared(row(size), size === 3 ? 'test' : 'train');
      return one;
    });
    const other = prepared(row(9), 'test');
    expect(recognise(earlier, [...earlier, other]).content.size).toBe(0);
    expect(recognise(earlier, [...earlier.slice(1), other]).content.size).toBe(1);
    // What was tested then and is the same still is not learnt.
    expect(recognise(earlier, [...earlier.slice(1), other]).all.has(digestOf(earlier[2]))).toBe(
      false,
    );
  });

  test('is a photo that was stored in another format in its place', () => {
    const photo = (path: string, text: string): PreparedRow => ({
      ...{ id: path, digest: digestJson(text), split: 'test', label: 'good', content: text },
      metadata: {},
    });
    const earlier = [{ ...photo('good/a.png', 'pixels'), split: 'train' as const }];
    const present = [photo('good/a.jpeg', 'nearly the pixels'), photo('good/b.jpeg', 'others')];
    expect(recognise(earlier, present).content).toEqual(new Set([present[0]?.digest]));
    expect(recognise(earlier, [...earlier, ...present]).content.size).toBe(0);
  });
});

function digestOf(one: Pick<PreparedRow, 'digest'> | undefined): PreparedRow['digest'] {
  if (!one) throw new Error('there is no such row');
  return one.digest;
}

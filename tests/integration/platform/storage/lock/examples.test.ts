import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { DealtExample } from '../../../../../platform/schemas/index.ts';
import { openStore, pickPart, type Store } from '../../../../../platform/storage/index.ts';
import { buildExamples } from '../../../../../platform/storage/lock/examples.ts';
import { test } from '../../../../helpers/folder.ts';

const table = {
  label: 'kind',
  features: { x: { kind: 'number', missing: 0.05 }, colour: { kind: 'category', missing: 0.05 } },
} as const;
const split = { seed: 1, fractions: [0.6, 0.2, 0.2] } as const;

interface TableRow {
  readonly x: string;
  readonly colour: string;
  readonly kind: string;
}

const rowOf = fc.record({
  x: fc.oneof(fc.integer({ min: 0, max: 9 }).map(String), fc.constantFrom('', '1.5', '-2')),
  colour: fc.constantFrom('red', 'green', '', 'a\nb'),
  kind: fc.constantFrom('a', 'b'),
});
const rowsOf = fc.array(rowOf, { minLength: 1, maxLength: 30 });

function render(rows: readonly TableRow[]): string {
  const lines = rows.map(({ x, colour, kind }) => `${x},"${colour}",${kind}`);
  return ['x,colour,kind', ...lines, ''].join('\n');
}

async function read(
  store: Store,
  text: string,
  options: { group?: string; heldBack?: number } = {},
) {
  const bytes = new TextEncoder().encode(text);
  const { digest } = await store.put(bytes);
  const file = { path: 'rows.csv', digest, bytes: bytes.length };
  const dataset = { path: 'rows.csv', kind: 'table' } as const;
  return buildExamples(store, dataset, [file], { table, split: { ...split, ...options } });
}

/** What decides about training and testing: without the place in the file. */
function dealt(examples: readonly DealtExample[]) {
  return examples.map(({ row: _, ...example }) => example);
}

function splitsOf(examples: readonly DealtExample[]): Map<string, string> {
  return new Map(examples.map((example) => [JSON.stringify(example.metadata), example.split]));
}

describe('rows of a table', () => {
  test('in whatever order, they are the same examples in the same splits', async ({ folder }) => {
    const store = openStore(folder);
    const shuffled = rowsOf.chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([rows, others]) => {
        const before = await read(store, render(rows));
        expect(dealt(await read(store, render(others)))).toEqual(dealt(before));
        expect(new Set(before.map(({ id }) => id)).size).toBe(rows.length);
      }),
    );
  });

  test('adding and removing rows anywhere moves none of the others', async ({ folder }) => {
    const store = openStore(folder);
    const changed = fc.tuple(rowsOf, rowsOf, fc.infiniteStream(fc.boolean()));
    await fc.assert(
      fc.asyncProperty(changed, async ([rows, added, coin]) => {
        const before = splitsOf(await read(store, render(rows)));
        const kept = rows.filter(() => coin.next().value);
        const after = await read(store, render([...added, ...kept]));
        for (const [row, where] of splitsOf(after)) expect(before.get(row) ?? where).toBe(where);
      }),
    );
  });

  test('equal rows are in one split, so that the test never asks what training has seen', async ({
    folder,
  }) => {
    const store = openStore(folder);
    await fc.assert(
      fc.asyncProperty(rowsOf, async (rows) => {
        const examples = await read(store, render([...rows, ...rows]));
        const groups = Map.groupBy(examples, ({ digest }) => digest);
        for (const members of groups.values()) {
          expect(new Set(members.map((member) => member.split)).size).toBe(1);
        }
      }),
    );
  });

  test.for([
    ['another order of the columns', 'kind,colour,x\na,red,1\n'],
    ['decimals written out', 'x,colour,kind\n1.00,red,a\n'],
    ['blanks and quotes', ' x , "colour",kind\r\n 1 ," red" ,a\r'],
    ['a new column that has nothing for it', 'x,colour,kind,y\n1,red,a,\n'],
  ])('a row with %s is the same example', async ([, text], { folder }) => {
    const store = openStore(folder);
    const [before] = await read(store, 'x,colour,kind\n1,red,a\n');
    const [after] = await read(store, text ?? '');
    expect(after).toMatchObject({ id: before?.id, digest: before?.digest, split: before?.split });
  });

  test('long numbers that only differ in their last digit are different examples', async ({
    folder,
  }) => {
    const store = openStore(folder);
    const text = 'x,colour,kind\n12345678901234567890,,a\n12345678901234567891,,a\n';
    const digests = (await read(store, text)).map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(2);
  });

  test('with a key column, a corrected cell leaves a row where it was', async ({ folder }) => {
    const store = openStore(folder);
    const file = (x: (at: number) => number) =>
      ['x,colour,kind', ...Array.from({ length: 50 }, (_, at) => `${x(at)},key-${at},a`)].join(
        '\n',
      );
    const splits = async (text: string) =>
      (await read(store, text, { group: 'colour' })).map(({ group, split: dealtTo }) => [
        group,
        dealtTo,
      ]);
    const sorted = async (text: string) => (await splits(text)).sort();
    expect(await sorted(file((at) => at * 2))).toEqual(await sorted(file((at) => at)));
  });
});

test('a renamed photo stays in its split, and a copy of it comes into the same', async ({
  folder,
}) => {
  const store = openStore(folder);
  const put = async (path: string, content: string) => {
    const bytes = new TextEncoder().encode(content);
    return { path, digest: (await store.put(bytes)).digest, bytes: bytes.length };
  };
  const splits = async (names: readonly (readonly [path: string, content: string])[]) => {
    const files = await Promise.all(names.map(([path, content]) => put(path, content)));
    const dataset = { path: 'photos', kind: 'images' } as const;
    const examples = await buildExamples(store, dataset, files, { split });
    return new Map(examples.map((example) => [example.id, example.split]));
  };
  const contents = Array.from({ length: 30 }, (_, at) => `photo ${at}`);
  const before = await splits(contents.map((text, at) => [`a/${at}.jpg`, text]));
  const after = await splits(contents.map((text, at) => [`b/renamed-${at}.jpg`, text]));
  for (const at of contents.keys()) {
    expect(after.get(`b/renamed-${at}.jpg`)).toBe(before.get(`a/${at}.jpg`));
  }
  const copies = await splits([
    ['a/1.jpg', 'photo 1'],
    ['a/2.jpg', 'photo 1'],
  ]);
  expect(new Set(copies.values()).size).toBe(1);
});

test('holding examples back keeps groups together and moves no other example, and who asks gets one part or the other', async ({
  folder,
}) => {
  const store = openStore(folder);
  const options = { group: 'x' };
  await fc.assert(
    fc.asyncProperty(
      rowsOf,
      fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      async (rows, heldBack) => {
        const before = splitsOf(await read(store, render(rows), options));
        const all = await read(store, render(rows), { ...options, heldBack });
        const [open, held] = [pickPart(all), pickPart(all, 'heldBack')];
        expect(open.length + held.length).toBe(rows.length);
        for (const { metadata, split: part } of open) {
          expect(part).toBe(before.get(JSON.stringify(metadata)));
        }
        const groups = new Set(open.map(({ group }) => group));
        expect(held.filter(({ group }) => groups.has(group))).toEqual([]);
        expect(held.filter(({ split: part }) => part !== 'test')).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

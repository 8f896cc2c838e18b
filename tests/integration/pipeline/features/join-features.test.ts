import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { quoteText, withDatabase } from '../../../../pipeline/features/duckdb.ts';
import { buildSnapshot, joinFeatures } from '../../../../pipeline/features/index.ts';
import { openViews } from '../../../../platform/features/index.ts';
import { defineFeatures } from '../../../../platform/schemas/define/index.ts';
import { parseTableFile } from '../../../../platform/storage/index.ts';
import {
  answerNaively,
  type Features,
  histories,
  readCells,
  writeFileIn,
  writeHistory,
} from '../../../helpers/features.ts';
import { test } from '../../../helpers/folder.ts';

const joined = async (root: string, input: Features) => {
  const to = join(root, 'joined.csv');
  const done = await joinFeatures({ root, definition: defineFeatures(input), to, format: 'csv' });
  return { ...done, cells: await readCells(to) };
};

describe('for every history', () => {
  test('a row gets what was known when its question was asked, and nothing else', async ({
    folder,
  }) => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { cells, views } = await joined(folder, await writeHistory(folder, history));
        const expected = history.questions.map(({ entity, time }) =>
          answerNaively(history, { entity, known: time, time }),
        );
        expect(cells.map(({ number }) => number)).toEqual(expected.map((_, at) => String(at)));
        expect(cells.map(({ value }) => value)).toEqual(expected.map(({ value }) => value ?? ''));
        const count = (status: string) => expected.filter((one) => one.status === status).length;
        const [present, missing, expired] = ['present', 'missing', 'expired'].map(count);
        expect(views.facts).toEqual({ present, missing, expired });
      }),
      { numRuns: 80 },
    );
  });

  test('the server finds in a snapshot what the join finds at its moment, and later what still counts', async ({
    folder,
  }) => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 0, max: 90 }), async (history, minutes) => {
        const at = history.questions[0]?.time ?? 0;
        const questions = history.questions.map((one) => ({ ...one, time: at }));
        const input = await writeHistory(folder, { ...history, questions });
        const { cells } = await joined(folder, input);
        const definition = defineFeatures(input);
        const snapshot = await buildSnapshot({
          ...{ root: folder, project: 'any', definition, at: new Date(at) },
        });
        const [view] = openViews(snapshot);
        for (const [index, { entity }] of questions.entries()) {
          if (entity === '') continue;
          expect(view?.lookUp([entity], at).values[0] ?? '').toBe(cells[index]?.value);
          const time = at + minutes * 60_000;
          const { status, value } = answerNaively(history, { entity, known: at, time });
          const found = view?.lookUp([entity], time);
          expect([found?.status, found?.values[0] ?? null]).toEqual([status, value]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** A view of one source, with what a test changes. */
const plots = (changed: Partial<Features['views'][string]> = {}): Features => ({
  rows: { path: 'rows.csv', time: 'asked' },
  entities: { plot: ['farm', 'plot'] },
  views: {
    soil: {
      entity: 'plot',
      source: { path: 'soil.csv', time: 'at' },
      fields: ['moisture'],
      ...changed,
    },
  },
});

const rows = 'farm,plot,asked\nf1,2,2026-03-02\n f1 ,1,2026-03-02T00:00:00+00:00\nf11,,2026-03-02';
const soil = 'farm,plot,at,moisture\nf1,1,2026-03-01T23:00-01:00,0.30\nf1,2,2026-03-01,007';

test('an entity of two keys is found by both, blanks around a cell do not count, and text stays as it is', async ({
  folder,
}) => {
  await writeFileIn(folder, 'rows.csv', rows);
  await writeFileIn(folder, 'soil.csv', soil);
  const { cells } = await joined(folder, plots());
  expect(cells.map(({ moisture }) => moisture)).toEqual(['007', '0.30', '']);
});

test('the end of a time to live is part of it, to the microsecond', async ({ folder }) => {
  const asked = ['00:00:01', '00:00:01.000001'].map((time) => `f1,1,2026-03-02T${time}Z`);
  await writeFileIn(folder, 'rows.csv', ['farm,plot,asked', ...asked].join('\n'));
  await writeFileIn(folder, 'soil.csv', 'farm,plot,at,moisture\nf1,1,2026-03-02,wet');
  const { cells, views } = await joined(folder, plots({ ttl: '1s' }));
  expect(cells.map(({ moisture }) => moisture)).toEqual(['wet', '']);
  expect(views.soil).toEqual({ present: 1, missing: 0, expired: 1 });
});

test('rows that are thousands of years apart are found as those of one week, the last in the file of several at once', async ({
  folder,
}) => {
  const days = ['0001-01-02', '2026-03-01', '9999-12-30'];
  const asked = ['0001-01-01', '0001-01-03', '2026-02-28', '2026-03-01', '9999-12-31'];
  await writeFileIn(
    folder,
    'rows.csv',
    ['farm,plot,asked', ...asked.map((day) => `f1,1,${day}`)].join('\n'),
  );
  for (const times of [1, 40]) {
    const facts = Array.from({ length: times }, (_, row) =>
      days.map((day) => `f1,1,${day},${day} ${row}`),
    );
    const lines = ['farm,plot,at,moisture', ...facts.flat()];
    await writeFileIn(folder, 'soil.csv', lines.join('\n'));
    const { cells } = await joined(folder, plots());
    const [first, second, third] = days.map((day) => `${day} ${times - 1}`);
    expect(cells.map(({ moisture }) => moisture)).toEqual(['', first, first, second, third]);
  }
});

test('numbers, dates and times of Parquet are joined as the letters that a Parquet table has', async ({
  folder,
}) => {
  await writeFileIn(folder, 'rows.csv', 'farm,plot,asked\nf1,7,2026-03-02');
  const cells = [
    ...["'f1' AS farm", '7::BIGINT AS plot', "TIMESTAMP '2026-03-01 12:00' AS at"],
    ...['0.1::DOUBLE AS moisture', "DATE '2026-01-31' AS dug", 'true AS limed'],
    "TIMESTAMPTZ '2026-03-01 12:00:00+02:00' AS seen",
  ];
  const file = join(folder, 'soil.parquet');
  await withDatabase((database) =>
    database.run(`COPY (SELECT ${cells.join(', ')}) TO ${quoteText(file)} (FORMAT parquet)`),
  );
  const input = plots({
    source: { path: 'soil.parquet', time: 'at' },
    fields: ['moisture', 'dug', 'limed', 'seen'],
  });
  const { cells: joinedCells } = await joined(folder, input);
  const expected = await parseTableFile(await readFile(file), 'soil.parquet');
  for (const name of ['moisture', 'dug', 'limed', 'seen']) {
    expect(joinedCells[0]?.[name]).toBe(expected.text(0, expected.place(name)));
  }
  const definition = defineFeatures(input);
  const at = new Date('2026-03-02');
  const { views } = await buildSnapshot({ root: folder, project: 'any', definition, at });
  const [farm, plot, , ...values] = views.soil?.rows[0] ?? [];
  expect([farm, plot, ...values]).toEqual([
    'f1',
    '7',
    ...Object.values(joinedCells[0] ?? {}).slice(3),
  ]);
});

test('a table that is joined as Parquet has the cells of the one joined as CSV', async ({
  folder,
}) => {
  await writeFileIn(folder, 'rows.csv', rows);
  await writeFileIn(folder, 'soil.csv', soil);
  const { cells } = await joined(folder, plots());
  const to = join(folder, 'joined.parquet');
  const definition = defineFeatures(plots());
  await joinFeatures({ root: folder, definition, to, format: 'parquet' });
  const table = await parseTableFile(await readFile(to), 'joined.parquet');
  expect(cells).toEqual(
    Array.from({ length: table.rows }, (_, row) =>
      Object.fromEntries(table.columns.map((name, place) => [name, table.text(row, place)])),
    ),
  );
});

describe('a source that cannot be joined is named with the place', () => {
  test.for([
    [
      'a time that is none',
      { soil: 'farm,plot,at,moisture\nf1,1,3/4/2026,1' },
      'row 1: at is "3/4/2026"',
    ],
    [
      'a day of no calendar',
      { soil: 'farm,plot,at,moisture\nf1,1,2026-02-30,1' },
      'row 1: at is "2026-02-30"',
    ],
    ['no time', { rows: 'farm,plot,asked\nf1,1,2026-03-01\nf1,1,' }, 'row 2: asked is empty'],
    ['no key', { rows: 'farm,asked\nf1,2026-03-01' }, 'has no column "plot"'],
    ['no field', { soil: 'farm,plot,at\nf1,1,2026-03-01' }, 'has no column "moisture"'],
    [
      'an offset of no place',
      { soil: 'farm,plot,at,moisture\nf1,1,2026-03-01T00:00:00+25:00,1' },
      'row 1: at is "2026-03-01T00:00:00+25:00"',
    ],
    [
      'two columns of one name',
      { rows: 'farm,plot,asked,label,label\nf1,1,2026-03-01,a,2' },
      'the name "label" is already that of column 4',
    ],
    [
      'two columns of one name in a source',
      { soil: 'farm,plot,at,moisture,moisture\nf1,1,2026-03-01,1,2' },
      'the name "moisture" is already that of column 4',
    ],
    [
      'a cell too many',
      { soil: 'farm,plot,at,moisture\nf1,1,2026-03-01,1,9' },
      'the row has 5 cells, but the header names 4',
    ],
    [
      'a line before the header',
      { soil: 'sep=,\nfarm,plot,at,moisture\nf1,1,2026-03-01,1' },
      'line 2, column',
    ],
    [
      'an open quote',
      { soil: 'farm,plot,at,moisture\n"f1,1,2026-03-01,1' },
      'a quote opens here and is never closed',
    ],
    [
      'a quote in a cell',
      { soil: 'farm,plot,at,moisture\nf"1,1,2026-03-01,1' },
      'a quote stands inside a cell',
    ],
    [
      'a zero byte',
      { soil: 'farm,plot,at,moisture\nf\x001,1,2026-03-01,1' },
      'there are bytes that are not text',
    ],
    [
      'another separator',
      { soil: 'farm;plot;at;moisture\nf1;1;2026-03-01;1' },
      'the cells seem to be separated by',
    ],
    ['an empty file', { soil: '' }, 'the file is empty'],
    [
      'a field that is there',
      { rows: 'farm,plot,asked,moisture\nf1,1,2026-03-01,2' },
      'a column moisture',
    ],
  ] as const)('%s', async ([, files, reason], { folder }) => {
    for (const [name, text] of Object.entries({ rows, soil, ...files })) {
      await writeFileIn(folder, `${name}.csv`, text);
    }
    const failed = joined(folder, plots());
    await expect(failed).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(failed).rejects.toThrow(reason);
  });
});

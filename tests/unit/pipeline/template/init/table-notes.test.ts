import { expect, test } from 'vitest';
import { planTable } from '../../../../../pipeline/template/init/plan-table.ts';
import { surveyColumn } from '../../../../../pipeline/template/init/survey-table.ts';
import { tableOf } from '../../../../helpers/table.ts';

/** What `init` says of a table whose last column is the label. */
function notesOf(rows: readonly Record<string, string>[]): string {
  const table = tableOf(rows);
  const columns = table.columns.map((_, place) => surveyColumn(table, place));
  const label = columns.at(-1);
  if (!label) throw new Error('no columns');
  const survey = {
    kind: 'table' as const,
    rows: rows.length,
    label,
    columns: columns.slice(0, -1),
  };
  return planTable('data.csv', survey, 'tabular-classification').notes.join('\n');
}

const rows = (cell: (at: number) => string, name = 'x') =>
  Array.from({ length: 200 }, (_, at) => ({
    [name]: cell(at),
    mass: String(at * 1.5),
    kind: at % 2 ? 'a' : 'b',
  }));

test.for([
  ['a fifth are marks', (at: number) => (at % 5 ? String(at % 20) : '<5'), '160 of 200'],
  ['a quarter are infinite', (at: number) => (at % 4 ? String(at % 9) : 'inf'), '150 of 200'],
  [
    'a word stands for a gap',
    (at: number) => (at % 3 ? String(at % 7) : 'none seen'),
    '"none seen"',
  ],
] as const)('numbers of which %s are a category that is named as such', ([, cell, words]) => {
  expect(notesOf(rows(cell))).toContain(words);
  expect(notesOf(rows(cell))).toContain('Until then each text is a kind of thing');
});

test('few texts that are dates or amounts in a notation that is not read are named', () => {
  expect(notesOf(rows((at) => `2026-02-${25 + (at % 7)}`))).toContain(
    'dates of which some are in no',
  );
  expect(notesOf(rows((at) => `${at % 5} kg`))).toContain('numbers written as');
});

test('texts of which some happen to be numbers are a category without a word', () => {
  const notes = notesOf(rows((at) => ['3', 'A4', 'B5', 'C'][at % 4] ?? ''));
  expect(notes).not.toContain('kind of thing');
});

test('a first line that reads like a row is named', () => {
  const headless = Array.from({ length: 99 }, (_, at) => ({
    '1.5': `${at % 9}.${at}`,
    '2.5': `${at % 7}.${at}`,
    a: at % 2 ? 'a' : 'b',
  }));
  expect(notesOf(headless)).toContain('reads like a row');
});

test.for([
  ['years', { country: (at: number) => `land ${at % 9}`, 2019: String, 2020: String, kind: abc }],
  ['counted columns', { 0: String, 1: (at: number) => String(at * 2), 2: abc }],
  ['names', { mass: (at: number) => String(at ** 2), kind: abc }],
] as const)('a header of %s is one', ([, columns]) => {
  const made = Array.from({ length: 60 }, (_, at) =>
    Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, cell(at)])),
  );
  expect(notesOf(made)).not.toContain('reads like a row');
});

function abc(at: number): string {
  return ['a', 'b', 'c'][at % 3] ?? '';
}

test('classes that look the same in another alphabet are named', () => {
  const twins = rows(String).map((row, at) => ({ ...row, kind: ['a', 'а', 'b'][at % 3] ?? '' }));
  expect(notesOf(twins)).toContain('look like one class');
});

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { buildSnapshot, joinFeatures } from '../../../../pipeline/features/index.ts';
import { gatherSources } from '../../../../pipeline/operations/features/gather.ts';
import { openViews } from '../../../../platform/features/index.ts';
import { renderCsvLine } from '../../../../platform/lib/render-csv-line.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { defineFeatures } from '../../../../platform/schemas/define/index.ts';
import {
  answerNaively,
  type Features,
  type History,
  readCells,
  writeFileIn,
} from '../../../helpers/features.ts';
import { test } from '../../../helpers/folder.ts';
import { correction, keepLines, loggedAnswer } from '../../../helpers/kept-lines.ts';

const noon = Date.UTC(2026, 9, 25, 12);
const minute = 60_000;
const answersFile = '2026-10-25-1.jsonl';
const correctionsFile = '2026-10-25.jsonl';

const answers: Features['views'][string] = {
  entity: 'grower',
  source: { predictionLog: 'market', path: 'data/answers.csv', columns: { lastScore: 'score' } },
  fields: ['lastScore'],
};
const labels: Features['views'][string] = {
  entity: 'grower',
  source: { feedback: 'market', path: 'data/labels.csv', columns: { lastLabel: 'label' } },
  fields: ['lastLabel'],
};
const features = (views: Features['views']): Features => ({
  rows: { path: 'rows.csv', time: 'asked' },
  entities: { grower: ['grower'] },
  views,
});

const gather = (root: string, views: Features['views'], now = noon + 1e9) =>
  gatherSources({
    workspace: { root, reporter: silentReporter, signal: new AbortController().signal },
    definition: defineFeatures(features(views)),
    folders: {},
    now,
  });

/** What rows asked at some times about some growers are given. */
async function ask(root: string, views: Features['views'], asked: readonly [string, number][]) {
  const rows = asked.map(([who, at]) => renderCsvLine([who, new Date(at).toISOString()]));
  await writeFileIn(root, 'rows.csv', ['grower,asked', ...rows].join('\n'));
  const to = join(root, 'joined.csv');
  const definition = defineFeatures(features(views));
  await joinFeatures({ root, definition, to, format: 'csv' });
  return readCells(to);
}

const log = (root: string) => join(root, '.mainstem/predictions');
const feedback = (root: string) => join(root, '.mainstem/feedback');

test('an answer counts for questions after it was given, not for its own', async ({ folder }) => {
  await keepLines(log(folder), answersFile, [
    loggedAnswer(noon, { grower: 'g1' }, { ms: 250 }),
    loggedAnswer(noon + minute, { grower: 'g1' }, { score: 0.5, ms: 0 }),
  ]);
  await gather(folder, { answers });
  const cells = await ask(folder, { answers }, [
    ['g1', noon],
    ['g1', noon + 249],
    ['g1', noon + 250],
    ['g1', noon + minute],
    ['g1', noon + minute + 1],
    ['g2', noon + minute + 1],
  ]);
  expect(cells.map(({ lastScore }) => lastScore)).toEqual(['', '', '0.75', '0.75', '0.5', '']);
});

test('a label counts for questions after it was said, however old the answer is', async ({
  folder,
}) => {
  await keepLines(feedback(folder), correctionsFile, [correction(noon, { grower: 'g1' })]);
  await gather(folder, { labels });
  const cells = await ask(folder, { labels }, [
    ['g1', noon - 1],
    ['g1', noon],
    ['g1', noon + 1],
  ]);
  expect(cells.map(({ lastLabel }) => lastLabel)).toEqual(['', '', 'bad']);
});

test('what the sender of a label said beside it is looked up, and may be the key', async ({
  folder,
}) => {
  const lights: Features['views'][string] = {
    entity: 'grower',
    source: {
      ...{ feedback: 'market', path: 'data/lights.csv' },
      columns: { grower: 'slices.stand', lastLight: 'slices.light' },
    },
    fields: ['lastLight'],
  };
  await keepLines(feedback(folder), correctionsFile, [
    correction(noon, null, { slices: { stand: 'g1', light: 'evening' } }),
    correction(noon + 1, { grower: 'g2' }, { slices: { light: 'sun' } }),
    correction(noon + 2, { grower: 'g2' }),
  ]);
  expect(await gather(folder, { lights })).toMatchObject({ lights: { rows: 1, unkeyed: 2 } });
  const cells = await ask(folder, { lights }, [
    ['g1', noon + minute],
    ['g2', noon + minute],
  ]);
  expect(cells.map(({ lastLight }) => lastLight)).toEqual(['evening', '']);
});

test('what was gathered stays when the server removes it, and gathering twice changes nothing', async ({
  folder,
}) => {
  await keepLines(log(folder), answersFile, [loggedAnswer(noon, { grower: 'g1' })]);
  expect(await gather(folder, { answers })).toMatchObject({ answers: { rows: 1, added: 1 } });
  const before = await readFile(join(folder, 'data/answers.csv'), 'utf8');
  expect(await gather(folder, { answers })).toMatchObject({ answers: { rows: 1, added: 0 } });
  expect(await readFile(join(folder, 'data/answers.csv'), 'utf8')).toBe(before);
  await rm(join(log(folder), 'market', answersFile));
  await keepLines(log(folder), '2026-10-26-1.jsonl', [loggedAnswer(noon + 1, { grower: 'g2' })]);
  expect(await gather(folder, { answers })).toMatchObject({ answers: { rows: 2, added: 1 } });
  expect(await readFile(join(folder, 'data/answers.csv'), 'utf8')).toContain(before);
  await rm(log(folder), { recursive: true });
  expect(await gather(folder, { answers })).toMatchObject({ answers: { isFresh: false, rows: 2 } });
});

test('lines that are damaged, unfinished, without a key or of the future are left out and counted', async ({
  folder,
}) => {
  await keepLines(log(folder), answersFile, [
    loggedAnswer(noon, { grower: 'g1' }),
    '{"id":"torn","ind\n',
    loggedAnswer(noon + 1, null),
    loggedAnswer(noon + 2, { grower: ' ' }),
    loggedAnswer(noon + 3, { grower: 'g\0' }),
    loggedAnswer(noon + 9e8, { grower: 'g9' }),
    '{"id":"half',
  ]);
  await keepLines(feedback(folder), correctionsFile, [
    correction(noon, { grower: 'g1' }),
    correction(noon, null),
    correction(noon, { grower: 'g3' }, { at: 'yesterday' }),
    'not a line\n',
  ]);
  const counts = { rows: 1, added: 1 };
  expect(await gather(folder, { answers, labels }, noon + 1000)).toMatchObject({
    answers: { ...counts, damaged: 1, unfinished: 1, unkeyed: 2, unfit: 1 },
    labels: { ...counts, damaged: 2, unkeyed: 1 },
  });
});

test('keys, fields of the row and probabilities are read by what they are called', async ({
  folder,
}) => {
  const row = { who: 7, 'the, weight': 4.5, ripe: true };
  await keepLines(log(folder), answersFile, [loggedAnswer(noon, row)]);
  const views = {
    answers: {
      ...answers,
      source: {
        ...answers.source,
        columns: {
          ...{ grower: 'row.who', weight: 'row.the, weight', ripe: 'row.ripe' },
          ...{ good: 'probabilities.good', again: 'probabilities.good' },
        },
      },
      fields: ['weight', 'ripe', 'good', 'again'],
    },
  };
  await gather(folder, views);
  const [cells] = await ask(folder, views, [['7', noon + minute]]);
  expect(cells).toMatchObject({ weight: '4.5', ripe: 'true', good: '0.75', again: '0.75' });
});

describe('what the server does not keep is refused with the reason', () => {
  test('digests in place of rows', async ({ folder }) => {
    const { row: _, ...digestOnly } = loggedAnswer(noon, { grower: 'g1' });
    await keepLines(log(folder), answersFile, [digestOnly]);
    const refused = gather(folder, { answers });
    await expect(refused).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(refused).rejects.toThrow('MAINSTEM_PREDICTION_INPUTS=values');
  });

  test('a class of a model of numbers', async ({ folder }) => {
    const number = { class: null, value: 3, probabilities: {} };
    await keepLines(log(folder), answersFile, [loggedAnswer(noon, { grower: 'g1' }, number)]);
    const source = { ...answers.source, columns: { lastScore: 'class' } };
    await expect(gather(folder, { answers: { ...answers, source } })).rejects.toThrow(
      'none of the 1 lines of the prediction log of market has class',
    );
  });

  test('no folder and no file', async ({ folder }) => {
    await expect(gather(folder, { answers })).rejects.toMatchObject({
      code: 'PREDICTIONS_MISSING',
    });
    await expect(gather(folder, { labels })).rejects.toMatchObject({ code: 'FEEDBACK_MISSING' });
  });

  test('a file of somebody at the place to gather into', async ({ folder }) => {
    await keepLines(log(folder), answersFile, [loggedAnswer(noon, { grower: 'g1' })]);
    await writeFileIn(folder, 'data/answers.csv', 'grower,weight\ng1,4');
    await expect(gather(folder, { answers })).rejects.toThrow('it has the columns grower, weight');
    expect(await readFile(join(folder, 'data/answers.csv'), 'utf8')).toBe('grower,weight\ng1,4\n');
  });
});

const moments = fc.integer({ min: 0, max: 12 }).map((some) => noon + some * 1000);
const who = fc.constantFrom('a', '007', '7', 'ü "x", y');
const logs = fc.record({
  lines: fc.array(
    fc.record({
      who,
      at: moments,
      ms: fc.constantFrom(0, 0.001, 1, 999.5, 5000),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  asked: fc.array(fc.tuple(who, moments), { minLength: 1, maxLength: 12 }),
  kept: fc.nat(),
});

test('for every log, training gets what was known at its time, and the server finds the same', async ({
  folder,
}) => {
  await fc.assert(
    fc.asyncProperty(logs, async ({ lines, asked, kept }) => {
      await rm(log(folder), { recursive: true, force: true });
      await rm(join(folder, 'data'), { recursive: true, force: true });
      const written = lines.map(({ who: grower, at, ms, score }, place) =>
        loggedAnswer(at, { grower }, { ms, score, id: String(place) }),
      );
      // In two parts, the first gathered and gone before the second comes.
      const [first, second] = [written.slice(0, kept % 20), written.slice(kept % 20)];
      await keepLines(log(folder), answersFile, first);
      await gather(folder, { answers });
      await rm(log(folder), { recursive: true, force: true });
      await keepLines(log(folder), answersFile, second);
      await gather(folder, { answers });
      const history: History = {
        ...{ questions: [], ttlMinutes: null, withCreated: true, format: 'csv', offsets: [0] },
        facts: lines.map(({ who: entity, at, ms, score }) => ({
          ...{ entity, event: at, created: at + Math.max(ms, 0.001), value: String(score) },
        })),
      };
      const answer = (entity: string, at: number) =>
        answerNaively(history, { entity, known: at, time: at }).value ?? '';
      const cells = await ask(folder, { answers }, asked);
      expect(cells.map(({ lastScore }) => lastScore)).toEqual(
        asked.map(([entity, at]) => answer(entity, at)),
      );
      const at = new Date(asked[0]?.[1] ?? noon);
      const definition = defineFeatures(features({ answers }));
      const snapshot = await buildSnapshot({ root: folder, project: 'any', definition, at });
      const [view] = openViews(snapshot);
      for (const [entity] of asked)
        expect(view?.lookUp([entity], at.getTime()).values[0] ?? '').toBe(
          answer(entity, at.getTime()),
        );
    }),
    { numRuns: 40 },
  );
});

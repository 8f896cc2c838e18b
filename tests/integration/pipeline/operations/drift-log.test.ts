import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { binNames, metrics } from '../../../../monitoring/index.ts';
import { objectives } from '../../../../monitoring/objectives.ts';
import { renderLogReport } from '../../../../pipeline/cli/show/render-log-report.ts';
import { judgeBins } from '../../../../pipeline/compare-with-profile.ts';
import { type LogSource, measureLog } from '../../../../pipeline/operations/drift/measure-log.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { scoreInterval } from '../../../../platform/quality/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { valueIn } from '../../../helpers/metric-of.ts';
import {
  createModelRepository,
  type ModelRepository,
  pumpkins,
} from '../../../helpers/model-repository.ts';
import { photoOf } from '../../../helpers/photos.ts';
import { buildProject } from '../../../helpers/project.ts';
import { serveModels } from '../../../helpers/serve-models.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-11-26T12:00:00.000Z');
const version = '0123456789ab';
let models: ModelRepository;

beforeEach(async () => {
  models = await createModelRepository(pumpkins);
});
afterEach(() => models.remove());

const serve = (now = () => new Date(noon)) =>
  serveModels(models.root, { predictionLog: 'full' }, now);
type Serving = Awaited<ReturnType<typeof serve>>;

async function predict({ app }: Serving, photo: Buffer) {
  const headers = { 'content-type': 'image/jpeg' };
  const answer = await app.inject({ method: 'POST', url: '/predict', headers, payload: photo });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

function measure(source: Partial<LogSource> = {}) {
  const { root } = models;
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const lock = { version: 1 as const, datasets: {} };
  const context = { workspace, project: buildProject(root), lock, store: openStore(root) };
  return measureLog(context, {
    predictions: join(root, '.mainstem/predictions'),
    feedback: join(root, '.mainstem/feedback'),
    now: noon + hour,
    ...source,
  });
}

const segment = (name: string) => join(models.root, '.mainstem/predictions/pumpkins', name);

test('the log has the numbers that the server counted for Prometheus, for each property and the answers', async () => {
  const serving = await serve();
  const shades = [0.05, 0.2, 0.45, 0.9];
  for (let at = 0; at < 120; at++) {
    const shade = shades[at % 7 < 4 ? at % 4 : 0] ?? 0;
    await predict(serving, await photoOf(at % 3 === 0 ? 'good' : [shade, shade, shade]));
  }
  const exposed = (await serving.app.inject('/metrics')).body;
  const count = (name: string, labels: Record<string, string> = {}) =>
    valueIn(exposed, name, labels) ?? Number.NaN;
  await serving.app.close();
  const report = await measure();
  expect(report).toMatchObject({ run: version, answers: 120, unmeasured: 0, otherRuns: {} });
  const profile = JSON.parse(
    await readFile(join(models.root, `models/pumpkins/records/${version}.json`), 'utf8'),
  ).evaluation.profile;
  for (const bins of pumpkins.bins) {
    const counts = binNames(bins).map((bin) =>
      count(metrics.inputBins.name, { property: bins.name, bin }),
    );
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(120);
    const served = judgeBins(profile, { bins, counts, missing: 0 }, objectives);
    expect(report.properties.find(({ property }) => property === bins.name)).toEqual(served);
  }
  expect(report.refused.hits).toBe(count(metrics.refused.name));
  expect(report.refused).toMatchObject({ count: 120, state: 'drift' });
  expect(report.properties.at(-1)).toMatchObject({
    property: '(answer)',
    inputs: count(metrics.predictions.name, { accepted: 'true' }),
  });
  const sum = count(`${metrics.confidence.name}_sum`);
  const all = count(`${metrics.confidence.name}_count`);
  if (report.confidence) expect(report.confidence.mean).toBeCloseTo(sum / all, 9);
  expect(report.state).toBe('drift');
  expect(renderLogReport(report)).toMatch(/^120 answers of pumpkins .* Not as the reference\./);
});

test('only answers in the window and of the run that is asked for count; the others are named', async () => {
  let time = noon - 5 * hour;
  const serving = await serve(() => new Date(time));
  for (let at = 0; at < 6; at++, time += hour) await predict(serving, await photoOf('good'));
  await serving.app.close();
  const path = segment('2026-11-26-1.jsonl');
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const older = lines.slice(0, 2).map((line) => line.replaceAll(version, 'fedcba987654'));
  await writeFile(path, `${[...older, ...lines.slice(2)].join('\n')}\n`);
  expect(await measure({ now: noon + 1 })).toMatchObject({
    ...{ answers: 4, otherRuns: { fedcba987654: 2 }, state: 'insufficient' },
  });
  const last = await measure({ now: noon + 1, since: noon - hour });
  expect(last).toMatchObject({ answers: 2, otherRuns: {}, log: { lines: 2 } });
  // A window's end is not part of it.
  expect(await measure({ now: noon, since: noon - hour })).toMatchObject({ answers: 1 });
  await expect(measure({ run: 'fedc' })).rejects.toMatchObject({ code: 'MODEL_RUN_UNKNOWN' });
  expect(await measure({ run: version.slice(0, 4) })).toMatchObject({ run: version });
});

test('lines that cannot be read, and what is no longer kept, are counted and said', async () => {
  const serving = await serve();
  for (let at = 0; at < 3; at++) await predict(serving, await photoOf('good'));
  await serving.app.close();
  const path = segment('2026-11-26-1.jsonl');
  const [line = ''] = (await readFile(path, 'utf8')).split('\n');
  const early = line.replaceAll('2026-11-26', '2026-11-22');
  const lateNight = line.replaceAll('2026-11-26T12:00', '2026-11-25T23:59');
  await rename(path, segment('2026-11-26-3.jsonl'));
  const others = [
    'null',
    '{"id":"torn',
    line.replace('"pumpkins"', '"gourds"'),
    line.replace('2026-11-26T12:00:00.000Z', 'yesterday'),
    line.replace(/"bins":\[[^\]]*\],/, ''),
    '',
  ];
  await writeFile(path, [early, lateNight, ...others, line.slice(0, 40)].join('\n'));
  await writeFile(segment('2026-11-23-1.jsonl'), `${early}\n`);
  await writeFile(segment('notes.txt'), 'not a segment');
  const report = await measure({ since: Date.parse('2026-11-20T00:00:00Z') });
  expect(report).toMatchObject({ answers: 7, unmeasured: 1 });
  expect(report.log).toEqual({
    ...{ lines: 7, damaged: 4, unfinished: 1, begins: '2026-11-23', startsEarlier: true },
    ...{ emptyDays: ['2026-11-23', '2026-11-24'], goneSegments: 1 },
  });
  const text = renderLogReport(report);
  for (const said of [
    'the log begins on 2026-11-23',
    'no line on 2026-11-23, 2026-11-24:',
    '1 file of the log is gone',
    '4 lines cannot be read',
    '1 file of the log ends within a line',
    '1 answer without properties',
  ]) {
    expect(text).toContain(said);
  }
  // Nothing of what is kept is missing: nothing is said.
  const today = await measure({ since: Date.parse('2026-11-26T00:00:00Z') });
  expect(today.log).toMatchObject({ startsEarlier: false, emptyDays: [] });
  await rm(join(models.root, '.mainstem/predictions'), { recursive: true });
  await expect(measure()).rejects.toMatchObject({
    code: 'PREDICTIONS_MISSING',
  });
  await mkdir(join(models.root, '.mainstem/predictions/pumpkins'), { recursive: true });
  const empty = await measure();
  expect(empty).toMatchObject({ state: 'insufficient', answers: 0, log: { begins: null } });
  expect(renderLogReport(empty)).toContain('the log is empty');
});

test('labels that come later, by id or by content, say how many answers were right', async () => {
  const serving = await serve();
  const good = await photoOf('good');
  const ids: string[] = [];
  for (let at = 0; at < 10; at++) ids.push((await predict(serving, good)).id);
  const say = async (payload: object) => {
    const answer = await serving.app.inject({ method: 'POST', url: '/feedback', payload });
    expect(answer.statusCode, answer.body).toBe(201);
  };
  // One is said twice: the last counts.
  await say({ id: ids[0], label: 'bad' });
  await say({ id: ids[0], label: 'good' });
  await say({ id: ids[1], label: 'ok' });
  await serving.app.close();
  const report = await measure();
  const { low, high } = scoreInterval(1, 2, 1.959963984540054);
  expect(report.accuracy?.count).toBe(2);
  expect(report.accuracy?.value).toBe(0.5);
  expect(report.accuracy?.low).toBeCloseTo(low, 6);
  expect(report.accuracy?.high).toBeCloseTo(high, 6);
  expect(renderLogReport(report)).toContain('Of 2 accepted answers with a label, 50.0 % are right');
  const feedback = join(models.root, '.mainstem/feedback/pumpkins/2026-11-26.jsonl');
  const [first = ''] = (await readFile(feedback, 'utf8')).split('\n');
  const { id: _id, index: _index, ...byContent } = JSON.parse(first);
  // A label for the photo itself counts once, though it was answered ten times.
  await appendFile(feedback, `${JSON.stringify({ ...byContent, label: 'good' })}\n{"torn`);
  expect(await measure()).toMatchObject({ damagedFeedback: 1, accuracy: { count: 3 } });
});

test('what people said is also judged by slice, with the counts that the server has for Prometheus', async () => {
  const serving = await serve();
  const good = await photoOf('good');
  const say = async (at: number, label: string, light: string) => {
    const form = new FormData();
    form.append('label', label);
    form.append('slices', JSON.stringify({ light }));
    form.append('file', new Blob([numbered(good, at)]), 'photo.jpg');
    const answer = await serving.app.inject({ method: 'POST', url: '/feedback', payload: form });
    expect(answer.statusCode, answer.body).toBe(201);
  };
  for (let at = 0; at < 40; at++) await say(at, 'good', 'sun');
  for (let at = 40; at < 70; at++) await say(at, at < 43 ? 'good' : 'bad', 'lamp');
  for (let at = 70; at < 75; at++) await say(at, 'bad', 'under water');
  const { body } = await serving.app.inject('/metrics');
  await serving.app.close();
  const { slices, state } = await measure({ predictions: await emptyLog() });
  for (const { value, judged, right } of slices) {
    const counted = (correct: boolean) =>
      valueIn(body, metrics.sliceFeedback.name, { value, correct: `${correct}` }) ?? 0;
    expect([counted(true), counted(false)], value).toEqual([right, judged - right]);
  }
  const found = slices.map(({ value, judged, state: own }) => [value, judged, own]);
  expect(found).toEqual([
    ['sun', 40, 'ok'],
    ['lamp', 30, 'drift'],
    ['other', 5, 'insufficient'],
  ]);
  expect(state).toBe('drift');
  const report = await measure({ predictions: await emptyLog() });
  expect(renderLogReport(report)).toContain('light lamp: DRIFT, 3 of 30 right, at most');
  const later = await measure({ predictions: await emptyLog(), since: noon + 1 });
  expect(later.slices).toEqual([]);
});

/** The same picture with a number in a comment, so that its bytes are others. */
function numbered(jpeg: Buffer, number: number): Uint8Array<ArrayBuffer> {
  const comment = [0xff, 0xfe, 0, 3, number];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...comment, ...jpeg.subarray(2)]);
}

/** Of a server that nobody asked: what people said does not need it. */
async function emptyLog(): Promise<string> {
  const folder = join(models.root, 'empty');
  await mkdir(join(folder, 'pumpkins'), { recursive: true });
  return folder;
}

/*
 * Plays the life of a model in a copy of this repository: ordinary inputs, a new kind of them, a retraining that the project's
 * policy decides, and a flood of nonsense from which nothing is learnt. Real training, a real server and its prediction log; it
 * needs no Prometheus and no network, changes nothing here, and ends with 1 if anything comes otherwise.
 *
 *   npm run demo:drift
 *   npm run demo:drift -- --watched   the pumpkins, with a real Prometheus, Alertmanager and bridge and a simulated GitHub: drift, alert,
 *                                     pull request, merge, deployment. Five to ten minutes; writes .mainstem/simulate.html
 */

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContext } from '../../pipeline/context.ts';
import { type LogReport, measureLog } from '../../pipeline/operations/drift/measure-log.ts';
import { readEvidence, weighEvidence } from '../../pipeline/operations/weigh-evidence.ts';
import { parseCsv } from '../../platform/lib/csv.ts';
import { parseScript } from '../../platform/lib/parse-script.ts';
import { renderPercent } from '../../platform/lib/render-number.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import { loadPromoted } from '../../platform/registry/index.ts';
import type { ServingApp } from '../../serving/app.ts';
import { cloneHere } from '../helpers/clone.ts';
import { mainstem } from '../helpers/mainstem.ts';
import { alertmanagerFound, prometheusFound } from '../helpers/prometheus.ts';
import { serveModels } from '../helpers/serve-models.ts';
import { type Bird, openBirds } from './birds.ts';
import { chapter, showCheck, showVerdicts, tell } from './view.ts';

const project = 'penguins';
const table = `pipeline/projects/${project}/penguins.csv`;
/** The share of the new colony among those that come by, once it is there. */
const newShare = 0.5;
/** So many of them are labelled: in the data they then have the share that they have outside. */
const labelled = 340;
/** Fewer labels than the policy takes for a reason. */
const confirmed = 15;
/** So many answers later a drift of this size must be known. */
const expectedAnswers = 250;

let serving: ServingApp | undefined;
const checks: { readonly name: string; readonly holds: boolean }[] = [];

function check(name: string, holds: boolean): void {
  checks.push({ name, holds });
  showCheck(name, holds);
}

async function play(root: string): Promise<void> {
  const { rows } = parseCsv(await readFile(join(root, table)), table);
  const birds = openBirds(rows);
  const learn = async () => {
    for (const name of ['lock', 'experiment', 'promote']) await command(root, name);
    serving = await serve(root, serving);
  };

  chapter('1  A model is trained, judged and promoted');
  await learn();
  const first = await promotedRun(root);
  tell(`${project} ${first} serves, and keeps what it answers.`);

  chapter('2  This season’s birds come by');
  for (let at = 0; at < 150; at++) await ask(birds.draw(0));
  const quiet = await show(root);
  check('ordinary inputs raise no alarm', quiet.state !== 'drift');

  chapter('3  A new colony: larger Adélies, with the bills of chinstraps');
  const colony: Bird[] = [];
  const arrival = Date.now();
  const drifted = await untilDrift(root, arrival, () => birds.draw(newShare), colony);
  check(
    `the drift is known within ${expectedAnswers} answers (it took ${drifted.answers})`,
    drifts(drifted.report),
  );
  const evidence = () => weigh(root, arrival);
  const early = await evidence();
  tell(`The policy: ${early.start ? 'retrain' : 'wait'}. ${early.reason}`);
  check(
    'what they are nobody has said yet, and the policy waits',
    !early.start && early.reason.includes('0 of 20 labels'),
  );

  chapter('4  People say what the new birds are');
  while (colony.length < labelled) colony.push(await askNew(() => birds.draw(newShare)));
  for (const bird of colony) await label(bird);
  const wrong = await show(root, arrival);
  const before = wrong.accuracy?.value ?? 1;
  const decided = await evidence();
  tell(`The policy: ${decided.start ? 'retrain' : 'wait'}. ${decided.reason}`);
  check('drift and labels together are a reason to retrain', decided.start);

  chapter('5  Their labels become data, and the next model is judged on it');
  const ingested = JSON.parse(await command(root, 'ingest-feedback', '--json'));
  const added = Object.values<number>(ingested.added).reduce((sum, count) => sum + count, 0);
  tell(`${added} examples were added. For a person to look at: ${ingested.sheet}`);
  const again = JSON.parse(await command(root, 'ingest-feedback', '--json'));
  check('a second time nothing is added', again.written === 0);
  await learn();
  const second = await promotedRun(root);
  check(`another model serves: ${second}`, second !== first);

  chapter('6  The same mixture of birds comes by');
  const seen: Bird[] = [];
  for (let at = 0; at < 250; at++) {
    const bird = birds.draw(newShare);
    await ask(bird);
    if (bird.isNew) seen.push(bird);
  }
  for (const bird of seen.slice(0, confirmed)) await label(bird);
  const resolved = await show(root);
  const after = resolved.accuracy?.value ?? 0;
  check('the drift is gone', resolved.state !== 'drift');
  check(
    `the new birds are known: ${renderPercent(after)} of them, after ${renderPercent(before)}`,
    after > before,
  );

  chapter('7  A flood of ostriches');
  const since = Date.now();
  for (let at = 0; at < 200; at++) await ask({ row: birds.drawStranger() });
  const flood = await show(root, since);
  check('they are refused', flood.refused.state === 'drift');
  const last = await weigh(root, since);
  tell(`The policy: ${last.start ? 'retrain' : 'wait'}. ${last.reason}`);
  check('nothing is learnt from them', !last.start && last.reason.includes('were refused'));
}

async function command(root: string, name: string, ...options: string[]): Promise<string> {
  const began = performance.now();
  const { code, stdout, stderr } = await mainstem(root, name, project, ...options);
  if (code !== 0) throw new Error(`mainstem ${name} ended with ${code}:\n${stdout}\n${stderr}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  tell(`$ npx mainstem ${[name, project, ...options].join(' ')}   (${seconds} s)`);
  return stdout;
}

async function promotedRun(root: string): Promise<string> {
  return (await loadPromoted(root, project))?.pointer.run ?? '';
}

async function serve(root: string, before?: ServingApp): Promise<ServingApp> {
  await before?.app.close();
  return serveModels(root, { predictionLog: 'full' });
}

async function ask({ row }: Pick<Bird, 'row'>): Promise<void> {
  await post('predict', row);
}

/** Asks until a bird of the new colony has come. */
async function askNew(draw: () => Bird): Promise<Bird> {
  for (;;) {
    const bird = draw();
    await ask(bird);
    if (bird.isNew) return bird;
  }
}

async function label({ row, species }: Bird): Promise<void> {
  await post('feedback', { row, label: species });
}

async function post(what: string, payload: object): Promise<void> {
  const answer = await serving?.app.inject({
    ...{ method: 'POST', url: `/models/${project}/${what}`, payload },
  });
  if (!answer || answer.statusCode >= 300) throw new Error(`${what}: ${answer?.body}`);
}

/** Whether what comes in is other than before, not only refused. */
function drifts({ properties }: LogReport): boolean {
  return properties.some(({ state }) => state === 'drift');
}

/** Sends birds, and looks at the log since then after each twenty-five. */
async function untilDrift(root: string, since: number, draw: () => Bird, colony: Bird[]) {
  for (let answers = 0; ; ) {
    for (let at = 0; at < 25; at++) {
      const bird = draw();
      await ask(bird);
      if (bird.isNew) colony.push(bird);
    }
    answers += 25;
    const report = await measure(root, since);
    if (!drifts(report) && answers < expectedAnswers) continue;
    showVerdicts(report);
    return { answers, report };
  }
}

async function contextAt(root: string) {
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  return openContext(workspace, project);
}

const foldersAt = (root: string) => ({
  predictions: join(root, '.mainstem/predictions'),
  feedback: join(root, '.mainstem/feedback'),
});

/** The server writes its log once a second. */
const written = () => new Promise((resolve) => setTimeout(resolve, 1500));

async function measure(root: string, since?: number): Promise<LogReport> {
  await written();
  const window = { now: Date.now(), ...(since !== undefined && { since }) };
  return measureLog(await contextAt(root), { ...foldersAt(root), ...window });
}

async function show(root: string, since?: number): Promise<LogReport> {
  const report = await measure(root, since);
  showVerdicts(report);
  return report;
}

async function weigh(root: string, since?: number) {
  const context = await contextAt(root);
  const evidence = await readEvidence(context, 'alert', foldersAt(root), Date.now());
  const log = since === undefined ? evidence.log : await measure(root, since);
  return weighEvidence('alert', { ...evidence, log }, context.project.definition.retraining);
}

async function playUnwatched(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-demo-'));
  try {
    await play(await cloneHere(folder));
  } finally {
    await serving?.app.close();
    await rm(folder, { recursive: true, force: true });
  }
  const held = checks.filter(({ holds }) => holds).length;
  chapter(`${held} of ${checks.length} as expected`);
  return held < checks.length ? 1 : 0;
}

/** The same with all that watches a server, as the test of that story plays it. */
function playWatched(): number {
  if (!prometheusFound || !alertmanagerFound) {
    process.stderr.write('This needs Prometheus and Alertmanager: npm run test:setup\n');
    return 2;
  }
  const script = join(import.meta.dirname, '../simulate/simulate.ts');
  const { status } = spawnSync(process.execPath, [script, 'new-variety'], { stdio: 'inherit' });
  return status ?? 1;
}

const { values } = parseScript({ options: { watched: { type: 'boolean', default: false } } });
process.exitCode = values.watched ? playWatched() : await playUnwatched();

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bridgeMetrics } from '../../../monitoring/metrics.ts';
import { states } from '../../../monitoring/promql.ts';
import { until } from '../../helpers/prometheus.ts';
import type { Pull } from '../github/state.ts';
import { type StoryDefinition, training } from './definition.ts';
import {
  heldOutPhotos,
  pumpkinProject,
  pumpkinRepository,
  type SentPhoto,
  watermelons,
} from './pumpkin-repository.ts';
import { prepareMachine, type ServingMachine } from './server.ts';
import type { Story } from './story.ts';
import { type Watch, watchMachine } from './watch.ts';

/** So many photos of the new variety, among as many of the usual ones, and the drift must be known. */
const expectedWithin = 125;

/** What the chapters have in common. */
interface Farm {
  readonly story: Story;
  readonly machine: ServingMachine;
  readonly watch: Watch;
  /** Photos that no model was trained on, of this year's harvest and of the next one. */
  readonly usual: readonly SentPhoto[];
  readonly newcomers: readonly SentPhoto[];
}

/** What a model in production lives through. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'new-variety',
    title:
      'a new variety drifts, the alert becomes a pull request with a better model, and once that is merged and serves, the alert resolves; watermelons raise another alert and teach nothing',
    watched: true,
    play: async (begin) => {
      const farm = await openFarm(begin);
      const { machine, story } = farm;
      const first = await machine.run();
      assert.ok(first);
      await playThisHarvest(farm, first);
      const before = await playNewVariety(farm, first);
      const second = await playRetraining(farm, first);
      const after = await playResolution(farm, second);
      assert.ok(after > before, `${after} of the new variety are right, ${before} were`);
      story.chapter(`Of the new variety ${percent(after)} are right, after ${percent(before)}`);
      await playFlood(farm, second);
    },
  },
];

/** A deployed model, watched. */
async function openFarm(begin: Parameters<StoryDefinition['play']>[0]): Promise<Farm> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstem-machine-'));
  const settings = { MAINSTEM_PREDICTION_LOG: 'full' };
  const machine = await prepareMachine(folder, settings, pumpkinProject);
  const template = await pumpkinRepository();
  const story = await begin({
    template,
    only: [...training, 'retrain.yml', 'deploy.yml'],
    labels: [machine.label],
    settings: {
      vars: { ...machine.vars, MAINSTEM_PREDICTIONS: join(machine.host, 'predictions') },
    },
  });
  machine.endWith(story);
  story.onClose(() => rmSync(folder, { recursive: true }));
  const usual = await heldOutPhotos('2026', template.folder);
  const newcomers = await heldOutPhotos('2027', template.folder);
  story.dispatch('deploy.yml');
  await story.idle();
  return { story, machine, usual, newcomers, watch: await watchMachine(story, machine) };
}

async function playThisHarvest({ story, machine, watch, usual }: Farm, run: string) {
  story.chapter('This year’s harvest comes by');
  await watch.serving(run);
  await send(machine, usual);
  assertQuiet(await watch.verdicts(run, usual.length));
  assert.deepEqual(await watch.asking(), []);
}

/** @returns the share of the new variety that the model answers rightly */
async function playNewVariety(
  { story, machine, watch, usual, newcomers }: Farm,
  run: string,
): Promise<number> {
  story.chapter('A new variety comes by');
  let sent = 0;
  let right = 0;
  for (let isKnown = false; !isKnown; ) {
    const batch = newcomers.slice(sent, sent + 25);
    assert.ok(sent + batch.length <= expectedWithin, `no drift is known after ${sent} photos`);
    right += await send(machine, batch);
    sent += batch.length;
    const verdicts = await watch.verdicts(run, usual.length + sent);
    isKnown = Object.values(verdicts).includes(states.bad);
  }
  story.chapter(`The drift is known after ${sent} photos of it`);
  right += await send(machine, newcomers.slice(sent));
  await until(() => story.runs('retrain').length > 0, 'a dispatch');
  return right / newcomers.length;
}

/** @returns the run that serves now */
async function playRetraining({ story, machine, watch }: Farm, run: string): Promise<string> {
  await story.idle();
  const [pull, ...more] = openPulls(story);
  assert.ok(pull, JSON.stringify(story.runs('retrain').map(({ jobs }) => jobs)));
  assert.equal(more.length, 0);
  assert.equal(pull.head.ref, `retrain/${pumpkinProject}`);
  assert.match(pull.body, /MainstemDataDrift.*stability index/);
  story.chapter('A person lets the workflows run, and merges');
  story.approveRuns(pull);
  await story.idle();
  const { 'mainstem/gates': gates, 'mainstem/promotion': promotion } = story.statuses(
    pull.head.sha,
  );
  assert.deepEqual([gates, promotion], ['success', 'success']);
  assert.match(story.comments(pull)[0]?.body ?? '', /\| metric \| champion \| candidate \|/);
  assert.equal(await machine.run(), run, 'nobody merged it yet');
  assert.ok((await watch.asking()).includes('MainstemDataDrift'), 'it still fires');
  story.merge(pull);
  await story.idle();
  const pointer = story.file('main', `models/${pumpkinProject}/production.json`) ?? '';
  const promoted: string = JSON.parse(pointer).run;
  assert.notEqual(promoted, run);
  assert.equal(await machine.run(), promoted);
  return promoted;
}

/** @returns the share of the new variety that the model answers rightly */
async function playResolution(
  { story, machine, watch, usual, newcomers }: Farm,
  run: string,
): Promise<number> {
  story.chapter('The new version serves, and the alert resolves');
  const { alertmanager, prometheus, bridge } = watch;
  await until(async () => (await watch.asking()).length === 0, 'Prometheus to resolve the alert');
  const held = async () => (await alertmanager.alerts()).filter(({ labels }) => labels.action);
  await until(async () => (await held()).length === 0, 'Alertmanager to resolve the alert');
  await watch.serving(run);
  const right = await sendMixed(machine, newcomers, usual);
  assertQuiet(await watch.verdicts(run, usual.length + newcomers.length));
  assert.deepEqual(await watch.asking(), []);
  await bridge.main.read();
  const known = `${bridgeMetrics.mainModel.name}{version="${run}"}`;
  await until(async () => (await prometheus.query(known)).length > 0, 'what main promotes');
  assert.equal(story.runs('retrain').length, 1);
  return right / newcomers.length;
}

async function playFlood(
  { story, machine, watch, usual, newcomers }: Farm,
  run: string,
): Promise<void> {
  story.chapter('A flood of watermelons');
  const { alertmanager, prometheus } = watch;
  const before = await watch.heard();
  const flood = await watermelons(120);
  await send(machine, flood);
  const sent = usual.length + newcomers.length + flood.length;
  const drifting = Object.values(await watch.verdicts(run, sent)).filter(
    (state) => state === states.bad,
  );
  assert.ok(drifting.length > 0, 'watermelons look unlike pumpkins');
  const surges = async () =>
    (await alertmanager.alerts()).filter(
      ({ labels }) => labels.alertname === 'MainstemRefusalSurge',
    );
  await until(async () => (await surges()).length > 0, 'the alert about what is refused');
  // Longer than an alert waits, and than Alertmanager does between two notifications.
  await prometheus.scrapedMore(20);
  assert.deepEqual(await watch.asking(), []);
  assert.equal(await watch.heard(), before, 'the bridge hears nothing of it');
  assert.equal(story.runs('retrain').length, 1);
  assert.deepEqual(openPulls(story), []);
}

function openPulls(story: Story): Pull[] {
  return story.forge.pulls.filter(({ state }) => state === 'open');
}

function assertQuiet(verdicts: Readonly<Record<string, number>>): void {
  assert.ok(Object.keys(verdicts).length > 5, 'there is a verdict on each property');
  assert.deepEqual(
    Object.entries(verdicts).filter(([, state]) => state !== states.ok),
    [],
  );
}

/** Sends photos one after the other. @returns how many are accepted and answered rightly */
async function send({ url }: ServingMachine, photos: readonly SentPhoto[]): Promise<number> {
  const headers = { 'content-type': 'image/jpeg' };
  let right = 0;
  for (const { bytes, label } of photos) {
    const request = { method: 'POST', headers, body: Buffer.from(bytes) };
    const response = await fetch(`${url}/models/${pumpkinProject}/predict`, request);
    assert.equal(response.status, 200);
    const { results } = (await response.json()) as {
      results: { class: string; accepted: boolean }[];
    };
    const [result] = results;
    if (result?.accepted && result.class === label) right += 1;
  }
  return right;
}

/**
 * Sends photos in turn with others, as the model learned both: one kind after the other would look like drift until the second came.
 *
 * @returns how many of the photos are accepted and answered rightly
 */
async function sendMixed(
  machine: ServingMachine,
  photos: readonly SentPhoto[],
  others: readonly SentPhoto[],
): Promise<number> {
  const turns = Math.max(photos.length, others.length);
  let right = 0;
  for (let at = 0; at < turns; at++) {
    await send(machine, others.slice(at, at + 1));
    right += await send(machine, photos.slice(at, at + 1));
  }
  return right;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

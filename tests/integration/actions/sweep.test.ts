import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { digestBytes, digestJson } from '../../../platform/lib/hash.ts';
import type { SweepShare, SweepTrial } from '../../../platform/schemas/index.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { type FakeGitHub, startGitHub } from '../../helpers/github.ts';
import { type ActionResult, runAction } from '../../helpers/run-action.ts';

let github: FakeGitHub | undefined;
afterEach(async () => {
  await github?.close();
  github = undefined;
});

const classes = ['Adelie', 'Chinstrap', 'Gentoo'];

/** Answers to so many validation examples, as sure of the right class as is asked for. */
function answersOf(sureness: number, count = 300): Buffer {
  const lines = Array.from({ length: count }, (_, at) => {
    const right = at % 3;
    // No two examples are alike: a difference that never varies would have no interval.
    const sure = sureness - (at % 7) / 100;
    const probabilities = classes.map((_, place) => (place === right ? sure : (1 - sure) / 2));
    const [label, digest] = [classes[right], digestJson(at)];
    const facts = { dataset: 'penguins', split: 'validation', predicted: label, score: 1 };
    return JSON.stringify({ id: `${at}`, digest, label, probabilities, accepted: true, ...facts });
  });
  return Buffer.from(`${lines.join('\n')}\n`);
}

function trialOf(trial: number, sureness: number, values: SweepTrial['values']) {
  const bytes = answersOf(sureness);
  const predictions = {
    ...{ digest: digestBytes(bytes), bytes: bytes.length, mediaType: 'application/x-ndjson' },
  };
  const done: SweepTrial = {
    ...{ trial, values, status: 'done', epochs: null, loss: null, error: null, seconds: 3 },
    ...{ metrics: { logLoss: -Math.log(sureness), modelBytes: 3900 }, predictions },
  };
  return { done, bytes };
}

type Made = ReturnType<typeof trialOf>;

async function writeShare(folder: string, made: readonly Made[], changed: Partial<SweepShare>) {
  await mkdir(folder, { recursive: true });
  for (const { done, bytes } of made) {
    const name = `${done.predictions?.digest.replace('sha256:', '')}.jsonl`;
    await writeFile(join(folder, name), bytes);
  }
  const share: SweepShare = {
    ...{ version: 1, project: 'penguins', id: digestJson('this sweep'), planned: 2, seconds: 60 },
    ...{ ended: 'complete', share: 0, shares: 2, trials: made.map(({ done }) => done) },
    ...changed,
  };
  await writeFile(join(folder, 'share.json'), JSON.stringify(share));
}

interface Farm {
  readonly root: string;
  readonly hub: FakeGitHub;
  readonly shares: string;
  readonly proposal: string;
  conclude(inputs?: Record<string, string>): Promise<ActionResult>;
  propose(): Promise<ActionResult>;
}

async function openFarm(folder: string): Promise<Farm> {
  const root = await cloneHere(folder);
  const hub = await startGitHub(root);
  github = hub;
  const env = {
    ...{ GITHUB_API_URL: hub.url, GITHUB_EVENT_NAME: 'workflow_dispatch', GITHUB_ACTOR: 'jen' },
  };
  const [shares, proposal] = [join(folder, 'shares'), join(folder, 'sweep')];
  const run = (action: string, inputs: Record<string, string>) =>
    runAction({ root, action, inputs, env });
  return {
    ...{ root, hub, shares, proposal },
    conclude: (inputs = {}) =>
      run('conclude-sweep', { project: 'penguins', shares, folder: proposal, ...inputs }),
    propose: () => run('propose-sweep', { 'github-token': 'token', folder: proposal }),
  };
}

const today = trialOf(0, 0.7, { learningRate: 0.01, batchSize: 32 });

test('a sweep is shared out where its trials are known beforehand', async ({ folder }) => {
  const root = await cloneHere(folder);
  const path = join(root, 'pipeline/projects/penguins/sweep.json');
  const plan = async (method: string) => {
    const space = { batchSize: { values: [16, 32, 64] } };
    await writeFile(path, JSON.stringify({ method, space, trials: 3 }));
    const inputs = { project: 'penguins', runners: '2' };
    return (await runAction({ root, action: 'plan-sweep', inputs, env: {} })).outputs;
  };
  expect(await plan('sobol')).toEqual({ shares: '[0,1]', count: '2' });
  expect(await plan('tpe')).toEqual({ shares: '[0]', count: '1' });
});

test('what two jobs found becomes one pull request that changes params.json, and is updated', async ({
  folder,
}) => {
  const { root, hub, shares, proposal, conclude, propose } = await openFarm(folder);
  const best = trialOf(2, 0.95, { learningRate: 0.03, batchSize: 16 });
  await writeShare(
    join(shares, 'share-0'),
    [today, trialOf(1, 0.6, { learningRate: 0.002, batchSize: 64 })],
    {},
  );
  await writeShare(join(shares, 'share-1'), [today, best], { share: 1 });
  const concluded = await conclude();
  expect(concluded.code, concluded.log).toBe(0);
  expect(concluded.outputs).toEqual({ proposed: 'true' });
  expect(await readFile(join(proposal, 'sweep.html'), 'utf8')).toContain('better parameters');

  const proposed = await propose();
  expect(proposed.code, proposed.log).toBe(0);
  const [pull, ...more] = hub.pulls;
  expect(more).toEqual([]);
  expect(pull?.body).toContain('penguins: better parameters');
  const before = JSON.parse(
    await readFile(join(root, 'pipeline/projects/penguins/params.json'), 'utf8'),
  );
  const { parameters } = JSON.parse(await readFile(join(proposal, 'proposal.json'), 'utf8'));
  expect(JSON.parse(parameters)).toEqual({ ...before, learningRate: 0.03, batchSize: 16 });
  expect((await propose()).outputs).toEqual(proposed.outputs);
  expect(hub.pulls).toHaveLength(1);
});

test('what is within the noise is proposed only if that is asked for', async ({ folder }) => {
  const { shares, conclude, propose, hub } = await openFarm(folder);
  const equal = trialOf(1, 0.7, { learningRate: 0.02, batchSize: 32 });
  const lucky = { ...equal, done: { ...equal.done, metrics: { logLoss: 0.1, modelBytes: 1 } } };
  await writeShare(shares, [today, lucky], { shares: 1 });
  expect((await conclude()).outputs).toEqual({ proposed: 'false' });
  expect((await propose()).outputs).toEqual({ 'pull-request': '' });
  expect(hub.pulls).toEqual([]);
  expect((await conclude({ 'within-noise': 'true' })).outputs).toEqual({ proposed: 'true' });
});

test('a share of another sweep is refused, and so is one that changes more than is searched', async ({
  folder,
}) => {
  const { shares, conclude } = await openFarm(folder);
  expect((await conclude()).log).toContain('SWEEP_SHARES_MISSING');
  await writeShare(join(shares, 'a'), [today], {});
  await writeShare(join(shares, 'b'), [today], { share: 1, id: digestJson('another') });
  expect((await conclude()).log).toContain('SWEEP_SHARES_DIFFER');
  await writeShare(join(shares, 'b'), [trialOf(2, 0.9, { epochs: 1 })], { share: 1 });
  expect((await conclude()).log).toContain('SWEEP_SHARES_DIFFER');
});

test('a proposal with more than its fields is refused', async ({ folder }) => {
  const { proposal, propose, hub } = await openFarm(folder);
  await mkdir(proposal, { recursive: true });
  const invented = { version: 1, project: '../penguins', parameters: '{}', report: {}, run: 'rm' };
  await writeFile(join(proposal, 'proposal.json'), JSON.stringify(invented));
  const refused = await propose();
  expect(refused.code).toBe(1);
  expect(refused.log).toContain('JSON_INVALID');
  expect(hub.pulls).toEqual([]);
});

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { type FakeGitHub, startGitHub } from '../../helpers/github.ts';
import { type ActionResult, runAction } from '../../helpers/run-action.ts';

const penguins = 'pipeline/projects/penguins';

let github: FakeGitHub | undefined;
afterEach(async () => {
  await github?.close();
  github = undefined;
});

interface Farm {
  readonly root: string;
  readonly hub: FakeGitHub;
  readonly folder: string;
  run(action: string, inputs: Record<string, string>, event?: Event): Promise<ActionResult>;
  /** Collects and proposes, as two jobs do. */
  retrain(collected: Record<string, string>, event?: Event, reason?: string): Promise<ActionResult>;
}

interface Event {
  readonly name: string;
  readonly payload?: unknown;
}

/** A checkout where collecting a harvest adds a row to the penguins. */
async function openFarm(folder: string): Promise<Farm> {
  const root = await cloneHere(folder);
  const project = join(root, penguins, 'project.ts');
  const collect = `
  collect: async ({ root: folder, harvest }) => {
    const { appendFile } = await import('node:fs/promises');
    const row = \`Gentoo,Biscoe,50.1,15.2,225,\${3000 + Number(harvest)},male\\n\`;
    if (harvest) await appendFile(\`\${folder}/${penguins}/penguins.csv\`, row);
  },
});
`;
  await writeFile(
    project,
    (await readFile(project, 'utf8')).replace(/\n}\);\s*$/, () => collect),
  );
  await git(root, 'commit', '--quiet', '--all', '-m', 'Collect');
  const hub = await startGitHub(root);
  github = hub;
  const run: Farm['run'] = (action, inputs, event = { name: 'workflow_dispatch' }) =>
    runAction({
      ...{ root, action, inputs, event: event.payload },
      env: { GITHUB_API_URL: hub.url, GITHUB_EVENT_NAME: event.name, GITHUB_ACTOR: 'jen' },
    });
  const retrain: Farm['retrain'] = async (collected, event, reason = '') => {
    const proposal = join(folder, `proposal-${Math.random()}`);
    const own = { project: 'penguins', folder: proposal, remote: join(folder, 'remote') };
    const made = await run('collect-data', { ...own, ...collected }, event);
    expect(made.code, made.log).toBe(0);
    await git(root, 'checkout', '--quiet', '.');
    const reasons = reason === '' ? '' : JSON.stringify({ penguins: reason });
    return run('propose-retraining', { 'github-token': 'token', folder: proposal, reasons }, event);
  };
  return { root, hub, folder, run, retrain };
}

const alert = (fingerprint: string, project = 'penguins') => ({
  name: 'repository_dispatch',
  payload: {
    client_payload: { project, fingerprint, alert: 'ModelDrift', reason: 'PSI 0.4 of <b>mass</b>' },
  },
});

test('an alert becomes one pull request that says why and what has changed, and is updated, never forced', async ({
  folder,
}) => {
  const { root, hub, retrain, run } = await openFarm(folder);
  const decide = (fingerprint: string, project?: string) =>
    run('decide-retraining', { 'github-token': 'token' }, alert(fingerprint, project));
  expect((await decide('a1b2c3d4')).outputs).toEqual({
    ...{ projects: '["penguins"]', count: '1' },
    reasons: '{"penguins":"Nothing speaks against it."}',
  });
  expect((await decide('a1b2c3d4', 'strangers')).outputs.count).toBe('0');

  const first = await retrain({ harvest: '2027' }, alert('a1b2c3d4'));
  expect(first.outputs['pull-request'], first.log).toBe('1');
  const body = hub.pulls[0]?.body ?? '';
  expect(body).toContain('**Why**: The alert `ModelDrift` (`a1b2c3d4`): PSI 0.4 of &lt;b&gt;mass');
  expect(body).toContain('    penguins: 1 modified');
  expect(body).toContain('Approve workflows to run');
  const proposed = await git(root, 'rev-parse', 'retrain/penguins');
  expect(await git(root, 'diff', '--name-only', 'main', proposed)).toBe('data.lock.json');
  expect((await decide('a1b2c3d4')).log).toContain('was answered before');
  expect((await decide('ffffffff')).log).toContain('cool-down');

  await retrain({ harvest: '2027' }, alert('eeeeeeee'));
  expect(await git(root, 'rev-parse', 'retrain/penguins'), 'the same data').toBe(proposed);
  expect(hub.pulls).toHaveLength(1);

  await git(root, 'commit', '--quiet', '--allow-empty', '-m', 'Go on');
  const updated = await retrain({ harvest: '2028' });
  expect(updated.outputs['pull-request'], updated.log).toBe('1');
  const main = await git(root, 'rev-parse', 'main');
  const parents = await git(root, 'log', '-1', '--format=%P', 'retrain/penguins');
  expect(parents).toBe(`${proposed} ${main}`);
  expect(await git(root, 'diff', '--name-only', main, 'retrain/penguins')).toBe('data.lock.json');

  await git(root, 'checkout', '--quiet', 'retrain/penguins');
  await git(root, 'commit', '--quiet', '--allow-empty', '-m', 'Mine');
  const mine = await git(root, 'rev-parse', 'HEAD');
  await git(root, 'checkout', '--quiet', 'main');
  const refused = await retrain({ harvest: '2029' });
  expect(refused.log).toContain('RETRAIN_BRANCH_TAKEN');
  expect(await git(root, 'rev-parse', 'retrain/penguins')).toBe(mine);
});

test('a job that has the locked data from the remote only adds to it, also where git tracks an earlier table', async ({
  folder,
}) => {
  const { root, hub, retrain } = await openFarm(folder);
  const lockedRows = async (revision: string) => {
    const { datasets } = JSON.parse(await git(root, 'show', `${revision}:data.lock.json`));
    const counts = Object.values<Record<string, number>>(datasets.penguins.splits);
    return counts.flatMap((classes) => Object.values(classes)).reduce((sum, rows) => sum + rows, 0);
  };
  const before = await lockedRows('main');
  for (const [at, harvest] of ['2027', '2028'].entries()) {
    // What a fresh job lacks: everything that git ignores.
    await rm(join(root, '.mainstem'), { recursive: true, force: true });
    const { code, log } = await retrain({ harvest });
    expect(code, log).toBe(0);
    // The pull request changes the lock alone, and so does its merge.
    await git(root, 'merge', '--quiet', '--squash', 'retrain/penguins');
    await git(root, 'commit', '--quiet', '-m', `Harvest ${harvest}`);
    await git(root, 'branch', '--quiet', '-D', 'retrain/penguins');
    for (const pull of hub.pulls) pull.state = 'closed';
    expect(await lockedRows('main')).toBe(before + at + 1);
  }
});

test('a definition that does not serve is trained by a pull request without new data', async ({
  folder,
}) => {
  const { root, hub, retrain } = await openFarm(folder);
  const proposed = await retrain({ collect: 'false' });
  expect(proposed.outputs['pull-request'], proposed.log).toBe('1');
  expect(await git(root, 'diff', '--name-only', 'main', 'retrain/penguins')).toBe('');
  expect(await git(root, 'log', '--format=%s', 'main..retrain/penguins')).toContain('as it is');
  expect(hub.pulls[0]?.body).toContain('Nothing serves yet.');
});

test('new data that only the collecting job would have is not proposed', async ({ folder }) => {
  const { run } = await openFarm(folder);
  const inputs = { project: 'penguins', harvest: '2027', folder: join(folder, 'proposal') };
  const { code, log } = await run('collect-data', inputs);
  expect(code).toBe(1);
  expect(log).toContain('COLLECT_UNREACHABLE');
});

test('the schedule asks every project with a "collect", and a payload with more than its fields is refused', async ({
  folder,
}) => {
  const { run } = await openFarm(folder);
  const inputs = { 'github-token': 'token' };
  const scheduled = await run('decide-retraining', inputs, { name: 'schedule' });
  expect(scheduled.outputs.projects).toBe('["penguins","pumpkins"]');
  for (const projects of [
    'penguins pumpkins',
    'penguins,pumpkins',
    ' penguins, pumpkins ,penguins',
  ]) {
    const asked = await run('decide-retraining', { ...inputs, projects });
    expect(asked.outputs.projects, asked.log).toBe('["penguins","pumpkins"]');
  }
  const { payload } = alert('a1b2c3d4');
  const forged = { client_payload: { ...payload.client_payload, command: 'rm' } };
  const refused = await run('decide-retraining', inputs, {
    name: 'repository_dispatch',
    payload: forged,
  });
  expect(refused.log).toContain('PAYLOAD_INVALID');
  expect(refused.log).toMatch(/command is "rm", but must be left out: known are project, /);
  expect(refused.log).not.toMatch(/schema is false|the file/);
});

test.for<[string, Record<string, string>]>([
  ['decide-retraining', { 'github-token': 'token' }],
  ['plan', { folder: 'plan' }],
  ['train', { folder: 'runs' }],
  ['validate-data', {}],
])(
  '%s refuses a project that there is not, also beside one that there is',
  async ([action, inputs], { folder }) => {
    const { run } = await openFarm(folder);
    for (const projects of ['pumpkns', 'penguins,pumpkns']) {
      const refused = await run(action, { ...inputs, projects });
      expect([refused.code, refused.log]).toEqual([1, expect.stringContaining('PROJECT_UNKNOWN')]);
      expect(refused.outputs.projects).toBeUndefined();
    }
  },
);

/** What a server has written: so many answers of which some are refused, and things that people labelled. */
async function writeFolders(folder: string, labelled: number) {
  const feedback = join(folder, 'feedback');
  await mkdir(join(feedback, 'penguins'), { recursive: true });
  const lines = Array.from({ length: labelled }, (_, at) => {
    const row = { bill_length_mm: 40 + at / 7, bill_depth_mm: 18, body_mass_g: 3700 + at };
    return JSON.stringify({
      ...{ model: 'penguins', version: '0123456789ab', digest: digestJson(row), row },
      ...{ label: 'Adelie', predicted: 'Gentoo', accepted: true, at: new Date().toISOString() },
    });
  });
  const path = join(feedback, 'penguins', `${new Date().toISOString().slice(0, 10)}.jsonl`);
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return feedback;
}

test('a project without a "collect" is retrained on what people labelled, once its policy has enough of it', async ({
  folder,
}) => {
  const { root, hub, run, retrain } = await openFarm(folder);
  const project = join(root, penguins, 'project.ts');
  const text = await readFile(project, 'utf8');
  await writeFile(project, `${text.slice(0, text.indexOf('\n  collect: async'))}\n});\n`);
  await git(root, 'commit', '--quiet', '--all', '-m', 'Collect nothing');
  const decide = (feedback: string) =>
    run('decide-retraining', { 'github-token': 'token', feedback }, { name: 'schedule' });
  const few = await decide(await writeFolders(join(folder, 'few'), 19));
  expect(few.outputs.projects, few.log).toBe('["pumpkins"]');
  expect(few.summary).toContain('penguins: not retrained. Nothing is known to drift');
  expect(few.summary).toContain('19 of 20 labels');
  const feedback = await writeFolders(join(folder, 'enough'), 25);
  const { outputs, log } = await decide(feedback);
  expect(outputs.projects, log).toBe('["penguins","pumpkins"]');
  const { penguins: reason } = JSON.parse(outputs.reasons ?? '');
  expect(reason).toContain('25 things were labelled since the model was made');

  const first = await retrain({ feedback }, { name: 'schedule' }, reason);
  expect(first.outputs['pull-request'], first.log).toBe('1');
  const body = hub.pulls[0]?.body ?? '';
  expect(body).toContain('25 things were labelled since the model was made');
  expect(body).toContain('    Added 25 examples from feedback: Adelie 25.');
  const proposed = await git(root, 'rev-parse', 'retrain/penguins');
  expect(await git(root, 'diff', '--name-only', 'main', proposed)).toBe('data.lock.json');
  const again = await retrain({ feedback }, { name: 'schedule' }, reason);
  expect(await git(root, 'rev-parse', 'retrain/penguins'), again.log).toBe(proposed);
});

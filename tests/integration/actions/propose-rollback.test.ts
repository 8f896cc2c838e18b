import { afterEach, expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { type Promotion, promote } from '../../../platform/registry/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { buildCandidate } from '../../helpers/candidate.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { type FakeGitHub, startGitHub } from '../../helpers/github.ts';
import { runAction } from '../../helpers/run-action.ts';

let github: FakeGitHub | undefined;
afterEach(async () => {
  await github?.close();
  github = undefined;
});

/** A checkout in which two runs were promoted, one after the other. */
async function openFarm(folder: string) {
  const root = await cloneHere(folder);
  const store = openStore(root);
  const runs: string[] = [];
  for (const seed of ['a', 'b']) {
    const candidate = await buildCandidate(store, seed);
    const promotion: Promotion = {
      ...{ root, store, candidate, treeKey: candidate.key, gates: [], code: [] },
      ...{ channel: 'production', commit: true },
    };
    await promote(promotion);
    runs.push(candidate.run);
  }
  const hub = await startGitHub(root);
  github = hub;
  const [before = '', after = ''] = runs;
  const alert = { project: 'pumpkins', fingerprint: '5b3d7cbb9ab1a0f2', alert: 'Worse' };
  const call = (version: string, change: object = {}) =>
    runAction({
      ...{ root, action: 'propose-rollback', inputs: { 'github-token': 'token' } },
      event: { client_payload: { ...alert, version, reason: '12 % wrong <b>', ...change } },
      env: { GITHUB_API_URL: hub.url, GITHUB_EVENT_NAME: 'repository_dispatch' },
    });
  return { root, hub, before, after, call };
}

test('an alert about the promotion that serves leads to one pull request, which changes the pointer only', async ({
  folder,
}) => {
  const { root, hub, before, after, call } = await openFarm(folder);
  const main = await git(root, 'rev-parse', 'main');
  const proposed = await call(after);
  expect(proposed.code, proposed.log).toBe(0);
  expect(proposed.outputs['pull-request']).toBe('1');
  const branch = `rollback/pumpkins-${after}`;
  const pointer = 'models/pumpkins/production.json';
  expect(await git(root, 'diff', '--name-only', 'main', branch)).toBe(pointer);
  const earlier = await git(root, 'log', '-1', '--skip=1', '--format=%H', 'main', '--', pointer);
  expect(await git(root, 'diff', earlier, branch, '--', pointer)).toBe('');
  const [pull, ...more] = hub.pulls;
  expect(more).toEqual([]);
  expect(pull?.title).toBe(`Roll back pumpkins from ${after} to ${before}`);
  expect(pull?.body).toContain('12 % wrong &lt;b&gt;');
  expect((await call(after)).outputs['pull-request']).toBe('1');
  expect(hub.pulls).toHaveLength(1);
  expect(await git(root, 'rev-parse', 'main')).toBe(main);
});

test('one that a person closed stays closed', async ({ folder }) => {
  const { hub, after, call } = await openFarm(folder);
  await call(after);
  const [pull] = hub.pulls;
  if (pull) pull.state = 'closed';
  const again = await call(after);
  expect([again.code, again.outputs['pull-request']]).toEqual([0, '']);
  expect(again.log).toContain('A person has closed');
  expect(hub.pulls).toHaveLength(1);
});

test('an alert about a version that no longer serves changes nothing', async ({ folder }) => {
  const { hub, before, call } = await openFarm(folder);
  const late = await call(before);
  expect([late.code, late.outputs['pull-request']]).toEqual([0, '']);
  expect(late.log).toContain('has moved on');
  expect(hub.pulls).toEqual([]);
  expect(hub.requests).toEqual([]);
});

test('an alert about what never served, or about no project, changes nothing either', async ({
  folder,
}) => {
  const { root, hub, before, after, call } = await openFarm(folder);
  const nowhere = await call(after, { project: 'nope' });
  expect([nowhere.code, nowhere.outputs['pull-request']]).toEqual([0, '']);
  expect(nowhere.log).toContain('nothing serves');
  // Then the first of the promotions is the only one.
  await git(root, 'reset', '--quiet', '--hard', 'HEAD^');
  const late = await call(after);
  expect([late.code, late.outputs['pull-request']]).toEqual([0, '']);
  expect(late.log).toContain(`${before} serves`);
  expect(hub.requests).toEqual([]);
  const alone = await call(before);
  expect([alone.code, alone.log]).toEqual([1, expect.stringContaining('ROLLBACK_NOTHING')]);
});

test.for<[string, object]>([
  ['has a field more', { token: 'x' }],
  ['names a path', { project: '../pumpkins' }],
  ['names no version', { version: 'main' }],
])('a payload that %s is refused', async ([, change], { folder }) => {
  const { hub, after, call } = await openFarm(folder);
  const refused = await call(after, change);
  expect([refused.code, refused.log]).toEqual([1, expect.stringContaining('PAYLOAD_INVALID')]);
  expect(hub.requests).toEqual([]);
});

test('an alert about a canary leads to a pull request that ends it and nothing else', async ({
  folder,
}) => {
  const { root, hub, after, call } = await openFarm(folder);
  const store = openStore(root);
  const candidate = await buildCandidate(store, 'c');
  await promote({
    ...{ root, store, candidate, treeKey: candidate.key, gates: [], code: [] },
    ...{ channel: 'canary', traffic: { share: 0.1 }, commit: true },
  });
  const proposed = await call(candidate.run);
  expect(proposed.code, proposed.log).toBe(0);
  const branch = `rollback/pumpkins-${candidate.run}`;
  const changed = await git(root, 'diff', '--name-status', 'main', branch);
  expect(changed).toBe('D\tmodels/pumpkins/canary.json');
  expect(hub.pulls[0]?.title).toBe(`End the canary of pumpkins ${candidate.run}`);
  await call(after);
  expect(hub.pulls.map(({ title }) => title)[1]).toContain(`Roll back pumpkins from ${after}`);
});

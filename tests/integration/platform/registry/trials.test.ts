import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { writeJson } from '../../../../platform/lib/json-file.ts';
import {
  describeTrials,
  endTrial,
  history,
  type Promotion,
  promote,
  type TrialChannel,
  verify,
} from '../../../../platform/registry/index.ts';
import type { ModelRecord, Traffic } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { cloneHere } from '../../../helpers/clone.ts';
import { test } from '../../../helpers/folder.ts';

/** A checkout in which one run is promoted, and the record of another one. */
async function openFarm(folder: string) {
  const root = await cloneHere(folder);
  const store = openStore(root);
  const [champion, candidate] = [
    await buildCandidate(store, 'a'),
    await buildCandidate(store, 'b'),
  ];
  const request = (record: ModelRecord): Promotion => ({
    ...{ root, store, candidate: record, treeKey: record.key, gates: [], code: [] },
    ...{ channel: 'production', commit: true },
  });
  await promote(request(champion));
  const attempt = (channel: TrialChannel, traffic: Traffic, record = candidate) =>
    promote({ ...request(record), channel, traffic });
  const text = (name: string) => readFileSync(join(root, 'models/pumpkins', name), 'utf8');
  return { root, store, champion, candidate, request, attempt, text };
}

test('a canary is a commit that leaves production as it is, word for word, and history says so', async ({
  folder,
}) => {
  const { root, champion, candidate, attempt, text } = await openFarm(folder);
  const before = text('production.json');
  const { commit, replaced } = await attempt('canary', { share: 0.1, key: 'x-stall' });
  expect(text('production.json')).toBe(before);
  expect(replaced).toBe(null);
  expect(await git(root, 'show', '--name-only', '--format=%s', commit ?? '')).toBe(
    `Promote pumpkins ${candidate.run} to canary\n\nmodels/pumpkins/canary.json\nmodels/pumpkins/records/${candidate.run}.json`,
  );
  expect(JSON.parse(text('canary.json'))).toMatchObject({
    ...{ run: candidate.run, champion: champion.run, traffic: { share: 0.1, key: 'x-stall' } },
  });
  const runs = async (channel: 'production' | 'canary') =>
    (await history(root, 'pumpkins', channel)).map(({ run, kind }) => [run, kind]);
  expect(await runs('production')).toEqual([[champion.run, 'promotion']]);
  expect(await runs('canary')).toEqual([[candidate.run, 'promotion']]);
  expect(await describeTrials(root, 'pumpkins')).toEqual([
    `canary ${candidate.run}: answers 10 % of the requests that have x-stall, by its value.`,
  ]);
});

test('ending a canary removes its pointer in one commit and keeps its record', async ({
  folder,
}) => {
  const { root, candidate, attempt, text } = await openFarm(folder);
  const before = text('production.json');
  await attempt('canary', { share: 0.1 });
  const end = { root, model: 'pumpkins', channel: 'canary', commit: true } as const;
  const { run, commit } = await endTrial(end);
  expect(run).toBe(candidate.run);
  expect(await git(root, 'show', '--name-status', '--format=', commit ?? '')).toBe(
    'D\tmodels/pumpkins/canary.json',
  );
  expect(text('production.json')).toBe(before);
  expect(await git(root, 'status', '--porcelain', 'models')).toBe('');
  await expect(endTrial(end)).rejects.toMatchObject({ code: 'TRIAL_NONE' });
  const kinds = (await history(root, 'pumpkins', 'canary')).map(({ kind }) => kind);
  expect(kinds).toEqual(['removal', 'promotion']);
});

test('a promotion of the canary ends it in the same commit, and a revert brings both back', async ({
  folder,
}) => {
  const { root, champion, candidate, attempt, request, text } = await openFarm(folder);
  await attempt('canary', { share: 0.1 });
  await attempt('shadow', { share: 1 }, await buildCandidate(openStore(root), 'c'));
  await promote(request(candidate));
  expect(JSON.parse(text('production.json'))).toMatchObject({
    ...{ run: candidate.run, champion: champion.run },
  });
  expect(text('production.json')).not.toContain('traffic');
  expect(existsSync(join(root, 'models/pumpkins/canary.json'))).toBe(false);
  expect(existsSync(join(root, 'models/pumpkins/shadow.json'))).toBe(true);
  await git(root, 'revert', '--no-edit', 'HEAD');
  expect(JSON.parse(text('production.json')).run).toBe(champion.run);
  expect(JSON.parse(text('canary.json')).run).toBe(candidate.run);
});

test.for(['only written into the working tree', 'added to the index'])(
  'a promotion ends a canary that was %s',
  async (state, { folder }) => {
    const { root, candidate, request, text } = await openFarm(folder);
    const traffic = { share: 0.1 };
    await promote({ ...request(candidate), channel: 'canary', traffic, commit: false });
    if (state === 'added to the index') await git(root, 'add', 'models');
    const { commit } = await promote(request(candidate));
    expect(commit).not.toBe(null);
    expect(JSON.parse(text('production.json')).run).toBe(candidate.run);
    expect(existsSync(join(root, 'models/pumpkins/canary.json'))).toBe(false);
    expect(await git(root, 'status', '--porcelain', 'models')).toBe('');
  },
);

test('what is in production cannot be tried, nor anything beside nothing', async ({ folder }) => {
  const { root, champion, attempt } = await openFarm(folder);
  await expect(attempt('canary', { share: 0.1 }, champion)).rejects.toMatchObject({
    code: 'TRIAL_SERVES',
  });
  await git(root, 'rm', '--quiet', 'models/pumpkins/production.json');
  await git(root, 'commit', '--quiet', '-m', 'Take it out');
  await expect(attempt('canary', { share: 0.1 })).rejects.toMatchObject({
    code: 'TRIAL_NOTHING_SERVES',
  });
});

test('verify proves a canary against production, and names one that says nothing of its requests', async ({
  folder,
}) => {
  const { root, store, candidate, attempt } = await openFarm(folder);
  const base = await git(root, 'rev-parse', 'HEAD');
  await attempt('canary', { share: 0.1 });
  const against: (string | null)[] = [];
  const check = () =>
    verify({
      ...{ root, store, model: 'pumpkins', channel: 'canary', base },
      treeKey: async () => candidate.key,
      gatesAgainst: async (_, champion) => {
        against.push(champion);
        return [];
      },
    });
  const found = await check();
  expect(found.filter(({ passed }) => !passed)).toEqual([]);
  expect(found.map(({ message }) => message)).toContain('Answers 10 % of the requests');
  expect(against).toHaveLength(1);
  expect(against[0]).not.toBe(null);
  await attempt('canary', { share: 1 });
  const path = join(root, 'models/pumpkins/canary.json');
  const { traffic: _, ...bare } = JSON.parse(readFileSync(path, 'utf8'));
  await writeJson(path, bare);
  const faults = (await check()).filter(({ passed }) => !passed).map(({ message }) => message);
  expect(faults.join()).toContain('does not say which requests go to it');
});

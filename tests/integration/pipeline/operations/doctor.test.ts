import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { afterEach, describe, expect, vi } from 'vitest';
import { diagnose } from '../../../../pipeline/operations/doctor.ts';
import { diagnoseGitHub } from '../../../../pipeline/operations/doctor-github.ts';
import { git } from '../../../../platform/lib/git.ts';
import { makeFolder } from '../../../../platform/lib/make-folder.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { cloneHere } from '../../../helpers/clone.ts';
import { test } from '../../../helpers/folder.ts';

const root = join(import.meta.dirname, '../../../..');

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

test('a clone without a remote works, and every finding says what to do', async ({ folder }) => {
  const clone = await cloneHere(folder);
  const signal = new AbortController().signal;
  const found = await diagnose({ root: clone, reporter: silentReporter, signal });
  const states = Object.fromEntries(found.map(({ check, state }) => [check, state]));
  expect(states).toMatchObject({ 'git identity': 'ok', remote: 'warning', store: 'warning' });
  expect(found.filter(({ state, fix }) => state !== 'ok' && fix === '')).toEqual([]);

  await git(clone, 'config', 'user.email', '');
  await git(clone, 'config', 'user.name', '');
  const manifest = join(clone, 'package.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(
    manifest,
    text.replace('"private"', '"mainstem": { "remote": "/not/there" },\n  "private"'),
  );
  const again = await diagnose({ root: clone, reporter: silentReporter, signal });
  const failed = again.filter(({ state }) => state === 'failure').map(({ check }) => check);
  expect(failed).toEqual(['git identity', 'remote']);
});

test('a native part of a backend that is damaged is named with what makes it again', async ({
  folder,
}) => {
  const parts = join(folder, 'parts');
  const file = { bytes: 1, digest: `sha256:${'0'.repeat(64)}` };
  const manifest = { version: 1, tensorflow: '2.21.0', binding: '4.22.0', files: { gone: file } };
  await makeFolder(join(parts, 'tensorflow'));
  await writeFile(join(parts, 'tensorflow', 'native.json'), JSON.stringify(manifest));
  vi.stubEnv('MAINSTEM_BACKENDS', parts);
  ends.push(async () => void vi.unstubAllEnvs());
  const workspace = { root: folder, reporter: silentReporter };
  const found = await diagnose({ ...workspace, signal: new AbortController().signal });
  expect(found.find(({ check }) => check === 'backends')).toEqual({
    check: 'backends',
    state: 'warning',
    message: expect.stringContaining('tensorflow: its native part lacks the file gone'),
    fix: expect.stringContaining('backend install tensorflow --force'),
  });
});

const home = '/repos/jen/farm';
const app = { name: 'RETRAIN_APP_CLIENT_ID', value: 'Iv23' };

function followKey(kind: 'ed25519' | 'x25519' = 'ed25519') {
  const { publicKey } = kind === 'ed25519' ? generateKeyPairSync(kind) : generateKeyPairSync(kind);
  const value = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return { name: 'MAINSTEM_FOLLOW_KEY', value };
}

async function settled(): Promise<Record<string, unknown>> {
  const { rules } = JSON.parse(await readFile(join(root, '.github/ruleset.json'), 'utf8'));
  const branches = { deployment_branch_policy: { protected_branches: true } };
  return {
    [home]: { default_branch: 'trunk', owner: { type: 'User' } },
    [`${home}/rules/branches/trunk`]: rules,
    [`${home}/actions/permissions/workflow`]: {
      default_workflow_permissions: 'read',
      can_approve_pull_request_reviews: true,
    },
    [`${home}/actions/permissions`]: { sha_pinning_required: true },
    [`${home}/environments/production`]: { protection_rules: [{ type: 'required_reviewers' }] },
    [`${home}/environments/production-deploy`]: branches,
    [`${home}/environments/bot`]: branches,
    [`${home}/environments/bot/secrets`]: { secrets: [{ name: 'RETRAIN_APP_PRIVATE_KEY' }] },
    [`${home}/environments/production-publish`]: branches,
    [`${home}/environments/production-publish/secrets`]: {
      secrets: [{ name: 'MAINSTEM_PUBLISH_KEY' }],
    },
    [`${home}/actions/variables`]: { variables: [app, followKey()] },
    '/users/jen/packages/container/farm%2Fstore': { repository: { full_name: 'jen/farm' } },
  };
}

/** Settings as GitHub tells them: path → answer; a number is a status, what is missing is 404. */
async function startSettings(answers: Record<string, unknown>): Promise<NodeJS.ProcessEnv> {
  const app = fastify();
  app.get('*', async ({ raw, headers }, reply) => {
    if (headers.authorization !== 'Bearer secret') return reply.code(401).send({});
    const answer = answers[(raw.url ?? '').split('?')[0] ?? ''] ?? 404;
    return typeof answer === 'number' ? reply.code(answer).send({}) : reply.send(answer);
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  ends.push(() => app.close());
  return { GITHUB_API_URL: url, GITHUB_REPOSITORY: 'jen/farm', GH_TOKEN: 'secret' };
}

test('a repository in which no server follows what is published lacks nothing for it', async () => {
  const environment = `${home}/environments/production-publish`;
  const found = await diagnoseGitHub(
    root,
    await startSettings({
      ...(await settled()),
      ...{ [`${home}/actions/variables`]: { variables: [app] } },
      ...{ [environment]: 404, [`${environment}/secrets`]: 404 },
    }),
  );
  expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
});

test('a repository with every setting is healthy', async () => {
  const found = await diagnoseGitHub(root, await startSettings(await settled()));
  expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(found).toHaveLength(9);
});

const rules = `${home}/rules/branches/trunk`;
const statuses = (...contexts: readonly string[]) => ({
  type: 'required_status_checks',
  parameters: { required_status_checks: contexts.map((context) => ({ context })) },
});
const others = [
  { type: 'deletion' },
  { type: 'non_fast_forward' },
  { type: 'pull_request', parameters: { require_last_push_approval: true } },
];
const four = ['mainstem/data', 'mainstem/gates', 'mainstem/promotion', 'mainstem/tests'];

describe('a setting that is wrong is named with its fix', () => {
  test.for<[string, unknown, string, string, string]>([
    [rules, [], 'ruleset', 'failure', '--input .github/ruleset.json'],
    [rules, [...others, statuses('mainstem/data')], 'ruleset', 'failure', 'POST'],
    [rules, [...others, statuses(...four, 'check / test')], 'ruleset', 'failure', 'Take it out'],
    [rules, [...others, statuses(...four)], 'ruleset', 'warning', 'review again'],
    [
      `${home}/actions/permissions/workflow`,
      { default_workflow_permissions: 'write', can_approve_pull_request_reviews: true },
      ...(['workflow permissions', 'failure', 'default_workflow_permissions=read'] as const),
    ],
    [`${home}/actions/permissions/workflow`, 403, 'workflow permissions', 'unknown', 'admin'],
    [`${home}/actions/permissions`, {}, 'pinned actions', 'warning', 'full-length SHA'],
    [`${home}/environments/production`, {}, 'environment production', 'warning', 'reviewers'],
    [`${home}/environments/bot`, 404, 'environment bot', 'warning', 'create it'],
    [`${home}/environments/bot/secrets`, { secrets: [] }, 'app', 'failure', 'gh secret set'],
    [`${home}/actions/variables`, { variables: [followKey()] }, 'app', 'warning', 'docs/github.md'],
    [
      `${home}/actions/variables`,
      { variables: [app, followKey('x25519')] },
      ...(['publishing', 'failure', 'openssl genpkey'] as const),
    ],
    [
      `${home}/environments/production-publish/secrets`,
      404,
      ...(['publishing', 'failure', '--env production-publish < key.pem'] as const),
    ],
    [`${home}/environments/production-publish/secrets`, 403, 'publishing', 'unknown', 'secrets'],
    [`${home}/environments/production-publish`, {}, 'publishing', 'warning', 'restrict'],
    ['/users/jen/packages/container/farm%2Fstore', {}, 'store', 'failure', 'connect'],
    ['/users/jen/packages/container/farm%2Fstore', 403, 'store', 'unknown', 'read:packages'],
  ])('%s: %j', async ([path, answer, check, state, fix]) => {
    const environment = await startSettings({ ...(await settled()), [path]: answer });
    const found = await diagnoseGitHub(root, environment);
    const wrong = found.filter((finding) => finding.state !== 'ok');
    expect(wrong).toMatchObject([{ check, state, fix: expect.stringContaining(fix) }]);
  });
});

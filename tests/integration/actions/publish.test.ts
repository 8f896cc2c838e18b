import { generateKeyPairSync } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { type Ends, openFarm, promoteAgain, second } from '../../helpers/deployment.ts';
import { test } from '../../helpers/folder.ts';
import { runAction } from '../../helpers/run-action.ts';

const ends: Ends = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const pair = generateKeyPairSync('ed25519');
const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const followKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const inputs = { 'github-token': 'x', 'follow-key': followKey, key };

test('the action, run as the runner runs it, publishes what is newer and nothing twice', async ({
  folder,
}) => {
  const farm = await openFarm(folder, ends, async () => '');
  const { root } = farm.workspace;
  const publish = async (changed = {}) => {
    const given = { ...inputs, remote: farm.remote, ...changed };
    return runAction({ root, action: 'publish', inputs: given });
  };
  const commit = await git(root, 'rev-parse', 'HEAD');
  const first = await publish();
  expect(first.outputs, first.log).toMatchObject({ state: 'published', commit });
  expect(first.log).toContain(`::notice::Servers follow ${first.outputs.document}`);
  expect(first.log.replaceAll(/::add-mask::.*/g, '')).not.toContain(key.split('\n')[1]);
  expect((await publish()).outputs).toEqual({ ...first.outputs, state: 'unchanged' });

  await promoteAgain(root, second);
  const newer = await farm.commit('Promote another record of the same network');
  const published = await publish();
  expect(published.outputs).toMatchObject({ state: 'published', commit: newer });
  await git(root, 'checkout', '--quiet', 'HEAD^');
  const late = { ...published.outputs, state: 'outdated', commit };
  expect((await publish()).outputs).toEqual(late);

  const withoutKey = await publish({ key: '' });
  expect([withoutKey.code, withoutKey.log]).toEqual([
    1,
    expect.stringContaining('::error::PUBLISH_KEY_MISSING'),
  ]);
  const nowhere = await publish({ remote: '' });
  expect(nowhere.log).toContain('::error::REMOTE_UNSET');
});

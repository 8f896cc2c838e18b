import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bridgeVariables, readBridgeConfig } from '../../../../monitoring/bridge/config.ts';
import { createBridgeGitHub } from '../../../../monitoring/bridge/github.ts';
import { test } from '../../../helpers/folder.ts';

const secret = 'x'.repeat(32);

async function environment(folder: string): Promise<Record<string, string>> {
  const files = {
    secret: `${secret}\n`,
    short: 'short',
    token: 'ghp_1\n',
    key: 'no key',
    two: 'a b',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return {
    MAINSTEM_BRIDGE_REPOSITORY: 'jen/farm',
    MAINSTEM_BRIDGE_SECRET_FILE: join(folder, 'secret'),
    MAINSTEM_BRIDGE_TOKEN_FILE: join(folder, 'token'),
  };
}

test('secrets are read from their files, and everything else has a default', async ({ folder }) => {
  const config = await readBridgeConfig(await environment(folder));
  expect(config).toMatchObject({ secret, credentials: { token: 'ghp_1' }, coolDownHours: 24 });
  expect(config.api).toBe('https://api.github.com');
});

test('an app signs in where there is no token', async ({ folder }) => {
  const { MAINSTEM_BRIDGE_TOKEN_FILE: _, ...rest } = await environment(folder);
  await writeFile(join(folder, 'key'), '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----');
  const config = await readBridgeConfig({
    ...rest,
    MAINSTEM_BRIDGE_APP_CLIENT_ID: 'Iv23',
    MAINSTEM_BRIDGE_APP_KEY_FILE: join(folder, 'key'),
  });
  expect(config.credentials).toMatchObject({ clientId: 'Iv23' });
  const build = () => createBridgeGitHub({ config, now: Date.now, random: Math.random });
  expect(build).toThrow(/MAINSTEM_BRIDGE_APP_KEY_FILE .* private key/);
});

test.for<[string, Record<string, string>]>([
  ['MAINSTEM_BRIDGE_REPOSITORY', { MAINSTEM_BRIDGE_REPOSITORY: '' }],
  ['MAINSTEM_BRIDGE_REPOSITORY', { MAINSTEM_BRIDGE_REPOSITORY: 'jen/farm/../gourds' }],
  ['MAINSTEM_BRIDGE_API', { MAINSTEM_BRIDGE_API: 'http://github.example' }],
  ['MAINSTEM_BRIDGE_API', { MAINSTEM_BRIDGE_API: 'ftp://github.example' }],
  ['MAINSTEM_BRIDGE_SECRET_FILE', { MAINSTEM_BRIDGE_SECRET_FILE: '{folder}/short' }],
  ['MAINSTEM_BRIDGE_TOKEN_FILE', { MAINSTEM_BRIDGE_TOKEN_FILE: '' }],
  ['MAINSTEM_BRIDGE_TOKEN_FILE', { MAINSTEM_BRIDGE_TOKEN_FILE: '{folder}/two' }],
  ['MAINSTEM_BRIDGE_TOKEN_FILE', { MAINSTEM_BRIDGE_APP_CLIENT_ID: 'Iv23' }],
  [
    'MAINSTEM_BRIDGE_APP_KEY_FILE',
    {
      MAINSTEM_BRIDGE_TOKEN_FILE: '',
      MAINSTEM_BRIDGE_APP_CLIENT_ID: 'Iv23',
      MAINSTEM_BRIDGE_APP_KEY_FILE: '{folder}/key',
    },
  ],
  ['MAINSTEM_BRIDGE_COOL_DOWN_HOURS', { MAINSTEM_BRIDGE_COOL_DOWN_HOURS: 'often' }],
  ['MAINSTEM_BRIDGE_QUEUE', { MAINSTEM_BRIDGE_QUEUE: '0' }],
  ['PORT', { PORT: '70000' }],
])('a wrong %s is named, and no secret is shown', async ([variable, change], { folder }) => {
  const changed = Object.entries({ ...(await environment(folder)), ...change });
  const set = changed.map(([key, value]) => [key, value.replace('{folder}', folder)]);
  const fault = await readBridgeConfig(Object.fromEntries(set)).catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: 'BRIDGE_CONFIG_INVALID', details: { key: variable } });
  for (const text of [secret, 'ghp_1', 'short', 'no key', 'a b'])
    expect(String(fault)).not.toContain(` ${text} `);
  expect(Object.values(bridgeVariables)).toContain(variable);
  // Neither a rule for machines nor a sentence without a word for what was found.
  expect(String(fault)).not.toMatch(/pattern|[\\^$]|<=|is not, but| is ,/);
});

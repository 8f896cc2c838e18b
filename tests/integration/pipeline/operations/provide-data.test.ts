import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

const table = 'pipeline/projects/penguins/penguins.csv';

/** What a clone lacks: everything that git ignores. */
const forgetStore = ({ root }: TinyPlatform) => rm(join(root, '.mainstem'), { recursive: true });

test.each(['run', 'validate', 'experiment'])(
  '%s on a fresh clone stores the data of the tree first',
  async (command) => {
    const platform = await createTinyPlatform();
    await forgetStore(platform);
    const done = await platform.mainstem(command, 'penguins');
    expect(done.code, done.err).toBe(0);
  },
);

test('data that the tree does not have as locked comes from the remote, and is refused without one', async () => {
  const platform = await createTinyPlatform();
  const { mainstem, root } = platform;
  expect((await mainstem('push', '--remote', join(root, 'remote'))).code).toBe(0);
  await forgetStore(platform);
  await platform.edit(table, 'Torgersen', 'Elsewhere');
  const refused = await mainstem('run', 'penguins', '--to', 'validate');
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain('DATA_NOT_AS_LOCKED');
  await platform.edit('package.json', /^\{/, '{ "mainstem": { "remote": "remote" },');
  const provided = await mainstem('run', 'penguins', '--to', 'validate');
  expect(provided.code, provided.err).toBe(0);
});

test('a dry run provides nothing', async () => {
  const platform = await createTinyPlatform();
  await forgetStore(platform);
  const plan = await platform.mainstem('run', 'penguins', '--dry-run');
  expect(plan.out).toMatch(/validate +would run/);
});

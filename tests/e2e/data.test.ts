import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cloneHere } from '../helpers/clone.ts';
import { test } from '../helpers/folder.ts';
import { mainstem } from '../helpers/mainstem.ts';

test('one dataset that fails does not stop status and checkout of the others', async ({
  folder,
}) => {
  const clone = await cloneHere(folder);
  const photos = join(clone, 'data/pumpkins/2026/good');
  await mkdir(photos, { recursive: true });
  const name = Buffer.from('/caf\xe9.jpg', 'latin1');
  await writeFile(Buffer.concat([Buffer.from(photos), name]), 'x');
  const status = await mainstem(clone, 'status');
  expect(status.code).toBe(1);
  expect(status.stdout).toMatch(/^penguins: as locked/m);
  expect(status.stdout).toMatch(/^pumpkins: DATA_NAME_INVALID .*caf\\xe9/m);
  const checkout = await mainstem(clone, 'checkout', '--json');
  const results = JSON.parse(checkout.stdout);
  expect(checkout.code).toBe(1);
  expect(results.penguins).toMatchObject({ tracked: true });
  expect(results.pumpkins.error).toMatchObject({ code: 'DATA_NAME_INVALID' });
  expect(results['pumpkins-other'].error).toMatchObject({ code: 'STORE_MISSING' });
});

test('a dataset that the project has moved is reported and not written to the old place', async ({
  folder,
}) => {
  const clone = await cloneHere(folder);
  const path = join(clone, 'data.lock.json');
  const old = (await readFile(path, 'utf8')).replace('penguins/penguins.csv', 'penguins/birds.csv');
  await writeFile(path, old);
  const status = await mainstem(clone, 'status', 'penguins', '--check');
  expect(status.stdout).toContain('data.lock.json has it at pipeline/projects/penguins/birds.csv');
  expect(status.code).toBe(1);
  const checkout = await mainstem(clone, 'checkout', '--project', 'penguins', '--json');
  expect(JSON.parse(checkout.stdout).error.code).toBe('DATA_MOVED');
  expect((await mainstem(clone, 'lock', 'penguins')).stdout).toContain(
    'penguins: now at pipeline/projects/penguins/penguins.csv',
  );
});

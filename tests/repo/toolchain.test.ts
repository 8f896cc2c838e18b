import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Update {
  readonly 'package-ecosystem': string;
  readonly directory: string;
  readonly schedule: { readonly interval: string };
  readonly cooldown?: { readonly 'default-days': number };
  readonly groups?: Readonly<Record<string, { readonly patterns?: readonly string[] }>>;
}

async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
}

async function readDevcontainer(): Promise<{ image: string; postCreateCommand: string }> {
  return JSON.parse(await readFile(join(root, '.devcontainer/devcontainer.json'), 'utf8'));
}

async function readUpdates(): Promise<readonly Update[]> {
  return parse(await readFile(join(root, '.github/dependabot.yml'), 'utf8')).updates;
}

test('version managers and the devcontainer offer the Node that the repository pins', async () => {
  const { dependencies } = await readManifest();
  const offered = await readFile(join(root, '.node-version'), 'utf8');
  const { image } = await readDevcontainer();
  expect(offered.trim()).toBe(dependencies.node);
  expect(image).toMatch(new RegExp(`^node:${dependencies.node}-`));
});

test('the devcontainer is set up by a script of package.json', async () => {
  const { scripts } = await readManifest();
  const { postCreateCommand } = await readDevcontainer();
  const script = /^npm run ([\w:]+)$/.exec(postCreateCommand)?.[1] ?? '';
  expect(Object.keys(scripts)).toContain(script);
});

test('Dependabot looks only at folders that exist, monthly, in groups and with a cool-down', async () => {
  for (const update of await readUpdates()) {
    const name = update['package-ecosystem'];
    expect(existsSync(join(root, update.directory)), `${name} ${update.directory}`).toBe(true);
    expect(update.schedule.interval, name).toBe('monthly');
    expect(update.cooldown?.['default-days'], name).toBeGreaterThanOrEqual(7);
    expect(Object.keys(update.groups ?? {}), name).not.toEqual([]);
  }
});

test('every package of the group that trains again is a dependency', async () => {
  const { dependencies } = await readManifest();
  const npm = (await readUpdates()).find((update) => update['package-ecosystem'] === 'npm');
  const patterns = npm?.groups?.stages?.patterns ?? [];
  const unknown = patterns.filter(
    (pattern) =>
      !Object.keys(dependencies).some((name) => name.startsWith(pattern.replace('*', ''))),
  );
  expect(patterns).not.toEqual([]);
  expect(unknown).toEqual([]);
});

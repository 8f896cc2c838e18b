import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTinyPlatform } from '../run/tiny-platform.ts';

test('a promotion says whose data it takes into its commit beside its own', {
  timeout: 300_000,
}, async () => {
  const { root, mainstem } = await createTinyPlatform();
  const done = async (...args: string[]) => {
    const { code, out, err } = await mainstem(...args);
    expect(code, err).toBe(0);
    return out + err;
  };
  const rows = Array.from(
    { length: 240 },
    (_, at) => `${(at % 2) * 100 + at},${at % 2 ? 'owl' : 'crow'}`,
  );
  await writeFile(join(root, 'birds.csv'), ['wing,bird', ...rows, ''].join('\n'));
  await done('init', 'birds', '--from', 'birds.csv', '--label', 'bird');
  await done('lock', 'birds');
  await done('experiment', 'penguins');
  expect(await done('promote', 'penguins')).toMatch(
    /data\.lock\.json also has what changed in birds/,
  );
  await done('experiment', 'birds');
  expect(await done('promote', 'birds')).not.toContain('also has');
});

import { expect } from 'vitest';
import { buildFeatureFarm } from '../../../helpers/feature-farm.ts';
import { test } from '../../../helpers/folder.ts';

const sharing = (path: string, names: string) =>
  `${path} is the data of ${names}, too: what changes there changes it for all of them.`;

test('collect and join name the other projects that have the same file in their data', {
  timeout: 300_000,
}, async ({ folder }) => {
  const farm = await buildFeatureFarm(folder);
  await farm.edit(
    'pipeline/projects/tab/project.ts',
    "  name: 'tab',",
    "  name: 'tab',\n  collect: async () => {},",
  );
  const done = async (...args: string[]) => {
    const { code, out, err } = await farm.mainstem(...args);
    expect(code, err).toBe(0);
    return out;
  };
  expect(await done('features', 'join', 'tab')).not.toContain('is the data of');
  expect(await done('collect', 'tab')).not.toContain('is the data of');
  await done('init', 'twin', '--from', 'data/tab.csv', '--label', 'kind');
  await done('init', 'asked', '--from', 'data/asked.csv', '--label', 'kind');
  expect(await done('features', 'join', 'tab')).toContain(sharing('data/tab.csv', 'twin'));
  expect(await done('collect', 'tab')).toContain(sharing('data/asked.csv', 'asked'));
  expect(JSON.parse(await done('collect', 'tab', '--json'))).toMatchObject({ others: ['asked'] });
});

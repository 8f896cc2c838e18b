import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StoryDefinition } from './definition.ts';
import { stories } from './list.ts';

const here = import.meta.dirname;

test('every story of every file is in the list, and the README names it in the row of its file', async () => {
  const files = (await readdir(here)).filter((name) => name.endsWith('.test.ts'));
  const readme = await readFile(join(here, '../README.md'), 'utf8');
  const listed: StoryDefinition[] = [];
  for (const file of files.filter((name) => name !== 'list.test.ts')) {
    const name = file.replace('.test.ts', '');
    const told: { stories: readonly StoryDefinition[] } = await import(join(here, `${name}.ts`));
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
    const named = row.match(/`[\w-]+`/g)?.slice(1) ?? [];
    expect(named, name).toEqual(told.stories.map((story) => `\`${story.name}\``));
    listed.push(...told.stories);
  }
  expect(new Set(stories)).toEqual(new Set(listed));
  expect(stories).toHaveLength(listed.length);
});

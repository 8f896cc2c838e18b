import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openEndedSessions } from '../../../../serving/access/ended-sessions.ts';
import { test } from '../../../helpers/folder.ts';

const id = (letter: string) => letter.repeat(22);

test('sessions that have expired are forgotten, and their files removed', async ({ folder }) => {
  const path = join(folder, 'ended');
  const one = await openEndedSessions(path);
  await one.add({ id: id('a'), expires: 100 }, 50);
  one.close();
  const two = await openEndedSessions(path);
  expect([two.has(id('a')), two.has(id('b'))]).toEqual([true, false]);
  await two.add({ id: id('b'), expires: 300 }, 200);
  two.close();
  expect(await readdir(path)).toEqual([`300.${id('b')}`]);
});

test('what else lies in the folder is left where it is', async ({ folder }) => {
  for (const name of ['README', '1.short', `x.${id('a')}`]) await writeFile(join(folder, name), '');
  const ended = await openEndedSessions(folder);
  await ended.add({ id: id('c'), expires: 300 }, 200);
  ended.close();
  expect(await readdir(folder)).toHaveLength(4);
});

test('of too many the ones that expire first are forgotten', async ({ folder }) => {
  const ended = await openEndedSessions(folder, 2);
  for (const [letter, expires] of [
    ['a', 10],
    ['b', 30],
    ['c', 20],
  ] as const)
    await ended.add({ id: id(letter), expires }, 0);
  ended.close();
  expect(['a', 'b', 'c'].filter((letter) => ended.has(id(letter)))).toEqual(['b', 'c']);
});

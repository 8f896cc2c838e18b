import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { type FollowReporter, followBranch } from '../../../../serving/following/follow-branch.ts';
import type { Origin } from '../../../../serving/following/origin.ts';
import { createPackages } from '../../../../serving/following/packages.ts';
import { openViews } from '../../../../serving/following/views.ts';
import { test } from '../../../helpers/folder.ts';

const commits = ['a', 'b', 'c', 'd', 'e', 'f'].map((digit) => digit.repeat(40));
const files = new Map([['models/gourds/production.json', Buffer.from('{}')]]);

/** A branch whose looks give what the test says, one after another. */
function script(looks: (string | Error | null)[]): Origin & { readonly known: (string | null)[] } {
  const known: (string | null)[] = [];
  return {
    ...{ address: 'here', branch: 'main', known },
    async look(before) {
      known.push(before);
      const next = looks.shift();
      if (next instanceof Error) throw next;
      return next === null || next === undefined ? null : { commit: next, files };
    },
  };
}

async function follow(folder: string, origin: Origin, said: string[] = []) {
  let at = 0;
  const reporter: FollowReporter = {
    looked: (outcome) => said.push(outcome),
    failed: ({ code }) => said.push(code),
    recovered: () => said.push('recovered'),
    followed: (commit) => said.push(commit.slice(0, 1)),
  };
  const store = openStore(folder);
  const openRemote = async () => {
    throw new MainstemError('REMOTE_UNSET');
  };
  const source = await followBranch({
    ...{ from: 'git', origin, root: folder, everySeconds: 0, reporter, now: () => at },
    views: await openViews(`${folder}/followed`),
    packages: createPackages({ root: folder, store, openRemote }),
  });
  const pass = (seconds: number) => {
    at += seconds * 1000;
  };
  return { source, pass };
}

const unreachable = (reason: string) =>
  new MainstemError('FOLLOW_UNREACHABLE', { address: 'here', branch: 'main', reason });

test('age grows while looks fail, and begins again with one that does not', async ({ folder }) => {
  const [first = ''] = commits;
  const looks = [first, unreachable('x'), unreachable('x'), null];
  const said: string[] = [];
  const { source, pass } = await follow(folder, script(looks), said);
  pass(20);
  await source.look();
  expect(source.state).toMatchObject({
    commit: first,
    age: 20,
    failure: { details: { reason: 'x' } },
  });
  pass(20);
  await source.look();
  expect(source.state).toMatchObject({ age: 40 });
  await source.look();
  expect(source.state).toMatchObject({ age: 0, failure: null });
  const once = ['failed', 'FOLLOW_UNREACHABLE', 'failed', 'recovered', 'unchanged'];
  expect(said).toEqual(expect.arrayContaining(once));
  expect(said.filter((word) => word === 'FOLLOW_UNREACHABLE')).toHaveLength(1);
});

test('a commit is asked for once, by the name of the one that was read last', async ({
  folder,
}) => {
  const [first = '', second = ''] = commits;
  const origin = script([first, null, second, null]);
  const { source } = await follow(folder, origin);
  for (let look = 0; look < 3; look++) await source.look();
  expect(origin.known).toEqual([null, first, first, second]);
});

test('a restart begins with the last commit of which all serves, and only the newest views are kept', async ({
  folder,
}) => {
  const server = { isBehind: false, retry: async () => {} };
  const { source } = await follow(folder, script([...commits]));
  await source.begin(server);
  for (let look = 0; look < 4; look++) await source.look();
  server.isBehind = true;
  await source.look();
  await source.close();
  const { source: again } = await follow(folder, script([unreachable('away')]));
  expect(again.state?.commit).toBe(commits[4]);
  expect(again.starts).toEqual([`${folder}/followed/${commits[4]}`, folder]);
  const views = (await readdir(`${folder}/followed`)).filter((name) => name.length === 40);
  expect(views.length).toBeLessThan(commits.length);
  await again.close();
});

test('a server that starts with what it had tries the newest again before it is ready', async ({
  folder,
}) => {
  let tried = 0;
  const { source } = await follow(folder, script([commits[0] ?? '']));
  const retry = async () => {
    tried += 1;
  };
  await source.begin({ isBehind: true, retry });
  expect(tried).toBe(2);
  await source.close();
});

test('what lies half-written in a view is written again', async ({ folder }) => {
  const [first = ''] = commits;
  const path = `${folder}/followed/${first}/models/gourds`;
  await mkdir(path, { recursive: true });
  await writeFile(`${path}/production.json`, '');
  await follow(folder, script([first]));
  expect(await readFile(`${path}/production.json`, 'utf8')).toBe('{}');
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { git } from '../../../../platform/lib/git.ts';
import { turnPath } from '../../../../platform/lib/turn.ts';
import {
  finishTreeChanges,
  history,
  type Promotion,
  promote,
  readPointer,
  rollback,
} from '../../../../platform/registry/index.ts';
import type { ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const script = join(import.meta.dirname, '../../../fixtures/change-pointer.ts');

function promotion(root: string, candidate: ModelRecord, part: Partial<Promotion> = {}): Promotion {
  const { key: treeKey } = candidate;
  const shared = { channel: 'production', commit: true, gates: [], code: [] } as const;
  return { root, store: openStore(root), candidate, treeKey, ...shared, ...part };
}

async function promoted(root: string, seed: string): Promise<string> {
  const candidate = await buildCandidate(openStore(root), seed);
  await promote(promotion(root, candidate));
  return candidate.run;
}

/** A repository in which two runs were promoted; their names, the serving one last. */
async function prepare(repository: Repository): Promise<readonly [string, string]> {
  await repository.write({ '.gitignore': '.mainstem/\n' });
  await repository.commit('Start');
  const { root } = repository;
  return [await promoted(root, 'a'), await promoted(root, 'b')];
}

/** Runs a command that the hook kills. */
async function runKilled(root: string, hook: string, lines: string, ...args: string[]) {
  const path = join(root, '.git/hooks', hook);
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
  const child = spawn(process.execPath, [script, root, ...args], { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  await rm(path);
}

const roll = (root: string) =>
  rollback({
    ...{ root, store: openStore(root), model: 'pumpkins' },
    ...({ channel: 'production', commit: true } as const),
  });
const statusOf = (root: string) => git(root, 'status', '--porcelain');

describe('a process killed while git commits', () => {
  test('a rollback that made no commit is undone, and the next one goes back one run, not two', async ({
    repository: { root, ...repository },
  }) => {
    const [first, second] = await prepare({ root, ...repository });
    await runKilled(root, 'pre-commit', 'kill -9 $VICTIM; exit 1', 'rollback');
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: first });
    const done = await roll(root);
    expect(done).toMatchObject({ from: second, pointer: { run: first } });
    expect((await history(root, 'pumpkins')).map(({ run }) => run)).toEqual([first, second, first]);
    expect(await statusOf(root)).toBe('');
  });

  test('git may outlive it: then the commit counts', async ({
    repository: { root, ...repository },
  }) => {
    const [first, second] = await prepare({ root, ...repository });
    await runKilled(root, 'pre-commit', 'kill -9 $VICTIM; sleep 1; exit 0', 'rollback');
    await finishTreeChanges({ root });
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: first });
    expect((await history(root, 'pumpkins')).map(({ run }) => run)).toEqual([first, second, first]);
    expect(await statusOf(root)).toBe('');
  });

  test('a promotion is undone too, and made by the next one', async ({
    repository: { root, ...repository },
  }) => {
    const [, second] = await prepare({ root, ...repository });
    await runKilled(root, 'pre-commit', 'kill -9 $VICTIM; exit 1', 'promote', 'c');
    await finishTreeChanges({ root });
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
    expect(await statusOf(root)).toBe('');
    const third = await promoted(root, 'c');
    expect((await history(root, 'pumpkins'))[0]).toMatchObject({ run: third, kind: 'promotion' });
    expect(await statusOf(root)).toBe('');
  });

  test('nothing is undone by half while a lock of git stays, and all of it afterwards', async ({
    repository: { root, ...repository },
  }) => {
    const [, second] = await prepare({ root, ...repository });
    await runKilled(root, 'pre-commit', 'kill -9 $VICTIM; exit 1', 'promote', 'c');
    const left = await statusOf(root);
    expect(left).toContain('production.json');
    const lock = join(root, '.git/index.lock');
    await writeFile(lock, '');
    await utimes(lock, 1e9, 1e9);
    for (const _ of [1, 2]) {
      await expect(finishTreeChanges({ root })).rejects.toMatchObject({ code: 'GIT_BUSY' });
      expect(await statusOf(root)).toBe(left);
    }
    await rm(lock);
    await finishTreeChanges({ root });
    expect(await statusOf(root)).toBe('');
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
  });

  test('git that is killed itself leaves its lock, and the error says what is staged and what to do', async ({
    repository: { root, ...repository },
  }) => {
    const [, second] = await prepare({ root, ...repository });
    const script = join(root, '.git/hooks/pre-commit');
    await writeFile(script, '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
    const lock = join(root, '.git/index.lock');
    // As old as one that nobody holds any more: otherwise it is waited for.
    const aging = setInterval(() => void utimes(lock, 1e9, 1e9).catch(() => {}), 50);
    await expect(promoted(root, 'c')).rejects.toMatchObject({
      code: 'COMMIT_STAGED',
      message: expect.stringMatching(/SIGKILL.*index\.lock.*production\.json/s),
      hint: expect.stringContaining('git reset -- '),
    });
    clearInterval(aging);
    await rm(lock);
    await rm(script);
    expect(await statusOf(root)).toContain('production.json');
    await finishTreeChanges({ root });
    expect(await statusOf(root)).toBe('');
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
  });

  test.for([
    ['made', 'sleep 1; exit 0', 'ours\n'],
    ['not made', 'exit 1', 'before\n'],
  ] as const)(
    'the lock of a commit that was %s is not left in the tree',
    async ([, ends, expected], { repository: { root, ...repository } }) => {
      const [, second] = await prepare({ root, ...repository });
      await repository.write({ 'data.lock.json': 'before\n' });
      await repository.commit('Lock');
      const lock = join(root, 'data.lock.json');
      await writeFile(lock, 'ours and theirs\n');
      await runKilled(root, 'pre-commit', `kill -9 $VICTIM; ${ends}`, 'promote', 'c', 'ours\n');
      await finishTreeChanges({ root });
      expect(await readFile(lock, 'utf8')).toBe('ours and theirs\n');
      expect(`${await git(root, 'show', 'HEAD:data.lock.json')}\n`).toBe(expected);
      expect(await statusOf(root)).toBe(' M data.lock.json');
      const serving = await readPointer(root, 'pumpkins');
      expect(serving?.run === second).toBe(expected === 'before\n');
    },
  );

  test('somebody who waits for it hears so, and stops waiting when asked to', async ({
    repository: { root, ...repository },
  }) => {
    const [first, second] = await prepare({ root, ...repository });
    const lock = turnPath(root, 'repository');
    // A lock file that was damaged: nobody knows who holds it.
    await writeFile(lock, '');
    const said: string[] = [];
    const stop = new AbortController();
    const reporter = {
      info(text: string) {
        said.push(text);
        stop.abort(new MainstemError('INTERRUPTED'));
      },
    };
    const back = { store: openStore(root), model: 'pumpkins', channel: 'production' } as const;
    const waiting = rollback({ root, reporter, signal: stop.signal, ...back, commit: true });
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(said).toEqual([expect.stringContaining('waiting for it to finish')]);
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
    await rm(lock);
    expect((await rollback({ root, ...back, commit: true })).pointer.run).toBe(first);
  });

  test('what somebody wrote since then is not undone', async ({
    repository: { root, ...repository },
  }) => {
    await prepare({ root, ...repository });
    await runKilled(root, 'pre-commit', 'kill -9 $VICTIM; exit 1', 'rollback');
    await repository.write({ 'models/pumpkins/production.json': '{"by": "hand"}\n' });
    await finishTreeChanges({ root });
    expect(await statusOf(root)).toBe(' M models/pumpkins/production.json');
  });
});

describe('two at once', () => {
  test('two promotions are two commits, one after the other', async ({
    repository: { root, ...repository },
  }) => {
    await prepare({ root, ...repository });
    const runs = await Promise.all([promoted(root, 'c'), promoted(root, 'd')]);
    const [newest, before] = await history(root, 'pumpkins');
    expect([newest?.run, before?.run].sort()).toEqual([...runs].sort());
    expect(await statusOf(root)).toBe('');
  });

  test('a candidate that was judged against another champion than the one that serves is refused', async ({
    repository: { root, ...repository },
  }) => {
    const [first, second] = await prepare({ root, ...repository });
    const candidate = await buildCandidate(openStore(root), 'c');
    await roll(root);
    const late = promote(promotion(root, candidate, { champion: second }));
    await expect(late).rejects.toMatchObject({
      code: 'PROMOTE_OVERTAKEN',
      message: expect.stringContaining(first),
    });
    await promote(promotion(root, candidate, { champion: first }));
  });
});

describe('a lock file of git', () => {
  test('is waited for', async ({ repository: { root, ...repository } }) => {
    await prepare({ root, ...repository });
    const lock = join(root, '.git/index.lock');
    await writeFile(lock, '');
    setTimeout(() => void rm(lock), 400);
    await promoted(root, 'c');
  });

  test('that a killed git left an hour ago is named, and nothing has changed', async ({
    repository: { root, ...repository },
  }) => {
    await prepare({ root, ...repository });
    const lock = join(root, '.git/index.lock');
    await writeFile(lock, '');
    await utimes(lock, 1e9, 1e9);
    await expect(promoted(root, 'c')).rejects.toMatchObject({
      code: 'GIT_BUSY',
      message: expect.stringContaining(lock),
    });
    await rm(lock);
    expect(await statusOf(root)).toBe('');
  });
});

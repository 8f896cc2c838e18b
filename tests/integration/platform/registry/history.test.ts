import fc from 'fast-check';
import { describe, expect, onTestFinished } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import {
  history,
  mergedPromotions,
  pointerPath,
  promote,
  readPointer,
  rollback,
  verify,
} from '../../../../platform/registry/index.ts';
import type { ModelPointer, ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore, type Store } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const name = 'pumpkins';
const path = pointerPath(name, 'production');

/** A repository in which each run has been promoted, in this order. */
async function promoted(repository: Repository, seeds: readonly string[]) {
  const { root } = repository;
  await repository.write({ '.gitignore': '.mainstem/\n' });
  await repository.commit('Start');
  const store = openStore(root);
  onTestFinished(() => store.close());
  const records: ModelRecord[] = [];
  const pointers: ModelPointer[] = [];
  for (const seed of seeds) {
    const candidate = await buildCandidate(store, seed);
    const { pointer } = await promote({
      ...{ root, store, candidate, treeKey: candidate.key, code: [] },
      ...{ gates: [], channel: 'production', commit: true },
    });
    records.push(candidate);
    pointers.push(pointer);
  }
  return { store, records, pointers };
}

/** Commits the pointer in another layout, with words that somebody else has chosen. */
async function reformat(
  { root, write }: Repository,
  spaces: number,
  { subject, author }: { readonly subject: string; readonly author: string },
): Promise<void> {
  await write({ [path]: JSON.stringify(await readPointer(root, name), null, spaces) });
  const words = ['-m', subject, '--author', `A${author}Z <a@example.org>`];
  const whole = ['--allow-empty', '--allow-empty-message', '--cleanup=verbatim'];
  await git(root, 'commit', '--quiet', '--all', ...whole, ...words);
}

const runsOf = async (root: string) => (await history(root, name)).map(({ run }) => run);

describe('promotions that a merge brought in', () => {
  /** Theirs has run b, ours run c; a is common. */
  async function diverge(repository: Repository) {
    const { root, write, commit } = repository;
    const { records, pointers } = await promoted(repository, ['a', 'b', 'c']);
    const [a, b, c] = pointers;
    if (!a || !b || !c) throw new Error('three were promoted');
    await git(root, 'reset', '--quiet', '--hard', 'HEAD~2');
    const put = async (pointer: ModelPointer, words: string) => {
      await write({ [path]: JSON.stringify(pointer) });
      await commit(words);
    };
    await git(root, 'switch', '--quiet', '--create', 'theirs');
    await put(b, 'Promote b');
    await git(root, 'switch', '--quiet', 'main');
    await put(c, 'Promote c');
    return { runs: records.map(({ run }) => run) };
  }

  const mergedRuns = async (root: string) => {
    const found = await mergedPromotions(root, name, 'production', await history(root, name));
    return found.map(({ run }) => run);
  };

  test.for(['ours', 'theirs'])(
    'are named unless they are in the history: -X %s',
    async (side, { repository }) => {
      const { root } = repository;
      const {
        runs: [a, b, c],
      } = await diverge(repository);
      expect(await mergedRuns(root)).toEqual([]);
      await git(root, 'merge', '--quiet', '-X', side, '-m', 'Merge', 'theirs');
      const served = side === 'ours' ? [c, a] : [b, c, a];
      expect(await runsOf(root)).toEqual(served);
      expect(await mergedRuns(root)).toEqual(side === 'ours' ? [b] : []);
    },
  );

  test('are those of both sides of a merge the other way round', async ({ repository }) => {
    const { root } = repository;
    const {
      runs: [a, b, c],
    } = await diverge(repository);
    await git(root, 'switch', '--quiet', 'theirs');
    await git(root, 'merge', '--quiet', '-X', 'ours', '-m', 'Merge', 'main');
    expect(await runsOf(root)).toEqual([b, a]);
    expect(await mergedRuns(root)).toEqual([c]);
  });

  test('are none after a rebase', async ({ repository }) => {
    const { root } = repository;
    await diverge(repository);
    await git(root, 'rebase', '--quiet', '-X', 'theirs', 'theirs');
    expect(await mergedRuns(root)).toEqual([]);
  });
});

describe('history', () => {
  test('is the same whatever the words of commits and the names of authors are', async ({
    repository,
  }) => {
    const { root } = repository;
    const { records } = await promoted(repository, ['a', 'b']);
    const start = await git(root, 'rev-parse', 'HEAD');
    const earlier = await git(root, 'rev-parse', 'HEAD^');
    const piece = fc.constantFrom(
      ...['\x01', '\x1e', '\x1f', '\t', '\r', '\x1b[2J', '%x00', '\\0', '\u2028', '\u0085'],
      ...['--', '-h', 'HEAD', ' ', 'word', earlier, start, `${earlier}\x01`],
    );
    const words = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const wordings = fc.array(fc.record({ subject: words, author: words }), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(wordings, async (commits) => {
        await git(root, 'reset', '--quiet', '--hard', start);
        for (const [at, wording] of commits.entries()) await reformat(repository, at, wording);
        expect(await runsOf(root)).toEqual(records.map(({ run }) => run).reverse());
      }),
      { numRuns: 25, seed: 20261126 },
    );
  });

  test('keeps the words as they are', async ({ repository }) => {
    const { root } = repository;
    const { pointers } = await promoted(repository, ['a', 'b']);
    await repository.write({ [path]: JSON.stringify(pointers[0]) });
    await git(root, 'commit', '--quiet', '--all', '-m', 'Odd \x01 subject');
    expect((await history(root, name))[0]).toMatchObject({ subject: 'Odd \x01 subject' });
  });

  test('can be rolled back after a commit with a control character in its subject', async ({
    repository,
  }) => {
    const { root } = repository;
    const { store, records } = await promoted(repository, ['a', 'b']);
    await reformat(repository, 1, { subject: 'Odd \x01 subject', author: 'A' });
    const request = { root, store, model: name, channel: 'production', commit: true } as const;
    expect((await rollback(request)).pointer.run).toBe(records[0]?.run);
  });

  test.for(['<<<<<<< HEAD\n{}\n=======\n', '', '{"run": "x"}'])(
    'goes on after a commit whose pointer was %j',
    async (broken, { repository }) => {
      const { root } = repository;
      const { store, records, pointers } = await promoted(repository, ['a', 'b']);
      await repository.write({ [path]: broken });
      await repository.commit('Oops');
      await expect(history(root, name)).rejects.toHaveProperty('code');
      await repository.write({ [path]: JSON.stringify(pointers[1]) });
      await repository.commit('Fixed');
      expect(await runsOf(root)).toEqual([records[1]?.run, records[0]?.run]);
      const request = { root, store, model: name, channel: 'production', commit: true } as const;
      expect((await rollback(request)).pointer.run).toBe(records[0]?.run);
    },
  );

  test('does not take a run for one that has served because a subject names its commit', async ({
    repository,
  }) => {
    const { root } = repository;
    const { store, records } = await promoted(repository, ['a']);
    await git(root, 'checkout', '--quiet', '-b', 'evil');
    const other = await buildCandidate(store, 'b');
    const failed = [{ gate: 'accuracy', passed: false, message: 'accuracy 0.3 < 0.9' }];
    await promote({
      ...{ root, store, candidate: other, treeKey: other.key, code: [] },
      ...{ gates: [], channel: 'production', commit: true },
    });
    const evil = await git(root, 'rev-parse', 'HEAD');
    await git(root, 'checkout', '--quiet', 'main');
    await reformat(repository, 1, { subject: `Tidy the pointer \x01${evil}`, author: 'A' });
    expect(await runsOf(root)).toEqual([records[0]?.run]);
    await git(root, 'checkout', '--quiet', evil, '--', 'models');
    const checks = await verifyWith(root, store, failed);
    expect(checks.filter(({ passed }) => !passed).map(({ check }) => check)).toContain('gates');
  });
});

function verifyWith(root: string, store: Store, gates: ModelPointer['gates']) {
  return verify({
    ...{ root, store, model: name, channel: 'production', base: 'main' },
    treeKey: async (record) => record.key,
    gatesAgainst: async () => gates,
  });
}

import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { git } from '../../../../platform/lib/git.ts';
import { history, promote, readPointer, rollback } from '../../../../platform/registry/index.ts';
import type { ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore, type Store } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

/** How a change reaches main: as it is, from a branch by a merge or squash, on top of other work. */
const ways = ['commit', 'merge', 'squash', 'rebase'] as const;
type Way = (typeof ways)[number];

/** What can happen to a pointer. */
type Step =
  | readonly ['promote', number, Way]
  | readonly ['rollback', Way]
  | readonly ['revert', Way];

const way = fc.constantFrom(...ways);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('promote' as const), fc.nat(4), way) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('rollback' as const), way) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('revert' as const), way) },
);

/** The runs whose promotions are in effect, oldest first; the last one serves. Names say which run. */
type Model = readonly string[];

function goTo(model: Model, run: string): Model {
  const at = model.indexOf(run);
  return at >= 0 ? model.slice(0, at + 1) : [...model, run];
}

interface World {
  readonly repository: Repository;
  readonly store: Store;
  readonly candidates: readonly ModelRecord[];
}

const name = 'pumpkins';
const serving = async ({ repository }: World) => (await readPointer(repository.root, name))?.run;

/** Does work on a branch and brings it to main in one of the ways. Other work is on main meanwhile. */
async function bring({ repository }: World, how: Way, work: () => Promise<void>): Promise<void> {
  const { root } = repository;
  if (how === 'commit') return work();
  await git(root, 'checkout', '--quiet', '-B', 'topic');
  await work();
  await git(root, 'checkout', '--quiet', 'main');
  await repository.write({ 'notes.txt': `${await git(root, 'rev-parse', 'HEAD')}\n` });
  await repository.commit('Other work');
  if (how === 'merge') await git(root, 'merge', '--quiet', '--no-ff', '--no-edit', 'topic');
  if (how === 'squash') {
    await git(root, 'merge', '--quiet', '--squash', 'topic');
    await git(root, 'commit', '--quiet', '--allow-empty', '-m', 'Squashed (#7)');
  }
  if (how === 'rebase') {
    await git(root, 'rebase', '--quiet', 'main', 'topic');
    await git(root, 'checkout', '--quiet', 'main');
    await git(root, 'merge', '--quiet', '--ff-only', 'topic');
  }
}

/** The last commit on main that changed the pointer; '' if there is none. */
const lastChange = ({ repository }: World) =>
  git(repository.root, 'log', '-1', '--first-parent', '--format=%H %P', '--', `models/${name}`);

async function revert(world: World): Promise<void> {
  const [commit = '', ...parents] = (await lastChange(world)).split(' ');
  const mainline = parents.length > 1 ? ['-m', '1'] : [];
  await git(world.repository.root, 'revert', '--no-edit', ...mainline, commit);
}

/** Does a step for real, and says what the model is afterwards. */
async function take(world: World, model: Model, [what, ...details]: Step): Promise<Model> {
  const { root } = world.repository;
  const how = details.at(-1) as Way;
  if (what === 'promote') {
    const candidate = world.candidates[Number(details[0])];
    if (!candidate || candidate.run === model.at(-1)) return model;
    await bring(world, how, async () => {
      await promote({
        ...{ root, store: world.store, candidate, treeKey: candidate.key, code: [] },
        ...{ gates: [], channel: 'production', commit: true },
      });
    });
    return goTo(model, candidate.run);
  }
  if (what === 'rollback') {
    const request = {
      root,
      store: world.store,
      model: name,
      channel: 'production',
      commit: true,
    } as const;
    if (model.length < 2) {
      await expect(rollback(request)).rejects.toSatisfy((error) =>
        isMainstemError(error, 'ROLLBACK_NOTHING'),
      );
      return model;
    }
    await bring(world, how, async () => void (await rollback(request)));
    return model.slice(0, -1);
  }
  if (model.length === 0) return model;
  const before = await beforeLastChange(world);
  // Reverting the first promotion leaves nothing that serves; that story has its own test.
  if (before === null) return model;
  await bring(world, how, () => revert(world));
  return goTo(model, before);
}

/** The run that served before the last change of the pointer; null if none did. */
async function beforeLastChange(world: World): Promise<string | null> {
  const [, earlier] = await history(world.repository.root, name);
  return earlier?.pointer?.run ?? null;
}

test('whatever is promoted, rolled back and reverted, by commit, merge, squash or rebase, a rollback goes to what was in effect', async ({
  repository,
}) => {
  await repository.write({ '.gitignore': '.mainstem/\n', 'notes.txt': '' });
  await repository.commit('Start');
  const start = await git(repository.root, 'rev-parse', 'HEAD');
  const store = openStore(repository.root);
  onTestFinished(() => store.close());
  const candidates = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((seed) => buildCandidate(store, seed)),
  );
  const world = { repository, store, candidates };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      await git(repository.root, 'checkout', '--quiet', 'main');
      await git(repository.root, 'reset', '--quiet', '--hard', start);
      await git(repository.root, 'clean', '--quiet', '-fd');
      let model: Model = [];
      for (const one of steps) {
        model = await take(world, model, one);
        expect(await serving(world)).toBe(model.at(-1));
      }
      const kinds = (await history(repository.root, name)).map(({ kind }) => kind);
      expect(kinds).not.toContain('removal');
    }),
    { numRuns: 15, seed: 20261126 },
  );
});

test('reverting the only promotion leaves nothing, and reverting that brings it back as a promotion', async ({
  repository,
}) => {
  await repository.write({ '.gitignore': '.mainstem/\n' });
  await repository.commit('Start');
  const store = openStore(repository.root);
  const candidate = await buildCandidate(store, 'a');
  const root = repository.root;
  await promote({
    ...{ root, store, candidate, treeKey: candidate.key, code: [] },
    ...{ gates: [], channel: 'production', commit: true },
  });
  await git(root, 'revert', '--no-edit', 'HEAD');
  await git(root, 'revert', '--no-edit', 'HEAD');
  expect((await history(root, name)).map(({ kind }) => kind)).toEqual([
    'promotion',
    'removal',
    'promotion',
  ]);
});

test('a rollback brings back the record that reverts have deleted', async ({ repository }) => {
  await repository.write({ '.gitignore': '.mainstem/\n' });
  await repository.commit('Start');
  const store = openStore(repository.root);
  const root = repository.root;
  const records: ModelRecord[] = [];
  for (const seed of ['a', 'b']) {
    const candidate = await buildCandidate(store, seed);
    records.push(candidate);
    await promote({
      ...{ root, store, candidate, treeKey: candidate.key, code: [] },
      ...{ gates: [], channel: 'production', commit: true },
    });
  }
  const [a, b] = records;
  await git(root, 'revert', '--no-edit', 'HEAD');
  const request = { root, store, model: name, channel: 'production', commit: true } as const;
  expect((await rollback({ ...request, to: b?.run ?? '' })).pointer.run).toBe(b?.run);
  expect(await git(root, 'status', '--porcelain')).toBe('');
  expect((await rollback(request)).pointer.run).toBe(a?.run);
});

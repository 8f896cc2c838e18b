import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import {
  buildPointer,
  history,
  pointerPath,
  promote,
  readPointer,
  readPointers,
  recordPath,
  renderJson,
  rollback,
  verify,
} from '../../../../platform/registry/index.ts';
import type { ModelPointer, ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore, type Store } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const name = 'pumpkins';
const path = pointerPath(name, 'production');
const gates = [{ gate: 'accuracy', passed: true, message: 'accuracy 0.95 ≥ 0.92' }];

interface World {
  readonly repository: Repository;
  readonly store: Store;
  readonly candidates: readonly ModelRecord[];
}

async function createWorld(repository: Repository, seeds: readonly string[]): Promise<World> {
  await repository.write({ '.gitignore': '.mainstem/\n' });
  await repository.commit('Start');
  const store = openStore(repository.root);
  onTestFinished(() => store.close());
  const candidates = await Promise.all(seeds.map((seed) => buildCandidate(store, seed)));
  return { repository, store, candidates };
}

function promoteRun(
  { repository: { root }, store }: World,
  candidate: ModelRecord | undefined,
  part: { readonly commit?: boolean; readonly pending?: ModelPointer | null } = {},
) {
  if (!candidate) throw new Error('no such candidate');
  const shared = { channel: 'production', commit: true, code: [] } as const;
  return promote({ ...shared, root, store, candidate, treeKey: candidate.key, gates, ...part });
}

const rollBack = ({ repository: { root }, store }: World) =>
  rollback({ root, store, model: name, channel: 'production', commit: true });

/** A pointer and record that nobody has judged, as somebody could write them by hand. */
function writeByHand({ repository }: World, record: ModelRecord): Promise<void> {
  return repository.write({
    [path]: renderJson(buildPointer(record, [], null)),
    [recordPath(name, record.run)]: renderJson(record),
  });
}

const refused = { code: 'MODEL_POINTER_UNCOMMITTED' };

describe('a pointer that only the working tree has', () => {
  test('is not committed with a promotion unless it was verified', async ({ repository }) => {
    const world = await createWorld(repository, ['a', 'b', 'c']);
    const [a, b, c] = world.candidates;
    await promoteRun(world, a);
    if (b) await writeByHand(world, b);
    await expect(promoteRun(world, c)).rejects.toMatchObject({
      ...refused,
      hint: expect.stringContaining(`git checkout HEAD -- ${path}`),
    });
    const other = { ...(await readPointer(repository.root, name)), gates };
    const pending = other as ModelPointer;
    await expect(promoteRun(world, c, { pending })).rejects.toMatchObject(refused);
    await git(repository.root, 'checkout', '--quiet', 'HEAD', '--', path);
    expect((await promoteRun(world, c)).replaced).toBe(a?.run);
  });

  test('is removed by hand where HEAD has none', async ({ repository }) => {
    const world = await createWorld(repository, ['a', 'b']);
    const [a, b] = world.candidates;
    if (a) await writeByHand(world, a);
    const hint = expect.stringContaining(`rm ${path}`);
    await expect(promoteRun(world, b)).rejects.toMatchObject({ ...refused, hint });
  });

  test('of the candidate itself is written again, with the gates of now', async ({
    repository,
  }) => {
    const world = await createWorld(repository, ['a', 'b']);
    const [a, b] = world.candidates;
    await promoteRun(world, a);
    if (b) await writeByHand(world, b);
    expect(await promoteRun(world, b)).toMatchObject({ replaced: a?.run, pending: null });
    const { committed } = await readPointers(repository.root, name, 'production');
    expect(committed).toMatchObject({ run: b?.run, gates, champion: a?.run });
    expect(await git(repository.root, 'status', '--porcelain')).toBe('');
  });

  test.for(['edited', 'deleted'] as const)(
    'is not lost by a rollback if it was %s',
    async (how, { repository }) => {
      const world = await createWorld(repository, ['a', 'b', 'c']);
      const [a, b, c] = world.candidates;
      await promoteRun(world, a);
      await promoteRun(world, b);
      if (how === 'deleted') await rm(join(repository.root, path));
      else if (c) await writeByHand(world, c);
      await expect(rollBack(world)).rejects.toMatchObject(refused);
      await git(repository.root, 'checkout', '--quiet', 'HEAD', '--', path);
      expect((await rollBack(world)).pointer.run).toBe(a?.run);
    },
  );
});

describe('a pointer that only HEAD has', () => {
  test('is still what a promotion replaces, so it is refused', async ({ repository }) => {
    const world = await createWorld(repository, ['a', 'b']);
    const [a, b] = world.candidates;
    await promoteRun(world, a);
    await rm(join(repository.root, path));
    await expect(promoteRun(world, b)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('it is missing'),
    });
  });
});

describe('a record that HEAD has', () => {
  test.for(['edited', 'deleted'] as const)(
    'is not promoted again if it was %s in the working tree',
    async (how, { repository }) => {
      const world = await createWorld(repository, ['a', 'b']);
      const [a, b] = world.candidates;
      if (!a) throw new Error('no candidate');
      await promoteRun(world, a);
      await promoteRun(world, b);
      const file = recordPath(name, a.run);
      if (how === 'deleted') await rm(join(repository.root, file));
      else await repository.write({ [file]: renderJson({ ...a, createdAt: 'later' }) });
      await expect(promoteRun(world, a)).rejects.toMatchObject({ code: 'MODEL_RECORD_CHANGED' });
    },
  );
});

describe('verify', () => {
  const verifyAgainst = ({ repository: { root }, store }: World, base: string | null) =>
    verify({
      ...{ root, store, model: name, channel: 'production', base },
      treeKey: async ({ key }) => key,
      gatesAgainst: async () => gates,
    });

  test('says that a model is taken out of production, and still looks at the records', async ({
    repository,
  }) => {
    const world = await createWorld(repository, ['a']);
    const [a] = world.candidates;
    if (!a) throw new Error('no candidate');
    await promoteRun(world, a);
    await rm(join(repository.root, path));
    expect(await verifyAgainst(world, 'HEAD')).toMatchObject([
      { check: 'pointer', passed: true, message: expect.stringContaining(`HEAD serves ${a.run}`) },
    ]);
    await repository.write({ [recordPath(name, a.run)]: '{}' });
    expect(await verifyAgainst(world, 'HEAD')).toMatchObject([
      { check: 'record', passed: false },
      { check: 'pointer', passed: true },
    ]);
  });

  test('fails for a pointer without the gates that the project has', async ({ repository }) => {
    const world = await createWorld(repository, ['a']);
    const [a] = world.candidates;
    if (a) await writeByHand(world, a);
    for (const base of ['HEAD', null]) {
      const failed = (await verifyAgainst(world, base)).filter(({ passed }) => !passed);
      expect(failed).toMatchObject([{ message: expect.stringContaining('holds no gates') }]);
    }
  });
});

/** What can happen between commands. */
type Step =
  | readonly ['promote' | 'prepare' | 'forge', number]
  | readonly ['delete' | 'restore' | 'rollback'];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom('promote' as const, 'prepare' as const, 'forge' as const), fc.nat(3)),
  fc.tuple(fc.constantFrom('delete' as const, 'restore' as const, 'rollback' as const)),
);

/** Whether what the working tree has may be committed by the next promotion. */
type Tree = 'as HEAD' | 'prepared' | 'forged' | 'missing';

test('whatever is written, deleted and promoted, only what was promoted has ever served', async ({
  repository,
}) => {
  const world = await createWorld(repository, ['a', 'b', 'c', 'd']);
  const { root } = repository;
  const start = await git(root, 'rev-parse', 'HEAD');
  const served = async () => (await readPointers(root, name, 'production')).committed?.run ?? null;

  /** Does a step, and says what the working tree has then and what has been promoted by it. */
  async function take(tree: Tree, [what, at = 0]: Step): Promise<[Tree, string[]]> {
    const candidate = world.candidates[at];
    if (!candidate) throw new Error('no such candidate');
    const before = await readPointers(root, name, 'production');
    if (what === 'forge') {
      await writeByHand(world, candidate);
      return ['forged', []];
    }
    if (what === 'delete') {
      await rm(join(root, path), { force: true });
      return [before.committed ? 'missing' : 'as HEAD', []];
    }
    if (what === 'restore') {
      await git(root, 'checkout', '--quiet', 'HEAD', '--', '.');
      await git(root, 'clean', '--quiet', '-fd', '--', path);
      return ['as HEAD', []];
    }
    if (what === 'prepare') {
      await promoteRun(world, candidate, { commit: false });
      return [before.committed?.run === candidate.run ? 'as HEAD' : 'prepared', []];
    }
    if (what === 'rollback') {
      await rollBack(world).catch((error: unknown) => expect(error).toHaveProperty('code'));
      return [tree, []];
    }
    const pending = tree === 'prepared' ? before.tree : null;
    const unproved = tree === 'forged' && before.tree?.run !== candidate.run;
    const work = promoteRun(world, candidate, { pending });
    if (!unproved && tree !== 'missing') {
      await work;
      return ['as HEAD', [candidate.run, ...(pending ? [pending.run] : [])]];
    }
    await expect(work).rejects.toMatchObject(refused);
    expect(await served()).toBe(before.committed?.run ?? null);
    return [tree, []];
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      await git(root, 'reset', '--quiet', '--hard', start);
      await git(root, 'clean', '--quiet', '-fd');
      let tree: Tree = 'as HEAD';
      const promoted = new Set<string>();
      for (const one of steps) {
        const [next, runs] = await take(tree, one);
        tree = next;
        for (const run of runs) promoted.add(run);
        const past = (await served()) === null ? [] : await history(root, name);
        expect(past.filter(({ run }) => !promoted.has(run))).toEqual([]);
      }
    }),
    { numRuns: 15, seed: 20261126 },
  );
});

test('a model that a sparse checkout leaves out is not taken for one that was taken out of service', async ({
  repository,
}) => {
  const world = await createWorld(repository, ['one']);
  await promoteRun(world, world.candidates[0]);
  const { root } = repository;
  await repository.write({ 'pipeline/x.txt': 'x' });
  await repository.commit('More');
  await git(root, 'sparse-checkout', 'set', 'pipeline');
  const sparse = { code: 'GIT_SPARSE', hint: expect.stringContaining('git sparse-checkout') };
  await expect(readPointers(root, name, 'production')).rejects.toMatchObject(sparse);
  await expect(rollBack(world)).rejects.toMatchObject(sparse);
  await git(root, 'sparse-checkout', 'disable');
  expect((await readPointers(root, name, 'production')).tree).not.toBeNull();
});

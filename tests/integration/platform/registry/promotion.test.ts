import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { git, headCommit } from '../../../../platform/lib/git.ts';
import {
  artefactsOf,
  history,
  loadPromoted,
  loadRecord,
  type Promotion,
  promote,
  readPointer,
  readProjectState,
  recordDigest,
  rollback,
  verify,
} from '../../../../platform/registry/index.ts';
import type { ModelPointer, ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const passed = [{ gate: 'accuracy', passed: true, message: 'accuracy 0.95 ≥ 0.92' }];

function promotion(root: string, candidate: ModelRecord, part: Partial<Promotion> = {}): Promotion {
  return {
    root,
    store: openStore(root),
    candidate,
    treeKey: candidate.key,
    gates: passed,
    code: [],
    channel: 'production',
    commit: true,
    ...part,
  };
}

async function prepare(repository: Repository): Promise<void> {
  await repository.write({
    '.gitignore': '.mainstem/\n',
    'pipeline/projects/pumpkins/params.json': '{"learningRate":0.001}\n',
    'pipeline/training/loop.ts': 'export {};\n',
    'notes.txt': 'hello\n',
  });
  await repository.commit('Start');
}

async function promoted(repository: Repository, seed: string): Promise<ModelRecord> {
  const candidate = await buildCandidate(openStore(repository.root), seed);
  await promote(promotion(repository.root, candidate));
  return candidate;
}

describe('promote', () => {
  test('commits record, pointer and the project changes, and nothing else', async ({
    repository,
  }) => {
    await prepare(repository);
    await repository.write({
      'pipeline/projects/pumpkins/params.json': '{"learningRate":0.002}\n',
      'notes.txt': 'not part of it\n',
    });
    const candidate = await buildCandidate(openStore(repository.root), 'a');
    const { commit, pointer, replaced } = await promote(promotion(repository.root, candidate));
    const changed = await git(repository.root, 'show', '--name-only', '--format=%s', commit ?? '');
    expect(changed.split('\n').filter(Boolean)).toEqual([
      `Promote pumpkins ${candidate.run}`,
      'models/pumpkins/production.json',
      `models/pumpkins/records/${candidate.run}.json`,
      'pipeline/projects/pumpkins/params.json',
    ]);
    expect(replaced).toBeNull();
    expect(await git(repository.root, 'status', '--porcelain')).toBe(' M notes.txt');
    expect((await loadPromoted(repository.root, 'pumpkins'))?.record).toEqual(candidate);
    expect(pointer.champion).toBeNull();
  });

  const params = 'pipeline/projects/pumpkins/params.json';
  test.for([
    ['parameters that are saved', { [params]: '{"learningRate":0.003}\n' }],
    ['parameters that are put back', { [params]: '{"learningRate":0.001}\n' }],
    ['parameters that are saved as they were', { [params]: '{"learningRate":0.002}\n' }],
    ['a file that is added', { 'pipeline/projects/pumpkins/features.ts': 'export {};\n' }],
    ['a lock that is written', { 'data.lock.json': '{}\n' }],
  ] as const)('refuses %s meanwhile, and leaves no trace', async ([, files], { repository }) => {
    const { root } = repository;
    await prepare(repository);
    await repository.write({ [params]: '{"learningRate":0.002}\n' });
    const state = await readProjectState(root, 'pumpkins');
    const candidate = await buildCandidate(openStore(root), 'a');
    await repository.write(files);
    const before = await git(root, 'status', '--porcelain', '-uall');
    const refused = promote(promotion(root, candidate, { state }));
    await expect(refused).rejects.toMatchObject({
      code: 'PROMOTE_CHANGED',
      message: expect.stringContaining(Object.keys(files)[0] ?? ''),
    });
    expect(await git(root, 'status', '--porcelain', '-uall')).toBe(before);
    const now = await readProjectState(root, 'pumpkins');
    await promote(promotion(root, candidate, { state: now }));
    expect(await git(root, 'status', '--porcelain', '-uall')).toBe('');
  });

  test('leaves out what it is asked to leave out', async ({ repository }) => {
    const { root } = repository;
    await prepare(repository);
    const folder = 'pipeline/projects/pumpkins';
    await repository.write({
      [`${folder}/data/a.csv`]: '1\n',
      [`${folder}/data.csv`]: '2\n',
      [`${folder}/data-notes.md`]: 'belongs to it\n',
    });
    const exclude = [`${folder}/data`, `${folder}/data.csv`];
    await promote(promotion(root, await buildCandidate(openStore(root), 'a'), { exclude }));
    expect(await git(root, 'status', '--porcelain')).toBe(
      `?? ${folder}/data.csv\n?? ${folder}/data/`,
    );
  });

  test('names the champion that it replaces', async ({ repository }) => {
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    expect(await readPointer(repository.root, 'pumpkins')).toMatchObject({
      run: second.run,
      champion: first.run,
    });
  });

  test('changes nothing for the run that already serves', async ({ repository }) => {
    await prepare(repository);
    const candidate = await promoted(repository, 'a');
    const again = await promote(promotion(repository.root, candidate));
    expect(again.commit).toBeNull();
    expect(await git(repository.root, 'rev-list', '--count', 'HEAD')).toBe('2');
  });

  test.for([
    ['a stale candidate', 'PROMOTE_STALE', { treeKey: 'sha256:other' }],
    [
      'a failed gate',
      'GATE_FAILED',
      { gates: [{ gate: 'accuracy', passed: false, message: 'accuracy 0.8 < 0.92' }] },
    ],
  ] as const)('refuses %s and leaves no trace', async ([, code, part], { repository }) => {
    await prepare(repository);
    const candidate = await buildCandidate(openStore(repository.root), 'a');
    const refused = promote(promotion(repository.root, candidate, part as Partial<Promotion>));
    await expect(refused).rejects.toSatisfy((error) => isMainstemError(error, code));
    expect(await git(repository.root, 'status', '--porcelain')).toBe('');
  });

  const late = { gate: 'time as stated', of: 'time', passed: false, limit: 'as stated' } as const;
  test.for([
    ['2099-01-01T00:00:00.000Z', [], 'PROMOTE_CLOCK'],
    ['2099-01-01T00:00:00.000Z', ['accuracy'], 'GATE_FAILED'],
    ['yesterday', [], 'GATE_FAILED'],
  ] as const)(
    'a run that was made at %s, with the failed gates %j, is refused as %s',
    async ([createdAt, others, code], { repository }) => {
      await prepare(repository);
      const candidate = await buildCandidate(openStore(repository.root), 'a');
      const gates = [
        { ...late, message: `time is stated as ${createdAt}, which is after now` },
        ...others.map((gate) => ({ gate, passed: false, message: `${gate} is too low` })),
      ];
      const refused = promote(promotion(repository.root, { ...candidate, createdAt }, { gates }));
      await expect(refused).rejects.toMatchObject({
        code,
        message: expect.stringContaining(createdAt),
      });
      expect(await git(repository.root, 'status', '--porcelain')).toBe('');
    },
  );

  test('rejects a candidate whose artefact is not in the store', async ({ repository, folder }) => {
    await prepare(repository);
    const elsewhere = openStore(folder, join(folder, '.mainstem', 'other-store'));
    const candidate = await buildCandidate(elsewhere, 'a');
    const refused = promote(promotion(repository.root, candidate));
    await expect(refused).rejects.toSatisfy((error) =>
      isMainstemError(error, 'PROMOTE_ARTEFACT_MISSING'),
    );
  });

  test.for([
    ['flipped', (bytes: Buffer) => bytes.fill((bytes[0] ?? 0) ^ 1, 0, 1)],
    ['empty', () => Buffer.alloc(0)],
  ] as const)(
    'rejects a candidate of which an artefact is %s in the store',
    async ([, damage], { repository }) => {
      await prepare(repository);
      const store = openStore(repository.root);
      const candidate = await buildCandidate(store, 'a');
      for (const { name, artefact } of artefactsOf(candidate)) {
        const path = store.objects.pathOf(artefact.digest);
        const whole = await readFile(path);
        await writeFile(path, damage(Buffer.from(whole)));
        const refused = promote(promotion(repository.root, candidate));
        await expect(refused, name).rejects.toMatchObject({
          code: 'PROMOTE_ARTEFACT_MISSING',
          message: expect.stringContaining(name),
        });
        await writeFile(path, whole);
      }
      await expect(promote(promotion(repository.root, candidate))).resolves.toBeDefined();
    },
  );

  test('rejects a run made with uncommitted platform code', async ({ repository }) => {
    await prepare(repository);
    await repository.write({ 'pipeline/training/loop.ts': 'export const x = 1;\n' });
    const candidate = await buildCandidate(openStore(repository.root), 'a');
    const refused = promote(
      promotion(repository.root, candidate, { code: ['pipeline/training/loop.ts'] }),
    );
    await expect(refused).rejects.toThrow('pipeline/training/loop.ts');
  });

  test('puts everything back if git refuses the commit', async ({ repository }) => {
    await prepare(repository);
    const hook = join(repository.root, '.git/hooks/pre-commit');
    await writeFile(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const candidate = await buildCandidate(openStore(repository.root), 'a');
    const refused = promote(promotion(repository.root, candidate));
    await expect(refused).rejects.toSatisfy((error) => isMainstemError(error, 'GIT_FAILED'));
    expect(await git(repository.root, 'status', '--porcelain')).toBe('');
  });

  test.for([
    ['rewrites the pointer', 'echo "{}" > "$pointer"; git add "$pointer"'],
    ['rewrites only what is staged', 'git update-index --cacheinfo "100644,$empty,$pointer"'],
    [
      'formats what is staged',
      'sed -i.bak "s/^ */    /" "$pointer"; rm "$pointer.bak"; git add "$pointer"',
    ],
  ] as const)(
    'undoes a commit that a hook which %s has changed',
    async ([, work], { repository }) => {
      const { root } = repository;
      await prepare(repository);
      const first = await promoted(repository, 'a');
      const head = await git(root, 'rev-parse', 'HEAD');
      const set =
        'pointer=models/pumpkins/production.json; empty=$(git hash-object -w --stdin </dev/null)';
      const hook = join(root, '.git/hooks/pre-commit');
      await writeFile(hook, `#!/bin/sh\n${set}\n${work}\n`, { mode: 0o755 });
      const refused = promote(promotion(root, await buildCandidate(openStore(root), 'b')));
      await expect(refused).rejects.toMatchObject({
        code: 'GIT_HOOK_CHANGED',
        message: expect.stringContaining('models/pumpkins/production.json'),
      });
      expect(await git(root, 'rev-parse', 'HEAD')).toBe(head);
      expect(await git(root, 'status', '--porcelain')).toBe('');
      expect((await loadPromoted(root, 'pumpkins'))?.record.run).toBe(first.run);
    },
  );

  test('undoes a first commit, and a rollback, that a hook has changed', async ({ repository }) => {
    const { root } = repository;
    await prepare(repository);
    await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    const script = '#!/bin/sh\necho "{}" > models/pumpkins/production.json\ngit add models\n';
    await writeFile(join(root, '.git/hooks/pre-commit'), script, { mode: 0o755 });
    const request = { root, store: openStore(root), model: 'pumpkins', commit: true } as const;
    const refused = rollback({ ...request, channel: 'production' });
    await expect(refused).rejects.toMatchObject({ code: 'GIT_HOOK_CHANGED' });
    expect((await loadPromoted(root, 'pumpkins'))?.record.run).toBe(second.run);
    await git(root, 'update-ref', '-d', 'HEAD');
    const pending = await readPointer(root, 'pumpkins');
    const third = promotion(root, await buildCandidate(openStore(root), 'c'), { pending });
    await expect(promote(third)).rejects.toMatchObject({ code: 'GIT_HOOK_CHANGED' });
    expect(await headCommit(root)).toBeNull();
  });

  test('commits what was promoted only in the working tree', async ({ repository }) => {
    await prepare(repository);
    const candidate = await buildCandidate(openStore(repository.root), 'a');
    await promote(promotion(repository.root, candidate, { commit: false }));
    const { commit } = await promote(promotion(repository.root, candidate));
    expect(commit).not.toBeNull();
    expect(await git(repository.root, 'status', '--porcelain')).toBe('');
  });

  test('without a commit writes only the working tree', async ({ repository }) => {
    await prepare(repository);
    const candidate = await buildCandidate(openStore(repository.root), 'a');
    const { commit } = await promote(promotion(repository.root, candidate, { commit: false }));
    expect(commit).toBeNull();
    expect(await git(repository.root, 'status', '--porcelain')).toBe('?? models/');
  });
});

describe('rollback', () => {
  test('brings back what served before and is marked in the history', async ({ repository }) => {
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    const store = openStore(repository.root);
    const request = {
      root: repository.root,
      store,
      model: 'pumpkins',
      channel: 'production',
      commit: true,
    } as const;
    const done = await rollback(request);
    expect(done).toMatchObject({ from: second.run, pointer: { run: first.run } });
    expect((await loadPromoted(repository.root, 'pumpkins'))?.record.run).toBe(first.run);
    const entries = await history(repository.root, 'pumpkins');
    expect(entries.map(({ run, kind }) => [run, kind])).toEqual([
      [first.run, 'rollback'],
      [second.run, 'promotion'],
      [first.run, 'promotion'],
    ]);
    expect(entries[0]?.until).toBeNull();
    expect(entries[1]?.until).toBe(entries[0]?.from);
  });

  test('goes one step further back each time, and says when there is no more', async ({
    repository,
  }) => {
    await prepare(repository);
    const [first, second] = [await promoted(repository, 'a'), await promoted(repository, 'b')];
    await promoted(repository, 'c');
    const request = {
      root: repository.root,
      store: openStore(repository.root),
      model: 'pumpkins',
      channel: 'production',
      commit: true,
    } as const;
    expect((await rollback(request)).pointer.run).toBe(second.run);
    expect((await rollback(request)).pointer.run).toBe(first.run);
    await expect(rollback(request)).rejects.toSatisfy((error) =>
      isMainstemError(error, 'ROLLBACK_NOTHING'),
    );
  });

  test('is distinguished from promoting an earlier run again', async ({ repository }) => {
    await prepare(repository);
    await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    const store = openStore(repository.root);
    const request = { root: repository.root, store, model: 'pumpkins' } as const;
    await rollback({ ...request, channel: 'production', commit: true });
    await promote(promotion(repository.root, second));
    const entries = await history(repository.root, 'pumpkins');
    expect(entries.map(({ kind }) => kind)).toEqual([
      'promotion',
      'rollback',
      'promotion',
      'promotion',
    ]);
  });

  test('finds the run that was promoted only in the working tree', async ({ repository }) => {
    await prepare(repository);
    const store = openStore(repository.root);
    const first = await buildCandidate(store, 'a');
    await promote(promotion(repository.root, first, { commit: false }));
    const second = await buildCandidate(store, 'b');
    const pending = await readPointer(repository.root, 'pumpkins');
    const done = await promote(promotion(repository.root, second, { pending }));
    expect(done.pending).not.toBeNull();
    expect((await history(repository.root, 'pumpkins')).map(({ run }) => run)).toEqual([
      second.run,
      first.run,
    ]);
    const request = { root: repository.root, store, model: 'pumpkins' } as const;
    const back = await rollback({ ...request, channel: 'production', commit: true });
    expect(back.pointer.run).toBe(first.run);
  });

  test('keeps every record', async ({ repository }) => {
    await prepare(repository);
    await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    const store = openStore(repository.root);
    await rollback({
      root: repository.root,
      store,
      model: 'pumpkins',
      channel: 'production',
      commit: true,
    });
    expect(await readdir(join(repository.root, 'models/pumpkins/records'))).toHaveLength(2);
    expect((await loadRecord(repository.root, 'pumpkins', second.run)).run).toBe(second.run);
  });

  test('reports that nothing served before', async ({ repository }) => {
    await prepare(repository);
    await promoted(repository, 'a');
    const store = openStore(repository.root);
    const request = {
      root: repository.root,
      store,
      model: 'pumpkins',
      channel: 'production',
      commit: true,
    } as const;
    await expect(rollback(request)).rejects.toSatisfy((error) =>
      isMainstemError(error, 'ROLLBACK_NOTHING'),
    );
    await expect(rollback({ ...request, to: 'ffff' })).rejects.toSatisfy((error) =>
      isMainstemError(error, 'ROLLBACK_NOTHING'),
    );
  });
});

describe('loading', () => {
  test('rejects a record that was edited after its promotion', async ({ repository }) => {
    await prepare(repository);
    const candidate = await promoted(repository, 'a');
    const path = join(repository.root, `models/pumpkins/records/${candidate.run}.json`);
    await writeFile(path, (await readFile(path, 'utf8')).replace('0.95', '0.99'));
    await expect(loadPromoted(repository.root, 'pumpkins')).rejects.toSatisfy((error) =>
      isMainstemError(error, 'MODEL_RECORD_CHANGED'),
    );
  });

  test('a reverted promotion commit serves the champion again', async ({ repository }) => {
    await prepare(repository);
    const first = await promoted(repository, 'a');
    await promoted(repository, 'b');
    await git(repository.root, 'revert', '--no-edit', 'HEAD');
    expect((await loadPromoted(repository.root, 'pumpkins'))?.record.run).toBe(first.run);
    expect((await history(repository.root, 'pumpkins'))[0]).toMatchObject({
      run: first.run,
      kind: 'rollback',
    });
  });
});

describe('verify', () => {
  const verifyAgainst = (root: string, candidate: ModelRecord, base: string) =>
    verify({
      ...{ root, store: openStore(root), model: 'pumpkins', channel: 'production', base },
      treeKey: async () => candidate.key,
      gatesAgainst: async () => passed,
    });

  test('passes for a revert of the last promotions, which takes their records away', async ({
    repository,
  }) => {
    const { root } = repository;
    await prepare(repository);
    const first = await promoted(repository, 'a');
    await promoted(repository, 'b');
    await git(root, 'revert', '--no-edit', 'HEAD');
    expect((await verifyAgainst(root, first, 'HEAD~1')).filter(({ passed: ok }) => !ok)).toEqual(
      [],
    );
    await git(root, 'reset', '-q', '--hard', 'HEAD~1');
    const third = await promoted(repository, 'c');
    await git(root, 'revert', '--no-edit', 'HEAD', 'HEAD~1');
    expect((await verifyAgainst(root, first, 'HEAD~2')).filter(({ passed: ok }) => !ok)).toEqual(
      [],
    );
    await git(root, 'revert', '--no-edit', 'HEAD', 'HEAD~1');
    expect((await verifyAgainst(root, third, 'HEAD~2')).filter(({ passed: ok }) => !ok)).toEqual(
      [],
    );
    // Without its pointer coming back, a record stays.
    await git(root, 'rm', '-q', `models/pumpkins/records/${first.run}.json`);
    await git(root, 'commit', '-q', '-m', 'Tidy');
    const tidied = await verifyAgainst(root, third, 'HEAD~1');
    expect(tidied.find(({ passed: ok }) => !ok)?.message).toContain('never changed or deleted');
  });

  test('passes for the first promotion, whose base has no pointer', async ({ repository }) => {
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const checks = await verifyAgainst(repository.root, first, 'HEAD^');
    expect(checks.map(({ check, passed: good }) => [check, good])).toEqual([
      ['record', true],
      ['artefacts', true],
      ['key', true],
      ['gates', true],
    ]);
  });

  test('fails for a past run whose record was rewritten, even if the pointer was made to fit', async ({
    repository,
  }) => {
    const { root } = repository;
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    const base = await git(root, 'rev-parse', 'HEAD');
    const forged = { ...first, page: { ...first.page, title: 'Better pumpkins' } };
    const pointer = { ...(await readPointer(root, 'pumpkins')), run: first.run };
    await repository.write({
      [`models/pumpkins/records/${first.run}.json`]: JSON.stringify(forged),
      'models/pumpkins/production.json': JSON.stringify({
        ...pointer,
        record: recordDigest(forged),
        onnx: first.package.onnx.digest,
      }),
    });
    await repository.commit('Back to the first');
    const checks = await verifyAgainst(root, second, base);
    const failed = checks.filter((check) => !check.passed).map(({ message }) => message);
    expect(failed.join()).toContain(`${first.run}.json differs from ${base}`);
    expect(checks.some(({ message }) => message.includes('has served on'))).toBe(false);
  });

  const rewritten: [string, (pointer: ModelPointer) => object][] = [
    ['no gates', () => ({ gates: [] })],
    ['a gate of other words', ({ gates }) => ({ gates: [{ ...gates[0], message: 'accuracy 1' }] })],
    ['another gate', ({ gates }) => ({ gates: [...gates, ...gates] })],
    ['another champion', () => ({ champion: null })],
  ];
  const pointerFile = 'models/pumpkins/production.json';

  test.for(rewritten)(
    'fails for the run that serves, with %s in its pointer',
    async ([, change], { repository }) => {
      const { root } = repository;
      await prepare(repository);
      await promoted(repository, 'a');
      const second = await promoted(repository, 'b');
      const base = await git(root, 'rev-parse', 'HEAD');
      const pointer = await readPointer(root, 'pumpkins');
      if (!pointer) throw new Error('nothing serves');
      const says = async (against: string) =>
        (await verifyAgainst(root, second, against)).filter((check) => !check.passed);
      expect(await says('HEAD')).toEqual([]);
      await repository.write({ [pointerFile]: JSON.stringify({ ...pointer, ...change(pointer) }) });
      expect(await says('HEAD')).toMatchObject([{ check: 'pointer' }]);
      await repository.commit('Rewritten');
      expect(await says(base)).toMatchObject([
        { message: expect.stringContaining('not the one by which') },
      ]);
    },
  );

  test('judges a past run by its gates where its pointer is not one that git has', async ({
    repository,
  }) => {
    const { root } = repository;
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const old = await readPointer(root, 'pumpkins');
    await promoted(repository, 'b');
    const kinds = async () =>
      (await verifyAgainst(root, first, 'HEAD')).map(({ check, message }) => [
        check,
        message.includes('has served on'),
      ]);
    await repository.write({ [pointerFile]: JSON.stringify(old, null, 2) });
    expect((await kinds()).at(-1)).toEqual(['key', true]);
    await repository.write({
      [pointerFile]: JSON.stringify({ ...old, champion: null, gates: [] }),
    });
    expect((await kinds()).at(-1)).toEqual(['gates', false]);
    const checks = await verifyAgainst(root, first, 'HEAD');
    expect(checks.filter((check) => !check.passed)).toMatchObject([{ check: 'pointer' }]);
  });

  test('fails where a record of the base was deleted', async ({ repository }) => {
    const { root } = repository;
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const second = await promoted(repository, 'b');
    const base = await git(root, 'rev-parse', 'HEAD');
    await git(root, 'rm', '--quiet', `models/pumpkins/records/${first.run}.json`);
    await repository.commit('Tidy up');
    const checks = await verifyAgainst(root, second, base);
    expect(checks.filter((check) => !check.passed)).toHaveLength(1);
  });

  test.for([
    [
      { gates: [{ gate: 'accuracy', passed: false, message: 'accuracy 0.8 < 0.92' }] },
      'accuracy 0.8',
    ],
    [{ champion: '0123456789ab' }, '0123456789ab, which has no record'],
    [{ champion: '../../x' }, 'which has no record'],
    [{ champion: 'own' }, 'its own run'],
  ] as const)(
    'fails for a pointer that was edited to %j',
    async ([part, words], { repository }) => {
      await prepare(repository);
      const first = await promoted(repository, 'a');
      const pointer = await readPointer(repository.root, 'pumpkins');
      const champion = 'champion' in part && part.champion === 'own' ? { champion: first.run } : {};
      const text = JSON.stringify({ ...pointer, ...part, ...champion });
      await repository.write({ 'models/pumpkins/production.json': text });
      const checks = await verifyAgainst(repository.root, first, 'HEAD^');
      const failed = checks.filter((check) => !check.passed);
      expect(failed).toMatchObject([{ check: 'pointer', message: expect.stringContaining(words) }]);
    },
  );

  test('refuses a pointer of another model', async ({ repository }) => {
    await prepare(repository);
    const first = await promoted(repository, 'a');
    const pointer = { ...(await readPointer(repository.root, 'pumpkins')), model: 'fruit' };
    await repository.write({ 'models/pumpkins/production.json': JSON.stringify(pointer) });
    await expect(verifyAgainst(repository.root, first, 'HEAD^')).rejects.toMatchObject({
      code: 'MODEL_POINTER_FOREIGN',
    });
  });

  test.for(['origin/mian', 'v9', '0123456789abcdef', '', '-h'])(
    'refuses %j as a base: it does not exist, which is not the same as a base without a champion',
    async (base, { repository }) => {
      await prepare(repository);
      const first = await promoted(repository, 'a');
      await expect(verifyAgainst(repository.root, first, base)).rejects.toSatisfy((error) =>
        isMainstemError(error, 'REVISION_UNKNOWN'),
      );
    },
  );

  test('refuses a base whose pointer cannot be read', async ({ repository }) => {
    await prepare(repository);
    const first = await promoted(repository, 'a');
    await repository.write({ 'models/pumpkins/production.json': '<<<<<<< ours' });
    await repository.commit('A merge conflict was committed');
    await git(repository.root, 'checkout', '--quiet', 'HEAD^', '--', 'models');
    await expect(verifyAgainst(repository.root, first, 'HEAD')).rejects.toSatisfy((error) =>
      isMainstemError(error, 'MERGE_CONFLICT'),
    );
  });
});

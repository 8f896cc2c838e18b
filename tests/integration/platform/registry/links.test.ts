import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import {
  history,
  lookPath,
  type Promotion,
  parseRecord,
  pointerAt,
  promote,
  recordPath,
  verify,
} from '../../../../platform/registry/index.ts';
import type { ModelRecord } from '../../../../platform/schemas/index.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const gates = [{ gate: 'accuracy', passed: true, message: 'accuracy 0.95 ≥ 0.92' }];
const pointer = 'models/pumpkins/production.json';

async function promoted({ root, write, commit }: Repository): Promise<ModelRecord> {
  await write({ '.gitignore': '.mainstem/\n' });
  await commit('Start');
  const candidate = await buildCandidate(openStore(root), 'a');
  const promotion: Promotion = {
    ...{ root, store: openStore(root), candidate, treeKey: candidate.key, gates, code: [] },
    ...{ channel: 'production', commit: true },
  };
  await promote(promotion);
  return candidate;
}

const failed = async (root: string, { key }: ModelRecord, base: string) => {
  const checks = await verify({
    ...{ root, store: openStore(root), model: 'pumpkins', channel: 'production', base },
    treeKey: async () => key,
    gatesAgainst: async () => gates,
  });
  return checks.filter(({ passed }) => !passed).map(({ message }) => message);
};

describe('a symbolic link among the files of a model', () => {
  const kinds: [string, (record: ModelRecord) => string][] = [
    ['the pointer', () => pointer],
    ['a record', ({ run }) => recordPath('pumpkins', run)],
    ['the folder of records', () => 'models/pumpkins/records'],
    ['the folder of the model', () => 'models/pumpkins'],
    ['the folder of all models', () => 'models'],
  ];
  test.for(kinds)(
    'fails verify if it is %s, wherever it points',
    async ([, pathOf], { repository }) => {
      const { root } = repository;
      const candidate = await promoted(repository);
      expect(await failed(root, candidate, 'HEAD~1')).toEqual([]);
      const path = pathOf(candidate);
      for (const inside of [true, false]) {
        const target = inside ? join(root, 'elsewhere') : `${root}-elsewhere`;
        await rename(join(root, path), target);
        await symlink(target, join(root, path));
        const [message] = await failed(root, candidate, 'HEAD');
        expect(message).toContain(`${path} is a symbolic link`);
        await rm(join(root, path));
        await rename(target, join(root, path));
      }
      expect(await failed(root, candidate, 'HEAD')).toEqual([]);
    },
  );

  test('fails verify if it is a note of a look, or points nowhere', async ({ repository }) => {
    const { root } = repository;
    const candidate = await promoted(repository);
    const note = lookPath('pumpkins', candidate.run);
    await mkdir(join(root, note, '..'), { recursive: true });
    await symlink('nowhere', join(root, note));
    expect((await failed(root, candidate, 'HEAD'))[0]).toContain(`${note} is a symbolic link`);
    await rm(join(root, note));
    await rm(join(root, pointer));
    await symlink('nowhere.json', join(root, pointer));
    expect((await failed(root, candidate, 'HEAD'))[0]).toContain(`${pointer} is a symbolic link`);
  });

  test('that is in git is called so by whatever reads it there', async ({ repository }) => {
    const { root, commit } = repository;
    await promoted(repository);
    await rename(join(root, pointer), join(root, 'models/pumpkins/real.json'));
    await symlink('real.json', join(root, pointer));
    await git(root, 'add', '--all');
    await commit('Link');
    const linked = {
      code: 'FILE_UNREADABLE',
      details: { reason: expect.stringContaining('link') },
    };
    await expect(pointerAt(root, 'HEAD', 'pumpkins', 'production')).rejects.toMatchObject(linked);
    await expect(history(root, 'pumpkins')).rejects.toMatchObject(linked);
    // Once it is a file again, the history says what served before and after.
    const text = await readFile(join(root, pointer), 'utf8');
    await rm(join(root, pointer));
    await writeFile(join(root, pointer), text);
    await git(root, 'add', '--all');
    await commit('File');
    expect((await history(root, 'pumpkins')).length).toBeGreaterThan(0);
  });
});

test('a record of another model is called that', async ({ repository }) => {
  const candidate = await promoted(repository);
  const text = await readFile(join(repository.root, recordPath('pumpkins', candidate.run)), 'utf8');
  expect(() => parseRecord(text, { model: 'gourds', run: candidate.run })).toThrow(
    /expected model gourds, found model pumpkins/,
  );
});

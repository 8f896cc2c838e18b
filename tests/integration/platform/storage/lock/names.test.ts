import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';
import { loadProject } from '../../../../../platform/schemas/define/index.ts';
import {
  assertNameFree,
  assertOneDefinition,
  findSharedDatasets,
  lockProject,
  openStore,
  readLock,
  readStatus,
} from '../../../../../platform/storage/index.ts';
import { test } from '../../../../helpers/folder.ts';
import { minimalParameters } from '../../../../helpers/project.ts';

const repository = join(import.meta.dirname, '../../../../..');

interface Said {
  readonly data?: string;
  readonly path?: string;
  readonly other?: string;
  readonly licence?: string;
  readonly seed?: number;
  readonly heldBack?: number;
}

/** Writes a project of photos whose definition says this. */
async function plantProject(root: string, name: string, said: Said = {}): Promise<void> {
  const { data = name, path = `data/${data}`, other, licence = 'CC0-1.0', seed = 7 } = said;
  const dataset = (of: string, at: string) =>
    `{ name: '${of}', path: '${at}', source: 'test', licence: '${licence}' }`;
  const held = said.heldBack === undefined ? '' : `, heldBack: ${said.heldBack}`;
  const code = `import { defineProject } from '../../../platform/schemas/define/index.ts';
import { Type } from 'typebox';
export default defineProject({
  name: '${name}', task: 'image-classification', data: ${dataset(data, path)},
  ${other === undefined ? '' : `outOfDistribution: ${dataset(other, `data/${other}`)},`}
  classes: ['good', 'bad'], split: { seed: ${seed}${held} }, parameters: Type.Object({}),
  model: ({ layers }) => layers.sequential(), gates: [], budgets: { modelBytes: 1e6, latencyMs: 10 },
  page: { title: 't', intro: 'i', refusal: 'r' },
});
`;
  const folder = join(root, 'pipeline/projects', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'project.ts'), code);
  await writeFile(join(folder, 'params.json'), JSON.stringify(minimalParameters));
}

async function plantPhotos(root: string, path: string): Promise<void> {
  for (const name of ['good', 'bad']) {
    await mkdir(join(root, path, name), { recursive: true });
    await writeFile(join(root, path, name, '1.jpg'), `${path} ${name}`);
  }
}

async function plantRepository(root: string): Promise<void> {
  for (const path of ['platform', 'node_modules', 'package.json'])
    await symlink(join(repository, path), join(root, path));
  await plantProject(root, 'pumpkins', { other: 'pumpkins-other' });
  await plantPhotos(root, 'data/pumpkins');
  await plantPhotos(root, 'data/pumpkins-other');
}

const lockNamed = async (root: string, name: string) => {
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  return lockProject(workspace, openStore(root), await loadProject(root, name));
};

describe('two projects that have a dataset of one name', () => {
  test('lock it where they define it equally, and each says so of the other', async ({
    folder,
  }) => {
    await plantRepository(folder);
    await plantProject(folder, 'gourds', { data: 'pumpkins', path: 'data/pumpkins/' });
    await lockNamed(folder, 'pumpkins');
    const first = await readFile(join(folder, 'data.lock.json'), 'utf8');
    expect(await findSharedDatasets(folder, await loadProject(folder, 'gourds'))).toEqual([
      { dataset: 'pumpkins', project: 'pumpkins', differences: [] },
    ]);
    await lockNamed(folder, 'gourds');
    // Only how the path is written is the last one's.
    expect(
      (await readFile(join(folder, 'data.lock.json'), 'utf8')).replace('pumpkins/"', 'pumpkins"'),
    ).toBe(first);
  });

  test.for<[string, Said, RegExp]>([
    ['another split', { seed: 8 }, /split\.seed is 8 here, 7 there/],
    ['a part held back', { heldBack: 0.1 }, /split\.heldBack is 0\.1 here, left out there/],
    ['another place', { path: 'data/elsewhere' }, /path is "data\/elsewhere" here/],
    ['another licence', { licence: 'MIT' }, /licence is "MIT" here, "CC0-1\.0" there/],
  ])(
    'are both refused for %s, before anything is written',
    async ([, said, differs], { folder }) => {
      await plantRepository(folder);
      await lockNamed(folder, 'pumpkins');
      const before = await readLock(folder);
      await plantProject(folder, 'gourds', { data: 'pumpkins', ...said });
      await plantPhotos(folder, said.path ?? 'data/pumpkins');
      await expect(lockNamed(folder, 'gourds')).rejects.toMatchObject({
        code: 'DATA_CONTRADICTED',
        message: expect.stringMatching(differs),
      });
      await expect(lockNamed(folder, 'pumpkins')).rejects.toMatchObject({
        message: expect.stringMatching(/pumpkins\/project\.ts and .*gourds\/project\.ts/),
      });
      expect(await readLock(folder)).toEqual(before);
      const workspace = {
        root: folder,
        reporter: silentReporter,
        signal: new AbortController().signal,
      };
      const [status] = await readStatus(
        workspace,
        openStore(folder),
        before,
        await loadProject(folder, 'pumpkins'),
      );
      expect(status?.shared).toMatchObject([
        { project: 'gourds', differences: [expect.any(String)] },
      ]);
    },
  );

  test('the second dataset of one is the first of another', async ({ folder }) => {
    await plantRepository(folder);
    await plantProject(folder, 'pumpkins-other', { seed: 8 });
    const projects = [await loadProject(folder, 'pumpkins-other')];
    await expect(assertOneDefinition(folder, projects)).rejects.toMatchObject({
      code: 'DATA_CONTRADICTED',
    });
  });
});

describe('the name of a new dataset', () => {
  const fresh = (name: string) => ({ name, places: [`data/${name}`] });

  test('is not that of any dataset of a project, locked or not', async ({ folder }) => {
    await plantRepository(folder);
    for (const name of ['pumpkins', 'pumpkins-other']) {
      const refused = assertNameFree(folder, fresh(name));
      await expect(refused).rejects.toMatchObject({
        code: 'DATA_NAME_TAKEN',
        message: expect.stringMatching(/"pumpkins" has a dataset/),
      });
    }
    expect(await assertNameFree(folder, fresh('apples'))).toBeNull();
  });

  test('may be that of an entry that nobody has any more, at the same place only', async ({
    folder,
  }) => {
    await plantRepository(folder);
    await lockNamed(folder, 'pumpkins');
    await rm(join(folder, 'pipeline/projects/pumpkins'), { recursive: true });
    expect(await assertNameFree(folder, fresh('pumpkins'))).toMatchObject({ files: 2 });
    const elsewhere = { name: 'pumpkins', places: ['data/mine'] };
    await expect(assertNameFree(folder, elsewhere)).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
    const backbone = { ...fresh('pumpkins'), shareable: true };
    await expect(assertNameFree(folder, backbone)).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
  });

  test('is taken by an entry that a project may have that cannot be loaded', async ({ folder }) => {
    await plantRepository(folder);
    await lockNamed(folder, 'pumpkins');
    await writeFile(join(folder, 'pipeline/projects/pumpkins/params.json'), '{');
    await expect(assertNameFree(folder, fresh('pumpkins-other'))).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
      message: expect.stringMatching(/cannot be loaded \(pumpkins\)/),
    });
  });
});

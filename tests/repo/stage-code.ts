import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { readCode } from '../../pipeline/engine/code.ts';
import { Handle } from '../../pipeline/engine/index.ts';
import { openReaders, type Readers } from '../../pipeline/engine/readers.ts';
import type { Materials } from '../../pipeline/materials.ts';
import { declareStages } from '../../pipeline/run.ts';
import { digestJson } from '../../platform/lib/hash.ts';
import { parseModule } from '../../platform/lib/parse-module.ts';
import { loadProject, type Project } from '../../platform/schemas/define/index.ts';
import type { BackendName, LockedDataset } from '../../platform/schemas/index.ts';

/** The repository that this file belongs to. */
export const root = join(import.meta.dirname, '../..');

/** `<project>/<stage>` → digest of the code and packages in the stage's key. */
export type CodeKeys = Readonly<Record<string, string>>;

/** New texts of files by path; a function gets the present text, '' where there is no such file. */
export type Plant = Readonly<Record<string, string | ((text: string) => string)>>;

/** A copy of the sources in which changes may be planted. */
export interface SourceCopy {
  readonly root: string;
  /** The code part of every stage's key. */
  keys(backend?: BackendName): Promise<CodeKeys>;
  /** Plants a change, looks at the keys, and takes the change back. @throws Error if the plant changes no code */
  keysWith(plant: Plant, backend?: BackendName): Promise<CodeKeys>;
  remove(): Promise<void>;
}

/** Copies what stages are made of; packages are linked. */
export async function copySources(projects: readonly string[]): Promise<SourceCopy> {
  const copy = await mkdtemp(join(tmpdir(), 'mainstem-code-'));
  for (const part of ['platform', 'pipeline', 'monitoring', 'package.json']) {
    await cp(join(root, part), join(copy, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  const loaded = await Promise.all(projects.map((name) => loadProject(root, name)));
  const readers = await openReaders(copy);
  const keys = (backend: BackendName = 'wasm') => codeKeys(copy, loaded, readers, backend);
  return {
    root: copy,
    keys,
    async keysWith(plant, backend) {
      const restore = await plantAll(copy, plant);
      try {
        return await keys(backend);
      } finally {
        await restore();
      }
    },
    remove: () => rm(copy, { recursive: true, force: true }),
  };
}

/** The keys that differ, as `<project>/<stage>`. */
export function changedKeys(before: CodeKeys, after: CodeKeys): string[] {
  return Object.keys(before).filter((name) => before[name] !== after[name]);
}

/**
 * The code part of every stage's key, for the sources in a folder; made as the engine makes it. Of a project for photos
 * also that of the stages which are others with a backbone, and with one whose last part is trained.
 */
export async function codeKeys(
  folder: string,
  projects: readonly Project[],
  readers: Readers,
  backend: BackendName,
): Promise<CodeKeys> {
  const keys: [string, string][] = [];
  const add = async (name: string, entries: readonly string[]) => {
    const paths = entries.map((entry) => join(folder, relative(root, entry)));
    keys.push([name, digestJson(await readCode(folder, paths, readers))]);
  };
  for (const project of projects) {
    const { name } = project.definition;
    const plain = stageEntries(project, backend, null);
    for (const [stage, entries] of plain) await add(`${name}/${stage}`, entries);
    if (project.definition.task !== 'image-classification') continue;
    const onBackbone = stageEntries(project, backend, backbone);
    for (const [stage, entries] of onBackbone) {
      const own = plain.get(stage)?.[0] !== entries[0];
      if (own) await add(`${name} on a backbone/${stage}`, entries);
    }
    for (const [stage, entries] of stageEntries(project, backend, backbone, { blocks: 1 })) {
      const own = onBackbone.get(stage)?.[0] !== entries[0];
      if (own) await add(`${name} with a tuned backbone/${stage}`, entries);
    }
  }
  return Object.fromEntries(keys);
}

const dataset: LockedDataset = {
  ...{ digest: digestJson('data'), path: 'data', kind: 'images', files: 1, bytes: 1, splits: {} },
  ...{ source: 'test', licence: 'CC0-1.0' },
};

const backbone: Materials['backbone'] = {
  ...{ dataset, features: null },
  pixels: { mean: [0, 0, 0], deviation: [1, 1, 1] },
};

/** The files at which the code of each declared stage begins. */
function stageEntries(
  project: Project,
  name: BackendName,
  on: Materials['backbone'],
  tuned: Materials['tuned'] = null,
): Map<string, readonly string[]> {
  const entries = new Map<string, readonly string[]>();
  const { definition } = project;
  const outOfDistribution = definition.outOfDistribution ? dataset : null;
  const backend = { name, class: name, deterministic: true, reason: 'test' };
  declareStages(
    {
      stage(stage, _inputs, { as = stage.name } = {}) {
        entries.set(as, [stage.entry, ...(stage.code?.(project, name) ?? [])]);
        return new Handle(as);
      },
    },
    { definition, dataset, outOfDistribution, backbone: on, backend, tuned },
  );
  return entries;
}

/** @returns what takes the change back */
async function plantAll(folder: string, plant: Plant): Promise<() => Promise<void>> {
  const undo: (() => Promise<void>)[] = [];
  for (const [path, change] of Object.entries(plant)) {
    const file = join(folder, path);
    const before = existsSync(file) ? await readFile(file, 'utf8') : null;
    const after = typeof change === 'string' ? change : change(before ?? '');
    await assertCodeChanges(path, before ?? '', after);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, after);
    undo.push(() => (before === null ? rm(file) : writeFile(file, before)));
  }
  return async () => {
    for (const each of undo) await each();
  };
}

/** A change that a key cannot see would prove nothing. */
async function assertCodeChanges(path: string, before: string, after: string): Promise<void> {
  const [first, second] = await Promise.all([before, after].map((text) => parseModule(path, text)));
  if (first?.digest !== second?.digest) return;
  throw new Error(`the change planted in ${path} changes no code`);
}

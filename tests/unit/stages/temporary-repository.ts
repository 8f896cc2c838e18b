import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { onTestFinished } from 'vitest';
import type { Parameters, Project } from '../../../pipeline/define.ts';
import { silentReporter } from '../../../pipeline/lib/reporter.ts';
import type { Workspace } from '../../../pipeline/types.ts';

/** A folder with source files for the engine to read, removed after the test. */
export interface TemporaryRepository {
  readonly root: string;
  readonly workspace: Workspace;
  /** Writes files; the time is set back so that the code cache remembers them. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

export async function createRepository(
  files: Readonly<Record<string, string>> = {},
): Promise<TemporaryRepository> {
  const root = await mkdtemp(join(tmpdir(), 'mainstem-stages-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const repository: TemporaryRepository = {
    root,
    workspace,
    async write(changed) {
      for (const [path, text] of Object.entries(changed)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
        await utimes(join(root, path), new Date(), new Date());
      }
    },
  };
  await repository.write(files);
  return repository;
}

const parameters: Parameters = {
  seed: 1,
  epochs: 3,
  batchSize: 8,
  learningRate: 0.001,
  learningRateSchedule: 'constant',
  earlyStopping: 0,
  classWeights: 'none',
  augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
  thresholds: { acceptance: 0.95 },
  model: {},
};

/** A project whose parameters may be changed for a test. */
export function projectWith(changed: Partial<Parameters> = {}): Project {
  return {
    folder: '/nowhere',
    parameters: { ...parameters, ...changed },
    definition: {
      name: 'tiny',
      task: 'tabular-regression',
      data: { name: 'tiny', path: 'tiny.csv', source: 'made up', licence: 'CC0-1.0' },
      split: { seed: 1 },
      parameters: Type.Object({}),
      model: () => {
        throw new Error('not used here');
      },
      gates: [],
      budgets: { modelBytes: 1, latencyMs: 1 },
      page: { title: '', intro: '', refusal: '' },
    },
  };
}

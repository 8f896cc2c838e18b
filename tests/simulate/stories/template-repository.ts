import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRandom } from '../../../platform/lib/random.ts';
import { mainstem } from '../../helpers/mainstem.ts';
import { git } from '../github/git.ts';

const root = join(import.meta.dirname, '../../..');

/** The project of the stories: 150 gourds that two measurements tell apart, trained in a second. */
export const project = 'gourds';

/** Folders that no workflow needs, left out so that each checkout is short. */
const leftOut = /^(node_modules|tests|bench|docs|models\/[^R]|pipeline\/projects|data\.lock\.json)/;

/** Of the project. */
export const definition = `import { defineProject } from '../../../platform/schemas/define/index.ts';
import { Type } from 'typebox';

export default defineProject({
  name: 'gourds',
  task: 'tabular-classification',
  data: {
    name: 'gourds',
    path: 'pipeline/projects/gourds/gourds.csv',
    source: 'made up for the stories',
    licence: 'CC0-1.0',
  },
  table: {
    label: 'kind',
    features: {
      weight: { kind: 'number', range: [0, 20] },
      length: { kind: 'number', range: [0, 60] },
    },
  },
  classes: ['long', 'round'],
  split: { seed: 1, fractions: [0.5, 0.2, 0.3] },
  parameters: Type.Object({}),
  model: ({ layers, inputShape, outputs }) =>
    layers.sequential({
      layers: [
        layers.layers.dense({ units: 8, activation: 'relu', inputShape: [...inputShape] }),
        layers.layers.dense({ units: outputs }),
      ],
    }),
  gates: [
    { metric: 'accuracy', atLeast: 0.8 },
    { metric: 'accuracy', notWorseBy: 0.25 },
  ],
  budgets: { modelBytes: 100_000, latencyMs: 1000 },
  page: {
    title: 'Which gourd is this?',
    intro: 'Weigh it and measure it.',
    classes: { long: 'a long one', round: 'a round one' },
    refusal: 'No gourd measures like this.',
  },
});
`;

/** The parameters that the stories start from, with changes. */
export function parameters(changed: Readonly<Record<string, unknown>> = {}): string {
  const fields = {
    seed: 7,
    epochs: 40,
    batchSize: 32,
    learningRate: 0.05,
    learningRateSchedule: 'constant',
    earlyStopping: 0,
    classWeights: 'none',
    augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
    thresholds: { acceptance: 0.95 },
    model: {},
    ...changed,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

export const definitionFile = `pipeline/projects/${project}/project.ts`;
export const parametersFile = `pipeline/projects/${project}/params.json`;
export const tableFile = `pipeline/projects/${project}/gourds.csv`;

/** Rows of a harvest: another seed grows other gourds. */
export function harvest(rows: number, seed = 5): string {
  const random = createRandom(seed);
  const lines = Array.from({ length: rows }, (_, at) => {
    const long = at % 2 === 0;
    const weight = (long ? 4 : 6) + random.next() * 5;
    const length = (long ? 24 : 14) + random.next() * 16;
    return `${long ? 'long' : 'round'},${weight.toFixed(2)},${length.toFixed(1)}`;
  });
  return `${lines.join('\n')}\n`;
}

/** The table that the stories start from. */
export const tableText = `kind,weight,length\n${harvest(150)}`;

/** Gives the project a `collect`. @param call of node:fs/promises, with the table's path as `file` */
export function collecting(call: string): (definition: string) => string {
  const collect = `  collect: async ({ root }) => {
    const { appendFile, writeFile } = await import('node:fs/promises');
    const file = \`\${root}/${tableFile}\`;
    await ${call};
  },
});
`;
  return (text) => text.replace(/\}\);\s*$/, () => collect);
}

/** The tests of a story's repository are not what the story is about. */
const continuousIntegration = '#!/usr/bin/env bash\necho "1 passed, 0 failed"\n';

export interface Template {
  /** A repository to clone from. */
  readonly folder: string;
  /** A folder remote with its data, to copy. */
  readonly remote: string;
}

let made: Promise<Template> | undefined;

/**
 * The repository that every story starts from: this one as it is now, workflows and actions unchanged, with one tiny
 * project instead of its own and without tests. Made once a process.
 */
export function templateRepository(): Promise<Template> {
  made ??= makeTemplate({
    fill: (folder) => {
      const own = join(folder, 'pipeline/projects', project);
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, 'project.ts'), definition);
      writeFileSync(join(own, 'params.json'), parameters());
      writeFileSync(join(own, 'gourds.csv'), tableText);
      writeFileSync(join(own, 'README.md'), '# Gourds\n');
    },
    commands: [['lock', project]],
  });
  return made;
}

/** How a template comes about. */
export interface TemplatePlan {
  /** Writes the files of its project. */
  fill(folder: string): void;
  /** Of `mainstem`, in order; what they leave is committed. */
  readonly commands: readonly (readonly string[])[];
}

/** This repository without its projects and tests, filled by a plan, and a folder remote with its data. */
export async function makeTemplate({ fill, commands }: TemplatePlan): Promise<Template> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstem-template-'));
  const remote = `${folder}-remote`;
  process.once('exit', () => {
    for (const one of [folder, remote]) rmSync(one, { recursive: true, force: true });
  });
  copyTree(folder);
  fill(folder);
  writeFileSync(join(folder, '.ci/run'), continuousIntegration);
  writeFileSync(join(folder, 'data.lock.json'), '{"version":1,"datasets":{}}\n');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  git(folder, ['init', '--quiet', '--initial-branch=main']);
  appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
  git(folder, ['add', '--all']);
  git(folder, ['commit', '--quiet', '-m', 'Start from the template']);
  for (const command of commands) {
    await run(folder, ...command);
    git(folder, ['add', '--all']);
    git(folder, ['commit', '--quiet', '--amend', '--no-edit']);
  }
  mkdirSync(remote);
  await run(folder, 'push', '--remote', remote);
  return { folder, remote };
}

/** `mainstem lock` in a working tree, then `push` where a remote is given. @throws Error with what failed */
export async function lock(folder: string, remote?: string): Promise<void> {
  await run(folder, 'lock', project);
  if (remote) await run(folder, 'push', '--remote', remote);
}

async function run(folder: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await mainstem(folder, ...args);
  if (code !== 0) throw new Error(stdout + stderr);
}

function copyTree(folder: string): void {
  const listed = git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  for (const path of listed.split('\0')) {
    if (path === '' || leftOut.test(path)) continue;
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCode } from '../../pipeline/engine/code.ts';
import type { StageWork } from '../../pipeline/engine/index.ts';
import { openReaders } from '../../pipeline/engine/readers.ts';
import { modelKinds } from '../../pipeline/model-kinds.ts';
import { loadProject, type ModelKind } from '../../platform/schemas/define/index.ts';
import { backendNames, stageNames } from '../../platform/schemas/index.ts';
import {
  type CodeKeys,
  changedKeys,
  copySources,
  type Plant,
  root,
  type SourceCopy,
} from './stage-code.ts';

const projects = ['penguins', 'pumpkins'];
let copy: SourceCopy;
let before: CodeKeys;

beforeAll(async () => {
  copy = await copySources(projects);
  before = await copy.keys();
});
afterAll(() => copy.remove());

/** The stages that a planted change makes stale, as `<project>/<stage>`. */
async function rekeyedBy(plant: Plant): Promise<string[]> {
  return changedKeys(before, await copy.keysWith(plant));
}

/** Puts text in front of a place that must be there once. */
function insertBefore(place: string, added: string) {
  return (text: string) => {
    if (text.split(place).length !== 2) throw new Error(`"${place}" must be there exactly once`);
    return text.replace(place, () => `${added}${place}`);
  };
}

/** Adds a statement that changes a module and nothing that it does. */
const touch = (text: string) => `${text}\nexport const planted = 'planted';\n`;

const onBackbone = 'pumpkins on a backbone/';
const onTuned = 'pumpkins with a tuned backbone/';

test('every stage of the table has a code key in the project with an out-of-distribution set', () => {
  const names = Object.keys(before).filter((name) => name.startsWith('pumpkins/'));
  const plain = stageNames.filter((name) => !/^(embed|activate)/.test(name));
  expect(names).toEqual(plain.map((name) => `pumpkins/${name}`));
  const others = Object.keys(before).filter((name) => name.startsWith(onBackbone));
  expect(others).toEqual(
    ['embed', 'embed-out-of-distribution', 'package'].map((name) => `${onBackbone}${name}`),
  );
  const tuned = Object.keys(before).filter((name) => name.startsWith(onTuned));
  expect(tuned).toEqual(
    ['activate', 'activate-out-of-distribution', 'train', 'package'].map(
      (name) => `${onTuned}${name}`,
    ),
  );
});

test('what trains the last part of a backbone counts for projects that do so alone', async () => {
  const stale = await rekeyedBy({ 'pipeline/backbones/tuned/plan-tuned.ts': touch });
  expect(stale).toEqual(
    ['activate', 'activate-out-of-distribution', 'train'].map((name) => `${onTuned}${name}`),
  );
});

test('what cuts a backbone counts for projects that have one alone', async () => {
  const stale = await rekeyedBy({ 'pipeline/backbones/graft.ts': touch });
  const cutting = ['activate', 'activate-out-of-distribution', 'package'];
  expect(stale).toEqual([
    ...Object.keys(before).filter((name) => name.startsWith(onBackbone)),
    ...cutting.map((name) => `${onTuned}${name}`),
  ]);
});

const gates = 'platform/quality/gates';
const gateKind: Plant = existsSync(join(root, gates, 'index.ts'))
  ? {
      [`${gates}/planted.ts`]: 'export const planted = { kind: "planted" };\n',
      [`${gates}/index.ts`]: (text) =>
        `import { planted } from './planted.ts';\n${insertBefore('] as const;\n\n/** The kinds whose', ', planted')(text)}`,
    }
  : {
      'platform/schemas/define/project.ts': insertBefore(
        '    atLeast: Type',
        '    planted: Type.Optional(Type.Number()),\n',
      ),
    };

/** What no stage's result depends on. */
const unread: [string, Plant][] = [
  [
    'an optional field of the model pointer',
    {
      'platform/schemas/model.ts': insertBefore(
        '  champion: nullable(Type.String()),\n',
        '  canary: Type.Optional(Type.String()),\n',
      ),
    },
  ],
  [
    'an optional text of the page',
    {
      'platform/schemas/model.ts': insertBefore(
        '    refusal: Type.String(),\n',
        '    footer: Type.Optional(Type.String()),\n',
      ),
      'platform/schemas/define/project.ts': insertBefore(
        '    refusal: Type.String(),\n',
        '    footer: Type.Optional(Type.String()),\n',
      ),
    },
  ],
  ['a kind of gate', gateKind],
  [
    'a field of the project definition, such as an alert threshold',
    {
      'platform/schemas/define/project.ts': insertBefore(
        '  page: PageDefinition,\n',
        '  alerts: Type.Optional(Type.Object({ refused: Type.Number() })),\n',
      ),
    },
  ],
  [
    "words and thresholds in a project's own project.ts",
    { 'pipeline/projects/pumpkins/project.ts': touch },
  ],
  ['a Prometheus metric', { 'monitoring/metrics.ts': touch }],
  [
    'an error code',
    {
      'platform/lib/error-codes.ts': insertBefore(
        '  // General\n',
        "  PLANTED: { message: 'Planted.', hint: 'Pull it out.', exit: 1 },\n",
      ),
    },
  ],
  [
    'a help text of the command line',
    {
      'pipeline/cli/commands/run.ts': (text) => text.replace('run the stages that', 'run all that'),
    },
  ],
  [
    'the description of a parameter',
    {
      'platform/schemas/define/parameters.ts': (text) =>
        text.replace("'of Adam'", "'of the optimiser'"),
    },
  ],
  [
    'a section of the report',
    {
      'platform/report/sections/planted.ts': 'export const plantedSection = () => null;\n',
      'platform/report/sections/compose.ts': (text) =>
        `import { plantedSection } from './planted.ts';\n${insertBefore('    changeSection(report),\n', '    plantedSection(),\n')(text)}`,
    },
  ],
  [
    "an optional field in the schema of a stage's outputs",
    {
      'platform/schemas/training.ts': insertBefore(
        '  trainedRows: Type.Integer(),\n',
        '  seconds: Type.Optional(Type.Number()),\n',
      ),
    },
  ],
  [
    'a backend',
    {
      'pipeline/backends/planted.ts':
        "import { driver as wasm } from './wasm.ts';\nexport const driver = { ...wasm, name: 'planted' };\n",
      'pipeline/backends/drivers.ts': (text) =>
        `import { driver as planted } from './planted.ts';\n${insertBefore('  wasm,\n', '  planted,\n')(text)}`,
      'platform/schemas/backend-names.ts': (text) => text.replace("'wasm']", "'wasm', 'planted']"),
    },
  ],
  [
    'a stage',
    {
      'platform/schemas/stage-names.ts': touch,
      'platform/schemas/stages.ts': touch,
      'pipeline/run.ts': touch,
    },
  ],
  [
    'the kind of model that the project does not have',
    {
      'pipeline/trees/boost.ts': touch,
      'pipeline/training/trees-worker.ts': touch,
      'pipeline/package/onnx/export-trees.ts': touch,
      'pipeline/model-kinds.ts': touch,
      'pipeline/backend-for.ts': touch,
    },
  ],
  ["a line of training's progress", { 'pipeline/training/log.ts': touch }],
  ['the engine', { 'pipeline/engine/engine.ts': touch, 'pipeline/engine/ingredients.ts': touch }],
];

describe('no stage is made stale by', () => {
  test.each(unread)('%s', async (_, plant) => {
    expect(await rekeyedBy(plant)).toEqual([]);
  });
});

/** A file that stages import → the stages of every project that it makes stale. */
const read: [string, string[]][] = [
  ['pipeline/validation/duplicates.ts', ['validate']],
  ['platform/storage/lock/split.ts', ['validate', 'prepare', 'prepare-out-of-distribution']],
  ['platform/transforms/decode-image.ts', ['validate', 'prepare', 'prepare-out-of-distribution']],
  ['pipeline/training/seed.ts', ['train']],
  ['pipeline/training/serve-job.ts', ['train']],
  ['pipeline/evaluation/evaluate.ts', ['evaluate']],
  ['pipeline/backends/optimizer.ts', ['train']],
  [
    'pipeline/prepare/read-prepared.ts',
    [
      ...['embed', 'embed-out-of-distribution', 'activate', 'activate-out-of-distribution'],
      ...['train', 'evaluate', 'package'],
    ],
  ],
  ['pipeline/backends/saved-model.ts', ['train', 'evaluate', 'package']],
  ['pipeline/backends/wasm/kernels/conv2d.ts', ['train', 'evaluate', 'package']],
  ['pipeline/backends/predict-batches.ts', ['evaluate', 'package']],
  ['pipeline/evaluation/statistics/wilson.ts', ['evaluate']],
  ['platform/lib/json.ts', [...stageNames].filter((name) => name !== 'validate')],
  ['platform/lib/canonical-json.ts', [...stageNames]],
  ['pipeline/package/assert-parity.ts', ['package']],
];

describe('exactly the stages that import it are made stale by a change of', () => {
  test.each(read)('%s', async (path, stages) => {
    const expected = Object.keys(before).filter((name) =>
      stages.includes(name.split('/')[1] ?? ''),
    );
    expect(expected).not.toEqual([]);
    expect(await rekeyedBy({ [path]: touch })).toEqual(expected);
  });
});

test("a project's network makes only that project train again", async () => {
  expect(await rekeyedBy({ 'pipeline/projects/pumpkins/model.ts': touch })).toEqual([
    'pumpkins/train',
    `${onTuned}train`,
  ]);
});

test('a key holds the driver of the backend that computes, and no other', async () => {
  expect(backendNames).toContain('tensorflow');
  const native = await copy.keys('tensorflow');
  const kernel = { 'pipeline/backends/wasm/kernels/relu.ts': touch };
  expect(changedKeys(native, await copy.keysWith(kernel, 'tensorflow'))).toEqual([]);
  const driver = { 'pipeline/backends/native.ts': touch };
  expect(await rekeyedBy(driver)).toEqual([]);
  const stale = changedKeys(native, await copy.keysWith(driver, 'tensorflow'));
  expect(stale).toEqual(Object.keys(native).filter((name) => /train|evaluate|package/.test(name)));
});

/** The files and packages behind the three stages of a kind of model. */
async function codeOfKind(kind: ModelKind): Promise<string[]> {
  const readers = await openReaders(root);
  const project = await loadProject(root, 'penguins');
  const stages: StageWork<never, unknown>[] = Object.values(modelKinds[kind]);
  const found = await Promise.all(
    stages.map((stage) => {
      const backend = kind === 'network' ? 'wasm' : 'javascript';
      return readCode(root, [stage.entry, ...(stage.code?.(project, backend) ?? [])], readers);
    }),
  );
  return found.flatMap(({ code, packages }) => [...Object.keys(code), ...Object.keys(packages)]);
}

test('the keys of networks hold no code of trees, and those of trees no tensor library', async () => {
  const [network, trees] = await Promise.all([codeOfKind('network'), codeOfKind('trees')]);
  expect(network).toContain('pipeline/training/fit-network.ts');
  expect(network.filter((path) => /trees/.test(path))).toEqual([]);
  expect(trees).toContain('pipeline/trees/histograms.ts');
  expect(trees).toContain('pipeline/trees/find-split.ts');
  expect(trees.filter((path) => /tensorflow|backends|projects|network/.test(path))).toEqual([]);
});

const pointerField: Plant = Object.fromEntries(
  unread.slice(0, 1).flatMap(([, plant]) => Object.entries(plant)),
);

describe('a planted coupling is found:', () => {
  test('an index that re-exports everything ties every stage to every schema', async () => {
    const index = 'platform/schemas/index.ts';
    const open: Plant = {
      [index]: (text) => text.replaceAll(/export \{[^}]*\} from/g, 'export * from'),
    };
    const coupled = await copy.keysWith(open);
    const stale = changedKeys(coupled, await copy.keysWith({ ...open, ...pointerField }));
    expect(stale).toEqual(Object.keys(before));
  });

  test('a helper that imports the schema of a record ties its stage to it', async () => {
    const seed: Plant = {
      'pipeline/training/seed.ts': (text) =>
        `import { ModelRecord } from '../../platform/schemas/index.ts';\nvoid ModelRecord;\n${text}`,
    };
    const coupled = await copy.keysWith(seed);
    const stale = changedKeys(coupled, await copy.keysWith({ ...seed, ...pointerField }));
    expect(stale).toEqual(Object.keys(before).filter((name) => name.endsWith('/train')));
  });
});

import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { isMainstemError } from '../../../../../platform/lib/errors.ts';
import {
  defineProject,
  modelKind,
  type ProjectInput,
  parseParameters,
  parseRecordedParameters,
  tunedFrom,
} from '../../../../../platform/schemas/define/index.ts';
import { minimalParameters } from '../../../../helpers/project.ts';

const definition = defineProject({
  name: 'apples',
  task: 'image-classification',
  data: { name: 'apples', path: 'data/apples', source: 'own photos', licence: 'CC0-1.0' },
  classes: ['good', 'bad'],
  split: { seed: 1 },
  parameters: Type.Object({
    filters: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 4 }),
  }),
  model: ({ layers }) => layers.sequential(),
  gates: [{ metric: 'accuracy', atLeast: 0.9 }],
  budgets: { modelBytes: 1e6, latencyMs: 10 },
  page: { title: 'Apples', intro: 'Is it good?', refusal: 'That is not an apple.' },
});

const valid = {
  ...minimalParameters,
  model: { filters: [8, 16] },
};

const check = (value: unknown) =>
  parseParameters(JSON.stringify(value), definition, 'pipeline/projects/apples/params.json');

test('a column has its defaults whatever its name is', () => {
  for (const name of ['mass', 'body\nmass', '\u2028', '__proto__', 'constructor']) {
    const features = Object.fromEntries([[name, { kind: 'number' as const }]]);
    const { table } = defineProject({
      ...definition,
      task: 'tabular-classification',
      table: { label: 'sex', features },
    });
    const [column] = Object.values(table?.features ?? {});
    expect(column?.missing).toBeTypeOf('number');
  }
});

test('good parameters are accepted as they are', () => {
  expect(check(valid)).toEqual(valid);
});

test.each([
  [{ ...valid, learningRate: -1 }, 'learningRate', '-1', '> 0'],
  [{ ...valid, learningRate: 'fast' }, 'learningRate', '"fast"', 'number'],
  [{ ...valid, model: { filters: [0] } }, 'model.filters.0', '0', '>= 1'],
  [{ ...valid, learninRate: 1 }, 'learninRate', '1', 'left out: known are seed, imageSize'],
  [{ ...valid, model: { filters: [] } }, 'model.filters', '[]', 'a list of at least 1 item'],
  [
    { ...valid, model: { filters: [1, 2, 3, 4, 5] } },
    'model.filters',
    '[1,2,3,4,5]',
    'at most 4 items',
  ],
  [{ ...valid, epochs: undefined }, 'epochs', 'missing', 'given'],
  [{ ...valid, imageSize: undefined }, 'imageSize', 'missing', 'a whole number of pixels'],
  [{ ...valid, learningRateSchedule: 'x' }, 'learningRateSchedule', '"x"', '"constant", "cosine"'],
  [
    { ...valid, augmentation: { ...valid.augmentation, flop: 1 } },
    'augmentation.flop',
    '1',
    'left out',
  ],
])(
  'a bad parameter is reported with key, value and what is allowed: %#',
  (value, key, found, allowed) => {
    try {
      check(value);
      expect.unreachable();
    } catch (error) {
      if (!isMainstemError(error, 'PARAMETER_INVALID')) throw error;
      expect(error.details).toMatchObject({ key, value: found });
      expect(String(error.details.allowed)).toContain(allowed);
    }
  },
);

const tuning = { epochs: 1, learningRate: 0.01 };
const backbone = {
  ...{ name: 'net', path: 'data/net.onnx', source: 'made up', licence: 'CC0-1.0' },
  pixels: {
    mean: [0, 0, 0] as [number, number, number],
    deviation: [1, 1, 1] as [number, number, number],
  },
};
const onBackbone: typeof definition = { ...definition, backbone };

test.each([
  [{ blocks: 1, ...tuning }, definition, 'left out: only a backbone'],
  [tuning, onBackbone, 'with one of blocks and from'],
  [{ blocks: 1, from: 'conv', ...tuning }, onBackbone, 'with one of blocks and from'],
  [{ blocks: -1, ...tuning }, onBackbone, '>= 0'],
  [{ from: '', ...tuning }, onBackbone, '1'],
])(
  'what contradicts itself of training a backbone further is refused: %j',
  (fineTune, of, allowed) => {
    const text = JSON.stringify({ ...valid, fineTune });
    expect(() => parseParameters(text, of, 'params.json')).toThrow(
      expect.objectContaining({
        code: 'PARAMETER_INVALID',
        details: expect.objectContaining({ allowed: expect.stringContaining(allowed) }),
      }),
    );
  },
);

test.each([
  [{ blocks: 2, ...tuning }, { blocks: 2 }],
  [{ from: 'conv', ...tuning }, { from: 'conv' }],
  [{ blocks: 0, ...tuning }, null],
  [undefined, null],
])('where a backbone is trained from on: %j', (fineTune, expected) => {
  const text = JSON.stringify({ ...valid, fineTune });
  expect(tunedFrom(parseParameters(text, onBackbone, 'params.json'))).toEqual(expected);
});

test('text that is not JSON is reported with the file', () => {
  expect(() => parseParameters('{', definition, 'params.json')).toThrow('params.json is not valid');
});

const table = { label: 'kind', features: { mass: { kind: 'number' } } };
const { classes: _, ...regression } = { ...definition, task: 'tabular-regression', table };

test.each<[Readonly<Record<string, unknown>>, string]>([
  [{ ...definition, name: 'Bad Name' }, 'name must be lower-case'],
  [{ ...definition, classes: ['one'] }, 'classes must name at least two'],
  [{ ...definition, task: 'tabular-classification' }, 'table is required'],
  [{ ...definition, split: { seed: 1, fractions: [0.5, 0.1, 0.1] } }, 'split.fractions must sum'],
  [{ ...definition, budgts: {} }, 'budgts is {}, but must be left out: known are name, task'],
  [{ ...definition, budgets: undefined }, 'budgets is missing, but must be'],
  [{ ...definition, gates: undefined }, 'gates is missing'],
  [{ ...definition, page: undefined }, 'page is missing'],
  [{ ...definition, data: undefined }, 'data is missing'],
  [{ ...definition, split: undefined }, 'split is missing'],
  [{ ...definition, page: { title: 'A' } }, 'page.intro is missing'],
  [{ ...definition, model: 'x' }, 'model is "x", but must be function'],
  [{ ...definition, task: 'guess' }, 'task is "guess", but must be one of "image-classification"'],
  [
    { ...definition, task: 'tabular-classification', table: { ...table, labelScale: 'log' } },
    'table.labelScale must be left out: it is for regression',
  ],
  [
    { ...regression, table: { label: 'kind', features: { mass: { kind: 'text' } } } },
    'table.features.mass.kind is "text", but must be one of "number", "category"',
  ],
  [
    { ...definition, gates: [{ metric: 'accurracy', atLeast: 1 }] },
    'gates.0.metric is "accurracy", but must be one of accuracy, balancedAccuracy, macroF1',
  ],
  [{ ...definition, gates: [{ metric: 'outOfDistributionAuroc', atLeast: 1 }] }, 'gates.0.metric'],
  [
    { ...definition, gates: [{ metric: 'accuracy' }] },
    'gates.0 is {"metric":"accuracy"}, but must be { metric, atLeast }, { metric, atMost }, ' +
      '{ metric, notWorseBy }, { slices: "accuracy", atLeast }, { slices: "mae", atMost } or { slices, notWorseBy }',
  ],
  [
    { ...definition, gates: [{ metric: 'accuracy', atLeast: 92 }] },
    'gates.0.atLeast is 92, but must be from 0 to 1, as accuracy is',
  ],
  [
    { ...definition, gates: [{ metric: 'logLossSkill', atLeast: 2 }] },
    'gates.0.atLeast is 2, but must be at most 1, as logLossSkill is',
  ],
  [
    { ...definition, gates: [{ metric: 'logLoss', atLeast: 0.01 }] },
    'gates.0.atLeast is 0.01, but must be called atMost: the lower logLoss is, the better',
  ],
  [
    { ...definition, gates: [...definition.gates, { metric: 'accuracy', atMost: 1 }] },
    'gates.1.atMost is 1, but must be called atLeast: the higher accuracy is, the better',
  ],
  [
    { ...definition, slices: [{ column: 'x' }], gates: [{ slices: 'accuracy', atMost: 0.8 }] },
    'gates.0 is {"slices":"accuracy","atMost":0.8}, but must be { slices: "accuracy", atLeast } or { slices, notWorseBy }',
  ],
  [
    { ...regression, slices: [{ column: 'x' }], gates: [{ slices: 'mae', atLeast: 3 }] },
    'gates.0 is {"slices":"mae","atLeast":3}, but must be { slices: "mae", atMost } or { slices, notWorseBy }',
  ],
  [{ ...definition, gates: [{ slices: 'mae', atMost: 3 }] }, 'a slice has no mean absolute error'],
  [{ ...definition, gates: [...definition.gates, 'accuracy'] }, 'gates.1 is "accuracy", but must'],
  [
    { ...definition, gates: [{ metric: 'accuracy', atLeast: 'high' }] },
    'gates.0.atLeast is "high", but must be number',
  ],
  [
    { ...definition, gates: [{ metric: 'mae', notWorseBy: 0.1 }] },
    'gates.0.metric is "mae", but must be one of accuracy, balancedAccuracy',
  ],
  [
    { ...definition, gates: [{ metric: 'outOfDistributionAuroc', notWorseBy: 0.1 }] },
    'gates.0.metric is "outOfDistributionAuroc", but must be one of accuracy',
  ],
  [
    { ...definition, gates: [{ slices: 'accuracy', atLeast: 0.8 }] },
    'gates.0.slices must be left out: the project names no slices',
  ],
  [
    { ...regression, slices: [{ column: 'x' }], gates: [{ slices: 'accuracy', atLeast: 0.8 }] },
    'gates.0.slices must be left out: a slice has no accuracy for task tabular-regression',
  ],
  [{ ...definition, split: { seed: 1, by: 'time', time: 'day' } }, 'only tables are split by time'],
  [{ ...definition, split: { seed: 1, equalRows: 'apart' } }, 'split.equalRows must be left out'],
  [{ ...regression, split: { seed: 1, by: 'time' } }, "split.time is required for by: 'time'"],
  [{ ...regression, split: { seed: 1, time: 'day' } }, "split.time is only for by: 'time'"],
  [
    { ...regression, split: { seed: 1, by: 'hash' } },
    'split.by is "hash", but must be one of "time"',
  ],
  ...[
    '/tmp/photos',
    '~/photos',
    'C:\\photos',
    '../photos',
    'data/../../photos',
    ' ',
    '.git/x',
  ].flatMap((path): [Readonly<Record<string, unknown>>, string][] => [
    [{ ...definition, data: { ...definition.data, path } }, 'data.path'],
    [
      { ...definition, outOfDistribution: { ...definition.data, name: 'other', path } },
      'outOfDistribution.path',
    ],
  ]),
  [
    { ...definition, data: { ...definition.data, path: '/tmp/photos' } },
    'data.path is "/tmp/photos", but must be relative to the repository',
  ],
  [
    {
      ...regression,
      table: { label: 'kind', features: { mass: { kind: 'number', range: [10, 0] } } },
    },
    'table.features.mass.range ends before it begins: 10 to 0',
  ],
  [{ ...regression, slices: [{ column: 'x' }, { column: 'x' }] }, 'slices.1 is there twice: "x"'],
  [
    {
      ...regression,
      table: { label: 'y', features: { mass: { kind: 'number' } } },
      slices: [{ column: 'y' }],
    },
    'slices.0.column is the label, the column to predict',
  ],
  [{ ...definition, slices: [{ column: 'x', minimumCount: 0 }] }, 'slices.0.minimumCount is 0'],
  [{ ...definition, slices: [{ column: 'x', minimumCount: 1.5 }] }, 'slices.0.minimumCount is 1.5'],
  [{ ...definition, split: { seed: 1.5 } }, 'split.seed is 1.5'],
  [{ ...definition, gates: [{ modelBytes: 1e6 }] }, 'gates.0 is {"modelBytes":1000000}, but must'],
  [
    { ...regression, gates: [{ metric: 'accuracy', atLeast: 1 }] },
    'but must be one of mae, rmse, r2',
  ],
])('a definition with a mistake is refused by name, with what is allowed: %#', (value, message) => {
  expect(() => defineProject(value as unknown as ProjectInput)).toThrow(message);
});

test('gates may use out-of-distribution metrics if the project has such a set', () => {
  const gates = [{ metric: 'outOfDistributionAuroc', atLeast: 0.9 }];
  const outOfDistribution = { ...definition.data, name: 'others', path: 'data/others' };
  expect(() => defineProject({ ...definition, gates, outOfDistribution })).not.toThrow();
});

const trees = defineProject({
  name: 'prices',
  task: 'tabular-regression',
  data: { name: 'prices', path: 'data/prices.csv', source: 'own', licence: 'CC0-1.0' },
  table: { label: 'price', features: { size: { kind: 'number' } } },
  split: { seed: 1 },
  model: { kind: 'trees' },
  gates: [],
  budgets: { modelBytes: 1e6, latencyMs: 10 },
  page: { title: 'Prices', intro: 'How dear is it?', refusal: 'Unlike any that we know.' },
});
const treesValid = {
  ...{ seed: 1, learningRate: 0.1, earlyStopping: 10, thresholds: { acceptance: 0.95 } },
  model: { trees: 100, leaves: 31, minimumRows: 20, l2: 0, bins: 255, columnShare: 1 },
};

test('a project of trees has parameters of its own, and none that only networks read', () => {
  expect(modelKind(trees)).toBe('trees');
  expect(modelKind(definition)).toBe('network');
  const parse = (value: object) => parseParameters(JSON.stringify(value), trees, 'params.json');
  expect(parse(treesValid)).toEqual(treesValid);
  expect(() => parse({ ...treesValid, epochs: 3 })).toThrow('epochs');
  expect(() => parse({ ...treesValid, model: { ...treesValid.model, leaves: 1 } })).toThrow('>= 2');
});

test('a threshold needs two classes, one of them its own, and one rule', () => {
  const two = defineProject({ ...definition, classes: ['no', 'yes'] });
  const parse = (decision: object, project = two) => {
    const thresholds = { ...valid.thresholds, decision };
    return parseParameters(JSON.stringify({ ...valid, thresholds }), project, 'params.json');
  };
  expect(parse({ class: 'yes', cost: 5 }).thresholds.decision).toEqual({ class: 'yes', cost: 5 });
  expect(() => parse({ class: 'maybe', cost: 5 })).toThrow('one of no, yes');
  expect(() => parse({ class: 'yes' })).toThrow('one of probability, cost, precision');
  expect(() => parse({ class: 'yes', cost: 5, precision: 0.8 })).toThrow('one of probability');
  expect(() => parse({ class: 'yes', probability: 2 })).toThrow('<= 1');
  const three = defineProject({ ...definition, classes: ['good', 'ok', 'bad'] });
  expect(() => parse({ class: 'ok', cost: 5 }, three)).toThrow('only projects of two classes');
});

test('a definition that was made is accepted again', () => {
  expect(defineProject(trees)).toEqual(trees);
});

test('what a record keeps is read by its kind, whatever its project allowed under model', () => {
  const { model: _, ...rest } = valid;
  const recorded = { ...rest, model: { units: 3 } };
  expect(parseRecordedParameters(recorded, 'network', 'a record')).toEqual(recorded);
  expect(() => parseRecordedParameters(recorded, 'trees', 'a record')).toThrow('a record');
});

test.each<[Readonly<Record<string, unknown>>, string]>([
  [{ ...trees, task: 'image-classification', classes: ['a', 'b'] }, 'trees are for tables'],
  [{ ...trees, parameters: Type.Object({}) }, 'parameters must be left out for trees'],
  [{ ...trees, model: { kind: 'forest' } }, 'model'],
  [{ ...definition, parameters: undefined }, 'parameters is required for a network'],
])('a mistake about the kind of model is named: %#', (value, message) => {
  expect(() => defineProject(value as unknown as ProjectInput)).toThrow(message);
});

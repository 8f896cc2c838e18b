import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { checkParameters, defineProject, type ProjectDefinition } from '../../pipeline/define.ts';
import { isMainstemError } from '../../pipeline/lib/errors.ts';

const definition = defineProject({
  name: 'apples',
  task: 'image-classification',
  data: { name: 'apples', path: 'data/apples', source: 'own photos', licence: 'CC0-1.0' },
  classes: ['good', 'bad'],
  split: { seed: 1 },
  parameters: Type.Object({ filters: Type.Array(Type.Integer({ minimum: 1 })) }),
  model: ({ layers }) => layers.sequential(),
  gates: [{ metric: 'accuracy', atLeast: 0.9 }],
  budgets: { modelBytes: 1e6, latencyMs: 10 },
  page: { title: 'Apples', intro: 'Is it good?', refusal: 'That is no apple.' },
});

const valid = {
  seed: 7,
  imageSize: 64,
  epochs: 10,
  batchSize: 32,
  learningRate: 0.001,
  learningRateSchedule: 'constant',
  earlyStopping: 3,
  classWeights: 'none',
  augmentation: { flip: true, shift: 0.1, brightness: 0.1, rotate: 10 },
  thresholds: { acceptance: 0.95 },
  model: { filters: [8, 16] },
};

const check = (value: unknown) =>
  checkParameters(JSON.stringify(value), definition, 'pipeline/projects/apples/params.json');

test('good parameters are accepted as they are', () => {
  expect(check(valid)).toEqual(valid);
});

test.each([
  [{ ...valid, learningRate: -1 }, 'learningRate', '-1', '> 0'],
  [{ ...valid, learningRate: 'fast' }, 'learningRate', '"fast"', 'number'],
  [{ ...valid, model: { filters: [0] } }, 'model.filters.0', '0', '>= 1'],
  [{ ...valid, learninRate: 1 }, 'learninRate', '1', 'left out: there is no such parameter'],
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

test('text that is no JSON is reported with the file', () => {
  expect(() => checkParameters('{', definition, 'params.json')).toThrow('params.json is not valid');
});

test.each<[Partial<ProjectDefinition>, string]>([
  [{ name: 'Bad Name' }, 'name must be lower-case'],
  [{ classes: ['one'] }, 'classes must name at least two'],
  [{ task: 'tabular-classification' }, 'table is required'],
  [{ split: { seed: 1, fractions: [0.5, 0.1, 0.1] } }, 'split.fractions must sum to 1'],
])('a definition that types cannot refuse is refused by name: %#', (part, message) => {
  expect(() => defineProject({ ...definition, ...part } as typeof definition)).toThrow(message);
});

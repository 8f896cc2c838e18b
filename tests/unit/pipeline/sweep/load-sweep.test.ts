import { expect, test } from 'vitest';
import { changeParameters, parseSweep } from '../../../../pipeline/sweep/index.ts';
import { buildProject, buildRegression } from '../../../helpers/project.ts';

const project = buildProject('/nowhere');
const path = 'pipeline/projects/pumpkins/sweep.json';
const parse = (definition: unknown, of = project) =>
  parseSweep(JSON.stringify(definition), of, path);
const rate = { real: [0.0001, 0.1], scale: 'logarithmic' };

const steps = (from: number, count: number) => ({ whole: [from, from + count - 1], steps: count });

test('what is left out has its default', () => {
  const { definition, objectives, today, dimensions } = parse({ space: { learningRate: rate } });
  expect(definition).toMatchObject({
    method: 'tpe',
    trials: 20,
    seed: 1,
    batch: 4,
    factor: 3,
    least: 1,
  });
  expect(objectives).toEqual([{ name: 'logLoss', better: 'lower' }]);
  expect(today).toEqual({ learningRate: 0.001 });
  expect(dimensions).toMatchObject([{ key: 'learningRate', kind: 'real', logarithmic: true }]);
  const regression = parse({ space: { learningRate: rate } }, buildRegression());
  expect(regression.objectives).toEqual([{ name: 'mae', better: 'lower' }]);
});

test.each([
  [{ space: {} }, 'space names no parameter to search'],
  [
    { method: 'luck', space: { learningRate: rate } },
    'method is "luck", but must be one of "grid"',
  ],
  [{ space: { learningRate: { real: [0.1, 0.01] } } }, 'goes from 0.1 to 0.01, which is less'],
  [
    { space: { learningRate: { ...rate, values: [1] } } },
    'must have exactly one of values, whole and real',
  ],
  [
    { space: { learningRate: { real: [0, 1], scale: 'logarithmic' } } },
    'a logarithmic scale begins above 0',
  ],
  [{ space: { learningRate: { real: [0, 1] } } }, 'would make learningRate 0, but it must be > 0'],
  [
    { space: { epochs: { values: [1, 'many'] } } },
    'would make epochs "many", but it must be integer',
  ],
  [{ space: { batchSize: { real: [1, 32] } } }, 'but it must be integer: write whole'],
  [{ space: { speed: { whole: [1, 2] } } }, 'would make speed 1, but it must be left out'],
  [{ space: { seed: { whole: [1, 9] } } }, 'would choose the luckiest seed'],
  [{ space: { 'thresholds.acceptance': { real: [0.9, 0.99] } } }, 'is not read by training'],
  [
    { space: { augmentation: { values: [{}] }, 'augmentation.flip': { values: [true] } } },
    'is a part of augmentation',
  ],
  [{ method: 'halving', space: { epochs: { whole: [1, 9] } } }, 'is what halving divides'],
  [
    {
      method: 'grid',
      space: {
        batchSize: steps(1, 100),
        epochs: steps(1, 100),
        learningRate: { ...rate, steps: 11 },
      },
    },
    'combinations; a grid may have 100000',
  ],
  [
    { method: 'hyperband', space: { classWeights: { values: ['none'] } } },
    'changes what the validation loss means',
  ],
  [
    { space: { learningRate: rate }, objectives: ['speed'] },
    'objectives.0 is "speed", but must be one of accuracy',
  ],
  [{ space: { learningRate: rate }, objectives: ['brier', 'brier'] }, 'names brier twice'],
  [{ space: { __proto__x: { whole: [1, 2] } } }, 'space.__proto__x'],
])('%j is refused: %s', (definition, message) => {
  expect(() => parse(definition)).toThrow(message);
});

test('parameters are changed by dotted keys, and nothing else is', () => {
  const changed = changeParameters(project, { 'augmentation.rotate': 20, batchSize: 8 });
  expect(changed).toEqual({
    ...project.parameters,
    batchSize: 8,
    augmentation: { flip: false, shift: 0, brightness: 0, rotate: 20 },
  });
  expect(Object.keys(changed)).toEqual(Object.keys(project.parameters));
});

const rates = { learningRate: { real: [0.01, 0.1] } };

test.each([
  [
    { space: rates, method: 'grid', trials: 2 },
    'trials 2 does not count: a grid tries all of its 4 points',
  ],
  [{ space: rates, method: 'grid', trials: 9 }, 'trials 9 does not count'],
  [{ space: rates, method: 'grid', batch: 4 }, 'batch does not count: it is of tpe'],
  [
    { space: rates, method: 'random', least: 1 },
    'least does not count: it is of halving and hyperband',
  ],
  [{ space: rates, factor: 3 }, 'factor does not count'],
  [
    { space: { learningRate: { real: [0.01, 0.1], steps: 3 } } },
    'steps of learningRate does not count',
  ],
])('what the method does not look at is named: %j', (definition, says) => {
  expect(parse(definition).unused).toEqual([expect.stringContaining(says)]);
});

test.each([
  { space: rates },
  { space: rates, trials: 3, batch: 2, minutes: 1, seed: 2 },
  { space: rates, method: 'grid' },
  { space: rates, method: 'grid', trials: 4 },
  { space: { learningRate: { real: [0.01, 0.1], steps: 3 } }, method: 'grid' },
  { space: rates, method: 'halving', factor: 2, least: 2, trials: 5 },
])('what it looks at is not: %j', (definition) => {
  expect(parse(definition).unused).toEqual([]);
});

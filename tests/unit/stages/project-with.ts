import { Type } from 'typebox';
import type { Parameters, Project } from '../../../pipeline/define.ts';

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

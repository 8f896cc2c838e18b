import { join } from 'node:path';
import { Type } from 'typebox';
import { defineProject, type Project } from '../../pipeline/define.ts';

/** A small image project that lies in `root` as pipeline/projects/pumpkins would. */
export function buildProject(root: string): Project {
  return {
    folder: join(root, 'pipeline/projects/pumpkins'),
    definition: defineProject({
      name: 'pumpkins',
      task: 'image-classification',
      data: { name: 'pumpkins', path: 'data/pumpkins', source: 'test', licence: 'CC0-1.0' },
      classes: ['good', 'ok', 'bad'],
      split: { seed: 1 },
      parameters: Type.Object({}),
      model: ({ layers }) => layers.sequential(),
      gates: [{ metric: 'accuracy', atLeast: 0.92 }],
      budgets: { modelBytes: 1e6, latencyMs: 10 },
      page: { title: 'Pumpkins', intro: 'Is it good?', refusal: 'No pumpkin.' },
    }),
    parameters: {
      seed: 7,
      imageSize: 64,
      epochs: 1,
      batchSize: 32,
      learningRate: 0.001,
      learningRateSchedule: 'constant',
      earlyStopping: 0,
      classWeights: 'none',
      augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
      thresholds: { acceptance: 0.95 },
      model: {},
    },
  };
}

import { layers, sequential } from '@tensorflow/tfjs-layers';
import { Type } from 'typebox';
import type { Store } from '../../pipeline/data/index.ts';
import { defineProject, type Project } from '../../pipeline/define.ts';
import { silentReporter } from '../../pipeline/lib/reporter.ts';
import type { StageContext } from '../../pipeline/stages/index.ts';

/** What a stage runs in, for stages that make no use of the project. */
export function stageContext(store: Store, root: string): StageContext {
  const signal = new AbortController().signal;
  const workspace = { root, reporter: silentReporter, signal };
  return { workspace, store, project: clouds, scratch: root };
}

const clouds: Project = {
  folder: '/nowhere',
  parameters: {
    seed: 1,
    epochs: 1,
    batchSize: 1,
    learningRate: 1,
    learningRateSchedule: 'constant',
    earlyStopping: 0,
    classWeights: 'none',
    augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
    thresholds: { acceptance: 0.95 },
    model: {},
  },
  definition: defineProject({
    name: 'clouds',
    task: 'tabular-classification',
    data: { name: 'clouds', path: 'clouds.csv', source: 'drawn', licence: 'CC0-1.0' },
    table: { label: 'label', features: { x: { kind: 'number' }, y: { kind: 'number' } } },
    classes: ['good', 'ok', 'bad'],
    split: { seed: 1 },
    parameters: Type.Object({}),
    model: ({ outputs }) =>
      sequential({ layers: [layers.dense({ inputShape: [2], units: outputs })] }),
    gates: [],
    budgets: { modelBytes: 1, latencyMs: 1 },
    page: { title: 'Clouds', intro: '', refusal: '' },
  }),
};

import { defineProject } from '../../../platform/schemas/define/index.ts';
import { model, modelParameters } from './model.ts';

/** Jen's pumpkins: photos sorted into good, ok and bad. */
export default defineProject({
  name: 'pumpkins',
  task: 'image-classification',
  data: {
    name: 'pumpkins',
    path: 'data/pumpkins',
    source: 'Rendered by pipeline/sources/pumpkin-patch/collect.ts of this repository.',
    licence: 'Apache-2.0',
  },
  outOfDistribution: {
    name: 'pumpkins-other',
    path: 'data/pumpkins-other',
    source: 'Rendered by pipeline/sources/pumpkin-patch/collect.ts of this repository.',
    licence: 'Apache-2.0',
  },
  classes: ['good', 'ok', 'bad'],
  // All photos of one pumpkin go to one split, or the test would know its pumpkins already.
  split: { seed: 1, fractions: [0.7, 0.15, 0.15], group: 'pumpkin' },
  parameters: modelParameters,
  model,
  slices: [
    { column: 'light' },
    { column: 'camera' },
    { column: 'field' },
    { column: 'variety' },
    { column: 'harvest' },
  ],
  gates: [
    { metric: 'accuracy', atLeast: 0.92 },
    { metric: 'accuracy', notWorseBy: 0.05 },
    { slices: 'accuracy', atLeast: 0.8 },
  ],
  budgets: { modelBytes: 2_000_000, latencyMs: 20 },
  page: {
    title: 'How is your pumpkin?',
    intro: 'Drop or take a photo of one pumpkin. You learn whether it is good, ok or bad.',
    classes: {
      good: 'good: sell it whole',
      ok: 'ok: a blemish, fine for soup',
      bad: 'bad: rotten or broken, for the compost',
    },
    refusal:
      'This does not look like a pumpkin that I know. Please take a photo of one whole pumpkin in good light.',
  },
  collect: async (options) =>
    (await import('../../sources/pumpkin-patch/index.ts')).collectPumpkinPatch(options),
});

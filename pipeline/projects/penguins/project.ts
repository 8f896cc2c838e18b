import { defineProject } from '../../../platform/schemas/define/index.ts';
import { model, modelParameters } from './model.ts';

/** Which species a penguin of the Palmer Archipelago belongs to, predicted from its measurements. */
export default defineProject({
  name: 'penguins',
  task: 'tabular-classification',
  data: {
    name: 'penguins',
    path: 'pipeline/projects/penguins/penguins.csv',
    source:
      'K. Gorman, Palmer Station LTER, as in palmerpenguins (https://github.com/allisonhorst/palmerpenguins)',
    licence: 'CC0-1.0',
  },
  table: {
    label: 'species',
    // The island is not a feature: two of the three species each live on one island, so the network would
    // learn the map instead of the bird. It stays in the table to slice the results by.
    features: {
      bill_length_mm: { kind: 'number', range: [25, 70] },
      bill_depth_mm: { kind: 'number', range: [10, 25] },
      flipper_length_mm: { kind: 'number', range: [150, 250] },
      body_mass_g: { kind: 'number', range: [2000, 7000] },
      sex: { kind: 'category', values: ['female', 'male'] },
    },
  },
  classes: ['Adelie', 'Chinstrap', 'Gentoo'],
  // 344 rows: a fifth each to validate and test, so that a percentage point is not decided by one bird.
  split: { seed: 1, fractions: [0.6, 0.2, 0.2] },
  parameters: modelParameters,
  model,
  slices: [
    { column: 'island', minimumCount: 10 },
    { column: 'sex', minimumCount: 10 },
  ],
  gates: [
    { metric: 'accuracy', atLeast: 0.93 },
    { metric: 'accuracy', notWorseBy: 0.07 },
    { slices: 'accuracy', atLeast: 0.8 },
  ],
  budgets: { modelBytes: 100_000, latencyMs: 2 },
  page: {
    title: 'Which penguin is this?',
    intro:
      'Type in what you measured: bill, flipper, body mass and sex. A field left empty is taken as average.',
    classes: {
      Adelie: 'an Adélie penguin',
      Chinstrap: 'a chinstrap penguin',
      Gentoo: 'a gentoo penguin',
    },
    refusal:
      'These measurements are unlike those of the three species that we know. Please check the units: millimetres and grams.',
  },
});

import { metrics } from '../metrics.ts';
import type { Section } from './panels.ts';

const window = '[1h]';
const chosen = '{model=~"$model"}';
const live = metrics.inputBins.name;
const reference = metrics.referenceBins.name;
/** Smallest share: an empty bin would make the logarithm infinite. */
const floor = 1e-4;

const keys = 'model, version, property, bin';
const share =
  `clamp_min(sum by (${keys}) (increase(${live}${chosen}${window})) ` +
  `/ on (model, version, property) group_left sum by (model, version, property) (increase(${live}${chosen}${window})), ${floor})`;
const expected = `clamp_min(max by (${keys}) (${reference}${chosen}), ${floor})`;

/** Population stability index per property: Σ (live − reference) · ln(live / reference). */
export const stabilityIndex = `sum by (model, version, property) ((${share} - ${expected}) * ln(${share} / ${expected}))`;

/**
 * The value that the index reaches by chance: without drift it is distributed as χ²(bins − 1) · (1/N + 1/M). The 99 %
 * quantile of χ² comes from the Wilson–Hilferty approximation, which works for any number of bins.
 */
const degrees = `(count by (model, version, property) (${reference}${chosen}) - 1)`;
const chiSquare = `${degrees} * (1 - 2 / (9 * ${degrees}) + 2.3263 * sqrt(2 / (9 * ${degrees}))) ^ 3`;
const samples = `clamp_min(sum by (model, version, property) (increase(${live}${chosen}${window})), 1)`;
export const noiseBound =
  `${chiSquare} * (1 / ${samples} + on (model, version) group_left 1 / ` +
  `max by (model, version) (${metrics.referenceSamples.name}${chosen}))`;

/** Whether inputs still look like the reference data. */
export const driftSection: Section = {
  title: 'Drift',
  panels: [
    {
      title: 'Stability index, last hour',
      description:
        'How far each property has moved from the reference. Compare with the noise for this number of inputs, ' +
        'on the right: below it there is no evidence of drift.',
      unit: 'short',
      kind: 'series',
      width: 12,
      queries: [{ expression: stabilityIndex, legend: '{{property}}' }],
    },
    {
      title: 'Noise of the index',
      description: 'What the index reaches by chance in one hour out of a hundred without drift.',
      unit: 'short',
      kind: 'series',
      width: 12,
      queries: [{ expression: noiseBound, legend: '{{property}}' }],
    },
  ],
};

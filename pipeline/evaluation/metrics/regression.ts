import type { Metric } from '../../../platform/schemas/index.ts';

/** A predicted value and the true one. */
export interface Estimated {
  readonly truth: number;
  readonly value: number;
}

/**
 * Mean absolute error, root mean squared error, and R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)². Where all true values
 * are equal R² has no meaning and is 0.
 */
export function regressionMetrics(examples: readonly Estimated[]): Metric[] {
  const middle = meanOf(examples.map(({ truth }) => truth));
  const squared = meanOf(examples.map(({ truth, value }) => (truth - value) ** 2));
  const spread = meanOf(examples.map(({ truth }) => (truth - middle) ** 2));
  return [
    { name: 'mae', value: meanAbsoluteError(examples), better: 'lower' },
    { name: 'rmse', value: Math.sqrt(squared), better: 'lower' },
    { name: 'r2', value: spread === 0 ? 0 : 1 - squared / spread, better: 'higher' },
  ];
}

/** Mean of |truth − value|, in the target's unit. */
export function meanAbsoluteError(examples: readonly Estimated[]): number {
  return meanOf(examples.map(({ truth, value }) => Math.abs(truth - value)));
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

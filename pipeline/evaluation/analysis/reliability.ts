import type { Prediction, ReliabilityBin } from '../../../platform/schemas/index.ts';
import { wilson } from '../statistics/wilson.ts';

const bins = 10;

/** How often answers are right, by how sure they are: ten ranges of confidence, empty ones left out. */
export function reliabilityOf(predictions: readonly Prediction[]): ReliabilityBin[] {
  const claims = predictions.map(({ label, predicted, probabilities }) => ({
    confidence: Math.max(...probabilities),
    right: label === predicted,
  }));
  return Array.from({ length: bins }, (_, bin) => {
    const within = claims.filter(({ confidence }) => binOf(confidence) === bin);
    const sum = within.reduce((total, { confidence }) => total + confidence, 0);
    const right = within.filter((claim) => claim.right).length;
    return {
      ...{ from: bin / bins, to: (bin + 1) / bins },
      confidence: sum / within.length,
      right: wilson(right, within.length),
    };
  }).filter(({ right }) => right.count > 0);
}

function binOf(confidence: number): number {
  return Math.min(bins - 1, Math.floor(confidence * bins));
}

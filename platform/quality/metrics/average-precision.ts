import type { QualityMetric } from './metric.ts';
import { measureOneVersusRest, type Ranking } from './one-versus-rest.ts';
import { classification } from './tasks.ts';

/** How pure the answers are on the way to finding every example of a class: what matters where it is rare. */
export const averagePrecision = {
  name: 'averagePrecision',
  label: 'average precision',
  definition:
    'Mean precision over the recalls that thresholds on the probability of a class reach; of two classes that of the rarer one, of more the mean over them. Chance reaches the share of the class.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => measureOneVersusRest(facts, precisionOf),
} as const satisfies QualityMetric;

/** Σ (recall − recall before) · precision over the thresholds, the highest first; equal scores are one threshold. */
function precisionOf({ positives, negatives }: Ranking): number {
  const all = [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ].sort((a, b) => b.score - a.score);
  let [sum, hits, hitsBefore] = [0, 0, 0];
  for (const [index, { score, positive }] of all.entries()) {
    if (positive) hits++;
    if (all[index + 1]?.score === score) continue;
    sum += (hits - hitsBefore) * (hits / (index + 1));
    hitsBefore = hits;
  }
  return sum / positives.length;
}

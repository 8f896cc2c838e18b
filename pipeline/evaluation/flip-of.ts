import type { Flip, Prediction } from '../../platform/schemas/index.ts';
import type { Pair } from './pair-predictions.ts';

/**
 * One example with both models' answers.
 *
 * @param figureOf the figure that stands beside an answer: its probability, or its error
 */
export function flipOf(
  { label, candidate, champion }: Pair,
  change: Flip['change'],
  figureOf: (answer: Prediction) => number,
): Flip {
  return {
    id: candidate.id,
    ...(candidate.row !== undefined && { row: candidate.row }),
    digest: candidate.digest,
    label,
    before: champion.predicted,
    beforeConfidence: figureOf(champion),
    after: candidate.predicted,
    afterConfidence: figureOf(candidate),
    change,
  };
}

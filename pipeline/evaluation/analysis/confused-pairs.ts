import { countBy } from '../../../platform/lib/count-by.ts';
import type { ConfusedPair, Prediction } from '../../../platform/schemas/index.ts';

const mostPairs = 10;

/** Which class is most often taken for which. */
export function confusedPairs(predictions: readonly Prediction[]): ConfusedPair[] {
  const labels = countBy(predictions, ({ label }) => label);
  const wrong = predictions.filter(({ label, predicted }) => label !== predicted);
  const groups = Map.groupBy(wrong, ({ label, predicted }) => JSON.stringify([label, predicted]));
  return [...groups.values()]
    .flatMap((members) => {
      const [first] = members;
      if (!first) return [];
      const { label, predicted } = first;
      return [{ label, predicted, count: members.length, of: labels[label] ?? 0 }];
    })
    .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))
    .slice(0, mostPairs);
}

import type { Analysis, LabelSuspect, Prediction } from '../../../platform/schemas/index.ts';

/** As many as a person looks through. */
export const mostKept = 200;

/** An example with what a model that has not learnt its label makes of it. */
export type Doubted = Pick<Prediction, 'id' | 'row' | 'digest' | 'label' | 'probabilities'>;

/**
 * Suspected label errors by confident learning: an example counts as one of class k if its probability of k is at least
 * the mean probability of k among the examples labelled k, so that classes of which the model is less sure in general
 * have a lower bar. Those that count as another class than their label are suspects, surest first.
 *
 * @param predictions of examples whose labels the model has not learnt
 * @param classes in the order of the probabilities
 * @param most how many are listed, of all that are counted
 * @see Northcutt, Jiang and Chuang, Confident Learning, JAIR 70, 2021
 */
export function labelSuspects(
  predictions: readonly Doubted[],
  classes: readonly string[],
  most = mostKept,
): Pick<Analysis['labels'], 'examined' | 'suspects' | 'shown'> {
  const bars = classes.map((name, place) => barOf(predictions, name, place));
  const suspects = predictions
    .flatMap((prediction) => suspect(prediction, classes, bars) ?? [])
    .sort((a, b) => b.confidence - a.confidence || (a.id < b.id ? -1 : 1));
  return {
    ...{ examined: predictions.length, suspects: suspects.length },
    shown: suspects.slice(0, most),
  };
}

/** The mean probability of a class among the examples that are labelled so; no example reaches it without any. */
function barOf(predictions: readonly Doubted[], name: string, place: number): number {
  const own = predictions.filter(({ label }) => label === name);
  const sum = own.reduce((total, { probabilities }) => total + (probabilities[place] ?? 0), 0);
  return own.length > 0 ? sum / own.length : Number.POSITIVE_INFINITY;
}

function suspect(
  { id, row, digest, label, probabilities }: Doubted,
  classes: readonly string[],
  bars: readonly number[],
): LabelSuspect | null {
  const reached = classes
    .map((name, place) => ({ name, confidence: probabilities[place] ?? 0, bar: bars[place] ?? 1 }))
    .filter(({ confidence, bar }) => confidence >= bar)
    .sort((a, b) => b.confidence - a.confidence);
  const [best] = reached;
  if (!best || best.name === label) return null;
  const { name: suggestion, confidence } = best;
  return { id, ...(row !== undefined && { row }), digest, label, suggestion, confidence };
}

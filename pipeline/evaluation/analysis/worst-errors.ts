import type { ErrorExample, Prediction } from '../../../platform/schemas/index.ts';
import { missOf } from './judged.ts';

const mostShown = 24;

/** The wrong answers, surest first; of a regression every answer, furthest off first. */
export function errorsOf(predictions: readonly Prediction[], regression: boolean): ErrorExample[] {
  const errors = regression ? predictions.map(missed) : predictions.filter(isWrong).map(mistaken);
  return errors.sort((a, b) => b.size - a.size || (a.id < b.id ? -1 : 1));
}

/** A few of them. */
export function worstErrors(errors: readonly ErrorExample[]): ErrorExample[] {
  return errors.slice(0, mostShown);
}

function isWrong({ label, predicted }: Prediction): boolean {
  return label !== predicted;
}

function mistaken(prediction: Prediction): ErrorExample {
  return { ...factsOf(prediction), size: Math.max(...prediction.probabilities) };
}

function missed(prediction: Prediction): ErrorExample {
  return { ...factsOf(prediction), size: missOf(prediction, true) };
}

function factsOf({ id, row, digest, label, predicted }: Prediction): Omit<ErrorExample, 'size'> {
  return { id, ...(row !== undefined && { row }), digest, label, predicted };
}

import { accuracy } from '../../platform/quality/index.ts';
import type { Epoch, EvaluateOutput, TrainOutput } from '../../platform/schemas/index.ts';

/** The verdict on the training curves, with its reason. */
export type Fit = EvaluateOutput['fit'];

/** Gap of accuracy, training − validation, from which a network has memorised its training data. */
const accuracyGap = 0.1;
/** Ratio of validation error to training error from which a regression has memorised its training data. */
const errorRatio = 1.5;
/** Share of the way from always predicting the commonest class to no error that training must cover. */
const learntShare = 0.5;
/** Share of the epochs over which a validation loss that still falls says that more would help. */
const tail = 0.2;
/** How much it has to fall over them: a rate that decays to 0 leaves a settled network a few per cent. */
const stillFalling = 0.1;

/**
 * Judges the training curves at the epoch whose weights were kept.
 *
 * - `over`: much better on the training split than on validation.
 * - `under`: a classifier whose accuracy, on training and on validation, is nearer to what always predicting
 *   the commonest class reaches than to 1; or training ended by its number of epochs, the last one was the
 *   best, and the validation loss fell by more than a tenth over the last fifth of the epochs. An error of a
 *   regression says nothing by itself: noise may leave no better one.
 *
 * @param commonest share of the commonest class in the training split; null for regression.
 */
export function judgeFit(trained: TrainOutput, commonest: number | null): Fit {
  const regression = commonest === null;
  const best = trained.epochs.find(({ epoch }) => epoch === trained.bestEpoch);
  if (!best) return { verdict: 'good', message: 'No epoch was recorded.' };
  const words = wordsOf[trained.kind ?? 'network'];
  return (
    overfit(best, regression, words) ??
    unlearnt(best, commonest, words) ??
    unfinished(trained, best, words) ?? {
      verdict: 'good',
      message: `Training and validation agree at ${words.step} ${best.epoch}: ${metrics(best, regression)}.`,
    }
  );
}

/** What each kind of model calls a step of training, and what helps it. */
const wordsOf = {
  network: {
    step: 'epoch',
    over: 'more data, more augmentation or a smaller network may help',
    under: 'more epochs, a larger network or more informative inputs may help',
    unfinished: 'more epochs may help',
  },
  trees: {
    step: 'round',
    over: 'more data, fewer leaves or more rows in each may help',
    under: 'more trees, more leaves or more informative columns may help',
    unfinished: 'more trees may help',
  },
} as const;
type Words = (typeof wordsOf)[keyof typeof wordsOf];

function overfit(best: Epoch, regression: boolean, words: Words): Fit | null {
  const { trainMetric, validationMetric } = best;
  const over = regression
    ? validationMetric > errorRatio * trainMetric
    : trainMetric - validationMetric > accuracyGap;
  if (!over) return null;
  const facts = `${metrics(best, regression)} at ${words.step} ${best.epoch}`;
  return {
    verdict: 'over',
    message: `Much better on training than on validation (${facts}): ${words.over}.`,
  };
}

function unlearnt(best: Epoch, commonest: number | null, words: Words): Fit | null {
  if (commonest === null) return null;
  // Dropout and augmentation make training harder than validation.
  const reached = Math.max(best.trainMetric, best.validationMetric);
  if (reached >= commonest + learntShare * (1 - commonest)) return null;
  const facts = `${metrics(best, false)} at ${words.step} ${best.epoch}; always predicting the commonest class reaches ${commonest.toFixed(3)}`;
  return { verdict: 'under', message: `Little was learnt (${facts}): ${words.under}.` };
}

function unfinished({ stopped, epochs }: TrainOutput, best: Epoch, words: Words): Fit | null {
  const last = epochs.at(-1);
  const earlier = epochs.at(-1 - Math.ceil(epochs.length * tail));
  if (stopped !== 'epochs' || !last || !earlier || best.epoch !== last.epoch) return null;
  const fall = (earlier.validationLoss - last.validationLoss) / Math.abs(earlier.validationLoss);
  if (!(fall > stillFalling)) return null;
  const percent = (fall * 100).toFixed(0);
  const facts = `the validation loss still fell by ${percent} % from ${words.step} ${earlier.epoch} to ${last.epoch}`;
  return { verdict: 'under', message: `Training ended too soon: ${facts}; ${words.unfinished}.` };
}

function metrics({ trainMetric, validationMetric }: Epoch, regression: boolean): string {
  const name = regression ? 'error' : accuracy.label;
  return `${name} ${trainMetric.toFixed(3)} on training, ${validationMetric.toFixed(3)} on validation`;
}

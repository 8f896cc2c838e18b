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
  return (
    overfit(best, regression) ??
    unlearnt(best, commonest) ??
    unfinished(trained, best) ?? {
      verdict: 'good',
      message: `Training and validation agree at epoch ${best.epoch}: ${metrics(best, regression)}.`,
    }
  );
}

function overfit(best: Epoch, regression: boolean): Fit | null {
  const { trainMetric, validationMetric } = best;
  const over = regression
    ? validationMetric > errorRatio * trainMetric
    : trainMetric - validationMetric > accuracyGap;
  if (!over) return null;
  const facts = `${metrics(best, regression)} at epoch ${best.epoch}`;
  const advice = 'more data, more augmentation or a smaller network may help';
  return {
    verdict: 'over',
    message: `Much better on training than on validation (${facts}): ${advice}.`,
  };
}

function unlearnt(best: Epoch, commonest: number | null): Fit | null {
  if (commonest === null) return null;
  // Dropout and augmentation make training harder than validation.
  const reached = Math.max(best.trainMetric, best.validationMetric);
  if (reached >= commonest + learntShare * (1 - commonest)) return null;
  const facts = `${metrics(best, false)} at epoch ${best.epoch}; always predicting the commonest class reaches ${commonest.toFixed(3)}`;
  const advice = 'more epochs, a larger network or more informative inputs may help';
  return { verdict: 'under', message: `Little was learnt (${facts}): ${advice}.` };
}

function unfinished({ stopped, epochs }: TrainOutput, best: Epoch): Fit | null {
  const last = epochs.at(-1);
  const earlier = epochs.at(-1 - Math.ceil(epochs.length * tail));
  if (stopped !== 'epochs' || !last || !earlier || best.epoch !== last.epoch) return null;
  const fall = (earlier.validationLoss - last.validationLoss) / Math.abs(earlier.validationLoss);
  if (!(fall > stillFalling)) return null;
  const percent = (fall * 100).toFixed(0);
  const facts = `the validation loss still fell by ${percent} % from epoch ${earlier.epoch} to ${last.epoch}`;
  return { verdict: 'under', message: `Training ended too soon: ${facts}; more epochs may help.` };
}

function metrics({ trainMetric, validationMetric }: Epoch, regression: boolean): string {
  const name = regression ? 'error' : accuracy.label;
  return `${name} ${trainMetric.toFixed(3)} on training, ${validationMetric.toFixed(3)} on validation`;
}

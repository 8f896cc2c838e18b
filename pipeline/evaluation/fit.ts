import type { Epoch, EvaluateOutput, TrainOutput } from '../types.ts';

export type Fit = EvaluateOutput['fit'];

/** Gap of accuracy, training − validation, from which a network has learnt its training data by heart. */
const accuracyGap = 0.1;
/** The same for regression: validation error / training error. */
const errorRatio = 1.5;
/** Share of the epochs over which a validation loss that still falls says that more would help. */
const tail = 0.1;
/** How much it has to fall over them to count. */
const stillFalling = 0.02;

/**
 * Judges the training curves at the epoch whose weights were kept. `over`: much better on the training
 * split than on validation. `under`: training stopped by its number of epochs while the validation loss was
 * still falling.
 */
export function judgeFit(trained: TrainOutput, regression: boolean): Fit {
  const best = trained.epochs.find(({ epoch }) => epoch === trained.bestEpoch);
  if (!best) return { verdict: 'good', message: 'No epoch was recorded.' };
  return (
    overfit(best, regression) ??
    underfit(trained, best) ?? {
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

function underfit({ stopped, epochs }: TrainOutput, best: Epoch): Fit | null {
  const last = epochs.at(-1);
  const earlier = epochs.at(-1 - Math.max(1, Math.round(epochs.length * tail)));
  if (stopped !== 'epochs' || !last || !earlier || best.epoch !== last.epoch) return null;
  const fall = (earlier.validationLoss - last.validationLoss) / Math.abs(earlier.validationLoss);
  if (!(fall > stillFalling)) return null;
  const percent = (fall * 100).toFixed(0);
  const facts = `the validation loss still fell by ${percent} % from epoch ${earlier.epoch} to ${last.epoch}`;
  return { verdict: 'under', message: `Stopped early: ${facts}; more epochs may help.` };
}

function metrics({ trainMetric, validationMetric }: Epoch, regression: boolean): string {
  const name = regression ? 'error' : 'accuracy';
  return `${name} ${trainMetric.toFixed(3)} on training, ${validationMetric.toFixed(3)} on validation`;
}

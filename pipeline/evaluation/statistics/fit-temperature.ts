import { logSumExp } from '../../../platform/transforms/index.ts';

const lowest = Math.log(0.05);
const highest = Math.log(20);
const golden = (Math.sqrt(5) - 1) / 2;

/**
 * The temperature that logits are divided by so that probabilities mean what they say (Guo et al., "On
 * Calibration of Modern Neural Networks", 2017): minimises log loss by golden-section search over
 * log T in [log 0.05, log 20], where the loss has one minimum. Targets are smoothed by 1 / (n + 2) (Platt,
 * 1999), so that a validation split without any mistake does not give certainty.
 *
 * @param logits one row per example, one logit per class @param truths index of each example's class
 * @returns T > 0; 1 without examples
 */
export function fitTemperature(
  logits: readonly ArrayLike<number>[],
  truths: readonly number[],
): number {
  if (logits.length === 0) return 1;
  const loss = (logTemperature: number) => smoothedLoss(logits, truths, Math.exp(logTemperature));
  return Number(Math.exp(minimise(loss, lowest, highest)).toPrecision(6));
}

function smoothedLoss(
  logits: readonly ArrayLike<number>[],
  truths: readonly number[],
  temperature: number,
): number {
  const doubt = 1 / (logits.length + 2);
  return logits.reduce((total, row, example) => {
    const scaled = Array.from(row, (logit) => logit / temperature);
    const truth = scaled[truths[example] ?? 0] ?? 0;
    const others = (scaled.reduce((sum, value) => sum + value, 0) - truth) / (scaled.length - 1);
    return total + logSumExp(scaled) - (1 - doubt) * truth - doubt * others;
  }, 0);
}

/** Golden-section search for the minimum of a function with one valley (Kiefer, 1953). */
function minimise(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [leftLoss, rightLoss] = [f(left), f(right)];
  while (high - low > 1e-7) {
    if (leftLoss <= rightLoss) {
      [high, right, rightLoss] = [right, left, leftLoss];
      left = high - golden * (high - low);
      leftLoss = f(left);
    } else {
      [low, left, leftLoss] = [left, right, rightLoss];
      right = low + golden * (high - low);
      rightLoss = f(right);
    }
  }
  return (low + high) / 2;
}

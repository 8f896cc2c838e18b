import type { TrainParameters } from './parameters.ts';

/**
 * The learning rate of an epoch: constant, or falling along half a cosine from the full rate in the first epoch
 * towards 0 after the last (Loshchilov & Hutter 2017, without restarts).
 *
 * @param epoch from 1.
 */
export function learningRateOf(
  epoch: number,
  parameters: Pick<TrainParameters, 'epochs' | 'learningRate' | 'learningRateSchedule'>,
): number {
  const { epochs, learningRate, learningRateSchedule } = parameters;
  if (learningRateSchedule === 'constant') return learningRate;
  return (learningRate * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
}

import { removeShift } from '../../platform/transforms/index.ts';
import type { Answer } from './answer.ts';
import { fitTemperature } from './statistics/fit-temperature.ts';

/**
 * The temperature that makes the probabilities of some answers fit their labels best.
 *
 * @param classes in the order of the outputs @param shift of the prior that training saw; left out, none
 */
export function temperatureOf(
  answers: readonly Answer[],
  classes: readonly string[],
  shift: readonly number[] | undefined,
): number {
  return fitTemperature(
    answers.map(({ output }) => removeShift(output, shift)),
    answers.map(({ row }) => classes.indexOf(row.label)),
  );
}

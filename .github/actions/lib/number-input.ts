import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';

/** A whole number among the inputs. @throws MainstemError INPUT_INVALID unless it lies within the limits */
export function numberInput(input: string, least: number, most: number): number {
  const text = core.getInput(input);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const allowed = `a whole number from ${least} to ${most}`;
  throw new MainstemError('INPUT_INVALID', { input, value: `"${text}"`, allowed });
}

/** As {@link numberInput}; undefined where it is empty. @throws MainstemError INPUT_INVALID */
export function optionalNumberInput(
  input: string,
  least: number,
  most: number,
): number | undefined {
  return core.getInput(input) === '' ? undefined : numberInput(input, least, most);
}

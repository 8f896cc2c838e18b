import { MainstemError } from '../../../platform/lib/errors.ts';

/** What an input may be. */
export interface NumberInput {
  /** Its name, for an error. */
  readonly input: string;
  readonly least: number;
  readonly most: number;
}

/** Parses an input as a whole number. @throws MainstemError INPUT_INVALID unless it lies within the limits */
export function parseNumber(text: string, { input, least, most }: NumberInput): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const allowed = `a whole number from ${least} to ${most}`;
  throw new MainstemError('INPUT_INVALID', { input, value: `"${text}"`, allowed });
}

/** As {@link parseNumber}; undefined where it is empty. @throws MainstemError INPUT_INVALID */
export function parseOptionalNumber(text: string, limits: NumberInput): number | undefined {
  return text === '' ? undefined : parseNumber(text, limits);
}

import { MainstemError } from '../../../platform/lib/errors.ts';
import { isObjectName } from '../../../platform/lib/git.ts';

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

/**
 * Parses the whole name of a commit: git would take anything else for a branch, a tag or an option.
 *
 * @throws MainstemError INPUT_INVALID
 */
export function parseCommit(text: string, input: string): string {
  if (isObjectName(text)) return text;
  const allowed = 'the whole name of a commit, in hexadecimal digits';
  throw new MainstemError('INPUT_INVALID', { input, value: JSON.stringify(text), allowed });
}

/** Parses an input as an address of the web. @throws MainstemError INPUT_INVALID */
export function parseAddress(text: string, input: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  const allowed = 'an address that begins with http:// or https://';
  throw new MainstemError('INPUT_INVALID', { input, value: JSON.stringify(text), allowed });
}

/**
 * Parses an input as yes or no.
 *
 * @param empty what it is where a workflow hands nothing over
 * @throws MainstemError INPUT_INVALID: any other word would silently be one of them
 */
export function parseFlag(text: string, input: string, empty = false): boolean {
  if (text === '') return empty;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new MainstemError('INPUT_INVALID', {
    input,
    value: JSON.stringify(text),
    allowed: 'true or false',
  });
}

/** Parses an input as the year of a harvest; '' is the latest. @throws MainstemError INPUT_INVALID */
export function parseHarvest(text: string): string {
  if (/^(\d{4})?$/.test(text)) return text;
  const allowed = 'a year of four digits, or empty';
  throw new MainstemError('INPUT_INVALID', {
    input: 'harvest',
    value: JSON.stringify(text),
    allowed,
  });
}

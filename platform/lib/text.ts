import { printableName } from './printable.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/**
 * Bytes for people: three significant digits with a decimal unit.
 *
 * @example renderBytes(78) // '78 B'
 * @example renderBytes(1_234_567) // '1.23 MB'
 */
export function renderBytes(bytes: number): string {
  let [value, power] = [bytes, 0];
  // 999.9 kB is 1 MB once it is rounded.
  while (Number(value.toPrecision(3)) >= 1000 && power < units.length - 1) {
    value /= 1000;
    power += 1;
  }
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${units[power]}`;
}

const shownDigits = 12;

/**
 * The first 12 hex digits of a digest or a commit: enough for a person to tell it from others, and what a run is
 * called by.
 *
 * @example abbreviate('sha256:0123456789abcdef…') // '0123456789ab'
 */
export function abbreviate(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, shownDigits);
}

/** What one example of a dataset is called: a folder of images holds photos, a table holds rows. */
export function exampleUnit(kind: 'images' | 'table'): 'photo' | 'row' {
  return kind === 'images' ? 'photo' : 'row';
}

/**
 * Text that a message repeats, cut off where it is long.
 *
 * @param most characters of the result.
 * @example shorten('colour', 4) // 'col…'
 */
export function shorten(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}

/**
 * What a program said, without its middle where it is long: it begins with what it was doing, and ends with why it could not.
 *
 * @param most characters of the result.
 * @example cutMiddle('abcdefgh', 5) // 'ab…gh'
 */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end).toWellFormed()}…${text.slice(-end).toWellFormed()}`;
}

/**
 * The first of many things, and how many there are besides, so that a line stays a line.
 *
 * @example listSome(['a', 'b', 'c'], { most: 2 }) // 'a, b and 1 more'
 */
export function listSome(
  things: readonly string[],
  { most = 20, between = ', ' }: { readonly most?: number; readonly between?: string } = {},
): string {
  const more = things.length - most;
  const shown = things.slice(0, most).join(between);
  return more > 0 ? `${shown} and ${more.toLocaleString('en')} more` : shown;
}

/**
 * A name from outside (a class, a label, a value) as a part of one line: cut off where it is long, and with line breaks
 * and control characters escaped.
 *
 * @param most characters of the name that are shown.
 * @example showName('good\nbad') // 'good\\nbad'
 */
export function showName(name: string, most = 60): string {
  return printableName(shorten(name, most));
}

import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Digest } from '../../platform/lib/hash.ts';
import { parseJsonText } from '../../platform/lib/json-text.ts';
import { parseDuration } from '../../platform/lib/parse-duration.ts';
import { startOfDay } from '../../platform/lib/start-of-day.ts';
import { keyNamePattern, type Scope, scopes } from '../../platform/schemas/access-names.ts';

/*
 * The parsers of option values, one per kind. Each takes what was typed and gives the value, or throws commander's
 * InvalidArgumentError, with which the command line ends in exit code 2: "error: option '--port <number>' argument
 * 'abc' is invalid. Give a whole number from 0 to 65535."
 */

/**
 * Makes the parser of whole numbers within limits, both included; digits only, so that `1e9`, ` 3` and `1.5` are
 * refused.
 *
 * @example wholeNumber(1, 100)('16') // 16
 */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** Parses a port; 0 takes any free one. */
export const parsePort = wholeNumber(0, 65_535);

/** Parses a year of four digits; it stays text, because it names a harvest's folder. */
export function parseYear(text: string): string {
  return accept(text, /^\d{4}$/.test(text), 'Give a year of four digits, such as 2027.');
}

/** Parses the first digits of a run's name. */
export function parseRun(text: string): string {
  const advice = 'Give the first digits of a run, four to twelve: 0-9, a-f.';
  return accept(text, /^[0-9a-f]{4,12}$/.test(text), advice);
}

/** Parses a digest; the algorithm may be left out. */
export function parseDigest(text: string): Digest {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text)?.[1];
  if (hex) return `sha256:${hex.toLowerCase()}`;
  throw new InvalidArgumentError('Give the SHA-256 of the file: sha256: and 64 digits 0-9, a-f.');
}

const iso8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Parses a moment that has been, in ISO 8601: a date, or a date and a time; it stays as it was typed. */
export function parsePast(text: string): string {
  accept(text, isTime(text), 'Write a time like 2026-11-01T12:00:00Z.');
  return accept(text, hasBeen(Date.parse(text)), notYet);
}

const notYet = 'Give a time from 1970 until now: nothing is known of any other.';

function hasBeen(time: number): boolean {
  return time >= 0 && time <= Date.now();
}

function isTime(text: string): boolean {
  // 30 February would be read as 2 March.
  const isDay = startOfDay(text.slice(0, 10)) !== null;
  return iso8601.test(text) && isDay && !Number.isNaN(Date.parse(text));
}

/** Parses since when: a moment, or how long ago (`30m`, `6h`, `7d`); it stays as it was typed. */
export function parseSince(text: string): string {
  const ago = parseDuration(text);
  accept(
    text,
    ago !== null || isTime(text),
    'Write how long ago, as 6h or 7d, or a time like 2026-11-01T12:00:00Z.',
  );
  return accept(text, hasBeen(ago === null ? Date.parse(text) : Date.now() - ago), notYet);
}

/** Parses when something ends: a moment, or in how many days (`90d`); it stays as it was typed. */
export function parseExpiry(text: string): string {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const valid =
    days === undefined ? isTime(text) && Date.parse(text) > Date.now() : Number(days) > 0;
  return accept(text, valid, 'Write a time to come like 2036-11-01T12:00:00Z, or days: 90d.');
}

/** Parses the name of an access key. */
export function parseKeyName(text: string): string {
  const valid = new RegExp(keyNamePattern).test(text);
  return accept(text, valid, 'Give a name of a-z, 0-9, dots and dashes, such as farm-stand.');
}

/** Parses a list of scopes, separated by commas. */
export function parseScopes(text: string): Scope[] {
  const named = text.split(',').map((part) => part.trim());
  const found = scopes.filter((scope) => named.includes(scope));
  if (found.length > 0 && named.every((name) => found.some((scope) => scope === name)))
    return found;
  throw new InvalidArgumentError(`Give some of ${scopes.join(', ')}, separated by commas.`);
}

/** Parses the path of a picture to write: its extension says which format. */
export function parsePicture(text: string): string {
  const valid = ['.jpg', '.jpeg', '.png'].includes(extname(text).toLowerCase());
  return accept(parsePath(text), valid, 'Give a file that ends in .jpg, .jpeg or .png.');
}

/**
 * Parses a name, an address, a path or a revision: any text that is not blank, is no option that slipped into the place
 * of a forgotten value, and has no `~` that the shell left as it is.
 */
export function parseText(text: string): string {
  parseColumn(text);
  const dash = `It begins with a dash, like an option: give a value, or write ./${text} if you mean a file or folder of that name.`;
  accept(text, !text.startsWith('-'), dash);
  const tilde =
    'The shell did not replace ~ by your home folder, because it is quoted: write the folder, or $HOME, or ./~ if you mean that name.';
  return accept(text, !/^(?:file:\/\/)?~/.test(text), tilde);
}

/** Parses values of parameters: a JSON object. */
export function parseValues(text: string): Readonly<Record<string, unknown>> {
  try {
    const values = parseJsonText(text, 'the values');
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return { ...values };
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('Give a JSON object such as {"learningRate": 0.03}.');
}

/** Parses the address of a server: https, or http on this machine; without a slash at its end. */
export function parseServer(text: string): string {
  const url = URL.parse(text);
  const isLocal = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? '');
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
  const isBare = url?.search === '' && url.hash === '' && url.username === '';
  accept(text, isSafe && isBare, 'Give an address such as https://pumpkins.example.');
  return (url?.href ?? text).replace(/\/+$/, '');
}

/** Parses a path on this machine, as {@link parseText} does; an address would be taken for folders of that name. */
export function parsePath(text: string): string {
  const address =
    'It is an address: give a path on this machine; download first what is not on it.';
  accept(text, !/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()), address);
  return parseText(text);
}

/** Parses each value of an option that takes several as {@link parseText} does. */
export function parseTexts(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, parseText(text)];
}

/** Parses words for people, such as where data comes from: any text that is not blank and does not look like an option. */
export function parseWords(text: string): string {
  parseColumn(text);
  return accept(text, !/^--?[a-z]/i.test(text), 'It looks like an option: give a value.');
}

/** Parses the name of a column, which may begin with anything: a table that lacks it says which ones it has. */
export function parseColumn(text: string): string {
  return accept(text, text.trim() !== '', 'It is empty: give a value or leave the option out.');
}

function accept(text: string, valid: boolean, advice: string): string {
  if (valid) return text;
  throw new InvalidArgumentError(advice);
}

/** Parses a share of requests, from 0 to 1. */
export function parseShare(text: string): number {
  const share = /^(0?\.\d{1,6}|0|1(\.0+)?)$/.test(text) ? Number(text) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('Give a share of the requests from 0 to 1, such as 0.1.');
}

/** Parses the name of an HTTP header; small letters come back. */
export function parseHeaderName(text: string): string {
  const valid = /^[a-z][a-z0-9-]{0,63}$/i.test(text);
  return accept(text.toLowerCase(), valid, 'Give the name of a header, such as x-stall.');
}

/** Parses a header with its value, `x-group=b`. */
export function parseHeader(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=');
  const value = text.slice(at + 1).trim();
  if (at > 0 && value !== '' && value.length <= 200 && !/[^\x21-\x7e]/.test(value))
    return { name: parseHeaderName(text.slice(0, at)), value };
  throw new InvalidArgumentError('Give a header and its value, such as x-group=b.');
}

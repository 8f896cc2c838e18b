import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { MainstemError } from './errors.ts';
import { plural } from './plural.ts';

/** A name that is not UTF-8 is read with this character in place of each wrong byte. */
const doubtful = /[\p{Cc}\uFFFD]/u;
const controlCharacter = /\p{Cc}/u;
const lineBreak = /[\n\r]/;

/**
 * The names in a folder. Names are bytes; those that are not UTF-8 cannot be told apart once they are text, and a name
 * with a line break or another control character would break every list that it is printed in. Hidden names may be
 * anything, since nobody reads them.
 *
 * @param shown what to call the folder in an error.
 * @throws MainstemError DATA_NAME_INVALID with the name escaped; NodeJS.ErrnoException
 * @example readNames('/home/jen/data/pumpkins', 'data/pumpkins') // ['2026', 'metadata.csv']
 */
export function readNames(folder: string, shown: string): string[] {
  const names = readdirSync(folder);
  if (isDoubtful(names.join('/'))) assertNames(readdirSync(folder, { encoding: 'buffer' }), shown);
  return names;
}

/** Whether {@link readNames} would look closer at a name: most need not be. */
export function isDoubtful(name: string): boolean {
  return doubtful.test(name);
}

const notUtf8 = 'is not valid UTF-8';

function assertNames(names: readonly Buffer[], path: string): void {
  const dot = 0x2e;
  const faults = names
    .filter((name) => name[0] !== dot)
    .flatMap((bytes) => {
      const reason = faultOf(bytes);
      return reason ? [{ name: escapeName(bytes), reason }] : [];
    });
  const [first] = faults;
  if (!first) return;
  const reason = summarise(faults.map((fault) => fault.reason));
  const details = { path: path.replace(/\/$/, ''), name: first.name, reason };
  const shortcut = first.reason === notUtf8 ? ' ("convmv -f latin1 -t utf8" renames many)' : '';
  throw new MainstemError('DATA_NAME_INVALID', { ...details, shortcut });
}

/** The first reason, how many other names it applies to, and how many have another one. */
function summarise(reasons: readonly string[]): string {
  const counts = Map.groupBy(reasons, (reason) => reason);
  const parts = [...counts].map(([reason, { length }], position) => {
    if (position > 0)
      return `${plural(length, 'other')} ${length === 1 ? reason : pluralOf(reason)}`;
    return length === 1 ? reason : `${reason}, as ${plural(length - 1, 'other')} here`;
  });
  return parts.join('; ');
}

function pluralOf(reason: string): string {
  return reason.replace(/^has\b/, 'have').replace(/^is\b/, 'are');
}

function faultOf(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return notUtf8;
  return findNameFault(bytes.toString('utf8'));
}

/** Why a name must not be in a dataset, as the end of a sentence; undefined for almost every name. */
export function findNameFault(name: string): string | undefined {
  if (!controlCharacter.test(name)) return undefined;
  return lineBreak.test(name) ? 'has a line break' : 'has a control character';
}

/**
 * Why Windows cannot hold a file of this name, as the end of a sentence; undefined for almost every name.
 *
 * @example findPortabilityFault('aux.jpg') // 'is reserved on Windows'
 */
export function findPortabilityFault(name: string): string | undefined {
  if (/^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\.|$)/i.test(name))
    return 'is reserved on Windows';
  if (/[. ]$/.test(name)) return 'ends with a dot or a blank';
  const character = /[<>:"|?*\\]/.exec(name)?.[0];
  return character && `has ${character}`;
}

/**
 * A name for people, whatever its bytes: those that are not text as `\xe9`.
 *
 * @example escapeName(Buffer.from('caf\xe9', 'latin1')) // '"caf\\xe9"'
 */
export function escapeName(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => isUtf8(bytes.subarray(at, at + count))) ?? 0;
    const character = Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
    const readable = length > 0 && !controlCharacter.test(character);
    text += readable ? character : `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
    at += readable ? length : 1;
  }
  return `"${text}"`;
}

/**
 * Whether a path can be kept word for word, in a folder and in a list of one line per file: it has no zero, no half of a
 * surrogate pair and no line break.
 */
export function isPathText(path: string): boolean {
  return path.isWellFormed() && !/[\0\r\n]/.test(path);
}

/*
 * Names that people, or the file systems of some machines, take for one another. Each fold maps names that are alike to
 * one text.
 */

/**
 * What no reader can tell apart: composed and decomposed letters, kinds of blanks, blanks around a name, invisible
 * characters. (Joiners stay, since they change what emoji and some scripts show.)
 *
 * @example foldIdentical('cafe\u0301') === foldIdentical('caf\u00e9') // true
 */
export function foldIdentical(name: string): string {
  if (isPlain(name)) return name.trim();
  // Both ways, because some letters have several lower cases and others only one upper case of two letters.
  return name.normalize('NFC').replace(invisible, '').replaceAll(blanks, ' ').trim();
}

/**
 * What is easily taken for one another, or written differently by mistake: also upper and lower case, ligatures and wide
 * letters, and letters of other scripts that look Latin.
 *
 * @example foldSimilar('Good') === foldSimilar('good') // true
 */
export function foldSimilar(name: string): string {
  if (isPlain(name)) return name.trim().toLowerCase();
  const plain = foldIdentical(name).normalize('NFKC').replaceAll(joiners, '');
  // Upper-case twins first, since their lower case looks different; then rare letters whose lower case is a twin.
  return toLatin(foldVolume(toLatin(plain)))
    .replaceAll(blanks, ' ')
    .trim();
}

function toLatin(name: string): string {
  return [...name].map((letter) => latinTwins.get(letter) ?? letter).join('');
}

/**
 * What the usual volumes of macOS and Windows cannot hold side by side: names that differ only by case or by the
 * composition of letters.
 *
 * @example foldVolume('IMG_1.JPG') === foldVolume('img_1.jpg') // true
 */
export function foldVolume(name: string): string {
  if (isPlain(name)) return name.toLowerCase();
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/**
 * The groups of names that a fold maps to one text, in order of appearance.
 *
 * @example findLookAlikes(['good', 'Good', 'bad'], foldSimilar) // [['good', 'Good']]
 */
export function findLookAlikes(
  names: Iterable<string>,
  fold: (name: string) => string,
): readonly string[][] {
  const groups = Map.groupBy(new Set(names), fold);
  return [...groups.values()].filter(({ length }) => length > 1);
}

/**
 * A name in quotes, and its code points where it has letters that may be mistaken for others.
 *
 * @example spellOut('cafe\u0301') // '"café" (cafe U+0301)'
 */
export function spellOut(name: string): string {
  if (isPlain(name)) return `"${name}"`;
  const spelt = name.replaceAll(/[^!-~]/gu, (letter) => ` ${codePoint(letter)} `);
  return `"${name}" (${spelt.replaceAll(/ +/g, ' ').trim()})`;
}

function codePoint(letter: string): string {
  const hex = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `U+${hex.padStart(4, '0')}`;
}

const plain = /^[ -~]*$/;

/** Printable ASCII: nothing to normalize, which is by far the most frequent case. */
function isPlain(name: string): boolean {
  return plain.test(name);
}

const joiners = /[\u200c\u200d]/g;
// Format characters other than the joiners, and the selectors that choose how a character is drawn.
const invisible = /(?![\u200c\u200d])\p{Cf}|[\ufe00-\ufe0f]/gu;
const blanks = /\p{Zs}+/gu;

/** Cyrillic and Greek letters, the dotless i, and the Latin letters that they look like. */
const twins = [
  ['АВЕЅІЈКМНОРСТУХаеѕіјорсух', 'ABESIJKMHOPCTYXaesijopcyx'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοıν', 'ABEZHIKMNOPTYXoiv'],
] as const;

const latinTwins = new Map(
  twins.flatMap(([others, latin]) =>
    [...others].map((letter, at): [string, string] => [letter, latin[at] ?? letter]),
  ),
);

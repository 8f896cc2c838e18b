/**
 * Says what a byte that is not UTF-8 would be in the encodings in which the text around it reads best, so that a person can
 * tell which of them is right, and how to convert the file from it. No encoding is asserted: with
 * the wrong one, a conversion turns letters into other letters without an error.
 *
 * @param position of the first byte that is not UTF-8.
 * @example describeForeignByte(Buffer.from([0x4b, 0xf6, 0xfe, 0x6b]), 1)
 *   // 'the byte 0xF6 is not UTF-8; the file reads "Köşk" as WINDOWS-1254, "Köþk" as WINDOWS-1252, …'
 */
export function describeForeignByte(bytes: Uint8Array, position: number): string {
  const byte = `the byte 0x${(bytes[position] ?? 0).toString(16).toUpperCase()} is not UTF-8`;
  if (isMostlyUtf8(bytes, position)) {
    return `${byte}, unlike other letters of this file, so no conversion repairs it; correct this cell, or export the table again`;
  }
  const words = wordsWithEachByte(bytes, position);
  const readings = likelyReadings(words);
  const [best] = readings;
  if (!best) return `${byte}; ${howToConvert('<its encoding>')}`;
  if (readings.length === 1) {
    return `${byte}; the file reads ${quote([best.words[0] ?? ''])} as ${best.encoding}; ${howToConvert(best.encoding)}`;
  }
  const telling = tellingWords(readings);
  const list = readings.map(
    (one) => `${quote(telling.map((index) => one.words[index] ?? ''))} as ${one.encoding}`,
  );
  return `${byte}; the file reads ${list.join(', ')}; ${howToConvert('<encoding>')} with the encoding in which it reads right`;
}

/** @param encoding as iconv calls it. */
export function howToConvert(encoding: string): string {
  return `save the file as "CSV UTF-8", or run iconv -f ${encoding} -t UTF-8`;
}

/** By how many people write so, as iconv calls them; of readings that are as good as one another, the first come first. */
const encodings = [
  ...['WINDOWS-1252', 'WINDOWS-1254', 'WINDOWS-1250', 'WINDOWS-1251', 'ISO-8859-2', 'KOI8-R'],
  ...['WINDOWS-1257', 'WINDOWS-1253', 'WINDOWS-1255', 'WINDOWS-1256'],
];

/** The words of a file as one encoding reads them. */
interface Reading {
  readonly encoding: string;
  readonly words: readonly string[];
  /** How many of the words no language writes so. */
  readonly odd: number;
}

/** At most four readings that differ, the best first. */
function likelyReadings(words: readonly Uint8Array[]): Reading[] {
  const readings = encodings
    .map((encoding) => readAs(encoding, words))
    .filter((reading) => reading !== null)
    .toSorted((one, other) => one.odd - other.odd);
  const textOf = (reading: Reading) => reading.words.join(' ');
  const known = readings.map(textOf);
  const different = readings.filter((one, index) => known.indexOf(textOf(one)) === index);
  const least = different[0]?.odd ?? 0;
  return different.filter(({ odd }, index) => index < 2 || odd === least).slice(0, 4);
}

/** @returns null if some byte is no character of the encoding. */
function readAs(encoding: string, words: readonly Uint8Array[]): Reading | null {
  const decoder = new TextDecoder(encoding);
  const read = words.map((word) => decoder.decode(word));
  if (read.some((word) => /[\ufffd\p{Cc}]/u.test(word))) return null;
  return { encoding, words: read, odd: read.filter(isOdd).length };
}

const scripts = ['Latin', 'Cyrillic', 'Greek', 'Hebrew', 'Arabic'].map(
  (name) => new RegExp(`\\p{Script=${name}}`, 'u'),
);

/** A capital within a word, letters of two scripts, or a sign before a letter. */
function isOdd(word: string): boolean {
  const sign = /[^\p{L}\p{M}\u2018\u2019\u201c\u201d\u201e\u00ab\u2013\u2014\u00a0]\p{L}/u;
  return (
    /\p{Ll}\p{Lu}/u.test(word) ||
    scripts.filter((script) => script.test(word)).length > 1 ||
    sign.test(word)
  );
}

/** The positions of the first word and of those by which readings differ that were alike by the words before. */
function tellingWords(readings: readonly Reading[]): number[] {
  const chosen = [0];
  const kinds = (indexes: readonly number[]) =>
    new Set(readings.map(({ words }) => indexes.map((index) => words[index]).join(' '))).size;
  for (let index = 1; index < (readings[0]?.words.length ?? 0); index++) {
    if (kinds([...chosen, index]) > kinds(chosen)) chosen.push(index);
  }
  return chosen;
}

function quote(words: readonly string[]): string {
  return JSON.stringify(words.join(' '));
}

/** The first word with each byte beyond ASCII: what any two encodings make of the whole file differs if it differs here. */
function wordsWithEachByte(bytes: Uint8Array, from: number): Uint8Array[] {
  const seen = new Set<number>();
  const words: Uint8Array[] = [];
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80 || seen.has(byte)) continue;
    const word = wordAt(bytes, at);
    for (const other of word) if (other >= 0x80) seen.add(other);
    words.push(word);
  }
  return words;
}

const longest = 16;

function wordAt(bytes: Uint8Array, at: number): Uint8Array {
  let [start, end] = [at, at + 1];
  while (at - start < longest && isOfWord(bytes[start - 1])) start--;
  while (end - at < longest && isOfWord(bytes[end])) end++;
  return bytes.subarray(start, end);
}

function isOfWord(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return byte >= 0x80 || (letter >= 0x61 && letter <= 0x7a);
}

const sample = 1_000_000;

/** Whether there are more letters in UTF-8 around the byte than bytes that are not. */
function isMostlyUtf8(bytes: Uint8Array, position: number): boolean {
  const near = bytes.subarray(Math.max(0, position - sample), position + sample);
  const text = new TextDecoder().decode(near);
  const bad = text.match(/\ufffd/g)?.length ?? 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with one.
  const good = text.match(/[^\x00-\x7f\ufffd]/gu)?.length ?? 0;
  return good > bad;
}

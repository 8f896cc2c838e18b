import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Digest, digestBytes } from './hash.ts';
import { keyPrefix } from './key-prefix.ts';

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just over 2^256. */
const randomLength = 43;
/** 62^6 is more than 2^32. */
const checksumLength = 6;
const pattern = new RegExp(
  `^${keyPrefix}([0-9A-Za-z]{${randomLength}})([0-9A-Za-z]{${checksumLength}})$`,
);

/**
 * Creates a key: a prefix, 256 random bits and a checksum, so that a scanner can tell a key from a similar text without
 * asking anybody.
 *
 * @example createAccessKey() // 'mainstem_3kTz…' with 58 letters
 */
export function createAccessKey(): string {
  const random = Array.from({ length: randomLength }, () => letters[randomInt(letters.length)]);
  const text = random.join('');
  return keyPrefix + text + checksumOf(text);
}

/** Whether a text has the form of a key and its checksum; one that was cut or mistyped has not. */
export function isWholeAccessKey(text: string): boolean {
  const [, random, checksum] = pattern.exec(text) ?? [];
  return random !== undefined && checksumOf(random) === checksum;
}

/**
 * What is stored of a key. A key is random, not chosen by a person, so nobody can try all those that are likely, and a
 * plain digest gives nothing away.
 */
export function digestAccessKey(text: string): Digest {
  return digestBytes(text);
}

/** CRC-32 in base 62. */
function checksumOf(random: string): string {
  let rest = crc32(random);
  let text = '';
  for (let place = 0; place < checksumLength; place++) {
    text = (letters[rest % letters.length] ?? '') + text;
    rest = Math.floor(rest / letters.length);
  }
  return text;
}

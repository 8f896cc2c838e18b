import { createHash } from 'node:crypto';
import type { Traffic } from '../../platform/schemas/index.ts';

/** Reads a header of a request, by its name in small letters. */
export type ReadHeader = (name: string) => string | undefined;

/**
 * Whether a request goes to a version that is tried. Requests with the same value of the key are always answered alike, by every
 * server and after every restart; a greater share takes in more of them and lets none go.
 *
 * @param run of the version: another trial is another draw
 * @param random draws in [0, 1) for requests where no key is asked for
 * @example isAssigned({ share: 0.1, key: 'x-stall' }, run, () => 'stall 7', Math.random) // the same for stall 7 whenever it asks
 */
export function isAssigned(
  { share, key, header }: Traffic,
  run: string,
  read: ReadHeader,
  random: () => number,
): boolean {
  if (header && read(header.name) === header.value) return true;
  if (key === undefined) return random() < share;
  const value = read(key);
  return value !== undefined && value !== '' && placeOf(`${run} ${value}`) < share;
}

/** A place in [0, 1) that only the text decides, as even as chance. */
function placeOf(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

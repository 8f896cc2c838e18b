import { randomUUID } from 'node:crypto';

/**
 * A name for an answer that nobody can guess and that sorts by time: a UUID of version 7 (RFC 9562).
 *
 * @param now milliseconds since 1970
 * @param random a UUID of version 4: its last 74 random bits are taken
 * @example createPredictionId(1764194400000) // '019ac2b3-1d00-7c55-9f0e-3a3b8a6f1c52'
 */
export function createPredictionId(now: number, random: string = randomUUID()): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}

/**
 * When an answer was named, in milliseconds since 1970; null for an id that a caller chose.
 *
 * @example timeOfId('019ac2b3-1d00-7c55-9f0e-3a3b8a6f1c52') // 1764194400000
 */
export function timeOfId(id: string): number | null {
  const time = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.exec(id);
  return time ? Number.parseInt(`${time[1]}${time[2]}`, 16) : null;
}

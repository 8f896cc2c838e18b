const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The pattern of a duration as definitions write it: a whole number above 0 and its unit. */
export const durationPattern = '^[1-9]\\d{0,6}[smhd]$';

/**
 * How long seconds, minutes, hours or days of 24 hours are, as definitions, settings and options write them.
 *
 * @returns milliseconds; null for anything else
 * @example parseDuration('36h') // 129600000
 */
export function parseDuration(text: string): number | null {
  const found = new RegExp(durationPattern).test(text);
  return found ? Number.parseInt(text, 10) * (units[text.slice(-1)] ?? Number.NaN) : null;
}

/** The same of a text that is known to match {@link durationPattern}. @throws RangeError if it does not */
export function durationOf(text: string): number {
  const duration = parseDuration(text);
  if (duration === null) throw new RangeError(`"${text}" is no duration`);
  return duration;
}

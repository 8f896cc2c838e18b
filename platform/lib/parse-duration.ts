const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The pattern of a duration as definitions write it: a whole number above 0 and its unit. */
export const durationPattern = '^[1-9]\\d{0,6}[smhd]$';

/**
 * The milliseconds of a duration of seconds, minutes, hours or days of 24 hours.
 *
 * @param text matches {@link durationPattern}
 * @example parseDuration('36h') // 129600000
 */
export function parseDuration(text: string): number {
  const found = Object.entries(units).find(([unit]) => text.endsWith(unit));
  return Number.parseInt(text, 10) * (found?.[1] ?? Number.NaN);
}

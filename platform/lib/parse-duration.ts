const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * How long minutes, hours or days are, as settings and options write them.
 *
 * @returns milliseconds; null for anything else
 * @example parseDuration('6h') // 21600000
 */
export function parseDuration(text: string): number | null {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (units[unit] ?? 0);
}

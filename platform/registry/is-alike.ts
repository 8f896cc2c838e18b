/** Rounding of another runtime stays far below it, a changed answer on a small test split far above. */
const tolerance = 1e-4;
/** Of numbers in texts, which are rounded to be read. */
const textTolerance = 0.01;

/**
 * Whether two values say the same but for rounding: numbers, also those within texts, may differ a little, everything else may
 * not.
 *
 * @example isAlike({ message: 'accuracy 0.951 ≥ 0.92' }, { message: 'accuracy 0.9511 ≥ 0.92' }) // true
 */
export function isAlike(stated: unknown, measured: unknown): boolean {
  if (typeof stated === 'number' && typeof measured === 'number')
    return isNear(stated, measured, tolerance);
  if (typeof stated === 'string' && typeof measured === 'string')
    return isAlikeText(stated, measured);
  if (!isObject(stated) || !isObject(measured)) return stated === measured;
  const keys = new Set([...Object.keys(stated), ...Object.keys(measured)]);
  return [...keys].every((key) => isAlike(stated[key], measured[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const number = /\d+(?:\.\d+)?/g;

function isAlikeText(stated: string, measured: string): boolean {
  const [ours, theirs] = [stated.match(number) ?? [], measured.match(number) ?? []];
  return (
    stated.replaceAll(number, '#') === measured.replaceAll(number, '#') &&
    ours.every((one, at) => isNear(Number(one), Number(theirs[at]), textTolerance))
  );
}

function isNear(a: number, b: number, within: number): boolean {
  return Math.abs(a - b) <= within * Math.max(1, Math.abs(a));
}

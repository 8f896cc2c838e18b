/** Numbers of nines only, which no measurement happens to repeat far from all others: −999, 9999, −99.0. */
const nines = /^[+-]?9{2,}(\.[09]+)?$/;

/**
 * A number that looks like a stand-in for gaps: nines, more than once, and further from all other numbers than these are
 * from one another.
 *
 * @param values numbers; NaN counts for nothing @param textOf how the number at a place is written
 * @returns its places, none if there is no such number
 * @example findStandIn(Float64Array.of(12, -999, 15, -999), (place) => ['12', '-999', '15', '-999'][place] ?? '') // [1, 3]
 */
export function findStandIn(values: Float64Array, textOf: (place: number) => string): number[] {
  const suspicious = new Map<number, number[]>();
  const others: Range = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, count: 0 };
  for (let place = 0; place < values.length; place++) {
    const value = values[place] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    // Hardly any number is, and the others need no look into the map.
    const known = mayBeNines(value) ? suspicious.get(value) : undefined;
    if (known) known.push(place);
    else if (mayBeNines(value) && nines.test(textOf(place))) suspicious.set(value, [place]);
    else widen(others, value, 1);
  }
  const isFar = ([value, places]: [number, number[]]) => {
    const range = { ...others };
    for (const [other, { length }] of suspicious) if (other !== value) widen(range, other, length);
    const { low, high, count } = range;
    return places.length > 1 && count > 1 && Math.max(low - value, value - high) > high - low;
  };
  return [...suspicious].find(isFar)?.[1] ?? [];
}

/** Up to here comparing is many times faster than a logarithm. */
const mostCompared = 1e9;

/** Whether a number is close below a power of ten, so that only few have to be looked at as text. */
function mayBeNines(value: number): boolean {
  const whole = Math.floor(Math.abs(value)) + 1;
  if (whole >= mostCompared) return Number.isInteger(Math.log10(whole));
  let power = 100;
  while (power < whole) power *= 10;
  return power === whole;
}

interface Range {
  low: number;
  high: number;
  count: number;
}

function widen(range: Range, value: number, times: number): void {
  range.low = Math.min(range.low, value);
  range.high = Math.max(range.high, value);
  range.count += times;
}

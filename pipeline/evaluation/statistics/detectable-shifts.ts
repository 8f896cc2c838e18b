import { countBelow } from '../../../platform/lib/count-below.ts';
import type { Random } from '../../../platform/lib/random.ts';
import { hallRange, momentsOf, normal975 } from '../../../platform/quality/index.ts';
import { detectableMean, normal80, wanted } from './detectable-difference.ts';
import { createIndexDraws } from './index-draws.ts';
import { enoughForNormal, type MeanDifference } from './mean-difference.ts';

/** From which ratio of an interval's sides on differences are skewed. */
const mostLopsided = 1.25;
/** So many draws take a quarter of a second. */
const draws = 20_000_000;
const [fewestResamples, mostResamples] = [100, 400];
/** So many times what seems to be needed is as good as more than anybody asks for. */
const mostTimes = 32;

/** Sizes of mean differences; null where none is found so often. */
export interface DetectableShifts {
  /** Of a candidate whose mean is lower. */
  readonly down: number | null;
  readonly up: number | null;
}

/**
 * The mean differences that would be found four times out of five, one way and the other. Each is that from which a new sample's
 * interval leaves out 0, in resamples, as those who know no more than a sample would ask for it: what each resample itself would say is
 * multiplied until four of five other resamples are found (the calibrated bootstrap; R. Beran, Prepivoting, Biometrika 74, 1987). The
 * normal formula takes a sample's deviation for the true one, which found 72 to 77 % of what it said of up to 153 differences. Where
 * they are skewed, a shift away from their long tail is found less often than one towards it; else both are one figure.
 *
 * @param differences candidate − champion, one per example @param found their mean with its interval
 */
export function detectableShifts(
  differences: ArrayLike<number>,
  found: MeanDifference,
  random: Random,
): DetectableShifts {
  const { value, low, high, error } = found;
  const lopsided = isLopsided(found);
  if (!lopsided && (differences.length > enoughForNormal || !(error > 0))) {
    return { down: detectableMean(error), up: detectableMean(error) };
  }
  const values = Float64Array.from(differences);
  const own = sidesOf(values);
  // Resampling within resamples would widen their intervals as it widened this one.
  const wider = { down: (high - value) / own.above, up: (value - low) / own.below };
  const { needed, said } = resample(values, { value, wider }, random);
  const sizeOf = (direction: Direction) => saidOf(own, wider)[direction];
  if (lopsided) {
    const of = (direction: Direction) =>
      multiply(calibrate(needed[direction], said[direction]), sizeOf(direction));
    return { down: of('down'), up: of('up') };
  }
  const times = calibrate([...needed.down, ...needed.up], [...said.down, ...said.up]);
  const either = multiply(times, (sizeOf('down') + sizeOf('up')) / 2);
  return { down: either, up: either };
}

type Direction = 'down' | 'up';
type Sizes = Readonly<Record<Direction, number>>;
type Sides = ReturnType<typeof sidesOf>;

/** What is said before it is calibrated: as far as the interval reaches, and what four of five times lies beyond that. */
function saidOf({ above, below, error }: Sides, wider: Sizes): Sizes {
  return {
    down: wider.down * above + normal80 * error,
    up: wider.up * below + normal80 * error,
  };
}

/** What is needed in each resample to be found, and what it would say itself. */
function resample(
  values: Float64Array,
  { value, wider }: { readonly value: number; readonly wider: Sizes },
  random: Random,
): { readonly needed: Lists; readonly said: Lists } {
  const resamples = Math.min(mostResamples, Math.floor(draws / values.length));
  const needed: Lists = { down: [], up: [] };
  const said: Lists = { down: [], up: [] };
  const draw = createIndexDraws(values.length, random.int(2 ** 31 - 1) + 1);
  const drawn = new Float64Array(values.length);
  for (let at = 0; at < Math.max(fewestResamples, resamples); at++) {
    for (let index = 0; index < drawn.length; index++) drawn[index] = values[draw()] ?? 0;
    const sides = sidesOf(drawn);
    const sizes = saidOf(sides, wider);
    needed.down.push(sides.mean - value + wider.down * sides.above);
    needed.up.push(value - sides.mean + wider.up * sides.below);
    said.down.push(sizes.down);
    said.up.push(sizes.up);
  }
  return { needed, said };
}

type Lists = Readonly<Record<Direction, number[]>>;

function multiply(times: number | null, size: number): number | null {
  return times === null ? null : times * size;
}

/** Whether differences are so skewed that one side's shifts are found far less often (bench/RESULTS.md, power). */
function isLopsided({ value, low, high }: MeanDifference): boolean {
  const sides = [value - low, high - value];
  return Math.max(...sides) > mostLopsided * Math.min(...sides);
}

/** The mean, its error, and how far its interval reaches above and below it: the normal one and Hall's, whichever is longer. */
function sidesOf(values: Float64Array) {
  const count = values.length;
  const { mean, deviation, skewness } = momentsOf(values);
  const error = deviation / Math.sqrt(count);
  const { low, high } = hallRange(normal975, { skewness, count });
  return {
    ...{ mean, error },
    above: error * Math.max(normal975, -low),
    below: error * Math.max(normal975, high),
  };
}

/** How many times what is said suffices in four of five pairs of what is needed and what is said; null where none is enough. */
function calibrate(needed: readonly number[], said: readonly number[]): number | null {
  const rising = Float64Array.from(needed).sort();
  const isEnough = (times: number) => {
    const found = said.reduce((sum, size) => sum + countBelow(rising, times * size), 0);
    return found >= wanted * needed.length * said.length;
  };
  if (!isEnough(mostTimes)) return null;
  let [low, high] = [0, mostTimes];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

import { countBelow } from '../../../platform/lib/count-below.ts';
import type { Random } from '../../../platform/lib/random.ts';
import { normal975 } from '../../../platform/quality/index.ts';
import { detectableMean, normal80, wanted } from './detectable-difference.ts';
import { createIndexDraws } from './index-draws.ts';
import type { MeanDifference } from './mean-difference.ts';
import { hallRange, momentsOf } from './skewed-mean.ts';

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
 * The mean differences that would be found four times out of five, one way and the other. Where differences are skewed, a shift away
 * from their long tail is found less often than one towards it. Then each is that from which a new sample's interval leaves out 0,
 * in resamples, as those who know no more than a sample would ask for it: what each resample itself would say is multiplied until
 * four of five other resamples are found (the calibrated bootstrap; R. Beran, Prepivoting, Biometrika 74, 1987).
 *
 * @param differences candidate − champion, one per example @param found their mean with its interval
 */
export function detectableShifts(
  differences: ArrayLike<number>,
  found: MeanDifference,
  random: Random,
): DetectableShifts {
  const { value, low, high, error } = found;
  if (!isLopsided(found)) return { down: detectableMean(error), up: detectableMean(error) };
  const values = Float64Array.from(differences);
  const own = sidesOf(values);
  // Resampling within resamples would widen their intervals as it widened this one.
  const wider = { down: (high - value) / own.above, up: (value - low) / own.below };
  const most = Math.min(mostResamples, Math.floor(draws / values.length));
  const needed = { down: [] as number[], up: [] as number[] };
  const said = { down: [] as number[], up: [] as number[] };
  const draw = createIndexDraws(values.length, random.int(2 ** 31 - 1) + 1);
  const drawn = new Float64Array(values.length);
  for (let resample = 0; resample < Math.max(fewestResamples, most); resample++) {
    for (let index = 0; index < drawn.length; index++) drawn[index] = values[draw()] ?? 0;
    const { mean, error, above, below } = sidesOf(drawn);
    needed.down.push(mean - value + wider.down * above);
    needed.up.push(value - mean + wider.up * below);
    said.down.push(wider.down * above + normal80 * error);
    said.up.push(wider.up * below + normal80 * error);
  }
  const sizeOf = (direction: 'down' | 'up', side: number) => {
    const times = calibrate(needed[direction], said[direction]);
    return times === null ? null : times * (wider[direction] * side + normal80 * own.error);
  };
  return { down: sizeOf('down', own.above), up: sizeOf('up', own.below) };
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

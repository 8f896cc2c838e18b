import { createRandom, type Random } from '../../lib/random.ts';
import { foldedNormal } from './folded-normal.ts';
import type { Estimate } from './mean-interval.ts';
import { normal975 } from './normal-quantile.ts';
import type { Ends } from './score-interval.ts';
import { studentQuantile } from './student-t.ts';

/** The answers of one bin: how many, what they claimed, and how many were right. */
interface Bin {
  readonly count: number;
  readonly claimed: number;
  readonly right: number;
  /** Σ p (1 − p) of the claims: the variance of how many are right if all claims are true. */
  readonly variance: number;
}

/** What a model claimed for an answer, and whether it was right. */
export interface Claim {
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number;
  readonly right: boolean;
}

/** Claims in bins of equal width. */
export interface Binned {
  readonly claims: readonly Claim[];
  readonly bins: number;
}

/**
 * The true mean gap between confidence and accuracy with its 95 % interval. The gap of a sample lies above it by chance, most of a good
 * model, so no interval is put around that: a sum of sizes of nearly normal numbers has a known mean, variance and skewness (Leone
 * and others, 1961), and the interval holds the true gaps at which what was found is no surprise. The gaps of all bins grow together
 * on the way (the least favourable family, P. Kabaila, Some Properties of Profile Bootstrap Confidence Intervals, Australian Journal of
 * Statistics 35, 1993), in the proportions that were found.
 * Quantiles are corrected for skewness (Cornish and Fisher, 1938). For the squared error Y. Sun, P. Chaudhari, I. Barnett and
 * E. Dobriban (A Confidence Interval for the ℓ2 Expected Calibration Error, 2024) do alike around a debiased value.
 *
 * @returns the value at which what was found is the median; the ends may both lie below what was found. Null where all claims are
 *   certain and true
 */
export function gapInterval(binned: Binned): Estimate | null {
  return estimateOf(binned)?.estimate ?? null;
}

interface Estimated {
  readonly estimate: Estimate;
  /** Of all bins, where what was found is the median. */
  readonly gaps: number[];
  /** So many standard deviations are no surprise yet. */
  readonly quantile: number;
}

function estimateOf(binned: Binned): Estimated | null {
  const fitted = fittedOf(binned);
  const { bins, found } = fitted;
  // Answers that are nearly certain say little of their spread: each counts as far as it is the toss of a fair coin.
  const tosses = 4 * sumOf(bins.map((bin) => Math.min(bin.variance, tossing(bin, gapOf(bin)))));
  if (tosses === 0 && found === 0) return null;
  const quantile = studentQuantile(0.025, Math.min(enough, Math.max(2, tosses)));
  const gapsAt = (surprise: number) =>
    gapsOf(
      fitted,
      solve((scale) => surpriseAt(fitted, scale, surprise) - surprise),
    );
  const sizeOf = (gaps: readonly number[]) => sumOf(gaps.map(Math.abs)) / binned.claims.length;
  const gaps = gapsAt(0);
  const [low, high] = [sizeOf(gapsAt(quantile)), sizeOf(gapsAt(-quantile))];
  return { estimate: { value: sizeOf(gaps), low, high }, gaps, quantile };
}

/** Student's t with more degrees is the normal distribution. */
const enough = 1e6;

/**
 * The 95 % interval of the difference of two models' true gaps on the same examples. Each model's gaps grow together in the
 * proportions that were found, from none on; the interval holds the differences of those pairs at which what is found of both, which
 * moves together, is no further from its mean than the nearest pair allows: their squared distance is at most 1.96² larger (the
 * profile of one parameter; the least favourable family of Kabaila, as for one model). A model that may be perfect ends the way
 * there, so that no distance is cut off and added again.
 *
 * @returns null where neither has an interval, and where both claim the same of all examples
 */
export function gapDifference(ours: Binned, theirs: Binned): Ends | null {
  if (isSame(ours, theirs)) return null;
  const [after, before] = [estimateOf(ours), estimateOf(theirs)];
  if (!after && !before) return null;
  const together =
    after && before ? believed * correlation(ours, theirs, [after.gaps, before.gaps]) : 0;
  const { low, high } = profile(
    after ? wayOf(ours, after.quantile) : certain,
    before ? wayOf(theirs, before.quantile) : certain,
    together,
  );
  const found = (foundOf(ours) - foundOf(theirs)) / Math.max(1, ours.claims.length);
  return { low: Math.min(found, low), high: Math.max(found, high) };
}

/** Gaps of one model that may be true. */
interface Step {
  /** Their sum in the mean of one answer. */
  readonly size: number;
  /** By how many standard deviations more was found than they lead to expect; fewer where answers say little of their spread. */
  readonly surprise: number;
}

/** A model all of whose answers are certain and right. */
const certain: readonly Step[] = [{ size: 0, surprise: 0 }];
const steps = 400;
/** Nothing that surprises so much in the other direction is in an interval. */
const [enoughSurprise, longer, mostTimes] = [-3.5, 1.25, 40];
const impossible = 1000;

/** The gaps of a model from none on, in steps that are finer where they are small. */
function wayOf(binned: Binned, quantile: number): Step[] {
  const fitted = fittedOf(binned);
  const stepAt = (scale: number): Step => {
    const { expected, deviation, skewness } = momentsAt(fitted, scale);
    // What cannot spread is found, or it cannot be true.
    const away = fitted.found - expected;
    const apart = deviation > 0 ? away / deviation : impossible * Math.sign(away);
    const surprise = apart - ((Math.min(apart ** 2, enoughSurprise ** 2) - 1) * skewness) / 6;
    const size = sumOf(gapsOf(fitted, scale).map(Math.abs)) / binned.claims.length;
    return { size, surprise: (surprise * normal975) / quantile };
  };
  let most = 1;
  for (let at = 0; at < mostTimes && stepAt(most).surprise > enoughSurprise; at++) most *= longer;
  return Array.from({ length: steps + 1 }, (_, at) => stepAt(most * (at / steps) ** 2));
}

/** The differences of two ways where what was found of both is no surprise. @param together its correlation */
function profile(ours: readonly Step[], theirs: readonly Step[], together: number): Ends {
  const distance = ({ surprise: a }: Step, { surprise: b }: Step) =>
    (a * a - 2 * together * a * b + b * b) / (1 - together ** 2);
  let least = Number.POSITIVE_INFINITY;
  for (const one of ours) {
    for (const other of theirs) least = Math.min(least, distance(one, other));
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of ours) {
    for (const other of theirs) {
      if (distance(one, other) - least > normal975 ** 2) continue;
      low = Math.min(low, one.size - other.size);
      high = Math.max(high, one.size - other.size);
    }
  }
  return { low, high };
}

function isSame(ours: Binned, theirs: Binned): boolean {
  return ours.claims.every(({ confidence, right }, index) => {
    const other = theirs.claims[index];
    return other?.confidence === confidence && other.right === right;
  });
}

/** Of a correlation that was found so much is believed: too much would make intervals too short (bench/statistics). */
const believed = 0.95;

/** The place of a claim's bin. */
export function binOfConfidence(confidence: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins)));
}

function binsOf({ claims, bins }: Binned): Bin[] {
  const all = Array.from({ length: bins }, () => {
    return { count: 0, claimed: 0, right: 0, variance: 0 };
  });
  for (const { confidence, right } of claims) {
    const bin = all[binOfConfidence(confidence, bins)];
    if (!bin) continue;
    bin.count++;
    bin.claimed += confidence;
    bin.right += Number(right);
    bin.variance += confidence * (1 - confidence);
  }
  return all;
}

function gapOf({ right, claimed }: Bin): number {
  return right - claimed;
}

function foundOf(binned: Binned): number {
  return sumOf(binsOf(binned).map((bin) => Math.abs(gapOf(bin))));
}

/** No bin is taken to be nearer to the truth than this part of its standard error. */
const leastShift = 0.3;

/** How far the answers of a bin are taken to be from their claims, in the mean of one answer. */
function shiftOf(bin: Bin): number {
  if (bin.count === 0) return 0;
  const gap = gapOf(bin);
  const least = leastShift * Math.sqrt(bin.variance);
  // The sign of a smaller gap says nothing, and answers that are all right as claimed can only be less often right.
  return (Math.abs(gap) < least ? -least : gap) / bin.count;
}

/** The gap of a bin, summed over its answers, where its shift is so many times as large: no share is beyond 0 or 1. */
function gapAt({ count, claimed }: Bin, shift: number, scale: number): number {
  if (count === 0) return 0;
  const mean = claimed / count;
  return count * (clip(mean + scale * shift) - mean);
}

function clip(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** What was found of a model, and the direction in which its gaps may grow. */
interface Fitted {
  readonly bins: readonly Bin[];
  readonly shifts: readonly number[];
  /** The sum of the gaps that were found. */
  readonly found: number;
}

function fittedOf(binned: Binned): Fitted {
  const bins = binsOf(binned);
  const found = sumOf(bins.map((bin) => Math.abs(gapOf(bin))));
  return { bins, shifts: bins.map(shiftOf), found };
}

/** The gaps of all bins so many times along the way. */
function gapsOf({ bins, shifts }: Fitted, scale: number): number[] {
  return bins.map((bin, index) => gapAt(bin, shifts[index] ?? 0, scale));
}

/** How the sum of what is found is distributed where the gaps are such. */
function momentsAt(fitted: Fitted, scale: number) {
  let [expected, variance, cube] = [0, 0, 0];
  for (const [index, gap] of gapsOf(fitted, scale).entries()) {
    const bin = fitted.bins[index];
    if (!bin) continue;
    const moments = foldedNormal(gap, Math.sqrt(varianceAt(bin, gap)));
    expected += moments.mean;
    variance += moments.variance;
    cube += moments.cube;
  }
  const skewness = variance > 0 ? cube / variance ** 1.5 : 0;
  return { expected, deviation: Math.sqrt(variance), skewness };
}

/** By how many standard deviations more gap was found than was to be expected, corrected for skewness at one quantile. */
function surpriseAt(fitted: Fitted, scale: number, quantile: number): number {
  const { expected, deviation, skewness } = momentsAt(fitted, scale);
  if (!(deviation > 0))
    return fitted.found > expected ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return (fitted.found - expected) / deviation - ((quantile ** 2 - 1) * skewness) / 6;
}

/** The variance of a bin's gap: of how many are right, and of how many are in the bin. */
function varianceAt(bin: Bin, gap: number): number {
  return bin.count === 0 ? 0 : tossing(bin, gap) + gap ** 2 / bin.count;
}

/** The variance of how many are right where their gap is such: as much narrower than that of equal claims as it is of the claims. */
function tossing({ count, claimed, variance }: Bin, gap: number): number {
  if (count === 0) return 0;
  const [claim, share] = [claimed / count, (claimed + gap) / count];
  const equal = claim * (1 - claim);
  return count * share * (1 - share) * (equal > 0 ? variance / count / equal : 1);
}

/** Where a falling function is 0; 0 if it is below that from the beginning. */
function solve(falling: (scale: number) => number): number {
  if (falling(0) <= 0) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < 12 && falling(high) > 0; step++) high *= 2;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return high;
}

/** So many draws give a correlation to a few hundredths. */
const draws = 1000;

/**
 * The correlation of what is found of two models: bins hold the same examples, of which both may be right. Drawn from normal gaps
 * around those that fit, with the products of the examples' own gaps as their variances.
 */
function correlation(
  ours: Binned,
  theirs: Binned,
  centers: readonly (readonly number[])[],
): number {
  const random = createRandom('calibration error, two models');
  const cells = cellsOf(ours, theirs);
  const sizes = Array.from({ length: draws }, () => drawSizes(cells, centers, random));
  const [a, b] = [sizes.map(([size]) => size), sizes.map(([, size]) => size)];
  const [varianceA, varianceB] = [covariance(a, a), covariance(b, b)];
  return varianceA > 0 && varianceB > 0 ? covariance(a, b) / Math.sqrt(varianceA * varianceB) : 0;
}

/** The sums of products of the gaps of examples that are in one bin of the first model and one of the second. */
interface Cell {
  readonly ours: number;
  readonly theirs: number;
  first: number;
  second: number;
  both: number;
}

function cellsOf(ours: Binned, theirs: Binned): Cell[] {
  const cells = new Map<number, Cell>();
  for (const [index, claim] of ours.claims.entries()) {
    const other = theirs.claims[index];
    if (!other) continue;
    const here = binOfConfidence(claim.confidence, ours.bins);
    const there = binOfConfidence(other.confidence, theirs.bins);
    const key = here * theirs.bins + there;
    const cell = cells.get(key) ?? { ours: here, theirs: there, first: 0, second: 0, both: 0 };
    const [x, y] = [Number(claim.right) - claim.confidence, Number(other.right) - other.confidence];
    cell.first += x * x;
    cell.second += y * y;
    cell.both += x * y;
    cells.set(key, cell);
  }
  return [...cells.values()];
}

function drawSizes(
  cells: readonly Cell[],
  centers: readonly (readonly number[])[],
  random: Random,
): [number, number] {
  const [ours = [], theirs = []] = centers.map((gaps) => [...gaps]);
  for (const cell of cells) {
    const spread = Math.sqrt(cell.first);
    const common = spread > 0 ? cell.both / spread : 0;
    const rest = Math.sqrt(Math.max(0, cell.second - common ** 2));
    const drawn = random.normal();
    ours[cell.ours] = (ours[cell.ours] ?? 0) + spread * drawn;
    theirs[cell.theirs] = (theirs[cell.theirs] ?? 0) + common * drawn + rest * random.normal();
  }
  return [sumOf(ours.map(Math.abs)), sumOf(theirs.map(Math.abs))];
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [sumOf(a) / a.length, sumOf(b) / b.length];
  return sumOf(a.map((one, index) => (one - meanA) * ((b[index] ?? 0) - meanB))) / a.length;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

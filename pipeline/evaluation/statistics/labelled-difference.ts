import { type Ends, studentQuantile } from '../../../platform/quality/index.ts';

/**
 * The 95 % interval of the mean of differences that spread by class, and most in the rare ones: each class is asked for its own
 * spread. Within a class of m examples the influences spread too little by (m / (m − 1))², which is what leaving one example out
 * after the other would show (the jackknife; B. Efron and C. Stein, Annals of Statistics 9, 1981), and Student's t has as many degrees
 * of freedom as those few examples give (F. Satterthwaite, Biometrics Bulletin 2, 1946).
 *
 * @param differences candidate − champion, one per example @param labels their classes
 * @returns both ends equal where all differences are; without differences the interval (−∞, ∞)
 */
export function labelledDifference(
  differences: readonly number[],
  labels: readonly string[],
): Ends {
  const all = differences.length;
  if (all === 0) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const mean = meanOf(differences);
  const classes = [...Map.groupBy(differences.keys(), (at) => labels[at] ?? '').values()].map(
    (members) =>
      spreadOf(
        members.map((at) => differences[at] ?? 0),
        mean,
      ),
  );
  const squares = sumOf(classes.map((one) => one.squares));
  if (!(squares > 0)) return { low: mean, high: mean };
  const parts = sumOf(classes.map((one) => one.squares ** 2 / Math.max(1, one.count - 1)));
  const quantile = studentQuantile(0.025, Math.max(fewestDegrees, squares ** 2 / parts));
  const half = (quantile * Math.sqrt(squares)) / all;
  return { low: mean - half, high: mean + half };
}

/** With fewer Student's t has no variance. */
const fewestDegrees = 2;

/** Squares within a class, corrected for its size, and of the class's own distance from the mean of all. */
function spreadOf(values: readonly number[], whole: number) {
  const count = values.length;
  const own = meanOf(values);
  const within = sumOf(values.map((value) => (value - own) ** 2));
  const correction = (count / Math.max(1, count - 1)) ** 2;
  return { count, squares: within * correction + count * (own - whole) ** 2 };
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

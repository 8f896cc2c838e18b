/** How some numbers spread, class by class. */
export interface ClassSpread {
  /** Σ of squares: divided by the square of how many numbers there are it is the variance of their mean. */
  readonly squares: number;
  /** Σ of each class's share of it, squared, by that class's degrees of freedom. */
  readonly parts: number;
}

/** With fewer degrees of freedom Student's t has no variance. */
const fewestDegrees = 2;

/**
 * How influences spread that do so by class, and most in the rare ones: each class is asked for its own spread. Within a class of m
 * examples they spread too little by (m / (m − 1))², which is what leaving one example out after the other would show (the jackknife;
 * B. Efron and C. Stein, Annals of Statistics 9, 1981).
 *
 * @param values one per example @param labels their classes
 * @example classSpread([1, 3, 5], ['a', 'a', 'b']).squares // 14
 */
export function classSpread(values: ArrayLike<number>, labels: ArrayLike<unknown>): ClassSpread {
  const classes = new Map<unknown, { count: number; sum: number; squares: number }>();
  const whole = meanOf(values);
  for (let index = 0; index < values.length; index++) {
    const found = classes.get(labels[index]) ?? { count: 0, sum: 0, squares: 0 };
    const away = (values[index] ?? 0) - whole;
    found.count++;
    found.sum += away;
    found.squares += away * away;
    classes.set(labels[index], found);
  }
  let [squares, parts] = [0, 0];
  for (const { count, sum, squares: all } of classes.values()) {
    const between = (sum * sum) / count;
    const correction = (count / Math.max(1, count - 1)) ** 2;
    const own = Math.max(0, all - between) * correction + between;
    squares += own;
    parts += own ** 2 / Math.max(1, count - 1);
  }
  return { squares, parts };
}

/**
 * As many degrees of freedom as the few examples of the classes give that spread most (F. Satterthwaite, Biometrics Bulletin 2, 1946).
 *
 * @param spreads of one value, or of the several whose mean is asked for @returns ∞ where nothing spreads
 */
export function degreesOf(spreads: readonly ClassSpread[]): number {
  const squares = spreads.reduce((sum, one) => sum + one.squares, 0);
  const parts = spreads.reduce((sum, one) => sum + one.parts, 0);
  return parts > 0 ? Math.max(fewestDegrees, squares ** 2 / parts) : Number.POSITIVE_INFINITY;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum / values.length;
}

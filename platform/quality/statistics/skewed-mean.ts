/** What decides how a mean is spread: how skewed its numbers are, and how many. */
interface Shape {
  readonly skewness: number;
  readonly count: number;
}

/**
 * Hall's transformation g(t) = t + at² + a²t³/3 + b makes the statistic of a skewed mean nearly normal; monotone (P. Hall, On the
 * Removal of Skewness by Transformation, JRSS B 54, 1992).
 */
export function hallTransform(t: number, shape: Shape): number {
  const { a, b } = constantsOf(shape);
  return t + a * t * t + (a * a * t * t * t) / 3 + b;
}

/** Between which values the statistic of a skewed mean lies where there is no difference. @param quantile of the normal distribution */
export function hallRange(quantile: number, shape: Shape) {
  const { a, b } = constantsOf(shape);
  const invert = (z: number) => (a === 0 ? z - b : (Math.cbrt(1 + 3 * a * (z - b)) - 1) / a);
  return { low: invert(-quantile), high: invert(quantile) };
}

function constantsOf({ skewness, count }: Shape) {
  return { a: skewness / (3 * Math.sqrt(count)), b: skewness / (6 * Math.sqrt(count)) };
}

/** Mean, standard deviation (n − 1) and skewness. */
export function momentsOf(values: ArrayLike<number>) {
  const count = values.length;
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index] ?? 0;
  const mean = sum / count;
  let [squares, cubes] = [0, 0];
  for (let index = 0; index < count; index++) {
    const away = (values[index] ?? 0) - mean;
    squares += away * away;
    cubes += away * away * away;
  }
  const deviation = Math.sqrt(squares / Math.max(1, count - 1));
  const skewness = squares > 0 ? cubes / count / (squares / count) ** 1.5 : 0;
  return { mean, deviation, skewness };
}

/**
 * The mean of each column.
 *
 * @param rows at least one, all of one length
 * @example columnMeans([[1, 2], [3, 4]]) // [2, 3]
 */
export function columnMeans(rows: readonly ArrayLike<number>[]): number[] {
  const size = rows[0]?.length ?? 0;
  const sums = new Float64Array(size);
  for (const row of rows) {
    for (let column = 0; column < size; column++)
      sums[column] = (sums[column] ?? 0) + (row[column] ?? 0);
  }
  return Array.from(sums, (sum) => sum / rows.length);
}

/** Least share of the spherical target, so that a column that never varies stays invertible. */
const leastShrinkage = 1e-4;

/**
 * Covariance of centred rows, shrunk towards a sphere of the same mean variance by the share that minimises
 * the expected error (Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
 * matrices", 2004). Without any variance it is the unit matrix.
 *
 * @param rows centred (each minus the mean of its class) @returns size × size, symmetric, positive definite
 */
export function shrunkCovariance(rows: readonly Float64Array[], size: number): Float64Array[] {
  const sample = sampleCovariance(rows, size);
  const sphere = sample.reduce((sum, row, index) => sum + (row[index] ?? 0), 0) / size;
  if (sphere === 0)
    return sample.map((row, index) => row.map((_, column) => (column === index ? 1 : 0)));
  const share = Math.max(leastShrinkage, shrinkage(rows, sample, sphere));
  return sample.map((row, index) =>
    row.map((value, column) => (1 - share) * value + (column === index ? share * sphere : 0)),
  );
}

function sampleCovariance(rows: readonly Float64Array[], size: number): Float64Array[] {
  const sums = Array.from({ length: size }, () => new Float64Array(size));
  for (const row of rows) {
    for (const [index, into] of sums.entries()) {
      const factor = row[index] ?? 0;
      for (let column = 0; column < size; column++) {
        into[column] = (into[column] ?? 0) + factor * (row[column] ?? 0);
      }
    }
  }
  return sums.map((row) => row.map((value) => value / rows.length));
}

/** Ledoit and Wolf's share b² / d²: noise of the sample covariance over its distance from the sphere. */
function shrinkage(
  rows: readonly Float64Array[],
  sample: readonly Float64Array[],
  sphere: number,
): number {
  const squares = sample.reduce((sum, row) => sum + dot(row, row), 0);
  const distance = squares - sample.length * sphere ** 2;
  // Σ |x xᵀ − S|² = Σ |x|⁴ − n |S|²
  const fourth = rows.reduce((sum, row) => sum + dot(row, row) ** 2, 0);
  const noise = (fourth / rows.length - squares) / rows.length;
  return distance <= 0 ? 1 : Math.min(1, Math.max(0, noise / distance));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

/**
 * A lower-triangular W with WᵀW = C⁻¹, so that |W x|² is the squared Mahalanobis distance: the inverse of
 * the Cholesky factor L of C = L Lᵀ (Golub and Van Loan, Matrix Computations, §4.2).
 *
 * @param covariance symmetric, positive definite @returns row i holds i + 1 numbers; the rest is 0
 * @example whiteningOf([[4, 0], [0, 1]]) // [[0.5], [0, 1]]
 */
export function whiteningOf(covariance: readonly ArrayLike<number>[]): number[][] {
  const factor = cholesky(covariance);
  const whitening: number[][] = [];
  for (const [index, row] of factor.entries()) {
    const pivot = row[index] ?? 1;
    const next = Array.from({ length: index + 1 }, (_, column) => {
      let sum = column === index ? 1 : 0;
      for (let inner = column; inner < index; inner++) {
        sum -= (row[inner] ?? 0) * (whitening[inner]?.[column] ?? 0);
      }
      return sum / pivot;
    });
    whitening.push(next);
  }
  return whitening;
}

function cholesky(matrix: readonly ArrayLike<number>[]): Float64Array[] {
  const factor: Float64Array[] = [];
  for (const [index, source] of matrix.entries()) {
    const row = new Float64Array(index + 1);
    factor.push(row);
    for (let column = 0; column <= index; column++) {
      let sum = source[column] ?? 0;
      const other = factor[column];
      for (let inner = 0; inner < column; inner++) sum -= (row[inner] ?? 0) * (other?.[inner] ?? 0);
      row[column] = column === index ? Math.sqrt(sum) : sum / (other?.[column] ?? 1);
    }
  }
  return factor;
}

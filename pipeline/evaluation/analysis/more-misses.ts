import { normalTail } from '../../../platform/quality/index.ts';

/**
 * How likely at least so many of the drawn ones are wrong if `drawn` of `all` are drawn blindly, of which `wrong` are
 * wrong: Fisher's exact test, one-sided.
 *
 * @example fisherTail({ hits: 2, drawn: 2, wrong: 2, all: 4 }) // 0.1666…
 */
export function fisherTail(counts: {
  readonly hits: number;
  readonly drawn: number;
  readonly wrong: number;
  readonly all: number;
}): number {
  const { hits, drawn, wrong, all } = counts;
  const most = Math.min(drawn, wrong);
  const fewest = Math.max(0, drawn + wrong - all);
  if (hits <= fewest) return 1;
  const base = logChoose(all, drawn);
  let sum = 0;
  for (let k = hits; k <= most; k++) {
    const term = Math.exp(logChoose(wrong, k) + logChoose(all - wrong, drawn - k) - base);
    sum += term;
    if (term < sum * 1e-15) break;
  }
  return Math.min(1, sum);
}

/**
 * How likely ranks of this sum or a higher one are drawn blindly: Wilcoxon's rank sum test, one-sided, by its normal
 * approximation. @param drawn how many of the `all` ranks are in the sum
 */
export function rankSumTail(sum: number, drawn: number, all: number): number {
  const mean = (drawn * (all + 1)) / 2;
  const deviation = Math.sqrt((drawn * (all - drawn) * (all + 1)) / 12);
  const z = (sum - mean) / deviation;
  return z > 0 ? normalTail(z) / 2 : 1 - normalTail(z) / 2;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

const logs = [0];

function logFactorial(n: number): number {
  for (let k = logs.length; k <= n; k++) logs.push((logs[k - 1] ?? 0) + Math.log(k));
  return logs[n] ?? 0;
}

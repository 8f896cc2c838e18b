import type { Session } from '../onnx/index.ts';

const warmUps = 20;
const enoughRuns = 300;
const enoughMs = 2_000;

/**
 * Measures single-example runs, on one thread, after a warm-up: 300 of them, or as many as fit into 2 s.
 *
 * @param row the network input of one example @returns median and 95th percentile in milliseconds
 */
export async function measureLatency(
  session: Session,
  row: Float32Array,
): Promise<{ p50: number; p95: number }> {
  for (let run = 0; run < warmUps; run++) await session.run(row, 1);
  const times: number[] = [];
  const end = performance.now() + enoughMs;
  while (times.length < enoughRuns && performance.now() < end) {
    const began = performance.now();
    await session.run(row, 1);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}

/** Rounded to microseconds: more digits would be noise. */
function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return Math.round(value * 1000) / 1000;
}

import type { PackageOutput } from '../../platform/schemas/index.ts';
import type { SessionResult } from '../onnx/index.ts';
import type { PreparedData } from '../prepare/index.ts';

/** What a packaged network says of some rows, and how fast. */
export interface MeasuredPackage {
  readonly results: SessionResult;
  readonly latencyMs: PackageOutput['latencyMs'];
}

/**
 * Runs a packaged network, wherever it comes from: an ONNX file is data, so this executes nobody's code.
 *
 * @param rows numbers of the rows to answer, at least one
 * @throws Error of ONNX Runtime if the file is not a network, or not one that takes these rows
 */
export async function measurePackage(
  onnx: Uint8Array,
  data: PreparedData,
  rows: readonly number[],
): Promise<MeasuredPackage> {
  // Loaded here, because a command that only plans needs no runtime.
  const [{ openSession, runRows }, { measureLatency }] = await Promise.all([
    import('../onnx/index.ts'),
    import('./measure-latency.ts'),
  ]);
  await using session = await openSession(onnx, data.index.shape);
  const results = await runRows(session, data, rows);
  const example = new Float32Array(data.rowLength);
  data.fill(example, rows.slice(0, 1));
  return { results, latencyMs: await measureLatency(session, example) };
}

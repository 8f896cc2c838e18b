import { MainstemError } from '../../platform/lib/errors.ts';
import type { PackageOutput, Task } from '../../platform/schemas/index.ts';
import type { Predictions } from '../backends/index.ts';
import type { SessionResult } from './open-session.ts';

/** Largest allowed difference, relative to the value's size but at least to 1. */
const tolerance = 1e-5;

/**
 * Compares the packaged network with the trained one, row by row: outputs within 1e-5 of max(1, |output|),
 * embeddings within 1e-5 of the largest number of their row, and the same class for every row.
 *
 * @throws MainstemError PACKAGE_NOT_FINITE where the trained network itself has no answer, PACKAGE_PARITY
 */
export function assertParity(
  trained: Predictions,
  packaged: SessionResult,
  task: Task,
): PackageOutput['parity'] {
  assertFinite(trained);
  const maxDifference = largestDifference(packaged.output, trained.output, 1);
  const embedding = largestDifference(packaged.embedding, trained.embedding, trained.embeddingSize);
  const classesDiffer =
    task === 'tabular-regression' ? 0 : differentClasses(packaged.output, trained);
  const parts = { output: maxDifference, embedding };
  for (const [part, difference] of Object.entries(parts)) {
    if (difference <= tolerance) continue;
    const reason = `${part} differs by ${difference.toExponential(1)}, at most ${tolerance} is allowed`;
    throw new MainstemError('PACKAGE_PARITY', { reason, maxDifference, classesDiffer });
  }
  if (classesDiffer > 0) {
    const reason = `${classesDiffer} examples get another class`;
    throw new MainstemError('PACKAGE_PARITY', { reason, maxDifference, classesDiffer });
  }
  return { examples: trained.output.length / trained.outputs, maxDifference, classesDiffer };
}

/** Nothing is wrong with the package if the network that it is compared with overflows. */
function assertFinite({ output, outputs }: Predictions): void {
  const rows = output.length / outputs;
  const broken = Array.from({ length: rows }, (_, row) => row).filter(
    (row) => !output.subarray(row * outputs, (row + 1) * outputs).every(Number.isFinite),
  ).length;
  if (broken > 0) throw new MainstemError('PACKAGE_NOT_FINITE', { broken, rows });
}

/** The largest |a − b| / max(1, largest |b| of its group of values); NaN counts as infinitely different. */
function largestDifference(a: Float32Array, b: Float32Array, group: number): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let first = 0; first < b.length; first += group) {
    const expected = b.subarray(first, first + group);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (const [index, value] of expected.entries()) {
      const difference = Math.abs((a[first + index] ?? Number.NaN) - value) / scale;
      largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    }
  }
  return largest;
}

function differentClasses(packaged: Float32Array, { output, outputs }: Predictions): number {
  let different = 0;
  for (let first = 0; first < output.length; first += outputs) {
    const [ours, theirs] = [packaged, output].map((all) => strongest(all, first, outputs));
    if (ours !== theirs) different++;
  }
  return different;
}

function strongest(values: Float32Array, first: number, count: number): number {
  const row = values.subarray(first, first + count);
  return row.indexOf(row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY));
}

import { MainstemError } from '../../platform/lib/errors.ts';
import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import type { Fill, Predictions } from '../backends/index.ts';
import { type PreparedData, readPrepared } from '../prepare/index.ts';
import { assertParity } from './assert-parity.ts';
import { buildMetadata } from './build-metadata.ts';
import type { PackageInputs } from './inputs.ts';
import { measurePackage } from './measure-package.ts';

/** A trained model that can be packaged, of whatever kind. */
export interface Packable {
  /** What it gives for some rows, in their order. */
  predict(rows: readonly number[], fill: Fill): Predictions | Promise<Predictions>;
  /** Writes it as ONNX. @param metadata becomes the file's metadata_props */
  export(metadata: Readonly<Record<string, string>>): Uint8Array | Promise<Uint8Array>;
}

/**
 * Exports a trained model, compares it with ONNX Runtime on the whole test split, measures it and stores it.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, PACKAGE_NOT_FINITE, PACKAGE_PARITY (also if the test split is empty)
 */
export async function buildPackage(
  store: BlobStore,
  inputs: PackageInputs,
  model: Packable,
): Promise<PackageOutput> {
  const data = await readPrepared(store, inputs.prepared);
  const learnt = inputs.features ? await readPrepared(store, inputs.features) : data;
  const { preprocessing } = data.index;
  const onnx = await model.export(buildMetadata({ ...inputs, preprocessing }));
  const trained = await model.predict(testRows(data), learnt.fill);
  const measured = await measure(trained, onnx, data, inputs);
  return { onnx: await store.put(onnx, 'application/onnx'), ...measured };
}

async function measure(
  trained: Predictions,
  onnx: Uint8Array,
  data: PreparedData,
  { task, classes, evaluation, trained: { labelScale } }: PackageInputs,
): Promise<Omit<PackageOutput, 'onnx'>> {
  const { results, latencyMs } = await measurePackage(onnx, data, testRows(data));
  const targets = task === 'tabular-regression' ? trainingTargets(data) : null;
  const { priorShift, temperature, decision } = evaluation;
  const kind = { targets, labelScale, priorShift, choice: { classes, temperature, decision } };
  return { parity: assertParity(trained, results, kind), latencyMs };
}

/** The numbers that a regression learnt from, which say what a difference means. */
function trainingTargets({ index }: PreparedData): number[] {
  return index.rows.filter(({ split }) => split === 'train').map(({ label }) => Number(label));
}

function testRows({ index }: PreparedData): number[] {
  const rows = [...index.rows.keys()].filter((row) => index.rows[row]?.split === 'test');
  if (rows.length > 0) return rows;
  const reason = 'the test split is empty, so nothing can be compared';
  throw new MainstemError('PACKAGE_PARITY', { reason });
}

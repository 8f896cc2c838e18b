import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { loadModel, predictAll, startBackend } from '../backends/index.ts';
import { type PreparedData, readPrepared } from '../prepare/index.ts';
import { assertParity } from './assert-parity.ts';
import { buildMetadata } from './build-metadata.ts';
import type { PackageInputs } from './inputs.ts';
import { measurePackage } from './measure-package.ts';
import { exportOnnx } from './onnx/export-onnx.ts';

const batchSize = 64;

/**
 * Exports a trained network, compares it with ONNX Runtime on the whole test split, measures it and stores it.
 *
 * @throws MainstemError ONNX_LAYER_UNSUPPORTED, PACKAGE_NOT_FINITE, PACKAGE_PARITY (also if the test split is empty)
 */
export async function buildPackage(
  store: BlobStore,
  inputs: PackageInputs,
): Promise<PackageOutput> {
  const data = await readPrepared(store, inputs.prepared);
  await startBackend(inputs.backend);
  const model = await loadModel(store, inputs.trained);
  try {
    const { preprocessing } = data.index;
    const onnx = await exportOnnx(model, buildMetadata({ ...inputs, preprocessing }));
    const measured = await measure(model, onnx, data, inputs);
    return { onnx: await store.put(onnx, 'application/onnx'), ...measured };
  } finally {
    model.dispose();
  }
}

async function measure(
  model: LayersModel,
  onnx: Uint8Array,
  data: PreparedData,
  { task, evaluation }: PackageInputs,
): Promise<Omit<PackageOutput, 'onnx'>> {
  const rows = testRows(data);
  const trained = await predictAll(model, rows, data.fill, batchSize);
  const { results, latencyMs } = await measurePackage(onnx, data, rows);
  const targets = task === 'tabular-regression' ? trainingTargets(data) : null;
  const kind = { targets, priorShift: evaluation.priorShift };
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

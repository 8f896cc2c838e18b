import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { loadModel, predictAll, startBackend } from '../backends/index.ts';
import { type PreparedData, readPrepared } from '../prepare/index.ts';
import { assertParity } from './assert-parity.ts';
import { buildMetadata } from './build-metadata.ts';
import type { PackageInputs } from './inputs.ts';
import { measureLatency } from './measure-latency.ts';
import { exportOnnx } from './onnx/export-onnx.ts';
import { openSession } from './open-session.ts';
import { runRows } from './run-rows.ts';

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
  { task }: PackageInputs,
): Promise<Omit<PackageOutput, 'onnx'>> {
  const rows = testRows(data);
  await using session = await openSession(onnx, data.index.shape);
  const trained = await predictAll(model, rows, data.fill, batchSize);
  const packaged = await runRows(session, data, rows);
  const parity = assertParity(trained, packaged, task);
  const example = new Float32Array(data.rowLength);
  data.fill(example, rows.slice(0, 1));
  const latencyMs = await measureLatency(session, example);
  return { parity, latencyMs };
}

function testRows({ index }: PreparedData): number[] {
  const rows = [...index.rows.keys()].filter((row) => index.rows[row]?.split === 'test');
  if (rows.length > 0) return rows;
  const reason = 'the test split is empty, so nothing can be compared';
  throw new MainstemError('PACKAGE_PARITY', { reason });
}

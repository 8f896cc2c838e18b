import type {
  BackendInfo,
  BlobStore,
  FootprintOutput,
  PrepareOutput,
  TrainOutput,
} from '../../platform/schemas/index.ts';
import type { BackboneInput } from '../backbones/index.ts';
import { readPrepared } from '../prepare/index.ts';
import { measurePackage } from './measure-package.ts';

/** The inputs of measuring a model's file. */
export interface FootprintInputs {
  /** What the file takes: pictures, or encoded rows of a table. */
  readonly prepared: PrepareOutput;
  readonly trained: TrainOutput;
  readonly backend: BackendInfo;
  /** What a network stands on; null without one. */
  readonly backbone: BackboneInput | null;
}

/** Measures an exported model with a training example: how a choice will do on the test split is not touched. */
export async function measureFootprint(
  store: BlobStore,
  { prepared }: FootprintInputs,
  onnx: Uint8Array,
): Promise<FootprintOutput> {
  const data = await readPrepared(store, prepared);
  const row = data.index.rows.findIndex(({ split }) => split === 'train');
  const { latencyMs } = await measurePackage(onnx, data, [Math.max(0, row)]);
  return { modelBytes: onnx.length, latencyMs: latencyMs.p50 };
}

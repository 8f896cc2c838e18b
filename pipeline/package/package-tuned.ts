import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { startOnFrozen } from '../backbones/index.ts';
import { readIndex } from '../prepare/index.ts';
import type { BackbonePackageInputs } from './inputs.ts';
import { packageNetwork } from './package-network.ts';

/** Packages a trained network on top of the frozen part of its backbone. @throws MainstemError what the stage says */
export async function packageTuned(
  store: BlobStore,
  inputs: BackbonePackageInputs,
): Promise<PackageOutput> {
  const { tuned } = inputs.trained;
  if (!tuned) throw new TypeError('the training says nothing of the part that was trained');
  const { preprocessing } = await readIndex(store, inputs.prepared);
  const start = await startOnFrozen(store, inputs.backbone, preprocessing, tuned);
  return packageNetwork(store, inputs, start);
}

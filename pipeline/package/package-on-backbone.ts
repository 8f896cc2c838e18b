import type { BlobStore, PackageOutput } from '../../platform/schemas/index.ts';
import { startOnBackbone } from '../backbones/index.ts';
import { readIndex } from '../prepare/index.ts';
import type { BackbonePackageInputs } from './inputs.ts';
import { packageNetwork } from './package-network.ts';

/** Packages a trained network on top of its backbone. @throws MainstemError what the stage says */
export async function packageOnBackbone(
  store: BlobStore,
  inputs: BackbonePackageInputs,
): Promise<PackageOutput> {
  const { preprocessing } = await readIndex(store, inputs.prepared);
  const start = await startOnBackbone(store, inputs.backbone, preprocessing);
  return packageNetwork(store, inputs, start);
}

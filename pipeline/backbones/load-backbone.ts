import { MainstemError } from '../../platform/lib/errors.ts';
import type { BackbonePixels } from '../../platform/schemas/define/index.ts';
import type { BlobStore, LockedDataset } from '../../platform/schemas/index.ts';
import { readManifest } from '../../platform/storage/index.ts';
import { type Backbone, parseBackbone } from './parse-backbone.ts';

/** A locked backbone, and how a project uses it. */
export interface BackboneInput {
  readonly dataset: LockedDataset;
  readonly features: string | null;
  readonly pixels: BackbonePixels;
}

/** Reads and cuts a locked backbone. @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT */
export async function loadBackbone(
  store: BlobStore,
  { dataset, features }: BackboneInput,
): Promise<Backbone> {
  const { path } = dataset;
  const [file] = await readManifest(store, dataset);
  if (!file) throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason: 'it is not there' });
  return parseBackbone(await store.get(file.digest), { path, features: features ?? undefined });
}

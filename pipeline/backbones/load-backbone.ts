import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { BackbonePixels } from '../../platform/schemas/define/index.ts';
import type { BackboneOrigin, BlobStore, LockedDataset } from '../../platform/schemas/index.ts';
import { readManifest } from '../../platform/storage/index.ts';
import { readOrigin, type SeenPhotos } from './origin.ts';
import { type Backbone, parseBackbone, readModel } from './parse-backbone.ts';

/** A locked backbone, and how a project uses it. */
export interface BackboneInput {
  readonly dataset: LockedDataset;
  readonly features: string | null;
  readonly pixels: BackbonePixels;
}

/** Reads and cuts a locked backbone. @throws MainstemError BACKBONE_UNSUPPORTED, BACKBONE_ORIGIN, STORE_MISSING, STORE_CORRUPT */
export async function loadBackbone(
  store: BlobStore,
  { dataset, features }: BackboneInput,
): Promise<Backbone> {
  const { path } = dataset;
  const backbone = parseBackbone(await readFile(store, dataset), {
    path,
    features: features ?? undefined,
  });
  assertOrigin(dataset, readOrigin(backbone.model, path)?.origin);
  return backbone;
}

/**
 * The photos that a locked backbone has learnt from; null if it is no promoted model.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED, BACKBONE_ORIGIN, STORE_MISSING, STORE_CORRUPT
 */
export async function loadSeenPhotos(
  store: BlobStore,
  dataset: LockedDataset,
): Promise<SeenPhotos | null> {
  const { path } = dataset;
  const promoted = readOrigin(readModel(await readFile(store, dataset), path), path);
  assertOrigin(dataset, promoted?.origin);
  return promoted?.seen ?? null;
}

async function readFile(store: BlobStore, dataset: LockedDataset): Promise<Uint8Array> {
  const { path } = dataset;
  const [file] = await readManifest(store, dataset);
  if (!file) throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason: 'it is not there' });
  return store.get(file.digest);
}

/** What project.ts says of a file must be what the file says of itself: cards and checks go by it. */
function assertOrigin({ path, origin }: LockedDataset, found: BackboneOrigin | undefined): void {
  if (canonicalJson(origin ?? null) === canonicalJson(found ?? null)) return;
  const name = (said: BackboneOrigin | undefined) =>
    said ? `${said.map(({ model, run }) => `${model} ${run}`).join(' on ')}` : 'no promoted model';
  throw new MainstemError('BACKBONE_ORIGIN', { path, found: name(found), expected: name(origin) });
}

import { type Digest, digestPattern } from '../../platform/lib/hash.ts';
import type { BlobStore } from '../../platform/schemas/index.ts';

const digest = new RegExp(digestPattern);

/** The digests of all artefacts anywhere in a stage's outputs. */
export function artefactDigests(outputs: unknown): Digest[] {
  if (typeof outputs !== 'object' || outputs === null) return [];
  if (isArtefact(outputs)) return [outputs.digest];
  return Object.values(outputs).flatMap(artefactDigests);
}

/** The first artefact of the outputs that the store does not have, or null if it has all. */
export async function missingArtefact(store: BlobStore, outputs: unknown): Promise<Digest | null> {
  for (const wanted of artefactDigests(outputs)) if (!(await store.has(wanted))) return wanted;
  return null;
}

function isArtefact(value: object): value is { readonly digest: Digest } {
  return (
    'digest' in value &&
    typeof value.digest === 'string' &&
    digest.test(value.digest) &&
    'bytes' in value &&
    'mediaType' in value
  );
}

import { type Digest, digestPattern } from '../../platform/lib/hash.ts';
import type { RecordStore } from './flow-options.ts';

const digest = new RegExp(digestPattern);

/** The digests of all artefacts in a stage's outputs, at any depth. */
export function artefactDigests(outputs: unknown): Digest[] {
  if (typeof outputs !== 'object' || outputs === null) return [];
  if (isArtefact(outputs)) return [outputs.digest];
  return Object.values(outputs).flatMap(artefactDigests);
}

/** The first artefact in a stage's outputs that the store lacks or has damaged, or null if it has them all. */
export async function missingArtefact(
  store: Pick<RecordStore, 'isIntact'>,
  outputs: unknown,
): Promise<Digest | null> {
  for (const wanted of artefactDigests(outputs)) if (!(await store.isIntact(wanted))) return wanted;
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

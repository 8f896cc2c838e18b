import type { Digest } from '../../../lib/hash.ts';
import type { Descriptor } from './manifest.ts';
import { indexType, parseIndex, type Registry } from './registry.ts';

const attempts = 5;

/**
 * The manifests whose subject this is: from the registry, or from the index that clients keep under a tag where it has
 * no such list.
 *
 * @throws Refused
 */
export async function listReferrers(registry: Registry, subject: Digest): Promise<Descriptor[]> {
  const listed = await registry.referrers(subject);
  return listed ?? readFallback(registry, subject);
}

/**
 * Adds a manifest to the index under the fallback tag, for registries without a list of referrers. Two clients that
 * write at once overwrite each other, so it is read again until it holds the entry.
 */
export async function addFallbackReferrer(
  registry: Registry,
  subject: Digest,
  referrer: Descriptor,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const known = await readFallback(registry, subject);
    if (known.some(({ digest }) => digest === referrer.digest)) return;
    await writeFallback(registry, subject, [...known, referrer]);
  }
}

/** Takes a manifest out of the index under the fallback tag. */
export async function removeFallbackReferrer(
  registry: Registry,
  subject: Digest,
  referrer: Digest,
): Promise<void> {
  const known = await readFallback(registry, subject);
  const rest = known.filter(({ digest }) => digest !== referrer);
  if (rest.length < known.length) await writeFallback(registry, subject, rest);
}

async function readFallback(registry: Registry, subject: Digest): Promise<Descriptor[]> {
  const index = await registry.manifest(fallbackTag(subject));
  return (index && parseIndex(index.bytes)) ?? [];
}

async function writeFallback(
  registry: Registry,
  subject: Digest,
  manifests: readonly Descriptor[],
): Promise<void> {
  const index = { schemaVersion: 2, mediaType: indexType, manifests };
  const bytes = new TextEncoder().encode(JSON.stringify(index));
  await registry.putManifest(fallbackTag(subject), bytes, indexType);
}

function fallbackTag(digest: Digest): string {
  return digest.replace(':', '-');
}

import type { Digest } from '../../platform/lib/hash.ts';
import type { BackboneModel } from '../../platform/schemas/index.ts';
import type { PromotedBackbone } from './origin.ts';
import type { PackagedNetwork } from './packaged.ts';

/**
 * What a network that Mainstem packaged says of itself; null if another program made it.
 *
 * @param path what to call it in an error
 * @throws MainstemError BACKBONE_UNSUPPORTED, JSON_INVALID
 */
export async function describePackaged(
  bytes: Uint8Array,
  path: string,
): Promise<PackagedNetwork | null> {
  // Loaded here, because a command that only plans needs no ONNX files.
  const { readPackaged } = await import('./packaged.ts');
  return readPackaged(bytes, path);
}

/**
 * Writes into a promoted model's file what it is and which photos it has learnt from.
 *
 * @param learnt digests of these photos @param base what it stands on itself
 */
export async function markPromoted(
  onnx: Uint8Array,
  model: BackboneModel,
  { learnt, base }: { readonly learnt: Iterable<Digest>; readonly base: PromotedBackbone | null },
): Promise<{ readonly bytes: Uint8Array; readonly promoted: PromotedBackbone }> {
  const { SeenPhotos, writeOrigin } = await import('./origin.ts');
  const own = SeenPhotos.of(learnt);
  const promoted: PromotedBackbone = {
    origin: [model, ...(base?.origin ?? [])],
    seen: base ? own.with(base.seen) : own,
  };
  return { bytes: writeOrigin(onnx, promoted), promoted };
}

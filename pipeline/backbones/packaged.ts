import type { Digest } from '../../platform/lib/hash.ts';
import { parseJson, parseValue } from '../../platform/lib/json.ts';
import type { BackbonePixels } from '../../platform/schemas/define/index.ts';
import {
  DigestSchema,
  type ImagePreprocessing,
  Preprocessing,
} from '../../platform/schemas/index.ts';
import { type PromotedBackbone, readOrigin } from './origin.ts';
import { readModel } from './parse-backbone.ts';

/** What a network that Mainstem packaged says of itself. */
export interface PackagedNetwork {
  readonly model: string;
  /** How its input becomes pixels. */
  readonly pixels: BackbonePixels;
  /** What it is, if `backbone add` has written it. */
  readonly promoted: PromotedBackbone | null;
  /** Digest of the dataset with the backbone that it stands on. */
  readonly standsOn: Digest | null;
}

/** Reads a file; null if another program made it. @throws MainstemError BACKBONE_UNSUPPORTED, JSON_INVALID */
export function readPackaged(bytes: Uint8Array, path: string): PackagedNetwork | null {
  const file = readModel(bytes, path);
  const facts = new Map(file.metadataProps.map(({ key, value }) => [key, value]));
  const [model, described] = [facts.get('model'), facts.get('preprocessing')];
  if (file.producerName !== 'mainstem' || !model || !described) return null;
  const preprocessing = parseJson(described, Preprocessing, path);
  if (preprocessing.kind !== 'image') return null;
  const standsOn = facts.get('backbone');
  return {
    model,
    pixels: pixelsOf(preprocessing),
    promoted: readOrigin(file, path),
    standsOn: standsOn ? parseValue(standsOn, DigestSchema, path) : null,
  };
}

/** uint8 × scale + offset is (uint8 − mean) / deviation. */
function pixelsOf({ scale, offset }: ImagePreprocessing): BackbonePixels {
  // Without the last digits, which say how the quotient was computed.
  const round = (value: number) => Number(value.toPrecision(12));
  const [mean, deviation] = [round(-offset / scale), round(1 / scale)];
  return { mean: [mean, mean, mean], deviation: [deviation, deviation, deviation] };
}

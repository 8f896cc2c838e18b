import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { BackboneOrigin } from '../../platform/schemas/index.ts';
import { type ModelProto, ModelProtoSchema, StringStringEntryProtoSchema } from '../onnx/index.ts';

/*
 * A backbone that is a promoted model carries in its own file what it is and which photos it has learnt from, so that these
 * are known wherever the file goes, and as long as it is there.
 */

/** A promoted model as a backbone. */
export interface PromotedBackbone {
  readonly origin: BackboneOrigin;
  readonly seen: SeenPhotos;
}

/** The photos that a backbone has learnt from or was chosen by, as the first half of their digests, in hex and sorted. */
export class SeenPhotos {
  readonly #halves: ReadonlySet<string>;

  constructor(halves: Iterable<string>) {
    this.#halves = new Set(halves);
  }

  /** Those with these digests. */
  static of(digests: Iterable<Digest>): SeenPhotos {
    return new SeenPhotos([...digests].map(halfOf));
  }

  get size(): number {
    return this.#halves.size;
  }

  has(digest: Digest): boolean {
    return this.#halves.has(halfOf(digest));
  }

  /** These and others. */
  with(others: SeenPhotos): SeenPhotos {
    return new SeenPhotos([...this.#halves, ...others.#halves]);
  }

  /** Equal sets give equal text. */
  toText(): string {
    return Buffer.from([...this.#halves].sort().join(''), 'hex').toString('base64');
  }

  static fromText(text: string): SeenPhotos {
    const hex = Buffer.from(text, 'base64').toString('hex');
    return new SeenPhotos(hex.match(/.{32}/g) ?? []);
  }
}

/** 128 bits tell any photos apart. */
function halfOf(digest: Digest): string {
  return hexOf(digest).slice(0, 32);
}

const names = { origin: 'backboneOrigin', seen: 'backboneSeen' };

/** Writes into a promoted file what it is. Equal arguments give equal bytes. */
export function writeOrigin(onnx: Uint8Array, { origin, seen }: PromotedBackbone): Uint8Array {
  const model = fromBinary(ModelProtoSchema, onnx);
  for (const [key, value] of [
    [names.origin, canonicalJson(origin)],
    [names.seen, seen.toText()],
  ] as const) {
    model.metadataProps.push(create(StringStringEntryProtoSchema, { key, value }));
  }
  return toBinary(ModelProtoSchema, model);
}

/** What a file says that it is; null if it is no promoted model. @throws MainstemError BACKBONE_UNSUPPORTED if it is damaged */
export function readOrigin(
  { metadataProps }: Pick<ModelProto, 'metadataProps'>,
  path: string,
): PromotedBackbone | null {
  const find = (name: string) => metadataProps.find(({ key }) => key === name)?.value;
  const [origin, seen] = [find(names.origin), find(names.seen)];
  if (origin === undefined || seen === undefined) return null;
  try {
    return { origin: parseJson(origin, BackboneOrigin, path), seen: SeenPhotos.fromText(seen) };
  } catch (cause) {
    if (!isMainstemError(cause)) throw cause;
    const reason = 'what it says of the promoted model that it is cannot be read';
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason }, { cause });
  }
}

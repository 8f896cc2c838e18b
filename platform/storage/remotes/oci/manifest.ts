import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { dictionary } from '../../../lib/dictionary.ts';
import { digestPattern } from '../../../lib/hash.ts';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
/** Annotation with the key that a manifest stores. */
export const keyAnnotation = 'dev.mainstem.key';
/** Annotation with a file's name, which clients such as oras write it to. */
export const titleAnnotation = 'org.opencontainers.image.title';

const Annotations = Type.Optional(dictionary(Type.String()));

/** Points to content in a registry. */
export const Descriptor = Type.Object({
  mediaType: Type.String(),
  digest: Type.String({ pattern: digestPattern }),
  size: Type.Integer({ minimum: 0 }),
  artifactType: Type.Optional(Type.String()),
  annotations: Annotations,
});
export type Descriptor = Static<typeof Descriptor>;

/** An OCI image manifest 1.1, as far as Mainstem uses it. */
export const Manifest = Type.Object({
  schemaVersion: Type.Literal(2),
  mediaType: Type.Optional(Type.String()),
  artifactType: Type.Optional(Type.String()),
  config: Descriptor,
  layers: Type.Array(Descriptor),
  subject: Type.Optional(Descriptor),
  annotations: Annotations,
});
export type Manifest = Static<typeof Manifest>;

/** The config of an artefact that has none; the specification fixes its bytes. */
export const emptyConfig = {
  bytes: new TextEncoder().encode('{}'),
  descriptor: {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    size: 2,
  },
} as const;

/** The bytes of a manifest: the same for the same content. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/** A manifest from its bytes; undefined if it is not one. */
export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Check(Manifest, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

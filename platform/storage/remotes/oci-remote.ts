import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { explainFetch } from '../../lib/fetch-failure.ts';
import { type Digest, digestBytes, digestFile, hexOf } from '../../lib/hash.ts';
import { silenceIn } from '../../lib/silence.ts';
import { isFullDisk } from '../store/object-folder.ts';
import { assertBrief } from './assert-brief.ts';
import { hidePassword } from './hide-password.ts';
import { rangeStart, receiveFile, TooLong } from './http/receive-file.ts';
import { TokenRefused } from './oci/authorize.ts';
import { forgeRegistry } from './oci/forge-registry.ts';
import { keyOfTag, tagOfKey } from './oci/key-tags.ts';
import {
  type Descriptor,
  emptyConfig,
  encodeManifest,
  keyAnnotation,
  type Manifest,
  manifestType,
  parseManifest,
  titleAnnotation,
} from './oci/manifest.ts';
import { addFallbackReferrer, removeFallbackReferrer } from './oci/referrers.ts';
import { Refused } from './oci/refused.ts';
import {
  openRegistry,
  parseOciAddress,
  type Registry,
  type RegistryOptions,
} from './oci/registry.ts';
import { type Collection, type Remote, silentRemote, unknownRemote } from './remote.ts';

/**
 * A remote in an OCI registry. Every key is a manifest with one blob, tagged `<folder>.<name>`; datasets and models are
 * manifests of their own that name all their parts, and a model's subject is the data that it was trained on.
 *
 * @param address `oci://<host>/<repository>`, for example `oci://ghcr.io/jen/pumpkins/store`
 * @throws MainstemError REMOTE_UNKNOWN
 */
export function createOciRemote(address: string, options: RegistryOptions): Remote {
  const place = parseOciAddress(address);
  if (!place) {
    const lower = parseOciAddress(address.toLowerCase());
    if (!lower) throw unknownRemote(address, 'oci://<registry>/<repository>');
    const reason = 'has capitals in its repository, which registries do not take';
    throw new MainstemError('REMOTE_UNKNOWN', { address: hidePassword(address), reason });
  }
  const registry = openRegistry(place, options);
  const partials = join(options.folder, hexOf(digestBytes(address)).slice(0, 16));
  const ofForge = place.base.host === forgeRegistry(options.environment);
  const layers: Session['layers'] = new Map();
  const session: Session = { address, registry, ofForge, partials, layers, emptyThere: false };
  const named = (key: string) => (cause: unknown) => {
    throw asMainstemError(session, key, cause);
  };
  return {
    address,
    assertThere: () => assertThere(session).catch(named('')),
    list: (prefix) => listKeys(session, prefix).catch(named(prefix)),
    upload: (key, file) => upload(session, key, file).catch(named(key)),
    download: (key, file, most) => download(session, key, file, most).catch(named(key)),
    remove: (key) => remove(session, key).catch(named(key)),
    describe: (collection) => describe(session, collection).catch(named(collection.key)),
  };
}

interface Session {
  readonly address: string;
  readonly registry: Registry;
  /** Whether it is the forge's own registry, whose rights depend on the job or on the person. */
  readonly ofForge: boolean;
  readonly partials: string;
  /** Blobs of keys that were written or read before. */
  readonly layers: Map<string, Descriptor>;
  emptyThere: boolean;
}

function asMainstemError(session: Session, key: string, cause: unknown): unknown {
  if (cause instanceof MainstemError || isFullDisk(cause)) return cause;
  const { address, ofForge } = session;
  const silence = silenceIn(cause);
  if (silence) return silentRemote(address, key, silence);
  const where = key === '' ? '' : ` at ${key}`;
  const hidden = isHidden(cause) && ofForge;
  const words =
    cause instanceof Refused || cause instanceof TokenRefused
      ? `${cause.message}${where}`
      : `failed${where}: ${explainFetch(cause).reason}`;
  const advice = hidden ? `; ${rights}` : isHidden(cause) ? `; ${loginAt(session)}` : '';
  return new MainstemError('REMOTE_FAILED', { address, key, reason: words + advice }, { cause });
}

const rights =
  'pushing needs a token with write:packages, pulling read:packages, and a job a package that is linked to its repository';

const loginAt = ({ registry }: Session) =>
  `it wants other credentials ("docker login ${registry.place.base.host}")`;

/** Registries answer like this for what may not be seen, and some also for what does not exist. */
function isHidden(cause: unknown): boolean {
  const refused = cause instanceof Refused || cause instanceof TokenRefused;
  return refused && (cause.status === 401 || cause.status === 403);
}

/** The forge's registry does not say whether a package is missing or private: then there is nothing to read. */
async function readTags({ registry, ofForge }: Session): Promise<string[] | undefined> {
  return registry.tags().catch((cause: unknown) => {
    if (isHidden(cause) && ofForge) return undefined;
    throw cause;
  });
}

async function assertThere(session: Session): Promise<void> {
  if ((await readTags(session))?.length) return;
  const reason = 'is not there: nothing has been pushed, or these credentials may not read it';
  throw new MainstemError('REMOTE_FAILED', { address: session.address, key: '', reason });
}

async function listKeys(session: Session, prefix: string): Promise<string[]> {
  const keys = ((await readTags(session)) ?? []).flatMap((tag) => keyOfTag(tag) ?? []);
  return keys.filter((key) => key.startsWith(prefix)).sort();
}

async function upload(session: Session, key: string, file: string): Promise<void> {
  const { size } = await stat(file);
  const digest = await digestFile(file);
  const { registry } = session;
  await registry.putBlob({ digest, size, content: { file } });
  const [folder = '', name = ''] = key.split('/');
  const layer: Descriptor = {
    mediaType: mediaTypeOf(folder, name),
    digest,
    size,
    annotations: { [titleAnnotation]: name },
  };
  await putEmptyConfig(session);
  await registry.putManifest(
    requiredTag(session, key),
    encodeManifest({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: `application/vnd.mainstem.${folder}.v1`,
      config: emptyConfig.descriptor,
      layers: [layer],
      annotations: { [keyAnnotation]: key },
    }),
  );
  session.layers.set(key, layer);
}

function mediaTypeOf(folder: string, name: string): string {
  if (name.endsWith('.json')) return 'application/json';
  if (name.endsWith('.idx')) return 'application/vnd.mainstem.pack.index.v1';
  return folder === 'packs' ? 'application/vnd.mainstem.pack.v1' : 'application/octet-stream';
}

async function putEmptyConfig(session: Session): Promise<void> {
  if (session.emptyThere) return;
  const { bytes, descriptor } = emptyConfig;
  const { digest, size } = descriptor;
  await session.registry.putBlob({ digest, size, content: { bytes } });
  session.emptyThere = true;
}

function requiredTag({ address }: Session, key: string): string {
  const tag = tagOfKey(key);
  if (tag) return tag;
  const reason = `cannot hold the key ${key}: it does not fit into a tag`;
  throw new MainstemError('REMOTE_FAILED', { address, key, reason });
}

async function download(
  session: Session,
  key: string,
  file: string,
  most: number | undefined,
): Promise<void> {
  const layer = await readLayer(session, key);
  const { registry, partials: folder, address } = session;
  assertBrief({ address, key, most }, layer.size);
  const open = async (offset: number) => {
    if (offset >= layer.size) return { offset, total: layer.size, body: nothing() };
    const answer = await openBlob(registry, layer.digest, offset).catch((cause: unknown) => {
      if (cause instanceof Refused && cause.status === 404) throw missing(session, key);
      throw cause;
    });
    const isPart = answer.status === 206;
    const start = isPart ? rangeStart(answer.headers.get('content-range'), offset) : 0;
    return { offset: start, total: layer.size, body: answer.body ?? nothing() };
  };
  const reception = { place: registry.place.base.origin, folder, name: layer.digest, open };
  await receiveFile(reception, file, registry.limits, async (path) => {
    const found = await digestFile(path);
    if (found === layer.digest) return;
    throw new MainstemError('REMOTE_CORRUPT', { address, key, expected: layer.digest, found });
  }).catch((cause: unknown) => {
    if (!(cause instanceof TooLong)) throw cause;
    const sizes = { expected: `${layer.size} bytes by its manifest`, found: 'more' };
    throw new MainstemError('REMOTE_CORRUPT', { address, key, ...sizes }, { cause });
  });
}

/** Some registries refuse any range, and what arrived before is then fetched again. */
async function openBlob(registry: Registry, digest: string, offset: number): Promise<Response> {
  return registry.blob(digest, offset).catch((cause: unknown) => {
    const isRange = cause instanceof Refused && noRange.has(cause.status);
    if (offset === 0 || !isRange) throw cause;
    return registry.blob(digest, 0);
  });
}

/** Bad request, range not satisfiable, not implemented. */
const noRange: ReadonlySet<number> = new Set([400, 416, 501]);

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function findLayer(session: Session, key: string): Promise<Descriptor> {
  return session.layers.get(key) ?? readLayer(session, key);
}

async function readLayer(session: Session, key: string): Promise<Descriptor> {
  const manifest = await readManifest(session, key);
  const [layer] = manifest?.layers ?? [];
  if (!layer) throw missing(session, key);
  session.layers.set(key, layer);
  return layer;
}

function missing({ address }: Session, key: string): MainstemError {
  return new MainstemError('REMOTE_MISSING', { address, key });
}

async function readManifest(
  session: Session,
  key: string,
): Promise<(Manifest & { own: Digest }) | undefined> {
  const found = await session.registry.manifest(requiredTag(session, key));
  if (!found) return undefined;
  const manifest = parseManifest(found.bytes);
  if (manifest) return { ...manifest, own: found.digest };
  const { address } = session;
  const expected = 'an image manifest';
  throw new MainstemError('REMOTE_CORRUPT', { address, key, expected, found: 'something else' });
}

async function remove(session: Session, key: string): Promise<void> {
  const { registry, address } = session;
  const manifest = await readManifest(session, key);
  session.layers.delete(key);
  if (!manifest) return;
  await registry.deleteManifest(manifest.own, requiredTag(session, key)).catch((cause: unknown) => {
    if (!(cause instanceof Refused) || cause.status !== 405) throw cause;
    const reason = `does not allow deleting ${key}: delete that version in the registry's own interface`;
    throw new MainstemError('REMOTE_FAILED', { address, key, reason }, { cause });
  });
  if (manifest.subject) {
    await removeFallbackReferrer(registry, digestOf(manifest.subject), manifest.own);
  }
}

async function describe(session: Session, collection: Collection): Promise<void> {
  const { registry } = session;
  const { key, config, keys, files } = collection;
  const layers: Descriptor[] = [];
  for (const { name, bytes, mediaType } of files) {
    layers.push({
      ...(await putBytes(registry, bytes, mediaType)),
      annotations: { [titleAnnotation]: name },
    });
  }
  for (const part of keys) layers.push(await findLayer(session, part));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: `application/vnd.mainstem.${key.split('/')[0]}.v1`,
    config: await putBytes(registry, config.bytes, config.mediaType),
    layers,
    ...(await findSubject(session, collection.subject)),
    annotations: { [keyAnnotation]: key },
  };
  const bytes = encodeManifest(manifest);
  const keepsReferrers = await registry.putManifest(requiredTag(session, key), bytes);
  if (!manifest.subject || keepsReferrers) return;
  await addFallbackReferrer(registry, digestOf(manifest.subject), {
    mediaType: manifestType,
    digest: digestBytes(bytes),
    size: bytes.length,
    ...(manifest.artifactType ? { artifactType: manifest.artifactType } : {}),
    ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
  });
}

async function putBytes(
  registry: Registry,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const content = { bytes: new Uint8Array(bytes) };
  const digest = digestBytes(bytes);
  await registry.putBlob({ digest, size: bytes.length, content });
  return { mediaType, digest, size: bytes.length };
}

async function findSubject(
  session: Session,
  key: string | undefined,
): Promise<{ subject?: Descriptor }> {
  const found = key ? await session.registry.manifest(requiredTag(session, key)) : undefined;
  if (!found) return {};
  const { digest, bytes } = found;
  return { subject: { mediaType: manifestType, digest, size: bytes.length } };
}

/** The schema has checked its form. */
function digestOf({ digest }: Descriptor): Digest {
  return `sha256:${digest.slice('sha256:'.length)}`;
}

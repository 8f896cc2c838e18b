import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { webAddress } from '../../../lib/fetch-failure.ts';
import { type Digest, digestBytes } from '../../../lib/hash.ts';
import { readLimited } from '../../../lib/read-limited.ts';
import { type Patience, patience } from '../http/fetch-again.ts';
import { growingList } from '../http/growing-list.ts';
import { type Access, createSend, type RegistryPlace, type Send } from './authorize.ts';
import { Descriptor, manifestType } from './manifest.ts';
import { assertDone, assertOk, foreignAnswer, Refused } from './refused.ts';
import { type BlobSource, uploadBlob } from './upload-blob.ts';

/** How a registry is reached. */
export interface RegistryOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where interrupted transfers keep their state. */
  readonly folder: string;
  readonly limits?: Patience | undefined;
  /** Blobs above this size are sent in chunks of this size. @default 80 MiB, more than a pack */
  readonly chunkBytes?: number | undefined;
}

/** One repository of a registry, by the distribution specification. */
export interface Registry {
  readonly place: RegistryPlace;
  readonly limits: Patience;
  /** All tags; undefined if there is no such repository. @throws Refused */
  tags(): Promise<string[] | undefined>;
  /** A manifest by tag or digest; undefined if there is none. @throws Refused */
  manifest(reference: string): Promise<{ bytes: Uint8Array; digest: Digest } | undefined>;
  /** Stores a manifest under a tag or its digest. @returns whether the registry itself keeps referrers */
  putManifest(
    reference: string,
    bytes: Uint8Array<ArrayBuffer>,
    mediaType?: string,
  ): Promise<boolean>;
  /** Deletes a manifest and its tag. @throws Refused, with status 405 where the registry allows no deletion */
  deleteManifest(digest: Digest, tag: string): Promise<void>;
  /** Opens a blob from an offset on. @throws Refused */
  blob(digest: string, offset: number): Promise<Response>;
  /** Uploads a blob unless it is there. @throws Refused */
  putBlob(source: BlobSource): Promise<void>;
  /** Manifests whose subject this is; undefined if the registry has no such list. @throws Refused */
  referrers(digest: Digest): Promise<Descriptor[] | undefined>;
}

/** @param address `oci://<host>/<repository>`; a host on this machine is reached without TLS */
export function parseOciAddress(address: string): RegistryPlace | undefined {
  const parts = /^oci:\/\/([\w.-]+(?::\d+)?|\[::1\](?::\d+)?)\/([a-z0-9._/-]+?)\/?$/.exec(address);
  const [, host, repository] = parts ?? [];
  if (!host || !repository) return undefined;
  if (!repository.split('/').every((part) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(part))) {
    return undefined;
  }
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(host);
  const base = URL.parse(`${local ? 'http' : 'https'}://${host}`);
  return base ? { base, repository } : undefined;
}

/** Opens a repository; nothing is sent yet. */
export function openRegistry(place: RegistryPlace, options: RegistryOptions): Registry {
  const { environment, folder, limits = patience, chunkBytes = 80 * 1024 * 1024 } = options;
  const send = createSend(place, environment, limits);
  const at = (path: string) => new URL(`/v2/${place.repository}/${path}`, place.base);
  return {
    place,
    limits,
    tags: () => listTags(send, at('tags/list?n=1000')),
    async manifest(reference) {
      const headers = { accept: `${manifestType}, ${indexType}` };
      const answer = await send('pull', at(`manifests/${reference}`), { headers });
      if (answer.status === 404) return drained(answer);
      await assertOk(answer);
      const bytes = await readBounded(answer, mostManifestBytes);
      return { bytes, digest: digestBytes(bytes) };
    },
    async putManifest(reference, bytes, mediaType = manifestType) {
      const headers = { 'content-type': mediaType };
      const request = { method: 'PUT', headers, body: bytes };
      const answer = await send('pull,push', at(`manifests/${reference}`), request);
      await assertDone(answer, 201);
      await drained(answer);
      return answer.headers.has('oci-subject');
    },
    async deleteManifest(digest, tag) {
      const access: Access = 'pull,push,delete';
      const remove = async (reference: string) =>
        send(access, at(`manifests/${reference}`), { method: 'DELETE' });
      // Some registries delete only digests, with all their tags; in others a tag outlives its digest.
      await drained(await remove(tag));
      const answer = await remove(digest);
      if (answer.status !== 404) await assertOk(answer);
      await drained(answer);
    },
    async blob(digest, offset) {
      const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
      const answer = await send('pull', at(`blobs/${digest}`), { headers });
      await assertOk(answer);
      return answer;
    },
    putBlob: (source) => uploadBlob({ send, at, folder, chunkBytes, limits }, source),
    async referrers(digest) {
      const answer = await send('pull', at(`referrers/${digest}`));
      if (answer.status === 404) return drained(answer);
      await assertOk(answer);
      const index = parseIndex(await readBounded(answer, mostManifestBytes));
      if (!index) throw foreignAnswer(answer.status);
      return index;
    },
  };
}

export const indexType = 'application/vnd.oci.image.index.v1+json';

const Index = Type.Object({ manifests: Type.Array(Descriptor) });

/** The entries of an image index; undefined if it is not one. */
export function parseIndex(bytes: Uint8Array): Descriptor[] | undefined {
  const index = parseJson(bytes);
  return Check(Index, index) ? index.manifests : undefined;
}

const TagList = Type.Object({
  tags: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
});

async function listTags(send: Send, first: URL): Promise<string[] | undefined> {
  const list = growingList();
  const seen = new Set<string>();
  for (let next: URL | undefined = first; next; ) {
    const answer: Response = await send('pull', next);
    if (answer.status === 404) return drained(answer);
    await assertOk(answer);
    const page = parseJson(await readBounded(answer, mostListBytes));
    if (!Check(TagList, page)) throw foreignAnswer(answer.status);
    list.add(page.tags ?? []);
    seen.add(next.href);
    next = nextPage(answer, next);
    if (next && seen.has(next.href))
      throw new Refused(answer.status, 'sent a list of tags without an end');
  }
  return [...list.keys];
}

/** The specification lets registries refuse manifests of more than 4 MiB; nobody has to read one of more. */
const mostManifestBytes = 16 * 1024 * 1024;
/** Registries that send no pages list all tags at once. */
const mostListBytes = 256 * 1024 * 1024;

async function readBounded(answer: Response, most: number): Promise<Uint8Array> {
  const bytes = await readLimited(answer, most);
  if (bytes) return bytes;
  throw new Refused(
    answer.status,
    `sent more than ${most / 1024 ** 2} MiB where it has to be brief`,
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function nextPage({ headers }: Response, current: URL): URL | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(headers.get('link') ?? '');
  const next = link?.[1] ? webAddress(link[1], current, 'it goes on with its list') : undefined;
  return next?.href === current.href ? undefined : next;
}

async function drained(answer: Response): Promise<undefined> {
  await answer.body?.cancel();
}

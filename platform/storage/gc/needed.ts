import type { Digest } from '../../lib/hash.ts';
import { readFile } from '../../lib/read-text.ts';
import { decodeManifest } from '../lock/manifest.ts';
import type { Store } from '../store/store.ts';
import type { HistoricFile } from './history.ts';

/** What history needs. */
export interface Needed {
  /** Digests of blobs and keys of stage records, without difference. */
  readonly digests: ReadonlySet<Digest>;
  /** The texts that named them, to look for names in. */
  readonly texts: readonly string[];
  /** Manifests of datasets that are nowhere: which files they name is not known. */
  readonly unseen: readonly Digest[];
}

/** Reads what may be here or elsewhere; undefined if it is nowhere. */
export interface NeededSources {
  blob(digest: Digest): Promise<Uint8Array | undefined>;
  record(key: Digest): Promise<string | undefined>;
}

const manifestHeader = 'mainstem-manifest ';

/**
 * Everything that locks and records lead to. Whatever looks like a digest in them counts as needed, so that files of
 * other versions of Mainstem are read as safely as today's; manifests and stage records are followed.
 */
export async function collectNeeded(
  files: readonly HistoricFile[],
  { blob, record }: NeededSources,
): Promise<Needed> {
  const digests = new Set<Digest>();
  const followed = new Set<Digest>();
  const texts = files.map(({ text }) => text);
  const datasets = new Set(texts.flatMap(datasetsIn));
  const open = texts.flatMap(digestsIn);
  const unseen: Digest[] = [];
  for (let digest = open.pop(); digest; digest = open.pop()) {
    digests.add(digest);
    if (followed.has(digest)) continue;
    followed.add(digest);
    const text = await record(digest);
    if (text !== undefined) {
      for (const named of digestsIn(text)) open.push(named);
      for (const dataset of datasetsIn(text)) datasets.add(dataset);
      continue;
    }
    const bytes = await blob(digest);
    if (bytes && isManifest(bytes)) {
      const entries = decodeManifest(new TextDecoder().decode(bytes));
      for (const entry of entries) digests.add(entry.digest);
    } else if (datasets.has(digest)) unseen.push(digest);
  }
  return { digests, texts, unseen };
}

/** Reads the store of this machine. */
export function localSources(store: Store): NeededSources {
  return {
    blob: async (digest) => ((await store.has(digest)) ? store.get(digest) : undefined),
    record: (key) => readFile(store.recordPath(key), 'utf8').catch(() => undefined),
  };
}

/** Every digest in a text. */
export function digestsIn(text: string): Digest[] {
  return [...text.matchAll(/sha256:([0-9a-f]{64})/g)].map(([, hex]): Digest => `sha256:${hex}`);
}

function isManifest(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, manifestHeader.length)) === manifestHeader;
}

/** The digests that a lock's `datasets` and a record's `data` name. */
function datasetsIn(text: string): Digest[] {
  try {
    const value: { datasets?: object; data?: object } | null = JSON.parse(text);
    return digestsIn(JSON.stringify([value?.datasets ?? null, value?.data ?? null]));
  } catch {
    return [];
  }
}

import { MainstemError } from '../../lib/errors.ts';
import { isPathText } from '../../lib/file-names.ts';
import { hexOf } from '../../lib/hash.ts';
import type { BlobStore, LockedDataset, ManifestEntry } from '../../schemas/index.ts';
import { nameBlob } from '../store/name-blob.ts';

const header = 'mainstem-manifest 1';

/**
 * A manifest as text: a header, then one line `<hex> <bytes> <path>` per file, sorted by path in code-unit order.
 *
 * @throws MainstemError DATA_INVALID for a path that a line cannot hold
 */
export function encodeManifest(entries: readonly ManifestEntry[]): string {
  let text = `${header}\n`;
  for (const { path, digest, bytes } of entries) {
    if (!isPathText(path)) {
      const reason = 'a file name has a line break, a zero or half a character';
      throw new MainstemError('DATA_INVALID', { path, reason });
    }
    text += `${hexOf(digest)} ${bytes} ${path}\n`;
  }
  return text;
}

/** The files in a manifest's text. @throws MainstemError DATA_INVALID naming the line */
export function decodeManifest(text: string): ManifestEntry[] {
  if (!text.startsWith(`${header}\n`) || !text.endsWith('\n')) throw invalid(1);
  const entries: ManifestEntry[] = [];
  for (let at = header.length + 1; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const bytesAt = at + 65;
    const space = text.indexOf(' ', bytesAt);
    // The digest names a file of the store: anything but hex digits could name one elsewhere.
    const numbers = space < end ? /^([0-9a-f]{64}) (\d+)$/.exec(text.slice(at, space)) : null;
    const path = text.slice(space + 1, end);
    const bytes = Number(numbers?.[2]);
    if (!Number.isSafeInteger(bytes) || !isPathText(path)) throw invalid(entries.length + 2);
    entries.push({ path, digest: `sha256:${text.slice(at, at + 64)}`, bytes });
    at = end + 1;
  }
  return entries;
}

/** The files of a locked dataset, sorted by path. @throws MainstemError STORE_MISSING, STORE_CORRUPT */
export async function readManifest(
  store: BlobStore,
  dataset: Pick<LockedDataset, 'digest' | 'path'>,
): Promise<ManifestEntry[]> {
  const bytes = await store
    .get(dataset.digest)
    .catch(nameBlob(`the list of files of ${dataset.path}`));
  return decodeManifest(new TextDecoder().decode(bytes));
}

function invalid(line: number): MainstemError {
  return new MainstemError('DATA_INVALID', { path: 'manifest', reason: `line ${line} is damaged` });
}

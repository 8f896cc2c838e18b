import { MainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { hexOf } from '../../lib/hash.ts';
import type { BlobStore, LockedDataset, ManifestEntry } from '../../schemas/index.ts';

const header = 'mainstem-manifest 1';

/**
 * A manifest as text: a header, then one line `<hex> <bytes> <path>` per file, sorted by path in code-unit order.
 *
 * @throws MainstemError DATA_INVALID for a path with a line break.
 */
export function encodeManifest(entries: readonly ManifestEntry[]): string {
  let text = `${header}\n`;
  for (const { path, digest, bytes } of entries) {
    if (path.includes('\n') || path.includes('\r')) {
      throw new MainstemError('DATA_INVALID', { path, reason: 'a file name has a line break' });
    }
    text += `${hexOf(digest)} ${bytes} ${path}\n`;
  }
  return text;
}

/** The files in a manifest's text. @throws MainstemError DATA_INVALID naming the line */
export function decodeManifest(text: string): ManifestEntry[] {
  const [first, ...lines] = text.split('\n');
  if (first !== header || lines.pop() !== '') throw invalid(1);
  return lines.map((line, position) => {
    const space = line.indexOf(' ', 65);
    const bytes = Number(line.slice(65, space));
    if (line[64] !== ' ' || space < 0 || !Number.isSafeInteger(bytes)) throw invalid(position + 2);
    const digest: Digest = `sha256:${line.slice(0, 64)}`;
    return { path: line.slice(space + 1), digest, bytes };
  });
}

/** The files of a locked dataset, sorted by path. @throws MainstemError STORE_MISSING, STORE_CORRUPT */
export async function readManifest(
  store: BlobStore,
  dataset: LockedDataset,
): Promise<ManifestEntry[]> {
  return decodeManifest(new TextDecoder().decode(await store.get(dataset.digest)));
}

function invalid(line: number): MainstemError {
  return new MainstemError('DATA_INVALID', { path: 'manifest', reason: `line ${line} is damaged` });
}

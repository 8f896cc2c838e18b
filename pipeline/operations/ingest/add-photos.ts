import { existsSync } from 'node:fs';
import { join } from 'node:path/posix';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { digestBytes, hexOf } from '../../../platform/lib/hash.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { imageFormat, stripPhoto } from '../../../platform/transforms/index.ts';
import type { Labelled, LeftOut } from './sort-candidates.ts';

/** Folder of what people sent, in a dataset of photos: below it come the classes, as everywhere. */
export const feedbackPart = 'feedback';

/** A photo that is added. */
export interface AddedPhoto {
  readonly labelled: Labelled;
  /** Relative to the repository. */
  readonly path: string;
  /** Without what it said beside its pixels. */
  readonly bytes: Uint8Array;
  /** What it is: equal for photos that differ only in what was taken away. */
  readonly key: string;
  /** Whether it lies in the data already, not locked yet. */
  readonly isThere: boolean;
}

/** What data has: content → labels. */
export type Known = ReadonlyMap<string, readonly string[]>;

/** The data as it is now, and what of it is locked. */
export interface KnownData {
  readonly now: Known;
  readonly locked: Known;
}

/** Of something that is labelled: what the data says of it. */
export function compareWithData(
  { now, locked }: KnownData,
  keys: readonly string[],
  label: string,
): 'new' | 'there' | 'locked' | { readonly known: string } {
  const labelsIn = (known: Known) => keys.flatMap((key) => known.get(key) ?? []);
  const found = labelsIn(now);
  if (labelsIn(locked).includes(label)) return 'locked';
  if (found.length === 0) return 'new';
  return found.includes(label) ? 'there' : { known: [...new Set(found)].join(', ') };
}

/**
 * Reads a labelled photo for the data, unless it is there.
 *
 * @param data labels by the digest of a photo, those of inputs that must be refused among them
 * @returns null where the data has it with this label
 */
export async function preparePhoto(
  labelled: Labelled,
  data: KnownData,
  folders: { readonly data: string; readonly other: string },
): Promise<AddedPhoto | LeftOut | null> {
  const { candidate, label, isOther } = labelled;
  if (!candidate.photo) return { candidate, reason: 'noContent' };
  const bytes = stripPhoto(await readBytes(candidate.photo));
  if (!bytes) return { candidate, reason: 'unreadable' };
  const digest = digestBytes(bytes);
  const found = compareWithData(data, [candidate.digest, digest], label);
  if (typeof found === 'object') return { candidate, reason: 'differs', ...found };
  if (found === 'locked') return null;
  const extension = extensions[imageFormat(bytes)?.name ?? ''] ?? 'jpg';
  const folder = isOther
    ? join(folders.other, feedbackPart)
    : join(folders.data, feedbackPart, label);
  const path = join(folder, `${hexOf(digest).slice(0, 16)}.${extension}`);
  return { labelled, bytes, path, key: digest, isThere: found === 'there' };
}

const extensions: Readonly<Record<string, string>> = { jpeg: 'jpg', png: 'png', webp: 'webp' };

/** Writes photos that are not there yet, each whole or not at all. */
export async function writePhotos(root: string, added: readonly AddedPhoto[]): Promise<number> {
  let written = 0;
  for (const { path, bytes, isThere } of added) {
    const place = join(root, path);
    if (isThere || existsSync(place)) continue;
    await makeFolder(join(place, '..'));
    await writeFileAtomic(place, bytes);
    written += 1;
  }
  return written;
}

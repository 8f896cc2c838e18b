import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';
import { canonicalJson } from '../../platform/lib/json.ts';

/** A person's correction. */
export interface Feedback {
  readonly model: string;
  readonly version: string;
  readonly digest: Digest;
  /** What the person says. */
  readonly label: string;
  /** What the model said. */
  readonly predicted: string;
  readonly accepted: boolean;
  /** ISO time. */
  readonly at: string;
}

/** The example itself: the photo as it was sent, or the row. */
export interface FeedbackContent {
  readonly bytes: Uint8Array;
  readonly extension: 'jpg' | 'png' | 'webp' | 'row.json';
}

/**
 * Keeps corrected examples as `<folder>/<model>/<label>/<digest>.<extension>` with one line of JSON beside
 * each: an image folder that `collect` can take over as it stands.
 */
export interface FeedbackStore {
  /** 0 if feedback is turned off. */
  readonly limit: number;
  readonly storedBytes: number;
  /**
   * Stores whole or not at all; the same example with the same label is stored once.
   *
   * @param feedback its model and label must be known names: they become folders.
   * @returns whether it is new. @throws MainstemError FEEDBACK_FULL
   */
  put(feedback: Feedback, content: FeedbackContent): Promise<boolean>;
}

/** @param limit bytes that the folder may hold. */
export async function openFeedback(folder: string, limit: number): Promise<FeedbackStore> {
  let storedBytes = await folderBytes(folder);
  return {
    limit,
    get storedBytes() {
      return storedBytes;
    },
    async put(feedback, content) {
      const place = join(folder, feedback.model, folderOf(feedback.label), hexOf(feedback.digest));
      if (existsSync(`${place}.json`)) return false;
      const line = `${canonicalJson(feedback)}\n`;
      const bytes = content.bytes.length + Buffer.byteLength(line);
      if (storedBytes + bytes > limit) throw new MainstemError('FEEDBACK_FULL', { limit });
      storedBytes += bytes;
      await writeFileAtomic(`${place}.${content.extension}`, content.bytes);
      await writeFileAtomic(`${place}.json`, line);
      return true;
    },
  };
}

/** A class may be called anything; a folder may not. */
const folderOf = (label: string) => label.replaceAll(/[^\p{L}\p{N} _-]/gu, '_');

async function folderBytes(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => stat(join(file.parentPath, file.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

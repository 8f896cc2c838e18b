import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';

/** A person's correction of an answer. */
export interface Feedback {
  readonly model: string;
  readonly version: string;
  readonly digest: Digest;
  /** The class according to the person. */
  readonly label: string;
  /** The class according to the model. */
  readonly predicted: string;
  /** Whether the model accepted the input. */
  readonly accepted: boolean;
  /** Time of the correction, ISO 8601. */
  readonly at: string;
}

/** The corrected example: the photo as it was sent, or the row. */
export interface FeedbackContent {
  readonly bytes: Uint8Array;
  readonly extension: 'jpg' | 'png' | 'webp' | 'row.json';
}

/**
 * Keeps corrected examples as `<folder>/<model>/<label>/<digest>.<extension>`, each with one line of JSON next to
 * it: an image folder that `collect` can take over unchanged.
 */
export interface FeedbackStore {
  /** Bytes that the folder may hold; 0 if feedback is turned off. */
  readonly limit: number;
  /** Bytes that the folder holds now. */
  readonly storedBytes: number;
  /**
   * Stores a correction. The same example with the same label is stored only once.
   *
   * @param feedback its model and label must be known names: they become folders.
   * @returns whether it is new.
   * @throws MainstemError FEEDBACK_FULL
   */
  put(feedback: Feedback, content: FeedbackContent): Promise<boolean>;
}

/**
 * Opens the feedback folder, which need not exist yet.
 *
 * @param limit bytes that the folder may hold; 0 turns feedback off.
 * @example (await openFeedback('.mainstem/feedback', 1024 ** 3)).storedBytes // 0 in a fresh clone
 */
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

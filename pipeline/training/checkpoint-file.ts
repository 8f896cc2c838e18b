import { hash } from 'node:crypto';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Static, TSchema } from 'typebox';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { readFile } from '../../platform/lib/read-text.ts';

const digestBytes = 32;

/** Writes a checkpoint completely or not at all, in place of the previous one. @throws NodeJS.ErrnoException */
export async function writeCheckpointFile(scratch: string, checkpoint: unknown): Promise<void> {
  const bytes = serialize(checkpoint);
  await writeFileAtomic(checkpointPath(scratch), Buffer.concat([digestOf(bytes), bytes]));
}

/** The checkpoint in a scratch folder, or null if there is none, or it is damaged or of another kind. */
export async function readCheckpointFile<Schema extends TSchema>(
  scratch: string,
  schema: Schema,
): Promise<Static<Schema> | null> {
  const path = checkpointPath(scratch);
  const bytes = await readFile(path).catch(() => null);
  if (!bytes) return null;
  const content = bytes.subarray(digestBytes);
  if (!digestOf(content).equals(bytes.subarray(0, digestBytes))) return null;
  try {
    return parseValue(deserialize(content), schema, path);
  } catch {
    return null;
  }
}

/** SHA-256, with which the file begins: a flipped bit in a weight would otherwise go unnoticed. */
function digestOf(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Path of the checkpoint in a scratch folder. */
export function checkpointPath(scratch: string): string {
  return join(scratch, 'checkpoint.bin');
}

import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type Static, Type } from 'typebox';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { Epoch } from '../../platform/schemas/index.ts';

/** A tensor's content outside the backend. */
const Values = Type.Object({
  shape: Type.Array(Type.Integer()),
  values: Type.Refine(Type.Unsafe<Float32Array>(Type.Unknown()), (value) => {
    return value instanceof Float32Array;
  }),
});
export type Values = Static<typeof Values>;

/** Everything needed to resume training after an epoch as if it had never stopped. */
const Checkpoint = Type.Object({
  /** The curves so far; its length is the last finished epoch. */
  epochs: Type.Array(Epoch),
  /** The network's weights after the last epoch, and after the best one. */
  weights: Type.Array(Values),
  best: Type.Array(Values),
  /** The optimiser's steps so far and its moments. */
  step: Type.Integer(),
  moments: Type.Array(Type.Object({ name: Type.String(), ...Values.properties })),
});
export type Checkpoint = Static<typeof Checkpoint>;

const digestBytes = 32;

/** Writes a checkpoint completely or not at all, in place of the previous one. @throws NodeJS.ErrnoException */
export async function writeCheckpoint(scratch: string, checkpoint: Checkpoint): Promise<void> {
  const bytes = serialize(checkpoint);
  await writeFileAtomic(checkpointPath(scratch), Buffer.concat([digestOf(bytes), bytes]));
}

/** The checkpoint in a scratch folder, or null if there is none, or it is damaged. */
export async function readCheckpoint(scratch: string): Promise<Checkpoint | null> {
  const path = checkpointPath(scratch);
  const bytes = await readFile(path).catch(() => null);
  if (!bytes) return null;
  const content = bytes.subarray(digestBytes);
  if (!digestOf(content).equals(bytes.subarray(0, digestBytes))) return null;
  try {
    return parseValue(deserialize(content), Checkpoint, path);
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

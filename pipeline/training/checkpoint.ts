import { type Static, Type } from 'typebox';
import { Epoch } from '../../platform/schemas/index.ts';
import { readCheckpointFile, writeCheckpointFile } from './checkpoint-file.ts';

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

/** Writes a checkpoint completely or not at all, in place of the previous one. @throws NodeJS.ErrnoException */
export async function writeCheckpoint(scratch: string, checkpoint: Checkpoint): Promise<void> {
  await writeCheckpointFile(scratch, checkpoint);
}

/** The checkpoint in a scratch folder, or null if there is none, or it is damaged. */
export async function readCheckpoint(scratch: string): Promise<Checkpoint | null> {
  return readCheckpointFile(scratch, Checkpoint);
}

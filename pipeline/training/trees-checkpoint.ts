import { type Static, Type } from 'typebox';
import type { BoostProgress } from '../trees/index.ts';
import { readCheckpointFile, writeCheckpointFile } from './checkpoint-file.ts';

const Measures = Type.Object({ loss: Type.Number(), metric: Type.Number() });
const Scores = Type.Refine(Type.Unsafe<Float64Array>(Type.Unknown()), (value) => {
  return value instanceof Float64Array;
});

/** Everything needed to go on boosting after a round as if it had never stopped. */
const Checkpoint = Type.Object({
  rounds: Type.Array(
    Type.Object({ round: Type.Integer(), training: Measures, validation: Measures }),
  ),
  /** Their nodes are as the same code left them: another code has another scratch folder. */
  trees: Type.Array(Type.Unsafe<BoostProgress['trees'][number]>(Type.Array(Type.Unknown()))),
  scores: Scores,
  heldScores: Scores,
});

/** Writes how far boosting has come, in place of what was there. @throws NodeJS.ErrnoException */
export async function writeTreesCheckpoint(
  scratch: string,
  { rounds, trees, scores, heldScores }: BoostProgress,
): Promise<void> {
  await writeCheckpointFile(scratch, { rounds, trees, scores, heldScores });
}

/** How far boosting had come, or null if nothing says so, or it is damaged. */
export async function readTreesCheckpoint(
  scratch: string,
): Promise<Static<typeof Checkpoint> | null> {
  return readCheckpointFile(scratch, Checkpoint);
}

import { readPrepared } from '../features/index.ts';
import type { BackendInfo, BlobStore, PreparedRow, PrepareOutput, TrainOutput } from '../types.ts';
import type { Answer } from './answer.ts';

/** Answers the rows of a prepared dataset that a filter keeps, in their order. */
export type AnswerRows = (
  prepared: PrepareOutput,
  keep: (row: PreparedRow) => boolean,
) => Promise<Answer[]>;

const batchSize = 64;

/**
 * Loads a trained network and hands it to some work, then frees it. The tensor library is loaded here and
 * not at import time, because comparing and gating need none.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export async function withNetwork<Result>(
  store: BlobStore,
  trained: TrainOutput,
  backend: BackendInfo,
  work: (answer: AnswerRows) => Promise<Result>,
): Promise<Result> {
  const { loadModel, predictAll, startBackend } = await import('../backends/index.ts');
  await startBackend(backend);
  const model = await loadModel(store, trained);
  try {
    return await work(async (prepared, keep) => {
      const { index, fill } = await readPrepared(store, prepared);
      const rows = index.rows.flatMap((row, position) => (keep(row) ? [position] : []));
      const all = await predictAll(model, rows, fill, batchSize);
      return rows.flatMap((position, order): Answer[] => {
        const row = index.rows[position];
        const output = part(all.output, order, all.outputs);
        const embedding = part(all.embedding, order, all.embeddingSize);
        return row ? [{ row, output, embedding }] : [];
      });
    });
  } finally {
    model.dispose();
  }
}

function part(values: Float32Array, order: number, size: number): Float32Array {
  return values.subarray(order * size, (order + 1) * size);
}

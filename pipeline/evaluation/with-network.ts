import type { BackendInfo, BlobStore, TrainOutput } from '../../platform/schemas/index.ts';
import { fromLabelScale } from '../../platform/transforms/index.ts';
import type { AnswerRows } from './answer.ts';
import { toAnswers } from './to-answers.ts';

const batchSize = 64;

/**
 * Loads a trained network, passes it to `work`, and frees it afterwards. The tensor library is loaded here and
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
    return await work(async ({ index, fill }, rows) => {
      const asked = rows.flatMap((row) => index.rows[row] ?? []);
      const { output, embedding } = await predictAll(model, rows, fill, batchSize);
      return toAnswers(asked, {
        output: output.map((value) => fromLabelScale(value, trained.labelScale)),
        embedding,
      });
    });
  } finally {
    model.dispose();
  }
}

import { createRandom } from '../platform/lib/random.ts';
import type { ModelRecord, Ranking, TablePreprocessing } from '../platform/schemas/index.ts';
import { decide, decisionRules, encodedLength } from '../platform/transforms/index.ts';
import type { ProjectContext } from './context.ts';
import { lossesOf, rankColumns, toAnswers } from './evaluation/index.ts';
import { sampleRows } from './prepare/index.ts';

/** So many rows of validation say enough, */
const mostRows = 2000;
/** and so many shuffled rows are answered in a few seconds. */
const mostAnswers = 300_000;
const fewestRows = 200;
/** More at once make the tensors large, and nothing faster. */
const batchSize = 1024;

/**
 * Ranks the columns of a model's table by the file that would serve, on rows of its validation split: the test split is asked
 * only about the chosen model.
 *
 * @returns null for photos, for a single column, and without validation rows
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT; Error of ONNX Runtime if the file does not fit the data
 */
export async function rank(
  { store }: Pick<ProjectContext, 'store'>,
  candidate: ModelRecord,
): Promise<Ranking | null> {
  const { preprocessing, task, classes } = candidate;
  if (preprocessing.kind !== 'table' || preprocessing.columns.length < 2) return null;
  const most = Math.max(fewestRows, Math.floor(mostAnswers / preprocessing.columns.length));
  const { rows, values, shape } = await sampleRows(store, candidate.prepared, {
    ...{ split: 'validation', most: Math.min(mostRows, most) },
    random: createRandom('ranking/rows'),
  });
  if (rows.length < 2) return null;
  const width = values.length / rows.length;
  // Whether an answer would be refused does not count, and takes long to find out in a wide table.
  const rules = { ...decisionRules(candidate), outOfDistribution: null };
  // Loaded here, because a command that only plans needs no runtime.
  const { openSession } = await import('./onnx/index.ts');
  const onnx = await store.get(candidate.package.onnx.digest);
  await using session = await openSession(onnx, shape);
  // Awaited here: the session ends with this block.
  return await rankColumns({
    ...{ task, values, rows: rows.length, columns: columnsOf(preprocessing) },
    lossesOf: async (some) => {
      const losses: number[] = [];
      for (let first = 0; first < rows.length; first += batchSize) {
        const batch = rows.slice(first, first + batchSize);
        const from = first * width;
        const input = some.slice(from, from + batch.length * width);
        const answers = toAnswers(batch, await session.run(input, batch.length));
        const examples = answers.map((one) => ({ ...decide(one, rules), label: one.row.label }));
        losses.push(...lossesOf(examples, { task, classes }));
      }
      return losses;
    },
  });
}

/** How many numbers of an encoded row come from each column. */
function columnsOf(preprocessing: TablePreprocessing) {
  return preprocessing.columns.map((column) => ({
    name: column.name,
    width: encodedLength({ ...preprocessing, columns: [column] }),
  }));
}

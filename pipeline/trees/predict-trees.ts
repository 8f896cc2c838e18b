import { fromLabelScale } from '../../platform/transforms/index.ts';
import { addForest } from './forest.ts';
import { logitFactors, numberColumns, type Trees } from './trees.ts';

/** What trees give for many rows, in the form of a network's. */
export interface TreePredictions {
  /** rows × outputs, row after row: logits, or the value. */
  readonly output: Float32Array;
  /**
   * rows × embeddingSize: the numbers of the row as they were encoded, 0 where one is missing. Trees answer a row far from
   * all that they have seen like the nearest they know, so its distance has to be measured on the row itself.
   */
  readonly embedding: Float32Array;
  readonly outputs: number;
  readonly embeddingSize: number;
}

/**
 * Runs trees over rows.
 *
 * @param rows numbers of the rows, in the order of the result @param fill writes the encoded values of rows
 */
export function predictTrees(
  { forest, columns, classes, labelScale }: Trees,
  rows: readonly number[],
  fill: (target: Float32Array, rows: readonly number[]) => void,
): TreePredictions {
  const numbers = numberColumns(columns);
  const factors = logitFactors(classes);
  const outputs = factors ? factors.length : forest.outputs;
  const output = new Float32Array(rows.length * outputs);
  const embedding = new Float32Array(rows.length * numbers.length);
  const values = new Float32Array(columns.length);
  const scores = new Float32Array(forest.outputs);
  for (const [place, row] of rows.entries()) {
    fill(values, [row]);
    addForest(forest, values, scores);
    output.set(
      factors
        ? factors.map((factor) => factor * (scores[0] ?? 0))
        : scores.map((score) => fromLabelScale(score, labelScale)),
      place * outputs,
    );
    embedding.set(
      numbers.map((column) => zeroIfMissing(values[column] ?? 0)),
      place * numbers.length,
    );
  }
  return { output, embedding, outputs, embeddingSize: numbers.length };
}

function zeroIfMissing(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

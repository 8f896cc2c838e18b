import { MainstemError } from '../../platform/lib/errors.ts';
import { type Decision, decide, decisionRules } from '../../platform/transforms/index.ts';
import type { ServedModel } from './models.ts';

/**
 * Decides each example of a batch.
 *
 * @param output [batch, n] @param embedding [batch, d]
 * @throws MainstemError SERVING_OUTPUT_INVALID
 */
export function decideBatch(
  { record }: Pick<ServedModel, 'record'>,
  output: Float32Array,
  embedding: Float32Array,
  batch: number,
): Decision[] {
  const rules = decisionRules(record);
  const row = (values: Float32Array, index: number) => {
    const width = values.length / batch;
    return values.subarray(index * width, (index + 1) * width);
  };
  const decisions = Array.from({ length: batch }, (_, index) =>
    decide({ output: row(output, index), embedding: row(embedding, index) }, rules),
  );
  assertFinite(decisions, output);
  return decisions;
}

/** JSON has no NaN or infinity, and neither is an answer. @throws MainstemError SERVING_OUTPUT_INVALID */
export function assertFinite(decisions: readonly Decision[], output: Float32Array): void {
  const width = output.length / decisions.length;
  decisions.forEach(({ probabilities, score }, index) => {
    const raw = output.subarray(index * width, (index + 1) * width);
    if ([score, ...probabilities, ...raw].every(Number.isFinite)) return;
    throw new MainstemError('SERVING_OUTPUT_INVALID', { input: index + 1 });
  });
}

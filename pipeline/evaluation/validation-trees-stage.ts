import type { ValidationOutput } from '../../platform/schemas/index.ts';
import type { StageWork } from '../engine/index.ts';
import { loadTrees, predictTrees } from '../trees/index.ts';
import { answerValidation, type ValidationInputs } from './answer-validation.ts';
import { toAnswers } from './to-answers.ts';

/**
 * Measures boosted trees on the validation split alone, as networks are measured.
 *
 * @throws MainstemError SWEEP_NO_VALIDATION, STORE_MISSING, STORE_CORRUPT
 */
export const validationTreesStage: StageWork<ValidationInputs, ValidationOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  async run(context, inputs) {
    const trees = await loadTrees(context.store, inputs.trained);
    return answerValidation(context, inputs, async ({ index, fill }, rows) => {
      const asked = rows.flatMap((row) => index.rows[row] ?? []);
      return toAnswers(asked, predictTrees(trees, rows, fill));
    });
  },
};

import type { EvaluateOutput } from '../../platform/schemas/index.ts';
import type { StageWork } from '../engine/index.ts';
import { loadTrees, predictTrees } from '../trees/index.ts';
import { type EvaluateInputs, EvaluateParameters, evaluate } from './evaluate.ts';
import { toAnswers } from './to-answers.ts';

/**
 * Evaluates boosted trees, as networks are evaluated. Equal inputs give equal outputs, byte for byte.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export const evaluateTreesStage: StageWork<EvaluateInputs, EvaluateOutput> = {
  entry: import.meta.filename,
  parameters: Object.keys(EvaluateParameters.properties),
  resources: { cpus: 1, memoryMb: 1500 },
  async run(context, inputs, parameters) {
    const trees = await loadTrees(context.store, inputs.trained);
    return evaluate(context, inputs, parameters, async ({ index, fill }, rows) => {
      const asked = rows.flatMap((row) => index.rows[row] ?? []);
      return toAnswers(asked, predictTrees(trees, rows, fill));
    });
  },
};

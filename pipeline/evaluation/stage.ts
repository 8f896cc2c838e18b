import type { EvaluateOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
import type { StageWork } from '../engine/index.ts';
import { type EvaluateInputs, EvaluateParameters, evaluate } from './evaluate.ts';
import { withNetwork } from './with-network.ts';

/**
 * Evaluates a trained network. Temperature and threshold are fitted on validation, metrics are of the test
 * split. Equal inputs give equal outputs, byte for byte.
 *
 * @throws MainstemError BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT, JSON_INVALID, IMAGE_UNREADABLE
 */
export const evaluateStage: StageWork<EvaluateInputs, EvaluateOutput> = {
  entry: import.meta.filename,
  code: (_, backend) => [driverPath(backend)],
  parameters: Object.keys(EvaluateParameters.properties),
  resources: { cpus: 1, memoryMb: 1500 },
  run: (context, inputs, parameters) =>
    withNetwork(context.store, inputs.trained, inputs.backend, (answerRows) =>
      evaluate(context, inputs, parameters, answerRows),
    ),
};

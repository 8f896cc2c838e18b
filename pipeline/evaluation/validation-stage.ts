import type { ValidationOutput } from '../../platform/schemas/index.ts';
import { driverPath } from '../backends/index.ts';
import type { StageWork } from '../engine/index.ts';
import { answerValidation, type ValidationInputs } from './answer-validation.ts';
import { withNetwork } from './with-network.ts';

/**
 * Measures a trained network on the validation split alone, to choose between parameters: nothing is asked about the test
 * split. Equal inputs give equal outputs, byte for byte.
 *
 * @throws MainstemError SWEEP_NO_VALIDATION, BACKEND_UNAVAILABLE, STORE_MISSING, STORE_CORRUPT
 */
export const validationStage: StageWork<ValidationInputs, ValidationOutput> = {
  entry: import.meta.filename,
  code: (_, backend) => [driverPath(backend)],
  parameters: [],
  resources: { cpus: 1, memoryMb: 1024 },
  run: (context, inputs) =>
    withNetwork(context.store, inputs.trained, inputs.backend, (answerRows) =>
      answerValidation(context, inputs, answerRows),
    ),
};

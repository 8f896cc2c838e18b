import type { ValidateOutput } from '../../platform/schemas/index.ts';
// Types only: the engine is not part of this stage's code.
import type { StageWork } from '../engine/index.ts';
import type { ValidateInputs } from './inputs.ts';
import { validateData } from './validate-data.ts';

/**
 * Looks at all data before anything is learnt from it. Warnings are reported; an error stops the run, after
 * every check has run.
 *
 * @throws MainstemError VALIDATION_FAILED with `checked` and all `findings` in its details, DATA_INVALID
 */
export const validateStage: StageWork<ValidateInputs, ValidateOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 2, memoryMb: 512 },
  run: (context, inputs) => validateData(context, inputs),
};

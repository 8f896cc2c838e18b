import type { ValidateOutput } from '../../platform/schemas/index.ts';
import { seenPhotos } from '../backbones/index.ts';
// Types only: the engine is not part of this stage's code.
import type { StageWork } from '../engine/index.ts';
import type { OnModelInputs } from './inputs.ts';
import { validateData } from './validate-data.ts';

/**
 * The same as `validateStage` where photos are learnt from the features of a promoted model: those that it has seen are known.
 * A stage of its own, so that the keys of other projects hold no code that reads networks.
 *
 * @throws MainstemError VALIDATION_FAILED, DATA_INVALID, BACKBONE_UNSUPPORTED, BACKBONE_ORIGIN, STORE_MISSING, STORE_CORRUPT
 */
export const validateOnModelStage: StageWork<OnModelInputs, ValidateOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 2, memoryMb: 1024 },
  async run(context, inputs) {
    const { backbone } = inputs;
    const seen = await seenPhotos(context.store, backbone);
    const [model] = backbone.origin ?? [];
    if (!seen || !model) return validateData(context, inputs);
    const name = `${model.model} ${model.run}`;
    return validateData(context, inputs, { name, hasSeen: (digest) => seen.has(digest) });
  },
};

import type { TunedFrom } from '../../platform/schemas/define/index.ts';
import type { PrepareOutput } from '../../platform/schemas/index.ts';
import type { BackboneInput } from './load-backbone.ts';

/** The inputs of computing features. */
export interface EmbedInputs {
  /** Pictures of the size that the backbone takes. */
  readonly prepared: PrepareOutput;
  readonly backbone: BackboneInput;
}

/** The inputs of computing what the part of a backbone that is trained reads. */
export interface ActivateInputs extends EmbedInputs {
  /** Where that part begins. */
  readonly from: TunedFrom;
}

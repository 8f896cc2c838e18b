import type { PrepareOutput } from '../../platform/schemas/index.ts';
import type { BackboneInput } from './load-backbone.ts';

/** The inputs of computing features. */
export interface EmbedInputs {
  /** Pictures of the size that the backbone takes. */
  readonly prepared: PrepareOutput;
  readonly backbone: BackboneInput;
}

import type { BackbonePixels } from '../../../platform/schemas/define/index.ts';
import type { BackboneOrigin } from '../../../platform/schemas/index.ts';

/** A file that may become a backbone, and what is known of it where the catalogue knows nothing. */
export interface ObtainedBackbone {
  readonly bytes: Uint8Array;
  /** What to call it where nobody says. */
  readonly called: string;
  /** Where it is from, as project.ts will say it. */
  readonly source: string;
  readonly licence?: string | undefined;
  readonly pixels?: BackbonePixels;
  /** Of a promoted model. */
  readonly origin?: BackboneOrigin;
  /** How many photos it is known to have learnt from. */
  readonly learnt?: number;
  /** What a person must know of it. */
  readonly notes: readonly string[];
}

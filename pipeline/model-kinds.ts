import type { ModelKind } from '../platform/schemas/define/index.ts';
import {
  evaluateStage,
  evaluateTreesStage,
  validationStage,
  validationTreesStage,
} from './evaluation/index.ts';
import {
  footprintStage,
  footprintTreesStage,
  packageStage,
  packageTreesStage,
} from './package/index.ts';
import { trainStage, trainTreesStage } from './training/index.ts';

/**
 * What computes with each kind of model. Each kind has stages of its own, so that the keys of one hold no code of another;
 * all leave the same outputs, and what follows (gates, report, server) knows no kinds.
 */
export const modelKinds = {
  network: {
    ...{ train: trainStage, evaluate: evaluateStage, package: packageStage },
    ...{ validation: validationStage, footprint: footprintStage },
  },
  trees: {
    ...{ train: trainTreesStage, evaluate: evaluateTreesStage, package: packageTreesStage },
    ...{ validation: validationTreesStage, footprint: footprintTreesStage },
  },
} as const satisfies Record<ModelKind, object>;

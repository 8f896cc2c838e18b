import type { ModelKind } from '../platform/schemas/define/index.ts';
import { evaluateStage, evaluateTreesStage } from './evaluation/index.ts';
import { packageStage, packageTreesStage } from './package/index.ts';
import { trainStage, trainTreesStage } from './training/index.ts';

/**
 * What computes with each kind of model. Each kind has stages of its own, so that the keys of one hold no code of another;
 * all leave the same outputs, and what follows (gates, report, server) knows no kinds.
 */
export const modelKinds = {
  network: { train: trainStage, evaluate: evaluateStage, package: packageStage },
  trees: { train: trainTreesStage, evaluate: evaluateTreesStage, package: packageTreesStage },
} as const satisfies Record<ModelKind, object>;

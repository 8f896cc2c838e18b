import { type PrepareOutput, stages } from '../platform/schemas/index.ts';
import { activateStage, embedStage } from './backbones/index.ts';
import type { Flow, Handle } from './engine/index.ts';
import type { Materials } from './materials.ts';

/** Prepared rows, and those that must be refused; null without them. */
interface Rows {
  readonly prepared: Handle<PrepareOutput>;
  readonly outOfDistribution: Handle<PrepareOutput> | null;
}

/** What a backbone makes of photos. */
export interface DeclaredFeatures {
  /** What the model sees: photos, features, or what the part of a backbone that is trained reads. */
  readonly seen: Rows;
  readonly embed: Handle<PrepareOutput> | null;
  readonly embedOutOfDistribution: Handle<PrepareOutput> | null;
  readonly activate: Handle<PrepareOutput> | null;
  readonly activateOutOfDistribution: Handle<PrepareOutput> | null;
}

/** Declares the stages between prepared photos and what a model sees; none where a project has no backbone. */
export function declareFeatures(
  flow: Pick<Flow, 'stage'>,
  { backbone, tuned }: Pick<Materials, 'backbone' | 'tuned'>,
  rows: Rows,
): DeclaredFeatures {
  const { prepared, outOfDistribution } = rows;
  const none = { embed: null, embedOutOfDistribution: null };
  const frozen = { activate: null, activateOutOfDistribution: null };
  if (!backbone) return { seen: rows, ...none, ...frozen };
  const embedding = { ...stages.embed, ...embedStage };
  const embed = flow.stage(embedding, { prepared, backbone });
  const embedOutOfDistribution =
    outOfDistribution &&
    flow.stage(
      embedding,
      { prepared: outOfDistribution, backbone },
      { as: 'embed-out-of-distribution' },
    );
  const embedded = { embed, embedOutOfDistribution };
  if (!tuned) {
    const seen = { prepared: embed, outOfDistribution: embedOutOfDistribution };
    return { seen, ...embedded, ...frozen };
  }
  const activating = { ...stages.activate, ...activateStage };
  const activate = flow.stage(activating, { prepared, backbone, from: tuned });
  const activateOutOfDistribution =
    outOfDistribution &&
    flow.stage(
      activating,
      { prepared: outOfDistribution, backbone, from: tuned },
      { as: 'activate-out-of-distribution' },
    );
  const seen = { prepared: activate, outOfDistribution: activateOutOfDistribution };
  return { seen, ...embedded, activate, activateOutOfDistribution };
}

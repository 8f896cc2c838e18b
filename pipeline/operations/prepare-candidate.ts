import type { ModelRecord, StageName } from '../../platform/schemas/index.ts';
import { recordedBackendFor } from '../backend-for.ts';
import type { ProjectContext } from '../context.ts';
import { createFlow } from '../engine/index.ts';
import { materialsOf } from '../materials.ts';
import type { MeasuringData } from '../measure-packaged.ts';
import type { StageHandles } from '../record.ts';
import { declareStages } from '../run.ts';

/** Prepares the locked data as this tree's code does. */
export async function prepareCandidate(
  context: ProjectContext,
  candidate: ModelRecord,
): Promise<MeasuringData> {
  const { outOfDistribution } = context.project.definition;
  const to = outOfDistribution ? 'prepare-out-of-distribution' : 'prepare';
  const handles = await runTo(context, candidate, to);
  const prepared = handles.prepare?.outputs;
  if (!prepared) throw new TypeError('preparing succeeded without a result');
  return { prepared, outOfDistribution: handles['prepare-out-of-distribution']?.outputs ?? null };
}

/**
 * The candidate with the features that this tree's code computes in place of its own, so that nothing
 * that a pull request wrote decides which examples are alike.
 */
export async function withOwnFeatures(
  context: ProjectContext,
  candidate: ModelRecord,
): Promise<ModelRecord> {
  const { embedded: _, ...others } = candidate;
  if (!context.project.definition.backbone) return others;
  const { embed } = await runTo(context, candidate, 'embed');
  return { ...others, ...(embed?.outputs && { embedded: embed.outputs }) };
}

async function runTo(
  { workspace, store, project, lock }: ProjectContext,
  candidate: ModelRecord,
  to: StageName,
): Promise<StageHandles> {
  const { definition } = project;
  const flow = createFlow({ workspace, store, project, to });
  const backend = await recordedBackendFor(definition, candidate);
  const handles = declareStages(flow, materialsOf(project, lock, backend));
  await flow.finish();
  flow.assertSucceeded();
  return handles;
}

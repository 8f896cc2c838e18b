import type { Digest } from '../platform/lib/hash.ts';
import type { ModelRecord } from '../platform/schemas/index.ts';
import { backendFor, recordedBackendFor } from './backend-for.ts';
import type { ProjectContext } from './context.ts';
import { createFlow, type StageSummary } from './engine/index.ts';
import { materialsOf } from './materials.ts';
import { knownResults, runKey } from './record.ts';
import { declareStages } from './run.ts';

export interface KeyOptions {
  /**
   * A record whose outputs may stand in for stages that never ran on this machine, provided that the tree
   * gives these stages the same keys; its backend is used. Without it the backend is `auto`.
   */
  readonly record?: ModelRecord | null;
}

/**
 * The run key that the working tree gives, without running anything. Where a stage waits for one without a
 * result its key cannot be known: then `complete` is false, and `key` is not a run's key.
 *
 * @throws MainstemError DATA_UNLOCKED
 */
export async function computeRunKey(
  { workspace, project, lock, store }: ProjectContext,
  { record }: KeyOptions = {},
): Promise<{ key: Digest; complete: boolean; stages: readonly StageSummary[] }> {
  const { definition } = project;
  const backend = record
    ? await recordedBackendFor(definition, record)
    : await backendFor(definition, 'auto');
  const known = record ? knownResults(record) : [];
  const flow = createFlow({ workspace, store, project, dryRun: true, known });
  declareStages(flow, materialsOf(project, lock, backend));
  const summaries = await flow.finish();
  const complete = summaries.every(({ key }) => key !== null);
  return { key: runKey(summaries), complete, stages: summaries };
}

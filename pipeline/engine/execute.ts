import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import type { StageInputs, StageRecord } from '../../platform/schemas/index.ts';
import type { FlowOptions, RecordStore } from './flow-options.ts';
import { asJson, pickParameters } from './ingredients.ts';
import { type Job, resolveInputs } from './job.ts';
import type { Meter } from './meter.ts';
import { errorFacts } from './outcome.ts';

/** Why and with what a stage is run. */
export interface Plan {
  readonly key: Digest;
  readonly ingredients: StageInputs;
  readonly reasons: readonly string[];
}

/** What is spent by whom. */
interface Measured {
  readonly meter: Meter;
}

/**
 * Runs a stage and writes its record. The scratch folder stays until the stage is done, so that a stage that was
 * stopped, killed or failed can resume.
 *
 * @throws the stage's error, after writing a record of the failure; the signal's reason if interrupted.
 */
export async function execute(
  options: FlowOptions & Measured,
  job: Job,
  plan: Plan,
): Promise<StageRecord> {
  const { workspace, store } = options;
  workspace.signal.throwIfAborted();
  workspace.reporter.info(`${job.name}: ${plan.reasons.slice(0, 3).join('; ')}`);
  const scratch = join(workspace.root, '.mainstem', 'scratch', hexOf(plan.key));
  await makeFolder(scratch);
  const finish = startRecord(options, plan);
  try {
    const record = finish('done', await runJob(options, job, scratch));
    await store.writeRecord(record);
    await rm(scratch, { recursive: true, force: true });
    job.accept(record.outputs);
    return record;
  } catch (error) {
    const failure = finish('failed', detailsOf(error));
    workspace.signal.throwIfAborted();
    await keepFailure(store, { ...failure, error: errorFacts(error) });
    throw error;
  }
}

function runJob(options: FlowOptions, job: Job, scratch: string): Promise<unknown> {
  const { workspace, store, project } = options;
  const context = { workspace, store, project, scratch };
  return job.run(context, resolveInputs(job), pickParameters(job.stage, project));
}

function startRecord(
  { project, meter, now = () => new Date() }: FlowOptions & Measured,
  plan: Plan,
) {
  const began = now();
  const spent = meter.start();
  return (status: StageRecord['status'], outputs: unknown): StageRecord => ({
    version: 1,
    project: project.definition.name,
    key: plan.key,
    ingredients: plan.ingredients,
    status,
    outputs,
    error: null,
    startedAt: began.toISOString(),
    seconds: (now().getTime() - began.getTime()) / 1000,
    spent: spent(),
  });
}

/** Records a failure. A finished result with the same key stays: the repeated run failed, not the result. */
async function keepFailure(store: RecordStore, failure: StageRecord): Promise<void> {
  const before = await store.readRecord(failure.key);
  if (before?.status !== 'done') await store.writeRecord(failure);
}

/** The error's details, for example the findings of a failed validation; null if JSON cannot represent them. */
function detailsOf(error: unknown): unknown {
  try {
    return isMainstemError(error) ? asJson(error.details) : null;
  } catch {
    return null;
  }
}

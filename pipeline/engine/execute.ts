import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { gpuBackends, type StageInputs, type StageRecord } from '../../platform/schemas/index.ts';
import type { CodeSnapshot } from './code-snapshot.ts';
import type { FlowOptions, RecordStore } from './flow-options.ts';
import { asJson, backendNameOf, pickParameters } from './ingredients.ts';
import { type Job, resolveInputs } from './job.ts';
import { limitStage, type StageLimit } from './limit-stage.ts';
import type { Meter } from './meter.ts';
import { errorFacts } from './outcome.ts';
import { codeChanged, markPath, watchCode } from './watch-code.ts';

/** Why and with what a stage is run. */
export interface Plan {
  readonly key: Digest;
  readonly ingredients: StageInputs;
  readonly reasons: readonly string[];
}

/** What a run is measured and watched by. */
interface Watching {
  /** What is spent by whom. */
  readonly meter: Meter;
  readonly snapshot: CodeSnapshot;
}

/**
 * Runs a stage and writes its record. The scratch folder stays until the stage is done, so that a stage that was
 * stopped, killed or failed can resume. A stage whose code changes while it runs leaves neither a record nor anything to
 * resume from: nobody knows which code it was.
 *
 * @throws MainstemError CODE_CHANGED; the stage's error, after writing a record of the failure; the signal's reason if
 *   interrupted.
 */
export async function execute(
  options: FlowOptions & Watching,
  job: Job,
  plan: Plan,
): Promise<StageRecord> {
  const { workspace, store, snapshot } = options;
  workspace.signal.throwIfAborted();
  const changes = () => snapshot.changesOf(job);
  const before = await changes();
  if (before.length > 0) throw codeChanged(job.name, before);
  workspace.reporter.info(`${job.name}: ${plan.reasons.slice(0, 3).join('; ')}`);
  const scratch = join(workspace.root, '.mainstem', 'scratch', hexOf(plan.key));
  if (existsSync(markPath(scratch))) await remove(scratch);
  await makeFolder(scratch);
  const limit = limitStage(job.name, options.project.definition.limits, workspace.signal);
  const finish = startRecord(options, job, plan, limit);
  const watch = watchCode({ stage: job.name, scratch, reporter: workspace.reporter, changes });
  try {
    const limited = { ...options, workspace: { ...workspace, signal: limit.signal } };
    const record = finish('done', await runJob(limited, job, scratch));
    const changed = await watch.end();
    if (changed) throw changed;
    await store.writeRecord(record);
    await remove(scratch);
    job.accept(record.outputs);
    return record;
  } catch (thrown) {
    // Work that was stopped may say so in words of its own.
    const error = limit.signal.aborted ? limit.signal.reason : thrown;
    const failure = finish('failed', detailsOf(error));
    const changed = await watch.end();
    if (changed) await remove(scratch);
    workspace.signal.throwIfAborted();
    if (changed) throw changed;
    await keepFailure(store, { ...failure, error: errorFacts(error) });
    throw error;
  } finally {
    limit.end();
  }
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

function runJob(options: FlowOptions, job: Job, scratch: string): Promise<unknown> {
  const { workspace, store, project, machine } = options;
  const context = { workspace, store, project, scratch, threads: machine?.threads };
  return job.run(context, resolveInputs(job), pickParameters(job.stage, project));
}

function startRecord(
  { project, meter, now = () => new Date() }: FlowOptions & Watching,
  job: Job,
  plan: Plan,
  { onMemory }: StageLimit,
) {
  const began = now();
  const bill = meter.start(onMemory);
  const onGpu = gpuBackends.has(backendNameOf(resolveInputs(job)));
  return (status: StageRecord['status'], outputs: unknown): StageRecord => {
    const seconds = (now().getTime() - began.getTime()) / 1000;
    return {
      version: 1,
      project: project.definition.name,
      key: plan.key,
      ingredients: plan.ingredients,
      status,
      outputs,
      error: null,
      startedAt: began.toISOString(),
      seconds,
      spent: { ...bill(), gpuSeconds: onGpu ? seconds : 0 },
    };
  };
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

import { type Digest, digestJson, hexOf } from '../../platform/lib/hash.ts';
import { type Turn, turnPath, withTurn } from '../../platform/lib/turn.ts';
import type { StageInputs, StageRecord } from '../../platform/schemas/index.ts';
import { type CodeSnapshot, takeCodeSnapshot } from './code-snapshot.ts';
import { execute } from './execute.ts';
import { explain, explainAhead, findRecord } from './find-record.ts';
import type { FlowOptions } from './flow-options.ts';
import { buildIngredients } from './ingredients.ts';
import { type Job, resolveInputs } from './job.ts';
import { type LatestKeys, openLatestKeys } from './latest.ts';
import type { Machine } from './machine.ts';
import { createMeter, type Meter } from './meter.ts';
import {
  failedOutcome,
  type JobOutcome,
  outcome,
  recordOutcome,
  type StageSummary,
} from './outcome.ts';
import { openReaders } from './readers.ts';

/** Decides for each job whether its result can be reused, and runs it if not. */
export interface Engine {
  /** Reuses or runs a job. @param upstream the outcomes of the jobs that it needs. */
  settle(job: Job, upstream: readonly JobOutcome[]): Promise<JobOutcome>;
  /** The digest of what goes into a job's key, the outputs of others left out as long as they are unknown. */
  recipe(job: Job): Promise<Digest>;
  /** Saves the facts that were parsed from the code. */
  close(): Promise<void>;
}

/** Which jobs must run again (name → why), and which are wanted at all. */
export interface Selection {
  readonly forced: ReadonlyMap<string, string>;
  readonly wanted: ReadonlySet<string>;
}

interface Tools {
  readonly options: FlowOptions & {
    readonly machine: Machine;
    readonly meter: Meter;
    readonly snapshot: CodeSnapshot;
  };
  readonly selection: Selection;
  readonly latest: LatestKeys;
}

/** Creates the engine of one flow. @param jobs all that it will settle: their code is read now */
export async function createEngine(
  options: FlowOptions & { readonly machine: Machine },
  selection: Selection,
  jobs: ReadonlyMap<string, Job>,
): Promise<Engine> {
  const { workspace, project, log } = options;
  const readers = await openReaders(workspace.root, log);
  const snapshot = takeCodeSnapshot(options, jobs.values(), readers);
  const latest = await openLatestKeys(workspace.root, project.definition.name);
  const measured = { ...options, meter: createMeter(), snapshot };
  const tools: Tools = { options: measured, selection, latest };
  return {
    settle: (job, upstream) => settle(tools, job, upstream),
    recipe: async (job) => digestJson(await ingredientsOf(tools, job)),
    close: () => readers.modules.save(),
  };
}

async function settle(
  tools: Tools,
  job: Job,
  upstream: readonly JobOutcome[],
): Promise<JobOutcome> {
  const skip = (reason: string) => outcome(job.name, { action: 'skipped', reasons: [reason] });
  if (!tools.selection.wanted.has(job.name)) return skip('left out by --to');
  const broken = upstream.find(({ summary }) => /failed|skipped/.test(summary.action));
  if (broken) return skip(`${broken.summary.stage} ${broken.summary.action}`);
  try {
    const ingredients = await ingredientsOf(tools, job);
    const open = upstream.filter(({ summary }) => awaited(job, summary));
    if (open.length > 0) return await planAhead(tools, job, ingredients, open);
    return await reuseOrRun(tools, job, ingredients);
  } catch (error) {
    return failedOutcome(job.name, error);
  }
}

/** Whether an input of the job is unknown because its stage has only been planned. */
function awaited(job: Job, { stage, action }: StageSummary): boolean {
  return job.inputsFrom.includes(stage) && (action === 'planned' || action === 'unknown');
}

async function ingredientsOf({ options }: Tools, job: Job): Promise<StageInputs> {
  const code = await options.snapshot.codeOf(job);
  return buildIngredients(job.stage, options.project, code, resolveInputs(job));
}

async function reuseOrRun(tools: Tools, job: Job, ingredients: StageInputs): Promise<JobOutcome> {
  const { options, latest } = tools;
  const key = digestJson(ingredients);
  const knownResult = options.dryRun && options.known?.find((result) => result.key === key);
  if (knownResult) {
    job.accept(knownResult.outputs);
    return outcome(job.name, { action: 'reused', key });
  }
  const forced = tools.selection.forced.get(job.name);
  const found = forced ? null : await findRecord(options.store, key, job);
  if (found?.record) return reuse(tools, job, found.record);
  const last = latest.get(job.name);
  const reason = forced ?? found?.reason;
  const reasons = reason ? [reason] : await explain(options.store, last, ingredients, job);
  if (options.dryRun) return outcome(job.name, { action: 'planned', key, reasons });
  return options.machine.use(job.stage.resources, () =>
    withTurn(turnOf(options, hexOf(key)), async () => {
      // Another process may have finished it while this one waited.
      const late = forced ? null : await findRecord(options.store, key, job);
      if (late?.record) return reuse(tools, job, late.record, reasons);
      const record = await execute(options, job, { key, ingredients, reasons });
      await latest.set(job.name, key);
      return recordOutcome(job.name, 'ran', record, reasons);
    }),
  );
}

/** Takes a result that is there. A dry run only says so. */
async function reuse(
  { options, latest }: Tools,
  job: Job,
  record: StageRecord,
  reasons: readonly string[] = [],
): Promise<JobOutcome> {
  if (!options.dryRun) {
    await options.store.noteReuse?.(record);
    await latest.set(job.name, record.key);
  }
  return recordOutcome(job.name, 'reused', record, reasons);
}

function turnOf({ workspace: { root, reporter, signal } }: FlowOptions, name: string): Turn {
  const waiting = 'Another process is doing the same work; waiting for its result.';
  return { path: turnPath(root, name), waiting, reporter, signal };
}

/** Dry run: what can be said about a stage that depends on one that would run. */
async function planAhead(
  { options, selection, latest }: Tools,
  job: Job,
  ingredients: StageInputs,
  open: readonly JobOutcome[],
): Promise<JobOutcome> {
  const waits = open.map(({ summary }) => `depends on ${summary.stage}`);
  const forced = selection.forced.get(job.name);
  const last = latest.get(job.name);
  const own = forced ? [forced] : await explainAhead(options.store, last, ingredients, job);
  const action = own.length > 0 ? 'planned' : 'unknown';
  return outcome(job.name, { action, reasons: [...own, ...waits] });
}
